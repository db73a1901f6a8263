"""Quantized SGD run on replicas, and verdicts on bounds: :func:`simulate` and :func:`check`.

    simulate(setting, runs=R, seed=S) -> Simulation     R: one number, or one per element of training.steps, not increasing
    check(setting, results) -> Simulation               results: a CSV file or rows with steps, risk and stderr or repeats
"""

from __future__ import annotations

from riskbounds.simulation.result import SimulatedRow, Simulation

__all__ = ["SimulatedRow", "Simulation"]
