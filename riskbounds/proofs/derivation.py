"""Derivations: steps in the order of the proof on paper, and the check of a whole derivation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from riskbounds.errors import ProofError
from riskbounds.proofs.certificates import Premises
from riskbounds.proofs.rules import LOCAL, Assumption, Lemma, Rule, Verdict, is_trivial
from riskbounds.proofs.signs import Facts, well_defined
from riskbounds.terms.claims import Claim, Symbols, instance
from riskbounds.terms.models import Model, counterexample
from riskbounds.theorems import Theorem, theorem_named


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

    ``statement`` reads the registered theorem as claims, by the names of ``conclusions``; it is None for a lemma.
    ``conclusions`` maps "lower", "upper" (or a free name) to the id of the step that states it.  ``witness`` draws an exact
    rational model of all assumptions from a seeded generator.
    """

    name: str
    theorem: str
    title: str
    steps: tuple[Step, ...]
    conclusions: Mapping[str, str]
    statement: Callable[[Theorem], Mapping[str, Claim]] | None = None
    witness: Callable[[Random], Model] | None = None

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


def lemma(derivation: Derivation, conclusion: str, symbols: Symbols | None = None) -> Lemma:
    """The conclusion of another derivation as a rule: see :class:`~riskbounds.proofs.rules.Lemma`.

    Its assumptions are asked for under their own ids; :func:`inherited` states them.
    """
    claim = derivation.step(derivation.conclusions[conclusion]).claim
    needed = {step.id: step.id for step in inherited(derivation, symbols)}
    return Lemma(claim, derivation.assumptions, needed, derivation.name, symbols or {})


def inherited(derivation: Derivation, symbols: Symbols | None = None) -> tuple[Step, ...]:
    """The assumptions of another derivation with its symbols replaced; those that become trivial are dropped."""
    assumed = [step for step in derivation.steps if isinstance(step.rule, Assumption)]
    replaced = [replace(step, claim=instance(step.claim, {}, symbols)) for step in assumed]
    return tuple(step for step in replaced if not is_trivial(step.claim))


def check(derivation: Derivation, theorem: Theorem | None = None) -> Result:
    """Check every step and the whole: the last lines are the theorem, every step is needed, none only renames another.

    ``theorem`` is the registered one by default.
    """
    steps = tuple(check_steps(derivation))
    return Result(derivation=derivation, steps=steps, errors=(*_errors(derivation, steps), *_last_lines(derivation, theorem)))


def check_steps(derivation: Derivation) -> Iterator[StepResult]:
    """Check one step after another; a refused one does not serve later ones."""
    claims: dict[str, Claim] = {}
    facts = Facts()
    for step in derivation.steps:
        started = time.perf_counter()
        facts.consulted.clear()
        verdict = check_step(step, Premises(claims, facts))
        uses = tuple(sorted(step.rule.uses() | facts.consulted))
        if verdict.status == "refused" and derivation.witness is not None:
            found = counterexample(step.claim, derivation.witness, Random(0))
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
    yield from (f"{name} names a local hypothesis, not a step" for name in ids if name in LOCAL)
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


def _last_lines(derivation: Derivation, theorem: Theorem | None) -> Iterator[str]:
    if derivation.statement is None:
        return
    registered = derivation.statement(theorem or theorem_named(derivation.theorem))
    if set(registered) != set(derivation.conclusions):
        yield f"the theorem states {', '.join(registered)}, the derivation concludes {', '.join(derivation.conclusions)}"
        return
    for side, name in derivation.conclusions.items():
        if derivation.step(name).claim != registered[side]:
            yield f"{name} is not the registered theorem's {side} side"
