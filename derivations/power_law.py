"""Sums over a power law, bounded by integrals one term at a time: the lemmas behind P2 Lemmas 5.3 and 5.4 and P1 Corollary 4.3.

A term of a decreasing summand is at most the integral over the interval before it.  For powers that is the tangent of a convex
function: (m+1)^{1-a} >= (m+2)^{1-a} + (a-1) (m+2)^{-a}.
"""

from __future__ import annotations

from riskbounds.proofs import (
    Algebra, Assumption, Derivation, Induction, Known, Step, Term, below, eq, le, lin, lt, natural, positive, power, real, term, total, use,
)

a, m = real("a"), natural("m")
s = below("s", m + 1)


def p(base: object, exponent: object) -> Term:
    """base^exponent for a positive base."""
    return power(term(base), lin(exponent))


steps = (
    Step(id="a > 1", claim=lt(1, term(a)), rule=Assumption("hypothesis", "a > 1")),
    Step(
        id="tangent",
        claim=le(p(m + 2, 1 - a) - (term(1) - a) * p(m + 2, -a), p(m + 1, 1 - a)),
        rule=Known(
            "power above its tangent",
            (term(m + 1), term(m + 2), term(1) - a),
            positive(term(a)) * use("a > 1"),
        ),
        note="t^{1-a} is convex",
    ),
    Step(
        id="sum of i^-a",
        claim=le(total(s, p(s + 1, -a)), (a - p(m + 1, 1 - a)) / (term(a) - 1)),
        rule=Induction(m, base=positive(0), step=use("ih") + 1 / (term(a) - 1) * use("tangent")),
    ),
)
derivation = Derivation(
    name="power-law",
    theorem="",
    title="Sums over a power law",
    steps=steps,
    conclusions={"sum of i^-a": "sum of i^-a"},
)
