"""Rigorous sums over infinitely many eigenvalues of a power law (theory.md, section 6, "p infinite").

    sum_{i >= first} f(i)  =  head  +  middle  +  tail

head    term by term in balls, a few hundred terms;
middle  Euler-Maclaurin from J to I: Arb's rigorous integral after i = J 2^u, endpoint derivatives by power series, and
        the remainder |B_2m| int sup_{|z-y| <= r y} |f(z)| (r y)^(-2m) dy (Cauchy's estimate of the 2m-th derivative);
tail    once N x_i <= 1/2, a finite sum of powers of i with an error bound, summed by Hurwitz zeta values (`tails`).

The middle is as sharp at N = 1e24 as elsewhere, so no range needs the cruder |sum - integral| <= total variation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import asin, ceil, log, log2
from numbers import Rational
from typing import TypeVar

import flint
import sympy as sp
from flint import acb, arb, arb_series, fmpz

from riskbounds.errors import UnsupportedError
from riskbounds.numerics.enclosures import enclose_blocks
from riskbounds.numerics.summand import Summand, compile_summand
from riskbounds.numerics.tails import Tail, Tails, TooEarlyError, ball

_DIRECT = 2048  # terms added one by one without a second thought
_ORDERS = 80  # Euler-Maclaurin corrections tried
_PIECES = 8  # boxes per doubling of the index, for the remainder
_DOUBLINGS = 400
T = TypeVar("T", acb, arb_series)


def sum_to_infinity(
    summand: sp.Expr, index: sp.Symbol, values: Mapping[sp.Symbol, arb | Rational], bits: int, first: int = 1
) -> arb:
    """Enclose sum_{i >= first} of a summand built from powers of i and the building blocks.

    Parameters
    ----------
    summand: rational powers of i and of positive subexpressions, + * /, constants with values, and G, g, W, K(x, N)
        with N a whole number and x > 0 decaying in i (0 < x <= 1 from `first` on, as in every theorem).
    values: symbol -> ball; exact rationals (int, Fraction, SymPy Rational) are allowed, and needed in exponents.
    bits: relative accuracy aimed at; the radius of the result says what was reached.

    Raises
    ------
    UnsupportedError: an expression outside this class, naming the node; a sum that diverges.
    """
    with flint.ctx.workprec(_working_bits(compile_summand(summand, index, values), bits)):
        compiled = compile_summand(summand, index, values)
        for start in (first, *(first + 2**k for k in range(_DIRECT.bit_length()))):
            tail = _try_tail(compiled, start, bits)
            if tail is not None:
                return _round(_head(compiled, first, start) + tail, bits)
        radius, join = _disc(compiled, first, bits)
        for doublings in range(1, _DOUBLINGS):
            tail = _try_tail(compiled, join * 2**doublings + 1, bits)
            if tail is not None:
                head = _head(compiled, first, join)
                middle = _middle(compiled, join, join * 2**doublings, radius, bits, abs(head) + abs(tail))
                return _round(head + middle + tail, bits)
    raise UnsupportedError("infinite sum: a building block's argument does not fall below 1/(2N), however large i is")


def sum_between(
    summand: sp.Expr, index: sp.Symbol, values: Mapping[sp.Symbol, arb | Rational], bits: int, first: int, last: int
) -> arb:
    """Enclose the sum over first <= i <= last of the same class of summands; as quick for last = 1e20 as for 1e4."""
    with flint.ctx.workprec(_working_bits(compile_summand(summand, index, values), bits)):
        compiled = compile_summand(summand, index, values)
        radius, join = _disc(compiled, first, bits)
        if last < max(join, first + _DIRECT):
            return _round(_head(compiled, first, last + 1), bits)
        head = _head(compiled, first, join)
        return _round(head + _middle(compiled, join, last, radius, bits, abs(head)), bits)


def _working_bits(summand: Summand, bits: int) -> int:
    """Elementary forms of the blocks lose log2(N) bits in N log(1-x), and a few in K."""
    return bits + 2 * summand.most_steps.bit_length() + 100


def _disc(summand: Summand, first: int, bits: int) -> tuple[float, int]:
    """Relative radius r of the discs, small enough for Re x > 0 on them, and where Euler-Maclaurin may start."""
    radius = min(0.125, 0.3 / max(1.0, summand.steepest))
    return radius, max(first, ceil(0.3 * (bits + 60) / radius))


def _head(summand: Summand, first: int, stop: int) -> arb:
    """sum_{first <= i < stop} f(i)."""
    total = arb(0)
    for i in range(first, stop):
        total += summand.run(_Point(i))
    return total


def _try_tail(summand: Summand, first: int, bits: int) -> arb | None:
    """sum_{i >= first} f(i) by series, or None if they do not converge yet."""
    algebra = Tails(first=first, bits=bits)
    try:
        series: Tail = summand.run(algebra)
    except TooEarlyError:
        return None
    return algebra.sum(series)


def _middle(summand: Summand, low: int, high: int, radius: float, bits: int, scale: arb) -> arb:
    """sum_{low <= i <= high} f(i) by Euler-Maclaurin."""
    at_low, at_high = summand.run(_Point(low)), summand.run(_Point(high))
    tolerance = (scale + abs(at_low) * low).upper() * arb(2) ** -(bits + 20)
    length = (arb(high) / low).log() / arb(2).log()
    integral = acb.integral(
        lambda u, analytic: summand.run(_Plane(low, u, analytic)) * low * (u * arb(2).log()).exp() * arb(2).log(),
        acb(0),
        acb(length),
        rel_tol=arb(2) ** -(bits + 20),
        abs_tol=tolerance,
    ).real
    orders, remainder = _remainder(summand, low, high, radius, tolerance)
    total = integral + (at_low + at_high) / 2
    for end, sign in ((high, 1), (low, -1)):
        derivatives = _coefficients(summand, end, 2 * orders)
        for k in range(1, orders + 1):
            total += sign * arb.bernoulli(2 * k) / (2 * k) * derivatives[2 * k - 1] / arb(end) ** fmpz(2 * k - 1)
    return total + arb(0, remainder)


def _remainder(summand: Summand, low: int, high: int, radius: float, tolerance: arb) -> tuple[int, arb]:
    """Number m of Euler-Maclaurin corrections and a bound on what they leave."""
    pieces = []
    count = ceil(_PIECES * log2(high / low) + 1e-9)
    left, right, turn = log2(1 - radius), log2(1 + radius), asin(radius) / log(2)
    for k in range(count):
        start, stop = k / _PIECES, (k + 1) / _PIECES
        real = arb(start + left - 1e-9).union(arb(stop + right + 1e-9))
        box = acb(real, arb(0, turn + 1e-9))
        size = summand.run(_Plane(low, box, True)).abs_upper()
        start_y = low * arb(2) ** arb(start)
        pieces.append((size * (arb(2) ** arb(1 / _PIECES) - 1) * start_y, start_y * radius))
    best = 0, arb.pos_inf()
    for m in range(1, _ORDERS + 1):
        power = fmpz(-2 * m)
        bound = (abs(arb.bernoulli(2 * m)) * sum((w * r**power for w, r in pieces), arb(0))).upper()
        if bound < best[1]:
            best = m, bound
        if bound < tolerance:
            break
    if not best[1].is_finite():
        raise UnsupportedError("infinite sum: the summand could not be bounded on complex discs")
    return best


def _coefficients(summand: Summand, point: int, length: int) -> list[arb]:
    """Taylor coefficients of f(point (1+z)) in z, at least `length` of them."""
    cap = flint.ctx.cap
    try:
        flint.ctx.cap = length
        series = summand.run(_Local(point))
        return [series[k] for k in range(length)]
    finally:
        flint.ctx.cap = cap


def _round(value: arb, bits: int) -> arb:
    """The value rounded outwards to the wanted precision, with some to spare."""
    if not value.is_finite():
        raise UnsupportedError("infinite sum: the summand has no finite real value at some index")
    with flint.ctx.workprec(bits + 20):
        return value + 0


@dataclass(frozen=True)
class _Point:
    """Balls at one integer i."""

    i: int

    def constant(self, value: arb) -> arb:
        return value

    def index_power(self, exponent: Fraction) -> arb:
        return self.power(arb(self.i), exponent)

    def add(self, a: arb, b: arb) -> arb:
        return a + b

    def multiply(self, a: arb, b: arb) -> arb:
        return a * b

    def power(self, a: arb, exponent: Fraction) -> arb:
        if exponent.denominator == 1:
            return a ** fmpz(exponent.numerator)
        return a.sqrt() ** fmpz(exponent.numerator) if exponent.denominator == 2 else a ** ball(exponent)

    def blocks(self, x: arb, N: int, names: tuple[str, ...]) -> dict[str, arb]:
        return dict(zip(names, enclose_blocks(x, arb(N), names, flint.ctx.prec), strict=True))


@dataclass(frozen=True)
class _Plane:
    """Complex balls at i = start 2^u. Powers of i are entire in u, and so is (1-x)^N in x, N being whole."""

    start: int
    u: acb
    analytic: bool

    def constant(self, value: arb) -> acb:
        return acb(value)

    def index_power(self, exponent: Fraction) -> acb:
        return ((self.u * arb(2).log() + arb(self.start).log()) * ball(exponent)).exp()

    def add(self, a: acb, b: acb) -> acb:
        return a + b

    def multiply(self, a: acb, b: acb) -> acb:
        return a * b

    def power(self, a: acb, exponent: Fraction) -> acb:
        if exponent.denominator == 1:
            return a ** fmpz(exponent.numerator)
        return a.pow(acb(ball(exponent)), analytic=self.analytic)

    def blocks(self, x: acb, N: int, names: tuple[str, ...]) -> dict[str, acb]:
        return {name: value for name, value in _elementary(x, N).items() if name in names}


@dataclass(frozen=True)
class _Local:
    """Power series in z around i = start (1+z), as long as flint.ctx.cap."""

    start: int

    def constant(self, value: arb) -> arb_series:
        return arb_series([value])

    def index_power(self, exponent: Fraction) -> arb_series:
        return (arb_series([1, 1]).log() * ball(exponent)).exp() * arb(self.start) ** ball(exponent)

    def add(self, a: arb_series, b: arb_series) -> arb_series:
        return a + b

    def multiply(self, a: arb_series, b: arb_series) -> arb_series:
        return a * b

    def power(self, a: arb_series, exponent: Fraction) -> arb_series:
        return a ** ball(exponent)

    def blocks(self, x: arb_series, N: int, names: tuple[str, ...]) -> dict[str, arb_series]:
        return {name: value for name, value in _elementary(x, N).items() if name in names}


def _elementary(x: T, N: int) -> dict[str, T]:
    """The definitions of the blocks."""
    learned = 1 - ((1 - x).log() * N).exp()
    squares = learned * (2 - learned) / (x * (2 - x))
    return {"G": learned, "g": learned / (x * N), "W": squares, "K": N - 2 * learned / x + squares}
