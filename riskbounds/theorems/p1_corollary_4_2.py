"""P1 Corollary 4.2: per slot, the largest level that keeps the full-precision order (theory sections 9, 9b).

U_0 is the upper bound of P1 Theorem 4.1 in full precision, Z_0 = sigma^2 + 2 h_0 its noise per sample, D_0 its effective
dimension.  If every level is at most its entry in :data:`LARGEST`, the bound of P1 Theorem 4.1 is at most 15 U_0.  Proof,
with mu_i >= lam_i, one inequality per factor (x = sigma_q^2 - sigma^2 = sum lam_i (mu_i - lam_i)/mu_i E w*_i^2):

    bias <= bias_0, h <= h_0     both are sums of terms nonincreasing in mu_i at fixed lam_i w*_i^2
    D <= (325/144) D_0           (y + v)^2 <= 25/16 y^2 + 25/9 v^2 with N gamma eps_d = v, or (1 + eps_d)^2 <= 25/16
    additive data                min(lam, e) <= max(1, N gamma e) min(lam, 1/(N gamma)), so x <= max(1, N gamma eps_d) h_0,
                                 at most Z_0/2,
                                 and x <= eps_d N gamma h_0 + bias_0: the directions before and after lam = 1/(N gamma)
    multiplicative data          ad1 <= 2 + 6 eps_d, av1 <= 6 eps_d, h <= ||w*||_H^2, x = eps_d/(1+eps_d) ||w*||_H^2
    B (sigma_G^2 + ad h) <= (5/4)(1 + 1/2 + 1/4 + 1/4 + 5/16) Z_0 + Z_0/4 = (201/64) Z_0   data, label, parameter, activation,
                                 output; activation and output at most 1/4 where they multiply the other slots
    1 - gamma (ad+av) tr Sigma > (1 - 2 gamma tr H/B)/2        the step-size hypothesis, strict so that U_0 is finite
    x <= U_0 + bias_0            so that U <= (U_0 + bias_0)/2 + bias_0/2 + 2 (325/144)(201/64) (U_0 - bias_0/2) <= 15 U_0

The machine's proof is derivations/p1_corollary_4_2.py: every mixture of structures at once, and w* not 0.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from riskbounds import symbols as s
from riskbounds.model import Definitions, total
from riskbounds.quantization.slots import Quantization
from riskbounds.setting import Setting
from riskbounds.theorems.citations import P1
from riskbounds.theorems.feature_row import Condition
from riskbounds.theorems.noise import NoiseConstants, noise_constants
from riskbounds.theorems.noise_rows import feature_row, structure_of
from riskbounds.theorems.p1_theorem_4_1 import ASSUMPTIONS, batch_noise, p1_theorem_4_1
from riskbounds.theorems.sharp_pair import STEP_SIZE
from riskbounds.theorems.theorem import Assumption, Hypothesis, Theorem

i = s.i
#: How many times the full-precision bound the quantized bound may be.
FACTOR = 15


def _two_schemes(setting: Setting) -> bool:
    found = {getattr(level, "structure", None) for level in setting.quantization.levels().values()}
    return found <= {"additive", "multiplicative"}


ADDITIVE_OR_MULTIPLICATIVE = Assumption(
    name="every quantizer is additive or multiplicative",
    holds=_two_schemes,
    refusal="P1 Corollary 4.2 knows additive and multiplicative (one common scale) quantizers: change the elementwise slots",
)


def by_minimum(expression: sp.Expr) -> sp.Expr:
    """A sum split at k* as one sum of minima: of its two summands the smaller one stands on either side of k*."""
    head = tail = sp.Integer(0)
    for term in sp.Add.make_args(expression):
        free, rest = term.as_independent(sp.Sum)
        summand, upper = (rest.function, rest.limits[0][2]) if isinstance(rest, sp.Sum) else (term / s.k_star, s.k_star)
        factor = free if isinstance(rest, sp.Sum) else sp.Integer(1)
        if upper == s.k_star:
            head += factor * summand
        else:
            tail += factor * summand
    return total(sp.Min(head, tail))


def in_full_precision(expression: sp.Expr) -> sp.Expr:
    """The parent's piece with mu_i = lam_i and v^q = w*, free of k*."""
    return by_minimum(expression.xreplace({s.mu[i]: s.lam[i], s.quantized_target2[i]: s.target2[i]}))


