r"""Sums up to and beyond k* = floor(X^(1/a)) (theory.md, sections 5 and 6).

With R = X^(1/a), Euler-Maclaurin at a real R gives

    sum_{i<=R} i^(-tau) = zeta(tau) + R^(1-tau)/(1-tau) - B_1({R}) R^(-tau) + ...,     sum_{i>R} = zeta(tau) - that,

|B_1| <= 1/2 and a next term below |tau|/12 R^(-tau-1): the O(1) fluctuation of k* is the first omitted term.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.mellin import Case, Group, Term, positive, solved
from riskbounds.errors import UnsupportedError


def head_terms(group: Group, exponent: sp.Expr, contraction: sp.Expr, lead: int) -> list[Term]:
    """Terms of the sum over i <= k* of one group of powers."""
    return _terms(group, exponent, contraction, lead, head=True)


def tail_terms(group: Group, exponent: sp.Expr, contraction: sp.Expr, lead: int) -> list[Term]:
    """Terms of the sum over i > k* of one group of powers; raises UnsupportedError where it diverges."""
    return _terms(group, exponent, contraction, lead, head=False)


def threshold_cases(group: Group, exponent: sp.Expr) -> Iterator[Case]:
    """Up to where the integral leads over zeta(tau) X^k, and where tau = 1 makes it a logarithm (head and tail alike)."""
    if not group.weight.has(s.b):
        return
    highest = max(k for k, _, _ in group.parts)
    yield Case(relation=solved(sp.Lt, group.weight, 1 - exponent * highest), meaning="leads")
    for k, _, _ in group.parts:
        relation = solved(sp.Eq, group.weight, 1 - exponent * k)
        if positive(relation.rhs - 1) is not False:
            yield Case(relation=relation, meaning="logarithm")


def _terms(group: Group, exponent: sp.Expr, contraction: sp.Expr, lead: int, *, head: bool) -> list[Term]:
    outside = group.prefactor * contraction**group.order
    found: list[Term] = []
    for k, m, q in group.parts:
        if m:
            raise UnsupportedError("expansion: a thresholded sum takes powers of i, not the blocks G, g, W, K")
        tau, number = sp.expand(exponent * k + group.weight), sp.Rational(q.numerator, q.denominator)
        if not head and positive(tau - 1) is False:
            raise UnsupportedError(f"expansion: the sum over i > k* of i^(-({tau})) diverges")
        sign = number if head else -number
        pieces: list[tuple[sp.Expr, sp.Expr, str, int]] = [
            (number / 2, -group.weight / exponent, "fluctuation", 0),
            (number * tau / 12, -(group.weight + 1) / exponent, "fluctuation", 0),
        ]
        if tau == 1:
            pieces += [(sign / exponent, sp.Integer(k), "integral", 1), (sign * sp.EulerGamma, sp.Integer(k), "zeta", 0)]
        else:
            pieces.append((sign / (1 - tau), (1 - group.weight) / exponent, "integral", 0))
            pieces += [(number * sp.zeta(tau), sp.Integer(k), "zeta", 0)] if head else []
        found += [
            Term(
                coefficient=coefficient,
                prefactor=outside,
                power=sp.cancel(power - group.order),
                order=group.order - lead,
                kind=kind,
                logs=sp.Integer(logs),
            )
            for coefficient, power, kind, logs in pieces
            if coefficient != 0
        ]
    return found
