"""Every derivation is proved, ends in the registered theorem, and fails when a coefficient of the theorem moves; witnesses."""

from __future__ import annotations

import dataclasses
from random import Random

import pytest
import sympy as sp
from riskbounds.derivations import PLACES, load

from riskbounds.proofs import Assumption, Chebyshev, check
from riskbounds.theorems import theorem_named
from riskbounds.theorems.ledger import digest, ledger, proof_state
from riskbounds.verification import verify

FACTOR = sp.Rational(101, 100)
FINE = ("proved", "enclosed", "assumed")
SHARP = ("sharp-storage", "sharp-general", "sharp")
#: Terms that are zero in a derivation: without growth shrinkage and cross term vanish, on both sides.
VANISHING = {"law-full-precision": 4}
STATED = [name for name in PLACES if load(name).statement is not None]
WITNESSED = [name for name in PLACES if load(name).witness is not None]


@pytest.fixture(scope="module")
def verification():
    return verify(jobs=1)


def test_all_are_proved(verification, tell):
    troubles = [
        (row.name, row.errors, [step.id for step in row.steps if step.verdict == "refused"]) for row in verification.derivations
    ]
    assert verification.ok, [trouble for trouble in troubles if any(trouble[1:])]
    tell(f"{verification.counts}")


def test_few_steps_are_enclosed_and_few_results_are_cited(verification):
    counts = verification.counts
    assert counts["enclosed"] <= counts["steps"] / 10
    assert counts["cited"] <= 6


def test_the_ledger_is_what_verify_says(verification):
    """`python -m riskbounds.verification` writes it."""
    found = {row.name: (row.verdict, len(row.steps)) for row in verification.derivations}
    for name, entry in ledger().items():
        assert found[name] == (entry["verdict"], entry["steps"])
        assert entry["digest"] == digest(theorem_named(name))
    proved = {name for name in STATED if found[name][0] in ("proved", "enclosed")}
    assert {name for name in proved if not name.startswith("law-")} <= set(ledger())


def test_a_changed_theorem_is_not_proved():
    sharp = theorem_named("sharp")
    assert proof_state(sharp).startswith("proved")
    changed = dataclasses.replace(
        sharp, definitions={**sharp.definitions, **dict.fromkeys(list(sharp.definitions)[:1], sp.Integer(1))}
    )
    assert proof_state(changed) == "changed since it was proved"


def changed_theorems(theorem):
    """The theorem with one term of a side, one definition or one hypothesis times 1.01."""
    for side in ("upper_terms", "lower_terms", "definitions"):
        terms = getattr(theorem, side) or {}
        for key, term in terms.items():
            yield dataclasses.replace(theorem, **{side: {**terms, key: FACTOR * term}})
    for number, hypothesis in enumerate(theorem.hypotheses):
        moved = dataclasses.replace(hypothesis, lhs=FACTOR * hypothesis.lhs)
        hypotheses = (*theorem.hypotheses[:number], moved, *theorem.hypotheses[number + 1 :])
        yield dataclasses.replace(theorem, hypotheses=hypotheses)


@pytest.mark.parametrize("name", STATED)
def test_one_coefficient_times_1_01_is_refused(name):
    """The last line is the registered theorem's own expression."""
    theorem = theorem_named(load(name).theorem)
    statement, registered = load(name).statement, load(name).statement(theorem)
    changes = list(changed_theorems(theorem))
    noticed = [other for other in changes if statement(other) != registered]
    assert noticed
    sides = [other for other in changes if (other.upper_terms, other.lower_terms) != (theorem.upper_terms, theorem.lower_terms)]
    unnoticed = [other for other in sides if other not in noticed]
    assert len(unnoticed) == VANISHING.get(name, 0)
    assert not [result for result in [check(load(name), noticed[0])] if result.verdict in ("proved", "enclosed")]


@pytest.mark.parametrize("name", WITNESSED)
def test_witness_satisfies_every_claim(name):
    """An exact rational problem in which every assumption, and so every step, is true at all values of its free variables."""
    model = load(name).model(Random(1))
    for step in load(name).steps:
        assert model.failure(step.claim) is None, step.id


def test_the_sharp_pair_assumes_only_the_model_and_its_hypotheses():
    for name in SHARP:
        for step in load(name).steps:
            if isinstance(step.rule, Assumption):
                assert step.rule.kind in ("hypothesis", "model")


def test_the_noise_that_follows_the_fluctuation_needs_chebyshev():
    assert sum(isinstance(step.rule, Chebyshev) for step in load("sharp-storage").steps) == 2
