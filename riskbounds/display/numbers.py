"""Numbers of the JSON contract (a number, a string of digits, an enclosure, null) as short text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def number(value: Any) -> float | None:
    """Return a result as a float: a JSON number, a string of digits, or the midpoint of an enclosure."""
    if value is None:
        return None
    result = float(value["mid"] if isinstance(value, Mapping) else value)
    return result if math.isfinite(result) else None


def brief(value: Any, digits: int = 6) -> str:
    """Return a result with few digits; "-" for null."""
    found = number(value)
    return "-" if found is None else f"{found:.{digits}g}"


def tex(value: Any, digits: int = 6) -> str:
    """Return a number as inline mathematics, with a power of ten where it helps; an em dash for null."""
    text = brief(value, digits)
    if text == "-":
        return "—"
    mantissa, power, exponent = text.partition("e")
    return rf"${mantissa} \times 10^{{{int(exponent)}}}$" if power else f"${text}$"
