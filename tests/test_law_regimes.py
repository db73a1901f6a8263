"""Regimes of the derived laws, and how a coefficient is taken apart into monomials."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from conftest import full_and_tenth
from regime_laws import random_points, term

from riskbounds import regimes as public_regimes
from riskbounds.asymptotics.cones import form
from riskbounds.asymptotics.law_forms import split_monomial
from riskbounds.asymptotics.law_layout import sides
from riskbounds.asymptotics.law_orders import REPRESENTATIVES, order_law
from riskbounds.asymptotics.laws import LawSide, law
from riskbounds.asymptotics.orders import standard_domain
from riskbounds.asymptotics.pieces import pieces, text
from riskbounds.asymptotics.regimes import regime_of, regimes
from riskbounds.cli.regimes import WRITERS
from riskbounds.errors import ProblemError
from riskbounds.symbols import B, M, N, a, eps_d, eps_f, p, sigma, step


@pytest.mark.parametrize("scheme", ["full-precision", "multiplicative", "additive", "elementwise"])
def test_every_scheme_has_regimes(scheme: str) -> None:
    """Of the derived laws; theory section 6: the model term, the two data terms, the shrinkage, both sides of N gamma e = 1."""
    found = regimes(order_law(scheme), title=scheme)
    terms = {each.term for each in found.regimes}
    assert {"model", "bias, learning", "variance, label noise, learning"} <= terms
    assert ("shrinkage" in terms) == (scheme == "multiplicative")
    assert ("shrinkage, floor" in terms) == (scheme in ("additive", "elementwise"))
    assert ("variance, label noise, learned past the floor" in terms) == (scheme in ("additive", "elementwise"))
    for at, logs in random_points(found, 50, seed=16):
        if p in logs:
            logs[p] = abs(logs[p])
        place = {symbol: Fraction(value) for symbol, value in logs.items()}
        assert any(each.contains(place, at) for each in found.regimes)
    for each in found.removed:
        assert all(certificate.identity(each.form, each.others, each.rows) for certificate in each.certificates)
    for write in WRITERS.values():
        assert scheme in write(found)


def height(expression: sp.Expr, at: dict[sp.Symbol, sp.Rational], logs: dict[sp.Symbol, float]) -> float:
    """The logarithm of a monomial without its constant."""
    powers = split_monomial(expression)[1]
    return sum(float(sp.sympify(power).subs(at)) * logs[symbol] for symbol, power in powers.items())


@pytest.mark.parametrize("scheme", ["full-precision", "multiplicative", "additive", "elementwise"])
@full_and_tenth(2_500)
def test_the_largest_term_of_a_derived_law_is_that_of_the_regime(scheme: str, size: int) -> None:
    """10 000 points over the four schemes: every term's own powers and conditions, against the regime of the point."""
    law_terms, found = order_law(scheme), public_regimes(scheme)
    seen = set()
    for at, logs in random_points(found, size, seed=17):
        if p in logs:
            logs[p] = abs(logs[p])
        heights = {}
        for each in law_terms:
            gaps = [[height(side, at, logs) for side in sides(condition)] for condition in each.when if condition.has(M, N)]
            if all(above >= below for above, below in gaps):
                heights[each.name] = height(each.expression, at, logs)
        largest = max(heights.values())
        chosen = regime_of(found, logs=logs, parameters=at)
        mine = max(heights[name] for name in chosen.term.split(" + ") if name in heights)
        assert mine == pytest.approx(largest, abs=1e-9 * (1 + abs(largest)))
        seen.add(chosen.term)
    assert len(seen) >= 0.75 * len({each.term for each in found.regimes})


@pytest.mark.parametrize(
    ("scheme", "side"),
    [("full-precision", "upper"), ("full-precision", "exact"), ("additive", "exact"), ("elementwise", "upper")],
)
def test_a_law_and_its_orders_have_the_same_regimes(scheme: str, side: LawSide) -> None:
    """Bounded factors and the terms that orders leave out change no regime: the certificates say so."""
    # the laws' assumption that the noise feedback is below 1: here step * tr of the data floor <= B
    domain = (*standard_domain(), form({B: 1, step: -1, eps_d: -1, p: -1}))
    whole = regimes(law(scheme, side, slots=REPRESENTATIVES[scheme]).terms, domain=domain)
    orders = regimes(order_law(scheme, side), domain=domain)
    shapes = [{(each.form, frozenset(each.inequalities)) for each in found.regimes} for found in (whole, orders)]
    assert shapes[0] == shapes[1]


def test_the_model_term_rules_beyond_the_learnable_directions() -> None:
    """Full precision: Approx needs N step >= M^a, and then N >= M^a sigma^2/B for the noise of the learned directions."""
    found = {each.term: each for each in regimes(order_law("full-precision")).regimes}
    assert set(found["model"].inequalities) == {form({M: -a, N: 1, step: 1}), form({M: -a, N: 1, B: 1, sigma: -2})}


@pytest.mark.parametrize(
    ("coefficient", "orders"),
    [
        ((1 + eps_d) * (1 + eps_f) - 1, {"eps_d/N", "eps_f/N"}),
        ((1 + eps_d) ** 2 - (1 + 2 * eps_d), {"eps_d**2/N"}),
        (eps_d - eps_d * eps_f, {"eps_d/N"}),
        (B - 1, {"B/N"}),
        ((B - 1) / B, {"1/N"}),
        (1 / (1 - 3 * eps_d), {"1/N"}),
        (((82 * eps_d + 81) / B + 81 * eps_f / B) ** 2, {"1/(B**2*N)"}),
        (sp.gamma(1 / a) * eps_d**2 / 3, {"eps_d**2/N"}),
    ],
)
def test_the_order_of_a_coefficient(coefficient: sp.Expr, orders: set[str]) -> None:
    found = pieces(term("one", coefficient, N=-1), standard_domain())
    assert {text(each.form) for each in found} == orders


def test_other_functions_of_a_level_are_refused() -> None:
    with pytest.raises(ProblemError, match="no sum or product of powers"):
        regimes([term("one", sp.sin(eps_d), N=-1)])
