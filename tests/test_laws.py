"""Laws: constants and exponents against SymPy's limit, the exact risk, the sharp pair at N = 1e24 and instances' sizes.

A law's remainder is the size that its error is stated to have; every comparison here takes its tolerance from it.
"""

from __future__ import annotations

import math

import flint
import numpy as np
import pytest
import sympy as sp
from conftest import full_and_tenth
from law_cases import SIDES, quantization, random_problem, setting, terms_of, values_of

from riskbounds import (
    Additive,
    Law,
    Quantization,
    bound,
    exact_risk,
    law,
)
from riskbounds import symbols as s
from riskbounds.asymptotics.law_orders import REPRESENTATIVES
from riskbounds.asymptotics.law_values import in_force, number
from riskbounds.asymptotics.laws import SCHEMES
from riskbounds.evaluation.statement import statement
from riskbounds.instance import instance
from riskbounds.numerics import Enclosures
from riskbounds.theorems import theorem_named
from riskbounds.theorems.lin_2024 import lin_2024

a, b, M, N = s.a, s.b, s.M, s.N


# --- exponents


@pytest.mark.parametrize("scheme", SCHEMES)
@full_and_tenth(120)
def test_exponents_are_the_log_slopes_of_sympys_limit(scheme: str, size: int) -> None:
    """At random rational (a, b) in [1.1, 3] the limit of N f'/f is the largest exponent of N, and of M for the model term."""
    rng = np.random.default_rng(11)
    found = law(scheme, "exact", slots=REPRESENTATIVES[scheme], source=True)
    plain = {symbol: sp.Rational(1, 10) for symbol in (s.c, s.step, s.sigma, s.B, *s.EPS.values())} | {s.p: sp.Integer(1)}
    for _ in range(size):
        point = {a: sp.Rational(int(rng.integers(110, 301)), 100), b: sp.Rational(int(rng.integers(110, 301)), 100)}
        if point[b] in (point[a] + 1, 2 * point[a] + 1):
            continue
        kept = [term for term in found.terms if all(w.free_symbols - {a, b} or w.subs(point) >= 0 for w in term.when)]
        for symbol, chosen in (
            (N, [term for term in kept if term.name.endswith(", learning")]),
            (M, [term for term in kept if term.part == "model"]),
        ):
            largest = max(sp.sympify(term.exponents.get(symbol, 0)).subs(point) for term in chosen)
            fixed = {other: sp.Integer(7) for other in (M, N) if other != symbol}
            # Numbers for the constants: what is left is a sum of powers with rational exponents, which SymPy's limit takes.
            known = {str(each): float(value) for each, value in {**plain, **point, **fixed, symbol: 1}.items()}
            total = sp.S.Zero
            for term in chosen:
                constant = sp.Rational(f"{number(term.expression, known):.6e}")
                total += constant * symbol ** sp.sympify(term.exponents.get(symbol, 0)).subs(point)
            assert sp.limit(sp.expand(symbol * total.diff(symbol)) / total, symbol, sp.oo) == largest


def test_the_exponents_of_p2_come_out_of_the_derivation() -> None:
    """M^-(a-1), N^-(a-1)/a; the published law has the same two, and precision leaves them alone below the floor."""
    published = [term.as_powers_dict() for term in sp.Add.make_args(sp.expand(lin_2024.law))]
    for scheme in SCHEMES:
        for side in SIDES:
            terms = {term.name: term.exponents for term in law(scheme, side).terms}
            assert terms["model"] == {M: 1 - a}
            assert sp.cancel(terms["bias, learning"][N] + (a - 1) / a) == 0
            assert sp.cancel(terms["variance, label noise, learning"][N] + (a - 1) / a) == 0
    assert any(sp.expand(powers[M] - 1 + a) == 0 for powers in published)
    assert any(sp.cancel(powers[N] + (a - 1) / a) == 0 for powers in published)


def test_a_source_saturates_bias_cross_and_sketch() -> None:
    """b = 2a + 1 for the bias, a + 1 for the cross term and the sketch; the exponents meet at these points."""
    terms = {}
    for term in law("multiplicative", "exact", source=True).terms:
        terms.setdefault(term.name, []).append(term)
    for name, symbol, corner in (
        ("bias, learning", N, 2 * a + 1),
        ("cross, learning", N, a + 1),
    ):
        first, last = terms[name]
        assert sp.cancel((first.exponents[symbol] - last.exponents[symbol]).subs(b, corner)) == 0
        assert any(sp.expand(w - corner + b) == 0 for w in first.when)
        assert any(sp.expand(w + corner - b) == 0 for w in last.when)
    assert terms["model"][0].exponents == {M: 1 - b}
    assert terms["model, saturated"][0].exponents == {M: -a}


# --- constants


