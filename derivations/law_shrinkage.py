"""What a floor costs once every direction that it leaves is learned: the law's shrinkage and its sigma_q^2 - sigma_M^2.

On lam_i = c i^-a, mu_i = g lam_i + e, E w*_i^2 = 1, for every number of directions,

    law - remainder <= 1/2 ||v^q - v*||^2_Lam <= law + remainder,       law - remainder <= sigma_q^2 - sigma_M^2 <= law,

where the law past the floor is what :mod:`riskbounds.asymptotics.laws` computes, zeta(a) being its partial sum.  The remainders
are e (1 + R^a M^(1-a)/(a-1)) times a constant: relative to the law of the orders 1/R and (R/M)^(a-1).
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from riskbounds.derivations.law_reading import growing, growth_of, i, law_terms, rank
from riskbounds.derivations.law_shares import C_A, MISSING, R, above, below, ratio, sums
from riskbounds.derivations.power_law import a, p

from riskbounds import symbols as s
from riskbounds.asymptotics.data_term import PAST_FLOOR
from riskbounds.asymptotics.law_setting import law_setting
from riskbounds.asymptotics.laws import law
from riskbounds.asymptotics.noise_sources import source_values
from riskbounds.model import commuting_definitions
from riskbounds.proofs import (
    Algebra,
    Claim,
    Derivation,
    Reader,
    Step,
    cited,
    inherited,
    le,
    lt,
    over,
    positive,
    scalar,
    term,
    total,
    use,
)
from riskbounds.terms.convert import Meanings
from riskbounds.theorems.sharp_pair import sharp

HALF = Fraction(1, 2)
e = scalar("floor")


def floor_meanings(scheme: str) -> Meanings:
    """The theorem's and the law's symbols: c = e R^a/g, zeta(a) the partial sum, c_a = Gamma(1-1/a) Gamma(1+1/a)."""
    g = growth_of(scheme)
    return {
        s.a: a, s.c: e * p(R, a) / g, s.growth: g, s.floor: e, s.floor_reach: R, s.sketch_constant: C_A,
        s.lam: lambda o: e * ratio[o] / g, s.mu: lambda o: e * (1 + ratio[o]),
        s.feature_error: lambda o: e * (1 + (1 - 1 / g) * ratio[o]), sp.zeta(s.a): total(i, rank(i)),
        s.target2: lambda _: term(1),
    }  # fmt: skip


def doubled(scheme: str) -> tuple[Step, ...]:
    """What the law of a scheme with growth divides by is positive."""
    step = Step(id="2a > 1", claim=lt(0, 2 * term(a) - 1), rule=Algebra(2 * use("a > 1") + positive(1)))
    return () if growth_of(scheme) == term(1) else (step,)


def growth_steps(scheme: str) -> tuple[Step, ...]:
    """1 <= g, and 1 < 2a."""
    return (*growing(growth_of(scheme)), *doubled(scheme))


def claims_of(scheme: str) -> dict[str, Claim]:
    """The theorem's shrinkage and the floor's part of sigma_q^2 - sigma_M^2, against the law's."""
    read, g = Reader(floor_meanings(scheme), commuting_definitions({}, "clean")), growth_of(scheme)
    assert sharp.upper_terms is not None
    exact = read(sharp.upper_terms["shrinkage"])
    found = read(law_terms(law(scheme, "upper"), PAST_FLOOR)["shrinkage"])
    setting = law_setting(scheme)
    (past, *_), *_ = source_values(s.excess, setting)
    excess, noise = read(s.excess), read((1 - 1 / setting.g) * setting.target_norm2 + past)
    return {
        "shrinkage, from above": le(exact, found + e / (2 * g**3) * MISSING),
        "shrinkage, from below": le(found - e * (2 * g - 1) / (2 * g**3) * MISSING, exact),
        "excess noise, from above": le(excess, noise),
        "excess noise, from below": le(noise - e / g**2 * MISSING, excess),
    }


def derivation(name: str) -> Derivation:
    """ "law-shrinkage-additive" or "law-shrinkage-elementwise"."""
    scheme = name.removeprefix("law-shrinkage-")
    g, claims = growth_of(scheme), claims_of(scheme)
    per, linear = e / (2 * g**3), 1 if g == term(1) else 1 + 2 * use("growth")
    partial = (1 - 1 / g) * e / g * over(i, use("power law"))
    shrunk = HALF * (1 - 1 / g) * partial
    certificates = {
        "shrinkage, from above": per * (linear * above(1) + below(2)) + shrunk,
        "shrinkage, from below": per * (linear * below(1) + above(2)) - shrunk,
        "excess noise, from above": e / g**2 * above(1) + partial,
        "excess noise, from below": e / g**2 * below(1) - partial,
    }
    return Derivation(
        name=name,
        theorem="sharp",
        title=f"Shrinkage and excess noise of the {scheme} law past the floor",
        steps=(
            *inherited(sums),
            *growth_steps(scheme),
            *(cited(sums, f"u^{k} {end}") for k in (1, 2) for end in ("above", "below")),
            *(Step(id=each, claim=claims[each], rule=Algebra(certificates[each])) for each in claims),
        ),
        conclusions={each: each for each in claims},
    )
