"""The laws of the additive and the elementwise scheme past the floor, where N step e and M/R are large: both sides of the pair.

On lam_i = c i^-a, mu_i = g lam_i + e, E w*_i^2 = 1, noise of law A_i = A + rise mu_i,

    law - remainder <= side <= law + remainder        for every N, M and step size that the pair allows,

the law being what :mod:`riskbounds.asymptotics.laws` computes for this regime, with kappa, V, U and zeta(a)'s partial sum put in,
and Approx itself in place of the model term.  The remainder is that of :mod:`law_learned_sides`, of relative orders 1/N, step,
1/(N step e) and (1 - step e)^N, and what the sums of u^k lack, of relative orders 1/R and (R/M)^(a-1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp
from riskbounds.derivations import learned_sides as general
from riskbounds.derivations import load as derivation_named
from riskbounds.derivations.law_reading import N, ad, av, gamma, growth_of, i, k, kept_in, read_law, side_reader, x
from riskbounds.derivations.law_shares import MISSING, above, below, ratio, sums
from riskbounds.derivations.law_shrinkage import e, floor_meanings, growth_steps
from riskbounds.derivations.law_sums import n

from riskbounds import symbols as s
from riskbounds.asymptotics.data_term import PAST_FLOOR
from riskbounds.asymptotics.law_setting import law_setting
from riskbounds.proofs import (
    Algebra,
    Certificate,
    Claim,
    Derivation,
    Induction,
    Lin,
    Reader,
    Step,
    Term,
    Var,
    cited,
    eq,
    inherited,
    instance,
    le,
    lin,
    lt,
    positive,
    power,
    term,
    use,
)
from riskbounds.terms.claims import Symbols
from riskbounds.terms.polynomial import substitute
from riskbounds.theorems import Theorem, theorem_named

CLAIMS = [f"{side}, from {end}" for side in ("upper", "lower") for end in ("above", "below")]


def theorem_of(scheme: str) -> str:
    """The pair whose sides the scheme's law holds."""
    return "sharp-storage" if "storage" in law_setting(scheme).slots else "sharp"


ISOTROPIC = term(1)
#: Where the terms of a source target's law are chosen.
Point = Mapping[sp.Symbol, object] | None


def on_floor(scheme: str, target: Term = ISOTROPIC) -> Symbols:
    """Spectra and target, E w*_i^2, on the power law with a floor."""
    return {
        "lam": ((i,), e * ratio[i] / growth_of(scheme)),
        "x": ((i,), gamma * e * (1 + ratio[i])),
        "target2": ((i,), target),
    }


def symbols_of(scheme: str, target: Term = ISOTROPIC) -> Symbols:
    """What the general derivation's symbols are here."""
    absent = () if theorem_of(scheme) == "sharp-storage" else ("eps_w", "rise", "rise_low")
    return {**on_floor(scheme, target), "late": ((), slow(N)), **dict.fromkeys(absent, ((), term(0)))}


def slow(steps: Lin | Var) -> Term:
    """(1 - step e)^n, the slowest contraction."""
    return power(1 - gamma * e, lin(steps))


def put(body: Term, scheme: str, target: Term = ISOTROPIC) -> Term:
    """A term of the general derivation on the power law with a floor."""
    return instance(eq(body, 0), {}, symbols_of(scheme, target)).left


def reader(theorem: Theorem, scheme: str, target: Term) -> Reader:
    """Reads a side of the theorem and the law."""
    meanings = {
        **floor_meanings(scheme),
        s.target2: lambda o: substitute(target, {i: o}),
        s.contraction: lambda o: gamma * e * (1 + ratio[o]),
        s.A: lambda o: put(general.A + general.rise * x[o] / gamma, scheme),
        s.Alow: lambda o: put(general.Alow + general.rise_low * x[o] / gamma, scheme),
    }  # fmt: skip
    return side_reader(theorem, meanings)


