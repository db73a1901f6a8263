"""Section 2 of the theory as SymPy: spectra, targets, quantized features and what follows from them.

Everything here is a definition ``symbol -> expression`` in the symbols of :mod:`riskbounds.symbols`, for the case in which
Lam and Sigma commute; :mod:`riskbounds.instance` supplies the same symbols as numbers where they do not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from riskbounds import symbols as s

Definitions = dict[Any, sp.Expr]
i = s.i


def total(term: sp.Expr) -> sp.Sum:
    """Sum of a term over all eigendirections, sum_{i=1}^{M}."""
    return sp.Sum(term, (i, 1, s.M))


#: lam_i of the analytic spectra (theory section 1), scale c, exponent a or rate.
POWER_LAW = s.c * i**-s.a
LOG_POWER_LAW = s.c / (i * sp.log(i + 1) ** s.a)
EXPONENTIAL = s.c * sp.exp(-s.rate * (i - 1))

#: E w*_i^2 of the priors (theory section 1).
ISOTROPIC = s.target_scale
SOURCE = s.target_scale * i**-s.b / s.lam[i]


def feature_error(
    structures: Mapping[str, str], covariance: Any, identity: Any, sketch_gram: Any, diagonal: Callable[[Any], Any],
    levels: Mapping[str, Any], trace_H: Any, dimension: Any, coordinatewise: Any = None,
) -> Any:  # fmt: skip
    """Sigma - Lam of the composed data, sketch and feature quantizers (theory section 2).

    Q_d adds eps_d I or eps_d H, which the sketch turns into eps_d S S^T or eps_d Lam; Q_s adds eps_s tr(E Q_d Q_d^T) I,
    eps_s times, or eps_s diag(.) of the covariance before it; Q_f likewise with eps_f I.  Matrices or SymPy scalars alike.

    Parameters
    ----------
    structures: slot -> "additive" | "multiplicative" | "elementwise" for the active ones of data, sketch, feature.
    covariance, identity, sketch_gram: Lam, I and S S^T (without a sketch both are 1 in an eigendirection).
    diagonal: keeps the diagonal of a matrix in the sketch's coordinates.
    levels: slot -> eps; trace_H: tr H; dimension: p.
    coordinatewise: what elementwise data errors add per unit of eps_d; Lam itself (None) where H is diagonal.
    """
    error: Any = 0 * identity
    trace = trace_H
    if "data" in structures:
        additive = structures["data"] == "additive"
        rough = structures["data"] == "elementwise" and coordinatewise is not None
        error = levels["data"] * (sketch_gram if additive else coordinatewise if rough else covariance)
        trace = trace + levels["data"] * (dimension if additive else trace_H)
    for slot, floor in (("sketch", trace), ("feature", 1)):
        if slot not in structures:
            continue
        before = covariance + error
        if structures[slot] == "additive":
            added = floor * identity
        else:
            added = before if structures[slot] == "multiplicative" else diagonal(before)
        error = error + levels[slot] * added
    return error


def scale_moments(noises: Mapping[str, str]) -> Definitions:
    """Moments m2, m3, m4 of the product of the feature scales (theory section 2), slot -> "two-point" or "gaussian".

    Both have E s = 1 and E (s-1)^2 = eps and no third central moment; the fourth is eps^2 or 3 eps^2.
    """
    m2 = m3 = m4 = sp.Integer(1)
    for slot, noise in noises.items():
        eps = s.EPS[slot]
        m2 *= 1 + eps
        m3 *= 1 + 3 * eps
        m4 *= 1 + 6 * eps + (3 if noise == "gaussian" else 1) * eps**2
    return {s.m2: m2, s.m3: m3, s.m4: m4}


def symbolic_feature_error(structures: Mapping[str, str]) -> sp.Expr:
    """feature_error[i] when Lam and Sigma commute: the composition above in one eigendirection (formats come as values)."""
    one = sp.Integer(1)
    known = {slot: kind for slot, kind in structures.items() if kind != "format"}
    return sp.sympify(
        feature_error(known, s.lam[i], one, one, lambda value: value, s.EPS, s.trace_H, s.p),
    )


def commuting_definitions(structures: Mapping[str, str], risk_inputs: str) -> Definitions:
    """What follows from lam, E v*^2, sigma and the levels when Lam and Sigma commute (theory section 2).

    ``v* - v^q = (Sigma - Lam)/Sigma v*`` and ``sigma_q^2 - sigma_M^2 = sum lam_i (mu_i - lam_i)/mu_i E v*_i^2`` are
    written in ``feature_error``, never as differences.
    """
    ratio = s.feature_error[i] / s.mu[i]
    return {
        s.feature_error: symbolic_feature_error(structures),
        s.mu: s.lam[i] + s.feature_error[i],
        s.contraction: s.step * s.mu[i],
        s.quantized_target2: (s.lam[i] / s.mu[i]) ** 2 * s.target2[i],
        s.trace: total(s.mu[i]),
        s.target_norm2: total(s.lam[i] * s.target2[i]),
        s.quantized_norm2: total(s.mu[i] * s.quantized_target2[i]),
        s.sigma: sp.sqrt(s.noise_variance),
        s.sigma_M2: s.noise_variance + 2 * s.model_error,
        s.excess: total(s.lam[i] * ratio * s.target2[i]),
        s.sigma_q2: s.sigma_M2 + s.excess,
        s.label_second_moment: s.sigma_M2 + s.target_norm2,
        **error_functional(
            risk_inputs, total(s.lam[i] * ratio**2 * s.target2[i]), s.lam[i] ** 2 / s.mu[i] * ratio * s.target2[i]
        ),
    }


#: v^q = Sigma^-1 b in the eigenbasis of Sigma, where Lam and Sigma do not commute.
GENERAL_DEFINITIONS: Definitions = {
    s.quantized_target2: s.source_diagonal[i] / s.mu[i] ** 2,
    s.gram: s.rotated_covariance[i, s.j] * s.rotated_source[i, s.j] / (s.mu[i] * s.mu[s.j]),
}


def error_functional(risk_inputs: str, shrinkage: sp.Expr, cross: sp.Expr) -> Definitions:
    """The error functional on clean or on quantized inputs (theory section 2, ``risk_inputs``).

    Only the functional changes: on quantized inputs its weights are mu_i, its target is v^q and its constant is
    (sigma_q^2 - sigma^2)/2 = Approx + (sigma_q^2 - sigma_M^2)/2.
    """
    if risk_inputs == "clean":
        return {
            s.risk_weight: s.lam[i],
            s.shrinkage: shrinkage,
            s.cross: cross,
            s.approximation: s.model_error,
        }
    return {
        s.risk_weight: s.mu[i],
        s.shrinkage: sp.Integer(0),
        s.cross: sp.Integer(0),
        s.approximation: s.model_error + s.excess / 2,
    }
