"""The value of a key that minimises the upper bound, and the step sizes that the lower bound cannot exclude."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from riskbounds import symbols as s
from riskbounds.decisions.knobs import knob
from riskbounds.decisions.probe import Probe, row_of, single
from riskbounds.decisions.search import Height, lowest
from riskbounds.decisions.solution import QUANTITIES, Neighbour, Solution, representative, shown_number
from riskbounds.errors import ProblemError
from riskbounds.evaluation.bounds import Progress
from riskbounds.evaluation.statement import Statement, check
from riskbounds.evaluation.values import UpperBound, Value
from riskbounds.instance import resolve
from riskbounds.numerics.evaluate import Evaluation
from riskbounds.numerics.floats import Floats
from riskbounds.setting import Setting

#: Significant digits of a real minimiser: an upper bound is flat at its minimum.
DIGITS = 4
#: Digits in which two bounds are compared.
_COMPARED = 8
_CELL = 2.0 ** (1 / 8)
_GUARD = 1e-12


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Step sizes that the lower bound does not exclude from being the best one.

    Every step size outside, up to ``up_to`` = 1/mu_1 where the lower bound ends, has a risk above the least upper bound.
    ``by`` says how that is known: "cells" covers every step size, "points" those of a grid of ratio 2^(1/8).
    """

    low: float
    high: float
    up_to: float
    by: str

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"low": self.low, "high": self.high, "up_to": self.up_to, "by": self.by}


@dataclass(frozen=True, kw_only=True)
class Minimum(Solution):
    """The minimiser among decimals of four digits (or integers), its next looser neighbour and, for a step size, the interval."""

    interval: Interval | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract's object with the interval."""
        return {**super().to_dict(), "interval": None if self.interval is None else self.interval.to_dict()}


def minimise(setting: Setting, key: str, quantity: str = "risk.upper", *, progress: Progress | None = None) -> Minimum:
    """The value of ``key`` with the least upper bound: no neighbour, and no point of the search grid, has a smaller one.

    Of values whose bounds agree in eight digits the loosest is taken.  Costly keys are searched downhill from the present value.
    Raises ProblemError for another quantity, an unknown key, or a bound that is null everywhere or still falls at the end of
    the range.
    """
    if quantity != "risk.upper":
        named = "" if quantity in QUANTITIES else "unknown quantity; "
        raise ProblemError(f"--minimise {quantity}: {named}only risk.upper can be minimised with a guarantee")
    setting, notes = single(setting)
    turned = knob(setting, key, DIGITS)
    probe = Probe(like=representative(setting, turned))
    values: dict[int, Value | None] = {}

    def rank(index: int) -> Height:
        if index not in values:
            if progress is not None:
                progress(f"{key} = {shown_number(turned.at(index)):.6g}")
            values[index] = probe.value(turned.turn(turned.at(index)), quantity)
        found = values[index]
        return _height(math.inf if found is None else float(found), -turned.looser * index)

    grid = sorted(turned.grid)
    best = lowest(rank, turned.numbers, grid, grid.index(turned.grid[turned.start]) if turned.costly else None)
    achieved = values[best]
    if achieved is None:
        raise ProblemError(f"--minimise {quantity}: null at every {key} of the search: {probe.reason}")
    looser = best + turned.looser
    if best in (grid[0], grid[-1]):
        end = f"{key} = {shown_number(turned.at(best)):.6g}"
        raise ProblemError(f"--minimise {quantity}: lowest at the end of the range, {end}; nothing to choose")
    value, solved = turned.at(best), turned.turn(turned.at(best))
    rank(looser)
    return Minimum(
        key=key,
        value=value,
        quantity=quantity,
        achieved=achieved,
        next=Neighbour(value=turned.at(looser), achieved=values[looser]),
        row=row_of(probe, solved, quantity, achieved),
        setting=solved,
        rules=turned.rules,
        notes=notes,
        interval=certified_interval(probe, solved, achieved) if key == "training.step_size" else None,
    )


def _height(value: float, order: int) -> Height:
    """A bound to the digits in which bounds are compared."""
    if not math.isfinite(value):
        return Height(rounded=value, order=order, exact=value, ceiling=value)
    text = f"{value:.{_COMPARED - 1}e}"
    half_unit = 10.0 ** (int(text.partition("e")[2]) - _COMPARED + 1) / 2
    return Height(rounded=float(text), order=order, exact=value, ceiling=float(text) + half_unit)


