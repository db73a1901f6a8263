"""The averaged second moment of few steps, summed as it stands."""

from __future__ import annotations

import numpy as np

from riskbounds.exact.model import Array, Real, SecondMomentModel
from riskbounds.exact.recursion import DiagonalRecursion, PairRecursion, off_diagonal


def direct_sum(model: SecondMomentModel, recursion: DiagonalRecursion, pairs: PairRecursion | None, steps: int) -> Real:
    """sum_ij L_ij S_ij / N^2 with S = sum_t P_t o w_{N-1-t}; every term of the recursion is kept in delta form.

    Works in any arithmetic with + - * /, so in balls it is an enclosure.
    """
    rho = 1 - recursion.contraction
    powers = _powers(rho, steps)
    windows = np.cumsum(powers, axis=0)
    weights = model.error.weights if model.error.weights.ndim == 1 else np.diagonal(model.error.weights)
    # formed once: moment - gap moment would let a ball's radius grow by 1 + gap
    keep = 1 - recursion.gap
    moment = recursion.start
    total: Real = 0
    for t in range(steps):
        total = total + (weights * (2 * windows[steps - 1 - t] - 1) * moment).sum()
        moment = keep * moment + _inflow(recursion, moment, powers[t])
    if pairs is not None:
        total = total + _direct_pairs(model, pairs, powers, windows)
    return total / steps**2


def _direct_pairs(model: SecondMomentModel, pairs: PairRecursion, powers: Array, windows: Array) -> Real:
    off, keep = off_diagonal(model.error.weights), 1 - pairs.gap
    moment = pairs.start
    total: Real = 0
    for t, power in enumerate(powers):
        window = windows[len(powers) - 1 - t]
        total = total + (off * (window[:, None] + window - 1) * moment).sum()
        drift = pairs.decaying * power
        moment = keep * moment + pairs.constant + drift + drift.T
    return total


def _powers(rho: Array, count: int) -> Array:
    """rho^t for t = 0 .. count-1."""
    rows = [rho * 0 + 1]
    for _ in range(count - 1):
        rows.append(rows[-1] * rho)
    return np.array(rows)


def _inflow(recursion: DiagonalRecursion, moment: Array, power: Array) -> Array:
    """What one step of the diagonal recursion adds to keep * moment; power = rho^t."""
    vectors = recursion.rank_vectors
    ranked = recursion.rank_weights * (vectors @ moment) + recursion.mixing @ power
    return recursion.constant + recursion.decaying * power + ranked @ vectors
