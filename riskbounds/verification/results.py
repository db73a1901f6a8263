"""Results of the checker as plain rows: what `verify` prints, writes and returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from riskbounds.display import Table, Tabulated
from riskbounds.proofs import Assumption, Derivation, check
from riskbounds.proofs.derivation import StepResult
from riskbounds.proofs.rules import Rule
from riskbounds.proofs.transfer import CITED, Transfer
from riskbounds.terms.rendering import claim_latex

STATUSES = ("proved", "enclosed", "assumed", "refused", "refuted")


@dataclass(frozen=True, kw_only=True)
class StepRow:
    """One step: its claim as text and TeX, the rule's name and source, what it uses, the verdict with its reason, seconds."""

    id: str
    claim: str
    tex: str
    rule: str
    source: str
    note: str
    uses: tuple[str, ...]
    verdict: str
    reason: str
    seconds: float
    counterexample: str | None

    def to_dict(self) -> dict[str, Any]:
        """The row under the contract's names."""
        names = ("id", "claim", "rule", "source", "note", "uses", "verdict", "reason", "seconds", "counterexample")
        return {name: list(self.uses) if name == "uses" else getattr(self, name) for name in names}


@dataclass(frozen=True, kw_only=True)
class DerivationRow:
    """One derivation: its steps, the derivations that it cites, and what is wrong with it as a whole."""

    name: str
    theorem: str
    title: str
    lemmas: tuple[str, ...]
    steps: tuple[StepRow, ...]
    errors: tuple[str, ...]
    verdict: str

    def to_dict(self) -> dict[str, Any]:
        """The row under the contract's names."""
        rows = [step.to_dict() for step in self.steps]
        whole = {"name": self.name, "theorem": self.theorem, "title": self.title, "verdict": self.verdict}
        return {**whole, "lemmas": list(self.lemmas), "errors": list(self.errors), "steps": rows}


@dataclass(frozen=True, kw_only=True)
class Verification(Tabulated):
    """The verdicts on a set of derivations; ``ok`` if none is refused or refuted."""

    derivations: tuple[DerivationRow, ...]

    @property
    def ok(self) -> bool:
        """Whether every derivation is proved (or enclosed)."""
        return all(row.verdict in ("proved", "enclosed") for row in self.derivations)

    @property
    def counts(self) -> dict[str, int]:
        """Numbers of derivations, steps, steps by verdict, and cited external results."""
        steps = [step for row in self.derivations for step in row.steps]
        found = Counter(step.verdict for step in steps)
        cited = {step.source for step in steps if step.source.startswith("cited:")}
        return {
            "derivations": len(self.derivations),
            "steps": len(steps),
            **{status: found[status] for status in STATUSES},
            "cited": len(cited),
        }

    def table(self) -> Table:
        """One line per derivation: its verdict, its steps by verdict, and what it rests on."""
        rows = []
        for row in self.derivations:
            counts = Counter(step.verdict for step in row.steps)
            shown = ", ".join(f"{counts[status]} {status}" for status in STATUSES if counts[status])
            rows.append([row.name, row.verdict, shown, ", ".join(row.lemmas) or "the model"])
        return Table(caption="Derivations checked.", columns=["Derivation", "Verdict", "Steps", "Rests on"], rows=rows, left=4)

    def to_dict(self) -> dict[str, Any]:
        """The contract's JSON."""
        return {"schema": 1, "derivations": [row.to_dict() for row in self.derivations], "counts": self.counts}


def checked(derivation: Derivation, registered: Callable[[Derivation], bool], name: str | None = None) -> list[DerivationRow]:
    """The row of one derivation, after those of the lemmas that are not registered, under names of their own.

    Registered lemmas are taken for granted here (see :func:`settled`).
    """
    name = name or derivation.name
    rows: list[DerivationRow] = []
    lemmas = []
    for number, each in enumerate(derivation.lemmas):
        if registered(each):
            lemmas.append(each.name)
        else:
            rows += checked(each, registered, f"{name}: {each.name} {number + 1}")
            lemmas.append(rows[-1].name)
    result = check(derivation)
    own = DerivationRow(
        name=name,
        theorem=derivation.theorem,
        title=derivation.title,
        lemmas=tuple(lemmas),
        steps=tuple(_row(step) for step in result.steps),
        errors=result.errors,
        verdict=result.verdict,
    )
    return [*rows, own]


def settled(rows: Mapping[str, DerivationRow]) -> Verification:
    """All rows, a derivation that rests on a refused one being refused itself."""
    final: dict[str, DerivationRow] = {}

    def settle(name: str) -> DerivationRow:
        if name not in final:
            row = rows[name]
            weak = [each for each in row.lemmas if settle(each).verdict not in ("proved", "enclosed")]
            errors = (*row.errors, *(f"rests on {each}, which is {final[each].verdict}" for each in weak))
            enclosed = row.verdict == "proved" and any(final[each].verdict == "enclosed" for each in row.lemmas)
            verdict = "refused" if weak and row.verdict != "refuted" else "enclosed" if enclosed else row.verdict
            final[name] = replace(row, errors=errors, verdict=verdict)
        return final[name]

    return Verification(derivations=tuple(settle(name) for name in rows))


def _row(result: StepResult) -> StepRow:
    step, verdict = result.step, result.verdict
    return StepRow(
        id=step.id,
        claim=str(step.claim),
        tex=claim_latex(step.claim),
        rule=type(step.rule).__name__,
        source=_source(step.rule),
        note=step.note,
        uses=result.uses,
        verdict=verdict.status,
        reason=verdict.reason,
        seconds=round(result.seconds, 4),
        counterexample=verdict.counterexample,
    )


def _source(rule: Rule) -> str:
    if isinstance(rule, Assumption):
        return f"{rule.kind}: {rule.source}"
    if isinstance(rule, Transfer):
        return f"cited: {CITED}"
    return ", ".join(each.name for each in rule.derivations)
