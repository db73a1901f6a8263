"""P2 Theorem 4.4: the lower bound that matches Theorem 4.2, additive levels.

From Lemma 5.4 as Theorem 4.3 from Lemma 5.3, with m = min(M, (c1/(4 e_high))^{1/a}) in the place of M.  With
M_eff = min(M, (c2/e_low)^{1/a}) >= m >= 2 (K + 1) >= 6 and z = min(1, e_low M^a/c2): (e_low/c2)^2 = z^2 M_eff^{-2a} and
M_eff - 1 >= (5/6) M_eff; where z = 1, 1 + (c2/e_low)^{1/a} <= (7/6) M_eff.  So s >= (c3_low/4) omega M_eff^{1-a} with

    omega = (5/6)^{a+1} z^2/(a+1) + ((7/6)^{1-a} - (M_eff/M)^{a-1})_+ / (a-1).
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from riskbounds import symbols as s
from riskbounds.theorems.moment_bound import full_precision
from riskbounds.theorems.p2_lemma_5_3 import positive
from riskbounds.theorems.p2_lemma_5_4 import capped, lemma_5_4
from riskbounds.theorems.p2_theorem_4_1 import data_term, effective_data, positive_data_term
from riskbounds.theorems.p2_theorem_4_3 import BIAS_LOW, VARIANCE_LOW, resolved

a, M = s.a, s.M
_UNUSED = (s.c3, s.A_max, s.effective_dimension, s.bias, s.h, s.k, s.shrinkage_high, s.dimension_low)

#: omega of the module docstring.
LOST_SHARE: sp.Expr = sp.Rational(5, 6) ** (a + 1) * s.floor_share_low**2 / (a + 1) + positive(
    sp.Rational(7, 6) ** (1 - a) - (s.M_eff / M) ** (a - 1)
) / (a - 1)
_DATA = (s.above_floor**4 * BIAS_LOW, s.above_floor * VARIANCE_LOW * s.Alow_min)

theorem_4_4 = replace(
    lemma_5_4,
    name="p2-theorem-4.4",
    title="Scaling law in effective sizes, additive levels, lower",
    statement=(
        "Under the hypotheses of Theorem 4.2, if N resolves two directions and leaves some of those above the floor to learn: "
        "the "
        "risk is at least Approx(M), the error of the floor at M_eff <= M, and a data term C (gamma N_eff)^(1/a-1) of the "
        "order of "
        "Theorem 4.2's, C being the constant in full precision."
    ),
    number="Theorem 4.4",
    upper_terms=None,
    lower_terms={
        "approximation": s.approximation,
        "shrinkage": s.c3_low / 8 * LOST_SHARE * s.M_eff ** (1 - a),
        "bias": data_term(s.bias_share),
        "variance": data_term(1 - s.bias_share),
    },
    definitions={
        **{symbol: value for symbol, value in lemma_5_4.definitions.items() if symbol not in _UNUSED},
        s.M_eff: capped(M, s.floor_low, s.c2),
        s.floor_share_low: sp.Min(1, s.floor_low * M**a / s.c2),
        **effective_data(*_DATA, BIAS_LOW, VARIANCE_LOW * full_precision()[s.Alow_min]),
    },
    hypotheses=(
        *lemma_5_4.hypotheses,
        *positive_data_term("lower", *_DATA),
        *resolved(s.learnable, "min(M, (c1/(4 floor))^(1/a))"),
    ),
)
