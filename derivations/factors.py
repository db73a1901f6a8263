"""How a variance term D Z/(1 - l) grows with its three factors: the last step of P1's corollaries."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from riskbounds.proofs import Algebra, Assumption, Derivation, Model, Step, Term, le, lt, scalar, use

D, D_above = scalar("dimension", "?"), scalar("dimension_above", "?")
Z, Z_above = scalar("noise_below", "?"), scalar("noise_above", "?")
load, load_above = scalar("load", "?"), scalar("load_above", "?")
ASSUMED = Assumption("hypothesis", "the factors' bounds")


def variance(dimension: Term, noise: Term, load: Term) -> Term:
    """D Z/(1 - l)."""
    return dimension * noise / (1 - load)


def witness(random: Random) -> Model:
    """Three factors and their bounds, the load of either sign."""
    room = [Fraction(random.randint(1, 9), 10) for _ in range(4)]
    low = {"dimension": room[0], "noise_below": room[1], "load": 1 - room[2] - Fraction(random.randint(1, 20), 10)}
    high = {"dimension_above": room[0] + room[3], "noise_above": room[1] * 2, "load_above": 1 - room[2]}
    return Model(sizes={}, symbols={name: lambda value=value: value for name, value in {**low, **high}.items()})


derivation = Derivation(
    name="variance-factors",
    theorem="",
    title="The variance grows with its factors",
    steps=(
        Step(id="0 <= D", claim=le(0, D), rule=ASSUMED),
        Step(id="0 <= Z", claim=le(0, Z), rule=ASSUMED),
        Step(id="D", claim=le(D, D_above), rule=ASSUMED),
        Step(id="Z", claim=le(Z, Z_above), rule=ASSUMED),
        Step(id="load", claim=le(load, load_above), rule=ASSUMED),
        Step(id="load < 1", claim=lt(load_above, 1), rule=ASSUMED),
        Step(id="room", claim=lt(load, 1), rule=Algebra(use("load") + use("load < 1"))),
        Step(
            id="variance",
            claim=le(variance(D, Z, load), variance(D_above, Z_above, load_above)),
            rule=Algebra(
                1 / (1 - load) * (use("D") * use("0 <= Z") + (use("0 <= D") + use("D")) * use("Z"))
                + 1 / (1 - load) * (1 / (1 - load_above)) * (use("0 <= D") + use("D")) * (use("0 <= Z") + use("Z")) * use("load")
            ),
        ),
    ),
    conclusions={"variance": "variance"},
    witness=witness,
)
