"""`solve`, `compare` and `allocate` on presets (limit 10 s each)."""

from __future__ import annotations

from benchmarks.commands import RISKBOUNDS, seconds
from benchmarks.machine import report

CALLS = {
    "compare figure1a figure2a": ("compare", "figure1a", "figure2a"),
    "solve figure1a --for training.steps": ("solve", "figure1a", "--for", "training.steps", "--such-that", "risk.upper<=0.1"),
    "allocate figure1d": ("allocate", "figure1d", "--budget", "1e6", "--cost", "M*N"),
}


def main() -> None:
    """Print the time of each command."""
    for name, call in CALLS.items():
        report(name, seconds(*RISKBOUNDS, *call, repeats=1), 10.0, "s")


if __name__ == "__main__":
    main()
