"""Laws of the exact side: they end in the registered law, fail when a coefficient moves, and hold in numbers."""

from __future__ import annotations

import random
from dataclasses import dataclass, fields, replace

import numpy as np
import pytest
import sympy as sp
from mpmath import mp
from riskbounds.derivations import exact_laws, exact_noise_sums, exact_steps, law_reading, load

from riskbounds import Additive, Isotropic, Multiplicative, PowerLaw, Quantization, Setting, Training, exact_risk
from riskbounds import symbols as s
from riskbounds.asymptotics.law_setting import law_setting
from riskbounds.asymptotics.laws import law
from riskbounds.asymptotics.stationary_noise import stationary_noise
from riskbounds.proofs import le
from tests.moved_laws import verdicts, with_terms, with_weights

SCHEMES = ("full-precision", "multiplicative", "additive", "elementwise")


# ------------------------------------------------------------------ the last line is the law


@pytest.mark.parametrize(
    "scheme",
    [
        *SCHEMES[:2],
        "source-rough-full-precision",
        *(pytest.param(scheme, marks=pytest.mark.long) for scheme in (*SCHEMES[2:], "source-smooth-multiplicative")),
    ],
)
def test_a_coefficient_of_the_exact_law_times_1_01_is_refused(scheme, monkeypatch):
    """The weight of V holds 1/(1 - load): another weight, or none of it, is another claim, which the steps do not prove."""
    kept = load(f"law-exact-{scheme}")

    def larger(*names, **target):
        return with_weights(law(*names, **target))

    def without_load(*names, **target):
        found = law(*names, **target)
        weights = {
            regime: {symbol: value.subs(s.load, 0) for symbol, value in each.items()} for regime, each in found.weights.items()
        }
        return replace(found, weights=weights)

    def biased(*names, **target):
        return with_terms(law(*names, **target), lambda _: True)

    for moved in (larger, without_load, biased):
        monkeypatch.setattr(law_reading, "law", moved)
        other = (exact_laws.of_source if "source" in scheme else exact_laws.derivation)(f"law-exact-{scheme}")
        assert all(other.step(end).claim != kept.step(end).claim for end in exact_laws.ENDS)
        found = verdicts(other)
        assert [found[end] for end in exact_laws.ENDS] == ["refused"] * 2, moved.__name__


@pytest.mark.parametrize("scheme", SCHEMES)
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


@dataclass(frozen=True, kw_only=True)
class Case:
    """A power law with growth g and floor, and the coefficients of the noise."""

    a: float
    M: int
    N: int
    step: float
    g: float = 1.0
    floor: float = 0.0
    c_0: float = 1.0
    c_1: float
    b: float
    target: float = 0.0
    rough: float = 0.0
    l: float = 0.0  # noqa: E741
    d: float = 0.0

    @property
    def lam(self):
        return np.arange(1, self.M + 1, dtype=float) ** -self.a

    @property
    def f(self):
        """The contraction with the floor."""
        return self.step * (self.g * self.lam + self.floor)

    @property
    def energy(self):
        """mu (v^q)^2."""
        return self.step * self.lam**2 / self.f

    @property
    def own(self):
        return self.target * self.energy + self.rough * self.f / self.step


def exact(case):
    """Mean part and variance of the recursion, Approx = 0."""
    f, N, ratio = case.f, case.N, case.step * case.lam / case.f
    learned = 1 - ratio + ratio * (1 - (1 - f) ** N) / (N * f)
    variance = averaged(f, ratio, case.energy, case.own, case.c_0, case.c_1, case.b, case.l, case.d, N)
    return 0.5 * np.sum(case.lam * learned**2) + 0.5 * variance


def limits(case):
    """(law - remainder, law + remainder), typed here from theory section 6 and the derivation; None beyond its hypotheses."""
    a, M, N, step, g, b, c_1, f, energy, own = (
        *(case.a, case.M, case.N, case.step, case.g, case.b, case.c_1),
        *(case.f, case.energy, case.own),
    )
    x, z, far = step * g * case.lam, step * case.floor, 2 - (1 + b) * f
    trace, settles, reached = np.sum(x), f / far, x / f + (1 + b) * z / 2
    room, load, omega = far[0], c_1 * np.sum(settles), np.sum(settles * own)
    if not (room > 0 and load < 0.95 and f[0] <= 1):
        return None
    spread, V = 1 / (1 - load + c_1 * M * z / 2), case.c_0 + c_1 * omega
    peak = (case.c_0 + c_1 * (np.sum(energy) + omega + b * np.sum(settles * energy))) / (1 - load)
    X = N * step * g
    r, Gamma, two = X ** (1 / a), float(mp.gamma(1 - 1 / a)), 2 ** (1 / a)
    lost = 1 + X * M ** (1 - a) / (a - 1)
    share = Gamma * r + trace
    hidden, average = N * z * share, a * (2 - two) * Gamma / (a + 1) * r
    first, per, dt = (2 - two) * Gamma * r + 3 * trace + hidden, 1 / (N * step * g**2), average + 2 * trace + hidden
    h, half, fed = 2 * per * share, 1 / (2 * N * g), spread * c_1
    mean = 0.5 * (1 - 1 / g) ** 2 * np.sum(case.lam)
    mean += (a * (two - 1) / (a + 1) + g - 1) * Gamma / g**2 * X ** (1 / a - 1)
    centre = mean + V * spread * half * average
    bias, cross = per / (2 * g), (1 - 1 / g) * per
    own_noise = own + b * energy
    slow = z / 2 * (2 * peak * (share + N * M * z) + np.sum(own_noise))
    idle = np.sum((1 - reached) * settles * own)
    least = peak * (2 * share + (1 + b) * M * z / 2) + np.sum(reached * own_noise)
    up = bias * (lost + 3 * trace) + cross * trace + per * hidden
    up += half * (spread * V * (2 * trace + hidden) + fed * ((1 + b / room) * h * first + slow * dt) + b * h)
    up += half * (b / room * np.sum(x * (peak + own_noise)) + np.sum(x / f * own))
    down = (bias + cross) * lost + half * spread * (V * (lost + 2 * trace + hidden) + c_1 * idle * dt)
    down += half * fed / (room**2 * N) * least * share
    down += half * (spread * (case.l + c_1 * case.d / room) * first + case.d) * h / 2
    return centre - down, centre + up


