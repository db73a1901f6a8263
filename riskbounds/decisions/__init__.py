"""Decisions: what to choose so that a target is met, which of two settings is better, where a budget or a bit goes."""

from __future__ import annotations

from riskbounds.decisions.allocation import allocate
from riskbounds.decisions.bits import next_bit
from riskbounds.decisions.comparison import compare
from riskbounds.decisions.formats import integer_or_floating
from riskbounds.decisions.minimum import minimise
from riskbounds.decisions.solution import solve

__all__ = ["allocate", "compare", "integer_or_floating", "minimise", "next_bit", "solve"]
