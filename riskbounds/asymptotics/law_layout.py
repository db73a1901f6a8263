"""A law as a reader wants it: every regime's variance once, in V and U, and the pieces of V and U listed apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.law_forms import Named, product, revealed, split_monomial
from riskbounds.asymptotics.law_terms import LawTerm
from riskbounds.asymptotics.laws import Law

_TITLES = {s.gradient_noise: "noise of the batch gradient", s.shared_noise: "noise that only the feedback passes on"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A summand: its name, its powers of the law's symbols, its short form, and conditions (>= 0) of its own."""

    name: str
    order: sp.Expr
    short: sp.Expr
    when: tuple[sp.Expr, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Block:
    """Summands that hold together: where ``when`` is >= 0, or as the value of ``symbol``."""

    title: str
    rows: tuple[Row, ...]
    when: tuple[sp.Expr, ...] = ()
    symbol: sp.Symbol | None = None


def blocks(law: Law) -> tuple[Block, ...]:
    """The blocks of a law in reading order: what always holds, each regime, then V and U."""
    terms = [term for term in law.terms if not term.name.startswith("variance")]
    found = [Block(title="", rows=tuple(_row(term, ()) for term in terms if not term.regime))]
    for regime, weights in law.weights.items():
        own = [term for term in terms if term.regime == regime]
        shared = tuple(each for each in own[0].short_when if all(each in term.short_when for term in own))
        rows = (*(_row(term, shared) for term in own), *_variance(law, weights))
        found.append(Block(title=regime, rows=rows, when=shared))
    for symbol, pieces in law.noise.items():
        rows = tuple(Row(name=each.name, order=_order(law, each.size), short=each.size, when=each.when) for each in pieces)
        found.append(Block(title=_TITLES[symbol], rows=rows, symbol=symbol))
    return tuple(found)


def _row(term: LawTerm, shared: tuple[sp.Expr, ...]) -> Row:
    own = tuple(each for each in term.short_when if each not in shared)
    name = term.name.removesuffix(f", {term.regime}")
    return Row(name=name, order=product(term.exponents), short=term.short, when=own)


def _variance(law: Law, weights: Named) -> Iterator[Row]:
    for symbol, weight in weights.items():
        yield Row(name=f"variance, {symbol}", order=_order(law, weight) * symbol, short=weight * symbol)


def _order(law: Law, short: sp.Expr) -> sp.Expr:
    return product(split_monomial(revealed(law.spelled(short)))[1])


def definitions(law: Law) -> dict[sp.Symbol, sp.Expr]:
    """The definitions that the blocks and the effective sizes use, but V and U, which are blocks."""
    found = blocks(law)
    shown = [row.short for block in found for row in block.rows]
    shown += [each for block in found for each in (*block.when, *(w for row in block.rows for w in row.when))]
    shown += [law.short_M_eff, law.short_F, law.short_F_past_floor or sp.S.Zero]
    used: set[sp.Symbol] = set()
    fresh = set().union(*(each.free_symbols for each in shown)) & law.definitions.keys()
    while fresh - used:
        used |= fresh
        fresh = set().union(*(law.definitions[each].free_symbols for each in used)) & law.definitions.keys()
    return {symbol: value for symbol, value in law.definitions.items() if symbol in used and symbol not in law.noise}


def sides(condition: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """A condition >= 0 as the two positive sides of an inequality, the larger first."""
    less = [-term for term in sp.Add.make_args(condition) if term.could_extract_minus_sign()]
    return condition + sp.Add(*less), sp.Add(*less)
