"""How a law is written and spoken to: strings, LaTeX, text, types, commands, the recursion read off on symbols."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
import sympy as sp
from latex2mathml.converter import convert
from law_cases import CONTRACT, SIDES, quantization, setting, terms_of, values_of
from matplotlib.mathtext import MathTextParser

from riskbounds import (
    Multiplicative,
    Quantization,
    Source,
    bound,
    law,
)
from riskbounds import symbols as s
from riskbounds.asymptotics.law_layout import blocks, definitions
from riskbounds.asymptotics.law_orders import order_law
from riskbounds.asymptotics.law_setting import law_setting
from riskbounds.asymptotics.law_values import in_force, number
from riskbounds.asymptotics.laws import SCHEMES
from riskbounds.asymptotics.stationary_noise import stationary_noise
from riskbounds.cli import main
from riskbounds.cli.laws import WRITERS
from riskbounds.cli.output import WIDTH
from riskbounds.errors import ProblemError, UnsupportedError
from riskbounds.evaluation.values import Estimate, UpperBound, Value

a, b, M, N = s.a, s.b, s.M, s.N


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("side", SIDES)
def test_strings_parse_as_the_contract_says(scheme: str, side: str) -> None:
    found = law(scheme, side)
    answer = json.loads(json.dumps(found.to_dict()))
    assert list(answer)[:9] == ["schema", "scheme", "side", "symbols", "terms", "M_eff", "N_eff", "assumptions", "remainder"]
    assert (answer["schema"], answer["rigor"]) == (1, "law")
    assert answer["symbols"] == CONTRACT
    local = {name: sp.Symbol(name, positive=True) for name in answer["symbols"]}
    rng = np.random.default_rng(2)
    point = {name: float(rng.uniform(1e-3, 1e-2)) for name in CONTRACT} | {"a": 1.7, "b": 1.6, "c": 1.1, "B": 2.0, "p": 900.0}
    point |= {"M": 80.0, "N": 1e5, "sigma": 1.2, "step": 1e-4}

    def read(text: str) -> float:
        parsed = sp.sympify(text, locals=local)
        assert parsed.free_symbols <= set(local.values())
        assert {type(each).__name__ for each in parsed.atoms(sp.Function)} <= {"gamma", "zeta", "Min", "Max", "Abs"}
        return float(sp.lambdify(list(local.values()), parsed, "mpmath")(*(point[name] for name in local)))

    names = set()
    for term, entry in zip(found.terms, answer["terms"], strict=True):
        assert set(entry["exponents"]) <= set(CONTRACT)
        product = math.prod(point[name] ** read(power) for name, power in entry["exponents"].items())
        assert read(entry["coefficient"]) * product == pytest.approx(number(term.expression, point), rel=1e-9)
        assert entry["name"] not in names
        names.add(entry["name"])
        assert not sp.sympify(entry["coefficient"], locals=local).atoms(sp.Float)
        for condition in entry["when"]:
            read(condition)
    for key, value in (("M_eff", found.M_eff), ("N_eff", found.N_eff), ("remainder", found.remainder), ("F", found.F)):
        assert read(answer[key]) == pytest.approx(number(value, point), rel=1e-9)


def check_tex(text: str) -> None:
    """Every cell of the display through matplotlib's TeX parser, which refuses unknown macros, braces and delimiters that do
    not match; the display as a whole through latex2mathml.
    """
    begin, end = r"\begin{align*}", r"\end{align*}"
    assert text.startswith(begin)
    assert text.endswith(end)
    for line in text.removeprefix(begin).removesuffix(end).split(r"\\"):
        for cell in line.split("&"):
            if cell.strip():
                MathTextParser("path").parse(f"${BIG.sub('', cell.strip().replace(TEXT, ROMAN))}$")
    assert "<mtable" in convert(text)
    assert "_eps" not in text


TEXT, ROMAN = r"\text{", r"\mathrm{"  # matplotlib knows \text by its older name only, and no sizes of brackets
BIG = re.compile(r"\\Big[lr]")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("side", SIDES)
def test_the_latex_of_every_law_compiles(scheme: str, side: str, tmp_path) -> None:
    """Read by two parsers of TeX; compiled as well where pdflatex is installed."""
    for source in (False, True):
        text = law(scheme, side, source=source)._repr_latex_()
        check_tex(text)
        if shutil.which("pdflatex"):
            document = r"\documentclass{article}\usepackage{amsmath,amssymb}\begin{document}" + text + r"\end{document}"
            (tmp_path / "law.tex").write_text(document)
            command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "law.tex"]
            assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("broken", [r"\frac{1}{2", r"\left(a", "x", r"\nosuchmacro{x}"])
def test_the_tex_check_can_fail(broken: str) -> None:
    with pytest.raises((AssertionError, ValueError)):
        check_tex(broken if broken == "x" else rf"\begin{{align*}}{broken}\end{{align*}}")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("side", SIDES)
def test_the_text_is_a_page(scheme: str, side: str) -> None:
    """Short enough to read, with every factor that it uses defined below it."""
    found = law(scheme, side)
    text = WRITERS["text"](found)
    lines = text.splitlines()
    assert len(lines) <= 90
    assert max(map(len, lines)) <= WIDTH
    assert max(len(term.to_dict()["coefficient"]) for term in found.terms) < 1500
    defined = {line.split(" = ")[0].strip() for line in lines if " = " in line} | set(map(str, found.noise))
    used = {str(symbol) for block in blocks(found) for row in block.rows for symbol in row.short.free_symbols}
    used |= {str(symbol) for value in definitions(found).values() for symbol in value.free_symbols}
    assert used <= defined | set(CONTRACT)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("side", SIDES)
def test_the_blocks_of_the_text_add_up_to_the_terms(scheme: str, side: str) -> None:
    """The variance of a regime, once as weights times V and U, and once source by source."""
    found = law(scheme, side)
    point = {"a": 1.7, "M": 80.0, "p": 900.0, "N": 1e5, "B": 2.0, "sigma": 1.2, "step": 1e-4, "c": 1.1}
    point |= {str(level): 1e-3 * (1 + place) for place, level in enumerate(s.EPS.values())}
    for regime, weights in found.weights.items():
        whole = 0.0
        for symbol, weight in weights.items():
            pieces = (each.size for each in found.noise[symbol] if not each.name.endswith("last direction"))
            whole += number(found.spelled(weight), point) * sum(number(found.spelled(each), point) for each in pieces)
        terms = [t for t in found.terms if t.regime == regime and t.name.startswith("variance") and "below" not in t.name]
        if "above" not in regime:
            assert whole == pytest.approx(sum(number(term.expression, point) for term in terms), rel=1e-9)


def test_a_law_is_no_bound_and_no_value() -> None:
    found = law("full-precision")
    certified = UpperBound(value=0.1, rigor="float64", source="sharp")
    assert not isinstance(found, Value)
    for wrong in (
        lambda: float(found),
        lambda: found < certified,
        lambda: certified > found,
        lambda: found + 0.1,
        lambda: 1 - found,
        lambda: float(UpperBound(value=found, rigor="float64", source="law")),
    ):
        with pytest.raises(UnsupportedError, match="neither a bound nor a value"):
            wrong()
    with pytest.raises(FrozenInstanceError):
        found.side = "exact"
    assert type(found.at({"a": 2, "M": 50, "N": 100, "step": 0.1, "sigma": 1})) is Estimate


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: law("multiplicativ"), "multiplicative"),
        (lambda: law("additive", "upperr"), "upper, lower, exact"),
        (lambda: law("multiplicative", slots=("storage",)), "no slot 'storage'"),
        (lambda: law("elementwise", slots=("parameter",)), "no slot 'parameter'"),
        (lambda: law("full-precision").at({"a": 2, "M": 50, "N": 100}), "step"),
        (lambda: law("full-precision").at({"a": 2, "epsd": 0.1}), "no symbol 'epsd'"),
    ],
)
def test_bad_input_is_one_clear_line(wrong, message: str) -> None:
    with pytest.raises(ProblemError, match=re.escape(message)) as caught:
        wrong()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_regimes_take_the_orders_of_every_law(scheme: str, capsys) -> None:
    for term in order_law(scheme):
        assert term.coefficient.free_symbols <= {a, b, s.c}
    assert main(["regimes", scheme, "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    rulers = {each["term"] for each in answer["regimes"]}
    assert {"model", "bias, learning", "variance, label noise, learning"} <= rulers
    assert ("shrinkage, floor" in rulers) == (scheme in ("additive", "elementwise"))


def test_the_command_writes_three_formats(capsys) -> None:
    for side in SIDES:
        assert main(["law", "additive", "--side", side, "--slots", "data,activation", "--format", "json"]) == 0
        assert json.loads(capsys.readouterr().out)["side"] == side
    assert main(["law", "full-precision"]) == 0
    assert "neither a bound nor a value" in capsys.readouterr().out
    assert main(["law", "multiplicative", "--source", "--format", "latex", "--slots", "data"]) == 0
    check_tex(capsys.readouterr().out.partition("\n")[2].strip())
    assert main(["law", "aditive"]) == 2
    assert "additive" in capsys.readouterr().err


@pytest.mark.parametrize("slots", [("parameter", "storage"), ("feature", "parameter", "label")])
def test_both_sides_and_the_exact_law_follow_an_instance(slots: tuple[str, ...], tell) -> None:
    """risk(N) - risk(2N) of sharp or sharp-storage and of the exact risk, where N step e is small, within the remainders."""
    levels = dict.fromkeys(slots, "0.02") | {"storage": "1e-9", "feature": "1e-7"}
    levels = {slot: levels[slot] for slot in slots}
    q = quantization("additive", levels)
    rows = [bound(setting("2", 1500, 50_000 * k, batch_size=2, noise_variance=100, quantization=q)).rows[0] for k in (1, 2)]
    points = [values_of("2", 1500, 50_000 * k, 2, levels) | {"sigma": 10.0} for k in (1, 2)]  # the variance leads
    for side in SIDES:
        found = law("additive", side, slots=slots)
        true = float(getattr(rows[0].risk, side)) - float(getattr(rows[1].risk, side))
        lawful = terms_of(found, "data", points[0]) - terms_of(found, "data", points[1])
        assert abs(true - lawful) <= sum(number(found.moving_remainder, point) for point in points)
        assert true == pytest.approx(lawful, rel=0.03)
        tell(f"additive {', '.join(slots)}, {side}: {true / lawful - 1:.1e}")


@pytest.mark.parametrize(("growth", "level"), [(1e-4, 4e-6), (0.0, 4e-6), (0.05, 4e-6), (1e-4, 3.0), (0.05, 3.0)])
def test_the_shrinkage_of_a_floor_on_either_side_of_the_last_direction(growth: float, level: float) -> None:
    """sum lam (Sigma - Lam)^2/Sigma^2 /2 over i <= M, directly: growth eps_d, floor (1 + eps_d) eps_f tr H/M."""
    width, order = 3000, 2.0
    lam = np.arange(1.0, width + 1) ** -order
    floor = (1 + growth) * level * math.pi**2 / 6 / width
    direct = float(np.sum(lam * ((growth * lam + floor) / ((1 + growth) * lam + floor)) ** 2)) / 2
    found = law("elementwise", "exact", slots=("data", "feature") if growth else ("feature",))
    point = {"a": order, "M": width, "eps_f": level, "N": 1e20, "step": 0.1} | ({"eps_d": growth} if growth else {})
    assert terms_of(found, "shrinkage", point) == pytest.approx(direct, rel=0.03)


@pytest.mark.parametrize("seen", [0.1, 0.01])
def test_while_learning_the_floor_s_shrinkage_is_no_term(seen: float) -> None:
    """1/2 sum lam (1 - lam/mu (1 - g))^2 directly, the tail beyond M included: the unlearned directions hold the shrinkage."""
    order, width, step, N = 1.5, 10**6, 0.1, 10**4
    lam = np.arange(1.0, width + 1) ** -order
    floor = seen / (N * step)
    xs = step * (lam + floor)
    g = -np.expm1(N * np.log1p(-xs)) / (N * xs)
    direct = float(np.sum(lam * (1 - lam / (lam + floor) * (1 - g)) ** 2)) / 2 + width ** (1 - order) / (2 * (order - 1))
    found = law("additive", "lower", slots=("feature",))
    point = {"a": order, "M": width, "eps_f": floor, "N": N, "step": step, "sigma": 0.0}
    noise = sum(number(each.expression, point) for each in found.terms if "variance" in each.name and in_force(each, point))
    lawful = terms_of(found, "data", point) + terms_of(found, "shrinkage", point) - noise
    assert lawful == pytest.approx(direct, rel=0.2 * seen)


def test_the_stationary_noise_of_a_common_scale() -> None:
    """Read off the recursion run on symbols; here typed again from theory section 3."""
    setting = law_setting("multiplicative", ("data", "label", "parameter", "activation", "output"))
    found, B, g, m3, m4 = stationary_noise(setting), s.B, s.growth, s.m3, s.m4
    outer, act, Kp = 1 + s.eps_o, 1 + s.eps_a, 1 + s.eps_p
    own, learned = m4 / g**2 * act * Kp, s.quantized_norm2
    second = s.sigma_q2 + learned
    constant = outer * (second - 2 * m3 / g * learned + own * learned + s.eps_l * second) / B
    target = outer * 2 * (own - 2 * m3 / g + g * (1 + s.eps_l)) / B + (1 - 1 / B) * s.eps_p
    for one, other in (
        (found.constant, constant), (found.feedback, outer * own / B), (found.target, target), (found.rough, 0),
        (found.own, outer * 2 * own / B + (1 - 1 / B) * Kp), (found.leans, outer * (own - m3 / g) / B),
    ):  # fmt: skip
        assert sp.simplify(one - other) == 0


def test_the_stationary_noise_of_additive_slots() -> None:
    setting = law_setting("additive", ("parameter", "activation"))
    found, B = stationary_noise(setting), s.B
    assert sp.expand(found.constant - (s.sigma_q2 + s.eps_p * s.trace + s.eps_a) / B) == 0
    assert sp.expand(found.rough - s.eps_p * (2 / B + 1 - 1 / B)) == 0
    assert (found.target, found.leans) == (0, 0)


def test_a_source_law_at_b_equal_a_is_the_isotropic_one() -> None:
    """E lam_i w*_i^2 = i^-a is the isotropic prior at c = 1."""
    point = {"a": 1.7, "b": 1.7, "N": 1e7, "M": 1e5, "step": 0.01, "sigma": 1.0, "B": 2.0, "eps_d": 0.04, "eps_a": 0.02}
    for scheme in ("full-precision", "multiplicative"):
        for side in SIDES:
            one, other = (float(law(scheme, side, source=source).at(point)) for source in (False, True))
            assert one == pytest.approx(other, rel=1e-10)


def test_the_source_law_follows_the_exact_risk() -> None:
    for exponent, source in (("2", "3/2"), ("3/2", "2")):
        steps, width = 20_000, 1500
        each = [
            setting(
                exponent, width, steps * k, target=Source(exponent=source), quantization=Quantization(data=Multiplicative("0.05"))
            )
            for k in (1, 2)
        ]
        risks = [float(bound(item).rows[0].risk.exact) for item in each]
        base = values_of(str(float(sp.Rational(exponent))), width, steps, 1, {"data": "0.05"}) | {"b": float(sp.Rational(source))}
        found = law("multiplicative", "exact", slots=("data",), source=True)
        data = [terms_of(found, "data", base | {"N": float(steps * k)}) for k in (1, 2)]
        room = sum(number(found.moving_remainder, base | {"N": float(steps * k)}) for k in (1, 2))
        assert abs((risks[0] - risks[1]) - (data[0] - data[1])) <= room
        assert risks[0] - risks[1] == pytest.approx(data[0] - data[1], rel=0.05)
