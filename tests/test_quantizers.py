"""Quantizers on arrays: neighbours only, monotone, unbiased where they claim it, moments and events as they are."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from oracles.plain_descent import DTYPES, codepoints

from riskbounds import Additive, Elementwise, Format, Multiplicative
from riskbounds.quantization.formats import FORMATS
from riskbounds.quantization.rounding import error_moments, grid_of
from riskbounds.simulation import measure
from riskbounds.simulation.quantizers import quantize

IDEAL = [
    Additive("1/10"),
    Additive("1/10", noise="uniform"),
    Additive("1/10", noise="triangular"),
    Multiplicative("1/10"),
    Multiplicative("1/10", noise="gaussian"),
    Elementwise("1/10"),
    Elementwise("1/10", noise="gaussian"),
]
UNBIASED = [
    *(Format(name) for name in (*DTYPES, "tf32")),
    *(Format(name, range=8) for name in ("int4", "int8", "int16")),
    *(Format("int8", range=8, rounding=how) for how in ("dither", "subtractive")),
]


def named(level) -> str:
    return f"{level.name}-{level.rounding}" if isinstance(level, Format) else f"{level.structure}-{level.noise}"


def inputs(level: Format, rng: np.random.Generator, count: int = 300) -> np.ndarray:
    """Inputs over the whole range in which the format is unbiased, subnormals and zero included."""
    if level.kind == "integer":
        return np.concatenate([rng.uniform(-3.4, 3.4, count), [0.0]])
    about = FORMATS[level.name]
    low, high = np.log(float(about.subnormal_step) / 8), np.log(float(about.largest))
    return np.concatenate([rng.choice([-1, 1], count) * np.exp(rng.uniform(low, high, count)), [0.0]])


@pytest.mark.parametrize("name", ["fp16", "e5m2", "e4m3", "e3m2", "e2m3", "e2m1"])
def test_stochastic_rounding_goes_to_one_of_the_two_neighbours(name):
    rng = np.random.default_rng(1)
    numbers = codepoints(name)
    u = inputs(Format(name), rng)
    above = np.clip(np.searchsorted(numbers, u), 1, len(numbers) - 1)
    for _ in range(20):
        q = quantize(Format(name), u, rng)
        assert np.all((q == numbers[above]) | (q == numbers[above - 1]))
    on = quantize(Format(name), numbers, rng)
    assert np.array_equal(on, numbers)


@pytest.mark.parametrize("level", UNBIASED, ids=named)
def test_rounding_is_monotone_for_the_same_draw(level):
    """With one random number for all, a larger input never rounds lower."""

    class Same:
        def __init__(self, value):
            self.value = value

        def random(self, shape):
            return np.full(shape, self.value)

    u = np.sort(inputs(level, np.random.default_rng(2)))
    u = u[u >= 0]
    for value in np.linspace(0, 0.999, 12):
        q = quantize(level, u, Same(value))
        if level.rounding == "subtractive":
            q = q + (value - 0.5) * float(level.step)
        assert np.all(np.diff(q) >= 0)


@pytest.mark.parametrize("level", UNBIASED + IDEAL, ids=named)
def test_unbiased_to_five_standard_errors(level):
    """Rate 6e-7 per input, some 5 000 inputs in all; those within 4 % of a number of the format are left out, where the rarer
    neighbour comes up too seldom for a normal rate.
    """
    rng = np.random.default_rng(3)
    u = rng.standard_normal(301)
    if isinstance(level, Format):
        assert level.unbiased
        u = inputs(level, rng)
        u = u[error_moments(level, u).variance >= 0.04 * grid_of(level).spacing(u) ** 2]
        assert len(u) > 100
    many = quantize(level, np.broadcast_to(u, (4000, u.size)), rng) - u
    mean, error = many.mean(axis=0), many.std(axis=0) / np.sqrt(4000)
    assert np.all(np.abs(mean) <= 5 * error)


@pytest.mark.parametrize("level", IDEAL, ids=named)
def test_structure_of_the_error(level):
    """E (Q(u)-u)(Q(u)-u)^T is eps I, eps u u^T or eps diag(u^2)."""
    rng = np.random.default_rng(5)
    u = np.array([1.0, -2.0, 0.5])
    error = quantize(level, np.broadcast_to(u, (200_000, 3)), rng) - u
    found = error.T @ error / len(error)
    shape = {"additive": np.eye(3), "multiplicative": np.outer(u, u), "elementwise": np.diag(u**2)}[level.structure]
    products = error[:, :, None] * error[:, None, :]
    assert np.all(np.abs(found - 0.1 * shape) <= 5 * products.std(axis=0) / np.sqrt(len(error)) + 1e-14)


def test_measured_moments_against_the_computed_ones():
    """E q^2 and E q^4 of a rounded Gaussian, from the calculator's integrals."""
    from riskbounds.quantization.moments import gaussian_moments

    level, deviations = Format("e4m3"), np.array([1.0, 0.01, 0.002])
    data = np.random.default_rng(6).standard_normal((20_000, 3)) * deviations
    found, computed = measure(level, data, draws=5), gaussian_moments(level, deviations)
    np.testing.assert_allclose(found.second, computed.second, rtol=0.06)
    np.testing.assert_allclose(found.fourth, computed.fourth, rtol=0.2)
    np.testing.assert_allclose(found.error, computed.variance, rtol=0.06)
    assert np.all(np.abs(found.bias) <= 5 * found.bias_stderr)
    assert found.structure == "elementwise"
    assert found.unbiased
    assert found.saturated == 0
    assert abs(found.subnormal - computed.subnormal.mean()) < 0.02


def test_a_biased_quantizer_says_so():
    data = np.full((50, 2), 0.3)
    found = measure(Format("int8", range=64, rounding="nearest"), data, draws=3)
    assert not found.unbiased
    np.testing.assert_allclose(found.bias, 0.25 - 0.3)
    clipped = measure(Format("int4", range=1), np.full((10, 1), 2.0), draws=2)
    assert clipped.saturated == 1
    assert clipped.bias[0] < -1


def test_events_count_saturation_and_subnormals():
    events: Counter[str] = Counter()
    rng = np.random.default_rng(7)
    quantize(Format("e4m3"), np.array([500.0, 1.0, 2.0**-8, 0.0, -1e9]), rng, events)
    assert events == {"values": 5, "saturated": 2, "subnormal": 1}
    events.clear()
    block = np.zeros(32)
    block[:3] = [7.9, 1.0, 0.6]
    quantize(Format("mxfp4"), block, rng, events)
    assert events["values"] == 32
    assert events["saturated"] == 1, "the scale is 1, the largest element 6"
    assert events["subnormal"] == 1, "0.6 is below the smallest normal element 1"


def test_blocks_share_a_scale_per_vector():
    rng = np.random.default_rng(8)
    one = quantize(Format("mxfp4", rounding="nearest"), np.array([[1.0] * 32, [1024.0] * 32]), rng)
    np.testing.assert_allclose(one[1] / one[0], 1024)
