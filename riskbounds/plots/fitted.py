"""A power law fitted to exact values and to simulated means, with what the fit adds and which points it uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskbounds.plots import style
from riskbounds.plots.series import STANDARD_ERRORS, Array, Mask, Series, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH = 1.25
_SIZE = (8.6, 4.4)


@dataclass(frozen=True, kw_only=True)
class Fit:
    """Least squares of log y = intercept + slope log x over ``points`` points."""

    slope: float
    intercept: float
    r_squared: float
    points: int

    def at(self, x: Array) -> Array:
        """The fitted power law."""
        found: Array = np.exp(self.intercept + self.slope * np.log(x))
        return found


def fit(x: Array, y: Array) -> Fit:
    """The least-squares line through (log x, log y); NaN slope where fewer than two points are positive and finite."""
    good = np.isfinite(x) & np.isfinite(y) & (x > 0) & (y > 0)
    if np.count_nonzero(good) < 2:
        return Fit(slope=np.nan, intercept=np.nan, r_squared=np.nan, points=int(np.count_nonzero(good)))
    u, v = np.log(x[good]), np.log(y[good])
    centred = u - u.mean()
    slope = float(centred @ v / (centred @ centred))
    residual = v - v.mean() - slope * centred
    total = float(np.sum((v - v.mean()) ** 2))
    return Fit(
        slope=slope,
        intercept=float(v.mean() - slope * u.mean()),
        r_squared=1 - float(residual @ residual) / total if total else 1.0,
        points=len(u),
    )


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a panel says: its axes and title, what was ``added`` to the values, why points are ``outside`` the fit."""

    x: str
    y: str
    title: str
    added: str
    outside: str


def fitted(
    series: Series,
    inside: Mask,
    exact: Fit,
    simulated: Fit,
    predicted: float,
    words: Words,
    ax: Axes | None = None,
) -> Axes:
    """Draw one panel: certified band, exact line, simulated means with 4 standard errors, fit and predicted slope, log-log.

    Parameters
    ----------
    series: the values with the constant already added; inside: the points that the fits use.
    """
    ax = style.axes(ax, size=_SIZE)
    ax.fill_between(series.x, series.lower, series.upper, label="certified band", **style.BAND)
    ax.plot(series.x, series.exact, label="exact", **style.EXACT.line())
    points(ax, series, style.SIMULATED, f"simulated mean, ± {STANDARD_ERRORS} standard errors", inside)
    if not inside.all():
        points(ax, series, style.MEASURED, f"simulated, not fitted: {words.outside}", ~inside)
    ends = np.array([series.x[inside].min() / _WIDTH, series.x[inside].max() * _WIDTH])
    for found, mark, name in ((exact, style.UPPER, "fit, exact"), (simulated, style.FIT, "fit, simulated")):
        if found.points >= 2:
            text = f"{name}: slope {found.slope:.3f}, $R^2$ = {found.r_squared:.4f}"
            ax.plot(ends, found.at(ends), label=text, lw=1.0, **mark.line())
    middle = float(np.exp(np.mean(np.log(series.x[inside]))))
    anchor = float(exact.at(np.array([middle]))[0])
    ax.plot(ends, anchor * (ends / middle) ** predicted, label=f"predicted slope {predicted:.3f}", lw=1.0, **style.LAW.line())
    style.label(ax, x=words.x, y=words.y)
    ax.set_title(words.title, loc="left")
    style.legend(ax, title=words.added)
    return ax
