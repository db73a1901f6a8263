"""The any-N risk to D digits: the same contour integral in Arb arithmetic."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from typing import TypeVar, cast

import flint
import mpmath
import numpy as np

from riskbounds.errors import RiskboundsError
from riskbounds.exact.any_steps import check_steps, floor, integral, mean_term
from riskbounds.exact.arithmetic import Balls
from riskbounds.exact.contour import few_steps_nodes, talbot_nodes
from riskbounds.exact.direct import direct_sum
from riskbounds.exact.model import Array, Real, SecondMomentModel
from riskbounds.exact.recursion import DiagonalRecursion, diagonal_recursion, pair_recursion
from riskbounds.exact.stability import log_growth

_Owner = TypeVar("_Owner")
GUARD_BITS = 64
# how often precision and nodes may grow before the digits are given up
ATTEMPTS = 3


def exact_risk_digits(model: SecondMomentModel, steps: Sequence[float], digits: int) -> list[flint.arb]:
    """E R(vbar_N) - sigma^2/2 to `digits` digits; entries are Fraction, int, mpmath.mpf, flint.arb or float.

    Two contours of different node counts must agree to that many digits. The balls returned carry the rounding error
    and the difference of the two; that is evidence, not a proof: `exact_risk_enclosed` proves.
    Raises ProblemError, HypothesisError.
    """
    with working_bits(math.ceil(3.33 * digits) + GUARD_BITS):
        lowest = floor(to_balls(model))
        return [lowest + part for part in data_term_digits(model, steps, digits)]


def data_term_digits(model: SecondMomentModel, steps: Sequence[Real], digits: int) -> list[flint.arb]:
    """The risk minus approximation + shrinkage/2, to `digits` digits of its own; N >= 1 is an integer, or a real or a ball."""
    return [_data_term_at(model, count, digits) for count in steps]


def _data_term_at(model: SecondMomentModel, steps: Real, digits: int) -> flint.arb:
    size = float(steps)
    direct, few = _fits(size, digits)
    nodes = 16 * digits + 200 if few else 2 * math.ceil((2.31 * digits / 1.358 + 12) / 2)
    guard = GUARD_BITS + math.ceil(0.43 * digits + 2 * math.log2(size))
    for attempt in range(ATTEMPTS):
        more = 2 * nodes if few else nodes + 2 * math.ceil(nodes / 20) + 2
        with working_bits((math.ceil(3.33 * digits) + guard) << (0 if few else attempt)):
            balls = to_balls(model)
            second = _data_term(balls, steps, more, direct, few)
            first = second if direct else _data_term(balls, steps, nodes, direct, few)
            if (first == 0 and second == 0) or bool(abs(first - second) <= abs(second) * flint.arb(10) ** -digits) or direct:
                return second.union(first)
        nodes = more if few else more + nodes // 2
    raise RiskboundsError(f"digits: the exact risk does not settle to {digits} digits at N = {size:g}; ask for fewer")


def _fits(steps: float, digits: int) -> tuple[bool, bool]:
    """Whether N is so small that the steps are summed, and whether it is a small real, for which Talbot's contour is too wide."""
    small = steps < 2.31 * digits / 1.358 + 12
    whole = steps == int(steps)
    return small and whole, small and not whole


def _data_term(model: SecondMomentModel, steps: Real, nodes: int, direct: bool, few: bool) -> flint.arb:
    recursion = diagonal_recursion(model)
    pairs = pair_recursion(model) if model.error.weights.ndim == 2 else None
    plain = float_recursion(recursion)
    check_steps(model, [float(steps)])
    count = cast(Real, to_ball(steps))
    averaged: Real = 0
    if direct:
        averaged = direct_sum(model, recursion, pairs, int(steps))
    else:
        shift = cast(Real, flint.arb(log_growth(plain, float(steps))) * count)
        for mirrored in (False, True) if float(np.max(plain.contraction)) > 1 else (False,):
            contour = (
                few_steps_nodes(Balls(), count, nodes, shift) if few else talbot_nodes(Balls(), count, nodes, shift, mirrored)
            )
            averaged = averaged + integral(model, recursion, pairs, contour, Balls())
    return cast(flint.arb, mean_term(model, count, Balls()) + averaged / 2)


@contextmanager
def working_bits(bits: int) -> Iterator[None]:
    """Run with flint.ctx.prec = bits and restore it."""
    before = flint.ctx.prec
    flint.ctx.prec = bits
    try:
        yield
    finally:
        flint.ctx.prec = before


def to_ball(value: object) -> flint.arb:
    """The number as a ball at the working precision, exactly where it fits."""
    if isinstance(value, flint.arb):
        return value
    if isinstance(value, Fraction):
        return flint.arb(flint.fmpq(value.numerator, value.denominator))
    if isinstance(value, mpmath.mpf):
        mantissa, exponent = value.man_exp
        return flint.arb(int(mantissa)) * flint.arb(2) ** int(exponent) * (1 if value >= 0 else -1)
    if isinstance(value, (int, np.integer)):
        return flint.arb(int(value))
    return flint.arb(float(cast(float, value)))


def to_balls(model: SecondMomentModel) -> SecondMomentModel:
    """The model with every number as a ball."""
    return _convert(model)


def _convert(owner: _Owner) -> _Owner:
    changed: dict[str, object] = {}
    for entry in fields(cast("SecondMomentModel", owner)):
        value = getattr(owner, entry.name)
        if isinstance(value, np.ndarray):
            changed[entry.name] = cast(Array, np.frompyfunc(to_ball, 1, 1)(value))
        elif isinstance(value, Mapping):
            changed[entry.name] = {name: _convert(slot) for name, slot in value.items()}
        elif is_dataclass(value) and not isinstance(value, type):
            changed[entry.name] = _convert(value)
        elif entry.name not in ("batch", "batch_scale", "structure", "gram"):
            changed[entry.name] = to_ball(value)
    return cast(_Owner, replace(cast("SecondMomentModel", owner), **changed))  # type: ignore[arg-type]


def float_recursion(recursion: DiagonalRecursion) -> DiagonalRecursion:
    """The recursion's coefficients rounded to float64."""
    names = [entry.name for entry in fields(recursion)]
    return replace(recursion, **{name: np.array(getattr(recursion, name), dtype=np.float64) for name in names})
