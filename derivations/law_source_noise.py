"""The noise of the multiplicative law with a source target, in levels: V = A + av ||v^q||^2 on lam_i E w*_i^2 = i^-b.

A and av are the registered noise constants; as in the law's F, sigma^2 stands for sigma_M^2.  The target does not enter feedback.
"""

from __future__ import annotations

import sympy as sp
from riskbounds.derivations.law_reading import b, c, growth_of, i, rank
from riskbounds.derivations.power_law import a

from riskbounds import symbols as s
from riskbounds.asymptotics.law_setting import law_setting
from riskbounds.asymptotics.laws import law
from riskbounds.model import commuting_definitions
from riskbounds.proofs import Algebra, Assumption, Derivation, Reader, Step, eq, scalar, total, use
from riskbounds.terms.functions import apply

SCHEME = "multiplicative"
g, m3, B, eps_o, sigma = growth_of(SCHEME), scalar("m3"), scalar("B"), scalar("eps_o", "0+"), scalar("sigma", "0+")
TWO_POINT = Step(
    id="two-point scales",
    claim=eq(apply("abs", g**2 - m3), m3 - g**2),
    rule=Assumption("hypothesis", "two-point scales of eps <= 1, for which m3 >= m2^2"),
)


def reader() -> Reader:
    """Reads noise constants and the law's symbols on the power law."""
    meanings = {
        s.a: a, s.b: b, s.c: c, s.growth: g, s.m2: g, s.m3: m3, s.m4: scalar("m4"), s.B: B, s.eps_o: eps_o,
        s.sigma: sigma, s.sigma_M2: sigma**2, s.lam: lambda o: c * rank(o), s.mu: lambda o: g * c * rank(o),
        s.target2: lambda o: rank(o, b) / (c * rank(o)), sp.zeta(s.b): total(i, rank(i, b)),
    }  # fmt: skip
    return Reader(meanings, commuting_definitions({}, "clean"))


def derivation(name: str) -> Derivation:
    """ "law-noise-source-upper" or "law-noise-source-lower"."""
    side = name.removeprefix("law-noise-source-")
    read, noise, found = reader(), law_setting(SCHEME, source=True).noise, law(SCHEME, side, source=True)
    whole = noise.Alow if side == "lower" else noise.A + noise.av * s.quantized_norm2
    factor = 3 * (1 + eps_o) * read(s.quantized_norm2) / (g * B)
    rule = Algebra(factor * use("two-point scales")) if side == "upper" else Algebra()
    V = Step(id="V", claim=eq(read(whole), read(found.definitions[s.gradient_noise])), rule=rule)
    return Derivation(
        name=name,
        theorem="sharp",
        title=f"Noise of the multiplicative law with a source, {side} side",
        steps=(TWO_POINT, V) if side == "upper" else (V,),
        conclusions={"V": "V"},
    )
