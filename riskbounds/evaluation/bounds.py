"""The main job: a theorem's lower and upper bound beside the exact risk, one row per model size and N."""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Callable
from functools import cached_property
from typing import Any

import flint

from riskbounds.errors import HypothesisError, ProblemError
from riskbounds.evaluation.effective import DataSizes, EffectiveSizes
from riskbounds.evaluation.exact_values import ExactRisks
from riskbounds.evaluation.noise_values import slot_noises
from riskbounds.evaluation.result import BoundResult, Risk, Row, StepSize, Terms
from riskbounds.evaluation.statement import Check, Statement, statement
from riskbounds.evaluation.step_size import refined_limit, step_size_limit
from riskbounds.evaluation.values import LowerBound, UpperBound, Value
from riskbounds.instance import INFINITE_BITS, Instance, instance, moments_of, resolve
from riskbounds.numerics.decimals import Toward, float_above, float_below
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
# roundings that a sum over eigenvalues may be off by, in units of the last place
_ROUNDINGS = 64
_FLOAT_INPUT = {
    "spectrum": "digits and enclosures take the float64 eigenvalues and moments of the sketched problem as exact",
    "constants": "digits and enclosures are those of the arithmetic alone: constants of the data, of a number format or of a "
    "rotated parameter error enter as float64, so the rigor is float64",
}
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

    def show(self, value: Any, toward: Toward = "nearest") -> Any:
        """A computed value in the system of the answer; of a ball a lower bound keeps the lower end, an upper bound the upper."""
        if not isinstance(value, flint.arb) or isinstance(self.shown, Enclosures):
            return float(value) if isinstance(value, float) else value
        if isinstance(self.shown, Digits):
            ends = {"down": value.lower, "up": value.upper, "nearest": value.mid}
            return self.shown.from_ball(ends[toward]())
        if toward == "nearest":
            return float(value.mid())
        return float_below(value) if toward == "down" else float_above(value)


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
    item = dataclasses.replace(item, notes=(*item.notes, *_remarks(theorem, item, systems)))
    stated = statement(theorem, item)
    without = {slot: _without(setting, theorem, slot, size, moments) for slot in setting.quantization.levels()}
    limit = step_size_limit(stated)
    risks = ExactRisks(item, systems.working)
    row = _RowMaker(stated, without, systems, digits, limit, risks, EffectiveSizes(DataSizes(risks), systems.shown))
    return [row.make(steps) for steps in setting.training.steps]


def _remarks(theorem: Theorem, item: Instance, systems: Systems) -> list[str]:
    """What a reader of the numbers should know: a proof constant in the noise, what of the input is float64."""
    remarks = []
    for slot in theorem.noise(item.setting).slots if theorem.noise is not None else ():
        if "generic row" in slot.source:
            remarks.append(
                f"the features' noise constants come from the {slot.source.removeprefix('theory section 4, ')}: not tight"
            )
    if systems.shown.label != "float64" and item.input != "exact":
        remarks.append(_FLOAT_INPUT[item.input])
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
    risks: ExactRisks
    sizes: EffectiveSizes

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
        effective, remarks = self.sizes.at(steps)
        upper = _total(sides["upper"])
        return Row(
            steps=steps,
            model_size=item.size,
            risk=Risk(lower=self._typed(LowerBound, _total(sides["lower"])), exact=exact, upper=self._typed(UpperBound, upper)),
            terms=Terms(lower=self._terms(LowerBound, sides["lower"]), upper=self._terms(UpperBound, sides["upper"])),
            budget={slot: self._budget(slot, steps, upper) for slot in self.without},
            noise=slot_noises(stated, evaluation, self._typed),
            effective=effective,
            step_size=self._step_size(found),
            hypotheses=tuple(dataclasses.replace(each, margin=self._typed(Value, each.margin)) for each in found),
            rigor={"bounds": self._rigor, "exact": None if exact is None else exact.rigor},
            notes=(*notes, *remarks, *self._radius(upper)),
        )

    @property
    def _rigor(self) -> str:
        return self.stated.instance.rigor(self.systems.shown.label)

    def _radius(self, value: Any) -> list[str]:
        """In infinite dimension every sum is enclosed: how tightly."""
        if self.systems.working is self.systems.shown or value is None:
            return []
        exponent = math.ceil(math.log10(max(float(value.rad() / abs(value.mid())), 1e-300)))
        return [f"infinite dimension: rounded outwards from an enclosure of relative radius below 1e{exponent}"]

    def _typed(self, kind: type[Any], value: Any) -> Any:
        if value is None:
            return None
        return kind(value=self.systems.show(value, kind.toward), rigor=self._rigor, source=self.stated.theorem.name)

    def _terms(self, kind: type[Any], terms: dict[str, Any] | None) -> dict[str, Value] | None:
        return None if terms is None else {name: self._typed(kind, value) for name, value in terms.items()}

    def _budget(self, slot: str, steps: int, upper: Any) -> Value | None:
        """upper - upper with the slot exact; 0 where the two differ by rounding alone."""
        other = self.without[slot]
        if upper is None or other is None:
            return None
        evaluation = other.at(self.systems.working, steps)
        found = other.checks(evaluation)
        if any(not each.holds for each in found if each.hypothesis is None or "upper" in each.hypothesis.sides):
            return None
        least = _total(other.terms("upper", evaluation))
        value: Value = self._typed(Value, 0 * upper if _rounding(upper, least) else upper - least)
        return value

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
            value = self._typed(LowerBound, self.limit)
            return value
        low, high = refined_limit(self.stated, self.systems.working, self.limit, self.digits or 40)
        ends = self.systems.working.number(low), self.systems.working.number(high)
        value = self._typed(LowerBound, ends[0].union(ends[1]) if isinstance(ends[0], flint.arb) else ends[0])
        return value


def _finite(terms: dict[str, Any] | None) -> bool:
    """Whether every term is a number: no 0/0, no overflow, no ball that contains infinity."""
    return all(math.isfinite(float(value.mid() if isinstance(value, flint.arb) else value)) for value in (terms or {}).values())


def _rounding(one: Any, other: Any) -> bool:
    """Whether the difference of two sums is below what their number system resolves; a ball says so itself."""
    if isinstance(one, flint.arb):
        return False
    resolution = sys.float_info.epsilon if isinstance(one, float) else one.context.eps
    return bool(abs(one - other) <= _ROUNDINGS * resolution * abs(one))


def _total(terms: dict[str, Any] | None) -> Any:
    return None if terms is None else sum(terms.values())


def _reaches(found: list[Check], side: Side) -> bool:
    """Whether every hypothesis of a side holds."""
    return all(each.holds for each in found if each.hypothesis is None or side in each.hypothesis.sides)
