"""solve: the value meets the target, the next looser one does not; what it refuses; the step size with its interval."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from conftest import full_and_tenth
from decision_cases import questions, read

from riskbounds import (
    Additive,
    ExplicitTarget,
    Multiplicative,
    PowerLaw,
    Quantization,
    Setting,
    Training,
    bound,
    minimise,
    next_bit,
    solve,
)
from riskbounds.cli import main
from riskbounds.decisions.bits import bit_rule
from riskbounds.decisions.minimum import certified_interval
from riskbounds.decisions.probe import Probe
from riskbounds.decisions.search import Bits, Counts, Decimals, Height, Point, lowest, neighbours
from riskbounds.decisions.solution import margin, target
from riskbounds.errors import ProblemError
from riskbounds.quantization.formats import Format

LOOSER = {"training.steps": -1, "sketch.size": -1, "bits": -1, "quantization": 1, "training.step_size": 1}


def turned(setting: Setting, key: str, value: int | Fraction) -> Setting:
    """The setting at a value of a key, written without the code under test."""
    if not key.startswith("bits"):
        return setting.replace(key, value)
    slots = setting.quantization.levels() if key == "bits" else [key.removeprefix("bits.")]
    for slot in slots:
        additive = isinstance(setting.quantization.get(slot), Additive)
        eps = Fraction(1, 4) ** value if additive else Fraction(1, 4) ** value / 4
        setting = setting.replace(f"quantization.{slot}", eps)
    return setting


def meets(question: str, achieved: float | None) -> bool:
    if achieved is None:
        return False
    if "<=" in question:
        return achieved <= Fraction(question.partition("<=")[2])
    return achieved >= Fraction(question.partition(">=")[2])


@full_and_tenth(200)
def test_the_value_meets_the_target_and_the_next_looser_one_does_not(size: int) -> None:
    answered, refused = 0, []
    for setting, key, question in questions(2026, 3 * size):
        try:
            found = solve(setting, key, question)
        except ProblemError as error:
            refused.append(str(error))
            continue
        value, beyond = found.value, found.next.value
        quantity = found.quantity
        assert quantity != "risk.upper" or float(found.row.risk.upper) == float(found.achieved)
        if found.row.risk.upper is not None or quantity == "effective.model_size/size":
            fresh = read(turned(setting, key, value), quantity)
            assert meets(question, fresh), (key, question, value)
            assert math.isclose(fresh, float(found.achieved), rel_tol=1e-12)
        else:
            assert meets(question, float(found.achieved))
        if quantity != "risk.exact":
            assert not meets(question, read(turned(setting, key, beyond), quantity)), (key, question, beyond)
        assert not meets(question, None if found.next.achieved is None else float(found.next.achieved))
        gap = abs(beyond - value) / value if value else 1
        assert abs(beyond - value) == 1 if isinstance(value, int) else 0 < gap <= 1.001e-5
        answered += 1
        if answered == size:
            break
    assert answered == size
    assert all("meets it" in message or "null at every" in message for message in refused), refused


@dataclass
class Curve:
    """A margin with a root, flat or steep there, with ripples, and none far from it."""

    root: float
    slope: float
    noise: float
    count: int = 0

    def __call__(self, index: int) -> Point:
        self.count += 1
        away = (index - self.root) / 1e12
        height = math.copysign(abs(away) ** self.slope, away) + self.noise * math.sin(index)
        return Point(index, height >= 0, None if 1.5 < abs(height) < 3 else height)


@full_and_tenth(200)
def test_the_search_ends_at_two_neighbours_that_differ(size: int) -> None:
    rng = np.random.default_rng(7)
    for _ in range(size):
        root, slope, noise = rng.uniform(-1e12, 1e12), rng.choice([0.1, 0.5, 1, 3, 9, 25]), rng.choice([0, 1e-9, 1e-3])
        ask = Curve(root, slope, noise)
        good, bad = neighbours(ask, Bits(), Point(3 * 10**12, True, None), Point(-3 * 10**12, False, None))
        assert good.meets
        assert not bad.meets
        assert abs(good.index - bad.index) == 1
        assert ask.count <= 3 * 45


@full_and_tenth(200)
def test_the_lowest_point_has_no_better_neighbour(size: int) -> None:
    rng = np.random.default_rng(12)
    for _ in range(size):
        place, power, level = rng.uniform(1, 1e6), rng.choice([1.5, 2, 4]), rng.choice([0, 1e-6])
        asked = {}

        def rank(index: int, place=place, power=power, level=level, asked=asked) -> Height:
            asked[index] = abs(math.log(index / place)) ** power
            height = max(asked[index], level)
            return Height(rounded=height, order=-index, exact=asked[index], ceiling=height)

        grid = [2**each for each in range(21)]
        start = int(rng.integers(21)) if rng.integers(2) else None
        best = lowest(rank, Counts(), grid, start)
        if start is not None and best in (grid[0], grid[-1]):
            assert rank(best) == min(rank(index) for index in grid)
            continue
        assert rank(best) == min(rank(index) for index in (best - 1, best, best + 1) if index >= 1)
        assert rank(best).rounded <= min(rank(index).rounded for index in range(max(1, best - 300), best + 300))
        assert len(asked) < 21 + 620 + 3 * 20


def test_coordinates_of_numbers_are_inverse() -> None:
    rng = np.random.default_rng(4)
    for numbers, most in ((Decimals(digits=6), 10**8), (Counts(), 10**15), (Bits(), 60)):
        for origin, index in rng.integers(1, most, (200, 2)):
            found = numbers.at(int(origin), numbers.offset(int(origin), int(index)))
            assert abs(found - index) <= 1 + abs(index) * 1e-13


def test_margins_have_the_sign_of_the_answer() -> None:
    for question, good, bad in (("risk.upper<=2", 1.9, 2.1), ("risk.lower>=2", 2.1, 1.9), ("risk.upper<=-1", -2.0, 1.0)):
        asked = target(question)
        assert (asked.met(good), asked.met(bad)) == (True, False)
        assert margin(asked, good) > 0 > margin(asked, bad)
    assert target("risk.exact<=0.1").met(0.1) is False
    assert margin(target("risk.upper<=1"), None) is None


def test_decimals_are_numbered_in_order() -> None:
    numbers = Decimals(digits=3)
    assert [float(numbers.value(index)) for index in (0, 899, 900, -1, -900)] == [1.0, 9.99, 10.0, 0.999, 0.1]
    rng = np.random.default_rng(3)
    for index in rng.integers(-(10**5), 10**5, 200):
        assert numbers.index(numbers.value(int(index))) == index
        assert numbers.index(numbers.value(int(index)) * Fraction(10009, 10000)) == index


def test_bits_of_each_structure() -> None:
    setting = Setting.from_file("q2-additive-50")
    assert bit_rule(setting, "data").level(8).eps == Fraction(1, 4**8)
    assert bit_rule(setting, "feature").level(3) == Additive(Fraction(1, 64))
    scaled = setting.replace("quantization.label", Multiplicative("0.1"))
    assert bit_rule(scaled, "label").level(10).eps == Fraction(1, 4**11)
    integers = setting.replace("quantization.label", Format("int8", rounding="subtractive", range=8))
    assert bit_rule(integers, "label").level(8).eps == Fraction(1, 32) ** 2 / 12
    with pytest.raises(ProblemError, match="true format 'e4m3'"):
        bit_rule(setting.replace("quantization.data", Format("e4m3")), "data")


def test_the_next_bit_goes_where_it_takes_most_off_the_upper_bound() -> None:
    for name in ("q2-additive-50", "figure1d", "figure2d"):
        setting = Setting.from_file(name, ["training.steps=1000", *(["sketch.size=30"] if "figure" in name else [])])
        gains = next_bit(setting)
        before = float(bound(setting).rows[0].risk.upper)
        assert [gain.slot for gain in gains] == [gain.slot for gain in sorted(gains, key=lambda each: -each.decrease)]
        for gain in gains:
            eps = setting.quantization.levels()[gain.slot].eps
            after = float(bound(setting.replace(f"quantization.{gain.slot}", eps / 4)).rows[0].risk.upper)
            assert math.isclose(gain.decrease, before - after, rel_tol=1e-6, abs_tol=1e-14)
    assert next_bit(Setting.from_file("q2-additive-50"))[0].slot == "data"


@pytest.mark.parametrize("name", ["q1-additive-1e-2", "q1-multiplicative-1e-3", "figure1d", "figure2d", "noisy"])
def test_the_best_step_size_lies_in_the_certified_interval(name: str) -> None:
    if name == "noisy":
        setting = Setting.from_file("q1-additive-1e-3").replace(noise_variance=100).replace("training.steps", 1000)
    else:
        setting = Setting.from_file(name, ["training.steps=1000", *(["sketch.size=30"] if "figure" in name else [])])
    found = minimise(setting, "training.step_size")
    interval = found.interval
    assert interval is not None
    assert interval.low < float(found.value) < interval.high
    least = float(found.achieved)
    assert interval.by == ("points" if name == "figure2d" else "cells")
    if name == "noisy":
        assert interval.high < 0.5 * interval.up_to
    rng = np.random.default_rng(11)
    probe, outside = Probe(like=setting), 0
    for gamma in np.exp(rng.uniform(np.log(1e-6), np.log(0.9999 * interval.up_to), 60)):
        moved = setting.replace("training.step_size", Fraction(float(gamma)))
        upper = probe.value(moved, "risk.upper")
        assert upper is None or float(upper) >= least * (1 - 1e-7)
        if not interval.low <= gamma <= interval.high:
            assert float(probe.value(moved, "risk.lower")) > least
            outside += 1
    assert outside > 20


def test_a_value_is_refused_where_the_hypotheses_of_the_bound_fail() -> None:
    setting = Setting.from_file("q1-additive-1e-2", ["training.steps=1000"])
    limit = float(bound(setting).rows[0].step_size.limit)
    found = solve(setting, "training.step_size", "risk.upper<=1000")
    assert math.isclose(float(found.value), limit, rel_tol=1e-2)
    assert float(found.value) < limit
    found = solve(setting, "training.step_size", "risk.lower>=1e-9")
    assert float(found.value) <= 1 / 1.01 < float(found.next.value)
    assert found.next.achieved is None


def test_the_neighbour_of_a_minimum_is_looser_and_not_better() -> None:
    setting = Setting.from_file("q1-additive-1e-2", ["training.steps=1000"])
    for key, looser in (("training.step_size", 1), ("quantization.data", 1), ("bits", -1)):
        found = minimise(setting, key)
        assert (found.next.value - found.value) * looser > 0
        assert float(found.next.achieved) >= float(found.achieved)


def test_minimising_a_level_finds_that_noise_can_help() -> None:
    """Theory section 6b: where label noise dominates, coarse data quantization acts as a ridge penalty."""
    setting = Setting(
        spectrum=PowerLaw(exponent=2, dimension=50),
        target=ExplicitTarget([Fraction(1, i) for i in range(1, 51)]),
        noise_variance=100,
        training=Training(steps=10_000, step_size="0.1"),
        quantization=Quantization(data=Additive("0.03")),
    )
    found = minimise(setting, "quantization.data")
    exact = float(bound(setting.full_precision()).rows[0].risk.lower)
    assert float(found.value) > 1e-3
    assert float(found.achieved) < exact


def test_an_interval_needs_an_upper_bound() -> None:
    setting = Setting.from_file("q2-additive-50", ["training.steps=100"])
    probe = Probe(like=setting)
    for quantity in ("risk.lower", "risk.exact"):
        with pytest.raises(TypeError, match="UpperBound"):
            certified_interval(probe, setting, probe.value(setting, quantity))
    with pytest.raises(TypeError):
        assert probe.value(setting, "risk.lower") < probe.value(setting, "risk.upper")


REFUSED = {
    "unknown key": (["--for", "bit", "--such-that", "risk.upper<=1"], "did you mean bits?"),
    "unknown quantity": (["--for", "bits", "--such-that", "risk.uper<=1"], "did you mean risk.upper?"),
    "no relation": (["--for", "bits", "--such-that", "risk.upper=1"], "must read"),
    "not a number": (["--for", "bits", "--such-that", "risk.upper<=x"], "not a finite number"),
    "no sketch": (["--for", "sketch.size", "--such-that", "risk.upper<=1"], "needs a [sketch]"),
    "no structure": (["--for", "bits.storage", "--set", "quantization={}", "--such-that", "risk.upper<=1"], "storage"),
    "unreachable": (["--for", "training.steps", "--such-that", "risk.upper<=1e-9"], "no training.steps in 1 .. 1e+15 meets it"),
    "always met": (["--for", "bits", "--such-that", "risk.lower>=1e-9"], "every value"),
    "no bits": (["--for", "bits", "--set", "quantization={}", "--such-that", "risk.upper<=1"], "needs a slot"),
    "no question": (["--for", "bits"], "required"),
    "another minimum": (["--for", "bits", "--minimise", "risk.exact"], "only risk.upper"),
    "no model size": (["--for", "bits", "--such-that", "effective.model_size/size>=0.5"], "needs a [sketch]"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_questions_are_one_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, line = REFUSED[name]
    assert main(["solve", "q2-additive-50", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert line in err


def test_the_answer_is_the_contract_s(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["solve", "figure1d", "--set", "sketch.size=20", "--for", "training.steps"]
    assert main([*arguments, "--such-that", "risk.upper<=0.15", "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert next(iter(answer)) == "schema"
    assert {"for", "value", "quantity", "achieved", "next", "row"} <= answer.keys()
    assert answer["next"]["value"] == answer["value"] - 1
    assert answer["row"]["risk"]["upper"] == answer["achieved"] <= 0.15 < answer["next"]["achieved"]
    assert answer["type"] == "UpperBound"
    assert main([*arguments, "--such-that", "risk.upper<=0.15", "--format", "text"]) == 0
    assert f"training.steps = {answer['value']}" in capsys.readouterr().out
    assert main(["solve", "q2-additive-50", "--for", "training.step_size", "--minimise", "risk.upper", "--format", "text"]) == 0
    assert "lies in [" in capsys.readouterr().out


def test_progress_is_shown_on_a_terminal_alone(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    call = ["solve", "q2-additive-50", "--for", "bits", "--such-that", "risk.upper<=0.05"]
    assert main(call) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert main(call) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["for"] == "bits"
    assert "\rsolve: bits = 3" in err
    assert err.endswith("\r\x1b[K")


def test_a_value_outside_the_theorem_has_a_bare_row() -> None:
    setting = Setting.from_file("figure1d", ["sketch.size=30", "training.steps=1000"])
    exact = float(bound(setting).rows[0].risk.exact)
    found = solve(setting, "quantization.parameter", f"risk.exact<={3 * exact:.6g}")
    assert found.row.risk.upper is None
    assert "hypothesis" in found.row.notes[0]
    assert float(found.row.risk.exact) == float(found.achieved)
