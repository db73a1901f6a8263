"""One term of a law: a coefficient times a monomial, and where it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp
from sympy.printing.str import StrPrinter

from riskbounds import symbols as s

#: The symbols whose powers a term shows as exponents.
MONOMIAL_SYMBOLS: tuple[sp.Symbol, ...] = (s.M, s.N, s.B, s.step, s.sigma, s.p, *s.EPS.values())
#: The symbols of a law, in reading order; the contract's names.
LAW_SYMBOLS: tuple[sp.Symbol, ...] = (s.a, s.b, s.c, s.p, s.M, s.N, s.B, s.sigma, s.step, *s.EPS.values())


@dataclass(frozen=True, kw_only=True)
class LawTerm:
    """coefficient prod_symbol symbol^exponent, where every expression of ``when`` is >= 0.

    The exponents are rational functions of a and b.  The coefficient holds a, b, c, gamma() and zeta(), and bounded factors
    such as 1/(1 - noise feedback); a sum of several levels that does not factor stays in it too.  ``part`` is "model",
    "shrinkage" or "data".
    """

    name: str
    part: str
    coefficient: sp.Expr
    exponents: Mapping[sp.Symbol, sp.Expr]
    when: tuple[sp.Expr, ...] = ()

    @property
    def expression(self) -> sp.Expr:
        """The term as one SymPy expression."""
        return self.coefficient * sp.Mul(*(symbol**power for symbol, power in self.exponents.items()))

    @property
    def monomial_tex(self) -> str:
        """The powers side by side in TeX, exponents on one line; 1 where there are none."""
        factors = []
        for symbol, power in self.exponents.items():
            name, exponent = s.MEANINGS[symbol][0], sp.latex(power, fold_short_frac=True)
            factors.append(name if power == 1 else f"{{{name}}}^{{{exponent}}}")
        return r" \, ".join(factors) or "1"

    def to_dict(self) -> dict[str, object]:
        """The term as JSON values; expressions are strings that sympify reads."""
        return {
            "name": self.name,
            "coefficient": text(self.coefficient),
            "exponents": {text(symbol): text(power) for symbol, power in self.exponents.items()},
            "part": self.part,
            "when": [text(condition) for condition in self.when],
        }


class _Printer(StrPrinter):
    """SymPy's printer with a memory: a law repeats its noise feedback in many places."""

    def __init__(self) -> None:
        super().__init__()
        self._memory: dict[sp.Basic, str] = {}

    def _print(self, expr: object, **how: object) -> str:
        if not isinstance(expr, sp.Add | sp.Mul | sp.Pow) or how:
            return str(super()._print(expr, **how))
        if expr not in self._memory:
            self._memory[expr] = str(super()._print(expr))
        return self._memory[expr]


_PRINTER = _Printer()


def text(expression: sp.Expr) -> str:
    """The string of an expression, which sympify reads."""
    return str(_PRINTER.doprint(expression))


def spread(expression: sp.Expr) -> sp.Expr:
    """The expression with powers of products as products of powers (every symbol of a law is nonnegative)."""
    factors = []
    for factor in sp.Mul.make_args(expression):
        base, power = factor.as_base_exp()
        if isinstance(base, sp.Mul | sp.Pow):
            factor = sp.Mul(*(spread(part**power if not isinstance(part, sp.Pow) else part.base ** (part.exp * power))
                              for part in sp.Mul.make_args(base)))  # fmt: skip
        factors.append(factor)
    return sp.Mul(*factors)


def law_term(name: str, part: str, expression: sp.Expr, when: tuple[sp.Expr, ...] = ()) -> LawTerm:
    """Split an expression into coefficient and monomial."""
    powers: dict[sp.Expr, sp.Expr] = {}
    for factor in sp.Mul.make_args(spread(expression.xreplace({s.noise_variance: s.sigma**2}))):
        base, power = factor.as_base_exp()
        powers[base] = powers.get(base, sp.S.Zero) + power
    powers = {base: sp.cancel(power) for base, power in powers.items()}
    shown = {symbol: powers.pop(symbol) for symbol in MONOMIAL_SYMBOLS if symbol in powers}
    return LawTerm(
        name=name,
        part=part,
        coefficient=sp.Mul(*(base**power for base, power in powers.items())),
        exponents={symbol: power for symbol, power in shown.items() if power != 0},
        when=tuple(dict.fromkeys(when)),
    )
