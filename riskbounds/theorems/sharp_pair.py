"""The sharp pair of theory section 4: sharp-general, and its cases sharp-storage and sharp.

Mean and fluctuation split exactly.  The mean part is exact; constant noise sums to ``dt`` exactly; only the noise that
follows the fluctuation itself is bounded.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp

from riskbounds import symbols as s
from riskbounds.model import total
from riskbounds.numerics.blocks import G, K, W, g
from riskbounds.setting import Setting
from riskbounds.theorems.assumptions import COMMUTING, GAUSSIAN_DATA, NO_STORAGE
from riskbounds.theorems.citations import RISKBOUNDS
from riskbounds.theorems.noise import NoiseConstants, noise_constants
from riskbounds.theorems.theorem import Hypothesis, Theorem

i, j, N = s.i, s.j, s.N
x = s.contraction[i]

#: The pieces of the pair (theory section 4): lam_i/mu_i is risk_weight_i/mu_i, which is 1 on quantized inputs.
PIECES: dict[Any, sp.Expr] = {
    s.dt: s.risk_weight[i] / s.mu[i] * K(x, N) / N,
    s.dp: s.risk_weight[i] / s.mu[i] * G(x, N - 1) ** 2,
    s.kappa: total(x / (2 - x)),
    s.h: total(s.mu[i] * s.quantized_target2[i] * W(x, N)) / N,
    s.k: total(s.mu[i] * s.quantized_target2[i] * K(x, N)) / N,
    s.phi: (total(s.A[i] * x / (2 - x)) + total(s.mu[i] * s.eps_w / (x * (2 - x))) + s.kappa * (s.ad * s.h + s.av * s.k))
    / (1 - (s.ad + s.av) * s.kappa),
    s.store: total(s.risk_weight[i] * K(x, N) / N * s.eps_w / x**2) / (2 * N),
}

#: Terms of the mean part, 1/2 ||u - v^q + g v^q||^2, which both sides share.
MEAN_PART: dict[str, sp.Expr] = {
    "approximation": s.approximation,
    "shrinkage": s.shrinkage / 2,
    "bias": sp.Sum(s.gram[i, j] * g(x, N) * g(s.contraction[j], N), (i, 1, s.M), (j, 1, s.M)) / 2,
    "cross": total(g(x, N) * s.cross[i]),
}

_UPPER_NOISE = s.dt[i] * (s.A[i] + s.av * s.k) + s.dp[i] * (s.ad * (s.h + s.phi) + s.av * s.phi)
_LOWER_NOISE = s.dt[i] * (s.Alow[i] + s.adlow * s.h)

#: gamma mu_1 <= 1 and (ad + av) kappa < 1: the theorem sharp-step-size.
STEP_SIZE = (
    Hypothesis(
        name="step size times largest eigenvalue: gamma mu_1 <= 1",
        lhs=s.step * s.mu[1],
        rhs=sp.Integer(1),
        on_step_size=True,
        advice="a smaller training.step_size",
    ),
    Hypothesis(
        name="noise feedback: (a_delta + a_v) kappa < 1",
        lhs=(s.ad + s.av) * s.kappa,
        rhs=sp.Integer(1),
        strict=True,
        sides=("upper",),
        on_step_size=True,
        advice="a smaller training.step_size, a larger training.batch_size or less quantization",
    ),
)


def without_storage(expression: sp.Expr) -> sp.Expr:
    """The expression with exact storage, eps_w = 0; sums of zeros are dropped."""
    exact = expression.xreplace({s.eps_w: sp.Integer(0), s.store: sp.Integer(0)})
    return exact.replace(lambda node: isinstance(node, sp.Sum) and node.function == 0, lambda _: sp.Integer(0))


def setting_noise(setting: Setting) -> NoiseConstants:
    """Noise constants of the setting's quantizers: theory section 4, table and generic row."""
    return noise_constants(setting.quantization, sketched=setting.sketch is not None, in_levels=True)


def diagonal(expression: sp.Expr) -> sp.Expr:
    """The expression where Lam and Sigma commute: gram[i, j] = 0 off the diagonal, risk_weight_i E (v^q_i)^2 on it."""

    def collapse(node: sp.Sum) -> sp.Expr:
        inner = node.function.subs(j, i).subs(s.gram[i, i], s.risk_weight[i] * s.quantized_target2[i])
        return total(inner)

    return expression.replace(lambda node: isinstance(node, sp.Sum) and len(node.limits) == 2, collapse)


sharp_storage = Theorem(
    name="sharp-storage",
    title="Sharp pair with stored-weight quantization",
    statement=(
        "Unbiased quantizers with draws independent of the past, additive storage of level eps_w, 0 < x_i <= 1 and the noise "
        "condition Alow_i + adlow E||delta||^2 <= E Cov(g|v)/Sigma <= A_i + ad E||delta||^2 + av E||v||^2 in the Loewner order: "
        "the risk of the iterate average lies between the two sides. The mean part is exact, in the eigenbasis of Sigma."
    ),
    status="ours",
    citation=RISKBOUNDS,
    number="theory section 4, storage",
    upper_terms={**MEAN_PART, "variance": total(_UPPER_NOISE) / (2 * N) + s.store},
    lower_terms={**MEAN_PART, "variance": total(_LOWER_NOISE) / (2 * N) + s.store},
    definitions=PIECES,
    noise=setting_noise,
    hypotheses=STEP_SIZE,
    assumptions=(GAUSSIAN_DATA,),
)

sharp_general = replace(
    sharp_storage,
    name="sharp-general",
    title="Sharp pair in the eigenbasis of Sigma",
    statement=sharp_storage.statement.replace(", additive storage of level eps_w", ", exact storage"),
    number="theory section 4, Sigma's eigenbasis",
    assumptions=(GAUSSIAN_DATA, NO_STORAGE),
    **sharp_storage.map(without_storage),
)

sharp = replace(
    sharp_general,
    name="sharp",
    title="Sharp pair",
    statement=sharp_general.statement.replace(", in the eigenbasis of Sigma", "; Lam and Sigma commute"),
    number="theory section 4",
    assumptions=(GAUSSIAN_DATA, NO_STORAGE, COMMUTING),
    **sharp_general.map(diagonal),
)

sharp_step_size = Theorem(
    name="sharp-step-size",
    title="Step-size condition of the sharp pair",
    statement="gamma mu_1 <= 1 and (ad + av) kappa < 1 with kappa = sum_i x_i/(2 - x_i).",
    status="ours",
    citation=RISKBOUNDS,
    number="theory section 4, step size",
    definitions={s.kappa: PIECES[s.kappa]},
    noise=setting_noise,
    hypotheses=STEP_SIZE,
    assumptions=(GAUSSIAN_DATA,),
)
