"""P2 Theorem 4.1: the upper bound for multiplicative levels in effective sizes, M_eff = M and N_eff.

From Lemma 5.3: h and k are at most c3/(1+eps_bar_1) a/(a-1), the minima with M are dropped, and with eps = eps_bar_1

    sqrt(s bias) <= (s/eps + eps bias)/2,     so the additive error is eps/(1+eps) c3 (a - M^{1-a})/(a-1)/2, first order in eps.

What is left is a multiple of (gamma N)^{1/a-1}, in full precision C (gamma N)^{1/a-1}.  N_eff = N F^{-a/(a-1)}, F the ratio of
the two, makes it C (gamma N_eff)^{1/a-1}.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from riskbounds import symbols as s
from riskbounds.theorems.moment_bound import full_precision
from riskbounds.theorems.p2_lemma_5_1 import terms_of
from riskbounds.theorems.p2_lemma_5_2 import GROWTH
from riskbounds.theorems.p2_lemma_5_3 import dimension_above, lemma_5_3, saturated_above
from riskbounds.theorems.theorem import Hypothesis, Side, Theorem

a, N = s.a, s.N
RATE = 1 / a - 1

#: The data term of the upper bounds over (gamma N)^{1/a-1}: BIAS + VARIANCE V, without quantization of the features.
BIAS: sp.Expr = s.c3 / 2 * saturated_above(s.c1 ** (1 / a))
VARIANCE: sp.Expr = s.step / 2 * dimension_above(s.c2 ** (1 / a))


def noise_level_of(lemma: Theorem) -> sp.Expr:
    """The factor of D/(2N) in the variance of a lemma, with h replaced by the bound of k, which does not depend on N."""
    level = terms_of(lemma, "upper")["variance"] * 2 * N / s.effective_dimension
    return level.xreplace(dict.fromkeys((s.h, s.k), lemma.definitions[s.k]))


def data_term(weight: sp.Expr) -> sp.Expr:
    """A share of C (gamma N_eff)^{1/a-1}."""
    return weight * s.data_constant * (s.step * s.N_eff) ** RATE


def effective_data(bias: sp.Expr, variance: sp.Expr, full_bias: sp.Expr, full_variance: sp.Expr) -> dict[sp.Symbol, sp.Expr]:
    """C, F, N_eff and the bias' share, from the data term over (gamma N)^{1/a-1} with and without quantization."""
    return {
        s.data_constant: full_bias + full_variance,
        s.data_factor: (bias + variance) / s.data_constant,
        s.N_eff: N * s.data_factor ** (-a / (a - 1)),
        s.bias_share: bias / (bias + variance),
    }


def positive_data_term(side: Side, bias: sp.Expr, variance: sp.Expr) -> tuple[Hypothesis, Hypothesis]:
    """F is a ratio of two positive numbers: without a target and label noise there is no data term to compare with."""
    sizes = {"in full precision: C": s.data_constant, "with quantization: F C": bias + variance}
    first, second = (
        Hypothesis(
            name=f"there is a data term {words} > 0",
            lhs=sp.Integer(0),
            rhs=size,
            strict=True,
            sides=(side,),
            advice="a target or a noise_variance that is not 0",
        )
        for words, size in sizes.items()
    )
    return first, second


_NOISE = noise_level_of(lemma_5_3)
_DATA = (GROWTH**RATE * BIAS, GROWTH**RATE * VARIANCE * s.noise_level)
_KEPT = (s.c1, s.c2, s.c3, s.A_max, s.eps_bar_1)

theorem_4_1 = replace(
    lemma_5_3,
    name="p2-theorem-4.1",
    title="Scaling law in effective sizes, multiplicative levels, upper",
    statement=(
        "Multiplicative errors in s, d, f, the step size of Lemma 5.1 and the envelopes of Lemma 5.3: the risk is at most "
        "Approx(M_eff), an additive error of the levels, and the full-precision data term C (gamma N_eff)^(1/a-1) at the "
        "effective data size N_eff <= N, where F collects the quantization; M_eff = M."
    ),
    number="Theorem 4.1",
    upper_terms={
        "approximation": s.approximation,
        "shrinkage": (terms_of(lemma_5_3, "upper")["shrinkage"] * GROWTH / s.eps_bar_1).subs(s.M, s.M_eff),
        "bias": data_term(s.bias_share),
        "variance": data_term(1 - s.bias_share),
    },
    lower_terms=None,
    definitions={
        **{symbol: lemma_5_3.definitions[symbol] for symbol in _KEPT},
        s.M_eff: s.M,
        s.noise_level: _NOISE,
        s.noise_level_full: _NOISE.xreplace(full_precision()),
        **effective_data(*_DATA, BIAS, VARIANCE * s.noise_level_full),
    },
    hypotheses=(
        *(each for each in lemma_5_3.hypotheses if "upper" in each.sides),
        *positive_data_term("upper", *_DATA),
    ),
)
