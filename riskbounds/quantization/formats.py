"""Number formats by name: what they are, which roundings they allow, and their nominal levels (theory.md section 2)."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from riskbounds.errors import MissingExtraError, ProblemError, UnsupportedError
from riskbounds.problem.frozen import assign
from riskbounds.problem.numbers import Number, real, shown

if TYPE_CHECKING:
    from gfloat import BlockFormatInfo, FormatInfo

    from riskbounds.quantization.structures import Structure

INTEGERS = ("int4", "int8", "int16")
FLOATS = ("fp16", "bf16", "tf32", "e5m2", "e4m3", "e3m2", "e2m3", "e2m1")
BLOCKS = ("mxfp8-e4m3", "mxfp8-e5m2", "mxfp6-e3m2", "mxfp6-e2m3", "mxfp4", "nvfp4")
NAMES = INTEGERS + FLOATS + BLOCKS
ROUNDINGS = ("stochastic", "nearest", "dither", "subtractive")
MODELS = ("true", "nominal")

NEAREST_BIASED = (
    "rounding to nearest is biased (E[Q(u)|u] differs from u); the theorems need an unbiased quantizer: "
    'use rounding = "stochastic"'
)
BLOCK_BIASED = (
    "the shared {} scale is rounded {}, so the largest element of a block can saturate (biased), and the scale depends "
    'on the whole block; model = "nominal" takes the elements alone'
)


@dataclass(frozen=True, init=False)
class Format:
    """A number format in a slot. `range` is the full width R of an integer grid, whose step is R / 2^bits.

    Raises ProblemError for an unknown name, rounding or model, a missing or superfluous range, and for a dither on a
    format without a uniform grid. `model = "true"` is the format itself, "nominal" its idealised error structure.
    """

    name: str
    rounding: str
    model: str
    range: Fraction | None

    def __init__(self, name: str, *, rounding: str = "stochastic", model: str = "true", range: Number | None = None) -> None:
        """Check the names and read the range exactly."""
        known(name, "format", NAMES)
        known(rounding, "rounding", ROUNDINGS)
        known(model, "model", MODELS)
        if name in INTEGERS and range is None:
            raise ProblemError(f"format {name!r} needs range, for example range = 8.0 (step = range / 2^{name[3:]})")
        if name not in INTEGERS and range is not None:
            raise ProblemError(f"range is only for {', '.join(INTEGERS)}; remove it from format {name!r}")
        _check_rounding(name, rounding)
        width = None if range is None else real(range, "range", above=0)
        assign(self, name=name, rounding=rounding, model=model, range=width)

    @property
    def kind(self) -> str:
        """The kind of format: integer, float or block."""
        return "integer" if self.name in INTEGERS else "float" if self.name in FLOATS else "block"

    @property
    def step(self) -> Fraction:
        """Spacing range / 2^bits of an integer grid; raises UnsupportedError for a format without a uniform grid."""
        if self.range is None:
            raise UnsupportedError(f"format {self.name!r} has no uniform step; its spacing follows the exponent")
        return self.range / 2 ** int(self.name[3:])

    @property
    def unbiased(self) -> bool:
        """Whether E[Q(u)|u] = u inside the range."""
        return self.reason is None

    @property
    def reason(self) -> str | None:
        """The sentence with which theorems refuse a biased quantizer; None if it is unbiased."""
        if self.rounding == "nearest":
            return NEAREST_BIASED
        if self.kind == "block" and self.model == "true":
            return BLOCK_BIASED.format(*(("NVFP4", "to nearest") if self.name == "nvfp4" else ("MX", "down")))
        return None


def known(value: object, name: str, valid: tuple[str, ...]) -> None:
    """Raise ProblemError, with the nearest valid name, unless value is one of them."""
    if isinstance(value, str) and value in valid:
        return
    near = difflib.get_close_matches(str(value).lower(), valid, n=1, cutoff=0.0)[0]
    raise ProblemError(f"unknown {name} {shown(value)}; did you mean {near!r}? Valid: {', '.join(valid)}")


def _check_rounding(name: str, rounding: str) -> None:
    if rounding in ("dither", "subtractive") and name not in INTEGERS:
        grids = ", ".join(INTEGERS)
        raise ProblemError(f'rounding {rounding!r} needs a uniform grid ({grids}); use "stochastic" with {name!r}')


@dataclass(frozen=True, kw_only=True)
class FormatDescription:
    """Definition of a format: exact numbers, the error structure it is modelled by, and where it is defined.

    Lengths are in steps for integers (least value -(largest + 1)), before scaling for blocks. `nominal_eps` 2^(-2m)/4
    and `worst_eps` 2^(-2m) / (4 (1 + 2^-m)) bound the relative variance on normal numbers; None for integers.
    """

    name: str
    kind: str
    bits: int
    mantissa_bits: int
    exponents: tuple[int, int] | None
    largest: Fraction
    smallest_normal: Fraction
    subnormal_step: Fraction
    structure: str
    papers_structure: str
    nominal_eps: Fraction | None
    worst_eps: Fraction | None
    block_size: int | None
    scale: str | None
    assumption: str
    source: str


class _Formats(Mapping[str, FormatDescription]):
    """Read-only mapping from format names to definitions, made on first use."""

    def __getitem__(self, name: str) -> FormatDescription:
        if name not in NAMES:
            raise KeyError(name)
        return _describe(name)

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


FORMATS: Mapping[str, FormatDescription] = _Formats()
"""All formats by name; looking one up raises MissingExtraError without the packages of the extra `formats`."""

OCP_FP8 = "OCP 8-bit Floating Point Specification (OFP8) 1.0"
OCP_MX = "OCP Microscaling Formats (MX) Specification 1.0"
_FLOAT_SOURCES = {
    "fp16": ("format_info_binary16", "IEEE 754-2019 binary16"),
    "bf16": ("format_info_bfloat16", "Google bfloat16; ml_dtypes.bfloat16"),
    "tf32": (None, "NVIDIA A100 Tensor Core GPU Architecture whitepaper: 1 sign, 8 exponent, 10 mantissa bits"),
    "e5m2": ("format_info_ocp_e5m2", f"{OCP_FP8}; ml_dtypes.float8_e5m2"),
    "e4m3": ("format_info_ocp_e4m3", f"{OCP_FP8}; ml_dtypes.float8_e4m3fn"),
    "e3m2": ("format_info_ocp_e3m2", f"{OCP_MX}; ml_dtypes.float6_e3m2fn"),
    "e2m3": ("format_info_ocp_e2m3", f"{OCP_MX}; ml_dtypes.float6_e2m3fn"),
    "e2m1": ("format_info_ocp_e2m1", f"{OCP_MX}; ml_dtypes.float4_e2m1fn"),
}
_BLOCK_SOURCES = {
    "mxfp8-e4m3": ("format_info_mxfp8_e4m3", OCP_MX),
    "mxfp8-e5m2": ("format_info_mxfp8_e5m2", OCP_MX),
    "mxfp6-e3m2": ("format_info_mxfp6_e3m2", OCP_MX),
    "mxfp6-e2m3": ("format_info_mxfp6_e2m3", OCP_MX),
    "mxfp4": ("format_info_mxfp4_e2m1", OCP_MX),
    "nvfp4": (None, "NVIDIA, Introducing NVFP4 (2025): blocks of 16 E2M1 elements, E4M3 scale, FP32 tensor scale"),
}


@cache
def _describe(name: str) -> FormatDescription:
    _require(name)
    if name in INTEGERS:
        return _integer(name)
    if name in FLOATS:
        return _float(name, *_FLOAT_SOURCES[name])
    return _block(name, *_BLOCK_SOURCES[name])


def _require(name: str) -> None:
    try:
        import gfloat  # noqa: F401
        import ml_dtypes  # noqa: F401
    except ImportError as missing:
        raise MissingExtraError(f"number format {name!r}", "formats") from missing


@cache
def float_info(name: str) -> FormatInfo:
    """Return gfloat's definition of a float format, of a block format that of its elements. Raises MissingExtraError."""
    _require(name)
    if name in BLOCKS:
        return _block_info(name).etype
    from gfloat import formats

    entry = _FLOAT_SOURCES[name][0]
    return _tf32() if entry is None else getattr(formats, entry)


