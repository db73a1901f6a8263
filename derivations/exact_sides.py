"""The exact risk against the lower side of the sharp pair whose noise is that of the recursion's stationary point, in general.

For any lam <= mu, any target and per-step noise in the form of :mod:`exact_noise`,

    lower - MISSING/(2 N^2) <= risk <= lower + EXCESS/(2 N^2),     Alow_i = (c_0 + c_1 omega)/(1 - load) + own_i,  adlow = 0,

load = c_1 kappa, kappa = sum x/(2 - (1+b) x), omega = sum x own/(2 - (1+b) x).  So every law of the lower side is one of the
exact side.  The mean part is exact.  The risk is that of averaged SGD itself (:mod:`exact_risk`).
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from riskbounds.derivations import exact_noise_sums as noise_sums
from riskbounds.derivations.exact_noise import SPREAD, b, c_0, c_1, noise, omega, own, room
from riskbounds.derivations.exact_risk import derivation as exact_risk
from riskbounds.derivations.law_reading import N, gamma, i, k, x
from riskbounds.derivations.law_sums import TWO, left, n
from riskbounds.derivations.learned_sides import lam, pair_reader, target2
from riskbounds.derivations.sgd import F, L, S, j, mean, risk, t, u, w

from riskbounds import symbols as s
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Claim,
    Derivation,
    Reader,
    Step,
    Term,
    below,
    cited,
    eq,
    inherited,
    le,
    lin,
    lt,
    over,
    positive,
    power,
    term,
    use,
)
from riskbounds.terms.claims import Symbols, instance
from riskbounds.terms.polynomial import substitute
from riskbounds.theorems import Theorem
from riskbounds.theorems.sharp_pair import sharp

ENDS = ("above", "below")
HALF = Fraction(1, 2)
LEVEL = SPREAD * (c_0 + c_1 * omega)
ratio = lam[i] * gamma / x[i]


def reader(theorem: Theorem) -> Reader:
    """Reads the lower side of the theorem with the stationary noise."""
    return pair_reader(theorem, {s.Alow: lambda o: LEVEL + own[o], s.adlow: term(0)})


SAME: Symbols = {"contraction": ((i,), x[i])}
#: What the symbols of exact_noise, and of exact_risk, are here.
OF_NOISE: Symbols = {
    **SAME,
    "share": ((i,), ratio),
    "target_energy": ((i,), x[i] / gamma * ratio**2 * target2[i]),
    "fluctuation": ((t, i), x[i] / gamma * F(t)[i, i]),
}
OF_RISK: Symbols = {
    **SAME,
    "vq": ((w, i), ratio * u[w, i]),
    "approximation": ((), reader(sharp)(s.approximation)),
    "store_error": ((t, w, i), term(0)),
}


def at_k(value: Term, symbols: Symbols) -> Term:
    """A term of another file for N = k + 1 iterates."""
    return substitute(instance(le(0, value), {}, symbols).right, {n: lin(k)})


def of_noise(value: Term) -> Term:
    """A term of :mod:`exact_noise`."""
    return at_k(value, OF_NOISE)


#: R(vbar_N) - sigma^2/2.
RISK = at_k(risk, OF_RISK)
PER = 1 / (2 * term(N)) / term(N)


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The exact risk against the registered theorem's lower side."""
    lower = reader(theorem)(theorem.lower)
    return {
        "above": le(RISK, lower + PER * of_noise(noise_sums.EXCESS)),
        "below": le(lower - PER * of_noise(noise_sums.MISSING), RISK),
    }


def averaged() -> tuple[Step, ...]:
    """SGD's exact risk by the noise of its steps, the target and the error functional."""
    conclusions = tuple(exact_risk.conclusions)
    found = {each.id: each for each in inherited(exact_risk, OF_RISK, conclusions)}
    shrunk = found.pop("noise and v^q")
    return (
        *found.values(),
        replace(shrunk, rule=Algebra(substitute(ratio, {i: j}) * use("noise and u"))),
        *(cited(exact_risk, name, OF_RISK) for name in conclusions),
        Step(id="lam", claim=eq(L(i, i), lam[i]), rule=Assumption("hypothesis", "risk on clean inputs")),
        Step(id="target", claim=eq(mean(u[w, i] ** 2), target2[i]), rule=Assumption("model", "E v*_i^2")),
        Step(
            id="noise",
            claim=eq(S(t)[i, i], gamma * x[i] * instance(le(0, noise(t)), {}, OF_NOISE).right),
            rule=Assumption("model", "the exact recursion: what a step adds at random"),
        ),
    )


def driven() -> tuple[Step, ...]:
    """The sums of the noise, from the recursion of mu_i Var v_i."""
    lemma, mu = noise_sums.derivation, x[i] / gamma
    found = {each.id: each for each in inherited(lemma, OF_NOISE, ENDS) if each.id != "x <= 1"}
    proofs = {
        "start": mu * use("F starts", {j: i}),
        "update": mu * use("F follows") + mu * use("noise"),
        "0 <= f": mu * use("0 <= F"),
    }
    far = Step(id="far > 0", claim=lt(0, 2 - (1 + b) * x[i]), rule=Algebra(use("room") + positive(room)))
    names = {each: f"{each}, in Sigma" for each in proofs}
    steps = tuple(Step(id=names[each], claim=found.pop(each).claim, rule=Algebra(proof)) for each, proof in proofs.items())
    sums = (cited(lemma, end, OF_NOISE, f"noise {end}", names) for end in ENDS)
    return (TWO, found.pop("room"), far, *found.values(), *steps, *sums)


def same_risk() -> Certificate:
    """The lower side's mean part and the variance by the noise, less the risk: zero."""
    time = below("s", N)
    settled = 1 - ratio + (1 - left(N)) / (term(N) * x[i]) * ratio
    squares = ((1 - power(1 - x[i], k - time)) / x[i]) ** 2
    mean_part = over(i, HALF * settled**2 * (mean(u[w, i] ** 2) * use("lam") + lam[i] * use("target")))
    variance = over(i, over(time, squares * (lam[i] * use("noise", {t: time}) + S(time)[i, i] * use("lam"))))
    return use("risk", {n: k}) + mean_part + PER * variance


CLAIMS = statement(sharp)
derivation = Derivation(
    name="law-exact-sides",
    theorem="sharp",
    title="The exact risk against the lower side with the stationary noise, in general",
    statement=statement,
    steps=(
        *averaged(),
        *driven(),
        Step(id="above", claim=CLAIMS["above"], rule=Algebra(PER * use("noise above", {n: k}) + same_risk())),
        Step(id="below", claim=CLAIMS["below"], rule=Algebra(PER * use("noise below", {n: k}) - same_risk())),
    ),
    conclusions={each: each for each in ENDS},
)
