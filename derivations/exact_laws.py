"""The exact side of the laws of the full-precision and the multiplicative scheme while directions are being learned.

The exact risk's mean part is that of the sharp pair; with the noise of the exact recursion (:mod:`exact_noise`) its variance is
1/(2 N^2) sum_i lam_i/mu_i sum_s (1 - q_i^(N-1-s))^2 noise_i(s).  On lam_i = c i^-a, mu_i = g lam_i, w*_i^2 = 1,

    law - remainder <= exact risk <= law + remainder,       variance ~ D X^(1/a) V/(2 N g (1 - load)),

V = c_0 + c_1 omega, load = c_1 kappa.  Relative to the variance the remainders have the orders X^(-1/a), X^(1/a-1) and X^(1/a)/N.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cached_property

from riskbounds.derivations import exact_noise_sums as sums_of_noise
from riskbounds.derivations.exact_noise import SPREAD, b, c_0, c_1, d, load, noise, omega, peak, room
from riskbounds.derivations.exact_noise import l as leans
from riskbounds.derivations.exact_risk import derivation as exact_risk
from riskbounds.derivations.law_reading import N, gamma, i, k, law_reader, read_law, x
from riskbounds.derivations.law_sums import (
    TAIL,
    TRACE,
    above,
    directions,
    integral,
    left,
    model,
    n,
    transfers,
    weight,
)
from riskbounds.derivations.laws import Scale, growing, mean_parts, sums
from riskbounds.derivations.sgd import F, L, S, j, mean, risk, t, u, w

from riskbounds import symbols as s
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Claim,
    Derivation,
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
    scalar,
    square,
    term,
    total,
    use,
)
from riskbounds.terms.claims import Symbols, instance
from riskbounds.terms.polynomial import substitute
from riskbounds.theorems import Theorem
from riskbounds.theorems.sharp_pair import sharp

SAME: Symbols = {"contraction": ((i,), x[i])}
target = scalar("target_share", "0+")
ENDS = ("above", "below")
#: What the steps of :mod:`laws` and :mod:`law_sums` say of sums that the exact side does not have.
UNUSED = (
    "K",
    "1 - weight <= 2 (1-Q)/t",
    "weight <= 1",
    "weight before below",
    "sum of weights before, below",
    "square: integral - 1 <= sum",
)


class ExactScale(Scale):
    """The factors of a scheme's sums, and the exact noise on them."""

    @property
    def plain(self) -> bool:
        """Nothing is quantized."""
        return self.scheme == "full-precision"

    @cached_property
    def symbols(self) -> Symbols:
        """What the symbols of :mod:`exact_noise` are: w_i = mu_i (v^q_i)^2, own_i = t w_i."""
        energy = x[i] / (gamma * self.g**2)
        none = {name: ((), term(0)) for name in ("leans", "decays")} if self.plain else {}
        own = term(0) if self.plain else target * energy
        moved = {"target_energy": ((i,), energy), "own_noise": ((i,), own), "fluctuation": ((t, i), x[i] / gamma * F(t)[i, i])}
        return {**moved, **SAME, **none}

    def of_noise(self, value: Term) -> Term:
        """A term of :mod:`exact_noise` for N = k + 1 iterates."""
        return substitute(instance(le(0, value), {}, self.symbols).right, {n: lin(k)})

    @property
    def V(self) -> Term:
        """c_0 + c_1 omega."""
        return c_0 if self.plain else c_0 + c_1 * omega

    @property
    def share(self) -> Term:
        """What the sum of 1 - Q is at most."""
        return integral("share") + TRACE

    def exact_remainder(self, end: str) -> Term:
        """By how much the exact risk may lie above or below the law, at most."""
        first = integral("square") + 3 * TRACE
        lean, decay = (term(0), term(0)) if self.plain else (leans, d)
        own = self.of_noise(total(i, sums_of_noise.own[i]))
        noise = {
            "above": SPREAD * (2 * self.V * TRACE + c_1 * (1 + b / room) * self.h * first)
            + b * self.h
            + b * peak / room * TRACE
            + own,
            "below": SPREAD * self.V * (1 + TAIL + 2 * TRACE)
            + 2 * SPREAD * c_1 * peak / (room**2 * term(N)) * self.share**2
            + (SPREAD * (lean + c_1 * decay / room) * first + decay) * self.h / 2,
        }
        return self.mean_remainder(end) + self.weight * noise[end]

    @property
    def of_risk(self) -> Symbols:
        """What the symbols of :mod:`exact_risk` are: v^q = v*/g, and nothing is stored."""
        approximation = law_reader(sharp, self.scheme)(s.approximation)
        settled = {"vq": ((w, i), u[w, i] / self.g), "approximation": ((), approximation)}
        return {**SAME, **settled, "store_error": ((t, w, i), term(0))}

    @property
    def side(self) -> Term:
        """R(vbar_N) - sigma^2/2."""
        return substitute(instance(le(0, risk), {}, self.of_risk).right, {n: lin(k)})

    def exact_statement(self, theorem: Theorem) -> dict[str, Claim]:
        """The exact side against the law."""
        terms = read_law(self.scheme, "exact", self.V, load)
        law = law_reader(theorem, self.scheme)(s.approximation) + sum(terms.values(), term(0))
        return {
            "above": le(self.side, law + self.exact_remainder("above")),
            "below": le(law - self.exact_remainder("below"), self.side),
        }