def _block_info(name: str) -> BlockFormatInfo:
    from gfloat import formats

    entry = _BLOCK_SOURCES[name][0]
    return _nvfp4() if entry is None else getattr(formats, entry)


def _tf32() -> FormatInfo:
    from gfloat import Domain, FormatInfo

    shape = {"is_signed": True, "has_nz": True, "has_subnormals": True, "is_twos_complement": False}
    return FormatInfo("tf32", 19, 11, bias=127, domain=Domain.Extended, num_high_nans=2**10 - 1, **shape)


def _int16() -> FormatInfo:
    from gfloat import Domain, FormatInfo

    shape = {"is_signed": True, "has_nz": False, "has_subnormals": True, "is_twos_complement": True}
    return FormatInfo("int16", 16, 16, bias=0, domain=Domain.Finite, num_high_nans=0, **shape)


def _nvfp4() -> BlockFormatInfo:
    from gfloat import BlockFormatInfo
    from gfloat.formats import format_info_ocp_e2m1, format_info_ocp_e4m3

    return BlockFormatInfo("nvfp4", format_info_ocp_e2m1, 16, format_info_ocp_e4m3)


def _integer(name: str) -> FormatDescription:
    import ml_dtypes
    from gfloat.formats import format_info_ocp_int8

    if name == "int4":
        bits: int = ml_dtypes.iinfo(ml_dtypes.int4).bits  # type: ignore[no-untyped-call]
        source = "ml_dtypes.int4, two's complement"
    elif name == "int8":
        bits, source = format_info_ocp_int8.k, f"gfloat.formats.format_info_ocp_int8, two's complement; {OCP_MX}"
    else:
        bits = _int16().k
        source = "own entry on gfloat.FormatInfo: two's complement, ISO/IEC 9899 int16_t"
    return FormatDescription(
        name=name,
        kind="integer",
        bits=bits,
        mantissa_bits=bits - 1,
        exponents=None,
        largest=Fraction(2 ** (bits - 1) - 1),
        smallest_normal=Fraction(0),
        subnormal_step=Fraction(1),
        structure="additive",
        papers_structure="additive",
        nominal_eps=None,
        worst_eps=None,
        block_size=None,
        scale=None,
        assumption=f"inputs stay inside [-range/2, range/2 - step], step D = range/2^{bits}",
        source=source,
    )


