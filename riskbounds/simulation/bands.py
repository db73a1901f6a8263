"""What is certified about the risk that a simulation or a user measures: lower and upper bound, exact value, or why not."""

from __future__ import annotations

from dataclasses import dataclass

from riskbounds import symbols as s
from riskbounds.errors import HypothesisError, UnsupportedError
from riskbounds.evaluation.exact_values import ExactRisks
from riskbounds.evaluation.statement import Statement, statement
from riskbounds.evaluation.step_size import step_size_limit
from riskbounds.evaluation.values import ExactValue, LowerBound, UpperBound
from riskbounds.instance import Instance, instance, resolve
from riskbounds.numerics.floats import Floats
from riskbounds.setting import Setting
from riskbounds.simulation.fourth_moments import fourth_moment_load
from riskbounds.sketched import SketchedMoments
from riskbounds.theorems import default_theorem
from riskbounds.theorems.theorem import Side


@dataclass(frozen=True, kw_only=True)
class Band:
    """lower <= risk <= upper by the default theorem, beside the exact risk.

    refusal: the failing hypothesis, or None; unstable: why the fourth moment of the iterates is not stable, or None.
    """

    lower: LowerBound | None
    exact: ExactValue | None
    upper: UpperBound | None
    refusal: str | None
    unstable: str | None
    notes: tuple[str, ...]


def bands(setting: Setting, size: int | None, moments: SketchedMoments | None) -> dict[int, Band]:
    """The band of every N at one model size; a hypothesis that fails nulls the bounds, it does not stop."""
    steps = setting.training.steps
    try:
        setting, remarks = resolve(setting)
        item = instance(setting, size, moments)
    except (HypothesisError, UnsupportedError) as error:
        nothing = Band(lower=None, exact=None, upper=None, refusal=str(error), unstable=None, notes=())
        return dict.fromkeys(steps, nothing)
    stated: Statement | None = None
    refusal = None
    try:
        stated = statement(default_theorem(setting), item)
        stated.refuse(stated.checks(stated.at(Floats(), max(steps))), step_size_limit(stated))
    except (HypothesisError, UnsupportedError) as error:
        refusal = str(error)
    risks = ExactRisks(item, Floats())
    unstable = None if setting.is_data or refusal is not None else _unstable(item)
    found = {}
    for n in steps:
        exact, reason = _exact(risks, n)
        lower = upper = None
        if stated is not None and refusal is None:
            lower, upper = _side(stated, "lower", n), _side(stated, "upper", n)
        name = "" if stated is None else stated.theorem.name
        found[n] = Band(
            lower=None if lower is None else LowerBound(value=lower, rigor="float64", source=name),
            exact=exact,
            upper=None if upper is None else UpperBound(value=upper, rigor="float64", source=name),
            refusal=refusal,
            unstable=unstable,
            notes=(*remarks, *item.notes, *([reason] if reason else [])),
        )
    return found


def _unstable(item: Instance) -> str | None:
    """Why the fourth moment of the iterates is not stable."""
    quantization, training = item.setting.quantization, item.setting.training
    contractions = float(training.step_size) * item.evaluation(Floats()).sequence(s.mu[s.i])
    load = fourth_moment_load(contractions, quantization, training.batch_size)
    return (
        None
        if load < 1
        else f"the fourth-moment recursion is unstable (its load {load:.3g} must be below 1); lower training.step_size"
    )


def _side(stated: Statement, side: Side, steps: int) -> float | None:
    """One side at one N; None where a hypothesis on N fails or the theorem does not have it."""
    evaluation = stated.at(Floats(), steps)
    reached = [each for each in stated.checks(evaluation) if each.hypothesis is None or side in each.hypothesis.sides]
    terms = stated.terms(side, evaluation) if all(each.holds for each in reached) else None
    value = None if terms is None else float(sum(terms.values()))
    return value if value is not None and abs(value) < float("inf") else None


def _exact(risks: ExactRisks, steps: int) -> tuple[ExactValue | None, str | None]:
    try:
        return risks.at(steps)
    except HypothesisError as error:
        return None, f"exact is null: {error}"
