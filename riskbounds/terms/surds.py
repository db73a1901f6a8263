"""Exact sums of square roots: what the value of a term is where a root of a rational number is irrational.

c_1 sqrt(d_1) + c_2 sqrt(d_2) + ... with rational c and whole numbers d, no two of which have a square as ratio: such roots are
linearly independent over the rationals, so the number is zero only if there is no summand, and enough digits decide its sign.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, isqrt
from typing import Self

from riskbounds.errors import ProofError


@dataclass(frozen=True, eq=False)
class Surd:
    """A sum of c sqrt(d), as pairs (d, c); irrational, for rational sums are fractions."""

    parts: tuple[tuple[int, Fraction], ...]

    def __add__(self, other: Exact | int) -> Exact:
        """Sum."""
        return collected((*self.parts, *pairs(other)))

    __radd__ = __add__

    def __neg__(self) -> Self:
        """Negative."""
        return type(self)(tuple((d, -c) for d, c in self.parts))

    def __sub__(self, other: Exact | int) -> Exact:
        """Difference."""
        return self + -other

    def __rsub__(self, other: Fraction | int) -> Exact:
        """Difference from a rational number."""
        return -self + other

    def __mul__(self, other: Exact | int) -> Exact:
        """Product: sqrt(d) sqrt(e) = g sqrt((d/g) (e/g)) with g = gcd(d, e)."""
        return collected(
            (d // gcd(d, e) * (e // gcd(d, e)), a * b * gcd(d, e)) for d, a in self.parts for e, b in pairs(other) if a * b
        )

    __rmul__ = __mul__

    def inverse(self) -> Exact:
        """1/self for at most two summands: 1/(p + q) = (p - q)/(p^2 - q^2); raises ProofError for more."""
        if len(self.parts) > 2:
            raise ProofError("the inverse of a sum of three roots is not computed")
        first, *rest = self.parts
        conjugate = collected((first, *((d, -c) for d, c in rest)))
        norm = first[0] * first[1] ** 2 - sum(d * c**2 for d, c in rest)
        return conjugate * (1 / norm)

    def __pow__(self, exponent: int) -> Exact:
        """Whole powers."""
        result: Exact = Fraction(1)
        base: Exact = self if exponent >= 0 else self.inverse()
        for _ in range(abs(exponent)):
            result = result * base
        return result

    @property
    def sign(self) -> int:
        """+1 or -1: digits are added until they decide."""
        shift = 64
        while True:
            near = sum((c * isqrt(d << 2 * shift) for d, c in self.parts), Fraction(0))
            if abs(near) > sum((abs(c) for _, c in self.parts), Fraction(0)):
                return 1 if near > 0 else -1
            shift *= 2

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
        return isinstance(other, Surd | Fraction | int) and not self - other

    def __hash__(self) -> int:
        """Equal numbers may be written with different d, so the number of summands is all that can be hashed."""
        return hash((Surd, len(self.parts)))

    def __abs__(self) -> Surd:
        """Absolute value."""
        return self if self.sign > 0 else -self

    def __float__(self) -> float:
        """The nearest float but for rounding in each summand."""
        return float(sum(c * Fraction(isqrt(d << 128), 1 << 64) for d, c in self.parts))

    def __str__(self) -> str:
        """The sum in plain text."""
        return " + ".join(f"{c} sqrt({d})" for d, c in self.parts)


Exact = Fraction | Surd


def pairs(value: Exact | int) -> tuple[tuple[int, Fraction], ...]:
    """The summands of a number."""
    return value.parts if isinstance(value, Surd) else ((1, Fraction(value)),)


def collected(summands: Iterable[tuple[int, Fraction]]) -> Exact:
    """The sum of c sqrt(d): roots whose ratio is rational become one."""
    found: dict[int, Fraction] = {1: Fraction(0)}
    for d, c in summands:
        like = next((e for e in found if isqrt(d * e) ** 2 == d * e), None)
        if like is None:
            found[d] = c
        else:
            found[like] += c * Fraction(isqrt(d * like), like)
    parts = tuple((d, c) for d, c in found.items() if c)
    return found[1] if not any(d != 1 for d, _ in parts) else Surd(parts)


def order(value: Exact) -> int:
    """The sign of a number."""
    return value.sign if isinstance(value, Surd) else (value > 0) - (value < 0)


def root(value: Exact) -> Exact:
    """The square root of a non-negative rational number; raises ProofError for others."""
    if isinstance(value, Surd) or value < 0:
        raise ProofError(f"the root of {value} has no exact value")
    return collected(((value.numerator * value.denominator, Fraction(1, value.denominator)),))
