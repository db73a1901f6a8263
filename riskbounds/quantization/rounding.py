"""Rounding real inputs to a format: conditional moments of the error, levels valid at every input, random draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskbounds.errors import UnsupportedError
from riskbounds.quantization.casts import cast
from riskbounds.quantization.formats import FORMATS, Format

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Points of a format as float64: spacing 2^(e-m) on [2^e, 2^(e+1)), constant below `smallest_normal`.

    An integer grid has `smallest_normal = inf`: its spacing `step` is the same everywhere.
    """

    step: float
    mantissa_bits: int
    smallest_normal: float
    lowest: float
    highest: float

    def spacing(self, x: ArrayLike) -> Floats:
        """Return the distance between the neighbours of |x|, as if exponents had no upper limit."""
        size = np.abs(np.asarray(x, dtype=np.float64))
        if np.isinf(self.smallest_normal):
            return np.full(size.shape, self.step)
        exponent = np.frexp(np.where(np.isfinite(size), np.maximum(size, self.smallest_normal), 1.0))[1] - 1
        return np.ldexp(1.0, exponent - self.mantissa_bits)


def grid_of(level: Format) -> Grid:
    """Return the grid of a format (block formats: of its elements before scaling). May raise MissingExtraError."""
    about = FORMATS[level.name]
    if level.kind == "integer":
        step, top = level.step, about.largest
        return Grid(
            step=float(step),
            mantissa_bits=about.mantissa_bits,
            smallest_normal=float("inf"),
            lowest=float(-(top + 1) * step),
            highest=float(top * step),
        )
    return Grid(
        step=float(about.subnormal_step),
        mantissa_bits=about.mantissa_bits,
        smallest_normal=float(about.smallest_normal),
        lowest=-float(about.largest),
        highest=float(about.largest),
    )


def unbiased_range(level: Format) -> tuple[float, float]:
    """Return the inputs [low, high] at which every outcome of the rounding exists, so that nothing saturates."""
    grid = grid_of(level)
    margin = grid.step / 2 if level.rounding == "dither" else 0.0
    return grid.lowest + margin, grid.highest - margin


@dataclass(frozen=True, kw_only=True)
class ErrorMoments:
    """Moments of Q(u) - u given u: mean, then variance, third and fourth moments about that mean."""

    mean: Floats
    variance: Floats
    third: Floats
    fourth: Floats


def error_moments(level: Format, x: ArrayLike) -> ErrorMoments:
    """Return the moments of the rounding error at each real input; beyond the largest finite value Q saturates.

    With spacing D and f the position of u in its cell (0 <= f < 1):
    stochastic: var f(1-f) D^2, third f(1-f)(1-2f) D^3, fourth f(1-f)(1-3f(1-f)) D^4;
    dither (triangular, nonsubtractive; f in [-1/2, 1/2] from the nearest point): D^2/4, f(1/4-f^2) D^3,
    (1/4 - 3f^2/2 + 3f^4) D^4; subtractive (uniform): D^2/12, 0, D^4/80; nearest: 0, 0, 0 and a nonzero mean.
    Source: theory.md section 2. Raises UnsupportedError for block formats, whose error depends on the whole block.
    """
    if level.kind == "block":
        raise UnsupportedError(f"format {level.name!r}: {FORMATS[level.name].assumption}")
    u = np.asarray(x, dtype=np.float64)
    grid = grid_of(level)
    low, high = unbiased_range(level)
    d = grid.spacing(u)
    position = np.abs(u) / d
    mean, variance, third, fourth = _unit_moments(level.rounding, position)
    sign = np.sign(u)
    over = (u < low) | (u > high)
    stuck = np.clip(u, grid.lowest, grid.highest) - u
    return ErrorMoments(
        mean=np.where(over, stuck, sign * mean * d),
        variance=np.where(over, 0.0, variance * d**2),
        third=np.where(over, 0.0, sign * third * d**3),
        fourth=np.where(over, 0.0, fourth * d**4),
    )


