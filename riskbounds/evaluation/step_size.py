"""The largest step size at which a theorem's step-size condition holds, all else fixed."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from riskbounds import symbols as s
from riskbounds.evaluation.statement import Statement, check
from riskbounds.numerics.floats import Floats
from riskbounds.numerics.numbers import Numbers

_FLOAT_BITS = 60
_REFINED_FROM = Fraction(1, 2**40)


def step_size_limit(statement: Statement) -> float | None:
    """The largest gamma in float64 that satisfies every step-size hypothesis; None without one, 0 if no gamma does.

    Every such hypothesis is monotone in gamma up to gamma mu_1 = 1: bisection keeps the side that satisfies them all.
    """
    if not any(hypothesis.on_step_size for hypothesis in statement.hypotheses):
        return None
    largest = 1 / float(statement.at(Floats(), 1).scalar(s.mu[1]))
    if _holds(statement, Floats(), largest):
        return largest
    low, high = 0.0, largest
    for _ in range(_FLOAT_BITS):
        middle = (low + high) / 2
        low, high = (middle, high) if _holds(statement, Floats(), middle) else (low, middle)
    return low


def refined_limit(statement: Statement, numbers: Numbers, start: float, digits: int) -> tuple[Fraction, Fraction]:
    """Bracket of the limit in another number system, ``digits`` digits wide around the float64 value ``start``.

    The lower end certainly satisfies the conditions; with enclosures the upper end certainly does not, unless the limit is
    gamma mu_1 = 1 itself.
    """
    low, high = Fraction(start) * (1 - _REFINED_FROM), Fraction(start) * (1 + _REFINED_FROM)
    for _ in range(max(0, round(3.33 * digits) - 38)):
        middle = (low + high) / 2
        low, high = (middle, high) if _holds(statement, numbers, middle) else (low, middle)
    return low, high


def _holds(statement: Statement, numbers: Numbers, step_size: Any) -> bool:
    evaluation = statement.at(numbers, 1, {s.step: step_size})
    return all(check(each, evaluation).holds for each in statement.hypotheses if each.on_step_size)
