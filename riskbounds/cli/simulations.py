"""`simulate` and `check`: the commands, their table, and the progress of a simulation on a terminal."""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from riskbounds.cli import output
from riskbounds.problem.numbers import count
from riskbounds.setting import Setting
from riskbounds.simulation import Simulation, check, simulate

VIOLATED = 1
"""Exit code of a check that says no."""


def run(options: Namespace) -> tuple[str, int]:
    """`riskbounds simulate FILE --runs R --seed S`: the mean risk of R replicas, and the verdict on the bounds."""
    setting = Setting.from_file(options.file, options.set)
    runs = count(options.runs, "--runs")
    seed = count(options.seed, "--seed", least=0)
    workers = None if options.jobs is None else count(options.jobs, "--jobs")
    with_progress = terminal_progress("simulate") if sys.stderr.isatty() else None
    folder = cache_folder() if options.resume is None else Path(options.resume)
    try:
        found = simulate(setting, runs=runs, seed=seed, workers=workers, checkpoint=folder, progress=with_progress)
    finally:
        if with_progress is not None:
            print(file=sys.stderr)
    return _answer(found, options.format)


def judge(options: Namespace) -> tuple[str, int]:
    """`riskbounds check FILE --results runs.csv`: verdicts on risks that the user measured."""
    return _answer(check(Setting.from_file(options.file, options.set), options.results), options.format)


def cache_folder() -> Path | None:
    """Where a run without --resume keeps its checkpoints: riskbounds in the user's cache; None where that cannot be written."""
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        folder = (Path(base) if base else Path.home() / ".cache") / "riskbounds" / "simulate"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return folder if os.access(folder, os.W_OK) else None


def terminal_progress(name: str) -> Callable[[float], None]:
    """One line on stderr, rewritten at most ten times a second: percent done and the time left."""
    began = time.monotonic()
    shown = [0.0]

    def report(fraction: float) -> None:
        now = time.monotonic()
        if now - shown[0] < 0.1 and fraction < 1:
            return
        shown[0] = now
        left = (now - began) * (1 - fraction) / fraction if fraction > 0 else 0.0
        sys.stderr.write(f"\r{name}: {100 * fraction:5.1f} %, about {left:.0f} s left   ")
        sys.stderr.flush()

    return report


def _answer(found: Simulation, how: str) -> tuple[str, int]:
    text = output.to_json(found.to_dict()) if how == "json" else _table(found)
    return text, VIOLATED if found.violated else 0


def _table(found: Simulation) -> str:
    """Rows, then what the quantizers reported, then the notes."""
    table = [["N", "M", "mean", "stderr", "runs", *output.SIDES, "verdict"]]
    rows = [row.to_dict() for row in found.rows]
    for row in rows:
        values = [output.brief(row[key]) for key in ("mean", "stderr")]
        sides = [output.brief(row[side], side=side) for side in output.SIDES]
        table.append([str(row["steps"]), output.cell(row["model_size"]), *values, str(row["runs"]), *sides, row["verdict"]])
    sections = ["R(vbar_N) - sigma^2/2, mean of independent runs", output.grid(table, left=0)]
    if found.events:
        sections.append("\n".join(_events(slot, counts["values"], found.shares[slot]) for slot, counts in found.events.items()))
    sections.append(output.noted(rows))
    return "\n\n".join(section for section in sections if section)


def _events(slot: str, values: int, share: dict[str, float]) -> str:
    return f"{slot}: {values} values rounded, saturated {share['saturated']:.3g}, subnormal {share['subnormal']:.3g} of them"
