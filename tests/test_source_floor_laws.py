"""The model term of source targets and the sums that a floor leaves of them: in numbers, and refused when the law moves."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from mpmath import mp
from riskbounds.derivations import law_model_source, law_reading, law_remains, law_source_floor, load
from riskbounds.derivations.law_reading import b
from riskbounds.derivations.law_remains import POWERS, left, steepness
from riskbounds.derivations.power_law import a
from scipy.optimize import brentq

from riskbounds.asymptotics.data_term import PAST_FLOOR
from riskbounds.asymptotics.laws import law
from riskbounds.proofs import check
from riskbounds.terms.balls import ball, enclosure
from riskbounds.terms.profiles import TAU
from riskbounds.terms.rationals import rationals
from tests.moved_laws import verdicts, with_terms, with_weights


def with_model_term(found):
    """The law with its model terms times 1.01."""
    return with_terms(found, lambda each: each.part == "model")


@pytest.mark.parametrize(("strip", "term"), [("rough", "model"), ("saturated", "model, saturated")])
def test_another_model_term_is_refused(strip, term, monkeypatch):
    kept = law_model_source.law_term(term)
    monkeypatch.setattr(law_model_source, "law", lambda *names, **options: with_model_term(law(*names, **options)))
    assert law_model_source.law_term(term) == kept * Fraction(101, 100)
    other = {"rough": law_model_source.rough_law, "saturated": law_model_source.saturated_law}[strip]()
    found = verdicts(other)
    assert found["model, from above"] == found["model, from below"] == "refused"
    assert check(load(f"law-model-source-{strip}")).verdict == "proved"


NAMES = [f"{scheme}-{strip}" for scheme in ("additive", "elementwise") for strip in ("rough", "smooth", "saturated")]
MEAN = ("shrinkage", "cross", "bias")


@pytest.mark.parametrize("name", NAMES)
def test_a_law_coefficient_times_1_01_is_refused(name, monkeypatch):
    """Each part of the mean is refused by itself, the variance at the sides."""

    def moved(*names, **options):
        found = with_weights(law(*names, **options), PAST_FLOOR)
        return with_terms(found, lambda each: each.name.startswith(MEAN) and bool(each.short_when))

    monkeypatch.setattr(law_reading, "law", moved)
    other = law_source_floor.derivation(f"law-source-past-floor-{name}")
    found = verdicts(other)
    ends = [f"{part}, from {end}" for part in (*MEAN, "upper", "lower") for end in ("above", "below")]
    assert {found[end] for end in ends} == {"refused"}


@pytest.mark.parametrize("k", POWERS)
def test_the_transform_at_a_source_is_the_beta_function(k):
    """int D^k t^(s-1) dt = B(s, k - s), s = (b-1)/a, by mpmath's own Beta function."""
    for exponent, decay in ((Fraction(3, 2), Fraction(2)), (Fraction(2), Fraction(5, 2))):
        at = (decay - 1) / exponent
        found = enclosure(rationals(left(TAU) ** k).mellin(a, b), {a: ball(exponent), b: ball(decay)})
        with mp.workdps(30):
            s = mp.mpf(at.numerator) / at.denominator
            expected = mp.beta(s, k - s)
        assert abs(float(found.mid()) / float(expected) - 1) < 1e-13


def beta_sum(exponent, decay, reach, k):
    """R^(1-b)/a B((b-1)/a, k - (b-1)/a), continued."""
    s = (decay - 1) / exponent
    number = mp.gamma(s) * mp.gamma(k - s) / mp.gamma(k)
    return reach ** (1 - decay) / exponent * float(number)


@pytest.mark.parametrize("k", POWERS)
@pytest.mark.parametrize("n", [0, 1])
def test_the_sums_of_what_remains_in_numbers(k, n):
    j = steepness(k)
    if n >= j:
        assert f"D^{k} above" not in law_remains.smooth.conclusions
        return
    generator = random.Random(10 * k + n)
    for _ in range(150):
        exponent = generator.uniform(1.1, 3)
        decay = n * exponent + 1 + generator.uniform(0.03, 0.97) * exponent
        reach, M = 10 ** generator.uniform(-0.5, 3), int(10 ** generator.uniform(0, 4))
        i = np.arange(1, M + 1.0)
        found = np.sum(i**-decay / (1 + (reach / i) ** exponent) ** k)
        edge = reach**-decay + reach ** (-exponent * j)
        missing = edge + reach ** (-exponent * j) / (j * exponent + 1 - decay) + M ** (1 - decay) / (decay - 1)
        whole = beta_sum(exponent, decay, reach, k)
        assert whole - missing <= found * (1 + 1e-9)
        assert found <= (whole + edge) * (1 + 1e-9)


