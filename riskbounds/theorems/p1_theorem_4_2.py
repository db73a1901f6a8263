"""P1 Theorem 4.2: the multiplicative case of P1 Theorem 4.1, one common scale per batch (theory sections 9, 9b).

Every slot multiplicative: mu_i = (1 + eps_d) lam_i keeps the shape of the spectrum, and the approximation error is
eps_d/(1 + eps_d) ||w*||_H^2 / 2.  With one scale for the whole batch the errors of activation, output and label meet
||w*||_H^2 in a part that does not fall with B.  Inequalities added to the parent: h as in P1 Corollary 4.1, and
||v^q||^2_Sigma = ||w*||_H^2/(1 + eps_d) <= ||w*||_H^2.  Scales drawn per sample are covered: they only drop terms.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from riskbounds import symbols as s
from riskbounds.model import total
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import Multiplicative
from riskbounds.setting import Setting
from riskbounds.theorems.assumptions import every_quantizer
from riskbounds.theorems.noise import NoiseConstants, noise_constants
from riskbounds.theorems.p1_corollary_4_1 import clean_target, spectrum
from riskbounds.theorems.p1_theorem_4_1 import (
    ASSUMPTIONS,
    batch_noise,
    changed_hypotheses,
    gathered,
    larger_noise,
    p1_theorem_4_1,
    spell_out,
)

i = s.i


ALL_MULTIPLICATIVE = every_quantizer(
    "multiplicative",
    "P1 Theorem 4.2 is the multiplicative case (one common scale): make every slot multiplicative, or use p1-theorem-4.1",
)


def shared_scale(quantization: Quantization) -> Quantization:
    """The same quantization with one scale per batch."""
    return Quantization(
        data=quantization.data,
        label=quantization.label,
        parameter=quantization.parameter,
        activation=quantization.activation,
        output=quantization.output,
        batch_scale="shared",
    )


def shared_noise(setting: Setting) -> NoiseConstants:
    """Noise constants with one scale per batch, which are at least those with a scale per sample."""
    return batch_noise(setting.replace(quantization=shared_scale(setting.quantization)))


_LEVEL = Multiplicative("1/2")
EVERY_SLOT = Quantization(data=_LEVEL, label=_LEVEL, parameter=_LEVEL, activation=_LEVEL, output=_LEVEL, batch_scale="shared")
_NOISE = larger_noise(noise_constants(EVERY_SLOT, sketched=False))
_SPECTRUM = spectrum("multiplicative")
_NORM = {total(s.lam[i] * s.target2[i]): s.target_norm2}
_SPECTRUM[s.trace] = gathered(total(_SPECTRUM[s.mu])).xreplace({total(s.lam[i]): s.trace_H})
#: ||v^q||^2_Sigma <= ||w*||_H^2.
_SPECTRUM[s.quantized_norm2] = s.target_norm2


def multiplicative(expression: sp.Expr) -> sp.Expr:
    """The parent's expression in the multiplicative case; a_delta and a_v stay symbols."""
    return gathered(spell_out(expression, _SPECTRUM)).xreplace(_NORM)


_CHANGED = p1_theorem_4_1.map(multiplicative)
p1_theorem_4_2 = replace(
    p1_theorem_4_1,
    **{
        **_CHANGED,
        "definitions": {
            s.bias: _CHANGED["definitions"][s.bias],
            s.effective_dimension: _CHANGED["definitions"][s.effective_dimension],
            s.h: clean_target(p1_theorem_4_1.definitions[s.h]),
            s.sigma_G2: sp.factor_terms(multiplicative(_NOISE.A)) + s.av * s.target_norm2,
        },
    },
    name="p1-theorem-4.2",
    title="P1 Theorem 4.2: multiplicative quantization",
    statement=(
        "P1 Theorem 4.1 where every quantizer is multiplicative (one random scale for the whole vector; label, activation and "
        'output errors share it over the batch, batch_scale = "shared", which also covers a scale per sample): the spectrum is '
        "multiplied by 1 + eps_d. Parameter, activation and output errors couple to ||w*||_H^2 by parts that do not fall with B. "
        "The paper states the approximation error for the risk without the factor 1/2."
    ),
    number="Theorem 4.2",
    noise=shared_noise,
    hypotheses=changed_hypotheses({s.kappa: s.step * s.trace, s.trace: _SPECTRUM[s.trace]}),
    assumptions=(*ASSUMPTIONS, ALL_MULTIPLICATIVE),
)
