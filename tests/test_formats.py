"""Formats against independent libraries, roundings against enumeration, and every refusal."""

from __future__ import annotations

import json
import sys
from fractions import Fraction

import numpy as np
import pytest

from riskbounds.errors import MissingExtraError, ProblemError, UnsupportedError
from riskbounds.quantization import formats
from riskbounds.quantization.format_table import format_rows
from riskbounds.quantization.formats import FORMATS, NAMES, Format, nominal, nominal_structure
from riskbounds.quantization.rounding import draw, error_moments, grid_of, levels, unbiased_range
from riskbounds.quantization.structures import Additive, Elementwise

ml_dtypes = pytest.importorskip("ml_dtypes")
gfloat = pytest.importorskip("gfloat")

PEERS = {
    "fp16": np.float16,
    "bf16": ml_dtypes.bfloat16,
    "e5m2": ml_dtypes.float8_e5m2,
    "e4m3": ml_dtypes.float8_e4m3fn,
    "e3m2": ml_dtypes.float6_e3m2fn,
    "e2m3": ml_dtypes.float6_e2m3fn,
    "e2m1": ml_dtypes.float4_e2m1fn,
}
UNBIASED = [
    *(Format(name) for name in PEERS),
    *(Format("int8", rounding=each, range=8) for each in ("stochastic", "dither", "subtractive")),
]


def ident(level: Format) -> str:
    return f"{level.name}-{level.rounding}"


@pytest.mark.parametrize("name", PEERS)
def test_definition_agrees_with_a_second_library(name: str) -> None:
    about, peer = FORMATS[name], ml_dtypes.finfo(PEERS[name])
    assert about.bits == peer.bits
    assert about.mantissa_bits == peer.nmant
    assert about.largest == Fraction(float(peer.max))
    assert about.smallest_normal == Fraction(float(peer.smallest_normal))
    assert about.subnormal_step == Fraction(float(peer.smallest_subnormal))


def test_own_entries() -> None:
    tf32, int16, nvfp4 = FORMATS["tf32"], FORMATS["int16"], FORMATS["nvfp4"]
    assert (tf32.bits, tf32.mantissa_bits, tf32.exponents) == (19, 10, (-126, 127))
    assert tf32.largest == (2 - Fraction(1, 2**10)) * 2**127
    assert (int16.bits, int16.largest) == (16, 2**15 - 1)
    assert (nvfp4.block_size, nvfp4.largest, nvfp4.scale) == (16, 6, "ocp_e4m3 and one FP32 scale per tensor")
    assert all(about.source for about in FORMATS.values())
    assert tuple(FORMATS) == NAMES


def test_the_largest_element_of_a_block_is_biased() -> None:
    rng = np.random.default_rng(3)
    block = np.full((4000, 32), 0.01)
    block[:, 0] = 1.9
    assert np.all(draw(Format("mxfp4"), block, rng)[:, 0] == 1.5)
    nv = np.full((4000, 32), 0.01)
    nv[:, 0], nv[:, 16] = np.linspace(1, 2, 4000), 10.0
    assert np.mean(draw(Format("nvfp4"), nv, rng)[:, 0] - nv[:, 0]) < -5e-3


def test_ragged_and_zero_blocks() -> None:
    rng = np.random.default_rng(4)
    for name in ("mxfp4", "nvfp4"):
        assert np.all(draw(Format(name), np.zeros(40), rng) == 0)
        assert draw(Format(name), rng.standard_normal((3, 37)), rng).shape == (3, 37)


@pytest.mark.parametrize("level", UNBIASED, ids=ident)
def test_error_moments_equal_the_moments_of_draws(level: Format) -> None:
    rng = np.random.default_rng(5)
    low, high = unbiased_range(level)
    x = np.concatenate([rng.uniform(low, high, 6), rng.uniform(-3, 3, 6) * grid_of(level).step])
    error = draw(level, np.broadcast_to(x, (40_000, x.size)), rng) - x
    found = error_moments(level, x)
    scale = grid_of(level).spacing(x)
    for power, exact in ((1, found.mean), (2, found.variance), (3, found.third), (4, found.fourth)):
        sample = (error / scale) ** power
        tolerance = 5 * np.std(sample, axis=0) / 200 + 1e-9
        assert np.all(np.abs(np.mean(sample, axis=0) - exact / scale**power) <= tolerance)
    assert np.all(found.mean == 0)


@pytest.mark.parametrize("level", UNBIASED, ids=ident)
def test_variance_lies_between_the_levels(level: Format) -> None:
    rng = np.random.default_rng(6)
    low, high = unbiased_range(level)
    x = np.concatenate([rng.uniform(low, high, 5000), rng.standard_normal(5000) * grid_of(level).step * 8])
    bound, variance = levels(level), error_moments(level, x).variance
    assert np.all(variance <= (bound.additive_upper + bound.relative_upper * x**2) * (1 + 1e-12))
    assert np.all(variance >= bound.lower * (1 - 1e-12))


