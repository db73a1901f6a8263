"""Is the second moment stable, and if not, how fast does it grow."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import brentq

from riskbounds.errors import HypothesisError
from riskbounds.exact.model import SecondMomentModel
from riskbounds.exact.recursion import DiagonalRecursion, diagonal_recursion

# e^(growth N) must stay a float64
LARGEST_EXPONENT = 600.0


def stability(model: SecondMomentModel) -> float:
    """The load: the second moment is stable exactly when it is < 1.

    load = spectral radius of (K gamma^2/B) sum_i c_i c_i^T / (1 - theta_i), for one rank vector
    K rho (gamma^2/B) sum_i mu_i^2 / (1 - theta_i) (theory.md section 3); infinite if some theta_i >= 1.
    """
    return _load(diagonal_recursion(model), 0.0)


def _load(recursion: DiagonalRecursion, log_z: float) -> float:
    distance = math.expm1(log_z) + recursion.gap
    if float(np.min(distance)) <= 0:
        return math.inf
    scaled = np.sqrt(recursion.rank_weights)[:, None] * recursion.rank_vectors
    return float(np.linalg.eigvalsh((scaled / distance) @ scaled.T)[-1])


def log_growth(recursion: DiagonalRecursion, most_steps: float) -> float:
    """0 when stable, else log of the largest mode z_max > 1, where the load of z - theta crosses 1.

    Raises HypothesisError when z_max^most_steps is beyond float64.
    """
    load = _load(recursion, 0.0)
    if load < 1:
        return 0.0
    norm = float((recursion.rank_weights * (recursion.rank_vectors**2).sum(axis=1)).sum())
    low = math.log1p(max(0.0, -float(np.min(recursion.gap))))
    high = math.log1p(max(0.0, -float(np.min(recursion.gap))) + 2 * norm)
    if _load(recursion, low) > 1:
        low = float(brentq(lambda log_z: 1 / _load(recursion, log_z) - 1, low, high, xtol=1e-300, rtol=1e-12))
    if low * most_steps > LARGEST_EXPONENT:
        raise HypothesisError(
            f"step_size: the second moment diverges, its stability load {load:.3g} must be below 1 "
            f"for {most_steps:.6g} steps; take a smaller step_size"
        )
    return low
