"""Exact sums of roots and exponentials: the value of a term in which a root or an exponential is irrational.

sum c sqrt(d) e^q with rational c, q and whole d > 0: summands with one q are joined where the ratio of the d is a square.  What
remains is linearly independent over the rationals (roots: Besicovitch; exponentials over the algebraic numbers: Lindemann and
Weierstrass), so the number is zero only if there is no summand, and enough digits decide its sign.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, isqrt
from typing import Self

from flint import arb, ctx, fmpq

from riskbounds.errors import ProofError

#: A root and an exponential: (d, q) is sqrt(d) e^q.
Unit = tuple[int, Fraction]
ONE: Unit = (1, Fraction(0))


@dataclass(frozen=True, eq=False)
class Irrational:
    """A sum of c sqrt(d) e^q, as pairs ((d, q), c); never rational, for a rational sum is a fraction."""

    parts: tuple[tuple[Unit, Fraction], ...]

    def __add__(self, other: Exact | int) -> Exact:
        """Sum."""
        return collected((*self.parts, *pairs(other)))

    __radd__ = __add__

    def __neg__(self) -> Self:
        """Negative."""
        return type(self)(tuple((unit, -c) for unit, c in self.parts))

    def __sub__(self, other: Exact | int) -> Exact:
        """Difference."""
        return self + -other

    def __rsub__(self, other: Fraction | int) -> Exact:
        """Difference from a rational number."""
        return -self + other

    def __mul__(self, other: Exact | int) -> Exact:
        """Product: sqrt(d) sqrt(e) = g sqrt((d/g) (e/g)) with g = gcd(d, e)."""
        return collected(
            ((d // gcd(d, e) * (e // gcd(d, e)), q + r), a * b * gcd(d, e))
            for (d, q), a in self.parts
            for (e, r), b in pairs(other)
            if b
        )

    __rmul__ = __mul__

    def inverse(self) -> Exact:
        """1/self for one exponential and at most two roots: 1/(x + y) = (x - y)/(x^2 - y^2); raises ProofError for others."""
        (_, exponent), _ = self.parts[0]
        if len(self.parts) > 2 or any(q != exponent for (_, q), _ in self.parts):
            raise ProofError(f"the inverse of {self} is not computed")
        first, *rest = (((d, -q), c) for (d, q), c in self.parts)
        conjugate = collected((first, *((unit, -c) for unit, c in rest)))
        norm = first[0][0] * first[1] ** 2 - sum((d * c**2 for (d, _), c in rest), Fraction(0))
        return conjugate * (1 / norm)

    def __pow__(self, exponent: int) -> Exact:
        """Whole powers."""
        result: Exact = Fraction(1)
        base: Exact = self if exponent >= 0 else self.inverse()
        for _ in range(abs(exponent)):
            result = result * base
        return result

    def enclosure(self, bits: int) -> arb:
        """A ball that holds the number."""
        with ctx.workprec(bits):
            return sum((arb(_ball(c)) * arb(d).sqrt() * _ball(q).exp() for (d, q), c in self.parts), arb(0))

    @property
    def sign(self) -> int:
        """+1 or -1: digits are added until they decide."""
        bits = 128
        while 0 in (near := self.enclosure(bits)):
            bits *= 2
        return 1 if near > 0 else -1

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
        """Equal numbers may be written with different d, so the number of summands is all that can be hashed."""
        return hash((Irrational, len(self.parts)))

    def __abs__(self) -> Irrational:
        """Absolute value."""
        return self if self.sign > 0 else -self

    def __float__(self) -> float:
        """A float near the number."""
        return float(self.enclosure(128).mid())

    def __str__(self) -> str:
        """The sum in plain text."""
        return " + ".join(f"{c} sqrt({d}) e^({q})" for (d, q), c in self.parts)


Exact = Fraction | Irrational


def _ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def pairs(value: Exact | int) -> tuple[tuple[Unit, Fraction], ...]:
    """The summands of a number."""
    return value.parts if isinstance(value, Irrational) else ((ONE, Fraction(value)),)


def collected(summands: Iterable[tuple[Unit, Fraction]]) -> Exact:
    """The sum of c sqrt(d) e^q, summands whose ratio is rational as one."""
    found: dict[Unit, Fraction] = {ONE: Fraction(0)}
    for (d, q), c in summands:
        like = next((e for e, r in found if r == q and isqrt(d * e) ** 2 == d * e), None)
        if like is None:
            found[d, q] = c
        else:
            found[like, q] += c * Fraction(isqrt(d * like), like)
    parts = tuple((unit, c) for unit, c in found.items() if c)
    return found[ONE] if all(unit == ONE for unit, _ in parts) else Irrational(parts)


def order(value: Exact) -> int:
    """The sign of a number."""
    return value.sign if isinstance(value, Irrational) else (value > 0) - (value < 0)


def root(value: Exact) -> Exact:
    """The square root of a rational number >= 0; raises ProofError for others."""
    if isinstance(value, Irrational) or value < 0:
        raise ProofError(f"the root of {value} has no exact value")
    return collected([((value.numerator * value.denominator, Fraction(0)), Fraction(1, value.denominator))] if value else ())


def exponential(value: Exact) -> Exact:
    """e to a rational power; raises ProofError for others."""
    if isinstance(value, Irrational):
        raise ProofError(f"the exponential of {value} has no exact value")
    return collected([((1, value), Fraction(1))])
