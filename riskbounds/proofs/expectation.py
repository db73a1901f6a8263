"""The rule by which an equation between means follows from a law: rule (9), and the tower rule (10) by the order of averaging."""

from __future__ import annotations

from dataclasses import dataclass

from riskbounds.errors import ProofError
from riskbounds.proofs.certificates import Premises
from riskbounds.proofs.rules import PROVED, Rule, Verdict
from riskbounds.terms.claims import Claim
from riskbounds.terms.expectation import Family, expectation
from riskbounds.terms.identity import is_zero


@dataclass(frozen=True)
class Expectation(Rule):
    """Both sides have the same expectation under the law: an equation between means of polynomials."""

    law: tuple[Family, ...]

    def check(self, claim: Claim, premises: Premises) -> Verdict:  # noqa: ARG002
        """Average the difference of the two sides out and compare normal forms."""
        if claim.relation != "=":
            raise ProofError("an expectation gives an equation")
        if not is_zero(expectation(claim.gap, self.law)):
            raise ProofError(f"the law gives {expectation(claim.left, self.law)} = {expectation(claim.right, self.law)}")
        return PROVED
