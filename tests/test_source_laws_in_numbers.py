"""What the derivations of source laws claim, in numbers: the remainders, and the cited transfer with weights i^-b."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from mpmath import mp
from riskbounds.derivations.law_reading import b
from riskbounds.derivations.law_source import SUMMANDS
from riskbounds.derivations.power_law import a

from riskbounds.terms.balls import ball, enclosure
from riskbounds.terms.exponentials import TAU, decay, exponentials
from riskbounds.terms.polynomial import single


def sides(i, x, w, N, growth, A, Alow, ad, av, adlow):
    """The sharp pair without Approx on mu_i = growth lam_i, lam_i E w*_i^2 = w_i, typed here from theory section 4."""
    q, before = (1 - x) ** N, (1 - x) ** (N - 1)
    g = (1 - q) / (N * x)
    K = N - 2 * (1 - q) / x + (1 - q**2) / (x * (2 - x))
    kappa = np.sum(x / (2 - x))
    h = np.sum(w / growth * (1 - q**2) / (x * (2 - x))) / N
    k = np.sum(w / growth * K) / N
    phi = (A * kappa + kappa * (ad * h + av * k)) / (1 - (ad + av) * kappa)
    mean = 0.5 * np.sum(w * (1 - (1 - g) / growth) ** 2)
    dt, dp = np.sum(K / N) / growth, np.sum((1 - before) ** 2) / growth
    upper = mean + (dt * (A + av * k) + dp * (ad * (h + phi) + av * phi)) / (2 * N)
    return mean + (Alow + adlow * h) * dt / (2 * N), upper, kappa


def bands(i, x, w, N, growth, constants, kappa, exponent, slope, reach):
    """(law - remainder, law + remainder) of the lower and of the upper side, from theory section 6."""
    A, Alow, ad, av, adlow = constants
    M, X, s = len(i), reach**exponent, (slope - 1) / exponent
    load, V, trace = (ad + av) * kappa, A + av * np.sum(w) / growth, np.sum(x)
    spread, q, tail = 1 / (1 - load), (1 - x) ** N, M ** (1 - slope) / (slope - 1)
    Gamma, two = float(mp.gamma(1 - 1 / exponent)), 2 ** (1 / exponent)
    square = (2 - two) * Gamma * reach
    D = exponent / (exponent + 1) * square
    edge = [reach**-slope + X**-j for j in (1, 2)]
    whole = [
        reach ** (1 - slope) / exponent * float(each) for each in (mp.gamma(s - 1) * -1, mp.gamma(s - 2) * (2 ** (2 - s) - 2))
    ]
    first = [np.sum(w / (X * i**-exponent) ** j) for j in (1, 2)]
    dull = [np.sum(w / (X * i**-exponent) ** j * q) for j in (1, 2)]
    rough, smooth = slope < exponent + 1, slope < 2 * exponent + 1
    most = whole[0] + edge[0] if rough else first[0]
    late = np.sum(w) / N if rough else 0.0
    distance = whole[0] if rough else first[0]
    distance_up = edge[0] + late if rough else 0.0
    distance_down = edge[0] + 1 / X / (exponent + 1 - slope) + tail if rough else dull[0]
    bias = whole[1] if smooth else first[1]
    bias_up = edge[1] + 3 * most / N if smooth else 0.0
    bias_down = edge[1] + X**-2 / (2 * exponent + 1 - slope) + tail if smooth else 2 * dull[1]
    B, C, half, H = 1 / (2 * growth**2), (1 - 1 / growth) / growth, 1 / (2 * N * growth), 2 / growth * (most + late)
    mean = 0.5 * (1 - 1 / growth) ** 2 * np.sum(w) + B * bias + C * distance
    up, down = B * bias_up + C * distance_up, B * bias_down + C * distance_down
    lost = 1 + X * M ** (1 - exponent) / (exponent - 1)
    dt, dp = D + 2 * trace, square + 3 * trace
    lower, upper = mean + half * Alow * D, mean + half * V * D * (1 + load / exponent) * spread
    return (
        (lower - down - half * Alow * (lost + 2 * trace), lower + up + half * (2 * Alow * trace + adlow * H * dt)),
        (
            upper - down - half * (spread * V * (lost + 2 * trace) + av * H * (dt + spread * load * dp)),
            upper + up + half * (2 * V * trace + spread * (3 * load * V * trace + ad * H * dp)),
        ),
    )


def problem(exponent, slope, M, N, step, growth, constants):
    """Both sides and both bands."""
    i = np.arange(1, M + 1, dtype=float)
    x, w = step * growth * i**-exponent, i**-slope
    low, high, kappa = sides(i, x, w, N, growth, *constants)
    reach = (N * step * growth) ** (1 / exponent)
    return (low, high), bands(i, x, w, N, growth, constants, kappa, exponent, slope, reach), (constants[2] + constants[3]) * kappa


@pytest.mark.parametrize("strip", [0, 1, 2])
def test_the_sides_lie_where_the_law_and_its_remainder_say(strip):
    generator = random.Random(17 + strip)
    for _ in range(120):
        exponent, growth = generator.uniform(1.15, 2.5), generator.choice([1, generator.uniform(1, 1.5)])
        slope = 1 + strip * exponent + generator.uniform(0.03, 0.97) * exponent
        M, N = int(10 ** generator.uniform(1, 3.5)), int(10 ** generator.uniform(0, 5))
        step = generator.uniform(0.01, 0.3) / growth
        constants = [generator.uniform(0, high) for high in (3, 3, 0.4, 0.4, 1)]
        found, limits, load = problem(exponent, slope, M, N, step, growth, constants)
        if load >= 0.95:
            continue
        for value, (least, most) in zip(found, limits, strict=True):
            assert least <= value * (1 + 1e-9)
            assert value <= most * (1 + 1e-9)


@pytest.mark.parametrize("slope", [1.8, 4.0, 6.5])
def test_the_remainders_vanish_against_the_data_term(slope):
    """At a = 2 and M much larger than X^(1/a), the band shrinks around the law, of which the noise takes no part here."""
    widths = []
    for N in (10**3, 10**5, 10**7):
        _, (lower, upper), _ = problem(2, slope, 10**6, N, 0.1, 1.0, (0.0, 0.0, 0.0, 0.0, 0.0))
        widths.append(max(most / least - 1 for least, most in (lower, upper)))
    assert widths[2] < widths[1] / 1.5 < widths[0] / 2.25
    assert widths[2] < 0.15


@pytest.mark.parametrize("name", list(SUMMANDS))
def test_the_cited_transfer_holds_in_numbers(name):
    """Integral - missing <= sum <= integral + edge, the integral by the exact transform in balls."""
    generator = random.Random(5)
    summand, j = SUMMANDS[name]
    f = exponentials(summand(TAU, decay()))
    for _ in range(40):
        exponent = Fraction(generator.randint(105, 300), 100)
        slope = 1 + (generator.randrange(j) + Fraction(generator.randint(3, 97), 100)) * exponent
        X, M = Fraction(int(10 ** generator.uniform(0, 6))), int(10 ** generator.uniform(0, 3.5))
        at = {a: ball(exponent), b: ball(slope)}
        reach = ball(X) ** (1 / ball(exponent))
        edge = reach ** -ball(slope) + ball(X) ** -j
        integral = reach ** (1 - ball(slope)) / ball(exponent) * enclosure(f.mellin(a, b), at)
        missing = edge + ball(X) ** -j / ball(j * exponent + 1 - slope) + arb(M) ** (1 - ball(slope)) / (ball(slope) - 1)
        times = ((k, {single(TAU): ball(X) * arb(k) ** -ball(exponent)}) for k in range(1, M + 1))
        found = sum((arb(k) ** -ball(slope) * enclosure(f.body, time) for k, time in times), arb(0))
        assert not found > integral + edge
        assert not found < integral - missing


@pytest.mark.parametrize("noisy", [False, True])
@pytest.mark.parametrize("slope", [1.5, 2.5, 3.5, 4.5, 6.5])
def test_once_learned_the_sides_are_the_law(slope, noisy):
    """a = 2, c = 1, M = 1000, X = 10^5 M^a: what remains of the sums is at most 1/M or M^-(1-r), r = 1/2."""
    M, step, growth = 1000, 0.2, 1.1
    N = 10**5 * M**2
    i = np.arange(1, M + 1, dtype=float)
    x, w = step * growth * i**-2, i**-slope
    A, Alow, ad, av, adlow = (2.0, 1.5, 0.2, 0.3, 0.5) if noisy else (0.0, 0.0, 0.0, 0.0, 0.0)
    low, high, kappa = sides(i, x, w, N, growth, A, Alow, ad, av, adlow)
    powers = {q: M ** (q + 1) / (q + 1) if q > -1 else float(mp.zeta(-q)) for q in (2 - slope, 4 - slope)}
    bias = powers[4 - slope] / (2 * N**2 * growth**4 * step**2)
    cross = (growth - 1) * powers[2 - slope] / (N * growth**3 * step)
    shrinkage = 0.5 * (1 - 1 / growth) ** 2 * np.sum(w)
    upper = M * (A + av * np.sum(w) / growth) / (2 * N * growth * (1 - (ad + av) * kappa))
    for side, variance in ((high, upper), (low, M * Alow / (2 * N * growth))):
        found = np.longdouble(side) - np.longdouble(shrinkage)
        assert float(found) == pytest.approx(bias + cross + variance, rel=0.06)
