"""Sides of the P1 theorems in numbers, and the settings of P1's experiments."""

from __future__ import annotations

from riskbounds.evaluation.statement import statement
from riskbounds.instance import instance
from riskbounds.numerics.floats import Floats
from riskbounds.problem import Ones, PowerLaw, Training
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import Additive, Multiplicative
from riskbounds.setting import Setting
from riskbounds.theorems.p1_theorem_4_1 import SLOTS

ROUNDING = 1e-9  # relative, of the oracle's differences
STRUCTURE = {"additive": Additive, "multiplicative": Multiplicative}


def evaluated(theorem, setting, side="upper", numbers=None):
    """The side's value, or None where a hypothesis of it fails."""
    numbers = numbers or Floats()
    stated = statement(theorem, instance(setting, None))
    with numbers.working():
        evaluation = stated.at(numbers, setting.training.steps[0])
        checks = [each for each in stated.checks(evaluation) if each.hypothesis and side in each.hypothesis.sides]
        return sum(stated.terms(side, evaluation).values()) if all(each.holds for each in checks) else None


def pq_setting(structure, eps, dimension, *, steps=1000, step="1/10", target=None, **more):
    """P1's experiments: lam_i = i^-2, w*_i = 1, sigma^2 = 1, gamma = 0.1, one structure in every slot."""
    levels = {slot: STRUCTURE[structure](eps) for slot in SLOTS}
    return Setting(
        spectrum=PowerLaw(exponent=2, dimension=dimension), target=target or Ones(), noise_variance=1,
        risk_inputs="quantized", training=Training(steps=steps, step_size=step, batch_size=1),
        quantization=Quantization(**levels, **more),
    )  # fmt: skip
