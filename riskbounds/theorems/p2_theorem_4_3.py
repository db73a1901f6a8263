"""P2 Theorem 4.3: the lower bound that matches Theorem 4.1, multiplicative levels.

From Lemma 5.3 where 2 <= K_low and 2 (K + 1) <= M: then K - 1 >= K/2, K + 1 <= 3K/2 and M^{-1} <= (K + 1)^{-1}/2, so

    sum min(1, (K_low/i)^{2a})       >= delta K_low,    delta = 1/2 + (3/2)^{1-2a} (1 - 2^{1-2a})/(2a-1)
    sum i^-a min(1, (i/K)^{2a})      >= beta K^{1-a},   beta = 2^{-a-1}/(a+1) + (3/2)^{1-a} (1 - 2^{1-a})/(a-1).
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from riskbounds import symbols as s
from riskbounds.theorems.moment_bound import full_precision
from riskbounds.theorems.p2_lemma_5_1 import LEARNED, terms_of
from riskbounds.theorems.p2_lemma_5_2 import GROWTH
from riskbounds.theorems.p2_lemma_5_3 import lemma_5_3
from riskbounds.theorems.p2_theorem_4_1 import RATE, data_term, effective_data, positive_data_term
from riskbounds.theorems.theorem import Hypothesis

a, M = s.a, s.M


def _beyond(exponent: sp.Expr) -> sp.Expr:
    """((K+1)^{-t} - M^{-t})/t over K^{-t}, at least, where 2 (K+1) <= M and K >= 2."""
    return sp.Rational(3, 2) ** -exponent * (1 - 2**-exponent) / exponent


DIMENSION_SHARE: sp.Expr = sp.Rational(1, 2) + _beyond(2 * a - 1)
BIAS_SHARE: sp.Expr = 2 ** (-a - 1) / (a + 1) + _beyond(a - 1)

#: The data term of the lower bounds over (gamma N)^{1/a-1}: BIAS_LOW + VARIANCE_LOW min Alow, features exact.
BIAS_LOW: sp.Expr = LEARNED**2 / 2 * s.c3_low * BIAS_SHARE * s.c2**RATE
VARIANCE_LOW: sp.Expr = s.step / 16 * DIMENSION_SHARE * s.c1 ** (1 / a)


def resolved(size: sp.Expr, words: str) -> tuple[Hypothesis, Hypothesis]:
    """2 <= K_low and 2 (K + 1) <= size: N resolves two directions and leaves half of them unlearned."""
    return (
        Hypothesis(
            name="N resolves two directions: 2 <= (c1 gamma N)^(1/a)",
            lhs=sp.Integer(2),
            rhs=s.reach_low,
            sides=("lower",),
            on_steps=True,
            advice="more training.steps",
        ),
        Hypothesis(
            name=f"directions are left to learn: 2 ((c2 gamma N)^(1/a) + 1) <= {words}",
            lhs=2 * (s.reach + 1),
            rhs=size,
            sides=("lower",),
            on_steps=True,
            advice="fewer training.steps",
        ),
    )


_KEPT = (s.c1, s.c2, s.c3_low, s.Alow_min, s.eps_bar_1, s.reach, s.reach_low)
_DATA = (GROWTH ** (RATE - 2) * BIAS_LOW, GROWTH**RATE * VARIANCE_LOW * s.Alow_min)

theorem_4_3 = replace(
    lemma_5_3,
    name="p2-theorem-4.3",
    title="Scaling law in effective sizes, multiplicative levels, lower",
    statement=(
        "Under the hypotheses of Theorem 4.1, if N resolves two directions and leaves some to learn: the risk is at least "
        "Approx(M_eff), an additive error of the levels, and a data term C (gamma N_eff)^(1/a-1) of the order of Theorem 4.1's, "
        "with M_eff = M and C the constant in full precision."
    ),
    number="Theorem 4.3",
    upper_terms=None,
    lower_terms={
        "approximation": s.approximation,
        "shrinkage": terms_of(lemma_5_3, "lower")["shrinkage"].subs(M, s.M_eff),
        "bias": data_term(s.bias_share),
        "variance": data_term(1 - s.bias_share),
    },
    definitions={
        **{symbol: lemma_5_3.definitions[symbol] for symbol in _KEPT},
        s.M_eff: M,
        **effective_data(*_DATA, BIAS_LOW, VARIANCE_LOW * full_precision()[s.Alow_min]),
    },
    hypotheses=(*lemma_5_3.hypotheses, *positive_data_term("lower", *_DATA), *resolved(M, "M")),
)
