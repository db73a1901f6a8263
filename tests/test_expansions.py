"""Expansions of the registered theorems' sums against rigorous sums: stated remainders, constants, other spectra."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.expansion import expand_sum
from riskbounds.asymptotics.spectra import expand_exponential, expand_logarithmic
from riskbounds.asymptotics.unfolding import closed_forms, spectral_sums
from riskbounds.errors import ProblemError, UnsupportedError
from riskbounds.model import EXPONENTIAL, LOG_POWER_LAW
from riskbounds.numerics import Floats
from riskbounds.numerics.blocks import G, K, W, g
from riskbounds.theorems.sharp_pair import sharp, sharp_storage
from riskbounds.theorems.threshold_pair import threshold, threshold_general
from tests.conftest import full_and_tenth

i, N, a, b = s.i, s.N, s.a, s.b
x = s.step * s.c * i**-a
F = Fraction
SIZES = (10**4, 10**6, 10**8)
TENTH = F(1, 10)

#: Symbols that stand in the summands, at arbitrary values; A_i is linear in mu_i, as in the noise tables.
NOISE = {s.A: s.sigma_q2 + s.eps_p * s.mu[i], s.Alow: s.sigma_M2}
SCALARS = {
    s.sigma_q2: F(3), s.sigma_M2: F(2), s.eps_p: F(1, 5), s.eps_w: F(1, 50), s.target_scale: F(2),
    s.eps_d: F(1, 4), s.eps_bar_1: F(0),
    **dict.fromkeys((s.k, s.h, s.phi, s.ad, s.av, s.adlow), F(1, 3)),
}  # fmt: skip


def sums():
    """(label, sum) for every sum of the four theorems, isotropic and source target, read off the registered objects."""
    for theorem, source in itertools.product((sharp, sharp_storage, threshold, threshold_general), (False, True)):
        known = closed_forms({"data": "multiplicative"}, source=source) | NOISE
        for each in spectral_sums(theorem, known):
            yield f"{theorem.name}-{'source' if source else 'isotropic'}-{each.name}-{each.part}", each


DISTINCT = {(each.summand, each.part): (label, each) for label, each in sums()}
SUMS = {f"{label}-{number}": each for number, (label, each) in enumerate(DISTINCT.values())}


def point(X, exponents, size=False):
    """Exact values with step c = 1/10 and, where data are quantized, step c (1 + eps_d) = 1/8; X to that factor."""
    values = {**SCALARS, **exponents, s.c: F(4, 5), s.step: F(1, 8), N: F(10 * X)}
    return values | ({s.M: F(10**13)} if size else {})


def exponents(rng):
    """Seeded rationals a in [1.2, 3], b in [1.1, 5]; now and then where poles meet."""
    first = F(rng.randint(24, 60), 20)
    second = rng.choice([first + 1, 2 * first + 1, F(rng.randint(22, 100), 20), F(rng.randint(22, 60), 20)])
    return {a: first, b: second}


def grows(expansion):
    return any(term.kind == "size" for term in expansion.terms)


def test_every_sum_is_there():
    """The sums of the registered theorems, not a list of ours: 8 for sharp, 2 more with storage, 12 for the threshold pairs."""
    counts = [len(spectral_sums(t, closed_forms() | NOISE)) for t in (sharp, sharp_storage, threshold, threshold_general)]
    assert counts == [8, 10, 12, 12]


@full_and_tenth(20)
@pytest.mark.parametrize("label", SUMS)
def test_registered_sums_are_within_their_remainder(label, size, tell):
    rng = random.Random(label)
    expansion = SUMS[label].expand(terms=2)
    worst = 0.0
    for X, at in itertools.product(SIZES, [exponents(rng) for _ in range(size)]):
        values = point(X, at, grows(expansion))
        error, stated = expansion.error_at(values), expansion.remainder(values)
        assert abs(error) <= stated, (label, X, at, error, stated)
        worst = max(worst, float(abs(error) / stated))
    if size > 2:
        tell(f"largest error over stated remainder {worst:.3f}")


@pytest.mark.parametrize("label", [label for label, each in SUMS.items() if each.part == "all"])
def test_every_term_counts(label):
    """Without any one of its terms an expansion is off by more than it states, where the term is ten times that size."""
    expansion = SUMS[label].expand(terms=2)
    values = point(10**8, {a: F(8, 5), b: F(9, 4)}, grows(expansion))
    stated = expansion.remainder(values)
    error = expansion.error_at(values, 300)
    for term in expansion.terms:
        part = replace(expansion, terms=(term,)).value(values, 300)
        if abs(part) > 10 * stated:
            assert abs(error - part) > stated, term


def member(rng):
    """A summand of the class that no theorem uses: up to three blocks with other counts of steps, 1/(2-x), powers of x and i."""
    blocks = [G(x, N + 1), G(x, 2 * N), g(x, N - 1), W(x, N + 2) / N, K(x, 3 * N) / N, K(x, N) * W(x, N) / N**2]
    factors = rng.choices(blocks, k=rng.randint(1, 3))
    weight = rng.choice([x, i**-b, x**2, i ** (-b - a), x * i**-b])
    term = sp.Mul(*factors) * weight / (2 - x) ** rng.randint(0, 2)
    return term + rng.randint(1, 5) * G(x, N - 2) ** rng.randint(2, 3) * i**-b


MEMBERS = [member(random.Random(seed)) for seed in range(10)]


@pytest.mark.parametrize("number", range(10))
def test_summands_that_no_theorem_uses(number):
    assert len(set(MEMBERS)) == 10
    expansion, rng = expand_sum(MEMBERS[number], terms=2), random.Random(100 + number)
    for X in SIZES:
        values = point(X, exponents(rng))
        error, stated = expansion.error_at(values), expansion.remainder(values)
        assert abs(error) <= stated
        assert stated < abs(expansion.exact(values)) / 20


LEADING = {"bias": s.c * i**-a * g(x, N) ** 2, "cross": s.c * i**-a * g(x, N), "dp": G(x, N - 1) ** 2, "dt": K(x, N) / N}


@pytest.mark.parametrize("name", LEADING)
@pytest.mark.parametrize("tenths", range(12, 31, 2))
def test_leading_constants_within_one_percent(name, tenths):
    """At X = 1e6 the first term alone against the sum to infinity."""
    expansion = expand_sum(LEADING[name], terms=1)
    values = point(10**6, {a: F(tenths, 10)})
    leading = replace(expansion, terms=expansion.terms[:1])
    assert abs(float(leading.value(values) / expansion.exact(values)) - 1) < 0.01


@pytest.mark.parametrize("tenths", range(12, 31, 3))
def test_effective_dimension(tenths):
    """sum dt at X = 1e6 within 1e-6, from one order."""
    values = point(10**6, {a: F(tenths, 10)})
    expansion = expand_sum(LEADING["dt"], terms=1)
    assert abs(float(expansion.error_at(values) / expansion.exact(values))) < 1e-6


@pytest.mark.parametrize("difference", [1, 2])
def test_orders_that_cancel(difference):
    """Differences in N cancel the leading orders; the series is taken deeper until the wanted ones are complete."""
    first = N * (G(x, N) - G(x, N - 1))
    second = N**2 * (G(x, N + 1) - 2 * G(x, N) + G(x, N - 1))
    expansion = expand_sum(i**-b * (first if difference == 1 else second), terms=2)
    for X in SIZES:
        values = point(X, {a: F(8, 5), b: F(9, 4)})
        stated = expansion.remainder(values)
        assert abs(expansion.error_at(values, 256)) <= stated
        assert stated < abs(expansion.exact(values)) / X


def test_what_is_smaller_than_every_power():
    """At a = 3, X = 1e4 the omitted powers are far below the error, a harmonic of Poisson's formula; the remainder has it."""
    expansion = expand_sum(LEADING["cross"], terms=2)
    values = point(10**4, {a: F(3)})
    error = abs(expansion.error_at(values))
    assert replace(expansion, leading_groups=()).remainder(values) < error / 100
    assert error <= expansion.remainder(values) < 1000 * error


