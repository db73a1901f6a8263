"""What a floor leaves of a source target: sums of i^-b D_i^k, D = 1/(1+s), s_i = (R/i)^a, the share of a direction not learned.

With s = (b-1)/a, for na + 1 < b < (n+1)a + 1, n = 0 or 1, n < j, j = min(k, 2),

    sum_i i^-b D_i^k  ~  R^(1-b)/a Gamma(s) Gamma(1-s) (1-s) (2-s)/2 ... (k-1-s)/(k-1),

up to R^-b + R^-ja above, and below up to that and R^-ja/(ja+1-b) + M^(1-b)/(b-1).
"""

from __future__ import annotations

from fractions import Fraction
from math import prod

from riskbounds.derivations.law_reading import b, i, rank
from riskbounds.derivations.law_shares import R, ratio
from riskbounds.derivations.law_shares import sums as shares
from riskbounds.derivations.law_source import STRIPS, Strip, margin, pole
from riskbounds.derivations.power_law import A_LAW, a, p

from riskbounds.proofs import (
    Algebra,
    Derivation,
    Known,
    Step,
    Term,
    Weighted,
    eq,
    le,
    lin,
    lt,
    positive,
    term,
    total,
    use,
)
from riskbounds.proofs.numbering import SIZE
from riskbounds.terms.functions import apply
from riskbounds.terms.profiles import TAU
from riskbounds.terms.rationals import rationals

POWERS = (1, 2, 3, 4)
GAMMAS = apply("gamma", 1 + pole) * apply("gamma", 1 - pole)


def left(t: Term) -> Term:
    """D = 1/(1+t)."""
    return 1 / (1 + t)


def steepness(k: int) -> int:
    """j: D^k lies below t^-j."""
    return min(k, 2)


def _profile(k: int) -> tuple[Step, ...]:
    D, j = left(TAU) ** k, steepness(k)
    under, far = ((1 + TAU) ** k - 1) * D, ((1 + TAU) ** k - TAU**j) / TAU**j * D
    faster = k * left(TAU) ** (2 * k + 2)
    return (
        Step(id=f"0 < D^{k}", claim=lt(0, D), rule=Algebra(positive(D))),
        Step(id=f"D^{k} <= 1", claim=le(D, 1), rule=Algebra(positive(under))),
        Step(id=f"D^{k} <= t^-{j}", claim=le(D, TAU**-j), rule=Algebra(positive(far))),
        Step(id=f"D^{k} falls faster", claim=le(0, faster), rule=Algebra(positive(faster)), note="t f'^2 - f f' - t f f''"),
    )


profiles = Derivation(
    name="law-remain-profiles",
    theorem="",
    title="Powers of 1/(1+t) are log-concave in log t",
    steps=tuple(step for k in POWERS for step in _profile(k)),
    conclusions={step.id: step.id for k in POWERS for step in _profile(k)},
)


def integral(k: int) -> Term:
    """What sum_i i^-b D_i^k is, up to the edges."""
    factor = prod(((j - pole) * Fraction(1, j) for j in range(1, k)), start=term(1))
    return p(R, 1 - lin(b)) / (term(b) - 1) * GAMMAS * factor


def remains(k: int) -> Term:
    """sum_i i^-b D_i^k."""
    return total(i, rank(i, b) * left(ratio[i]) ** k)


def edge(k: int) -> Term:
    """By how much the sum may lie above its integral."""
    return p(R, lin(b) * -1) + p(R, lin(a) * -steepness(k))


def missing(k: int) -> Term:
    """By how much it may lie below."""
    j = steepness(k)
    return edge(k) + p(R, lin(a) * -j) / margin(j) + p(term(SIZE), 1 - lin(b)) / (term(b) - 1)


def powers_on(strip: Strip) -> tuple[int, ...]:
    """The powers whose sums do not saturate on a strip."""
    return tuple(k for k in POWERS if steepness(k) > strip.n)


def _transfer(k: int) -> tuple[Step, ...]:
    f, j = left(TAU) ** k, steepness(k)
    whole = p(R, 1 - lin(b)) / a * rationals(f).mellin(a, b)
    rule = Weighted(
        profile=profiles, summand=f, rising=f"D^{k} falls faster", slope=f"D^{k} <= t^-{j}", positive=f"0 < D^{k}",
        bounded=f"D^{k} <= 1", scale="power law", exponent="a > 1", reach=R, a=a, b=b, strip=("strip", "strip ends"),
    )  # fmt: skip
    residue = integral(k) / GAMMAS * apply("gamma", 1 - pole) * use("Gamma(s)")
    return (
        Step(id=f"D^{k}: sum <= Beta", claim=le(remains(k), whole + edge(k)), rule=rule),
        Step(id=f"D^{k}: Beta <= sum", claim=le(whole - missing(k), remains(k)), rule=rule),
        Step(id=f"D^{k} above", claim=le(remains(k), integral(k) + edge(k)), rule=Algebra(use(f"D^{k}: sum <= Beta") - residue)),
        Step(
            id=f"D^{k} below", claim=le(integral(k) - missing(k), remains(k)), rule=Algebra(use(f"D^{k}: Beta <= sum") + residue)
        ),
    )


def sums_on(strip: Strip) -> Derivation:
    """The sums of a strip."""
    inside = 1 / term(a) ** 2 * use("strip") * use("strip ends")
    shift = Step(
        id="Gamma(s)",
        claim=eq(apply("gamma", pole + 1), pole * apply("gamma", pole)),
        rule=Known("gamma shift", (pole, term(strip.n)), inside),
    )
    found = powers_on(strip)
    return Derivation(
        name=f"law-remains-{strip.name}",
        theorem="",
        title=f"Sums of i^-b and powers of 1/(1+s) against Beta functions, {strip.name} targets",
        steps=(A_LAW, shares.step("power law"), *strip.steps, shift, *(step for k in found for step in _transfer(k))),
        conclusions={f"D^{k} {end}": f"D^{k} {end}" for k in found for end in ("above", "below")},
    )


rough, smooth = (sums_on(STRIPS[name]) for name in ("rough", "smooth"))
