"""The profiles of what is being learned: finite sums of q t^k e^(-m t) with rational q, whole k and m >= 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import factorial

from riskbounds.errors import ProofError
from riskbounds.terms.functions import apply
from riskbounds.terms.linear import Number, Var, lin
from riskbounds.terms.polynomial import Term, combine, power, single, term
from riskbounds.terms.profiles import TAU, Profile


def decay(time: Term = TAU) -> Term:
    """e^(-t)."""
    return apply("exp", -time)


@dataclass(frozen=True)
class Exponentials(Profile):
    """The sum of ``parts[k, m]`` t^k e^(-m t), none of them zero."""

    parts: Mapping[tuple[int, int], Number]

    def taylor(self, j: int) -> Fraction:
        """The coefficient of t^j at t = 0."""
        parts = (q * Fraction((-m) ** (j - k), factorial(j - k)) for (k, m), q in self.parts.items() if k <= j)
        return sum(parts, Fraction(0))

    @property
    def at_zero(self) -> Number | None:
        """Taylor's first coefficient, unless a power below it remains."""
        poles = range(min((k for k, _ in self.parts), default=0), 0)
        return None if any(self.taylor(j) for j in poles) else self.taylor(0)

    @property
    def at_infinity(self) -> Number | None:
        """The constant, unless a power of t does not decay."""
        return None if any(k > 0 for k, m in self.parts if not m) else self.parts.get((0, 0), 0)

    def derivative(self) -> Exponentials:
        """Term by term."""
        found: dict[tuple[int, int], Number] = {}
        for (k, m), q in self.parts.items():
            for key, part in (((k - 1, m), q * k), ((k, m), -q * m)):
                found[key] = found.get(key, 0) + part
        return Exponentials({key: q for key, q in found.items() if q})

    @property
    def body(self) -> Term:
        """The function as a term in tau."""
        return combine((TAU**k * decay() ** m, q) for (k, m), q in self.parts.items())

    def mellin(self, a: Var, b: Var | int = 0) -> Term:
        """The sum of q Gamma(k + s) m^(-s-k) over the decaying terms, s = (b-1)/a; m^-s is the number :func:`root` of m, -1/s."""
        s = (term(b) - 1) / term(a)
        parts = ((apply("gamma", k + s) * root(m, -1 / s) * power(term(m), lin(-k)), q) for (k, m), q in self.parts.items() if m)
        return combine(parts)


def exponentials(body: Term) -> Exponentials:
    """The profile of a term in tau; raises ProofError outside the class."""
    known = {single(TAU): 0, single(decay()): 1}
    found: dict[tuple[int, int], Number] = {}
    for monomial, q in body.monomials.items():
        powers = [0, 0]
        for f, e in monomial.factors:
            if f not in known or e.parts or e.constant.denominator != 1:
                raise ProofError(f"{body} is not a sum of q tau^k exp(-m tau)")
            powers[known[f]] = int(e.constant)
        if monomial.bound or powers[1] < 0:
            raise ProofError(f"{body} is not a sum of q tau^k exp(-m tau), m >= 0")
        found[powers[0], powers[1]] = q
    return Exponentials(found)


def root(m: int, a: Var | Term) -> Term:
    """m^(1/a), a number of its own; 1 for m = 1."""
    return term(1) if m == 1 else apply("root", m, a)
