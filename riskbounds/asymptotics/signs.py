"""The sign of an exponent under the assumptions, decided exactly, or split into cases; never guessed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import sympy as sp
from sympy.core.relational import Relational

from riskbounds.asymptotics.cells import (
    Sample,
    between,
    consistent,
    elimination,
    factors,
    holds,
    inside,
    isolate,
    reduced,
    relevant,
    samples,
)
from riskbounds.asymptotics.exponents import DEFAULT, Assumptions, Exponent, Undecided, assume, exponent, relation, relation_text
from riskbounds.symbols import a, b


@dataclass(frozen=True, kw_only=True)
class Case:
    """One case of a split: where its conditions hold, the expression has this sign."""

    sign: int
    conditions: tuple[Relational, ...]
    assumptions: Assumptions

    def __str__(self) -> str:
        """Return the sign and where it holds."""
        where = " and ".join(relation_text(each) for each in self.conditions) or "always"
        return f"{'-0+'[self.sign + 1]} where {where}"


def sign(value: Exponent, assumptions: Assumptions = DEFAULT) -> int:
    """Return the sign -1, 0 or 1 that an exponent has at every (a, b) of the assumptions.

    Raises Undecided, with the cases, when it has more than one sign, vanishes or is undefined somewhere.
    """
    found = possible_signs(exponent(value), assumptions)
    if len(found) == 1:
        return next(iter(found))
    split = "; ".join(str(case) for case in cases(value, assumptions))
    raise Undecided(f"the sign of {exponent(value)} is undecided under {assumptions}: {split}; add one of these as an assumption")


def compare(first: Exponent, second: Exponent, assumptions: Assumptions = DEFAULT) -> int:
    """Return the sign of first - second under the assumptions; raises Undecided as `sign` does."""
    return sign(exponent(first) - exponent(second), assumptions)


def largest(values: Iterable[Exponent], assumptions: Assumptions = DEFAULT) -> sp.Expr:
    """Return the largest of the exponents; raises Undecided, with the cases, when which one it is depends on a and b."""
    first, *rest = (exponent(value) for value in values)
    best = first
    for each in rest:
        if 1 in (found := possible_signs(exponent(each - best), assumptions)):
            if -1 in found:
                compare(each, best, assumptions)
            best = each
    return best


@lru_cache(maxsize=16384)
def possible_signs(value: sp.Expr, assumptions: Assumptions = DEFAULT) -> frozenset[int]:
    """Return the signs that an exponent takes under the assumptions.

    -1 and 1 are in the set exactly when they occur; 0 is left out only when it is shown not to occur, and poles count as 0.
    """
    consistent(assumptions)
    numerator, denominator = sp.fraction(reduced(value, assumptions))
    if numerator == 0:
        return frozenset({0})
    product = sp.expand(numerator * denominator)
    quick = _by_coefficients(product, assumptions)
    if quick:
        return frozenset({quick})
    found = {int(sp.sign(product.subs(point))) for point in samples([product], assumptions)}
    return frozenset(found | {0}) if any(_vanishes(factor, assumptions) for factor in factors([product])) else frozenset(found)


def cases(value: Exponent, assumptions: Assumptions = DEFAULT) -> tuple[Case, ...]:
    """Return the split of the assumptions into cases in each of which an exponent has one sign.

    Conditions are the signs of the irreducible factors that are not settled by the assumptions; poles are cases of none.
    """
    numerator, denominator = sp.fraction(reduced(exponent(value), assumptions))
    product = sp.expand(numerator * denominator)
    moving = [factor for factor in factors([product]) if len(possible_signs(factor, assumptions)) > 1]
    found: dict[tuple[Relational, ...], Case] = {}
    for point in samples([product], assumptions):
        conditions = tuple(relation(factor, int(sp.sign(factor.subs(point)))) for factor in moving)
        here = int(sp.sign(product.subs(point)))
        found[conditions] = Case(sign=here, conditions=conditions, assumptions=assume(*conditions, base=assumptions))
    for factor in moving:
        if factor in factors([numerator]):
            conditions = (relation(factor, 0),)
            found[conditions] = Case(sign=0, conditions=conditions, assumptions=assume(*conditions, base=assumptions))
    if numerator == 0:
        return (Case(sign=0, conditions=(), assumptions=assumptions),)
    return tuple(sorted(found.values(), key=lambda case: (-case.sign, str(case))))


def _by_coefficients(polynomial: sp.Expr, assumptions: Assumptions) -> int:
    """Return 1 or -1 when all coefficients in u = a - 1 > 0 and v = b - 1 > 0 have that sign, else 0."""
    if not {a - 1, b - 1} <= set(assumptions.positive):
        return 0
    shifted = sp.Poly(polynomial.subs({a: a + 1, b: b + 1}, simultaneous=True), a, b).coeffs()
    if elimination(assumptions):
        # b is a function of a here, so only a > 1 may be used, and only if a itself is free
        if set(elimination(assumptions)) != {b}:
            return 0
        shifted = sp.Poly(polynomial.subs(a, a + 1), a).coeffs()
    signs = {bool(each > 0) for each in shifted}
    return 0 if len(signs) > 1 else 1 if True in signs else -1


def _vanishes(factor: sp.Expr, assumptions: Assumptions) -> bool:
    """Return False only when an irreducible polynomial is shown to have no zero in the region."""
    bounds = inside(assumptions)
    if factor in factors(bounds) or _by_coefficients(factor, assumptions):
        return False
    symbols = relevant([factor], bounds)
    if len(symbols) == 1:
        return bool(_roots_inside(factor, [bound for bound in bounds if bound.has(symbols[0])], symbols[0], {}))
    if len({int(sp.sign(factor.subs(point))) for point in samples([factor], assumptions)}) > 1:
        return True
    return _touches(factor, bounds)


def _roots_inside(factor: sp.Expr, bounds: Iterable[sp.Expr], symbol: sp.Symbol, at: Sample) -> int:
    """Count the real roots of a polynomial in one symbol that lie where all bounds are positive."""
    bounds = [bound.subs(at) for bound in bounds]
    own = set(factors([factor])) - set(factors(bounds))
    roots = isolate([factor, *bounds], symbol)
    points = between([factor, *bounds], symbol)
    return sum(
        holds(bounds, {symbol: low}) and holds(bounds, {symbol: high})
        for (_, owner), (low, high) in zip(roots, pairwise(points), strict=True)
        if owner in own
    )


def _touches(factor: sp.Expr, bounds: tuple[sp.Expr, ...]) -> bool:
    """Return whether a polynomial in a and b of one sign may touch zero inside the open region.

    It would do so at a minimum, where both derivatives vanish too: finitely many points, sought by resultants.
    """
    slopes = [slope for slope in (sp.diff(factor, a), sp.diff(factor, b)) if slope != 0]
    if any(slope.is_number for slope in slopes):
        return False
    meet = sp.Integer(0)
    for slope in slopes:
        meet = sp.gcd(meet, sp.resultant(factor, slope, b) if slope.has(b) or factor.has(b) else slope)
    for root in factors([meet]):
        if not sp.Poly(root, a).count_roots():
            continue
        if sp.degree(root, a) > 1:
            return True
        at = {a: sp.solve(root, a)[0]}
        common = sp.gcd_list([factor.subs(at), *(slope.subs(at) for slope in slopes)])
        if common.has(b) and sp.Poly(common, b).count_roots() and _line_meets(common, bounds, at):
            return True
    return False


def _line_meets(common: sp.Expr, bounds: tuple[sp.Expr, ...], at: Sample) -> bool:
    lines = [bound.subs(at) for bound in bounds]
    if any(line.is_number and line <= 0 for line in lines):
        return False
    return bool(_roots_inside(common, [line for line in lines if not line.is_number], b, {}))