def certified_interval(probe: Probe, setting: Setting, least: Value) -> Interval | None:
    """What the lower bound leaves of the step sizes in (0, 1/mu_1]; None for a theorem without a lower bound.

    Where Lam and Sigma commute the mean part does not increase with gamma, h does not either and dt does not decrease, so on
    a cell [g, g'] the risk is at least mean(g') + 1/(2N) sum_i dt_i(g) (Alow_i + adlow h(g')): cells where that exceeds the
    least upper bound hold no best step size.  Elsewhere the lower bound itself is compared at the points of the same grid.
    Raises TypeError unless ``least`` is an upper bound.
    """
    if not isinstance(least, UpperBound):
        raise TypeError(f"an interval is certified against an UpperBound, not {type(least).__name__}")
    stated = probe.statement(resolve(setting)[0])
    if stated.sides["lower"] is None or stated.instance.size is None:
        return None
    cells = _Cells(stated, setting.training.steps[0])
    bar = float(least) * (1 + _GUARD)
    top = 1 / float(stated.at(Floats(), 1).scalar(s.mu[1]))
    start = float(setting.training.step_size)
    ratio = _CELL
    high = start
    while high < top and not cells.excluded(high, min(high * ratio, top), bar):
        high = min(high * ratio, top)
    low = start
    while low > 1e-300 and not cells.excluded(0.0 if cells.exact else low / ratio, low, bar):
        low /= ratio
    if cells.exact:
        low = _inner(cells, low, bar)
    high = _outer(cells, high, top, bar, ratio) if high < top else top
    return Interval(low=low, high=high, up_to=top, by="cells" if cells.exact else "points")


def _inner(cells: _Cells, low: float, bar: float) -> float:
    """The largest step size found up to which everything is excluded, between ``low`` and the next cell."""
    out, kept = low, low * _CELL
    for _ in range(30):
        middle = (out + kept) / 2
        out, kept = (middle, kept) if cells.excluded(0.0, middle, bar) else (out, middle)
    return out


def _outer(cells: _Cells, high: float, top: float, bar: float, ratio: float) -> float:
    """The end above which every cell is excluded, 1/mu_1 if the last cells are not."""
    end, place = high, high
    while place < top:
        beyond = min(place * ratio, top)
        if not cells.excluded(place, beyond, bar):
            end = beyond
        place = beyond
    return end


@dataclass(frozen=True)
class _Cells:
    """Lower bounds that hold on whole intervals of step sizes."""

    stated: Statement
    steps: int

    @property
    def exact(self) -> bool:
        """Whether the monotone parts cover whole cells."""
        return self.stated.instance.commuting

    def excluded(self, low: float, high: float, bar: float) -> bool:
        """Whether no step size of [low, high] has a risk of at most ``bar``."""
        if not self.exact:
            return self._point(low) > bar and self._point(high) > bar
        mean, h = self._mean(high)
        return mean + (self._noise(low, h) if low > 0 else 0.0) > bar

    def _point(self, step_size: float) -> float:
        evaluation = self._at(step_size)
        if not all(check(each, evaluation).holds for each in self.stated.hypotheses if "lower" in each.sides):
            return float("-inf")
        terms = self.stated.terms("lower", evaluation)
        return float("-inf") if terms is None else float(sum(terms.values()))

    def _at(self, step_size: float) -> Evaluation:
        return self.stated.at(Floats(), self.steps, {s.step: Fraction(step_size)})

    def _mean(self, step_size: float) -> tuple[float, float]:
        evaluation = self._at(step_size)
        terms = self.stated.terms("lower", evaluation) or {}
        return float(sum(value for name, value in terms.items() if name != "variance")), float(evaluation.scalar(s.h))

    def _noise(self, step_size: float, h: float) -> float:
        known = {s.step: Fraction(step_size), s.h: Fraction(h), s.store: Fraction(0)}
        evaluation = self.stated.at(Floats(), self.steps, known)
        return float((self.stated.terms("lower", evaluation) or {})["variance"])
