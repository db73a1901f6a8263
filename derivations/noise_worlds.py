"""Witnesses of the noise rows: exact finite models of one sample with Gaussian moments up to the fourth order."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random

from riskbounds.derivations.finite_spaces import Space, gaussian, space, two_point

from riskbounds.proofs import Model

SIZE = 2


def _vectors(random: Random, names: str) -> dict[str, Callable[..., Fraction]]:
    numbers = {name: [Fraction(random.randint(-6, 6), 2) for _ in range(SIZE)] for name in names.split()}
    return {name: lambda n, values=values: values[n] for name, values in numbers.items()}


def _scalars(random: Random, names: str) -> dict[str, Callable[..., Fraction]]:
    numbers = {name: Fraction(random.randint(-6, 6), 2) for name in names.split()}
    return {name: lambda value=value: value for name, value in numbers.items()}


def world(random: Random, kind: str) -> Model:
    """ "additive", "multiplicative" or "elementwise" features with Gaussian fourth moments, and free vectors at random."""
    roots = [Fraction(random.randint(1, 3), random.randint(1, 3)) for _ in range(SIZE)]
    optimum = [Fraction(random.randint(-4, 4), 3) for _ in range(SIZE)]
    noise, deviation = Fraction(random.randint(0, 3), 2), Fraction(random.randint(1, 2), 12)
    variables = {f"z{n}": gaussian(root) for n, root in enumerate(roots)} | {"noise": two_point(Fraction(0), noise)}
    if kind != "additive":
        variables |= {f"s{n}": two_point(Fraction(1), deviation) for n in range(SIZE if kind == "elementwise" else 1)}
    draws: Space = space(variables)
    values, outcomes = draws.values, range(len(draws.weights))
    m2 = 1 if kind == "additive" else 1 + deviation**2
    label = [sum(m2 * optimum[n] * values[f"z{n}"][at] for n in range(SIZE)) + values["noise"][at] for at in outcomes]
    scale = {"additive": None, "multiplicative": lambda at: values["s0"][at], "elementwise": lambda at, n: values[f"s{n}"][at]}[
        kind
    ]
    symbols: dict[str, Callable[..., Fraction]] = {
        "q" if kind == "additive" else "z": lambda at, n: values[f"z{n}"][at],
        "y": lambda at: label[at],
        "mu": lambda n: m2 * 3 * roots[n] ** 2,
        "vq": lambda n: optimum[n],
        "label_second_moment": lambda: draws.moment(lambda at: label[at] ** 2),
        **_vectors(random, "t u v f"),
        **_scalars(random, "a b"),
    }
    if scale is not None:
        symbols["s"] = scale
        for power in (2, 3, 4):
            symbols[f"m{power}"] = lambda p=power: draws.moment(lambda at: values["s0"][at] ** p)
    return Model(sizes={"all": SIZE}, symbols=symbols, weights={"sample": draws.weights})


def dithered_world(random: Random) -> Model:
    """Two-point dither on q's own coordinates."""
    roots, gains = (
        [Fraction(random.randint(1, 3), 2) for _ in range(1)],
        [Fraction(random.randint(-3, 3), 2) for _ in range(1)],
    )
    step, noise = Fraction(random.randint(1, 3), 3), Fraction(random.randint(0, 3), 2)
    variables = {f"g{n}": gaussian(root) for n, root in enumerate(roots)}
    variables |= {f"e{n}": two_point(Fraction(0), step) for n in range(1)} | {"noise": two_point(Fraction(0), noise)}
    draws = space(variables)
    values, lam = draws.values, [3 * root**2 for root in roots]
    mu = [value + step**2 for value in lam]
    symbols: dict[str, Callable[..., Fraction]] = {
        "g": lambda at, n: values[f"g{n}"][at],
        "e": lambda at, n: values[f"e{n}"][at],
        "label_noise": lambda at: values["noise"][at],
        "signal": lambda at: sum((gains[n] * values[f"g{n}"][at] for n in range(1)), Fraction(0)),
        "F": lambda n, m: lam[n] if n == m else Fraction(0),
        "c": lambda n, m: Fraction(n == m),
        "gap": lambda _: 2 * step**4,
        "gain": lambda n: lam[n] * gains[n],
        "mu": lambda n: mu[n],
        "vq": lambda n: lam[n] * gains[n] / mu[n],
        "eps": lambda: step**2,
        "sigma_M2": lambda: noise**2,
        "signal_square": lambda: sum((lam[n] * gains[n] ** 2 for n in range(1)), Fraction(0)),
        **_vectors(random, "t u v f"),
    }
    return Model(sizes={"all": 1, "coordinate": 1}, symbols=symbols, weights={"sample": draws.weights})


def moment_world(random: Random) -> Model:
    """Features with Gaussian fourth moments, where alpha = 3 and beta = 1, and a residual independent of them."""
    roots = [Fraction(random.randint(1, 3), 2) for _ in range(SIZE)]
    rest, noise = Fraction(random.randint(0, 3), 2), Fraction(random.randint(0, 3), 2)
    variables = {f"q{n}": gaussian(root) for n, root in enumerate(roots)}
    draws = space(variables | {"rest": two_point(Fraction(0), rest), "noise": two_point(Fraction(0), noise)})
    values = draws.values
    symbols: dict[str, Callable[..., Fraction]] = {
        "q": lambda at, n: values[f"q{n}"][at],
        "rest": lambda at: values["rest"][at],
        "label_noise": lambda at: values["noise"][at],
        "mu": lambda n: 3 * roots[n] ** 2,
        "alpha": lambda: Fraction(3),
        "beta": lambda: Fraction(1),
        "sbar2": lambda: rest**2 + noise**2,
        "noise_variance": lambda: noise**2,
        **_vectors(random, "t u v vq f"),
    }
    return Model(sizes={"all": SIZE}, symbols=symbols, weights={"sample": draws.weights})
