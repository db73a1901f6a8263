"""The keys that a sweep runs over, their values, and the dimensions that they become in the papers' symbols."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from riskbounds import symbols as s
from riskbounds.errors import ProblemError
from riskbounds.files import key_and_text, value_of
from riskbounds.problem.numbers import exact, shown
from riskbounds.quantization.slots import SLOTS

STEPS, SIZE = "training.steps", "sketch.size"

DIMENSIONS = {
    STEPS: "N",
    SIZE: "M",
    "sketch.seed": "sketch_seed",
    "training.step_size": "gamma",
    "training.batch_size": "B",
    "problem.noise_variance": "sigma2",
    "problem.spectrum.exponent": "a",
    "problem.spectrum.dimension": "p",
    "problem.spectrum.scale": "c",
    "problem.target.exponent": "b",
    **{f"quantization.{slot}": str(symbol) for slot, symbol in s.EPS.items()},
}
"""Key of a problem file -> name of its dimension; other keys keep their own name, dots replaced."""

_COUNTED = (STEPS, SIZE, "sketch.seed", "training.batch_size", "problem.spectrum.dimension")
_SHAPE = "KEY=V1,V2,... with a dotted key such as training.step_size=0.05,0.1"


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One key of the problem file with the values that it takes, as TOML values."""

    key: str
    values: tuple[object, ...]

    @property
    def dimension(self) -> str:
        """The name in the data set: the papers' symbol; Q_d instead of eps_d for number formats and other tables."""
        slot = self.key.removeprefix("quantization.")
        if slot in SLOTS and self.numbers is None:
            return f"Q_{SLOTS[slot]}"
        return DIMENSIONS.get(self.key, self.key.replace(".", "_"))

    @property
    def numbers(self) -> list[int] | list[float] | None:
        """The values as numbers, None unless all are."""
        try:
            found = [exact(value, self.key) for value in self.values]
        except ProblemError:
            return None
        if self.key in _COUNTED and all(value.denominator == 1 for value in found):
            return [value.numerator for value in found]
        return [float(value) for value in found]

    @property
    def coordinates(self) -> list[int] | list[float] | list[str]:
        """What the data set shows along the dimension."""
        numbers = self.numbers
        return [_text(value) for value in self.values] if numbers is None else numbers


def axis(key: str, values: Iterable[object]) -> Axis:
    """A key and its values; raises ProblemError unless there are some, all different."""
    made = Axis(key=key, values=tuple(_plain(value) for value in values))
    if not made.values:
        raise ProblemError(f"--over {key}: no values; give {_SHAPE}")
    seen = made.coordinates
    for place, each in enumerate(seen):
        if each in seen[:place]:
            raise ProblemError(f"--over {key}: the value {each} is given twice")
    return made


def axis_from_text(argument: str) -> Axis:
    """The axis of "KEY=V1,V2,...": TOML values, or strings where the text is no TOML."""
    key, text = key_and_text(argument, "--over", _SHAPE)
    if not text.strip():
        raise ProblemError(f"--over {shown(argument)} must be {_SHAPE}")
    whole = value_of(f"[{text}]")
    return axis(key, whole if isinstance(whole, list) else [value_of(part.strip()) for part in text.split(",")])


def _plain(value: object) -> object:
    """A NumPy scalar as the Python number that it holds."""
    return value.item() if hasattr(value, "item") else value


def _text(value: object) -> str:
    """A table by its format, then its other keys: "int8 range=8"; anything else as it is written."""
    if not isinstance(value, Mapping):
        return str(value)
    kind = [str(value["format"])] if "format" in value else []
    return " ".join([*kind, *(f"{key}={item}" for key, item in value.items() if key != "format")])
