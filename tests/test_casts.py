"""Casts to the nearest even number against the list of a format's numbers and gfloat; stochastic rounding against gfloat's."""

from __future__ import annotations

import numpy as np
import pytest
from oracles.plain_descent import DTYPES, codepoints

from riskbounds.quantization.casts import cast
from riskbounds.quantization.formats import BLOCKS, FLOATS, FORMATS, Format, float_info
from riskbounds.quantization.rounding import draw

gfloat = pytest.importorskip("gfloat")


def nearest_even(numbers: np.ndarray, u: np.ndarray) -> np.ndarray:
    """The nearest of the numbers, a half-way input to the one of even code; the numbers >= 0 come in the order of their codes."""
    size = np.abs(u)
    above = np.clip(np.searchsorted(numbers, size), 1, len(numbers) - 1)
    low, high = numbers[above - 1], numbers[above]
    to_low, to_high = size - low, high - size
    up = (to_high < to_low) | ((to_high == to_low) & (above % 2 == 0))
    return np.copysign(np.where(up, high, low), u)


def inputs(name: str, rng: np.random.Generator) -> np.ndarray:
    """Numbers of every size, and half-way points with a neighbour of float64 on either side: what two roundings get wrong."""
    about = FORMATS[name]
    low, high = np.log2(float(about.subnormal_step)) - 3, np.log2(float(about.largest)) + 2
    spread = rng.choice([-1, 1], 4000) * 2.0 ** rng.uniform(low, high, 4000)
    grid = np.unique(np.abs(cast(name, spread)))
    ties = (grid[1:] + grid[:-1]) / 2
    near = [np.nextafter(ties, 0), ties, np.nextafter(ties, np.inf), ties * (1 + 2.0**-30), grid]
    return np.concatenate([spread, *near, *(-each for each in near)])


@pytest.mark.parametrize("name", DTYPES)
def test_a_cast_goes_to_the_nearest_number_of_the_list(name):
    numbers = codepoints(name)
    numbers = numbers[numbers >= 0]
    u = inputs(name, np.random.default_rng(4))
    assert np.array_equal(cast(name, u), nearest_even(numbers, u))


@pytest.mark.parametrize("name", FLOATS)
def test_a_cast_is_what_gfloat_rounds_to(name):
    u = inputs(name, np.random.default_rng(5))
    assert np.array_equal(cast(name, u), gfloat.round_ndarray(float_info(name), u, sat=True))
    assert np.array_equal(draw(Format(name, rounding="nearest"), u, np.random.default_rng(0)), cast(name, u))


@pytest.mark.parametrize("name", FLOATS)
def test_ends_of_the_range(name):
    largest = float(FORMATS[name].largest)
    u = np.array([np.inf, -np.inf, 1e300, -1e300, largest, 0.0, 1e-320, np.nan])
    expected = [largest, -largest, largest, -largest, largest, 0.0, 0.0, np.nan]
    assert np.array_equal(cast(name, u), expected, equal_nan=True)


def block_info(name: str):
    formats = gfloat.formats
    if name == "nvfp4":
        return gfloat.BlockFormatInfo(name, formats.format_info_ocp_e2m1, 16, formats.format_info_ocp_e4m3)
    return getattr(formats, "format_info_mxfp4_e2m1" if name == "mxfp4" else f"format_info_{name.replace('-', '_')}")


def nearest_scale(_: float, block: np.ndarray) -> float:
    """NVFP4's: the largest element becomes 6."""
    return gfloat.round_float(gfloat.formats.format_info_ocp_e4m3, np.max(np.abs(block)) / 6)


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks_are_those_of_gfloat(name):
    """NVFP4 under a tensor scale of 1: the largest element decides it, so one is 6 x 448."""
    rng, info = np.random.default_rng(6), block_info(name)
    scale = nearest_scale if name == "nvfp4" else gfloat.compute_scale_amax
    for _ in range(20):
        blocks = rng.standard_normal((2, info.k)) * 10.0 ** rng.uniform(-1, 2, (2, 1))
        if name == "nvfp4":
            blocks[0, 0] = 6 * 448
        peers = np.concatenate([gfloat.quantize_block(info, block, scale) for block in blocks])
        assert np.array_equal(draw(Format(name, rounding="nearest"), blocks.ravel(), rng), peers)


@pytest.mark.parametrize("name", FLOATS)
def test_stochastic_rounding_is_gfloats_with_the_same_bits(name):
    """With r = k 2^-20 both round away from zero where the part beyond the lower neighbour is at least 1 - r."""
    rng, bits = np.random.default_rng(7), 20
    u = inputs(name, rng)
    drawn = rng.integers(0, 2**bits, u.size)

    class Given:
        def random(self, shape):
            return drawn.reshape(shape) / 2.0**bits

    peer = gfloat.round_ndarray(
        float_info(name), u, rnd=gfloat.RoundMode.StochasticFastest, sat=True, srbits=drawn, srnumbits=bits
    )
    assert np.array_equal(draw(Format(name), u, Given()), peer)
