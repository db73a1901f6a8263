"""Float64 arithmetic on NumPy arrays, with building blocks accurate to a few units in the last place."""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from math import factorial
from numbers import Rational
from typing import SupportsFloat

import mpmath
import numpy as np

from riskbounds.errors import UnsupportedError
from riskbounds.numerics.numbers import BLOCK_NAMES, Array, BlockMethods, Value, fraction

_CHUNK = 1 << 15  # elements per pass: the temporaries of `_blocks` stay in the cache
_SMALL_N = 8  # up to here K is summed directly
_EXACT = mpmath.MPContext()
_EXACT.prec = 90


@dataclass(frozen=True, kw_only=True)
class Floats(BlockMethods):
    """IEEE double precision. Certifies nothing: `certainly_less_equal` is the plain comparison."""

    label = "float64"

    def working(self) -> AbstractContextManager[object]:
        """Division by zero and overflow give inf or nan silently: validity is a hypothesis, checked elsewhere."""
        return np.errstate(all="ignore")

    def number(self, value: Rational) -> float:
        """The nearest float64; UnsupportedError if there is none."""
        try:
            return float(fraction(value))
        except OverflowError:
            raise UnsupportedError("a number exceeds 1.8e308, the range of float64; use --digits") from None

    def from_float64(self, array: Array) -> Array:
        """The array itself."""
        return np.asarray(array, dtype=np.float64)

    def power(self, base: Value, exponent: Rational | float) -> Value:
        """base ** exponent."""
        if isinstance(exponent, Rational):
            exponent = self.number(exponent)
        return np.power(base, exponent, dtype=np.float64)

    def exp(self, value: Value) -> Value:
        """Exponential."""
        return np.exp(value)

    def log(self, value: Value) -> Value:
        """Natural logarithm."""
        return np.log(value)

    def sqrt(self, value: Value) -> Value:
        """Square root."""
        return np.sqrt(value)

    def absolute(self, value: Value) -> Value:
        """Absolute value."""
        return np.abs(value)

    def maximum(self, a: Value, b: Value) -> Value:
        """Elementwise maximum."""
        return np.maximum(a, b)

    def minimum(self, a: Value, b: Value) -> Value:
        """Elementwise minimum."""
        return np.minimum(a, b)

    def gamma(self, value: Value) -> Value:
        """The Gamma function, correctly rounded."""
        return _elementwise(_EXACT.gamma, value)

    def zeta(self, s: Value, start: Value = 1) -> Value:
        """The Hurwitz zeta function, correctly rounded."""
        return _elementwise(_EXACT.zeta, s, start)

    def sum(self, array: Array, axis: int | None = None) -> Value:
        """Sum along an axis, pairwise."""
        return np.sum(array, axis=axis)

    def where(self, mask: Array, a: Value, b: Value) -> Array:
        """Elementwise choice."""
        return np.where(mask, np.asarray(a), np.asarray(b))

    def certainly_less_equal(self, a: Value, b: Value) -> Value:
        """Whether a <= b."""
        return np.less_equal(a, b)

    def blocks_at(self, x: Value, N: Value, wanted: Collection[str] = BLOCK_NAMES) -> dict[str, Value]:
        """The wanted blocks, relative error a few 1e-15; nan outside 0 < x <= 1."""
        x, N = np.asarray(x, dtype=np.float64), np.asarray(N, dtype=np.float64)
        with np.errstate(all="ignore"):
            rate = -np.log1p(-x)  # at the shape of x, usually far smaller than the grid
            shape = np.broadcast_shapes(x.shape, N.shape)
            if len(shape) < 2 or int(np.prod(shape)) <= _CHUNK:
                return {name: value[()] for name, value in _blocks(x, N, rate, wanted).items()}
            out = {name: np.empty(shape) for name in wanted}
            x, N, rate = (np.broadcast_to(v, shape) for v in (x, N, rate))
            rows = max(1, _CHUNK * shape[0] // int(np.prod(shape)))
            for start in range(0, shape[0], rows):
                part = slice(start, start + rows)
                for name, value in _blocks(x[part], N[part], rate[part], wanted).items():
                    out[name][part] = value
        return out


def _elementwise(function: Callable[..., SupportsFloat], *values: Value) -> Value:
    """A scalar mpmath function on float64 arrays."""
    arrays = np.broadcast_arrays(*values)
    result = [float(function(*point)) for point in zip(*(a.ravel().tolist() for a in arrays), strict=True)]
    return np.asarray(result, dtype=np.float64).reshape(arrays[0].shape)[()]


def _blocks(x: Array, N: Array, rate: Array, wanted: Collection[str]) -> dict[str, Array]:
    """The wanted blocks from u = N rate, rate = -log(1-x): G = 1 - exp(-u), W = G (2-G)/(x (2-x))."""
    u = np.asarray(N * rate)
    if np.any(N == 0):
        u = np.where(N == 0, 0.0, u)  # x = 1: 0 * inf
    learned = -np.expm1(-u)
    result = {}
    if "G" in wanted:
        result["G"] = learned
    if "g" in wanted:
        result["g"] = learned / (N * x)
    if "W" in wanted or "K" in wanted:
        squares = learned * (2 - learned) / (x * (2 - x))
        if "W" in wanted:
            result["W"] = squares
        if "K" in wanted:
            result["K"] = _noise(x, N, rate, u, learned, squares)
    return result


def _noise(x: Array, N: Array, rate: Array, u: Array, learned: Array, squares: Array) -> Array:
    """K = N - 2G/x + W where u > 1, otherwise without cancellation."""
    result = np.asarray(N - 2 * (learned / x) + squares)
    short = (N <= _SMALL_N) & (np.floor(N) == N)
    mask = (u <= 1) & (rate <= 0.25)
    if short.any():
        mask &= ~short
        _fill(result, np.broadcast_to(short, u.shape), _short_noise, x, N)
    _fill(result, mask, _series_noise, N, rate, u, learned)
    return result


def _fill(result: Array, mask: Array, function: Callable[..., Array], *arguments: Array) -> None:
    """result[mask] = function(arguments there)."""
    if mask.all():
        result[...] = function(*arguments)
    elif mask.any():
        result[mask] = function(*(np.broadcast_to(a, mask.shape)[mask] for a in arguments))


def _short_noise(x: Array, N: Array) -> Array:
    """sum_{s<N} (1 - (1-x)^s)^2 for whole N <= 8, term by term."""
    total, term = np.zeros(np.broadcast_shapes(x.shape, N.shape)), x
    for s in range(1, _SMALL_N):
        total += np.where(s < N, term * term, 0.0)
        term = term + x * (1 - term)
    return total


# u - 2(1-e^-u) + (1-e^-2u)/2 = u^3 sum_n (2 - 2^(n-1)) (-1)^n u^(n-3)/n!, u <= 1: 22 terms leave 1e-18.
_CURVE = [float(Fraction((-1) ** n * (2 - 2 ** (n - 1)), factorial(n))) for n in range(3, 25)]
_BERNOULLI = [Fraction(n, d) for n, d in ((1, 6), (-1, 30), (1, 42), (-1, 30), (5, 66), (-691, 2730))]
# 1/(1-e^-r) = 1/r + 1/2 + beta(r), beta(r) = sum_k B_2k r^(2k-1)/(2k)!
_BETA = [float(b / factorial(2 * k)) for k, b in enumerate(_BERNOULLI, start=1)]


def _polynomial(coefficients: list[float], z: Array) -> Array:
    """Horner's rule in place."""
    total = np.full_like(z, coefficients[-1])
    for c in reversed(coefficients[:-1]):
        total *= z
        total += c
    return total


def _series_noise(N: Array, rate: Array, u: Array, learned: Array) -> Array:
    """K = curve(u)/rate - G^2 (1/2 + beta(2 rate)) + 2 G (beta(2 rate) - beta(rate)), curve(u) = int_0^u (1-e^-v)^2 dv.

    The first term is the integral that the sum K discretises; no difference here loses more than a factor 5.
    """
    square = rate * rate
    single = rate * _polynomial(_BETA, square)
    double = 2 * rate * _polynomial(_BETA, 4 * square)
    integral = N * u * u * _polynomial(_CURVE, u)
    return np.asarray(integral - learned * (learned * (0.5 + double) - 2 * (double - single)))
