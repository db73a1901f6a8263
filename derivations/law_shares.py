"""What a floor leaves of the directions: mu_i = g c i^-a + e, s_i = (R/i)^a, R = (g c/e)^(1/a), lam_i/mu_i = u_i/g, u = s/(1+s).

Every sum of the regime past the floor is one of powers of u, which rise in s from 0 to 1 and lie below s:

    sum_i u_i^k  ~  (R/a) B(k - 1/a, 1/a) = R c_a (1 - 1/a) (2 - 1/a)/2 ... (k-1 - 1/a)/(k-1),    c_a = Gamma(1+1/a) Gamma(1-1/a),

from below, by at most 1 + R^a M^(1-a)/(a-1).
"""

from __future__ import annotations

from fractions import Fraction
from math import prod

from riskbounds.derivations.law_reading import i, rank
from riskbounds.derivations.law_sums import GAMMA
from riskbounds.derivations.power_law import A_LAW, a, p

from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Derivation,
    Known,
    Step,
    Symbol,
    Term,
    Transfer,
    eq,
    le,
    lin,
    positive,
    scalar,
    term,
    total,
    use,
)
from riskbounds.proofs.numbering import SIZE
from riskbounds.terms.functions import apply
from riskbounds.terms.profiles import TAU
from riskbounds.terms.rationals import rationals

POWERS = (1, 2, 3, 4)
ratio = Symbol("ratio", "+")
R = scalar("floor_reach")
#: c_a, and by how much a sum may lie below its integral.
C_A = GAMMA * apply("gamma", 1 + 1 / term(a))
MISSING = 1 + p(R, a) * p(term(SIZE), 1 - lin(a)) / (term(a) - 1)


def share(t: Term) -> Term:
    """u = t/(1+t)."""
    return t / (1 + t)


def _rises(k: int) -> Step:
    slope = k * share(TAU) ** (k - 1) * (1 / (1 + TAU)) ** 2
    return Step(id=f"u^{k} rises", claim=le(0, slope), rule=Algebra(positive(slope)))


def _below(k: int) -> Step:
    """t (1+t)^k - t^k has no negative coefficient."""
    rest = (TAU * (1 + TAU) ** k - TAU**k) / (1 + TAU) ** k
    return Step(id=f"u^{k} <= t", claim=le(share(TAU) ** k, TAU), rule=Algebra(positive(rest)))


profiles = Derivation(
    name="law-share-profiles",
    theorem="",
    title="Powers of t/(1+t) rise from 0 and lie below t",
    steps=tuple(step(k) for k in POWERS for step in (_rises, _below)),
    conclusions={f"u^{k} {what}": f"u^{k} {what}" for k in POWERS for what in ("rises", "<= t")},
)


def integral(k: int) -> Term:
    """What sum_i u_i^k is at most: R c_a times a polynomial in 1/a."""
    return R * C_A * prod(((j - 1 / term(a)) * Fraction(1, j) for j in range(1, k)), start=term(1))


def shares(k: int) -> Term:
    """sum_i u_i^k."""
    return total(i, share(ratio[i]) ** k)


def model() -> tuple[Step, ...]:
    """a, s_i and the Gamma function's shift."""
    return (
        A_LAW,
        Step(
            id="power law",
            claim=eq(ratio[i], p(R, a) * rank(i)),
            rule=Assumption(
                "hypothesis", "lam_i = c i^-a, mu_i = g lam_i + e, so s_i = g lam_i/e = (R/i)^a with R = (g c/e)^(1/a)"
            ),
        ),
        Step(
            id="Gamma(-1/a)",
            claim=eq(GAMMA, -1 / term(a) * apply("gamma", -1 / term(a))),
            rule=Known("gamma shift", (-1 / term(a), term(-1)), 1 / term(a) ** 2 * use("a > 1")),
        ),
    )


def _transfer(k: int) -> tuple[Step, Step]:
    f = share(TAU) ** k
    whole = R / term(a) * rationals(f).mellin(a)
    rule = Transfer(profiles, f, f"u^{k} rises", f"u^{k} <= t", "power law", "a > 1", R, a)
    return (
        Step(id=f"u^{k}: sum <= Beta", claim=le(shares(k), whole), rule=rule),
        Step(id=f"u^{k}: Beta - 1 <= sum", claim=le(whole - MISSING, shares(k)), rule=rule),
    )


def _closed(k: int) -> tuple[Step, Step]:
    """The Beta function with Gamma(1-1/a)."""
    residue = integral(k) / GAMMA * use("Gamma(-1/a)")
    return (
        Step(id=f"u^{k} above", claim=le(shares(k), integral(k)), rule=Algebra(use(f"u^{k}: sum <= Beta") - residue)),
        Step(
            id=f"u^{k} below",
            claim=le(integral(k) - MISSING, shares(k)),
            rule=Algebra(use(f"u^{k}: Beta - 1 <= sum") + residue),
        ),
    )


sums = Derivation(
    name="law-shares",
    theorem="",
    title="Sums of powers of u = s/(1+s) against Beta functions",
    steps=(*model(), *(step for k in POWERS for step in (*_transfer(k), *_closed(k)))),
    conclusions={f"u^{k} {end}": f"u^{k} {end}" for k in POWERS for end in ("above", "below")},
)


def above(k: int) -> Certificate:
    """Beta - sum_i u_i^k."""
    return use(f"u^{k} above")


def below(k: int) -> Certificate:
    """sum_i u_i^k - (Beta - what may be missing)."""
    return use(f"u^{k} below")
