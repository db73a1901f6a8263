"""Which value of a key meets a target? The answer meets it, its looser neighbour does not; both are evaluated."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from riskbounds.decisions.knobs import Knob, Number, knob
from riskbounds.decisions.probe import Probe, row_of, single
from riskbounds.decisions.search import Point, gallop, neighbours, scan
from riskbounds.display import Table, Tabulated
from riskbounds.errors import ProblemError, RiskboundsError, did_you_mean
from riskbounds.evaluation.bounds import Progress
from riskbounds.evaluation.printed import tex
from riskbounds.evaluation.result import SCHEMA, Row
from riskbounds.evaluation.tables import rows_table
from riskbounds.evaluation.values import Value
from riskbounds.instance import commutes, resolve
from riskbounds.problem.numbers import exact, shown
from riskbounds.setting import Setting

#: Significant digits of a real answer.
DIGITS = 6
#: Model sizes above this make an exact risk, and anything that moves the eigenbasis, costly.
_SMALL = 100
#: Quantity -> what it is: the type of its value.
QUANTITIES: dict[str, str] = {
    "risk.upper": "upper bound",
    "risk.lower": "lower bound",
    "risk.exact": "exact value",
    "effective.data_size/steps": "exact value",
    "effective.model_size/size": "estimate",
}
_QUESTION = re.compile(r"\s*([^<>=\s]+)\s*(>=|<=)\s*(\S+)\s*")


@dataclass(frozen=True, kw_only=True)
class Target:
    """``quantity <= value`` or ``quantity >= value``, the value exact."""

    quantity: str
    relation: Literal["<=", ">="]
    value: Fraction

    def met(self, achieved: float | None) -> bool:
        """Whether a number meets the target; nothing (null) never does."""
        if achieved is None:
            return False
        return achieved <= self.value if self.relation == "<=" else achieved >= self.value

    def __str__(self) -> str:
        """The question as it was put."""
        return f"{self.quantity}{self.relation}{float(self.value):g}"


def quantity_named(name: str, option: str) -> str:
    """The name itself if it is a quantity; raises ProblemError that names the nearest."""
    if name not in QUANTITIES:
        hint = did_you_mean(name, QUANTITIES) or f"the quantities are {', '.join(QUANTITIES)}"
        raise ProblemError(f"{option}: unknown quantity {shown(name)}; {hint}")
    return name


def target(question: str) -> Target:
    """Read ``QUANTITY<=V`` or ``QUANTITY>=V``; raises ProblemError for anything else."""
    found = _QUESTION.fullmatch(question)
    if found is None:
        raise ProblemError(f'--such-that {shown(question)} must read "QUANTITY<=V" or "QUANTITY>=V", such as "risk.upper<=0.01"')
    quantity = quantity_named(found[1], "--such-that")
    relation: Literal["<=", ">="] = "<=" if found[2] == "<=" else ">="
    return Target(quantity=quantity, relation=relation, value=exact(found[3], f"--such-that {quantity}"))


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """The next looser value and what it achieves (None: null, because a hypothesis fails there)."""

    value: Number
    achieved: Value | None


@dataclass(frozen=True, kw_only=True)
class Solution(Tabulated):
    """A value of a key, what it achieves and the next looser value; the names of the JSON contract, ``key`` for "for"."""

    key: str
    value: Number
    quantity: str
    achieved: Value
    next: Neighbour
    row: Row
    setting: Setting
    rules: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def table(self) -> Table:
        """The row at the value, under what it achieves and what the next looser value does."""
        beyond = "null" if self.next.achieved is None else tex(self.next.achieved.json(), 8)
        caption = (
            f"{self.key} = {shown_number(self.value):.10g} gives {self.quantity} = {tex(self.achieved.json(), 8)} "
            f"({type(self.achieved).__name__}); the next looser value {shown_number(self.next.value):.10g} gives {beyond}."
        )
        return rows_table(caption, {self.key: self.row.to_dict(None)})

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract's object."""
        beyond = self.next.achieved
        return {
            "schema": SCHEMA,
            "for": self.key,
            "value": shown_number(self.value),
            "quantity": self.quantity,
            "achieved": self.achieved.json(),
            "next": {"value": shown_number(self.next.value), "achieved": None if beyond is None else beyond.json()},
            "row": self.row.to_dict(None),
            "type": type(self.achieved).__name__,
            "rules": list(self.rules),
            "notes": list(self.notes),
        }


def shown_number(value: Number) -> int | float:
    """An integer as it is, a real as float64."""
    return value if isinstance(value, int) else float(value)


