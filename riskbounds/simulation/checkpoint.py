"""Saving the state of a running block, so that a killed simulation goes on where it was and ends with the same bits."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from riskbounds.errors import ProblemError
from riskbounds.simulation.descent import State

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(kw_only=True, eq=False)
class Progress:
    """A block of replicas: its state, and the risks found so far, ``risks[N]`` and ``last_risks[N]`` one entry per replica."""

    state: State
    risks: dict[int, Array]
    last_risks: dict[int, Array]


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A folder with one file per block, replaced in one stroke, so that a kill leaves the old or the new one."""

    folder: Path

    def prepare(self) -> None:
        """Make the folder; raises ProblemError in one line where that is impossible."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ProblemError(f"cannot keep checkpoints in {self.folder}: {error.strerror}") from None

    def _path(self, block: str) -> Path:
        return self.folder / f"{block}.npz"

    def save(self, block: str, progress: Progress) -> None:
        """Write the block's file anew."""
        state = progress.state
        about = {
            "updates": state.updates,
            "generator": state.generator.bit_generator.state,
            "events": {slot: dict(counts) for slot, counts in state.events.items()},
        }
        arrays = {"v": state.v, "total": state.total, "about": np.array(json.dumps(about, default=_plain))}
        for name, found in (("risk", progress.risks), ("last", progress.last_risks)):
            arrays |= {f"{name}{steps}": values for steps, values in found.items()}
        draft = self._path(block).with_suffix(f".{os.getpid()}.tmp")
        with draft.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        draft.replace(self._path(block))

    def load(self, block: str, fresh: Progress) -> Progress:
        """The saved block, or ``fresh`` where there is none or the file is damaged."""
        try:
            with np.load(self._path(block)) as saved:
                arrays = {name: saved[name] for name in saved.files}
            about = json.loads(str(arrays["about"]))
            generator = fresh.state.generator
            generator.bit_generator.state = _arrays(about["generator"])
        except (FileNotFoundError, BadZipFile, EOFError, KeyError, ValueError):
            return fresh
        state = State(
            v=arrays["v"],
            total=arrays["total"],
            updates=about["updates"],
            generator=generator,
            events={slot: Counter(counts) for slot, counts in about["events"].items()},
        )
        return Progress(state=state, risks=_numbered(arrays, "risk"), last_risks=_numbered(arrays, "last"))

    def clear(self) -> None:
        """Remove the files of a simulation that has ended, and the folder if nothing else is in it."""
        for file in self.folder.glob("*.npz"):
            file.unlink(missing_ok=True)
        if not any(self.folder.iterdir()):
            self.folder.rmdir()


def _numbered(arrays: dict[str, Array], name: str) -> dict[int, Array]:
    return {int(key.removeprefix(name)): values for key, values in arrays.items() if key.removeprefix(name).isdigit()}


def _plain(value: Any) -> Any:
    """Generator states hold arrays and NumPy integers."""
    return [int(item) for item in value] if isinstance(value, np.ndarray) else int(value)


def _arrays(state: dict[str, Any]) -> dict[str, Any]:
    """The state of SFC64 as its bit generator wants it."""
    words = np.array(state["state"]["state"], dtype=np.uint64)
    return {**state, "state": {**state["state"], "state": words}}
