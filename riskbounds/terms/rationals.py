"""The profiles of a floor: polynomials in t and 1/(1+t), such as the share u = t/(1+t) that a floor leaves of a direction.

With D = 1/(1+t) they are sums of q D^m with whole m, because t = 1/D - 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import comb, factorial, prod

from riskbounds.errors import ProofError
from riskbounds.terms.functions import apply
from riskbounds.terms.linear import Number, Var, lin
from riskbounds.terms.polynomial import Base, Term, combine, factor, single, term
from riskbounds.terms.profiles import TAU, Profile

ONE_MORE = Base(1 + TAU)


@dataclass(frozen=True)
class Rationals(Profile):
    """The sum of ``parts[m]`` (1+t)^-m, none of them zero."""

    parts: Mapping[int, Number]

    @property
    def at_zero(self) -> Number | None:
        """D = 1."""
        return sum(self.parts.values(), Fraction(0))

    @property
    def at_infinity(self) -> Number | None:
        """D = 0, unless a power of 1 + t grows."""
        return None if any(m < 0 for m in self.parts) else self.parts.get(0, 0)

    def derivative(self) -> Rationals:
        """D' = -D^2."""
        return Rationals({m + 1: -m * q for m, q in self.parts.items() if m})

    @property
    def body(self) -> Term:
        """The function as a term in tau."""
        return combine((factor(ONE_MORE, lin(-m)), q) for m, q in self.parts.items())

    def mellin(self, a: Var, b: Var | int = 0) -> Term:
        """The sum of q Gamma(s) Gamma(m - s)/(m-1)! over the decaying terms, s = (b-1)/a, with Gamma(1 - s) put in front."""
        s = (term(b) - 1) / term(a)
        parts = ((prod((j - s for j in range(1, m)), start=term(1)), q / Fraction(factorial(m - 1))) for m, q in self._decaying())
        return apply("gamma", s) * apply("gamma", 1 - s) * combine(parts)

    def _decaying(self) -> list[tuple[int, Number]]:
        return [(m, q) for m, q in self.parts.items() if m > 0]


def rationals(body: Term) -> Rationals:
    """The profile of a term in tau; raises ProofError outside the class."""
    found: dict[int, Number] = {}
    for monomial, q in body.monomials.items():
        powers = dict.fromkeys((single(TAU), ONE_MORE), 0)
        for f, e in monomial.factors:
            if f not in powers or e.parts or e.constant.denominator != 1:
                raise ProofError(f"{body} is not a sum of q tau^k (1 + tau)^-m")
            powers[f] = int(e.constant)
        k, m = powers.values()
        if monomial.bound or k < 0:
            raise ProofError(f"{body} is not a sum of q tau^k (1 + tau)^-m, k >= 0")
        for j in range(k + 1):
            at = -m - j
            found[at] = found.get(at, 0) + q * comb(k, j) * (-1) ** (k - j)
    return Rationals({m: q for m, q in found.items() if q})
