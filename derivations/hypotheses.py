"""What a registered theorem assumes, read off it as claims: its hypotheses, and what its constants are of an instance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from riskbounds import symbols
from riskbounds.numerics.ranges import MaxOver, MinOver
from riskbounds.proofs import Claim, Reader, Term, le, lt, term
from riskbounds.theorems import Hypothesis, Theorem


def condition(hypothesis: Hypothesis, read: Reader) -> Claim:
    """lhs <= rhs or lhs < rhs; a hypothesis on mu_1, the largest eigenvalue, as one on every mu_i."""
    left, right = (read(side.subs(symbols.mu[1], symbols.mu[symbols.i])) for side in (hypothesis.lhs, hypothesis.rhs))
    return lt(left, right) if hypothesis.strict else le(left, right)


def conditions(theorem: Theorem, read: Reader) -> dict[str, Claim]:
    """Every hypothesis by its name."""
    return {hypothesis.name: condition(hypothesis, read) for hypothesis in theorem.hypotheses}


def named(theorem: Theorem, *steps: str) -> dict[str, str]:
    """The steps that state the theorem's hypotheses, in their order, by their names."""
    return dict(zip((hypothesis.name for hypothesis in theorem.hypotheses), steps, strict=True))


def envelopes(theorem: Theorem, read: Reader, scales: Mapping[Any, Term | int]) -> dict[str, Claim]:
    """Largest and smallest values: max_i a_i = s as scale_i a_i <= scale_i s, min_i a_i = s as scale_i s <= scale_i a_i.

    Where s is the larger of two maxima, the second is meant.

    Parameters
    ----------
    scales: symbol of the theorem's definitions -> a positive term.
    """
    return {str(symbol): _envelope(symbol, theorem.definitions[symbol], read, term(scale)) for symbol, scale in scales.items()}


def _envelope(symbol: Any, definition: sp.Expr, read: Reader, scale: Term) -> Claim:
    (extreme,) = definition.atoms(MaxOver, MinOver)
    value, bound = scale * read(definition.xreplace({extreme: extreme.args[0]})), scale * read(symbol)
    return le(value, bound) if isinstance(extreme, MaxOver) else le(bound, value)
