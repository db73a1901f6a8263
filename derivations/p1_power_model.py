"""An exact model of P1 Corollary 4.3's hypotheses: the power law 1/i^2 with a floor (additive data errors) or a growth factor."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from random import Random

from riskbounds.derivations.p1_models import loads, model, numbers, run, target
from riskbounds.derivations.witnesses import POINTS, SIZE, rational

from riskbounds.proofs import Model, Term
from riskbounds.terms.irrational import root
from riskbounds.terms.polynomial import free_variables


def power_law_model(random: Random, noise: Term, trace: Term) -> Model:
    """A is a share of ``noise``, the bound of the noise constants; a_delta + a_v a share of what the ``trace`` bound allows."""
    m, c, J, floored = random.randint(3, 6), rational(random), Fraction(random.randint(2, 8), 2), random.choice((0, 1))
    growth = 1 + (1 - floored) * Fraction(random.randint(1, 9), 10)
    lam = [c / (i + 1) ** 2 for i in range(SIZE)]
    mu = [growth * each + floored * c / J**2 for each in lam]
    scale = c * growth  # (N gamma) scale = K^2, and one direction is learned: mu_2 <= 1/(N gamma) <= mu_1
    K = random.choice([K for K in (Fraction(k, 12) for k in range(1, 25)) if mu[1] * K**2 <= scale <= mu[0] * K**2])
    gamma = K**2 / scale / (m + 1)
    x, u = [gamma * each for each in mu], target(random)
    levels = {f"per_{each}": rational(random) for each in ("excess", "trace", "target_norm2", "quantized_norm2")}
    values = {
        **levels, "noise_rest": rational(random), "step": gamma, "c": c, "data_growth": growth, "floored": Fraction(floored),
        "reach": K, "reach_floor": J, "target_max": max(sum(u(w, i) ** 2 for w in range(POINTS)) / POINTS for i in range(SIZE)),
    }  # fmt: skip
    symbols = {**numbers(values), "c_root": lambda: root(c), "u": u, "number": lambda i: i + 1}
    sizes = {"a": 2, "r": floor(K), "r_floor": floor(J), "r_peak": max(1, floor(K)) - 1}
    start = model(symbols, m, sizes)
    level, limit = (start.value(body, {var: start.sizes[var.name] for var in free_variables(body)}) for body in (noise, trace))
    A = [level * Fraction(i + 1, SIZE) for i in range(SIZE)]
    found = run(random, gamma, x, lambda w, i: lam[i] / mu[i] * u(w, i), A)
    return model({**found, **symbols, **numbers(loads(random, [gamma * limit])), "A": lambda i: A[i]}, m, sizes)