def law_parts(scheme: str, side: str, V: Term, load: Term, U: Term | None = None, point: Point = None) -> dict[str, Term]:
    """The law's terms past the floor, read off the law, for noise levels V and U and a load."""
    more = {**floor_meanings(scheme), s.feedback: ad + av, s.eps_w: general.eps_w, s.shared_noise: term(0) if U is None else U}
    return read_law(scheme, side, V, load, PAST_FLOOR, more, point)


def law_of(scheme: str, side: str, V: Term, load: Term, U: Term | None = None, point: Point = None) -> Term:
    """Their sum with Approx."""
    return sum(law_parts(scheme, side, V, load, U, point).values(), general.MEAN["approximation"])


def lacking(scheme: str, side: str, end: str) -> Term:
    """What the sums of u^k add to the general remainder."""
    g, per = growth_of(scheme), factors(scheme)
    shrunk = {"above": e / (2 * g**3), "below": e * (2 * g - 1) / (2 * g**3)}[end]
    moving = per["bias"] + per["store"] + per["cross"] * (1 if end == "above" else g)
    noise = 0 if end == "above" else per["noise"] * noise_of(scheme, side)
    return (shrunk + moving + noise) * MISSING


def factors(scheme: str) -> dict[str, Term]:
    """What multiplies the sums of u^k in bias, cross term, storage and variance."""
    g = growth_of(scheme)
    return {
        "bias": 1 / (2 * term(N) ** 2 * gamma**2 * e * g**3),
        "cross": 1 / (term(N) * gamma * g**3),
        "store": put(general.eps_w, scheme) / (2 * term(N) * gamma**2 * e * g),
        "noise": 1 / (2 * term(N) * g),
    }


def noise_of(scheme: str, side: str, target: Term = ISOTROPIC) -> Term:
    """What sum_i lam_i/mu_i multiplies in 2N times the variance."""
    return put(general.Alow if side == "lower" else general.SPREAD * (general.V + (ad + av) * general.U), scheme, target)


Bands = Mapping[str, Term]
Lack = Callable[[str, str, str], Term]


def bands_of(scheme: str, lack: Lack, target: Term = ISOTROPIC, point: Point = None) -> Bands:
    """The ends that the law and its remainder give to each side; ``lack`` is what its sums add to the general remainder."""
    found = {}
    for side in ("upper", "lower"):
        noise = put(general.V, scheme, target) if side == "upper" else general.Alow
        whole = law_of(scheme, side, noise, general.load, put(general.U, scheme, target), point)
        for end, sign in (("above", 1), ("below", -1)):
            rest = put(general.remainder(side, end), scheme, target) + lack(scheme, side, end)
            found[f"{side}, from {end}"] = whole + sign * rest
    return found


def claims_of(scheme: str, theorem: Theorem, bands: Bands, target: Term = ISOTROPIC) -> dict[str, Claim]:
    """The sides of the registered theorem between their ends, and the definitions that they use."""
    plain = general.commuting(theorem)
    read = reader(plain, scheme, target)
    found = kept_in(plain, read)
    for side, value in (("upper", read(plain.upper)), ("lower", read(plain.lower))):
        found[f"{side}, from above"] = le(value, bands[f"{side}, from above"])
        found[f"{side}, from below"] = le(bands[f"{side}, from below"], value)
    return found


