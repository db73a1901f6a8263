"""Exact models of the threshold pair's hypotheses: averaged SGD with one direction that is learned and one that is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from random import Random

from riskbounds.derivations.witnesses import SIZE, sgd_model

from riskbounds.proofs import Model


def shrunk(model: Model, random: Random) -> Model:
    """The model with v^q_i = c_i u_i, c_i < 1 at random."""
    share, vq = [Fraction(random.randint(1, 8), 9) for _ in range(SIZE)], model.symbols["vq"]
    added: dict[str, Callable[..., Fraction]] = {"share": lambda i: share[i], "u": lambda w, i: vq(w, i) / share[i]}
    return replace(model, symbols={**model.symbols, **added})


def split_model(random: Random, *, diagonal: bool = False) -> Model:
    """Averaged SGD with N = m + 2 iterates, N x_1 >= 1 >= N x_2."""
    while True:
        model, m = sgd_model(random, diagonal=diagonal), random.randint(0, 2)
        first, second = (model.symbols["contraction"](i) for i in range(SIZE))
        if second * (m + 2) <= 1 <= first * (m + 2):
            return replace(model, sizes={**model.sizes, "head": 1, "m": m})


def threshold_model(random: Random) -> Model:
    """The same in the basis in which Lam and Sigma commute."""
    return shrunk(split_model(random, diagonal=True), random)


def papers_model(random: Random) -> Model:
    """Step size, spectrum and levels at which the papers' step-size condition holds, up to a random share of its limit."""
    spectrum = [Fraction(random.randint(1, 9), 5) for _ in range(SIZE)]
    level, alpha = Fraction(random.randint(0, 9), 10), Fraction(random.randint(1, 9), 3)
    gamma = Fraction(random.randint(1, 9), 10) / max((1 + level) * alpha * sum(spectrum), max(spectrum))
    ad, av = (Fraction(random.randint(0, 5), 10) * (1 + level) * alpha for _ in range(2))
    scalars = {"step": gamma, "eps_bar_2": level, "alpha": alpha, "ad": ad, "av": av}
    symbols: dict[str, Callable[..., Fraction]] = {name: lambda value=value: value for name, value in scalars.items()}
    return Model(sizes={"all": SIZE}, symbols={**symbols, "contraction": lambda i: gamma * spectrum[i]})
