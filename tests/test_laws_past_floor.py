"""The laws past the floor and the model term: they end in the law, hold in numbers, and fail when a coefficient moves."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from mpmath import mp
from riskbounds.derivations import (
    exact_past_floor,
    law_model,
    law_past_floor,
    law_reading,
    law_shares,
    law_shrinkage,
    law_sizes,
    load,
)
from riskbounds.derivations.law_reading import rank
from riskbounds.derivations.law_shares import MISSING, POWERS, R, i, profiles, ratio, share
from riskbounds.derivations.power_law import A_LAW, a
from scipy.optimize import brentq

from riskbounds.asymptotics.data_term import PAST_FLOOR
from riskbounds.asymptotics.laws import law
from riskbounds.errors import ProofError
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Derivation,
    Rising,
    Step,
    Transfer,
    eq,
    le,
    lin,
    positive,
    power,
    term,
    total,
)
from riskbounds.terms.balls import ball, enclosure
from riskbounds.terms.profile_classes import profile
from riskbounds.terms.profiles import TAU
from riskbounds.terms.rationals import Rationals, rationals
from tests.moved_laws import FACTOR, verdicts, with_terms, with_weights

SCHEMES = ("additive", "elementwise")
ENDS = [f"{side}, from {end}" for side in ("upper", "lower") for end in ("above", "below")]


# ------------------------------------------------------------------ the last lines are the law


def with_factor(found, name):
    """The law with one part of it past the floor times 1.01."""
    if name == "variance":
        return with_weights(found, PAST_FLOOR)
    return with_terms(found, lambda each: each.name in (name, f"{name}, {PAST_FLOOR}"))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("moved", ["bias", "cross", "storage", "variance", "shrinkage, floor"])
def test_a_law_coefficient_times_1_01_is_refused(scheme, moved, monkeypatch):
    if (scheme, moved) == ("elementwise", "storage"):
        return
    kept = load(f"law-past-floor-{scheme}")
    for module in (law_reading, law_shrinkage):
        monkeypatch.setattr(module, "law", lambda *names: with_factor(law(*names), moved))
    other = law_past_floor.derivation(f"law-past-floor-{scheme}")
    assert all(other.step(end).claim != kept.step(end).claim for end in ENDS)
    found = verdicts(law_shrinkage.derivation(f"law-shrinkage-{scheme}") if moved.startswith("shrinkage") else other)
    first = {"shrinkage, floor": "shrinkage", "variance": "upper"}.get(moved, moved)
    assert found[f"{first}, from above"] == found[f"{first}, from below"] == "refused"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_another_exact_law_is_refused(scheme, monkeypatch):
    monkeypatch.setattr(law_reading, "law", lambda *names: with_factor(law(*names), "variance" if names[1] == "exact" else ""))
    found = verdicts(exact_past_floor.derivation(f"law-exact-past-floor-{scheme}"))
    assert found["above"] == found["below"] == "refused"
    assert {name for name, status in found.items() if status == "refused"} == {"above", "below"}


def test_another_model_term_is_refused(monkeypatch):
    monkeypatch.setattr(law_model, "law", lambda *names: with_factor(law(*names), "model"))
    claims = law_model.claims_of()
    kept = load("law-model")
    for name, claim in claims.items():
        steps = tuple(replace(step, claim=claim) if step.id == name else step for step in kept.steps)
        assert verdicts(replace(kept, steps=steps))[name] == "refused", name


@pytest.mark.parametrize("side", ["upper", "lower", "exact"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_another_f_is_another_data_size(scheme, side, monkeypatch):
    def moved(*names):
        found = law(*names)
        if names[0] != scheme:
            return found
        assert found.short_F_past_floor is not None
        return replace(found, short_F=FACTOR * found.short_F, short_F_past_floor=FACTOR * found.short_F_past_floor)

    monkeypatch.setattr(law_sizes, "law", moved)
    assert verdicts(law_sizes.data_size(f"law-N_eff-{scheme}-{side}"))["same data term"] == "refused"
    assert verdicts(law_sizes.data_size_past_floor(f"law-N_eff-past-floor-{scheme}-{side}"))["same data term"] == "refused"


@pytest.mark.parametrize("name", ["law-past-floor-additive", "law-past-floor-elementwise"])
def test_without_the_step_size_condition_the_sides_are_refused(name):
    kept = load(name)
    dropped = replace(kept, steps=tuple(step for step in kept.steps if step.id != "x <= 1"))
    assert verdicts(dropped)["upper, from above"] == "refused"


# ------------------------------------------------------------------ the second class of profiles


def test_the_class_and_its_calculus():
    assert rationals(share(TAU)) == Rationals({0: 1, 1: -1})
    assert rationals(share(TAU) ** 2).derivative() == rationals(2 * share(TAU) * (1 / (1 + TAU)) ** 2)
    assert (rationals(share(TAU) ** 3).at_zero, rationals(share(TAU) ** 3).at_infinity) == (0, 1)
    assert rationals(TAU * share(TAU)).at_infinity is None
    assert rationals(1 / (1 + TAU)).at_zero == 1
    for body in (1 / (2 + TAU), share(TAU) / TAU**2, term(ratio[i]) / (1 + TAU), total(i, share(TAU) * ratio[i])):
        with pytest.raises(ProofError):
            profile(body)


@pytest.mark.parametrize("k", POWERS)
def test_the_transform_is_the_beta_function(k):
    """int u^k t^(-1/a-1) dt = B(k - 1/a, 1/a), by mpmath's own Beta function."""
    for exponent in (Fraction(5, 4), Fraction(2), Fraction(7, 2)):
        found = enclosure(rationals(share(TAU) ** k).mellin(a), {a: ball(exponent)})
        with mp.workdps(30):
            expected = mp.beta(k - 1 / mp.mpf(str(float(exponent))), 1 / mp.mpf(str(float(exponent))))
        assert abs(float(found.mid()) / float(expected) - 1) < 1e-13


