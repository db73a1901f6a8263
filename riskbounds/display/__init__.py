"""Text with mathematics, numbers and tables, each written as HTML, Markdown and LaTeX; knows nothing of risks."""

from __future__ import annotations

from riskbounds.display.table import Table, Tabulated

__all__ = ["Table", "Tabulated"]
