"""Quantized SGD on many replicas at once: the update of theory.md section 1, with all slots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskbounds.quantization.slots import SLOTS, Quantization
from riskbounds.quantization.structures import Multiplicative
from riskbounds.simulation.quantizers import Errors, draw_errors
from riskbounds.simulation.samples import Drawn, Samples

if TYPE_CHECKING:
    from riskbounds.quantization.slots import Level

Array = np.ndarray[Any, np.dtype[np.float64]]

COMMON = ("label", "parameter", "activation", "output")
DRAWN = 2**15
"""Entries of the features that are drawn at once: they stay in the cache."""


@dataclass(kw_only=True, eq=False)
class State:
    """Where a block of replicas stands: v_t and sum_{s<=t} v_s (R, M) after t updates, the generator, the events so far."""

    v: Array
    total: Array
    updates: int
    generator: np.random.Generator
    events: dict[str, Counter[str]] = field(default_factory=lambda: {slot: Counter() for slot in SLOTS})


class Piece(NamedTuple):
    """Samples of one batch for every replica, with the errors of a and o that belong to them; numbers have shape (n, R, 1)."""

    drawn: Drawn
    activation: Errors
    output: Errors

    def part(self, start: int, stop: int) -> Piece:
        """The samples start .. stop - 1."""
        chosen = slice(start, stop)
        return Piece(drawn=self.drawn.part(chosen), activation=self.activation.part(chosen), output=self.output.part(chosen))

    def gradient(self, u: Array, shared: dict[str, Errors], factor: float) -> Array:
        """factor sum_b q_b Q_o( y_b - Q_a( q_b^T u ) ) of shape (R, M).

        It uses up the features, and the next draw may use its memory.  ``shared``: the scales that a whole batch has in common.
        """
        features, scale = self.drawn.features, self.drawn.scale
        predicted = np.matmul(features[..., None, :], u[..., None])[..., 0]
        if scale is not None:
            predicted *= scale
        predicted = shared["activation"](self.activation(shared["parameter"](predicted)))
        error = shared["output"](self.output(shared["label"](self.drawn.label) - predicted)) * factor
        if scale is not None:
            error *= scale
        features *= error
        return np.asarray(features[0] if len(features) == 1 else np.add.reduce(features, axis=0))


@dataclass(frozen=True, kw_only=True, eq=False)
class Descent:
    """Quantized SGD with step size gamma and batch B on the samples of a block of replicas."""

    samples: Samples
    quantization: Quantization
    gamma: float
    batch: int

    @cached_property
    def levels(self) -> dict[str, Level]:
        """The slots that are not exact."""
        return self.quantization.levels()

    def run_group(self, state: State, most: int) -> Iterator[None]:
        """Run the updates whose randomness is drawn at once, at most ``most``, stopping after each:

        v <- Q_w( v + (gamma/B) sum_b q_b Q_o( Q_l(y_b) - Q_a( q_b^T Q_p(v) ) ) ), Q_p drawn once, the rest for every sample.
        With batch_scale "shared", multiplicative label, activation and output errors have one scale per replica and step.
        The generator is where a later group starts only when the iterator has ended.
        """
        count = min(most, max(1, DRAWN // (self.samples.entries * self.batch)))
        shape = (count, *state.v.shape)
        parameter = Errors() if self._is_shared("parameter") else self._errors("parameter", state, shape)
        storage = self._errors("storage", state, shape)
        step = np.empty(state.v.shape)
        common = {slot: self._shared(slot, state, count) for slot in COMMON}
        for k, pieces in enumerate(self._pieces(state, count)):
            u = parameter.part(k)(state.v)
            shared = {slot: errors.part(k) for slot, errors in common.items()}
            step[...] = 0
            for piece in pieces:
                step += piece.gradient(u, shared, self.gamma / self.batch)
            state.v += step
            state.v = storage.part(k)(state.v)
            state.total += state.v
            state.updates += 1
            yield

    def _pieces(self, state: State, count: int) -> Iterator[Iterable[Piece]]:
        """The batch of each update, in pieces that fit in the cache."""
        if count > 1:
            drawn = self._piece(state, count * self.batch)
            for k in range(count):
                yield (drawn.part(k * self.batch, (k + 1) * self.batch),)
            return
        size = min(self.batch, max(1, DRAWN // self.samples.entries))
        yield (self._piece(state, min(size, self.batch - start)) for start in range(0, self.batch, size))

    def _piece(self, state: State, size: int) -> Piece:
        drawn = self.samples.draw(size, state.generator)
        shape = drawn.label.shape
        own = {slot: self._errors(slot, state, shape) for slot in ("label", "activation", "output") if not self._is_shared(slot)}
        exact = Errors()
        return Piece(
            drawn=drawn.labelled(own.get("label", exact)),
            activation=own.get("activation", exact),
            output=own.get("output", exact),
        )

    def _is_shared(self, slot: str) -> bool:
        """Whether the slot's error is one scale per replica and update; that of Q_p(v) acts on the predictions just as well."""
        return (slot == "parameter" or self.quantization.batch_scale == "shared") and isinstance(
            self.levels.get(slot), Multiplicative
        )

    def _shared(self, slot: str, state: State, count: int) -> Errors:
        return self._errors(slot, state, (count, len(state.v), 1)) if self._is_shared(slot) else Errors()

    def _errors(self, slot: str, state: State, shape: tuple[int, ...]) -> Errors:
        return draw_errors(self.levels.get(slot), shape, state.generator, state.events[slot])
