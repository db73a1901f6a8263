"""Linear forms in logarithms, and the orders that they compare, in TeX."""

from __future__ import annotations

import sympy as sp

from riskbounds.asymptotics.cones import Form
from riskbounds.asymptotics.orders import VARIABLES
from riskbounds.symbols import tex_names


def tex_order(form: Form) -> str:
    """Return the monomial of a form as LaTeX."""
    return str(sp.latex(sp.Mul(*(symbol**value for symbol, value in form)), symbol_names=tex_names()))


def tex_form(row: Form) -> str:
    """Return a linear form in the logarithms as LaTeX, coefficients first."""
    shown = ""
    for symbol, value in sorted(row, key=lambda each: VARIABLES.index(each[0])):
        minus = value.could_extract_minus_sign()
        size = -value if minus else value
        factor = "" if size == 1 else sp.latex(size)
        if size.is_Add:
            factor = rf"\left({sp.latex(size)}\right)"
        sign = "- " if minus else "+ " if shown else ""
        shown += f"{sign}{factor + ' ' if factor else ''}" + rf"\log {tex_names()[symbol]} "
    return shown.strip()
