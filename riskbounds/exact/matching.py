"""How many steps a full-precision problem needs for a given data term (theory.md section 6, data size)."""

from __future__ import annotations

import math
from typing import cast

import flint
import numpy as np
from scipy.optimize import brentq

from riskbounds.exact.any_steps import data_term
from riskbounds.exact.digits import data_term_digits, to_ball, working_bits
from riskbounds.exact.model import Real, SecondMomentModel

# the data term is scanned on a grid of this ratio, so the root found is the largest up to a bump narrower than that
SCAN_RATIO = 2.0
MOST_STEPS = 1e30
# relative error of the float64 slope that the first secant starts from
SLOPE_ERROR = 1e-3
_STEP = 1e-5
MOST_SECANTS = 20


def matching_steps(model: SecondMomentModel, value: float) -> float | None:
    """The largest real N >= 1 with data_term(model, N) = value; None if the data term never reaches value.

    For large N the data term falls like 1/N, so the search starts far in that regime and comes down to the first N
    that is large enough. None too when value <= 0, and when the data term still exceeds value at 1e30 steps.
    Raises HypothesisError when some x_i > 1, where the risk at a real number of steps does not exist.
    """
    if not value > 0:
        return None
    top = 1e3 / (float(model.step_size) * float(np.min(model.mu)))
    while _at(model, top) >= value:
        top *= 10
        if top > MOST_STEPS:
            return None
    grid = SCAN_RATIO ** np.arange(0, math.ceil(math.log(top, SCAN_RATIO)) + 1)
    for start in range(grid.size, 0, -8):
        chunk = grid[max(0, start - 8) : start]
        reached = np.flatnonzero(data_term(model, [float(count) for count in chunk]) >= value)
        if reached.size:
            low = float(chunk[reached[-1]])
            ends = math.log(low), math.log(low * SCAN_RATIO)
            if _excess(ends[0], model, value) <= 0:  # low is the root itself, up to rounding
                return low
            if _excess(ends[1], model, value) >= 0:
                return low * SCAN_RATIO
            root = brentq(_excess, *ends, args=(model, value))
            return math.exp(float(root))
    return None


def log_slope(model: SecondMomentModel, steps: float) -> float:
    """d log data_term/d log N at N = steps, to within SLOPE_ERROR; float64."""
    return (_at(model, steps * math.exp(_STEP)) / _at(model, steps) - 1) / _STEP


def matching_steps_digits(model: SecondMomentModel, value: flint.arb, near: float, slope: float, digits: int) -> flint.arb | None:
    """The root N of data_term(model, N) = value next to ``near``, to ``digits`` digits; the model holds exact numbers or balls.

    The secant rule in log N from the float64 root (`matching_steps`) and slope (`log_slope`). None where it does not settle.
    """
    with working_bits(math.ceil(3.33 * digits) + 64):

        def excess(log_steps: flint.arb) -> flint.arb:
            return (data_term_digits(model, [cast(Real, log_steps.exp().mid())], digits + 5)[0] / value).mid() - 1

        here, rate, last = to_ball(near).log().mid(), to_ball(slope), flint.arb(SLOPE_ERROR)
        gap = excess(here)
        for _ in range(MOST_SECANTS):
            move = -(gap / rate).mid()
            here = (here + move).mid()
            if bool(abs(move * last) < flint.arb(10) ** -(digits + 3)):
                return here.exp()
            before, gap = gap, excess(here)
            rate, last = ((gap - before) / move).mid(), move
    return None


def _at(model: SecondMomentModel, steps: float) -> float:
    return float(data_term(model, [max(1.0, steps)])[0])


def _excess(log_steps: float, model: SecondMomentModel, value: float) -> float:
    return _at(model, math.exp(log_steps)) / value - 1
