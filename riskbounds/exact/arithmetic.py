"""The few operations beyond + - * / that the exact risk needs, in float64 and in Arb's ball arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias, cast

import flint
import numpy as np
import numpy.typing as npt

from riskbounds.exact.model import Array, Real

ComplexArray: TypeAlias = npt.NDArray[np.complex128]


class Arithmetic(Protocol):
    """A number system: powers (1-x)^n without cancellation, complex exponentials, and Talbot's angles."""

    def missing_power(self, x: Array, steps: Real) -> Array:
        """1 - (1-x)^steps elementwise; steps is an integer wherever x > 1."""

    def exponential_gap(self, s: ComplexArray) -> ComplexArray:
        """e^s - 1 elementwise."""

    def angles(self, count: int) -> Array:
        """pi (2k-1)/count, k = 1 .. count/2."""

    def cotangent(self, angle: Array) -> Array:
        """Elementwise cotangent."""

    def complex(self, real: Array, imag: Array) -> ComplexArray:
        """Elementwise real + i imag."""

    def real_part(self, value: ComplexArray) -> Array:
        """Elementwise real part."""

    def exact(self, value: float) -> Real:
        """A decimal constant of the contour, or a number of steps."""


class Floats:
    """float64."""

    def missing_power(self, x: Array, steps: Real) -> Array:
        """1 - (1-x)^steps through expm1 and log1p."""
        with np.errstate(divide="ignore"):
            power = np.expm1(steps * np.log1p(-np.minimum(x, 1.0)))
        if np.any(x > 1):
            power = np.where(x > 1, (-1.0) ** int(steps) * np.abs(1 - x) ** steps - 1, power)
        return cast(Array, -power)

    def exponential_gap(self, s: ComplexArray) -> ComplexArray:
        """expm1."""
        return cast(ComplexArray, np.expm1(s))

    def angles(self, count: int) -> Array:
        """pi (2k-1)/count."""
        return np.pi * (2 * np.arange(1, count // 2 + 1) - 1) / count

    def cotangent(self, angle: Array) -> Array:
        """1/tan."""
        return 1 / np.tan(angle)

    def complex(self, real: Array, imag: Array) -> ComplexArray:
        """real + i imag."""
        return real + 1j * imag

    def real_part(self, value: ComplexArray) -> Array:
        """.real."""
        return value.real

    def exact(self, value: float) -> Real:
        """The number itself."""
        return float(value)


def _each(function: Callable[..., object], *arrays: object) -> Array:
    return cast(Array, np.frompyfunc(function, len(arrays), 1)(*arrays))


class Balls:
    """Arb balls at the precision of flint.ctx; arrays have dtype object."""

    def missing_power(self, x: Array, steps: Real) -> Array:
        """1 - (1-x)^steps; by squaring where the ball of 1-x touches zero or is negative."""

        def missing(contraction: flint.arb) -> flint.arb:
            if contraction < 1:
                return -(steps * (-contraction).log1p()).expm1()
            return 1 - (1 - contraction) ** cast(flint.fmpz, cast(flint.arb, steps).unique_fmpz())

        return _each(missing, x)

    def exponential_gap(self, s: ComplexArray) -> ComplexArray:
        """expm1."""
        return cast(ComplexArray, _each(lambda value: value.expm1(), s))

    def angles(self, count: int) -> Array:
        """pi (2k-1)/count."""
        return _each(lambda k: flint.arb.pi() * int(k) / count, np.arange(1, count, 2))

    def cotangent(self, angle: Array) -> Array:
        """cot."""
        return _each(lambda value: value.cot(), angle)

    def complex(self, real: Array, imag: Array) -> ComplexArray:
        """acb(real, imag)."""
        return cast(ComplexArray, _each(flint.acb, real, imag))

    def real_part(self, value: ComplexArray) -> Array:
        """.real."""
        return _each(lambda entry: entry.real, value)

    def exact(self, value: float) -> Real:
        """The exact binary value as a ball of radius zero."""
        return cast(Real, flint.arb(value))