def gamma_terms(exponent: float, X: float) -> tuple[float, float, float, float]:
    """Leading sums of theory section 6 at c = 1, typed again: bias, cross, dp, dt."""
    r = 1 / exponent
    bias = r * math.gamma(-1 - r) * (2 ** (1 + r) - 2) * X ** (r - 1)
    dp = r * math.gamma(-r) * (2**r - 2) * X**r
    return bias, -r * math.gamma(-r) * X ** (r - 1), dp, dp / (1 + r)


def test_constants_are_those_of_theory_section_6() -> None:
    for exponent in (1.2, 1.5, 2.0, 3.0):
        for level in (0.0, 0.1):
            steps, step = 1e9, 0.01
            values = {"a": exponent, "N": steps, "M": 1e30, "step": step, "sigma": 0.7, "eps_d": level}
            found = law("multiplicative", "exact", slots=("data",))
            bias, cross, _, dt = gamma_terms(exponent, steps * step * (1 + level))
            terms = {term.name: number(term.expression, values) for term in found.terms if in_force(term, values)}
            assert terms["bias, learning"] == pytest.approx(bias / 2 / (1 + level) ** 2, rel=1e-12)
            assert terms["cross, learning"] == pytest.approx(cross * level / (1 + level) ** 2, rel=1e-12)
            zeta = float(sp.zeta(exponent))
            assert terms["shrinkage"] == pytest.approx(zeta * level**2 / (1 + level) ** 2 / 2, rel=1e-12)
            # sigma^2/(1 - kappa) with kappa = sum x/(2 - 2x), x = step mu, plus the target's noise of the common scale
            noise = terms["variance, label noise, learning"] / (dt / (2 * steps * (1 + level)))
            fourth = (1 + 6 * level + level**2) / (1 + level) ** 2
            kappa = fourth * step * (1 + level) * zeta / 2
            assert noise == pytest.approx(0.49 / (1 - kappa), rel=1e-3)


def test_the_sketch_constant() -> None:
    for exponent in (1.2, 2.0, 3.0):
        c_a = math.pi / exponent / math.sin(math.pi / exponent)
        values = {"a": exponent, "M": 1000.0, "c": 0.3}
        assert number(law("full-precision").terms[0].expression, values) == pytest.approx(
            0.15 * c_a**exponent * 1000 ** (1 - exponent), rel=1e-12
        )


def differences(found: Law, points: list[dict[str, float]]) -> tuple[list[float], list[float]]:
    """data(N) - data(2N) and data(2N) - data(4N) of a law, and the remainders of both."""
    data = [terms_of(found, "data", point) for point in points]
    rest = [number(found.moving_remainder, point) for point in points]
    return [data[0] - data[1], data[1] - data[2]], [rest[0] + rest[1], rest[1] + rest[2]]


def slope_agrees(risks: list[float], found: Law, points: list[dict[str, float]]) -> tuple[float, float]:
    """The log-slope of risk(N) - risk(2N) against the law's exponent; asserts both constants and slope, returns both errors."""
    lawful, rest = differences(found, points)
    true = [risks[0] - risks[1], risks[1] - risks[2]]
    for one, other, room in zip(true, lawful, rest, strict=True):
        assert abs(one - other) <= room
    slope, exponent = math.log2(true[0] / true[1]), 1 - 1 / points[0]["a"]
    room = sum(r / d for r, d in zip(rest, lawful, strict=True)) / math.log(2)
    assert abs(slope - exponent) <= room
    return abs(true[0] / lawful[0] - 1), abs(slope - exponent)


@full_and_tenth(40)
def test_the_exact_risk_has_the_laws_slope_and_constant(size: int, tell) -> None:
    rng = np.random.default_rng(5)
    errors = []
    for _ in range(size):
        scheme, levels, exponent, width, steps, batch = random_problem(rng, ("multiplicative", "additive"))
        q = quantization(scheme, levels)
        each = [setting(exponent, width, steps * k, batch_size=batch, quantization=q) for k in (1, 2, 4)]
        risks = [float(exact_risk(item)[0]) for item in each]
        points = [values_of(exponent, width, steps * k, batch, levels) for k in (1, 2, 4)]
        errors.append(slope_agrees(risks, law(scheme, "exact", slots=tuple(levels)), points))
    worst = [max(column) for column in zip(*errors, strict=True)]
    tell(f"exact risk(N) - risk(2N): worst relative error {worst[0]:.2e}, worst error of the log-slope {worst[1]:.2e}")


INFINITE_CASES = [
    ("full-precision", {}, "3/2"),
    ("full-precision", {}, "5/4"),
    ("multiplicative", {"data": "0.05", "activation": "0.02"}, "2"),
    ("additive", {"label": "0.1", "output": "0.03"}, "3"),
    ("additive", {"parameter": "0.05", "activation": "0.02"}, "2"),
    ("multiplicative", {"data": "0.04", "label": "0.1", "parameter": "0.03", "activation": "0.02", "output": "0.05"}, "9/4"),
]


