r"""Expansions of spectral sums: what a registered theorem's sum over eigenvalues becomes as X = N x_1 grows.

On lam_i = c i^(-a), with X = step N c (1+e) and contraction y = X/N = x_1 held fixed, a sum is expanded in orders of 1/N at
fixed t = N x_i (:mod:`series`), and each order is summed over i by residues (:mod:`mellin`), with nothing left over but
terms smaller than every power of X.  So an expansion of ``terms`` orders stops at the first omitted order, which it keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

import flint
import sympy as sp
from flint import arb, fmpz

from riskbounds import symbols as s
from riskbounds.asymptotics.balls import Balls, arb_value, ball, enclosed
from riskbounds.asymptotics.mellin import Case, Group, Term, cases, groups, harmonic, sum_terms
from riskbounds.asymptotics.series import Scale, Series, collected, contraction_of
from riskbounds.asymptotics.thresholds import head_terms, tail_terms, threshold_cases
from riskbounds.errors import ProblemError, UnsupportedError
from riskbounds.numerics.infinite import sum_between, sum_to_infinity

#: The contraction of the first direction where lam_i = c i^(-a) and Sigma = (1+e) Lam.
CONTRACTION = s.step * s.c * (1 + s.eps_bar_1)
_OMITTED = 2  # orders kept as the remainder
Values = Mapping[sp.Symbol, Fraction]


@dataclass(frozen=True, kw_only=True)
class Expansion:
    """A sum over i as terms in powers of X, and what they leave out.

    ``terms`` are sorted by their powers at 1 < b < a + 1; ``omitted`` are the terms of the next two orders, for a
    thresholded sum with the fluctuation of k*; ``cases`` are the relations between a and b that matter: where the sum
    converges, up to where its first integral leads (saturation), where a Gamma factor meets a pole (then use
    :meth:`where`).  ``part`` is "all", "head" (i <= k*) or "tail" (i > k*).
    """

    summand: sp.Expr
    part: str
    exponent: sp.Expr
    contraction: sp.Expr
    orders: int
    terms: tuple[Term, ...]
    omitted: tuple[Term, ...]
    cases: tuple[Case, ...]
    leading_groups: tuple[Group, ...] = field(repr=False)

    @cached_property
    def X(self) -> sp.Expr:
        """N x_1."""
        return s.N * self.contraction

    @property
    def expression(self) -> sp.Expr:
        """The sum of the terms as one SymPy expression in N, step, c, a, b and the summand's other symbols."""
        return sp.Add(*(self.of(term) for term in self.terms))

    def of(self, term: Term) -> sp.Expr:
        """One term as a SymPy expression."""
        return term.coefficient * term.prefactor * self.X**term.power * sp.log(self.X) ** term.logs

    def where(self, exponents: Mapping[sp.Symbol, sp.Expr]) -> Expansion:
        """The expansion with b = a + 1, say, put in before expanding: limits and logarithms appear where poles meet."""
        given = {symbol: sp.sympify(value) for symbol, value in exponents.items()}
        return _expand(self.summand.subs(given), self.part, self.orders, self.exponent.subs(given), self.contraction.subs(given))

    def at(self, values: Values) -> Expansion:
        """Itself, or its limit where a pole is met at these exponents."""
        exponents = {symbol: sp.Rational(*values[symbol].as_integer_ratio()) for symbol in (s.a, s.b) if symbol in values}
        if any(case.meaning in ("limit", "logarithm") and case.relation.subs(exponents) == sp.true for case in self.cases):
            return self.where(exponents)
        return self

    def value(self, values: Values, bits: int = 128) -> arb:
        """The value of the terms in ball arithmetic; the balls hold the terms, not the sum."""
        here = self.at(values)
        return enclosed(lambda known: sum((arb_value(here.of(term), known) for term in here.terms), arb(0)), values, bits)

    def remainder(self, values: Values, bits: int = 64) -> arb:
        """The size that the error is stated to have, not a bound.

        Twice the sum of the moduli of the omitted terms, and what is smaller than every power of X.
        """
        here = self.at(values)

        def size(known: Balls) -> arb:
            omitted = [arb_value(here.of(term), known) for term in here.omitted]
            return 2 * sum((abs(each) for each in (*omitted, *here._beyond(known))), arb(0))

        return enclosed(size, values, bits)

    def _beyond(self, known: Balls) -> list[arb]:
        """First harmonics of Poisson's formula at their saddle points, smaller than every power of X."""
        X, a = arb_value(self.X, known), arb_value(self.exponent, known)
        found = []
        for group in self.leading_groups:
            outside = arb_value(group.prefactor * self.contraction**group.order, known) * X ** fmpz(-group.order)
            weight = arb_value(group.weight, known)
            for k, m, q in group.parts:
                if m:
                    found.append(outside * ball(q) * harmonic(X, a, weight, k, m))
        return found

    def exact(self, values: Values, bits: int = 128) -> arb:
        """The sum itself, rigorously enclosed; over i <= M where M is among the values.

        Raises
        ------
        ProblemError: N is not a whole number.
        UnsupportedError: the sum diverges.
        """
        steps = values[s.N]
        if steps.denominator != 1:
            raise ProblemError(f"the number of steps N must be a whole number, not {steps}")
        known = {symbol: value for symbol, value in values.items() if symbol != s.M}
        last = int(values[s.M]) if s.M in values else None
        reached = 0 if self.part == "all" else _reached(self, values)
        first = reached + 1 if self.part == "tail" else 1
        if self.part == "head":
            return sum_between(self.summand, s.i, known, bits, 1, reached) if reached else arb(0)
        if last is not None:
            return sum_between(self.summand, s.i, known, bits, first, last)
        return sum_to_infinity(self.summand, s.i, known, bits, first)

    def error_at(self, values: Values, bits: int = 128) -> arb:
        """Terms minus sum at a point, measured: ``values`` are exact rationals for every symbol, N a whole number."""
        with flint.ctx.workprec(bits):
            return self.value(values, bits) - self.exact(values, bits)

    def leading(self, values: Values) -> Term:
        """The term of largest power at these exponents (logs break a tie)."""
        exponents = {symbol: sp.Rational(*value.as_integer_ratio()) for symbol, value in values.items() if symbol in (s.a, s.b)}
        return max(self.at(values).terms, key=lambda term: (term.power.subs(exponents), term.logs, -term.order))


