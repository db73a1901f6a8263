"""Derivations: steps in the order of the proof on paper, and the check of a whole derivation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from riskbounds.errors import ProofError
from riskbounds.proofs.certificates import Premises
from riskbounds.terms.claims import Claim
from riskbounds.terms.models import Model, counterexample
from riskbounds.proofs.rules import Assumption, Lemma, Rule, Verdict
from riskbounds.proofs.signs import Facts, well_defined


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of a proof: a claim and its justification; ``note`` is what a paper would say."""

    id: str
    claim: Claim
    rule: Rule
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """The proof of one registered theorem.

    ``conclusions`` maps "lower", "upper" (or a free name) to the id of the step that states it.  ``witness`` draws an exact
    rational model of all assumptions from a seeded generator.
    """

    name: str
    theorem: str
    title: str
    steps: tuple[Step, ...]
    conclusions: Mapping[str, str]
    witness: Callable[[Random], Model] | None = None
    lemmas: tuple[Derivation, ...] = field(default=())

    def step(self, name: str) -> Step:
        """The step of that id; raises ProofError if there is none."""
        for step in self.steps:
            if step.id == name:
                return step
        raise ProofError(f"{self.name} has no step {name!r}")

    @property
    def assumptions(self) -> dict[str, Claim]:
        """The claims that are assumed, by id."""
        return {step.id: step.claim for step in self.steps if isinstance(step.rule, Assumption)}


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """The verdict on one step, what it used, and the seconds it took."""

    step: Step
    verdict: Verdict
    uses: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Result:
    """The verdicts on a derivation's steps, and what is wrong with it as a whole."""

    derivation: Derivation
    steps: tuple[StepResult, ...]
    errors: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """ "proved", "enclosed" (some step by enclosure), "refuted" or "refused"."""
        found = {result.verdict.status for result in self.steps}
        if "refuted" in found:
            return "refuted"
        if "refused" in found or self.errors:
            return "refused"
        return "enclosed" if "enclosed" in found else "proved"


def lemma(derivation: Derivation, conclusion: str, hypotheses: Mapping[str, str], symbols: Any = None) -> Lemma:
    """The conclusion of another derivation as a rule: see :class:`~riskbounds.proofs.rules.Lemma`."""
    claim = derivation.step(derivation.conclusions[conclusion]).claim
    return Lemma(claim, derivation.assumptions, hypotheses, derivation.name, symbols or {})


def check(derivation: Derivation, seed: int = 0) -> Result:
    """Check every step and the whole: every step is needed, none only renames another, ids are unique."""
    steps = tuple(check_steps(derivation, seed))
    return Result(derivation=derivation, steps=steps, errors=tuple(_errors(derivation, steps)))


def check_steps(derivation: Derivation, seed: int = 0) -> Iterator[StepResult]:
    """Check one step after another; a refused one does not serve later ones."""
    claims: dict[str, Claim] = {}
    facts = Facts()
    for step in derivation.steps:
        started = time.perf_counter()
        facts.consulted.clear()
        verdict = check_step(step, Premises(claims, facts))
        uses = tuple(sorted(step.rule.uses() | facts.consulted))
        if verdict.status == "refused" and derivation.witness is not None:
            found = counterexample(step.claim, derivation.witness, Random(seed))
            verdict = verdict if found is None else Verdict("refuted", verdict.reason, found)
        yield StepResult(step=step, verdict=verdict, uses=uses, seconds=time.perf_counter() - started)
        if verdict.status in ("proved", "enclosed", "assumed"):
            claims[step.id] = step.claim
            facts.learn(step.claim, step.id)


def check_step(step: Step, premises: Premises) -> Verdict:
    """The verdict of the step's rule; a rule that does not apply refuses."""
    try:
        if not isinstance(step.rule, Assumption):
            for side in (step.claim.left, step.claim.right):
                well_defined(side, premises.facts)
        return step.rule.check(step.claim, premises)
    except ProofError as error:
        return Verdict("refused", str(error))


def _errors(derivation: Derivation, results: tuple[StepResult, ...]) -> Iterator[str]:
    ids = [step.id for step in derivation.steps]
    yield from (f"two steps are called {name}" for name in sorted({n for n in ids if ids.count(n) > 1}))
    seen: dict[tuple[Any, ...], str] = {}
    for step in derivation.steps:
        shape = (step.claim.relation, step.claim.left, step.claim.right)
        if shape in seen:
            yield f"{step.id} only renames {seen[shape]}"
        seen[shape] = step.id
    needs = {result.step.id: result.uses for result in results}
    reached: set[str] = set()
    todo = list(derivation.conclusions.values())
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo.extend(needs.get(name, ()))
    yield from (f"{name} is not needed" for name in ids if name not in reached)
