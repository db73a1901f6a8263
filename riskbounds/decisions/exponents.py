"""Optimal exponents under a budget, from a scaling law, by exact linear programs: one for each regime of the law.

A law is a sum of monomials, each in force on one side of walls such as M^a = N.  On the cell between the walls the risk is
C^(-r) with r the least of the decays of the monomials in force there, so log_C of M, N and 1/eps solve a linear program.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import Literal

import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.cones import Form, combine, fraction
from riskbounds.asymptotics.law_terms import LawTerm
from riskbounds.asymptotics.laws import Law
from riskbounds.asymptotics.orders import VARIABLES, natural_domain
from riskbounds.asymptotics.pieces import pieces, text
from riskbounds.asymptotics.simplex import maximise

Cost = Literal["M*N", "M*N*bits", "M*bits"]
COSTS: tuple[Cost, ...] = ("M*N", "M*N*bits", "M*bits")
Values = Mapping[sp.Symbol, sp.Rational]

#: The level that all slots share, and the symbols that stay fixed as the budget grows.
LEVEL = s.eps_d
_FIXED = dict.fromkeys((s.step, s.B, s.sigma, s.p, s.c), sp.S.One)
_SHARED = dict.fromkeys(s.EPS.values(), LEVEL)
_VANISHING = dict.fromkeys((s.step, *s.EPS.values()), sp.S.Zero)
#: Columns of a program: log_C of M, N, 1/eps, and r = -log_C of the risk.
_M, _N, _EPS, _RISK = 0, 1, 2, 3
#: Among points of the same r the least 1/eps is taken, then the least N, then the least M: weights below any other difference.
_TINY = Fraction(1, 10**200)
_OBJECTIVE = (-(_TINY**3), -(_TINY**2), -_TINY, Fraction(1))
_ASIDE = sp.Rational(1, 10**7 + 19)


@dataclass(frozen=True, kw_only=True)
class Exponents:
    """M ~ C^model, N ~ C^data, 1/eps ~ C^precision, risk ~ C^risk in Q(a, b).

    ``terms`` are the terms of the law that are largest there, ``regime`` the parts of the risk they belong to, and ``where``
    the monomials that are >= 1 in the cell of the law (up to constants).
    """

    model: sp.Expr
    data: sp.Expr
    precision: sp.Expr
    risk: sp.Expr
    regime: tuple[str, ...]
    terms: tuple[str, ...]
    where: tuple[str, ...]

    @property
    def bits(self) -> sp.Expr:
        """2^bits ~ C^bits: one bit divides eps by four."""
        return sp.factor(self.precision / 2)

    def to_dict(self) -> dict[str, object]:
        """As JSON."""
        powers = {"M": self.model, "N": self.data, "bits": self.bits, "risk": self.risk}
        where = [f"{each} >= 1" for each in self.where]
        return {"where": where, **{name: str(power) for name, power in powers.items()}, "largest": list(self.terms)}


@dataclass(frozen=True, kw_only=True)
class Order:
    """One monomial of a law: its name, the part of the risk it belongs to, its exponents, and the forms that are >= 0 with it."""

    name: str
    part: str
    form: Form
    conditions: tuple[Form, ...]


@dataclass(frozen=True)
class _Row:
    """coefficients . (log M, log N, log 1/eps, r) <= bound."""

    coefficients: tuple[sp.Expr, ...]
    bound: int = 0

    def at(self, values: Values) -> tuple[list[Fraction], Fraction]:
        return [fraction(each, values) for each in self.coefficients], Fraction(self.bound)


def budget_orders(terms: Sequence[LawTerm], values: Values) -> tuple[Order, ...]:
    """The monomials of a law in M, N and one level eps; step size, batch, noise and dimension are constants.

    Conditions on a and b alone are settled at ``values``.  A coefficient that does not vanish with the levels is a bounded
    factor; terms of the second order in the step size, which another term exceeds in every regime, are left out.
    """
    found: dict[tuple[Form, tuple[Form, ...]], Order] = {}
    domain = natural_domain([tuple((symbol, sp.S.One) for symbol in VARIABLES)])
    for term in terms:
        settled = [each for each in term.when if each.free_symbols <= set(values)]
        coefficient = term.coefficient.xreplace({s.step: sp.S.Zero, s.B: sp.S.One})
        if any(each.subs(dict(values)) < 0 for each in settled) or coefficient == 0:
            continue
        bounded = _is_bounded(coefficient, values)
        powers: dict[sp.Symbol, sp.Expr] = {}
        for symbol, power in term.exponents.items():
            shared = _SHARED.get(symbol, symbol)
            powers[shared] = powers.get(shared, sp.S.Zero) + power
        plain = replace(
            term,
            coefficient=sp.S.One if bounded else sp.factor_terms(coefficient.xreplace({**_SHARED, **_FIXED})),
            exponents={symbol: power for symbol, power in powers.items() if symbol not in _FIXED},
            when=tuple(each.xreplace({**_SHARED, **_FIXED}) for each in term.when if each not in settled),
        )
        for piece in pieces(plain, domain):
            key = piece.form, piece.conditions
            found.setdefault(key, Order(name=piece.name, part=term.part, form=piece.form, conditions=piece.conditions))
    return tuple(found.values())


def _is_bounded(coefficient: sp.Expr, values: Values) -> bool:
    """Whether a coefficient tends to a number other than 0 as the levels vanish, at (a, b) moved aside from poles of gamma."""
    limit = coefficient.xreplace({**_VANISHING, **_aside(values)})
    return limit != 0 and not limit.has(sp.zoo, sp.nan, sp.oo)


def _aside(values: Values) -> dict[sp.Symbol, sp.Rational]:
    """(a, b) moved a little, where no two forms coincide by accident."""
    return {symbol: value + place * _ASIDE for place, (symbol, value) in enumerate(values.items(), start=1)}


def stability(law: Law, values: Values) -> tuple[Form, ...]:
    """The forms that are >= 0 where the trace M e of a floor e is bounded: a law assumes a noise feedback below 1."""
    if law.floor == 0:
        return ()
    trace = LawTerm(name="trace of the floor", part="data", coefficient=law.floor, exponents={s.M: sp.S.One})
    return tuple(combine((), each.form) for each in budget_orders([trace], values))


def optimal_exponents(orders: Sequence[Order], cost: Cost, values: Values, within: Sequence[Form] = ()) -> tuple[Exponents, ...]:
    """The optimum in each cell of the law, the least risk first: minimise the largest monomial in force.

    log M, log N, log 1/eps >= 0 in units of log C, every form of ``within`` is >= 0, and the cost is at most C; bits grow
    like a logarithm, so they enter no cost at this order.  Each program is solved in rational arithmetic at (a, b) moved
    aside a little, its vertex then solved for in Q(a, b); that it is optimal at (a, b) itself is checked.
    """
    aside, found = _aside(values), []
    for walls in _cells(orders, aside, within):
        active = [each for each in orders if set(each.conditions) <= set(walls)]
        rows = _rows(active, [*walls, *within], cost)
        vertex = _solve(rows, _support(rows, aside))
        here = [fraction(each, values) for each in vertex]
        exact = _maximum(rows, values)[0]
        assert here[_RISK] == exact[_RISK], "the symbolic vertex is not optimal at this exponent"
        largest = [each for row, each in zip(rows, active, strict=False) if _slack(row, vertex) == 0]
        found.append((here, _exponents(vertex, largest, walls)))
    found.sort(key=lambda each: (-each[0][_RISK], each[0][_EPS], each[0][_N], each[0][_M]))
    return tuple(each for _, each in found)


def _exponents(vertex: Sequence[sp.Expr], largest: Sequence[Order], walls: Sequence[Form]) -> Exponents:
    return Exponents(
        model=vertex[_M],
        data=vertex[_N],
        precision=vertex[_EPS],
        risk=-vertex[_RISK],
        regime=tuple(dict.fromkeys(each.part for each in largest)),
        terms=tuple(each.name for each in largest),
        where=tuple(text(wall).replace(str(LEVEL), "eps") for wall in walls),
    )


def _cells(orders: Sequence[Order], values: Values, within: Sequence[Form]) -> Iterator[tuple[Form, ...]]:
    """The combinations of sides of the walls that have an interior at (a, b)."""
    walls: list[Form] = []
    for condition in dict.fromkeys(each for order in orders for each in order.conditions):
        if combine((), condition) not in walls:
            walls.append(condition)
    for sides in product(*((wall, combine((), wall)) for wall in walls)):
        if _has_interior([*sides, *within], values):
            yield sides


def _has_interior(walls: Sequence[Form], values: Values) -> bool:
    """Whether every form can be > 0 at once for M, N >= 1 >= eps: the largest t <= 1 with every form >= t is positive."""
    one, zero = Fraction(1), Fraction(0)
    rows = [[*(-fraction(each, values) for each in _columns(wall)), one] for wall in walls]
    rows.append([zero, zero, zero, one])
    limits = [zero] * len(walls) + [one]
    return maximise([zero, zero, zero, one], rows, limits)[0][-1] > 0


def _columns(form: Form) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Coefficients of log M, log N and log 1/eps."""
    given = dict(form)
    return given.get(s.M, sp.S.Zero), given.get(s.N, sp.S.Zero), -given.get(LEVEL, sp.S.Zero)


