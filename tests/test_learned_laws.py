"""Laws once every direction is learned: they end in the registered law, and hold in numbers with their remainders."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from riskbounds.derivations import exact_learned, law_learned, law_reading, learned_orders, learned_scheme
from riskbounds.derivations.learned_scheme import ENDS, Learned

from riskbounds import symbols as s
from riskbounds.asymptotics.laws import law
from riskbounds.asymptotics.noise_sources import source_values
from tests.moved_laws import FACTOR, verdicts, with_part, with_weights

REGIMES = ("", "learned above the floor")
PARTS = {
    "full-precision": ("bias", "variance"),
    "multiplicative": ("shrinkage", "bias", "cross", "variance"),
    "additive": ("shrinkage", "bias", "cross", "storage", "variance", "shared noise"),
    "elementwise": ("shrinkage", "bias", "cross", "variance"),
}


@pytest.mark.parametrize(("scheme", "part"), [(scheme, part) for scheme, parts in PARTS.items() for part in parts])
def test_a_law_coefficient_times_1_01_is_refused(scheme, part, monkeypatch):
    """The conclusion is read off the law, so another law is another claim, which the steps do not prove."""
    regime = Learned(scheme).regime
    symbol = {"variance": s.gradient_noise, "shared noise": s.shared_noise}.get(part)

    def moved(*names):
        found = law(*names)
        if symbol is None:
            return with_part(found, part)
        weights = found.weights[regime]
        factor = FACTOR if symbol in weights else 1
        return replace(found, weights={regime: {**weights, symbol: factor * weights.get(symbol, sp.S.Zero)}})

    monkeypatch.setattr(law_reading, "law", moved)
    found = verdicts(law_learned.derivation(f"law-learned-{scheme}"))
    kept = {"lower, from above", "lower, from below"} if part == "shared noise" else set()
    assert {end for end in ENDS if found[end] == "refused"} == set(ENDS) - kept


@pytest.mark.parametrize("scheme", ["full-precision", "additive", "elementwise"])
def test_a_smaller_constant_of_an_order_is_refused(scheme, monkeypatch):
    monkeypatch.setattr(learned_orders, "MORE", Fraction(99, 100) * learned_orders.MORE)
    found = verdicts(learned_orders.derivation(f"law-learned-orders-{scheme}"))
    assert [found[f"{side}, {end}"] for side in ("upper", "lower") for end in ("above", "below")] == ["refused"] * 4


@pytest.mark.parametrize("scheme", ["multiplicative", "additive"])
def test_another_exact_law_is_refused(scheme, monkeypatch):
    def moved(*names):
        found = law(*names)
        return with_weights(found) if names[1] == "exact" else found

    monkeypatch.setattr(law_reading, "law", moved)
    found = verdicts(exact_learned.derivation(f"law-exact-learned-{scheme}"))
    assert {name for name, status in found.items() if status == "refused"} == {"above", "below"}


@pytest.mark.parametrize("scheme", ["additive", "elementwise"])
def test_another_excess_noise_is_refused(scheme, monkeypatch):
    def moved(*source):
        return [(FACTOR * size, *rest) for size, *rest in source_values(*source)]

    monkeypatch.setattr(learned_scheme, "source_values", moved)
    found = verdicts(law_learned.derivation(f"law-learned-{scheme}"))
    assert {name for name, status in found.items() if status == "refused"} == {
        f"excess noise, from {end}" for end in ("above", "below")
    }


# ------------------------------------------------------------------ in numbers


def sharp_sides(lam, mu, w2, N, step, noise):
    """The sharp pair with storage where Lam and Sigma commute, without Approx, typed here from theory section 4."""
    x, vq2 = step * mu, (lam / mu) ** 2 * w2
    log = np.log1p(-np.minimum(x, 1 - 1e-16))
    q, before = np.exp(N * log), np.exp((N - 1) * log)
    K = N - 2 * (1 - q) / x + (1 - q**2) / (x * (2 - x))
    dt, dp = lam / mu * K / N, lam / mu * (1 - before) ** 2
    kappa = np.sum(x / (2 - x))
    h = np.sum(mu * vq2 * (1 - q**2) / (x * (2 - x))) / N
    k = np.sum(mu * vq2 * K) / N
    A, Alow = noise["A"] + noise["rise"] * mu, noise["Alow"] + noise["rise_low"] * mu
    ad, av, load = noise["ad"], noise["av"], (noise["ad"] + noise["av"]) * kappa
    phi = (np.sum(A * x / (2 - x)) + np.sum(mu * noise["eps_w"] / (x * (2 - x))) + kappa * (ad * h + av * k)) / (1 - load)
    mean = 0.5 * np.sum(lam * (1 - lam / mu * (1 - (1 - q) / (N * x))) ** 2 * w2)
    rest = mean + np.sum(lam * K / N * noise["eps_w"] / x**2) / (2 * N)
    upper = np.sum(dt * (A + av * k) + dp * (ad * (h + phi) + av * phi)) / (2 * N)
    return rest + np.sum(dt * (Alow + noise["adlow"] * h)) / (2 * N), rest + upper


def random_noise(generator, kappa, *, stored):
    """Noise constants with a load below 0.97."""
    noise = {name: generator.expovariate(1) * generator.randint(0, 1) for name in ("A", "Alow", "ad", "av", "adlow")}
    noise |= {name: generator.expovariate(1) * stored for name in ("rise", "rise_low", "eps_w")}
    scale = generator.uniform(0, 0.97) / max((noise["ad"] + noise["av"]) * kappa, 1e-9)
    return noise | {name: scale * noise[name] for name in ("ad", "av")}


def steady(lam, mu, w2, step, noise):
    """V, U and 1/(1 - load)."""
    x = step * mu
    load = (noise["ad"] + noise["av"]) * np.sum(x / (2 - x))
    U = noise["rise"] * np.sum(mu * x / (2 - x)) + noise["eps_w"] * np.sum(1 / (step * (2 - x)))
    return noise["A"] + noise["av"] * np.sum(lam**2 / mu * w2), U, 1 / (1 - load)


def band(noise, whole, lacking, mean, above, below, N, fed):
    """(least, most) of the lower and of the upper side: noise times the weights, and what h adds."""
    V, U, spread = noise["steady"]
    flat = {"lower": noise["Alow"], "upper": spread * (V + (noise["ad"] + noise["av"]) * U)}
    more = {
        "lower": noise["rise_low"] * noise["trace"] + noise["adlow"] * fed,
        "upper": noise["rise"] * noise["trace"] + spread * noise["ad"] * fed,
    }
    less = {"lower": 0, "upper": 2 * spread * noise["av"] * fed}
    return {
        side: (
            mean - below + ((whole - lacking) * flat[side] - less[side]) / (2 * N),
            mean + above + (whole * flat[side] + more[side]) / (2 * N),
        )
        for side in ("lower", "upper")
    }


def test_the_general_sides_lie_where_their_sums_say():
    """Any spectrum, growth and target: the sums of the general reduction, at late = max (1-x_i)^N."""
    generator = random.Random(5)
    for _ in range(200):
        M, N = generator.randint(1, 30), int(10 ** generator.uniform(0, 4))
        mu = np.exp([generator.gauss(0, 2) for _ in range(M)])
        lam, w2 = (mu * [generator.uniform(0.01, 1) for _ in range(M)]), np.exp([generator.gauss(0, 1) for _ in range(M)])
        step = generator.uniform(0.01, 1) / mu.max()
        noise = random_noise(generator, np.sum(step * mu / (2 - step * mu)), stored=generator.randint(0, 1))
        noise |= {"steady": steady(lam, mu, w2, step, noise), "trace": np.sum(lam)}
        late, pace = np.max((1 - step * mu) ** N), N * step
        cross, bias = np.sum(lam**2 * (mu - lam) / mu**3 * w2) / pace, np.sum(lam**3 / mu**4 * w2) / (2 * pace**2)
        store, early = (noise["eps_w"] * np.sum(lam / mu**power) for power in (2, 3))
        mean = 0.5 * np.sum(lam * (1 - lam / mu) ** 2 * w2) + cross + bias + store / (2 * N * step**2)
        below = late * (cross + 2 * bias) + early / (N**2 * step**3)
        weights, fed = np.sum(lam / mu), np.sum((lam / mu) ** 2 * w2) / pace
        found = band(noise, weights, 2 * np.sum(lam / mu**2) / pace, mean, 0, below, N, weights * fed)
        inside(found, sharp_sides(lam, mu, w2, N, step, noise))


def inside(found, sides):
    """Both sides within their bands."""
    for (least, most), value in zip((found["lower"], found["upper"]), sides, strict=True):
        assert least <= value * (1 + 1e-9)
        assert value <= most * (1 + 1e-9)


def law_and_remainder(exponent, M, N, step, c, growth, floor, noise):
    """The laws of theory section 6, all learned above the floor, with their remainders; typed here."""
    last, partial = M**exponent, np.sum(np.arange(1, M + 1.0) ** -exponent)
    pace, delta = N * step, floor * last / (growth * c)
    slow = last / (pace * growth * c)

    least, most = M * last / (exponent + 1), M * last / (exponent + 1) + last
    leading = {
        "shrinkage": c * (growth - 1) ** 2 * partial / (2 * growth**2) + M * floor * (growth - 1) / growth**3,
        "cross": M * (growth - 1) / (pace * growth**3),
    }
    second = {"shrinkage": floor**2 / (2 * c * growth**4), "cross": floor / (pace * c * growth**4)}
    bias, storage = 1 / (2 * pace**2 * c * growth**4), noise["eps_w"] / (2 * N * c * growth**2 * step**2)
    told = sum(leading.values()) + least * ((3 - 2 * growth) * sum(second.values()) + bias + storage)
    lost = delta * (2 * second["shrinkage"] + 3 * second["cross"]) * most
    above = last * (bias + storage + sum(second.values())) + (growth - 1) * lost
    below = lost + 2 * (growth - 1) * sum(second.values()) * last + delta * (4 * bias + 2 * storage) * most
    below += np.exp(-1 / slow) * (leading["cross"] + (second["cross"] + 2 * bias) * most) + 2 * slow * storage * most
    whole = M / growth
    return band(noise, whole, whole * (delta + 2 * slow), told, above, below, N, whole * M / (growth**2 * pace))


@pytest.mark.parametrize("side", ["upper", "exact"])
@pytest.mark.parametrize("part", ["shrinkage", "cross"])
def test_the_terms_are_the_whole_coefficients_of_their_powers_of_the_floor(part, side):
    """Direct sums less the law's terms: relative to the second order, delta and (a+1)/M; the term in (g-1)^2 is left out."""
    a, c, N, step = 1.7, 0.8, 1e6, 0.3
    beginning = {"shrinkage": "shrinkage, floor below", "cross": "cross"}[part]
    terms = [each for each in law("elementwise", side).terms if each.name.startswith(beginning) and each.regime in REGIMES]
    value = sp.lambdify((s.growth, s.floor, s.M, s.a, s.c, s.N, s.step), sum(each.short for each in terms))
    for growth in (1.1, 1.4, 1.9):
        for M, delta in ((200, 0.1), (2000, 0.02), (20000, 0.004)):
            floor = delta * growth * c * M**-a
            lam = c * np.arange(1, M + 1.0) ** -a
            mu = growth * lam + floor
            second = floor * M ** (a + 1) / (c * growth**4 * (a + 1))
            if part == "shrinkage":
                second *= floor / 2
                found = np.sum(lam * ((1 - lam / mu) ** 2 - (1 - 1 / growth) ** 2)) / 2
            else:
                second /= N * step
                found = np.sum(lam**2 * (mu - lam) / mu**3) / (N * step)
            assert abs(found - value(growth, floor, M, a, c, N, step)) <= growth * (4 * delta + (a + 1) / M) * second