def hypotheses(scheme: str, claims: Mapping[str, Claim], target: Term = ISOTROPIC) -> tuple[Step, ...]:
    """What the general derivation asks for, on the power law with a floor; definitions as the theorem has them."""
    assumed = inherited(general.derivation, symbols_of(scheme, target), tuple(CLAIMS))
    proved = {
        "lam <= mu": Algebra(
            positive(e) + (0 if growth_of(scheme) == term(1) else e * ratio[i] / growth_of(scheme) * use("growth"))
        ),
        "late": Algebra(use("slowest", {n: N})),
    }
    room = 1 - gamma * e * (1 + ratio[i])
    slowest = (
        Step(id="step e <= 1", claim=le(0, 1 - gamma * e), rule=Algebra(use("x <= 1") + gamma * e * ratio[i])),
        Step(
            id="slowest",
            claim=le(power(room, lin(n)), slow(n)),
            rule=Induction(n, step=room * use("ih") + gamma * e * ratio[i] * slow(n)),
        ),
        Step(id="0 <= late", claim=le(0, slow(N)), rule=Algebra(slow(k) * use("step e <= 1"))),
    )
    steps: list[Step] = []
    for step in assumed:
        if step.id == "late":
            steps += (*slowest, Step(id="2 - x > 0", claim=lt(0, 1 + room), rule=Algebra(use("x <= 1") + positive(1))))
        steps.append(Step(id=step.id, claim=claims.get(step.id, step.claim), rule=proved.get(step.id, step.rule)))
    return tuple(steps)


def parts(scheme: str) -> tuple[Step, ...]:
    """Cross term, bias and storage against the law's."""
    g, per, law = growth_of(scheme), factors(scheme), law_parts(scheme, "lower", general.Alow, general.load)
    most, steps = {"above": term(1), "below": g}, []
    for end, here, there in (("above", above, below), ("below", below, above)):
        found = {
            "cross": (general.MEAN["cross"], per["cross"] * most[end], per["cross"] * (g * here(2) + there(3))),
            "bias": (general.MEAN["bias"], per["bias"], per["bias"] * (here(3) + there(4))),
        }
        if theorem_of(scheme) == "sharp-storage":
            found["storage"] = (general.STORE, per["store"], per["store"] * (here(1) + there(2)))
        for name, (body, lack, certificate) in found.items():
            exact, rest = put(body, scheme), lack * MISSING
            claim = le(exact, law[name] + rest) if end == "above" else le(law[name] - rest, exact)
            steps.append(Step(id=f"{name}, from {end}", claim=claim, rule=Algebra(certificate)))
    return tuple(steps)


def certificates(scheme: str, named: tuple[str, ...]) -> dict[str, Certificate]:
    """Each side from the general one, the parts of that name and the weights."""
    found = {}
    for side in ("upper", "lower"):
        for end, here in (("above", above), ("below", below)):
            mean = sum((use(f"{name}, from {end}") for name in named), use(f"general: {side}, from {end}"))
            found[f"{side}, from {end}"] = mean + factors(scheme)["noise"] * noise_of(scheme, side) * here(1)
    return found


def derivation(name: str) -> Derivation:
    """ "law-past-floor-additive" or "law-past-floor-elementwise"."""
    scheme = name.removeprefix("law-past-floor-")
    theorem, bands = theorem_of(scheme), bands_of(scheme, lacking)
    claims = claims_of(scheme, theorem_named(theorem), bands)
    shrunk, others = derivation_named(f"law-shrinkage-{scheme}"), parts(scheme)
    named = tuple(dict.fromkeys(("shrinkage", *(each.id.split(",")[0] for each in others))))
    return Derivation(
        name=name,
        theorem=theorem,
        title=f"Law of the {scheme} scheme past the floor, both sides of the sharp pair",
        statement=lambda registered: claims_of(scheme, registered, bands),
        steps=(
            *inherited(sums),
            *growth_steps(scheme),
            *hypotheses(scheme, claims),
            *(cited(sums, f"u^{power} {end}") for power in (1, 2, 3, 4) for end in ("above", "below")),
            *(cited(shrunk, f"shrinkage, from {end}") for end in ("above", "below")),
            *others,
            *(cited(general.derivation, each, symbols_of(scheme), name=f"general: {each}") for each in CLAIMS),
            *(Step(id=each, claim=claims[each], rule=Algebra(found)) for each, found in certificates(scheme, named).items()),
        ),
        conclusions={each: each for each in claims},
    )
