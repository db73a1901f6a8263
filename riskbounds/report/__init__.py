"""Reports: everything about one problem on a page, and the steps of checked proofs."""

from __future__ import annotations

from riskbounds.errors import MissingExtraError

try:
    from riskbounds.report.content import compose
    from riskbounds.report.write import ready, write
except MissingExtraError as error:
    raise MissingExtraError("a report", "report") from error

__all__ = ["compose", "ready", "write"]
