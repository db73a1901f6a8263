"""What the exact risk needs to know: second and fourth moments in the eigenbasis of Sigma, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from riskbounds.errors import ProblemError, UnsupportedError

# float64; the digits route puts flint.arb there (arrays of dtype object), which obeys the same arithmetic
Array: TypeAlias = npt.NDArray[np.float64]
Real: TypeAlias = float

SLOTS = ("label", "parameter", "activation", "output", "storage")
STRUCTURES = ("additive", "multiplicative", "elementwise")


@dataclass(frozen=True, kw_only=True)
class ScaleMixture:
    """Features that are Gaussian given finitely many common scales (theory.md section 3, rows 1 and 3).

    With probability p_s the scales take their s-th value; then q ~ N(0, diag c(s)) and E[q_i y | s] = signal_s b_i.
    A plain Gaussian is the mixture of one element. Gaussian scales enter through their three-point Gauss-Hermite rule,
    which has the same moments up to order five; every result has degree four at most in each scale.
    Constraints: sum p = 1, sum p_s c(s) = mu, sum p_s signal_s = 1.
    """

    probabilities: Array
    signal: Array
    variances: Array


@dataclass(frozen=True, kw_only=True)
class IndependentCoordinates:
    """Pairs (q_i, z_i), symmetric and independent over i, with E[q|z] = z (theory.md section 3, row 2).

    clean_i = E z_i^2, target2_i = E v*_i^2 over the target's prior, fourth_i = E q_i^4, third_i = E q_i^3 z_i,
    mixed_i = E q_i^2 z_i^2. The label is y = sum z_i v*_i + independent noise, so b_i = clean_i v*_i.
    """

    clean: Array
    target2: Array
    fourth: Array
    third: Array
    mixed: Array


@dataclass(frozen=True, kw_only=True)
class ErrorFunctional:
    """risk = approximation + shrinkage/2 + sum_i g_i cross_i + 1/2 sum_ij weights_ij E[deltabar_i deltabar_j].

    cross_i = E[v^q_i (L (u - v^q))_i] with u the point the risk is measured from (v* on clean inputs, v^q on quantized
    ones) and L = weights: a vector (M,) when L is diagonal, else the full matrix U^T Lam U (M, M).
    """

    approximation: Real
    shrinkage: Real
    cross: Array
    weights: Array


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One quantizer of the update: its structure (additive, multiplicative, elementwise) and its level eps >= 0."""

    structure: str
    eps: Real


@dataclass(frozen=True, kw_only=True)
class SecondMomentModel:
    """Quantized SGD with constant step, seen through its second moments (theory.md sections 1 to 3).

    mu: eigenvalues of Sigma; b2_i = E b_i^2 with b = E[q y] = Lam v* in the eigenbasis of Sigma, averaged over the
    target's prior; residual = E (y - q^T v^q)^2 (sigma_q^2); slots: label, parameter, activation, output, storage;
    batch_scale "shared" gives multiplicative label, activation and output errors one scale per batch.
    gram = E b b^T (M, M) is needed exactly when error.weights is a matrix. Raises ProblemError or UnsupportedError.
    """

    step_size: Real
    batch: int
    mu: Array
    b2: Array
    residual: Real
    features: ScaleMixture | IndependentCoordinates
    error: ErrorFunctional
    slots: Mapping[str, Slot] = field(default_factory=lambda: MappingProxyType({}))
    batch_scale: str = "per-sample"
    gram: Array | None = None

    def __post_init__(self) -> None:
        """Check shapes and names; numbers are the caller's."""
        size = self.mu.shape[0]
        if self.batch < 1:
            raise ProblemError(f"batch_size must be at least 1, got {self.batch}")
        if self.batch_scale not in ("per-sample", "shared"):
            raise ProblemError(f"batch_scale must be per-sample or shared, got {self.batch_scale!r}")
        for name, slot in self.slots.items():
            if name not in SLOTS:
                raise ProblemError(f"unknown slot {name!r}; slots of the update are {', '.join(SLOTS)}")
            if slot.structure not in STRUCTURES:
                raise ProblemError(f"{name}: structure must be one of {', '.join(STRUCTURES)}, got {slot.structure!r}")
        if "storage" in self.slots and self.slots["storage"].structure != "additive":
            raise UnsupportedError("storage: only additive storage is covered; set its structure to additive")
        if self.b2.shape != (size,) or self.error.cross.shape != (size,):
            raise ProblemError(f"b2 and cross must have the length {size} of mu")
        self._check_features(size)
        self._check_matrix(size)

    def _check_features(self, size: int) -> None:
        if isinstance(self.features, ScaleMixture):
            count = self.features.probabilities.shape[0]
            if self.features.signal.shape != (count,) or self.features.variances.shape != (count, size):
                raise ProblemError("scale mixture: signal must be (r,) and variances (r, M) with r probabilities")
            return
        for name in ("clean", "target2", "fourth", "third", "mixed"):
            if getattr(self.features, name).shape != (size,):
                raise ProblemError(f"independent coordinates: {name} must have the length {size} of mu")

    def _check_matrix(self, size: int) -> None:
        if self.error.weights.ndim == 1:
            if self.error.weights.shape != (size,):
                raise ProblemError(f"weights must have the length {size} of mu")
            return
        if self.error.weights.shape != (size, size) or self.gram is None or self.gram.shape != (size, size):
            raise ProblemError(f"matrix weights and gram must both be {size} x {size}")
        if not isinstance(self.features, ScaleMixture):
            raise UnsupportedError("no exact risk for elementwise features whose Sigma does not commute with Lambda")
        if self.slots.get("parameter", Slot(structure="additive", eps=0)).structure == "elementwise":
            raise UnsupportedError("no exact risk for an elementwise parameter slot behind a sketch")


def label_second_moment(model: SecondMomentModel) -> Real:
    """E y^2 = sigma_q^2 + sum_i E b_i^2 / mu_i."""
    total: Real = (model.b2 / model.mu).sum()
    return model.residual + total


def elementwise_features(clean: Array, target2: Array, m2: Real, m3: Real, m4: Real) -> IndependentCoordinates:
    """Gaussian coordinates with independent unbiased random scales of moments m2, m3, m4: Sigma = m2 Lam.

    E q^4, E q^3 z, E q^2 z^2 = 3 m4, 3 m3, 3 m2 times clean^2 (theory.md section 3).
    """
    square = 3 * clean * clean
    return IndependentCoordinates(clean=clean, target2=target2, fourth=square * m4, third=square * m3, mixed=square * m2)


def gaussian_features(mu: Array) -> ScaleMixture:
    """Features that are plainly Gaussian with covariance diag mu, such as additive Gaussian dither gives."""
    one = np.ones(1, dtype=mu.dtype)
    return ScaleMixture(probabilities=one, signal=one, variances=mu[None, :])
