"""Silent errors of asymptotics: SymPy answers here that look right and are not, and what the order calculus does instead."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy.solvers.simplex import UnboundedLPError, linprog, lpmax

from riskbounds.asymptotics.cones import examine, form
from riskbounds.asymptotics.exponents import assume, exponent
from riskbounds.asymptotics.orders import Monomial, OrderSum, compare, monomial, natural_domain, normal_form
from riskbounds.asymptotics.pieces import pieces
from riskbounds.asymptotics.regimes import regimes
from riskbounds.asymptotics.remainder import remainder
from riskbounds.errors import ProblemError
from riskbounds.symbols import M, N, a, b


class Floating:
    """A law's term with a float in its coefficient."""

    name, coefficient, exponents = "floating", sp.Float("0.5"), {N: sp.Integer(-1)}


def test_limits_with_symbolic_exponents_are_not_used() -> None:
    """Trap 1: sums of powers with symbolic exponents are refused by `limit`; the calculus answers or splits."""
    n = sp.Symbol("n", positive=True)
    with pytest.raises(NotImplementedError):
        sp.limit((n ** (1 - a) + n ** (1 - b)) / n ** (1 - a), n, sp.oo)
    total, leader = OrderSum([monomial(N ** (1 - a)), monomial(N ** (1 - b))]), OrderSum([monomial(N ** (1 - a))])
    more = assume(b > a)
    assert normal_form(total, assumptions=more) == normal_form(leader, assumptions=more)


def test_a_decaying_power_is_not_infinite() -> None:
    """Trap 1: whatever `limit` says of a positive symbol, N^(1/a - 1) decays for every a > 1."""
    one = normal_form(OrderSum([Monomial()]))
    assert compare(normal_form(OrderSum([monomial(N ** (1 / a - 1))])), one) == -1
    assert compare(normal_form(OrderSum([monomial(N ** (1 - 1 / a))])), one) == 1


@pytest.mark.parametrize("given", [0.1, 0.1 * 3, sp.Float("0.3"), a * sp.Float("0.5"), sp.Float("1.0"), float("nan")])
def test_float_exponents_are_refused(given: object) -> None:
    """Trap 2: M**(0.1*3)/M**0.3 is M**5.55e-17, an invented law."""
    with pytest.raises(ProblemError, match=r"float.*write it exactly"):
        exponent(given)  # type: ignore[arg-type]


def test_decimals_in_words_are_exact() -> None:
    """Trap 2: three times "0.1" is "0.3"."""
    assert 3 * exponent("0.1") == exponent("0.3") == sp.Rational(3, 10)
    tenth = Monomial(exponents={M: "0.1"})
    assert tenth**3 / Monomial(exponents={M: "0.3"}) == Monomial()


def test_floats_do_not_enter_by_another_door() -> None:
    """Trap 2: coefficients, products, laws and remainders refuse them too."""
    invented = M ** (0.1 * 3) / M**0.3
    assert invented != 1
    for make in (
        lambda: monomial(invented),
        lambda: Monomial(coefficient=sp.Float("0.5")),
        lambda: Monomial(exponents={M: 0.3}),  # type: ignore[dict-item]
        lambda: monomial(M) ** 0.5,  # type: ignore[operator]
        lambda: pieces(Floating(), ()),
        lambda: regimes([Floating()]),
        lambda: remainder(constant=1, powers={N: -0.5}, variable=N, start=1),  # type: ignore[dict-item]
        lambda: remainder(constant=1, powers={N: -1}, variable=N, start=sp.Float("1.5")),
    ):
        with pytest.raises(ProblemError, match="float"):
            make()


def test_order_classes_have_one_form() -> None:
    """Trap 5: max(M, N) is max(N, M), and a maximum with something smaller is the same maximum."""
    first = normal_form(OrderSum([monomial(M), monomial(N)]))
    second = normal_form(OrderSum([monomial(N), monomial(sp.sqrt(N) * sp.sqrt(M)), monomial(M)]))
    assert first == second
    assert hash(first) == hash(second)
    assert str(first) == str(second) == "max(M, N)"
    assert str(first.expression()) == str(second.expression())


def test_maxima_are_decided_that_refine_leaves_alone() -> None:
    """Trap 6: refine(Max(...)) and inequalities stay unevaluated under assumptions such as b > a."""
    unsettled = sp.refine(sp.Max(N ** (1 - a), N ** (1 - b)), sp.Q.gt(b, a) & sp.Q.gt(N, 1))
    assert unsettled.has(sp.Max)
    total = OrderSum([monomial(N ** (1 - a)), monomial(N ** (1 - b))])
    assert str(normal_form(total, assumptions=assume(b > a))) == "N**(1 - a)"
    assert str(normal_form(total, assumptions=assume(b < a))) == "N**(1 - b)"


def test_the_simplex_is_exact_but_free_variables_are_split_by_hand() -> None:
    """Trap 6, extended: `linprog` keeps x >= 0 where the bounds say (None, None); `lpmax` and split variables are right."""
    x, y = sp.symbols("x y")
    third = sp.Rational(1, 3)
    assert lpmax(x + y, [3 * x <= 1, 7 * y <= 1]) == (third + sp.Rational(1, 7), {x: third, y: sp.Rational(1, 7)})
    wrong, _ = linprog([1], [[1]], [5], bounds=[(None, None)]) if _bounded_wrongly() else (0, [])
    assert wrong == 0
    # sigma must be large and step small for the second monomial to rule: a point with a negative logarithm
    verdict = examine(form({N: 1, M: -1}), (form({M: 1}),), natural_domain([form({N: 1})]))
    assert not verdict.empty


def _bounded_wrongly() -> bool:
    """Whether this SymPy still takes the unbounded minimum of x to be 0."""
    try:
        return bool(linprog([1], [[1]], [5], bounds=[(None, None)])[0] == 0)
    except (ValueError, UnboundedLPError):
        return False
