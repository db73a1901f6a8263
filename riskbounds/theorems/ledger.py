"""The proof state of a registered theorem, from the ledger that `verify` has written into the package.

The ledger keeps a digest of each proved theorem; a theorem that has changed since is not proved.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import sympy as sp

if TYPE_CHECKING:
    from riskbounds.theorems.theorem import Theorem

FILE = "ledger.json"


@cache
def ledger() -> dict[str, dict[str, Any]]:
    """Theorem name -> digest, verdict and number of steps, as of the last `python -m riskbounds.verification`."""
    entries: dict[str, dict[str, Any]] = json.loads(resources.files("riskbounds.theorems").joinpath(FILE).read_text("utf-8"))
    return entries


def digest(theorem: Theorem) -> str:
    """Digest of everything that a theorem states: its sides, definitions and hypotheses."""
    parts: list[str] = [theorem.name]
    for terms in (theorem.upper_terms, theorem.lower_terms, theorem.definitions):
        parts += [f"{key}: {sp.srepr(value)}" for key, value in (terms or {}).items()]
    parts += [f"{sp.srepr(each.lhs)} {each.strict} {sp.srepr(each.rhs)} {each.sides}" for each in theorem.hypotheses]
    parts += [each.name for each in theorem.assumptions]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def proof_state(theorem: Theorem) -> str:
    """In words: "proved (58 steps)", "not yet derived", or that the theorem differs from what was proved."""
    entry = ledger().get(theorem.name)
    if entry is None:
        return "cited, not derived here" if theorem.status in ("published", "recalled") else "not yet derived"
    if entry["digest"] != digest(theorem):
        return "changed since it was proved"
    kind = {"enclosed": "proved with enclosures"}.get(entry["verdict"], entry["verdict"])
    return f"{kind} ({entry['steps']} steps)"
