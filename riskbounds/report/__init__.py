"""A report on one problem: problem, hypotheses, theorem, numbers, law, budget, pictures, proof status and references."""

from __future__ import annotations

from riskbounds.report.content import compose
from riskbounds.report.write import ENDINGS, write

__all__ = ["ENDINGS", "compose", "write"]
