"""Quantizers on arrays: idealised errors of every structure and noise, and number formats (theory.md section 2)."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskbounds.quantization.formats import FORMATS, Format
from riskbounds.quantization.rounding import draw, is_subnormal, out_of_range
from riskbounds.quantization.structures import Additive, Elementwise, Multiplicative

if TYPE_CHECKING:
    from riskbounds.quantization.slots import Level

Array = np.ndarray[Any, np.dtype[np.float64]]


class Errors(NamedTuple):
    """Errors of one quantizer, drawn before their input is known: Q(u) = scale u + shift, or a format, which must see u first.

    All of them None: the identity.  Vectors run along the last axis.  (A tuple, because one is made for every update.)
    """

    scale: Array | None = None
    shift: Array | None = None
    level: Format | None = None
    generator: np.random.Generator | None = None
    events: Counter[str] | None = None

    def part(self, chosen: int | slice) -> Errors:
        """The errors at some places of the first axis."""
        if self.scale is not None:
            return Errors(scale=self.scale[chosen])
        return self if self.shift is None else Errors(shift=self.shift[chosen])

    def __call__(self, u: Array) -> Array:
        """Q(u); u itself for the identity."""
        if self.scale is not None:
            return self.scale * u
        if self.shift is not None:
            return self.shift + u
        if self.level is None:
            return u
        assert self.generator is not None
        if self.events is not None:
            self.events.update(format_events(self.level, u))
        return draw(self.level, u, self.generator)


def draw_errors(
    level: Level | None, shape: tuple[int, ...], generator: np.random.Generator, events: Counter[str] | None = None
) -> Errors:
    """Draw the errors of vectors along the last axis of ``shape``.

    Additive: u + sqrt(eps) n.  Multiplicative: one scale 1 + sqrt(eps) n for the whole vector.  Elementwise: one for every
    entry.  n has mean 0 and variance 1: normal, +-1 with equal odds, uniform, or the sum of two uniforms.  A format rounds as
    :func:`riskbounds.quantization.rounding.draw`; blocks run along the last axis, and ``events`` counts what left the range
    or is subnormal.
    """
    if level is None:
        return Errors()
    if isinstance(level, Format):
        return Errors(level=level, generator=generator, events=events)
    if isinstance(level, Additive):
        noise = unit_noise(level.noise, shape, generator)
        noise *= level.deviation
        return Errors(shift=noise)
    return Errors(scale=scales(level, (*shape[:-1], 1) if isinstance(level, Multiplicative) else shape, generator))


def quantize(level: Level | None, u: Array, generator: np.random.Generator, events: Counter[str] | None = None) -> Array:
    """Q(u) for vectors u along the last axis, each drawn afresh as :func:`draw_errors` says; u itself where the level is None."""
    return draw_errors(level, u.shape, generator, events)(u)


def scales(level: Multiplicative | Elementwise, shape: tuple[int, ...], generator: np.random.Generator) -> Array:
    """Random scales 1 + sqrt(eps) n, n of the level's noise."""
    if level.noise == "two-point":
        return _two_values(1 - level.deviation, 1 + level.deviation, shape, generator)
    noise = generator.standard_normal(shape)
    noise *= level.deviation
    noise += 1
    return noise


def signs(shape: tuple[int, ...], generator: np.random.Generator) -> Array:
    """+1 or -1 with equal odds."""
    return _two_values(-1.0, 1.0, shape, generator)


def _two_values(low: float, high: float, shape: tuple[int, ...], generator: np.random.Generator) -> Array:
    """Either value with equal odds, one random bit for each."""
    count = math.prod(shape)
    words = generator.bit_generator.random_raw(-(-count // 64))
    found = np.unpackbits(words.view(np.uint8), count=count).reshape(shape) * (high - low)
    found += low
    return np.asarray(found)


def unit_noise(noise: str, shape: tuple[int, ...], generator: np.random.Generator) -> Array:
    """Independent entries of mean 0 and variance 1; "reference" and "entrywise" sketch errors are normal."""
    match noise:
        case "uniform":
            return (generator.random(shape) - 0.5) * 12**0.5
        case "triangular":
            return (generator.random(shape) - generator.random(shape)) * 6**0.5
        case _:
            return generator.standard_normal(shape)


def format_events(level: Format, u: Array) -> dict[str, int]:
    """How many of the values left the range in which the format is unbiased, and how many are subnormal in it."""
    return {
        "values": u.size,
        "saturated": int(np.count_nonzero(out_of_range(level, u))),
        "subnormal": int(np.count_nonzero(is_subnormal(level, u))),
    }


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What a quantizer did to given data, averaged over ``draws`` independent roundings.

    structure: of the error as the theory names it ("elementwise" for a float format, whose subnormal numbers are additive);
    unbiased: whether E[Q(u)|u] = u is claimed on the range; second, fourth: E q^2 and E q^4 per coordinate (last axis);
    error: E (q - u)^2 per coordinate; bias: mean of q - u per coordinate, and bias_stderr its standard error over the draws;
    saturated, subnormal: fractions of the values.
    """

    structure: str
    unbiased: bool
    second: Array
    fourth: Array
    error: Array
    bias: Array
    bias_stderr: Array
    saturated: float
    subnormal: float


def measure(level: Level, data: Array, *, draws: int = 100, seed: int = 0) -> Measurement:
    """Quantize rows of data (n, M) ``draws`` times with default_rng(seed) and report the moments, bias and events."""
    generator = np.random.default_rng(seed)
    events: Counter[str] = Counter()
    shape = (draws, data.shape[-1])
    second, fourth, error, bias = (np.zeros(shape) for _ in range(4))
    for k in range(draws):
        q = quantize(level, data, generator, events)
        second[k], fourth[k] = np.mean(q**2, axis=0), np.mean(q**4, axis=0)
        error[k], bias[k] = np.mean((q - data) ** 2, axis=0), np.mean(q - data, axis=0)
    values = max(1, events["values"])
    return Measurement(
        structure=FORMATS[level.name].structure if isinstance(level, Format) else level.structure,
        unbiased=level.unbiased if isinstance(level, Format) else True,
        second=second.mean(axis=0),
        fourth=fourth.mean(axis=0),
        error=error.mean(axis=0),
        bias=bias.mean(axis=0),
        bias_stderr=bias.std(axis=0, ddof=1) / draws**0.5,
        saturated=events["saturated"] / values,
        subnormal=events["subnormal"] / values,
    )
