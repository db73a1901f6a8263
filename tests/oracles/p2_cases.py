"""Random problems for the P2 theorems: the same problem for the package and for the oracle."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from oracles.p2_exact import Problem

from riskbounds.problem import ExplicitTarget, GaussianSketch, Isotropic, PowerLaw, Source, Training
from riskbounds.quantization import Additive, Elementwise, Multiplicative, Quantization
from riskbounds.setting import Setting

KINDS = {"additive": Additive, "multiplicative": Multiplicative, "elementwise": Elementwise}
FAMILIES = ("multiplicative", "elementwise", "additive", "sketched multiplicative", "sketched additive")


@dataclass(frozen=True, kw_only=True)
class Case:
    """A setting, the slots behind it and the fraction of the step-size limit that the step takes."""

    setting: Setting
    slots: dict[str, tuple[str, float]]
    fraction: float

    @property
    def size(self) -> int | None:
        """M of a sketch, else None."""
        return self.setting.model_sizes[0]


def level(rng: np.random.Generator, kind: str) -> float:
    """A level between 1e-6 and 0.3; now and then 0."""
    return 0.0 if rng.random() < 0.15 else float(round(10 ** rng.uniform(-5 if kind == "additive" else -4, -0.6), 7))


def random_target(rng: np.random.Generator, p: int) -> Isotropic | Source | ExplicitTarget:
    """The papers' prior, a source condition or a fixed vector."""
    kind = int(rng.integers(4))
    if kind < 2:
        return Isotropic(scale=Fraction(int(rng.integers(1, 5))))
    if kind == 2:
        return Source(exponent=Fraction(int(rng.integers(11, 40)), 10))
    return ExplicitTarget(values=[Fraction(round(1000 * value), 1000) for value in rng.standard_normal(p) + 0.01])


def random_case(rng: np.random.Generator, family: str, largest: int = 12) -> Case:
    """One problem of a family with p <= largest (3 largest behind a sketch); its step size is a placeholder."""
    sketched, kind = family.startswith("sketched"), family.split()[-1]
    features = ["data", "feature"] + (["sketch"] if sketched else [])
    slots = {slot: (kind, level(rng, kind)) for slot in features if rng.random() < 0.7}
    for slot in ("parameter", "activation", "output"):
        if rng.random() < 0.6:
            other = str(rng.choice(["additive", "multiplicative", "elementwise"]))
            slots[slot] = (other, level(rng, other))
    slots = {slot: (structure, eps) for slot, (structure, eps) in slots.items() if eps}
    p = int(rng.integers(2, largest + 1)) * (3 if sketched else 1)
    exponent, scale = Fraction(int(rng.integers(11, 35)), 10), Fraction(int(rng.integers(1, 4)), 2)
    setting = Setting(
        spectrum=PowerLaw(exponent=exponent, dimension=p, scale=scale),
        target=random_target(rng, p),
        noise_variance=Fraction(int(rng.integers(0, 300)), 100),
        sketch=GaussianSketch(size=int(rng.integers(1, p // 2 + 1)), seed=int(rng.integers(1000))) if sketched else None,
        training=Training(steps=2, step_size=Fraction(1, 1000), batch_size=int(rng.choice([1, 2, 8, 64]))),
        quantization=Quantization(**{slot: KINDS[structure](eps) for slot, (structure, eps) in slots.items()}),
    )
    return Case(setting=setting, slots=slots, fraction=float(rng.uniform(0.02, 0.98)))


def oracle_problem(case: Case) -> Problem:
    """The same problem in plain numbers."""
    setting = case.setting
    spectrum = setting.spectrum
    assert isinstance(spectrum, PowerLaw)
    lam = float(spectrum.scale) * np.arange(1.0, spectrum.dimension + 1) ** -float(spectrum.exponent)
    target = setting.target
    if isinstance(target, ExplicitTarget):
        w = np.array([float(value) for value in target.values])
        second = np.outer(w, w)
    elif isinstance(target, Source):
        second = np.diag(float(target.scale) * np.arange(1.0, len(lam) + 1) ** -float(target.exponent) / lam)
    else:
        second = float(target.scale) * np.eye(len(lam))
    sketch = None
    if setting.sketch is not None:
        size = setting.sketch.size[0]
        sketch = np.random.default_rng(setting.sketch.seed).standard_normal((len(lam), size)).T / np.sqrt(size)
    return Problem(
        spectrum=lam,
        second=second,
        noise=float(setting.noise_variance),
        step=float(setting.training.step_size),
        batch=setting.training.batch_size,
        sketch=sketch,
        slots=case.slots,
    )