@pytest.mark.parametrize("scheme", PARTS)
def test_the_sides_lie_where_the_law_and_its_remainder_say(scheme):
    generator = random.Random(7)
    for _ in range(150):
        exponent, M, N = generator.uniform(1.1, 3), int(10 ** generator.uniform(0, 2.5)), int(10 ** generator.uniform(0, 7))
        c, growth = generator.uniform(0.2, 3), generator.uniform(1, 1.5) if scheme in ("multiplicative", "elementwise") else 1.0
        size = 10 ** generator.uniform(-3, 0.3) if scheme in ("additive", "elementwise") else 0.0
        floor = size * growth * c * M**-exponent
        lam = c * np.arange(1, M + 1.0) ** -exponent
        mu = growth * lam + floor
        step = generator.uniform(0.01, 1) / mu[0]
        noise = random_noise(generator, np.sum(step * mu / (2 - step * mu)), stored=scheme == "additive")
        noise |= {"steady": steady(lam, mu, 1, step, noise), "trace": np.sum(lam)}
        found = law_and_remainder(exponent, M, N, step, c, growth, floor, noise)
        inside(found, sharp_sides(lam, mu, 1, N, step, noise))
        excess, delta = np.sum(lam * (mu - lam) / mu), floor * M**exponent / (growth * c)
        known = (1 - 1 / growth) * np.sum(lam)
        assert (1 - delta) * M * floor / growth**2 - 1e-9 <= excess - known <= M * floor / growth**2 + 1e-9


