"""sum_{i<=M} i^b against its integral, for b > 0: the largest term at most apart."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from riskbounds.derivations.lemma_models import exponent_model
from riskbounds.derivations.power_law import a, m, p

from riskbounds.proofs import (
    Certificate,
    Derivation,
    Induction,
    Known,
    Lin,
    Model,
    Step,
    Term,
    below,
    le,
    lin,
    positive,
    term,
    total,
    use,
)


def growing_integral(size: Lin, b: Lin) -> Term:
    """The integral of t^b up to size."""
    return p(size, b + 1) / (term(b) + 1)


def growing_sum(
    b: Lin, name: str, sign: Certificate, given: tuple[Step, ...] = (), witness: Callable[[Random], Model] | None = None
) -> Derivation:
    """M^(b+1)/(b+1) <= sum_{i<=M} i^b <= M^(b+1)/(b+1) + M^b for M = m + 1, where ``sign`` shows b > 0."""
    size, s = m + 1, below("s", m + 1)
    powers = total(s, p(s + 1, b))
    steps = (
        *given,
        *(
            Step(
                id=f"tangent {place}",
                claim=le(p(y, b + 1) + (term(b) + 1) * (term(x) - term(y)) * p(y, b), p(x, b + 1)),
                rule=Known("power above its tangent", (term(x), term(y), term(b + 1)), sign * (sign + 1)),
                note="t^{b+1} is convex",
            )
            for place, x, y in (("before", size, size + 1), ("after", size + 1, size))
        ),
        Step(
            id="sum from below",
            claim=le(growing_integral(size, b), powers),
            rule=Induction(m, base=1 / (term(b) + 1) * sign, step=use("ih") + 1 / (term(b) + 1) * use("tangent before")),
        ),
        Step(
            id="sum from above",
            claim=le(powers, growing_integral(size, b) + p(size, b)),
            rule=Induction(m, base=positive(1 / (term(b) + 1)), step=use("ih") + 1 / (term(b) + 1) * use("tangent after")),
        ),
    )
    return Derivation(
        name=name,
        theorem="",
        title=f"Sum of i^{b}",
        steps=steps,
        conclusions={"sum from below": "sum from below", "sum from above": "sum from above"},
        witness=witness,
    )


powers = growing_sum(lin(a), "power-law-growing-sum", positive(term(a)), witness=exponent_model)