def _float(name: str, entry: str | None, source: str) -> FormatDescription:
    info = float_info(name)
    m, lowest = info.tSignificandBits, 1 - info.bias
    origin = "own entry on gfloat.FormatInfo" if entry is None else f"gfloat.formats.{entry}"
    largest, normal = Fraction(info.max), Fraction(2) ** lowest
    return FormatDescription(
        name=name,
        kind="float",
        bits=info.k,
        mantissa_bits=m,
        exponents=(lowest, info.emax),
        largest=largest,
        smallest_normal=normal,
        subnormal_step=normal / 2**m,
        structure="elementwise",
        papers_structure="multiplicative",
        nominal_eps=Fraction(1, 4 ** (m + 1)),
        worst_eps=Fraction(1, 4 ** (m + 1)) / (1 + Fraction(1, 2**m)),
        block_size=None,
        scale=None,
        assumption=f"normal range only: |u| from 2^{lowest} to {float(largest):.6g}; below it the error is additive",
        source=f"{origin}; {source}",
    )


def _block(name: str, entry: str | None, source: str) -> FormatDescription:
    info, element = _block_info(name), _float(name, entry, source)
    scale = info.stype.name + (" and one FP32 scale per tensor" if name == "nvfp4" else "")
    origin = "own entry on gfloat.BlockFormatInfo" if entry is None else f"gfloat.formats.{entry}"
    return replace(
        element,
        kind="block",
        block_size=info.k,
        scale=scale,
        assumption=f"nominal only: scaled elements stay normal, up to {float(element.largest):.6g}, and the scale of "
        f"each block of {info.k} is a constant; the true format is biased",
        source=f"{origin}; {source}",
    )


def nominal(level: Format) -> tuple[str, Fraction]:
    """Return the idealised structure ("additive" or "elementwise") and its eps, for model = "nominal".

    Integers of step D: D^2/4 (stochastic: its worst case; dither: exact), D^2/12 (subtractive: exact). Floats and
    block elements with m stored mantissa bits: 2^(-2m)/4 (theory.md section 2). Raises UnsupportedError for nearest.
    """
    if level.rounding == "nearest":
        raise UnsupportedError(f"format {level.name!r}: {NEAREST_BIASED}")
    if level.kind == "integer":
        return "additive", level.step**2 / (12 if level.rounding == "subtractive" else 4)
    eps = FORMATS[level.name].nominal_eps
    assert eps is not None
    return "elementwise", eps


def nominal_structure(level: Format) -> Structure:
    """Return `nominal` as a structure with its reference noise; raises as `nominal`."""
    from riskbounds.quantization.structures import STRUCTURES

    name, eps = nominal(level)
    return STRUCTURES[name](eps)