def transfer(claim, **changes):
    """A derivation with one transfer of u^2, and its verdict."""
    fields = {
        "profile": profiles, "summand": share(TAU) ** 2, "rising": "u^2 rises", "slope": "u^2 <= t",
        "scale": "power law", "exponent": "a > 1", "reach": R, "a": a,
    }  # fmt: skip
    scale = Step(id="power law", claim=eq(ratio[i], power(R, lin(a)) * rank(i)), rule=Assumption("hypothesis", "power law"))
    step = Step(id="claim", claim=claim, rule=Transfer(**{**fields, **changes}))
    return verdicts(Derivation(name="t", theorem="", title="", steps=(A_LAW, scale, step), conclusions={"claim": "claim"}))[
        "claim"
    ]


SQUARES = total(i, share(ratio[i]) ** 2)
BETA = R / term(a) * rationals(share(TAU) ** 2).mellin(a)


def test_the_transfer_is_the_same_cited_result():
    assert transfer(le(SQUARES, BETA)) == "assumed"
    assert transfer(le(BETA - MISSING, SQUARES)) == "assumed"


@pytest.mark.parametrize(
    ("claim", "changes"),
    [
        (le(SQUARES, BETA * Fraction(99, 100)), {}),
        (le(BETA - MISSING, SQUARES * Fraction(99, 100)), {}),
        (le(BETA - MISSING + 1, SQUARES), {}),
        (le(BETA, SQUARES), {}),
        (le(total(i, share(ratio[i])), BETA), {}),
        (le(SQUARES, BETA), {"rising": "u^3 rises"}),
        (le(SQUARES, BETA), {"slope": "u^1 <= t"}),
        (le(SQUARES, BETA), {"summand": 1 / (1 + TAU)}),  # does not vanish at 0
        (le(SQUARES, BETA), {"summand": TAU * share(TAU)}),  # not bounded
        (le(SQUARES, BETA), {"summand": share(TAU) - share(TAU) ** 2}),  # rises and falls
    ],
)
def test_a_transfer_beyond_its_hypotheses_is_refused(claim, changes):
    assert transfer(claim, **changes) == "refused"


