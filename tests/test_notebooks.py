"""Every notebook runs from a cold kernel, and its committed text is what it prints."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
MOST_SECONDS = 600
NUMBER = re.compile(r"-?\d+\.?\d*(?:e[-+]?\d+)?")


def printed(notebook: nbformat.NotebookNode) -> list[str]:
    """What each cell prints, in one piece however it was flushed, and what it shows; pictures left out."""
    found = []
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        found.append("".join(each.text for each in outputs if each.output_type == "stream" and each.name == "stdout"))
        found += [each.data.get("text/html", "") for each in outputs if each.output_type == "execute_result"]
    return found


def pictures(notebook: nbformat.NotebookNode) -> int:
    return sum("image/png" in output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", []))


def test_there_are_seven() -> None:
    assert [path.name[0] for path in NOTEBOOKS] == list("1234567")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_and_prints_what_is_committed(path: Path) -> None:
    committed = nbformat.read(path, as_version=4)
    cells = [{**cell, "outputs": []} if cell.cell_type == "code" else cell for cell in committed.cells]
    fresh = nbformat.from_dict({**committed, "cells": cells})
    NotebookClient(fresh, timeout=MOST_SECONDS, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}).execute()
    for now, then in zip(printed(fresh), printed(committed), strict=True):
        assert NUMBER.sub("#", now) == NUMBER.sub("#", then)
        for one, other in zip(NUMBER.findall(now), NUMBER.findall(then), strict=True):
            assert float(one) == pytest.approx(float(other), rel=2e-3, abs=1e-12)
    assert pictures(fresh) == pictures(committed)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_first_screen_answers(path: Path) -> None:
    """A question as title and an answer under it, then the first code cell with output."""
    first, second = nbformat.read(path, as_version=4).cells[:2]
    assert re.match(r"# .*\?\n\n\*\*Answer\.\*\* ", first.source)
    assert second.cell_type == "code"
    assert second.outputs


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_picture_is_shown(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            drawn = len(re.findall(r"^plots\.\w+\(", cell.source, flags=re.MULTILINE))
            assert sum("image/png" in output.get("data", {}) for output in cell.outputs) == drawn, cell.source
