"""Do curves at large eps collapse onto the full-precision curve when drawn against the effective sizes?

Data size: risk - limit (the data term) against N, then against the law's N_eff = N F^(-a/(a-1)).  Model size: the limit
Approx + s/2 against M, then against the M_eff of the instance, an estimate by the sketch's deterministic equivalent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from riskbounds import symbols as s
from riskbounds.asymptotics.law_values import number
from riskbounds.asymptotics.laws import law
from riskbounds.experiments.agreement import agreement, brief
from riskbounds.experiments.cases import Case, Table
from riskbounds.experiments.panels import Panel
from riskbounds.experiments.power_law import exponent
from riskbounds.plots import style
from riskbounds.plots.collapse import collapse
from riskbounds.plots.series import Series
from riskbounds.quantization import STRUCTURES, Quantization
from riskbounds.quantization.slots import SLOTS
from riskbounds.setting import Setting

_ACCURACY = 0.02
LEVELS = ("1e-3", "1e-2", "3e-2", "1e-1")


@dataclass(frozen=True, kw_only=True)
class _Test:
    """One effective size under one structure: the preset that it starts from, its changes and the quantized slots."""

    name: str
    preset: str
    changes: tuple[str, ...]
    slots: tuple[str, ...]

    def case(self, eps: str) -> Case:
        """The preset with these slots, and no others, at the level; with none at "0"."""
        setting = Setting.from_file(self.preset, self.changes).full_precision()
        if eps != "0":
            levels: dict[str, Any] = dict.fromkeys(self.slots, STRUCTURES[self.structure](eps))
            setting = setting.replace(quantization=Quantization(**levels))
        return Case(label=f"{self.name}-{eps}", setting=setting, accuracy=_ACCURACY)

    @property
    def structure(self) -> str:
        """The structure of the errors, the last word of the name."""
        return self.name.rpartition("-")[2]


_STEPS = "training.steps=[100, 215, 464, 1000, 2154, 4642, 10000, 21544]"
_MODEL = ("sketch.size=[8, 16, 33, 68, 140, 200]", "training.steps=20000", "training.step_size=0.02")
TESTS = (
    _Test(
        name="effective-data-multiplicative", preset="figure1c", changes=(_STEPS, "training.step_size=0.05"),
        slots=("sketch", "data", "feature", "parameter", "activation", "output"),
    ),
    _Test(
        name="effective-data-additive", preset="figure2c", changes=(_STEPS, "training.step_size=0.3"),
        slots=("parameter", "activation", "output"),
    ),
    _Test(name="effective-model-multiplicative", preset="figure1b", changes=_MODEL, slots=("sketch", "data", "feature")),
    _Test(name="effective-model-additive", preset="figure2b", changes=_MODEL, slots=("feature",)),
)  # fmt: skip


def cases() -> list[Case]:
    """Full precision and every level, for both effective sizes and both structures."""
    return [test.case(eps) for test in TESTS for eps in ("0", *LEVELS)]


def panels(tables: list[Table]) -> list[Panel]:
    """One panel per test: raw curves, collapsed curves, and how far off each level is before and after."""
    width = 1 + len(LEVELS)
    parts = [tables[first : first + width] for first in range(0, len(tables), width)]
    return [_panel(test, part) for test, part in zip(TESTS, parts, strict=True)]


def _panel(test: _Test, tables: Sequence[Table]) -> Panel:
    data = test.name.startswith("effective-data")
    raw = [_data_term(table) if data else _limit(table) for table in tables]
    sizes = [_law_steps(test, table) if data else table.column("M_eff") for table in tables]
    effective = [series.against(x) for series, x in zip(raw, sizes, strict=True)]
    levels = {
        eps: {"against_size": _distance(raw[0], before), "against_effective_size": _distance(raw[0], after)}
        for eps, before, after in zip(LEVELS, raw[1:], effective[1:], strict=True)
    }
    facts: dict[str, Any] = {"slots": list(test.slots), "largest_relative_distance_to_full_precision": levels}
    if data:
        facts["law_N_eff_over_instance"] = {
            eps: (x / table.column("N_eff")).tolist() for eps, x, table in zip(LEVELS, sizes[1:], tables[1:], strict=True)
        }
    facts["agreement"] = {table.case.label: agreement(table) for table in tables}
    worst = LEVELS[-1]
    says = (
        f"at eps = {worst} {_off(levels[worst]['against_size'])} off full precision, against the effective size "
        f"{_off(levels[worst]['against_effective_size'])}; {brief(facts['agreement'][tables[-1].case.label])}"
    )
    return Panel(name=test.name, tables=tuple(tables), draw=partial(_draw, test, raw, effective, data), facts=facts, says=says)


def _draw(test: _Test, raw: Sequence[Series], effective: Sequence[Series], data: bool) -> Any:
    words = {
        True: (style.STEPS, r"$N_{\mathrm{eff}}$ (law: $N F^{-a/(a-1)}$)", f"data term of {style.RISK}"),
        False: (
            style.MODEL_SIZE,
            r"$M_{\mathrm{eff}}$ (estimate: deterministic equivalent)",
            r"Approx $+\ s/2$ ($N \to \infty$)",
        ),
    }
    x, x_effective, y = words[data]
    letters = ", ".join(SLOTS[slot] for slot in test.slots)
    title = f"{test.structure} errors in {letters}"
    return collapse(raw, effective, x=x, x_effective=x_effective, y=y, title=title)[1]


def _name(table: Table) -> str:
    return "full precision" if not table.case.setting.quantization.levels() else rf"$\epsilon$ = {_level(table):g}"


def _level(table: Table) -> float:
    return max(float(eps) for eps in table.case.setting.quantization.epsilons().values())


def _data_term(table: Table) -> Series:
    """Risk minus its limit N -> infinity, against N."""
    return table.series("steps", _name(table)).shifted(-table.column("limit"))


def _limit(table: Table) -> Series:
    """Risk minus the exact data term, against M."""
    return table.series("model_size", _name(table)).shifted(table.column("limit") - table.column("exact"))


def _law_steps(test: _Test, table: Table) -> Any:
    """N_eff of the law of the exact risk at every N of the table."""
    steps = table.column("steps")
    setting = table.case.setting
    levels = {name: float(eps) for name, eps in setting.quantization.epsilons().items()}
    if not levels:
        return steps
    found = law(test.structure, "exact", slots=test.slots)
    values = {
        "a": exponent(setting),
        "N": 1.0,
        "step": float(setting.training.step_size),
        "sigma": float(setting.noise_variance or 0) ** 0.5,
        "M": float(setting.model_sizes[0] or 0),
        "p": float(setting.dimension or 0),
        **{str(symbol): levels.get(slot, 0.0) for slot, symbol in s.EPS.items()},
    }
    return steps * number(found.N_eff, values)


def _distance(reference: Series, other: Series) -> float | None:
    """The largest |other/reference - 1| of exact values where the reference curve, log-log, covers the abscissa."""
    inside = np.isfinite(other.exact) & (other.x >= reference.x.min()) & (other.x <= reference.x.max())
    if not inside.any():
        return None
    known = np.exp(np.interp(np.log(other.x[inside]), np.log(reference.x), np.log(reference.exact)))
    return float(np.max(np.abs(other.exact[inside] / known - 1)))


def _off(distance: float | None) -> str:
    return "outside its range" if distance is None else f"{100 * distance:.1f} %"
