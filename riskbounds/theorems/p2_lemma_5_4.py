"""P2 Lemma 5.4: Lemma 5.1 for additive feature errors and the envelopes of a power law; no sum left.

e_low <= (Sigma - Lam)_ii <= e_high in Sigma's eigenbasis; one floor e without additive data behind a sketch.  c3 also bounds
i^a mu_i E (v^q_i)^2, which is at most i^a lam_i E v*_i^2 wherever Lam and Sigma commute.  With K, K_low as in Lemma 5.3
(eps_bar_1 = 0), z/(1+z) <= min(1, z) and min(1, p+q) <= min(1, p) + min(1, q):

    D    = sum min(lam/mu, (gamma N)^2 lam mu)
        <= min(M, (a/(a-1)) (c2/e_low)^{1/a}, 2aK/(2a-1) + (a/(a-1)) K (gamma N e_high)^{1/a}),
    bias <= c3 min(bias of 5.3, (a/(a-1))/max(1, gamma N e_low)^2),  h <= c3 min(h of 5.3, (a/(a-1))/max(1, gamma N e_low)),
    s    = sum lam v*^2 (e/(lam+e))^2 <= c3 min(M^{a+1} (e_high/c1)^2, (a/(a-1)) (e_high/c1)^{(a-1)/a})   where they commute.

Below, (e/(lam+e))^2 >= min(1, e i^a/c2)^2/4; and only directions i <= m = min(M, (c1/(4 e_high))^{1/a}) are kept, where
lam/mu >= theta = 1/(1 + e_high m^a/c1) >= 4/5, so lam v^q^2 min(1, (gamma N mu)^-2) >= c3_low i^-a theta^4 min(1, (i/K)^{2a}).
Where Lam and Sigma do not commute, the diagonal form of the mean part is compared with the mean part itself.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from riskbounds import symbols as s
from riskbounds.numerics.ranges import MaxOver, MinOver
from riskbounds.setting import Setting
from riskbounds.theorems.p2_lemma_5_1 import LEARNED, lemma_5_1, terms_of
from riskbounds.theorems.p2_lemma_5_2 import CLEAN_INPUTS, feature_structures
from riskbounds.theorems.p2_lemma_5_3 import (
    ENVELOPES,
    POWER_LAW,
    POWER_SUM_LIMIT,
    bias_above,
    bias_below,
    dimension_above,
    dimension_below,
    lemma_5_3,
    positive,
    saturated_above,
)
from riskbounds.theorems.sharp_pair import MEAN_PART
from riskbounds.theorems.theorem import Assumption, Hypothesis

i, a, M, N = s.i, s.a, s.M, s.N


def _floor(setting: Setting) -> bool:
    rough = {"sketch", "feature"} if setting.sketch is not None else set()
    return all(
        structure == "additive" or (structure == "elementwise" and slot in rough)
        for slot, structure in feature_structures(setting).items()
    )


ADDITIVE_FEATURES = Assumption(
    name="feature errors are a floor",
    holds=_floor,
    refusal="data, sketch and feature errors must be additive (elementwise sketch and feature errors behind a sketch count): use "
    "p2-lemma-5.2 or its children for multiplicative errors, p2-lemma-5.1 for mixtures",
)


def capped(size: sp.Expr, floor: sp.Expr, scale: sp.Expr) -> sp.Expr:
    """min(size, (scale/floor)^{1/a}), for floor = 0 too."""
    return size / sp.Max(1, size * (floor / scale) ** (1 / a))


def floor_below(floor: sp.Expr) -> sp.Expr:
    """sum_{i<=M} i^-a min(1, floor i^a)^2 is at least this: bias_below with K = floor^{-1/a}, for floor = 0 too."""
    r = floor ** (1 / a)
    learned = positive(capped(M, floor, sp.Integer(1)) - 1) ** (a + 1) * floor**2 / (a + 1)
    return learned + positive((r / (1 + r)) ** (a - 1) - M ** (1 - a)) / (a - 1)


def _no_growth(expression: sp.Expr) -> sp.Expr:
    """An expression of Lemma 5.3 without multiplicative errors."""
    return expression.subs(s.eps_bar_1, 0)


def dimension_with_floor(K: sp.Expr) -> sp.Expr:
    """sum_i min(1, (gamma N)^2 lam_i mu_i) is at most this."""
    return dimension_above(K) + POWER_SUM_LIMIT * K * (_G * s.floor_high) ** (1 / a)


_G = s.step * N
_OF_5_3 = lemma_5_3.definitions
_HIGH = s.floor_high / s.c1

DEFINITIONS = {
    **ENVELOPES,
    s.c3: sp.Max(ENVELOPES[s.c3], MaxOver(s.mu[i] * s.quantized_target2[i] * i**a, i)),
    s.floor_low: MinOver(s.feature_error[i], i),
    s.floor_high: MaxOver(s.feature_error[i], i),
    s.A_max: lemma_5_1.definitions[s.A_max],
    s.Alow_min: lemma_5_1.definitions[s.Alow_min],
    s.reach: _no_growth(_OF_5_3[s.reach]),
    s.reach_low: _no_growth(_OF_5_3[s.reach_low]),
    s.effective_dimension: sp.Min(
        M,
        POWER_SUM_LIMIT * capped(M, s.floor_low, s.c2),
        dimension_with_floor(s.reach),
    ),
    s.bias: s.c3 * sp.Min(bias_above(s.reach_low), POWER_SUM_LIMIT / sp.Max(1, _G * s.floor_low) ** 2),
    s.h: s.c3 * sp.Min(M * s.reach_low**-a, saturated_above(s.reach_low), POWER_SUM_LIMIT / sp.Max(1, _G * s.floor_low)),
    s.k: s.c3 * POWER_SUM_LIMIT,
    s.learnable: capped(M, 4 * s.floor_high, s.c1),
    s.above_floor: 1 / (1 + s.floor_high * s.learnable**a / s.c1),
    s.shrinkage_high: sp.Max(s.c3 * sp.Min(M ** (a + 1) * _HIGH**2, POWER_SUM_LIMIT * _HIGH ** ((a - 1) / a)), s.shrinkage),
    s.shrinkage_low: s.c3_low / 4 * floor_below(s.floor_low / s.c2),
    s.bias_low: s.c3_low * s.above_floor**4 * bias_below(s.learnable, s.reach),
    s.dimension_low: s.above_floor
    * sp.Max(dimension_below(s.learnable, s.reach_low), positive(s.learnable - 1) * sp.Min(1, _G * s.floor_low) ** 2),
    s.mean_part: sp.Add(*(term for name, term in MEAN_PART.items() if name != "approximation")),
}

_BELOW = {s.effective_dimension: s.dimension_low, s.adlow: sp.Integer(0)}
_MEAN_LOW = {"shrinkage": s.shrinkage_low / 2, "bias": LEARNED**2 / 2 * s.bias_low}

#: Proved where Lam and Sigma commute; elsewhere checked on the instance, for the lower side alone.
MEAN_PART_DOMINATES = Hypothesis(
    name="the mean part is at least its diagonal form (always, where Lam and Sigma commute)",
    lhs=sp.Add(*_MEAN_LOW.values()),
    rhs=s.mean_part,
    sides=("lower",),
    on_steps=True,
    advice="p2-lemma-5.1, whose mean part is exact",
)

lemma_5_4 = replace(
    lemma_5_1,
    name="p2-lemma-5.4",
    title="Explicit form for a power law, additive levels",
    statement=(
        "Lemma 5.1 for additive errors in s, d, f, e_low <= (Sigma - Lam)_ii <= e_high, c1 i^-a <= lam_i <= c2 i^-a, "
        "c3_low i^-a <= lam_i E v*_i^2 <= c3 i^-a and mu_i E (v^q_i)^2 <= c3 i^-a, the constants being read off the instance, "
        "and the risk on clean inputs: D, bias, h, k and s replaced by explicit bounds in M, gamma N and the floor."
    ),
    number="Lemma 5.4",
    upper_terms={name: term.xreplace({s.shrinkage: s.shrinkage_high}) for name, term in terms_of(lemma_5_1, "upper").items()},
    lower_terms={
        "approximation": s.approximation,
        **_MEAN_LOW,
        "variance": terms_of(lemma_5_1, "lower")["variance"].xreplace(_BELOW),
    },
    definitions=DEFINITIONS,
    hypotheses=(*lemma_5_1.hypotheses, MEAN_PART_DOMINATES),
    assumptions=(*lemma_5_1.assumptions, ADDITIVE_FEATURES, CLEAN_INPUTS, POWER_LAW),
)
