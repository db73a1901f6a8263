"""The threshold pair of theory section 5: the published shape, k* = max{i : mu_i >= 1/(N gamma)}, explicit constants."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp

from riskbounds import symbols as s
from riskbounds.model import total
from riskbounds.numerics.ranges import MaxOver, MinOver
from riskbounds.theorems.assumptions import COMMUTING, GAUSSIAN_DATA
from riskbounds.theorems.citations import RISKBOUNDS
from riskbounds.theorems.sharp_pair import MEAN_PART, PIECES, STEP_SIZE, setting_noise
from riskbounds.theorems.theorem import Hypothesis, Theorem

i, N, step = s.i, s.N, s.step


def head(term: sp.Expr) -> sp.Sum:
    """Sum over i <= k*."""
    return sp.Sum(term, (i, 1, s.k_star))


def tail(term: sp.Expr) -> sp.Sum:
    """Sum over i > k*."""
    return sp.Sum(term, (i, s.k_star + 1, s.M))


_W = s.risk_weight[i]
_V = s.quantized_target2[i]
_CONTRACTION_SUM = total(1 / (step * (2 - s.contraction[i])))

#: Thresholded pieces (theory section 5); h and k are upper bounds of the sharp pair's.
PIECES_BY_THRESHOLD: dict[Any, sp.Expr] = {
    s.kappa: PIECES[s.kappa],
    s.bias: head(_W * _V / s.mu[i] ** 2) / (step * N) ** 2 + tail(_W * _V),
    s.effective_dimension: head(_W / s.mu[i]) + (N * step) ** 2 * tail(_W * s.mu[i]),
    s.h: head(_V) / (step * N) + tail(s.mu[i] * _V),
    s.k: head(s.mu[i] * _V) + (N * step) ** 2 * tail(s.mu[i] ** 3 * _V),
    s.A_max: MaxOver(s.A[i], i),
    s.Alow_min: MinOver(s.Alow[i], i),
    s.store: s.eps_w * N / 2 * (head(_W / s.mu[i] ** 2) / (step * N) ** 2 + tail(_W)),
}

_D = s.effective_dimension
_LOAD = (s.ad + s.av) * s.kappa
_UPPER_VARIANCE = (
    _D / (2 * N) * (s.A_max + s.ad * s.h + s.av * s.k) / (1 - _LOAD)
    + (s.ad + s.av) * _D / (2 * N) * s.eps_w * _CONTRACTION_SUM / (1 - _LOAD)
    + s.store
)
_LOWER_VARIANCE = _D / (16 * N) * s.Alow_min

TWO_STEPS = Hypothesis(
    name="at least two iterates: N >= 2", lhs=sp.Integer(2), rhs=N, sides=("lower",), on_steps=True, advice="training.steps >= 2"
)

threshold_general = Theorem(
    name="threshold-general",
    title="Threshold pair with the exact mean part",
    statement=(
        "Under the hypotheses of the sharp pair: the mean part exactly, and the variance through the effective dimension "
        "D with the threshold k* = max{i : mu_i >= 1/(N gamma)}."
    ),
    status="ours",
    citation=RISKBOUNDS,
    number="theory section 5, not commuting",
    upper_terms={**MEAN_PART, "variance": _UPPER_VARIANCE},
    lower_terms={**MEAN_PART, "variance": _LOWER_VARIANCE},
    definitions={symbol: piece for symbol, piece in PIECES_BY_THRESHOLD.items() if symbol != s.bias},
    noise=setting_noise,
    hypotheses=(*STEP_SIZE, TWO_STEPS),
    assumptions=(GAUSSIAN_DATA,),
)

threshold = replace(
    threshold_general,
    name="threshold",
    title="Threshold pair",
    statement=threshold_general.statement.replace(
        "the mean part exactly, and the variance", "Lam and Sigma commuting, bias and variance"
    ),
    number="theory section 5",
    upper_terms={
        "approximation": s.approximation,
        "shrinkage": s.shrinkage / 2,
        "bias": s.bias / 2,
        "cross": sp.sqrt(s.shrinkage * s.bias),
        "variance": _UPPER_VARIANCE,
    },
    lower_terms={
        "approximation": s.approximation,
        "shrinkage": s.shrinkage / 2,
        "bias": (1 - sp.exp(-1)) ** 2 * s.bias / 2,
        "variance": _LOWER_VARIANCE,
    },
    definitions=PIECES_BY_THRESHOLD,
    assumptions=(GAUSSIAN_DATA, COMMUTING),
)