def test_saturation():
    """bias falls like X^((1-b)/a) up to b = 2a+1 and like X^-2 beyond; the cross term up to a+1, then like X^-1."""
    for summand, edge, floor in ((i**-b * g(x, N) ** 2, 4, -2), (i**-b * g(x, N), F(5, 2), -1)):
        expansion = expand_sum(summand, terms=1)
        below, above = ({a: F(3, 2), b: edge + shift} for shift in (F(-1, 4), F(1, 4)))
        assert expansion.leading(below).power.subs({a: sp.Rational(3, 2), b: sp.Rational(*below[b].as_integer_ratio())}) > floor
        assert expansion.leading(above).power == floor
        at = expansion.leading({a: F(3, 2), b: F(edge)})
        assert (at.power, at.logs) == (floor, 1)


def test_fluctuation_of_the_threshold_is_in_the_remainder():
    """sum_{i<=k*} 1 = floor(X^(1/a)): the error runs through (-1/2, 1/2] and the remainder says so."""
    expansion = expand_sum(sp.Integer(1), terms=1, part="head")
    errors = [float(expansion.error_at(point(X, {a: F(3, 2)}))) for X in range(10**6, 10**6 + 500, 7)]
    assert max(errors) > 0.4
    assert min(errors) < -0.4
    assert all(abs(error) <= 0.5 for error in errors)
    assert float(expansion.remainder(point(10**6, {a: F(3, 2)}))) == pytest.approx(1)


