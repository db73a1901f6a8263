"""Is the fourth moment of quantized SGD stable?  If not, a few replicas carry the variance: no standard error is to be trusted.

The homogeneous part of the update is v <- v - gamma pi gbar, gbar = (1/B) sum_b kappa_b q_b q_b^T v, with q Gaussian of
covariance diag mu, kappa the relative errors of one sample (feature scales squared, a, o) and pi those common to the batch (p,
shared scales), E kappa = E pi = 1.  By Wick's theorem F_ij = E v_i^2 v_j^2 obeys, with x = gamma mu, phi = F x and W = 1 + 2 I,

    F'_ij = Theta_ij F_ij + W_ij ( phi_i h_i x_j + x_i h_j phi_j + e x_i x_j x^T phi )

a positive map, stable exactly when (1 - Theta)^-1 applied to the rest has spectral radius below 1.  The rest depends on F through
phi only, so this is the radius of a positive M x M matrix.  Check: in one dimension with kappa = pi = 1, B = 1 the map is
E (1 - x g^2)^4 = 1 - 4x + 18x^2 - 60x^3 + 105x^4.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np

from riskbounds.quantization.formats import Format
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import Additive

if TYPE_CHECKING:
    from riskbounds.quantization.slots import Level

Array = np.ndarray[Any, np.dtype[np.float64]]

GROUPS = 500
ITERATIONS = 200


@dataclass(frozen=True, kw_only=True)
class Coefficients:
    """Theta = 1 - 2(x + x') + two (x^2 + x'^2 + 4xx') - 2 three (x^2 x' + x x'^2) + four (xx')^2, h = h0 - h1 x + h2 x^2, e."""

    two: float
    three: float
    four: float
    h0: float
    h1: float
    h2: float
    e: float


def scale_moment(level: Level, order: int) -> float:
    """E s^order of the random scale s = 1 + sqrt(eps) n of a relative error; n is a sign or standard normal."""
    if isinstance(level, Additive | Format):
        return 1.0
    eps, total = float(level.eps), 0.0
    for k in range(0, order + 1, 2):
        normal = float(np.prod(np.arange(1, k, 2))) if level.noise == "gaussian" else 1.0
        total += comb(order, k) * normal * eps ** (k // 2)
    return total


def _product(levels: Iterable[Level], order: int) -> float:
    return float(np.prod([scale_moment(level, order) for level in levels]))


def coefficients(quantization: Quantization, batch: int) -> Coefficients:
    """The map's coefficients; elementwise errors enter as common scales, which is the heavier tail, formats as exact."""
    levels = quantization.levels()
    features = [levels[slot] for slot in ("data", "sketch", "feature") if slot in levels]
    outer = [levels[slot] for slot in ("activation", "output") if slot in levels]
    shared = quantization.batch_scale == "shared"
    steps = [levels[slot] for slot in ("parameter",) if slot in levels] + (outer if shared else [])
    k = [_product(features, 2 * n) / _product(features, 2) ** n * (1.0 if shared else _product(outer, n)) for n in range(5)]
    p = [_product(steps, n) for n in range(5)]
    b = float(batch)
    b1, b2, b3 = b - 1, (b - 1) * (b - 2), (b - 1) * (b - 2) * (b - 3)
    return Coefficients(
        two=p[2] * (2 * k[2] + b1) / b,
        three=p[3] * (6 * k[3] + 6 * b1 * k[2] + b2) / b**2,
        four=p[4] * (24 * k[4] + b1 * (24 * k[3] + 12 * k[2] ** 2) + 12 * b2 * k[2] + b3) / b**3,
        h0=p[2] * k[2] / b,
        h1=2 * p[3] * (3 * k[3] + b1 * k[2]) / b**2,
        h2=p[4] * (12 * k[4] + b1 * (6 * k[3] + 2 * k[2] ** 2) + b2 * k[2]) / b**3,
        e=p[4] * (3 * k[4] + b1 * k[2] ** 2) / b**3,
    )


def fourth_moment_load(contractions: Array, quantization: Quantization, batch: int) -> float:
    """An upper bound (Collatz-Wielandt) on the radius that must be below 1; infinite if some Theta_ij >= 1.

    contractions: x_i = gamma mu_i > 0.  Beyond the largest GROUPS they are grouped with their multiplicities.
    """
    x, count = _grouped(np.sort(contractions)[::-1])
    c = coefficients(quantization, batch)
    square = x**2
    product = np.outer(x, x)
    gap = 2 * np.add.outer(x, x) - c.two * (np.add.outer(square, square) + 4 * product)
    gap += 2 * c.three * product * np.add.outer(x, x) - c.four * product**2
    if np.min(gap) <= 0:
        return np.inf
    inverse = 1 / gap
    h = np.maximum(c.h0 - c.h1 * x + c.h2 * square, 0.0)

    def summed(values: Array) -> Array:
        """sum_j W_ij values_j / (1 - Theta_ij) over the coordinates of all groups."""
        return np.asarray(inverse @ (count * values) + 2 * np.diag(inverse) * values)

    own = summed(square)
    phi = x.copy()
    radius = np.inf
    for _ in range(ITERATIONS):
        after = h * phi * own + x * summed(x * h * phi) + c.e * float(np.sum(count * x * phi)) * x * own
        ratios = after / phi
        radius = min(radius, float(np.max(ratios)))
        if radius < 1 or float(np.min(ratios)) >= 1:
            break
        phi = after / np.max(after)
    return radius


def _grouped(x: Array) -> tuple[Array, Array]:
    """Decreasing values: the first GROUPS as they are, the rest in at most GROUPS groups represented by their means."""
    head, tail = x[:GROUPS], x[GROUPS:]
    parts = np.array_split(tail, min(GROUPS, len(tail))) if len(tail) else []
    means = np.array([np.mean(part) for part in parts])
    return np.concatenate([head, means]), np.concatenate([np.ones(len(head)), np.array([float(len(part)) for part in parts])])