def exact_risk(lam, mu, N, step, noise):
    """The risk of the average, without Approx, by the recursion of mu_i Var v_i; None where a variance would be negative."""
    x, ratio = step * mu, lam / mu
    q, w, f = 1 - x, mu * ratio**2, np.zeros_like(lam)
    mean, varied = 0.5 * np.sum(lam * (1 - ratio * (1 - (1 - q**N) / (N * x))) ** 2), 0.0
    for t in range(N):
        still = w * q**t
        moving = noise["c_1"] * np.sum(f + still * q**t) - noise["l"] * np.sum(still) - noise["d"] * still
        whole = noise["c_0"] + noise["own"] + noise["eps_w"] / (step * x) + moving + noise["b"] * (f + still * q**t)
        varied += np.sum(ratio * (1 - q ** (N - 1 - t)) ** 2 * whole)
        f = q**2 * f + x**2 * whole
        if np.min(f) < 0:
            return None
    return mean + varied / (2 * N**2)


def exact_extras(lam, mu, N, step, growth, noise):
    """(V/(1 - load), what the remainder adds above, below) of the exact law; V with what storing feeds back."""
    M, x, w = len(lam), step * mu, lam**2 / mu
    own = noise["own"] + noise["eps_w"] / (step * x)
    far = 2 - (1 + noise["b"]) * x
    room, kappa, omega = np.min(far), np.sum(x / far), np.sum(x * own / far)
    spread = 1 / (1 - noise["c_1"] * kappa)
    level = spread * (noise["c_0"] + noise["c_1"] * omega)
    peak = level + spread * noise["c_1"] * (np.sum(w) + noise["b"] * np.sum(x / far * w))
    top, heat = peak + own + noise["b"] * w, M / (growth**2 * step)
    direct = np.sum(lam / mu * noise["own"]) + noise["b"] / room * step * np.sum(lam * top)
    heated = (spread * noise["c_1"] * (1 + noise["b"] / room) * M + noise["b"]) * heat / growth
    lost = noise["c_1"] / room**2 * np.sum(top) + (noise["l"] + noise["c_1"] * noise["d"] / room) * heat
    above = (direct + heated / N) / (2 * N)
    return level, above, (spread * lost * M + noise["d"] * heat) / growth / (2 * N**2)


