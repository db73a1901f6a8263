"""Sums over infinitely many eigenvalues: closed forms, exact polynomials, brute force, laws, two precisions."""

import itertools
from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest
import sympy as sp
from flint import arb, fmpz

from riskbounds.errors import UnsupportedError
from riskbounds.numerics import Enclosures, Floats, G, K, W, g, infinite
from riskbounds.numerics.infinite import sum_between, sum_to_infinity
from riskbounds.numerics.summand import compile_summand
from riskbounds.numerics.tails import Tail, Tails, TooEarlyError, ball

i = sp.Symbol("i", integer=True, positive=True)
N = sp.Symbol("N", integer=True, positive=True)
a, b, c, v = sp.symbols("a b c v", positive=True)
x = c * i**-a
SUMMANDS = {
    "bias": i**-a * g(x, N) ** 2,
    "source bias": i**-b * g(x, N) ** 2,
    "noise": K(x, N) / N,
    "first step": G(x, N - 1) ** 2,
    "stability": x / (2 - x),
    "initial error": x * W(x, N) / N,
    "learned": x * K(x, N) / N,
}


def values(exponent, steps, scale=Fraction(1, 10), source=Fraction(3, 2)):
    return {a: Fraction(exponent), b: source, c: scale, N: arb(fmpz(steps))}


def contains(enclosure, exact, digits=45):
    """Whether the ball holds an mpmath value known to that many digits, and is itself narrow."""
    with flint.ctx.workprec(400):
        exact = arb(mpmath.nstr(exact, digits + 10))
        return enclosure.overlaps(exact * (1 + arb(0, arb(10) ** -digits))) and bool(
            enclosure.rad() <= abs(exact) * arb(10) ** -34
        )


def relative_radius(enclosure):
    return float(enclosure.rad() / abs(enclosure))


def test_zeta_values():
    with mpmath.workdps(60):
        assert contains(sum_to_infinity(i**-2, i, {}, 128), mpmath.pi**2 / 6)
        tail = sum_to_infinity(v * i ** (-a), i, {a: sp.Rational(3, 2), v: arb(3)}, 128, first=10**15)
        assert contains(tail, 3 * mpmath.zeta(mpmath.mpf(3) / 2, 10**15))


@pytest.mark.parametrize("scale", [Fraction(1), Fraction(1, 3)])
def test_stability_sum_of_squares(scale):
    """sum x/(2-x), x = scale/i^2: the cotangent series."""
    value = sum_to_infinity(SUMMANDS["stability"], i, values(2, 1, scale), 128)
    with mpmath.workdps(60):
        z = mpmath.sqrt(mpmath.mpf(scale.numerator) / scale.denominator / 2)
        assert contains(value, (1 - mpmath.pi * z * mpmath.cot(mpmath.pi * z)) / 2)


@pytest.mark.parametrize("steps", [1, 2, 3, 12, 13, 30])
@pytest.mark.parametrize("exponent", [Fraction(21, 20), Fraction(3, 2), Fraction(3)])
def test_few_steps_against_zeta_values(steps, exponent):
    """Each block is a polynomial in x, so each sum a finite combination of zeta values; x reaches 1."""
    z = sp.Symbol("z")
    for summand in (K(z, N), z * W(z, N), z * g(z, N) ** 2, z * G(z, N) ** 2):
        polynomial = sp.Poly(sp.cancel(summand.subs(N, steps).rewrite(sp.Pow)), z)
        value = sum_to_infinity(summand.subs(z, x), i, values(exponent, steps, Fraction(1)), 128)
        with mpmath.workdps(90):
            exact = mpmath.mpf(0)
            for (power,), coefficient in polynomial.terms():
                s = mpmath.mpf(power) * exponent.numerator / exponent.denominator
                exact += (mpmath.mpf(int(coefficient.p)) / int(coefficient.q)) * (mpmath.zeta(s) if power else 0)
        assert value == 0 if exact == 0 else contains(value, exact)


