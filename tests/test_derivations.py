"""Every derivation is proved, ends in the registered theorem, and fails when a coefficient of the theorem moves; witnesses."""

from __future__ import annotations

import dataclasses
from random import Random

import pytest
import sympy as sp
from riskbounds.derivations import PLACES, load

from riskbounds.proofs import Assumption, Chebyshev, check
from riskbounds.terms.polynomial import atoms_of
from riskbounds.theorems import theorem_named
from riskbounds.theorems.ledger import digest, ledger, proof_state
from riskbounds.theorems.registry import THEOREMS
from riskbounds.verification import verify

FACTOR = sp.Rational(101, 100)
FINE = ("proved", "enclosed", "assumed")
SHARP = ("sharp-storage", "sharp-general", "sharp")
#: Terms that are zero in a derivation: without growth shrinkage and cross term vanish, on both sides.
SOURCES = [name for name in PLACES if "-source-" in name and name.endswith("full-precision")]
VANISHING = dict.fromkeys(("law-full-precision", *SOURCES), 4)
STATED = [name for name in PLACES if load(name).statement is not None]
#: Laws state the two sides of a theorem; its hypotheses enter by way of the theorem.
LAWS = [name for name in STATED if name.startswith("law-")]
WITNESSED = [name for name in PLACES if load(name).witness is not None]
#: Theorems that owe a proof, and so a problem in which all their hypotheses hold.
OWED = {theorem.name for theorem in THEOREMS if theorem.status in ("ours", "reconstruction")} | {"zou-2023-upper"}
#: Derivations of laws and of the pairs' recursion that have none yet.
WITHOUT = {name for name in PLACES if name.startswith(("law-", "exact-pairs-"))} - set(WITNESSED)


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
    assert proved - set(LAWS) <= set(ledger())


def test_a_changed_theorem_is_not_proved():
    sharp = theorem_named("sharp")
    assert proof_state(sharp).startswith("proved")
    changed = dataclasses.replace(
        sharp, definitions={**sharp.definitions, **dict.fromkeys(list(sharp.definitions)[:1], sp.Integer(1))}
    )
    assert proof_state(changed) == "changed since it was proved"


def changed_theorems(theorem):
    """The theorem with one term of a side, one definition or one side of a hypothesis times 1.01, or "<" in the place of "<="."""
    for side in ("upper_terms", "lower_terms", "definitions"):
        terms = getattr(theorem, side) or {}
        for key, term in terms.items():
            yield dataclasses.replace(theorem, **{side: {**terms, key: FACTOR * term}})
    for number, hypothesis in enumerate(theorem.hypotheses):
        others = theorem.hypotheses[:number], theorem.hypotheses[number + 1 :]
        moved = [dataclasses.replace(hypothesis, **{side: FACTOR * getattr(hypothesis, side)}) for side in ("lhs", "rhs")]
        for changed in {*moved, dataclasses.replace(hypothesis, strict=not hypothesis.strict)} - {hypothesis}:
            yield dataclasses.replace(theorem, hypotheses=(*others[0], changed, *others[1]))


@pytest.mark.parametrize("name", STATED)
def test_one_coefficient_times_1_01_is_refused(name):
    """The last line is the registered theorem's own expression."""
    theorem = theorem_named(load(name).theorem)
    statement, registered = load(name).statement, load(name).statement(theorem)
    changes = list(changed_theorems(theorem))
    noticed = [other for other in changes if statement(other) != registered]
    assert noticed
    assert check(load(name), noticed[0]).verdict == "refused"
    if name in LAWS:
        sides = (theorem.upper_terms, theorem.lower_terms)
        unnoticed = [other for other in changes if other not in noticed and (other.upper_terms, other.lower_terms) != sides]
        assert len(unnoticed) == VANISHING.get(name, 0)
    else:
        assert noticed == changes


def test_every_theorem_has_a_witness():
    assert not OWED - {load(name).theorem for name in set(STATED) & set(WITNESSED)}
    assert set(PLACES) - set(WITNESSED) == WITHOUT


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 12))])
@pytest.mark.parametrize("name", WITNESSED)
def test_witness_satisfies_every_claim(name, seed):
    """An exact rational problem in which every assumption, and so every step, is true at all values of its free variables."""
    model = load(name).model(Random(seed))
    for step in load(name).steps:
        assert model.failure(step.claim) is None, step.id


@pytest.mark.parametrize("name", WITNESSED)
def test_witness_is_not_degenerate(name):
    """No number that the derivation speaks of is zero in all witnesses: noise, levels and floors are there."""
    atoms = {atom for step in load(name).steps for side in (step.claim.left, step.claim.right) for atom in atoms_of(side)}
    scalars = {atom.name for atom in atoms if not atom.times and not atom.indices}
    models = [load(name).model(Random(seed)) for seed in range(6)]
    assert not [scalar for scalar in scalars if not any(model.symbols[scalar]() for model in models)]


@pytest.mark.parametrize("name", ["p2-lemma-5.1", "p2-theorem-4.2"])
def test_in_witnesses_that_do_not_commute_lam_is_below_sigma(name):
    """Lam <= Sigma as matrices, where the claim is tried at one vector only."""
    for seed in range(10):
        model = load(name).model(Random(seed))
        all_of_them, features = range(model.sizes["all"]), range(model.sizes["feature"])
        z = sp.Matrix([[sp.Rational(model.symbols["z"](r, i)) for i in all_of_them] for r in features])
        mu = [sp.Rational(model.symbols["contraction"](i) / model.symbols["step"]()) for i in all_of_them]
        lam = z.T * z
        assert not lam.is_diagonal()
        assert (sp.diag(*mu) - lam).is_positive_definite


def test_the_sharp_pair_assumes_only_the_model_and_its_hypotheses():
    for name in SHARP:
        for step in load(name).steps:
            if isinstance(step.rule, Assumption):
                assert step.rule.kind in ("hypothesis", "model")


def test_the_noise_that_follows_the_fluctuation_needs_chebyshev():
    assert sum(isinstance(step.rule, Chebyshev) for step in load("sharp-storage").steps) == 2
