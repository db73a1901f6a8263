"""The largest step size at which a theorem's step-size condition holds, all else fixed."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from scipy.optimize import brentq

from riskbounds import symbols as s
from riskbounds.evaluation.statement import Statement, check
from riskbounds.numerics.floats import Floats
from riskbounds.numerics.numbers import Numbers
from riskbounds.theorems.theorem import Hypothesis

_REFINED_FROM = Fraction(1, 2**40)


def step_size_limit(statement: Statement) -> float | None:
    """The largest gamma in float64 that satisfies every step-size hypothesis; None without one, 0 if no gamma does.

    Every such hypothesis is monotone in gamma up to gamma mu_1 = 1; the root of each margin is nudged to the safe side.
    """
    conditions = [hypothesis for hypothesis in statement.hypotheses if hypothesis.on_step_size]
    if not conditions:
        return None
    limit = 1 / float(statement.at(Floats(), 1).scalar(s.mu[1]))
    for condition in conditions:
        limit = min(limit, _root(statement, condition, limit))
    while limit > 0 and not _holds(statement, Floats(), limit):
        limit = limit * (1 - 2.0**-50) if limit > 1e-300 else 0.0
    return limit


def _root(statement: Statement, condition: Hypothesis, highest: float) -> float:
    """Where the margin of one condition crosses 0 below ``highest``."""

    def margin(step_size: float) -> float:
        evaluation = statement.at(Floats(), 1, {s.step: Fraction(step_size)})
        return 1 - float(evaluation.scalar(condition.lhs)) / float(evaluation.scalar(condition.rhs))

    if margin(highest) >= 0:
        return highest
    low = highest
    while margin(low) < 0:
        low /= 16
        if low < 1e-290:
            return 0.0
    return float(brentq(margin, low, highest, xtol=1e-300, rtol=1e-14))


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
    evaluation = statement.at(numbers, 1, {s.step: Fraction(step_size)})
    return all(check(each, evaluation).holds for each in statement.hypotheses if each.on_step_size)