def _unit_moments(rounding: str, position: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    none = np.zeros_like(position)
    f = position - np.floor(position)
    c = position - np.rint(position)
    match rounding:
        case "stochastic":
            v = f * (1 - f)
            return none, v, v * (1 - 2 * f), v * (1 - 3 * v)
        case "dither":
            return none, none + 1 / 4, c * (1 / 4 - c**2), 1 / 4 - 3 * c**2 / 2 + 3 * c**4
        case "subtractive":
            return none, none + 1 / 12, none, none + 1 / 80
        case _:
            return -c, none, none, none


@dataclass(frozen=True, kw_only=True)
class Levels:
    """Bounds lower <= E[(Q(u)-u)^2 | u] <= additive_upper + relative_upper u^2 for every u inside the range."""

    additive_upper: float
    relative_upper: float
    lower: float
    unbounded_inputs_saturate: bool
    note: str


def levels(level: Format) -> Levels:
    """Return the noise levels of a true format, for the slots label, activation, output and parameter.

    Integers of step D: D^2/4, lower 0 (stochastic); exactly D^2/4 (dither), D^2/12 (subtractive). Floats: on normal
    numbers at most 2^(-2m)/(4(1+2^-m)) u^2, on subnormals at most d^2/4 with their step d; the sum holds everywhere.
    Proof: f(1-f) <= 1/4, and f(1-f) D^2/(1+k D+f D)^2 is largest at k = 0, f = 1/(2+D). Raises UnsupportedError for
    biased quantizers. Gaussian inputs are unbounded, so the range is left with the probability `overflow` reports.
    """
    if level.reason is not None:
        raise UnsupportedError(f"format {level.name!r}: {level.reason}")
    about = FORMATS[level.name]
    low, high = unbiased_range(level)
    note = f"valid for inputs in [{low:.6g}, {high:.6g}]; outside it {level.name} saturates and is biased"
    if level.kind == "integer":
        floor = float(level.step**2 / (12 if level.rounding == "subtractive" else 4))
        lower, relative = (0.0 if level.rounding == "stochastic" else floor), 0.0
    else:
        assert about.worst_eps is not None
        floor, lower, relative = float(about.subnormal_step**2 / 4), 0.0, float(about.worst_eps)
    return Levels(additive_upper=floor, relative_upper=relative, lower=lower, unbounded_inputs_saturate=True, note=note)


def draw(level: Format, x: ArrayLike, generator: np.random.Generator) -> Floats:
    """Return one random rounding Q(x) of an array; blocks run along its last axis. Saturates, never overflows to inf.

    Nearest is the library's cast (:func:`riskbounds.quantization.casts.cast`), except on the integer grids, which have a step of
    their own; stochastic rounding and dither are ours: the libraries round with a few random bits, which is biased.
    MX: scale 2^(floor(log2 max|x|) - emax), the exponent clipped to -127 .. 127 (OCP MX 1.0, section 6.3). NVFP4: FP32
    tensor scale max|x|/(6 * 448) per last axis, E4M3 block scale rounded to nearest.
    """
    u = np.asarray(x, dtype=np.float64)
    if level.kind == "block":
        blocks, scale = _in_blocks(level, u)
        return _out_of_blocks(_draw_elements(level, blocks / np.where(scale > 0, scale, 1.0), generator) * scale, u)
    return _draw_elements(level, u, generator)


def _draw_elements(level: Format, u: Floats, generator: np.random.Generator) -> Floats:
    if level.rounding == "nearest" and level.kind != "integer":
        return cast(level.name, u)
    grid = grid_of(level)
    d = grid.spacing(u)
    match level.rounding:
        case "stochastic":
            drawn = np.sign(u) * np.floor(np.abs(u) / d + generator.random(u.shape)) * d
        case "nearest":
            drawn = np.rint(u / d) * d
        case "dither":
            drawn = np.rint(u / d + generator.random(u.shape) - generator.random(u.shape)) * d
        case _:
            shift = generator.random(u.shape) - 0.5
            return np.clip(np.rint(u / d + shift) * d, grid.lowest, grid.highest) - shift * d
    return np.clip(drawn, grid.lowest, grid.highest)


def _in_blocks(level: Format, u: Floats) -> tuple[Floats, Floats]:
    """The last axis cut into blocks, the last one padded with zeros, and the scale of each."""
    size = FORMATS[level.name].block_size
    assert size is not None
    padded = np.concatenate([u, np.zeros((*u.shape[:-1], -u.shape[-1] % size))], axis=-1)
    blocks = padded.reshape(*u.shape[:-1], -1, size)
    return blocks, _nvfp4_scale(blocks) if level.name == "nvfp4" else _mx_scale(blocks, grid_of(level))


def _out_of_blocks(blocks: Floats, u: Floats) -> Floats:
    return np.asarray(blocks.reshape(*u.shape[:-1], -1)[..., : u.shape[-1]])


def out_of_range(level: Format, x: ArrayLike) -> NDArray[np.bool_]:
    """Where the rounding of x saturates: outside `unbiased_range`; for blocks, after division by the block's scale."""
    u = np.asarray(x, dtype=np.float64)
    low, high = unbiased_range(level)
    if level.kind == "block":
        blocks, scale = _in_blocks(level, u)
        return _out_of_blocks(np.where(np.abs(blocks) > high * scale, 1.0, 0.0), u) > 0
    return np.asarray((u < low) | (u > high))


def is_subnormal(level: Format, x: ArrayLike) -> NDArray[np.bool_]:
    """Where x is between zero and the smallest normal number of a float format; for blocks, of its elements; no integer is."""
    u = np.asarray(x, dtype=np.float64)
    if level.kind == "integer":
        return np.zeros(u.shape, dtype=bool)
    smallest = grid_of(level).smallest_normal
    if level.kind == "block":
        blocks, scale = _in_blocks(level, u)
        return _out_of_blocks(np.where((np.abs(blocks) < smallest * scale) & (blocks != 0), 1.0, 0.0), u) > 0
    return np.asarray((np.abs(u) < smallest) & (u != 0))


def _mx_scale(blocks: Floats, grid: Grid) -> Floats:
    largest = np.max(np.abs(blocks), axis=-1, keepdims=True)
    emax = np.frexp(grid.highest)[1] - 1
    exponent = np.clip(np.frexp(largest)[1] - 1 - emax, -127, 127)
    return np.where(largest > 0, np.ldexp(1.0, exponent), 1.0)


def _nvfp4_scale(blocks: Floats) -> Floats:
    largest = np.max(np.abs(blocks), axis=-1, keepdims=True)
    e2m1, e4m3 = grid_of(Format("e2m1")), grid_of(Format("e4m3"))
    tensor = np.float32(np.max(largest, axis=(-2, -1), keepdims=True) / (e2m1.highest * e4m3.highest)).astype(float)
    wanted = np.divide(largest / e2m1.highest, tensor, out=np.zeros_like(largest), where=tensor > 0)
    return np.asarray(cast("e4m3", wanted) * tensor)
