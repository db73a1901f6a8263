"""P1 Corollary 4.1: the additive case of P1 Theorem 4.1 (theory sections 9, 9b).

Every slot additive: mu_i = lam_i + eps_d, a_v = 0, a_delta = 2/B.  Activation, output and label errors shrink as 1/B, the
parameter error is multiplied by alpha_B tr Sigma whatever B, and the data error is a floor under every eigenvalue.
One inequality is added: h <= (gamma N)^-1 sum_{i<=k*} E w*_i^2 + sum_{i>k*} lam_i E w*_i^2, because mu_i >= lam_i gives
(v^q_i)^2 <= w*_i^2 and mu_i (v^q_i)^2 = (lam_i/mu_i) lam_i w*_i^2 <= lam_i w*_i^2.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from riskbounds import symbols as s
from riskbounds.model import Definitions, commuting_definitions
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import Additive
from riskbounds.theorems.assumptions import every_quantizer
from riskbounds.theorems.noise import noise_constants
from riskbounds.theorems.p1_theorem_4_1 import (
    ASSUMPTIONS,
    changed_hypotheses,
    gathered,
    larger_noise,
    p1_theorem_4_1,
    spell_out,
)

i = s.i


ALL_ADDITIVE = every_quantizer(
    "additive",
    "P1 Corollary 4.1 is the additive case: make every slot additive, or use p1-theorem-4.1",
)

_LEVEL = Additive(1)
EVERY_SLOT = Quantization(data=_LEVEL, label=_LEVEL, parameter=_LEVEL, activation=_LEVEL, output=_LEVEL)
_NOISE = larger_noise(noise_constants(EVERY_SLOT, sketched=False))
_SPREAD = s.eps_p * s.trace

#: alpha/B + 1 - 1/B with alpha = 3, read off the parent's constants.
ALPHA_B = sp.expand(_NOISE.A).coeff(s.eps_p).coeff(s.trace)
#: sigma_G^2 of the parent with the parameter's part written through alpha_B.
SIGMA_G2 = sp.expand(_NOISE.A).subs(s.eps_p, 0) + s.alpha_B * _SPREAD


def clean_target(expression: sp.Expr) -> sp.Expr:
    """An upper bound of the parent's h: v^q_i <= w*_i and mu_i (v^q_i)^2 <= lam_i w*_i^2."""
    return expression.xreplace({s.mu[i]: s.lam[i], s.quantized_target2[i]: s.target2[i]})


def spectrum(structure: str) -> Definitions:
    """mu_i, v^q_i, tr Sigma, sigma_q^2 and Approx for one structure of the data error, model error 0 (S = I)."""
    found = commuting_definitions({"data": structure}, "quantized")
    kept = (s.feature_error, s.quantized_target2, s.excess, s.sigma_q2, s.sigma_M2, s.approximation, s.label_second_moment)
    definitions = {symbol: found[symbol] for symbol in kept} | {s.model_error: sp.Integer(0)}
    definitions[s.mu] = sp.factor(spell_out(found[s.mu], definitions))
    return definitions


_SPECTRUM = spectrum("additive")
#: tr Sigma = tr H + M eps_d, the sum split.
_SPECTRUM[s.trace] = s.trace_H + gathered(sp.Sum(_SPECTRUM[s.mu] - s.lam[i], (i, 1, s.M)))
_CASE = {**_SPECTRUM, s.ad: _NOISE.ad, s.av: _NOISE.av}


def additive(expression: sp.Expr) -> sp.Expr:
    """The parent's expression in the additive case."""
    return gathered(spell_out(expression, _CASE))


_CHANGED = p1_theorem_4_1.map(additive)
p1_corollary_4_1 = replace(
    p1_theorem_4_1,
    **{
        **_CHANGED,
        "definitions": {
            s.bias: _CHANGED["definitions"][s.bias],
            s.effective_dimension: _CHANGED["definitions"][s.effective_dimension],
            s.h: clean_target(p1_theorem_4_1.definitions[s.h]),
            s.alpha_B: ALPHA_B,
            s.sigma_G2: additive(SIGMA_G2),
        },
    },
    name="p1-corollary-4.1",
    title="P1 Corollary 4.1: additive quantization",
    statement=(
        "P1 Theorem 4.1 where every quantizer is additive: the spectrum gains the floor eps_d in every direction, and every "
        "piece "
        "is written in lam_i, w* and the levels. Activation, output and label errors fall with B, the parameter error does not."
    ),
    number="Corollary 4.1",
    hypotheses=changed_hypotheses({s.kappa: s.step * s.trace, s.trace: _SPECTRUM[s.trace], s.ad: _NOISE.ad, s.av: _NOISE.av}),
    assumptions=(*ASSUMPTIONS, ALL_ADDITIVE),
)
