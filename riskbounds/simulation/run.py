"""`simulate`: quantized SGD on replicas, the mean of their exact population risks, and the verdict on the bounds."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import riskbounds
from riskbounds.errors import ProblemError
from riskbounds.evaluation.values import Simulated
from riskbounds.problem.numbers import count
from riskbounds.setting import Setting
from riskbounds.simulation.bands import Band, bands
from riskbounds.simulation.blocks import Block, Work, blocks, run_all
from riskbounds.simulation.checkpoint import Checkpoint
from riskbounds.simulation.population import population
from riskbounds.simulation.result import SimulatedRow, Simulation
from riskbounds.simulation.samples import idealised, width
from riskbounds.simulation.verdicts import doubt_of, judged

Array = np.ndarray[Any, np.dtype[np.float64]]

RUNS_LIMIT = 10**7
LAYOUT = 2
"""Raised whenever the order of random draws changes, so that old checkpoints are not resumed."""


def simulate(
    setting: Setting,
    *,
    runs: int | Sequence[int],
    seed: int = 0,
    workers: int | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Simulation:
    """Run R replicas of quantized SGD and compare the mean of R(vbar_N) - sigma^2/2 with bounds and exact risk.

    Every replica draws its own target where the setting has a prior (signs times root mean squares); its risk is the exact
    population risk of its vbar_N, given the sketch.  One run to the largest N serves every N of the list.  A failing
    hypothesis does not stop: the bounds are None and the verdict is "outside hypotheses".

    Parameters
    ----------
    runs: R, or one number per element of ``training.steps``, not increasing with N: small N need more replicas.
    seed: of the replicas, by ``numpy.random.SeedSequence`` spawned per block; never of S.
    workers: threads (default: the processors there are); the result does not depend on them.
    checkpoint: folder for the state of the run, saved every 2 seconds; the same call again goes on from there and ends with
        the same bits.  The files are removed at the end.
    progress: called with the fraction done.

    Raises
    ------
    ProblemError: runs, seed or folder not valid.  UnsupportedError: infinite dimension, a sketch beyond memory, or quantized
    inputs whose covariance no formula covers.
    """
    wanted = _runs(runs, setting.training.steps)
    seed = count(seed, "seed", least=0)
    threads = len(os.sched_getaffinity(0)) if workers is None else count(workers, "workers")
    saved = None if checkpoint is None else _checkpoint(Path(checkpoint), setting, wanted, seed)
    meter = _Meter(total=_updates(setting, wanted), report=progress)
    work = Work(
        setting=setting,
        quantization=idealised(setting.quantization),
        seed=seed,
        checkpoint=saved,
        started=time.monotonic(),
        stop=threading.Event(),
        tick=meter.tick,
    )
    found = [_of_size(work, size, wanted, threads) for size in setting.model_sizes]
    if saved is not None:
        saved.clear()
    events: dict[str, Counter[str]] = {}
    for part in found:
        for slot, counts in part.events.items():
            events.setdefault(slot, Counter()).update(counts)
    return Simulation(
        setting=setting,
        rows=tuple(row for part in found for row in part.rows),
        seed=seed,
        risks=tuple(values for part in found for values in part.risks),
        last_risks=tuple(values for part in found for values in part.last_risks),
        events={slot: dict(counts) for slot, counts in events.items() if counts},
    )


class _Part(NamedTuple):
    """What one model size gives, one entry per N."""

    rows: list[SimulatedRow]
    risks: list[Array]
    last_risks: list[Array]
    events: dict[str, Counter[str]]


def _of_size(work: Work, size: int | None, runs: tuple[int, ...], threads: int) -> _Part:
    """Run the blocks of one model size and hold their risks against what is certified."""
    setting = work.setting
    found = population(setting, size)
    done = run_all(work, [(found, block) for block in _cut(setting, size, runs)], threads)
    known = bands(setting, size, found.moments)
    part = _Part([], [], [], {})
    for steps, number in zip(setting.training.steps, runs, strict=True):
        part.risks.append(_gathered([each.risks for each in done], steps, number))
        part.last_risks.append(_gathered([each.last_risks for each in done], steps, number))
        part.rows.append(_row(steps, found.size, part.risks[-1], known[steps]))
    for each in done:
        for slot, counts in each.state.events.items():
            part.events.setdefault(slot, Counter()).update(counts)
    return part


def _cut(setting: Setting, size: int | None, runs: tuple[int, ...]) -> list[Block]:
    return blocks(size, width(setting, size), setting.training.steps, runs)


def _runs(runs: int | Sequence[int], steps: Sequence[int]) -> tuple[int, ...]:
    """One number of replicas per N."""
    if not isinstance(runs, Sequence) or isinstance(runs, str):
        return (count(runs, "runs", most=RUNS_LIMIT),) * len(steps)
    found = tuple(count(each, "runs", most=RUNS_LIMIT) for each in runs)
    if len(found) != len(steps):
        raise ProblemError(f"runs has {len(found)} numbers for {len(steps)} elements of training.steps")
    ordered = [number for _, number in sorted(zip(steps, found, strict=True))]
    if ordered != sorted(ordered, reverse=True):
        raise ProblemError("runs must not increase with training.steps: a replica that reaches an N passes the smaller ones")
    return found


def _checkpoint(folder: Path, setting: Setting, runs: tuple[int, ...], seed: int) -> Checkpoint:
    """The folder of this very simulation; another problem, seed, number of runs or version has another one."""
    identity = (setting.digest(), runs, seed, riskbounds.__version__, np.__version__, LAYOUT)
    found = Checkpoint(folder=folder / hashlib.sha256(repr(identity).encode()).hexdigest()[:24])
    found.prepare()
    return found


def _updates(setting: Setting, runs: tuple[int, ...]) -> float:
    """Replica-updates of the whole simulation, counted block by block."""
    total = 0.0
    for size in setting.model_sizes:
        total += sum(max(block.stops) * float(block.count) for block in _cut(setting, size, runs))
    return total


@dataclass(kw_only=True, eq=False)
class _Meter:
    """Adds up what the blocks report."""

    total: float
    report: Callable[[float], None] | None
    done: dict[str, float] = field(default_factory=dict)

    def tick(self, block: Block, updates: int) -> None:
        """Note how far one block is."""
        self.done[block.name] = float(block.count) * (updates + 1)
        if self.report is not None:
            self.report(min(1.0, sum(list(self.done.values())) / self.total))


def _gathered(parts: Sequence[dict[int, Array]], steps: int, number: int) -> Array:
    """The risks of replicas 0 .. number - 1 at one N, in the order of the replicas."""
    return np.concatenate([part[steps] for part in parts if steps in part])[:number]


def _row(steps: int, size: int, values: Array, band: Band) -> SimulatedRow:
    mean, runs = float(np.mean(values)), len(values)
    stderr = float(np.std(values, ddof=1)) / runs**0.5 if runs > 1 else None
    found = Simulated(value=mean, rigor=f"mean of {runs} replicas, standard error {stderr or 0:.3g}", source="simulation")
    return judged(steps, size, found, stderr, runs, band, band.unstable or doubt_of(values))
