"""Largest and smallest value of an indexed expression, as SymPy functions."""

from __future__ import annotations

from typing import Any

import sympy as sp


class _Extreme(sp.Function):
    """Common part of :class:`MaxOver` and :class:`MinOver`: an expression and the index that runs over 1..M."""

    nargs = 2
    is_nonnegative = True
    is_real = True
    tex = ""

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        expression, index = self.args
        body = rf"{self.tex}_{{{printer._print(index)}}} {printer._print(expression)}"
        return body if exp is None else rf"\left({body}\right)^{{{exp}}}"


class MaxOver(_Extreme):
    """max over the index of a non-negative indexed expression."""

    tex = r"\max"


class MinOver(_Extreme):
    """min over the index of a non-negative indexed expression."""

    tex = r"\min"
