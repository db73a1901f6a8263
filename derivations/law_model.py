"""The model term of every law: Approx of a Gaussian sketch of size M on lam_i = c i^-a, E w*_i^2 = 1, p directions.

One result is cited: the deterministic equivalent Approx = 1/2 sum_i kappa lam_i E w*_i^2/(lam_i + kappa), where kappa solves
sum_i lam_i/(lam_i + kappa) = M.  With r = (c/kappa)^(1/a) these are sums of u = s/(1+s), s_i = (r/i)^a, so

    law (1 - a (1 + r^a p^(1-a)/(a-1))/M)  <=  Approx  <=  law,        law = M^(1-a) c c_a^a/2:

relative to the law the remainder is of the orders 1/M and (M/p)^(a-1).
"""

from __future__ import annotations

from fractions import Fraction

from riskbounds.derivations.law_reading import i
from riskbounds.derivations.law_shares import C_A, MISSING, R, above, below, ratio, sums
from riskbounds.derivations.power_law import A_LAW, a, p

from riskbounds import symbols as s
from riskbounds.asymptotics.laws import law
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Claim,
    Derivation,
    Known,
    Reader,
    Step,
    Term,
    cited,
    eq,
    le,
    lin,
    scalar,
    term,
    total,
    use,
)

HALF = Fraction(1, 2)
kappa, size, c_a, Approx = scalar("kappa_M"), scalar("M"), scalar("c_a"), scalar("approximation", "0+")
lam = kappa * ratio[i]
#: The r that solves r c_a = M.
wanted = size / c_a
REACH = R * use("c_a") + use("penalty")
EQUIVALENT = "deterministic equivalent of a Gaussian sketch"


def claims_of() -> dict[str, Claim]:
    """Approx against the law's model term; c = kappa r^a."""
    (short,) = (each.short for each in law("full-precision", "upper").terms if each.name == "model")
    found = Reader({s.a: a, s.c: kappa * p(R, a), s.M: size, s.sketch_constant: c_a})(short)
    return {
        "model, from above": le(Approx, found),
        "model, from below": le(found - found * term(a) / size * MISSING, Approx),
    }


def reached() -> tuple[Step, ...]:
    """The penalty of a power law by the cited result, c_a as a number, and r c_a against M."""
    return (
        A_LAW,
        Step(
            id="power law",
            claim=sums.step("power law").claim,
            rule=Assumption("hypothesis", "lam_i = c i^-a, so s_i = lam_i/kappa = (r/i)^a with r = (c/kappa)^(1/a)"),
        ),
        Step(id="c_a", claim=eq(c_a, C_A), rule=Assumption("model", "c_a = Gamma(1-1/a) Gamma(1+1/a)")),
        Step(id="penalty", claim=eq(total(i, lam / (lam + kappa)), size), rule=Assumption("cited", EQUIVALENT)),
        *(cited(sums, f"u^1 {end}") for end in ("above", "below")),
        Step(id="M <= r c_a", claim=le(size, R * c_a), rule=Algebra(above(1) - REACH)),
        Step(id="r c_a - 1 <= M", claim=le(R * c_a - MISSING, size), rule=Algebra(below(1) + REACH)),
    )


def equivalent(weight: Term) -> Step:
    """Approx of the equivalent, for lam_i E w*_i^2 = ``weight``."""
    return Step(
        id="Approx", claim=eq(Approx, HALF * total(i, kappa * weight / (lam + kappa))), rule=Assumption("cited", EQUIVALENT)
    )


def tangents() -> tuple[Step, ...]:
    """t^a is convex."""
    return tuple(
        Step(
            id=name,
            claim=le(p(at, a) + term(a) * (of - at) * p(at, lin(a) - 1), p(of, a)),
            rule=Known("power above its tangent", (of, at, term(a)), term(a) * use("a > 1")),
        )
        for name, of, at in (("r^a above its tangent", R, wanted), ("(M/c_a)^a above its tangent", wanted, R))
    )


def _derivation() -> Derivation:
    claims = claims_of()
    per = HALF * kappa * size / p(wanted, a)
    same = HALF * kappa * use("penalty") + use("Approx")
    certificates = {
        "model, from above": per * (use("r^a above its tangent") + term(a) * p(wanted, lin(a) - 1) / c_a * use("M <= r c_a"))
        + same,
        "model, from below": per
        * (
            use("(M/c_a)^a above its tangent")
            + term(a) * p(R, lin(a) - 1) / c_a * (use("r c_a - 1 <= M") + MISSING / size * use("M <= r c_a"))
        )
        - same,
    }
    return Derivation(
        name="law-model",
        theorem="",
        title="The model term of the laws, from the deterministic equivalent",
        steps=(
            *reached(),
            equivalent(lam),
            *tangents(),
            *(Step(id=each, claim=claims[each], rule=Algebra(certificates[each])) for each in claims),
        ),
        conclusions={each: each for each in claims},
    )


derivation = _derivation()
