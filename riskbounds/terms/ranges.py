"""Sums over all directions taken apart at a threshold."""

from __future__ import annotations

from itertools import product

from riskbounds.terms.linear import PARTS, Var
from riskbounds.terms.polynomial import Term, combine, normal, substitute, under


def split(body: Term) -> Term:
    """Every sum over all directions as head plus tail."""
    parts = []
    for monomial, c in body.monomials.items():
        whole = [v for v in monomial.bound if v.range == "all"]
        inner = normal((), dict(monomial.factors))
        for choice in product(sorted(PARTS), repeat=len(whole)):
            change = {v: Var(v.name, part) for v, part in zip(whole, choice, strict=True)}
            parts.append((under(tuple(change.get(v, v) for v in monomial.bound), substitute(inner, change)), c))
    return combine(parts)
