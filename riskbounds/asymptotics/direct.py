"""Sums on exponential and logarithmic spectra, term by term, to measure expansions against.

The summand is given on lam_i = c j^(-slope) with a virtual index j: slope = 1 and j_i = e^(rate (i-1)) or i log^a(i+1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, log

import flint
import sympy as sp
from flint import arb, fmpz

from riskbounds import symbols as s
from riskbounds.asymptotics.balls import ball
from riskbounds.errors import UnsupportedError
from riskbounds.numerics.enclosures import enclose_blocks
from riskbounds.numerics.summand import Summand, compile_summand

Values = Mapping[sp.Symbol, Fraction]
_HEAD = 2000  # terms of a logarithmic spectrum added one by one
_SPREAD = 60  # e-folds of the index beyond log N that its integral runs over


@dataclass(frozen=True)
class _Real:
    """Balls at a real index."""

    index: arb

    def constant(self, value: arb) -> arb:
        return value

    def index_power(self, exponent: Fraction) -> arb:
        return self.index ** ball(exponent)

    def add(self, a: arb, b: arb) -> arb:
        return a + b

    def multiply(self, a: arb, b: arb) -> arb:
        return a * b

    def power(self, a: arb, exponent: Fraction) -> arb:
        return a ** (fmpz(exponent.numerator) if exponent.denominator == 1 else ball(exponent))

    def blocks(self, x: arb, N: int, names: tuple[str, ...]) -> dict[str, arb]:
        return dict(zip(names, enclose_blocks(x, arb(N), names, flint.ctx.prec), strict=True))


def _compiled(summand: sp.Expr, slope: sp.Symbol, values: Values) -> Summand:
    known = {symbol: value for symbol, value in values.items() if symbol not in (s.rate, s.M)}
    return compile_summand(summand, s.i, {**known, slope: Fraction(1)})


def exponential_sum(summand: sp.Expr, slope: sp.Symbol, values: Values, bits: int) -> arb:
    """Sum over i >= 1 at lam_i = c e^(-rate (i-1)), enclosed.

    Once N x_i <= 2^(-bits) the rest is a geometric series up to a relative error that small; the first term left out
    over 1 - e^(-rate) bounds it.
    """
    with flint.ctx.workprec(2 * bits + 2 * int(values[s.N]).bit_length() + 100):
        compiled = _compiled(summand, slope, values)
        rate = ball(values[s.rate])
        count = ceil((log(int(values[s.N])) + bits * log(2)) / float(values[s.rate])) + 2
        total, term = arb(0), arb(0)
        for n in range(count):
            term = compiled.run(_Real((rate * n).exp()))
            total += term
        tail = abs(term) / (rate.exp() - 1) * 2
        if not tail < abs(total) / 1000:
            raise UnsupportedError("expansion: the sum over the exponential spectrum does not converge")
        return total + arb(0, tail.upper())


def logarithmic_sum(summand: sp.Expr, slope: sp.Symbol, values: Values, bits: int) -> arb:
    """Sum over i >= 1 at lam_i = c/(i log^a(i+1)), to about six digits.

    The first terms one by one, then Euler-Maclaurin's integral in log i with half the first term, by Simpson's rule;
    beyond the last index the summand is proportional to lam_i or smaller.
    """
    del bits
    exponent = ball(values[s.a])
    with flint.ctx.workprec(64 + 4 * int(values[s.N]).bit_length()):
        compiled = _compiled(summand, slope, values)

        def at(index: arb) -> arb:
            return compiled.run(_Real(index * (index + 1).log() ** exponent))

        head = sum((at(arb(n)) for n in range(1, _HEAD)), arb(0)) + at(arb(_HEAD)) / 2
        low, high = arb(_HEAD).log(), arb(log(int(values[s.N])) + _SPREAD)
        panels = 20 * _SPREAD
        width = (high - low) / (2 * panels)
        heights = [at((low + width * n).exp()) * (low + width * n).exp() for n in range(2 * panels + 1)]
        middle = width / 3 * (heights[0] + heights[-1] + 4 * sum(heights[1::2], arb(0)) + 2 * sum(heights[2:-1:2], arb(0)))
        beyond = heights[-1] * high / (exponent - 1)
        return arb((head + middle + beyond).mid())