def test_a_derivative_sign_serves_rationals_too():
    """t/(1+t) <= t by the derivative of t - u, which is 1 - 1/(1+t)^2; not with another derivative."""
    slope = 1 - (1 / (1 + TAU)) ** 2
    steps = (Step(id="slope", claim=le(0, slope), rule=Algebra(positive((2 * TAU + TAU**2) / (1 + TAU) ** 2))),)
    lower = Derivation(name="l", theorem="", title="", steps=steps, conclusions={"slope": "slope"})
    for left, verdict in ((share(TAU), "proved"), (2 * share(TAU), "refused"), (share(TAU) + 1, "refused")):
        step = Step(id="c", claim=le(left, TAU), rule=Rising(lower, "slope"))
        assert verdicts(Derivation(name="r", theorem="", title="", steps=(step,), conclusions={"c": "c"}))["c"] == verdict


# ------------------------------------------------------------------ in numbers


def problem(generator):
    """A power law with a floor: exponent, c, g, e, M, and the sequences lam and mu."""
    exponent, M = generator.uniform(1.15, 3), int(10 ** generator.uniform(0.3, 3.5))
    c, reach = 10 ** generator.uniform(-1, 1), 10 ** generator.uniform(-0.5, 3.5)
    g = generator.choice([1, generator.uniform(1, 1.5)])
    e = g * c / reach**exponent
    lam = c * np.arange(1, M + 1.0) ** -exponent
    return exponent, c, g, e, reach, lam, g * lam + e


def sharp_sides(lam, mu, step, N, noise, eps_w):
    """The sharp pair with storage without Approx at E w*^2 = 1, and kappa, typed here from theory section 4."""
    A, Alow, rise, rise_low, ad, av, adlow = noise
    x, vq = step * mu, lam / mu
    q, before = (1 - x) ** N, (1 - x) ** (N - 1)
    g, K = (1 - q) / (N * x), N - 2 * (1 - q) / x + (1 - q**2) / (x * (2 - x))
    dt, dp, kappa = lam / mu * K / N, lam / mu * (1 - before) ** 2, np.sum(x / (2 - x))
    h = np.sum(mu * vq**2 * (1 - q**2) / (x * (2 - x))) / N
    k = np.sum(mu * vq**2 * K) / N
    noisy = np.sum((A + rise * mu) * x / (2 - x)) + np.sum(mu * eps_w / (x * (2 - x)))
    phi = (noisy + kappa * (ad * h + av * k)) / (1 - (ad + av) * kappa)
    both = 0.5 * np.sum(lam * (1 - vq * (1 - g)) ** 2) + np.sum(lam * K / N * eps_w / x**2) / (2 * N)
    upper = both + np.sum(dt * (A + rise * mu + av * k) + dp * (ad * (h + phi) + av * phi)) / (2 * N)
    return both + np.sum(dt * (Alow + rise_low * mu + adlow * h)) / (2 * N), upper, kappa


def beta_sums(exponent, reach):
    """R c_a times 1, 1 - 1/a, (1-1/a)(2-1/a)/2, (1-1/a)(2-1/a)(3-1/a)/6."""
    first, second, third = (k - 1 / exponent for k in (1, 2, 3))
    c_a = np.pi / exponent / np.sin(np.pi / exponent)
    return reach * c_a * np.array([1, first, first * second / 2, first * second * third / 6])