def averaged(scale: ExactScale) -> tuple[Step, ...]:
    """SGD's exact risk by the noise of its steps, the target and the error functional."""
    conclusions, target = tuple(exact_risk.conclusions), use("noise and u")
    found = {each.id: each for each in inherited(exact_risk, scale.of_risk, conclusions) if each.id != "x <= 1"}
    shrunk = found.pop("noise and v^q")
    names = {shrunk.id: "noise and u"} if scale.plain else {}
    own = () if scale.plain else (replace(shrunk, rule=Algebra(1 / scale.g * target)),)
    return (
        *found.values(),
        *own,
        *(cited(exact_risk, name, scale.of_risk, hypotheses=names) for name in conclusions),
        Step(
            id="lam",
            claim=eq(L(i, i), x[i] / (gamma * scale.g)),
            rule=Assumption("hypothesis", "risk on clean inputs, mu_i = g lam_i"),
        ),
        Step(id="target", claim=eq(mean(u[w, i] ** 2), 1), rule=Assumption("hypothesis", "E w*_i^2 = 1")),
        Step(
            id="noise",
            claim=eq(S(t)[i, i], gamma * x[i] * instance(le(0, noise(t)), {}, scale.symbols).right),
            rule=Assumption("model", "the exact recursion: what a step adds at random"),
        ),
    )


def driven(scale: ExactScale) -> tuple[Step, ...]:
    """The sums of the noise, from the recursion of mu_i Var v_i."""
    lemma, mu = sums_of_noise.derivation, x[i] / gamma
    found = {each.id: each for each in inherited(lemma, scale.symbols, ENDS) if each.id != "x <= 1"}
    proofs = {
        "start": mu * use("F starts", {j: i}),
        "update": mu * use("F follows") + mu * use("noise"),
        "0 <= f": mu * use("0 <= F"),
    }
    far = Step(id="far > 0", claim=lt(0, 2 - (1 + b) * x[i]), rule=Algebra(use("room") + positive(room)))
    names = {each: f"{each}, in Sigma" for each in proofs}
    steps = tuple(Step(id=names[each], claim=found.pop(each).claim, rule=Algebra(proof)) for each, proof in proofs.items())
    signs = []
    for number, name in ((peak, "peak"), *(() if scale.plain else ((omega, "omega"),))):
        body = instance(lemma.step(name).claim, {}, scale.symbols).right
        signs.append(Step(id=f"0 <= {name}", claim=le(0, number), rule=Algebra(positive(body) - use(name))))
    sums = (cited(lemma, end, scale.symbols, f"noise {end}", names) for end in ENDS)
    return (found.pop("room"), far, *found.values(), *steps, *signs, *sums)


