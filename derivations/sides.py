"""Both sides of a theorem from a derivation of each: what depends on the number of iterates is assumed for either number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from riskbounds.proofs import Claim, Derivation, Step, cited, inherited
from riskbounds.theorems import Theorem

Statement = Callable[[Theorem], Mapping[str, Claim]]


def both_sides(
    above: Derivation,
    below: Derivation,
    title: str,
    statement: Statement,
    stated: Mapping[str, str],
    signs: tuple[Step, ...] = (),
) -> Derivation:
    """The derivation of a theorem from those of its upper and its lower side, the latter's witness being one of both.

    ``stated`` names the steps for the theorem's hypotheses and constants; ``signs`` are steps on what both divide by, say.
    """
    given, also = inherited(above), inherited(below)
    known = {step.id: step.claim for step in given}
    renamed = {step.id: f"{step.id}, lower" for step in also if step.claim != known.get(step.id, step.claim)}
    new = (replace(step, id=renamed.get(step.id, step.id)) for step in also if step.id in renamed or step.id not in known)
    return Derivation(
        name=above.theorem,
        theorem=above.theorem,
        title=title,
        statement=statement,
        steps=(*given, *new, *signs, cited(above, "upper"), cited(below, "lower", hypotheses=renamed)),
        conclusions={**stated, "upper": "upper", "lower": "lower"},
        witness=below.witness,
    )
