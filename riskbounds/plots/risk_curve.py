"""The risk against N or M: certified band, exact line, scaling law, simulated and measured points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from riskbounds.evaluation.result import BoundResult, Row
from riskbounds.plots import style
from riskbounds.plots.laws import LawLine
from riskbounds.plots.provenance import provenance
from riskbounds.simulation.result import SimulatedRow
from riskbounds.theorems.theorem import Side

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Against = Literal["steps", "model_size"]
_NAMES = {"steps": style.STEPS, "model_size": style.MODEL_SIZE}
_SYMBOLS = {"steps": "N", "model_size": "M"}


def risk(
    result: BoundResult,
    ax: Axes | None = None,
    *,
    against: Against | None = None,
    laws: Sequence[LawLine] = (),
    simulated: Iterable[SimulatedRow] = (),
    measured: Iterable[SimulatedRow] = (),
    seeds: Iterable[str] = (),
    remarks: Iterable[str] = (),
) -> Axes:
    """Draw R(vbar_N) - sigma^2/2 of every row of ``bound``, log-log; one band per value of the other size.

    Parameters
    ----------
    against: "steps" or "model_size"; by default N where the result has several, else M.
    laws: lines of :func:`riskbounds.plots.laws.law_lines`.
    seeds, remarks: of the simulated rows, and further lines, for the foot of the picture.
    simulated, measured: rows of ``simulate`` and ``check``, drawn with 5 standard errors, verdicts counted under the picture.
    """
    axis = against or default_axis(result.rows)
    groups = _groups(result.rows, axis)
    ax = style.axes(ax)
    for place, (name, rows) in enumerate(groups.items()):
        _band(ax, rows, axis, name if len(groups) > 1 else "", place if len(groups) > 1 else None)
    limits = _limits(result.rows)
    notes = _tightness(result.rows) + _missing(result) + list(remarks)
    for line in laws:
        notes += _law(ax, line, axis, limits)
    if laws:
        notes.append("law: leading orders for p much larger than M, far from the borders between regimes, where it jumps (gaps)")
    if len(laws) > 1:
        notes.append("the terms of the law are not added: while directions are learned, the data term holds the others")
    if laws and len(groups) > 1:
        last = laws[0].values
        notes.append(f"the law is drawn at the last {_SYMBOLS[_other(axis)]} = {last[_SYMBOLS[_other(axis)]]:.15g}")
    for points, mark, name in ((simulated, style.SIMULATED, "simulated"), (measured, style.MEASURED, "measured")):
        notes += _points(ax, list(points), axis, mark, name)
    style.label(ax, x=_NAMES[axis], y=style.risk_of(result.setting), title=_title(result, axis, len(groups)))
    style.legend(ax)
    style.foot(ax, provenance(result.setting, rigor=rigor_of(result), seeds=seeds), *notes)
    return ax


def default_axis(rows: Sequence[Row]) -> Against:
    """ "model_size" where only the model size varies, else "steps"."""
    return "model_size" if len({row.steps for row in rows}) == 1 < len({row.model_size for row in rows}) else "steps"


def rigor_of(result: BoundResult) -> list[str]:
    """How rigorous the numbers of a result are, for the foot of a picture."""
    found = [f"bounds {row.rigor['bounds']}" for row in result.rows]
    return list(dict.fromkeys(found + [f"exact {row.rigor['exact']}" for row in result.rows if row.rigor["exact"]]))


def _other(axis: Against) -> Against:
    return "model_size" if axis == "steps" else "steps"


def _groups(rows: Sequence[Row], axis: Against) -> dict[str, list[Row]]:
    other = _other(axis)
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(f"${_SYMBOLS[other]} = {getattr(row, other)}$", []).append(row)
    return {name: sorted(group, key=lambda row: float(getattr(row, axis) or 0)) for name, group in found.items()}


def _band(ax: Axes, rows: list[Row], axis: Against, name: str, place: int | None) -> None:
    """One band with its edges and the exact line inside; ``place`` numbers the bands where there are several."""
    x = [getattr(row, axis) for row in rows]
    prefix = f"{name}, " if name else ""
    lower, exact, upper = ([_number(getattr(row.risk, side)) for row in rows] for side in ("lower", "exact", "upper"))
    few = len(rows) <= 2
    if any(map(_shown, lower)) and any(map(_shown, upper)):
        band = {None: "certified band", 0: "certified bands; thin edges:\ntheir bounds"}.get(place)
        ax.fill_between(x, lower, upper, label=band, **style.BAND)
        if len(rows) == 1:  # an area over one abscissa has no width
            ax.vlines(x, lower, upper, linewidth=8, color=style.BAND["facecolor"], zorder=1)
    marks = (style.UPPER, style.LOWER) if place is None else (style.cycle(place),) * 2
    for values, mark, side in ((upper, marks[0], "upper bound"), (lower, marks[1], "lower bound")):
        if any(map(_shown, values)):
            ax.plot(x, values, label=f"{prefix}{side}" if place is None else None, lw=1.0, **mark.line())
            if few:
                ax.plot(x, values, color=mark.color, linestyle="none", marker="_", markersize=14)
    if any(map(_shown, exact)):
        mark = style.EXACT if place is None else style.cycle(place)
        shown = mark.line(markers=True) if place is not None else {**mark.line(), **({"marker": "o"} if few else {})}
        ax.plot(x, exact, label=f"{prefix}exact", **shown)


def _limits(rows: Sequence[Row]) -> tuple[float, float]:
    """The range of the certified and exact numbers, with room for half an order of magnitude on either side."""
    found = [
        float(value) for row in rows for side in ("lower", "exact", "upper") if (value := getattr(row.risk, side)) is not None
    ]
    return (min(found) / 3, max(found) * 3) if found else (0.0, float("inf"))


def _tightness(rows: Sequence[Row]) -> list[str]:
    """How wide the band is, since a tight one is thinner than a line."""
    ratios = [
        float(row.risk.upper) / float(row.risk.lower)
        for row in rows
        if row.risk.upper is not None and row.risk.lower is not None and float(row.risk.lower) > 0
    ]
    return [f"upper/lower: {' to '.join(dict.fromkeys(f'{each(ratios):.4g}' for each in (min, max)))}"] if ratios else []


def _missing(result: BoundResult) -> list[str]:
    """Why a side, or the exact value, is not drawn at some row."""
    sides: tuple[Side, ...] = ("lower", "upper")
    absent = [f"{result.theorem.name} has no {side} bound" for side in sides if result.theorem.terms(side) is None]
    short = [row for row in result.rows if None in (row.risk.lower, row.risk.exact, row.risk.upper)]
    return list(dict.fromkeys([*absent, *(note for row in short for note in row.notes)]))


def _law(ax: Axes, line: LawLine, axis: Against, limits: tuple[float, float]) -> list[str]:
    """Draw the stretch of a law that is in the range of the numbers; a note where there is none."""
    x, y = line.points(axis)
    inside = [value if limits[0] <= value <= limits[1] else float("nan") for value in y]
    if not any(map(_shown, inside)):
        return [f"{line.name}: out of the picture, {min(y):.2g} to {max(y):.2g}"]
    ax.plot(x, inside, label=line.name, **(style.LAW if line.part == "data" else style.FIT).line())
    return []


def _points(ax: Axes, rows: list[SimulatedRow], axis: Against, mark: style.Mark, name: str) -> list[str]:
    """Draw means with 5 standard errors; a note counts the verdicts."""
    if not rows:
        return []
    x = [getattr(row, axis) for row in rows]
    errors = [5 * row.stderr if row.stderr is not None else 0.0 for row in rows]
    ax.errorbar(x, [float(row.mean) for row in rows], yerr=errors, label=f"{name}, ± 5 s.e.", **mark.points())
    counts = Counter(row.verdict for row in rows)
    return [f"{name}: {', '.join(f'{verdict} {count}' for verdict, count in counts.items())}"]


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def _shown(value: float) -> bool:
    return value == value


def _title(result: BoundResult, axis: Against, groups: int) -> str:
    row = result.rows[0]
    held = ""
    if groups == 1:
        held = f", $M = {row.model_size}$" if axis == "steps" and row.model_size else f", $N = {row.steps}$"
    return f"theorem {result.theorem.name} ({result.theorem.status}){held if axis != 'steps' or row.model_size else ''}"
