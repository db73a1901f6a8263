"""Sums of i^q against M^(q+1)/(q+1) for the exponents of learned source targets: they rise, or fall slower than 1/i.

r > 0 is how far b lies from a multiple of a.
"""

from __future__ import annotations

from riskbounds.derivations.power_law import A_LAW, a, m, p
from riskbounds.derivations.power_law_growing import growing_integral, growing_sum

from riskbounds.proofs import (
    Algebra,
    Assumption,
    Derivation,
    Induction,
    Known,
    Step,
    below,
    le,
    lin,
    lt,
    positive,
    real,
    term,
    total,
    use,
)

r = real("r")
SLOW = Step(id="r < 1", claim=lt(r, 1), rule=Assumption("hypothesis", "b lies less than 1 beyond a multiple of a"))
#: r < a where r < 1 < a.
LESS = (
    A_LAW,
    SLOW,
    Step(id="r < a", claim=lt(r, a), rule=Algebra(use("a > 1") + use("r < 1"))),
    Step(id="r < a + 1", claim=lt(r, term(a) + 1), rule=Algebra(use("r < a") + positive(1))),
)


def falling(name: str) -> Derivation:
    """(M^(1-r) - 1)/(1-r) <= sum_{i<=M} i^-r <= M^(1-r)/(1-r) for M = m + 1 and r < 1."""
    q, size = lin(r) * -1, m + 1
    powers, whole = total(below("s", m + 1), p(below("s", m + 1) + 1, q)), 1 / (term(q) + 1)
    steps = (
        SLOW,
        *(
            Step(
                id=f"tangent {place}",
                claim=le(p(x, q + 1), p(y, q + 1) + (term(q) + 1) * (term(x) - term(y)) * p(y, q)),
                rule=Known("power below its tangent", (term(x), term(y), term(q + 1)), term(r) * use("r < 1")),
                note="t^{1-r} is concave",
            )
            for place, x, y in (("after", size + 1, size), ("before", size, size + 1))
        ),
        Step(
            id="one more",
            claim=le((p(size + 1, q + 1) - 1) * whole, powers),
            rule=Induction(
                m,
                base=whole * use("tangent after", {m: lin(0)}),
                step=use("ih") + whole * use("tangent after", {m: m + 1}),
            ),
        ),
        Step(
            id="sum from below",
            claim=le((p(size, q + 1) - 1) * whole, powers),
            rule=Algebra(use("one more") + whole * use("tangent before") + p(size + 1, q)),
        ),
        Step(
            id="sum from above",
            claim=le(powers, growing_integral(size, q)),
            rule=Induction(m, base=positive(whole * term(r)), step=use("ih") + whole * use("tangent before")),
        ),
    )
    return Derivation(
        name=name,
        theorem="",
        title="Sum of i^-r",
        steps=steps,
        conclusions={each: each for each in ("sum from below", "sum from above")},
    )


SUMS = {
    lin(r): growing_sum(lin(r), "law-sum-r", positive(term(r))),
    lin(a) + r: growing_sum(lin(a) + r, "law-sum-a-plus-r", positive(term(a) + term(r))),
    lin(a) - r: growing_sum(lin(a) - r, "law-sum-a-minus-r", use("r < a") + positive(0), LESS),
    lin(r) * -1: falling("law-sum-minus-r"),
}


def derivation(name: str) -> Derivation:
    """The sum of that name."""
    (found,) = (each for each in SUMS.values() if each.name == name)
    return found