def left_to_learn(scale: ExactScale) -> tuple[Step, ...]:
    """What directions have yet to learn, in sums over 1 - Q."""
    per, share = scale.per_direction, over(i, use("share above")) + above("share")
    heat = 1 / term(N) * scale.of_noise(sums_of_noise.heat_left)
    return (
        Step(id="share", claim=le(total(i, 1 - left(N)), scale.share), rule=Algebra(share)),
        Step(id="0 <= share", claim=le(0, scale.share), rule=Algebra(use("share") + over(i, use("1 - Q")))),
        Step(
            id="heat",
            claim=le(heat, scale.h),
            rule=Algebra(per * over(i, use("W <= 2 (1-Q)")) + 2 * per * use("share")),
        ),
    )


def noise_parts(scale: ExactScale) -> dict[str, Certificate]:
    """The variance over its weight: law + remainder less the side, and the side less law - remainder."""
    first, first_above = over(i, square(1 - left(k))), use("sum of weights before")
    h = 2 * scale.per_direction * use("0 <= share")
    last, learned = over(i, square(1 - left(N))), 2 * use("share") + over(i, square(1 - left(N)))
    rest, none = use("share") + over(i, use("0 <= Q") * use("1 - Q")), term(0)
    lean, decay = (none, none) if scale.plain else (leans, d)
    level = SPREAD * scale.V
    return {
        "above": 1 / term(N) * use("noise above", {n: k})
        + level * use("sum of weights")
        + SPREAD * c_1 * (1 + b / room) * (use("heat") * first + h * first_above)
        + b * use("heat"),
        "below": 1 / term(N) * use("noise below", {n: k})
        + level * use("sum of weights, below")
        + SPREAD * c_1 / (room**2 * term(N)) * use("0 <= peak") * (learned * last + 2 * use("0 <= share") * rest)
        + SPREAD * (lean + c_1 * decay / room) * (first * scale.per_direction * use("share") + Fraction(1, 2) * h * first_above)
        + decay * scale.per_direction * use("share"),
    }


def same_risk(scale: ExactScale) -> Certificate:
    """The law's mean part and variance less the risk: zero."""
    lam, time = x[i] / (gamma * scale.g), below("s", N)
    far = 1 - 1 / scale.g + (1 - left(N)) / (term(N) * x[i] * scale.g)
    squares = ((1 - power(1 - x[i], k - time)) / x[i]) ** 2
    mean_part = over(i, Fraction(1, 2) * far**2 * (mean(u[w, i] ** 2) * use("lam") + lam * use("target")))
    variance = over(i, over(time, squares * (lam * use("noise", {t: time}) + S(time)[i, i] * use("lam"))))
    return use("risk", {n: k}) + mean_part + 1 / (2 * term(N)) / term(N) * variance


def exact_sides(scale: ExactScale, claims: dict[str, Claim]) -> tuple[Step, ...]:
    """Both ends."""
    mean, noise = dict(zip(ENDS, mean_parts(scale), strict=True)), noise_parts(scale)
    quiet = SPREAD * c_1 * total(i, weight) * use("omega") if scale.plain else positive(term(0))
    equal = scale.weight * quiet + same_risk(scale)
    signed = {"above": equal, "below": -equal}
    return tuple(
        Step(id=end, claim=claims[end], rule=Algebra(mean[end] + scale.weight * noise[end] + signed[end])) for end in ENDS
    )


def derivation(name: str) -> Derivation:
    """The exact law of a scheme: "law-exact-full-precision" or "law-exact-multiplicative"."""
    scale = ExactScale(name.removeprefix("law-exact-"))
    claims = scale.exact_statement(sharp)
    steps = (
        *model(scale.g),
        *growing(scale),
        *directions(),
        *transfers(),
        *sums(),
        *averaged(scale),
        *driven(scale),
        *left_to_learn(scale),
        *exact_sides(scale, claims),
    )
    return Derivation(
        name=name,
        theorem="sharp",
        title=f"Law of the {scale.scheme} scheme, exact risk",
        statement=scale.exact_statement,
        steps=tuple(each for each in steps if each.id not in UNUSED),
        conclusions={each: each for each in claims},
    )