@pytest.mark.parametrize("growth", [1.0, 1.3])
def test_the_exact_risk_lies_where_its_law_and_remainder_say(growth):
    generator, seen = random.Random(9), 0
    for _ in range(60):
        exponent, M, N = generator.uniform(1.1, 2.5), generator.randint(1, 30), int(10 ** generator.uniform(0, 3.5))
        c, floor = generator.uniform(0.2, 2), generator.randint(0, 1) * 10 ** generator.uniform(-3, -0.5) * growth * M**-exponent
        lam = c * np.arange(1, M + 1.0) ** -exponent
        mu, flat = (
            growth * lam + floor,
            {"adlow": 0.0, "ad": 0.0, "av": 0.0, "rise": 0.0, "rise_low": 0.0, "A": 0.0},
        )
        step = generator.uniform(0.05, 0.6) / mu[0]
        noise = {name: generator.expovariate(2) for name in ("c_0", "b", "l", "d")} | {"own": generator.expovariate(2) * mu}
        noise |= {"b": min(noise["b"], 1.0), "l": 0.2 * noise["l"], "d": 0.2 * noise["d"]}
        noise["eps_w"] = generator.randint(0, 1) * 10 ** generator.uniform(-4, 0)
        noise["c_1"] = generator.uniform(0, 0.9) / np.sum(step * mu / (2 - (1 + noise["b"]) * step * mu))
        value = exact_risk(lam, mu, N, step, noise)
        if value is None:
            continue
        level, above, below = exact_extras(lam, mu, N, step, growth, noise)
        flat |= {"Alow": level, "eps_w": noise["eps_w"], "trace": np.sum(lam), "steady": (0.0, 0.0, 1.0)}
        least, most = law_and_remainder(exponent, M, N, step, c, growth, floor, flat)["lower"]
        assert least - below <= value * (1 + 1e-9)
        assert value <= (most + above) * (1 + 1e-9)
        seen += 1
    assert seen > 30


