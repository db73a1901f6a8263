"""One term of a law: a coefficient times a monomial, and where it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.law_forms import Named, gathered, product, revealed, spelled, split_monomial, upright

#: The symbols of a law, in reading order; the contract's names.
LAW_SYMBOLS: tuple[sp.Symbol, ...] = (s.a, s.b, s.c, s.p, s.M, s.N, s.B, s.sigma, s.step, *s.EPS.values())


@dataclass(frozen=True, kw_only=True)
class LawTerm:
    """coefficient prod_symbol symbol^exponent, where every expression of ``when`` is >= 0.

    The exponents are rational functions of a and b.  The coefficient holds a, b, c, gamma() and zeta(), and bounded factors
    such as 1/(1 - load); a sum of several levels that does not factor stays in it too.  ``short`` is the same term in the
    factors that the law defines once.  ``part`` is "model", "shrinkage" or "data"; ``regime`` tells which directions are
    learned, "" where it does not matter.
    """

    name: str
    part: str
    coefficient: sp.Expr
    exponents: Mapping[sp.Symbol, sp.Expr]
    when: tuple[sp.Expr, ...] = ()
    regime: str = ""
    short: sp.Expr = sp.S.Zero
    short_when: tuple[sp.Expr, ...] = ()

    @property
    def expression(self) -> sp.Expr:
        """The term as one SymPy expression in the symbols of a law."""
        return self.coefficient * product(self.exponents)

    @property
    def monomial_tex(self) -> str:
        """The powers side by side in TeX, exponents on one line; 1 where there are none."""
        factors = []
        for symbol, power in self.exponents.items():
            name, exponent = s.MEANINGS[symbol][0], sp.latex(power, fold_short_frac=True)
            factors.append(name if power == 1 else f"{{{name}}}^{{{exponent}}}")
        return r" \, ".join(factors) or "1"

    def to_dict(self) -> dict[str, object]:
        """The term as JSON values; expressions are strings that sympify reads, ``short`` in the law's definitions."""
        return {
            "name": self.name,
            "coefficient": text(self.coefficient),
            "exponents": {text(symbol): text(power) for symbol, power in self.exponents.items()},
            "part": self.part,
            "regime": self.regime,
            "when": [text(condition) for condition in self.when],
            "short": text(self.short),
        }


def law_term(name: str, part: str, short: sp.Expr, named: Named, *, when: tuple[sp.Expr, ...] = (), regime: str = "") -> LawTerm:
    """A term from its short form: spelled out, and split into coefficient and monomial."""
    short, conditions = upright(gathered(short)), tuple(dict.fromkeys(when))
    coefficient, exponents = split_monomial(revealed(spelled(short, named)))
    return LawTerm(
        name=f"{name}, {regime}" if regime else name, part=part, coefficient=coefficient, exponents=exponents,
        when=tuple(spelled(each, named) for each in conditions), regime=regime, short=short, short_when=conditions,
    )  # fmt: skip


def text(expression: sp.Expr) -> str:
    """The string of an expression, which sympify reads."""
    return str(expression)
