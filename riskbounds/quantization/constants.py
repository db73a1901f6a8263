"""Noise constants of true formats: what the moments of a rounded Gaussian give to the theorems (theory.md section 4).

Notation: d = Q(x) has independent symmetric coordinates with moments lam = E x^2 = E x d, mu = E d^2, E d^3 x,
E d^2 x^2, E d^4, kurtosis K = E d^4/mu^2 >= 1. q = S d (S = I without a sketch), Sigma = E q q^T, y = w^T x + xi,
v^q the best predictor, u = S^T v^q, r = y - q^T v^q = xi + sum_j e_j with e = w x - u d, sigma_q^2 = E r^2, and the
stochastic gradient is g = q (q^T delta - r), delta = v - v^q, a = S^T delta.

The identity behind everything. Put eta = E e d = lam w - mu u per coordinate; S eta = S H w - Sigma v^q = 0. By
independence and symmetry, for i != j, E d_i d_j (d.a)^2 = 2 mu_i mu_j a_i a_j, E d_i d_j r^2 = 2 eta_i eta_j and
E d_i d_j (d.a) r = mu_i a_i eta_j + mu_j a_j eta_i; the diagonal entries differ from this pattern only by diag terms,
and S eta = 0, a.eta = 0 remove every eta. Hence

    Cov(g | v) = (||delta||^2_Sigma + sigma_q^2) Sigma + Sigma delta delta^T Sigma
                 + S diag( (K - 3) mu^2 a^2 - 2 a c + n ) S^T
    c = E d^3 e - 3 mu eta,    n = E e^2 d^2 - mu E e^2 - 2 eta^2        (both 0 for Gaussian d)

exactly, together with E[d d^T A d d^T] = tr(D A) D + 2 D A D + diag((K - 3) mu^2 A_ii), D = diag(mu).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskbounds.errors import ProblemError
from riskbounds.quantization.moments import CoordinateMoments

Floats = NDArray[np.float64]

ROUNDING = 1e-15


@dataclass(frozen=True, kw_only=True)
class FormatConstants:
    """Constants of one sample, per coordinate or scalar, for features whose data slot is a true format.

    alpha: E[q q^T A q q^T] <= alpha tr(Sigma A) Sigma for A >= 0. sbar2: E[r^2 q q^T] <= sbar2 Sigma.
    residual: sigma_q^2. upper, slope: E Cov(g|v) <= [upper + slope E||delta||^2_Sigma] Sigma. lower, lower_slope:
    the same from below. label: E[y^2 q q^T] <= label Sigma.
    own_upper, own_slope (without a sketch): Cov(g|v)_ii <= [own_upper + ||delta||^2_Sigma + own_slope mu delta_i^2] mu.
    """

    alpha: float
    sbar2: float
    residual: float
    upper: Floats
    slope: float
    lower: Floats
    lower_slope: float
    label: Floats
    own_upper: Floats | None = None
    own_slope: Floats | None = None


@dataclass(frozen=True, kw_only=True)
class _Terms:
    heavy: Floats
    residual: float
    excess: Floats
    coupling2: Floats
    heavier: Floats
    label2: float


def _terms(m: CoordinateMoments, noise: float, error2: Floats, w2: Floats, ratio: Floats, spread: Floats) -> _Terms:
    """K - 3, sigma_q^2, n/mu, c^2/mu^3, E d^2 x^2 - mu lam - 2 lam^2 and E y^2.

    From E e^2, E w^2, ratio = E w u/E w^2 and spread = E u^2 - ratio^2 E w^2 >= 0: written so that nothing cancels.
    """
    lam, mu = m.cross, np.where(m.second > 0, m.second, 1.0)
    mixed = m.weighted_variance - lam * m.variance
    third = 3 * mixed + m.error_third
    fourth = 6 * mixed + 4 * m.error_third + m.error_fourth - 3 * m.variance**2
    coupling2 = (third - fourth * ratio) ** 2 * w2 + fourth**2 * spread
    return _Terms(
        heavy=fourth / mu**2,
        residual=float(noise + np.sum(error2)),
        excess=((mixed - 2 * third * ratio + fourth * ratio**2) * w2 + fourth * spread) / mu,
        coupling2=coupling2 / mu**3,
        heavier=mixed,
        label2=float(noise + np.sum(lam * w2)),
    )


def _split(top: Floats, bottom: Floats | float) -> Floats:
    """top / bottom, with 0/0 = 0."""
    return np.divide(top, bottom, out=np.zeros_like(top), where=top > 0)


def data_constants(moments: CoordinateMoments, noise_variance: float, target2: ArrayLike) -> FormatConstants:
    """Constants for a true data format without a sketch; `target2` is E w_i^2 (a prior: averaged Cov and bounds).

    Here u = (lam/mu) w and eta = 0. With b_i = sqrt(mu_i) delta_i and C = c/mu^{3/2} the identity reads
    Cov_ii/mu_i = |b|^2 + (K_i - 2) b_i^2 - 2 b_i C_i + sigma_q^2 + n_i/mu_i.
    alpha = max(3, max K): 2 (t.s)^2 + k sum t_i^2 s_i^2 <= 2 + k for unit t, s, k = max(K - 3, 0); attained.
    sbar2 = max_i (sigma_q^2 + n_i/mu_i) is exact: E[r^2 q q^T] is diagonal.
    upper, slope: 2 |b_i C_i| <= t b_i^2 + C_i^2/t with t = k + 3 - K_i, k = max(K - 3, 0) + max |C|/sigma_q, and
    slope = 2 + k (Loewner order). own: the same split with t_i = |C_i|/sigma_q and own_slope_i = (K_i - 2)^+ + t_i.
    lower: |b|^2 >= b_i^2 leaves the minimum -C_i^2/(K_i - 1 - lower_slope) of a parabola (diagonal entries).
    It is >= sigma^2 + sum_{j != i} E e_j^2 for lower_slope = 0: c = E[q e (q^2 - mu)], Cauchy-Schwarz.
    """
    w2 = np.broadcast_to(np.asarray(target2, dtype=np.float64), moments.second.shape)
    mu = np.where(moments.second > 0, moments.second, 1.0)
    shrunk = moments.cross / mu
    error2 = shrunk * moments.variance * w2
    terms = _terms(moments, noise_variance, error2, w2, shrunk, np.zeros_like(shrunk))
    base = terms.residual + terms.excess
    split = np.sqrt(_split(terms.coupling2, terms.residual))
    worst, theta = float(np.max(terms.heavy, initial=0.0)), float(np.max(split, initial=0.0))
    label = terms.label2 + w2 * (moments.mixed / mu - moments.cross)
    lower, lower_slope = _data_lower(terms, base)
    return FormatConstants(
        alpha=3 + worst,
        sbar2=float(np.max(base)),
        residual=terms.residual,
        upper=base + _split(terms.coupling2, worst - terms.heavy + theta),
        slope=2 + worst + theta,
        lower=lower,
        lower_slope=lower_slope,
        label=label,
        own_upper=base + _split(terms.coupling2, split),
        own_slope=np.maximum(terms.heavy + 1, 0.0) + split,
    )


def _data_lower(terms: _Terms, base: Floats) -> tuple[Floats, float]:
    with_slope = base - _split(terms.coupling2, np.maximum(terms.heavy + 1, 1e-9))
    without = np.maximum(base - _split(terms.coupling2, np.maximum(terms.heavy + 2, 1e-9)), 0.0)
    if np.min(terms.heavy) >= -0.5 and np.all(with_slope >= without / 2):
        return with_slope, 1.0
    return without, 0.0


def sketched_data_constants(
    moments: CoordinateMoments,
    noise_variance: float,
    target2: ArrayLike,
    product: ArrayLike,
    coefficient2: ArrayLike,
    leverage: ArrayLike = 1.0,
) -> FormatConstants:
    """Constants (Loewner order) for q = S Q(x): arrays over the p data coordinates, scalars as results.

    target2 = E w_i^2, product = E w_i u_i, coefficient2 = E u_i^2 with u = S^T v^q; leverage_i = mu_i s_i^T Sigma^{-1}
    s_i <= 1 with s_i the columns of S (1 is always valid). Since mu_i a_i^2 <= leverage_i ||delta||^2_Sigma and
    S diag(t) S^T <= max(t/mu) Sigma: alpha = 3 + max (K-3)^+ leverage, sbar2 = sigma_q^2 + max n/mu,
    slope = 2 + max (K-3)^+ leverage + t, upper = sigma_q^2 + max(n/mu + C^2 leverage/t), t = max |C| sqrt(leverage)/
    sigma_q. lower = sigma_q^2 + min(n/mu - C^2/(1/(2 leverage) + K - 3)) with slope 1/2, or sigma^2 with slope 0,
    which always holds since xi is independent of q. label: E y^2 + 2 ||v^q||^2_Sigma + max of the diagonal rest.
    """
    w2, wu, u2, ell = (
        np.broadcast_to(np.asarray(a, dtype=np.float64), moments.second.shape) for a in (target2, product, coefficient2, leverage)
    )
    mu, lam = np.where(moments.second > 0, moments.second, 1.0), moments.cross
    ratio = np.divide(wu, w2, out=np.zeros_like(lam), where=w2 > 0)
    spread = np.maximum(u2 - ratio * wu, 0.0) + ROUNDING * u2
    terms = _terms(moments, noise_variance, lam * w2 - 2 * lam * wu + mu * u2, w2, ratio, spread)
    heavy = float(np.max(np.maximum(terms.heavy, 0.0) * ell))
    split = float(np.sqrt(np.max(_split(terms.coupling2 * ell, terms.residual))))
    upper = terms.residual + float(np.max(terms.excess + _split(terms.coupling2 * ell, split)))
    curve = 1 / (2 * np.maximum(ell, 1e-300)) + terms.heavy
    lower, lower_slope = float(noise_variance), 0.0
    if np.min(curve) > 0:
        found = terms.residual + float(np.min(terms.excess - _split(terms.coupling2, curve)))
        lower, lower_slope = (found, 0.5) if found >= noise_variance else (lower, lower_slope)
    rest = float(np.max(w2 * terms.heavier / mu))
    return FormatConstants(
        alpha=3 + heavy,
        sbar2=terms.residual + float(np.max(terms.excess)),
        residual=terms.residual,
        upper=np.asarray(upper),
        slope=2 + heavy + split,
        lower=np.asarray(lower),
        lower_slope=lower_slope,
        label=np.asarray(3 * terms.label2 - 2 * terms.residual + max(rest, 0.0)),
    )


def feature_alpha(moments: CoordinateMoments, covariance: ArrayLike) -> tuple[float, float]:
    """Return (alpha, label factor) for q = Q(z) elementwise, z ~ N(0, covariance) correlated: a true feature format.

    Any L = G + sum w_i e_i with G linear in z and y, a = E G^2, b = sum w_i^2 E v_i has E L^4 <= alpha (E L^2)^2:
    E G^4 = 3 a^2; E G^2 v_i <= a E v_i g, g = max(1, E v z^2/(s^2 E v)); |E G m3_i| <= sqrt(a) |E z m3|/s, in all
    <= 4 t sqrt(a) b^{3/2} <= 2 t (a b + b^2); and E (sum w e)^4 <= (3 + f) b^2, f the largest of 0, E m4/(E v)^2 - 3
    and 3 rho_ij^2 sd(v_i) sd(v_j)/(E v_i E v_j), i != j (Mehler: v is even). alpha maximises the quadratic form on
    a + b = 1. By Cauchy-Schwarz E L^2 (q.w)^2 <= alpha E L^2 E (q.w)^2, so the generic row of theory.md section 4
    holds with C = alpha, sigma_0^2 = sigma_M^2: A1 = sigma_M^2 + alpha (sigma_q^2 - sigma_M^2), ad1 = c4 = alpha,
    A1low = sigma_M^2, adlow1 = 0; the moment theorem has sbar^2 = A1; E[y^2 q q^T] <= max(3, g) E y^2 Sigma.
    Raises ProblemError if the covariance does not fit the moments.
    """
    cov = np.asarray(covariance, dtype=np.float64)
    s2, v = moments.cross, moments.variance
    if cov.shape != (s2.size, s2.size) or not np.allclose(np.diag(cov), s2, rtol=1e-8):
        raise ProblemError("the diagonal of the feature covariance must be the variances of the moments")
    if np.any(s2 <= 0):
        raise ProblemError("every feature needs a positive variance")
    g = max(1.0, float(np.max(moments.weighted_variance / (s2 * v))))
    t = float(np.max(np.abs(moments.error_third) / (np.sqrt(s2) * v**1.5)))
    spread = np.sqrt(np.maximum(moments.variance_square / v**2 - 1, 0.0))
    rho2 = cov**2 / np.outer(s2, s2)
    np.fill_diagonal(rho2, 0.0)
    f = max(0.0, float(np.max(moments.error_fourth / v**2 - 3)), float(np.max(3 * rho2 * np.outer(spread, spread))))
    return _largest(3.0, 6 * g + 2 * t, 3 + f + 2 * t), max(3.0, g)


def _largest(start: float, mixed: float, end: float) -> float:
    """Maximum of start (1-x)^2 + mixed x (1-x) + end x^2 on [0, 1]."""
    curvature = start - mixed + end
    best = max(start, end)
    if curvature < 0:
        x = min(max((2 * start - mixed) / (2 * curvature), 0.0), 1.0)
        best = max(best, start * (1 - x) ** 2 + mixed * x * (1 - x) + end * x**2)
    return best


def with_dither(moments: CoordinateMoments, eps: float) -> CoordinateMoments:
    """Return the moments of (z, Q(z) + n) with n ~ N(0, eps) independent: an additive feature slot after the format."""
    s2 = moments.cross
    return CoordinateMoments(
        second=moments.second + eps,
        cross=s2,
        third=moments.third + 3 * eps * s2,
        mixed=moments.mixed + eps * s2,
        fourth=moments.fourth + 6 * eps * moments.second + 3 * eps**2,
        overflow=moments.overflow,
        subnormal=moments.subnormal,
        variance=moments.variance + eps,
        variance_square=moments.variance_square + 2 * eps * moments.variance + eps**2,
        weighted_variance=moments.weighted_variance + eps * s2,
        error_third=moments.error_third,
        error_fourth=moments.error_fourth + 6 * eps * moments.variance + 3 * eps**2,
    )
