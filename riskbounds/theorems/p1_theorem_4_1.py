"""P1 Theorem 4.1: the threshold form without a sketch, for the risk on quantized inputs (theory sections 5, 9, 9b).

Parent: the upper side of ``threshold``. On quantized inputs lam_i becomes mu_i in the error functional and the shrinkage is 0.
Three inequalities follow, each elementary:

    mu_i <= tr Sigma      the parameter slot's A_i becomes alpha_B eps_p tr Sigma, alpha_B = alpha/B + 1 - 1/B
    k <= ||v^q||^2_Sigma  because min(1, N x)^2 <= 1
    kappa <= gamma tr Sigma   because x/(2-x) <= x for 0 < x <= 1
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from riskbounds import symbols as s
from riskbounds.model import Definitions
from riskbounds.setting import Setting
from riskbounds.theorems.assumptions import GAUSSIAN_DATA, NO_STORAGE
from riskbounds.theorems.citations import P1
from riskbounds.theorems.noise import NoiseConstants, of_slots
from riskbounds.theorems.sharp_pair import STEP_SIZE, setting_noise, without_storage
from riskbounds.theorems.theorem import Assumption, Hypothesis, Theorem
from riskbounds.theorems.threshold_pair import PIECES_BY_THRESHOLD, threshold

i = s.i
#: The slots of P1.
SLOTS = ("data", "label", "parameter", "activation", "output")

NO_SKETCH = Assumption(
    name="no sketch (S = I)",
    holds=lambda setting: setting.sketch is None,
    refusal="P1 has no sketch: remove [sketch], or use sharp, threshold or the p2 theorems",
)
P1_SLOTS_ONLY = Assumption(
    name="quantized slots among data, label, parameter, activation, output",
    holds=lambda setting: set(setting.quantization.levels()) <= {*SLOTS, "storage"},
    refusal="P1 quantizes data, label, parameter, activation and output only: make quantization.feature and "
    "quantization.sketch exact, or use sharp or threshold",
)
QUANTIZED_INPUTS = Assumption(
    name="risk on quantized inputs",
    holds=lambda setting: setting.risk_inputs == "quantized",
    refusal='P1 bounds the risk on quantized inputs: set problem.risk_inputs = "quantized", or use sharp or threshold',
)
ASSUMPTIONS = (GAUSSIAN_DATA, NO_SKETCH, QUANTIZED_INPUTS, P1_SLOTS_ONLY, NO_STORAGE)


def spell_out(expression: sp.Expr, definitions: Mapping[Any, sp.Expr]) -> sp.Expr:
    """The expression with every defined symbol (a base: ``base[i]``) replaced until none is left."""
    rules = {key[i] if isinstance(key, sp.IndexedBase) else key: value for key, value in definitions.items()}
    while (changed := expression.xreplace(rules)) != expression:
        expression = changed
    return expression


def gathered(expression: sp.Expr) -> sp.Expr:
    """The expression with factors that do not depend on i taken out of its sums, and sums of 1 counted."""

    def taken_out(node: sp.Sum) -> sp.Expr:
        free, bound = sp.factor(node.function).as_independent(i, as_Add=False)
        _, low, high = node.limits[0]
        return free * (high - low + 1 if bound == 1 else sp.Sum(bound, *node.limits))

    return expression.replace(lambda node: isinstance(node, sp.Sum), taken_out)


def on_quantized_inputs(expression: sp.Expr) -> sp.Expr:
    """The parent's expression for the risk on quantized inputs, by the three inequalities of the module docstring."""
    error_functional = {s.risk_weight[i]: s.mu[i], s.shrinkage: sp.Integer(0)}
    larger = {s.kappa: s.step * s.trace, s.k: s.quantized_norm2}
    collected = {s.A_max: s.sigma_G2 - s.av * s.quantized_norm2}
    return gathered(without_storage(expression).xreplace(error_functional).xreplace(larger).xreplace(collected))


def larger_noise(noise: NoiseConstants) -> NoiseConstants:
    """The constants with mu_i <= tr Sigma in A, which is nondecreasing in mu_i; upper side only."""

    def larger(expression: sp.Expr) -> sp.Expr:
        return expression.xreplace({s.mu[i]: s.trace})

    slots = tuple(replace(slot, A1=larger(slot.A1), A_between=larger(slot.A_between)) for slot in noise.slots)
    return of_slots(slots, bounded=noise.Alow is not None)


def batch_noise(setting: Setting) -> NoiseConstants:
    """Noise constants of the setting's quantizers in the form of P1."""
    return larger_noise(setting_noise(setting))


def changed_hypotheses(definitions: Mapping[Any, sp.Expr]) -> tuple[Hypothesis, ...]:
    """gamma mu_1 <= 1 and the parent's feedback condition, with the definitions spelled out."""
    largest, feedback = STEP_SIZE
    return largest, replace(
        feedback, name="noise feedback: gamma (a_delta + a_v) tr Sigma < 1", lhs=spell_out(feedback.lhs, definitions)
    )


_PARENT = threshold.upper_terms or {}
_PIECES: Definitions = {
    symbol: on_quantized_inputs(PIECES_BY_THRESHOLD[symbol]) for symbol in (s.bias, s.effective_dimension, s.h)
}

p1_theorem_4_1 = Theorem(
    name="p1-theorem-4.1",
    title="P1 Theorem 4.1: quantized SGD without a sketch, risk on quantized inputs",
    statement=(
        "S = I, Gaussian data, unbiased quantizers on data, label, parameter, activation and output, "
        "H^(q) = Sigma = E Q_d(x) Q_d(x)^T with eigenvalues mu_i, k* = max{k : mu_k >= 1/(N gamma)}. Then R^q(vbar_N) - "
        "sigma^2/2 "
        "is at most half of sigma_q^2 - sigma^2, the thresholded bias, and the effective dimension over N times the noise: "
        "sigma_G^2, that of the batch gradient with the label, activation, output and parameter terms, and what the bias feeds. "
        "R has the factor 1/2."
    ),
    status="reconstruction",
    citation=P1,
    number="Theorem 4.1",
    upper_terms={name: on_quantized_inputs(_PARENT[name]) for name in ("approximation", "bias", "variance")},
    definitions={
        **_PIECES,
        s.A_max: PIECES_BY_THRESHOLD[s.A_max],
        s.sigma_G2: s.A_max + s.av * s.quantized_norm2,
    },
    noise=batch_noise,
    hypotheses=changed_hypotheses({s.kappa: s.step * s.trace}),
    assumptions=ASSUMPTIONS,
)
