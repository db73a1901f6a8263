"""Certified risk bounds for quantized stochastic gradient descent on high-dimensional linear regression."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from riskbounds import theorems
    from riskbounds.asymptotics.law_orders import regimes
    from riskbounds.asymptotics.laws import Law, law
    from riskbounds.asymptotics.regimes import Regimes
    from riskbounds.decisions import allocate, compare, integer_or_floating, minimise, next_bit, solve
    from riskbounds.evaluation import bound, exact_risk
    from riskbounds.experiments import reproduce
    from riskbounds.problem import (
        INFINITE,
        Data,
        Explicit,
        ExplicitTarget,
        Exponential,
        GaussianSketch,
        Isotropic,
        LogPowerLaw,
        Ones,
        PowerLaw,
        Sample,
        Source,
        Training,
    )
    from riskbounds.quantization import Additive, Elementwise, Multiplicative, Quantization
    from riskbounds.quantization.formats import Format
    from riskbounds.setting import Setting
    from riskbounds.simulation import check, simulate
    from riskbounds.sweeps import sweep

_HOMES = {
    "INFINITE": "problem",
    "Additive": "quantization",
    "Data": "problem",
    "Elementwise": "quantization",
    "Explicit": "problem",
    "ExplicitTarget": "problem",
    "Exponential": "problem",
    "Format": "quantization.formats",
    "GaussianSketch": "problem",
    "Isotropic": "problem",
    "LogPowerLaw": "problem",
    "Multiplicative": "quantization",
    "Ones": "problem",
    "PowerLaw": "problem",
    "Quantization": "quantization",
    "Sample": "problem",
    "Setting": "setting",
    "Source": "problem",
    "Training": "problem",
    "allocate": "decisions",
    "bound": "evaluation",
    "check": "simulation",
    "compare": "decisions",
    "exact_risk": "evaluation",
    "law": "asymptotics.laws",
    "Law": "asymptotics.laws",
    "Regimes": "asymptotics.regimes",
    "regimes": "asymptotics.law_orders",
    "integer_or_floating": "decisions",
    "minimise": "decisions",
    "next_bit": "decisions",
    "reproduce": "experiments",
    "simulate": "simulation",
    "solve": "decisions",
    "sweep": "sweeps",
    "verify": "verification",
}

__all__ = [
    "INFINITE",
    "Additive",
    "Data",
    "Elementwise",
    "Explicit",
    "ExplicitTarget",
    "Exponential",
    "Format",
    "GaussianSketch",
    "Isotropic",
    "Law",
    "LogPowerLaw",
    "Multiplicative",
    "Ones",
    "PowerLaw",
    "Quantization",
    "Regimes",
    "Sample",
    "Setting",
    "Source",
    "Training",
    "__version__",
    "allocate",
    "bound",
    "check",
    "compare",
    "exact_risk",
    "integer_or_floating",
    "law",
    "minimise",
    "next_bit",
    "regimes",
    "reproduce",
    "simulate",
    "solve",
    "sweep",
    "theorems",
    "verify",
]


def __getattr__(name: str) -> object:
    """Import a public name on first use, so that `import riskbounds` stays light (PEP 562)."""
    if name == "theorems":
        return importlib.import_module("riskbounds.theorems")
    if name not in _HOMES:
        raise AttributeError(f"module 'riskbounds' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"riskbounds.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