def solve(setting: Setting, key: str, such_that: str | Target, *, progress: Progress | None = None) -> Solution:
    """The loosest value of ``key`` that meets a target: the fewest steps or bits, the smallest model, the largest eps or step.

    Where the loosest values meet the target too (a lower bound asked to be large, say), it is the tightest value that does.
    Integers have the next integer as neighbour; a real number is a decimal of six digits, and its neighbour the next one.
    Between the ends of a grid (powers of two; decades; quarters of a decade) the quantity is taken as monotone; costly
    questions start at the present value.  A list of steps or sizes is taken at its last element.  ``progress`` hears every
    value that is tried.

    Raises
    ------
    ProblemError: unknown key or quantity, or a target that no value meets, or that every value meets.
    """
    asked = target(such_that) if isinstance(such_that, str) else such_that
    setting, notes = single(setting)
    turned = knob(setting, key, DIGITS)
    probe = Probe(like=representative(setting, turned))
    values: dict[int, Value | None] = {}

    def ask(index: int) -> Point:
        if index not in values:
            if progress is not None:
                progress(f"{key} = {shown_number(turned.at(index)):.6g}")
            values[index] = probe.value(turned.turn(turned.at(index)), asked.quantity)
        achieved = values[index]
        number = None if achieved is None else float(achieved)
        return Point(index, asked.met(number), lean(index, number))

    def lean(index: int, number: float | None) -> float | None:
        if asked.quantity == "effective.data_size/steps" and setting.quantization.levels():
            return probe.data_margin(turned.turn(turned.at(index)), float(asked.value))
        return margin(asked, number)

    costly = is_costly(setting, turned, asked)
    found = gallop(ask, turned.grid, turned.start) if costly else scan(ask, turned.grid)
    if found is None:
        raise ProblemError(_without_answer(asked, turned, values, probe))
    good, bad = neighbours(ask, turned.numbers, *found)
    if turned.costly and turned.key == "sketch.size":
        notes += ("S differs from size to size, so other sizes near this one may answer either way",)
    return _solution(probe, turned, asked, (good.index, values[good.index]), (bad.index, values[bad.index]), notes)


def representative(setting: Setting, turned: Knob) -> Setting:
    """A setting of the search in which Lam and Sigma do not commute, if there is one."""
    other = turned.turn(turned.at(turned.grid[len(turned.grid) // 2]))
    return other if commutes(resolve(setting)[0]) else setting


def is_costly(setting: Setting, turned: Knob, asked: Target) -> bool:
    """Whether to gallop from the present value rather than to scan the whole grid."""
    size = setting.dimension if setting.sketch is None else setting.model_sizes[0]
    small = size is not None and size <= _SMALL
    dear = turned.costly or asked.quantity not in ("risk.upper", "risk.lower")
    return turned.key == "sketch.size" or (dear and not small)


def margin(asked: Target, achieved: float | None) -> float | None:
    """A number that is positive where the target is met, logarithmic where it can be; for interpolation only."""
    if achieved is None or not math.isfinite(achieved):
        return None
    sign = 1 if asked.relation == ">=" else -1
    if achieved > 0 and asked.value > 0:
        return sign * math.log(achieved / asked.value)
    return sign * (achieved - float(asked.value))


def _without_answer(asked: Target, turned: Knob, values: dict[int, Value | None], probe: Probe) -> str:
    ends = [f"{shown_number(turned.at(index)):.6g}" for index in (min(turned.grid), max(turned.grid))]
    where = f"{turned.key} in {ends[0]} .. {ends[1]}"
    numbers = [float(value) for value in values.values() if value is not None]
    if not numbers:
        return f"--such-that {asked}: {asked.quantity} is null at every {where}: {probe.reason}"
    best = (min if asked.relation == "<=" else max)(numbers)
    if asked.met(best):
        return f"--such-that {asked}: every value of {where} meets it; ask for more"
    return f"--such-that {asked}: no {where} meets it; the best is {best:.6g}"


def _solution(
    probe: Probe,
    turned: Knob,
    asked: Target,
    good: tuple[int, Value | None],
    bad: tuple[int, Value | None],
    notes: tuple[str, ...],
) -> Solution:
    """Put the answer together and assert it: once more, from the row that ``bound`` gives at the value."""
    value, beyond = turned.at(good[0]), turned.at(bad[0])
    solved = turned.turn(value)
    assert good[1] is not None
    row = row_of(probe, solved, asked.quantity, good[1])
    again = quantity_of(row, asked.quantity)
    again = float(good[1]) if again is None else again
    beyond_value = None if bad[1] is None else float(bad[1])
    if not asked.met(again) or asked.met(beyond_value) or abs(good[0] - bad[0]) != 1:
        raise RiskboundsError(f"{asked} is not resolved in float64 near {turned.key} = {shown_number(value):.10g}")
    return Solution(
        key=turned.key,
        value=value,
        quantity=asked.quantity,
        achieved=good[1],
        next=Neighbour(value=beyond, achieved=bad[1]),
        row=row,
        setting=solved,
        rules=turned.rules,
        notes=notes,
    )


def quantity_of(row: Row, quantity: str) -> float | None:
    """A quantity read off a row."""
    kind, name = quantity.split(".")
    if kind == "risk":
        found = getattr(row.risk, name)
        return None if found is None else float(found)
    size, data = row.effective.model_size, row.effective.data_size
    if name == "model_size/size":
        return None if size is None or row.model_size is None else float(size) / row.model_size
    return None if data is None else float(data) / row.steps
