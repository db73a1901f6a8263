"""Both sides of the sharp pair once every direction is learned, for any lam <= mu, any target and flat noise: in general.

With late >= (1-x_i)^N in every direction, w2_i = E v*_i^2 and load = (ad + av) kappa,

    side = Approx + 1/2 sum lam (1-lam/mu)^2 w2 + 1/(N gamma) sum lam^2 (mu-lam)/mu^3 w2 + 1/(2 N^2 gamma^2) sum lam^3/mu^4 w2
           + 1/(2N) (sum lam/mu) noise + eps_w/(2 N gamma^2) sum lam/mu^2,

up to an explicit remainder, where noise is (V + (ad+av) U)/(1-load) above and Alow below, V = A + av ||v^q||^2,
U = rise sum mu x/(2-x) + eps_w sum mu/(x (2-x)), for A_i = A + rise mu_i and Alow_i = Alow + rise_low mu_i.  The sums are the
theorem's own with K = N, g = 1/(N x), G = 1.  A law's regime cites the conclusions with its own lam, x, target2 and late.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import sympy as sp
from riskbounds.derivations.law_reading import (
    A,
    Alow,
    N,
    ad,
    adlow,
    av,
    eps_w,
    gamma,
    h,
    i,
    k,
    kappa,
    kept_in,
    norm,
    phi,
    rise,
    rise_low,
    side_reader,
    x,
)
from riskbounds.derivations.law_sums import STEP_SIZE, TWO, Q, left, n, squares, t, weight, weight_before, whole_weights
from riskbounds.derivations.learned_models import learned_model

from riskbounds import symbols as s
from riskbounds.asymptotics.law_sums import all_learned
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Claim,
    Definition,
    Derivation,
    Induction,
    Reader,
    Step,
    Symbol,
    Term,
    cited,
    le,
    lin,
    lt,
    over,
    positive,
    scalar,
    square,
    term,
    total,
    use,
)
from riskbounds.terms.convert import Meanings
from riskbounds.theorems import Theorem
from riskbounds.theorems.sharp_pair import MEAN_PART, PIECES, diagonal, sharp_storage

lam, target2 = Symbol("lam", "+"), Symbol("target2", "0+")
late = scalar("late", "0+")
load = (ad + av) * kappa
SPREAD = 1 / (1 - load)
HALF = Fraction(1, 2)
mu = x[i] / gamma
ratio = lam[i] / mu
quantized = ratio**2 * target2[i]


def pair_reader(theorem: Theorem, noise: Meanings) -> Reader:
    """Reads a side of the theorem for any spectrum and target, with the given noise constants."""
    problem: Meanings = {
        s.lam: lambda o: lam[o], s.feature_error: lambda o: x[o] / gamma - lam[o], s.target2: lambda o: target2[o],
    }  # fmt: skip
    return side_reader(theorem, {**problem, **noise})


def reader(theorem: Theorem) -> Reader:
    """Reads a side of the theorem with this file's noise constants."""
    return pair_reader(theorem, {s.A: lambda o: A + rise * x[o] / gamma, s.Alow: lambda o: Alow + rise_low * x[o] / gamma})


def commuting(theorem: Theorem) -> Theorem:
    """The theorem where Lam and Sigma commute."""
    return replace(theorem, **theorem.map(diagonal))


def settled(piece: sp.Expr) -> Term:
    """A term of the pair once every direction is learned."""
    return reader(sharp_storage)(all_learned(diagonal(piece)))


#: The sums that the sides become, and those of their remainders.
MEAN = {name: settled(each) for name, each in MEAN_PART.items()}
STORE = settled(PIECES[s.store])
WEIGHTS = settled(sp.Sum(PIECES[s.dt], (s.i, 1, s.M)))
NORM = reader(sharp_storage)(s.quantized_norm2)
V = A + av * NORM
U = total(i, rise * mu * x[i] / (2 - x[i]) + eps_w / (gamma * (2 - x[i])))
H = total(i, quantized) / (N * gamma)
SHORT = 2 * total(i, ratio / t)
STEADY = SPREAD * (kappa * V + U)
FOLLOW = 2 * SPREAD * kappa * av * H


