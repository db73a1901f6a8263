"""The noise constants are proved: every row, every choice of the update's slots, and nothing larger or smaller."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from random import Random

import pytest
import sympy as sp
from conftest import full_and_tenth
from riskbounds.derivations import (
    noise_additive,
    noise_dither,
    noise_elementwise,
    noise_moment,
    noise_multiplicative,
    noise_scales,
    noise_squares,
)
from riskbounds.derivations.noise_generic import noise_generic
from riskbounds.derivations.noise_layers import noise_layers
from riskbounds.derivations.noise_parts import CONSTANTS, ROW, UNCENTRED
from riskbounds.derivations.noise_terms import reader, row_claims
from riskbounds.derivations.noise_update import noise_update
from riskbounds.derivations.noise_worlds import world

from riskbounds import symbols as s
from riskbounds.proofs import Assumption, Claim, Derivation, Term, check
from riskbounds.proofs.certificates import Premises
from riskbounds.proofs.derivation import Result, check_step
from riskbounds.proofs.signs import Facts
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import STRUCTURES, Additive, Elementwise, Multiplicative
from riskbounds.theorems.feature_row import FeatureRow
from riskbounds.theorems.noise import assemble, noise_constants
from riskbounds.theorems.noise_rows import (
    additive_row,
    elementwise_row,
    feature_layers,
    feature_row,
    generic_row,
    multiplicative_row,
)

UPDATE = ("label", "parameter", "activation", "output")
KINDS = ("exact", *STRUCTURES)


def refusals(result: Result) -> list:
    return [
        *result.errors,
        *((line.step.id, line.verdict) for line in result.steps if line.verdict.status in ("refused", "refuted")),
    ]


def proved(derivation: Derivation) -> set[str]:
    """The ids of what is assumed, after a check that all else is proved."""
    result = check(derivation)
    assert result.verdict == "proved", refusals(result)
    return {line.step.id for line in result.steps if line.verdict.status == "assumed"}


# Rows ------------------------------------------------------------------------------------------------------------------

ROWS = {
    "additive": noise_additive.noise_additive,
    "dither": noise_dither.noise_dither,
    "multiplicative": noise_multiplicative.noise_multiplicative,
    "elementwise": noise_elementwise.noise_elementwise,
    "moment": noise_moment.noise_moment,
    "scales": noise_scales.derivation,
    "squares": noise_squares.noise_squares,
}
#: What the rows assume: hypotheses and parts of the model that are not the law of the draws.
ASSUMED = {
    "additive": set(),
    "dither": {"E q q^T", "E q y", "rotation", "unit", "kurtosis", "floor"},
    "multiplicative": set(),
    "elementwise": {"curve", "clause"},
    "moment": {"Sigma", "optimum", "given q", "alpha", "beta", "sbar"},
    "scales": set(),
    "squares": {"E q q^T", "squared scales"},
}


@pytest.mark.parametrize("name", list(ROWS))
def test_every_row_is_proved(name: str) -> None:
    assert proved(ROWS[name]) == ASSUMED[name]


def stated(name: str) -> dict[str, Claim]:
    """The claims that the registered rows make, built here from theorems/."""
    sample = {"additive": noise_additive, "multiplicative": noise_multiplicative, "elementwise": noise_elementwise}[name].sample
    read = {
        "additive": reader(sample),
        "multiplicative": noise_multiplicative.read,
        "elementwise": noise_elementwise.read,
    }[name]
    row = {
        "additive": additive_row({}, sketched=False),
        "multiplicative": multiplicative_row({"data": Multiplicative("0.1")}),
        "elementwise": elementwise_row({"data": Elementwise("0.1")}),
    }[name]
    return row_claims(row, sample, read)


@pytest.mark.parametrize("name", ["additive", "multiplicative", "elementwise"])
def test_the_last_lines_are_the_registered_rows(name: str) -> None:
    derivation = ROWS[name]
    claims = stated(name)
    assert len(claims) == 7
    for side, claim in claims.items():
        assert derivation.step(derivation.conclusions[side]).claim == claim


@pytest.mark.parametrize("name", ["additive", "multiplicative", "elementwise"])
def test_every_line_holds_in_an_exact_model(name: str) -> None:
    """Three-point data with Gaussian fourth moments: each claim is true, equations and inequalities, by enumeration."""
    model = world(Random(name), name)
    for step in ROWS[name].steps:
        assert model.failure(step.claim) is None, step.id


def mutants(claim: Claim) -> list[Claim]:
    """One coefficient doubled, negated or dropped, on either side, and the direction turned."""
    found = []
    for side in ("left", "right"):
        body: Term = getattr(claim, side)
        for monomial, coefficient in body.monomials.items():
            for change in (-2, -1, 1):
                found.append(replace(claim, **{side: body + Term({monomial: change * coefficient})}))
    return [*found, replace(claim, left=claim.right, right=claim.left)]


@pytest.mark.parametrize("name", ["additive", "multiplicative", "elementwise"])
@full_and_tenth(200)
def test_no_false_mutant_is_proved(name: str, size: int) -> None:
    """Justification unchanged, claim changed: what is proved holds in every model; few mutants are true."""
    derivation, random, false = ROWS[name], Random(name), 0
    models = [world(Random(seed), name) for seed in range(2)]
    pool = [(n, mutant) for n, step in enumerate(derivation.steps) for mutant in mutants(step.claim)]
    for n, mutant in random.sample(pool, size):
        premises: dict[str, Claim] = {}
        facts = Facts()
        for step in derivation.steps[:n]:
            premises[step.id] = step.claim
            facts.learn(step.claim, step.id)
        rule = derivation.steps[n].rule
        if isinstance(rule, Assumption):
            continue
        verdict = check_step(replace(derivation.steps[n], claim=mutant), Premises(premises, facts))
        wrong = any(model.failure(mutant) is not None for model in models)
        false += wrong
        assert not (wrong and verdict.status in ("proved", "enclosed")), (derivation.steps[n].id, str(mutant))
    assert false >= size // 2


LARGER = {
    "A1": 1,
    "ad1": 1,
    "av1": 1,
    "c4": 1,
    "spread": 1,
    "label": 1,
    "A1low": -1,
    "adlow1": -1,
    "spread_low": -1,
    "label_low": -1,
}


@pytest.mark.parametrize("constant", list(LARGER))
@pytest.mark.parametrize("name", ["additive", "multiplicative", "elementwise"])
def test_a_sharper_constant_is_refused(name: str, constant: str) -> None:
    """One source: a constant of the row made 1 % sharper, and the line that states it is no longer proved."""
    modules = {"additive": noise_additive, "multiplicative": noise_multiplicative, "elementwise": noise_elementwise}
    rows = {
        "additive": additive_row({}, sketched=False),
        "multiplicative": multiplicative_row({}),
        "elementwise": elementwise_row({"data": Elementwise("0.1")}),
    }
    row: FeatureRow = rows[name]
    value = getattr(row, constant)
    if value == 0:
        return
    sharper = replace(row, **{constant: value * sp.Rational(100 - LARGER[constant], 100)})
    read = reader(noise_additive.sample) if name == "additive" else modules[name].read
    claims = row_claims(sharper, modules[name].sample, read)
    derivation = ROWS[name]
    changed = [step.id for step in derivation.steps if step.id in claims and claims[step.id] != step.claim]
    assert changed
    steps = tuple(replace(step, claim=claims[step.id]) if step.id in changed else step for step in derivation.steps)
    result = check(replace(derivation, steps=steps))
    verdicts = {line.step.id: line.verdict.status for line in result.steps}
    assert all(verdicts[name] in ("refused", "refuted") for name in changed)


def test_the_elementwise_loss_without_its_maximum_is_refused() -> None:
    """adlow = 1 - t, false for large Gaussian scales, is not proved."""
    row = elementwise_row({"data": Elementwise("0.1")})
    (top,) = row.adlow1.atoms(sp.Max)
    loss = next(part for part in top.args if part != 0)
    claims = row_claims(replace(row, adlow1=1 - loss), noise_elementwise.sample, noise_elementwise.read)
    steps = tuple(replace(step, claim=claims["lower"]) if step.id == "lower" else step for step in noise_elementwise.STEPS)
    result = check(replace(noise_elementwise.noise_elementwise, steps=steps))
    assert [line.step.id for line in result.steps if line.verdict.status in ("refused", "refuted")] == ["lower"]


# Layers and the generic row --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kinds", [k for n in (1, 2, 3) for k in product(("many", "common"), repeat=n)])
def test_kurtosis_through_layers(kinds: tuple[str, ...]) -> None:
    assert proved(noise_layers(kinds)) == {"linear", *(f"affine {n}" for n in range(1, len(kinds) + 1))}


MIXED = [
    (Quantization(data=Additive("0.1"), feature=Elementwise("0.1")), True),
    (Quantization(data=Elementwise("0.1")), True),
    (Quantization(data=Additive("0.1"), feature=Multiplicative("0.1")), False),
    (Quantization(sketch=Additive("0.1", noise="entrywise"), feature=Multiplicative("0.1", noise="gaussian")), True),
    (Quantization(data=Multiplicative("0.1"), sketch=Elementwise("0.1"), feature=Multiplicative("0.1")), True),
]


@pytest.mark.parametrize(("quantization", "sketched"), MIXED)
def test_the_generic_row_is_proved(quantization: Quantization, sketched: bool) -> None:
    derivation = noise_generic(quantization, sketched=sketched)
    proved(derivation)
    for each in derivation.lemmas:
        proved(each)
    registered = generic_row(feature_layers(quantization, sketched=sketched), sketched=sketched)
    assert feature_row(quantization, sketched=sketched) == registered


def test_a_smaller_constant_of_the_generic_row_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import riskbounds.derivations.noise_generic as module

    quantization, sketched = MIXED[0]
    row = generic_row(feature_layers(quantization, sketched=sketched), sketched=sketched)
    assert row.c4 == 9
    smaller = replace(row, A1=s.sigma_M2 + 8 * s.excess, ad1=sp.Integer(8), c4=sp.Integer(8), spread=8 * s.trace)
    monkeypatch.setattr(module, "generic_row", lambda layers, *, sketched: smaller)
    result = check(noise_generic(quantization, sketched=sketched))
    refused = {line.step.id for line in result.steps if line.verdict.status == "refused"}
    assert {"upper", "fourth", "spread"} <= refused
    assert "lower" not in refused


# The update ------------------------------------------------------------------------------------------------------------


def random_quantization(random: Random) -> tuple[Quantization, bool]:
    levels = {}
    for slot in UPDATE:
        kind = random.choice(KINDS)
        if kind != "exact":
            levels[slot] = STRUCTURES[kind]("0.1")
    return Quantization(**levels, batch_scale=random.choice(["per-sample", "shared"])), random.random() < 0.5


@full_and_tenth(80)
def test_the_constants_of_the_batch_are_proved(size: int) -> None:
    """Parameter, activation, label, output and batch, for a row of symbols: A, ad, av, Alow, adlow as noise.py assembles them."""
    for seed in range(size):
        random = Random(seed)
        quantization, sketched = random_quantization(random)
        row = UNCENTRED if random.random() < 0.3 else ROW
        assumed = proved(noise_update(quantization, sketched=sketched, row=row))
        assert assumed <= {
            "upper",
            "lower",
            "fourth",
            "spread",
            "spread low",
            "label",
            "label low",
            "Sigma",
            "optimum",
            "batch size",
            "tau",
        }


@full_and_tenth(100)
def test_a_rows_constants_are_the_assembled_symbols_with_the_row_put_in(size: int) -> None:
    """noise_constants is assemble at the features' row: what is proved of symbols holds for it."""
    for seed in range(size):
        random = Random(seed)
        update, sketched = random_quantization(random)
        data = random.choice([Additive("0.1"), Multiplicative("0.1"), Elementwise("0.1")])
        quantization = update.with_level("data", data)
        row = feature_row(quantization, sketched=sketched)
        abstract, concrete = assemble(ROW, update, sketched=sketched), noise_constants(quantization, sketched=sketched)
        values = {getattr(ROW, name): sp.sympify(getattr(row, name)) for name in CONSTANTS}
        for name in ("A", "ad", "av", "Alow", "adlow"):
            assert sp.expand(getattr(abstract, name).xreplace(values) - getattr(concrete, name)) == 0, (seed, name)


@pytest.mark.parametrize("name", ["A", "ad", "av"])
def test_a_smaller_constant_of_the_batch_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import riskbounds.derivations.noise_update as module

    quantization = Quantization(**{slot: Multiplicative("0.1") for slot in UPDATE}, batch_scale="shared")
    constants = assemble(ROW, quantization, sketched=False)
    smaller = replace(constants, **{name: getattr(constants, name) * sp.Rational(99, 100)})
    monkeypatch.setattr(module, "assemble", lambda row, quantization, *, sketched: smaller)
    result = check(noise_update(quantization, sketched=False))
    assert [line.step.id for line in result.steps if line.verdict.status == "refused"] == ["upper side"]
    assert s.B in getattr(constants, name).free_symbols
