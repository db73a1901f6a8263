"""P2 Figures 1 and 2: exponents in N and M at full size, exact, certified and simulated.

Risks decay to a constant, so each fit adds the spectrum's missing tail 1/2 sum_{i>p} lam_i (theory section 6).  N panels fit
risk + tail where (gamma N)^(1/a) <= M/10, before the last directions are learned; M panels fit risk - data term + tail.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from riskbounds import symbols as s
from riskbounds.asymptotics.laws import law
from riskbounds.experiments.agreement import agreement, brief
from riskbounds.experiments.cases import Case, Table
from riskbounds.experiments.panels import Panel
from riskbounds.experiments.power_law import exponent, learned, missing_tail
from riskbounds.plots import style
from riskbounds.plots.fitted import Fit, Words, fit, fitted
from riskbounds.setting import Setting

SPREAD = 10
"""N panels use the points with (gamma N)^(1/a) <= M/10."""
_TAIL = r"\frac{1}{2}\sum_{i>p}\lambda_i"
_STRUCTURES = {"1": "multiplicative", "2": "additive"}


def cases(figure: str) -> list[Case]:
    """The four panels of figure "1" or "2"."""
    return [Case(label=f"figure{figure}{panel}", setting=Setting.from_file(f"figure{figure}{panel}")) for panel in "abcd"]


def panels(tables: list[Table]) -> list[Panel]:
    """One panel per table: against N where the setting has several N, else against M."""
    return [_panel(table, "steps" if len(table.case.setting.training.steps) > 1 else "model_size") for table in tables]


def predicted(table: Table, against: str) -> float:
    """The exponent of the law's bias in N, -(a-1)/a, or of its model term in M, -(a-1)."""
    symbol, name = (s.N, "bias, learning") if against == "steps" else (s.M, "model")
    term = next(each for each in law("full-precision", "exact").terms if each.name == name)
    return float(term.exponents[symbol].subs(s.a, exponent(table.case.setting)))


def _panel(table: Table, against: str) -> Panel:
    setting = table.case.setting
    tail = missing_tail(setting)
    x, exact = table.column(against), table.column("exact")
    data_term = exact - table.column("limit")
    added = np.full(len(x), tail) if against == "steps" else tail - data_term
    inside = _inside(table) if against == "steps" else np.isfinite(x)
    series = table.series(against).shifted(added)
    fits = {"exact": fit(x[inside], series.exact[inside]), "simulated": fit(x[inside], series.mean[inside])}
    slope, checks = predicted(table, against), agreement(table)
    facts = {
        "against": {"steps": "N", "model_size": "M"}[against],
        "predicted_slope": slope,
        "fits": {name: _facts(found, slope) for name, found in fits.items()},
        "added": {"what": "1/2 sum_{i>p} lam_i" + ("" if against == "steps" else " - data term"), "tail": tail},
        "N_eff_over_N": _range(table.column("N_eff") / table.column("steps")),
        "M_eff_over_M": _range(table.column("M_eff") / table.column("model_size")),
        "fitted": [int(value) for value in x[inside]],
        "left_out": [int(value) for value in x[~inside]],
        "agreement": checks,
    }
    words = _words(table, against, tail)
    picture = partial(fitted, series, inside, fits["exact"], fits["simulated"], slope, words)
    slopes = ", ".join(f"{name} slope {found.slope:.4f} (R^2 {found.r_squared:.4f})" for name, found in fits.items())
    return Panel(
        name=table.case.label, tables=(table,), draw=picture, facts=facts,
        says=f"{slopes}, predicted {slope:.4f}; {brief(checks)}",
    )  # fmt: skip


def _inside(table: Table) -> Any:
    return learned(table.case.setting, table.column("steps")) <= table.column("model_size") / SPREAD


def _range(values: Any) -> list[float]:
    return [float(np.min(values)), float(np.max(values))]


def _facts(found: Fit, slope: float) -> dict[str, Any]:
    return {**asdict(found), "slope_minus_predicted": found.slope - slope}


def _words(table: Table, against: str, tail: float) -> Words:
    added = f"the fit adds the missing tail\n${_TAIL}$ = {tail:.4g}"
    title = _title(table, against)
    if against == "steps":
        left_out = rf"$(\gamma N)^{{1/a}} > M/{SPREAD}$"
        return Words(x=style.STEPS, y=f"{style.RISK} $+\\ {_TAIL}$", added=added, outside=left_out, title=title)
    y = f"{style.RISK} $-$ data term $+\\ {_TAIL}$"
    return Words(x=style.MODEL_SIZE, y=y, added=f"{added}\nand takes away the data term", outside="", title=title)


def _title(table: Table, against: str) -> str:
    setting = table.case.setting
    held = f"$M$ = {setting.model_sizes[0]:,}" if against == "steps" else f"$N$ = {setting.training.steps[0]:,}"
    figure, panel = table.case.label[-2], table.case.label[-1]
    eps = max(float(level) for level in setting.quantization.epsilons().values())
    where = f"$a$ = {exponent(setting):g}, $p$ = {setting.dimension:,}, {held}"
    return f"P2 Figure {figure}({panel}): {_STRUCTURES[figure]} $\\epsilon$ = {eps:g}; {where}"
