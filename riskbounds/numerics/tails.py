"""Rigorous tail series: finite sums of powers of the index with an error bound, and their sums to infinity.

Far out in a power law every contraction x_i is so small that N x_i <= 1/2, and every quantity of the theorems is a
convergent series in powers of 1/i. A `Tail` holds finitely many of its terms and a bound on the rest, for i >= first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from math import comb

from flint import arb, fmpq

from riskbounds.errors import UnsupportedError

_GUARD = 100  # bits kept beyond those wanted: leading terms may cancel down to (N x)^3

_EXACT_STEPS = 12


class TooEarlyError(Exception):
    """The series does not converge fast enough at this first index: start further out."""


@dataclass(frozen=True, kw_only=True)
class Tail:
    """f(i) = sum_e terms[e] u^-e + rest, |rest| <= error u^-order, u = i/first, for all i >= first."""

    terms: Mapping[Fraction, arb]
    error: arb = field(default_factory=lambda: arb(0))
    order: Fraction = Fraction(0)

    @property
    def lowest(self) -> Fraction:
        """Least exponent present, rest included."""
        orders = [*self.terms, *([self.order] if not self.error.is_zero() else [])]
        return min(orders, default=Fraction(0))

    @property
    def bound(self) -> arb:
        """B with |f(i)| <= B u^-lowest."""
        return (sum((c.abs_upper() for c in self.terms.values()), arb(0)) + self.error).upper()


@dataclass(frozen=True, kw_only=True)
class Tails:
    """Arithmetic of `Tail`s from `first` on, to `bits` bits (an absolute measure relative to each largest term)."""

    first: int
    bits: int

    def constant(self, value: arb) -> Tail:
        """A constant."""
        return Tail(terms={} if value.is_zero() else {Fraction(0): value})

    def index_power(self, exponent: Fraction) -> Tail:
        """i^exponent."""
        return Tail(terms={-exponent: arb(self.first) ** ball(exponent)})

    def add(self, a: Tail, b: Tail) -> Tail:
        """a + b."""
        terms = dict(a.terms)
        for e, c in b.terms.items():
            terms[e] = terms[e] + c if e in terms else c
        return self._trim({e: c for e, c in terms.items() if not c.is_zero()}, ((a.error, a.order), (b.error, b.order)))

    def multiply(self, a: Tail, b: Tail) -> Tail:
        """a b."""
        terms: dict[Fraction, arb] = {}
        for e, c in a.terms.items():
            for f, d in b.terms.items():
                terms[e + f] = terms[e + f] + c * d if e + f in terms else c * d
        errors = (
            (a.error * b.bound, a.order + b.lowest),
            (b.error * a.bound, b.order + a.lowest),
        )
        return self._trim(terms, errors)

    def power(self, a: Tail, exponent: Fraction) -> Tail:
        """a^exponent; small whole exponents by multiplication, others by the binomial series."""
        if exponent.denominator == 1 and 0 <= exponent <= 8:
            result = self.constant(arb(1))
            for _ in range(int(exponent)):
                result = self.multiply(result, a)
            return result
        lead = min(a.terms, default=None)
        if lead is None or not (a.terms[lead] > 0 or (exponent.denominator == 1 and a.terms[lead] != 0)):
            raise UnsupportedError("an infinite sum divides by, or takes a root of, something not certainly positive")
        head = a.terms[lead]
        rest = Tail(
            terms={e - lead: c / head for e, c in a.terms.items() if e != lead},
            error=(a.error / head).abs_upper(),
            order=a.order - lead,
        )
        scaled = Tail(terms={exponent * lead: head ** ball(exponent)})
        return self.multiply(scaled, self._binomial(rest, exponent))

    def _binomial(self, rest: Tail, exponent: Fraction) -> Tail:
        """(1 + rest)^exponent; the binomial coefficients' ratio |s-j|/(j+1) bounds what is cut off."""
        result = self.constant(arb(1))
        size, lowest = rest.bound, rest.lowest
        if size.is_zero():
            return result
        if not size < 0.25 or lowest <= 0:
            raise TooEarlyError
        power, coefficient, n = result, Fraction(1), 0
        while True:
            coefficient = coefficient * (exponent - n) / (n + 1)
            n += 1
            ratio = max(Fraction(1), abs(exponent - n) / (n + 1))  # nonincreasing once n > exponent
            left_out = abs(ball(coefficient)) * size**n
            if coefficient == 0:
                return result
            if n > exponent and size * ball(ratio) < 0.9 and left_out < arb(2) ** -(self.bits + _GUARD):
                error = (left_out / (1 - size * ball(ratio))).upper()
                return self._trim(dict(result.terms), ((result.error, result.order), (error, n * lowest)))
            power = self.multiply(power, rest)
            result = self.add(result, self.multiply(self.constant(ball(coefficient)), power))

    def blocks(self, x: Tail, N: int, names: tuple[str, ...]) -> dict[str, Tail]:
        """G, g, W, K at (x, N) by their Taylor polynomials in x, whose coefficients are exact.

        Taylor's remainder of (1-x)^m after degree n is at most C(m, n+1) x^(n+1) for 0 <= x <= 1; W and K are sums of
        such powers with s < N. Up to N = 12 the polynomial is the block, for every x.
        """
        size, lowest = x.bound, x.lowest
        if N > _EXACT_STEPS:
            if lowest <= 0 or not size * N < 0.5:
                raise TooEarlyError
            if not x.terms.get(lowest, arb(0)) > 0:
                raise UnsupportedError("an infinite sum meets a contraction x_i that is not certainly positive")
            if not x.terms[lowest] * 2 > size:  # the rest may still outweigh the leading term
                raise TooEarlyError
        result = {}
        for name in names:
            degree = self._degree(size, N)
            coefficients, remainder = _taylor(name, N, degree)
            total = self.constant(arb(0))
            for c in reversed(coefficients):
                total = self.add(self.multiply(total, x), self.constant(ball(c)))
            error = (ball(remainder) * size ** (degree + 1)).upper()
            result[name] = self._trim(dict(total.terms), ((total.error, total.order), (error, (degree + 1) * lowest)))
        return result

    def _degree(self, size: arb, N: int) -> int:
        """Where the Taylor terms (2 N x)^n / n! are below all that is wanted."""
        if N <= _EXACT_STEPS:
            return 2 * N
        term, degree = arb(1), 0
        while not term < arb(2) ** -(self.bits + _GUARD):
            degree += 1
            term = term * (2 * N * size).upper() / degree
        return degree + 3

    def _trim(self, terms: dict[Fraction, arb], errors: tuple[tuple[arb, Fraction], ...]) -> Tail:
        """Collect the errors, and move terms too small to matter into them."""
        largest = reduce(arb.max, (c.abs_upper() for c in terms.values()), arb(0))
        limit = largest * arb(2) ** -(self.bits + 2 * _GUARD)
        small = {e: c for e, c in terms.items() if c.abs_upper() < limit}
        parts = [(v, e) for v, e in errors if not v.is_zero()] + [(c.abs_upper(), e) for e, c in small.items()]
        return Tail(
            terms={e: c for e, c in terms.items() if e not in small},
            error=sum((v for v, _ in parts), arb(0)).upper(),
            order=min((e for _, e in parts), default=Fraction(0)),
        )

    def sum(self, tail: Tail) -> arb:
        """sum_{i >= first} f(i), by one Hurwitz zeta value per term; UnsupportedError if it diverges."""
        if (tail.terms or not tail.error.is_zero()) and tail.lowest <= 1:
            raise UnsupportedError(f"a sum over infinitely many eigenvalues diverges: terms like i^{-tail.lowest}")
        total = arb(0)
        for e, c in tail.terms.items():
            total += c * self._power_sum(e)
        if not tail.error.is_zero():
            total += arb(0, (tail.error * self._power_sum(tail.order)).upper())
        return total

    def _power_sum(self, exponent: Fraction) -> arb:
        """sum_{i >= first} (i/first)^-exponent."""
        e = ball(exponent)
        return arb(self.first) ** e * e.zeta(arb(self.first))


