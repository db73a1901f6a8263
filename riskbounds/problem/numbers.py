"""Reading numbers exactly: every real of a problem is a `fractions.Fraction`."""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Iterable, Mapping
from decimal import Context, Decimal
from fractions import Fraction
from typing import TypeGuard

from riskbounds.errors import ProblemError

Number = int | float | str | Decimal | Fraction
"""What is accepted where a real number is wanted."""

MAGNITUDE = 100
"""Nonzero reals lie between 1e-100 and 1e100, so that squares and cubes stay inside float64."""

_LEAST, _MOST = Fraction(1, 10**MAGNITUDE), Fraction(10**MAGNITUDE)

COUNT_LIMIT = 10**15
"""Largest step count, seed or size: integers below it are exact in float64."""

_DECIMAL = re.compile(r"[+-]?(\d+(_?\d+)*\.?\d*(_?\d+)*|\.\d+)([eE][+-]?\d+)?")
_RATIO = re.compile(r"([+-]?\d+)\s*/\s*(\d+)")
_LONGEST = 1000


def shown(value: object) -> str:
    """Return a short one-line picture of a rejected value."""
    try:
        text = str(value) if isinstance(value, Decimal | Fraction) else repr(value)
    except ValueError:
        return "a number of thousands of digits"
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."


def exact(value: object, name: str) -> Fraction:
    """Return `value` as an exact fraction: float 0.1 is 1/10; strings hold an integer, a decimal or a fraction.

    Raises ProblemError, naming `name`, for anything else, for inf and nan, and for magnitudes outside 1e-100 .. 1e100.
    """
    # fast path: explicit spectra hold 10^5 and more of them
    if type(value) is float and 1e-99 < abs(value) < 1e99:
        return Fraction(Decimal(repr(value)))
    result = _fraction(value, name)
    if result and not _LEAST <= abs(result) <= _MOST:
        raise ProblemError(f"{name} = {shown(value)} is outside 1e-{MAGNITUDE} .. 1e{MAGNITUDE}; rescale the problem")
    return result


def _fraction(value: object, name: str) -> Fraction:
    if isinstance(value, bool):
        raise ProblemError(f"{name} = {str(value).lower()} is not a number")
    if isinstance(value, Fraction):
        return value
    if isinstance(value, numbers.Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, Decimal):
        return _from_decimal(value, value, name)
    if isinstance(value, numbers.Real):
        return _from_float(value, name)
    if isinstance(value, str):
        return _from_text(value, name)
    raise ProblemError(f'{name} must be a number, or a string such as "3/2" or "1e-3", not {shown(value)}')


def _from_float(value: numbers.Real, name: str) -> Fraction:
    if not math.isfinite(float(value)):
        raise ProblemError(f"{name} = {float(value)} is not a finite number")
    return _from_decimal(Decimal(str(value)), value, name)


def _from_text(text: str, name: str) -> Fraction:
    stripped = text.strip()
    if len(stripped) > _LONGEST:
        raise ProblemError(f"{name} has {len(stripped)} characters; give at most {_LONGEST}")
    ratio = _RATIO.fullmatch(stripped)
    if ratio:
        if int(ratio[2]) == 0:
            raise ProblemError(f"{name} = {shown(text)} divides by zero")
        return Fraction(int(ratio[1]), int(ratio[2]))
    if _DECIMAL.fullmatch(stripped):
        return _from_decimal(Decimal(stripped), text, name)
    raise ProblemError(f'{name} = {shown(text)} is not a finite number; write it like 2, 0.1, "1e-3" or "3/2"')


def _from_decimal(value: Decimal, given: object, name: str) -> Fraction:
    if not value.is_finite():
        raise ProblemError(f"{name} = {str(value).lower()} is not a finite number")
    if value == 0:
        return Fraction(0)
    if abs(value.adjusted()) > MAGNITUDE + 1:
        raise ProblemError(f"{name} = {shown(given)} is outside 1e-{MAGNITUDE} .. 1e{MAGNITUDE}; rescale the problem")
    return Fraction(value)


def whole(value: object, name: str) -> int:
    """Return `value` as an exact integer; 1e6 and "1000" will do. Raises ProblemError naming `name` otherwise."""
    result = exact(value, name)
    if result.denominator != 1:
        raise ProblemError(f"{name} = {shown(value)} must be an integer")
    return result.numerator


def real(value: object, name: str, *, above: int | None = None, least: int | None = None) -> Fraction:
    """Return `exact(value, name)` after checking that it is > `above` or >= `least`."""
    result = exact(value, name)
    if above is not None and result <= above:
        raise ProblemError(f"{name} = {shown(value)} must be > {above}")
    if least is not None and result < least:
        raise ProblemError(f"{name} = {shown(value)} must be >= {least}")
    return result


def count(value: object, name: str, *, least: int = 1, most: int = COUNT_LIMIT) -> int:
    """Return `whole(value, name)` after checking that it lies in `least` .. `most`."""
    result = whole(value, name)
    if result < least:
        raise ProblemError(f"{name} = {shown(value)} must be >= {least}")
    if result > most:
        raise ProblemError(f"{name} = {shown(value)} is above the limit {most}")
    return result


def _is_list(value: object) -> TypeGuard[Iterable[object]]:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)


def counts(value: object, name: str, *, most: int = COUNT_LIMIT, longest: int = 100_000) -> tuple[int, ...]:
    """Return an integer or a list of integers, each in 1 .. `most`, as a tuple."""
    if not _is_list(value):
        return (count(value, name, most=most),)
    items = list(value)
    if not items:
        raise ProblemError(f"{name} is an empty list; give at least one integer")
    if len(items) > longest:
        raise ProblemError(f"{name} has {len(items)} entries; give at most {longest}")
    return tuple(count(item, name, most=most) for item in items)


def reals(values: object, name: str, *, most: int) -> tuple[Fraction, ...]:
    """Return a nonempty list of numbers as exact fractions; an entry that is no number is named by its place."""
    if not _is_list(values):
        raise ProblemError(f"{name} must be a list of numbers, not {shown(values)}")
    items = list(values)
    if not items:
        raise ProblemError(f"{name} is empty; give at least one number")
    if len(items) > most:
        raise ProblemError(f"{name} has {len(items)} entries, above the limit {most}")
    return tuple(exact(item, f"{name}[{place}]") for place, item in enumerate(items))


def text_of(value: Fraction) -> str:
    """Return the shortest exact text of a fraction: an integer, a terminating decimal, or p/q."""
    if value.denominator == 1:
        return str(value.numerator)
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1 or max(twos, fives) > 300:
        return f"{value.numerator}/{value.denominator}"
    digits = value.numerator * 10 ** max(twos, fives) // value.denominator
    scaled = Decimal(digits).scaleb(-max(twos, fives), context=Context(prec=2000))
    return str(scaled).lower().replace("e+", "e")
