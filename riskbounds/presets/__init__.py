"""The problem files shipped with the package; each says which of its values are published."""

from __future__ import annotations

from importlib import resources

_LEVELS = ("0", "1e-3", "5e-3", "1e-2")
_DIMENSIONS = ("50", "100", "200", "400")

NAMES: tuple[str, ...] = (
    *(f"figure{figure}{panel}" for figure in "12" for panel in "abcd"),
    *(f"q1-{structure}-{eps}" for structure in ("multiplicative", "additive") for eps in _LEVELS),
    *(f"q2-{structure}-{d}" for structure in ("multiplicative", "additive") for d in _DIMENSIONS),
    "diabetes",
)
"""The presets, in the order in which they are listed."""


def text(name: str) -> str:
    """Return the problem file of a preset."""
    return resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")


def summary(name: str) -> str:
    """Return the first comment line of a preset: what it is, in one sentence."""
    return text(name).splitlines()[0].removeprefix("#").strip()
