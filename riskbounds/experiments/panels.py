"""A panel of an experiment: its picture, its rows and what it shows; and the folder that they are written to."""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskbounds import __version__
from riskbounds.errors import ProblemError
from riskbounds.experiments.cases import COLUMNS, Table
from riskbounds.plots import style
from riskbounds.plots.provenance import provenance

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True)
class Panel:
    """``draw`` makes the picture; ``facts`` are the numbers of fits.json; ``says`` is their summary in one line."""

    name: str
    tables: tuple[Table, ...]
    draw: Callable[[], Axes]
    facts: Mapping[str, Any]
    says: str


def write(experiment: str, panels: Sequence[Panel], folder: Path, seed: int) -> str:
    """Write PANEL.png, PANEL.csv of every panel and fits.json; return the summary. Raises ProblemError where it cannot."""
    try:
        for panel in panels:
            _picture(panel, folder, seed)
            _rows(panel, folder)
        facts = {
            "schema": 1,
            "experiment": experiment,
            "version": __version__,
            "seed": seed,
            "rigor": {
                "bounds": "float64",
                "exact": "float64",
                "mean": "simulation",
                "fits": "least squares: neither bound nor value",
            },
            "panels": {panel.name: {"digests": _digests(panel), **panel.facts} for panel in panels},
        }
        (folder / "fits.json").write_text(json.dumps(plain(facts), indent=2, allow_nan=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise ProblemError(f"cannot write to {folder}: {error.strerror or error}") from None
    return "\n".join([*(f"{panel.name}: {panel.says}" for panel in panels), f"{os.fspath(folder)}: pictures, rows and fits.json"])


def plain(value: Any) -> Any:
    """JSON without NaN, NumPy numbers as Python's."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _digests(panel: Panel) -> dict[str, str]:
    return {each.case.label: each.case.setting.digest() for each in panel.tables}


def _picture(panel: Panel, folder: Path, seed: int) -> None:
    ax = panel.draw()
    settings = [each.case.setting for each in panel.tables]
    rigor = ("bounds float64", "exact float64", "simulated means")
    style.foot(ax, provenance(*settings, rigor=rigor, seeds=[f"replicas seed {seed}"]))
    style.save(ax, folder / f"{panel.name}.png")


def _rows(panel: Panel, folder: Path) -> None:
    with open(folder / f"{panel.name}.csv", "w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for table in panel.tables:
            writer.writerows({name: "" if value is None else value for name, value in asdict(row).items()} for row in table.rows)
