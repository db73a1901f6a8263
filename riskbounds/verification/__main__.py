"""`python -m riskbounds.verification`: check every derivation and write the ledger into the package."""

from __future__ import annotations

import sys
from pathlib import Path

from riskbounds.verification.ledger import entries, write
from riskbounds.verification.run import verify

if __name__ == "__main__":
    found = verify(progress=lambda row, done, every: print(f"{done}/{every} {row.name}: {row.verdict}", file=sys.stderr))
    target = Path(__file__).parents[1] / "theorems" / "ledger.json"
    write(entries(found), target)
    sys.exit(0 if found.ok else 1)
