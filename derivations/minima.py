"""Steps about minima and maxima, one argument at a time."""

from __future__ import annotations

from collections.abc import Mapping

from riskbounds.proofs import AboveMax, Algebra, BelowMin, Certificate, Claim, Known, Step, Term, le, use
from riskbounds.terms.functions import apply, arguments_of


def choice(name: str, left: Term, certificates: Mapping[Term, Certificate]) -> Step:
    """left <= min(...), each choice with its certificate."""
    rule = BelowMin(tuple(certificates[each] for each in sorted(certificates, key=str)))
    return Step(id=name, claim=le(left, apply("min", *certificates)), rule=rule)


def limit(name: str, right: Term, certificates: Mapping[Term, Certificate]) -> Step:
    """max(...) <= right, each part with its certificate."""
    rule = AboveMax(tuple(certificates[each] for each in sorted(certificates, key=str)))
    return Step(id=name, claim=le(apply("max", *certificates), right), rule=rule)


def member(name: str, minimum: str, claim: Claim, chosen: Term) -> tuple[Step, Step]:
    """left <= chosen from the earlier step left <= min(..., chosen, ...)."""
    others = [each for each in arguments_of(claim.right, "min") if each != chosen]
    return (
        Step(id=f"{name}, minimum", claim=le(claim.right, chosen), rule=Known("min", (chosen, *others))),
        Step(id=name, claim=le(claim.left, chosen), rule=Algebra(use(minimum) + use(f"{name}, minimum"))),
    )
