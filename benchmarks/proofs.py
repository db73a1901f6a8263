"""`verify`, all derivations, in a new process (limit 120 s on two cores)."""

from __future__ import annotations

from benchmarks.commands import RISKBOUNDS, seconds
from benchmarks.machine import report


def main() -> None:
    """Print the time."""
    report("verify, all derivations", seconds(*RISKBOUNDS, "verify", repeats=1), 120.0, "s")


if __name__ == "__main__":
    main()
