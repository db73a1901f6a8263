"""The derived recursion of section 3 is the one that riskbounds.exact runs: exact rational agreement, step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from conftest import full_and_tenth
from riskbounds.derivations.exact_pairs import exact_pairs
from riskbounds.derivations.exact_recursion import FEATURES, Formulas, exact_recursion
from riskbounds.derivations.noise_update import kinds

from riskbounds.exact.model import (
    ErrorFunctional,
    IndependentCoordinates,
    ScaleMixture,
    SecondMomentModel,
    Slot,
    elementwise_features,
    gaussian_features,
)
from riskbounds.exact.recursion import diagonal_recursion, pair_recursion
from riskbounds.proofs import Model, Symbol, Term, Var, check, direction, scalar
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import STRUCTURES

SIZE = 3
STEPS = 4
UPDATE = ("label", "parameter", "activation", "output")


def random_quantization(random: Random) -> Quantization:
    """Every slot exact or of any structure; half of the batches share their scales."""
    levels = {}
    for slot in UPDATE:
        kind = random.choice(["exact", *STRUCTURES])
        if kind != "exact":
            levels[slot] = STRUCTURES[kind](Fraction(random.randint(1, 9), 10))
    return Quantization(**levels, batch_scale=random.choice(["per-sample", "shared"]))


def random_features(random: Random, kind: str, lam: np.ndarray, target: np.ndarray) -> tuple:
    """Features of the code, Sigma, and the numbers m2, m3, m4 of a two-point scale with a rational standard deviation."""
    if kind == "additive":
        mu = lam + Fraction(random.randint(0, 5), 7)
        return gaussian_features(mu), mu, (1, 1, 1)
    root = Fraction(random.randint(1, 5), 6)
    m2, m3, m4 = 1 + root**2, 1 + 3 * root**2, 1 + 6 * root**2 + root**4
    if kind == "elementwise":
        features: IndependentCoordinates | ScaleMixture = elementwise_features(lam, target**2, m2, m3, m4)
    else:
        scales = np.array([1 + root, 1 - root], dtype=object)
        half = np.array([Fraction(1, 2), Fraction(1, 2)], dtype=object)
        features = ScaleMixture(probabilities=half, signal=scales, variances=np.outer(scales**2, lam))
    return features, m2 * lam, (m2, m3, m4)


def random_problem(random: Random, kind: str, quantization: Quantization) -> tuple[SecondMomentModel, Model]:
    """The same numbers for the code and for the derivation's formulas."""
    lam, target = (
        np.array([Fraction(random.randint(1, 9), random.randint(1, 9)) for _ in range(SIZE)], dtype=object) for _ in "12"
    )
    features, mu, moments = random_features(random, kind, lam, target)
    sigma_M2, gamma, batch = Fraction(random.randint(0, 9), 4), Fraction(1, random.randint(2, 9)), random.randint(1, 4)
    b2 = (lam * target) ** 2
    store = Fraction(random.randint(0, 3), 9)
    slots = {slot: Slot(structure=level.structure, eps=level.eps) for slot, level in quantization.levels().items()}
    model = SecondMomentModel(
        step_size=gamma,
        batch=batch,
        mu=mu,
        b2=b2,
        residual=sigma_M2 + (lam * target**2).sum() - (b2 / mu).sum(),
        features=features,
        error=ErrorFunctional(approximation=0, shrinkage=0, cross=0 * lam, weights=lam),
        slots={**slots, "storage": Slot(structure="additive", eps=store)},
        batch_scale=quantization.batch_scale,
    )
    eps = {slot: level.eps for slot, level in quantization.levels().items()}
    numbers = {"step": gamma, "sigma_M2": sigma_M2, "store": store, **dict(zip(("m2", "m3", "m4"), moments, strict=True))}
    numbers |= {f"eps_{slot[0]}": eps.get(slot, Fraction(0)) for slot in UPDATE}
    symbols: dict[str, Callable[..., Fraction]] = {name: lambda value=value: value for name, value in numbers.items()}
    arrays = {"lam": lam, "mu": mu, "target": target}
    symbols |= {name: lambda n, values=values: values[n] for name, values in arrays.items()}
    return model, Model(sizes={"all": SIZE, "batch": batch}, symbols=symbols)


