"""Finished points on disk, so that a killed sweep resumes: one JSON file per point beside the answer."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from riskbounds.errors import ProblemError
from riskbounds.sweeps.tasks import Columns, Task


@dataclass(frozen=True)
class Store:
    """A folder of finished points; floats are written by repr and read back bit for bit."""

    folder: Path

    @property
    def checkpoints(self) -> Path:
        """Where simulations keep their state."""
        return self.folder / "checkpoints"

    def open(self) -> None:
        """Make the folder; raises ProblemError where it cannot be."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ProblemError(f"cannot write {self.folder}: {error.strerror or error}") from None

    def load(self, task: Task) -> Columns | None:
        """The columns of a finished point; None for one that is not."""
        try:
            columns: Columns = json.loads(self._path(task).read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return columns

    def save(self, task: Task, columns: Columns) -> None:
        """Keep a finished point: the whole file or none of it."""
        path = self._path(task)
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(columns, allow_nan=False), encoding="utf-8")
        os.replace(draft, path)

    def remove(self) -> None:
        """Forget all points."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, task: Task) -> Path:
        return self.folder / f"{task.name}.json"
