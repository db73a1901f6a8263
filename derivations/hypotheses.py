"""What a registered theorem assumes, read off it as claims: its hypotheses, and what its constants are of an instance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from riskbounds import symbols
from riskbounds.numerics.ranges import MaxOver, MinOver
from riskbounds.proofs import Claim, Reader, Term, eq, le, lt, power, term
from riskbounds.theorems import Theorem
from riskbounds.theorems.feature_row import Condition


def condition(hypothesis: Condition, read: Reader) -> Claim:
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

    Where s is the larger of two maxima, that over v^q is meant.  Symbols that the theorem does not define are left out.

    Parameters
    ----------
    scales: symbol of the theorem's definitions -> a positive term.
    """
    defined = {symbol: theorem.definitions[symbol] for symbol in scales if symbol in theorem.definitions}
    return {str(symbol): _envelope(symbol, each, read, term(scales[symbol])) for symbol, each in defined.items()}


def _envelope(symbol: Any, definition: sp.Expr, read: Reader, scale: Term) -> Claim:
    definition = definition.replace(sp.Max, lambda *maxima: next(each for each in maxima if each.has(symbols.quantized_target2)))
    (extreme,) = definition.atoms(MaxOver, MinOver)
    value, bound = scale * read(definition.xreplace({extreme: extreme.args[0]})), scale * read(symbol)
    return le(value, bound) if isinstance(extreme, MaxOver) else le(bound, value)


def roots(theorem: Theorem, read: Reader, *defined: Any) -> dict[str, Claim]:
    """Roots of order a, s = (...)^(1/a) as s^a = ..., of those symbols that the theorem defines."""
    order = read.exponent(symbols.a)
    return {
        str(symbol): eq(power(read(symbol), order), read(sp.expand_power_base(theorem.definitions[symbol] ** symbols.a)))
        for symbol in defined
        if symbol in theorem.definitions
    }
