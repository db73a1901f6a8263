"""`law` and `regimes` in new processes, every scheme (limit 3 s each)."""

from __future__ import annotations

from benchmarks.commands import RISKBOUNDS, seconds
from benchmarks.machine import report
from riskbounds.asymptotics.law_setting import SCHEMES


def main() -> None:
    """Print a line per command and scheme."""
    for command in ("law", "regimes"):
        for scheme in SCHEMES:
            report(f"{command} {scheme}", seconds(*RISKBOUNDS, command, scheme, repeats=3), 3.0, "s")


if __name__ == "__main__":
    main()
