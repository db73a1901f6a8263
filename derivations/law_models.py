"""Exact models of laws' noise: a power law with a = 2, where i^-a is rational, levels below 1 and a small step size."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from riskbounds.derivations.batch_models import scalars

from riskbounds.proofs import Model
from riskbounds.proofs.numbering import NUMBER

A = 2
LEVELS = ("eps_d", "eps_s", "eps_f", "eps_l", "eps_p", "eps_a", "eps_o", "eps_w")


def levels_model(random: Random, *, growth: bool, floor: bool) -> Model:
    """mu_i = g c i^-2 + e of three directions, with what the scales of the levels have for moments; sum x_i = 1/400."""
    level = {name: Fraction(random.randint(1, 9), 20) for name in LEVELS}
    g = m3 = m4 = Fraction(1)
    for eps in (level[name] for name in LEVELS[:3] if growth):
        g, m3, m4 = g * (1 + eps), m3 * (1 + 3 * eps), m4 * (1 + 6 * eps + eps**2)
    c, e = Fraction(random.randint(5, 9), 6), Fraction(random.randint(1, 9), 20) if floor else Fraction(0)
    mu = [g * c / (k + 1) ** A + e for k in range(3)]
    step = 1 / (400 * sum(mu))
    numbers = {
        **level, "growth": g, "m3": m3, "m4": m4, "c": c, "floor": e, "step": step,
        "B": Fraction(random.randint(1, 4)), "sigma": Fraction(random.randint(1, 9), 5),
        "model_error": Fraction(random.randint(1, 9), 7),
    }  # fmt: skip
    symbols = {**scalars(numbers), NUMBER: lambda k: Fraction(k + 1), "x": lambda k: step * mu[k]}
    return Model(sizes={"all": 3, "M1": 2, "a": A}, symbols=symbols)