def law(side: str) -> Term:
    """What the side becomes."""
    noise = SPREAD * (V + (ad + av) * U) if side == "upper" else Alow
    return sum(MEAN.values(), WEIGHTS * noise / (2 * N) + STORE)


def remainder(side: str, end: str) -> Term:
    """By how much the side may lie above or below the law, at most.

    From above what h and the mu_i-part of the noise add, of relative order 1/N and gamma; from below also late and 1/(N x_i).
    """
    above = {
        "upper": rise * total(i, lam[i]) + WEIGHTS * SPREAD * ad * H,
        "lower": rise_low * total(i, lam[i]) + WEIGHTS * adlow * H,
    }
    if end == "above":
        return above[side] / (2 * N)
    below = {"upper": SPREAD * (SHORT * (V + (ad + av) * U) + 2 * WEIGHTS * av * H), "lower": SHORT * Alow}
    return late * (MEAN["cross"] + 2 * MEAN["bias"]) + total(i, eps_w * lam[i] / x[i] ** 2 / (N * t)) + below[side] / (2 * N)


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The sides of the registered theorem where Lam and Sigma commute, and the definitions that they use."""
    plain = commuting(theorem)
    read = reader(plain)
    found = kept_in(plain, read)
    for side, value in (("upper", read(plain.upper)), ("lower", read(plain.lower))):
        found[f"{side}, from above"] = le(value, law(side) + remainder(side, "above"))
        found[f"{side}, from below"] = le(law(side) - remainder(side, "below"), value)
    return found


CLAIMS = statement(sharp_storage)
hypotheses = (
    STEP_SIZE,
    Step(id="lam <= mu", claim=le(lam[i], mu), rule=Assumption("model", "Lam <= Sigma")),
    Step(id="late", claim=le(Q, late), rule=Assumption("hypothesis", "(1-x_i)^N <= late in every direction")),
    TWO,
    Step(id="kappa", claim=CLAIMS["kappa"], rule=Definition()),
    Step(id="room", claim=lt(0, 1 - load), rule=Assumption("hypothesis", "(ad + av) kappa < 1")),
    *(Step(id=name, claim=CLAIMS[name], rule=Definition()) for name in ("h", "k", "phi")),
)

#: What one direction lacks.
directions = (
    cited(squares, "K"),
    cited(squares, "q <= 1"),
    Step(id="1 - Q", claim=le(0, 1 - Q), rule=Algebra(use("q <= 1", {n: N}))),
    Step(id="0 <= Q", claim=le(0, Q), rule=Algebra(left(k) * use("x <= 1"))),
    *(step for step in whole_weights() if step.id == "weight <= 1"),
    Step(
        id="weight",
        claim=le(1 - 2 / t, weight),
        rule=Algebra(2 / t * use("0 <= Q") + 1 / t / (2 - x[i]) * use("1 - Q") * (1 + use("0 <= Q"))),
    ),
    Step(
        id="(n+1) x (1-x)^n <= 1 - (1-x)^(n+1)",
        claim=le((n + 1) * x[i] * left(n), 1 - left(n + 1)),
        rule=Induction(n, step=use("ih") + positive((n + 1) * x[i] ** 2 * left(n))),
    ),
    Step(
        id="weight before",
        claim=le(1 - 2 / t, weight_before),
        rule=Algebra(left(k) ** 2 + 2 / t * (use("(n+1) x (1-x)^n <= 1 - (1-x)^(n+1)", {n: lin(k)}) + use("0 <= Q"))),
    ),
    Step(id="W <= 1", claim=le((1 - Q**2) / (2 - x[i]), 1), rule=Algebra(1 / (2 - x[i]) * (use("x <= 1") + square(Q)))),
)

noise = (
    Step(id="0 <= kappa", claim=le(0, kappa), rule=Algebra(over(i, positive(x[i] / (2 - x[i]))) - use("kappa"))),
    Step(id="k above", claim=le(norm, NORM), rule=Algebra(over(i, mu * quantized * use("weight <= 1")) + use("k"))),
    Step(id="k below", claim=le(NORM - 2 * H, norm), rule=Algebra(over(i, mu * quantized * use("weight")) - use("k"))),
    Step(id="h above", claim=le(h, H), rule=Algebra(over(i, quantized / (N * gamma) * use("W <= 1")) + use("h"))),
    Step(
        id="0 <= h",
        claim=le(0, h),
        rule=Algebra(over(i, quantized / (N * gamma) / (2 - x[i]) * use("1 - Q") * (1 + use("0 <= Q"))) - use("h")),
    ),
    Step(
        id="phi above",
        claim=le(phi, STEADY + SPREAD * kappa * ad * H),
        rule=Algebra(SPREAD * (kappa * (av * use("k above") + ad * use("h above")) - A * use("kappa")) + use("phi")),
    ),
    Step(
        id="phi below",
        claim=le(STEADY - FOLLOW, phi),
        rule=Algebra(SPREAD * (A * use("kappa") + kappa * (av * use("k below") + ad * use("0 <= h"))) - use("phi")),
    ),
)


def mean_parts() -> dict[str, Certificate]:
    """Bias, cross term and storage: the law less the side, and the side less law and remainder."""
    bias, cross = HALF * mu * ratio * quantized / t**2, quantized / t * use("lam <= mu")
    store = eps_w * lam[i] / x[i] ** 2 / (2 * N)
    above = bias * use("0 <= Q") * (1 + use("1 - Q")) + cross * use("0 <= Q") + store * use("weight <= 1")
    below = bias * (2 * use("late") + square(Q)) + cross * use("late") + store * use("weight")
    return {"above": over(i, above), "below": over(i, below)}


def noise_parts() -> dict[str, Certificate]:
    """2N times the variance, likewise, by side and end."""
    dt, dp = over(i, ratio / N * use("K", {n: N})), over(i, ratio * square(1 - left(k)))
    dt_above = over(i, ratio * use("weight <= 1"))
    dp_above = over(i, ratio * left(k) * (1 + use("q <= 1", {n: lin(k)})))
    dt_below, dp_below = over(i, ratio * use("weight")), over(i, ratio * use("weight before"))
    moving = ad * H + (ad + av) * (STEADY + SPREAD * kappa * ad * H)
    return {
        "lower, from above": Alow * dt_above
        + rise_low * over(i, lam[i] * use("weight <= 1"))
        + adlow * (use("h above") * dt + H * dt_above),
        "lower, from below": Alow * dt_below + rise_low * over(i, lam[i] / N * use("K", {n: N})) + adlow * use("0 <= h") * dt,
        "upper, from above": V * dt_above
        + rise * over(i, lam[i] * use("weight <= 1"))
        + av * use("k above") * dt
        + moving * dp_above
        + (ad * use("h above") + (ad + av) * use("phi above")) * dp,
        "upper, from below": V * dt_below
        + rise * over(i, lam[i] / N * use("K", {n: N}))
        + av * (use("k below") * dt + 2 * H * dt_above)
        + ad * use("0 <= h") * dp
        + (ad + av) * (use("phi below") * dp + STEADY * dp_below + FOLLOW * dp_above),
    }


def sides() -> tuple[Step, ...]:
    """Both sides, from above and below."""
    mean, variance = mean_parts(), noise_parts()
    return tuple(
        Step(id=name, claim=CLAIMS[name], rule=Algebra(mean[name.split()[-1]] + 1 / term(2 * N) * each))
        for name, each in variance.items()
    )


derivation = Derivation(
    name="law-learned-sides",
    theorem="sharp-storage",
    title="Both sides of the sharp pair once every direction is learned, in general",
    statement=statement,
    steps=(*hypotheses, *directions, *noise, *sides()),
    conclusions={each: each for each in CLAIMS},
    witness=learned_model,
)
