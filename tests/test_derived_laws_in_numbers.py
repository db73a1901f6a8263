"""What the derivations of the laws claim, in numbers: the remainders, and the cited transfer."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from mpmath import mp
from riskbounds.derivations.law_sums import SUMMANDS
from riskbounds.derivations.power_law import a

from riskbounds.terms.balls import ball, enclosure
from riskbounds.terms.exponentials import decay, exponentials
from riskbounds.terms.polynomial import single
from riskbounds.terms.profiles import TAU


def sharp_sides(exponent, M, N, step, growth, A, Alow, ad, av, adlow, floor=0, rise=0, rise_low=0, stored=0):
    """The sharp pair on lam_i = i^-a, E w*^2 = 1, without Approx, typed here from theory section 4."""
    lam = np.arange(1, M + 1, dtype=float) ** -exponent
    mu = growth * lam + floor
    vq = lam / mu
    xs = step * mu
    q, before = (1 - xs) ** N, (1 - xs) ** (N - 1)
    g = (1 - q) / (N * xs)
    K = N - 2 * (1 - q) / xs + (1 - q**2) / (xs * (2 - xs))
    if N >= 1000:  # where K loses its digits: the Taylor polynomial of its limit
        small = N * xs
        K = np.where(small < 1e-2, N * (small**2 / 3 - small**3 / 4 + 7 * small**4 / 60), K)
    dt, dp = lam / mu * K / N, lam / mu * (1 - before) ** 2
    kappa = np.sum(xs / (2 - xs))
    h = np.sum(mu * vq**2 * (1 - q**2) / (xs * (2 - xs))) / N
    k = np.sum(mu * vq**2 * K) / N
    U = np.sum(rise * mu * xs / (2 - xs)) + np.sum(mu * stored / (xs * (2 - xs)))
    phi = (A * kappa + U + kappa * (ad * h + av * k)) / (1 - (ad + av) * kappa)
    mean = 0.5 * np.sum(lam * (1 - vq * (1 - g)) ** 2) + np.sum(lam * K / N * stored / xs**2) / (2 * N)
    upper = mean + np.sum(dt * (A + rise * mu + av * k) + dp * (ad * (h + phi) + av * phi)) / (2 * N)
    lower = mean + np.sum((Alow + rise_low * mu + adlow * h) * dt) / (2 * N)
    return lower, upper, kappa, np.sum(mu * vq**2), step * growth * np.sum(lam), U


def law_and_remainders(
    exponent, M, N, step, growth, A, Alow, ad, av, adlow, kappa, norm, trace, U=0, floor=0, rise=0, rise_low=0, stored=0
):
    """(law - remainder, law + remainder) of the lower and of the upper side, from theory section 6."""
    X = N * step * growth
    r, Gamma, two = X ** (1 / exponent), float(mp.gamma(1 - 1 / exponent)), 2 ** (1 / exponent)
    dimension = exponent * (2 - two) * Gamma / (exponent + 1) * r
    square, share = (2 - two) * Gamma * r, Gamma * r
    partial = np.sum(np.arange(1, M + 1, dtype=float) ** -exponent)
    load = (ad + av) * kappa
    V = A + av * norm
    tail = X * M ** (1 - exponent) / (exponent - 1)
    rate = X ** (1 / exponent - 1)
    mean = (
        0.5 * (1 - 1 / growth) ** 2 * partial
        + exponent * (two - 1) * Gamma / (exponent + 1) / growth**2 * rate
        + (growth - 1) * Gamma / growth**2 * rate
    )
    per, half = 1 / (N * step * growth**2), 1 / (2 * N * growth)
    bias, cross = per / (2 * growth), (1 - 1 / growth) * per
    H, lost, spread = 2 * per * (share + trace), 1 + tail, 1 / (1 - load)
    seen = N * step * floor
    hidden = seen * (share + trace)
    dt, dp = dimension + 2 * trace + hidden, square + 3 * trace + hidden
    store, kept = stored / (2 * step * growth), 2 * exponent**2 * (two - 1) * Gamma / ((exponent + 1) * (2 * exponent + 1)) * r
    up = bias * (lost + 3 * trace) + cross * trace + per * hidden + store * (2 * lost + 2 * trace)
    down = (bias + cross) * lost + store * (2 * lost + trace + 2 * seen * (kept + 2 * lost + 2 * trace))
    fed = (ad + av) * U
    lower = mean + half * Alow * dimension + store * kept
    upper = mean + half * spread * (V * dimension * (1 + load / exponent) + fed * square) + store * kept
    less, more = lost + 2 * trace + hidden, 2 * trace + hidden
    return (
        (
            lower - down - half * Alow * less,
            lower + up + half * (Alow * more + adlow * H * dt + rise_low * trace / step),
        ),
        (
            upper - down - half * (spread * (V + fed) * less + av * H * (dt + spread * load * dp)),
            upper + up + half * (V * more + spread * ((load * V + fed) * (more + trace) + ad * H * dp) + rise * trace / step),
        ),
    )


def test_the_sides_lie_where_the_law_and_its_remainder_say():
    generator = random.Random(11)
    for _ in range(200):
        exponent, growth = generator.uniform(1.15, 3), generator.choice([1, generator.uniform(1, 1.5)])
        M, N = int(10 ** generator.uniform(1, 3.5)), int(10 ** generator.uniform(0, 5))
        step = generator.uniform(0.01, 0.3) / growth
        constants = [generator.uniform(0, high) for high in (3, 3, 0.4, 0.4, 1)]
        low, high, kappa, norm, trace, _ = sharp_sides(exponent, M, N, step, growth, *constants)
        if (constants[2] + constants[3]) * kappa >= 0.95:
            continue
        lower, upper = law_and_remainders(exponent, M, N, step, growth, *constants, kappa, norm, trace)
        for value, (least, most) in ((low, lower), (high, upper)):
            assert least <= value * (1 + 1e-9)
            assert value <= most * (1 + 1e-9)


def test_with_a_floor_and_stored_weights_too():
    """Growth with a floor, and a floor with rising noise and storage: the elementwise and the additive scheme."""
    generator = random.Random(12)
    tried = 0
    for _ in range(300):
        exponent, M, N = generator.uniform(1.15, 3), int(10 ** generator.uniform(0, 3.5)), int(10 ** generator.uniform(0, 5))
        growth = generator.choice([1, generator.uniform(1, 1.5)])
        step, floor = generator.uniform(0.01, 0.3) / growth, 10 ** generator.uniform(-7, -0.5)
        constants = [generator.uniform(0, high) for high in (3, 3, 0.4, 0.4, 1)]
        stored = (generator.uniform(0, 2), generator.uniform(0, 2), 10 ** generator.uniform(-9, -2)) if growth == 1 else (0, 0, 0)
        low, high, kappa, norm, trace, U = sharp_sides(exponent, M, N, step, growth, *constants, floor, *stored)
        if (constants[2] + constants[3]) * kappa >= 0.95 or step * (growth + floor) > 1:
            continue
        tried += 1
        bands = law_and_remainders(exponent, M, N, step, growth, *constants, kappa, norm, trace, U, floor, *stored)
        for value, (least, most) in zip((low, high), bands, strict=True):
            assert least <= value * (1 + 1e-9)
            assert value <= most * (1 + 1e-9)
    assert tried > 100


def test_the_remainders_vanish_against_the_data_term():
    """At a = 2, X^(1/a) from 10 to 1000 and M much larger, the band shrinks around the law."""
    widths = []
    for N in (10**3, 10**5, 10**7):
        constants = (2, 10**6, N, 0.1, 1.1, 1.0, 1.0, 0.2, 0.1, 1.0)
        *_, kappa, norm, trace, _ = sharp_sides(*constants)
        floor = 0.5 * (1 - 1 / 1.1) ** 2 * np.pi**2 / 6
        widths.append([most / least - 1 for least, most in law_and_data(constants, kappa, norm, trace, floor)])
    for first, second, third in zip(*widths, strict=True):
        assert third < second / 4 < first / 16
        assert third < 0.05


@pytest.mark.parametrize("case", ["label noise", "rising noise", "storage", "storage alone"])
def test_a_floor_that_the_steps_do_not_see_leaves_the_law(case):
    """At a = 2, N step floor from 1e-3 to 1e-5, X^(1/a) growing with it: the bands hold the sides and shrink around the law."""
    noise = {"label noise": 1.0, "rising noise": 0.01, "storage": 0.1, "storage alone": 0.0}[case]
    stored = {"label noise": (0.1, 0.1, 0), "rising noise": (50, 50, 0), "storage": (0, 0, 1e-7), "storage alone": (0, 0, 1e-3)}[
        case
    ]
    widths = []
    for N in (10**2, 10**4, 10**6):
        constants = (2, 10**5, N, 0.1, 1, noise, noise, 0.2, 0.0, 0.01)
        low, high, kappa, norm, trace, U = sharp_sides(*constants, 0.1 / N**1.5, *stored)
        bands = law_and_remainders(*constants, kappa, norm, trace, U, 0.1 / N**1.5, *stored)
        for value, (least, most) in zip((low, high), bands, strict=True):
            assert least <= value <= most
        widths.append([most / least - 1 for least, most in bands])
    for first, second, third in zip(*widths, strict=True):
        assert third < second / 2 < first / 4
        assert third < 0.1


def law_and_data(constants, kappa, norm, trace, floor):
    """The two bands without the shrinkage, the largest term that does not fall."""
    return [(least - floor, most - floor) for least, most in law_and_remainders(*constants, kappa, norm, trace)]


@pytest.mark.parametrize("name", list(SUMMANDS))
def test_the_cited_transfer_holds_in_numbers(name):
    """Integral - 1 - tail <= sum <= integral for the four summands, the integral by the exact transform in balls."""
    generator = random.Random(3)
    summand = SUMMANDS[name](TAU, decay())
    f = exponentials(summand)
    for _ in range(40):
        exponent = Fraction(generator.randint(105, 400), 100)
        X, M = Fraction(int(10 ** generator.uniform(0, 6))), int(10 ** generator.uniform(0, 3.5))
        at = {a: ball(exponent)}
        integral = ball(X) ** (1 / ball(exponent)) / ball(exponent) * enclosure(f.mellin(a), at)
        tail = ball(X) * arb(M) ** (1 - ball(exponent)) / (ball(exponent) - 1)
        values = (enclosure(summand, {single(TAU): ball(X) * arb(k) ** -ball(exponent)}) for k in range(1, M + 1))
        found = sum(values, arb(0))
        assert not found > integral
        assert not found < integral - 1 - tail
