"""Measured data (theory section 9b, last part): the population is the empirical distribution, so the constants are computable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg

from riskbounds import symbols as s
from riskbounds.errors import UnsupportedError
from riskbounds.model import feature_error
from riskbounds.problem import Data, GaussianSketch
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import Additive, Multiplicative
from riskbounds.setting import Setting
from riskbounds.sketched import GeneralBasis, Matrix, SketchedMoments, decreasing_eigen, general_basis

FEATURE_SLOTS = ("data", "sketch", "feature")


@dataclass(frozen=True, kw_only=True)
class MeasuredMoments(SketchedMoments):
    """Second moments of the rows z = S x (S = I without a sketch), the rows themselves and the least-squares noise."""

    rows: Matrix
    response: Matrix
    noise_variance: float

    @property
    def coordinatewise(self) -> Matrix | None:
        """diag(H): the columns of measured data are correlated; without a sketch Lam = H."""
        return np.asarray(np.diag(np.diag(self.covariance)))


def measured_moments(data: Data, sketch: GaussianSketch | None, size: int | None) -> MeasuredMoments:
    """Covariance of z, b = E z y, and sigma^2 = min_w E (y - <w, x>)^2 over the rows drawn with replacement."""
    features, response = data.features, data.response
    n, p = features.shape
    matrix = np.eye(p)
    if sketch is not None and size is not None:
        matrix = np.concatenate(list(sketch.matrix_blocks(p, size)), axis=1)
    rows = features @ matrix.T
    weights = np.linalg.lstsq(features, response, rcond=None)[0]
    residual = response - features @ weights
    noise = float(residual @ residual) / n
    moment = rows.T @ response / n
    covariance = rows.T @ rows / n
    vectors = decreasing_eigen(covariance)[1]
    lam, turned = np.mean((rows @ vectors) ** 2, axis=0), vectors.T @ moment
    return MeasuredMoments(
        covariance=covariance,
        lam=lam,
        vectors=vectors,
        target2=(turned / lam) ** 2,
        sketch_gram=matrix @ matrix.T,
        source=np.outer(turned, turned),
        trace_H=float(np.sum(features**2)) / n,
        target_energy=float(np.sum((features @ weights) ** 2)) / n,
        dimension=p,
        rows=rows,
        response=response,
        noise_variance=noise,
    )


def measured_values(setting: Setting, moments: MeasuredMoments, general: GeneralBasis | None) -> dict[Any, Any]:
    """sigma^2 and the constants alpha and sbar^2 of the empirical distribution, by symbol.

    general: the problem in the eigenbasis of Sigma, where Lam and Sigma do not commute.
    Raises UnsupportedError for errors without a formula here: elementwise ones behind a sketch, an entrywise sketch.
    """
    rough = [slot for slot in ("data", "sketch") if setting.quantization.structures().get(slot) == "elementwise"]
    if setting.sketch is not None and rough:
        raise UnsupportedError(f"quantization.{rough[0]}: elementwise errors on measured data behind a sketch are not covered")
    if getattr(setting.quantization.sketch, "noise", None) == "entrywise":
        raise UnsupportedError("quantization.sketch: an entrywise error on measured data is not covered; use noise = 'reference'")
    levels = {slot: float(eps) for slot, eps in setting.quantization.epsilons().items()}
    sigma = (general or general_basis(moments, setting.quantization.structures(), levels)).sigma
    return {
        s.noise_variance: moments.noise_variance,
        s.alpha: fourth_moment_constant(moments, setting.quantization),
        s.sbar2: residual_constant(moments, setting.quantization, sigma),
    }


def leverage(moments: MeasuredMoments) -> float:
    """max_i z_i^T Lam^-1 z_i, which is at least alpha: E[z z^T A z z^T] <= max_i (z_i^T Lam^-1 z_i) tr(Lam A) Lam."""
    factor = scipy.linalg.cholesky(moments.covariance, lower=True)
    whitened = scipy.linalg.solve_triangular(factor, moments.rows.T, lower=True)
    return float(np.max(np.sum(whitened**2, axis=0)))


def fourth_moment_constant(moments: MeasuredMoments, quantization: Quantization) -> float:
    """alpha of the quantized rows: E (q^T u)^4 <= alpha (E (q^T u)^2)^2, which gives E[q q^T A q q^T] <= alpha tr(Sigma A) Sigma.

    Gaussian or lighter dither leaves max(alpha, 3); a common scale multiplies alpha by m4/m2^2 (at most 3); errors that are
    independent and symmetric per coordinate, of kurtosis at most 3, by 3.
    """
    alpha = leverage(moments)
    for level in _layers(quantization):
        alpha = max(alpha, 3.0) if isinstance(level, Additive) and level.noise != "entrywise" else alpha * _factor(level)
    return alpha


def residual_constant(moments: MeasuredMoments, quantization: Quantization, sigma: Matrix) -> float:
    """sbar^2 with E[(y - q^T v^q)^2 q q^T] <= sbar^2 Sigma.

    Exact features: the largest eigenvalue of Lam^-1/2 E[r^2 z z^T] Lam^-1/2.  Otherwise Cauchy-Schwarz with
    E r_q^4 <= F E_rows[(E[r_q^2 | row])^2], F the product of the layers' factors, and alpha for (q^T u)^4.
    """
    n = len(moments.response)
    solution = np.asarray(np.linalg.solve(sigma, moments.rows.T @ moments.response / n), dtype=np.float64)
    residual = moments.response - moments.rows @ solution
    layers = _layers(quantization)
    if not layers:
        weighted = (moments.rows.T * residual**2) @ moments.rows / n
        return float(scipy.linalg.eigh(weighted, moments.covariance, eigvals_only=True)[-1])
    spread = _conditional_variance(moments, quantization, solution)
    factor = float(np.prod([3.0 if isinstance(level, Additive) else _factor(level) for level in layers]))
    fourth = factor * float(np.mean((residual**2 + spread) ** 2))
    return float(np.sqrt(fourth * fourth_moment_constant(moments, quantization)))


def _layers(quantization: Quantization) -> list[object]:
    levels = quantization.levels()
    return [levels[slot] for slot in FEATURE_SLOTS if slot in levels]


def _factor(level: object) -> float:
    """E f^4/(E f^2)^2 of an affine form in the layer's error: m4/m2^2 for a common scale, at most 3 otherwise."""
    if isinstance(level, Multiplicative):
        eps = float(level.eps)
        return (1 + 6 * eps + (3 if level.noise == "gaussian" else 1) * eps**2) / (1 + eps) ** 2
    return 3.0


def _conditional_variance(moments: MeasuredMoments, quantization: Quantization, solution: Matrix) -> Matrix:
    """Var(q^T v^q | row) per row: the composition of layers on the pair (v^T C v, v^T diag(C) v) of C = E[q q^T | row]."""
    squares, norm = solution**2, float(solution @ solution)
    clean = np.stack([(moments.rows @ solution) ** 2, moments.rows**2 @ squares])
    gram = moments.sketch_gram

    def diagonal(pair: Matrix) -> Matrix:
        return np.stack([pair[1], pair[1]])

    error: Matrix = feature_error(
        {slot: kind for slot, kind in quantization.structures().items() if slot in FEATURE_SLOTS},
        clean,
        np.full((2, 1), norm),
        np.array([[float(solution @ gram @ solution)], [float(np.diag(gram) @ squares)]]),
        diagonal,
        {slot: float(eps) for slot, eps in quantization.epsilons().items()},
        moments.trace_H,
        moments.dimension,
        coordinatewise=diagonal(clean),
    )
    return np.asarray(np.broadcast_to(error, clean.shape)[0])
