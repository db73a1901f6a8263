"""Lines of equal rank against one abscissa, each with its certified band, exact values and simulated means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from riskbounds.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]
STANDARD_ERRORS = 4
"""Length of the error bars, in standard errors."""


@dataclass(frozen=True, kw_only=True)
class Series:
    """Values at the abscissae ``x``, all of one shape, NaN where there is none.

    lower, upper: certified bounds; exact: exact values; mean, stderr: simulated means and their standard errors.
    """

    label: str
    x: Array
    lower: Array
    exact: Array
    upper: Array
    mean: Array
    stderr: Array

    def shifted(self, by: Array | float) -> Series:
        """The same with a known number added to every value (its standard errors stay)."""
        return replace(self, **{name: getattr(self, name) + by for name in ("lower", "exact", "upper", "mean")})

    def scaled(self, by: Array | float) -> Series:
        """The same with every value multiplied by a known number."""
        return replace(self, **{name: getattr(self, name) * by for name in ("lower", "exact", "upper", "mean", "stderr")})

    def against(self, x: Array) -> Series:
        """The same values at other abscissae."""
        return replace(self, x=x)


def lines(series: Sequence[Series], ax: Axes | None = None, *, x: str, y: str, title: str = "", log: str = "xy") -> Axes:
    """Draw each series: band shaded, exact values as a line, simulated means as points with 4 standard errors.

    Parameters
    ----------
    x, y, title: what the axes and the picture are; log: the logarithmic axes.
    """
    ax = style.axes(ax)
    for place, each in enumerate(series):
        mark = style.cycle(place)
        ax.fill_between(each.x, each.lower, each.upper, color=mark.color, alpha=0.15, linewidth=0)
        ax.plot(each.x, each.exact, **mark.line())
        points(ax, each, mark)
        shown = {} if np.isfinite(each.exact).any() else {"linestyle": "none"}
        ax.plot([], [], label=each.label, **{**mark.line(markers=bool(np.isfinite(each.mean).any())), **shown})
    style.label(ax, x=x, y=y, log=log)
    ax.set_title(title, loc="left")
    style.legend(ax, title=explanation(series))
    return ax


def explanation(series: Sequence[Series]) -> str:
    """What lines, points and shades are, of those that the series have."""
    parts = [("exact", "lines: exact"), ("mean", f"points: simulated, ± {STANDARD_ERRORS}\n   standard errors"),
             ("upper", "shaded: certified band")]  # fmt: skip
    return "\n".join(text for name, text in parts if any(_seen(each, name) for each in series))


def _seen(each: Series, name: str) -> bool:
    """Whether there is something to see: one point, or two neighbours for lines and shades."""
    there = np.isfinite(getattr(each, name))
    return bool(there.any() if name == "mean" else (there[1:] & there[:-1]).any())


def points(ax: Axes, each: Series, mark: style.Mark, name: str = "", where: Mask | slice = slice(None)) -> None:
    """Simulated means with error bars; without a name they are not in the legend."""
    if np.isfinite(each.mean[where]).any():
        bars = STANDARD_ERRORS * each.stderr[where]
        ax.errorbar(each.x[where], each.mean[where], yerr=bars, label=name or None, elinewidth=1.0, **mark.points())
