"""Exact models of averaged SGD: rational problems that satisfy every hypothesis of the sharp family.

Outcomes are the 32 points on which Walsh functions are orthonormal; the noise of each step and coordinate and the random parts of
the target are multiples of different Walsh functions, so they are uncorrelated with one another and with the past.
"""

from __future__ import annotations

from fractions import Fraction
from random import Random

from riskbounds.proofs import Model

POINTS, TIMES, SIZE = 32, 3, 2


def rational(random: Random, low: int = 1, high: int = 9) -> Fraction:
    """A random rational in (0, 2)."""
    return Fraction(random.randint(low, high), random.choice((5, 7, 9)))


def walsh(index: int, point: int) -> int:
    """The Walsh function of that index at a point: +1 or -1."""
    return -1 if bin(index & point).count("1") % 2 else 1


def sgd_model(random: Random, *, storage: bool = True, diagonal: bool = False) -> Model:
    """Averaged SGD with SIZE directions and TIMES + 1 steps of noise.

    Parameters
    ----------
    storage: whether stored weights have errors.
    diagonal: whether the error functional is diagonal (Lam and Sigma commute).
    """
    gamma = rational(random)
    x = [Fraction(random.randint(1, 5), 5) for _ in range(SIZE)]
    mu = [each / gamma for each in x]
    error = rational(random) if storage else Fraction(0)
    size = [[rational(random) for _ in range(SIZE)] for _ in range(TIMES + 1)]
    target = [[rational(random, -9) for _ in range(2)] for _ in range(2 * SIZE)]
    z = [[rational(random, -9) if not diagonal or i == r else Fraction(0) for i in range(SIZE)] for r in range(SIZE)]

    def vq(w: int, i: int) -> Fraction:
        return target[i][0] + target[i][1] * walsh(30, w)

    def u(w: int, i: int) -> Fraction:
        return target[SIZE + i][0] + target[SIZE + i][1] * walsh(31, w)

    def xi(t: int, w: int, i: int) -> Fraction:
        return size[t][i] * walsh(1 + 2 * SIZE * t + i, w)

    def store(t: int, w: int, i: int) -> Fraction:
        return error * walsh(1 + 2 * SIZE * t + SIZE + i, w)

    iterates = [[[Fraction(0)] * SIZE for _ in range(POINTS)]]
    for t in range(TIMES + 1):
        moved = [
            [(1 - x[i]) * iterates[t][w][i] + x[i] * vq(w, i) + gamma * xi(t, w, i) + store(t, w, i) for i in range(SIZE)]
            for w in range(POINTS)
        ]
        iterates.append(moved)
    steps = range(TIMES + 1)
    delta2 = [[(iterates[t][w][i] - vq(w, i)) ** 2 for i in range(SIZE) for w in range(POINTS)] for t in steps]
    distance = [sum(mu[k // POINTS] * each for k, each in enumerate(delta2[t])) / POINTS for t in steps]
    relative = [[size[t][i] ** 2 / mu[i] for t in steps] for i in range(SIZE)]
    alow = [min(each) / 2 for each in relative]
    kappa = sum(each / (2 - each) for each in x)
    load = Fraction(random.randint(1, 4), 5) / kappa
    share = Fraction(random.randint(0, 4), 4)
    scalars = {
        "step": gamma,
        "eps_w": error**2,
        "ad": load * share,
        "av": load * (1 - share),
        "adlow": min((relative[i][t] - alow[i]) / distance[t] for i in range(SIZE) for t in steps if distance[t]),
        "approximation": rational(random),
    }
    free = {(i, j): rational(random, -9) for i in range(SIZE) for j in range(SIZE)}
    return Model(
        sizes={"all": SIZE, "feature": SIZE},
        weights={"outcome": (Fraction(1, POINTS),) * POINTS},
        times=TIMES,
        symbols={
            **{name: lambda value=value: value for name, value in scalars.items()},
            "contraction": lambda i: x[i],
            "A": lambda i: max(relative[i]),
            "Alow": lambda i: alow[i],
            "z": lambda r, i: z[r][i],
            "vq": vq,
            "u": u,
            "xi": xi,
            "store_error": store,
            "v": lambda t, w, i: iterates[t][w][i],
            "f": lambda i: free[i, 0],
            "Y": lambda i, j: free[i, j],
        },
    )
