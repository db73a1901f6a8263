"""The simulator against a plain loop that sketches and quantizes every sample on its own."""

from __future__ import annotations

import numpy as np
import pytest
from oracles.plain_descent import Plain

from riskbounds import (
    Additive,
    Data,
    Elementwise,
    Explicit,
    ExplicitTarget,
    Format,
    GaussianSketch,
    Multiplicative,
    Ones,
    PowerLaw,
    Quantization,
    Setting,
    Training,
    simulate,
)
from riskbounds.quantization.formats import INTEGERS, NAMES, ROUNDINGS
from riskbounds.quantization.slots import SLOTS
from riskbounds.simulation.samples import width

SPECTRUM = [1.0, 0.5, 0.3, 0.2, 0.1]
TARGET = [1.0, -1.0, 0.5, 2.0, 1.0]
SKETCH = GaussianSketch(3, seed=1)
STEPS, GAMMA, NOISE = 12, 0.25, 0.5
RUNS = 10_000

LEVELS = {
    "additive": lambda eps: Additive(eps),
    "uniform": lambda eps: Additive(eps, noise="uniform"),
    "triangular": lambda eps: Additive(eps, noise="triangular"),
    "multiplicative": lambda eps: Multiplicative(eps),
    "elementwise": lambda eps: Elementwise(eps),
    "reference": lambda eps: Additive(eps),
    "entrywise": lambda eps: Additive(eps, noise="entrywise"),
    "format": lambda name: Format(name),
    "nearest": lambda name: Format(name, rounding="nearest"),
    "grid": lambda step: Format("int8", range=step * 256),
}
CASES = {
    "none": {},
    "common scales": dict.fromkeys(
        ("data", "sketch", "feature", "label", "parameter", "activation", "output"), ("multiplicative", 0.1)
    ),
    "dither": {
        **dict.fromkeys(("data", "feature", "label", "parameter", "activation", "output"), ("additive", 0.1)),
        "sketch": ("reference", 0.05),
        "storage": ("additive", 0.01),
    },
    "scales after dither": {"data": ("additive", 0.2), "sketch": ("multiplicative", 0.2), "feature": ("additive", 0.2)},
    "dither after scales": {"data": ("multiplicative", 0.2), "sketch": ("reference", 0.05), "feature": ("multiplicative", 0.2)},
    "floor of the reference sketch": {"data": ("additive", 0.4), "sketch": ("reference", 0.15)},
    "uniform and triangular": {"data": ("uniform", 0.3), "feature": ("triangular", 0.2), "parameter": ("uniform", 0.1)},
    "elementwise": dict.fromkeys(("data", "feature", "parameter", "label"), ("elementwise", 0.2)),
    "elementwise sketch": {"sketch": ("elementwise", 0.3)},
    "entrywise sketch": {"sketch": ("entrywise", 0.05), "data": ("additive", 0.1)},
    "formats": {"data": ("format", "e4m3"), "feature": ("format", "e2m1"), "label": ("format", "e5m2")},
    "formats of the update": {
        "parameter": ("format", "e2m1"),
        "activation": ("format", "e4m3"),
        "output": ("format", "e2m1"),
        "storage": ("format", "e4m3"),
    },
    "format sketch": {"sketch": ("format", "e2m1")},
    "nearest": {"feature": ("nearest", "e2m1"), "storage": ("nearest", "e4m3")},
    "grid": {"data": ("grid", 0.5), "storage": ("grid", 0.125)},
}


def quantization(slots, shared=False) -> Quantization:
    levels = {slot: LEVELS[kind](level) for slot, (kind, level) in slots.items()}
    return Quantization(**levels, batch_scale="shared" if shared else "per-sample")


