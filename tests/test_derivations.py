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
SHARP = ("sharp-storage", "sharp-general", "sharp")
#: Theorems that a derivation of their name states, and the derivations of laws, of which some state a theorem's sides.
STATED = [theorem.name for theorem in THEOREMS if theorem.name in PLACES]
LAWS = [name for name in PLACES if name.startswith("law-")]
#: Terms that leave a law as it is: without growth, shrinkage and cross term vanish on both sides; the upper side of the pair.
SOURCES = [name for name in LAWS if "-source-" in name and name.endswith("full-precision")]
VANISHING = dict.fromkeys(("law-full-precision", *SOURCES), 4) | {"law-exact-sides": 5}
PARTS = 10
#: The theorems, then the other derivations in tenths: the quick run looks at the theorems and at one tenth.
GROUPS = [STATED, *([name for name in PLACES if name not in STATED][part::PARTS] for part in range(PARTS))]
QUICK = 2
#: Theorems that owe a proof, and so a problem in which all their hypotheses hold.
OWED = {theorem.name for theorem in THEOREMS if theorem.status in ("ours", "reconstruction")} | {"zou-2023-upper"}


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
    assert {name for name in STATED if found[name][0] in ("proved", "enclosed")} <= set(ledger())


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


def unnoticed_changes(derivation):
    """The changes of the theorem that leave the derivation's statement as it is; of the others one is tried, and refused."""
    theorem = theorem_named(derivation.theorem)
    registered, changes = derivation.statement(theorem), list(changed_theorems(theorem))
    same = [other for other in changes if derivation.statement(other) == registered]
    assert check(derivation, next(other for other in changes if other not in same)).verdict == "refused"
    return same


@pytest.mark.parametrize("name", STATED)
def test_one_coefficient_times_1_01_is_refused(name):
    """The last line is the registered theorem's own expression."""
    assert not unnoticed_changes(load(name))


@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.long) for part in range(1, PARTS))])
def test_one_coefficient_times_1_01_is_refused_by_laws(part):
    """Laws state sides of a theorem; its hypotheses enter by way of the theorem."""
    for derivation in map(load, LAWS[part::PARTS]):
        if derivation.statement is not None:
            theorem = theorem_named(derivation.theorem)
            sides = (theorem.upper_terms, theorem.lower_terms)
            same = [other for other in unnoticed_changes(derivation) if (other.upper_terms, other.lower_terms) != sides]
            assert len(same) == VANISHING.get(derivation.name, 0), derivation.name


def test_every_theorem_has_a_witness():
    assert set(STATED) >= OWED
    without = [name for name in PLACES if not name.startswith(("law-", "exact-pairs-")) and load(name).witness is None]
    assert not without


EACH_GROUP = pytest.mark.parametrize(
    "group", [*range(QUICK), *(pytest.param(group, marks=pytest.mark.long) for group in range(QUICK, len(GROUPS)))]
)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 12))])
@EACH_GROUP
def test_witness_satisfies_every_claim(group, seed):
    """An exact rational problem in which every assumption, and so every step, is true at all values of its free variables."""
    for derivation in witnessed(group):
        model = derivation.model(Random(seed))
        for step in derivation.steps:
            assert model.failure(step.claim) is None, (derivation.name, step.id)


def witnessed(group):
    """The derivations of a group that have a witness."""
    return [derivation for derivation in map(load, GROUPS[group]) if derivation.witness is not None]


@EACH_GROUP
def test_witness_is_not_degenerate(group):
    """No number that the derivation speaks of is zero in all witnesses: noise, levels and floors are there."""
    for derivation in witnessed(group):
        atoms = {atom for step in derivation.steps for side in (step.claim.left, step.claim.right) for atom in atoms_of(side)}
        scalars = {atom.name for atom in atoms if not atom.times and not atom.indices}
        models = [derivation.model(Random(seed)) for seed in range(6)]
        zero = [scalar for scalar in scalars if not any(model.symbols[scalar]() for model in models)]
        assert not zero, (derivation.name, zero)


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
