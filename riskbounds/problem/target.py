"""Targets w*: a prior (isotropic, source condition) or a fixed vector (ones, explicit, sample)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from riskbounds.problem.frozen import assign
from riskbounds.problem.numbers import Number, count, real, reals
from riskbounds.problem.spectrum import EXPLICIT_LIMIT


@dataclass(frozen=True, init=False)
class Isotropic:
    """Prior with E[w* w*^T] = scale I (theory.md section 1); scale >= 0. Raises ProblemError otherwise."""

    scale: Fraction

    def __init__(self, scale: Number = 1) -> None:
        """Read the scale exactly."""
        assign(self, scale=real(scale, "problem.target.scale", least=0))


@dataclass(frozen=True, init=False)
class Source:
    """Prior with independent coordinates and E[lam_i w*_i^2] = scale i^-exponent (theory.md section 1).

    exponent >= 0 (> 1 in infinite dimension, where the sum must converge), scale >= 0. Raises ProblemError otherwise.
    """

    exponent: Fraction
    scale: Fraction

    def __init__(self, *, exponent: Number, scale: Number = 1) -> None:
        """Read the parameters exactly."""
        assign(
            self,
            exponent=real(exponent, "problem.target.exponent", least=0),
            scale=real(scale, "problem.target.scale", least=0),
        )


@dataclass(frozen=True)
class Ones:
    """The fixed target w*_i = 1."""


@dataclass(frozen=True, init=False)
class ExplicitTarget:
    """A fixed target, one coordinate per eigenvalue, in the order in which the eigenvalues were given.

    Raises ProblemError when the list is empty, too long, or holds something that is not a number.
    """

    values: tuple[Fraction, ...]

    def __init__(self, values: Iterable[Number]) -> None:
        """Read the coordinates exactly."""
        assign(self, values=reals(values, "problem.target.values", most=EXPLICIT_LIMIT))


@dataclass(frozen=True, init=False)
class Sample:
    """The fixed target numpy.random.default_rng(seed).standard_normal(dimension), in the order of the eigenvalues."""

    seed: int

    def __init__(self, seed: int = 0) -> None:
        """Check the seed: an integer >= 0."""
        assign(self, seed=count(seed, "problem.target.seed", least=0))


Target = Isotropic | Source | Ones | ExplicitTarget | Sample
"""Any of the five targets."""
