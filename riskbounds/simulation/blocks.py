"""Blocks of replicas: each has its own spawned seed, so the bits do not depend on how many workers share the blocks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from riskbounds.quantization.slots import Quantization
from riskbounds.setting import Setting
from riskbounds.simulation.checkpoint import Checkpoint, Progress
from riskbounds.simulation.descent import Descent, State
from riskbounds.simulation.population import Population, RiskFunctional, draw_targets, risk_functional
from riskbounds.simulation.samples import samples

Array = np.ndarray[Any, np.dtype[np.float64]]
Report = Callable[[float], None]

ELEMENTS = 2**15
"""Entries of the arrays of one block: they stay in the cache."""
TICK_SECONDS = 0.1
SAVE_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class Block:
    """Replicas first .. first + count - 1 of one model size; risks are wanted at ``stops``, increasing N."""

    size: int | None
    index: int
    first: int
    count: int
    stops: tuple[int, ...]

    @property
    def name(self) -> str:
        """The name of its checkpoint file."""
        return f"M{self.size or 0}-{self.index}"


def blocks(size: int | None, width: int, steps: Sequence[int], runs: Sequence[int]) -> list[Block]:
    """Cut the replicas into blocks; replica r goes up to the largest N that wants more than r runs.

    ``width``: entries per replica and update (:func:`riskbounds.simulation.samples.width`), so that an update is short.
    The cut depends on the problem only, never on the number of workers.
    """
    count = max(1, ELEMENTS // width)
    found = []
    for index, first in enumerate(range(0, max(runs), count)):
        stops = tuple(sorted({n for n, wanted in zip(steps, runs, strict=True) if wanted > first}))
        found.append(Block(size=size, index=index, first=first, count=min(count, max(runs) - first), stops=stops))
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class Work:
    """What the blocks of one simulation share."""

    setting: Setting
    quantization: Quantization
    seed: int
    checkpoint: Checkpoint | None
    started: float
    stop: threading.Event
    tick: Callable[[Block, int], None]


def run_block(work: Work, found: Population, block: Block) -> Progress:
    """Run one block to its last stop, from its checkpoint if there is one; saves every few seconds and when stopped."""
    root = np.random.SeedSequence(work.seed, spawn_key=(block.size or 0, block.index))
    target_seed, noise_seed = root.spawn(2)
    targets = draw_targets(found, block.count, np.random.Generator(np.random.SFC64(target_seed)))
    shape = (block.count, found.size)
    state = State(v=np.zeros(shape), total=np.zeros(shape), updates=0, generator=np.random.Generator(np.random.SFC64(noise_seed)))
    progress = Progress(state=state, risks={}, last_risks={})
    if work.checkpoint is not None:
        progress = work.checkpoint.load(block.name, progress)
    state = progress.state
    draw = samples(found, work.quantization, targets, block.count, state.events)
    risk = risk_functional(found, targets, draw.basis, block.size)
    training = work.setting.training
    descent = Descent(samples=draw, quantization=work.quantization, gamma=float(training.step_size), batch=training.batch_size)
    _record(progress, block, risk)
    saved = shown = time.monotonic()
    while state.updates < block.stops[-1] - 1:
        for _ in descent.run_group(state, block.stops[-1] - 1 - state.updates):
            _record(progress, block, risk)
        now = time.monotonic()
        if now - shown > TICK_SECONDS:
            work.tick(block, state.updates)
            shown = now
        if work.checkpoint is not None and (now - saved > SAVE_SECONDS or work.stop.is_set()):
            work.checkpoint.save(block.name, progress)
            saved = now
        if work.stop.is_set():
            return progress
    if work.checkpoint is not None and time.monotonic() - work.started > SAVE_SECONDS:
        work.checkpoint.save(block.name, progress)
    work.tick(block, state.updates)
    return progress


def _record(progress: Progress, block: Block, risk: RiskFunctional) -> None:
    """Note the risks where N - 1 updates make vbar_N."""
    state, steps = progress.state, progress.state.updates + 1
    if steps in block.stops:
        progress.risks[steps] = _spread(risk(state.total / steps), block.count)
        progress.last_risks[steps] = _spread(risk(state.v), block.count)


def _spread(values: Array, count: int) -> Array:
    return np.broadcast_to(values, (count,)).copy()


def run_all(work: Work, jobs: Sequence[tuple[Population, Block]], workers: int) -> list[Progress]:
    """Run the blocks on ``workers`` threads (NumPy releases the lock); after Ctrl-C every block is saved first."""
    work.stop.clear()
    with _one_blas_thread():
        pool = ThreadPoolExecutor(workers)
        futures = [pool.submit(run_block, work, found, block) for found, block in jobs]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
            return [future.result() for future in futures]
        finally:
            work.stop.set()
            pool.shutdown(cancel_futures=True)


def _one_blas_thread() -> AbstractContextManager[object]:
    """Small products on several BLAS threads, which spin while the workers compute, cost ten times as much; without the package
    (extra ``sweep``) they are left as they are.
    """
    try:
        from threadpoolctl import threadpool_limits
    except ModuleNotFoundError:
        return nullcontext()
    return threadpool_limits(1)
