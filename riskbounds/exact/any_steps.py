"""The exact expected risk at any number of steps, by a contour integral of the generating function."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from riskbounds.errors import HypothesisError, ProblemError
from riskbounds.exact.arithmetic import Arithmetic, Floats
from riskbounds.exact.contour import FEWEST_STEPS, Nodes, few_steps_nodes, talbot_nodes
from riskbounds.exact.direct import direct_sum
from riskbounds.exact.generating import diagonal_sum, pair_sum
from riskbounds.exact.model import Array, Real, SecondMomentModel
from riskbounds.exact.recursion import DiagonalRecursion, PairRecursion, diagonal_recursion, pair_recursion
from riskbounds.exact.stability import log_growth

# truncation exp(-1.358 n) and rounding 1e-16 exp(0.17 n) balance here in float64
NODES = 32
FEW_STEPS_NODES = 200


def exact_risk(model: SecondMomentModel, steps: Sequence[float]) -> Array:
    """E R(vbar_N) - sigma^2/2 for every N in steps (theory.md section 3, any N), N >= 1 an integer or a real.

    At real N it is the analytic continuation over the modes, which exists when every x_i <= 1. An unstable second
    moment is computed too, as long as it stays inside float64. Raises ProblemError (N < 1), HypothesisError.
    """
    return floor(model) + data_term(model, steps)


def floor(model: SecondMomentModel) -> Real:
    """approximation + shrinkage/2: the limit at N -> infinity of a problem without storage noise."""
    return model.error.approximation + model.error.shrinkage / 2


def data_term(model: SecondMomentModel, steps: Sequence[float]) -> Array:
    """Risk minus its floor, computed as such: sum_i g_i cross_i + 1/2 sum_ij L_ij S_ij / N^2."""
    check_steps(model, steps)
    recursion = diagonal_recursion(model)
    pairs = pair_recursion(model) if model.error.weights.ndim == 2 else None
    growth = log_growth(recursion, max(steps, default=1.0))
    return np.array([_data_term_at(model, recursion, pairs, float(count), growth) for count in steps], dtype=np.float64)


def check_steps(model: SecondMomentModel, steps: Sequence[float]) -> None:
    """Refuse N < 1, N not finite, and real N when a coordinate oscillates (x_i > 1)."""
    largest = float(np.max(model.mu)) * float(model.step_size)
    for count in steps:
        if not (1 <= count < float("inf")):
            raise ProblemError(f"steps must be at least 1 and finite, got {count}")
        if largest > 1 and count != int(count):
            raise HypothesisError(
                f"steps must be an integer, got {count}: step_size times the largest eigenvalue is {largest:.3g} > 1"
            )


def _data_term_at(
    model: SecondMomentModel, recursion: DiagonalRecursion, pairs: PairRecursion | None, steps: float, growth: float
) -> float:
    if steps < FEWEST_STEPS and steps == int(steps):
        averaged = float(direct_sum(model, recursion, pairs, int(steps)))
    else:
        oscillating = bool(np.max(recursion.contraction) > 1)
        averaged = sum(
            float(integral(model, recursion, pairs, nodes, Floats())) for nodes in float_nodes(steps, growth, oscillating)
        )
    return float(mean_term(model, steps, Floats())) + averaged / 2


def float_nodes(steps: float, growth: float, oscillating: bool) -> list[Nodes]:
    """The float64 contours for one N."""
    if steps < FEWEST_STEPS:
        return [few_steps_nodes(Floats(), steps, FEW_STEPS_NODES, growth * steps)]
    sides = (False, True) if oscillating else (False,)
    return [talbot_nodes(Floats(), steps, NODES, growth * steps, mirrored) for mirrored in sides]


def mean_term(model: SecondMomentModel, steps: Real, arithmetic: Arithmetic) -> Real:
    """sum_i g_i cross_i, g_i = (1 - (1-x_i)^N) / (N x_i)."""
    x = model.step_size * model.mu
    total: Real = (arithmetic.missing_power(x, steps) / (steps * x) * model.error.cross).sum()
    return total


def integral(
    model: SecondMomentModel,
    recursion: DiagonalRecursion,
    pairs: PairRecursion | None,
    nodes: Nodes,
    arithmetic: Arithmetic,
) -> Real:
    """sum_ij L_ij S_ij / N^2 by the contour's quadrature."""
    weights = model.error.weights
    values = diagonal_sum(recursion, weights if weights.ndim == 1 else np.diagonal(weights).copy(), nodes.minus_one)
    if pairs is not None:
        values = values + pair_sum(pairs, weights, nodes.minus_one)
    total: Real = arithmetic.real_part(values * nodes.weight).sum()
    return total
