"""One point of a sweep computed: the columns of `bound` or `simulate`, one entry per N."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from riskbounds import __version__
from riskbounds.errors import HypothesisError, MissingExtraError, UnsupportedError
from riskbounds.evaluation import bound
from riskbounds.evaluation.exact_values import exact_risk
from riskbounds.instance import commutes, moments_of, resolve
from riskbounds.problem import Training
from riskbounds.setting import Setting
from riskbounds.simulation import simulate
from riskbounds.sketched import SketchedMoments

try:
    from threadpoolctl import threadpool_limits
except ModuleNotFoundError as error:
    raise MissingExtraError("a sweep", "sweep") from error

Columns = dict[str, list[Any]]
"""Name of a variable -> its values, one per N of the setting."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a worker is sent: a setting with one model size, and what to run on it.

    runs: number of replicas; checkpoint: a folder for the state of a simulation, so that it resumes.
    """

    setting: Setting
    run: str
    runs: int = 0
    seed: int = 0
    checkpoint: str | None = None

    @property
    def name(self) -> str:
        """A name that any change of the question changes, and nothing else."""
        asked = [__version__, self.run, self.setting.digest()]
        if self.run == "simulate":
            asked += [str(self.runs), str(self.seed)]
        return hashlib.sha256("\n".join(asked).encode()).hexdigest()


def evaluate(task: Task) -> Columns:
    """The columns of one point, with one thread, so that every machine sums in the same order.

    A point that the theorems refuse has its exact risk if there is one, else null values, and the reason as its note.
    """
    with threadpool_limits(1):
        try:
            return RUNS[task.run](task)
        except (HypothesisError, UnsupportedError) as refusal:
            return {**_exact(task.setting), "notes": [str(refusal)] * len(task.setting.training.steps)}


def _exact(setting: Setting) -> Columns:
    """The exact risk alone, no column where the second moment is unstable or nothing is known of the quantizer."""
    try:
        return {"exact": [None if value is None else float(value) for value in exact_risk(setting)]}
    except (HypothesisError, UnsupportedError):
        return {}


def _bound(task: Task) -> Columns:
    answer = bound(task.setting, moments=_moments(task.setting)).to_dict()
    return _columns(_flat(row) for row in answer["rows"])


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `bound` in the papers' symbols."""
    terms = {f"{side}_{name}": value for side, found in row["terms"].items() for name, value in (found or {}).items()}
    return {
        **row["risk"],
        "M_eff": row["effective"]["model_size"],
        "N_eff": row["effective"]["data_size"],
        "gamma_limit": row["step_size"]["limit"],
        "hypotheses_hold": all(each["holds"] for each in row["hypotheses"]),
        **terms,
        **{f"budget_{slot}": value for slot, value in row["budget"].items()},
        "notes": "; ".join(row["notes"]),
    }


def _columns(rows: Iterable[Mapping[str, Any]]) -> Columns:
    found = list(rows)
    names = dict.fromkeys(name for row in found for name in row)
    return {name: [row.get(name) for row in found] for name in names}


def _moments(setting: Setting) -> SketchedMoments | None:
    """Second moments of the sketch, shared by the points that differ in training and quantization."""
    if setting.sketch is None and not setting.is_data:
        return None
    plain = resolve(setting)[0]
    general = None if commutes(plain) else plain.quantization
    shared = setting.replace(training=Training(steps=1, step_size=1), quantization=general)
    return _moments_of(shared)


@lru_cache(maxsize=1)
def _moments_of(setting: Setting) -> SketchedMoments:
    return moments_of(setting, setting.model_sizes[0])


def _simulate(task: Task) -> Columns:
    found = simulate(task.setting, runs=task.runs, seed=task.seed, workers=1, checkpoint=task.checkpoint)
    rows = [row.to_dict() for row in found.rows]
    shares = {f"{event}_{slot}": part for slot, parts in found.shares.items() for event, part in parts.items()}
    for row in rows:
        row |= {"notes": "; ".join(row["notes"]), **shares}
    return _columns({name: value for name, value in row.items() if name not in ("steps", "model_size")} for row in rows)


RUNS: dict[str, Callable[[Task], Columns]] = {"bound": _bound, "simulate": _simulate}
"""What can be run at a point."""
