"""Where the points of a sweep are computed: here, in processes of this machine, or on a dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from riskbounds.errors import MissingExtraError

try:
    import joblib
except ModuleNotFoundError as error:
    raise MissingExtraError("a sweep", "sweep") from error

if TYPE_CHECKING:
    from distributed import Client

T = TypeVar("T")
R = TypeVar("R")


def completed(
    function: Callable[[T], R], items: Sequence[T], *, jobs: int = 1, client: Client | None = None
) -> Iterator[tuple[int, R]]:
    """``(place, function(item))`` for every item, in the order in which they are done.

    Parameters
    ----------
    jobs: processes on this machine (joblib); client: a dask.distributed client, which then does all the work.
    """
    if client is not None:
        yield from _on_cluster(function, items, client)
    elif jobs == 1:
        yield from ((place, function(item)) for place, item in enumerate(items))
    else:
        parallel = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered")
        yield from parallel(joblib.delayed(_placed)(function, place, item) for place, item in enumerate(items))


def cluster(address: str, timeout: float = 10.0) -> Client:
    """A client of the dask scheduler at an address; raises OSError where none answers within ``timeout`` seconds."""
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise MissingExtraError("a sweep on a cluster", "sweep") from error
    return Client(address, timeout=timeout, set_as_default=False)


def _placed(function: Callable[[T], R], place: int, item: T) -> tuple[int, R]:
    return place, function(item)


def _on_cluster(function: Callable[[T], R], items: Sequence[T], client: Any) -> Iterator[tuple[int, R]]:
    from distributed import as_completed

    futures = [client.submit(_placed, function, place, item, pure=False) for place, item in enumerate(items)]
    try:
        for future in as_completed(futures, loop=client.loop):
            yield future.result()
    finally:
        client.cancel(futures)
