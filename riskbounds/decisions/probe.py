"""Quantities of many settings that differ in training, quantization and model size; sketches and instances are shared."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from typing import Any

from riskbounds import symbols as s
from riskbounds.errors import HypothesisError, UnsupportedError
from riskbounds.evaluation.bounds import Systems, bound
from riskbounds.evaluation.effective import model_size
from riskbounds.evaluation.exact_model import exact_model, missing
from riskbounds.evaluation.result import Effective, Risk, Row, StepSize, Terms
from riskbounds.evaluation.statement import Statement, statement
from riskbounds.evaluation.step_size import step_size_limit
from riskbounds.evaluation.values import Estimate, ExactValue, LowerBound, UpperBound, Value
from riskbounds.exact import data_term, exact_risk, matching_steps
from riskbounds.exact.model import SecondMomentModel
from riskbounds.instance import INFINITE_BITS, Instance, commutes, instance, moments_of, resolve
from riskbounds.numerics.enclosures import Enclosures
from riskbounds.numerics.floats import Floats
from riskbounds.setting import Setting
from riskbounds.sketched import SketchedMoments
from riskbounds.theorems import default_theorem
from riskbounds.theorems.theorem import Side


@dataclass
class Probe:
    """Quantities of settings with one model size and one N, by the theorem that ``bound`` uses, in float64.

    ``like`` is a setting whose Lam and Sigma commute only if they do in every setting that will be asked about.
    """

    like: Setting
    reason: str = ""
    _moments: dict[int | None, SketchedMoments] = field(default_factory=dict)
    _statement: tuple[Any, Statement] | None = None
    _model: tuple[Any, SecondMomentModel] | None = None
    _plain: tuple[Any, SecondMomentModel] | None = None
    _term: tuple[Any, float] | None = None

    def value(self, setting: Setting, quantity: str) -> Value | None:
        """The quantity of a setting, of the type that it has; None where a hypothesis fails, which ``reason`` then names.

        Raises UnsupportedError for an exact risk that no formula covers.
        """
        setting, _ = resolve(setting)
        try:
            if quantity in ("risk.upper", "risk.lower"):
                return self._side(setting, "upper" if quantity == "risk.upper" else "lower")
            if quantity == "risk.exact":
                return self._exact(setting)
            return self._data_size(setting) if quantity == "effective.data_size/steps" else self._model_size(setting)
        except HypothesisError as error:
            self.reason = str(error)
            return None

    def row(self, setting: Setting) -> Row:
        """The row of ``bound``."""
        return bound(setting, moments=self.moments(setting)).rows[0]

    def moments(self, setting: Setting) -> SketchedMoments | None:
        """Second moments of the sketched problem, those of ``like`` at the size of the setting."""
        if setting.sketch is None and not setting.is_data:
            return None
        size = setting.model_sizes[0]
        if size not in self._moments:
            wanted = self.like if commutes(setting) else setting
            if size is not None:
                wanted = wanted.replace("sketch.size", size)
            self._moments = {**dict(list(self._moments.items())[-1:]), size: moments_of(wanted, size)}
        return self._moments[size]

    def statement(self, setting: Setting) -> Statement:
        """The default theorem on a setting; those that differ in training only share the work."""
        key = (setting.model_sizes, setting.quantization, setting.training.batch_size)
        if self._statement is None or self._statement[0] != key:
            item = instance(setting, setting.model_sizes[0], self.moments(setting))
            self._statement = key, statement(default_theorem(setting), item)
        shared = self._statement[1]
        values = {**shared.instance.values, s.step: setting.training.step_size}
        return dataclasses.replace(shared, instance=dataclasses.replace(shared.instance, setting=setting, values=values))

    def item(self, setting: Setting) -> Instance:
        """The instance of a setting."""
        return self.statement(setting).instance

    def _side(self, setting: Setting, side: Side) -> Value | None:
        stated = self.statement(setting)
        infinite = stated.instance.size is None
        working = Enclosures(bits=INFINITE_BITS) if infinite else Floats()
        with working.working():
            evaluation = stated.at(working, setting.training.steps[0])
            for check in stated.checks(evaluation):
                hypothesis = check.hypothesis
                if not check.holds and (hypothesis is None or side in hypothesis.sides):
                    self.reason = f"{stated.theorem.name}: hypothesis {check.name!r} fails"
                    return None
            terms = stated.terms(side, evaluation)
            if terms is None:
                self.reason = f"{stated.theorem.name} has no {side} bound"
                return None
            total = Systems(working=working, shown=Floats()).show(sum(terms.values()))
        kind = UpperBound if side == "upper" else LowerBound
        return kind(value=total, rigor="float64", source=stated.theorem.name)

    def _exact_model(self, setting: Setting) -> SecondMomentModel:
        key = (setting.model_sizes, setting.quantization, setting.training.batch_size, setting.training.step_size)
        if self._model is None or self._model[0] != key:
            item = self.item(setting)
            if (reason := missing(item)) is not None:
                raise UnsupportedError(f"no such value here: {reason}")
            self._model = key, exact_model(item, Floats())
        return self._model[1]

    def _exact(self, setting: Setting) -> Value:
        value = float(exact_risk(self._exact_model(setting), [setting.training.steps[0]])[0])
        return ExactValue(value=value, rigor="float64", source="theory section 3, any N")

    def _data_size(self, setting: Setting) -> Value | None:
        """N_eff/N (theory section 6, "As numbers of an instance")."""
        steps = setting.training.steps[0]
        if not setting.quantization.levels():
            return ExactValue(value=1.0, rigor="float64", source="theory section 6")
        found = matching_steps(self._plain_model(setting), self._data_term(setting))
        if found is None:
            self.reason = "no number of steps without quantization has the same data term"
            return None
        return ExactValue(value=found / steps, rigor="float64", source="theory section 6")

    def _data_term(self, setting: Setting) -> float:
        key = (setting.model_sizes, setting.quantization, setting.training)
        if self._term is None or self._term[0] != key:
            self._term = key, float(data_term(self._exact_model(setting), [setting.training.steps[0]])[0])
        return self._term[1]

    def _plain_model(self, setting: Setting) -> SecondMomentModel:
        key = (setting.model_sizes, setting.training.batch_size, setting.training.step_size)
        if self._plain is None or self._plain[0] != key:
            item = instance(setting.full_precision(), setting.model_sizes[0], self.moments(setting))
            self._plain = key, exact_model(item, Floats())
        return self._plain[1]

    def data_margin(self, setting: Setting, share: float) -> float | None:
        """u/(1 + |u|), u = log of the data term of ``share`` N steps without quantization over that of the setting.

        Positive where N_eff/N exceeds the share, as far as the former falls with N, also where there is no N_eff; bounded, since
        the data term explodes where the recursion turns unstable.  None where there is no logarithm.
        """
        setting, _ = resolve(setting)
        try:
            term = self._data_term(setting)
            plain = float(data_term(self._plain_model(setting), [max(1.0, share * setting.training.steps[0])])[0])
        except HypothesisError:
            return None
        if not (term > 0 and plain > 0 and math.isfinite(term)):
            return None
        ratio = math.log(plain / term)
        return ratio / (1 + abs(ratio))

    def _model_size(self, setting: Setting) -> Value:
        """M_eff/M (theory section 6, "As numbers of an instance")."""
        item = self.item(setting)
        found = model_size(item)
        if found is None or item.size is None:
            raise UnsupportedError("effective.model_size/size is null here: it needs a [sketch] of a problem with a spectrum")
        return Estimate(value=found / item.size, rigor="estimate, float64", source="theory section 6")


def row_of(probe: Probe, setting: Setting, quantity: str, value: Value) -> Row:
    """The row of ``bound``; with this one quantity alone where a hypothesis of the upper bound fails.

    Raises HypothesisError where the quantity is the upper bound itself.
    """
    try:
        return probe.row(setting)
    except HypothesisError as error:
        if isinstance(value, UpperBound):
            raise
        return _bare(probe, setting, value, f"{quantity} only: {error}")


def _bare(probe: Probe, setting: Setting, value: Value, note: str) -> Row:
    stated = probe.statement(resolve(setting)[0])
    limit = step_size_limit(stated)
    rigor, source = "float64", stated.theorem.name
    return Row(
        steps=setting.training.steps[0],
        model_size=stated.instance.size,
        risk=Risk(
            lower=value if isinstance(value, LowerBound) else None,
            exact=value if isinstance(value, ExactValue) else None,
            upper=None,
        ),
        terms=Terms(lower=None, upper=None),
        budget={},
        effective=Effective(model_size=None, data_size=None),
        step_size=StepSize(
            value=Value(value=float(setting.training.step_size), rigor=rigor, source=source),
            limit=None if limit is None else Value(value=limit, rigor=rigor, source=source),
            satisfied=limit is None or float(setting.training.step_size) <= limit,
        ),
        hypotheses=(),
        rigor={"bounds": "float64", "exact": "float64" if isinstance(value, ExactValue) else None},
        notes=(note,),
    )


def single(setting: Setting) -> tuple[Setting, tuple[str, ...]]:
    """The setting with the last of its model sizes and of its numbers of steps, and a note where that left others out."""
    notes = []
    if len(setting.training.steps) > 1:
        notes.append(f"training.steps is a list: taken at its last element {setting.training.steps[-1]}")
        setting = setting.replace("training.steps", setting.training.steps[-1])
    if setting.sketch is not None and len(setting.sketch.size) > 1:
        notes.append(f"sketch.size is a list: taken at its last element {setting.sketch.size[-1]}")
        setting = setting.replace("sketch.size", setting.sketch.size[-1])
    return setting, tuple(notes)
