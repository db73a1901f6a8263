"""The instance of a sketch with p = 100 000 and M = 1 000 (limits 60 s and 2 GB)."""

from __future__ import annotations

import resource
import time

from benchmarks.machine import report
from riskbounds import GaussianSketch, Isotropic, PowerLaw, Setting, Training
from riskbounds.instance import instance


def main() -> None:
    """Print time and peak memory of the process."""
    setting = Setting(
        spectrum=PowerLaw(exponent="3/2", dimension=100_000),
        target=Isotropic(),
        noise_variance=1,
        sketch=GaussianSketch(1000),
        training=Training(steps=1000, step_size="0.1"),
    )
    start = time.perf_counter()
    instance(setting, 1000)
    report("sketch with p = 100 000, M = 1 000", time.perf_counter() - start, 60.0, "s")
    report("its peak memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2.0, "GB")


if __name__ == "__main__":
    main()
