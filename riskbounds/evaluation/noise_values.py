"""The noise constants of a statement as numbers, slot by slot: which slot makes the noise (theory section 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from riskbounds import symbols as s
from riskbounds.evaluation.statement import Statement
from riskbounds.evaluation.values import LowerBound, UpperBound, Value
from riskbounds.numerics.evaluate import Evaluation
from riskbounds.numerics.ranges import MaxOver, MinOver

#: Shows a computed value as a value of some kind.
Typed = Callable[[type[Any], Any], Any]


@dataclass(frozen=True, kw_only=True)
class SlotNoise:
    """What one slot adds to the constants of a batch: A and Alow at their largest and smallest over the directions.

    The lower ones are None where the theorem has no lower side.  ``slot`` "total" is the sum of all.
    """

    slot: str
    structure: str | None
    source: str | None
    A: UpperBound
    ad: UpperBound
    av: UpperBound
    Alow: LowerBound | None
    adlow: LowerBound | None

    def to_dict(self, shown: Callable[[Value | None], object]) -> dict[str, object]:
        """The JSON object."""
        constants = {name: shown(getattr(self, name)) for name in ("A", "ad", "av", "Alow", "adlow")}
        return {"structure": self.structure, "source": self.source, **constants}


def slot_noises(stated: Statement, evaluation: Evaluation, typed: Typed) -> tuple[SlotNoise, ...]:
    """One entry per slot of the noise constants and the total; empty for a theorem without them."""
    noise = stated.noise
    if noise is None:
        return ()

    def extreme(kind: type[Any], expression: sp.Expr | None) -> Any:
        """The largest over the directions for an upper constant, the smallest for a lower one."""
        if expression is None:
            return None
        over = MaxOver if kind is UpperBound else MinOver
        return typed(kind, evaluation.scalar(over(expression, s.i) if expression.has(sp.Indexed) else expression))

    def row(slot: str, structure: str | None, source: str | None, part: Callable[[str], sp.Expr | None]) -> SlotNoise:
        upper = {name: extreme(UpperBound, part(name)) for name in ("A", "ad", "av")}
        lower = {name: extreme(LowerBound, None if noise.Alow is None else part(name)) for name in ("Alow", "adlow")}
        return SlotNoise(slot=slot, structure=structure, source=source, **upper, **lower)

    slots = [row(slot.slot, slot.structure, slot.source, slot.batch) for slot in noise.slots]
    return (*slots, row("total", None, None, lambda name: getattr(noise, name)))
