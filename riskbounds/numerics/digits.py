"""Arbitrary precision without enclosure: object arrays of mpmath.mpf in a context of their own."""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from numbers import Rational

import flint
import mpmath
import numpy as np

from riskbounds.numerics.numbers import BLOCK_NAMES, Array, BlockMethods, Scalar, Value, by_name, fraction

_GUARD = 15  # decimal digits above those promised: sums of 10^6 terms and x^-a lose fewer


@dataclass(frozen=True)
class Digits(BlockMethods):
    """`digits` significant digits, kept by `_GUARD` more in every operation; mpmath.mp itself is never touched."""

    digits: int

    @property
    def label(self) -> str:
        """For example "50 digits"."""
        return f"{self.digits} digits"

    @cached_property
    def context(self) -> mpmath.MPContext:
        """The mpmath context of all values of this system."""
        context = mpmath.MPContext()
        context.dps = self.digits + _GUARD
        return context

    def working(self) -> AbstractContextManager[object]:
        """The precision belongs to the context of the values; set again only for the block."""
        manager: AbstractContextManager[object] = self.context.workdps(self.digits + _GUARD)
        return manager

    def number(self, value: Rational) -> Scalar:
        """An exact number, rounded once."""
        exact = fraction(value)
        return self.context.mpf(exact.numerator) / exact.denominator

    def from_float64(self, array: Array) -> Array:
        """Exact conversion of float64 values."""
        return np.asarray(_elementwise(lambda v: self.context.mpf(float(v)), array), dtype=object)[()]

    def from_ball(self, ball: flint.arb) -> Scalar:
        """The midpoint of a finite ball."""
        return self.context.mpf(str(ball.mid().str(self.digits + _GUARD, radius=False)))

    def power(self, base: Value, exponent: Rational | Scalar) -> Value:
        """base ** exponent."""
        if isinstance(exponent, Rational):
            exact = fraction(exponent)
            exponent = exact.numerator if exact.denominator == 1 else self.number(exact)
        return _elementwise(lambda b: b**exponent, base)

    def exp(self, value: Value) -> Value:
        """Exponential."""
        return _elementwise(self.context.exp, value)

    def log(self, value: Value) -> Value:
        """Natural logarithm."""
        return _elementwise(self.context.ln, value)

    def sqrt(self, value: Value) -> Value:
        """Square root."""
        return _elementwise(self.context.sqrt, value)

    def absolute(self, value: Value) -> Value:
        """Absolute value."""
        return _elementwise(abs, value)

    def maximum(self, a: Value, b: Value) -> Value:
        """Elementwise maximum."""
        return np.maximum(a, b)

    def minimum(self, a: Value, b: Value) -> Value:
        """Elementwise minimum."""
        return np.minimum(a, b)

    def gamma(self, value: Value) -> Value:
        """The Gamma function."""
        return _elementwise(self.context.gamma, value)

    def zeta(self, s: Value, start: Value = 1) -> Value:
        """The Hurwitz zeta function."""
        return _elementwise(self.context.zeta, s, start)

    def sum(self, array: Array, axis: int | None = None) -> Value:
        """Sum along an axis."""
        return np.add.reduce(np.asarray(array, dtype=object), axis=axis, initial=self.context.zero)

    def where(self, mask: Array, a: Value, b: Value) -> Array:
        """Elementwise choice."""
        return np.where(mask, np.asarray(a, dtype=object), np.asarray(b, dtype=object))

    def certainly_less_equal(self, a: Value, b: Value) -> Value:
        """Whether a <= b; like float64, without certainty."""
        return np.less_equal(a, b)

    def blocks_at(self, x: Value, N: Value, wanted: Collection[str] = BLOCK_NAMES) -> dict[str, Value]:
        """The wanted blocks to full precision, whatever N x."""
        names = tuple(wanted)
        if not names:
            return {}
        points = np.frompyfunc(lambda a, b: self._blocks(a, b, names), 2, 1)(x, N)
        return by_name(names, points)

    def _blocks(self, x: Scalar, N: Scalar, names: tuple[str, ...]) -> tuple[Scalar, ...]:
        """The blocks at one point, K with the bits added that N - 2G/x + W loses: its value is about (N x)^2 N/3."""
        context = self.context
        x, N = context.mpf(x), context.mpf(N)
        lost = 0
        if "K" in names and N not in (0, 1):
            lost = 2 * max(0, -context.mag(N * x)) + max(0, -context.mag(N - 1)) + 10
        with context.extraprec(lost):
            result = _elementary(context, x, N)
            return tuple(result[name]() for name in names)


def _elementary(context: mpmath.MPContext, x: Scalar, N: Scalar) -> dict[str, Callable[[], Scalar]]:
    """The definitions of `blocks`, with log1p and expm1."""
    learned = context.mpf(N != 0) if x == 1 else -context.expm1(N * context.log1p(-x))
    squares = learned * (2 - learned) / (x * (2 - x))
    return {
        "G": lambda: +learned,
        "g": lambda: learned / (N * x),
        "W": lambda: +squares,
        "K": lambda: context.zero if N in (0, 1) else N - 2 * learned / x + squares,
    }


def _elementwise(function: Callable[..., Scalar], *values: Value) -> Value:
    return np.frompyfunc(function, len(values), 1)(*values)
