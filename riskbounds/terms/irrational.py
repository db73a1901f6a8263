"""Exact numbers beyond the rational ones: what the value of a term is where a square root or a power of e is irrational.

A number is a quotient of sums c_1 sqrt(d_1) e^k_1 + c_2 sqrt(d_2) e^k_2 + ... with rational c and k and whole numbers d, where no
two summands with the same k have roots whose ratio is rational.  Such roots are linearly independent over the rationals, and
different powers of e over all algebraic numbers (Lindemann-Weierstrass), so a sum is zero only if it has no summand, and enough
digits decide its sign.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, isqrt
from typing import Self

import flint

from riskbounds.errors import ProofError
from riskbounds.numerics.tails import ball

#: sqrt(d) e^k as (d, k).
Unit = tuple[int, Fraction]
Sum = tuple[tuple[Unit, Fraction], ...]
RATIONAL: Unit = (1, Fraction(0))
ONE: Sum = ((RATIONAL, Fraction(1)),)


@dataclass(frozen=True, eq=False)
class Irrational:
    """A sum of c sqrt(d) e^k, as pairs ((d, k), c), over another one with two summands or more, or over 1."""

    parts: Sum
    under: Sum = ONE

    def __add__(self, other: Exact | int) -> Exact:
        """Sum."""
        above, under = quotient(other)
        if under == self.under:
            return divided(collected((*self.parts, *above)), under)
        return divided(collected((*times(self.parts, under), *times(above, self.under))), times(self.under, under))

    __radd__ = __add__

    def __neg__(self) -> Self:
        """Negative."""
        return type(self)(tuple((unit, -c) for unit, c in self.parts), self.under)

    def __sub__(self, other: Exact | int) -> Exact:
        """Difference."""
        return self + -other

    def __rsub__(self, other: Fraction | int) -> Exact:
        """Difference from a rational number."""
        return -self + other

    def __mul__(self, other: Exact | int) -> Exact:
        """Product."""
        above, under = quotient(other)
        return divided(times(self.parts, above), times(self.under, under))

    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> Exact:
        """Whole powers."""
        result: Exact = Fraction(1)
        base: Exact = self if exponent >= 0 else divided(self.under, self.parts)
        for _ in range(abs(exponent)):
            result = result * base
        return result

    @property
    def sign(self) -> int:
        """+1 or -1."""
        return sign(self.parts) * sign(self.under)

    def __lt__(self, other: Exact | int) -> bool:
        """Order."""
        return order(self - other) < 0

    def __le__(self, other: Exact | int) -> bool:
        """Order."""
        return order(self - other) <= 0

    def __gt__(self, other: Exact | int) -> bool:
        """Order."""
        return order(self - other) > 0

    def __ge__(self, other: Exact | int) -> bool:
        """Order."""
        return order(self - other) >= 0

    def __eq__(self, other: object) -> bool:
        """Equality of values."""
        return isinstance(other, Irrational | Fraction | int) and not self - other

    def __hash__(self) -> int:
        """Equal numbers may be written in many ways, so nothing of them can be hashed."""
        return hash(Irrational)

    def __abs__(self) -> Irrational:
        """Absolute value."""
        return self if self.sign > 0 else -self

    def __float__(self) -> float:
        """The nearest float but for the last digits."""
        return float(enclosed(self.parts, 128) / enclosed(self.under, 128))

    def __str__(self) -> str:
        """The sum in plain text."""
        above, under = (" + ".join(f"{c} sqrt({d}) e^({k})" for (d, k), c in each) for each in (self.parts, self.under))
        return above if self.under == ONE else f"({above})/({under})"


Exact = Fraction | Irrational


def quotient(value: Exact | int) -> tuple[Sum, Sum]:
    """Numerator and denominator as sums."""
    return (value.parts, value.under) if isinstance(value, Irrational) else (collected([(RATIONAL, Fraction(value))]), ONE)


def collected(summands: Iterable[tuple[Unit, Fraction]]) -> Sum:
    """The sum of c sqrt(d) e^k: those with the same k whose roots have a rational ratio become one."""
    found: dict[Unit, Fraction] = {}
    for (d, k), c in summands:
        like = next((e for e, m in found if m == k and isqrt(d * e) ** 2 == d * e), None)
        if like is None:
            found[d, k] = c
        else:
            found[like, k] += c * Fraction(isqrt(d * like), like)
    return tuple((unit, c) for unit, c in found.items() if c)


def times(left: Sum, right: Sum) -> Sum:
    """Product: sqrt(d) sqrt(e) = g sqrt((d/g) (e/g)) with g = gcd(d, e)."""
    return collected(((d // gcd(d, e) * (e // gcd(d, e)), k + m), a * b * gcd(d, e)) for (d, k), a in left for (e, m), b in right)


def divided(above: Sum, under: Sum) -> Exact:
    """The quotient of two sums; a denominator of one summand is divided out.

    Raises ZeroDivisionError if the denominator is zero.
    """
    if not under:
        raise ZeroDivisionError("division by a sum that is zero")
    if len(under) == 1 and under != ONE:
        (((d, k), c),) = under
        above, under = times(above, (((d, -k), 1 / (c * d)),)), ONE
    if not above:
        return Fraction(0)
    if above == under:
        return Fraction(1)
    rational = under == ONE and len(above) == 1 and isqrt(above[0][0][0]) ** 2 == above[0][0][0] and not above[0][0][1]
    return above[0][1] * isqrt(above[0][0][0]) if rational else Irrational(above, under)


def enclosed(value: Sum, bits: int) -> flint.arb:
    """The sum as a ball."""
    with flint.ctx.workprec(bits):
        return sum((ball(c) * ball(d).sqrt() * ball(k).exp() for (d, k), c in value), flint.arb(0))


def sign(value: Sum) -> int:
    """The sign of a sum that is not zero: digits are added until they decide."""
    bits = 64
    while (near := enclosed(value, bits)).contains(0):
        bits *= 2
    return 1 if near > 0 else -1


def order(value: Exact) -> int:
    """The sign of a number."""
    return value.sign if isinstance(value, Irrational) else (value > 0) - (value < 0)


def root(value: Exact) -> Exact:
    """The square root of a non-negative rational number; raises ProofError for others."""
    if isinstance(value, Irrational) or value < 0:
        raise ProofError(f"the root of {value} has no exact value")
    return divided(collected([((value.numerator * value.denominator, Fraction(0)), Fraction(1, value.denominator))]), ONE)


def exponential(value: Exact) -> Exact:
    """e to a rational number; raises ProofError for others."""
    if isinstance(value, Irrational):
        raise ProofError(f"e to {value} has no exact value")
    return divided((((1, value), Fraction(1)),), ONE)
