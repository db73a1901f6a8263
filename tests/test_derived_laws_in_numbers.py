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


def sharp_sides(exponent, M, N, step, growth, A, Alow, ad, av, adlow):
    """The sharp pair on lam_i = i^-a, E w*^2 = 1, without Approx, typed here from theory section 4."""
    lam = np.arange(1, M + 1, dtype=float) ** -exponent
    mu, vq = growth * lam, 1 / growth
    xs = step * mu
    q, before = (1 - xs) ** N, (1 - xs) ** (N - 1)
    g = (1 - q) / (N * xs)
    K = N - 2 * (1 - q) / xs + (1 - q**2) / (xs * (2 - xs))
    dt, dp = lam / mu * K / N, lam / mu * (1 - before) ** 2
    kappa = np.sum(xs / (2 - xs))
    h = np.sum(mu * vq**2 * (1 - q**2) / (xs * (2 - xs))) / N
    k = np.sum(mu * vq**2 * K) / N
    phi = (A * kappa + kappa * (ad * h + av * k)) / (1 - (ad + av) * kappa)
    mean = 0.5 * np.sum(lam * (1 - vq * (1 - g)) ** 2)
    upper = mean + np.sum(dt * (A + av * k) + dp * (ad * (h + phi) + av * phi)) / (2 * N)
    return mean + (Alow + adlow * h) * np.sum(dt) / (2 * N), upper, kappa, np.sum(mu * vq**2), np.sum(xs)


def law_and_remainders(exponent, M, N, step, growth, A, Alow, ad, av, adlow, kappa, norm, trace):
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
    dt, dp = dimension + 2 * trace, square + 3 * trace
    up, down = bias * (lost + 3 * trace) + cross * trace, (bias + cross) * lost
    lower = mean + half * Alow * dimension
    upper = mean + half * V * dimension * (1 + load / exponent) * spread
    return (
        (
            lower - down - half * Alow * (lost + 2 * trace),
            lower + up + half * (2 * Alow * trace + adlow * H * dt),
        ),
        (
            upper - down - half * (spread * V * (lost + 2 * trace) + av * H * (dt + spread * load * dp)),
            upper + up + half * (2 * V * trace + spread * (3 * load * V * trace + ad * H * dp)),
        ),
    )


def test_the_sides_lie_where_the_law_and_its_remainder_say():
    generator = random.Random(11)
    for _ in range(200):
        exponent, growth = generator.uniform(1.15, 3), generator.choice([1, generator.uniform(1, 1.5)])
        M, N = int(10 ** generator.uniform(1, 3.5)), int(10 ** generator.uniform(0, 5))
        step = generator.uniform(0.01, 0.3) / growth
        constants = [generator.uniform(0, high) for high in (3, 3, 0.4, 0.4, 1)]
        low, high, kappa, norm, trace = sharp_sides(exponent, M, N, step, growth, *constants)
        if (constants[2] + constants[3]) * kappa >= 0.95:
            continue
        lower, upper = law_and_remainders(exponent, M, N, step, growth, *constants, kappa, norm, trace)
        for value, (least, most) in ((low, lower), (high, upper)):
            assert least <= value * (1 + 1e-9)
            assert value <= most * (1 + 1e-9)


def test_the_remainders_vanish_against_the_data_term():
    """At a = 2, X^(1/a) from 10 to 1000 and M much larger, the band shrinks around the law."""
    widths = []
    for N in (10**3, 10**5, 10**7):
        constants = (2, 10**6, N, 0.1, 1.1, 1.0, 1.0, 0.2, 0.1, 1.0)
        *_, kappa, norm, trace = sharp_sides(*constants)
        floor = 0.5 * (1 - 1 / 1.1) ** 2 * np.pi**2 / 6
        widths.append([most / least - 1 for least, most in law_and_data(constants, kappa, norm, trace, floor)])
    for first, second, third in zip(*widths, strict=True):
        assert third < second / 4 < first / 16
        assert third < 0.05


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
