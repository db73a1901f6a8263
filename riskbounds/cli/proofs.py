"""`riskbounds verify`: the checker's verdicts as text or JSON, and the report."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from riskbounds.cli.output import grid, to_json

if TYPE_CHECKING:
    from riskbounds.verification.results import DerivationRow, Verification


def run(options: Namespace) -> tuple[str, int]:
    """The answer of `verify` and its exit code: 1 if a derivation is refused or refuted."""
    if options.report is not None:
        from riskbounds.report import ready

        ready(options.report, "--report")
    from riskbounds.verification import verify

    def progress(row: DerivationRow, done: int, every: int) -> None:
        if sys.stderr.isatty():
            print(f"[{done}/{every}] {row.name}: {row.verdict}", file=sys.stderr)

    found = verify(*options.names, progress=progress)
    if options.report is not None:
        from riskbounds.report import write
        from riskbounds.report.proofs import proofs_document

        write(proofs_document(found), options.report)
    return to_json(found.to_dict()) if options.format == "json" else text(found), 0 if found.ok else 1


def text(found: Verification) -> str:
    """A line for each derivation, the steps that are not proved, and the counts."""
    lines = [("derivation", "verdict", "steps", "assumed", "seconds", "rests on")]
    troubles = []
    for row in found.derivations:
        assumed = sum(step.verdict == "assumed" for step in row.steps)
        seconds = sum(step.seconds for step in row.steps)
        lines.append((row.name, row.verdict, str(len(row.steps)), str(assumed), f"{seconds:.1f}", ", ".join(row.lemmas) or "-"))
        troubles += [f"{row.name}: {error}" for error in row.errors]
        for step in row.steps:
            if step.verdict in ("refused", "refuted"):
                troubles.append(f"{row.name}, step {step.id}: {step.verdict}: {step.counterexample or step.reason}")
    counts = ", ".join(f"{number} {name}" for name, number in found.counts.items())
    return "\n\n".join([grid(lines, left=6), *(["\n".join(troubles)] if troubles else []), counts])
