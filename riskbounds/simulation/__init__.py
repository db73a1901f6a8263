"""Quantized SGD run on replicas, and verdicts on bounds: :func:`simulate` and :func:`check`.

simulate(setting, runs=R, seed=S) -> Simulation     R: one number, or one per element of training.steps, not increasing
check(setting, results) -> Simulation               results: a CSV file or rows with steps, risk and stderr or repeats
measure(level, data) -> Measurement                 moments, bias and events of one quantizer on rows of data
"""

from __future__ import annotations

from riskbounds.simulation.measured_risks import check
from riskbounds.simulation.quantizers import Measurement, measure
from riskbounds.simulation.result import SimulatedRow, Simulation
from riskbounds.simulation.run import simulate

__all__ = ["Measurement", "SimulatedRow", "Simulation", "check", "measure", "simulate"]
