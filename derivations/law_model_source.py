"""The model term of a source target, E lam_i w*_i^2 = i^-b, from the deterministic equivalent (see :mod:`law_model`).

Rough, 1 < b < a + 1: with y = M/c_a, K = Gamma((b-1)/a) Gamma(1-(b-1)/a)/a,

    law (1 - (b-1) (1 + tail)/M) - missing/2  <=  Approx  <=  law + (r^-b + r^-a)/2,        law = K y^(1-b)/2,

relative to the law of the orders 1/M, M^(b-1-a) and what p directions lack.  Saturated, b > a + 1: with D = kappa/(lam + kappa)

    law (1 - a (1 + tail)/M) - 1/2 r^-a sum i^(a-b) D_i  <=  Approx  <=  law,        law = y^-a sum i^(a-b)/2.
"""

from __future__ import annotations

from riskbounds.derivations.law_model import HALF, Approx, c_a, equivalent, kappa, reached, size, wanted
from riskbounds.derivations.law_reading import NUMBERED, b, i, in_zetas, rank
from riskbounds.derivations.law_remains import edge, left, missing, rough
from riskbounds.derivations.law_shares import MISSING, R, ratio
from riskbounds.derivations.law_source import STRIPS, pole
from riskbounds.derivations.power_law import a, falling_power, p

from riskbounds import symbols as s
from riskbounds.asymptotics.laws import law
from riskbounds.proofs import (
    Algebra,
    Certificate,
    Claim,
    Derivation,
    Known,
    Lin,
    Reader,
    Step,
    Term,
    cited,
    le,
    lin,
    lt,
    over,
    positive,
    term,
    total,
    use,
)
from riskbounds.terms.functions import apply


def law_term(name: str) -> Term:
    """The law's model term; c = kappa r^a."""
    (short,) = (each.short for each in law("full-precision", "upper", source=True).terms if each.name == name)
    return Reader({s.a: a, s.b: b, s.c: kappa * p(R, a), s.M: size, s.sketch_constant: c_a, **in_zetas(short)})(short)


def powers(steep: Lin, sign: Certificate) -> tuple[Step, ...]:
    """r^(1-steep) against (M/c_a)^(1-steep): below it, and above its tangent."""
    falls = falling_power("r^(1-b) falls", wanted, R, steep, sign, 1 / c_a * use("M <= r c_a"))
    tangent = p(wanted, 1 - steep) - (term(steep) - 1) * (R - wanted) * p(wanted, steep * -1)
    known = Known("power above its tangent", (R, wanted, term(1 - steep)), term(steep) * sign)
    return (*falls, Step(id="r^(1-b) above its tangent", claim=le(tangent, p(R, 1 - steep)), rule=known))


def above_tangent(steep: Lin, sign: Certificate) -> Certificate:
    """r^(1-steep) - (M/c_a)^(1-steep) (1 - (steep-1) (1 + tail)/M)."""
    return use("r^(1-b) above its tangent") + sign * (p(wanted, steep * -1) / c_a) * use("r c_a - 1 <= M")


def built(strip: str, claims: dict[str, Claim], steps: tuple[Step, ...], certificates: dict[str, Certificate]) -> Derivation:
    """The derivation of a strip."""
    return Derivation(
        name=f"law-model-source-{strip}",
        theorem="",
        title=f"The model term of the laws, {strip} source targets",
        steps=(
            *reached(),
            equivalent(rank(i, b)),
            *steps,
            *(Step(id=each, claim=claims[each], rule=Algebra(certificates[each])) for each in claims),
        ),
        conclusions={each: each for each in claims},
    )


def rough_law() -> Derivation:
    """Rough targets."""
    found, steep, lost = law_term("model"), lin(b), (term(b) - 1) / size * MISSING
    claims = {
        "model, from above": le(Approx, found + HALF * edge(1)),
        "model, from below": le(found - found * lost - HALF * missing(1), Approx),
    }
    signs = {
        "0 < Gamma(1+s)": (1 + pole, 1 / term(a) * (use("strip") + term(a))),
        "0 < Gamma(1-s)": (1 - pole, 1 / term(a) * use("strip ends")),
    }
    gammas = use("0 < Gamma(1+s)") * use("0 < Gamma(1-s)")
    per = HALF / (term(b) - 1) * gammas
    steps = (
        *(each for each in STRIPS["rough"].steps if each.id in ("strip", "strip ends")),
        *(cited(rough, f"D^1 {end}") for end in ("above", "below")),
        *(
            Step(id=name, claim=lt(0, apply("gamma", at)), rule=Known("gamma positive", (at,), sign))
            for name, (at, sign) in signs.items()
        ),
        *powers(steep, use("strip")),
    )
    certificates = {
        "model, from above": per * use("r^(1-b) falls") + HALF * use("D^1 above") + use("Approx"),
        "model, from below": per * above_tangent(steep, use("strip")) + HALF * use("D^1 below") - use("Approx"),
    }
    return built("rough", claims, steps, certificates)


def saturated_law() -> Derivation:
    """Targets that saturate the sketch."""
    found, steep, first = law_term("model, saturated"), lin(a) + 1, p(NUMBERED[i], lin(a) - lin(b))
    D, slow, energy = left(ratio[i]), p(R, lin(a) * -1), total(i, first)
    claims = {
        "model, from above": le(Approx, found),
        "model, from below": le(found - found * a / size * MISSING - HALF * slow * total(i, first * D), Approx),
    }
    whole = over(i, rank(i, b) / ratio[i] * (D - slow * p(NUMBERED[i], a) * use("power law")))
    certificates = {
        "model, from above": HALF * (energy * use("r^(1-b) falls") + whole) + use("Approx"),
        "model, from below": HALF
        * (energy * above_tangent(steep, positive(term(a))) + over(i, slow * first * D * use("power law")))
        - use("Approx"),
    }
    return built("saturated", claims, powers(steep, positive(term(a))), certificates)


rough_targets, saturated_targets = rough_law(), saturated_law()
