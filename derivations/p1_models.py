"""Exact models of P1's hypotheses and of Zou's: averaged SGD without storage whose noise the theorem's own constants allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import isqrt
from random import Random

from riskbounds.derivations.witnesses import POINTS, SIZE, rational, walsh

from riskbounds.proofs import Model, Term, Var
from riskbounds.terms.irrational import root

#: The iterates v_0, ..., v_HORIZON are computed; Walsh functions beyond the noise's are the target's.
HORIZON, TARGET = 8, 30
Symbol = Callable[..., object]


def numbers(values: Mapping[str, Fraction]) -> dict[str, Symbol]:
    """Symbols without indices."""
    return {name: lambda value=value: value for name, value in values.items()}


def contractions(random: Random, m: int, limit: Fraction = Fraction(1)) -> list[Fraction]:
    """x_1 >= 1/N >= x_2 with N = m + 1: one direction is learned, one is not; x_1 at most ``limit`` > 1/N."""
    once = Fraction(1, m + 1)
    return [once + (limit - once) * Fraction(random.randint(1, 9), 9), once * Fraction(random.randint(1, 9), 9)]


def target(random: Random) -> Symbol:
    """A random target: its mean and its deviation in each direction."""
    parts = [(rational(random, -9), rational(random)) for _ in range(SIZE)]
    return lambda w, i: parts[i][0] + parts[i][1] * walsh(TARGET, w)


def run(random: Random, gamma: Fraction, x: list[Fraction], optimum: Symbol, A: list[Fraction]) -> dict[str, Symbol]:
    """Iterates around ``optimum`` = v^q whose noise has a covariance of at most diag(A_i mu_i), and free vectors."""
    limits = [Fraction(isqrt(int(A[i] * x[i] / gamma * 10**6)), 10**3) for i in range(SIZE)]
    size = [[limit * Fraction(random.randint(3, 6), 6) for limit in limits] for _ in range(HORIZON)]

    def xi(t: int, w: int, i: int) -> Fraction:
        return size[t][i] * walsh(1 + SIZE * t + i, w)

    v = [[[Fraction(0)] * SIZE for _ in range(POINTS)]]
    for t in range(HORIZON):
        v.append(
            [[(1 - x[i]) * v[t][w][i] + x[i] * optimum(w, i) + gamma * xi(t, w, i) for i in range(SIZE)] for w in range(POINTS)]
        )
    free = {(i, j): rational(random, -9) for i in range(SIZE) for j in range(SIZE)}
    return {
        "step": lambda: gamma, "contraction": lambda i: x[i], "vq": optimum, "xi": xi, "v": lambda t, w, i: v[t][w][i],
        "z": lambda r, i: root(x[i] / gamma) if i == r else 0, "f": lambda i: free[i, 0], "Y": lambda i, j: free[i, j],
    }  # fmt: skip


def model(symbols: Mapping[str, Symbol], m: int, others: Mapping[str, int] | None = None) -> Model:
    """The model with one direction in the head, N = m + 1 iterates, and other fixed numbers."""
    sizes = {"all": SIZE, "feature": SIZE, "head": 1, "m": m, "M1": SIZE - 1, **(others or {})}
    return Model(sizes=sizes, weights={"outcome": (Fraction(1, POINTS),) * POINTS}, symbols=symbols)


def loads(random: Random, x: list[Fraction]) -> dict[str, Fraction]:
    """ad and av at a random share of what (ad + av) sum x < 1 allows."""
    share, part = Fraction(random.randint(1, 9), 10), Fraction(random.randint(0, 4), 4)
    return {"ad": share * part / sum(x), "av": share * (1 - part) / sum(x)}


def quantized_model(random: Random) -> Model:
    """P1 Theorem 4.1: any noise constants."""
    m, gamma, A = random.randint(1, 4), rational(random), [rational(random) for _ in range(SIZE)]
    x = contractions(random, m)
    symbols = run(random, gamma, x, target(random), A)
    constants = numbers({**loads(random, x), "A_max": max(A), "approximation": rational(random)})
    return model({**symbols, **constants, "A": lambda i: A[i]}, m)


def zou_model(random: Random) -> Model:
    """SGD in full precision, 3 tr H gamma < 1."""
    m, gamma, noise = random.randint(4, 7), rational(random), rational(random)
    x = contractions(random, m, Fraction(1, 4))
    x = [x[0], x[1] * (1 - 3 * x[0])]
    optimum = target(random)
    return model({**run(random, gamma, x, optimum, [noise] * SIZE), "u": optimum, **numbers({"noise_variance": noise})}, m)


def scheme_model(random: Random, scheme: str, constants: Term, direction: Var) -> Model:
    """P1 Corollary 4.1 or Theorem 4.2, all five slots in one scheme; A_i is what ``constants`` says of a direction."""
    m, gamma = random.randint(1, 4), rational(random)
    x = contractions(random, m)
    mu = [each / gamma for each in x]
    levels = {f"eps_{slot}": Fraction(random.randint(1, 9), 10) for slot in ("l", "p", "a", "o")}
    levels["eps_d"] = Fraction(random.randint(1, 9), 10) * (min(mu) if scheme == "additive" else 1)
    lam = [each - levels["eps_d"] if scheme == "additive" else each / (1 + levels["eps_d"]) for each in mu]
    values = {**levels, **loads(random, x), "noise_variance": rational(random), "B": Fraction(2 * int(sum(x)) + 3), "step": gamma}
    u = target(random)
    symbols = {**numbers(values), "lam": lambda i: lam[i], "u": u}
    A = [Fraction(model(symbols, m).value(constants, {direction: i})) for i in range(SIZE)]
    return model({**run(random, gamma, x, lambda w, i: lam[i] / mu[i] * u(w, i), A), **symbols, "A": lambda i: A[i]}, m)