def bands(exponent, c, g, e, reach, lam, mu, step, N, noise, eps_w, kappa):
    """(least, most) of the lower and of the upper side, from theory section 6."""
    A, Alow, rise, rise_low, ad, av, adlow = noise
    x, u, M = step * mu, (mu - e) / mu, len(lam)
    missing = 1 + reach**exponent * M ** (1 - exponent) / (exponent - 1)
    sums, spread = beta_sums(exponent, reach), 1 / (1 - (ad + av) * kappa)
    partial = np.sum(np.arange(1, M + 1.0) ** -exponent)
    bias, cross = 1 / (2 * N**2 * step**2 * e * g**3), 1 / (N * step * g**3)
    store = eps_w / (2 * N * step**2 * e * g)
    both = (
        0.5 * c * (1 - 1 / g) ** 2 * partial
        + 0.5 * e / g * (sums[0] * (1 - (1 - 1 / g) ** 2) - sums[1] / g**2)
        + bias * (sums[2] - sums[3])
        + cross * (g * sums[1] - sums[2])
        + store * (sums[0] - sums[1])
    )
    W, H, short = np.sum(u) / g, np.sum(u**2) / (g**2 * N * step), 2 * np.sum(lam / mu / (N * x))
    late, stored = (1 - step * e) ** N, np.sum(eps_w * lam / x**3) / N**2
    unlearned = late * (np.sum(lam**2 * (mu - lam) / mu**3) / (N * step) + np.sum(lam**3 / mu**4) / (N * step) ** 2)
    driven = A + av * np.sum(lam**2 / mu) + (ad + av) * np.sum(rise * mu * x / (2 - x) + eps_w / (step * (2 - x)))
    sides = (
        (Alow, rise_low * np.sum(lam) + W * adlow * H, short * Alow),
        (spread * driven, rise * np.sum(lam) + W * spread * ad * H, spread * (short * driven + 2 * W * av * H)),
    )
    found = []
    for level, up, down in sides:
        law = both + sums[0] * level / (2 * N * g)
        above = e / (2 * g**3) + bias + cross + store
        below = e * (2 * g - 1) / (2 * g**3) + bias + cross * g + store + level / (2 * N * g)
        found.append((law - below * missing - down / (2 * N) - unlearned - stored, law + above * missing + up / (2 * N)))
    return found


def test_the_sides_lie_where_the_law_and_its_remainder_say():
    generator, checked = random.Random(5), 0
    for _ in range(300):
        exponent, c, g, e, reach, lam, mu = problem(generator)
        N, step = int(10 ** generator.uniform(0, 6)), generator.uniform(0.01, 0.5) / mu[0]
        noise = [generator.uniform(0, high) for high in (3, 3, 1, 1, 0.4, 0.4, 1)]
        eps_w = generator.choice([0, 10 ** generator.uniform(-8, -1)])
        low, high, kappa = sharp_sides(lam, mu, step, N, noise, eps_w)
        if (noise[4] + noise[5]) * kappa >= 0.95:
            continue
        checked += 1
        found = bands(exponent, c, g, e, reach, lam, mu, step, N, noise, eps_w, kappa)
        for (least, most), value in zip(found, (low, high), strict=True):
            assert least <= value * (1 + 1e-7)
            assert value <= most * (1 + 1e-7)
    assert checked > 150


def exact_risk(lam, mu, N, step, noise):
    """The risk of the average without Approx by the recursion of mu_i Var v_i; None where a variance would be negative."""
    c_0, c_1, b, leans, decays, own = noise
    x, ratio = step * mu, lam / mu
    q, w, f, varied = 1 - x, mu * ratio**2, np.zeros_like(lam), 0.0
    for t in range(N):
        still = w * q**t
        moving = c_1 * np.sum(f + still * q**t) - leans * np.sum(still) - decays * still
        driven = c_0 + own + moving + b * (f + still * q**t)
        varied += np.sum(ratio * (1 - q ** (N - 1 - t)) ** 2 * driven)
        f = q**2 * f + x**2 * driven
        if np.min(f) < 0:
            return None
    return 0.5 * np.sum(lam * (1 - ratio * (1 - (1 - q**N) / (N * x))) ** 2) + varied / (2 * N**2)


