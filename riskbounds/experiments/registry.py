"""`reproduce`: one experiment from its settings to a folder of pictures, rows and fits; resumes when killed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from riskbounds.errors import ProblemError, did_you_mean
from riskbounds.experiments import effective_sizes, figures, helps, p1, true_formats
from riskbounds.experiments.cases import Case, Table, tables
from riskbounds.experiments.panels import Panel, write
from riskbounds.problem.numbers import count
from riskbounds.sweeps.store import Store


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """What to compute, and what to make of it."""

    cases: Callable[[], list[Case]]
    panels: Callable[[list[Table]], list[Panel]]


EXPERIMENTS = {
    "figure1": Experiment(cases=partial(figures.cases, "1"), panels=figures.panels),
    "figure2": Experiment(cases=partial(figures.cases, "2"), panels=figures.panels),
    "q1": Experiment(cases=p1.q1_cases, panels=p1.q1_panels),
    "q2": Experiment(cases=p1.q2_cases, panels=p1.q2_panels),
    "effective-sizes": Experiment(cases=effective_sizes.cases, panels=effective_sizes.panels),
    "true-formats": Experiment(cases=true_formats.cases, panels=true_formats.panels),
    "helps": Experiment(cases=helps.cases, panels=helps.panels),
}
"""The experiments by name."""


def reproduce(name: str, out: str | os.PathLike[str], *, jobs: object = None, seed: object = 0) -> str:
    """Compute an experiment and write PANEL.png, PANEL.csv and fits.json to the folder ``out``; return what it shows.

    Parameters
    ----------
    jobs: processes on this machine, by default as many as it has processors; the numbers do not depend on it.
    seed: of the simulated replicas.  Finished parts are kept in ``out/.partial`` until all is written.

    Raises
    ------
    ProblemError: an unknown experiment, or a folder that cannot be written.
    """
    if name not in EXPERIMENTS:
        raise ProblemError(
            f"unknown experiment {name!r}; {did_you_mean(name, EXPERIMENTS) or 'one of: ' + ', '.join(EXPERIMENTS)}"
        )
    workers = count(os.cpu_count() or 1 if jobs is None else jobs, "--jobs", most=1024)
    first = count(seed, "--seed", least=0)
    folder, experiment = Path(out), EXPERIMENTS[name]
    store = Store(folder / ".partial")
    store.open()
    found = tables(experiment.cases(), jobs=workers, seed=first, store=store, name=name)
    said = write(name, experiment.panels(found), folder, first)
    store.remove()
    return said
