"""Decimals with a direction: a printed lower bound is rounded down, an upper bound up, anything else to nearest."""

from __future__ import annotations

import decimal
import math
from decimal import Decimal
from typing import Literal

import flint
import mpmath

Toward = Literal["down", "nearest", "up"]
_ROUNDING = {"down": decimal.ROUND_FLOOR, "nearest": decimal.ROUND_HALF_EVEN, "up": decimal.ROUND_CEILING}
#: Decimal exponents that are printed without a power of ten.
_FIXED = range(-5, 20)


def rounded(value: Decimal, digits: int, toward: Toward = "nearest") -> Decimal:
    """The decimal of ``digits`` significant digits next to an exact decimal, on the side asked for."""
    return _context(digits, toward).plus(value)


def rounded_binary(value: mpmath.mpf, digits: int, toward: Toward = "nearest") -> Decimal:
    """The same for a finite binary number, which is rounded once."""
    sign, mantissa, exponent, _ = value._mpf_
    whole = Decimal(-int(mantissa) if sign else int(mantissa))
    context = _context(digits, toward)
    if exponent >= 0:
        return context.multiply(whole, Decimal(2**exponent))
    return context.divide(whole, Decimal(2**-exponent))


def written(value: Decimal, digits: int) -> str:
    """A decimal with exactly ``digits`` significant digits, as ``mpmath.mpf`` reads it; 0 is 0.0."""
    if value == 0:
        return "0.0"
    exponent = value.adjusted()
    if exponent not in _FIXED or exponent >= digits:
        mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
        return f"{mantissa}e{int(power)}"
    return f"{value:.{digits - 1 - exponent}f}"


def float_below(ball: flint.arb) -> float:
    """A float64 that is certainly not above any number of a finite ball, next to its lower end."""
    low = ball.lower()
    near = float(low)
    return near if flint.arb(near) <= low else math.nextafter(near, -math.inf)


def float_above(ball: flint.arb) -> float:
    """A float64 that is certainly not below any number of a finite ball, next to its upper end."""
    return -float_below(-ball)


def _context(digits: int, toward: Toward) -> decimal.Context:
    return decimal.Context(prec=digits, rounding=_ROUNDING[toward], Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