def _rows(active: Sequence[Order], walls: Sequence[Form], cost: Cost) -> list[_Row]:
    zero, one = sp.S.Zero, sp.S.One
    found = [_Row((*_columns(each.form), one)) for each in active]
    found += [_Row((*(-each for each in _columns(wall)), zero)) for wall in walls]
    found.append(_Row((one, zero if cost == "M*bits" else one, zero, zero), 1))
    return found + [_Row(tuple(-one if place == axis else zero for place in range(4))) for axis in (_M, _N, _EPS)]


def _maximum(rows: Sequence[_Row], values: Values) -> tuple[list[Fraction], list[Fraction]]:
    """The best point, and the dual weights of the rows.  The last three rows say that the variables are >= 0."""
    numbers = [row.at(values) for row in rows[:-3]]
    point, weights = maximise(_OBJECTIVE, [row for row, _ in numbers], [limit for _, limit in numbers])
    return point, weights


def _support(rows: Sequence[_Row], values: Values) -> list[int]:
    """Four rows that meet in the optimum: those with a dual weight, and the axes on which the point is zero."""
    point, weights = _maximum(rows, values)
    tight = [place for place, weight in enumerate(weights) if weight > 0]
    zeros = [len(rows) - 3 + axis for axis in (_M, _N, _EPS) if point[axis] == 0]
    return [*tight, *zeros]


def _solve(rows: Sequence[_Row], support: Sequence[int]) -> list[sp.Expr]:
    """The vertex in Q(a, b)."""
    matrix = sp.Matrix([list(rows[place].coefficients) for place in support])
    right = sp.Matrix([rows[place].bound for place in support])
    unknowns = sp.symbols("m n e r")
    solutions = sp.linsolve((matrix, right), unknowns)
    (vertex,) = solutions
    return [sp.factor(sp.cancel(sp.together(value))) for value in vertex]


def _slack(row: _Row, vertex: Sequence[sp.Expr]) -> sp.Expr:
    return sp.cancel(sp.together(row.bound - sum(x * y for x, y in zip(row.coefficients, vertex, strict=True))))
