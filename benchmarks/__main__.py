"""Run every benchmark: `python -m benchmarks`, from the checkout."""

from __future__ import annotations

import subprocess
import sys

for name in ("commands", "sharp_grid", "exact_risk", "large_sketch", "laws", "proofs", "decisions", "simulation", "figure1"):
    subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)
