"""Exact models of the sides of the sharp pair once every direction is learned."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from riskbounds.derivations.batch_models import scalars

from riskbounds.proofs import Model


def learned_model(random: Random) -> Model:
    """Three directions with lam_i <= mu_i after a few steps, and noise whose load is below 3/4."""

    def parts(count: int, scale: int) -> list[Fraction]:
        return [Fraction(random.randint(1, 9), scale) for _ in range(count)]

    k, (step,) = random.randint(0, 4), parts(1, 3)
    contraction, shares, target = parts(3, 10), parts(3, 9), parts(3, 4)
    names = ("noise", "noise_low", "rise", "rise_low", "eps_w", "adlow", "model_error")
    numbers = {
        **dict(zip(names, parts(len(names), 5), strict=True)), **dict(zip(("ad", "av"), parts(2, 72), strict=True)),
        "step": step, "late": (1 - min(contraction)) ** (k + 1),
    }  # fmt: skip
    symbols = {
        **scalars(numbers), "x": lambda o: contraction[o], "lam": lambda o: shares[o] * contraction[o] / step,
        "target2": lambda o: target[o],
    }  # fmt: skip
    return Model(sizes={"all": 3, "k": k}, symbols=symbols)
