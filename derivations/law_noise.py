"""The noise that drives the variance of the multiplicative law, in levels: V = A + av ||v^q||^2 and the feedback ad + av.

A, ad, av are the registered noise constants on lam_i = c i^-a, mu_i = g lam_i; as in the law's F, sigma^2 stands for sigma_M^2.
And kappa, the sum of x/(2-x), to second order in the step size.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from riskbounds.derivations.law_reading import growth_of, rank
from riskbounds.derivations.power_law import a

from riskbounds import symbols as s
from riskbounds.asymptotics.law_setting import law_setting
from riskbounds.asymptotics.laws import law
from riskbounds.model import ISOTROPIC, commuting_definitions
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Claim,
    Derivation,
    Reader,
    Step,
    Symbol,
    direction,
    eq,
    le,
    lt,
    over,
    positive,
    scalar,
    total,
    use,
)
from riskbounds.terms.functions import apply
from riskbounds.theorems.sharp_pair import sharp

SCHEME = "multiplicative"
g, c, m3, B, eps_o = growth_of(SCHEME), scalar("c"), scalar("m3"), scalar("B"), scalar("eps_o", "0+")
sigma, HALF = scalar("sigma", "0+"), Fraction(1, 2)
i = direction("i")
distance = apply("abs", g**2 - m3)
TWO_POINT = Step(
    id="two-point scales",
    claim=eq(distance, m3 - g**2),
    rule=Assumption("hypothesis", "two-point scales of eps <= 1, for which m3 >= m2^2"),
)


def constants_reader() -> Reader:
    """Reads noise constants and the law's symbols on the power law."""
    meanings = {
        s.a: a, s.c: c, s.growth: g, s.m2: g, s.m3: m3, s.m4: scalar("m4"), s.B: B, s.eps_o: eps_o,
        s.sigma: sigma, s.sigma_M2: sigma**2, s.lam: lambda o: c * rank(o), s.mu: lambda o: g * c * rank(o),
        sp.zeta(s.a): total(i, rank(i)),
    }  # fmt: skip
    return Reader(meanings, {**commuting_definitions({}, "clean"), s.target2: ISOTROPIC.xreplace({s.target_scale: sp.S.One})})


def claims_of(side: str) -> dict[str, Claim]:
    """V and, for the upper side, the feedback: the noise constants' and the law's."""
    read, noise, found = constants_reader(), law_setting(SCHEME).noise, law(SCHEME, side)
    whole = noise.Alow if side == "lower" else noise.A + noise.av * s.quantized_norm2
    claims = {"V": eq(read(whole), read(found.definitions[s.gradient_noise]))}
    if side == "upper":
        claims["feedback"] = eq(read(noise.ad + noise.av), read(found.definitions[s.feedback]))
    return claims


def derivation(name: str) -> Derivation:
    """ "law-noise-upper" or "law-noise-lower"."""
    side = name.removeprefix("law-noise-")
    claims = claims_of(side)
    norm = constants_reader()(s.quantized_norm2)
    factors = {"V": 3 * (1 + eps_o) * norm / (g * B), "feedback": 6 * (1 + eps_o) / (g * B)}
    apart = (TWO_POINT,) if side == "upper" else ()
    steps = (
        Step(id=each, claim=claim, rule=Algebra(factors[each] * use("two-point scales")) if apart else Algebra())
        for each, claim in claims.items()
    )
    return Derivation(
        name=name,
        theorem="sharp",
        title=f"Noise of the multiplicative law, {side} side",
        steps=(*apart, *steps),
        conclusions={each: each for each in claims},
    )


def kappa(name: str) -> Derivation:
    """kappa to second order in the step size: "law-kappa"."""
    x, gamma = Symbol("x", "+")[i], scalar("step")
    first = gamma * g * c * rank(i)
    meanings = {
        s.a: a, s.c: c, s.step: gamma, s.growth: g, s.contraction: lambda o: Symbol("x", "+")[o],
        sp.zeta(s.a): total(i, rank(i)), sp.zeta(2 * s.a): total(i, rank(i) ** 2),
    }  # fmt: skip
    read = Reader(meanings, sharp.definitions)
    exact, short = read(s.kappa), read(law(SCHEME, "upper").definitions[s.kappa])
    equal = over(i, (HALF + (x + first) / 4) * use("power law"))
    rest = total(i, x**3 / 4)
    steps = (
        Step(id="x <= 1", claim=le(x, 1), rule=Assumption("hypothesis", "gamma mu_1 <= 1")),
        Step(id="2 - x > 0", claim=lt(0, 2 - x), rule=Algebra(use("x <= 1") + positive(1))),
        Step(id="power law", claim=eq(x, first), rule=Assumption("hypothesis", "x_i = gamma g c i^-a")),
        Step(id="below", claim=le(short, exact), rule=Algebra(over(i, positive(x**3 / (4 * (2 - x)))) - equal)),
        Step(
            id="above",
            claim=le(exact, short + rest),
            rule=Algebra(over(i, x**3 / (4 * (2 - x)) * use("x <= 1")) + equal),
        ),
    )
    return Derivation(
        name=name,
        theorem="sharp",
        title="kappa of the multiplicative law, to second order in the step size",
        steps=steps,
        conclusions={"below": "below", "above": "above"},
    )
