"""Simplex: small linear programs in exact fractions, with the weights that prove the optimum.

SymPy's `linprog` is exact too, but keeps x >= 0 where its bounds say (None, None), may cycle while it looks for a feasible
point, gives no dual solution, and takes a tenth of a second where this takes a few milliseconds; it is the oracle in the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import fmpq

from riskbounds.errors import RiskboundsError

Row = list[fmpq]


def maximise(
    objective: Sequence[Fraction], rows: Sequence[Sequence[Fraction]], limits: Sequence[Fraction]
) -> tuple[list[Fraction], list[Fraction]]:
    """Return x and y: x maximises objective . x over rows x <= limits, x >= 0; y >= 0 are the dual weights of the rows.

    Every limit must be >= 0, so that x = 0 is feasible.  Bland's rule: the method ends.  Raises RiskboundsError when the
    objective is unbounded.
    """
    count, width = len(rows), len(objective)
    table = [[*map(_exact, row), *_unit(place, count), _exact(limits[place])] for place, row in enumerate(rows)]
    cost = [*(-_exact(value) for value in objective), *_unit(count, count), fmpq(0)]
    basis = list(range(width, width + count))
    while True:
        enter = next((column for column, value in enumerate(cost[:-1]) if value < 0), None)
        if enter is None:
            break
        ratios = [(row[-1] / row[enter], basis[place], place) for place, row in enumerate(table) if row[enter] > 0]
        if not ratios:
            raise RiskboundsError("a linear program of the order calculus is unbounded; add a bound on its variables")
        leave = min(ratios)[2]
        pivot = table[leave][enter]
        table[leave] = [value / pivot for value in table[leave]]
        for place, row in enumerate(table):
            if place != leave and row[enter]:
                table[place] = _less(row, table[leave], row[enter])
        cost = _less(cost, table[leave], cost[enter])
        basis[leave] = enter
    solution = [Fraction(0)] * (width + count)
    for place, variable in enumerate(basis):
        solution[variable] = _fraction(table[place][-1])
    return solution[:width], [_fraction(value) for value in cost[width:-1]]


def _exact(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)


def _fraction(value: fmpq) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _unit(place: int, size: int) -> Row:
    """Return the unit vector of a place; zeros when the place is outside."""
    return [fmpq(int(spot == place)) for spot in range(size)]


def _less(row: Row, pivot: Row, factor: fmpq) -> Row:
    return [value - factor * other if other else value for value, other in zip(row, pivot, strict=True)]
