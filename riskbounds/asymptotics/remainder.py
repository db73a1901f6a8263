"""Remainders: |f - expansion| <= c g for every value of the variable from n0 on, with c explicit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import mpmath
import sympy as sp

from riskbounds.asymptotics.exponents import Exponent, exponent, refuse_floats
from riskbounds.asymptotics.orders import Monomial, OrderSum
from riskbounds.errors import HypothesisError, ProblemError


@dataclass(frozen=True, kw_only=True)
class Remainder:
    """|f - expansion| <= bound for `variable` >= `start`; the coefficients of `bound` are the explicit constants c > 0.

    A remainder is not an order: sums and products keep the constants and the larger of the two starts.
    """

    bound: OrderSum
    variable: sp.Symbol
    start: sp.Expr

    def __post_init__(self) -> None:
        """Check that the constants are not negative and that the start is exact; raises ProblemError."""
        refuse_floats(sp.sympify(self.start), "the start of a remainder")
        for each in self.bound.monomials:
            if each.coefficient.is_negative:
                raise ProblemError(f"the remainder {each} has a negative constant; give its absolute value")

    def __add__(self, other: Remainder) -> Remainder:
        """Return the remainder of a sum: bounds add, and it holds from the larger start on."""
        self._same_variable(other)
        return Remainder(bound=self.bound + other.bound, variable=self.variable, start=sp.Max(self.start, other.start))

    def __mul__(self, factor: Monomial | OrderSum) -> Remainder:
        """Return the remainder of the expansion times a factor that is >= 0."""
        total = factor if isinstance(factor, OrderSum) else OrderSum([factor])
        return Remainder(bound=self.bound * total, variable=self.variable, start=self.start)

    def _same_variable(self, other: Remainder) -> None:
        if self.variable != other.variable:
            raise ProblemError(
                f"remainders in {self.variable} and in {other.variable} cannot be added; express both in one variable"
            )

    def at(self, values: Mapping[sp.Symbol, sp.Expr | int | str]) -> float:
        """Return the bound as a number, rounded up to a float.

        Raises HypothesisError when the variable is below the start, ProblemError when a symbol has no value.
        """
        exact_values = {symbol: sp.sympify(value) for symbol, value in values.items()}
        start = sp.sympify(self.start).subs(exact_values)
        value = exact_values.get(self.variable)
        missing = sorted(
            map(str, (self.bound.expression().free_symbols | start.free_symbols | {self.variable}) - set(exact_values))
        )
        if value is None or missing:
            raise ProblemError(f"the remainder needs values for {', '.join(missing)}")
        if value < start:
            raise HypothesisError(
                f"the remainder holds for {self.variable} >= {start}, not at {value}; take a larger {self.variable}"
            )
        number = sp.N(self.bound.expression().subs(exact_values), 30)
        return float(mpmath.mpf(str(number)) * (1 + mpmath.mpf(2) ** -50))

    def __str__(self) -> str:
        """Return c g and the range."""
        return f"{self.bound} for {self.variable} >= {self.start}"


def remainder(
    *, constant: sp.Expr | int | str, powers: Mapping[sp.Symbol, Exponent], variable: sp.Symbol, start: sp.Expr | int | str
) -> Remainder:
    """Return the remainder constant * product of powers, valid for variable >= start; floats are refused."""
    exact_start = exponent(start) if isinstance(start, str) else sp.sympify(start)
    bound = OrderSum([Monomial(coefficient=constant, exponents=powers)])
    return Remainder(bound=bound, variable=variable, start=exact_start)
