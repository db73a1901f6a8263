"""compare: no certified verdict contradicts the exact risks; theory section 6b; formats; what it refuses."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from conftest import full_and_tenth
from decision_cases import pairs

from riskbounds import (
    Additive,
    Elementwise,
    ExplicitTarget,
    PowerLaw,
    Quantization,
    Setting,
    Training,
    bound,
    compare,
    exact_risk,
    integer_or_floating,
)
from riskbounds.cli import main
from riskbounds.decisions.comparison import difference
from riskbounds.errors import ProblemError
from riskbounds.evaluation.result import Risk
from riskbounds.evaluation.values import Estimate, ExactValue, LowerBound, UpperBound

NOISY = Setting(
    spectrum=PowerLaw(exponent=2, dimension=50),
    target=ExplicitTarget([Fraction(1, i) for i in range(1, 51)]),
    noise_variance=100,
    training=Training(steps=10_000, step_size="0.1"),
)
COARSE = NOISY.replace(quantization=Quantization(data=Additive("0.03")))


def test_coarse_data_quantization_lowers_the_risk_with_proof() -> None:
    """Theory section 6b: full precision lower >= 0.1033, eps_d = 0.03 upper <= 0.0600."""
    found = compare(NOISY, COARSE)
    assert found.verdict == "B lower"
    assert float(found.a.risk.lower) >= 0.1033
    assert float(found.b.risk.upper) <= 0.0600
    low, high = float(found.a.risk.lower) - float(found.b.risk.upper), float(found.a.risk.upper) - float(found.b.risk.lower)
    assert low - 1e-8 <= float(found.difference.lower) < low
    assert high < float(found.difference.upper) <= high + 1e-8
    assert compare(COARSE, NOISY).verdict == "A lower"
    assert compare(COARSE, COARSE).verdict == "undecided"


@full_and_tenth(500)
def test_no_certified_verdict_contradicts_the_exact_risks(size: int, capsys: pytest.CaptureFixture[str]) -> None:
    verdicts = {"A lower": 0, "B lower": 0, "undecided": 0}
    for a, b in pairs(606, size):
        found = compare(a, b)
        risks = [float(exact_risk(each)[0]) for each in (a, b)]
        verdicts[found.verdict] += 1
        assert found.verdict != "A lower" or risks[0] < risks[1]
        assert found.verdict != "B lower" or risks[0] > risks[1]
        low, high = found.difference.lower, found.difference.upper
        slack = 1e-11 * max(risks)
        assert low is None or float(low) <= risks[0] - risks[1] + slack
        assert high is None or float(high) >= risks[0] - risks[1] - slack
    decided = verdicts["A lower"] + verdicts["B lower"]
    with capsys.disabled():
        print(f"\ncompare: {decided} of {size} random pairs decided ({100 * decided / size:.0f} %), {verdicts}")
    assert decided > size / 4


def typed(lower: float, upper: float) -> Risk:
    return Risk(
        lower=LowerBound(value=lower, rigor="float64", source="test"),
        exact=None,
        upper=UpperBound(value=upper, rigor="float64", source="test"),
    )


def test_only_bounds_certify() -> None:
    assert difference(typed(1.0, 2.0), typed(3.0, 4.0)).verdict == "A lower"
    for kind in (Estimate, ExactValue, LowerBound):
        false = Risk(lower=None, exact=None, upper=kind(value=2.0, rigor="float64", source="test"))
        with pytest.raises(TypeError, match=f"UpperBound, not {kind.__name__}"):
            difference(false, typed(3.0, 4.0))
    false = Risk(lower=Estimate(value=2.0, rigor="float64", source="test"), exact=None, upper=None)
    with pytest.raises(TypeError, match="LowerBound, not Estimate"):
        difference(typed(1.0, 2.0), false)


def test_a_gap_within_rounding_decides_nothing() -> None:
    assert difference(typed(1.0, 1.0), typed(1.0 + 1e-9, 1.0 + 1e-9)).verdict == "undecided"
    assert difference(typed(1.0, 1.0), typed(1.0 + 1e-7, 1.0 + 1e-7)).verdict == "A lower"
    null = Risk(lower=None, exact=None, upper=None)
    assert difference(null, typed(1.0, 2.0)).verdict == "undecided"


def test_sketches_are_counted() -> None:
    a = Setting.from_file("figure1d", ["sketch.size=10", "training.steps=1000"])
    b = a.replace("sketch.size", 12)
    found = compare(a, b, sketches=4)
    assert found.sketches["agree"] == 3  # the fourth is undecided
    verdicts = [compare(a.replace("sketch.seed", seed), b.replace("sketch.seed", seed)).verdict for seed in range(4)]
    assert found.sketches == {
        "seeds": 4,
        "agree": verdicts.count(found.verdict),
        **{name: verdicts.count(name) for name in ("A lower", "B lower", "undecided")},
    }
    assert found.verdict == "B lower"
    with pytest.raises(ProblemError, match="at least one of the problems"):
        compare(NOISY, COARSE, sketches=2)


def test_a_shared_sketch_gives_the_same_rows() -> None:
    """One of the two commutes, the other does not: the sketch is drawn once for both."""
    a = Setting.from_file("figure1d", ["sketch.size=10"])
    b = Setting.from_file("figure2d", ["sketch.size=10"])
    found = compare(a, b)
    for row, setting in ((found.a, a), (found.b, b)):
        assert row.risk == bound(setting).rows[0].risk


def test_integers_against_floating_point() -> None:
    setting = Setting.from_file("q1-additive-0")
    for width in (4, 6, 8):
        found = integer_or_floating(setting, width)
        assert (found.certified, found.rule, found.rule_fails) == ("floating", "floating", False)
    direct = setting.replace("training.steps", 100_000)
    levels = Additive(Fraction(1, 4**8)), Elementwise(Fraction(1, 4**4))
    for row, level in zip((found.comparison.a, found.comparison.b), levels, strict=True):
        assert row.risk == bound(direct.replace(quantization=Quantization(data=level))).rows[0].risk
    assert integer_or_floating(setting.replace(noise_variance=2), 16, exponent_bits=8).mantissa_bits == 7


def test_where_the_rule_fails() -> None:
    """Label noise dominates, so the floor of coarse integers helps: integers win where P1's rule prefers floating point."""
    found = integer_or_floating(NOISY, 4, grid_range=6)
    assert found.rule == "floating"
    assert found.certified == "integer"
    assert found.rule_fails
    assert float(found.comparison.a.risk.upper) < float(found.comparison.b.risk.lower)
    sketched = integer_or_floating(Setting.from_file("figure1d", ["sketch.size=10", "training.step_size=0.02"]), 8)
    assert sketched.rule is None
    assert not sketched.rule_fails
    with pytest.raises(ProblemError, match="no room"):
        integer_or_floating(NOISY, 4, exponent_bits=4)


