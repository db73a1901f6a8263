"""Optimal exponents by an exact linear program: the largest exponent form is made as small as the budget allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Literal

import sympy as sp

from riskbounds import symbols as s
from riskbounds.decisions.monomials import Term
from riskbounds.errors import ProblemError

Cost = Literal["M*N", "M*N*bits", "M*bits"]
COSTS: tuple[Cost, ...] = ("M*N", "M*N*bits", "M*bits")

#: log_C of M, N, 1/eps and the risk; bits grow like a logarithm, so they enter no cost at this order.
_M, _N, _EPS, _RISK = 0, 1, 2, 3
#: Of optimal points the one with the least 1/eps, then the least N, then the least M.
_ORDER = (_RISK, _EPS, _N, _M)
_NEARBY = sp.Rational(1, 10**7 + 19)


@dataclass(frozen=True, kw_only=True)
class Exponents:
    """M ~ C^model, N ~ C^data, 1/eps ~ C^precision, risk ~ C^risk in Q(a, b); ``regime``: the terms that are largest there."""

    model: sp.Expr
    data: sp.Expr
    precision: sp.Expr
    risk: sp.Expr
    regime: tuple[str, ...]


@dataclass(frozen=True)
class _Row:
    """coefficients . (x, y, z, t) <= bound."""

    coefficients: tuple[sp.Expr, ...]
    bound: sp.Expr
    name: str = ""


def optimal_exponents(terms: Sequence[Term], cost: Cost, values: Mapping[sp.Symbol, sp.Rational]) -> Exponents:
    """Minimise max_k (exponent form of term k) over log M, log N, log 1/eps >= 0 in units of log C.

    The vertices are enumerated in rational arithmetic beside the given (a, b), where no two forms coincide by accident, and
    the best one is solved for symbolically; that it is optimal at (a, b) itself is checked.  Every slot has the same eps.
    Raises ProblemError for an unknown cost.
    """
    if cost not in COSTS:
        raise ProblemError(f"--cost {cost!r} is unknown; it must be one of {', '.join(COSTS)}")
    rows = _rows(terms, cost)
    nearby = {symbol: value + place * _NEARBY for place, (symbol, value) in enumerate(values.items(), start=1)}
    basis, _ = _best_vertex(_numbers(rows, nearby))
    symbolic = _solve([rows[place] for place in basis])
    here = [_rational(each.subs(dict(values))) for each in symbolic]
    exact = _best_vertex(_numbers(rows, values))[1]
    assert here[_RISK] == exact[_RISK], "the symbolic vertex is not optimal at this exponent"
    forms = [row for row in rows if row.name]
    largest = tuple(row.name for row in forms if sp.cancel(sp.Matrix(row.coefficients).dot(sp.Matrix(symbolic))) == 0)
    return Exponents(model=symbolic[_M], data=symbolic[_N], precision=symbolic[_EPS], risk=symbolic[_RISK], regime=largest)


def _rows(terms: Sequence[Term], cost: Cost) -> list[_Row]:
    zero, one = sp.S.Zero, sp.S.One
    found = []
    for term in terms:
        levels = sum((exponent for symbol, exponent in term.exponents.items() if symbol in s.EPS.values()), zero)
        form = (term.exponents.get(s.M, zero), term.exponents.get(s.N, zero), -levels, -one)
        found.append(_Row(form, zero, term.name))
    found.append(_Row((one, zero if cost == "M*bits" else one, zero, zero), one))
    return found + [_Row(tuple(-one if place == axis else zero for place in range(4)), zero) for axis in (_M, _N, _EPS)]


def _rational(value: sp.Expr) -> Fraction:
    exact = sp.Rational(value)
    return Fraction(int(exact.p), int(exact.q))


def _numbers(rows: Sequence[_Row], values: Mapping[sp.Symbol, sp.Rational]) -> list[tuple[list[Fraction], Fraction]]:
    return [([_rational(sp.sympify(each).subs(dict(values))) for each in row.coefficients], _rational(row.bound)) for row in rows]


def _best_vertex(rows: list[tuple[list[Fraction], Fraction]]) -> tuple[tuple[int, ...], list[Fraction]]:
    """The rows that meet in the best vertex, and the vertex."""
    best: tuple[list[Fraction], tuple[int, ...], list[Fraction]] | None = None
    for basis in combinations(range(len(rows)), 4):
        point = _meet([rows[place] for place in basis])
        if point is None or any(_dot(left, point) > right for left, right in rows):
            continue
        rank = [point[axis] for axis in _ORDER]
        if best is None or rank < best[0]:
            best = rank, basis, point
    assert best is not None, "the budget leaves a point: M = N = 1/eps = 1"
    return best[1], best[2]


def _dot(left: Sequence[Fraction], right: Sequence[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(left, right, strict=True)), Fraction(0))


def _meet(rows: Sequence[tuple[list[Fraction], Fraction]]) -> list[Fraction] | None:
    """The point where all rows are equalities, by Gauss elimination; None if there is not exactly one."""
    table = [[*left, right] for left, right in rows]
    for column in range(len(table)):
        pivot = next((place for place in range(column, len(table)) if table[place][column]), None)
        if pivot is None:
            return None
        table[column], table[pivot] = table[pivot], table[column]
        head = table[column][column]
        table[column] = [value / head for value in table[column]]
        for place, row in enumerate(table):
            if place != column and row[column]:
                table[place] = [value - row[column] * top for value, top in zip(row, table[column], strict=True)]
    return [row[-1] for row in table]


def _solve(rows: Sequence[_Row]) -> list[sp.Expr]:
    """The same vertex with coefficients in Q(a, b)."""
    matrix = sp.Matrix([list(row.coefficients) for row in rows])
    right = sp.Matrix([row.bound for row in rows])
    return [sp.factor(sp.cancel(sp.together(value))) for value in matrix.LUsolve(right)]
