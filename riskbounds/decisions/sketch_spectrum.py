"""The spectrum of S H S^T without drawing S: the deterministic equivalent of a Gaussian sketch, an estimate (theory section 6).

For z off the spectrum, up to fluctuations that vanish as M grows, with df_1(kappa) = sum lam_i/(lam_i + kappa):

    kappa (1 - df_1(kappa)/M) = z,     tr (S H S^T + z)^-1 = M/kappa,
    theta^T (H^1/2 S^T S H^1/2 + z)^-1 theta = (kappa/z) sum theta_i^2/(lam_i + kappa).

log det(S H S^T + z) has derivative M/kappa in z, so it is sum log(1 + lam_i/kappa) + M log kappa + M (z/kappa - 1), and its
imaginary part at z = -t - i0 counts eigenvalues: as cumulative numbers of eigenvalues, no density is integrated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from riskbounds.evaluation.effective import equivalent_error

Vector = np.ndarray[Any, np.dtype[np.float64]]
Complex = np.ndarray[Any, np.dtype[np.complex128]]

_POINTS = 500
#: Relative distance from the negative axis at which densities are smooth between neighbouring points, and where z is -t - i0.
_SMOOTH, _SHARP = 0.05, 1e-5
#: Eigenvalues of H that are kept one by one, and the number of groups of the others.
_SINGLE, _GROUPS = 80, 80
_MOST_ROUNDS, _SETTLED = 100, 1e-10


def equivalent_spectrum(lam: Vector, energy: Vector, size: int) -> tuple[Vector, Vector]:
    """The eigenvalues of S H S^T, decreasing, and E lam_i v*_i^2 in their directions; shape (M,), for M <= p.

    ``lam``: the eigenvalues of H, decreasing; ``energy``: E lam_i w*_i^2.  Eigenvalue j is the one that j - 1/2 of the M
    exceed; the energies add up to E w*^T H w* - 2 A(M), what the sketch leaves to be learned.
    """
    spread = _grouped(lam, energy)
    dimension = len(lam)
    top = 4 * (lam[0] + float(np.sum(lam)) / size)
    bottom = 0.01 * lam[size - 1] * max((1 - size / dimension) ** 2, dimension**-2.0)
    points = np.geomspace(top, bottom, _POINTS)
    smooth = _descended(points, spread, size, points * (1 - 1j), np.geomspace(1.0, _SMOOTH, 6))
    sharp = _descended(points, spread, size, smooth, np.geomspace(_SMOOTH, _SHARP, 5)[1:])
    above = _exceeding(points, spread, size, sharp)
    kernel = 0.0 if size >= dimension else 2 * equivalent_error(lam, energy / lam, size)
    resolvent = (spread.energies / (spread.lam + smooth[:, None])).sum(axis=1) * smooth - kernel
    density = (resolvent / (-1 - 1j * _SMOOTH)).imag
    share = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) * -np.diff(np.log(points)))])
    below = np.interp(np.arange(size + 1.0), above, share)
    below[0], below[-1] = 0.0, share[-1]
    left = float(np.sum(energy)) - kernel
    return np.exp(np.interp(np.arange(size) + 0.5, above, np.log(points))), np.diff(below) * (left / share[-1])


@dataclass(frozen=True, kw_only=True)
class _Spread:
    """Eigenvalues of H, how many each stands for, and the target's energy in them."""

    lam: Vector
    counts: Vector
    energies: Vector


def _grouped(lam: Vector, energy: Vector) -> _Spread:
    """The small eigenvalues in groups of nearly equal ones."""
    if len(lam) <= _SINGLE + _GROUPS:
        return _Spread(lam=lam, counts=np.ones(len(lam)), energies=energy)
    ends = np.unique(np.round(np.geomspace(_SINGLE, len(lam), _GROUPS)).astype(int))
    starts = np.concatenate([np.arange(_SINGLE), ends[:-1]])
    counts = np.diff(np.append(starts, len(lam))).astype(float)
    return _Spread(lam=np.add.reduceat(lam, starts) / counts, counts=counts, energies=np.add.reduceat(energy, starts))


def _exceeding(points: Vector, spread: _Spread, size: int, penalty: Complex) -> Vector:
    """How many eigenvalues exceed each point: M + Im log det(S H S^T + z)/pi at z = -t - i0."""
    ratio = points * (-1 - 1j * _SHARP) / penalty
    determinant = _counted(np.log(1 + spread.lam / penalty[:, None]), spread) + size * (np.log(penalty) + ratio - 1)
    return np.maximum.accumulate(size + determinant.imag / np.pi)


def _descended(points: Vector, spread: _Spread, size: int, penalty: Complex, heights: Vector) -> Complex:
    """kappa at z = -t (1 + i height) for each point t, each height from the one before."""
    for height in heights:
        penalty = _penalties(points * (-1 - 1j * height), spread, size, penalty)
    return penalty


def _penalties(z: Complex, spread: _Spread, size: int, start: Complex) -> Complex:
    """kappa with kappa (1 - df_1(kappa)/M) = z in the lower half plane: Newton, or the contraction where it leaves that."""
    penalty, moving = start.copy(), np.arange(len(z))
    for _ in range(_MOST_ROUNDS):
        before, at = penalty[moving], z[moving]
        shares = spread.lam / (spread.lam + before[:, None])
        freedom = _counted(shares, spread) / size
        stepped = before - (before * (1 - freedom) - at) / (1 - _counted(shares * shares, spread) / size)
        after = np.where(stepped.imag < 0, stepped, at + before * freedom)
        penalty[moving] = after
        moving = moving[np.abs(after - before) >= _SETTLED * np.abs(after)]
        if not moving.size:
            break
    return penalty


def _counted(each: Complex, spread: _Spread) -> Complex:
    """The sum over all eigenvalues; no product of BLAS, whose threads cost more than such a small sum."""
    return np.asarray((each * spread.counts).sum(axis=1))