SLOW = {"bias": lambda w, y: w * g(y, N) ** 2, "cross": lambda w, y: w * g(y, N), "dp": lambda w, y: G(y, N - 1) ** 2,
        "dt": lambda w, y: K(y, N) / N, "h": lambda w, y: w * W(y, N) / N}  # fmt: skip


@pytest.mark.parametrize("name", SLOW)
@pytest.mark.parametrize("rate", [F(1, 2), F(1), F(2)])
def test_exponential_spectrum(name, rate):
    """Mean and amplitude: over one period the errors stay within the remainder and average to much less than the amplitude."""
    expansion = expand_exponential(SLOW[name](EXPONENTIAL, s.step * EXPONENTIAL))
    errors, waves = [], 0.0
    for X in (10**4, 10**6, 10**8, 10**8 + 17 * 10**6, 135 * 10**6):
        values = {s.rate: rate, s.c: F(1), s.step: TENTH, N: F(10 * X)}
        error, stated = expansion.error_at(values), expansion.remainder(values)
        assert abs(error) <= stated
        errors.append(float(abs(error) / stated))
        waves = float(stated / abs(expansion.exact(values)))
    assert max(errors) > 0.05
    assert waves < 0.1


@pytest.mark.parametrize("name", SLOW)
@pytest.mark.parametrize("exponent", [F(3, 2), F(2)])
def test_logarithmic_spectrum(name, exponent):
    """Leading form: the relative error falls like log L/L, to below a quarter at X = 1e32."""
    expansion = expand_logarithmic(SLOW[name](LOG_POWER_LAW, s.step * LOG_POWER_LAW))
    ratios = []
    for X in (10**8, 10**16, 10**32):
        values = {a: exponent, s.c: F(1), s.step: TENTH, N: F(10 * X)}
        error = expansion.error_at(values)
        assert abs(error) <= expansion.remainder(values)
        ratios.append(abs(float(error / expansion.exact(values))))
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[-1] < 0.25


def test_the_measure_on_a_logarithmic_spectrum():
    """logarithmic_sum against two million terms and the tail of t^2/3 beyond them."""
    expansion = expand_logarithmic(SLOW["dt"](LOG_POWER_LAW, s.step * LOG_POWER_LAW))
    steps, index = 10**4, np.arange(1.0, 2e6)
    decay = 0.1 / (index * np.log(index + 1) ** 2)
    brute = np.sum(Floats().blocks_at(decay, float(steps), ["K"])["K"]) / steps
    rest = (steps * 0.1) ** 2 / (3 * index[-1] * np.log(index[-1]) ** 4)
    exact = expansion.exact({a: F(2), s.c: F(1), s.step: TENTH, N: F(steps)})
    assert float(exact) == pytest.approx(brute + rest, rel=1e-6)


def test_refusals():
    with pytest.raises(UnsupportedError, match="must be a constant times"):
        spectral_sums(sharp, closed_forms({"data": "additive"}) | NOISE)
    with pytest.raises(UnsupportedError, match="sequence A has no closed form"):
        spectral_sums(sharp, closed_forms())
    with pytest.raises(ProblemError, match="whole number"):
        expand_sum(LEADING["dt"]).error_at({a: F(2), s.c: F(1), s.step: TENTH, N: F(3, 2)})
    with pytest.raises(UnsupportedError, match="thresholded"):
        expand_sum(LEADING["dt"], part="head")
    with pytest.raises(UnsupportedError, match="constant or diverges"):
        expand_logarithmic(LOG_POWER_LAW)
