"""What a bound is made of: its named terms against N or M."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskbounds.evaluation.result import BoundResult
from riskbounds.plots import style
from riskbounds.plots.provenance import provenance
from riskbounds.plots.risk_curve import default_axis, rigor_of
from riskbounds.theorems.theorem import TERMS, Side

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def terms(result: BoundResult, ax: Axes | None = None, *, side: Side = "upper") -> Axes:
    """Draw the terms of one side, which add up to it, for the rows of one model size (or of one N); zero terms are left out.

    A negative term (cross can be) is drawn by its size, and named so.
    """
    axis = default_axis(result.rows)
    first = result.rows[0]
    rows = [row for row in result.rows if axis == "model_size" or row.model_size == first.model_size]
    ax = style.axes(ax)
    x = [getattr(row, axis) for row in rows]
    ax.plot(x, [float(getattr(row.risk, side) or "nan") for row in rows], label=f"{side} bound", lw=2.4,
            color=style.BLACK, marker="o" if len(rows) == 1 else "")  # fmt: skip
    missing = []
    for place, name in enumerate(TERMS, start=1):
        values = [float((getattr(row.terms, side) or {}).get(name) or "nan") for row in rows]
        if not any(value == value and value != 0 for value in values):
            missing.append(name)
            continue
        negative = any(value < 0 for value in values)
        ax.plot(
            x, [abs(value) for value in values], label=f"−{name}" if negative else name, **style.cycle(place).line(markers=True)
        )
    style.label(
        ax,
        x=style.STEPS if axis == "steps" else style.MODEL_SIZE,
        y=f"term of the {side} bound on {style.risk_of(result.setting)}",
        title=f"theorem {result.theorem.name}: terms of the {side} bound" + _held(first.model_size, first.steps, axis),
    )
    style.legend(ax)
    notes = [f"zero, not drawn: {', '.join(missing)}"] if missing else []
    style.foot(ax, provenance(result.setting, rigor=rigor_of(result)), *notes)
    return ax


def _held(size: int | None, steps: int, axis: str) -> str:
    if axis == "model_size":
        return f", $N = {steps}$"
    return "" if size is None else f", $M = {size}$"
