"""P1's experiments Q1 (levels) and Q2 (dimensions): multiplicative errors stay near full precision, additive ones do not.

Degradation is the gap to full precision at the last N.  In Q2 the risk in full precision itself grows with d, so that the
additive gap grows while the ratio to full precision falls; both are in fits.json and on the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from riskbounds.experiments.agreement import agreement, brief
from riskbounds.experiments.cases import Case, Table
from riskbounds.experiments.panels import Panel
from riskbounds.plots import style
from riskbounds.plots.series import Series, lines
from riskbounds.setting import Setting

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STRUCTURES = ("multiplicative", "additive")
LEVELS = ("0", "1e-3", "5e-3", "1e-2")
DIMENSIONS = (50, 100, 200, 400)
_ACCURACY = 0.02


def q1_cases() -> list[Case]:
    """Full precision once, then every level of both structures, d = 200."""
    plain = Case(label="full precision", setting=Setting.from_file("q1-additive-0"), accuracy=_ACCURACY)
    return [plain, *(_case(f"q1-{kind}-{eps}") for kind in STRUCTURES for eps in LEVELS[1:])]


def q2_cases() -> list[Case]:
    """Every dimension in full precision (not simulated) and with both structures, eps = 0.01."""
    settings = [(d, Setting.from_file(f"q2-additive-{d}").full_precision()) for d in DIMENSIONS]
    plain = [Case(label=f"full-precision-{d}", setting=setting, accuracy=None) for d, setting in settings]
    return [*plain, *(_case(f"q2-{kind}-{d}") for kind in STRUCTURES for d in DIMENSIONS)]


def _case(name: str) -> Case:
    return Case(label=name, setting=Setting.from_file(name), accuracy=_ACCURACY)


def q1_panels(tables: list[Table]) -> list[Panel]:
    """The risk against N by level, per structure, and the gap to full precision against eps at the last N."""
    plain, rest = tables[0], tables[1:]
    half = len(LEVELS) - 1
    by_kind = dict(zip(STRUCTURES, (rest[:half], rest[half:]), strict=True))
    panels = []
    for kind, own in by_kind.items():
        series = [plain.series("steps"), *(table.series("steps", f"$\\epsilon$ = {_eps(table):g}") for table in own)]
        title = f"P1 Q1: {kind} errors, $a$ = 2, $d$ = {plain.case.setting.dimension}, $B$ = 1"
        panels.append(_risks(f"q1-{kind}", [plain, *own], series, title))
    plains = dict.fromkeys((_eps(table) for table in rest), plain)
    gaps = {kind: _gap(kind, own, plains, _eps) for kind, own in by_kind.items()}
    return [*panels, _gap_panel("q1-gap", tables, gaps, r"$\epsilon$ of every slot", "grows with eps")]


def q2_panels(tables: list[Table]) -> list[Panel]:
    """The risk against N by dimension, per structure, and the gap to full precision against d at the last N."""
    count = len(DIMENSIONS)
    plain, rest = tables[:count], tables[count:]
    by_kind = dict(zip(STRUCTURES, (rest[:count], rest[count:]), strict=True))
    panels = []
    for kind, own in by_kind.items():
        series = [table.series("steps", f"$d$ = {table.case.setting.dimension}") for table in own]
        title = rf"P1 Q2: {kind} errors, $a$ = 2, $\epsilon$ = {_eps(own[0]):g}, $B$ = 1"
        panels.append(_risks(f"q2-{kind}", own, series, title))
    plains = {_dimension(table): table for table in plain}
    gaps = {kind: _gap(kind, own, plains, _dimension) for kind, own in by_kind.items()}
    return [*panels, _gap_panel("q2-gap", tables, gaps, r"$d$ (dimension)", "grows with d")]


def _eps(table: Table) -> float:
    return max(float(level) for level in table.case.setting.quantization.epsilons().values())


def _dimension(table: Table) -> float:
    return float(table.case.setting.dimension or 0)


def _risks(name: str, tables: Sequence[Table], series: Sequence[Series], title: str) -> Panel:
    checks = {table.case.label: agreement(table) for table in tables}
    worst = max(checks.values(), key=lambda found: found["largest_deviation_in_standard_errors"] or 0)
    picture = partial(lines, series, x=style.STEPS, y=style.RISK, title=title)
    return Panel(name=name, tables=tuple(tables), draw=picture, facts={"agreement": checks}, says=f"worst line: {brief(worst)}")


def _gap(kind: str, tables: Sequence[Table], plain: dict[float, Table], of: Any) -> tuple[Series, list[dict[str, float]]]:
    """Risk minus the exact full-precision risk at the last N, against a number of the table; and the same as facts."""
    last = {
        name: np.array([table.column(name)[-1] for table in tables]) for name in ("lower", "exact", "upper", "mean", "stderr")
    }
    x = np.array([of(table) for table in tables])
    reference = np.array([plain[value].column("exact")[-1] for value in x])
    ratio = last["exact"] / reference
    label = f"{kind} errors; risk over\nfull precision {ratio[0]:.4g} to {ratio[-1]:.4g}"
    series = Series(label=label, x=x, **last).shifted(-reference)
    facts = [
        {"at": at, "risk": risk, "full_precision": full, "gap": gap, "ratio": times}
        for at, risk, full, gap, times in zip(x, last["exact"], reference, series.exact, ratio, strict=True)
    ]
    return series, facts


def _gap_panel(
    name: str, tables: list[Table], gaps: dict[str, tuple[Series, list[dict[str, float]]]], x: str, claim: str
) -> Panel:
    steps = tables[0].case.setting.training.steps[-1]
    series = [found for found, _ in gaps.values()]
    facts = {kind: rows for kind, (_, rows) in gaps.items()}
    additive, multiplicative = ([row["gap"] for row in facts[kind]] for kind in ("additive", "multiplicative"))
    ratios = [row["ratio"] for row in facts["additive"]]
    grows = bool(np.all(np.diff(additive) > 0))
    shown = {
        "steps": steps,
        "gaps": facts,
        f"additive_{claim.replace(' ', '_')}": grows,
        f"additive_ratio_to_full_precision_{claim.replace(' ', '_')}": bool(np.all(np.diff(ratios) > 0)),
        "largest_multiplicative_gap_over_additive": max(m / a for m, a in zip(multiplicative, additive, strict=True)),
        "largest_multiplicative_ratio_to_full_precision": max(row["ratio"] for row in facts["multiplicative"]),
    }
    says = (
        f"at N = {steps} the additive gap to full precision {claim if grows else 'does not ' + claim.replace('grows', 'grow')} "
        f"({_listed(additive)}), the multiplicative one is {_listed(multiplicative)}; risk over full precision is "
        f"{_listed(ratios)} (additive), {_listed([row['ratio'] for row in facts['multiplicative']])} (multiplicative)"
    )
    draw = partial(_draw_gap, series, x, f"P1 {name[:2].upper()}: gap to full precision at $N$ = {steps:,}")
    return Panel(name=name, tables=tuple(tables), draw=draw, facts=shown, says=says)


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.3g}" for value in values)


def _draw_gap(series: Sequence[Series], x: str, title: str) -> Axes:
    """Gaps on a logarithmic axis; a certified band that reaches zero is cut at the lower edge."""
    bottom = min((value for each in series for value in each.exact if value > 0), default=1.0) / 2
    shown = [replace(each, lower=np.maximum(each.lower, bottom)) for each in series]
    ax = lines(shown, x=x, y=f"{style.RISK} minus full precision", title=title)
    ax.set_ylim(bottom=bottom)
    ax.set_xticks(series[0].x, [f"{at:g}" for at in series[0].x])
    ax.minorticks_off()
    return ax