def expand_sum(
    summand: sp.Expr, *, terms: int = 3, part: str = "all", contraction: sp.Expr | None = None, exponent: sp.Expr = s.a
) -> Expansion:
    """Expand sum_i of a summand that is a closed form in i, as X = N x_1 grows with x_1 <= 1 fixed (theory.md, section 6).

    Parameters
    ----------
    summand: powers of i and of positive scalars, + * /, the blocks G, g, W, K(x_i, N + q), factors 1/(2 - x_i).
    terms: orders in 1/N at fixed N x_i; at each of them every power of X is found.
    part: "all", "head" (sum over i <= k*) or "tail" (over i > k*) with k* = floor(X^(1/a)).
    contraction: x_1; by default the one in the summand's blocks, and without blocks step c (1 + eps_bar_1).
    exponent: the power of 1/i in x_i.

    Raises
    ------
    UnsupportedError: a node outside the class; a sum that diverges other than a constant does (that one grows with M).
    """
    return _expand(sp.sympify(summand), part, terms, exponent, contraction)


def _expand(summand: sp.Expr, part: str, orders: int, exponent: sp.Expr, contraction: sp.Expr | None) -> Expansion:
    gathered = collected(summand)
    first = contraction or contraction_of(gathered, exponent) or CONTRACTION
    series = _series(gathered, exponent, sp.factor(first), orders)
    lead = series.lead
    found = list(groups(series, lead + orders + _OMITTED))
    kept = {"all": sum_terms, "head": head_terms, "tail": tail_terms}[part]
    split = cases if part == "all" else threshold_cases
    every = gather([term for group in found for term in kept(group, exponent, first, lead)])
    return Expansion(
        summand=summand,
        part=part,
        exponent=exponent,
        contraction=first,
        orders=orders,
        terms=tuple(sorted((t for t in every if t.order < orders and t.kind != "fluctuation"), key=_rank)),
        omitted=tuple(sorted((t for t in every if t.order >= orders or t.kind == "fluctuation"), key=_rank)),
        cases=tuple(dict.fromkeys(case for group in found for case in split(group, exponent))),
        leading_groups=tuple(group for group in found if group.order == lead),
    )


def _series(summand: sp.Expr, exponent: sp.Expr, contraction: sp.Expr, orders: int) -> Series:
    """The summand's series, deep enough for the orders wanted and the omitted ones."""
    for spare in (0, 2, 6):
        series = Scale(exponent, contraction, orders + _OMITTED + spare).expand(summand)
        if not series.layers and series.stop is None:
            return series
        if series.layers and (series.stop is None or series.stop >= series.lead + orders + _OMITTED):
            return series
    raise UnsupportedError(f"expansion: the leading orders of {str(summand)[:80]} cancel")


def gather(terms: list[Term]) -> list[Term]:
    """Terms of equal prefactor, power and order as one."""
    found: dict[tuple[object, ...], list[Term]] = {}
    for term in terms:
        found.setdefault((term.prefactor, term.power, term.order, term.kind, term.logs), []).append(term)
    joined = [replace(same[0], coefficient=sp.Add(*(term.coefficient for term in same))) for same in found.values()]
    return [term for term in joined if term.coefficient != 0]


def _rank(term: Term) -> tuple[float, int, int]:
    """Decreasing powers of X at 1 < b < a + 1, growth with M first."""
    power = float(term.power.subs({s.a: sp.Rational(2), s.b: sp.Rational(5, 3)}))
    return (-power - (100 if term.kind == "size" else 0), -int(term.logs), term.order)


def _reached(expansion: Expansion, values: Values) -> int:
    """k* = floor(X^(1/a)) = max{i : N x_i >= 1}; a tie within rounding counts as reached, where head and tail agree."""
    reach = enclosed(
        lambda known: (arb_value(expansion.X ** (1 / expansion.exponent), known) * (1 + arb(2) ** -100)).floor(), values, 256
    )
    found = reach.unique_fmpz()
    if found is None:
        raise ProblemError("k* = floor((step N c)^(1/a)) is undecided at these values; change one of them slightly")
    return int(found)


__all__ = ["Case", "Expansion", "Term", "expand_sum"]
