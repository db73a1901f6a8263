"""A theorem in float64 on many points at once: arrays of step sizes, numbers of steps, levels, noise variances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from riskbounds import symbols as s
from riskbounds.errors import ProblemError
from riskbounds.evaluation.statement import Statement, statement, threshold_index
from riskbounds.instance import instance, resolve
from riskbounds.numerics.evaluate import Evaluation
from riskbounds.numerics.floats import Floats
from riskbounds.setting import Setting
from riskbounds.theorems import default_theorem, theorem_named
from riskbounds.theorems.theorem import Side

Vector = np.ndarray[Any, np.dtype[np.float64]]

#: Keys of a problem file that a grid may run over.
KEYS: dict[str, sp.Symbol] = {
    "training.steps": s.N,
    "training.step_size": s.step,
    "training.batch_size": s.B,
    "problem.noise_variance": s.noise_variance,
    **{f"quantization.{slot}": symbol for slot, symbol in s.EPS.items()},
}
_ELEMENTS = 1 << 18


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Bounds on every point, in float64, shape (points,); NaN where a hypothesis of the side fails."""

    lower: Vector
    upper: Vector
    theorem: str
    rigor: str = "float64"


def bound_grid(setting: Setting, over: Mapping[str, ArrayLike], theorem: str | None = None) -> Grid:
    """Evaluate a theorem's sides on arrays of equal length (or scalars) for the keys of :data:`KEYS`.

    A level that runs over a grid must be present in the setting, which fixes the slot's structure and the row of noise
    constants.  Raises ProblemError for an unknown key, arrays of different lengths or a setting with several model sizes.
    """
    if len(setting.model_sizes) != 1:
        raise ProblemError("a grid needs one model size: give one sketch.size")
    setting, _ = resolve(setting)
    chosen = default_theorem(setting) if theorem is None else theorem_named(theorem)
    stated = statement(chosen, instance(setting, setting.model_sizes[0]))
    points = _points(setting, over)
    count = max((len(value) for value in points.values()), default=1)
    sides: dict[Side, Vector] = {"lower": np.full(count, np.nan), "upper": np.full(count, np.nan)}
    size = stated.instance.size
    if size is None:
        raise ProblemError("a grid needs a finite problem.spectrum.dimension")
    rows = max(1, _ELEMENTS // size)
    with np.errstate(all="ignore"):
        for start in range(0, count, rows):
            part = slice(start, start + rows)
            evaluation = _block(stated, {symbol: value[part] for symbol, value in points.items()})
            for side, values in sides.items():
                values[part] = _side(stated, side, evaluation)
    return Grid(lower=sides["lower"], upper=sides["upper"], theorem=chosen.name)


def _points(setting: Setting, over: Mapping[str, ArrayLike]) -> dict[sp.Symbol, Vector]:
    points: dict[sp.Symbol, Vector] = {s.N: np.array([float(setting.training.steps[0])])}
    for key, values in over.items():
        if key not in KEYS:
            raise ProblemError(f"a grid cannot run over {key!r}; keys: {', '.join(KEYS)}")
        slot = key.removeprefix("quantization.")
        if slot != key and slot not in setting.quantization.levels():
            raise ProblemError(f"{key} is exact in this setting: give it a structure and a level first")
        points[KEYS[key]] = np.atleast_1d(np.asarray(values, dtype=np.float64))
    lengths = {len(value) for value in points.values()} - {1}
    if len(lengths) > 1:
        raise ProblemError(f"arrays of different lengths {sorted(lengths)} in a grid")
    longest = max(lengths, default=1)
    return {symbol: np.broadcast_to(value, longest) if len(value) > 1 else value for symbol, value in points.items()}


def _block(stated: Statement, points: Mapping[sp.Symbol, Vector]) -> Evaluation:
    values = {symbol: value.reshape(-1, 1, 1) for symbol, value in points.items()}
    evaluation = stated.instance.evaluation(Floats(), values, stated.definitions)
    evaluation.values[s.k_star] = threshold_index(evaluation)
    return evaluation


def _side(stated: Statement, side: Side, evaluation: Evaluation) -> Vector | float:
    terms = stated.sides[side]
    if terms is None:
        return float("nan")
    total = evaluation(sp.Add(*terms.values()))
    valid = np.ones_like(total, dtype=bool)
    for hypothesis in stated.hypotheses:
        if side in hypothesis.sides:
            left, right = evaluation(hypothesis.lhs), evaluation(hypothesis.rhs)
            valid = valid & (left < right if hypothesis.strict else left <= right)
    return np.where(valid, total, np.nan).reshape(-1)
