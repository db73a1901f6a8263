"""The table of `riskbounds formats`: one row per number format."""

from __future__ import annotations

from fractions import Fraction

from riskbounds.problem.numbers import Number, text_of
from riskbounds.quantization.formats import FORMATS, INTEGERS, NAMES, ROUNDINGS, Format, known, nominal


def format_rows(name: str | None = None, range: Number | None = None, rounding: str = "stochastic") -> list[dict[str, object]]:
    """Return one JSON-able row per format: eps, structure, assumption, source and the numbers of its definition.

    Without a range the eps of integers is None (see `eps_formula`); with no name, formats that do not allow the
    rounding are left out. Raises ProblemError for names, ranges and roundings that do not fit, MissingExtraError.
    """
    known(rounding, "rounding", ROUNDINGS)
    if name is not None:
        known(name, "format", NAMES)
        return [_row(name, range, rounding)]
    names = INTEGERS if rounding in ("dither", "subtractive") else NAMES
    return [_row(each, range if each in INTEGERS else None, rounding) for each in names]


def _row(name: str, range: Number | None, rounding: str) -> dict[str, object]:
    about = FORMATS[name]
    open_integer = about.kind == "integer" and range is None
    level = Format(name, rounding=rounding, range=1 if open_integer else range)
    eps = None if open_integer or rounding == "nearest" else nominal(level)[1]
    unit = level.step if about.kind == "integer" and not open_integer else Fraction(1)
    divisor = 12 if rounding == "subtractive" else 4
    formula = f"(range/2^{about.bits})^2/{divisor}" if about.kind == "integer" else f"2^-{2 * about.mantissa_bits}/4"
    return {
        "name": name,
        "kind": about.kind,
        "bits": about.bits,
        "mantissa_bits": about.mantissa_bits,
        "rounding": rounding,
        "structure": about.structure,
        "papers_structure": about.papers_structure,
        "eps": None if eps is None else float(eps),
        "eps_exact": None if eps is None else text_of(eps),
        "eps_formula": None if rounding == "nearest" else formula,
        "worst_eps": None if about.worst_eps is None or rounding == "nearest" else float(about.worst_eps),
        "largest": None if open_integer else float(about.largest * unit),
        "smallest_normal": float(about.smallest_normal) if about.kind != "integer" else None,
        "subnormal_step": float(about.subnormal_step) if about.kind != "integer" else None,
        "block_size": about.block_size,
        "scale": about.scale,
        "unbiased": level.unbiased,
        "reason": level.reason,
        "assumption": about.assumption,
        "source": about.source,
    }