@pytest.mark.parametrize("exponent", [Fraction(6, 5), Fraction(3, 2), Fraction(2)])
def test_brute_force_with_tail_bounds(exponent):
    """Partial sums in float64, and 0 <= f(i) <= its small-x bound beyond."""
    steps, terms = 20_000, 400_000
    points = 0.1 * np.arange(1, terms + 1) ** -float(exponent)
    blocks = Floats().blocks_at(points, float(steps))
    beyond = float(mpmath.zeta(2 * float(exponent), terms + 1)) * 0.01
    sandwiches = {
        "noise": (np.sum(blocks["K"]) / steps, steps**2 / 3 * beyond),
        "first step": (np.sum(Floats().G(points, steps - 1.0) ** 2), steps**2 * beyond),
        "learned": (np.sum(points * blocks["K"]) / steps, steps**2 / 3 * 0.1 * terms ** -float(exponent) * beyond),
    }
    for name, (partial, rest) in sandwiches.items():
        value = sum_to_infinity(SUMMANDS[name], i, values(exponent, steps), 80)
        assert partial * (1 - 1e-12) <= value.mid() <= (partial + rest) * (1 + 1e-12), name
        assert relative_radius(value) < 1e-24


@pytest.mark.parametrize("name", ["bias", "noise", "first step"])
@pytest.mark.parametrize("exponent", [Fraction(6, 5), Fraction(3, 2), Fraction(2), Fraction(5, 2)])
def test_laws(name, exponent):
    """theory.md, section 6, at X = 1e6: beyond the terms stated only e^-X and X/N = 1e-12 are left."""
    size, steps = mpmath.mpf(10) ** 6, 10**18
    value = sum_to_infinity(SUMMANDS[name], i, values(exponent, steps, Fraction(1, 10**12)), 128)
    s = mpmath.mpf(exponent.denominator) / exponent.numerator
    zeta = mpmath.zeta(-1 / s)
    dp = s * mpmath.gamma(-s) * (2**s - 2) * size**s
    laws = {
        "bias": s * mpmath.gamma(-1 - s) * (2 ** (1 + s) - 2) * size ** (s - 1) + zeta / size**2,
        "first step": dp - mpmath.mpf(1) / 2,
        "noise": dp / (1 + s) - mpmath.mpf(1) / 2 - 1.5 * zeta / size,
    }
    assert abs(float(value) / laws[name] - 1) < 1e-11


@pytest.mark.parametrize(
    ("exponent", "steps"),
    [
        (Fraction(3, 2), 1000),
        (Fraction(21, 20), 10**12),
        (Fraction(3), 10**12),
        (Fraction(3, 2), 10**24),
        pytest.param(Fraction(21, 20), 10**24, marks=pytest.mark.long),
        pytest.param(Fraction(3), 10**24, marks=pytest.mark.long),
    ],
)
def test_precisions_and_splittings_agree(exponent, steps, monkeypatch):
    for name, summand in SUMMANDS.items():
        fine = sum_to_infinity(summand, i, values(exponent, steps), 128)
        assert relative_radius(fine) < 1e-37, name
        coarse = sum_to_infinity(summand, i, values(exponent, steps), 53)
        assert coarse.contains(fine), name
        assert relative_radius(coarse) < 1e-15, name
        with monkeypatch.context() as patch:
            patch.setattr(infinite, "_DIRECT", 1)
            patch.setattr(infinite, "_disc", lambda summand, first, bits: (0.07, max(first, 2777)))
            other = sum_to_infinity(summand, i, values(exponent, steps), 128)
        assert other.overlaps(fine), name


TAILS = {
    **SUMMANDS,
    "root": sp.sqrt(1 + x) * x,
    "inverse": x / (1 + x + i ** (-2 * a)),
    "product": G(x, N) * K(x, N) * W(x + x**2, N) / (2 - x) ** 3,
    "difference": (G(x, N) - N * x) * x,
    "inexact root": (1 + g(x, N)) ** sp.Rational(-5, 3) * x,
}