@pytest.mark.parametrize("kind", list(FEATURES))
@full_and_tenth(200)
def test_the_code_runs_the_derived_recursion(kind: str, size: int) -> None:
    """E delta^2 of the code is E v^2 - 2 v^q E v + (v^q)^2 of the derivation, for N = 1 .. 4 updates, as fractions."""
    i = direction("i")
    for seed in range(size):
        random = Random(f"{kind} {seed}")
        quantization = random_quantization(random)
        code, numbers = random_problem(random, kind, quantization)
        recursion = diagonal_recursion(code)
        formulas = Formulas(
            features=FEATURES[kind],
            slots=kinds(quantization, sketched=False),
            first=lambda index: Symbol("first")[index],
            second=lambda index: Symbol("second")[index],
        )
        update, drift = formulas.step + scalar("store"), formulas.drift
        P, rho = recursion.start, 1 - recursion.contraction
        first, second = 0 * code.mu, 0 * code.mu
        optimum = (
            np.array([numbers.symbols["lam"](n) * numbers.symbols["target"](n) for n in range(SIZE)], dtype=object) / code.mu
        )
        for step in range(STEPS):
            assert list(P) == list(second - 2 * optimum * first + optimum**2), (kind, seed, step)
            now = Model(
                sizes=numbers.sizes,
                symbols={**numbers.symbols, "first": lambda n, a=first: a[n], "second": lambda n, a=second: a[n]},
            )
            second, first = (
                np.array([now.value(body, {Var("i", "all"): n}) for n in range(SIZE)], dtype=object)
                for body in (update, Symbol("first")[i] + scalar("step") * drift)
            )
            power = rho**step
            follow = recursion.rank_vectors @ P
            P = (
                (1 - recursion.gap) * P
                + (recursion.rank_weights * follow) @ recursion.rank_vectors
                + recursion.constant
                + recursion.decaying * power
                + (recursion.mixing @ power) @ recursion.rank_vectors
            )


@pytest.mark.parametrize("kind", list(FEATURES))
@full_and_tenth(30)
def test_the_recursion_is_proved_for_any_slots(kind: str, size: int) -> None:
    for seed in range(size):
        derivation = exact_recursion(kind, random_quantization(Random(f"proof {kind} {seed}")))
        result = check(derivation)
        assert result.verdict == "proved", (
            seed,
            result.errors,
            [s.verdict for s in result.steps if s.verdict.status == "refused"],
        )
        assumed = {s.step.id for s in result.steps if s.verdict.status == "assumed"}
        assert assumed == {"batch size"}


# ------------------------------------------------------------------ all pairs, where Lam and Sigma do not commute


def unrotated_quantization(random: Random) -> Quantization:
    """As above, but no elementwise parameter, which has no exact risk behind a sketch."""
    while True:
        found = random_quantization(random)
        if found.structures().get("parameter") != "elementwise":
            return found


def common_scales(random: Random) -> ScaleMixture:
    """One or two values of the common scales, whose signal has mean 1."""
    count = random.choice([1, 2])
    p = [Fraction(1)] if count == 1 else [Fraction(1, 3), Fraction(2, 3)]
    gain = [Fraction(random.randint(1, 5), 3) for _ in range(count)]
    mean = sum(weight * each for weight, each in zip(p, gain, strict=True))
    variances = [[Fraction(random.randint(1, 9), random.randint(1, 9)) for _ in range(SIZE)] for _ in range(count)]
    arrays = (np.array(each, dtype=object) for each in (p, [each / mean for each in gain], variances))
    return ScaleMixture(**dict(zip(("probabilities", "signal", "variances"), arrays, strict=True)))


def scaled_problem(random: Random, quantization: Quantization) -> tuple[SecondMomentModel, dict[str, Callable[..., Fraction]]]:
    """Features that are Gaussian given common scales, in Sigma's eigenbasis, for the code and for the derivation."""
    features = common_scales(random)
    mu = features.probabilities @ features.variances
    vq = np.array([Fraction(random.randint(-9, 9), random.randint(1, 9)) for _ in range(SIZE)], dtype=object)
    gamma, batch, residual = Fraction(1, random.randint(2, 9)), random.randint(1, 4), Fraction(random.randint(0, 9), 4)
    store = Fraction(random.randint(0, 3), 9)
    slots = {slot: Slot(structure=level.structure, eps=level.eps) for slot, level in quantization.levels().items()}
    code = SecondMomentModel(
        step_size=gamma,
        batch=batch,
        mu=mu,
        b2=(mu * vq) ** 2,
        residual=residual,
        features=features,
        error=ErrorFunctional(approximation=0, shrinkage=0, cross=0 * mu, weights=np.outer(mu, mu)),
        slots={**slots, "storage": Slot(structure="additive", eps=store)},
        batch_scale=quantization.batch_scale,
        gram=np.outer(mu * vq, mu * vq),
    )
    eps = {slot: level.eps for slot, level in quantization.levels().items()}
    numbers = {"step": gamma, "sigma_q2": residual, "eps_w": store}
    numbers |= {f"eps_{slot[0]}": eps.get(slot, Fraction(0)) for slot in UPDATE}
    symbols: dict[str, Callable[..., Fraction]] = {name: lambda value=value: value for name, value in numbers.items()}
    symbols |= {"mu": lambda n: mu[n], "vq": lambda n: vq[n], "signal": lambda at: features.signal[at]}
    return code, symbols | {"variance": lambda at, n: features.variances[at, n]}


