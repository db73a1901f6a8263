"""Random problems for the P1 theorems, as a setting and as the oracle's arrays."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from oracles.p1_exact import Problem

from riskbounds.problem import Explicit, ExplicitTarget, Isotropic, PowerLaw, Source, Training
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import STRUCTURES
from riskbounds.setting import Setting

SLOTS = ("data", "label", "parameter", "activation", "output")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One problem in both forms."""

    setting: Setting
    problem: Problem
    steps: int


def spectrum_and_target(rng, power_law):
    """A spectrum and a target with their arrays."""
    size = int(rng.integers(1, 61))
    exponent = Fraction(int(rng.integers(11, 31)), 10)
    index = np.arange(1, size + 1)
    if power_law or rng.random() < 0.6:
        scale = Fraction(int(rng.integers(1, 20)), 10)
        spectrum, lam = PowerLaw(exponent=exponent, dimension=size, scale=scale), float(scale) * index ** -float(exponent)
    else:
        lam = np.sort(10 ** rng.uniform(-4, 0.5, size))[::-1]
        spectrum = Explicit(values=lam.tolist())
    choice = rng.integers(3)
    if choice == 0:
        return spectrum, Isotropic(scale=2), lam, np.full(size, 2.0)
    if choice == 1:
        values = rng.standard_normal(size)
        return spectrum, ExplicitTarget(values=values.tolist()), lam, values**2
    source = Fraction(int(rng.integers(11, 25)), 10)
    return spectrum, Source(exponent=source), lam, index ** -float(source) / lam


def random_case(seed, structures=tuple(STRUCTURES), shared=None, power_law=False, quantized=True, batch=None, largest=-0.3):
    """A problem with a mix of the structures; the step size is drawn below the oracle's stability, hypotheses decide."""
    rng = np.random.default_rng([1810, seed])
    spectrum, target, lam, target2 = spectrum_and_target(rng, power_law)
    active = [slot for slot in SLOTS if quantized and rng.random() < 0.7]
    slots = {slot: (str(rng.choice(structures)), float(10 ** rng.uniform(-4, largest))) for slot in active}
    together = bool(rng.random() < 0.5) if shared is None else shared
    size = int(rng.choice([1, 2, 8, 64])) if batch is None else batch
    noise = float(rng.choice([0.0, 0.01, 1.0, 10.0]))
    kind, eps = slots.get("data", ("additive", 0.0))
    trace = lam.sum() + eps * lam.size if kind == "additive" else (1 + eps) * lam.sum()
    step = float(rng.uniform(0.02, 1.0) * min(1 / (lam.max() * (1 + eps) + eps), size / (3 * trace)))
    steps = int(10 ** rng.uniform(0, 5 if lam.size <= 15 else 3))
    setting = Setting(
        spectrum=spectrum, target=target, noise_variance=noise, risk_inputs="quantized",
        training=Training(steps=steps, step_size=step, batch_size=size),
        quantization=Quantization(
            **{slot: STRUCTURES[kind](eps) for slot, (kind, eps) in slots.items()},
            batch_scale="shared" if together else "per-sample",
        ),
    )  # fmt: skip
    problem = Problem(lam=lam, target2=target2, noise=noise, step=step, batch=size, slots=slots, shared=together)
    return Case(setting=setting, problem=problem, steps=steps)
