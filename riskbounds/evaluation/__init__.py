"""Evaluate the registered theorems on settings: bounds, terms, budgets, effective sizes, exact risk."""

from __future__ import annotations

from riskbounds.evaluation.bounds import bound
from riskbounds.evaluation.exact_values import exact_risk

__all__ = ["bound", "exact_risk"]
