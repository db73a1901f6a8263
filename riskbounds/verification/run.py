"""`verify`: check derivations by name, two at a time where there are cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from riskbounds.derivations import PLACES, load
from riskbounds.errors import ProblemError, did_you_mean
from riskbounds.proofs import Derivation
from riskbounds.verification.results import DerivationRow, Verification, checked, settled

#: Called with a finished derivation, the number of finished ones and the number of all.
Progress = Callable[[DerivationRow, int, int], None]


def verify(*names: str, progress: Progress | None = None, jobs: int | None = None) -> Verification:
    """Check the derivations of the named theorems (all by default) and those that they cite.

    Parameters
    ----------
    names: names of derivations; a theorem's derivation has the theorem's name.
    progress: called after each derivation.
    jobs: processes, by default one per core.

    Raises
    ------
    ProblemError: an unknown name, or a theorem that has no derivation.
    """
    wanted = _with_lemmas(names or tuple(PLACES))
    workers = min(jobs or os.cpu_count() or 1, len(wanted))
    rows: dict[str, DerivationRow] = {}
    for row in map(_checked, wanted) if workers == 1 else _in_parallel(wanted, workers):
        rows[row.name] = row
        if progress is not None:
            progress(row, len(rows), len(wanted))
    return settled({name: rows[name] for name in wanted})


def _with_lemmas(names: Sequence[str]) -> list[str]:
    """The names and those of all derivations that they rest on, cited ones first."""
    found: list[str] = []

    def visit(name: str) -> None:
        if name in found:
            return
        for each in _load(name).lemmas:
            visit(each.name)
        found.append(name)

    for name in names:
        visit(name)
    return found


def _load(name: str) -> Derivation:
    if name in PLACES:
        return load(name)
    from riskbounds.theorems import THEOREMS

    theorem = next((each for each in THEOREMS if each.name == name), None)
    if theorem is None:
        raise ProblemError(f"no derivation or theorem {name!r}; {did_you_mean(name, PLACES) or 'riskbounds theorems lists them'}")
    raise ProblemError(f"{name} ({theorem.status}) has no derivation; there is one of each of: {', '.join(PLACES)}")


def _checked(name: str) -> DerivationRow:
    return checked(load(name))


def _in_parallel(names: list[str], workers: int) -> Iterator[DerivationRow]:
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(_checked, name) for name in names]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