def test_the_remainder_of_the_exact_law_vanishes():
    """N = 10 M^3 and a floor of M^-5: the risk's data term comes close to its law."""
    apart = []
    for M in (5, 10, 20):
        N, floor, step = 10 * M**3, M**-5.0, 0.3
        lam = np.arange(1, M + 1.0) ** -2.0
        mu, flat = 1.1 * lam + floor, {"adlow": 0.0, "ad": 0.0, "av": 0.0, "rise_low": 0.0, "eps_w": 1e-5, "trace": 0.0}
        noise = {"c_0": 1.0, "c_1": 0.2, "b": 0.2, "l": 0.01, "d": 0.01, "own": 0.1 * mu, "eps_w": 1e-5}
        level, above, below = exact_extras(lam, mu, N, step, 1.1, noise)
        flat |= {"Alow": level, "rise": 0.0, "steady": (0.0, 0.0, 1.0)}
        least, most = law_and_remainder(2, M, N, step, 1.0, 1.1, floor, flat)["lower"]
        value, still = exact_risk(lam, mu, N, step, noise), (0.1 / 1.1) ** 2 * np.sum(lam) / 2
        assert least - below <= value <= most + above
        apart.append(((most + above) - (least - below)) / (value - still))
    assert apart[2] < 0.6 * apart[1] < 0.4 * apart[0]
    assert apart[2] < 0.2, apart


def test_the_remainders_vanish_against_the_law():
    """N = M^(2a) and a floor of M^(-a-1/2): the band shrinks around the law, shrinkage included."""
    widths = []
    for M in (10, 100, 1000):
        N, floor, step = M**4, M**-2.5, 0.3
        lam = np.arange(1, M + 1.0) ** -2.0
        mu = 1.1 * lam + floor
        noise = {"A": 1.0, "Alow": 1.0, "ad": 0.2, "av": 0.1, "adlow": 1.0, "rise": 0.1, "rise_low": 0.1, "eps_w": 1e-3}
        noise |= {"steady": steady(lam, mu, 1, step, noise), "trace": np.sum(lam)}
        found = law_and_remainder(2, M, N, step, 1.0, 1.1, floor, noise)
        widths.append([most / least - 1 for least, most in found.values()])
    for first, second, third in zip(*widths, strict=True):
        assert third < second / 2 < first / 4
        assert third < 0.2
