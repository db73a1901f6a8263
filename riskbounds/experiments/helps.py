"""Coarse quantization that lowers the risk, certified (theory section 6b): a ridge penalty where the noise dominates."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from riskbounds.experiments.agreement import agreement, brief
from riskbounds.experiments.cases import Case, Table
from riskbounds.experiments.panels import Panel
from riskbounds.plots import style
from riskbounds.plots.series import Series, explanation, lines
from riskbounds.problem import ExplicitTarget, PowerLaw, Training
from riskbounds.quantization import Additive, Quantization
from riskbounds.setting import Setting

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEVELS = ("5e-4", "1e-3", "2e-3", "3e-3", "5e-3", "0.01", "0.02", "0.03", "0.05", "0.1")
_LEVEL = "0.03"
_SPAN: dict[str, Any] = {"facecolor": "none", "edgecolor": "#999999", "hatch": "///", "linewidth": 0}
_STEPS = (100, 316, 1000, 3162, 10_000, 31_623, 100_000)
_AT = 10_000
_ACCURACY = 0.01
"""Half of what is wanted: where the noise dominates, fewer directions share the risk."""


def _setting(eps: str | None, steps: tuple[int, ...]) -> Setting:
    """lam_i = i^-2, M = 50, w*_i = 1/i, sigma^2 = 100, gamma = 0.1, B = 1; additive errors of the data."""
    return Setting(
        spectrum=PowerLaw(exponent=2, dimension=50),
        target=ExplicitTarget(values=[Fraction(1, place) for place in range(1, 51)]),
        noise_variance=100,
        training=Training(steps=steps, step_size="0.1"),
        quantization=None if eps is None else Quantization(data=Additive(eps)),
    )


def cases() -> list[Case]:
    """Full precision and eps_d = 0.03 against N, then every level at N = 10^4."""
    levels = [_LEVEL, *(eps for eps in _LEVELS if eps != _LEVEL)]
    found = [_setting(None, _STEPS), _setting(_LEVEL, _STEPS), *(_setting(eps, (_AT,)) for eps in levels[1:])]
    labels = ["full precision", *levels]
    return [Case(label=name, setting=setting, accuracy=_ACCURACY) for name, setting in zip(labels, found, strict=True)]


def panels(tables: list[Table]) -> list[Panel]:
    """The risk against N and against eps_d, with where quantization is certified to lower it."""
    plain, level, rest = tables[0], tables[1], tables[2:]
    return [_against_steps(plain, level), _against_level(plain, [level, *rest])]


def _against_steps(plain: Table, level: Table) -> Panel:
    lowered = level.column("upper") < plain.column("lower")
    facts = {
        "certified_lower_at": [row.steps for row, yes in zip(level.rows, lowered, strict=True) if yes],
        "agreement": {table.case.label: agreement(table) for table in (plain, level)},
    }
    series = [plain.series("steps"), level.series("steps", rf"additive $\epsilon_d$ = {_LEVEL}")]
    title = r"Quantizing the data lowers the risk: $\lambda_i = i^{-2}$, $w^*_i = 1/i$, $M$ = 50, $\sigma^2$ = 100"
    says = f"eps_d = {_LEVEL} has a certified lower risk than full precision at N = {facts['certified_lower_at']}"
    draw = partial(lines, series, x=style.STEPS, y=style.RISK, title=title)
    return Panel(name="helps-steps", tables=(plain, level), draw=draw, facts=facts, says=says)


def _against_level(plain: Table, tables: list[Table]) -> Panel:
    tables = sorted(tables, key=lambda table: float(table.case.label))
    at = [next(row for row in table.rows if row.steps == _AT) for table in tables]
    reference = next(row for row in plain.rows if row.steps == _AT)
    columns = {
        name: np.array([np.nan if getattr(row, name) is None else float(getattr(row, name)) for row in at])
        for name in ("lower", "exact", "upper", "mean", "stderr")
    }
    series = Series(label="additive data errors", x=np.array([float(table.case.label) for table in tables]), **columns)
    floor = float(reference.lower or 0.0)
    lowered = series.x[series.upper < floor]
    best = int(np.nanargmin(series.upper))
    facts = {
        "steps": _AT,
        "full_precision": {"lower": reference.lower, "exact": reference.exact, "upper": reference.upper},
        "levels": [{"eps": float(x), "lower": low, "exact": exact, "upper": high} for x, low, exact, high in
                   zip(series.x, series.lower, series.exact, series.upper, strict=True)],
        "certified_lower_for_eps": lowered.tolist(),
        "agreement": {table.case.label: agreement(table) for table in tables},
    }  # fmt: skip
    says = (
        f"at N = {_AT} full precision is certified >= {floor:.4g}, eps_d = {series.x[best]:g} <= {series.upper[best]:.4g}; "
        f"certified lower for eps_d in {lowered.tolist()}; {brief(facts['agreement'][_LEVEL])}"
    )
    draw = partial(_draw_level, series, reference, floor)
    return Panel(name="helps-level", tables=(plain, *tables), draw=draw, facts=facts, says=says)


def _draw_level(series: Series, reference: Any, floor: float) -> Axes:
    title = f"Where quantization is certified to lower the risk, $N$ = {_AT:,}"
    ax = lines([series], x=r"$\epsilon_d$ (level of the additive data error)", y=style.RISK, title=title)
    ax.axhspan(floor, float(reference.upper), label="full precision, certified band", **_SPAN)
    ax.axhline(float(reference.exact), label="full precision, exact", **style.cycle(1).line())
    for x, upper in zip(series.x, series.upper, strict=True):
        if upper < floor:
            ax.plot([x], [upper], label="certified below full precision" if x == _first(series, floor) else None,
                    **{**style.LOWER.line(), "linestyle": "none", "marker": "v"})  # fmt: skip
    style.legend(ax, title=explanation([series]))
    return ax


def _first(series: Series, floor: float) -> float:
    return float(series.x[series.upper < floor][0])
