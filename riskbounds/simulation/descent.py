"""Quantized SGD on many replicas at once: the update of theory.md section 1, with all slots."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from riskbounds.quantization.slots import SLOTS, Quantization
from riskbounds.quantization.structures import Multiplicative
from riskbounds.simulation.quantizers import quantize, scales
from riskbounds.simulation.samples import Samples

if TYPE_CHECKING:
    from riskbounds.quantization.slots import Level

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(kw_only=True, eq=False)
class State:
    """Where a block of replicas stands: v_t and sum_{s<=t} v_s (R, M) after t updates, the generator, the events so far."""

    v: Array
    total: Array
    updates: int
    generator: np.random.Generator
    events: dict[str, Counter[str]] = field(default_factory=lambda: {slot: Counter() for slot in SLOTS})


def advance(state: State, samples: Samples, quantization: Quantization, gamma: float, batch: int, updates: int) -> None:
    """Run updates until ``state.updates`` has reached ``updates``:

    v <- Q_w( v + (gamma/B) sum_b q_b Q_o( Q_l(y_b) - Q_a( q_b^T Q_p(v) ) ) ), Q_p drawn once, the rest for every sample.
    With batch_scale "shared", multiplicative label, activation and output errors have one scale per replica and step.
    """
    levels = quantization.levels()
    generator, v = state.generator, state.v
    while state.updates < updates:
        u = quantize(levels.get("parameter"), v, generator, state.events["parameter"])
        outer = {
            slot: _scalar_quantizer(quantization, levels.get(slot), len(v), generator)
            for slot in ("label", "activation", "output")
        }
        step: Array | None = None
        for _ in range(batch):
            q, y = samples.draw(generator)
            predicted = _rounded(outer["activation"], np.einsum("rm,rm->r", q, u), generator, state.events["activation"])
            error = _rounded(outer["label"], y, generator, state.events["label"]) - predicted
            error = _rounded(outer["output"], error, generator, state.events["output"])
            q *= (gamma / batch * error)[:, None]
            if step is None:
                step = q
            else:
                step += q
        assert step is not None
        v += step
        if "storage" in levels:
            v[...] = quantize(levels["storage"], v, generator, state.events["storage"])
        state.total += v
        state.updates += 1


def _scalar_quantizer(
    quantization: Quantization, level: Level | None, runs: int, generator: np.random.Generator
) -> Level | Array | None:
    """What acts on one number per replica: a level, drawn afresh, or the scales that the whole batch shares."""
    if quantization.batch_scale == "shared" and isinstance(level, Multiplicative):
        return scales(level, (runs,), generator)
    return level


def _rounded(how: Level | Array | None, u: Array, generator: np.random.Generator, events: Counter[str]) -> Array:
    """Quantize one number per replica; every number is a block of its own for block formats."""
    if how is None:
        return u
    if isinstance(how, np.ndarray):
        return how * u
    return quantize(how, u[:, None], generator, events)[:, 0]
