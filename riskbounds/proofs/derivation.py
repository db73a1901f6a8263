"""Derivations: steps in the order of the proof on paper, and the check of a whole derivation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from riskbounds.errors import ProofError
from riskbounds.proofs.certificates import Kind, Premises
from riskbounds.proofs.laws import law_errors, law_symbols
from riskbounds.proofs.numbering import NUMBER
from riskbounds.proofs.rules import LOCAL, PROVED, Assumption, Definition, Rule, Verdict, is_trivial, same
from riskbounds.proofs.signs import Facts, well_defined
from riskbounds.terms.claims import Claim, Symbols, instance
from riskbounds.terms.counterexamples import counterexample
from riskbounds.terms.identity import is_zero
from riskbounds.terms.linear import FIXED, within_reach
from riskbounds.terms.models import Model, defined
from riskbounds.terms.polynomial import atoms_of, free_variables, substitute
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

    def model(self, random: Random) -> Model | None:
        """A random model of the assumptions, defined symbols included; None without a witness."""
        if self.witness is None:
            return None
        return defined(self.witness(random), [step.claim for step in self.steps if isinstance(step.rule, Definition)])

    @property
    def lemmas(self) -> tuple[Derivation, ...]:
        """The derivations whose conclusions it cites."""
        found = {id(each): each for step in self.steps for each in step.rule.derivations}
        return tuple(found.values())

    @property
    def defined(self) -> frozenset[str]:
        """The symbols that its own steps define."""
        return frozenset(a.name for step in self.steps if isinstance(step.rule, Definition) for a in atoms_of(step.claim.left))

    def assumptions(self, *conclusions: str) -> dict[str, Claim]:
        """The claims that are assumed, by id, and the definitions of symbols that they or the conclusions mention."""
        spoken = {a.name for each in conclusions for a in self.step(self.conclusions[each]).claim.atoms}
        found: set[str] = set()
        for step in reversed(self.steps):
            defines = isinstance(step.rule, Definition) and {a.name for a in atoms_of(step.claim.left)} & spoken
            if defines or isinstance(step.rule, Assumption):
                found.add(step.id)
                spoken |= {a.name for a in step.claim.atoms}
        return {step.id: step.claim for step in self.steps if step.id in found}


@dataclass(frozen=True)
class Lemma(Rule):
    """A conclusion of another derivation with its symbols replaced, each of its assumptions being an earlier step here.

    ``symbols`` maps names of the lemma's symbols to (variables, term); ``hypotheses`` maps ids of its assumptions to ids here.
    """

    derivation: Derivation
    conclusion: str
    hypotheses: Mapping[str, str]
    symbols: Symbols

    @property
    def derivations(self) -> tuple[Derivation, ...]:
        """The one that it cites."""
        return (self.derivation,)

    def check(self, claim: Claim, premises: Premises) -> Verdict:
        """Every hypothesis, then the conclusion, after replacement."""
        for name, assumption in self.derivation.assumptions(self.conclusion).items():
            needed = instance(assumption, {}, self.symbols)
            if is_trivial(needed):
                continue
            if name not in self.hypotheses:
                raise ProofError(f"{self.derivation.name}: its hypothesis {name} is not given")
            same(premises.claim(self.hypotheses[name]), needed)
        self._replacements(premises)
        same(claim, instance(self.claim, {}, self.symbols))
        return PROVED

    @property
    def claim(self) -> Claim:
        """The conclusion in the lemma's own symbols."""
        return self.derivation.step(self.derivation.conclusions[self.conclusion]).claim

    def _replacements(self, premises: Premises) -> None:
        """What replaces a symbol has its sign and symmetry, and depends on nothing that the lemma speaks of."""
        assumed = self.derivation.assumptions(self.conclusion).values()
        claims, arbitrary = (self.claim, *assumed), {a for c in assumed for a in c.atoms if a.sign == "free"}
        quantified = {v.name for c in claims for v in within_reach(c.variables) if v.range not in FIXED}
        fixed = law_symbols(_all_steps(self.derivation)) | self.derivation.defined | {NUMBER}
        for atom in {a for c in claims for a in c.atoms if a.name in self.symbols}:
            variables, body = self.symbols[atom.name]
            wanted = {"+": Kind.POSITIVE, "0+": Kind.NONNEGATIVE}.get(atom.sign, Kind.ANY)
            indices = variables[len(atom.times) :]
            well_defined(body, premises.facts)
            swapped = substitute(body, dict(zip(indices, reversed(indices), strict=True)))
            problems = {
                "belongs to a law or a definition, or numbers the directions": atom.name in fixed,
                "would lose its sign": premises.facts.sign(body) < wanted,
                "would depend on a variable of the lemma": {v.name for v in free_variables(body) - set(variables)} & quantified,
                "is any vector in an assumption": atom in arbitrary,
                "would not be symmetric": atom.symmetric and not is_zero(body - swapped),
            }
            for problem in (words for words, found in problems.items() if found):
                raise ProofError(f"{self.derivation.name}: {body} in place of {atom.name}, which {problem}")

    def uses(self) -> frozenset[str]:
        """The steps that give the hypotheses."""
        return frozenset(self.hypotheses.values())


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


