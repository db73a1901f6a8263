"""Pictures of bounds, laws, decisions and runs: one function per question; `ax=None`, the axes come back, nothing is shown."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskbounds.plots.bits import effective_sizes, formats
    from riskbounds.plots.laws import law_lines
    from riskbounds.plots.regime_plane import regime_map
    from riskbounds.plots.risk_curve import risk
    from riskbounds.plots.sensitivity import batch_size, slots, step_size
    from riskbounds.plots.spectra import spectrum
    from riskbounds.plots.style import save
    from riskbounds.plots.term_budget import terms

_HOMES = {
    "batch_size": "sensitivity",
    "effective_sizes": "bits",
    "formats": "bits",
    "law_lines": "laws",
    "regime_map": "regime_plane",
    "risk": "risk_curve",
    "save": "style",
    "slots": "sensitivity",
    "spectrum": "spectra",
    "step_size": "sensitivity",
    "terms": "term_budget",
}

__all__ = [
    "batch_size",
    "effective_sizes",
    "formats",
    "law_lines",
    "regime_map",
    "risk",
    "save",
    "slots",
    "spectrum",
    "step_size",
    "terms",
]


def __getattr__(name: str) -> object:
    """Import a picture on first use: the numbers' provenance needs no matplotlib."""
    if name not in _HOMES:
        raise AttributeError(f"module 'riskbounds.plots' has no attribute {name!r}")
    return getattr(importlib.import_module(f"riskbounds.plots.{_HOMES[name]}"), name)
