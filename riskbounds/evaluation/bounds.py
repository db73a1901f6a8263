"""The main job: a theorem's lower and upper bound beside the exact risk, one row per model size and N."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import flint

from riskbounds.errors import HypothesisError, ProblemError
from riskbounds.evaluation.effective import DataSizes, model_size
from riskbounds.evaluation.exact_values import ExactRisks
from riskbounds.evaluation.result import BoundResult, Effective, Risk, Row, StepSize, Terms
from riskbounds.evaluation.statement import Check, Statement, statement
from riskbounds.evaluation.step_size import refined_limit, step_size_limit
from riskbounds.evaluation.values import Estimate, ExactValue, LowerBound, UpperBound, Value
from riskbounds.instance import INFINITE_BITS, instance, moments_of, resolve
from riskbounds.numerics.digits import Digits
from riskbounds.numerics.enclosures import Enclosures
from riskbounds.numerics.floats import Floats
from riskbounds.numerics.numbers import Numbers
from riskbounds.setting import Setting
from riskbounds.sketched import SketchedMoments
from riskbounds.theorems import default_theorem, theorem_named
from riskbounds.theorems.theorem import Side, Theorem

MOST_DIGITS = 1000
_BITS = 256
Progress = Callable[[str], None]


def bound(
    setting: Setting,
    theorem: Theorem | str | None = None,
    *,
    digits: int | None = None,
    rigorous: bool = False,
    progress: Progress | None = None,
    moments: SketchedMoments | None = None,
) -> BoundResult:
    """Lower and upper bounds on R(vbar_N) - sigma^2/2 beside the exact risk, for every model size and N of the setting.

    Parameters
    ----------
    theorem: a registered theorem or its name; by default sharp, or the member of its family that covers the setting.
    digits: evaluate with this many significant digits; rigorous: evaluate in enclosures.
    moments: those of the setting's one model size, where they are at hand (``instance.moments_of``).

    Raises
    ------
    HypothesisError: a hypothesis fails that no other N can mend; the message says by how much and what would satisfy it.
    ProblemError: unknown theorem, digits out of range, or a theorem that states no bound.
    """
    problem, (setting, remarks) = setting, resolve(setting)
    numbers = number_system(digits, rigorous)
    working = numbers
    if setting.dimension is None and not rigorous:
        working = Enclosures(bits=INFINITE_BITS + 4 * (digits or 0))
    chosen = default_theorem(setting) if theorem is None else theorem_named(theorem) if isinstance(theorem, str) else theorem
    if chosen.side not in ("both", "upper", "lower"):
        raise ProblemError(f"{chosen.name} states a {chosen.side}, not a bound; see riskbounds show {chosen.name}")
    if not chosen.usable:
        raise ProblemError(f"{chosen.name} is recalled from memory: it is shown by riskbounds show, never evaluated")
    rows: list[Row] = []
    for size in setting.model_sizes:
        if progress is not None and size is not None:
            progress(f"model size {size}")
        with working.working():
            rows += _rows(setting, chosen, size, Systems(working=working, shown=numbers), digits, moments)
    if remarks:
        rows = [dataclasses.replace(row, notes=remarks + row.notes) for row in rows]
    return BoundResult(setting=problem, theorem=chosen, rows=tuple(rows), digits=digits)


def number_system(digits: int | None, rigorous: bool) -> Numbers:
    """float64, ``digits`` digits, or enclosures."""
    if digits is not None and not 1 <= digits <= MOST_DIGITS:
        raise ProblemError(f"digits = {digits} must be between 1 and {MOST_DIGITS}")
    if rigorous:
        return Enclosures(max(_BITS, round(4 * (digits or 0)) + 64))
    return Floats() if digits is None else Digits(digits)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Systems:
    """The number system of the computation and that of the answer; they differ in infinite dimension only."""

    working: Numbers
    shown: Numbers

    def show(self, value: Any) -> Any:
        """A computed value in the system of the answer."""
        if isinstance(value, flint.arb) and not isinstance(self.shown, Enclosures):
            if isinstance(self.shown, Digits):
                return self.shown.context.mpf(str(value.mid().str(self.shown.digits + 10, radius=False)))
            return float(value.mid())
        return float(value) if isinstance(value, float) else value


def _rows(
    setting: Setting,
    theorem: Theorem,
    size: int | None,
    systems: Systems,
    digits: int | None,
    moments: SketchedMoments | None = None,
) -> list[Row]:
    if moments is None and (size is not None or setting.is_data):
        moments = moments_of(setting, size)
    item = instance(setting, size, moments)
    item = dataclasses.replace(item, notes=(*item.notes, *_remarks(theorem, setting, item.exact_input, systems)))
    stated = statement(theorem, item)
    without = {slot: _without(setting, theorem, slot, size, moments) for slot in setting.quantization.levels()}
    limit = step_size_limit(stated)
    risks = ExactRisks(item, systems.working)
    row = _RowMaker(stated, without, systems, digits, limit, model_size(item), risks, DataSizes(risks))
    return [row.make(steps) for steps in setting.training.steps]


def _remarks(theorem: Theorem, setting: Setting, exact_input: bool, systems: Systems) -> list[str]:
    """What a reader of the numbers should know: a proof constant in the noise, digits of float64 input."""
    remarks = []
    for slot in theorem.noise(setting).slots if theorem.noise is not None else ():
        if "generic row" in slot.source:
            remarks.append(
                f"the features' noise constants come from the {slot.source.removeprefix('theory section 4, ')}: not tight"
            )
    if not exact_input and systems.shown.label != "float64":
        remarks.append("digits and enclosures take the float64 spectrum and constants of the sketch, data or format as exact")
    return remarks


def _without(
    setting: Setting, theorem: Theorem, slot: str, size: int | None, moments: SketchedMoments | None
) -> Statement | None:
    """The theorem with one slot exact; None where it then does not apply."""
    try:
        return statement(theorem, instance(setting.without(slot), size, moments))
    except HypothesisError:
        return None


@dataclasses.dataclass(frozen=True)
class _RowMaker:
    """What the rows of one model size share."""

    stated: Statement
    without: dict[str, Statement | None]
    systems: Systems
    digits: int | None
    limit: float | None
    model_size: float | None
    risks: ExactRisks
    data_sizes: DataSizes

    def make(self, steps: int) -> Row:
        stated, item = self.stated, self.stated.instance
        evaluation = stated.at(self.systems.working, steps)
        found = stated.checks(evaluation)
        stated.refuse(found, self.limit)
        sides: dict[Side, dict[str, Any] | None] = {}
        notes = list(item.notes)
        for side in ("lower", "upper"):
            sides[side] = stated.terms(side, evaluation) if _reaches(found, side) else None
            if sides[side] is not None and not _finite(sides[side]):
                sides[side] = None
                notes.append(
                    f"the {side} bound is null: its expression has no finite value here (a division by zero or overflow)"
                )
        notes += [f"{each.name}: fails at N = {steps}, its side is null" for each in found if not each.holds]
        exact, reason = self.risks.at(steps)
        notes += [reason] if reason else []
        if self.systems.shown.label != "float64":
            notes.append("effective sizes are computed in float64 only: null with --digits and --rigorous")
        upper = _total(sides["upper"])
        return Row(
            steps=steps,
            model_size=item.size,
            risk=Risk(lower=self._typed(LowerBound, _total(sides["lower"])), exact=exact, upper=self._typed(UpperBound, upper)),
            terms=Terms(lower=self._terms(LowerBound, sides["lower"]), upper=self._terms(UpperBound, sides["upper"])),
            budget={slot: self._budget(slot, steps, upper) for slot in self.without},
            effective=self._effective(steps),
            step_size=self._step_size(found),
            hypotheses=tuple(dataclasses.replace(each, margin=self._typed(Value, each.margin)) for each in found),
            rigor={"bounds": self._rigor() + self._radius(upper), "exact": None if exact is None else exact.rigor},
            notes=tuple(notes),
        )

    def _rigor(self) -> str:
        label = self.systems.shown.label
        return label + (" given the spectrum" if label == "enclosed" and not self.stated.instance.exact_input else "")

    def _radius(self, value: Any) -> str:
        """In infinite dimension every sum is enclosed: how tightly."""
        if self.systems.working is self.systems.shown or value is None:
            return ""
        exponent = math.ceil(math.log10(max(float(value.rad() / abs(value.mid())), 1e-300)))
        return f", from an enclosure of relative radius below 1e{exponent}"

    def _typed(self, kind: type[Any], value: Any) -> Any:
        if value is None:
            return None
        return kind(value=self.systems.show(value), rigor=self._rigor(), source=self.stated.theorem.name)

    def _terms(self, kind: type[Any], terms: dict[str, Any] | None) -> dict[str, Value] | None:
        return None if terms is None else {name: self._typed(kind, value) for name, value in terms.items()}

    def _budget(self, slot: str, steps: int, upper: Any) -> Value | None:
        """upper - upper with the slot exact."""
        other = self.without[slot]
        if upper is None or other is None:
            return None
        evaluation = other.at(self.systems.working, steps)
        found = other.checks(evaluation)
        if any(not each.holds for each in found if each.hypothesis is None or "upper" in each.hypothesis.sides):
            return None
        value: Value = self._typed(Value, upper - _total(other.terms("upper", evaluation)))
        return value

    def _effective(self, steps: int) -> Effective:
        """Effective sizes in float64; digits and enclosures have none, so they are null there."""
        if self.systems.shown.label != "float64":
            return Effective(model_size=None, data_size=None)
        size, data = self.model_size, self.data_sizes.at(steps)
        source = "theory section 6"
        return Effective(
            model_size=None if size is None else Estimate(value=size, rigor="estimate, float64", source=source),
            data_size=None if data is None else ExactValue(value=data, rigor="float64", source=source),
        )

    def _step_size(self, found: list[Check]) -> StepSize:
        gamma = self.systems.working.number(self.stated.instance.setting.training.step_size)
        satisfied = all(each.holds for each in found if each.hypothesis is not None and each.hypothesis.on_step_size)
        return StepSize(value=self._typed(Value, gamma), limit=self._shown_limit, satisfied=satisfied)

    @cached_property
    def _shown_limit(self) -> Value | None:
        if self.limit is None:
            return None
        value: Value
        if self.systems.shown.label == "float64":
            value = self._typed(Value, self.limit)
            return value
        low, high = refined_limit(self.stated, self.systems.working, self.limit, self.digits or 40)
        ends = self.systems.working.number(low), self.systems.working.number(high)
        value = self._typed(Value, ends[0].union(ends[1]) if isinstance(ends[0], flint.arb) else ends[0])
        return value


def _finite(terms: dict[str, Any] | None) -> bool:
    """Whether every term is a number: no 0/0, no overflow, no ball that contains infinity."""
    return all(math.isfinite(float(value.mid() if isinstance(value, flint.arb) else value)) for value in (terms or {}).values())


def _total(terms: dict[str, Any] | None) -> Any:
    return None if terms is None else sum(terms.values())


def _reaches(found: list[Check], side: Side) -> bool:
    """Whether every hypothesis of a side holds."""
    return all(each.holds for each in found if each.hypothesis is None or side in each.hypothesis.sides)
