"""Laws of the exact side: they end in the registered law, fail when a coefficient moves, and hold in numbers."""

from __future__ import annotations

import random
from dataclasses import fields, replace

import numpy as np
import pytest
import sympy as sp
from mpmath import mp
from riskbounds.derivations import exact_laws, exact_noise_sums, exact_steps, law_reading, load

from riskbounds import Isotropic, Multiplicative, PowerLaw, Quantization, Setting, Training, exact_risk
from riskbounds import symbols as s
from riskbounds.asymptotics.law_setting import law_setting
from riskbounds.asymptotics.laws import law
from riskbounds.asymptotics.stationary_noise import stationary_noise
from riskbounds.proofs import check, le

SCHEMES = ("full-precision", "multiplicative")
FACTOR = sp.Rational(101, 100)


def verdicts(derivation):
    return {result.step.id: result.verdict.status for result in check(derivation).steps}


# ------------------------------------------------------------------ the last line is the law


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_coefficient_of_the_exact_law_times_1_01_is_refused(scheme, monkeypatch):
    """The weight of V holds 1/(1 - load): another weight, or none of it, is another claim, which the steps do not prove."""
    kept = load(f"law-exact-{scheme}")

    def larger(*names):
        found = law(*names)
        weights = {regime: {symbol: FACTOR * value for symbol, value in each.items()} for regime, each in found.weights.items()}
        return replace(found, weights=weights)

    def without_load(*names):
        found = law(*names)
        weights = {
            regime: {symbol: value.subs(s.load, 0) for symbol, value in each.items()} for regime, each in found.weights.items()
        }
        return replace(found, weights=weights)

    def biased(*names):
        found = law(*names)
        return replace(found, terms=tuple(replace(each, short=FACTOR * each.short) for each in found.terms))

    for moved in (larger, without_load, biased):
        monkeypatch.setattr(law_reading, "law", moved)
        other = exact_laws.derivation(f"law-exact-{scheme}")
        assert all(other.step(end).claim != kept.step(end).claim for end in exact_laws.ENDS)
        found = verdicts(other)
        assert [found[end] for end in exact_laws.ENDS] == ["refused"] * 2, moved.__name__


@pytest.mark.parametrize("scheme", ["full-precision", "multiplicative", "additive"])
def test_another_coefficient_of_the_stationary_noise_is_refused(scheme, monkeypatch):
    for field in fields(stationary_noise(law_setting(scheme))):

        def moved(setting, name=field.name):
            found = stationary_noise(setting)
            return replace(found, **{name: getattr(found, name) + sp.Rational(1, 100)})

        monkeypatch.setattr(exact_steps, "stationary_noise", moved)
        assert verdicts(exact_steps.derivation(f"law-exact-steps-{scheme}"))["noise"] == "refused", field.name


def test_half_of_an_error_is_refused():
    kept = exact_noise_sums.derivation
    for name, end in (("EXCESS", "above"), ("MISSING", "below")):
        claim, less = kept.step(end).claim, getattr(exact_noise_sums, name) / 2
        sharper = le(claim.left, claim.right - less) if end == "above" else le(claim.left + less, claim.right)
        steps = tuple(replace(each, claim=sharper) if each.id == end else each for each in kept.steps)
        assert verdicts(replace(kept, steps=steps))[end] == "refused"


# ------------------------------------------------------------------ in numbers


def averaged(x, share, energy, own, c_0, c_1, b, l, d, N):  # noqa: E741
    """1/N^2 times the sum over i of lam/mu times the weighted noise of N - 1 steps and one that nothing sees."""
    q, f, whole = 1 - x, np.zeros_like(x), 0.0
    for step in range(N):
        mean = energy * q**step
        noise = c_0 + own + c_1 * np.sum(f + mean * q**step) + b * (f + mean * q**step) - l * np.sum(mean) - d * mean
        whole += np.sum(share * (1 - q ** (N - 1 - step)) ** 2 * noise)
        f = q**2 * f + x**2 * noise
    return whole / N**2


def exact(exponent, M, N, step, g, c_0, c_1, b, target, l, d):  # noqa: E741
    """Mean part and variance of the recursion, Approx = 0."""
    i = np.arange(1, M + 1, dtype=float)
    x = step * g * i**-exponent
    energy = x / (step * g**2)
    learned = 1 - 1 / g + (1 - (1 - x) ** N) / (N * x * g)
    variance = averaged(x, 1 / g, energy, target * energy, c_0, c_1, b, l, d, N)
    return 0.5 * np.sum(i**-exponent * learned**2) + 0.5 * variance


