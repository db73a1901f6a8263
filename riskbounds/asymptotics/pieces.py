"""Pieces: a law's terms as linear forms in the logarithms, each with the half-spaces in which it is in force.

Only orders of magnitude matter here.  A sum is as large as its largest monomial: one piece per monomial that the ranges of the
symbols do not put below another; where a sum is in a denominator, the largest monomial is a case each.  A sum whose largest
monomial may be a constant, such as 1 + eps or 1 - feedback, is a bounded factor by the convention of the laws: order 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import sympy as sp

from riskbounds.asymptotics.cones import Form, combine, form
from riskbounds.asymptotics.exponents import DEFAULT, PARAMETERS, Assumptions, exponent, refuse_floats
from riskbounds.asymptotics.orders import AT_MOST_ONE, VARIABLES
from riskbounds.asymptotics.signs import possible_signs, sign
from riskbounds.errors import ProblemError
from riskbounds.symbols import a, b, c

GROWING: frozenset[sp.Symbol] = frozenset(VARIABLES) - {c}
"""The symbols that count inside a coefficient; the scale c is a constant unless a law shows it as an exponent."""


class Term(Protocol):
    """One term of a law: coefficient * product of symbol^exponent."""

    @property
    def name(self) -> str:
        """Name of the term."""

    @property
    def coefficient(self) -> sp.Expr:
        """What the exponents leave out: numbers, gamma and zeta values, bounded factors, sums of levels."""

    @property
    def exponents(self) -> Mapping[sp.Symbol, sp.Expr]:
        """Exponents in Q(a, b) by symbol."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A term, or the part of it with one monomial of a sum: its form, where it is in force, and the term itself."""

    name: str
    form: Form
    conditions: tuple[Form, ...]
    law: sp.Expr


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What decides which monomial of a sum may be the largest: the ranges of single symbols, and the assumptions on a and b."""

    ranges: tuple[tuple[sp.Symbol, sp.Expr], ...]
    assumptions: Assumptions


Leader = tuple[Form, frozenset[Form]]
"""A monomial that may be the largest of a sum, and half-spaces outside which it does not count."""

CONSTANT: Leader = ((), frozenset())


def ground(domain: Sequence[Form], assumptions: Assumptions = DEFAULT) -> Ground:
    """Return the ground of a domain."""
    return Ground(ranges=tuple(row[0] for row in domain if len(row) == 1), assumptions=assumptions)


def pieces(term: Term, domain: Sequence[Form], assumptions: Assumptions = DEFAULT) -> tuple[Piece, ...]:
    """Return the pieces of a term; the conditions of its attribute ``when`` (expressions >= 0), if it has one, are kept.

    A term whose condition on a and b never holds has no piece.  Raises ProblemError for floats, for coefficients that are zero
    or not finite and for conditions that are no comparison of two monomials, Undecided for a condition on a and b that the
    assumptions do not settle.
    """
    coefficient, base = sp.sympify(term.coefficient), ground(domain, assumptions)
    refuse_floats(coefficient, f"the coefficient of {term.name}")
    if coefficient == 0 or coefficient.has(sp.zoo, sp.nan, sp.oo):
        raise ProblemError(
            f"the coefficient of {term.name} is {'zero' if coefficient == 0 else 'not finite'}; leave the term out"
        )
    conditions: set[Form] = set()
    for condition in getattr(term, "when", ()):
        if condition.free_symbols <= set(PARAMETERS):
            if sign(condition, assumptions) < 0:
                return ()
        else:
            conditions.add(half_space(condition, base))
    law = coefficient * sp.Mul(*(symbol ** exponent(value) for symbol, value in term.exponents.items()))
    parts = leaders(coefficient, base)
    return tuple(
        Piece(
            name=term.name + (f" [{text(part)}]" if len(parts) > 1 else ""),
            form=combine(form(term.exponents), part, sp.S.One),
            conditions=tuple(sorted(conditions | where, key=str)),
            law=law,
        )
        for part, where in parts
    )


@lru_cache(maxsize=16384)
def leaders(expression: sp.Expr, base: Ground) -> tuple[Leader, ...]:
    """Return the monomials that may be the largest of an expression: sums, products and powers of the growing symbols.

    Raises ProblemError for any other function of them, and where a sum may cancel down to an unknown order.
    """
    if not expression.free_symbols & GROWING:
        return (CONSTANT,)
    if expression.is_Symbol:
        return (((form({expression: sp.S.One})), frozenset()),)
    if isinstance(expression, sp.Mul):
        product: tuple[Leader, ...] = (CONSTANT,)
        for each in expression.args:
            product = _products(product, leaders(each, base))
        return reduced_leaders(product, base)
    if isinstance(expression, sp.Pow) and not expression.exp.free_symbols - set(PARAMETERS):
        return _power(leaders(expression.base, base), exponent(expression.exp), base)
    if isinstance(expression, sp.Add):
        return _sum(expression, base)
    raise ProblemError(f"{expression} is no sum or product of powers, so its order is not known; write it with powers of symbols")


def _products(first: tuple[Leader, ...], second: tuple[Leader, ...]) -> tuple[Leader, ...]:
    return tuple((combine(left, right, sp.S.One), here | there) for left, here in first for right, there in second)


def _power(found: tuple[Leader, ...], power: sp.Expr, base: Ground) -> tuple[Leader, ...]:
    """Return the leaders of a power: those of the base for a positive exponent; the largest one, a case each, for a negative."""
    if len(found) > 1 and sign(power, base.assumptions) < 0:
        if any(where for _, where in found):
            raise ProblemError("a law has a quotient of quotients of sums; write it as one quotient")
        return tuple(
            (combine((), chosen, power), frozenset(combine(chosen, other) for other, _ in found if other != chosen))
            for chosen, _ in found
        )
    return tuple((combine((), chosen, power), where) for chosen, where in found)


def _sum(expression: sp.Expr, base: Ground) -> tuple[Leader, ...]:
    """Return the leaders of a sum; one that may be led by a constant is a bounded factor."""
    parts = [(each, leaders(each, base)) for each in expression.args]
    found = reduced_leaders([leader for _, own in parts for leader in own], base)
    if CONSTANT in found:
        found = (CONSTANT,)
    minus = {leader for each, own in parts if each.could_extract_minus_sign() for leader in own}
    plus = {leader for each, own in parts if not each.could_extract_minus_sign() for leader in own}
    if not minus & plus & set(found) or not _cancels(expression, found):
        return found
    spread = sp.expand(expression)
    if spread == expression:
        spread = sp.factor(expression)
        if isinstance(spread, sp.Add):
            raise ProblemError(
                f"the leading parts of {expression} may cancel, so its order is not known; simplify the coefficient"
            )
    return leaders(spread, base)


def _cancels(expression: sp.Expr, found: tuple[Leader, ...]) -> bool:
    """Return False when the constant that leads a sum is shown not to vanish, by its value with all levels and the step at 0."""
    if found != (CONSTANT,):
        return True
    at = {**dict.fromkeys(AT_MOST_ONE, sp.S.Zero), **{a: sp.Rational(17, 10), b: sp.Rational(19, 10), c: sp.S.One}}
    value = sp.N(expression.subs(at), 30)
    return not (value.is_number and value.is_finite and abs(value) > sp.Float("1e-20"))


def reduced_leaders(found: Iterable[Leader], base: Ground) -> tuple[Leader, ...]:
    """Return the leaders without those that another exceeds wherever they count, by the ranges of the symbols alone."""
    distinct = tuple(dict.fromkeys(found))
    return tuple(
        (chosen, where)
        for chosen, where in distinct
        if not any(other != chosen and there <= where and _below(chosen, other, base) for other, there in distinct)
    )


def _below(small: Form, large: Form, base: Ground) -> bool:
    """Return whether large - small is a nonnegative combination of the ranges of single symbols."""
    ranges = dict(base.ranges)
    return all(
        symbol in ranges and -1 not in possible_signs(exponent(value / ranges[symbol]), base.assumptions)
        for symbol, value in combine(large, small)
    )


def half_space(condition: sp.Expr, base: Ground) -> Form:
    """Return the linear form that is >= 0 where a difference of two orders is; constants do not matter."""
    terms = sp.Add.make_args(sp.expand(condition))
    above = [each for each in terms if not each.could_extract_minus_sign()]
    below = [-each for each in terms if each.could_extract_minus_sign()]
    sides = [reduced_leaders([leader for each in side for leader in leaders(each, base)], base) for side in (above, below)]
    if any(len(side) != 1 or side[0][1] for side in sides):
        raise ProblemError(f"the condition {condition} >= 0 is no comparison of two monomials; quantize one feature slot only")
    return combine(sides[0][0][0], sides[1][0][0])


def text(chosen: Form) -> str:
    """Return a form as the product of powers it stands for."""
    return str(sp.Mul(*(symbol**value for symbol, value in chosen)))
