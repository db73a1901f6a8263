"""From number formats in the slots to error structures, where a structure says all there is to say."""

from __future__ import annotations

from riskbounds.errors import HypothesisError, UnsupportedError
from riskbounds.quantization.formats import FORMATS, Format, nominal_structure
from riskbounds.quantization.rounding import unbiased_range
from riskbounds.quantization.slots import SLOTS, STORAGE, Quantization
from riskbounds.quantization.structures import Additive

FEATURE_SLOTS = ("data", "sketch", "feature")
WIDE = 10**30


def _is_wide(level: Format) -> bool:
    return level.kind == "float" and FORMATS[level.name].largest > WIDE


def _range_of(level: Format) -> str:
    """Where the structure stands for the format: overflow, and subnormals of floating point, leave the model."""
    if level.kind == "block":
        return "elements beyond their block's scale and subnormal elements leave the model"
    low, high = unbiased_range(level)
    beyond = "overflow leaves" if level.kind == "integer" else "overflow and subnormal numbers leave"
    return f"its range is [{low:.6g}, {high:.6g}]: {beyond} the model"


def resolved(quantization: Quantization) -> tuple[Quantization, tuple[str, ...]]:
    """The quantization with formats replaced by structures, and a note for each.

    ``model = "nominal"`` becomes the idealised structure at its nominal eps.  An integer grid with dither outside the
    features has the same error variance at every input: exactly an additive error.  Other true formats stay.
    Raises HypothesisError for a biased quantizer, which every theorem refuses: the range of weights, activations and gradients is
    not bounded here, so formats of moderate range are refused in their slots.  Raises UnsupportedError for storage whose error
    is not additive, which only the simulator runs.
    """
    slots, notes = {}, []
    for slot in SLOTS:
        level = quantization.get(slot)
        if isinstance(level, Format):
            if level.reason is not None:
                raise HypothesisError(f"quantization.{slot}: format {level.name!r}: {level.reason}")
            if level.model == "true" and slot in ("parameter", "activation", "output", "storage") and not _is_wide(level):
                raise HypothesisError(
                    f"quantization.{slot}: how often {level.name!r} saturates there is not bounded, and saturation is biased; "
                    "use model = 'nominal', or bf16 or tf32"
                )
            if level.model == "nominal":
                idealised = nominal_structure(level)
                notes.append(
                    f"{slot}: nominal model of {level.name}, {idealised.structure} with eps = {float(idealised.eps):.6g}, "
                    f"in place of the true format; {_range_of(level)}"
                )
                level = idealised
            elif level.rounding in ("dither", "subtractive") and slot not in FEATURE_SLOTS:
                notes.append(f"{slot}: {level.name} with {level.rounding} is additive; {_range_of(level)}")
                level = Additive(level.step**2 / (12 if level.rounding == "subtractive" else 4))
        slots[slot] = level
    found = Quantization(**slots, batch_scale=quantization.batch_scale)
    if found.structures().get("storage", "additive") != "additive":
        raise UnsupportedError(f"quantization.storage: {STORAGE}")
    return found, tuple(notes)