@pytest.mark.parametrize("steps", [10**12, 10**24])
@pytest.mark.parametrize(("scheme", "levels", "exponent"), INFINITE_CASES)
def test_the_sharp_pair_at_infinite_dimension_has_the_laws_slope_and_constant(scheme, levels, exponent, steps, tell) -> None:
    q = quantization(scheme, levels) if levels else Quantization()
    stated = statement(theorem_named("sharp"), instance(setting(exponent, None, 1, step_size="0.05", quantization=q), None))
    enclosures = [stated.at(Enclosures(200), steps * k) for k in (1, 2, 4)]
    order = str(float(sp.Rational(exponent)))
    for side in ("lower", "upper"):
        with flint.ctx.workprec(200):
            totals = [sum(stated.terms(side, each).values()) for each in enclosures]
            risks = [float((total - totals[-1]).mid()) for total in totals]  # what is constant in N cancels before rounding
        points = [values_of(order, 1e60, float(steps * k), 1, levels) | {"step": 0.05} for k in (1, 2, 4)]
        errors = slope_agrees(risks, law(scheme, side, slots=tuple(levels) or None), points)
        assert errors[1] < 2e-3
        tell(f"{scheme} {side} a = {exponent}, N = {steps:.0e}: constant {errors[0]:.1e}, slope {errors[1]:.1e}")


def test_the_elementwise_floor_is_trace_over_M() -> None:
    floor = law("elementwise", slots=("sketch", "data", "feature")).floor
    one = {s.eps_d: sp.Integer(0)}
    expected = (s.eps_s + s.eps_f * (1 + s.eps_s)) * s.c * sp.zeta(a) / M
    assert sp.simplify(floor.subs(one) - expected) == 0
    found = law("elementwise", slots=("feature",)).M_eff
    share = sp.gamma(1 + 1 / a) * sp.gamma(1 - 1 / a) * a ** (1 / (a - 1))
    point = {"a": 2.0, "M": 1000.0, "eps_f": 0.1}
    assert number(found, point) == pytest.approx(number(share * (M / (s.eps_f * sp.zeta(a))) ** (1 / a), point), rel=1e-9)
    assert number(found, point | {"eps_f": 1e-9}) == 1000


def test_the_additive_floor() -> None:
    floor = law("additive").floor
    expected = s.eps_f + s.eps_s * (s.c * sp.zeta(a) + s.p * s.eps_d) + s.eps_d * s.p / M
    assert sp.expand(floor - expected) == 0


def test_storage_grows_like_N_to_one_over_a(tell) -> None:
    found = law("additive", "exact", slots=("storage",))
    term = next(each for each in found.terms if each.name == "storage, learning")
    assert term.exponents[N] == 1 / a
    for exponent, steps in (("2", 10**5), ("2.5", 10**6)):
        plain = setting(exponent, 1500, steps, step_size="0.01")
        stored = setting(exponent, 1500, steps, step_size="0.01", quantization=Quantization(storage=Additive("1e-7")))
        added = float(bound(stored).rows[0].risk.exact) - float(bound(plain).rows[0].risk.exact)
        point = values_of(exponent, 1500, steps, 1, {"storage": "1e-7"}) | {"step": 0.01}
        room = number(found.remainder - found.remainder.subs(s.eps_w, 0), point)
        lawful = number(term.expression, point)
        assert abs(added - lawful) <= room
        assert abs(added / lawful - 1) < 0.05
        tell(f"storage a = {exponent}: {added / lawful - 1:.2e}")


def test_without_quantization_nothing_is_lost() -> None:
    for scheme in ("multiplicative", "additive", "elementwise"):
        # elementwise errors behind a sketch have the generic row, whose constants do not tend to those of exact features
        for side in SIDES if scheme != "elementwise" else ("lower", "exact"):
            point = {"a": 1.7, "step": 0.05, "sigma": 1.3, "B": 3.0, "N": 1e6, "M": 1e4}
            assert number(law(scheme, side).F, point) == pytest.approx(1, rel=1e-12)
    assert law("full-precision").N_eff == N


def test_the_exact_law_lies_between_the_sides() -> None:
    rng = np.random.default_rng(3)
    for scheme in SCHEMES:
        for _ in range(10):
            point = {"a": rng.uniform(1.2, 3), "N": 10 ** rng.uniform(4, 12), "M": 10 ** rng.uniform(1, 8), "sigma": 1.0}
            point |= {"step": 10 ** rng.uniform(-4, -3), "B": float(rng.integers(1, 9))}
            point |= {str(s.EPS[slot]): 10 ** rng.uniform(-7, -5) for slot in SCHEMES[scheme]}
            lower, exact, upper = (float(law(scheme, side).at(point)) for side in ("lower", "exact", "upper"))
            assert lower <= exact * (1 + 1e-9)
            assert exact <= upper * (1 + 1e-9)
