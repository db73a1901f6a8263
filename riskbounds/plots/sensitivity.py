"""What the step size, the batch size and one more bit in a slot do to the risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from riskbounds.decisions import minimise, next_bit
from riskbounds.decisions.probe import single
from riskbounds.errors import ProblemError
from riskbounds.evaluation.bounds import Progress
from riskbounds.plots import style
from riskbounds.plots.curves import Curve, curves
from riskbounds.plots.provenance import provenance
from riskbounds.setting import Setting
from riskbounds.symbols import EPS, MEANINGS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_RISKS = ("risk.lower", "risk.exact", "risk.upper")
_MARKS = {"risk.lower": style.LOWER, "risk.exact": style.EXACT, "risk.upper": style.UPPER}
_WORDS = {"risk.lower": "lower bound", "risk.exact": "exact", "risk.upper": "upper bound"}
_POINTS = 41
_BATCHES = tuple(2**power for power in range(11))


def step_size(setting: Setting, ax: Axes | None = None, *, progress: Progress | None = None) -> Axes:
    """Draw the risk against the step size, and the interval that holds the best one, certified by the lower bound."""
    given, (setting, notes) = setting, single(setting)
    best = minimise(setting, "training.step_size", progress=progress)
    interval = best.interval
    top = interval.up_to if interval is not None else 4 * float(best.value)
    grid = np.geomspace(top / 10**3, top, _POINTS)
    found = curves([(float(x), setting.replace("training.step_size", Fraction(float(x)))) for x in grid], _RISKS, progress)
    ax = style.axes(ax)
    _draw(ax, found)
    if interval is not None:
        how = "" if interval.by == "cells" else ", on a grid"
        words = f"best step size lies in\n[{interval.low:.4g}, {interval.high:.4g}], certified{how}"
        ax.axvspan(interval.low, interval.high, label=words, facecolor="#fbe3c0", hatch="..", edgecolor="#e0b060", zorder=0)
    ax.axvline(float(best.value), label=rf"least upper bound, $\gamma = {float(best.value):.4g}$", **style.LAW.line())
    ax.axvline(float(setting.training.step_size), label=rf"this problem, $\gamma = {float(setting.training.step_size):.4g}$",
               color=style.GREY, linewidth=1)  # fmt: skip
    heights = [value for quantity in ("risk.lower", "risk.upper") for value in found[quantity].y if value == value]
    ax.set_ylim(min(heights) / 1.5, min(max(heights), 100 * min(heights)) * 1.5)
    style.label(ax, x=r"$\gamma$ (step size)", y=style.risk_of(setting), title=f"Sensitivity to the step size, {_where(setting)}")
    style.legend(ax)
    style.foot(ax, provenance(given, rigor=["float64"]), *notes, *_reasons(found))
    return ax


def batch_size(
    setting: Setting, ax: Axes | None = None, *, sizes: Sequence[int] = _BATCHES, progress: Progress | None = None
) -> Axes:
    """Draw the risk against the batch size B at the same number of updates: each of them sees B fresh samples."""
    given, (setting, notes) = setting, single(setting)
    found = curves([(float(size), setting.replace("training.batch_size", size)) for size in sizes], _RISKS, progress)
    ax = style.axes(ax)
    _draw(ax, found)
    style.label(ax, x="$B$ (batch size)", y=style.risk_of(setting), title=f"Sensitivity to the batch size, {_where(setting)}")
    style.legend(ax)
    style.foot(ax, provenance(given, rigor=["float64"]), *notes, "same N: the data are B N samples", *_reasons(found))
    return ax


def slots(setting: Setting, ax: Axes | None = None) -> Axes:
    """Draw which slot deserves the next bit: what eps -> eps/4 takes off the upper bound, and off it and the lower one.

    A decrease of upper bounds ranks the slots, it does not certify that the risk falls; a negative one is written, not drawn.
    """
    given, (setting, notes) = setting, single(setting)
    gains = list(reversed(next_bit(setting)))
    if not any(gain.decrease > 0 for gain in gains):
        raise ProblemError("one more bit takes nothing off the upper bound in any slot: there is nothing to draw")
    ax = style.axes(ax)
    names = [rf"{gain.slot}, ${MEANINGS[EPS[gain.slot]][0]} = {_tex(gain.eps)}$" for gain in gains]
    widths = [max(gain.decrease, 0.0) for gain in gains]
    ax.barh(names, widths, **style.FILLS[1].fill())
    ax.set_xscale("log")
    shown = [width for width in widths if width > 0]
    ax.set_xlim(min(shown) / 10, max(shown) * 8)
    for place, gain in enumerate(gains):
        at = gain.decrease * 1.15 if gain.decrease > 0 else min(shown) / 9
        ax.text(at, place, f"{gain.decrease:.3g}", va="center", fontsize=8)
    style.label(ax, x="taken off the upper bound by one more bit", y="slot", log="",
                title=f"Which slot deserves the next bit? {_where(setting)}")  # fmt: skip
    ax.grid(visible=False, axis="y")
    now = f"upper bound now {float(gains[0].upper):.6g}"
    rule = f"one bit: eps -> eps/4; {now}; the decrease ranks, `riskbounds compare` certifies"
    style.foot(ax, provenance(given, rigor=["bounds float64"]), *notes, rule)
    return ax


def _draw(ax: Axes, found: Mapping[str, Curve]) -> None:
    lower, upper = found["risk.lower"], found["risk.upper"]
    if not lower.empty and not upper.empty:
        ax.fill_between(lower.x, lower.y, upper.y, label="certified band", **style.BAND)
    for quantity, curve in found.items():
        if not curve.empty:
            ax.plot(curve.x, curve.y, label=_WORDS[quantity], **_MARKS[quantity].line())


def _reasons(found: Mapping[str, Curve]) -> list[str]:
    """Say why a curve is missing or has gaps."""
    return [line for curve in found.values() for line in curve.gap(_WORDS[curve.quantity])]


def _where(setting: Setting) -> str:
    size = setting.model_sizes[-1]
    return f"$N = {setting.training.steps[-1]}$" + ("" if size is None else f", $M = {size}$")


def _tex(value: float) -> str:
    mantissa, power, exponent = f"{value:.3g}".partition("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}" if power else mantissa
