"""A theorem put on an instance: the expressions that will be evaluated, with the setting's noise constants bound."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from riskbounds import symbols as s
from riskbounds.errors import HypothesisError
from riskbounds.instance import Instance
from riskbounds.model import Definitions
from riskbounds.numerics.decimals import rounded
from riskbounds.numerics.evaluate import Evaluation
from riskbounds.numerics.infinite_evaluation import InfiniteEvaluation
from riskbounds.numerics.numbers import Array, Numbers
from riskbounds.theorems.noise import NoiseConstants
from riskbounds.theorems.noise_rows import Condition
from riskbounds.theorems.sharp_pair import diagonal, without_storage
from riskbounds.theorems.theorem import TERMS, Hypothesis, Side, Theorem


@dataclass(frozen=True, kw_only=True)
class Check:
    """A hypothesis at this instance and N; margin = 1 - lhs/rhs, None for a hypothesis without a margin."""

    name: str
    holds: bool
    margin: Any
    hypothesis: Hypothesis | None = None


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A theorem on an instance; where the error functional is diagonal (Lam and Sigma commute, or quantized inputs) its double
    sums have become single ones.
    """

    theorem: Theorem
    instance: Instance
    definitions: Definitions
    hypotheses: tuple[Hypothesis, ...]
    noise: NoiseConstants | None
    sides: Mapping[Side, Mapping[str, sp.Expr] | None]

    def at(self, numbers: Numbers, steps: int, values: Mapping[Any, Any] = {}) -> Evaluation:
        """The evaluation at one N; ``values`` take the place of the instance's (a step size, say)."""
        evaluation = self.instance.evaluation(numbers, {s.N: Fraction(steps), **values}, self.definitions)
        evaluation.values[s.k_star] = threshold_index(evaluation)
        return evaluation

    def terms(self, side: Side, evaluation: Evaluation) -> dict[str, Any] | None:
        """The named terms of one side as numbers, absent ones 0; None if the theorem does not have the side."""
        expressions = self.sides[side]
        if expressions is None:
            return None
        try:
            return {name: evaluation.scalar(expressions.get(name, sp.Integer(0))) for name in TERMS}
        except ZeroDivisionError:
            return dict.fromkeys(TERMS, math.nan)

    def checks(self, evaluation: Evaluation) -> list[Check]:
        """Every hypothesis: assumptions on the setting first, inequalities with their margins after."""
        setting = self.instance.setting
        found = [Check(name=each.name, holds=each.holds(setting), margin=None) for each in self.theorem.assumptions]
        return found + [check(hypothesis, evaluation) for hypothesis in self.hypotheses]

    def refuse(self, found: list[Check], limit: float | None) -> None:
        """Raise HypothesisError at the first failing hypothesis that another N cannot mend."""
        for each in found:
            hypothesis = each.hypothesis
            if each.holds or hypothesis is None or hypothesis.on_steps:
                continue
            remedy = hypothesis.advice
            if hypothesis.on_step_size and limit is not None:
                safe = rounded(Decimal(limit), 6, "down")
                remedy = f"training.step_size <= {safe:g}" if limit > 0 else "less quantization, at any step size"
            raise HypothesisError(
                f"{self.theorem.name}: hypothesis '{each.name}' fails{_by(each)}; what would satisfy it: {remedy}"
            )


def statement(theorem: Theorem, instance: Instance) -> Statement:
    """Bind a theorem to an instance; raises HypothesisError where an assumption on the setting fails."""
    for assumption in theorem.assumptions:
        if not assumption.holds(instance.setting):
            raise HypothesisError(f"{theorem.name}: {assumption.refusal}")
    definitions = dict(theorem.definitions)
    hypotheses = theorem.hypotheses
    noise = None if theorem.noise is None else theorem.noise(instance.setting)
    if noise is not None:
        definitions |= noise.definitions()
        hypotheses = (*hypotheses, *(_as_hypothesis(condition) for condition in noise.hypotheses))

    single = instance.commuting or instance.setting.risk_inputs == "quantized"
    stored = "storage" in instance.setting.quantization.levels()

    def local(expression: sp.Expr) -> sp.Expr:
        kept = expression if stored else without_storage(expression)
        return diagonal(kept) if single else kept

    def side(terms: Mapping[str, sp.Expr] | None) -> Mapping[str, sp.Expr] | None:
        return None if terms is None else {name: local(term) for name, term in terms.items()}

    return Statement(
        theorem=theorem,
        instance=instance,
        definitions={symbol: local(value) for symbol, value in definitions.items()},
        hypotheses=hypotheses,
        noise=noise,
        sides={"lower": side(theorem.lower_terms), "upper": side(theorem.upper_terms)},
    )


def _by(each: Check) -> str:
    return "" if each.margin is None else f" by {-100 * float(each.margin):.3g} %"


def _as_hypothesis(condition: Condition) -> Hypothesis:
    return Hypothesis(
        name=condition.name,
        lhs=condition.lhs,
        rhs=condition.rhs,
        strict=condition.strict,
        sides=condition.sides,
        advice="smaller levels in [quantization]",
    )


def threshold_index(evaluation: Evaluation) -> Array:
    """k* = max{i : mu_i >= 1/(N gamma)} on every point of the grid.

    At equality the head term and the tail term of every thresholded sum agree, so a tie that rounding decides either
    way leaves the value where it is.
    """
    if isinstance(evaluation, InfiniteEvaluation):
        return _infinite_threshold(evaluation)
    reached = evaluation(s.step * s.N * s.mu[s.i])
    if reached.dtype == object:
        reached = np.vectorize(float, otypes=[float])(reached)
    return np.asarray(np.sum(np.broadcast_to(reached >= 1, (*reached.shape[:-1], evaluation.size)), axis=-1, keepdims=True))


def _infinite_threshold(evaluation: InfiniteEvaluation) -> Array:
    """The same where mu_i = (N gamma)^-1 (k/i)^a: k* = floor of k = (gamma N mu_1)^(1/a)."""
    reach = evaluation.scalar((s.step * s.N * s.mu[1]) ** (1 / s.a))
    return np.array([[int(float(reach) * (1 + 2.0**-40))]])


def check(hypothesis: Hypothesis, evaluation: Evaluation) -> Check:
    """One inequality lhs <= rhs (or <); with enclosures it holds only if every number in the balls satisfies it.

    A side without a value (0/0, where an earlier hypothesis fails) satisfies nothing and has no margin.
    """
    try:
        left, right = evaluation.scalar(hypothesis.lhs), evaluation.scalar(hypothesis.rhs)
    except ZeroDivisionError:
        return Check(name=hypothesis.name, holds=False, margin=None, hypothesis=hypothesis)
    holds = bool(left < right) if hypothesis.strict else bool(left <= right)
    margin = None if right == 0 or math.isnan(float(left / right)) else 1 - left / right
    return Check(name=hypothesis.name, holds=holds, margin=margin, hypothesis=hypothesis)
