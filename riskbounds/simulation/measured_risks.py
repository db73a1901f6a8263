"""`check`: verdicts on risks that a user measured, in the words of `simulate`."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from riskbounds.errors import ProblemError, did_you_mean
from riskbounds.evaluation.values import Measured
from riskbounds.instance import moments_of
from riskbounds.problem.numbers import count, shown
from riskbounds.setting import Setting
from riskbounds.simulation.bands import Band, bands
from riskbounds.simulation.result import SimulatedRow, Simulation
from riskbounds.simulation.verdicts import doubt_of, judged

COLUMNS = ("steps", "risk", "stderr", "model_size")
Place = tuple[int | None, int]
Reading = tuple[float, float | None]


def check(setting: Setting, results: str | os.PathLike[str] | Iterable[Mapping[str, Any]]) -> Simulation:
    """Compare measured risks R(vbar_N) - sigma^2/2 with the bounds of the setting: one row per N (and model size).

    ``results``: a CSV file with a header, or mappings, with steps (N), risk, and either stderr (its standard error, one row
    per N) or several rows per N, each an independent run.  model_size is needed where sketch.size is a list.  The N of the
    results take the place of ``training.steps``.  The standard error of a single mean is trusted as given.
    Raises ProblemError, naming the line, for results that are not such a table.
    """
    readings = _readings(results, setting)
    rows = []
    for size in dict.fromkeys(size for size, _ in readings):
        chosen = {steps: values for (place, steps), values in readings.items() if place == size}
        asked = setting.replace("training.steps", list(chosen))
        moments = moments_of(asked, size) if size is not None or setting.is_data else None
        known = bands(asked, size, moments)
        rows += [_row(steps, size or setting.dimension, values, known[steps]) for steps, values in chosen.items()]
    return Simulation(setting=setting, rows=tuple(rows))


def _row(steps: int, size: int | None, readings: list[Reading], band: Band) -> SimulatedRow:
    values = np.array([risk for risk, _ in readings])
    mean, runs = float(np.mean(values)), len(readings)
    stderr, doubt = readings[0][1], band.unstable
    if stderr is None:
        stderr = float(np.std(values, ddof=1)) / runs**0.5 if runs > 1 else None
        doubt = doubt or doubt_of(values)
    found = Measured(value=mean, rigor=f"mean of {runs} measured risks", source="measured by the user")
    return judged(steps, size, found, stderr, runs, band, doubt)


def _readings(results: str | os.PathLike[str] | Iterable[Mapping[str, Any]], setting: Setting) -> dict[Place, list[Reading]]:
    """The results by model size and N, in their order."""
    found: dict[Place, list[Reading]] = {}
    for where, line in _lines(results):
        size = _size(line, where, setting)
        steps = count(_cell(line, "steps", where), f"{where}, steps")
        stderr = None if _blank(line.get("stderr")) else _number(line["stderr"], f"{where}, stderr", least=0.0)
        found.setdefault((size, steps), []).append((_number(_cell(line, "risk", where), f"{where}, risk"), stderr))
    if not found:
        raise ProblemError("the results have no rows; give columns steps, risk, and stderr or several rows per steps")
    for (_, steps), readings in found.items():
        if len(readings) > 1 and any(stderr is not None for _, stderr in readings):
            raise ProblemError(
                f"steps = {steps} has {len(readings)} rows and a stderr; give one row with stderr, or repeats without"
            )
    return found


def _lines(results: str | os.PathLike[str] | Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Each row with the words that name it in an error."""
    if not isinstance(results, str | os.PathLike):
        return [(f"results[{k}]", line) for k, line in enumerate(results)]
    path = Path(results)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ProblemError(f"results {shown(str(path))}: {error.strerror}") from None
    except (UnicodeDecodeError, ValueError):
        raise ProblemError(f"results {shown(str(path))} is not a UTF-8 text file") from None
    reader = csv.DictReader(text.splitlines(), skipinitialspace=True)
    columns = [(name or "").strip() for name in reader.fieldnames or ()]
    for name in ("steps", "risk"):
        if name not in columns:
            hint = did_you_mean(name, columns).replace("did you mean", "is it") or f"columns: {', '.join(columns) or 'none'}"
            raise ProblemError(f"results {shown(str(path))} has no column {name!r}; {hint}")
    reader.fieldnames = columns
    try:
        return [(f"results line {reader.line_num}", line) for line in reader]
    except csv.Error as error:
        raise ProblemError(f"results {shown(str(path))}: {error}") from None


def _cell(line: Mapping[str, Any], name: str, where: str) -> Any:
    if _blank(line.get(name)):
        raise ProblemError(f"{where} has no {name}")
    return line[name]


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _number(value: Any, name: str, least: float = -np.inf) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ProblemError(f"{name} = {shown(value)} must be a number") from None
    if not np.isfinite(number) or number < least:
        raise ProblemError(f"{name} = {shown(value)} must be finite" + ("" if least == -np.inf else f" and >= {least:g}"))
    return number


def _size(line: Mapping[str, Any], where: str, setting: Setting) -> int | None:
    """The sketch size of a row; None without a sketch."""
    given = line.get("model_size")
    if _blank(given):
        if len(setting.model_sizes) > 1:
            raise ProblemError(f"{where} has no model_size, but sketch.size is a list")
        return setting.model_sizes[0]
    size = count(given, f"{where}, model_size")
    valid = setting.model_sizes if setting.sketch is not None else (setting.dimension,)
    if size not in valid:
        raise ProblemError(f"{where}: model_size = {size} is not in the problem, which has {', '.join(map(str, valid[:8]))}")
    return size if setting.sketch is not None else None