def agree(setting: Setting, plain: Plain, runs: int = RUNS) -> None:
    """Two independent means differ by at most 4.5 standard errors: a false alarm in 150 000 comparisons."""
    found = simulate(setting, runs=runs, seed=7).risks[0]
    other = plain.risks(runs, STEPS)
    difference = found.mean() - other.mean()
    assert abs(difference) <= 4.5 * np.hypot(found.std(), other.std()) / np.sqrt(runs), difference / other.mean()


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize(
    ("case", "sketched"), [(case, at) for case in CASES for at in (False, True) if at or CASES[case].keys() != {"sketch"}]
)
def test_the_mean_risk_is_that_of_the_plain_loop(case, sketched, batch):
    slots = {slot: level for slot, level in CASES[case].items() if sketched or slot != "sketch"}
    setting = Setting(
        spectrum=Explicit(SPECTRUM),
        target=ExplicitTarget(TARGET),
        noise_variance=NOISE,
        sketch=SKETCH if sketched else None,
        training=Training(steps=STEPS, step_size=GAMMA, batch_size=batch),
        quantization=quantization(slots),
    )
    matrix = next(SKETCH.matrix_blocks(5, 3)) if sketched else None
    plain = Plain(np.array(SPECTRUM), np.array(TARGET), NOISE, matrix, GAMMA, batch, slots)
    agree(setting, plain, RUNS // 10 if "sketch" in slots and slots["sketch"][0] in ("elementwise", "format") else RUNS)


@pytest.mark.parametrize("sketched", [False, True])
def test_shared_scales_are_shared_by_the_batch(sketched):
    slots = dict.fromkeys(("label", "activation", "output"), ("multiplicative", 0.3))
    setting = Setting(
        spectrum=Explicit(SPECTRUM),
        target=ExplicitTarget(TARGET),
        noise_variance=NOISE,
        sketch=SKETCH if sketched else None,
        training=Training(steps=STEPS, step_size=GAMMA, batch_size=4),
        quantization=quantization(slots, shared=True),
    )
    matrix = next(SKETCH.matrix_blocks(5, 3)) if sketched else None
    agree(setting, Plain(np.array(SPECTRUM), np.array(TARGET), NOISE, matrix, GAMMA, 4, slots, shared=True))


@pytest.mark.parametrize("sketched", [False, True])
@pytest.mark.parametrize("case", ["none", "dither", "elementwise", "formats"])
def test_measured_rows(case, sketched):
    slots = {slot: level for slot, level in CASES[case].items() if sketched or slot != "sketch"}
    rng = np.random.default_rng(2)
    rows = rng.standard_normal((40, 5)) @ rng.standard_normal((5, 5)) / 2
    data = Data(rows, rows @ np.array(TARGET) + rng.standard_normal(40))
    setting = Setting(
        spectrum=data,
        sketch=SKETCH if sketched else None,
        training=Training(steps=STEPS, step_size=GAMMA / 4, batch_size=2),
        quantization=quantization(slots),
    )
    matrix = next(SKETCH.matrix_blocks(5, 3)) if sketched else None
    spectrum = np.linalg.eigvalsh(data.features.T @ data.features / 40)
    plain = Plain(spectrum, np.zeros(5), 0, matrix, GAMMA / 4, 2, slots, rows=data.features, response=data.response)
    agree(setting, plain)


def test_a_batch_in_pieces_is_the_batch(monkeypatch):
    """Batches that do not fit in the cache are drawn in pieces; the law of the result is the same."""
    setting = Setting(
        spectrum=Explicit(SPECTRUM),
        target=ExplicitTarget(TARGET),
        noise_variance=NOISE,
        training=Training(steps=STEPS, step_size=GAMMA, batch_size=7),
        quantization=quantization({"parameter": ("additive", 0.2), "output": ("multiplicative", 0.2)}, shared=True),
    )
    monkeypatch.setattr("riskbounds.simulation.descent.DRAWN", 10**7)
    whole = simulate(setting, runs=3000, seed=1).risks[0]
    monkeypatch.setattr("riskbounds.simulation.descent.DRAWN", 3000 * 5 * 2)
    pieces = simulate(setting, runs=3000, seed=2).risks[0]
    assert abs(whole.mean() - pieces.mean()) <= 4.5 * np.hypot(whole.std(), pieces.std()) / np.sqrt(3000)


def test_last_iterate_at_one_and_two_steps():
    """v_0 = 0; after one step the average is half of the last iterate."""
    setting = Setting(
        spectrum=Explicit([1, "1/2"]),
        target=ExplicitTarget([1, 1]),
        noise_variance=0,
        training=Training(steps=[1, 2], step_size="1/10"),
    )
    found = simulate(setting, runs=50, seed=0)
    np.testing.assert_allclose(found.risks[0], 0.75)
    np.testing.assert_allclose(found.last_risks[0], 0.75)
    assert np.all(found.last_risks[1] != found.risks[1])


LEVELS_OF_FORMATS = [
    Format(name, rounding=rounding, range=8 if name in INTEGERS else None)
    for name in NAMES
    for rounding in (ROUNDINGS if name in INTEGERS else ("stochastic", "nearest"))
]


@pytest.mark.parametrize("level", LEVELS_OF_FORMATS, ids=lambda level: f"{level.name}-{level.rounding}")
def test_every_slot_takes_every_format(level):
    """All at once, storage included, each slot reporting what it rounded: blocks run over vectors, numbers are blocks of one."""
    setting = Setting(
        spectrum=Explicit(SPECTRUM),
        target=ExplicitTarget(TARGET),
        noise_variance=NOISE,
        sketch=SKETCH,
        training=Training(steps=4, step_size=GAMMA, batch_size=2),
        quantization=Quantization(**dict.fromkeys(SLOTS, level)),
    )
    found = simulate(setting, runs=3, seed=1)
    assert np.all(np.isfinite(found.risks[0]))
    vectors, numbers, entries = 3 * 3, 3 * 3 * 2, 3 * 3 * 2
    values = {
        "data": 5 * numbers,
        "sketch": 15 * entries,
        "feature": 3 * numbers,
        "parameter": 3 * vectors,
        "storage": 3 * vectors,
    }
    values |= dict.fromkeys(("label", "activation", "output"), numbers)
    assert {slot: counts["values"] for slot, counts in found.events.items()} == values
    assert found.rows[0].verdict == "outside hypotheses"


def test_a_block_is_as_wide_as_what_it_draws():
    """A replica that rounds p M entries of S for each sample makes blocks of fewer replicas than one that draws M normals."""
    plain = Setting(
        spectrum=PowerLaw(exponent=2, dimension=1000), target=Ones(), noise_variance=1, sketch=GaussianSketch(50),
        training=Training(steps=4, step_size=GAMMA),
    )  # fmt: skip
    assert width(plain, 50) == 50
    assert width(plain.replace(quantization=Quantization(data=Additive("0.1"), feature=Format("e4m3"))), 50) == 50
    assert width(plain.replace(quantization=Quantization(data=Format("e4m3"))), 50) == 1000
    assert width(plain.replace(quantization=Quantization(sketch=Additive("0.1", noise="entrywise"))), 50) == 1000
    assert width(plain.replace(quantization=Quantization(sketch=Elementwise("0.1"))), 50) == 50_000
    assert width(plain.replace(sketch=None), None) == 1000
    assert width(plain.replace("training.batch_size", 8), 50) == 400
