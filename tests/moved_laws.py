"""Laws with a part times 1.01, and the verdicts on a derivation: what is proved of one law must be refused of another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import sympy as sp

from riskbounds.asymptotics.law_terms import LawTerm
from riskbounds.asymptotics.laws import Law
from riskbounds.proofs import Derivation, check

FACTOR = sp.Rational(101, 100)


def verdicts(derivation: Derivation) -> dict[str, str]:
    """The verdict on each step."""
    return {result.step.id: result.verdict.status for result in check(derivation).steps}


def with_terms(found: Law, moved: Callable[[LawTerm], bool]) -> Law:
    """The law with some terms times 1.01."""
    terms = (replace(each, short=FACTOR * each.short) if moved(each) else each for each in found.terms)
    return replace(found, terms=tuple(terms))


def with_weights(found: Law, *regimes: str) -> Law:
    """The law with the weights of its noise times 1.01, in some regimes or in all."""
    weights = {
        regime: {symbol: FACTOR * weight for symbol, weight in each.items()} if regime in regimes or not regimes else each
        for regime, each in found.weights.items()
    }
    return replace(found, weights=weights)


def with_part(found: Law, part: str) -> Law:
    """The law with one part times 1.01, in every regime: the terms of that name, or the variance."""
    return with_weights(found) if part == "variance" else with_terms(found, lambda each: each.name.split(",")[0] == part)
