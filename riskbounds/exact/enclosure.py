"""A proved ball around the exact risk.

Few steps: the recursion itself in ball arithmetic. Many: Cauchy's formula on a closed curve, by Arb's rigorous
integrator (`acb.integral`). With z = e^{s/N} the curve runs s = -T - iY, c - iY, c + iY, -T + iY and closes along the
arc |z| = e^{-T/N}, |arg z| >= Y/N. Inside it: [0, e^{c/N}), hence every pole of F(z) z^{N-2}, once these are certified
in balls: x_i <= 1 and theta_i >= 0 (so the rates 1 - x_i and the modes, eigenvalues of the symmetric
diag(theta) + sum_k w_k c^k c^kT, lie in [0, inf)), and 1 - load positive definite (modes < 1). On the arc every pole is
at least delta = e^{-T/N} sin(Y/N) away, so the resolvent of that symmetric matrix is at most 1/delta in norm, which
bounds the arc's share. |Y/N| <= pi/2 is needed, and N > MOST_UPDATES/MOST_ENTRIES = 10 there.
"""

from __future__ import annotations

import math
from typing import cast

import flint
import numpy as np

from riskbounds.errors import ProblemError
from riskbounds.exact.any_steps import floor, mean_term
from riskbounds.exact.arithmetic import Balls, ComplexArray
from riskbounds.exact.digits import to_ball, to_balls, working_bits
from riskbounds.exact.direct import direct_sum
from riskbounds.exact.generating import diagonal_sum, pair_sum
from riskbounds.exact.model import Array, Real, SecondMomentModel
from riskbounds.exact.recursion import DiagonalRecursion, PairRecursion, diagonal_recursion, pair_recursion

# updates of one number by stepping, and entries per evaluation of the integrand, that are still quick
MOST_UPDATES = 200_000
MOST_ENTRIES = 20_000
HALF_HEIGHT = 12
RIGHT_END = 2
EVALUATIONS = 100_000


def exact_risk_enclosed(model: SecondMomentModel, steps: int, relative_bits: int = 110) -> tuple[flint.arb | None, str]:
    """A ball around E R(vbar_N) - sigma^2/2, of relative radius near 2^-relative_bits, or None; and in words why.

    Numbers of the model are taken as exact, or as the balls they are. Raises ProblemError (N < 1 or not an integer).
    """
    if steps < 1 or steps != int(steps):
        raise ProblemError(f"steps must be an integer of at least 1, got {steps}")
    guard = 64 + 4 * int(steps).bit_length()
    with working_bits(relative_bits + guard):
        balls = to_balls(model)
        recursion = diagonal_recursion(balls)
        pairs = pair_recursion(balls) if balls.error.weights.ndim == 2 else None
        entries = balls.mu.size * max(balls.mu.size if pairs is not None else 1, recursion.rank_weights.size)
        count = cast(Real, to_ball(int(steps)))
        if int(steps) * entries <= MOST_UPDATES:
            averaged = direct_sum(balls, recursion, pairs, int(steps))
        else:
            refusal = _refusal(recursion, pairs, entries)
            if refusal:
                return None, refusal
            averaged = _closed_curve(balls, recursion, pairs, count, relative_bits)
        value = cast(flint.arb, floor(balls) + mean_term(balls, count, Balls()) + averaged / 2)
    if not value.is_finite():
        return None, "the rigorous integral did not converge"
    return value, "enclosed"


def _refusal(recursion: DiagonalRecursion, pairs: PairRecursion | None, entries: int) -> str:
    """Which premise of the closed curve is not certified; empty when all hold."""
    if entries > MOST_ENTRIES:
        return f"an enclosure needs {entries} entries per evaluation, more than {MOST_ENTRIES}"
    if not all(bool(x <= 1) for x in recursion.contraction):
        return "an enclosure at this many steps needs step_size times every eigenvalue certified <= 1"
    gaps = [*recursion.gap] if pairs is None else [*recursion.gap, *pairs.gap[~np.eye(pairs.gap.shape[0], dtype=bool)]]
    if not all(bool(gap > 0) and bool(gap <= 1) for gap in gaps):
        return "an enclosure at this many steps needs every rate theta certified in [0, 1)"
    if not _load_below_one(recursion):
        return "an enclosure at this many steps needs a stable second moment: take a smaller step_size"
    return ""