@pytest.mark.parametrize("name", [name for name in PEERS if name not in ("fp16", "bf16")])
def test_worst_relative_variance_is_attained(name: str) -> None:
    about = FORMATS[name]
    d = Fraction(1, 2**about.mantissa_bits)
    at = float((1 + d / (2 + d)) * about.smallest_normal)
    x = np.append(np.linspace(float(about.smallest_normal), float(about.smallest_normal) * 8, 100_001), at)
    relative = error_moments(Format(name), x).variance / x**2
    assert about.worst_eps is not None
    assert about.nominal_eps is not None
    assert np.max(relative) <= float(about.worst_eps) * (1 + 1e-12)
    assert relative[-1] == pytest.approx(float(about.worst_eps), rel=1e-12)
    assert about.worst_eps < about.nominal_eps == Fraction(1, 4 * 4**about.mantissa_bits)


def test_beyond_the_range_the_error_is_a_bias() -> None:
    found = error_moments(Format("e2m1"), [7.0, -8.0, 6.0])
    assert found.mean.tolist() == [-1.0, 2.0, 0.0]
    assert found.variance.tolist() == [0.0, 0.0, 0.0]
    grid = grid_of(Format("int4", range=16))
    assert (grid.lowest, grid.highest, grid.step) == (-8.0, 7.0, 1.0)
    assert unbiased_range(Format("int4", range=16, rounding="dither")) == (-7.5, 6.5)
    assert error_moments(Format("int4", range=16, rounding="dither"), [6.6]).variance[0] == 0


def test_nominal_levels() -> None:
    assert nominal(Format("int8", range=8)) == ("additive", Fraction(1, 32) ** 2 / 4)
    assert nominal(Format("int8", range=8, rounding="dither")) == ("additive", Fraction(1, 32) ** 2 / 4)
    assert nominal(Format("int4", range="1.6", rounding="subtractive")) == ("additive", Fraction(1, 1200))
    assert nominal(Format("e4m3")) == ("elementwise", Fraction(1, 256))
    assert nominal_structure(Format("mxfp4", model="nominal")) == Elementwise("1/16")
    assert nominal_structure(Format("int16", range=2)) == Additive(Fraction(1, 2**32))
    with pytest.raises(UnsupportedError, match="biased"):
        nominal(Format("e4m3", rounding="nearest"))


@pytest.mark.parametrize("name", NAMES)
def test_which_quantizers_are_biased(name: str) -> None:
    width = 8 if name.startswith("int") else None
    block = name in formats.BLOCKS
    assert Format(name, range=width).unbiased == (not block)
    assert Format(name, range=width, model="nominal").unbiased
    for model in formats.MODELS:
        nearest = Format(name, range=width, rounding="nearest", model=model)
        assert not nearest.unbiased
        assert nearest.reason is not None
        assert "biased" in nearest.reason
    if block:
        with pytest.raises(UnsupportedError, match="saturate"):
            levels(Format(name))
        with pytest.raises(UnsupportedError, match="block"):
            error_moments(Format(name), 1.0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": "e4m33"}, "did you mean 'e4m3'"),
        ({"name": "FP16"}, "did you mean 'fp16'"),
        ({"name": 8}, "unknown format 8"),
        ({"name": "fp16", "rounding": "stohastic"}, "did you mean 'stochastic'"),
        ({"name": "fp16", "model": "nominl"}, "did you mean 'nominal'"),
        ({"name": "int8"}, "needs range"),
        ({"name": "fp16", "range": 8}, "range is only for int4"),
        ({"name": "int8", "range": 0}, "must be > 0"),
        ({"name": "int8", "range": float("nan")}, "not a finite number"),
        ({"name": "e4m3", "rounding": "dither"}, "needs a uniform grid"),
        ({"name": "mxfp4", "rounding": "subtractive"}, "needs a uniform grid"),
    ],
)
def test_refusals_name_what_to_change(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(ProblemError, match=words) as caught:
        Format(**arguments)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_rows_are_strict_json_and_complete() -> None:
    rows = format_rows()
    assert [row["name"] for row in rows] == list(NAMES)
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
    assert all(row["assumption"] and row["source"] and row["structure"] for row in rows)
    assert rows[0]["eps"] is None
    assert rows[0]["eps_formula"] == "(range/2^4)^2/4"
    (row,) = format_rows("int8", range=8.0)
    assert row["eps"] == 2.0**-12
    assert row["largest"] == 127 / 32
    assert [row["name"] for row in format_rows(rounding="dither")] == list(formats.INTEGERS)
    for bad in ({"name": "fp16", "range": 8}, {"name": "fp16", "rounding": "dither"}, {"name": "fp15"}):
        with pytest.raises(ProblemError):
            format_rows(**bad)  # type: ignore[arg-type]


def test_a_missing_extra_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    formats._describe.cache_clear()
    monkeypatch.setitem(sys.modules, "gfloat", None)
    monkeypatch.setitem(sys.modules, "gfloat.formats", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'riskbounds\[formats\]'"):
        FORMATS["e4m3"]
    assert Format("e4m3").kind == "float"
