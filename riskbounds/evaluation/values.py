"""Numbers that know what they are: lower bound, upper bound, exact value, estimate, simulated or measured mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import flint
import mpmath

from riskbounds.numerics.decimals import Toward, rounded_binary, written


@dataclass(frozen=True, kw_only=True)
class Value:
    """A number with its rigor and its source; ``value`` is a float, an mpmath mpf or a flint arb."""

    value: Any
    rigor: str
    source: str
    toward: ClassVar[Toward] = "nearest"

    def __float__(self) -> float:
        """The midpoint as float64."""
        return float(self.value.mid()) if isinstance(self.value, flint.arb) else float(self.value)

    def json(self, digits: int | None = None) -> object:
        """A JSON number for float64, a string of ``digits`` digits, or ``{"mid", "rad"}`` with the truth inside as printed.

        Of the digits, a lower bound shows those below it, an upper bound those above it.
        """
        if isinstance(self.value, flint.arb):
            return printed_ball(self.value, digits or 40) if self.value.is_finite() else None
        if isinstance(self.value, float):
            return self.value if math.isfinite(self.value) else None
        if not mpmath.isfinite(self.value):
            return None
        places = digits or mpmath.mp.dps
        return written(rounded_binary(self.value, places, self.toward), places)


class LowerBound(Value):
    """The truth is at least this, under the theorem's hypotheses."""

    toward: ClassVar[Toward] = "down"


class UpperBound(Value):
    """The truth is at most this, under the theorem's hypotheses."""

    toward: ClassVar[Toward] = "up"


class ExactValue(Value):
    """The truth itself, up to rounding; enclosed if the rigor says so."""


class Estimate(Value):
    """Neither a bound nor exact: a deterministic equivalent, a fit."""


class Simulated(Value):
    """Mean over independent simulated replicas; it carries its standard error, and bounds nothing."""


class Measured(Value):
    """Mean of risks that a user measured; it carries its standard error, and bounds nothing."""


def printed_ball(ball: flint.arb, digits: int) -> dict[str, str]:
    """Decimal midpoint and radius such that the ball lies in [mid - rad, mid + rad] as printed."""
    with flint.ctx.workprec(4 * digits + 128):
        text = str(ball.mid().str(digits, radius=False))
        middle = "0.0" if text == "0" else text
        away = abs(ball - flint.arb(middle)).upper()
        return {"mid": middle, "rad": _rounded_up(away)}


def _rounded_up(bound: flint.arb) -> str:
    """A decimal of four digits that is not below the bound."""
    if bound == 0:
        return "0"
    text, larger = "", bound
    while not (text and flint.arb(text) >= bound):
        larger = larger * flint.arb("1.001")
        text = str(larger.mid().str(4, radius=False))
    return text
