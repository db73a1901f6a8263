"""The exact side of the laws past the floor, storage exact.

:mod:`exact_sides` puts the risk next to the lower side with the stationary noise (c_0 + c_1 omega)/(1 - load) + own_i, and
:mod:`law_past_floor` that side next to its law: the law of the exact side.  To its remainder comes what :mod:`exact_noise_sums`
leaves, of the orders step and R/(N step) relative to the noise, and the noise that a direction has of its own.
"""

from __future__ import annotations

from dataclasses import replace

from riskbounds.derivations import exact_noise_sums, exact_sides, learned_sides
from riskbounds.derivations import load as derivation_named
from riskbounds.derivations.exact_learned import LOWER, PAIR, QUIET, signed
from riskbounds.derivations.exact_noise import c_0, c_1, load, omega, own
from riskbounds.derivations.exact_sides import ENDS, PER, of_noise, ratio
from riskbounds.derivations.law_past_floor import lacking, law_of, on_floor
from riskbounds.derivations.law_past_floor import put as on_the_sides
from riskbounds.derivations.law_reading import N, i
from riskbounds.derivations.law_shrinkage import doubled
from riskbounds.derivations.law_sums import STEP_SIZE, TWO, n, squares

from riskbounds.proofs import Algebra, Claim, Derivation, Step, Term, cited, inherited, le, over, positive, term, total, use
from riskbounds.terms.claims import Symbols, replacement
from riskbounds.terms.polynomial import substitute

HALF = 1 / (2 * term(N))
USED = ("q <= 1", "1 - Q", "weight <= 1")
whole = Derivation(
    name="law-whole-weight",
    theorem="",
    title="No weight of the noise is above 1",
    steps=(
        STEP_SIZE,
        TWO,
        *(each for each in learned_sides.directions if each.id in USED),
    ),
    conclusions={"weight <= 1": "weight <= 1"},
)


def here(scheme: str) -> Symbols:
    """The power law with a floor, where every direction settles."""
    return {**on_floor(scheme), "reached": ((i,), term(1))}


def put(body: Term, scheme: str) -> Term:
    """A term of the exact side in general on the power law with a floor."""
    return substitute(body, {}, replacement(here(scheme)))


def on_the_floor(step: Step, scheme: str) -> Step:
    """A step about every x_i, on the power law with a floor."""
    return replace(step, claim=Claim(step.claim.relation, put(step.claim.left, scheme), put(step.claim.right, scheme)))


def quiet(scheme: str) -> Symbols:
    """The lower side's noise is that of the stationary point, and nothing is stored."""
    found: Symbols = {name: (variables, put(body, scheme)) for name, (variables, body) in QUIET.items()}
    return {**found, "eps_w": ((), term(0))}


def remainder(scheme: str, end: str) -> Term:
    """By how much the risk may lie above or below the law, at most."""
    rest = on_the_sides(learned_sides.remainder("lower", end), scheme) + lacking(scheme, "lower", end)
    lower = substitute(rest, {}, replacement(quiet(scheme)))
    if end == "below":
        return lower + put(PER * of_noise(exact_noise_sums.MISSING), scheme)
    return lower + put(HALF * total(i, ratio * own[i]) + PER * of_noise(exact_noise_sums.EXCESS), scheme)


def claims_of(scheme: str) -> dict[str, Claim]:
    """The risk of SGD against the law."""
    law = substitute(law_of(scheme, "exact", c_0 + c_1 * omega, load), {}, replacement(quiet(scheme)))
    risk = put(exact_sides.RISK, scheme)
    return {
        "above": le(risk, law + remainder(scheme, "above")),
        "below": le(law - remainder(scheme, "below"), risk),
    }


def joined(scheme: str) -> tuple[Step, ...]:
    """What the law of the lower side and the exact side in general assume, and their conclusions."""
    lower, at, still = derivation_named(f"law-past-floor-{scheme}"), here(scheme), quiet(scheme)
    pair = {each.id: each for each in inherited(lower, still, tuple(LOWER.values()))}
    risk = {each.id: each for each in inherited(exact_sides.derivation, at, ENDS) if each.id != "x <= 1"}
    kappa = replace(pair.pop("kappa"), id=PAIR["kappa"])
    room = Step(id=PAIR["room"], claim=pair.pop("room").claim, rule=Algebra(positive(1)))
    defined = [pair.pop(name) for name in ("h", "k", "phi") if name in pair]
    return (
        *pair.values(),
        *doubled(scheme),
        on_the_floor(TWO, scheme),
        kappa,
        room,
        *defined,
        *(on_the_floor(each, scheme) for each in signed(risk) if each.id != "0 <= peak"),
        cited(squares, "K", at),
        cited(whole, "weight <= 1", at),
        *(cited(lower, LOWER[end], still, hypotheses=PAIR) for end in ENDS),
        *(cited(exact_sides.derivation, end, at, f"risk {end}") for end in ENDS),
    )


def derivation(name: str) -> Derivation:
    """ "law-exact-past-floor-additive" or "law-exact-past-floor-elementwise"."""
    scheme = name.removeprefix("law-exact-past-floor-")
    claims, share = claims_of(scheme), put(ratio * own[i], scheme)
    own_noise = {"above": over(i, share * use("weight <= 1")), "below": over(i, share / N * use("K", {n: N}))}
    return Derivation(
        name=name,
        theorem="exact recursion",
        title=f"Law of the {scheme} scheme past the floor, exact risk",
        steps=(
            *joined(scheme),
            *(
                Step(id=end, claim=claims[end], rule=Algebra(use(f"risk {end}") + use(LOWER[end]) + HALF * own_noise[end]))
                for end in ENDS
            ),
        ),
        conclusions={each: each for each in claims},
    )
