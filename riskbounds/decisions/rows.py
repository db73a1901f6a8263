"""The row of a setting that a decision shows, also where no theorem covers it."""

from __future__ import annotations

from riskbounds.decisions.probe import Probe
from riskbounds.errors import HypothesisError
from riskbounds.evaluation.result import Effective, Risk, Row, StepSize, Terms
from riskbounds.evaluation.step_size import step_size_limit
from riskbounds.evaluation.values import ExactValue, LowerBound, UpperBound, Value
from riskbounds.instance import resolve
from riskbounds.setting import Setting


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
