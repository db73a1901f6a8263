"""The ledger of `verify` as a document: every step with its claim, justification, what it uses, verdict and time."""

from __future__ import annotations

from riskbounds import __version__
from riskbounds.report.document import Block, Document, Formula, Paragraph, Section
from riskbounds.verification.results import DerivationRow, StepRow, Verification


def proofs_document(found: Verification) -> Document:
    """Return the report on checked derivations, a section for each."""
    counts = ", ".join(f"{number} {name}" for name, number in found.counts.items())
    return Document(
        title="Proofs checked by riskbounds",
        made_from=f"riskbounds {__version__}: {counts}",
        digest=None,
        sections=[_derivation(row) for row in found.derivations],
    )


def _derivation(row: DerivationRow) -> Section:
    rests = f" It rests on {', '.join(row.lemmas)}." if row.lemmas else ""
    errors = f" Errors: {'; '.join(row.errors)}." if row.errors else ""
    blocks: list[Block] = [Paragraph(text=_plain(f"{row.verdict}, {len(row.steps)} steps.{rests}{errors}"))]
    for step in row.steps:
        blocks += [Paragraph(text=_plain(_about(step))), Formula(tex=step.tex)]
    return Section(title=f"{row.name}: {row.title}", blocks=blocks)


def _about(step: StepRow) -> str:
    """Name, verdict and time; the rule, its source and what it uses, in words."""
    verdict = step.verdict if step.counterexample is None else f"{step.verdict}: {step.counterexample}"
    rule = step.rule + (f" ({step.source})" if step.source else "")
    uses = f"; uses {', '.join(step.uses)}" if step.uses else ""
    return f"{step.id} [{verdict}, {step.seconds:.2f} s] {rule}{uses}. {step.note}".rstrip()


def _plain(words: str) -> str:
    return words.replace("$", "")
