"""The exact risk at N = 1e12, M = 1000 (limit 2 s), for the cases of the table in theory section 3."""

from __future__ import annotations

import time

from benchmarks.machine import report
from riskbounds import (
    Additive,
    Elementwise,
    GaussianSketch,
    Isotropic,
    Multiplicative,
    PowerLaw,
    Quantization,
    Setting,
    Training,
)
from riskbounds.evaluation.exact_values import ExactRisks
from riskbounds.instance import instance, moments_of
from riskbounds.numerics.floats import Floats

CASES = {
    "additive": (Quantization(data=Additive("1e-4"), parameter=Additive("1e-4")), None),
    "multiplicative": (Quantization(data=Multiplicative("0.01"), parameter=Multiplicative("0.01")), None),
    "elementwise": (Quantization(data=Elementwise("0.01"), activation=Elementwise("0.01")), None),
    "additive behind a sketch": (Quantization(data=Additive("1e-6"), feature=Additive("1e-6")), 2000),
}


def main() -> None:
    """Print the time of each case; the instance (eigendecompositions) is built before."""
    for name, (quantization, dimension) in CASES.items():
        setting = Setting(
            spectrum=PowerLaw(exponent="3/2", dimension=dimension or 1000),
            target=Isotropic(),
            noise_variance=1,
            sketch=None if dimension is None else GaussianSketch(1000),
            training=Training(steps=10**12, step_size="0.05"),
            quantization=quantization,
        )
        size = setting.model_sizes[0]
        item = instance(setting, size, None if size is None else moments_of(setting, size))
        start = time.perf_counter()
        ExactRisks(item, Floats()).at(10**12)
        report(f"exact risk at N = 1e12, M = 1000, {name}", time.perf_counter() - start, 2.0, "s")


if __name__ == "__main__":
    main()
