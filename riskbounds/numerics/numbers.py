"""The protocol that every number system follows."""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from fractions import Fraction
from numbers import Rational
from typing import Any, Protocol, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
"""float64, or object holding mpmath.mpf or flint.arb."""

Scalar: TypeAlias = Any
"""float, mpmath.mpf or flint.arb, according to the system."""

Value: TypeAlias = Any
"""A Scalar or an Array of one system."""

BLOCK_NAMES = ("G", "g", "W", "K")


class Numbers(Protocol):
    """A number system: how to read exact numbers and how to compute with them, elementwise on broadcast arrays.

    `+ - * /` and integer powers are the operators of the scalars themselves. All of it, operators included, must run
    inside `with numbers.working():`, which sets the precision and restores it.
    """

    @property
    def label(self) -> str:
        """What a result of this system may be called: "float64", "50 digits" or "enclosed"."""
        ...

    def working(self) -> AbstractContextManager[object]:
        """Set this system's precision for the block, and restore it after."""
        ...

    def number(self, value: Rational) -> Scalar:
        """Convert an int, Fraction or SymPy Rational; exact up to the system's rounding."""
        ...

    def from_float64(self, array: Array) -> Array:
        """Convert float64 values exactly."""
        ...

    def power(self, base: Value, exponent: Rational | Scalar) -> Value:
        """base ** exponent; a rational exponent is never rounded to a float first."""
        ...

    def exp(self, value: Value) -> Value:
        """Exponential."""
        ...

    def log(self, value: Value) -> Value:
        """Natural logarithm."""
        ...

    def sqrt(self, value: Value) -> Value:
        """Square root."""
        ...

    def absolute(self, value: Value) -> Value:
        """Absolute value."""
        ...

    def maximum(self, a: Value, b: Value) -> Value:
        """Elementwise maximum."""
        ...

    def minimum(self, a: Value, b: Value) -> Value:
        """Elementwise minimum."""
        ...

    def gamma(self, value: Value) -> Value:
        """The Gamma function."""
        ...

    def zeta(self, s: Value, start: Value = 1) -> Value:
        """The Hurwitz zeta function sum_{i>=0} (start+i)^-s, continued; Riemann's for start = 1."""
        ...

    def sum(self, array: Array, axis: int | None = None) -> Value:
        """Sum along an axis (None: of everything)."""
        ...

    def where(self, mask: Array, a: Value, b: Value) -> Array:
        """Elementwise choice."""
        ...

    def certainly_less_equal(self, a: Value, b: Value) -> Value:
        """Whether a <= b, true only if it is so for every number the two values may stand for."""
        ...

    def blocks_at(self, x: Value, N: Value, wanted: Collection[str] = BLOCK_NAMES) -> dict[str, Value]:
        """The wanted blocks among G, g, W, K (see `blocks`) at 0 < x <= 1, N >= 0, sharing their common work."""
        ...

    def G(self, x: Value, N: Value) -> Value:
        """1 - (1-x)^N."""
        ...

    def g(self, x: Value, N: Value) -> Value:
        """G / (N x)."""
        ...

    def W(self, x: Value, N: Value) -> Value:
        """(1 - (1-x)^(2N)) / (x (2-x))."""
        ...

    def K(self, x: Value, N: Value) -> Value:
        """N - 2 G / x + W."""
        ...


class BlockMethods:
    """G, g, W and K one at a time, from `blocks_at`."""

    blocks_at: Callable[..., dict[str, Value]]

    def G(self, x: Value, N: Value) -> Value:
        """1 - (1-x)^N."""
        return self.blocks_at(x, N, ("G",))["G"]

    def g(self, x: Value, N: Value) -> Value:
        """G / (N x)."""
        return self.blocks_at(x, N, ("g",))["g"]

    def W(self, x: Value, N: Value) -> Value:
        """(1 - (1-x)^(2N)) / (x (2-x))."""
        return self.blocks_at(x, N, ("W",))["W"]

    def K(self, x: Value, N: Value) -> Value:
        """N - 2 G / x + W."""
        return self.blocks_at(x, N, ("K",))["K"]


def by_name(names: tuple[str, ...], points: Value) -> dict[str, Value]:
    """Values per name, from one tuple or an array of tuples of values in the order of the names."""
    if isinstance(points, tuple):
        return dict(zip(names, points, strict=True))
    return {name: np.frompyfunc(lambda p, n=n: p[n], 1, 1)(points) for n, name in enumerate(names)}


def fraction(value: Rational) -> Fraction:
    """An int, Fraction or SymPy Rational as a Fraction."""
    return Fraction(int(value.numerator), int(value.denominator))
