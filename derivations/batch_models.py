"""Exact models of a batch's gradient: one sample of any features' row, and the features of the exact recursion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from random import Random

from riskbounds.derivations.finite_spaces import Space, gaussian, two_point
from riskbounds.derivations.noise_models import SIGN, SIZE, Entries, batch_model, number, vector

from riskbounds.proofs import Derivation, Model

INDICES = range(SIZE)
#: The value of a random vector at an outcome and a direction.
Features = Callable[[int, int], Fraction]


def levels(random: Random) -> dict[str, Fraction]:
    """eps of the update's slots and of stored weights, squares of rationals."""
    return {f"eps_{slot}": Fraction(random.randint(1, 4), 6) ** 2 for slot in "lpaow"}


def scalars(numbers: Mapping[str, Fraction]) -> dict[str, Callable[..., Fraction]]:
    """Symbols without indices."""
    return {name: lambda value=value: value for name, value in numbers.items()}


def along(q: Features, w: int, x: Entries) -> Fraction:
    """q^T x at an outcome."""
    return sum((q(w, n) * x(n) for n in INDICES), Fraction(0))


def product(mu: list[Fraction], x: Entries, y: Entries) -> Fraction:
    """The inner product of Sigma."""
    return sum((mu[n] * x(n) * y(n) for n in INDICES), Fraction(0))


def row(
    random: Random, draws: Space, mu: list[Fraction], q: Features, y: Entries, x: Mapping[str, Entries]
) -> dict[str, Callable[..., Fraction]]:
    """Constants that a features' row may state of a sample, from its moments along t; no less than a third is given away."""
    share = lambda body: draws.moment(lambda w: body(w) * along(q, w, x["t"]) ** 2) / product(mu, x["t"], x["t"])  # noqa: E731
    delta = lambda n: x["v"](n) - x["vq"](n)  # noqa: E731
    square = share(lambda w: (y(w) - along(q, w, x["v"])) ** 2)
    variance = square - product(mu, x["t"], delta) ** 2 / product(mu, x["t"], x["t"])
    spread, label = share(lambda w: sum(q(w, n) ** 2 for n in INDICES)), share(lambda w: y(w) ** 2)
    above, below = {"A1": square, "spread": spread, "label": label}, {"A1low": variance, "spread_low": spread, "label_low": label}
    most = {name: [value + number(random) for _ in INDICES] for name, value in above.items()}
    least = {name: [value / random.randint(2, 3) for _ in INDICES] for name, value in below.items()}
    numbers = {
        "c4": Fraction(5, 2), "ad1": number(random), "av1": number(random),
        "adlow1": variance / (2 * product(mu, delta, delta)),
    }  # fmt: skip
    return {**scalars(numbers), **{name: values.__getitem__ for name, values in (most | least).items()}}


def update_model(random: Random, derivation: Derivation) -> Model:
    """One exact sample of two uncorrelated features and a label whose noise is uncorrelated with them."""
    roots, deviation = [number(random) for _ in INDICES], number(random)
    x = {name: vector(random) for name in ("vq", "v", "t", "u", "f")}
    factor = [[number(random) if m <= n else Fraction(0) for n in INDICES] for m in INDICES]

    def model(draws: Space) -> Model:
        signs = [draws.values[f"feature {n}"] for n in INDICES]
        q = lambda w, n: roots[n] * signs[n][w]  # noqa: E731
        y = lambda w: along(q, w, x["vq"]) + deviation * signs[0][w] * signs[1][w]  # noqa: E731
        mu = [each**2 for each in roots]
        tau = sum(mu[n] * factor[m][n] ** 2 for n in INDICES for m in INDICES) / product(mu, x["v"], x["v"])
        constants = row(random, draws, mu, q, y, x)
        symbols = {
            **scalars({**levels(random), "tau": tau}), **constants, **x,
            "q": q, "y": y, "mu": mu.__getitem__, "root": lambda m, n: factor[m][n],
        }  # fmt: skip
        return Model(sizes={}, symbols=symbols)

    return batch_model(derivation, {f"feature {n}": SIGN for n in INDICES}, model)


def exact_model(random: Random, derivation: Derivation, features: str) -> Model:
    """Gaussian data to the fourth order with the features' scales, and two pasts."""
    roots, noise = [number(random) for _ in INDICES], 6 + number(random)
    target = vector(random)
    variables = {f"data {n}": gaussian(roots[n]) for n in INDICES} | {"noise": two_point(Fraction(0), noise)}
    random_scale, no_scale = two_point(Fraction(1), Fraction(random.randint(1, 3), 5)), ((Fraction(1), Fraction(1)),)
    scales = {"additive": [no_scale], "multiplicative": [random_scale], "elementwise": [random_scale] * SIZE}
    variables |= {f"scale {n}": each for n, each in enumerate(scales[features])}
    past, past_sum = ([vector(random) for _ in range(2)] for _ in range(2))

    def model(draws: Space) -> Model:
        data = lambda w, n: draws.values[f"data {n}"][w]  # noqa: E731
        scale = lambda w, n=0: draws.values[f"scale {n}"][w]  # noqa: E731
        variance = [3 * each**2 for each in roots]
        share = Fraction(random.randint(1, 3), 4) if features == "additive" else Fraction(1)
        gain = lambda n: share * target(n)  # noqa: E731
        y = lambda w: along(data, w, gain) + draws.values["noise"][w]  # noqa: E731
        lam = [share * each for each in variance]
        numbers = {
            **levels(random), "step": number(random),
            "sigma_M2": draws.moment(lambda w: y(w) ** 2) - product(lam, target, target),
            **{f"m{k}": draws.moment(lambda w, k=k: scale(w) ** k) for k in (2, 3, 4)},
        }  # fmt: skip
        symbols = {
            **scalars(numbers), "z": data, "q": data, "y": y, "target": target,
            "lam": lam.__getitem__, "mu": variance.__getitem__, "s": scale,
            "past": lambda o, n: past[o](n), "past_sum": lambda o, n: past_sum[o](n),
        }  # fmt: skip
        return Model(sizes={}, symbols=symbols, weights={"outcome": (Fraction(1, 3), Fraction(2, 3))})

    return batch_model(derivation, variables, model)
