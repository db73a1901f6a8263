"""Regimes: the term that rules is the numerically largest one, the regimes cover, and what was left out never rules.

The terms are typed again here as Python functions of the logarithms: an oracle that shares nothing with the linear forms.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from conftest import full_and_tenth
from regime_laws import LawTerm, random_points, term

from riskbounds.asymptotics.cones import form
from riskbounds.asymptotics.exponents import Undecided, assume
from riskbounds.asymptotics.orders import VARIABLES
from riskbounds.asymptotics.pieces import text
from riskbounds.asymptotics.regimes import regime_of, regimes, value_at
from riskbounds.cli.regimes import WRITERS, picture, to_latex, to_text
from riskbounds.errors import ProblemError
from riskbounds.symbols import B, M, N, a, b, eps_a, eps_d, eps_f, sigma, step

Logs = Mapping[str, float]
Oracle = dict[str, Callable[[float, float, Logs], float]]


BIAS_CONSTANT = sp.gamma(-1 - 1 / a) / a * (2 ** (1 + 1 / a) - 2) / 2
VARIANCE_CONSTANT = sp.gamma(-1 / a) / a * (2 ** (1 / a) - 2) / (1 + 1 / a) / 2
SKETCH_CONSTANT = (sp.pi / a / sp.sin(sp.pi / a)) ** a / 2

FULL = (
    term("approximation", SKETCH_CONSTANT, M=1 - a),
    term("bias", BIAS_CONSTANT, N=1 / a - 1, step=1 / a - 1),
    term("variance", VARIANCE_CONSTANT, N=1 / a - 1, step=1 / a, sigma=2, B=-1),
)
FULL_ORACLE: Oracle = {
    "approximation": lambda a_, b_, x: (1 - a_) * x["M"],
    "bias": lambda a_, b_, x: (1 / a_ - 1) * (x["N"] + x["step"]),
    "variance": lambda a_, b_, x: 2 * x["sigma"] - x["B"] - x["N"] + (x["N"] + x["step"]) / a_,
}
QUANTIZED = (
    *FULL,
    term("activation", 1, N=1 / a - 1, step=1 / a, B=-1, eps_a=1),
    term("finite", 1, N=-2, step=-2),
)
SOURCE = (
    term("approximation", 1, M=1 - b),
    term("saturated approximation", 1, M=-a),
    term("bias", 1, N=(1 - b) / a, step=(1 - b) / a),
    term("saturated bias", 1, N=-2, step=-2),
    term("variance", 1, N=1 / a - 1, step=1 / a, sigma=2, B=-1),
)
SOURCE_ORACLE: Oracle = {
    "approximation": lambda a_, b_, x: (1 - b_) * x["M"],
    "saturated approximation": lambda a_, b_, x: -a_ * x["M"],
    "bias": lambda a_, b_, x: (1 - b_) / a_ * (x["N"] + x["step"]),
    "saturated bias": lambda a_, b_, x: -2 * (x["N"] + x["step"]),
    "variance": lambda a_, b_, x: 2 * x["sigma"] - x["B"] - x["N"] + (x["N"] + x["step"]) / a_,
}
LEARNED, UNLEARNED = step * N * eps_d - 1, 1 - step * N * eps_d
ADDITIVE = (
    term("approximation", 1, M=1 - a),
    term("floor", 1, eps_d=1 - 1 / a),
    term("bias", 1, UNLEARNED, N=1 / a - 1, step=1 / a - 1),
    term("variance", (1 + eps_d) ** 2, UNLEARNED, N=1 / a - 1, step=1 / a, sigma=2, B=-1),
    term("floored variance", (eps_d + eps_d * eps_f) ** (-1 / a), LEARNED, N=-1, sigma=2, B=-1),
    term("noise of the levels", eps_a + eps_f, LEARNED, N=-1, eps_d=-1 / a, B=-1),
)
ADDITIVE_ORACLE: Oracle = {
    "approximation": lambda a_, b_, x: (1 - a_) * x["M"],
    "floor": lambda a_, b_, x: (1 - 1 / a_) * x["eps_d"],
    "bias": lambda a_, b_, x: (1 / a_ - 1) * (x["N"] + x["step"]) if _unlearned(x) else -np.inf,
    "variance": lambda a_, b_, x: 2 * x["sigma"] - x["B"] - x["N"] + (x["N"] + x["step"]) / a_ if _unlearned(x) else -np.inf,
    "floored variance": lambda a_, b_, x: 2 * x["sigma"] - x["B"] - x["N"] - x["eps_d"] / a_ if not _unlearned(x) else -np.inf,
    "noise of the levels [eps_a]": lambda a_, b_, x: (
        x["eps_a"] - x["B"] - x["N"] - x["eps_d"] / a_ if not _unlearned(x) else -np.inf
    ),
    "noise of the levels [eps_f]": lambda a_, b_, x: (
        x["eps_f"] - x["B"] - x["N"] - x["eps_d"] / a_ if not _unlearned(x) else -np.inf
    ),
}


def _unlearned(logs: Logs) -> bool:
    return logs["step"] + logs["N"] + logs["eps_d"] < 0


@pytest.mark.parametrize(
    ("law", "oracle"),
    [
        pytest.param(FULL, FULL_ORACLE, id="full-precision"),
        pytest.param(SOURCE, SOURCE_ORACLE, id="source"),
        pytest.param(ADDITIVE, ADDITIVE_ORACLE, id="additive"),
    ],
)
@full_and_tenth(10_000)
def test_the_largest_term_is_that_of_the_regime(law: tuple[LawTerm, ...], oracle: Oracle, size: int) -> None:
    found = regimes(law)
    seen: dict[str, int] = {}
    for at, logs in random_points(found, size, seed=11):
        chosen = regime_of(found, logs=logs, parameters=at)
        named = {str(symbol): value for symbol, value in logs.items()}
        values = {name: oracle[name](float(at[a]), float(at[b]), named) for name in oracle}
        largest = max(values.values())
        assert values[chosen.term] == pytest.approx(largest, abs=1e-9 * (1 + abs(largest)))
        seen[chosen.term] = seen.get(chosen.term, 0) + 1
    assert set(seen) == {each.term for each in found.regimes}
    assert min(seen.values()) >= size // 500


@full_and_tenth(10_000)
def test_with_its_constants_the_largest_term_differs_only_near_a_border(size: int) -> None:
    """Constants move a border by the ratio of two of them, so beyond that the largest value is the regime's."""
    found, shares = regimes(FULL), []
    constants = {each.name: sp.lambdify(a, sp.log(each.coefficient), "mpmath") for each in FULL}
    for at, logs in random_points(found, size // 5, seed=12):
        named = {str(symbol): value for symbol, value in logs.items()}
        shift = {name: float(constants[name](float(at[a]))) for name in constants}
        orders = {name: FULL_ORACLE[name](float(at[a]), 0, named) for name in shift}
        first, second = sorted(orders.values())[:-3:-1]
        clear = first - second > max(shift.values()) - min(shift.values())
        shares.append(clear)
        values = {name: orders[name] + shift[name] for name in shift}
        if clear:
            assert max(values, key=lambda name: values[name]) == regime_of(found, logs=logs, parameters=at).term
    assert np.mean(shares) > 0.8


@pytest.mark.parametrize("law", [FULL, SOURCE, ADDITIVE, QUANTIZED])
@full_and_tenth(2_000)
def test_regimes_cover_and_overlap_only_on_borders(law: tuple[LawTerm, ...], size: int) -> None:
    found = regimes(law)
    for at, logs in random_points(found, size, seed=13):
        place = {symbol: Fraction(value) for symbol, value in logs.items()}
        holding = [each for each in found.regimes if each.contains(place, at)]
        assert holding
        strict = [each for each in holding if all(value_at(row, place, at) > 0 for row in each.inequalities)]
        assert len(strict) <= 1


def test_full_precision_has_its_three_regimes() -> None:
    found = regimes(FULL, title="full-precision")
    assert [each.term for each in found.regimes] == ["approximation", "bias", "variance"]
    by_name = {each.term: each for each in found.regimes}
    ratio = 1 / a - 1
    assert set(by_name["bias"].inequalities) == {
        form({N: ratio, step: ratio, M: a - 1}),
        form({step: -1, sigma: -2, B: 1}),
    }
    assert not found.removed


def test_a_term_that_never_rules_is_left_out_with_its_certificate() -> None:
    found = regimes(QUANTIZED)
    names = {each.term for each in found.removed}
    assert "activation" in names
    assert "finite" not in names
    found = regimes(QUANTIZED, domain=(*found.domain, form({N: 1, step: 1})))
    assert {"activation"} == {each.term for each in found.removed} - {"finite"}
    for each in found.removed:
        assert each.certificates
        for certificate in each.certificates:
            assert certificate.identity(each.form, each.others, each.rows)


def test_the_certificates_hold_at_every_point() -> None:
    found = regimes(QUANTIZED)
    for at, logs in random_points(found, 100, seed=14):
        place = {symbol: Fraction(logs.get(symbol, -1.0 if symbol == eps_a else 0.0)) for symbol in VARIABLES}
        for each in found.removed:
            assert any(certificate.valid(at) for certificate in each.certificates)
            mine = value_at(each.form, place, at)
            assert mine <= max(value_at(other, place, at) for other in each.others)


def test_a_regime_that_depends_on_b_says_where_it_is_empty() -> None:
    found = {each.term: each for each in regimes(SOURCE).regimes}
    assert found["approximation"].empty_where == (("-a + b - 1 >= 0",),) or any(
        "b" in condition for each in found["approximation"].empty_where for condition in each
    )
    below = regimes(SOURCE, assumptions=assume(b < a + 1))
    assert {each.term for each in below.removed} >= {"saturated approximation"}
    assert all(each.empty_where == () for each in below.regimes if each.term == "approximation")
    above = regimes(SOURCE, assumptions=assume(b > 2 * a + 1))
    assert {each.term for each in above.removed} == {"approximation"}


def test_terms_that_are_equal_monomials_share_a_regime() -> None:
    one, two, three = term("one", 2, N=-1), term("two", sp.gamma(a), N=-1), term("three", 1, M=-1)
    found = regimes([one, two, three])
    assert [each.term for each in found.regimes] == ["one + two", "three"]
    assert sp.expand(found.regimes[0].law - (2 + sp.gamma(a)) / N) == 0


def test_sums_in_a_coefficient_are_taken_apart() -> None:
    found = regimes([term("levels", (eps_a + eps_f) * (1 + eps_d), N=-1), term("model", 1, M=-1)])
    assert [each.term for each in found.regimes] == ["levels [eps_a]", "levels [eps_f]", "model"]
    floor = regimes([term("floored", (eps_a + eps_f) ** (-1 / a), N=-1), term("model", 1, M=-1)])
    assert {text(each.form) for each in floor.regimes} == {"1/M", "1/(N*eps_a**(1/a))", "1/(N*eps_f**(1/a))"}
    logs = {N: 5.0, M: 3.0, eps_a: -9.0, eps_f: -1.0}
    assert regime_of(floor, logs=logs, parameters={a: 2, b: 2}).term == "model"
    assert regime_of(floor, logs={**logs, eps_f: -8.0}, parameters={a: 2, b: 2}).term == "floored [eps_f**(-1/a)]"


def test_what_cannot_be_answered_is_refused() -> None:
    found = regimes(FULL)
    logs = dict.fromkeys(found.variables, 0.0)
    with pytest.raises(ProblemError, match="no logarithm of step"):
        regime_of(found, logs={key: value for key, value in logs.items() if key != step}, parameters={a: 2, b: 2})
    with pytest.raises(ProblemError, match="outside the domain: -log_step >= 0"):
        regime_of(found, logs={**logs, step: 1.0}, parameters={a: 2, b: 2})
    with pytest.raises(ProblemError, match="do not satisfy"):
        regime_of(found, logs=logs, parameters={a: 1, b: 2})
    with pytest.raises(ProblemError, match="float"):
        regime_of(found, logs=logs, parameters={a: 1.5, b: 2})  # type: ignore[dict-item]
    with pytest.raises(ProblemError, match="has no regimes"):
        regimes([])
    with pytest.raises(ProblemError, match="no term where"):
        regimes([term("half", 1, UNLEARNED, N=-1)])
    for wrong in (sp.Integer(0), sp.zoo, sp.nan, 1 + sp.oo):
        with pytest.raises(ProblemError, match=r"is (zero|not finite); leave the term out"):
            regimes([term("wrong", wrong, N=-1)])
    with pytest.raises(ProblemError, match="may cancel"):
        regimes([term("wrong", sp.gamma(a) * eps_d - sp.gamma(a + b) * eps_d + eps_f, N=-1)])
    with pytest.raises(ProblemError, match="no comparison of two monomials"):
        regimes([term("bad", 1, 1 - N - M, N=-1)])
    with pytest.raises(Undecided, match="no a, b"):
        regimes(SOURCE, assumptions=assume(b > a + 1, b < a))


@pytest.mark.parametrize("law", [FULL, SOURCE, ADDITIVE])
def test_the_json_is_what_the_contract_says(law: tuple[LawTerm, ...]) -> None:
    found = regimes(law, title="law")
    answer = json.loads(WRITERS["json"](found))
    assert next(iter(answer)) == "schema"
    symbols = {name: sp.Symbol(name, positive=True) for name in answer["symbols"]}
    points = random_points(found, 20, seed=15)
    for each, regime in zip(answer["regimes"], found.regimes, strict=True):
        assert each["term"] == regime.term
        read = sp.sympify(each["law"], locals=symbols)
        assert {str(symbol) for symbol in read.free_symbols} <= set(symbols)
        for at, logs in points:
            values = {symbols[f"log_{symbol}"]: sp.Rational(value) for symbol, value in logs.items()}
            values |= {symbols[str(symbol)]: value for symbol, value in at.items() if str(symbol) in symbols}
            holds = [sp.sympify(line, locals=symbols).subs(values) >= 0 for line in each["inequalities"]]
            place = {symbol: Fraction(value) for symbol, value in logs.items()}
            assert all(holds) == regime.contains(place, at)


def test_the_picture_says_what_it_holds_fixed() -> None:
    found = regimes(FULL, title="full-precision")
    shown = picture(found)
    assert "step = 1/10, B = 1, sigma = 1, a = 3/2, b = 3/2 held fixed" in shown
    rows = [line.split()[-1] for line in shown.splitlines()[1:-1]]
    assert len(rows) == 13
    assert {len(row) for row in rows} == {49}
    letters = dict(zip((each.term for each in found.regimes), "ABC", strict=True))
    for up, row in enumerate(reversed(rows)):
        for right, letter in enumerate(row):
            logs = {"M": up / 2, "N": right / 4, "step": -1.0, "B": 0.0, "sigma": 0.0}
            values = {letters[name]: FULL_ORACLE[name](1.5, 1.5, logs) for name in letters}
            assert values[letter] == pytest.approx(max(values.values()), abs=1e-9)
    assert picture(regimes([term("one", 1, N=-1), term("two", 1, N=-1, step=1)])) == ""


def test_the_text_names_every_regime_and_certificate() -> None:
    shown = to_text(regimes(QUANTIZED, title="multiplicative"))
    for name in ("approximation", "bias", "variance", "Never the largest", "activation", ">= 0", "held fixed"):
        assert name in shown


@pytest.mark.parametrize("law", [FULL, SOURCE, ADDITIVE])
def test_the_latex_compiles(law: tuple[LawTerm, ...], tmp_path: Path) -> None:
    shown = to_latex(regimes(law, title="law"))
    assert shown.count(r"\begin{align*}") == shown.count(r"\end{align*}") == len(regimes(law).regimes)
    assert shown.count("{") == shown.count("}")
    engine = shutil.which("pdflatex")
    if engine is None:
        pytest.skip("pdflatex is not installed")
    document = tmp_path / "law.tex"
    document.write_text("\\documentclass{article}\\usepackage{amsmath}\\begin{document}\n" + shown + "\n\\end{document}\n")
    subprocess.run([engine, "-interaction=nonstopmode", "-halt-on-error", document.name], cwd=tmp_path, check=True)