def ball(value: Fraction | int) -> arb:
    """The ball of an exact rational at the current precision."""
    exact = Fraction(value)
    return arb(fmpq(exact.numerator, exact.denominator))


def _taylor(name: str, N: int, degree: int) -> tuple[list[Fraction], Fraction]:
    """Taylor coefficients 0..degree in x of a block, and r with |remainder| <= r x^(degree+1)."""
    growth = [(-1) ** k * comb(N, k + 1) for k in range(degree + 1)]  # G/x
    if name == "G":
        return [Fraction(c) for c in [0, *growth[:-1]]], Fraction(comb(N, degree + 1))
    if name == "g":
        return [Fraction(c, N) for c in growth], Fraction(comb(N, degree + 2), N)
    squares: list[Fraction] = []  # (2-x) W = (1-(1-x)^(2N))/x
    for k in range(degree + 1):
        previous = squares[-1] if squares else Fraction(0)
        squares.append((previous + (-1) ** k * comb(2 * N, k + 1)) / 2)
    if name == "W":
        return squares, Fraction(comb(2 * N, degree + 2))
    noise = [w - 2 * c for w, c in zip(squares, growth, strict=True)]
    noise[0] += N
    return noise, Fraction(2 * comb(N, degree + 2) + comb(2 * N, degree + 2))
