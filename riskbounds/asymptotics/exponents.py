"""Exponents: the field Q(a, b) of rational functions in the spectrum exponent a and the source exponent b.

Every exponent of a law is an element of Q(a, b) in the form p/q that `sympy.cancel` gives, so equal
exponents are equal objects.  Floats are refused: 0.1 * 3 - 0.3 is 5.55e-17, and M**5.55e-17 is no law.
"""

from __future__ import annotations

import numbers
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

import sympy as sp
from sympy.core.relational import Relational

from riskbounds.errors import ProblemError, RiskboundsError
from riskbounds.problem.numbers import exact, shown
from riskbounds.symbols import a, b

PARAMETERS: tuple[sp.Symbol, sp.Symbol] = (a, b)
"""The generators of the field of exponents."""

Exponent: TypeAlias = sp.Expr | int | str | Fraction | Decimal
"""What is accepted where an exponent is wanted; floats are not."""


class Undecided(RiskboundsError):  # noqa: N818
    """A sign or a comparison is not the same everywhere under the assumptions; the message shows the cases."""


def exponent(value: Exponent) -> sp.Expr:
    """Return `value` as the canonical p/q of Q(a, b): an integer, a fraction, "3/2", "1.5", or an expression in a and b.

    Raises ProblemError for floats, for other symbols, and for what is not a rational function with rational coefficients.
    """
    if isinstance(value, sp.Rational):
        return value
    if isinstance(value, sp.Basic):
        return _canonical(value)
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Rational):
        raise ProblemError(f'the exponent {shown(value)} is a float; write it exactly, like "3/2", "1.5" or Rational(3, 2)')
    fraction = exact(value, "an exponent")
    return sp.Rational(fraction.numerator, fraction.denominator)


@lru_cache(maxsize=16384)
def _canonical(value: sp.Basic) -> sp.Expr:
    refuse_floats(value, "the exponent")
    others = sorted(str(symbol) for symbol in value.free_symbols - set(PARAMETERS))
    if others:
        raise ProblemError(f"the exponent {value} depends on {', '.join(others)}; exponents are functions of a and b alone")
    if not _is_rational(value):
        raise ProblemError(f"the exponent {value} is not a rational function of a and b with rational coefficients")
    return sp.cancel(value, *PARAMETERS)


def _is_rational(value: sp.Basic) -> bool:
    """Whether an expression is built from a, b and rational numbers by sums, products and whole powers."""
    if isinstance(value, sp.Pow):
        return bool(value.exp.is_Integer) and _is_rational(value.base)
    return (
        value in PARAMETERS
        or isinstance(value, sp.Rational)
        or (isinstance(value, sp.Add | sp.Mul) and all(map(_is_rational, value.args)))
    )


def refuse_floats(value: sp.Basic, what: str) -> None:
    """Raise ProblemError when an expression holds a Float, whose digits are not the number that was meant."""
    found = value.atoms(sp.Float)
    if found:
        worst = shown(float(min(found, key=str)))
        raise ProblemError(f'{what} {value} holds the float {worst}; write it exactly, like "3/2" or Rational(3, 2)')


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """The set of (a, b) in which statements hold: polynomials that are > 0, and polynomials that are = 0."""

    positive: tuple[sp.Expr, ...]
    zero: tuple[sp.Expr, ...] = ()

    def conditions(self) -> tuple[sp.Basic, ...]:
        """Return the assumptions as SymPy relations, unevaluated."""
        above = [_relation(each, 1) for each in self.positive]
        return (*above, *(_relation(each, 0) for each in self.zero))

    def __str__(self) -> str:
        """Return the relations, separated by commas."""
        return ", ".join(relation_text(each) for each in self.conditions())


DEFAULT = Assumptions(positive=(a - 1, b - 1))
"""a > 1 and b > 1: the spectrum and the signal are summable."""


def assume(*relations: sp.Basic | bool, base: Assumptions = DEFAULT) -> Assumptions:
    """Return `base` with further strict polynomial relations, such as b < a + 1 or Eq(b, a).

    Raises ProblemError for other relations (>= and <= among them: the set is open, ties are a case of their own).
    """
    positive, zero = list(base.positive), list(base.zero)
    for relation in relations:
        if relation in (True, sp.true):
            continue
        if isinstance(relation, sp.StrictGreaterThan | sp.StrictLessThan):
            numerator, denominator = sp.fraction(exponent(relation.gts - relation.lts))
            positive.append(sp.expand(numerator * denominator))
        elif isinstance(relation, sp.Equality):
            zero.append(sp.fraction(exponent(relation.lhs - relation.rhs))[0])
        else:
            raise ProblemError(
                f"the assumption {relation} must be a strict inequality or an equation between functions of a and b"
            )
    return Assumptions(positive=tuple(dict.fromkeys(positive)), zero=tuple(dict.fromkeys(zero)))


def _relation(polynomial: sp.Expr, sign: int) -> Relational:
    """Return polynomial > 0, = 0 or < 0 with positive coefficients on both sides, as one reads it."""
    terms = sp.Add.make_args(polynomial)
    right = sp.Add(*(-term for term in terms if term.could_extract_minus_sign()))
    left = polynomial + right
    if left.is_number and not right.is_number:
        left, right, sign = right, left, -sign
    return {1: sp.Gt, 0: sp.Eq, -1: sp.Lt}[sign](left, right, evaluate=False)


def relation(polynomial: sp.Expr, sign: int) -> Relational:
    """Return the unevaluated relation polynomial > 0 (sign 1), = 0 (sign 0) or < 0 (sign -1)."""
    return _relation(sp.expand(polynomial), sign)


def relation_text(found: Relational) -> str:
    """Return a relation as text: a = b + 1 for an equation."""
    return f"{found.lhs} = {found.rhs}" if isinstance(found, sp.Equality) else str(found)


def free_parameters(expressions: Iterable[sp.Expr]) -> tuple[sp.Symbol, ...]:
    """Return those of a and b that occur, in that order."""
    found = set().union(*(each.free_symbols for each in expressions))
    return tuple(symbol for symbol in PARAMETERS if symbol in found)
