"""Exact models of P2's hypotheses: averaged SGD on a power law lam_i ~ i^-2, with multiplicative or additive levels.

The exponent is a = 2 and every root that a theorem names is rational: gamma N = t^2 and (1 + eps_bar_1) = g^2, so that
K = c2^{1/2} g t; eigenvalues lie between c1 i^-2 and c2 i^-2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from math import floor
from random import Random

from riskbounds.derivations.witnesses import Problem, averaged_sgd, random_target, second_moment

from riskbounds.proofs import Claim, Model
from riskbounds.terms.irrational import Exact

A = 2


@dataclass(frozen=True, kw_only=True)
class Shape:
    """M, N, 100 K_low in a range, and the roots of the floors' least and largest relative value."""

    size: int
    steps: int
    reach: tuple[int, int]
    floors: tuple[Fraction, Fraction]


#: One direction is learned, the next is not.
SHORT = Shape(size=3, steps=12, reach=(120, 130), floors=(Fraction(1, 5), Fraction(4, 5) ** 4))
#: Two directions are learned at least, and 2 (K + 1) is below M and below the number of those above the floor.
LONG = Shape(size=7, steps=10, reach=(200, 204), floors=(Fraction(1, 20), Fraction(1, 13)))


def with_numbers(model: Model, numbers: dict[str, Exact], sizes: dict[str, int] | None = None) -> Model:
    """The model with more scalars and parameters."""
    symbols = {name: lambda value=value: value for name, value in numbers.items()}
    return replace(model, symbols={**model.symbols, **symbols}, sizes={**model.sizes, **(sizes or {})}, remembered={})


def solved(model: Model, claim: Claim) -> Exact:
    """The right side of an equation about parameters and scalars."""
    (at,) = model.assignments(claim)
    return model.value(claim.right, at)


def papers_levels(random: Random, x: list[Fraction], least: int) -> dict[str, Fraction]:
    """alpha >= ``least``, eps_bar_2, ad and av such that (1 + eps_bar_2) alpha sum x < 1."""
    room = Fraction(random.randint(8, 9), 10) / sum(x)
    alpha = least + (room - least) * Fraction(random.randint(0, 4), 5)
    share, load = Fraction(random.randint(1, 4), 5), room * Fraction(random.randint(3, 5), 5)
    return {"alpha": alpha, "eps_bar_2": room / alpha - 1, "ad": load * share, "av": load * (1 - share)}


def spectrum(random: Random, shape: Shape, growth: Fraction) -> tuple[list[Fraction], dict[str, Fraction]]:
    """Roots s_i of lam_i i^2, and the roots of c1, c2, growth and gamma N."""
    least = Fraction(random.randint(9, 11), 10)
    roots = [least * (1 + Fraction(random.randint(0, 2), 50)) for _ in range(shape.size)]
    named = {"c1_root": min(roots), "c2_root": max(roots), "growth_root": growth}
    return roots, {**named, "t": Fraction(random.randint(*shape.reach), 100) / (min(roots) * growth)}


def reaches(numbers: dict[str, Fraction]) -> dict[str, Fraction]:
    """K, K_low, c1, c2 and 1 + eps_bar_1 from the roots."""
    c1, c2, growth, t = (numbers[name] for name in ("c1_root", "c2_root", "growth_root", "t"))
    return {
        **numbers, "reach": c2 * growth * t, "reach_low": c1 * growth * t, "c1": c1**A, "c2": c2**A, "growth": growth**A,
        **levels(growth**A),
    }  # fmt: skip


def levels(growth: Fraction) -> dict[str, Fraction]:
    """eps_s, eps_f and eps_d whose product of 1 + eps is ``growth``."""
    part = (growth - 1) / 4
    return {"eps_s": part, "eps_f": part, "eps_d": growth / (1 + part) ** 2 - 1}


def upright(roots: list[Fraction]) -> list[list[Fraction]]:
    """A factor of a diagonal Lam with Lam_ii i^2 the squares of the roots."""
    indices = range(len(roots))
    return [[roots[i] / (i + 1) if i == r else Fraction(0) for i in indices] for r in indices]


def gram_diagonal(z: Sequence[Sequence[Fraction]]) -> list[Fraction]:
    """The diagonal of z^T z."""
    return [sum((row[i] ** 2 for row in z), Fraction(0)) for i in range(len(z))]


def power_law_model(random: Random, problem: Problem, numbers: dict[str, Fraction], least_alpha: int) -> Model:
    """Averaged SGD with what the theorems say of its spectrum and target."""
    size, steps, points = problem.size, problem.steps, problem.points
    lam = gram_diagonal(problem.z)
    target = [lam[i] * (i + 1) ** A * second_moment(problem.u, i, points) for i in range(size)]
    learned = [problem.mu[i] * (i + 1) ** A * second_moment(problem.vq, i, points) for i in range(size)]
    levels = papers_levels(random, list(problem.x), least_alpha)
    model = averaged_sgd(random, problem, levels)
    head = sum(steps * each >= 1 for each in problem.x)
    parameters = {
        "a": A, "head": head, "M1": size - 1, "m": steps - 2, "k": steps - 1,
        "r": floor(numbers["reach"]), "r_low": floor(numbers["reach_low"]),
    }  # fmt: skip
    data = {"sigma_M2": Fraction(random.randint(1, 9), 5), "B": Fraction(random.randint(1, 4))}
    found = {**numbers, **data, "c3": max(*target, *learned), "c3_low": min(target)}
    model = with_numbers(model, found, parameters)
    return replace(model, symbols={**model.symbols, "number": lambda i: i + 1})


