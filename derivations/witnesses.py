"""Exact models of averaged SGD: rational problems that satisfy every hypothesis of the sharp family.

Outcomes are 2^b points on which Walsh functions are orthonormal; the noise of each step and coordinate and the random parts of
the target are multiples of different Walsh functions, so they are uncorrelated with one another and with the past.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from riskbounds.proofs import Model

POINTS, TIMES, SIZE = 32, 3, 2
#: The value of a random vector at an outcome and a direction.
Vector = Callable[[int, int], Fraction]


def rational(random: Random, low: int = 1, high: int = 9) -> Fraction:
    """A random rational in (0, 2)."""
    return Fraction(random.randint(low, high), random.choice((5, 7, 9)))


def walsh(index: int, point: int) -> int:
    """The Walsh function of that index at a point: +1 or -1."""
    return -1 if bin(index & point).count("1") % 2 else 1


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Contractions x_i, rows z of a factor of the error functional's matrix, v^q and v* = u.

    ``steps`` is the number of steps that have noise, ``storage`` the size of stored weights' errors.
    """

    gamma: Fraction
    x: Sequence[Fraction]
    z: Sequence[Sequence[Fraction]]
    vq: Vector
    u: Vector
    steps: int
    storage: Fraction

    @property
    def size(self) -> int:
        """The number of directions."""
        return len(self.x)

    @property
    def mu(self) -> list[Fraction]:
        """Eigenvalues of Sigma."""
        return [each / self.gamma for each in self.x]

    @property
    def kinds(self) -> int:
        """How many kinds of noise a step has: the gradient's, and that of stored weights."""
        return 2 if self.storage else 1

    @property
    def points(self) -> int:
        """How many outcomes hold two random targets and all noise."""
        return 1 << (self.kinds * self.size * self.steps + 2).bit_length()


def random_target(random: Random, size: int, index: int) -> Vector:
    """A mean and a multiple of one Walsh function, 1 or 2, in each direction."""
    parts = [[rational(random, -9) for _ in range(2)] for _ in range(size)]
    return lambda w, i: parts[i][0] + parts[i][1] * walsh(index, w)


def second_moment(vector: Vector, i: int, points: int) -> Fraction:
    """E vector_i^2."""
    return sum((vector(w, i) ** 2 for w in range(points)), Fraction(0)) / points


def averaged_sgd(random: Random, problem: Problem, scalars: dict[str, Fraction]) -> Model:
    """The iterates of a problem, with the noise's constants; ``scalars`` holds ad and av.

    The noise's second moments are constant in time within A and Alow, and above adlow times the distance.
    """
    size, steps, x, mu = problem.size, problem.steps, problem.x, problem.mu
    points = problem.points
    scale = [[rational(random) for _ in range(size)] for _ in range(steps)]

    def xi(t: int, w: int, i: int) -> Fraction:
        return scale[t][i] * walsh(3 + problem.kinds * size * t + i, w)

    def store(t: int, w: int, i: int) -> Fraction:
        return problem.storage * walsh(3 + problem.kinds * size * t + size + i, w)

    vq = [[problem.vq(w, i) for i in range(size)] for w in range(points)]
    v = [[[Fraction(0)] * size for _ in range(points)]]
    for t in range(steps):
        moved = [
            [(1 - x[i]) * v[t][w][i] + x[i] * vq[w][i] + problem.gamma * xi(t, w, i) + store(t, w, i) for i in range(size)]
            for w in range(points)
        ]
        v.append(moved)
    distance = [
        sum(mu[i] * (v[t][w][i] - vq[w][i]) ** 2 for i in range(size) for w in range(points)) / points for t in range(steps)
    ]
    relative = [[scale[t][i] ** 2 / mu[i] for t in range(steps)] for i in range(size)]
    alow = [min(each) / 2 for each in relative]
    adlow = min((relative[i][t] - alow[i]) / distance[t] for i in range(size) for t in range(steps) if distance[t])
    numbers = {
        **scalars, "step": problem.gamma, "eps_w": problem.storage**2, "adlow": adlow, "approximation": rational(random),
        "A_max": max(map(max, relative)), "Alow_min": min(alow),
    }  # fmt: skip
    free = {(i, j): rational(random, -9) for i in range(size) for j in range(size)}
    return Model(
        sizes={"all": size, "feature": size},
        weights={"outcome": (Fraction(1, points),) * points},
        times=TIMES,
        symbols={
            **{name: lambda value=value: value for name, value in numbers.items()},
            "contraction": lambda i: x[i],
            "A": lambda i: max(relative[i]),
            "Alow": lambda i: alow[i],
            "z": lambda r, i: problem.z[r][i],
            "vq": lambda w, i: vq[w][i],
            "u": problem.u,
            "xi": xi,
            "store_error": store,
            "v": lambda t, w, i: v[t][w][i],
            "f": lambda i: free[i, 0],
            "Y": lambda i, j: free[i, j],
        },
    )


def sgd_model(random: Random, *, storage: bool = True, diagonal: bool = False) -> Model:
    """Averaged SGD with SIZE directions and TIMES + 1 steps of noise.

    Parameters
    ----------
    storage: whether stored weights have errors.
    diagonal: whether the error functional is diagonal (Lam and Sigma commute).
    """
    x = [Fraction(random.randint(1, 5), 5) for _ in range(SIZE)]
    problem = Problem(
        gamma=rational(random),
        x=x,
        z=[[rational(random, -9) if not diagonal or i == r else Fraction(0) for i in range(SIZE)] for r in range(SIZE)],
        vq=random_target(random, SIZE, 1),
        u=random_target(random, SIZE, 2),
        steps=TIMES + 1,
        storage=rational(random) if storage else Fraction(0),
    )
    kappa = sum(each / (2 - each) for each in x)
    load, share = Fraction(random.randint(1, 4), 5) / kappa, Fraction(random.randint(0, 4), 4)
    return averaged_sgd(random, problem, {"ad": load * share, "av": load * (1 - share)})
