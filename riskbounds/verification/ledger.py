"""The ledger: what `verify` says of each registered theorem, kept in the package with a digest of the theorem."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from riskbounds.theorems import THEOREMS
from riskbounds.theorems.ledger import digest
from riskbounds.verification.results import Verification


def entries(verification: Verification) -> dict[str, dict[str, Any]]:
    """Theorem name -> digest, verdict, steps, for the theorems whose derivation is proved or enclosed."""
    theorems = {theorem.name: theorem for theorem in THEOREMS}
    found = {}
    for row in verification.derivations:
        if row.name in theorems and row.verdict in ("proved", "enclosed"):
            found[row.name] = {"digest": digest(theorems[row.name]), "verdict": row.verdict, "steps": len(row.steps)}
    return dict(sorted(found.items()))


def write(found: dict[str, dict[str, Any]], path: Path) -> None:
    """Write the ledger's file."""
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
