"""SymPy expressions as plain text with sum_{i<=k*}(...), max_i(...), |x| and x^2."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.str import StrPrinter

from riskbounds import symbols as s
from riskbounds.numerics.ranges import MaxOver, MinOver


class PlainPrinter(StrPrinter):
    """SymPy's text, with sums and extremes by their range."""

    def _print_Add(self, expr: sp.Add, order: Any = None) -> str:
        """Print a sum in SymPy's order with what is subtracted after the rest."""
        texts = [str(self._print(term)) for term in self._as_ordered_terms(expr, order=order)]
        signed = sorted(texts, key=lambda text: text.startswith("-"))
        return " ".join([signed[0], *(f"- {text[1:]}" if text.startswith("-") else f"+ {text}" for text in signed[1:])])

    def _print_Sum(self, expr: sp.Sum) -> str:
        ranges = ",".join(self._range(*limits) for limits in expr.limits)
        return f"sum_{ranges}({self._print(expr.function)})"

    def _range(self, index: sp.Symbol, low: sp.Expr, high: sp.Expr) -> str:
        if high == s.k_star:
            return f"{{{index}<=k*}}"
        return str(index) if low == 1 else f"{{{index}>k*}}"

    def _print_MaxOver(self, expr: MaxOver) -> str:
        return f"max_{expr.args[1]}({self._print(expr.args[0])})"

    def _print_MinOver(self, expr: MinOver) -> str:
        return f"min_{expr.args[1]}({self._print(expr.args[0])})"

    def _print_Max(self, expr: sp.Max) -> str:
        return f"max({self.stringify(expr.args, ', ')})"

    def _print_Min(self, expr: sp.Min) -> str:
        return f"min({self.stringify(expr.args, ', ')})"

    def _print_Abs(self, expr: sp.Abs) -> str:
        return f"|{self._print(expr.args[0])}|"

    def _print_exp(self, expr: sp.exp) -> str:
        return "1/e" if expr.args[0] == -1 else f"exp({self._print(expr.args[0])})"

    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:
        return str(super()._print_Pow(expr, rational)).replace("**", "^")


def plain(expression: Any) -> str:
    """Return an expression as one line of text."""
    return str(PlainPrinter().doprint(sp.sympify(expression)))
