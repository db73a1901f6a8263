"""Regimes as a map: which term of the law is the largest at each N and M, and where the problem lies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp
from matplotlib.patches import Patch

from riskbounds import symbols as s
from riskbounds.asymptotics.exponents import Assumptions, assume
from riskbounds.asymptotics.law_orders import orders
from riskbounds.asymptotics.law_setting import FEATURES, growth_and_floor
from riskbounds.asymptotics.law_terms import LawTerm
from riskbounds.asymptotics.law_values import number
from riskbounds.asymptotics.laws import Law, law
from riskbounds.asymptotics.plane import ruling
from riskbounds.asymptotics.problem_law import law_of, numbers_of
from riskbounds.asymptotics.regimes import regimes
from riskbounds.errors import UnsupportedError
from riskbounds.plots import style
from riskbounds.plots.provenance import provenance
from riskbounds.setting import Setting

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CELLS = 400


def regime_map(setting: Setting, ax: Axes | None = None) -> Axes:
    """Draw the plane of N and M coloured by the largest term of the setting's law, all else held at the setting's values.

    Of several quantized feature slots the one with the largest floor (or level) stands for all, since a floor must be one
    monomial; the foot names those left out.  Constants do not matter here: near a border the terms are equal up to a factor.
    Raises UnsupportedError where no law covers the setting, or without a sketch.
    """
    if setting.sketch is None:
        raise UnsupportedError("a regime map is of the plane of N and M: it needs a [sketch]")
    found, values = law_of(setting), numbers_of(setting)
    slots = _slots(setting, found, values)
    terms = orders(law(found.scheme, "exact", slots=slots, source=found.source))
    exponents = {symbol: _exactly(values[str(symbol)]) for symbol in (s.a, s.b) if str(symbol) in values}
    map_of = regimes(terms, title=found.scheme, assumptions=_case(terms, exponents))
    fixed = exponents | {symbol: _exactly(values[str(symbol)]) for symbol in map_of.variables}
    steps, sizes = setting.training.steps, setting.sketch.size
    log_N = np.linspace(0, max(8.0, np.ceil(np.log10(max(steps))) + 2), _CELLS)
    log_M = np.linspace(0, np.log10(values["p"]), _CELLS)
    chosen = ruling(map_of, fixed, list(log_M), list(log_N))
    ax = style.axes(ax)
    term_at = np.array([each.term for each in map_of.regimes])[chosen]
    handles = []
    drawn = [name for name in dict.fromkeys(each.term for each in map_of.regimes) if name in term_at]
    for name, mark in zip(drawn, cycle(style.FILLS), strict=False):
        mask = (term_at == name).astype(float)
        ax.contourf(10**log_N, 10**log_M, mask, levels=[0.5, 1.5], colors=[mark.color], hatches=[mark.hatch or None], zorder=1)
        ax.contour(10**log_N, 10**log_M, mask, levels=[0.5], colors=["#333333"], linewidths=0.8, zorder=2)
        handles.append(Patch(label=name, **mark.fill()))
    x, y = zip(*((n, m) for m in sizes for n in steps), strict=True)
    here = ax.plot(x, y, linestyle="none", marker="*", markersize=9, color=style.BLACK, markeredgecolor="white",
                   label="this problem", zorder=3)  # fmt: skip
    style.label(ax, x=style.STEPS, y=style.MODEL_SIZE, title=f"Largest term of the law, {found.scheme}")
    ax.set_xlim(1, 10 ** log_N[-1])
    ax.set_ylim(1, 10 ** log_M[-1])
    style.legend(ax, handles=[*handles, *here], title="largest term")
    held = ", ".join(f"${s.MEANINGS[name][0]}={float(value):.4g}$" for name, value in fixed.items() if name not in (s.M, s.N))
    left_out = [slot for slot in setting.quantization.levels() if slot not in slots]
    named = [f"{', '.join(left_out)} left out: the feature slot with the largest floor stands for all"] if left_out else []
    style.foot(ax, provenance(setting, rigor=["asymptotic law: neither a bound nor a value"]), f"held fixed: {held}", *named)
    return ax


def _case(terms: Iterable[LawTerm], exponents: Mapping[sp.Symbol, sp.Rational]) -> Assumptions:
    """On which side of the walls between the cases of a law, such as b = a + 1, the exponents of a problem lie."""
    walls = dict.fromkeys(each for term in terms for each in term.when if each.free_symbols <= {s.a, s.b})
    relations = {1: sp.Gt, 0: sp.Eq, -1: sp.Lt}
    return assume(*(relations[int(sp.sign(wall.subs(exponents)))](wall, 0) for wall in walls))


def _exactly(value: float) -> sp.Rational:
    """The shortest decimal that reads as this float."""
    return sp.Rational(repr(value))


def _slots(setting: Setting, found: Law, values: Mapping[str, float]) -> tuple[str, ...]:
    """The quantized slots with one feature slot alone."""
    present = tuple(setting.quantization.levels())
    features = [slot for slot in present if slot in FEATURES]

    def weight(slot: str) -> float:
        floor = growth_and_floor({slot: found.scheme})[1]
        return number(floor, values) if floor != 0 else values[str(s.EPS[slot])]

    largest = max(features, key=weight, default=None)
    return tuple(slot for slot in present if slot not in FEATURES or slot == largest)
