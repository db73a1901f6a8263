"""What `simulate` and `check` return: frozen rows with the names of the JSON contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from riskbounds.evaluation.values import ExactValue, LowerBound, Measured, Simulated, UpperBound, Value
from riskbounds.setting import Setting

SCHEMA = 1
Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, kw_only=True)
class SimulatedRow:
    """One N at one model size: a mean over ``runs`` risks, what is certified about it, and the verdict.

    ``mean`` estimates R(vbar_N) - sigma^2/2, approximation included; ``stderr`` is its standard error, None for one run.
    ``verdict``: "consistent", "violated", "inconclusive" or "outside hypotheses" (see :mod:`riskbounds.simulation.verdicts`).
    """

    steps: int
    model_size: int | None
    mean: Simulated | Measured
    stderr: float | None
    runs: int
    exact: ExactValue | None
    lower: LowerBound | None
    upper: UpperBound | None
    verdict: str
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The row in the JSON contract."""

        def shown(value: Value | None) -> object:
            return None if value is None else value.json()

        return {
            "steps": self.steps,
            "model_size": self.model_size,
            "mean": shown(self.mean),
            "stderr": self.stderr,
            "runs": self.runs,
            "exact": shown(self.exact),
            "lower": shown(self.lower),
            "upper": shown(self.upper),
            "verdict": self.verdict,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class Simulation:
    """The rows, sizes outer and steps inner, and for a simulation the risks of the replicas behind them.

    ``risks[k]`` and ``last_risks[k]``: population risk minus sigma^2/2 of vbar_N and of the last iterate v_{N-1}, one entry
    per replica of row k; empty for measured risks.  ``events``: what the quantizers reported while they ran (overflow,
    saturation, subnormal results), counts by slot.
    """

    setting: Setting
    rows: tuple[SimulatedRow, ...]
    seed: int | None = None
    risks: tuple[Array, ...] = ()
    last_risks: tuple[Array, ...] = ()
    events: dict[str, dict[str, int]] | None = None

    @property
    def violated(self) -> bool:
        """Whether any row's verdict is "violated"."""
        return any(row.verdict == "violated" for row in self.rows)

    @property
    def shares(self) -> dict[str, dict[str, float]]:
        """Saturated and subnormal values as parts of all that each slot with a format rounded."""
        return {
            slot: {name: counts.get(name, 0) / max(1, counts["values"]) for name in ("saturated", "subnormal")}
            for slot, counts in (self.events or {}).items()
        }

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract's object."""
        return {
            "schema": SCHEMA,
            "problem": self.setting.echo(),
            "digest": self.setting.digest(),
            "seed": self.seed,
            "rigor": {"bounds": "float64", "exact": "float64", "mean": "measured" if self.seed is None else "simulated"},
            "events": self.events,
            "rows": [row.to_dict() for row in self.rows],
        }
