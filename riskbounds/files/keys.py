"""Tables of a problem file whose keys are checked: unknown and missing keys name the nearest valid one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from riskbounds.errors import ProblemError, did_you_mean
from riskbounds.problem.numbers import shown

EVERYWHERE = {
    "problem": ("spectrum", "target", "noise_variance", "risk_inputs"),
    "sketch": ("kind", "size", "seed"),
    "training": ("steps", "step_size", "batch_size"),
    "quantization": (
        "structure",
        "batch_scale",
        *("sketch", "data", "feature", "label", "parameter", "activation", "output", "storage"),
    ),
}
"""The keys of the four sections."""


class Table:
    """One table of a problem file with its dotted name."""

    def __init__(self, content: object, name: str, shape: str = "{ ... }") -> None:
        """Raise ProblemError unless the content is a table; `shape` shows what one looks like."""
        if not isinstance(content, Mapping):
            raise ProblemError(f"{name} = {shown(content)} must be a table such as {shape}")
        self.content: Mapping[str, Any] = content
        self.name = name

    def path(self, key: str) -> str:
        """Return the dotted path of a key."""
        return f"{self.name}.{key}" if self.name else key

    def check(self, required: Iterable[str], optional: Iterable[str] = ()) -> None:
        """Raise ProblemError for the first unknown key, then for the first missing one."""
        needed = list(required)
        valid = [*needed, *optional]
        for key in self.content:
            if key not in valid:
                raise ProblemError(f"unknown key {shown(self.path(key))[1:-1]}; {self._hint(key, valid)}")
        for key in needed:
            if key not in self.content:
                raise ProblemError(f"missing key {self.path(key)}")

    def _hint(self, key: str, valid: list[str]) -> str:
        near = did_you_mean(key, valid)
        if near:
            return near if not self.name else near.replace("did you mean ", f"did you mean {self.name}.")
        homes = [f"{section}.{key}" for section, keys in EVERYWHERE.items() if key in keys]
        if homes:
            return f"did you mean {homes[0]}?"
        return f"valid here: {', '.join(valid)}"

    def get(self, key: str, default: Any = None) -> Any:
        """Return the raw value of a key."""
        return self.content.get(key, default)

    def __contains__(self, key: str) -> bool:
        """Whether the key is present."""
        return key in self.content

    def __getitem__(self, key: str) -> Any:
        """Return the raw value of a key that is present."""
        return self.content[key]

    def text(self, key: str, default: str | None = None) -> str | None:
        """Return a string; raises ProblemError for another type."""
        value = self.content.get(key, default)
        if value is not None and not isinstance(value, str):
            raise ProblemError(f"{self.path(key)} = {shown(value)} must be a string")
        return value

    def kind(self, valid: Iterable[str]) -> str:
        """Return the key `kind`, one of `valid`; raises ProblemError naming the nearest."""
        choices = list(valid)
        if "kind" not in self.content:
            near = next((hint for key in self.content if (hint := did_you_mean(key, ["kind"]))), "")
            raise ProblemError(f"missing key {self.path('kind')}, one of: {', '.join(choices)}. {near}".rstrip(". "))
        value = self.content["kind"]
        if isinstance(value, str) and value in choices:
            return value
        hint = did_you_mean(value, choices) if isinstance(value, str) else ""
        listed = hint or f"it must be one of: {', '.join(choices)}"
        raise ProblemError(f"{self.path('kind')} = {shown(value)} is unknown; {listed}")
