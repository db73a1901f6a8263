"""What :func:`riskbounds.bound` returns: frozen rows with the names of the JSON contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from riskbounds.display import Table, Tabulated
from riskbounds.evaluation.noise_values import SlotNoise
from riskbounds.evaluation.statement import Check
from riskbounds.evaluation.values import Estimate, ExactValue, LowerBound, UpperBound, Value
from riskbounds.setting import Setting
from riskbounds.theorems.theorem import Theorem

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Risk:
    """Bounds on R(vbar_N) - sigma^2/2 and its exact value, approximation included; None where there is none."""

    lower: LowerBound | None
    exact: ExactValue | None
    upper: UpperBound | None


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Named terms of each side; they add up to the side."""

    lower: dict[str, Value] | None
    upper: dict[str, Value] | None


@dataclass(frozen=True, kw_only=True)
class Effective:
    """M_eff (an estimate) and N_eff of the instance."""

    model_size: Estimate | None
    data_size: ExactValue | None


@dataclass(frozen=True, kw_only=True)
class StepSize:
    """gamma, the largest gamma that the theorem's step-size condition allows, and whether gamma satisfies it."""

    value: Value
    limit: Value | None
    satisfied: bool


@dataclass(frozen=True, kw_only=True)
class Row:
    """One N at one model size; ``noise`` holds what each slot adds to the noise constants A, ad, av, Alow, adlow."""

    steps: int
    model_size: int | None
    risk: Risk
    terms: Terms
    budget: dict[str, Value | None]
    noise: tuple[SlotNoise, ...] = ()
    effective: Effective
    step_size: StepSize
    hypotheses: tuple[Check, ...]
    rigor: dict[str, str | None]
    notes: tuple[str, ...]

    def to_dict(self, digits: int | None) -> dict[str, Any]:
        """The row in the JSON contract."""

        def shown(value: Value | None) -> object:
            return None if value is None else value.json(digits)

        def all_shown(values: dict[str, Any] | None) -> object:
            return None if values is None else {name: shown(value) for name, value in values.items()}

        return {
            "steps": self.steps,
            "model_size": self.model_size,
            "risk": {name: shown(getattr(self.risk, name)) for name in ("lower", "exact", "upper")},
            "terms": {"lower": all_shown(self.terms.lower), "upper": all_shown(self.terms.upper)},
            "budget": all_shown(self.budget),
            "noise": {each.slot: each.to_dict(shown) for each in self.noise},
            "effective": {name: shown(getattr(self.effective, name)) for name in ("model_size", "data_size")},
            "step_size": {
                "value": shown(self.step_size.value),
                "limit": shown(self.step_size.limit),
                "satisfied": self.step_size.satisfied,
            },
            "hypotheses": [{"name": each.name, "holds": each.holds, "margin": shown(each.margin)} for each in self.hypotheses],
            "rigor": dict(self.rigor),
            "notes": list(self.notes),
        }


@dataclass(frozen=True, kw_only=True)
class BoundResult(Tabulated):
    """A theorem evaluated on a setting, one row per model size and N."""

    setting: Setting
    theorem: Theorem
    rows: tuple[Row, ...]
    digits: int | None

    def table(self) -> Table:
        """lower <= exact <= upper of every row, with a caption that says what risk is."""
        from riskbounds.evaluation.tables import risk_table

        return risk_table(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract's object."""
        return {
            "schema": SCHEMA,
            "problem": self.setting.echo(),
            "digest": self.setting.digest(),
            "theorem": self.theorem.name,
            "status": self.theorem.status,
            "proof": self.theorem.proof,
            "rows": [row.to_dict(self.digits) for row in self.rows],
        }
