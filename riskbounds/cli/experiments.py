"""The commands `sweep` and `reproduce`: long work whose answer is files."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from riskbounds.errors import ProblemError

_REASONS = 10


def sweep(options: Namespace) -> str:
    """`riskbounds sweep FILE --over KEY=V1,V2 --run bound|simulate --out FILE.nc`: what was written, and what was refused."""
    from riskbounds.sweeps import sweep as run
    from riskbounds.sweeps.axes import axis_from_text

    over = [axis_from_text(argument) for argument in options.over]
    asked = {"run": options.run, "runs": options.runs, "seed": options.seed, "jobs": options.jobs, "out": options.out}
    with _client(options.scheduler) as client:
        found = run(options.file, over, overrides=options.set, client=client, **asked)
    shape = ", ".join(f"{name} {length}" for name, length in found.sizes.items())
    refused = found["upper"].isnull() if "upper" in found else found["notes"].astype(bool)
    reasons = sorted({str(text) for text in found["notes"].values[refused.values] if text})
    lines = [f"{options.out}: {shape}; {int(refused.sum())} of {refused.size} rows without an upper bound"]
    return "\n".join([*lines, *(f"- {reason}" for reason in reasons[:_REASONS])])


def reproduce(options: Namespace) -> str:
    """`riskbounds reproduce NAME --out DIR`: pictures, data and fits of an experiment, and what they show."""
    from riskbounds.experiments import reproduce as run

    return run(options.name, options.out, jobs=options.jobs, seed=options.seed)


@contextmanager
def _client(address: str | None) -> Iterator[Any]:
    """A client of a dask scheduler, None without an address."""
    if address is None:
        yield None
        return
    from riskbounds.sweeps.workers import cluster

    try:
        client = cluster(address)
    except (OSError, ValueError) as error:
        raise ProblemError(f"--scheduler {address}: {error}") from None
    with client:
        yield client
