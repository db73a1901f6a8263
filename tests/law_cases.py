"""Settings and values that the tests of laws share."""

from __future__ import annotations

import math

import numpy as np

from riskbounds import (
    INFINITE,
    Additive,
    Elementwise,
    Isotropic,
    Law,
    Multiplicative,
    PowerLaw,
    Quantization,
    Setting,
    Training,
)
from riskbounds import symbols as s
from riskbounds.asymptotics.law_values import in_force, number

SIDES = ("upper", "lower", "exact")
KINDS = {"multiplicative": Multiplicative, "additive": Additive, "elementwise": Elementwise}
UPDATES = ("label", "parameter", "activation", "output")
CONTRACT = ["a", "b", "c", "p", "M", "N", "B", "sigma", "step"]
CONTRACT += ["eps_s", "eps_d", "eps_f", "eps_l", "eps_p", "eps_a", "eps_o", "eps_w"]


def terms_of(found: Law, part: str, values: dict[str, float]) -> float:
    """The sum of the terms of a part in force."""
    return sum(number(term.expression, values) for term in found.terms if term.part == part and in_force(term, values))


def setting(spectrum: float | str, size: int | None, steps: int, **keys: object) -> Setting:
    base = {"noise_variance": 1, "target": Isotropic(), "step_size": "0.1", "batch_size": 1} | keys
    training = Training(steps=steps, step_size=base.pop("step_size"), batch_size=base.pop("batch_size"))
    dimension = INFINITE if size is None else base.pop("dimension", size)
    return Setting(spectrum=PowerLaw(exponent=str(spectrum), dimension=dimension), training=training, **base)


def random_problem(rng: np.random.Generator, schemes: tuple[str, ...]) -> tuple[str, dict[str, str], str, int, int, int]:
    """Scheme, levels in [1e-2, 0.1], a, M, N with (step N)^(1/a) <= M/20, B; no floor."""
    scheme = str(rng.choice(schemes))
    slots = [slot for slot in UPDATES if rng.random() < 0.5]
    slots += ["data"] if scheme in ("multiplicative",) else []
    slots = slots or ["activation"]
    levels = {slot: f"{10 ** rng.uniform(-2, -1):.4f}" for slot in slots}
    exponent = f"{rng.uniform(1.4, 3):.2f}"
    size = int(rng.integers(600, 2001))
    steps = int((size / 20) ** float(exponent) / 0.1 / 4)
    return scheme, levels, exponent, size, steps, int(rng.choice([1, 2, 8]))


def quantization(scheme: str, levels: dict[str, str]) -> Quantization:
    return Quantization(**{slot: KINDS[scheme](level) for slot, level in levels.items()})


def values_of(exponent: str, size: float, steps: float, batch: int, levels: dict[str, str]) -> dict[str, float]:
    found = {"a": float(exponent), "M": size, "N": steps, "B": batch, "step": 0.1, "sigma": 1.0}
    return found | {str(s.EPS[slot]): float(level) for slot, level in levels.items()}


def sketch_constant(order: float) -> float:
    return math.pi / order / math.sin(math.pi / order)
