"""Cones: where one of finitely many linear forms is the largest, and the proof that it never is.

A monomial in M, N, the step size, B, the levels and sigma is a linear form in their logarithms with coefficients in Q(a, b).
Form k is the largest somewhere in the interior of the domain {x : d(x) >= 0 for every row d} unless Motzkin's alternative
gives weights y_j, z_d >= 0 with sum_j y_j = 1 and

    sum_j y_j (form_k - form_j) + sum_d z_d d = 0        identically:

form k is then at most a weighted mean of the others on the domain.  The weights come from an exact linear program at a
rational (a, b), are solved again in Q(a, b) on the same support, and are checked against the identity there.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import sympy as sp

from riskbounds.asymptotics.cells import Sample, consistent, elimination, factors, holds, inside, reduced, samples
from riskbounds.asymptotics.exponents import DEFAULT, PARAMETERS, Assumptions, Undecided, exponent
from riskbounds.asymptotics.signs import possible_signs
from riskbounds.asymptotics.simplex import maximise

Form = tuple[tuple[sp.Symbol, sp.Expr], ...]
"""A linear form in the logarithms of symbols: (symbol, coefficient in Q(a, b)), sorted by name, without zeros."""

Logs = Mapping[sp.Symbol, Fraction]
"""A point: the logarithm of each symbol."""

ROUNDS = 40
"""Certificates tried for one form before the answer is Undecided."""


def form(coefficients: Mapping[sp.Symbol, sp.Expr]) -> Form:
    """Return a linear form in canonical shape."""
    canonical = {symbol: exponent(value) for symbol, value in coefficients.items()}
    return tuple(sorted(((s, value) for s, value in canonical.items() if value != 0), key=lambda each: each[0].name))


@lru_cache(maxsize=65536)
def combine(first: Form, second: Form, factor: sp.Expr = sp.S.NegativeOne) -> Form:
    """Return first + factor * second; the difference by default."""
    found = dict(first)
    for symbol, value in second:
        found[symbol] = found.get(symbol, sp.S.Zero) + factor * value
    return form(found)


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """Weights y of the competitors and z of the domain's rows (in Q(a, b)) that show a form never to be the largest alone."""

    weights: tuple[sp.Expr, ...]
    slacks: tuple[sp.Expr, ...]

    def identity(self, chosen: Form, others: Sequence[Form], domain: Sequence[Form]) -> bool:
        """Return whether sum y_j (chosen - other_j) + sum z_d d = 0 in Q(a, b) and sum y = 1."""
        total: Form = ()
        for weight, other in zip(self.weights, others, strict=True):
            total = combine(total, combine(chosen, other), weight)
        for slack, row in zip(self.slacks, domain, strict=True):
            total = combine(total, row, slack)
        return not total and exponent(sp.Add(*self.weights) - 1) == 0

    def polynomials(self, assumptions: Assumptions) -> tuple[sp.Expr, ...]:
        """Return the polynomials whose signs decide where all weights are >= 0."""
        weights = [reduced(each, assumptions) for each in (*self.weights, *self.slacks)]
        return factors([part for each in weights for part in sp.fraction(each)])

    def valid(self, point: Sample) -> bool:
        """Return whether every weight is >= 0 at a point."""
        weights = [each for each in (*self.weights, *self.slacks) if each != 0]
        return all(each.is_Rational or sp.denom(each).subs(point) != 0 for each in weights) and all(
            fraction(each, point) >= 0 for each in weights
        )

    def where(self, assumptions: Assumptions) -> tuple[str, ...]:
        """Return the conditions on a and b, beyond the assumptions, under which every weight is >= 0."""
        unsettled = [each for each in (*self.weights, *self.slacks) if -1 in possible_signs(each, assumptions)]
        return tuple(dict.fromkeys(f"{sp.factor(each)} >= 0" for each in unsettled))


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a form is the largest somewhere: points (a, b, logs) where it is, and certificates for where it is not.

    ``others`` are the competitors that the certificates weigh.
    """

    others: tuple[Form, ...]
    witnesses: tuple[tuple[Sample, Logs], ...]
    certificates: tuple[Certificate, ...]

    @property
    def empty(self) -> bool:
        """Whether the form is the largest nowhere, for every (a, b) of the assumptions."""
        return not self.witnesses


def examine(chosen: Form, others: Sequence[Form], domain: Sequence[Form], assumptions: Assumptions = DEFAULT) -> Verdict:
    """Return where `chosen` is larger than every other form inside the domain, over all (a, b) of the assumptions.

    Random (a, b) are tried first, and a point of each cell on which the coefficients keep their signs.  Where a certificate
    turns up, every cell of (a, b) that its weights cut out ends with a point at which the form is the largest, or with a valid
    certificate; emptiness on the open cells is emptiness everywhere, since being strictly the largest is an open condition in
    (a, b).  Raises Undecided otherwise.
    """
    rows = [*(combine(chosen, other) for other in others), *domain]
    witnesses: list[tuple[Sample, Logs]] = []
    certificates: list[Certificate] = []
    waiting = [*coefficient_cells(chosen, others, assumptions), *random_points(assumptions)]
    for _ in range(ROUNDS):
        if not waiting:
            if not certificates:
                break
            cells = samples([each for found in certificates for each in found.polynomials(assumptions)], assumptions, both=True)
            waiting = [
                point
                for point in cells
                if not any(found.valid(point) for found in certificates)
                and not any(_strict(logs, rows, point) for _, logs in witnesses)
            ]
            if not waiting:
                break
        point = waiting.pop()
        if any(found.valid(point) for found in certificates):
            continue
        simple = _by_one(chosen, others, domain, point)
        logs, support = (None, []) if simple else _solve_at(rows, point)
        if logs is not None:
            witnesses.append((point, logs))
        else:
            certificates.append(simple or _certificate(support, chosen, others, domain, point))
    else:
        raise Undecided("it could not be decided for which a and b a term dominates; add an assumption on a and b")
    return Verdict(others=tuple(others), witnesses=tuple(witnesses), certificates=tuple(certificates))


def coefficient_cells(chosen: Form, others: Sequence[Form], assumptions: Assumptions) -> tuple[Sample, ...]:
    """Return a point of each cell of (a, b) when a coefficient of chosen - other has more than one sign, else none."""
    values = {value for other in others for _, value in combine(chosen, other)}
    moving = [value for value in sorted(values, key=str) if len(possible_signs(value, assumptions)) > 1]
    parts = factors([part for value in moving for part in sp.fraction(reduced(value, assumptions))])
    return samples(parts, assumptions, both=True) if parts else ()


def random_points(assumptions: Assumptions, number: int = 2, seed: int = 0) -> list[Sample]:
    """Return seeded random rational (a, b) inside the assumed region (a point of a cell when a draw misses it)."""
    rng, bounds = random.Random(seed), inside(assumptions)
    found: list[Sample] = []
    solved = elimination(assumptions)
    for _ in range(50):
        point = {symbol: 1 + sp.Rational(rng.randint(1, 300), 101) for symbol in PARAMETERS if symbol not in solved}
        if len(found) < number and holds(bounds, point):
            found.append({**point, **{symbol: value.subs(point) for symbol, value in solved.items()}})
    return found or [consistent(assumptions)]


def _values(row: Form, at: Sample) -> dict[sp.Symbol, Fraction]:
    return {symbol: fraction(value, at) for symbol, value in row}


@lru_cache(maxsize=65536)
def _evaluated(value: sp.Expr, at: tuple[tuple[sp.Symbol, sp.Rational], ...]) -> Fraction:
    number = sp.Rational(value.subs(dict(at)))
    return Fraction(int(number.p), int(number.q))


def fraction(value: sp.Expr, at: Sample) -> Fraction:
    """Return an exponent at rational values of a and b as an exact fraction."""
    return _evaluated(value, tuple(at.items()))


def _strict(logs: Logs, rows: Sequence[Form], at: Sample) -> bool:
    """Return whether every row is > 0 at a point of the logarithms."""
    return all(sum(value * logs[symbol] for symbol, value in _values(row, at).items()) > 0 for row in rows)


def _solve_at(rows: Sequence[Form], at: Sample) -> tuple[Logs | None, list[int]]:
    """Return logarithms at which every row is > 0, or None and the rows that contradict each other.

    The program is: the largest t <= 1 with every row >= t.  It is 0 when there is no such point, and its dual weights are then
    the weights of Motzkin's alternative.
    """
    numbers = [_values(row, at) for row in rows]
    symbols = sorted({symbol for row in numbers for symbol in row}, key=str)
    matrix = [[sign * row.get(symbol, Fraction(0)) for symbol in symbols for sign in (-1, 1)] + [Fraction(1)] for row in numbers]
    matrix.append([Fraction(0)] * (2 * len(symbols)) + [Fraction(1)])
    objective = [Fraction(0)] * (2 * len(symbols)) + [Fraction(1)]
    solution, weights = maximise(objective, matrix, [Fraction(0)] * len(rows) + [Fraction(1)])
    if solution[-1] == 0:
        return None, [place for place, weight in enumerate(weights[:-1]) if weight > 0]
    logs = {symbol: solution[2 * place] - solution[2 * place + 1] for place, symbol in enumerate(symbols)}
    if not _strict(logs, rows, at):
        raise Undecided("a linear program of a regime failed its check; add an assumption on a and b")
    return logs, []


def _by_one(
    chosen: Form, others: Sequence[Form], domain: Sequence[Form], at: Sample, everywhere: Assumptions | None = None
) -> Certificate | None:
    """Return a certificate with one competitor and the ranges of single symbols, valid at a point; None if there is none.

    With ``everywhere`` it must be valid for all (a, b) of these assumptions.
    """
    ranges = {row[0][0]: (place, row[0][1]) for place, row in enumerate(domain) if len(row) == 1}
    for spot, other in enumerate(others):
        lead = combine(other, chosen)
        if not all(symbol in ranges for symbol, _ in lead):
            continue
        slacks = [sp.S.Zero] * len(domain)
        for symbol, value in lead:
            place, size = ranges[symbol]
            slacks[place] = exponent(value / size)
        weights = tuple(sp.S.One if place == spot else sp.S.Zero for place in range(len(others)))
        found = Certificate(weights=weights, slacks=tuple(slacks))
        if not found.valid(at) or (everywhere and any(-1 in possible_signs(each, everywhere) for each in slacks)):
            continue
        if found.identity(chosen, others, domain):
            return found
    return None


def _certificate(support: list[int], chosen: Form, others: Sequence[Form], domain: Sequence[Form], at: Sample) -> Certificate:
    """Return the weights in Q(a, b) on the rows that contradict each other at a point; raises Undecided if there are none."""
    rows = [*(combine(chosen, other) for other in others), *domain]
    symbols = sorted({symbol for row in rows for symbol, _ in row}, key=str)
    refusal = Undecided("a term that seems never to dominate could not be shown to; add an assumption on a and b")
    found = _solve([rows[place] for place in support], symbols, sum(place < len(others) for place in support))
    if found is None:
        raise refusal
    weights = [sp.S.Zero] * len(rows)
    for place, value in zip(support, found, strict=True):
        weights[place] = value
    certificate = Certificate(weights=tuple(weights[: len(others)]), slacks=tuple(weights[len(others) :]))
    if not (certificate.identity(chosen, others, domain) and certificate.valid(at)):
        raise refusal
    return certificate


def _solve(rows: Sequence[Form], symbols: Sequence[sp.Symbol], leading: int) -> list[sp.Expr] | None:
    """Return w in Q(a, b) with sum w_r row_r = 0, the first `leading` of which add up to 1.

    None if there is no such w, or more than one.
    """
    unknowns = sp.symbols(f"w:{len(rows)}")
    pairs = [dict(row) for row in rows]
    equations = [sum(w * row.get(symbol, 0) for w, row in zip(unknowns, pairs, strict=True)) for symbol in symbols]
    solutions = sp.linsolve([*equations, sum(unknowns[:leading]) - 1], unknowns)
    if not solutions or next(iter(solutions)).free_symbols & set(unknowns):
        return None
    return [exponent(value) for value in next(iter(solutions))]


@lru_cache(maxsize=4096)
def envelope(forms: tuple[Form, ...], domain: tuple[Form, ...], assumptions: Assumptions = DEFAULT) -> tuple[Verdict, ...]:
    """Return the verdict on each of finitely many distinct forms: empty where it is never strictly the largest.

    The forms that are not empty have a maximum equal to that of all; they depend on that maximum alone, so they are canonical.
    """
    point = consistent(assumptions)
    settled: dict[Form, Verdict] = {}
    for place, chosen in enumerate(forms):
        others = forms[:place] + forms[place + 1 :]
        found = _by_one(chosen, others, domain, point, assumptions)
        if found is not None:
            settled[chosen] = Verdict(others=others, witnesses=(), certificates=(found,))
    rest = tuple(each for each in forms if each not in settled)
    for chosen in rest:
        settled[chosen] = examine(chosen, tuple(each for each in rest if each != chosen), domain, assumptions)
    return tuple(settled[each] for each in forms)
