"""Reports: everything about one problem on a page, and the steps of checked proofs."""

from __future__ import annotations

from riskbounds.report.content import compose
from riskbounds.report.write import ready, write

__all__ = ["compose", "ready", "write"]
