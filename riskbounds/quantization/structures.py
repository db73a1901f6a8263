"""Error structures of an unbiased quantizer Q: the form of E[(Q(u)-u)(Q(u)-u)^T | u] (theory.md section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import ClassVar

from riskbounds.problem.frozen import assign, choice
from riskbounds.problem.numbers import Number, real

ADDITIVE_NOISE = ("gaussian", "uniform", "triangular")
SKETCH_NOISE = ("reference", "entrywise")
SCALE_NOISE = ("two-point", "gaussian")


@dataclass(frozen=True, init=False)
class Additive:
    """Second moment eps I: integer or fixed point with dither. Raises ProblemError unless eps >= 0.

    `noise` is the distribution used by simulation and exact risk: gaussian, uniform or triangular; in the sketch slot
    it is the error model, reference (the default there) or entrywise (theory.md section 4).
    """

    structure: ClassVar[str] = "additive"
    eps: Fraction
    noise: str

    def __init__(self, eps: Number, *, noise: str = "gaussian") -> None:
        """Read eps exactly."""
        assign(self, eps=real(eps, "eps", least=0), noise=choice(noise, "noise", ADDITIVE_NOISE + SKETCH_NOISE))

    @cached_property
    def deviation(self) -> float:
        """The standard deviation sqrt(eps) in float64."""
        return float(self.eps) ** 0.5


@dataclass(frozen=True, init=False)
class Multiplicative:
    """Second moment eps u u^T: one random scale for the whole vector. Raises ProblemError unless eps >= 0.

    `noise` is two-point (scale 1 +- sqrt(eps)) or gaussian.
    """

    structure: ClassVar[str] = "multiplicative"
    eps: Fraction
    noise: str

    def __init__(self, eps: Number, *, noise: str = "two-point") -> None:
        """Read eps exactly."""
        assign(self, eps=real(eps, "eps", least=0), noise=choice(noise, "noise", SCALE_NOISE))

    @cached_property
    def deviation(self) -> float:
        """The standard deviation sqrt(eps) in float64."""
        return float(self.eps) ** 0.5


@dataclass(frozen=True, init=False)
class Elementwise:
    """Second moment eps diag(u_i^2): independent random scales, as in true floating-point stochastic rounding.

    `noise` is two-point (scales 1 +- sqrt(eps)) or gaussian. Raises ProblemError unless eps >= 0.
    """

    structure: ClassVar[str] = "elementwise"
    eps: Fraction
    noise: str

    def __init__(self, eps: Number, *, noise: str = "two-point") -> None:
        """Read eps exactly."""
        assign(self, eps=real(eps, "eps", least=0), noise=choice(noise, "noise", SCALE_NOISE))

    @cached_property
    def deviation(self) -> float:
        """The standard deviation sqrt(eps) in float64."""
        return float(self.eps) ** 0.5


Structure = Additive | Multiplicative | Elementwise
"""Any of the three structures with its level."""

STRUCTURES: dict[str, type[Additive] | type[Multiplicative] | type[Elementwise]] = {
    "additive": Additive,
    "multiplicative": Multiplicative,
    "elementwise": Elementwise,
}
"""The structures by the names that problem files use."""
