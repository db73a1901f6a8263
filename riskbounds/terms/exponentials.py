"""The closed class of the laws' summands: finite sums of q t^k e^(-m t) with rational q, whole k and m >= 0.

Sums of the class are maps (k, m) -> q, so that derivatives, Taylor coefficients and Mellin transforms are exact arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import factorial

from riskbounds.errors import ProofError
from riskbounds.terms.functions import apply
from riskbounds.terms.linear import Number, Var, lin
from riskbounds.terms.polynomial import Term, combine, power, single, term
from riskbounds.terms.vocabulary import scalar

Exponentials = Mapping[tuple[int, int], Number]
#: The argument t > 0 of a summand.
TAU = scalar("tau")


def decay(time: Term = TAU) -> Term:
    """e^(-t)."""
    return apply("exp", -time)


def exponentials(body: Term) -> dict[tuple[int, int], Number]:
    """The coefficients of a term in tau; raises ProofError outside the class."""
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
    return found


def plus(left: Exponentials, right: Exponentials, scale: Number = 1) -> dict[tuple[int, int], Number]:
    """left + scale right."""
    keys = {*left, *right}
    total = {key: left.get(key, 0) + scale * right.get(key, 0) for key in keys}
    return {key: q for key, q in total.items() if q}


def derivative(body: Exponentials) -> dict[tuple[int, int], Number]:
    """d/dt, term by term."""
    found: dict[tuple[int, int], Number] = {}
    for (k, m), q in body.items():
        found = plus(found, {(k - 1, m): q * k, (k, m): -q * m})
    return found


def taylor(body: Exponentials, j: int) -> Fraction:
    """The coefficient of t^j at t = 0."""
    parts = (q * Fraction((-m) ** (j - k), factorial(j - k)) for (k, m), q in body.items() if k <= j)
    return sum(parts, Fraction(0))


def first_power(body: Exponentials) -> int:
    """The least k of the terms: Taylor coefficients below it vanish."""
    return min((k for k, _ in body), default=0)


def mellin(body: Exponentials, a: Var) -> Term:
    """The transform int f(t) t^(s-1) dt at s = -1/a, continued: sum of q Gamma(k - 1/a) m^(1/a - k) over the decaying terms.

    m^(1/a) is the number :func:`root` of m.
    """
    parts = ((apply("gamma", k - 1 / term(a)) * root(m, a) * power(term(m), lin(-k)), q) for (k, m), q in body.items() if m)
    return combine(parts)


def root(m: int, a: Var) -> Term:
    """m^(1/a), a number of its own; 1 for m = 1."""
    return term(1) if m == 1 else apply("root", m, a)
