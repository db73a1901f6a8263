"""Whole commands in new processes: `bound figure1a` (limit 5 s), `riskbounds --help` against `import sympy` (limit 0.5x)."""

from __future__ import annotations

import subprocess
import sys
import time

from benchmarks.machine import report

RISKBOUNDS = [sys.executable, "-m", "riskbounds"]


def seconds(*command: str, repeats: int = 5, exits: tuple[int, ...] = (0,)) -> float:
    """Least wall-clock time of a command over some repeats; raises RuntimeError at an exit code other than these."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        code = subprocess.run(command, check=False, capture_output=True).returncode
        times.append(time.perf_counter() - start)
        if code not in exits:
            raise RuntimeError(f"{' '.join(command)} ended with exit code {code}")
    return min(times)


def main() -> None:
    """Print the three times."""
    report("bound figure1a, ten values of N", seconds(*RISKBOUNDS, "bound", "figure1a", repeats=3), 5.0, "s")
    ratio = seconds(*RISKBOUNDS, "--help") / seconds(sys.executable, "-c", "import sympy")
    report("riskbounds --help against import sympy", ratio, 0.5, "x")


if __name__ == "__main__":
    main()
