"""Running SGD against the bounds and the exact risk: idealised noise, and true formats with stochastic rounding."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from conftest import full_and_tenth
from random_settings import draws, log_uniform, random_quantization, random_spectrum, random_target, rational, sides_at_fraction

from riskbounds import Format, GaussianSketch, PowerLaw, Quantization, Setting, Training, simulate
from riskbounds.errors import HypothesisError, UnsupportedError
from riskbounds.instance import resolve
from riskbounds.theorems import default_theorem

FORMATS = ("int8", "int16", "fp16", "bf16", "tf32", "e5m2", "e4m3", "e3m2", "e2m3", "e2m1")


def idealised_setting(rng: np.random.Generator) -> Setting:
    structure = str(rng.choice(("additive", "multiplicative", "elementwise", "mixed")))
    sketched = bool(rng.random() < 0.5)
    size = max(1, round(log_uniform(rng, 1, 60)))
    spectrum = random_spectrum(rng, min(round(size * log_uniform(rng, 1, 4)), 200) if sketched else size)
    steps = sorted({round(log_uniform(rng, 2, 300)) for _ in range(2)})
    return Setting(
        spectrum=spectrum,
        target=random_target(rng, spectrum.dimension),
        noise_variance=rational(log_uniform(rng, 0.01, 10)),
        risk_inputs=str(rng.choice(["clean", "quantized"])),
        sketch=GaussianSketch(min(size, spectrum.dimension), seed=int(rng.integers(1000))) if sketched else None,
        training=Training(steps=steps, step_size="1e-6", batch_size=int(rng.choice([1, 2, 8]))),
        quantization=random_quantization(rng, structure, sketched),
    )


def at_fraction_of_the_limit(setting: Setting, fraction: float) -> Setting:
    """The step size at a fraction of the largest one that the default theorem allows."""
    found = resolve(setting)[0]
    steps = setting.training.steps
    theorem = default_theorem(found)
    changed, _ = sides_at_fraction(found.replace("training.steps", list(steps)), {theorem.name: theorem}, fraction)
    return setting.replace("training.step_size", Fraction(changed.training.step_size).limit_denominator(10**12))


def deviation(row) -> float:
    """|mean - exact| in standard errors, nothing where replicas do not differ."""
    return abs(float(row.mean) - float(row.exact)) / row.stderr if row.stderr > 1e-9 * float(row.mean) else 0.0


@full_and_tenth(500)
def test_idealised_noise_violates_no_bound_and_agrees_with_the_exact_risk(size, tell):
    verdicts, deviations, skipped = Counter(), [], 0
    for k, rng in enumerate(draws(5101, size)):
        try:
            setting = at_fraction_of_the_limit(idealised_setting(rng), rng.uniform(0.05, 0.5))
        except HypothesisError:
            skipped += 1
            continue
        found = simulate(setting, runs=1000, seed=k)
        verdicts.update(row.verdict for row in found.rows)
        deviations += [deviation(row) for row in found.rows if row.exact is not None and row.verdict != "outside hypotheses"]
        assert not found.violated, (k, setting)
    beyond = sum(value > 3 for value in deviations)
    tell(f"{size} problems, {skipped} without any step size: {dict(verdicts)}; {beyond} of {len(deviations)} beyond 3 se")
    assert verdicts["outside hypotheses"] == 0
    assert skipped <= size / 20
    assert beyond <= max(2, 0.005 * len(deviations))
    assert len(deviations) > size


def format_setting(rng: np.random.Generator) -> Setting:
    """One true format with stochastic rounding on data or features, sketched or not."""
    name, slot = str(rng.choice(FORMATS)), str(rng.choice(("data", "feature")))
    sketched = bool(rng.random() < 0.5)
    size = round(log_uniform(rng, 2, 60))
    dimension = size * int(rng.integers(1, 4)) if sketched else size
    level = Format(name, rounding="stochastic", range=rational(rng.uniform(14, 40)) if name.startswith("int") else None)
    return Setting(
        spectrum=PowerLaw(exponent=rational(rng.uniform(1.1, 2.5)), dimension=dimension, scale=rational(rng.uniform(0.1, 1))),
        target=random_target(rng, dimension),
        noise_variance=rational(log_uniform(rng, 0.1, 2)),
        sketch=GaussianSketch(size, seed=int(rng.integers(1000))) if sketched else None,
        training=Training(steps=[20, 200], step_size="1e-6", batch_size=int(rng.choice([1, 4]))),
        quantization=Quantization(**{slot: level}),
    )


@full_and_tenth(100)
def test_bands_of_true_formats_contain_the_simulated_mean(size, tell):
    refusals, verdicts = Counter(), Counter()
    for k, rng in enumerate(draws(5102, size)):
        setting = format_setting(rng)
        try:
            setting = at_fraction_of_the_limit(setting, rng.uniform(0.1, 0.5))
        except (HypothesisError, UnsupportedError) as error:
            refusals[str(error)[:60]] += 1
            continue
        found = simulate(setting, runs=1000, seed=k)
        for row in found.rows:
            verdicts[row.verdict] += 1
            half = 4 * row.stderr
            assert float(row.lower) - half <= float(row.mean) <= float(row.upper) + half, (k, setting)
    tell(f"{size} problems: refusals {dict(refusals)}; verdicts {dict(verdicts)}")
    assert sum(refusals.values()) <= size / 2
    assert not verdicts["violated"]


@pytest.mark.parametrize("structure", ["additive", "multiplicative"])
def test_the_mean_of_a_prior_is_the_exact_risk(structure):
    """Each replica draws its own target: sigma_M^2 and v^q go with it."""
    setting = Setting.from_file("figure1d", [f"quantization.structure={structure}", "sketch.size=12", "training.steps=[3,60]"])
    for row in simulate(setting, runs=4000, seed=3).rows:
        assert deviation(row) <= 4.5
