"""`sweep`: any keys of a problem file, on one machine or a cluster, to one labelled data set; resumes when killed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskbounds.errors import ProblemError, did_you_mean
from riskbounds.files import apply, load, parse
from riskbounds.problem.numbers import count
from riskbounds.setting import Setting
from riskbounds.sweeps.axes import Axis, axis
from riskbounds.sweeps.computing import computed
from riskbounds.sweeps.dataset import dataset, write
from riskbounds.sweeps.points import Plan, plan
from riskbounds.sweeps.store import Store
from riskbounds.sweeps.tasks import RUNS, Task

if TYPE_CHECKING:
    import xarray
    from distributed import Client

SUFFIX = ".nc"


def sweep(
    problem: Setting | str | os.PathLike[str],
    over: Mapping[str, Iterable[object]] | Sequence[Axis],
    *,
    run: str = "bound",
    overrides: Iterable[str] = (),
    runs: int = 100,
    seed: int = 0,
    out: str | os.PathLike[str] | None = None,
    jobs: int = 1,
    client: Client | None = None,
) -> xarray.Dataset:
    """`bound` or `simulate` at every point of a grid of problem-file keys, as an xarray data set.

    Dimensions are the papers' symbols: the keys in the order of ``over`` (eps_d, gamma, a, ...), then M behind a sketch,
    then N.  Attributes hold the first point's problem, the seed and the versions; every variable says what kind of number it is.

    Parameters
    ----------
    problem: a setting, a problem file or a preset; overrides: "dotted.key=value" applied to it first.
    over: key of the problem file -> its values.
    runs, seed: replicas per point and the seed that theirs are drawn from, for ``run="simulate"``.
    out: a .nc file; finished points are kept in ``out + ".partial"`` until it is written, and a killed sweep resumes there.
    jobs: processes on this machine; client: a dask.distributed client instead.  The numbers are the same, bit for bit.

    Raises
    ------
    ProblemError, UnsupportedError: an invalid key or value, before anything is computed.
    """
    if run not in RUNS:
        raise ProblemError(f"--run {run}: {did_you_mean(run, RUNS) or 'one of: ' + ', '.join(RUNS)}")
    jobs, runs, seed = count(jobs, "--jobs", most=1024), count(runs, "--runs", least=2), count(seed, "--seed", least=0)
    path = None if out is None else checked(out)
    axes = [axis(key, values) for key, values in over.items()] if isinstance(over, Mapping) else list(over)
    document, folder = (parse(problem.to_toml()), Path()) if isinstance(problem, Setting) else load(problem)
    for override in overrides:
        apply(document, override)
    made = plan(document, folder, axes, seed)
    tasks = [Task(setting=each.setting, run=run, runs=runs, seed=each.seed) for each in made.points]
    store = None if path is None else Store(path.with_name(path.name + ".partial"))
    columns = computed(tasks, store=store, jobs=jobs, client=client)
    found = dataset(made, columns, _about(made, run, runs, seed))
    if path is not None and store is not None:
        write(found, path)
        store.remove()
    return found


def checked(out: str | os.PathLike[str]) -> Path:
    """The path of the data set; ProblemError unless it ends in .nc and its folder is there."""
    path = Path(out)
    if path.suffix != SUFFIX:
        raise ProblemError(f"--out {path}: the name must end in {SUFFIX}")
    if not path.parent.is_dir() or path.is_dir():
        raise ProblemError(f"--out {path}: " + ("this is a folder" if path.is_dir() else f"there is no folder {path.parent}"))
    return path


def _about(made: Plan, run: str, runs: int, seed: int) -> dict[str, Any]:
    """What the data set says of itself."""
    first = made.points[0].setting
    simulated = {"runs": runs, "seed": seed} if run == "simulate" else {}
    return {
        "title": f"riskbounds {run} over {', '.join(each.dimension for each in made.axes)}",
        "run": run,
        **simulated,
        "first_point": first.to_toml(),
        "over": {each.key: each.coordinates for each in made.axes},
    }
