"""Mutation of proofs: a changed claim with its justification unchanged is not proved unless it is true.

Every proved step gets ten mutants of its claim, each kind in turn, with its own rule and premises, and is tried without each
of its premises.  A mutant that is accepted must hold in exact models: one that is false in one fails the check, one that no model
decides fails it too.  The quick run takes a seeded tenth of the derivations and five mutants a step; the long one takes all, and
counts which of the refused mutants are false in a model.  A mutant that takes more than ten seconds counts as refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from riskbounds.derivations import PLACES, load

from riskbounds.proofs import Assumption, Claim, Definition, Derivation, Step, check, le
from riskbounds.proofs.certificates import Premises
from riskbounds.proofs.derivation import check_step, check_steps
from riskbounds.proofs.signs import Facts
from tests.judging import Expired, judged, stages, time_limit, truth, witnesses
from tests.mutants import mutants, scaled

#: "assumed" is a cited result whose hypotheses a rule has checked.
ACCEPTED = ("proved", "enclosed", "assumed")
COUNT, LEAST = 10, 5
SAMPLE = Random(3).sample(list(PLACES), -(-len(PLACES) // 10))
EACH = pytest.mark.parametrize("name", [*SAMPLE, *(pytest.param(name, marks=pytest.mark.long) for name in PLACES)])


def proved_steps(name: str) -> list[tuple[Step, Premises]]:
    """The steps of a derivation that a rule proves, with their premises."""
    return [(step, premises) for step, premises in stages(load(name)) if not isinstance(step.rule, Assumption | Definition)]


def limited(step: Step, premises: Premises) -> str:
    """The verdict on a step, or "expired"."""
    premises.facts.consulted.clear()
    try:
        with time_limit():
            return check_step(step, premises).status
    except Expired:
        return "expired"


@pytest.mark.parametrize(
    ("name", "part", "broken"),
    [
        ("sharp", "rules._kind_suffices", lambda claim, kind: None),
        ("zou-2023-upper", "rules.is_zero", lambda difference: True),
        ("power-law-capped-sum-below", "rules.same", lambda claim, expected: None),
        ("noise-scales", "expectation.is_zero", lambda difference: True),
    ],
)
def test_a_checker_that_is_not_sound_is_found_out(name, part, broken, monkeypatch):
    monkeypatch.setattr(f"riskbounds.proofs.{part}", broken)
    models = witnesses(load(name))
    for step, premises in proved_steps(name):
        for _, claim in mutants(step.claim, Random(f"{name} {step.id}"), COUNT):
            proved = limited(replace(step, claim=claim), premises) in ACCEPTED
            if proved and truth(step, claim, premises, models) == "false":
                return
    pytest.fail("no false mutant was accepted")


@EACH
def test_no_false_mutant_is_proved(name, request, tell):
    models = witnesses(load(name))
    accepted, refused, wrong = Counter(), Counter(), []
    every = request.node.get_closest_marker("long") is not None
    for step, premises in proved_steps(name):
        changed = mutants(step.claim, Random(f"{name} {step.id}"), COUNT if every else LEAST)
        assert len(changed) >= LEAST, (step.id, len(changed))
        for kind, claim in changed:
            status = limited(replace(step, claim=claim), premises)
            if status in ACCEPTED:
                found = truth(step, claim, premises, models)
                accepted[kind, found] += 1
                wrong += [] if found in ("true", "implied") else [f"{step.id}, {kind}, {found}: {claim}"]
            elif every:
                refused[kind, "false" if judged(claim, models) == "false" else f"not refuted, {status}"] += 1
            else:
                refused[kind, status] += 1
    tell(f"{name}: accepted {dict(sorted(accepted.items()))}; refused {dict(sorted(refused.items()))}")
    assert not wrong, wrong


def without(step: Step, premises: Premises, dropped: str) -> Premises:
    """The premises less one; one that gave a sign, with those that give the same."""
    gone = {dropped}
    if dropped not in step.rule.uses():
        gap = le(0, premises.claims[dropped].gap)
        gone |= {name for name, claim in premises.claims.items() if scaled(gap, le(0, claim.gap))}
    return given({name: claim for name, claim in premises.claims.items() if name not in gone})


def given(claims: dict[str, Claim]) -> Premises:
    """Claims and the signs that they give."""
    facts = Facts()
    for name, claim in claims.items():
        facts.learn(claim, name)
    return Premises(claims, facts)


@EACH
def test_without_a_premise_a_step_is_refused(name, tell):
    """Each premise that the rule names; a sign that was consulted may be given by another claim or a sum too: counted."""
    found = Counter()
    for step, premises in proved_steps(name):
        assert limited(step, premises) in ACCEPTED, step.id
        named = step.rule.uses() & premises.claims.keys()
        for dropped in named | (premises.facts.consulted & premises.claims.keys()):
            status = limited(step, without(step, premises, dropped))
            found["named" if dropped in named else "sign", status] += 1
            assert dropped not in named or status in ("refused", "expired"), (step.id, dropped)
    tell(f"{name}: premises dropped {dict(found)}")


def users(derivation: Derivation, changed: Step) -> Iterator[tuple[Step, Premises]]:
    """The steps whose rule names a step, with the premises they have once it is changed."""
    claims = {step.id: changed.claim if step.id == changed.id else step.claim for step in derivation.steps}
    for number, step in enumerate(derivation.steps):
        if changed.id in step.rule.uses():
            yield step, given({each.id: claims[each.id] for each in derivation.steps[:number]})


def noticed(derivation: Derivation, step: Step, mutant: Claim) -> bool:
    """Whether a step that names the changed one is refused, or another one, or the derivation as a whole."""
    changed = replace(step, claim=mutant)
    if any(limited(*user) not in ACCEPTED for user in users(derivation, changed)):
        return True
    steps = tuple(changed if each.id == step.id else each for each in derivation.steps)
    other = replace(derivation, steps=steps, witness=None)
    if any(result.verdict.status not in ACCEPTED for result in check_steps(other)):
        return True
    return check(other).verdict not in ACCEPTED


@EACH
def test_a_changed_definition_or_hypothesis_breaks_the_proof(name, tell):
    """Mutants of what is assumed: a later step is refused, or the last lines are not the registered theorem.

    A hypothesis that no last line states (a lemma's, or one of a theorem's text) may have another relation, under which the same
    steps are right; tests/test_derivations.py moves the registered hypotheses themselves.
    """
    derivation = load(name)
    assumed = [s for s in derivation.steps if isinstance(s.rule, Definition) or getattr(s.rule, "kind", "") == "hypothesis"]
    found, unnoticed = Counter(), []
    for step in assumed:
        for kind, mutant in mutants(step.claim, Random(f"{name} {step.id}"), LEAST):
            if scaled(mutant, step.claim):
                found["the same hypothesis, scaled"] += 1
            elif noticed(derivation, step, mutant):
                found["noticed"] += 1
            elif kind == "direction" and step.id not in derivation.conclusions.values():
                found["another relation serves too"] += 1
            else:
                unnoticed.append(f"{step.id}, {kind}: {mutant}")
    tell(f"{name}: mutants of {len(assumed)} definitions and hypotheses {dict(found)}, unnoticed: {unnoticed}")
    assert not unnoticed