@pytest.mark.parametrize("name", TAILS)
@pytest.mark.parametrize("precision", [-90, -70])
def test_tails_bound_their_error(name, precision):
    """At a precision of a few bits the series is cut early, and its error bound is all that keeps it right."""
    given = values(Fraction(3, 2), 1000)
    first = 700
    with flint.ctx.workprec(300):
        compiled = compile_summand(TAILS[name], i, given)
        algebra = Tails(first=first, bits=precision)
        tail = compiled.run(algebra)
        defects = []
        for n in (first, first + 1, 2 * first, 10 * first, 1000 * first):
            u = arb(n) / first
            shown = sum((coefficient * u ** -ball(e) for e, coefficient in tail.terms.items()), arb(0))
            defect = abs(compiled.run(infinite._Point(n)) - shown)
            assert not defect > tail.error * u ** -ball(tail.order)
            defects.append(defect)
        assert defects[0] > 1e-40 * abs(tail.bound)
        exact = sum_to_infinity(TAILS[name], i, given, 128, first=first)
        assert algebra.sum(tail).contains(exact)
        assert not algebra.sum(Tail(terms=tail.terms)).overlaps(exact)


def test_every_operation_carries_the_errors():
    """Truths 2 + e/u and 3 + e/u^2 for any |e| <= 1/10, through each operation."""
    algebra = Tails(first=10, bits=-190)  # terms below 2^-10 of the largest become errors
    a, b = (Tail(terms={Fraction(0): arb(n)}, error=arb(0.1), order=Fraction(n - 1)) for n in (2, 3))
    results = {
        "add": (algebra.add(a, b), lambda s, t: s + t),
        "multiply": (algebra.multiply(a, b), lambda s, t: s * t),
        "inverse": (algebra.power(a, Fraction(-1)), lambda s, t: 1 / s),
        "root": (algebra.power(b, Fraction(1, 3)), lambda s, t: t ** ball(Fraction(1, 3))),
    }
    small = algebra.add(a, Tail(terms={Fraction(5): arb(0.001)}))
    assert small.error >= 0.101
    assert small.terms.keys() == {0}
    for u, e, f in itertools.product((1, 2, 50), (-0.1, 0, 0.1), (-0.1, 0, 0.1)):
        for name, (tail, function) in results.items():
            exact = function(2 + arb(e) / u, 3 + arb(f) / u**2)
            shown = sum((c * arb(u) ** -ball(e) for e, c in tail.terms.items()), arb(0))
            assert not abs(exact - shown) > tail.error * arb(u) ** -ball(tail.order), name


def test_blocks_wait_for_small_positive_contractions():
    algebra = Tails(first=10, bits=64)
    for terms in ({1: 1e-4, 2: -2e-4}, {-1: 1e-9}, {1: 1e-2}):
        with pytest.raises(TooEarlyError):
            algebra.blocks(Tail(terms={Fraction(e): arb(c) for e, c in terms.items()}), 100, ("K",))


@pytest.mark.parametrize("name", [name for name in SUMMANDS if name != "stability"])
@pytest.mark.parametrize("orders", [1, 2])
def test_remainder_covers_what_few_orders_leave(name, orders, monkeypatch):
    given = values(Fraction(2), 3000, Fraction(1, 2))
    fine = sum_to_infinity(SUMMANDS[name], i, given, 128)
    monkeypatch.setattr(infinite, "_DIRECT", 1)
    monkeypatch.setattr(infinite, "_ORDERS", orders)
    monkeypatch.setattr(infinite, "_disc", lambda summand, first, bits: (0.1, 20))
    coarse = sum_to_infinity(SUMMANDS[name], i, given, 128)
    assert coarse.contains(fine)
    assert abs(coarse.mid() - fine) > 1e-30 * fine  # the error is no rounding error
    assert orders > 1 or relative_radius(coarse) < 1


@pytest.mark.parametrize("exponent", [Fraction(3, 2), Fraction(3)])
def test_euler_maclaurin_against_direct_sums(exponent):
    system = Enclosures(160)
    for steps in (50, 10**6, 10**12):
        with system.working():
            index = system.from_float64(np.arange(100.0, 6001.0))
            point = system.power(index, -exponent) / 10
            direct = system.sum(point * system.K(point, arb(steps)))
        value = sum_between(x * K(x, N), i, values(exponent, steps), 128, first=100, last=6000)
        assert value.overlaps(direct)
        assert relative_radius(value) < 1e-36


