"""Many points computed: those on disk are read, the others are done by the workers and kept as they come."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from riskbounds.errors import MissingExtraError
from riskbounds.sweeps.store import Store
from riskbounds.sweeps.tasks import Columns, Task, evaluate
from riskbounds.sweeps.workers import completed

try:
    from tqdm import tqdm
except ModuleNotFoundError as error:
    raise MissingExtraError("a sweep", "sweep") from error

if TYPE_CHECKING:
    from distributed import Client


def computed(
    tasks: Sequence[Task], *, store: Store | None = None, jobs: int = 1, client: Client | None = None, name: str = "sweep"
) -> list[Columns]:
    """The columns of every task, in the order of the tasks; progress on a terminal under ``name``."""
    done: dict[int, Columns] = {}
    if store is not None:
        store.open()
        tasks = [replace(task, checkpoint=os.fspath(store.checkpoints)) for task in tasks]
        done = {place: found for place, task in enumerate(tasks) if (found := store.load(task)) is not None}
    places = [place for place in range(len(tasks)) if place not in done]
    answers = completed(evaluate, [tasks[place] for place in places], jobs=jobs, client=client)
    bar = tqdm(answers, total=len(places), unit="point", desc=name, disable=not sys.stderr.isatty(), file=sys.stderr)
    for number, columns in bar:
        place = places[number]
        done[place] = columns
        if store is not None:
            store.save(tasks[place], columns)
    return [done[place] for place in range(len(tasks))]