def exact_extras(lam, mu, N, step, noise):
    """V/(1 - load), and what the exact side adds to the remainder above and below."""
    c_0, c_1, b, leans, decays, own = noise
    x, ratio, w = step * mu, lam / mu, lam**2 / mu
    far, q = 2 - (1 + b) * x, 1 - x
    room, omega, spread = np.min(far), np.sum(x * own / far), 1 / (1 - c_1 * np.sum(x / far))
    level = spread * (c_0 + c_1 * omega)
    top = level + spread * c_1 * np.sum(w * (1 + b * x / far)) + own + b * w
    first, last = (np.sum(ratio * (1 - q**n) ** 2) for n in (N - 1, N))
    heat, lean = w * (1 - q ** (2 * N)) / (x * (2 - x)), w * (1 - q**N) / x
    excess = spread * c_1 * (1 + b / room) * first * np.sum(heat) + b * np.sum(ratio * (heat + N * x * top / room))
    missing = spread * (
        c_1 / room**2 * np.sum(top * (1 - q ** (2 * N))) * last + (leans + c_1 * decays / room) * first * np.sum(lean)
    )
    above = np.sum(ratio * own) / (2 * N) + excess / (2 * N**2)
    return level, above, (missing + decays * np.sum(ratio * lean)) / (2 * N**2)


def test_the_exact_risk_lies_where_its_law_and_remainder_say():
    generator, seen = random.Random(15), 0
    for _ in range(80):
        exponent, M, c, reach = (
            generator.uniform(1.2, 2.5),
            generator.randint(2, 40),
            generator.uniform(0.3, 2),
            generator.uniform(1, 20),
        )
        g = generator.choice([1, generator.uniform(1, 1.5)])
        e = g * c / reach**exponent
        lam = c * np.arange(1, M + 1.0) ** -exponent
        mu, N = g * lam + e, int(10 ** generator.uniform(0, 3.3))
        step, b = generator.uniform(0.05, 0.6) / mu[0], generator.uniform(0, 1)
        c_1 = generator.uniform(0, 0.9) / np.sum(step * mu / (2 - (1 + b) * step * mu))
        leans, decays = 0.1 * generator.random(), 0.1 * generator.random()
        noise = (generator.expovariate(2), c_1, b, leans, decays, generator.expovariate(2) * mu)
        value = exact_risk(lam, mu, N, step, noise)
        if value is None:
            continue
        seen += 1
        level, above, below = exact_extras(lam, mu, N, step, noise)
        quiet = (0, level, 0, 0, 0, 0, 0)
        least, most = bands(exponent, c, g, e, reach, lam, mu, step, N, quiet, 0, 0)[0]
        assert least - below <= value * (1 + 1e-9)
        assert value <= (most + above) * (1 + 1e-9)
    assert seen > 40


def test_the_laws_terms_are_those_of_the_numbers():
    """The closed forms in the numbers above are the law's: additive."""
    exponent, c, reach, N, step, eps_w = 1.7, 1.3, 40.0, 1000, 0.01, 1e-3
    sums, e = beta_sums(exponent, reach), c / reach**exponent
    values = {"a": exponent, "c": c, "R": reach, "N": N, "step": step, "c_a": sums[0] / reach, "eps_w": eps_w}
    expected = {
        f"bias, {PAST_FLOOR}": (sums[2] - sums[3]) / (2 * N**2 * step**2 * e),
        f"cross, {PAST_FLOOR}": (sums[1] - sums[2]) / (N * step),
        f"storage, {PAST_FLOOR}": eps_w * (sums[0] - sums[1]) / (2 * N * step**2 * e),
        "shrinkage, floor": 0.5 * e * (sums[0] - sums[1]),
    }
    found = {each.name: each.short for each in law("additive", "upper").terms}
    for name, value in expected.items():
        at = {symbol: values[symbol.name] for symbol in found[name].free_symbols}
        assert float(found[name].subs(at)) == pytest.approx(value, rel=1e-10)


def test_the_band_closes_around_the_law():
    """At a = 2 the side over the law tends to 1 as R, M/R and N step e grow together."""
    gaps = []
    for reach in (10, 30, 100):
        e, M, exponent = 1 / reach**2, 40 * reach**2, 2
        lam = np.arange(1, M + 1.0) ** -exponent
        step, noise = 1 / reach, (1.0, 1.0, 0.1, 0.1, 0.2, 0.1, 1.0)
        N = int(reach**2 / (step * e))
        low, high, kappa = sharp_sides(lam, lam + e, step, N, noise, 1e-6)
        found = bands(exponent, 1.0, 1, e, reach, lam, lam + e, step, N, noise, 1e-6, kappa)
        gaps.append(max(most / least - 1 for least, most in found))
        assert all(least <= side <= most for (least, most), side in zip(found, (low, high), strict=True))
    assert gaps[2] < gaps[1] < gaps[0]
    assert gaps[2] < 0.1


