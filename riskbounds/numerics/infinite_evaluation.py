"""The walk of :mod:`riskbounds.numerics.evaluate` where the index runs to infinity: sums become rigorous infinite sums."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from numbers import Rational
from typing import Any

import flint
import numpy as np
import sympy as sp

from riskbounds import symbols as s
from riskbounds.errors import UnsupportedError
from riskbounds.numerics.enclosures import Enclosures
from riskbounds.numerics.evaluate import Evaluation
from riskbounds.numerics.infinite import sum_between, sum_to_infinity
from riskbounds.numerics.numbers import Array
from riskbounds.numerics.ranges import MaxOver


class InfiniteEvaluation(Evaluation):
    """Enclosures of expressions whose sequences are closed forms in i (power-law spectra).

    Parameters
    ----------
    primitives: Symbol -> exact value of every primitive scalar (a float stands for itself); exponents must be among them.
    definitions: Symbol or IndexedBase -> expression; every sequence unfolds to powers of i.

    Raises
    ------
    UnsupportedError: a sum that diverges or leaves the class of :func:`~riskbounds.numerics.infinite.sum_to_infinity`.
    """

    def __init__(
        self, numbers: Enclosures, primitives: Mapping[Any, Rational | float], definitions: Mapping[Any, sp.Expr]
    ) -> None:
        """Keep the primitives exactly and as balls."""
        rationals = {symbol: Fraction(value) for symbol, value in primitives.items()}
        values = {symbol: self._constant_of(numbers, value) for symbol, value in rationals.items()}
        super().__init__(numbers, values, definitions, 1)
        self.rationals = rationals
        self.bits = numbers.bits

    @staticmethod
    def _constant_of(numbers: Enclosures, value: Rational) -> Array:
        array = np.empty((1, 1), dtype=object)
        array[0, 0] = numbers.number(value)
        return array

    def unfolded(self, expression: sp.Expr) -> sp.Expr:
        """The expression with every sequence replaced by its closed form in i."""
        while True:
            found = {node for node in expression.atoms(sp.Indexed) if node.indices == (s.i,)}
            if not found:
                return expression
            expression = expression.xreplace({node: self._closed_form(node) for node in found})

    def _closed_form(self, node: sp.Indexed) -> sp.Expr:
        if node.base not in self.definitions:
            raise UnsupportedError(f"the sequence {node.base} has no closed form in infinite dimension")
        return self.definitions[node.base]

    def _known(self, expression: sp.Expr) -> dict[sp.Symbol, flint.arb | Rational]:
        symbols = expression.free_symbols - {s.i}
        return {symbol: self.rationals.get(symbol) or self.scalar(symbol) for symbol in symbols}

    def _indexed(self, node: sp.Indexed) -> Array:
        index = node.indices[0]
        if len(node.indices) == 1 and index.is_Integer:
            return self(self.unfolded(node.base[s.i]).xreplace({s.i: index}))
        raise UnsupportedError(f"{node} stands outside a sum, which infinite dimension does not allow")

    def _sum(self, node: sp.Sum) -> Array:
        if len(node.limits) != 1:
            raise UnsupportedError("a double sum has no value in infinite dimension")
        _, low, high = node.limits[0]
        summand = self.unfolded(node.function)
        if summand == 0:
            return self._constant_of(self.numbers, 0)  # type: ignore[arg-type]
        known, k_star = self._known(summand), int(self.values[s.k_star].item()) if s.k_star in self.values else 0
        first = 1 if low == 1 else k_star + 1
        if high == s.M:
            total = sum_to_infinity(summand, s.i, known, self.bits, first)
        else:
            total = sum_between(summand, s.i, known, self.bits, first, k_star) if k_star >= first else flint.arb(0)
        array = np.empty((1, 1), dtype=object)
        array[0, 0] = total
        return array

    def _extreme(self, node: sp.Function) -> Array:
        """Largest at i = 1, smallest in the limit: the noise constants increase with mu_i, which decreases to 0."""
        expression = self.unfolded(node.args[0])
        if isinstance(node, MaxOver):
            return self(expression.xreplace({s.i: sp.Integer(1)}))
        vanishing = {power: sp.Integer(0) for power in expression.atoms(sp.Pow) if power.base == s.i}
        return self(expression.xreplace(vanishing))
