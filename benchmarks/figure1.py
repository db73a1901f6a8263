"""`reproduce figure1` from an empty folder (limits 3 minutes and 4 GB over all processes)."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time

from benchmarks.machine import report


def main() -> None:
    """Print time, and the largest process's memory times the number of processes."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "riskbounds", "reproduce", "figure1", "--out", folder, "--jobs", "2"], check=True)
        report("reproduce figure1", time.perf_counter() - start, 180.0, "s")
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    report("its memory, 3 processes of the largest", 3 * largest, 4.0, "GB")


if __name__ == "__main__":
    main()