_EXACT = noise_constants(Quantization(), sketched=False)
_REFERENCE = {
    s.approximation: sp.Integer(0),
    s.bias: s.reference_bias,
    s.effective_dimension: s.reference_dimension,
    s.sigma_G2: s.reference_noise / s.B - s.ad * s.reference_h,
    s.h: s.reference_h,
    s.trace: s.trace_H,
    s.av: sp.Integer(0),
}

DEFINITIONS: Definitions = {
    s.reference_bias: in_full_precision(p1_theorem_4_1.definitions[s.bias]),
    s.reference_dimension: in_full_precision(p1_theorem_4_1.definitions[s.effective_dimension]),
    s.reference_h: in_full_precision(p1_theorem_4_1.definitions[s.h]),
    s.reference_noise: sp.expand((_EXACT.A + _EXACT.ad * s.reference_h) * s.B).xreplace({s.sigma_q2: s.noise_variance}),
    s.reference_bound: sp.Add(*(p1_theorem_4_1.upper_terms or {}).values()).xreplace(_REFERENCE).subs(s.ad, _EXACT.ad),
}

_SHARE = s.reference_noise / 4
_QUARTER = sp.Rational(1, 4)
_BATCH = s.alpha + s.B - 1  # B alpha_B
_NORM = s.target_norm2

#: structure -> slot -> the largest level, in full-precision quantities; alpha is the fourth-moment constant of the data.
LARGEST: dict[str, dict[str, sp.Expr]] = {
    "additive": {
        "data": sp.Min(
            s.reference_bound / (s.N * s.step * s.reference_h),
            2 * _SHARE / (s.N * s.step * s.reference_h),
            sp.sqrt(s.reference_dimension / s.M) / (2 * s.N * s.step),
        ),
        "label": _SHARE,
        "parameter": _SHARE / (_BATCH * s.trace),
        "activation": _SHARE,
        "output": _SHARE,
    },
    "multiplicative": {
        "data": sp.Min(_QUARTER, s.reference_bound / _NORM, _SHARE / (12 * _NORM)),
        "label": _SHARE / (3 * s.noise_variance + _BATCH * _NORM),
        "parameter": _SHARE / (_BATCH * _NORM),
        "activation": sp.Min(_QUARTER, _SHARE / (_BATCH * _NORM)),
        "output": sp.Min(_QUARTER, _SHARE / (s.B * s.reference_h)),
    },
}


def level_conditions(quantization: Quantization) -> tuple[Condition, ...]:
    """eps <= its largest level for every slot that is not exact."""
    fourth = feature_row(quantization, sketched=False).c4
    return tuple(
        Condition(
            name=f"{slot} level keeps the full-precision order: {s.EPS[slot]} <= its largest",
            lhs=s.EPS[slot],
            rhs=LARGEST[structure_of(slot, level).structure][slot].xreplace({s.alpha: fourth}),
        )
        for slot, level in quantization.levels().items()
    )


def noise_and_levels(setting: Setting) -> NoiseConstants:
    """The constants of P1 Theorem 4.1 with the conditions on the setting's levels as hypotheses."""
    noise = batch_noise(setting)
    return replace(noise, hypotheses=(*noise.hypotheses, *level_conditions(setting.quantization)))


_LARGEST_STEP, _FEEDBACK = STEP_SIZE
p1_corollary_4_2 = Theorem(
    name="p1-corollary-4.2",
    title="P1 Corollary 4.2: levels that keep the full-precision order",
    statement=(
        f"In P1 Theorem 4.1 let every slot be additive or multiplicative. The upper bound is at most {FACTOR} times its value in "
        "full precision (reference_bound) if the step size keeps more than half of the full-precision room and each level is at "
        "most its largest, which the conditions of the two schemes state in full-precision quantities."
    ),
    status="reconstruction",
    citation=P1,
    number="Corollary 4.2",
    definitions=DEFINITIONS,
    noise=noise_and_levels,
    hypotheses=(
        _LARGEST_STEP,
        Hypothesis(
            name="noise feedback keeps half of the full-precision room",
            lhs=p1_theorem_4_1.hypotheses[1].lhs,
            rhs=(1 + s.step * _EXACT.ad * s.trace_H) / 2,
            strict=True,
            sides=("upper",),
            on_step_size=True,
            advice=_FEEDBACK.advice,
        ),
    ),
    assumptions=(*ASSUMPTIONS, ADDITIVE_OR_MULTIPLICATIVE),
)
