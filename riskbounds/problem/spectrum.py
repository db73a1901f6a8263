"""Spectra lam_1 >= lam_2 >= ... > 0 of the data covariance H: parameters only, the formulas are in riskbounds.model."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from riskbounds.errors import ProblemError
from riskbounds.problem.data import Data
from riskbounds.problem.frozen import assign
from riskbounds.problem.numbers import Number, count, real, reals

INFINITE: Final = None
"""The dimension of an infinite-dimensional problem; problem files write "infinite"."""

DIMENSION_LIMIT = 10**7
"""Largest finite dimension: beyond it write "infinite" or use a sketch of a smaller problem."""

EXPLICIT_LIMIT = 10**6
"""Largest number of explicit eigenvalues or target coordinates."""

_SMALLEST_LOG = -300 * math.log(10)


def dimension_of(value: object) -> int | None:
    """Return a dimension: an integer in 1 .. DIMENSION_LIMIT, or INFINITE (None or "infinite")."""
    if value is None or value == "infinite":
        return INFINITE
    if isinstance(value, str) and not value.strip().isdigit():
        raise ProblemError(f'problem.spectrum.dimension = {value!r} must be an integer >= 1 or "infinite"')
    return count(value, "problem.spectrum.dimension", most=DIMENSION_LIMIT)


def _refuse_underflow(smallest_log: float) -> None:
    if smallest_log < _SMALLEST_LOG:
        raise ProblemError("problem.spectrum: the smallest eigenvalue is below 1e-300; lower its dimension")


@dataclass(frozen=True, init=False)
class PowerLaw:
    """lam_i = scale i^-exponent, i = 1 .. dimension (theory.md section 1); exponent > 1, scale > 0.

    Raises ProblemError when a parameter is out of range or the smallest eigenvalue is below 1e-300.
    """

    exponent: Fraction
    dimension: int | None
    scale: Fraction

    def __init__(self, *, exponent: Number, dimension: int | float | str | None, scale: Number = 1) -> None:
        """Read the parameters exactly and check them."""
        a = real(exponent, "problem.spectrum.exponent", above=1)
        c = real(scale, "problem.spectrum.scale", above=0)
        p = dimension_of(dimension)
        if p is not None:
            _refuse_underflow(math.log(c) - float(a) * math.log(p))
        assign(self, exponent=a, dimension=p, scale=c)


@dataclass(frozen=True, init=False)
class LogPowerLaw:
    """lam_i = scale / (i log(i+1)^exponent), i = 1 .. dimension (theory.md section 1); exponent > 1, scale > 0.

    Raises ProblemError when a parameter is out of range or an eigenvalue leaves 1e-300 .. 1e300.
    """

    exponent: Fraction
    dimension: int | None
    scale: Fraction

    def __init__(self, *, exponent: Number, dimension: int | float | str | None, scale: Number = 1) -> None:
        """Read the parameters exactly and check them."""
        a = real(exponent, "problem.spectrum.exponent", above=1)
        c = real(scale, "problem.spectrum.scale", above=0)
        p = dimension_of(dimension)
        if math.log(c) - float(a) * math.log(math.log(2)) > -_SMALLEST_LOG:
            raise ProblemError("problem.spectrum.exponent makes the largest eigenvalue exceed 1e300; lower it")
        if p is not None:
            _refuse_underflow(math.log(c) - math.log(p) - float(a) * math.log(math.log(p + 1)))
        assign(self, exponent=a, dimension=p, scale=c)


@dataclass(frozen=True, init=False)
class Exponential:
    """lam_i = scale exp(-rate (i-1)), i = 1 .. dimension (theory.md section 1); rate > 0, scale > 0.

    Raises ProblemError when a parameter is out of range or the smallest eigenvalue is below 1e-300.
    """

    rate: Fraction
    dimension: int | None
    scale: Fraction

    def __init__(self, *, rate: Number, dimension: int | float | str | None, scale: Number = 1) -> None:
        """Read the parameters exactly and check them."""
        r = real(rate, "problem.spectrum.rate", above=0)
        c = real(scale, "problem.spectrum.scale", above=0)
        p = dimension_of(dimension)
        if p is not None:
            _refuse_underflow(math.log(c) - float(r) * (p - 1))
        assign(self, rate=r, dimension=p, scale=c)


@dataclass(frozen=True, init=False)
class Explicit:
    """Eigenvalues given one by one, all > 0, in any order; `values` holds them in decreasing order.

    `order` is the permutation: values[i] was given in place order[i]; an explicit target follows its eigenvalues.
    Raises ProblemError when the list is empty, too long, or holds something that is not a positive number.
    """

    values: tuple[Fraction, ...]
    order: tuple[int, ...]

    def __init__(self, values: Iterable[Number]) -> None:
        """Read the eigenvalues exactly and sort them (ties keep the order in which they were given)."""
        given = reals(values, "problem.spectrum.values", most=EXPLICIT_LIMIT)
        bad = next((place for place, value in enumerate(given) if value <= 0), None)
        if bad is not None:
            value = float(given[bad])
            raise ProblemError(f"problem.spectrum.values[{bad}] = {value} must be > 0; leave out zero eigenvalues")
        # rounding to float keeps the order, so that exact numbers are compared only where floats tie
        keys = [(-float(value), -value, place) for place, value in enumerate(given)]
        order = tuple(place for _, _, place in sorted(keys))
        assign(self, values=tuple(given[place] for place in order), order=order)

    @property
    def dimension(self) -> int:
        """Number of eigenvalues."""
        return len(self.values)

    @property
    def given(self) -> tuple[Fraction, ...]:
        """The eigenvalues in the order in which they were given."""
        unsorted = dict(zip(self.order, self.values, strict=True))
        return tuple(unsorted[place] for place in range(len(self.values)))


Spectrum = PowerLaw | LogPowerLaw | Exponential | Explicit | Data
"""Any of the five spectra."""
