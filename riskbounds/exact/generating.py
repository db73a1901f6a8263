"""The generating function of the averaged second moment, evaluated at nodes z of a contour.

For u > t, E[delta_u | delta_t] = (1-x)^{u-t} delta_t, so

    S_N = sum_{t,u<N} E delta_t delta_u^T = sum_t P_t o w_{N-1-t},   w_n = 1 + sum_{r=1..n} (rho_i^r + rho_j^r),

a convolution: its generating function is P(z) W(z) with

    W_ij(z) = z/(z-1) [ 1 + rho_i/(z-rho_i) + rho_j/(z-rho_j) ],    P(z) = sum_t P_t z^-t,

and P(z) solves the recursion's diagonal plus low-rank linear equations.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from riskbounds.exact.arithmetic import ComplexArray
from riskbounds.exact.model import Array
from riskbounds.exact.recursion import DiagonalRecursion, PairRecursion, off_diagonal

# entries (nodes x eigenvalues) held at once
BLOCK = 200_000


def diagonal_sum(recursion: DiagonalRecursion, weights: Array, minus_one: ComplexArray) -> ComplexArray:
    """sum_i weights_i W_ii(z) P_ii(z) for every node z = 1 + minus_one."""
    rows = max(1, BLOCK // weights.shape[0])
    parts = [
        _diagonal_block(recursion, weights, minus_one[start : start + rows, None]) for start in range(0, minus_one.shape[0], rows)
    ]
    return np.concatenate(parts)


def _diagonal_block(r: DiagonalRecursion, weights: Array, e: ComplexArray) -> ComplexArray:
    z = 1 + e
    resolvent = 1 / (e + r.gap)
    rate = 1 / (e + r.contraction)
    mixed = rate @ r.mixing.T
    source = z * (r.start + r.constant / e + r.decaying * rate + mixed @ r.rank_vectors) * resolvent
    vectors = r.rank_vectors
    weighted = (r.rank_weights[:, None] * vectors).T
    matrix = -((vectors[None, :, :] * resolvent[:, None, :]) @ weighted)
    right = source @ vectors.T
    coefficients = solve_small(matrix, right)
    moment = source + resolvent * (coefficients @ weighted.T)
    window = z / e * (z + 1 - r.contraction) * rate
    return (window * moment) @ weights


def solve_small(matrix: ComplexArray, right: ComplexArray) -> ComplexArray:
    """Solve (1 + matrix_n) y_n = right_n for every node n by elimination.

    No pivoting: the matrix is similar to a complex symmetric one with definite imaginary part off the real axis.
    """
    size = matrix.shape[1]
    matrix, right = matrix.copy(), right.copy()
    for k in range(size):
        matrix[:, k, k] = matrix[:, k, k] + 1
    for k in range(size):
        for row in range(k + 1, size):
            factor = matrix[:, row, k] / matrix[:, k, k]
            matrix[:, row, k:] = matrix[:, row, k:] - factor[:, None] * matrix[:, k, k:]
            right[:, row] = right[:, row] - factor * right[:, k]
    for k in reversed(range(size)):
        known = (matrix[:, k, k + 1 :] * right[:, k + 1 :]).sum(axis=1) if k + 1 < size else 0
        right[:, k] = (right[:, k] - known) / matrix[:, k, k]
    return right


def pair_sum(recursion: PairRecursion, weights: Array, minus_one: ComplexArray) -> ComplexArray:
    """sum_{i != j} weights_ij W_ij(z) P_ij(z) for every node."""
    off = off_diagonal(weights)
    x = recursion.contraction
    parts = [recursion.start * off]
    if not recursion.geometric:
        parts += [recursion.constant * off, recursion.decaying * off]
    values = []
    for e in minus_one:
        z = 1 + e
        rate = 1 / (e + x)
        values.append(2 * z * z / e * _pair_node(recursion.gap, parts, e, rate, 0.5 + (1 - x) * rate))
    return cast(ComplexArray, np.array(values))


def _pair_node(gap: Array, parts: list[Array], e: ComplexArray, rate: ComplexArray, half: ComplexArray) -> complex:
    if gap.dtype == np.float64 and len(parts) == 1:
        return _geometric_node(gap, parts[0], complex(e), half)
    resolvent = 1 / (e + gap)
    total = half @ (parts[0] * resolvent).sum(axis=1)
    if len(parts) > 1:
        total = total + half @ (parts[1] * resolvent).sum(axis=1) / e
        decaying = parts[2] * resolvent
        total = total + half @ (decaying @ rate) + (half * rate) @ decaying.sum(axis=0)
    return cast(complex, total)


def _geometric_node(gap: Array, weight: Array, e: complex, half: ComplexArray) -> complex:
    """sum_i half_i sum_j weight_ij / (e + gap_ij) for symmetric weight and gap, in real arithmetic.

    Only columns j >= i of a few rows at a time, so that they stay in cache: the diagonal of weight is zero.
    """
    size = gap.shape[0]
    right = np.stack([np.ones(size), half.real, half.imag], axis=1)
    total = 0j
    rows = max(1, 32_768 // size)
    for start in range(0, size, rows):
        inside = slice(start, min(start + rows, size))
        real = gap[inside, start:] + e.real
        scaled = real * real
        scaled += e.imag * e.imag
        np.divide(weight[inside, start:], scaled, out=scaled)
        # the square on the diagonal holds both (i, j) and (j, i)
        scaled[:, : real.shape[0]] *= 0.5
        minus = scaled @ right[start:]
        np.multiply(scaled, real, out=scaled)
        plus = scaled @ right[start:]
        sums = plus - 1j * e.imag * minus
        total += complex(half[inside] @ sums[:, 0] + (sums[:, 1] + 1j * sums[:, 2]).sum())
    return total
