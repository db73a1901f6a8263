"""What an experiment computes: settings with a label, their bounds and exact risks, and simulations of a stated accuracy."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from riskbounds.experiments.power_law import exponent, learned
from riskbounds.plots.series import Series
from riskbounds.setting import Setting
from riskbounds.sweeps.computing import computed
from riskbounds.sweeps.points import seed_of
from riskbounds.sweeps.store import Store
from riskbounds.sweeps.tasks import Columns, Task

_FEWEST = 32
_VARIANCE = 4.0
_GROUP = 3.0


@dataclass(frozen=True, kw_only=True)
class Case:
    """One line of an experiment: a setting with all its M and N.

    accuracy: the relative standard error that the simulation aims at; None leaves it out.
    """

    label: str
    setting: Setting
    accuracy: float | None = 0.015


@dataclass(frozen=True, kw_only=True)
class Row:
    """One point: what is certified, what is exact, what was simulated; None where there is none.

    limit = Approx + s/2 is the risk as N -> infinity; N_eff and M_eff are those of the instance.
    """

    label: str
    steps: int
    model_size: int | None
    lower: float | None
    exact: float | None
    upper: float | None
    limit: float | None
    N_eff: float | None
    M_eff: float | None
    mean: float | None
    stderr: float | None
    runs: int | None
    seed: int | None
    verdict: str | None
    notes: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """The rows of a case, sizes outer and steps inner."""

    case: Case
    rows: tuple[Row, ...]

    def column(self, name: str) -> Any:
        """One column as float64, NaN for None."""
        values = [getattr(row, name) for row in self.rows]
        return np.array([math.nan if value is None else float(value) for value in values])

    def series(self, x: str, label: str | None = None) -> Series:
        """The rows as a line of a picture against one of their columns."""
        names = ("lower", "exact", "upper", "mean", "stderr")
        columns = {name: self.column(name) for name in names}
        return Series(label=self.case.label if label is None else label, x=self.column(x), **columns)


COLUMNS = tuple(field.name for field in fields(Row))


def tables(cases: Sequence[Case], *, jobs: int, seed: int, store: Store | None, name: str) -> list[Table]:
    """Compute every case: per model size one task for the bounds and one for the simulation."""
    parts = _numbered([_tasks(case) for case in cases], seed)
    tasks = [task for part in parts for task in part]
    order = sorted(range(len(tasks)), key=lambda place: -_cost(tasks[place]))
    answers = computed([tasks[place] for place in order], store=store, jobs=jobs, name=name)
    columns = dict(zip(order, answers, strict=True))
    found, first = [], 0
    for case, part in zip(cases, parts, strict=True):
        own = [(task, columns[first + place]) for place, task in enumerate(part)]
        found.append(Table(case=case, rows=tuple(_rows(case, own))))
        first += len(part)
    return found


def replicas(setting: Setting, size: int | None, steps: int, accuracy: float) -> int:
    """How many replicas give about this relative standard error at N = ``steps``, at least 32.

    A replica's risk is mostly sum_{i>k} lam_i delta_i^2 with k = min(M, (gamma N)^(1/a)), so its relative variance goes like
    sum_{i>k} lam_i^2/(sum_{i>k} lam_i)^2 = (a-1)^2/((2a-1) k); the factor 4 bounds what was measured on all presets.
    """
    width = float(size or setting.dimension or math.inf)
    directions = max(1.0, min(learned(setting, steps), width))
    a = exponent(setting)
    return max(_FEWEST, math.ceil(_VARIANCE * (a - 1) ** 2 / ((2 * a - 1) * directions * accuracy**2)))


def groups(setting: Setting, size: int | None, accuracy: float) -> list[tuple[list[int], int]]:
    """Lists of N that share one run, and its replicas: what the smallest N of the list needs, at most 3 times the others' need.

    A run to the largest N passes the smaller ones, but a block of replicas goes as far as its first.
    """
    found: list[tuple[list[int], int]] = []
    for steps in sorted(setting.training.steps):
        wanted = replicas(setting, size, steps, accuracy)
        if found and found[-1][1] <= _GROUP * wanted:
            found[-1][0].append(steps)
        else:
            found.append(([steps], wanted))
    return found


def _numbered(parts: list[list[Task]], seed: int) -> list[list[Task]]:
    """The same tasks, each with a seed of its own."""
    number = itertools.count()
    return [[replace(task, seed=seed_of(seed, next(number))) for task in part] for part in parts]


def _tasks(case: Case) -> list[Task]:
    tasks = []
    for size in case.setting.model_sizes:
        setting = case.setting if size is None else case.setting.replace("sketch.size", size)
        tasks.append(Task(setting=setting, run="bound"))
        if case.accuracy is not None:
            for steps, runs in groups(setting, size, case.accuracy):
                tasks.append(Task(setting=setting.replace("training.steps", steps), run="simulate", runs=runs))
    return tasks


def _cost(task: Task) -> float:
    """Coordinates that a simulation draws, so that the longest starts first; bounds come last."""
    size = task.setting.model_sizes[0] or task.setting.dimension or 1
    return float(task.runs * max(task.setting.training.steps) * size)


def _rows(case: Case, answers: Iterable[tuple[Task, Columns]]) -> list[Row]:
    certified: dict[tuple[int | None, int], dict[str, Any]] = {}
    for task, columns in answers:
        size = task.setting.model_sizes[0]
        for place, steps in enumerate(task.setting.training.steps):
            here = {name: values[place] for name, values in columns.items()}
            merged = certified.setdefault((size, steps), {})
            if task.run == "bound":
                merged |= here
            else:
                merged |= {name: here.get(name) for name in ("mean", "stderr", "runs", "verdict")} | {"seed": task.seed}
                merged["notes"] = said_once(here.get("notes", ""), merged.get("notes", ""))
    return [
        _row(case, size, steps, certified[size, steps])
        for size in case.setting.model_sizes
        for steps in case.setting.training.steps
    ]


def said_once(*notes: str) -> str:
    """Notes joined by semicolons, without those that another one holds."""
    parts = list(dict.fromkeys(part for note in notes for part in note.split("; ") if part))
    return "; ".join(part for part in parts if not any(part != other and part in other for other in parts))


def _row(case: Case, size: int | None, steps: int, found: dict[str, Any]) -> Row:
    terms = [found.get("upper_approximation"), found.get("upper_shrinkage")]
    limit = None if None in terms else float(sum(term or 0.0 for term in terms))
    names = ("lower", "exact", "upper", "N_eff", "M_eff", "mean", "stderr", "runs", "seed", "verdict")
    return Row(
        label=case.label,
        steps=steps,
        model_size=case.setting.dimension if size is None else size,
        limit=limit,
        notes=found.get("notes", ""),
        **{name: found.get(name) for name in names},
    )
