"""Seeded random problems over the whole contract, and the sides of theorems on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from riskbounds import (
    Additive,
    Elementwise,
    Explicit,
    ExplicitTarget,
    Exponential,
    GaussianSketch,
    Isotropic,
    LogPowerLaw,
    Multiplicative,
    Ones,
    PowerLaw,
    Quantization,
    Sample,
    Setting,
    Source,
    Training,
)
from riskbounds.errors import HypothesisError
from riskbounds.evaluation.exact_values import ExactRisks
from riskbounds.evaluation.statement import statement
from riskbounds.evaluation.step_size import step_size_limit
from riskbounds.instance import instance, moments_of
from riskbounds.numerics.floats import Floats
from riskbounds.theorems import Theorem

STRUCTURES = ("additive", "multiplicative", "elementwise", "mixed")
KINDS = {"additive": Additive, "multiplicative": Multiplicative, "elementwise": Elementwise}


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def rational(value: float) -> Fraction:
    return Fraction(f"{value:.6g}")


def random_setting(rng: np.random.Generator, largest: float = 1000, most_steps: float = 1e6) -> tuple[str, Setting]:
    """One problem with a placeholder step size, and the structure that it was drawn for."""
    structure = str(rng.choice(STRUCTURES))
    sketched = bool(rng.random() < 0.5)
    size = max(1, round(log_uniform(rng, 1, largest)))
    dimension = min(round(size * log_uniform(rng, 1, 8)), 4000) if sketched else size
    spectrum = random_spectrum(rng, max(dimension, size))
    return structure, Setting(
        spectrum=spectrum,
        target=random_target(rng, spectrum.dimension),
        noise_variance=rational(log_uniform(rng, 0.01, 10)),
        risk_inputs=str(rng.choice(["clean", "quantized"])),
        sketch=GaussianSketch(size, seed=int(rng.integers(1000))) if sketched else None,
        training=Training(
            steps=round(log_uniform(rng, 1, most_steps)), step_size="1e-6", batch_size=int(rng.choice([1, 2, 8, 64]))
        ),
        quantization=random_quantization(rng, structure, sketched),
    )


def random_spectrum(rng, dimension):
    if rng.random() < 0.75:
        return PowerLaw(exponent=rational(rng.uniform(1.1, 3)), dimension=dimension)
    kind = rng.integers(3)
    if kind == 0:
        return LogPowerLaw(exponent=rational(rng.uniform(1.1, 3)), dimension=dimension)
    if kind == 1:
        return Exponential(rate=rational(rng.uniform(0.05, 1) * min(1, 300 / dimension)), dimension=dimension)
    return Explicit([rational(value) for value in np.exp(rng.uniform(-6, 1, dimension))])


def random_target(rng, dimension):
    kind = rng.integers(5)
    if kind == 0:
        return Isotropic(rational(rng.uniform(0.1, 3)))
    if kind == 1:
        return Source(exponent=rational(rng.uniform(1.1, 4)))
    if kind == 2:
        return Ones()
    if kind == 3:
        return Sample(seed=int(rng.integers(1000)))
    return ExplicitTarget([rational(value) for value in rng.standard_normal(dimension)])


def random_quantization(rng, structure, sketched):
    slots = {}
    for slot in ("sketch", "data", "feature", "label", "parameter", "activation", "output", "storage"):
        on, eps = rng.random() < 0.5, rational(log_uniform(rng, 1e-5, 0.1))
        kind = str(rng.choice(list(KINDS))) if structure == "mixed" else structure
        if not on or (slot == "sketch" and not sketched):
            continue
        if slot == "storage":
            if kind == "additive":
                slots[slot] = Additive(eps)
            continue
        slots[slot] = KINDS[kind](eps)
    return Quantization(**slots, batch_scale=str(rng.choice(["per-sample", "shared"])))


@dataclass(frozen=True)
class Sides:
    """lower, exact (None if there is none) and upper of one theorem; the relative size of a violation, 0 if none."""

    lower: float | None
    exact: float | None
    upper: float | None

    @property
    def violation(self) -> float:
        chain = [value for value in (self.lower, self.exact, self.upper) if value is not None]
        return max((low / high - 1 if high > 0 else np.inf for low, high in pairwise(chain)), default=0.0)

    @property
    def ratio(self) -> float:
        return self.upper / self.lower


def sides_at_fraction(setting: Setting, theorems: dict[str, Theorem], fraction: float) -> tuple[Setting, dict[str, Sides]]:
    """The sides of theorems at a fraction of the smallest of their step-size limits."""
    size = setting.model_sizes[0]
    moments = None if size is None else moments_of(setting, size)
    limits = [step_size_limit(statement(theorem, instance(setting, size, moments))) for theorem in theorems.values()]
    limit = min(value for value in limits if value is not None)
    if limit <= 0:
        raise HypothesisError("no step size satisfies the condition")
    changed = setting.replace("training.step_size", Fraction(fraction * limit))
    item = instance(changed, size, moments)
    steps = changed.training.steps[0]
    exact = ExactRisks(item, Floats()).at(steps)[0]
    return changed, {name: _sides(theorem, item, steps, exact) for name, theorem in theorems.items()}


def _sides(theorem, item, steps, exact):
    stated = statement(theorem, item)
    evaluation = stated.at(Floats(), steps)
    found = stated.checks(evaluation)
    stated.refuse(found, None)

    def side(name):
        if any(not check.holds for check in found if check.hypothesis is not None and name in check.hypothesis.sides):
            return None
        terms = stated.terms(name, evaluation)
        return None if terms is None else float(sum(terms.values()))

    return Sides(side("lower"), None if exact is None else float(exact), side("upper"))


def draws(seed: int, count: int) -> Iterator[np.random.Generator]:
    """Independent generators, so that every problem of a sample can be drawn again alone."""
    for child in np.random.SeedSequence(seed).spawn(count):
        yield np.random.default_rng(child)
