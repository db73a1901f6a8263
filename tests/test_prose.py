"""Words with mathematics in ASCII become lines with inline mathematics; file keys and words stay."""

from __future__ import annotations

import pytest

from riskbounds.display.prose import in_mathematics
from riskbounds.report.html import mathml
from riskbounds.symbols import MEANINGS
from riskbounds.theorems import THEOREMS


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("gamma mu_1 <= 1", r"$\gamma$ $\mu_{1}$ $\le$ 1"),
        ("noise per unit of E||delta||^2_Sigma", r"noise per unit of E$\|\delta\|_{\Sigma}^{2}$"),
        ("lam_i E w*_i^2 = i^-b", r"$\lambda_{i}$ E $w_{i}^{*2}$ = $i^{-b}$"),
        ("(gamma N_eff)^(1/a-1) and H^(q)", r"($\gamma$ $N_{\mathrm{eff}}$)${}^{1/a-1}$ and $H^{(q)}$"),
        ("v^q = Sigma^-1 Lam v*", r"$v^{q}$ = $\Sigma^{-1}$ $\Lambda$ $v^{*}$"),
        ("sum_i x_i, the sum of them", r"$\textstyle\sum_{i}$ $x_{i}$, the sum of them"),
        ("Alow_i >= adlow, c3_low i^-a", r"$\underline{A}_{i}$ $\ge$ $\underline{a}_\delta$, $\underline{c}_3$ $i^{-a}$"),
        ("give training.step_size <= 0.097; p1-theorem-4.1", r"give training.step_size $\le$ 0.097; p1-theorem-4.1"),
        ("a word, A law, noise_variance and data.alpha", "a word, A law, noise_variance and data.alpha"),
    ],
)
def test_what_is_mathematics(words: str, shown: str) -> None:
    assert in_mathematics(words) == shown


def test_every_statement_name_and_meaning_is_understood_by_mathml() -> None:
    texts = [theorem.statement for theorem in THEOREMS]
    texts += [each.name for theorem in THEOREMS for each in theorem.hypotheses]
    texts += [part for _, domain, meaning in MEANINGS.values() for part in (domain, meaning)]
    for text in texts:
        parts = in_mathematics(text).split("$")
        assert len(parts) % 2 == 1
        assert not any("^" in part or "||" in part for part in parts[::2]), in_mathematics(text)
        for tex in parts[1::2]:
            assert "\\" not in mathml(tex)
