"""P2 Lemma 5.2: Lemma 5.1 for multiplicative feature errors, Sigma = (1 + eps_bar_1) Lam.

Substitution mu_i = (1 + eps_bar_1) lam_i, v^q = v*/(1 + eps_bar_1),
||v* - v^q||^2_Lam = (eps_bar_1/(1 + eps_bar_1))^2 ||v*||^2_Lam.
Lower: g_i >= (1-1/e) min(1, 1/(N x_i)) and a nonnegative cross term leave (s + (1-1/e)^2 bias/(1 + eps_bar_1))/2 of the mean
part: the bias of Lemma 5.1 weighs with mu_i, the mean part with lam_i.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from riskbounds import symbols as s
from riskbounds.model import total
from riskbounds.setting import Setting
from riskbounds.theorems.p2_lemma_5_1 import LEARNED, lemma_5_1
from riskbounds.theorems.theorem import Assumption

i = s.i
GROWTH = 1 + s.eps_bar_1
FEATURE_SLOTS = ("data", "sketch", "feature")

#: eps_bar_1, expanded so that no digit is lost where the levels are small.
FEATURE_LEVEL: sp.Expr = sp.expand((1 + s.eps_d) * (1 + s.eps_s) * (1 + s.eps_f)) - 1

#: Sigma and what follows from it, in lam.
PROPORTIONAL = {
    s.mu[i]: GROWTH * s.lam[i],
    s.quantized_target2[i]: s.target2[i] / GROWTH**2,
    s.risk_weight[i]: s.lam[i],
    s.trace: GROWTH * total(s.lam[i]),
    s.shrinkage: (s.eps_bar_1 / GROWTH) ** 2 * s.target_norm2,
}


def feature_structures(setting: Setting) -> dict[str, str]:
    """Structure of the data, sketch and feature slots that are not exact; a number format has none that is known here."""
    levels = setting.quantization.levels()
    return {slot: getattr(levels[slot], "structure", "format") for slot in FEATURE_SLOTS if slot in levels}


def _proportional(setting: Setting) -> bool:
    allowed = {"multiplicative"} if setting.sketch is not None else {"multiplicative", "elementwise"}
    return set(feature_structures(setting).values()) <= allowed


MULTIPLICATIVE_FEATURES = Assumption(
    name="Sigma is a multiple of Lam",
    holds=_proportional,
    refusal="data, sketch and feature errors must be multiplicative (or elementwise without a sketch): use p2-lemma-5.4 or its "
    "children for additive errors, p2-lemma-5.1 for mixtures",
)
CLEAN_INPUTS = Assumption(
    name="risk on clean inputs",
    holds=lambda setting: setting.risk_inputs == "clean",
    refusal='this theorem bounds the risk on clean inputs: set problem.risk_inputs = "clean" or use p2-lemma-5.1',
)


def multiplicative(expression: sp.Expr) -> sp.Expr:
    """The expression for Sigma = (1 + eps_bar_1) Lam on clean inputs."""
    return expression.xreplace(PROPORTIONAL)


_FIELDS = lemma_5_1.map(multiplicative)

lemma_5_2 = replace(
    lemma_5_1,
    name="p2-lemma-5.2",
    title="Threshold form, multiplicative levels",
    statement=(
        "Lemma 5.1 with multiplicative errors in s, d, f (elementwise ones too without a sketch) and the risk on clean inputs: "
        "mu_i = (1 + eps_bar_1) lam_i, 1 + eps_bar_1 = (1+eps_d)(1+eps_s)(1+eps_f); 1 + eps_bar_2 = prod (1+eps) over the "
        "parameter, activation and output slots that are not additive. The mean part of the lower side is thresholded too."
    ),
    number="Lemma 5.2",
    upper_terms=_FIELDS["upper_terms"],
    lower_terms={
        "approximation": s.approximation,
        "shrinkage": multiplicative(s.shrinkage) / 2,
        "bias": LEARNED**2 / 2 * s.bias / GROWTH,
        "variance": _FIELDS["lower_terms"]["variance"],
    },
    definitions={**_FIELDS["definitions"], s.eps_bar_1: FEATURE_LEVEL},
    hypotheses=tuple(replace(each, lhs=multiplicative(each.lhs), rhs=multiplicative(each.rhs)) for each in lemma_5_1.hypotheses),
    assumptions=(*lemma_5_1.assumptions, MULTIPLICATIVE_FEATURES, CLEAN_INPUTS),
)
