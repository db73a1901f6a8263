"""Zou, Wu, Braverman, Gu, Kakade 2023: SGD in full precision with iterate averaging (theory section 8).

Their L(w) = 1/2 E(y - <w, x>)^2 is our R, and L(w*) = sigma^2/2: the excess risk L(wbar_N) - L(w*) is R(vbar_N) - sigma^2/2,
with no further factor.  (Step (5) of the proof chain in theory section 8 bounds 1/2 <H, E etabar etabar^T>, so EffBias and EffVar
already carry the 1/2; the outer factor 2 is (a+b)^2 <= 2a^2 + 2b^2 for bias and variance.)  w_0 = 0, so w_0 - w* is -w*.
EffBias, k*/N + N gamma^2 sum_{i>k*} lam_i^2 and (||w*||^2_{I, i<=k*} + N gamma ||w*||^2_{H, i>k*})/(N gamma) are the pieces
bias, D/N and h of theory section 5 in full precision.

Batches: E[(I - gamma Hhat) A (I - gamma Hhat)] with Hhat a mean over B samples has M/B + (1-1/B) M~ in place of M, so the proof
chain holds word for word with alpha/B + 1 - 1/B for alpha and sigma^2/B for sigma^2.  That is not the published statement, so
B > 1 is refused.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from riskbounds import symbols as s
from riskbounds.model import Definitions
from riskbounds.theorems.assumptions import GAUSSIAN_DATA
from riskbounds.theorems.citations import ZOU_2023
from riskbounds.theorems.p1_theorem_4_1 import NO_SKETCH, gathered
from riskbounds.theorems.theorem import Assumption, Hypothesis, Theorem
from riskbounds.theorems.threshold_pair import PIECES_BY_THRESHOLD

i, N = s.i, s.N

FULL_PRECISION = Assumption(
    name="full precision",
    holds=lambda setting: setting.quantization.is_exact,
    refusal="Zou et al. 2023 is a full-precision theorem: make every quantization slot exact, or use sharp or p1-theorem-4.1",
)
SINGLE_SAMPLE = Assumption(
    name="batch size 1",
    holds=lambda setting: setting.training.batch_size == 1,
    refusal="Zou et al. 2023 is stated for training.batch_size = 1: set it to 1, or use sharp or p1-theorem-4.1 for batches",
)
ASSUMPTIONS = (GAUSSIAN_DATA, NO_SKETCH, FULL_PRECISION, SINGLE_SAMPLE)


def full_precision(expression: sp.Expr) -> sp.Expr:
    """A piece of the threshold pair with mu_i = lam_i and v^q = w*."""
    return gathered(expression.xreplace({s.risk_weight[i]: s.lam[i], s.mu[i]: s.lam[i], s.quantized_target2[i]: s.target2[i]}))


_PIECES: Definitions = {symbol: full_precision(PIECES_BY_THRESHOLD[symbol]) for symbol in (s.bias, s.effective_dimension, s.h)}
_LOAD = s.step * s.alpha * s.trace_H
_NOISE = 2 * s.alpha * s.h / (1 - _LOAD) + s.noise_variance / (1 - _LOAD)

STEP_SIZE = Hypothesis(
    name="step size: gamma < 1/(alpha tr H)",
    lhs=_LOAD,
    rhs=sp.Integer(1),
    strict=True,
    on_step_size=True,
    advice="a smaller training.step_size",
)
MANY_STEPS = Hypothesis(
    name="at least 500 iterates: N >= 500",
    lhs=sp.Integer(500),
    rhs=N,
    sides=("lower",),
    on_steps=True,
    advice="training.steps >= 500",
)

zou_2023_upper = Theorem(
    name="zou-2023-upper",
    title="Zou et al. 2023: SGD with iterate averaging, upper bound",
    statement=(
        "Full precision, S = I, w_0 = 0, B = 1, E[x x^T A x x^T] <= alpha tr(H A) H (alpha = 3 for Gaussian data), "
        "noise <= sigma^2 H, gamma < 1/(alpha tr H), any k* (here max{i : lam_i >= 1/(N gamma)}): "
        "the risk is at most the effective bias and the effective variance, which the bias feeds through alpha. "
        "Their risk has the factor 1/2 as R has."
    ),
    status="published",
    citation=ZOU_2023,
    number="main upper bound, iterate averaging (theory section 8)",
    upper_terms={"bias": 2 * s.bias, "variance": 2 * _NOISE * s.effective_dimension / N},
    definitions={**_PIECES, s.alpha: sp.Integer(3)},
    hypotheses=(STEP_SIZE,),
    assumptions=ASSUMPTIONS,
)

zou_2023_lower = replace(
    zou_2023_upper,
    name="zou-2023-lower",
    title="Zou et al. 2023: SGD with iterate averaging, lower bound",
    statement=(
        "Under the hypotheses of the upper bound, well-specified noise of variance sigma^2, "
        "E[x x^T A x x^T] - H A H >= beta tr(H A) H (beta = 1 for Gaussian data) and N >= 500: "
        "the risk is at least a constant part of the effective bias and of the effective variance. Constants recalled from "
        "memory: shown, never used."
    ),
    status="recalled",
    number="main lower bound, iterate averaging (theory section 8)",
    upper_terms=None,
    lower_terms={
        "bias": s.bias / 100,
        "variance": (s.beta * s.h / 1000 + s.noise_variance / 50) * s.effective_dimension / N,
    },
    definitions={**_PIECES, s.alpha: sp.Integer(3), s.beta: sp.Integer(1)},
    hypotheses=(STEP_SIZE, MANY_STEPS),
    usable=False,
)
