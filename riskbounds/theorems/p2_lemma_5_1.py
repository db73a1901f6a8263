"""P2 Lemma 5.1: the threshold form under the papers' assumptions, given the sketch, for errors of any structure.

From :mod:`riskbounds.theorems.sharp_pair` and :mod:`riskbounds.theorems.threshold_pair` by these inequalities.

Upper.  ||v^q - v* - g v^q||_Lam <= sqrt(s) + ||g v^q||_Lam (Minkowski; in mean square over a prior), Lam <= Sigma and
g_i <= min(1, 1/(N x_i)) give the bias with weights mu_i, commuting or not.  kappa = sum x/(2-x) <= gamma tr Sigma and
ad + av <= (1 + eps_bar_2) alpha give 1 - (ad+av) kappa >= 1 - (1 + eps_bar_2) alpha gamma tr Sigma.

Lower.  The mean part is exact.  dt_i >= (lam_i/mu_i) min(1, (N x_i)^2)/8 for N >= 2; and with y = x (2 - x) in [x, 1],
(1/N) sum_t (1-x)^{2t} = (1 - (1-y)^N)/(N y) >= (1-1/e) min(1, 1/(N y)) >= (1-1/e)/2 min(1, 1/(N x)), so the average of
||E delta_t||^2 is at least (1-1/e)/2 times its threshold form.
"""

from __future__ import annotations

import sympy as sp

from riskbounds import symbols as s
from riskbounds.setting import Setting
from riskbounds.theorems.assumptions import GAUSSIAN_DATA, NO_STORAGE
from riskbounds.theorems.citations import P2
from riskbounds.theorems.moment_bound import PAPER_LOAD, PAPER_STEP_SIZE, paper_noise
from riskbounds.theorems.sharp_pair import without_storage
from riskbounds.theorems.theorem import Assumption, Side, Theorem
from riskbounds.theorems.threshold_pair import TWO_STEPS, threshold, threshold_general


def _exact_label(setting: Setting) -> bool:
    return "label" not in setting.quantization.levels()


EXACT_LABEL = Assumption(
    name="labels are exact",
    holds=_exact_label,
    refusal="P2 has no label quantizer: use sharp, threshold or the theorems of P1",
)

#: 1 - 1/e: what a direction with N x >= 1 has learned at least.
LEARNED = 1 - sp.exp(-1)


def papers_feedback(expression: sp.Expr) -> sp.Expr:
    """(ad + av) kappa replaced by its bound (1 + eps_bar_2) alpha gamma tr Sigma; storage exact."""
    return without_storage(expression).subs(s.kappa, PAPER_LOAD / (s.ad + s.av))


def weighted_by_sigma(expression: sp.Expr) -> sp.Expr:
    """Risk weights replaced by mu_i >= risk_weight_i."""
    return expression.xreplace({s.risk_weight[s.i]: s.mu[s.i]})


def _pieces() -> dict[sp.Symbol, sp.Expr]:
    unused = (s.kappa, s.store)
    pieces = {symbol: value for symbol, value in threshold.definitions.items() if symbol not in unused}
    return {**pieces, s.bias: weighted_by_sigma(pieces[s.bias])}


def terms_of(theorem: Theorem, side: Side) -> dict[str, sp.Expr]:
    """The terms of a side that the theorem has."""
    terms = theorem.terms(side)
    assert terms is not None
    return dict(terms)


def _upper() -> dict[str, sp.Expr]:
    terms = terms_of(threshold, "upper")
    return {**terms, "variance": papers_feedback(terms["variance"])}


def _lower() -> dict[str, sp.Expr]:
    terms = terms_of(threshold_general, "lower")
    constant = terms["variance"]
    return {
        **terms,
        "variance": constant.subs(s.Alow_min, s.Alow_min + LEARNED / 2 * s.adlow * s.h),
    }


lemma_5_1 = Theorem(
    name="p2-lemma-5.1",
    title="Threshold form under the papers' assumptions",
    statement=(
        "Given S, unbiased quantizers in the slots s, d, f, p, a, o with draws independent of the past, fourth moments of q "
        "bounded by alpha and the step size below, in the eigenbasis of Sigma with lam_i = (U^T Lam U)_ii: above, mean part and "
        "variance through the threshold k* = max{i : mu_i >= 1/(N gamma)}, the effective dimension D and the noise that the bias "
        "feeds; below, for N large enough, the exact mean part and the thresholded variance."
    ),
    status="reconstruction",
    citation=P2,
    number="Lemma 5.1",
    upper_terms=_upper(),
    lower_terms=_lower(),
    definitions=_pieces(),
    noise=paper_noise,
    hypotheses=(PAPER_STEP_SIZE, TWO_STEPS),
    assumptions=(GAUSSIAN_DATA, NO_STORAGE, EXACT_LABEL),
)