def test_shrinkage_and_excess_noise_in_numbers():
    generator = random.Random(6)
    for _ in range(200):
        exponent, c, g, e, reach, lam, mu = problem(generator)
        missing = 1 + reach**exponent * len(lam) ** (1 - exponent) / (exponent - 1)
        partial = c * np.sum(np.arange(1, len(lam) + 1.0) ** -exponent)
        floor = beta_sums(exponent, reach)[0] * e / g
        share = (2 - 1 / exponent) * (2 * exponent * g - 2 * exponent + 1) / (2 * g**2 * (2 * exponent - 1))
        shrunk, whole = 0.5 * np.sum(lam * (1 - lam / mu) ** 2), 0.5 * (1 - 1 / g) ** 2 * partial + share * floor
        assert whole - e * (2 * g - 1) / (2 * g**3) * missing <= shrunk * (1 + 1e-9)
        assert shrunk <= (whole + e / (2 * g**3) * missing) * (1 + 1e-9)
        excess, noise = np.sum(lam * (1 - lam / mu)), (1 - 1 / g) * partial + floor / g
        assert (noise - e / g**2 * missing) * (1 - 1e-9) <= excess <= noise * (1 + 1e-9)


def test_the_model_term_in_numbers():
    """kappa from its equation by root finding; the law bounds kappa M/2 from above, and from below up to its remainder."""
    generator = random.Random(7)
    for _ in range(60):
        exponent, c = generator.uniform(1.2, 3), 10 ** generator.uniform(-1, 1)
        dimension = int(10 ** generator.uniform(2, 5))
        size = generator.randint(1, dimension // 10)
        lam = c * np.arange(1, dimension + 1.0) ** -exponent
        kappa = np.exp(brentq(lambda y: np.sum(lam / (lam + np.exp(y))) - size, -60, 10, xtol=1e-13))  # noqa: B023
        reach, c_a = (c / kappa) ** (1 / exponent), np.pi / exponent / np.sin(np.pi / exponent)
        whole = size ** (1 - exponent) * c * c_a**exponent / 2
        missing = 1 + reach**exponent * dimension ** (1 - exponent) / (exponent - 1)
        assert kappa * size / 2 <= whole * (1 + 1e-9)
        assert whole * (1 - exponent * missing / size) <= kappa * size / 2 * (1 + 1e-9)


@pytest.mark.parametrize("k", POWERS)
def test_the_cited_transfer_holds_in_numbers(k):
    """Beta - 1 - tail <= sum <= Beta for the powers of u."""
    generator = random.Random(9)
    for _ in range(200):
        exponent, reach, M = generator.uniform(1.05, 4), 10 ** generator.uniform(-1, 4), int(10 ** generator.uniform(0, 4))
        t = (reach / np.arange(1, M + 1.0)) ** exponent
        whole = reach / exponent * float(mp.beta(k - 1 / exponent, 1 / exponent))
        found = np.sum((t / (1 + t)) ** k)
        missing = 1 + reach**exponent * M ** (1 - exponent) / (exponent - 1)
        assert (whole - missing) <= found + 1e-9 * whole
        assert found <= whole * (1 + 1e-9)


def test_the_shares_are_what_the_theory_says():
    """R c_a times 1, 1 - 1/a, (1-1/a)(2-1/a)/2, (1-1/a)(2-1/a)(3-1/a)/6."""
    s = 1 / term(a)
    factors = (1, 1 - s, (1 - s) * (2 - s) / 2, (1 - s) * (2 - s) * (3 - s) / 6)
    for k, factor in zip(POWERS, factors, strict=True):
        assert law_shares.integral(k) == R * law_shares.C_A * factor
