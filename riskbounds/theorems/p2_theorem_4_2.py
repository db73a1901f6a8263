"""P2 Theorem 4.2: the upper bound for additive levels in effective sizes, M_eff = min(M, (c1/e_high)^{1/a}) and N_eff.

From Lemma 5.4, with z = min(1, e_high M^a/c1) and X = c3 (a/(a-1)) M_eff^{1-a}: s <= X z^2 where Lam and Sigma commute (elsewhere
z is raised until it is so), and sqrt(s bias) <= (X z + z bias)/2.  Of D the minimum with M is dropped; over 2aK/(2a-1) it is

    d = min(1 + (2a-1)/(2(a-1)) (gamma N e_high)^{1/a}, (2a-1)/(2(a-1)) (gamma N e_low)^{-1/a}),

so that F and N_eff = N F^{-a/(a-1)} depend on N once gamma N e is not small: N_eff is then a definition, not an exponent.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from riskbounds import symbols as s
from riskbounds.theorems.moment_bound import full_precision
from riskbounds.theorems.p2_lemma_5_3 import POWER_SUM_LIMIT, dimension_above
from riskbounds.theorems.p2_lemma_5_4 import capped, dimension_with_floor, lemma_5_4
from riskbounds.theorems.p2_theorem_4_1 import BIAS, VARIANCE, data_term, effective_data, noise_level_of, positive_data_term
from riskbounds.theorems.theorem import Hypothesis

a, M, N = s.a, s.M, s.N

#: X: the additive error is X (z + z^2)/2.
LOST: sp.Expr = POWER_SUM_LIMIT * s.c3 * s.M_eff ** (1 - a)


def dimension_ratio() -> sp.Expr:
    """d of the module docstring, for e_low = 0 too."""
    unit = dimension_above(s.reach)
    growing = dimension_with_floor(s.reach) / unit
    shrinking = unit / (POWER_SUM_LIMIT * s.reach) * (s.step * N * s.floor_low) ** (1 / a)
    return growing / sp.Max(1, growing * shrinking)


_NOISE = noise_level_of(lemma_5_4)
_KEPT = (s.c1, s.c2, s.c3, s.floor_low, s.floor_high, s.A_max, s.reach)
_DATA = (BIAS * (1 + s.floor_share), VARIANCE * dimension_ratio() * s.noise_level)
TARGET = Hypothesis(
    name="the target is not 0: c3 > 0",
    lhs=sp.Integer(0),
    rhs=s.c3,
    strict=True,
    sides=("upper",),
    advice="a target that is not 0",
)

theorem_4_2 = replace(
    lemma_5_4,
    name="p2-theorem-4.2",
    title="Scaling law in effective sizes, additive levels, upper",
    statement=(
        "Additive errors in s, d, f, the step size of Lemma 5.1 and the envelopes of Lemma 5.4: the risk is at most "
        "Approx(M), the "
        "error of the floor at the effective model size M_eff <= M, the number of directions above the floor, and the "
        "full-precision data term C (gamma N_eff)^(1/a-1) at the effective data size N_eff, where F collects the quantization."
    ),
    number="Theorem 4.2",
    upper_terms={
        "approximation": s.approximation,
        "shrinkage": LOST * s.floor_share * (1 + s.floor_share) / 2,
        "bias": data_term(s.bias_share),
        "variance": data_term(1 - s.bias_share),
    },
    lower_terms=None,
    definitions={
        **{symbol: lemma_5_4.definitions[symbol] for symbol in _KEPT},
        s.M_eff: capped(M, s.floor_high, s.c1),
        s.floor_share: sp.Max(sp.Min(1, s.floor_high * M**a / s.c1), sp.sqrt(s.shrinkage / LOST)),
        s.noise_level: _NOISE,
        s.noise_level_full: _NOISE.xreplace(full_precision()),
        **effective_data(*_DATA, BIAS, VARIANCE * s.noise_level_full),
    },
    hypotheses=(
        *(each for each in lemma_5_4.hypotheses if "upper" in each.sides),
        TARGET,
        *positive_data_term("upper", *_DATA),
    ),
)
