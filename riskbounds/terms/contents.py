"""What a term contains: variables, atoms and factors, and what all its monomials share."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING

from riskbounds.terms.linear import Var
from riskbounds.terms.monomials import Atom, Base, Factor, Factors, Function, factor_variables, used_variables

if TYPE_CHECKING:
    from riskbounds.terms.polynomial import Term


def free_variables(body: Term) -> set[Var]:
    """The variables that occur free."""
    found: set[Var] = set()
    for monomial in body.monomials:
        found |= used_variables(monomial.bound, monomial.factors) - set(monomial.bound)
    return found


def atoms_of(body: Term) -> set[Atom]:
    """All atoms, also inside powers and functions."""
    found: set[Atom] = set()
    for f in factors_of(body):
        if isinstance(f, Atom):
            found.add(f)
    return found


def factors_of(body: Term) -> Iterator[Factor]:
    """All factors, also inside powers and functions."""
    for monomial in body.monomials:
        for f, _ in monomial.factors:
            yield f
            for inner in (f.term,) if isinstance(f, Base) else f.arguments if isinstance(f, Function) else ():
                yield from factors_of(inner)


def content(base: Term) -> Fraction:
    """The positive number that leaves coprime integers as coefficients."""
    coefficients = base.monomials.values()
    return Fraction(gcd(*(c.numerator for c in coefficients)), lcm(*(c.denominator for c in coefficients)))


def shared_factors(base: Term) -> Factors:
    """The atoms that divide every monomial, with their exponents."""
    monomials = list(base.monomials)
    shared: Factors = {f: e for f, e in monomials[0].factors if isinstance(f, Atom | Var) and f not in monomials[0].bound}
    for monomial in monomials:
        own, bound = dict(monomial.factors), set(monomial.bound)
        for f, e in list(shared.items()):
            other = own.get(f)
            if other is None or not (e.is_constant and other.is_constant) or factor_variables(f) & bound:
                del shared[f]
            elif other.constant < e.constant:
                shared[f] = other
    return shared
