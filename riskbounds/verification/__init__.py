"""Running the checker over the derivations: results as rows, the ledger of proof states."""

from riskbounds.verification.run import verify

__all__ = ["verify"]
