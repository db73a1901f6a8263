"""Exact models of the lemmas about one direction or a sum over a power law, from few rational numbers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import floor
from random import Random

from riskbounds.proofs import Lin, Model, Term, Var
from riskbounds.terms.polynomial import atoms_of

SIZE, HEAD, TIMES = 4, 2, 6


def part(random: Random) -> Fraction:
    """A random rational in (0, 1]."""
    return Fraction(random.randint(1, 8), 8)


def constants(numbers: dict[str, Fraction]) -> dict[str, Callable[..., Fraction]]:
    """Symbols without times and indices."""
    return {name: lambda value=value: value for name, value in numbers.items()}


def sequences(random: Random, *bounds: Callable[[int], Fraction]) -> Callable[[int], Fraction]:
    """T_s at a random share of the least of its bounds, sometimes at it."""
    shares = [part(random) for _ in range(64)]
    return lambda s: shares[s] * min(bound(s) for bound in bounds)


def contractions_model(random: Random) -> Model:
    """x_i <= 1 on both sides of 1/N, N = m + 2, and y_i <= x_i, 1/N."""
    m = random.randint(0, 3)
    least = Fraction(1, m + 2)
    x = [least + (1 - least) * part(random) if i < HEAD else least * part(random) for i in range(SIZE)]
    y = [min(x[i], least) * part(random) for i in range(SIZE)]
    sizes = {"all": SIZE, "head": HEAD, "m": m}
    return Model(sizes=sizes, symbols={"contraction": lambda i: x[i], "y": lambda i: y[i]})


def kept_model(random: Random) -> Model:
    """A sequence of which r terms of M are kept."""
    size = random.randint(1, 6)
    sizes = {"M1": size - 1, "r_kept": random.randint(0, size)}
    return Model(sizes=sizes, symbols={"F": sequences(random, lambda s: Fraction(s + 1))}, times=TIMES)


def exponent_model(random: Random) -> Model:
    """An exponent a > 1."""
    return Model(sizes={"a": random.choice((2, 3))}, symbols={}, times=TIMES)


def capped_model(random: Random, reach: Term, r: Var, b: Lin) -> Model:
    """T_s <= min(1, (K/(s+1))^b) for the reach K and r = floor(K), b a multiple of a."""
    (name,), a, K = (atom.name for atom in atoms_of(reach)), random.choice((2, 3)), Fraction(random.randint(1, 40), 8)
    exponent = int(b.value({var: a for var, _ in b.parts}))
    T = sequences(random, lambda _: Fraction(1), lambda s: (K / (s + 1)) ** exponent)
    return Model(sizes={"a": a, r.name: floor(K)}, symbols={name: lambda: K, "T": T}, times=TIMES)


def peaked_model(random: Random) -> Model:
    """T_s <= min((s+1)^-a, (s+1)^a K^-2a) for a peak at K."""
    a, K = random.choice((2, 3)), Fraction(random.randint(8, 40), 8)
    T = sequences(random, lambda s: Fraction(s + 1) ** -a, lambda s: Fraction(s + 1) ** a / K ** (2 * a))
    return Model(sizes={"a": a, "r_peak": floor(K) - 1}, symbols={"peak": lambda: K, "T": T}, times=TIMES)


def learned_by(random: Random, a: int, reach: Fraction) -> list[Fraction]:
    """N x_i >= (K/i)^a of the directions, at least 1 in the head and at most 1 after it, for 1 <= K <= HEAD + 1."""
    least = [(reach / (i + 1)) ** a for i in range(SIZE)]
    head = [max(each, Fraction(1)) * (1 + part(random)) for each in least[:HEAD]]
    return [*head, *(each + (1 - each) * part(random) for each in least[HEAD:])]


def energies_model(random: Random) -> Model:
    """Energies at a share of c3 i^-a and what is learned of the directions."""
    a, K, c3 = random.choice((2, 3)), Fraction(random.randint(8, 24), 8), part(random)
    learned = learned_by(random, a, K)
    energy = sequences(random, lambda i: c3 * Fraction(i + 1) ** -a)
    return Model(
        sizes={"a": a, "all": SIZE, "head": HEAD, "M1": SIZE - 1, "r_low": floor(K)},
        symbols={
            **constants({"reach_low": K, "c3": c3}),
            "energy": energy, "learned": lambda i: learned[i], "number": lambda i: Fraction(i + 1),
        },
    )  # fmt: skip


def floor_dimension_model(random: Random) -> Model:
    """Shares lam/mu and what is learned of the directions, over a floor."""
    a, sizes = random.choice((2, 3)), {"all": SIZE, "head": HEAD, "M1": SIZE - 1}
    reaches = {name: Fraction(random.randint(8, 24), 8) for name in ("reach", "reach_floor_low", "reach_floor_high")}
    K, low, high = reaches.values()
    learned = learned_by(random, a, K)
    share = sequences(
        random,
        lambda _: Fraction(1),
        lambda i: (low / (i + 1)) ** a,
        lambda i: ((K / (i + 1)) ** (2 * a) + (high / (i + 1)) ** a) / learned[i] ** 2,
    )
    floors = {name.replace("reach", "r"): floor(reach) for name, reach in reaches.items()}
    phi = {"above_zero_low": Fraction(random.randint(1, 2), 2), "above_zero_high": Fraction(1)}
    symbols: dict[str, Callable[..., Fraction]] = {
        **constants({**reaches, **phi}), "share": share, "learned": lambda i: learned[i], "number": lambda i: Fraction(i + 1),
    }  # fmt: skip
    return Model(sizes={**sizes, **floors, "a": a}, symbols=symbols)
