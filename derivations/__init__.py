"""Derivations: one file per theorem, each step of a proof with its justification; ``riskbounds verify`` checks them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskbounds.proofs import Derivation

#: Derivation -> the file that holds it and its name there, in reading order.
PLACES: dict[str, tuple[str, str]] = {
    "sharp": ("sharp", "derivation"),
    "sharp-general": ("sharp_general", "derivation"),
    "sharp-storage": ("sharp_storage", "derivation"),
}


def load(name: str) -> Derivation:
    """The derivation of that name."""
    file, attribute = PLACES[name]
    found: Derivation = getattr(import_module(f"riskbounds.derivations.{file}"), attribute)
    return found