def multiplicative_model(random: Random, shape: Shape = SHORT, least_alpha: int = 1) -> Model:
    """Sigma = (1 + eps_bar_1) Lam."""
    roots, named = spectrum(random, shape, 1 + Fraction(random.randint(1, 3), 20))
    numbers = reaches(named)
    gamma, growth = numbers["t"] ** A / shape.steps, numbers["growth"]
    u = random_target(random, shape.size, 1)
    problem = Problem(
        gamma=gamma,
        x=[gamma * growth * (roots[i] / (i + 1)) ** 2 for i in range(shape.size)],
        z=upright(roots),
        vq=lambda w, i: u(w, i) / growth,
        u=u,
        steps=shape.steps,
        storage=Fraction(0),
    )
    return power_law_model(random, problem, numbers, least_alpha)


def floors(random: Random, shape: Shape, numbers: dict[str, Fraction]) -> tuple[list[Fraction], dict[str, Fraction]]:
    """Floors of the directions between e_low = c2 r_low^2 and e_high = c1 r_high^2, and their roots."""
    low, high = shape.floors
    e_low, e_high = numbers["c2"] * low**A, numbers["c1"] * high**A
    drawn = [e_low + (e_high - e_low) * Fraction(random.randint(0, 4), 4) for _ in range(shape.size)]
    return drawn, {
        "root_floor_low": low, "root_floor_high": high, "floor_low": e_low, "floor_high": e_high, "root_four": Fraction(2),
        "above_zero_low": Fraction(1), "above_zero_high": Fraction(1),
    }  # fmt: skip


def floor_counts(shape: Shape, numbers: dict[str, Fraction]) -> dict[str, int]:
    """The numbers of directions above the floor, those kept and those that the floor lets be learned."""
    low, high = shape.floors
    kept = shape.size / max(Fraction(1), 2 * shape.size * high)
    return {
        "r_floor_low": floor(1 / low),
        "r_floor_high": floor(numbers["reach"] * numbers["reach_low"] * high),
        "r_kept": floor(kept),
    }


def tilted(random: Random, roots: list[Fraction]) -> list[list[Fraction]]:
    """A factor of Lam with few and small entries beside the diagonal, Lam_ii i^2 near the squares of the roots."""
    indices = range(len(roots))
    aside = lambda i: Fraction(random.randint(1, 3), 200 * (i + 1))  # noqa: E731
    return [[roots[i] / (i + 1) if i == r else aside(i) if r < i else Fraction(0) for i in indices] for r in indices]


def additive_model(
    random: Random, shape: Shape = SHORT, least_alpha: int = 1, *, commuting: bool = True, storage: bool = False
) -> Model:
    """Sigma_ii = Lam_ii + a floor; v^q = Lam v*/mu where Lam and Sigma commute, any vector where not."""
    roots, named = spectrum(random, shape, Fraction(1))
    size, indices = shape.size, range(shape.size)
    z = upright(roots) if commuting else tilted(random, roots)
    named["c2_root"] = max((i + 1) * sum(z[r][i] for r in indices) for i in indices)
    numbers = reaches(named)
    drawn, floor_numbers = floors(random, shape, numbers)
    lam = gram_diagonal(z)
    mu = [lam[i] + drawn[i] for i in indices]
    share, gamma = [lam[i] / mu[i] for i in indices], numbers["t"] ** A / shape.steps
    u, other = random_target(random, size, 1), random_target(random, size, 2)
    problem = Problem(
        gamma=gamma,
        x=[gamma * each for each in mu],
        z=z,
        vq=(lambda w, i: share[i] * u(w, i)) if commuting else other,
        u=u,
        steps=shape.steps,
        storage=Fraction(1, 5) if storage else Fraction(0),
    )
    model = power_law_model(random, problem, {**numbers, **floor_numbers}, least_alpha)
    return replace(
        model, sizes={**model.sizes, **floor_counts(shape, numbers)}, symbols={**model.symbols, "share": lambda i: share[i]}
    )


general_model = partial(additive_model, commuting=False)
stored_model = partial(additive_model, storage=True)


def in_effective_sizes(model: Model, claims: Mapping[str, Claim]) -> Model:
    """The model with a theorem's C, F and N_eff from the equations that define them."""
    if "C" in claims:
        model = with_numbers(model, {"data_constant": solved(model, claims["C"])})
    F = solved(model, claims["root of F"])
    return with_numbers(model, {"F_root": F, "t_eff": model.symbols["t"]() * F**-1})
