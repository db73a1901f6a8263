"""The linear model: spectrum of the data, target, sketch and training."""

from __future__ import annotations

from riskbounds.problem.data import Data
from riskbounds.problem.sketch import GaussianSketch
from riskbounds.problem.spectrum import INFINITE, Explicit, Exponential, LogPowerLaw, PowerLaw, Spectrum
from riskbounds.problem.target import ExplicitTarget, Isotropic, Ones, Sample, Source, Target
from riskbounds.problem.training import Training

__all__ = [
    "INFINITE",
    "Data",
    "Explicit",
    "ExplicitTarget",
    "Exponential",
    "GaussianSketch",
    "Isotropic",
    "LogPowerLaw",
    "Ones",
    "PowerLaw",
    "Sample",
    "Source",
    "Spectrum",
    "Target",
    "Training",
]
