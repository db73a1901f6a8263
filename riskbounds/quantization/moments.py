"""Moments of a rounded Gaussian coordinate, in float64 to about 1e-13 relative (theory.md sections 2 and 3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import ArrayLike, NDArray

from riskbounds.errors import ProblemError, UnsupportedError
from riskbounds.quantization.formats import Format
from riskbounds.quantization.rounding import grid_of, unbiased_range

Floats = NDArray[np.float64]

DEGREE = 32
NODES = 12
REACH = 10.0
NARROW = 12.0
PERIODIC = 18


@dataclass(frozen=True, kw_only=True)
class CoordinateMoments:
    """Moments of (z, q = Q(z)), z ~ N(0, s^2), one entry per coordinate; Q continued beyond its range.

    second E q^2, cross E qz, third E q^3 z, mixed E q^2 z^2, fourth E q^4; overflow and subnormal are probabilities.
    Of the error e = q - z with conditional variance v(z): variance E v, variance_square E v^2, weighted_variance
    E v z^2, error_third E e^3 z, error_fourth E e^4, each computed as such, never as a difference.
    """

    second: Floats
    cross: Floats
    third: Floats
    mixed: Floats
    fourth: Floats
    overflow: Floats
    subnormal: Floats
    variance: Floats
    variance_square: Floats
    weighted_variance: Floats
    error_third: Floats
    error_fourth: Floats

    @property
    def kurtosis(self) -> Floats:
        """E q^4 / (E q^2)^2; 3 where the coordinate vanishes."""
        some = self.second > 0
        safe = np.where(some, self.second, 1.0)
        return np.where(some, self.fourth / safe / safe, 3.0)


def gaussian_moments(level: Format, deviations: ArrayLike) -> CoordinateMoments:
    """Return the moments of Q(z) for z ~ N(0, s^2) at each standard deviation s >= 0.

    With e = q - z, E[e|z] = 0 and v, m3, m4 the conditional moments: E q^2 = s^2 + E v, E q^2 z^2 = 3 s^4 + E v z^2,
    E q^3 z = 3 s^4 + 3 E v z^2 + E m3 z, E q^4 = 3 s^4 + 6 E v z^2 + 4 E m3 z + E m4. Each error moment is a sum over
    cells of the grid; as functions of log2 s they are analytic and are interpolated octave by octave (floats: with
    period one in the normal range, since q(2z) = 2 q(z)). The quantizer is continued beyond the largest finite value,
    where it would saturate: `overflow` is the probability of leaving its unbiased range.
    Raises UnsupportedError for biased quantizers, ProblemError for negative or non-finite s.
    """
    if level.reason is not None:
        raise UnsupportedError(f"format {level.name!r}: {level.reason}")
    s = np.atleast_1d(np.asarray(deviations, dtype=np.float64))
    if not np.all(np.isfinite(s)) or np.any(s < 0):
        raise ProblemError("standard deviations must be finite and >= 0")
    grid = grid_of(level)
    bits = None if level.kind == "integer" else grid.mantissa_bits
    unit = np.maximum(s, grid.step)
    v, v2, w, t, f = _error_integrals(level.rounding, bits, s / grid.step) * unit ** np.array([[2], [4], [4], [4], [4]])
    square = s**2
    return CoordinateMoments(
        second=square + v,
        cross=square,
        third=3 * square**2 + 3 * w + t,
        mixed=3 * square**2 + w,
        fourth=3 * square**2 + 6 * w + 4 * t + f,
        overflow=overflow(level, s),
        subnormal=_subnormal(grid.smallest_normal, s),
        variance=v,
        variance_square=v2,
        weighted_variance=w,
        error_third=t,
        error_fourth=f,
    )


def overflow(level: Format, deviations: ArrayLike) -> Floats:
    """Return the probability that z ~ N(0, s^2) leaves the range in which the format is unbiased."""
    from scipy.special import erfc

    s = np.asarray(deviations, dtype=np.float64) * np.sqrt(2.0)
    safe = np.where(s > 0, s, 1.0)
    low, high = unbiased_range(level)
    return np.where(s > 0, (erfc(high / safe) + erfc(-low / safe)) / 2, 0.0)


def _subnormal(smallest_normal: float, s: Floats) -> Floats:
    from scipy.special import erf

    if np.isinf(smallest_normal):
        return np.zeros(s.shape)
    safe = np.where(s > 0, s, 1.0)
    return np.where(s > 0, erf(smallest_normal / safe / np.sqrt(2.0)), 1.0)


def _error_integrals(rounding: str, bits: int | None, h: Floats) -> Floats:
    """E v, E v^2, E v z^2, E m3 z, E m4 for s = h steps, in powers of max(h, 1) steps; bits None: an integer grid."""
    narrow = h <= (1 / NARROW if rounding == "stochastic" else 0.5 / NARROW)
    wide = (h >= 2) & (bits is None)
    if rounding == "subtractive":
        narrow, wide = h < 1, h >= 1
    result = np.empty((5, h.size))
    flat, unit = h.ravel(), np.maximum(h, 1.0).ravel()
    narrow, wide = narrow.ravel(), wide.ravel()
    result[:, narrow] = _narrow(rounding, flat[narrow])
    result[:, wide] = _wide(rounding, flat[wide])
    rest = np.flatnonzero(~(narrow | wide))
    mantissa, exponent = np.frexp(flat[rest])
    position, octave = 4 * mantissa - 3, exponent - 1
    if bits is not None:
        octave = np.minimum(octave, bits + PERIODIC)
    for k in np.unique(octave):
        chosen = octave == k
        result[:, rest[chosen]] = chebyshev.chebval(position[chosen], _table(rounding, bits, int(k)).T)
    result[:, rest] *= np.minimum(flat[rest], 1.0) ** np.array([[2], [4], [4], [4], [4]])
    result[:, wide] /= unit[wide] ** np.array([[2], [4], [4], [4], [4]])
    return result.reshape(5, *h.shape)


def _narrow(rounding: str, h: Floats) -> Floats:
    """Gaussian well inside the first cell: absolute moments E|z|^k, in steps."""
    root = np.sqrt(2 / np.pi)
    a1, a2, a3, a4 = root * h, h**2, 2 * root * h**3, 3 * h**4
    match rounding:
        case "stochastic":
            return np.stack([a1 - a2, a2 - 2 * a3 + a4, a3 - a4, a2 - 3 * a3 + 2 * a4, a1 - 4 * a2 + 6 * a3 - 3 * a4])
        case "dither":
            return np.stack([0 * h + 1 / 4, 0 * h + 1 / 16, a2 / 4, a2 / 4 - a4, 1 / 4 - 3 * a2 / 2 + 3 * a4])
        case _:
            return _wide(rounding, h)


def _wide(rounding: str, h: Floats) -> Floats:
    """Gaussian over many cells of an integer grid: position uniform in the cell, up to exp(-2 pi^2 h^2)."""
    one = np.ones_like(h)
    match rounding:
        case "stochastic":
            return np.stack([one / 6, one / 30, h**2 / 6, 0 * h, one / 15])
        case "dither":
            return np.stack([one / 4, one / 16, h**2 / 4, 0 * h, one * (1 / 4 - 1 / 8 + 3 / 80)])
        case _:
            return np.stack([one / 12, one / 144, h**2 / 12, 0 * h, one / 80])


@lru_cache(maxsize=4096)
def _table(rounding: str, bits: int | None, k: int) -> Floats:
    """Chebyshev coefficients of the five integrals, in powers of s, for s in [2^k, 2^(k+1)) steps."""
    z, weight, integrand = _panels(rounding, bits, k)
    x = np.cos(np.pi * (np.arange(DEGREE) + 0.5) / DEGREE)
    values = np.empty((DEGREE, 5))
    for row, s in enumerate(2.0**k * (3 + x) / 2):
        density = np.exp(-((z / s) ** 2) / 2) * (weight * np.sqrt(2 / np.pi) / s)
        values[row] = (integrand @ density) / s ** np.array([2, 4, 4, 4, 4])
    coefficients = chebyshev.chebvander(x, DEGREE - 1).T @ values * (2 / DEGREE)
    coefficients[0] /= 2
    return np.asarray(coefficients.T)


def _panels(rounding: str, bits: int | None, k: int) -> tuple[Floats, Floats, Floats]:
    """Nodes z > 0, weights and the five integrands of Gauss-Legendre rules that never cross a cell boundary."""
    edges = _edges(rounding, bits, REACH * 2.0 ** (k + 1))
    width = np.diff(edges)
    parts = np.ceil(width / 2.0 ** (k - 1)).astype(int)
    cell = np.repeat(np.arange(width.size), parts)
    within = np.arange(cell.size) - np.repeat(np.cumsum(parts) - parts, parts)
    piece = (width / parts)[cell]
    x, w = np.polynomial.legendre.leggauss(NODES)
    inside = ((within * piece)[:, None] + piece[:, None] * (x + 1) / 2).ravel()
    low, d = np.repeat(edges[cell], NODES), np.repeat(width[cell], NODES)
    z, weight = low + inside, (piece[:, None] * w / 2).ravel()
    used = z <= REACH * 2.0 ** (k + 1)
    if rounding == "dither":
        c = np.where(low > 0, inside - 0.5, inside)
        v, third, fourth = np.full_like(c, 1 / 4), c * (1 / 4 - c**2), 1 / 4 - 3 * c**2 / 2 + 3 * c**4
    else:
        f = inside / d
        p = f * (1 - f)
        v, third, fourth = p * d**2, p * (1 - 2 * f) * d**3, p * (1 - 3 * p) * d**4
    integrand = np.stack([v, v**2, v * z**2, third * z, fourth])
    return z[used], weight[used], integrand[:, used]


def _edges(rounding: str, bits: int | None, top: float) -> Floats:
    if rounding == "dither":
        return np.concatenate([[0.0], np.arange(0.5, top + 1)])
    if bits is None:
        return np.arange(0.0, top + 1)
    edges, spacing = [np.arange(0.0, min(2.0 ** (bits + 1), top + 1))], 1.0
    while 2.0 ** (bits + 1) * spacing < top:
        start = 2.0 ** (bits + 1) * spacing
        spacing *= 2
        edges.append(np.arange(start, min(2 * start, top + spacing), spacing))
    return np.concatenate([*edges, edges[-1][-1:] + spacing])