def test_the_rule_is_m_against_b() -> None:
    """m >= b - (a/2) log2 d with a = 2, d = 50: 16 - log2 50 = 10.36 > 10 mantissa bits."""
    assert integer_or_floating(NOISY, 16).rule == "integer"
    assert integer_or_floating(NOISY, 16, exponent_bits=4).rule == "floating"


def test_the_answer_is_the_contract_s(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "q1-additive-1e-2", "q1-multiplicative-1e-2", "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert list(answer)[0] == "schema"
    assert {"verdict", "difference", "a", "b"} <= answer.keys()
    assert answer["verdict"] == "B lower"
    assert 0 < answer["difference"][0] < answer["a"]["risk"]["lower"] - answer["b"]["risk"]["upper"]
    assert main(["compare", "figure1d", "figure1d", "--set", "sketch.size=10", "--sketches", "2", "--format", "text"]) == 0
    assert "2 of 2 sketches agree" in capsys.readouterr().out


def test_formats_and_the_next_bit_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    call = ["integers-or-floats", "q1-additive-0", "--width", "8", "--slots", "data, activation"]
    assert main([*call, "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["width"], answer["exponent_bits"], answer["mantissa_bits"]) == (8, 4, 3)
    assert (answer["certified"], answer["rule"], answer["rule_fails"]) == ("floating", "floating", False)
    assert answer["slots"] == ["data", "activation"]
    assert answer["comparison"]["verdict"] == "B lower"
    noisy = ["--set", "problem.noise_variance=100", "--set", "training.steps=10000", "--width", "4", "--range", "6"]
    noisy += ["--set", 'problem.target={kind="source", exponent=4}']
    assert main(["integers-or-floats", "q2-additive-50", "--set", "quantization={}", *noisy]) == 0
    assert "the rule fails here" in capsys.readouterr().out
    assert main(["next-bit", "q2-additive-50", "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert next(each["slot"] for each in answer["slots"]) == "data"
    assert answer["slots"][0]["decrease"] == answer["slots"][0]["upper"] - answer["slots"][0]["after"] > 0
    assert main(["next-bit", "q2-additive-50"]) == 0
    assert capsys.readouterr().out.startswith("data deserves the next bit.")


REFUSED_FORMATS = {
    "no width": ([], "--width"),
    "width": (["--width", "x"], "--width"),
    "no mantissa": (["--width", "4", "--exponent-bits", "4"], "leaves no room"),
    "slot": (["--width", "8", "--slots", "dta"], "did you mean data?"),
    "storage": (["--width", "8", "--slots", "storage"], "cannot hold both"),
    "range": (["--width", "8", "--range", "0"], "--range"),
}


@pytest.mark.parametrize("name", REFUSED_FORMATS)
def test_bad_formats_are_one_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, line = REFUSED_FORMATS[name]
    assert main(["integers-or-floats", "q1-additive-0", *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert line in err


def test_the_next_bit_needs_a_level(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["next-bit", "q1-additive-0"]) == 2
    assert "there is no bit to give" in capsys.readouterr().err


REFUSED = {
    "one file": (["figure1d"], "FILE_B"),
    "no such file": (["figure1d", "nowhere.toml"], "nowhere.toml"),
    "no sketch": (["q1-additive-0", "q1-additive-0", "--sketches", "2"], "needs a [sketch]"),
    "no seeds": (["figure1d", "figure1d", "--sketches", "0"], "--sketches = '0' must be >= 1"),
    "hypothesis": (["q1-additive-0", "q1-additive-0", "--set", "training.step_size=2"], "hypothesis"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_one_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, line = REFUSED[name]
    assert main(["compare", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert line in err