def lemma(
    derivation: Derivation, conclusion: str, symbols: Symbols | None = None, hypotheses: Mapping[str, str] | None = None
) -> Lemma:
    """The conclusion of another derivation as a rule; its assumptions are asked for under their own ids unless said otherwise."""
    needed = {step.id: step.id for step in inherited(derivation, symbols, (conclusion,))}
    return Lemma(derivation, conclusion, {**needed, **(hypotheses or {})}, symbols or {})


def cited(
    derivation: Derivation,
    conclusion: str,
    symbols: Symbols | None = None,
    name: str | None = None,
    hypotheses: Mapping[str, str] | None = None,
) -> Step:
    """A conclusion of another derivation as a step, under its own name by default."""
    rule = lemma(derivation, conclusion, symbols, hypotheses)
    return Step(id=name or conclusion, claim=instance(rule.claim, {}, symbols), rule=rule)


def inherited(derivation: Derivation, symbols: Symbols | None = None, conclusions: tuple[str, ...] = ()) -> tuple[Step, ...]:
    """The assumptions of another derivation with its symbols replaced, and the definitions that the conclusions speak of.

    Those that become trivial are dropped.
    """
    assumed = [derivation.step(name) for name in derivation.assumptions(*conclusions)]
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
        uses = tuple(sorted((step.rule.uses() | facts.consulted) - LOCAL))
        if verdict.status == "refused":
            found = refutation(derivation, step.claim)
            verdict = verdict if found is None else Verdict("refuted", verdict.reason, found)
        yield StepResult(step=step, verdict=verdict, uses=uses, seconds=time.perf_counter() - started)
        if verdict.status in ("proved", "enclosed", "assumed"):
            claims[step.id] = step.claim
            facts.learn(step.claim, step.id)


def refutation(derivation: Derivation, claim: Claim, tries: int = 2) -> str | None:
    """A model of the derivation's assumptions in which the claim is false, in words; None if none was met."""
    random = Random(0)
    for _ in range(tries):
        model = derivation.model(random)
        found = None if model is None else counterexample(claim, model)
        if found is not None:
            return found
    return None


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
    yield from law_errors(_all_steps(derivation))
    names = [name for name, _ in sorted({(atom.name, atom.sign) for step in derivation.steps for atom in step.claim.atoms})]
    yield from (f"{name} is a symbol of two signs" for name in dict.fromkeys(names) if names.count(name) > 1)
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
    for side, claim in registered.items():
        name = derivation.conclusions.get(side)
        if name not in {step.id for step in derivation.steps}:
            yield f"no step concludes the registered theorem's {side} side"
        elif derivation.step(name).claim != claim:
            yield f"{name} is not the registered theorem's {side} side"


def _all_steps(derivation: Derivation) -> list[Step]:
    """The steps of the derivation and of those it cites."""
    return [*(step for each in derivation.lemmas for step in _all_steps(each)), *derivation.steps]