def test_finite_sums_reach_far():
    last = 10**20 + 7
    assert sum_between(i**3, i, {}, 300, first=1, last=last).contains(fmpz(last * (last + 1) // 2) ** 2)
    with mpmath.workdps(80):
        exact = mpmath.zeta(mpmath.mpf(1) / 2, 11) - mpmath.zeta(mpmath.mpf(1) / 2, last + 1)
        assert contains(sum_between(i ** sp.Rational(-1, 2), i, {}, 128, first=11, last=last), exact, 40)


@pytest.mark.parametrize(
    "summand",
    [
        sp.sqrt(1 + i**-2) - 1,
        (1 + i**-2) ** sp.Rational(-7, 3) / i**2,
        1 / (i**2 + 3 * i + sp.Rational(1, 2)),
        (1 - i**-3 / 2) ** 9 / i**2,
    ],
)
def test_powers_of_sums(summand):
    function = sp.lambdify(i, summand, "mpmath")
    with mpmath.workdps(40):
        exact = mpmath.nsum(lambda n: function(mpmath.mpf(n)), [1, mpmath.inf])
        value = sum_to_infinity(summand, i, {}, 100)
        assert abs(mpmath.mpf(value.mid().str(40, radius=False)) / exact - 1) < 1e-25
    assert relative_radius(value) < 1e-28


def test_thresholded_sums_with_blocks_start_anywhere():
    whole = sum_to_infinity(SUMMANDS["learned"], i, values(Fraction(3, 2), 10**9), 128)
    for cut in (1, 10, 5000, 10**6):
        above = sum_to_infinity(SUMMANDS["learned"], i, values(Fraction(3, 2), 10**9), 128, first=cut + 1)
        below = sum_between(SUMMANDS["learned"], i, values(Fraction(3, 2), 10**9), 128, first=1, last=cut)
        assert (above + below).overlaps(whole)
        assert relative_radius(above) < 1e-36


def test_wide_values_give_wide_sums():
    narrow = values(Fraction(3, 2), 10**6)
    wide = {**narrow, c: arb(0.1, 1e-10)}
    enclosure = sum_to_infinity(SUMMANDS["noise"], i, wide, 128)
    assert 1e-11 < relative_radius(enclosure) < 1e-8
    for scale in (Fraction(1, 10), Fraction(1, 10) + Fraction(1, 10**10), Fraction(1, 10) - Fraction(1, 10**10)):
        assert enclosure.overlaps(sum_to_infinity(SUMMANDS["noise"], i, {**narrow, c: scale}, 128))


@pytest.mark.parametrize(
    ("summand", "given", "message"),
    [
        (sp.sin(i) / i**2, {}, "sin"),
        (sp.log(i) / i**2, {}, "log"),
        (2**-i, {}, "exponent"),
        (i**-a, {a: arb(2)}, "exact rational"),
        (v * i**-2, {}, "no value for v"),
        (1 / i, {}, "diverges"),
        (1 + i**-2, {}, "diverges"),
        (K(x, N) / x**2, values(2, 100), "diverges"),
        (K(x, N), values(2, 100) | {N: arb(5.5)}, "whole"),
        (K(x, N - 3), values(2, 1), "whole"),
        (g(x, N - 1) / i**2, values(2, 1), "at least 1"),
        (K(-x, N), values(2, 100), "positive"),
        (K(i**-1 * c, N) / (i - i), values(2, 100), "cannot enclose"),
        ((-x) ** sp.Rational(1, 3), values(2, 100), "no finite real value"),
        ((c - i**-1) ** sp.Rational(-1, 2) / i**2, values(2, 100), "at some index"),
        ((i**-1 - c) ** sp.Rational(-1, 2) / i**2, values(2, 100), "positive"),
        (G(c * i, N) / i**2, values(2, 100), "however large"),
    ],
)
def test_refusals(summand, given, message):
    with pytest.raises(UnsupportedError, match=message):
        sum_to_infinity(summand, i, given, 64)


def test_global_settings_are_restored(monkeypatch):
    monkeypatch.setattr(flint.ctx, "cap", 7)
    before = flint.ctx.prec, flint.ctx.cap
    sum_to_infinity(SUMMANDS["noise"], i, values(Fraction(3, 2), 10**9), 128)
    with pytest.raises(UnsupportedError):
        sum_to_infinity(1 / i, i, {}, 64)
    assert (flint.ctx.prec, flint.ctx.cap) == before
