"""Mutation of proofs: a changed claim with its justification unchanged is not proved unless it is true.

Per step the quick run takes one seeded mutant besides those of the direction, the long run ten, each with the step's own rule.
One that is accepted must hold in exact models.  The long run also counts which of the refused ones are false in a model.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from riskbounds.derivations import PLACES, load

from riskbounds.proofs import Assumption, Definition, check
from riskbounds.proofs.certificates import Premises
from riskbounds.proofs.derivation import check_step
from riskbounds.proofs.signs import Facts
from riskbounds.terms.models import counterexample
from tests.mutants import mutants

ACCEPTED = ("proved", "enclosed")


def stages(derivation):
    """Every step with the premises it has."""
    claims, facts = {}, Facts()
    for step in derivation.steps:
        yield step, Premises(dict(claims), facts)
        claims[step.id] = step.claim
        facts.learn(step.claim, step.id)


def models(derivation):
    found = [derivation.model(Random(seed)) for seed in (1, 2)]
    return [model for model in found if model is not None]


def false_in(claim, exact_models):
    """Values at which the claim is false in one of the models, in words."""
    return next((found for found in (counterexample(claim, model) for model in exact_models) if found is not None), None)


def survivors(name, count, tally=None):
    """Accepted mutants of the derivation's proved steps, and for a tally the refuted ones among the refused."""
    derivation, random = load(name), Random(7)
    exact_models = models(derivation)
    for step, premises in stages(derivation):
        if isinstance(step.rule, Assumption | Definition):
            continue
        for kind, mutant in mutants(step.claim, random, count):
            verdict = check_step(replace(step, claim=mutant), premises)
            if verdict.status in ACCEPTED:
                yield step.id, kind, mutant, exact_models
            elif tally is not None and exact_models:
                tally[kind, "false" if false_in(mutant, exact_models) else "not refuted"] += 1


@pytest.mark.parametrize("count", [1, pytest.param(10, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", list(PLACES))
def test_no_false_mutant_is_proved(name, count, tell):
    tally = Counter() if count > 1 else None
    accepted = Counter()
    for step, kind, mutant, exact_models in survivors(name, count, tally):
        found = false_in(mutant, exact_models)
        assert found is None, f"{step}: a mutant of the {kind} is proved but false {found}"
        accepted[kind] += 1
    if tally is not None:
        tell(f"{name}: accepted, true in the models if it has any: {dict(accepted)}; refused {dict(sorted(tally.items()))}")


@pytest.mark.parametrize("name", list(PLACES))
def test_without_a_premise_a_step_is_refused(name):
    for step, premises in stages(load(name)):
        for dropped in step.rule.uses() & premises.claims.keys():
            claims = {key: claim for key, claim in premises.claims.items() if key != dropped}
            assert check_step(step, Premises(claims, premises.facts)).status == "refused", (step.id, dropped)


@pytest.mark.parametrize("name", list(PLACES))
def test_a_changed_definition_breaks_the_proof(name):
    """Mutants of a definition: a later step is refused."""
    derivation, random = load(name), Random(3)
    for number, step in enumerate(derivation.steps):
        if not isinstance(step.rule, Definition):
            continue
        for kind, mutant in list(mutants(step.claim, random, 2))[1:]:
            if kind == "direction" or mutant.left != step.claim.left:
                continue
            changed = (*derivation.steps[:number], replace(step, claim=mutant), *derivation.steps[number + 1 :])
            assert check(replace(derivation, steps=changed, witness=None)).verdict not in ACCEPTED, (step.id, kind)