def _load_below_one(recursion: DiagonalRecursion) -> bool:
    """Whether 1 - sum_i w c_i c_i^T / gap_i is positive definite, by the pivots of its elimination."""
    vectors, weights = recursion.rank_vectors, recursion.rank_weights
    if not all(bool(weight >= 0) for weight in weights):
        return False
    roots = np.frompyfunc(lambda weight: weight.sqrt(), 1, 1)(weights)
    scaled = roots[:, None] * vectors
    matrix = -((scaled / recursion.gap) @ scaled.T)
    size = matrix.shape[0]
    for k in range(size):
        matrix[k, k] = matrix[k, k] + 1
    for k in range(size):
        if not bool(matrix[k, k] > 0):
            return False
        for row in range(k + 1, size):
            matrix[row, k:] = matrix[row, k:] - matrix[row, k] / matrix[k, k] * matrix[k, k:]
    return True


def _closed_curve(
    model: SecondMomentModel, recursion: DiagonalRecursion, pairs: PairRecursion | None, steps: Real, bits: int
) -> Real:
    """sum_ij L_ij S_ij / N^2 = (1/pi) Im of the upper half of the curve, plus the arc's bound."""
    weights = model.error.weights
    diagonal = weights if weights.ndim == 1 else np.diagonal(weights).copy()

    # meromorphic: a ball that meets a pole gives a non-finite value, which makes the integrator subdivide
    def integrand(s: flint.acb, _: bool) -> flint.acb:
        minus_one = cast(ComplexArray, np.array([(s / steps).expm1()], dtype=object))
        value = diagonal_sum(recursion, diagonal, minus_one)[0]
        if pairs is not None:
            value = value + pair_sum(pairs, weights, minus_one)[0]
        return (s * (steps - 1) / steps).exp() * value / steps**3

    tolerance = abs(integrand(flint.acb(1), False)).mid() * flint.arb(2) ** -bits
    left = _left_end(bits, float(steps))
    corner = flint.acb(RIGHT_END, HALF_HEIGHT)
    total = flint.acb(0)
    for start, end in ((flint.acb(RIGHT_END), corner), (corner, flint.acb(-left, HALF_HEIGHT))):
        total += flint.acb.integral(integrand, start, end, abs_tol=tolerance, eval_limit=EVALUATIONS)
    arc = _arc_bound(recursion, pairs, weights, steps, left)
    return cast(Real, total.imag / flint.arb.pi() + flint.arb(0, arc.upper()))


def _left_end(bits: int, steps: float) -> int:
    """T: large enough for the arc's bound, about N^4 e^{-T}, to be below 2^-bits; any T > 0 is valid."""
    return int(0.7 * bits + 4 * math.log(steps)) + 20


def _norm(array: Array) -> flint.arb:
    """Euclidean norm of all entries."""
    total = flint.arb(0)
    for entry in array.ravel():
        total += cast(flint.arb, entry) ** 2
    return flint.arb(total.upper()).sqrt()


def _arc_bound(r: DiagonalRecursion, pairs: PairRecursion | None, weights: Array, steps: Real, left: int) -> flint.arb:
    """A bound on the share of the arc |z| = e^{-left/N}: its length times the largest |F| |z|^{N-2}, over 2 pi N^2.

    With delta <= |z - pole| and |z| <= 1: |W| <= 2 (1 + 1/delta)/delta, |P| <= |source|/delta.
    """
    radius = (-flint.arb(left) / steps).exp()
    delta = radius * (flint.arb(HALF_HEIGHT) / steps).sin()
    mixed = sum((_norm(row) for row in r.mixing), flint.arb(0)) * _norm(r.rank_vectors) * flint.arb(len(r.start)).sqrt()
    source = _norm(r.start) + (_norm(r.constant) + _norm(r.decaying) + mixed) / delta
    if pairs is not None:
        source += _norm(pairs.start) + (_norm(pairs.constant) + 2 * _norm(pairs.decaying)) / delta
    window = 2 * (1 + 1 / delta) / delta
    power = (-flint.arb(left) * (steps - 1) / steps).exp()
    return _norm(weights) * window * source / delta * power / steps**2
