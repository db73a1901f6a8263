"""Seeded random questions and pairs for the decisions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from random_settings import draws, log_uniform, random_quantization, random_setting

from riskbounds import Setting, bound
from riskbounds.errors import HypothesisError, UnsupportedError
from riskbounds.evaluation.statement import statement
from riskbounds.evaluation.step_size import step_size_limit
from riskbounds.instance import instance
from riskbounds.theorems import default_theorem

QUANTITIES = ("risk.upper", "risk.lower", "risk.exact", "effective.data_size/steps", "effective.model_size/size")


def at_fraction(setting: Setting, fraction: float) -> Setting | None:
    """The setting at a fraction of its step-size limit; None if there is none."""
    try:
        limit = step_size_limit(statement(default_theorem(setting), instance(setting, setting.model_sizes[0])))
    except (HypothesisError, UnsupportedError):
        return None
    if limit is None or limit <= 0:
        return None
    return setting.replace("training.step_size", Fraction(f"{fraction * limit:.6g}"))


def usual_setting(rng: np.random.Generator, largest: float = 40) -> Setting | None:
    """A random problem over the contract, at 0.05 to 0.9 of its step-size limit."""
    setting = random_setting(rng, largest=largest, most_steps=1e5)[1]
    return at_fraction(setting, rng.uniform(0.05, 0.9))


def read(setting: Setting, quantity: str) -> float | None:
    """A quantity from the row of ``bound``; None where it is null or the theorem refuses."""
    try:
        row = bound(setting).rows[0]
    except HypothesisError:
        return None
    kind, name = quantity.split(".")
    if kind == "risk":
        value = getattr(row.risk, name)
        return None if value is None else float(value)
    value = getattr(row.effective, name.partition("/")[0])
    if value is None:
        return None
    return float(value) / (row.steps if name.endswith("steps") else row.model_size)


def keys_of(setting: Setting) -> list[str]:
    """The keys that can be solved for."""
    levels = setting.quantization.levels()
    found = ["training.steps", "training.step_size"] + (["sketch.size"] if setting.sketch is not None else [])
    return found + [f"{kind}.{slot}" for kind in ("quantization", "bits") for slot in levels] + (["bits"] if levels else [])


def questions(seed: int, count: int):
    """(setting, key, question) at which the quantity is about where the setting has it."""
    found = 0
    for rng in draws(seed, 100 * count):
        setting = usual_setting(rng)
        if setting is None:
            continue
        quantity = str(rng.choice(QUANTITIES, p=[0.4, 0.15, 0.25, 0.1, 0.1]))
        value = read(setting, quantity)
        if value is None or value <= 0:
            continue
        relation = str(rng.choice(["<=", ">="], p=[0.8, 0.2])) if quantity.startswith("risk") else ">="
        asked = f"{quantity}{relation}{value * log_uniform(rng, 0.7, 1.4):.4g}"
        yield setting, str(rng.choice(keys_of(setting))), asked
        found += 1
        if found == count:
            return


def pairs(seed: int, count: int):
    """Two settings of one problem that differ in quantization, steps or step size, both with an exact risk."""
    found = 0
    for rng in draws(seed, 100 * count):
        first = usual_setting(rng)
        if first is None:
            continue
        second = changed(rng, first)
        if second is None or any(read(each, "risk.exact") is None for each in (first, second)):
            continue
        yield first, second
        found += 1
        if found == count:
            return


def changed(rng: np.random.Generator, setting: Setting) -> Setting | None:
    kind = int(rng.integers(3))
    if kind == 0:
        structure = str(rng.choice(["additive", "multiplicative", "elementwise"]))
        try:
            return setting.replace(quantization=random_quantization(rng, structure, setting.sketch is not None))
        except UnsupportedError:
            return None
    if kind == 1:
        return setting.replace("training.steps", max(1, round(setting.training.steps[0] * log_uniform(rng, 0.3, 3))))
    return setting.replace("training.step_size", Fraction(f"{float(setting.training.step_size) * log_uniform(rng, 0.3, 1):.6g}"))
