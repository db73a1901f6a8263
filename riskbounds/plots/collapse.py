"""Two pictures side by side: curves as they are, and the same curves against an effective size, where they should be one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from riskbounds.plots import style
from riskbounds.plots.series import Series, explanation, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZE = (9.6, 4.2)


def collapse(
    raw: Sequence[Series],
    effective: Sequence[Series],
    axes: tuple[Axes, Axes] | None = None,
    *,
    x: str,
    x_effective: str,
    y: str,
    title: str,
) -> tuple[Axes, Axes]:
    """Draw ``raw`` on the left and ``effective`` on the right, log-log; the first series of each is the reference line.

    Exact values are lines, simulated means points with 4 standard errors.
    """
    left, right = axes or style.pair(size=_SIZE)
    for ax, series in ((left, raw), (right, effective)):
        for place, each in enumerate(series):
            _line(ax, each, place)
    style.label(left, x=x, y=y)
    left.set_title(title, loc="left")
    style.label(right, x=x_effective, y="")
    style.legend(right, title=explanation([replace(each, upper=each.upper * np.nan) for each in raw]))
    return left, right


def _line(ax: Axes, each: Series, place: int) -> None:
    mark = style.cycle(place)
    order = np.argsort(each.x)
    width = 2.6 if place == 0 else 1.1
    ax.plot(each.x[order], each.exact[order], lw=width, **mark.line())
    points(ax, each, mark)
    ax.plot([], [], label=each.label, lw=width, **mark.line(markers=True))
