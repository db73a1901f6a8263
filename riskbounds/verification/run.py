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
    wanted = _with_lemmas(names) if names else list(PLACES)
    workers = min(jobs or os.cpu_count() or 1, len(wanted))
    rows: dict[str, DerivationRow] = {}
    for number, found in enumerate(map(_checked, wanted) if workers == 1 else _in_parallel(wanted, workers), 1):
        rows |= {row.name: row for row in found}
        if progress is not None:
            progress(found[-1], number, len(wanted))
    order = [name for each in wanted for name in rows if name == each or name.startswith(f"{each}: ")]
    return settled({name: rows[name] for name in order})


def registered(derivation: Derivation) -> bool:
    """Whether it is a derivation of the list, which is checked under its own name."""
    return derivation.name in PLACES and load(derivation.name) is derivation


def _with_lemmas(names: Sequence[str]) -> list[str]:
    """The names and those of all derivations that they rest on, cited ones first."""
    found: list[str] = []

    def visit(name: str) -> None:
        if name in found:
            return
        for each in filter(registered, _all_lemmas(_load(name))):
            visit(each.name)
        found.append(name)

    for name in names:
        visit(name)
    return found


def _all_lemmas(derivation: Derivation) -> Iterator[Derivation]:
    """Its lemmas, and those of lemmas that are not registered."""
    for each in derivation.lemmas:
        yield each
        if not registered(each):
            yield from _all_lemmas(each)


def _load(name: str) -> Derivation:
    if name in PLACES:
        return load(name)
    from riskbounds.theorems import THEOREMS

    theorem = next((each for each in THEOREMS if each.name == name), None)
    if theorem is None:
        raise ProblemError(f"no derivation or theorem {name!r}; {did_you_mean(name, PLACES) or 'riskbounds theorems lists them'}")
    raise ProblemError(f"{name} ({theorem.status}) has no derivation; there is one of each of: {', '.join(PLACES)}")


def _checked(name: str) -> list[DerivationRow]:
    return checked(load(name), registered)


def _in_parallel(names: list[str], workers: int) -> Iterator[list[DerivationRow]]:
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(_checked, name) for name in names]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