def test_the_exact_risk_lies_where_the_law_and_its_remainder_say():
    generator, met = random.Random(5), 0
    highest = {"c_0": 3, "c_1": 0.8, "b": 1, "target": 1, "rough": 0.3, "l": 0.3, "d": 0.3}
    for _ in range(80):
        g = generator.choice([1, generator.uniform(1, 1.5)])
        case = Case(
            a=generator.uniform(1.15, 3), g=g, floor=generator.choice([0, 10 ** generator.uniform(-6, -2)]),
            M=int(10 ** generator.uniform(1, 3)), N=int(10 ** generator.uniform(0, 3.2)), step=generator.uniform(0.01, 0.5) / g,
            **{name: generator.uniform(0, high) for name, high in highest.items()},
        )  # fmt: skip
        found = limits(case)
        if found is not None:
            met += 1
            assert found[0] <= exact(case) * (1 + 1e-9)
            assert exact(case) <= found[1] * (1 + 1e-9)
    assert met > 40


def test_the_band_closes_in_on_the_law():
    """At a = 2 and load 0.3 the band is a few percent of the law at X^(1/a) = 1000, and it halves from N to 4 N."""
    widths = []
    for N in (10**5, 4 * 10**5, 16 * 10**5):
        low, high = limits(Case(a=2, M=10**6, N=N, step=0.3, c_1=0.9, b=0.1, target=0.1))
        widths.append(high / low - 1)
    assert widths[2] < 0.6 * widths[1] < 0.4 * widths[0]
    assert widths[2] < 0.1


SLOTS = ("data", "label", "parameter", "activation", "output")


@pytest.mark.parametrize("batch", [1, 8])
@pytest.mark.parametrize("scheme", ["full-precision", "multiplicative", "additive"])
def test_the_exact_risk_of_a_setting_lies_in_the_band(scheme, batch):
    """The package's exact risk, with the coefficients that the recursion's derivation proves."""
    kinds = {"full-precision": None, "multiplicative": Multiplicative, "additive": Additive}
    eps = {"full-precision": 0.0, "multiplicative": 0.05, "additive": 1e-4}[scheme]
    slots = {slot: kinds[scheme](str(eps)) for slot in SLOTS} if eps else {}
    found = stationary_noise(law_setting(scheme, tuple(slots)))
    scales = scheme == "multiplicative"
    growth = {"g": 1 + eps} if scales else {"floor": eps}
    moments = {s.growth: 1 + eps, s.m3: 1 + 3 * eps, s.m4: 1 + 6 * eps + eps**2, s.B: batch}
    for N in (1, 30, 1000, 20_000):
        case = Case(a=2, M=400, N=N, step=0.1, c_1=0, b=0, **growth)
        norm, mu = np.sum(case.energy), case.f / case.step
        sources = {s.sigma_q2: 1 + np.sum(case.lam) - norm, s.quantized_norm2: norm, s.trace: np.sum(mu)}
        values = {**moments, **sources, **dict.fromkeys(s.EPS.values(), eps)}
        names = {
            "constant": "c_0",
            "feedback": "c_1",
            "own": "b",
            "target": "target",
            "rough": "rough",
            "leans": "l",
            "decays": "d",
        }
        numbers = {short: float(getattr(found, name).subs(values)) for name, short in names.items()}
        case = replace(case, **{**numbers, "b": numbers["b"] - 1, "l": 2 * numbers["l"]})
        problem = Setting(
            spectrum=PowerLaw(exponent=2, dimension=400),
            target=Isotropic(),
            noise_variance=1,
            training=Training(steps=N, step_size="0.1", batch_size=batch),
            quantization=Quantization(**slots),
        )
        low, high = limits(case)
        risk = float(exact_risk(problem)[0])
        assert risk == pytest.approx(exact(case), rel=1e-9)
        assert low <= risk <= high
