"""Exponents, signs, orders and remainders against exact rational points, SymPy's limits and retyped arithmetic."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp
from conftest import full_and_tenth
from sympy.solvers.simplex import lpmax

from riskbounds.asymptotics.cells import samples
from riskbounds.asymptotics.cones import Certificate, envelope, examine, form
from riskbounds.asymptotics.exponents import DEFAULT, Assumptions, Undecided, assume, exponent
from riskbounds.asymptotics.orders import (
    Monomial,
    Order,
    OrderSum,
    compare,
    monomial,
    natural_domain,
    normal_form,
    standard_domain,
)
from riskbounds.asymptotics.remainder import Remainder, remainder
from riskbounds.asymptotics.signs import cases, largest, possible_signs, sign
from riskbounds.asymptotics.signs import compare as compare_exponents
from riskbounds.asymptotics.simplex import maximise
from riskbounds.errors import HypothesisError, ProblemError, RiskboundsError
from riskbounds.symbols import EPS, B, M, N, a, b, c, eps_d, sigma, step


def order(*expressions: sp.Expr, assumptions: Assumptions = DEFAULT) -> Order:
    return normal_form(OrderSum(monomial(each) for each in expressions), assumptions=assumptions)


def random_polynomial(rng: random.Random) -> sp.Expr:
    """A polynomial of degree at most 3 with small coefficients, so that all kinds of signs occur."""
    powers = [a**left * b**right for left in range(3) for right in range(3) if left + right < 4]
    return sp.Add(*(rng.randint(-3, 3) * each for each in rng.sample(powers, rng.randint(2, 4))))


def random_point(rng: random.Random, least: int = 1) -> dict[sp.Symbol, sp.Rational]:
    return {symbol: least + sp.Rational(rng.randint(1, 4000), rng.choice([997, 101, 2003])) for symbol in (a, b)}


@pytest.mark.parametrize("given", ["3/2", "1.5", " 3/2 ", "15e-1", Fraction(3, 2), sp.Rational(3, 2), Decimal("1.5")])
def test_exponents_are_read_exactly(given: str | Fraction | sp.Expr | Decimal) -> None:
    assert exponent(given) == sp.Rational(3, 2)


def test_equal_rational_functions_are_equal_objects() -> None:
    rng = random.Random(1)
    for _ in range(30):
        top, bottom, other = (random_polynomial(rng) + 7 * a * b**2 for _ in range(3))
        assert exponent(top / bottom) == exponent(sp.expand(top * other) / sp.expand(bottom * other))
        assert exponent(top / bottom - other) == exponent((top - other * bottom) / bottom)
    assert exponent(1 / a - 1) == exponent((1 - a) / a) == exponent(-(a - 1) / a)
    assert exponent(1 / a - 1) != exponent(1 / a)


@pytest.mark.parametrize("given", [sp.sqrt(2) * a, a**b, sp.pi, N + 1, sp.zoo, sp.nan, sp.oo, 2**a, sp.log(a), "a", "1/0", True])
def test_what_is_no_rational_function_is_refused(given: object) -> None:
    with pytest.raises(ProblemError):
        exponent(given)  # type: ignore[arg-type]


@full_and_tenth(400)
def test_signs_and_cases_agree_with_exact_points(size: int) -> None:
    rng = random.Random(2)
    seen: set[frozenset[int]] = set()
    for _ in range(size):
        expression = exponent(random_polynomial(rng) / (a + b) ** rng.randint(0, 1))
        found = possible_signs(expression)
        split = cases(expression)
        seen.add(found)
        for point in [random_point(rng) for _ in range(20)]:
            here = int(sp.sign(expression.subs(point)))
            assert here in found
            fitting = [case for case in split if all(bool(each.subs(point)) for each in case.conditions)]
            assert here in {case.sign for case in fitting}
            assert all(case.sign == here or (case.sign and here and len(case.conditions) == 0) for case in fitting)
        if len(found) == 1:
            assert sign(expression) in found
        else:
            with pytest.raises(Undecided, match="undecided under a > 1, b > 1"):
                sign(expression)
    assert {frozenset({1}), frozenset({-1}), frozenset({-1, 0, 1})} <= seen


@pytest.mark.parametrize(
    ("expression", "signs"),
    [
        (1 - a, {-1}),
        ((1 - a) / a, {-1}),
        (a**2 - 4 * a + 5, {1}),
        (a**2 - 4 * a + 4, {0, 1}),
        ((a - 2) ** 2 + (b - 3) ** 2, {0, 1}),
        ((a - 2) ** 2 + (b - 3) ** 2 + sp.Rational(1, 10**9), {1}),
        ((a - 2) ** 2 + (b - sp.Rational(1, 2)) ** 2, {1}),
        (a**3 - 7 * a + 7, {-1, 0, 1}),
        (a**3 - 7 * a + sp.Rational(73, 10), {1}),
        (a**2 - 2 * a * b + b**2, {0, 1}),
        (a * b - 1, {1}),
        (2 * a + 1 - b, {-1, 0, 1}),
        (1 / (a - 2), {-1, 0, 1}),
        (sp.Integer(0) * a, {0}),
    ],
)
def test_signs_that_are_known(expression: sp.Expr, signs: set[int]) -> None:
    assert possible_signs(exponent(expression)) == signs


def test_more_assumptions_decide_more() -> None:
    with pytest.raises(Undecided, match=r"0 where 2\*a \+ 1 = b"):
        sign(2 * a + 1 - b)
    assert sign(2 * a + 1 - b, assume(b < a + 1)) == 1
    assert sign(2 * a + 1 - b, assume(b > 2 * a + 1)) == -1
    assert sign(2 * a + 1 - b, assume(sp.Eq(b, 2 * a + 1))) == 0
    assert sign(b - 2, assume(sp.Eq(b, 2 * a + 1))) == 1
    assert sign(a**2 - 3, assume(a > 2)) == 1
    assert sign(a - 2, assume(sp.Eq(a, sp.Rational(3, 2)))) == -1
    assert possible_signs(a - b, assume(a * b < 2, a > sp.Rational(3, 2))) == {1}


def test_contradictory_or_closed_assumptions_are_refused() -> None:
    with pytest.raises(Undecided, match="no a, b satisfy"):
        sign(a, assume(a < 1))
    with pytest.raises(Undecided, match="no a, b satisfy"):
        sign(a - b, assume(a > b + 1, b > a))
    with pytest.raises(ProblemError, match="strict inequality"):
        assume(a >= 2)
    with pytest.raises(Undecided, match="not linear"):
        sign(a - b, assume(sp.Eq(a**2 + b**2, 9)))


def test_cells_have_a_point_each() -> None:
    found = samples([sp.expand((a - 2) * (a - 3)), b - a], DEFAULT)
    assert len(found) == 6
    assert len({(bool(at[a] > 2), bool(at[a] > 3), bool(at[b] > at[a])) for at in found}) == 6


def test_the_largest_exponent_is_found_or_split() -> None:
    assert largest([1 - a, 1 / a - 1, -a]) == exponent(1 / a - 1)
    assert compare_exponents(1 / a - 1, 1 - a) == 1
    with pytest.raises(Undecided, match="a > b"):
        largest([1 - a, 1 - b])
    assert largest([1 - a, 1 - b], assume(b > a)) == 1 - a


@full_and_tenth(120)
def test_exponents_are_the_log_slopes_of_sympy_limits(size: int) -> None:
    """At numeric rational exponents `limit` is right; the exponent of M and N of a product must be its log-slope."""
    rng, M_, N_ = random.Random(3), sp.Symbol("m", positive=True), sp.Symbol("n", positive=True)
    law = monomial(M ** (1 - a) * (step * N) ** (1 / a - 1) * sp.gamma(1 / a))
    for _ in range(size):
        at = {a: sp.Rational(rng.randint(11, 30), 10)}
        exact_value = law.expression().subs(at).subs({M: M_, N: N_, step: 1})
        for symbol, plain in ((M, M_), (N, N_)):
            slope = sp.limit(plain * sp.diff(sp.log(exact_value), plain), plain, sp.oo)
            assert slope == law.exponents[symbol].subs(at)


def test_a_sum_is_read_from_its_products() -> None:
    read = monomial(3 * sp.sqrt(M * N) * sp.gamma(1 / a) * (step * N) ** (1 / a) * sigma**2 / B)
    assert read.exponents == {M: sp.Rational(1, 2), N: exponent(1 / a + sp.Rational(1, 2)), step: 1 / a, sigma: 2, B: -1}
    assert read.coefficient == 3 * sp.gamma(1 / a)
    with pytest.raises(ProblemError, match="no power of one symbol"):
        monomial((1 + N) ** 2)
    with pytest.raises(ProblemError, match="depends on N"):
        monomial(M**N)


def test_like_monomials_add_and_cancel() -> None:
    total = OrderSum([monomial(2 * M), monomial(N), monomial(3 * M)])
    assert total == OrderSum([monomial(N), monomial(5 * M)])
    assert OrderSum([monomial(M), monomial(-M)]) == OrderSum()
    assert (OrderSum([monomial(M)]) + OrderSum([monomial(N)])) ** 2 == OrderSum(
        [monomial(M**2), monomial(2 * M * N), monomial(N**2)]
    )
    assert OrderSum([monomial(4 * M)]) ** "1/2" == OrderSum([monomial(2 * sp.sqrt(M))])
    assert monomial(6 * M * N) / monomial(2 * N**a) == monomial(3 * M * N ** (1 - a))
    with pytest.raises(ProblemError, match="no exact power"):
        OrderSum([monomial(M), monomial(N)]) ** "1/2"


def test_the_normal_form_does_not_depend_on_the_order_of_writing() -> None:
    terms = [M ** (1 - a), (step * N) ** (1 / a - 1), sigma**2 / B * (step * N) ** (1 / a) / N, N**-a, sp.sqrt(M * N) ** (1 - a)]
    rng = random.Random(4)
    forms = set()
    for _ in range(6):
        rng.shuffle(terms)
        forms.add(order(*terms))
    assert len(forms) == 1


def test_dominated_monomials_are_dropped() -> None:
    assert order(M, N, sp.sqrt(M * N), sp.Integer(1)) == order(N, M)
    assert str(order(N, M)) == "max(M, N)"
    assert order(N ** (-a), N ** (-b), 1 / N) == order(1 / N)
    assert order(N ** (-a), N ** (-b)).forms == {form({N: -a}), form({N: -b})}
    assert order(N ** (-a), N ** (-b), assumptions=assume(b > a)) == order(N ** (-a), assumptions=assume(b > a))
    assert order(M ** (a - b) * N, N) != order(N)
    assert order(step * N, N) == order(N)
    assert order(eps_d * N, N) == order(N)
    assert order(sigma * N, N) != order(N)
    assert order(c * N, N) != order(N)
    assert order(*(level * M for level in EPS.values()), M) == order(M)


def test_the_order_of_products_sums_and_powers() -> None:
    assert order(M, N) * order(M, N) == order(M**2, N**2)
    assert order(M, N) ** "1/2" == order(sp.sqrt(M), sp.sqrt(N))
    assert order(M) + order(N, 1 / M) == order(M, N)
    assert order(M ** (1 - a)) ** -a == order(M ** (a**2 - a))
    with pytest.raises(ProblemError, match="a number >= 0"):
        order(M, N) ** -1
    with pytest.raises(ProblemError, match="different domains or assumptions"):
        order(M) + order(N, assumptions=assume(b > a))


def test_orders_compare_or_say_that_they_cross() -> None:
    assert compare(order(N ** (1 / a - 1)), order(N ** (1 - a))) == 1
    assert compare(order(sp.sqrt(M * N)), order(M, N)) == -1
    assert compare(order(N, M), order(M, N, sp.Integer(1))) == 0
    with pytest.raises(Undecided, match=r"neither order dominates: (M|N) is the largest somewhere and (M|N) elsewhere"):
        compare(order(M), order(N))
    with pytest.raises(Undecided, match="neither order dominates"):
        compare(order(N**a), order(N**b))
    assert compare(order(N**a, assumptions=assume(a > b)), order(N**b, assumptions=assume(a > b))) == 1


def test_a_domain_may_say_more() -> None:
    total = OrderSum([monomial((step * N) ** (1 / a - 1)), monomial(sp.Integer(1))])
    assert len(normal_form(total).forms) == 2
    assert normal_form(total, domain=standard_domain(monomial(step * N))).forms == {()}


@full_and_tenth(200)
def test_the_normal_form_has_the_same_maximum_everywhere(size: int) -> None:
    rng, numbers = random.Random(5), np.random.default_rng(5)
    symbols, choices = [M, N, eps_d], [-1, 0, 1, -a, 1 / a, 1 - a, (1 - a) / a, -1 / a]
    for _ in range(size // 10):
        total = OrderSum(Monomial(exponents={symbol: rng.choice(choices) for symbol in symbols}) for _ in range(5))
        kept = normal_form(total).forms
        at, logs = {a: sp.Rational(rng.randint(11, 40), 10)}, numbers.exponential(size=(10, 3)) * [1, 1, -1]
        for point in logs:
            values = {
                each.powers: sum(float(value.subs(at)) * point[symbols.index(symbol)] for symbol, value in each.powers)
                for each in total.monomials
            }
            assert max(values[each] for each in kept) == pytest.approx(max(values.values()), abs=1e-12)


def test_a_certificate_is_checked_against_its_identity() -> None:
    chosen, others = form({M: 1 - a, N: 1 / a - 1}), (form({M: 2 - 2 * a}), form({N: 2 / a - 2}))
    domain = natural_domain([chosen])
    verdict = examine(chosen, others, domain)
    assert verdict.empty
    assert [each.weights for each in verdict.certificates] == [(sp.Rational(1, 2), sp.Rational(1, 2))]
    assert all(each.identity(chosen, others, domain) for each in verdict.certificates)
    wrong = Certificate(weights=(sp.Rational(1, 3), sp.Rational(2, 3)), slacks=(sp.S.Zero,) * len(domain))
    assert not wrong.identity(chosen, others, domain)
    negative = Certificate(weights=(sp.Integer(2), sp.Integer(-1)), slacks=(sp.S.Zero,) * len(domain))
    assert not negative.valid({a: sp.Integer(2), b: sp.Integer(2)})


def test_emptiness_is_split_over_a_and_b() -> None:
    """N^-a lies below max(N^-b, N^(1-2a)) exactly where b <= a: shown by a certificate there, refuted by points elsewhere."""
    forms = (form({N: -a}), form({N: -b}), form({N: 1 - 2 * a}))
    verdict = envelope(forms, natural_domain(forms))[0]
    assert not verdict.empty
    assert all(at[a] < at[b] and at[a] > 1 for at, _ in verdict.witnesses)
    assert [each.where(DEFAULT) for each in verdict.certificates] == [("a - b >= 0",)]
    assert envelope(forms, natural_domain(forms), assume(b < a))[0].empty
    assert envelope(forms, natural_domain(forms), assume(sp.Eq(a, b)))[0].empty is True


def test_remainders_keep_constants_and_the_larger_start() -> None:
    first = remainder(constant=3, powers={N: -1}, variable=N, start=10)
    second = remainder(constant="1/2", powers={N: 1 / a - 2}, variable=N, start=100)
    total = first + second
    assert total.start == 100
    assert total.bound == OrderSum([monomial(3 / N), monomial(N ** (1 / a - 2) / 2)])
    at = {N: 10**4, a: sp.Integer(2)}
    assert total.at(at) == pytest.approx(3e-4 + 0.5e-6, rel=1e-12)
    assert total.at(at) >= mpmath.mpf(3) / 10**4 + mpmath.mpf(1) / (2 * 10**6)
    assert (first * monomial(5 * step)).bound == OrderSum([monomial(15 * step / N)])
    assert first + first == remainder(constant=6, powers={N: -1}, variable=N, start=10)


def test_remainders_are_refused_outside_their_range() -> None:
    first = remainder(constant=3, powers={N: -1}, variable=N, start=10)
    with pytest.raises(HypothesisError, match="N >= 10, not at 9"):
        first.at({N: 9})
    with pytest.raises(ProblemError, match="values for N"):
        first.at({M: 9})
    with pytest.raises(ProblemError, match="negative constant"):
        remainder(constant=-3, powers={N: -1}, variable=N, start=10)
    with pytest.raises(ProblemError, match="float"):
        remainder(constant=sp.Float(3.5), powers={N: -1}, variable=N, start=10)
    with pytest.raises(ProblemError, match="in N and in M"):
        first + remainder(constant=3, powers={M: -1}, variable=M, start=10)
    assert Remainder(bound=first.bound, variable=N, start=sp.Integer(10)) == first


@full_and_tenth(200)
def test_the_simplex_agrees_with_sympy_and_proves_its_optimum(size: int) -> None:
    rng = random.Random(6)
    for _ in range(size):
        wide, tall = rng.randint(1, 4), rng.randint(1, 4)
        rows = [[Fraction(rng.randint(-3, 5), rng.randint(1, 3)) for _ in range(wide)] for _ in range(tall)]
        rows.append([Fraction(1)] * wide)
        limits = [Fraction(rng.randint(0, 4)) for _ in range(tall)] + [Fraction(rng.randint(1, 9))]
        objective = [Fraction(rng.randint(-2, 5)) for _ in range(wide)]
        found, weights = maximise(objective, rows, limits)
        value = sum(left * right for left, right in zip(objective, found, strict=True))
        assert value == sum(left * right for left, right in zip(limits, weights, strict=True))
        assert all(each >= 0 for each in (*found, *weights))
        for row, limit in zip(rows, limits, strict=True):
            assert sum(left * right for left, right in zip(row, found, strict=True)) <= limit
        for column in range(wide):
            assert sum(row[column] * weight for row, weight in zip(rows, weights, strict=True)) >= objective[column]
        x = sp.symbols(f"x:{wide}")
        relations = [
            sum(sp.Rational(v) * s for v, s in zip(row, x, strict=True)) <= sp.Rational(limit)
            for row, limit in zip(rows, limits, strict=True)
        ]
        relations = [each for each in (*relations, *(s >= 0 for s in x)) if each is not sp.true]
        assert lpmax(sum(sp.Rational(v) * s for v, s in zip(objective, x, strict=True)), relations)[0] == sp.Rational(value)


def test_an_unbounded_program_is_refused() -> None:
    with pytest.raises(RiskboundsError, match="unbounded"):
        maximise([Fraction(1)], [[Fraction(-1)]], [Fraction(1)])
