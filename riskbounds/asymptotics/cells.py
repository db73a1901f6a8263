"""Cells: the open sets of (a, b) on which finitely many polynomials keep their signs, one exact rational point in each.

An open cylindrical decomposition: leading coefficients, discriminants and resultants in b are polynomials in a; between
their real roots, which are isolated by exact rational intervals, the picture in b does not change.  What holds at the sample
points holds on an open dense subset of the assumed region, and closed statements then hold on all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import combinations, pairwise

import sympy as sp

from riskbounds.asymptotics.exponents import PARAMETERS, Assumptions, Undecided, exponent, free_parameters
from riskbounds.symbols import a, b

Sample = Mapping[sp.Symbol, sp.Rational]

OFF_CENTRE = sp.Rational(61, 103)
"""Where in an interval its sample point lies."""

DEGREE_LIMIT = 24
"""Largest degree of a polynomial whose cells are looked for; beyond it the answer is Undecided."""


def factors(polynomials: Iterable[sp.Expr]) -> tuple[sp.Expr, ...]:
    """Return the distinct irreducible factors over Q that depend on a or b, in a fixed order."""
    found: dict[sp.Expr, None] = {}
    for polynomial in polynomials:
        for factor, _ in _factor_list(polynomial):
            found.setdefault(factor)
    return tuple(found)


@lru_cache(maxsize=16384)
def _factor_list(polynomial: sp.Expr) -> tuple[tuple[sp.Expr, int], ...]:
    if not polynomial.free_symbols:
        return ()
    if sp.Poly(polynomial, *PARAMETERS).total_degree() > DEGREE_LIMIT:
        raise Undecided(f"a polynomial of degree above {DEGREE_LIMIT} in a and b decides this; give simpler exponents")
    return tuple(sp.factor_list(polynomial, *PARAMETERS)[1])


def elimination(assumptions: Assumptions) -> dict[sp.Symbol, sp.Expr]:
    """Return what the equations among the assumptions make of b or a: {b: r(a)}, {a: number} or both.

    Raises Undecided for an equation that is not linear in b or in a.
    """
    found: dict[sp.Symbol, sp.Expr] = {}
    for equation in assumptions.zero:
        rest = sp.fraction(exponent(equation.subs(found)))[0]
        if rest == 0:
            continue
        for symbol in (b, a):
            if rest.has(symbol) and sp.degree(rest, symbol) == 1:
                value = exponent(symbol - rest / sp.diff(rest, symbol))
                found = {old: exponent(new.subs(symbol, value)) for old, new in found.items()} | {symbol: value}
                break
        else:
            raise Undecided(f"the assumption {equation} = 0 is not linear in a or in b; give it as linear equations")
    return found


def reduced(expression: sp.Expr, assumptions: Assumptions) -> sp.Expr:
    """Return an exponent after the equations among the assumptions are used."""
    return exponent(expression.subs(elimination(assumptions))) if assumptions.zero else exponent(expression)


def inside(assumptions: Assumptions) -> tuple[sp.Expr, ...]:
    """Return the polynomials that are positive, after the equations are used."""
    found = []
    for each in assumptions.positive:
        numerator, denominator = sp.fraction(reduced(each, assumptions))
        found.append(sp.expand(numerator * denominator))
    return tuple(found)


def relevant(polynomials: Iterable[sp.Expr], bounds: Iterable[sp.Expr]) -> tuple[sp.Symbol, ...]:
    """Return the parameters on which the polynomials depend, and those that the bounds tie to them."""
    found, bounds = set(free_parameters(polynomials)), list(bounds)
    for _ in PARAMETERS:
        for bound in bounds:
            if bound.free_symbols & found:
                found |= bound.free_symbols
    return tuple(symbol for symbol in PARAMETERS if symbol in found)


def samples(polynomials: Iterable[sp.Expr], assumptions: Assumptions, *, both: bool = False) -> tuple[Sample, ...]:
    """Return one rational point in each open cell of the region where the polynomials (already reduced) keep their signs.

    A parameter that does not matter is left out, unless `both`: then every point fixes a and b.  Raises Undecided when the
    assumptions contradict each other.
    """
    bounds = inside(assumptions)
    polynomials = tuple(polynomials)
    symbols = relevant(polynomials, bounds)
    if both:
        symbols = tuple(symbol for symbol in PARAMETERS if symbol not in elimination(assumptions))
    involved = [bound for bound in bounds if bound.free_symbols <= set(symbols)]
    found = [point for point in _cells(factors([*polynomials, *involved]), symbols) if holds(involved, point)]
    if not found:
        raise Undecided(f"no a, b satisfy the assumptions {assumptions}")
    if both and assumptions.zero:
        solved = elimination(assumptions)
        return tuple({**point, **{symbol: value.subs(point) for symbol, value in solved.items()}} for point in found)
    return tuple(found)


@lru_cache(maxsize=256)
def consistent(assumptions: Assumptions) -> Sample:
    """Return a point (a, b) of the assumed region; raises Undecided when there is none."""
    return samples((), assumptions, both=True)[0]


def holds(bounds: Iterable[sp.Expr], point: Sample) -> bool:
    """Return whether every polynomial is positive at a point that fixes its parameters."""
    return all(bound.subs(point) > 0 for bound in bounds)


def _cells(polynomials: tuple[sp.Expr, ...], symbols: tuple[sp.Symbol, ...]) -> list[Sample]:
    if not symbols:
        return [{}]
    if len(symbols) == 1:
        return [{symbols[0]: value} for value in between(polynomials, symbols[0])]
    base = _projection(polynomials)
    found: list[Sample] = []
    for first in between(base, a):
        lines = tuple(each.subs(a, first) for each in polynomials)
        found += [{a: first, b: second} for second in between(lines, b)]
    return found


def _projection(polynomials: tuple[sp.Expr, ...]) -> tuple[sp.Expr, ...]:
    """Return the polynomials in a at whose roots the picture in b may change."""
    flat = [each for each in polynomials if not each.has(b)]
    tall = [sp.Poly(each, b) for each in polynomials if each.has(b)]
    found = [*flat, *(each.LC() for each in tall)]
    found += [each.discriminant() for each in tall if each.degree() > 1]
    found += [sp.resultant(first, second).as_expr() for first, second in combinations(tall, 2)]
    return factors([sp.expand(each) for each in found])


def between(polynomials: Iterable[sp.Expr], symbol: sp.Symbol) -> list[sp.Rational]:
    """Return rational points, one in each interval between the real roots of polynomials in one symbol.

    The points are no simple fractions, so that nothing but the polynomials given is likely to vanish at one.
    """
    gaps = [interval for interval, _ in isolate(polynomials, symbol)]
    if not gaps:
        return [OFF_CENTRE]
    middle = [low[1] + (high[0] - low[1]) * OFF_CENTRE for low, high in pairwise(gaps)]
    return [gaps[0][0] - OFF_CENTRE, *middle, gaps[-1][1] + OFF_CENTRE]


def isolate(polynomials: Iterable[sp.Expr], symbol: sp.Symbol) -> list[tuple[tuple[sp.Rational, sp.Rational], sp.Expr]]:
    """Return disjoint rational intervals, each with one real root, in order, and the irreducible polynomial it belongs to."""
    irreducible = factors(polynomials)
    width = sp.Rational(1, 4)
    while True:
        found = [
            (interval, polynomial)
            for polynomial in irreducible
            for interval, _ in sp.Poly(polynomial, symbol).intervals(eps=width)
        ]
        found.sort(key=lambda each: each[0])
        if all(low[1] < high[0] for (low, _), (high, _) in pairwise(found)):
            return found
        width /= 16
