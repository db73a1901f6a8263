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

from riskbounds.errors import RiskboundsError, UnsupportedError
from riskbounds.exact.any_steps import check_steps, floor, integral, mean_term
from riskbounds.exact.arithmetic import Balls
from riskbounds.exact.contour import talbot_nodes
from riskbounds.exact.direct import direct_sum
from riskbounds.exact.model import Array, Real, SecondMomentModel
from riskbounds.exact.recursion import DiagonalRecursion, diagonal_recursion, pair_recursion
from riskbounds.exact.stability import log_growth

_Owner = TypeVar("_Owner")


def exact_risk_digits(model: SecondMomentModel, steps: Sequence[float], digits: int) -> list[flint.arb]:
    """E R(vbar_N) - sigma^2/2 to `digits` digits; entries are Fraction, int, mpmath.mpf, flint.arb or float.

    Two contours of different node counts must agree to that many digits. The balls returned carry the rounding error
    and the difference of the two; that is evidence, not a proof: `exact_risk_enclosed` proves.
    Raises ProblemError, HypothesisError, UnsupportedError (real N below half the node count).
    """
    return [_digits_at(model, count, digits) for count in steps]


def _digits_at(model: SecondMomentModel, steps: float, digits: int) -> flint.arb:
    nodes = 2 * math.ceil((2.31 * digits / 1.358 + 12) / 2)
    guard = 64 + math.ceil(0.25 * nodes + 2 * math.log2(steps))
    for attempt in range(3):
        more = nodes + 2 * math.ceil(nodes / 20) + 2
        with working_bits((math.ceil(3.33 * digits) + guard) << attempt):
            balls = to_balls(model)
            first = _risk_at(balls, steps, nodes)
            second = _risk_at(balls, steps, more)
            if (
                (first == 0 and second == 0)
                or steps_are_few(steps, nodes)
                or bool(abs(first - second) < abs(second) * flint.arb(10) ** -digits)
            ):
                return second.union(first)
        nodes = more + nodes // 2
    raise RiskboundsError(f"digits: the exact risk does not settle to {digits} digits at N = {steps:g}; ask for fewer")


def _risk_at(model: SecondMomentModel, steps: float, nodes: int) -> flint.arb:
    recursion = diagonal_recursion(model)
    pairs = pair_recursion(model) if model.error.weights.ndim == 2 else None
    plain = float_recursion(recursion)
    check_steps(model, [steps])
    growth = log_growth(plain, steps)
    count = cast(Real, to_ball(steps))
    averaged: Real = 0
    if steps_are_few(steps, nodes):
        averaged = direct_sum(model, recursion, pairs, int(steps))
    else:
        shift = cast(Real, flint.arb(growth) * count)
        for mirrored in (False, True) if float(np.max(plain.contraction)) > 1 else (False,):
            contour = talbot_nodes(Balls(), count, nodes, shift, mirrored)
            averaged = averaged + integral(model, recursion, pairs, contour, Balls())
    return cast(flint.arb, floor(model) + mean_term(model, count, Balls()) + averaged / 2)


def steps_are_few(steps: float, nodes: int) -> bool:
    """Whether the contour of that many nodes is too wide for N, so that the steps are summed directly."""
    if steps >= nodes / 2:
        return False
    if steps != int(steps):
        raise UnsupportedError(f"digits: a real number of steps must be at least {nodes // 2}, got {steps}")
    return True


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