def limits(exponent, M, N, step, g, c_0, c_1, b, target, l, d):  # noqa: E741
    """(law - remainder, law + remainder), typed here from theory section 6 and the derivation; None beyond its hypotheses."""
    i = np.arange(1, M + 1, dtype=float)
    x = step * g * i**-exponent
    energy, trace = x / (step * g**2), np.sum(x)
    own, room = target * energy, 2 - (1 + b) * x[0]
    far = 2 - (1 + b) * x
    kappa, omega = np.sum(x / far), np.sum(x * own / far)
    load = c_1 * kappa
    if not (room > 0 and load < 0.95):
        return None
    spread, V = 1 / (1 - load), c_0 + c_1 * omega
    peak = spread * (c_0 + c_1 * (np.sum(energy) + omega + b * np.sum(x / far * energy)))
    X = N * step * g
    r, Gamma, two = X ** (1 / exponent), float(mp.gamma(1 - 1 / exponent)), 2 ** (1 / exponent)
    tail = X * M ** (1 - exponent) / (exponent - 1)
    dimension = exponent * (2 - two) * Gamma / (exponent + 1) * r
    share, first = Gamma * r + trace, (2 - two) * Gamma * r + 3 * trace
    h, per = 2 * share / (N * step * g**2), 1 / (step * g**2)
    mean = 0.5 * (1 - 1 / g) ** 2 * np.sum(i**-exponent)
    mean += (exponent * (two - 1) / (exponent + 1) + g - 1) * Gamma / g**2 * X ** (1 / exponent - 1)
    centre = mean + V * spread * dimension / (2 * N * g)
    grow = per / (2 * N * g), (1 - 1 / g) * per / N
    up = grow[0] * (1 + tail + 3 * trace) + grow[1] * trace
    down = sum(grow) * (1 + tail)
    up += (
        1
        / (2 * N * g)
        * (
            spread * (2 * V * trace + c_1 * (1 + b / room) * h * first)
            + b * h
            + (target * per + b / room * (peak + (target + b) * per)) * trace
        )
    )
    down += (
        1
        / (2 * N * g)
        * (
            spread * V * (1 + tail + 2 * trace)
            + spread * c_1 / (room**2 * N) * (2 * peak * share + (target + b) * per * trace) * share
            + (spread * (l + c_1 * d / room) * first + d) * h / 2
        )
    )
    return centre - down, centre + up


def test_the_exact_risk_lies_where_the_law_and_its_remainder_say():
    generator, met = random.Random(5), 0
    for _ in range(60):
        exponent, g = generator.uniform(1.15, 3), generator.choice([1, generator.uniform(1, 1.5)])
        M, N = int(10 ** generator.uniform(1, 3)), int(10 ** generator.uniform(0, 3.2))
        step, noise = generator.uniform(0.01, 0.5) / g, [generator.uniform(0, high) for high in (3, 0.8, 1, 1, 0.3, 0.3)]
        found = limits(exponent, M, N, step, g, *noise)
        if found is not None:
            met += 1
            low, value, high = found[0], exact(exponent, M, N, step, g, *noise), found[1]
            assert low <= value * (1 + 1e-9)
            assert value <= high * (1 + 1e-9)
    assert met > 30


def test_the_band_closes_in_on_the_law():
    """At a = 2 and load 0.3 the band is a few percent of the law at X^(1/a) = 1000, and it halves from N to 4 N."""
    widths = []
    for N in (10**5, 4 * 10**5, 16 * 10**5):
        low, high = limits(2, 10**7, N, 0.3, 1.0, 1.0, 0.9, 0.1, 0.1, 0.0, 0.0)
        widths.append(high / low - 1)
    assert widths[2] < 0.6 * widths[1] < 0.4 * widths[0]
    assert widths[2] < 0.1


@pytest.mark.parametrize("quantized", [(), ("data", "label", "parameter", "activation", "output")])
@pytest.mark.parametrize("batch", [1, 8])
def test_the_exact_risk_of_a_setting_lies_in_the_band(quantized, batch):
    """The package's exact risk, with the coefficients that the recursion's derivation proves."""
    M, step, a = 400, 0.1, 2
    scheme = "multiplicative" if quantized else "full-precision"
    slots = {slot: Multiplicative("0.05") for slot in quantized}
    setting = law_setting(scheme, quantized)
    found = stationary_noise(setting)
    lam = np.arange(1, M + 1, dtype=float) ** -a
    eps, g = 0.05 if quantized else 0.0, 1.05 if quantized else 1.0
    norm = np.sum(lam)
    moments = {s.growth: g, s.m3: 1 + 3 * eps, s.m4: 1 + 6 * eps + eps**2, s.B: batch}
    sources = {s.sigma_q2: 1 + norm * (1 - 1 / g), s.quantized_norm2: norm / g, s.trace: g * norm}
    values = {**moments, **sources, **dict.fromkeys(s.EPS.values(), eps)}
    c_0, c_1, own, target, lean, decay = (
        float(each.subs(values))
        for each in (found.constant, found.feedback, found.own, found.target, 2 * found.leans, found.decays)
    )
    for N in (1, 30, 1000, 20_000):
        problem = Setting(
            spectrum=PowerLaw(exponent=a, dimension=M),
            target=Isotropic(),
            noise_variance=1,
            training=Training(steps=N, step_size=str(step), batch_size=batch),
            quantization=Quantization(**slots),
        )
        low, high = limits(a, M, N, step, g, c_0, c_1, own - 1, target, lean, decay)
        assert low <= float(exact_risk(problem)[0]) <= high
