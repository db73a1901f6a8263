"""Numbers of the JSON contract (a number, a string of digits, an enclosure, null) as short text, bounds on their safe side."""

from __future__ import annotations

import decimal
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from riskbounds.numerics.decimals import Toward, rounded

SIDES = ("lower", "exact", "upper")
#: On which side the printed digits of a bound lie.
TOWARD: dict[str, Toward] = {"lower": "down", "exact": "nearest", "upper": "up"}
_WIDE = decimal.Context(prec=5000, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)


def number(value: Any) -> float | None:
    """Return a result as a float: a JSON number, a string of digits, or the midpoint of an enclosure."""
    if value is None:
        return None
    result = float(value["mid"] if isinstance(value, Mapping) else value)
    return result if math.isfinite(result) else None


def brief(value: Any, digits: int = 6, side: str = "exact") -> str:
    """Return a result with few digits; "-" for null. Those of a lower bound are rounded down, of an upper bound up."""
    toward = TOWARD[side]
    if number(value) is None:
        return "-"
    if isinstance(value, Mapping):
        middle, radius = Decimal(value["mid"]), Decimal(value["rad"])
        exact = _WIDE.add(middle, {"down": -radius, "nearest": Decimal(0), "up": radius}[toward])
    else:
        exact = Decimal(str(value))
    return _general(rounded(exact, digits, toward), digits)


def _general(value: Decimal, digits: int) -> str:
    """Return a decimal as the format `g` writes a float."""
    if value == 0:
        return "0"
    exponent = value.adjusted()
    if -5 < exponent < digits:
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(power):+03d}"


def tex(value: Any, digits: int = 6, side: str = "exact") -> str:
    """Return a result as inline mathematics, with a power of ten where it helps; an em dash for null."""
    text = brief(value, digits, side)
    if text == "-":
        return "—"
    mantissa, power, exponent = text.partition("e")
    return rf"${mantissa} \times 10^{{{int(exponent)}}}$" if power else f"${text}$"
