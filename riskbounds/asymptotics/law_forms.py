"""Short and spelled-out forms of a law's expressions: products of powers, in the factors that the law names once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import sympy as sp

from riskbounds import symbols as s

Named = Mapping[sp.Symbol, sp.Expr]
#: The symbols whose powers a term shows as exponents.
MONOMIAL_SYMBOLS: tuple[sp.Symbol, ...] = (s.M, s.N, s.B, s.step, s.sigma, s.p, *s.EPS.values())
_EXACT = dict.fromkeys(s.EPS.values(), sp.S.Zero)
#: A point at small levels: what is positive there is written without a minus sign.
_SMALL = {
    **dict.fromkeys((*s.EPS.values(), s.step, s.c), sp.Rational(1, 10)), s.a: sp.Rational(17, 10), s.b: sp.Rational(19, 10),
    s.growth: sp.Rational(11, 10), s.m3: sp.Rational(13, 10), s.m4: sp.Rational(161, 100), s.load: sp.Rational(1, 10),
    s.B: sp.Integer(3), s.M: sp.Integer(5), s.N: sp.Integer(7),
}  # fmt: skip


def spelled(expression: sp.Expr, named: Named) -> sp.Expr:
    """The expression in the symbols of a law alone."""
    expression = expression.xreplace({s.noise_variance: s.sigma**2})
    while expression.free_symbols & named.keys():
        expression = expression.xreplace(dict(named))
    return expression


def split_monomial(expression: sp.Expr) -> tuple[sp.Expr, dict[sp.Symbol, sp.Expr]]:
    """An expression as coefficient and powers of :data:`MONOMIAL_SYMBOLS`."""
    powers = spread_powers(expression)
    shown = {symbol: powers.pop(symbol) for symbol in MONOMIAL_SYMBOLS if symbol in powers}
    return product(powers), {symbol: power for symbol, power in shown.items() if power != 0}


def spread_powers(expression: sp.Expr) -> dict[sp.Expr, sp.Expr]:
    """Bases and exponents of a product (every factor of a law is nonnegative); sums that factor count as products."""
    powers: dict[sp.Expr, sp.Expr] = {}

    def add(part: sp.Expr, power: sp.Expr) -> None:
        for factor in sp.Mul.make_args(part):
            base, own = factor.as_base_exp()
            if isinstance(base, sp.Mul | sp.Pow):
                add(base, own * power)
            else:
                powers[base] = powers.get(base, sp.S.Zero) + own * power

    add(expression, sp.S.One)
    return {base: _cancelled(power) for base, power in powers.items()}


@lru_cache(maxsize=4096)
def _cancelled(power: sp.Expr) -> sp.Expr:
    return sp.cancel(power)


def revealed(expression: sp.Expr) -> sp.Expr:
    """A product whose sums in one or two levels that vanish without quantization are factored, where they factor.

    So 2 eps - 2 eps^2 shows its eps.
    """
    factors = []
    for factor in sp.Mul.make_args(expression):
        base, power = factor.as_base_exp()
        factors.append(_level_shown(base) ** power if base.is_Add else factor)
    return sp.Mul(*factors)


@lru_cache(maxsize=1024)
def _level_shown(base: sp.Expr) -> sp.Expr:
    if len(base.free_symbols & _EXACT.keys()) not in (1, 2) or base.xreplace(_EXACT) != 0:
        return base
    found = upright(sp.factor(base))
    return base if found.is_Add else found


def gathered(short: sp.Expr) -> sp.Expr:
    """A product with every base once, sigma^2 for the noise variance."""
    return product(spread_powers(short.xreplace({s.noise_variance: s.sigma**2})))


def product(powers: Mapping[sp.Expr, sp.Expr]) -> sp.Expr:
    """The product of powers."""
    return sp.Mul(*(base**power for base, power in powers.items()))


def upright(expression: sp.Expr) -> sp.Expr:
    """A product whose sums are positive at small levels: 3 (m4 - g m3) for -3 (g m3 - m4)."""
    sign, factors = sp.S.One, []
    for factor in sp.Mul.make_args(expression):
        base, power = factor.as_base_exp()
        if base.is_Add and power.is_Integer and base.xreplace(_SMALL).evalf(5).is_negative:
            sign, factor = sign * (-1) ** power, sp.Add(*(-term for term in base.args)) ** power
        factors.append(factor)
    return sp.Mul(sign, *factors)


def factored(expression: sp.Expr) -> sp.Expr:
    """The shorter of an expression expanded and factored."""
    return min((sp.expand(expression), sp.factor(expression)), key=lambda each: (sp.count_ops(each), str(each)))