def test_the_model_term_of_a_source_in_numbers():
    """Both strips, kappa from its equation by root finding; the law and its remainder typed from theory section 6."""
    generator = random.Random(12)
    for _ in range(80):
        exponent, saturated = generator.uniform(1.2, 2.5), generator.random() < 0.4
        decay = exponent + 1 + generator.uniform(0.05, 2) if saturated else 1 + generator.uniform(0.05, 0.95) * exponent
        dimension = int(10 ** generator.uniform(2, 4.5))
        size = generator.randint(1, dimension // 10)
        i = np.arange(1, dimension + 1.0)
        reach = np.exp(brentq(lambda y: np.sum(1 / (1 + (i / np.exp(y)) ** exponent)) - size, -5, 15, xtol=1e-13))  # noqa: B023
        D, c_a = 1 / (1 + (reach / i) ** exponent), np.pi / exponent / np.sin(np.pi / exponent)
        exact, wanted = 0.5 * np.sum(i**-decay * D), size / c_a
        lost = 1 + reach**exponent * dimension ** (1 - exponent) / (exponent - 1)
        if saturated:
            whole = 0.5 * wanted**-exponent * np.sum(i ** (exponent - decay))
            rest = whole * exponent * lost / size + 0.5 * reach**-exponent * np.sum(i ** (exponent - decay) * D)
            more = 0.0
        else:
            whole = 0.5 * beta_sum(exponent, decay, wanted, 1)
            edge = reach**-decay + reach**-exponent
            tail = reach**-exponent / (exponent + 1 - decay) + dimension ** (1 - decay) / (decay - 1)
            rest, more = whole * (decay - 1) * lost / size + 0.5 * (edge + tail), 0.5 * edge
        assert whole - rest <= exact * (1 + 1e-9)
        assert exact <= (whole + more) * (1 + 1e-9)


def sharp_sides(lam, mu, target2, step, N, noise, eps_w):
    """The sharp pair with storage without Approx, and kappa, typed here from theory section 4."""
    A, Alow, rise, rise_low, ad, av, adlow = noise
    x, energy = step * mu, lam**2 / mu * target2
    q, before = (1 - x) ** N, (1 - x) ** (N - 1)
    g, K = (1 - q) / (N * x), N - 2 * (1 - q) / x + (1 - q**2) / (x * (2 - x))
    dt, dp, kappa = lam / mu * K / N, lam / mu * (1 - before) ** 2, np.sum(x / (2 - x))
    h, k = np.sum(energy * (1 - q**2) / (x * (2 - x))) / N, np.sum(energy * K) / N
    noisy = np.sum((A + rise * mu) * x / (2 - x)) + np.sum(mu * eps_w / (x * (2 - x)))
    phi = (noisy + kappa * (ad * h + av * k)) / (1 - (ad + av) * kappa)
    both = 0.5 * np.sum(lam * target2 * (1 - lam / mu * (1 - g)) ** 2) + np.sum(lam * K / N * eps_w / x**2) / (2 * N)
    upper = both + np.sum(dt * (A + rise * mu + av * k) + dp * (ad * (h + phi) + av * phi)) / (2 * N)
    return both + np.sum(dt * (Alow + rise_low * mu + adlow * h)) / (2 * N), upper, kappa


def mean_and_ends(exponent, decay, g, e, reach, M, N, step):
    """Shrinkage, cross term and bias of the law past the floor, and what they lack above and below."""
    n, i = int((decay - 1) / exponent), np.arange(1, M + 1.0)
    D = 1 / (1 + (reach / i) ** exponent)
    cross, bias = 1 / (N * step * e * g**2), 1 / (2 * (N * step * e * g) ** 2)
    parts, first, dropped = [], [], 0.0
    if n == 0 or (n == 1 and g == 1):
        parts = [(0.5 / g**2, 2), (cross, 2), (-cross, 3)]
        parts += [((g - 1) / g**2, 1), (cross * (g - 1), 1), (-cross * (g - 1), 2)] if g > 1 else []
    elif g == 1:
        first = [(0.5, 2, 2), (cross, 2, 3)]
    else:
        first = [((g - 1) / g**2, 1, 1), (cross * (g - 1), 1, 2)]
        dropped = np.sum(i**-decay * D**2 * (0.5 / g**2 + cross * (1 - D)))
    if n == 2:
        first.append((bias, 2, 4))
        if g > 1:
            dropped = np.sum(i**-decay * D**2 * (0.5 / g**2 + cross * (1 - D)))
    else:
        parts += [(bias, 2), (-2 * bias, 3), (bias, 4)]
    law_value, above, below = 0.5 * (1 - 1 / g) ** 2 * np.sum(i**-decay), dropped, 0.0
    for factor, j, k in first:
        led = reach ** (-exponent * j) * i ** (j * exponent - decay)
        law_value, below = law_value + factor * np.sum(led), below + factor * k * np.sum(led * D)
    for factor, k in parts:
        j = steepness(k)
        edge = reach**-decay + reach ** (-exponent * j)
        missing = edge + reach ** (-exponent * j) / (j * exponent + 1 - decay) + M ** (1 - decay) / (decay - 1)
        law_value += factor * beta_sum(exponent, decay, reach, k)
        above += factor * (edge if factor > 0 else -missing)
        below += factor * (missing if factor > 0 else -edge)
    return law_value, above, below


@pytest.mark.parametrize("name", NAMES)
def test_the_sides_lie_where_the_law_and_its_remainder_say(name):
    scheme, strip = name.split("-")
    generator, checked = random.Random(21), 0
    for _ in range(150):
        exponent, reach, M = generator.uniform(1.15, 3), 10 ** generator.uniform(-0.5, 3), int(10 ** generator.uniform(0.3, 3.5))
        decay = 1 + exponent * ({"rough": 0, "smooth": 1, "saturated": 2}[strip] + generator.uniform(0.03, 0.97))
        g, c = generator.uniform(1.01, 1.5) if scheme == "elementwise" else 1, 10 ** generator.uniform(-1, 1)
        i, e = np.arange(1, M + 1.0), g * c / reach**exponent
        lam, mu = c * i**-exponent, g * c * i**-exponent + e
        N, step = int(10 ** generator.uniform(0, 6)), generator.uniform(0.01, 0.5) / mu[0]
        A, Alow, rise, rise_low, ad, av, adlow = noise = [generator.uniform(0, high) for high in (3, 3, 1, 1, 0.4, 0.4, 1)]
        eps_w = generator.choice([0, 10 ** generator.uniform(-8, -1)]) if scheme == "additive" else 0
        low, high, kappa = sharp_sides(lam, mu, i**-decay / lam, step, N, noise, eps_w)
        if (ad + av) * kappa >= 0.95:
            continue
        checked += 1
        mean, above, below = mean_and_ends(exponent, decay, g, e, reach, M, N, step)
        x, spread, c_a = step * mu, 1 / (1 - (ad + av) * kappa), np.pi / exponent / np.sin(np.pi / exponent)
        energy, W, short = lam**2 / mu * i**-decay / lam, np.sum(lam / mu), 2 * np.sum(lam / mu / (N * x))
        H = np.sum(energy / mu) / (N * step)
        late = (1 - step * e) ** N * (np.sum(energy * (mu - lam) / mu**2) / (N * step) + np.sum(energy * lam / (N * x) ** 2 / mu))
        lost = 1 + reach**exponent * M ** (1 - exponent) / (exponent - 1)
        store = eps_w / (2 * N * step**2 * e * g)
        driven = A + av * np.sum(energy) + (ad + av) * np.sum(rise * mu * x / (2 - x) + eps_w / (step * (2 - x)))
        sides = (
            (low, Alow, rise_low * np.sum(lam) + W * adlow * H, short * Alow),
            (high, spread * driven, rise * np.sum(lam) + W * spread * ad * H, spread * (short * driven + 2 * W * av * H)),
        )
        for value, level, up, down in sides:
            law_value = mean + store * reach * c_a / exponent + reach * c_a * level / (2 * N * g)
            most = law_value + above + store * lost + up / (2 * N)
            rest = below + (store + level / (2 * N * g)) * lost + down / (2 * N) + late + np.sum(eps_w * lam / x**3) / N**2
            assert law_value - rest <= value * (1 + 1e-7)
            assert value <= most * (1 + 1e-7)
    assert checked > 80
