"""The eight places of quantized SGD where a quantizer may sit, and what sits there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from riskbounds.errors import ProblemError
from riskbounds.problem.frozen import assign, choice
from riskbounds.problem.numbers import shown
from riskbounds.quantization.structures import SKETCH_NOISE, Additive, Elementwise, Multiplicative, Structure

if TYPE_CHECKING:
    from riskbounds.quantization.formats import Format

    Level: TypeAlias = Structure | Format

SLOTS = {
    "sketch": "s",
    "data": "d",
    "feature": "f",
    "label": "l",
    "parameter": "p",
    "activation": "a",
    "output": "o",
    "storage": "w",
}
"""Slot names and the letters that the theory gives them."""

BATCH_SCALES = ("per-sample", "shared")
STORAGE = "only additive storage is covered; real floating-point storage is elementwise (the simulator runs it)"


def is_format(level: object) -> bool:
    """Tell whether a level is a number format rather than a structure with its eps."""
    from riskbounds.quantization.formats import Format

    return isinstance(level, Format)


@dataclass(frozen=True, init=False)
class Quantization:
    """Which quantizer sits in which slot (None: exact) and whether batch errors share one scale (theory.md section 1).

    Raises ProblemError for something that is no quantizer.
    """

    sketch: Level | None
    data: Level | None
    feature: Level | None
    label: Level | None
    parameter: Level | None
    activation: Level | None
    output: Level | None
    storage: Level | None
    batch_scale: str

    def __init__(
        self,
        *,
        sketch: Level | None = None,
        data: Level | None = None,
        feature: Level | None = None,
        label: Level | None = None,
        parameter: Level | None = None,
        activation: Level | None = None,
        output: Level | None = None,
        storage: Level | None = None,
        batch_scale: str = "per-sample",
    ) -> None:
        """Check every slot; an additive sketch error that names no model gets the reference model."""
        given = (sketch, data, feature, label, parameter, activation, output, storage)
        for slot, level in zip(SLOTS, given, strict=True):
            assign(self, **{slot: _checked(slot, level)})
        assign(self, batch_scale=choice(batch_scale, "quantization.batch_scale", BATCH_SCALES))

    def get(self, slot: str) -> Level | None:
        """Return what sits in a slot; raises ProblemError for an unknown slot."""
        if slot not in SLOTS:
            raise ProblemError(f"unknown slot {slot!r}; the slots are {', '.join(SLOTS)}")
        level: Level | None = getattr(self, slot)
        return level

    def levels(self) -> dict[str, Level]:
        """Return the slots that are not exact, in the order of SLOTS; a level with eps = 0 is exact."""
        found = {slot: self.get(slot) for slot in SLOTS}
        return {slot: level for slot, level in found.items() if level is not None and getattr(level, "eps", 1) != 0}

    def structures(self) -> dict[str, str]:
        """Return the structure of the slots that are not exact; "format" for a number format."""
        return {slot: getattr(level, "structure", "format") for slot, level in self.levels().items()}

    def noises(self) -> dict[str, str]:
        """Return the error distribution or model of the slots that are not exact; a format's is its own name."""
        return {slot: getattr(level, "noise", "format") for slot, level in self.levels().items()}

    def epsilons(self) -> dict[str, Fraction]:
        """Return the levels eps of the slots that hold a structure."""
        return {slot: level.eps for slot, level in self.levels().items() if not is_format(level)}  # type: ignore[union-attr]

    def without(self, slot: str) -> Quantization:
        """Return the same quantization with one slot exact."""
        return self.with_level(slot, None)

    def with_level(self, slot: str, level: Level | None) -> Quantization:
        """Return the same quantization with another level in one slot."""
        self.get(slot)
        changes: dict[str, Any] = {slot: level}
        return replace(self, **changes)

    def exact(self) -> Quantization:
        """Return the quantization with every slot exact."""
        return Quantization(batch_scale=self.batch_scale)

    @property
    def is_exact(self) -> bool:
        """Whether every slot is exact."""
        return not self.levels()


def _checked(slot: str, level: Level | None) -> Level | None:
    if level is None:
        return None
    if isinstance(level, Additive):
        if slot == "sketch" and level.noise == "gaussian":
            return Additive(level.eps, noise="reference")
        if (slot == "sketch") != (level.noise in SKETCH_NOISE):
            valid = "reference or entrywise" if slot == "sketch" else "gaussian, uniform or triangular"
            raise ProblemError(f"quantization.{slot}: noise = {level.noise!r} must be {valid} there")
        return level
    if not isinstance(level, Multiplicative | Elementwise) and not is_format(level):
        raise ProblemError(f"quantization.{slot} = {shown(level)} must be Additive, Multiplicative, Elementwise or Format")
    return level
