"""The rule for an inequality in at most three real numbers on a box: ball arithmetic on subdivisions; verdict enclosed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from riskbounds.errors import ProofError
from riskbounds.proofs.certificates import Certificate, Premises
from riskbounds.proofs.rules import Rule, Verdict, by_certificate
from riskbounds.terms.balls import enclosure, hull
from riskbounds.terms.claims import Claim, le
from riskbounds.terms.polynomial import Factor, Term, single, term


@dataclass(frozen=True)
class Enclosed(Rule):
    """left <= right (or <) for low <= number <= high, by enclosing right - left on every part of a subdivided box.

    ``box`` holds (number, low, high); ``certificates`` show low <= number and number <= high, number after number.
    """

    box: tuple[tuple[Term, Fraction, Fraction], ...]
    certificates: tuple[Certificate, ...]
    parts: int = 20_000

    def check(self, claim: Claim, premises: Premises) -> Verdict:
        """Halve the longest side until every enclosure decides; refuse a part on the other side, or too many parts."""
        if claim.relation == "=" or not 1 <= len(self.box) <= 3 or len(self.certificates) != 2 * len(self.box):
            raise ProofError("an enclosure shows an inequality in one, two or three numbers, two certificates each")
        factors = self._factors(premises)
        todo, done = [tuple((low, high) for _, low, high in self.box)], 0
        while todo:
            part, done = todo.pop(), done + 1
            gap = enclosure(claim.gap, {f: hull(*ends) for f, ends in zip(factors, part, strict=True)})
            if gap > 0 or (gap >= 0 and claim.relation == "<="):
                continue
            if gap < 0 or done > self.parts:
                where = ", ".join(f"{float(low):.4g}..{float(high):.4g}" for low, high in part)
                raise ProofError(f"{'false' if gap < 0 else 'not decided'} on the part {where} of the box")
            longest = max(range(len(part)), key=lambda k: (part[k][1] - part[k][0]) / (self.box[k][2] - self.box[k][1] or 1))
            low, high = part[longest]
            todo += [
                (*part[:longest], half, *part[longest + 1 :]) for half in ((low, (low + high) / 2), ((low + high) / 2, high))
            ]
        return Verdict("enclosed", f"{done} parts")

    def _factors(self, premises: Premises) -> list[Factor]:
        """The box's numbers, after their certificates."""
        for (number, low, high), above, below in zip(self.box, self.certificates[::2], self.certificates[1::2], strict=True):
            by_certificate(le(term(low), number), above, premises)
            by_certificate(le(number, term(high)), below, premises)
        return [single(number) for number, _, _ in self.box]
