"""The papers' experiments, and those beyond them: pictures, rows and fits of each in one folder."""

from __future__ import annotations

from riskbounds.experiments.registry import EXPERIMENTS, reproduce

__all__ = ["EXPERIMENTS", "reproduce"]
