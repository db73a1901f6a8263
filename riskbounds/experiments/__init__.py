"""The papers' experiments, and those beyond them: pictures, rows and fits of each in one folder."""

from __future__ import annotations

from riskbounds.errors import MissingExtraError

try:
    from riskbounds.experiments.registry import EXPERIMENTS, reproduce
except MissingExtraError as error:
    raise MissingExtraError("an experiment", "plot,sweep") from error

__all__ = ["EXPERIMENTS", "reproduce"]
