"""Is a term zero? Denominators that the derivation has shown to be non-zero are cleared, then normal forms decide."""

from __future__ import annotations

from itertools import permutations

from riskbounds.terms.linear import Lin, Number, Var, lin
from riskbounds.terms.monomials import used_variables
from riskbounds.terms.polynomial import Base, Monomial, Term, combine, free_variables, normal, power, substitute


def is_zero(difference: Term, depth: int = 0) -> bool:
    """Whether the term vanishes for every size and value (sufficient; complete up to powers of coinciding bases).

    Sums with equally many bound variables of the same ranges are compared by their bodies, symmetrised over the bound
    variables.  Bases with a negative exponent are multiplied away; that they are not zero is checked elsewhere.
    """
    difference = _cleared(difference)
    if not difference.monomials:
        return True
    groups: dict[tuple[tuple[str, Lin | None], ...], list[tuple[Monomial, Number]]] = {}
    for monomial, c in difference.monomials.items():
        shape = tuple(sorted(((v.range, v.below) for v in monomial.bound), key=str))
        groups.setdefault(shape, []).append((monomial, c))
    return all(shape and _group_vanishes(group, depth) for shape, group in groups.items())


def _group_vanishes(group: list[tuple[Monomial, Number]], depth: int) -> bool:
    taken = {v.name for monomial, _ in group for v in used_variables(monomial.bound, monomial.factors)}
    if not any(_inverted(monomial) for monomial, _ in group) or any(name.startswith(f"${depth}.") for name in taken):
        return False
    parts = [(_opened(monomial, order, depth), c) for monomial, c in group for order in _orders(monomial.bound)]
    return is_zero(combine(parts), depth + 1)


def _orders(bound: tuple[Var, ...]) -> list[tuple[Var, ...]]:
    """Permutations that give every position a variable of the same range, positions sorted by range."""
    if any(var.below is not None and var.below.parts and {v for v, _ in var.below.parts} & set(bound) for var in bound):
        return [bound]
    first = sorted(bound, key=lambda v: (v.range, str(v.below)))
    shape = [(v.range, v.below) for v in first]
    return [order for order in permutations(first) if [(v.range, v.below) for v in order] == shape]


def _opened(monomial: Monomial, order: tuple[Var, ...], depth: int) -> Term:
    """The body with its bound variables as free ones."""
    body = normal((), dict(monomial.factors))
    change: dict[Var, Var | Lin] = {}
    for k, var in enumerate(order):
        below = None if var.below is None else var.below.substitute(lambda v: change.get(v, v))
        change[var] = Var(f"${depth}.{k}", var.range, below)
    return substitute(body, change)


def _inverted(monomial: Monomial) -> bool:
    return any(isinstance(f, Base) and e.constant < 0 for f, e in monomial.factors)


def _cleared(difference: Term) -> Term:
    """The term times the powers that its negative exponents of bases without bound variables need."""
    for _ in range(100):
        worst: dict[Base, Number] = {}
        for monomial in difference.monomials:
            bound = set(monomial.bound)
            for f, e in monomial.factors:
                if isinstance(f, Base) and e.constant < 0 and not bound & free_variables(f.term):
                    worst[f] = min(worst.get(f, 0), e.constant)
        if not worst:
            return difference
        # the base with most factors inside first: it may contain others
        base = max(worst, key=lambda f: (len(f.term.monomials), str(worst[f])))
        difference = combine((_raised(m, base, -worst[base]), c) for m, c in difference.monomials.items())
    return difference


def _raised(monomial: Monomial, base: Base, by: Number) -> Term:
    factors = dict(monomial.factors)
    own = factors.pop(base, lin(0)) + by
    whole = own.constant.__floor__()
    if own.is_constant and own.constant == whole:
        # multiplied first: the base may hold sums, whose variables must not meet the monomial's
        return Term({Monomial(monomial.bound, tuple(factors.items())): 1}) * power(base.term, own)
    return normal(monomial.bound, {**factors, base: own})
