"""The registered theorems, every row of theory section 9b under its name; :mod:`riskbounds.theorems.registry` lists them.

The tuple and its members are built on first use, so that a command that needs one theorem does not wait for all.
"""

from __future__ import annotations

import difflib
import importlib
from typing import TYPE_CHECKING, Any

from riskbounds.errors import ProblemError
from riskbounds.instance import commutes
from riskbounds.setting import Setting
from riskbounds.theorems.theorem import Assumption, Hypothesis, Theorem, latex

if TYPE_CHECKING:
    from riskbounds.theorems.registry import THEOREMS

__all__ = ["THEOREMS", "Assumption", "Hypothesis", "Theorem", "default_theorem", "latex", "theorem_named"]


def __getattr__(name: str) -> Any:
    """THEOREMS and every theorem by its Python name, built on first use (PEP 562)."""
    if name.startswith("_"):
        raise AttributeError(f"module 'riskbounds.theorems' has no attribute {name!r}")
    registry = importlib.import_module("riskbounds.theorems.registry")
    found = {key: value for key, value in vars(registry).items() if isinstance(value, Theorem) or key == "THEOREMS"}
    globals().update(found)
    if name not in found:
        raise AttributeError(f"module 'riskbounds.theorems' has no attribute {name!r}")
    return found[name]


def theorem_named(name: str) -> Theorem:
    """The registered theorem of that name; raises ProblemError that names the nearest."""
    from riskbounds.theorems.registry import THEOREMS

    for theorem in THEOREMS:
        if theorem.name == name:
            return theorem
    names = [theorem.name for theorem in THEOREMS]
    near = difflib.get_close_matches(name, names, n=1)
    raise ProblemError(f"unknown theorem {name!r}; " + (f"did you mean {near[0]}?" if near else f"known: {', '.join(names)}"))


def default_theorem(setting: Setting) -> Theorem:
    """sharp, or the member of its family that covers the setting: storage, not commuting, measured data."""
    from riskbounds.theorems.moment_bound import moment
    from riskbounds.theorems.sharp_pair import sharp, sharp_general, sharp_storage

    if setting.is_data:
        return moment
    if "storage" in setting.quantization.levels():
        return sharp_storage
    return sharp if commutes(setting) else sharp_general
