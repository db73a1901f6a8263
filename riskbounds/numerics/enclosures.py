"""Rigorous ball arithmetic: object arrays of flint.arb (Arb), every one containing the number it stands for."""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from numbers import Rational

import flint
import numpy as np
from flint import arb, fmpq, fmpz

from riskbounds.numerics.numbers import BLOCK_NAMES, Array, BlockMethods, Value, by_name, fraction


@dataclass(frozen=True)
class Enclosures(BlockMethods):
    """Balls computed at `bits` bits; the radius grows with the operations, the enclosure never fails."""

    bits: int = 192
    label = "enclosed"

    def working(self) -> AbstractContextManager[object]:
        """Set python-flint's global precision for the block, and restore it after."""
        manager: AbstractContextManager[object] = flint.ctx.workprec(self.bits)
        return manager

    def number(self, value: Rational) -> arb:
        """The ball of an exact rational."""
        exact = fraction(value)
        with self.working():
            return arb(fmpq(exact.numerator, exact.denominator))

    def from_float64(self, array: Array) -> Array:
        """Exact balls of float64 values."""
        return np.asarray(_elementwise(lambda v: arb(float(v)), array), dtype=object)[()]

    def power(self, base: Value, exponent: Rational | arb) -> Value:
        """base ** exponent; square roots and integer powers also where the base may be 0."""
        if not isinstance(exponent, Rational):
            return _elementwise(lambda b: _real_power(b, exponent), base)
        exact = fraction(exponent)
        top = fmpz(exact.numerator)
        if exact.denominator == 1:
            return _elementwise(lambda b: b**top, base)
        if exact.denominator == 2:
            return _elementwise(lambda b: b.sqrt() ** top, base)
        ball = self.number(exact)
        return _elementwise(lambda b: _real_power(b, ball), base)

    def exp(self, value: Value) -> Value:
        """Exponential."""
        return _elementwise(arb.exp, value)

    def log(self, value: Value) -> Value:
        """Natural logarithm."""
        return _elementwise(arb.log, value)

    def sqrt(self, value: Value) -> Value:
        """Square root."""
        return _elementwise(arb.sqrt, value)

    def absolute(self, value: Value) -> Value:
        """Absolute value."""
        return _elementwise(abs, value)

    def maximum(self, a: Value, b: Value) -> Value:
        """Elementwise maximum."""
        return _elementwise(arb.max, a, b)

    def minimum(self, a: Value, b: Value) -> Value:
        """Elementwise minimum."""
        return _elementwise(arb.min, a, b)

    def gamma(self, value: Value) -> Value:
        """The Gamma function."""
        return _elementwise(arb.gamma, value)

    def zeta(self, s: Value, start: Value = 1) -> Value:
        """The Hurwitz zeta function."""
        return _elementwise(lambda s, a: arb(s).zeta(arb(a)), s, start)

    def sum(self, array: Array, axis: int | None = None) -> Value:
        """Sum along an axis."""
        return np.add.reduce(np.asarray(array, dtype=object), axis=axis, initial=arb(0))

    def where(self, mask: Array, a: Value, b: Value) -> Array:
        """Elementwise choice by a mask that is known with certainty."""
        return np.where(mask, np.asarray(a, dtype=object), np.asarray(b, dtype=object))

    def certainly_less_equal(self, a: Value, b: Value) -> Value:
        """Whether a <= b for every choice of numbers from the two balls."""
        return _elementwise(lambda a, b: bool(arb(a) <= arb(b)), a, b)

    def blocks_at(self, x: Value, N: Value, wanted: Collection[str] = BLOCK_NAMES) -> dict[str, Value]:
        """The wanted blocks; for whole N the relative radius is at most about twice that of x."""
        names = tuple(wanted)
        if not names:
            return {}
        points = np.frompyfunc(lambda a, b: enclose_blocks(arb(a), arb(b), names, self.bits), 2, 1)(x, N)
        return by_name(names, points)


def _elementwise(function: Callable[..., object], *values: Value) -> Value:
    return np.frompyfunc(function, len(values), 1)(*values)


def enclose_blocks(x: arb, N: arb, names: tuple[str, ...], bits: int) -> tuple[arb, ...]:
    """Enclose the blocks at one point, in the order of the names.

    For whole N and [low, high] in (0, 1]: W and g are nonincreasing and x W, x g nondecreasing; G and K are
    nondecreasing and G/x, K/x^2 nonincreasing (K is a sum of (1-(1-x)^s)^2, and (1-(1-x)^s)/x a sum of (1-x)^j).
    So the value at the midpoint m, computed tightly, is off by a factor of at most m/low, for K (m/low)^2.
    """
    outer = flint.ctx.prec
    try:
        low, middle = x.lower(), x.mid()
        proper = bool(low > 0) and bool(x <= 1) and bool(N.is_integer()) and bool(N >= 0)
        flint.ctx.prec = bits + 10 + (_lost(middle, N) if "K" in names and low > 0 else 0)
        values = _definitions(middle if proper else x, N, names)
        flint.ctx.prec = bits
        if proper and not x.is_exact():
            once = arb(0, (middle - low) / low)
            twice = arb(0, ((middle / low) ** 2 - 1).upper())
            values = tuple(v * (1 + (twice if n == "K" else once)) for n, v in zip(names, values, strict=True))
        values = tuple(v + 0 for v in values)
    finally:
        flint.ctx.prec = outer
    return values


def _lost(x: arb, N: arb) -> int:
    """Bits lost in N - 2G/x + W, whose value is about N (N x)^2/3."""
    magnitude = 0
    for factor in (x.mid(), N.mid()):
        mantissa, exponent = factor.man_exp()
        magnitude += int(abs(mantissa)).bit_length() + int(exponent)
    return max(0, -3 * magnitude) + 10


def _power_near_zero(base: arb, N: arb) -> arb:
    """base^N for a base that may be 0 or negative: a ball around 0, nan unless N is whole and |base| < 1."""
    bound = base.abs_upper()
    if not (N.is_integer() and N >= 1 and bound < 1):
        return arb.nan()
    return arb(0, (N * bound.log()).exp().upper()) if bound > 0 else arb(0)


def _definitions(x: arb, N: arb, names: tuple[str, ...]) -> tuple[arb, ...]:
    """The definitions of `blocks`, with log1p and expm1; powers where 1-x may be 0 or negative."""
    if N == 0:
        learned = arb(0)
    elif x < 1:
        learned = -(N * (-x).log1p()).expm1()
    else:
        learned = 1 - _power_near_zero(1 - x, N)
    squares = learned * (2 - learned) / (x * (2 - x))
    result = {"G": learned, "W": squares}
    if "g" in names:
        result["g"] = learned / (N * x)
    if "K" in names:
        result["K"] = arb(0) if N == 1 or N == 0 else N - 2 * learned / x + squares
    return tuple(result[name] for name in names)


def _real_power(base: arb, exponent: arb) -> arb:
    """base ** exponent for base >= 0; a ball that straddles 0 gives [0, upper ** exponent] for a positive exponent."""
    if base > 0 or not (base.is_finite() and exponent > 0 and base.upper() >= 0):
        return base**exponent
    top = base.upper()
    return arb(0) if top == 0 else arb(0).union(top**exponent)
