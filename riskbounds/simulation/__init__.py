"""Quantized SGD run on replicas, and verdicts on bounds: :func:`simulate` and :func:`check`.

simulate(setting, runs=R, seed=S) -> Simulation     R: one number, or one per element of training.steps, not increasing
check(setting, results) -> Simulation               results: a CSV file or rows with steps, risk and stderr or repeats
"""

from __future__ import annotations

from riskbounds.simulation.measured_risks import check
from riskbounds.simulation.result import SimulatedRow, Simulation
from riskbounds.simulation.run import simulate

__all__ = ["SimulatedRow", "Simulation", "check", "simulate"]