def outcomes(mean: np.ndarray, covariance: np.ndarray) -> tuple[list[np.ndarray], list[Fraction]]:
    """Points and (possibly negative) weights with these first and second moments, exactly."""
    one = np.eye(SIZE, dtype=int).astype(object)
    parts = [(one[n], covariance[n, n] - sum(covariance[n, m] for m in range(SIZE) if m != n)) for n in range(SIZE)]
    parts += [(one[n] + one[m], covariance[n, m]) for n in range(SIZE) for m in range(n)]
    points = [mean + sign * direction for direction, _ in parts for sign in (1, -1)]
    weights = [weight / 2 for _, weight in parts for _ in "+-"]
    return [*points, mean], [*weights, 1 - sum(weights, Fraction(0))]


def at_points(points: list[np.ndarray]) -> dict[str, Callable[..., Fraction]]:
    """The parameter at each outcome of the past."""
    return {"past": lambda at, n: points[at][n]}


def matrix_of(form: Term, model: Model) -> np.ndarray:
    """The symmetric matrix of a quadratic form in t."""

    def value(u: np.ndarray) -> Fraction:
        return replace(model, symbols={**model.symbols, "t": lambda n: u[n]}, remembered={}).value(form, {})

    one = np.eye(SIZE, dtype=int).astype(object)
    found = [[(value(one[n] + one[m]) - value(one[n]) - value(one[m])) / 2 for m in range(SIZE)] for n in range(SIZE)]
    return np.array(found, dtype=object)


@full_and_tenth(30)
def test_the_code_runs_the_derived_recursion_of_pairs(size: int) -> None:
    """E delta delta^T of the code, on and off the diagonal, is the derivation's quadratic form after each update."""
    for seed in range(size):
        random = Random(f"pairs {seed}")
        quantization = unrotated_quantization(random)
        code, symbols = scaled_problem(random, quantization)
        body = exact_pairs("pairs", quantization).step("pairs").claim.right
        diagonal, pairs = diagonal_recursion(code), pair_recursion(code)
        optimum = np.array([symbols["vq"](n) for n in range(SIZE)], dtype=object)
        P, rho = np.outer(optimum, optimum), 1 - diagonal.contraction
        mean = 0 * optimum
        for step in range(3):
            gap = mean - optimum
            points, weights = outcomes(mean, P - np.outer(gap, gap))

            sizes = {"all": SIZE, "batch": code.batch}
            expected = matrix_of(
                body,
                Model(
                    sizes=sizes,
                    symbols=symbols | at_points(points),
                    weights={"outcome": tuple(weights), "sample": tuple(code.features.probabilities)},
                ),
            )
            power, old = rho**step, P
            drift = pairs.decaying * power
            P = (1 - pairs.gap) * old + pairs.constant + drift + drift.T
            own = np.diagonal(old)
            follow = diagonal.rank_vectors @ own
            own = (
                (1 - diagonal.gap) * own
                + (diagonal.rank_weights * follow) @ diagonal.rank_vectors
                + diagonal.constant
                + diagonal.decaying * power
                + (diagonal.mixing @ power) @ diagonal.rank_vectors
            )
            np.fill_diagonal(P, own)
            assert (expected == P).all(), (seed, step)
            mean = mean + diagonal.contraction * (optimum - mean)


@full_and_tenth(30)
def test_the_recursion_of_pairs_is_proved_for_any_slots(size: int) -> None:
    for seed in range(size):
        result = check(exact_pairs("pairs", unrotated_quantization(Random(f"proof of pairs {seed}"))))
        assert result.verdict == "proved", (seed, [s.verdict for s in result.steps if s.verdict.status == "refused"])
        assert {s.step.id for s in result.steps if s.verdict.status == "assumed"} == {
            "batch size",
            "mean variance",
            "mean signal",
        }
