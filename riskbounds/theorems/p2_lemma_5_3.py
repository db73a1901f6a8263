"""P2 Lemma 5.3: Lemma 5.2 for c1 i^-a <= lam_i <= c2 i^-a and c3_low i^-a <= lam_i E v*_i^2 <= c3 i^-a, no sum left.

The constants are read off the instance.  With K = (c2 gamma N (1+eps_bar_1))^{1/a} and K_low the same with c1,
N x_i <= (K/i)^a and N x_i >= (K_low/i)^a.  A sum of a decreasing f is at most int_0^M f and at least int_1^{m+1} f:

    sum min(1, (K/i)^{2a})           <= min(M, 2aK/(2a-1))
    sum i^-a                         <= (a - M^{1-a})/(a-1) <= a/(a-1)
    sum i^-a min(1, (i/K_low)^{2a})  <= sum i^a K_low^{-2a} <= M^{a+1} K_low^{-2a}, and <= sum min(i^-a, K_low^-a)
    sum min(i^-a, K_low^-a)          <= min(M K_low^-a, (a/(a-1)) K_low^{1-a}, a/(a-1))

and below, the indices i <= K and i > K apart (floor(t) >= t - 1, positive parts where a range may be empty):

    sum_{i<=m} min(1, (K/i)^{2a})      >= (min(m, K) - 1)_+ + K^{2a} ((K+1)^{1-2a} - m^{1-2a})_+ / (2a-1)
    sum_{i<=m} i^-a min(1, (i/K)^{2a}) >= (min(m, K) - 1)_+^{a+1} K^{-2a}/(a+1) + ((K+1)^{1-a} - m^{1-a})_+ / (a-1)

for real m, of use for Lemma 5.4.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from riskbounds import symbols as s
from riskbounds.numerics.ranges import MaxOver, MinOver
from riskbounds.problem import PowerLaw
from riskbounds.setting import Setting
from riskbounds.theorems.p2_lemma_5_1 import terms_of
from riskbounds.theorems.p2_lemma_5_2 import GROWTH, lemma_5_2
from riskbounds.theorems.theorem import Assumption

i, a, M, N = s.i, s.a, s.M, s.N


def _finite_power_law(setting: Setting) -> bool:
    return isinstance(setting.spectrum, PowerLaw) and setting.dimension is not None


POWER_LAW = Assumption(
    name="power law of finite dimension",
    holds=_finite_power_law,
    refusal="this theorem reads the envelopes of a power law of finite dimension off the instance: "
    'set problem.spectrum.kind = "power-law" with a finite dimension, or use p2-lemma-5.1',
)

_ENERGY = s.lam[i] * s.target2[i] * i**a
#: The envelopes, read off the instance.
ENVELOPES = {
    s.c1: MinOver(s.lam[i] * i**a, i),
    s.c2: MaxOver(s.lam[i] * i**a, i),
    s.c3: MaxOver(_ENERGY, i),
    s.c3_low: MinOver(_ENERGY, i),
}

#: Bounds of sum i^-a: up to M, and for every M.
POWER_SUM = (a - M ** (1 - a)) / (a - 1)
POWER_SUM_LIMIT = a / (a - 1)


def positive(value: sp.Expr) -> sp.Expr:
    """Positive part."""
    return sp.Max(0, value)


def dimension_above(K: sp.Expr) -> sp.Expr:
    """sum_{i>=1} min(1, (K/i)^{2a}) is at most this."""
    return 2 * a * K / (2 * a - 1)


def saturated_above(K: sp.Expr) -> sp.Expr:
    """sum_{i>=1} min(i^-a, K^-a) is at most this."""
    return POWER_SUM_LIMIT * K ** (1 - a)


def bias_above(K: sp.Expr) -> sp.Expr:
    """sum_{i<=M} i^-a min(1, (i/K)^{2a}) is at most this."""
    return sp.Min(M ** (a + 1) * K ** (-2 * a), saturated_above(K))


def dimension_below(m: sp.Expr, K: sp.Expr) -> sp.Expr:
    """sum_{i<=m} min(1, (K/i)^{2a}) is at least this."""
    learned = positive(sp.Min(m, K) - 1)
    rest = positive((K + 1) ** (1 - 2 * a) - m ** (1 - 2 * a))
    return learned + K ** (2 * a) * rest / (2 * a - 1)


def bias_below(m: sp.Expr, K: sp.Expr) -> sp.Expr:
    """sum_{i<=m} i^-a min(1, (i/K)^{2a}) is at least this."""
    learned = positive(sp.Min(m, K) - 1) ** (a + 1) * K ** (-2 * a) / (a + 1)
    return learned + positive((K + 1) ** (1 - a) - m ** (1 - a)) / (a - 1)


_SHRINK = (s.eps_bar_1 / GROWTH) ** 2
_ABOVE = {s.target_norm2: s.c3 * POWER_SUM}
_BELOW = {
    s.target_norm2: s.c3_low * positive(1 - (M + 1) ** (1 - a)) / (a - 1),
    s.bias: s.bias_low,
    s.effective_dimension: s.dimension_low,
    s.adlow: sp.Integer(0),
}

lemma_5_3 = replace(
    lemma_5_2,
    name="p2-lemma-5.3",
    title="Explicit form for a power law, multiplicative levels",
    statement=(
        "Lemma 5.2 for c1 i^-a <= lam_i <= c2 i^-a and c3_low i^-a <= lam_i E v*_i^2 <= c3 i^-a, the constants being read off "
        "the instance: D, bias, h, k and ||v*||^2 replaced by explicit bounds in M and gamma N, through the number of directions "
        "that N steps can learn (reach) and do learn (reach_low)."
    ),
    number="Lemma 5.3",
    upper_terms={name: term.xreplace(_ABOVE) for name, term in terms_of(lemma_5_2, "upper").items()},
    lower_terms={name: term.xreplace(_BELOW) for name, term in terms_of(lemma_5_2, "lower").items()},
    definitions={
        **ENVELOPES,
        s.eps_bar_1: lemma_5_2.definitions[s.eps_bar_1],
        s.A_max: lemma_5_2.definitions[s.A_max],
        s.Alow_min: lemma_5_2.definitions[s.Alow_min],
        s.reach: (s.c2 * s.step * N * GROWTH) ** (1 / a),
        s.reach_low: (s.c1 * s.step * N * GROWTH) ** (1 / a),
        s.effective_dimension: sp.Min(M, dimension_above(s.reach)) / GROWTH,
        s.bias: s.c3 / GROWTH * bias_above(s.reach_low),
        s.h: s.c3 / GROWTH * sp.Min(M * s.reach_low**-a, saturated_above(s.reach_low), POWER_SUM_LIMIT),
        s.k: s.c3 / GROWTH * POWER_SUM_LIMIT,
        s.dimension_low: dimension_below(M, s.reach_low) / GROWTH,
        s.bias_low: s.c3_low / GROWTH * bias_below(M, s.reach),
    },
    assumptions=(*lemma_5_2.assumptions, POWER_LAW),
)
