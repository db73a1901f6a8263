"""Sweeps: `bound` or `simulate` over any keys of a problem file, as one labelled data set."""

from __future__ import annotations

from riskbounds.sweeps.sweeping import sweep

__all__ = ["sweep"]
