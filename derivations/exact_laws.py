"""The exact side of the laws of the full-precision and the multiplicative scheme while directions are being learned.

On lam_i = c i^-a, mu_i = g lam_i, E w*_i^2 = 1, with the noise of the exact recursion in the form of :mod:`exact_noise`,

    law - remainder <= risk <= law + remainder,       variance ~ D X^(1/a) V/(2 N g (1 - load)),

V = c_0 + c_1 omega, load = c_1 kappa.  Relative to the variance the remainders have the orders X^(-1/a), X^(1/a-1), X^(1/a)/N and
(X/M^a)^(1-1/a).
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property

from riskbounds.derivations import exact_sides as general
from riskbounds.derivations.exact_noise import SPREAD, b, c_0, c_1, d, load, omega, peak, room
from riskbounds.derivations.exact_noise import l as leans
from riskbounds.derivations.law_reading import N, gamma, growing, i, k, law_reader, read_law, x
from riskbounds.derivations.law_scale import Scale
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
    whole_weights,
)
from riskbounds.derivations.laws import mean_parts, sums

from riskbounds import symbols as s
from riskbounds.proofs import (
    Algebra,
    Certificate,
    Claim,
    Derivation,
    Step,
    Term,
    cited,
    inherited,
    le,
    lt,
    over,
    positive,
    scalar,
    square,
    term,
    total,
    use,
)
from riskbounds.terms.claims import Symbols, instance
from riskbounds.theorems import Theorem
from riskbounds.theorems.sharp_pair import sharp

HALF, NOTHING = Fraction(1, 2), positive(term(0))
ENDS = general.ENDS
#: What the steps of :mod:`laws` and :mod:`law_sums` say of sums that the exact side does not have.
UNUSED = {
    *("x (1 - weight)", "0 <= W", "weight before below", "sum of weights before, below", "square: integral - 1 <= sum"),
}


class ExactScale(Scale):
    """The factors of a scheme's sums, and the exact noise on them: own_i = t w_i, w_i = mu_i (v^q_i)^2."""

    @property
    def plain(self) -> bool:
        """Nothing is quantized."""
        return self.scheme == "full-precision"

    @property
    def energy(self) -> Term:
        """w_i/x_i."""
        return 1 / (gamma * self.g**2)

    @property
    def own(self) -> Term:
        """own_i/x_i."""
        return term(0) if self.plain else scalar("target_noise", "0+") * self.energy

    @cached_property
    def symbols(self) -> Symbols:
        """What the symbols of :mod:`exact_sides` are."""
        none = {name: ((), term(0)) for name in ("leans", "decays")} if self.plain else {}
        power_law = {"lam": ((i,), x[i] / (gamma * self.g)), "target2": ((i,), term(1))}
        return {**power_law, "own_noise": ((i,), self.own * x[i]), **none}

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
        first, own = integral("square") + 3 * TRACE, self.own + b * self.energy
        lean, decay = (term(0), term(0)) if self.plain else (leans, d)
        noise = {
            "above": SPREAD * (2 * self.V * TRACE + c_1 * (1 + b / room) * self.h * first)
            + b * self.h
            + (self.own + b / room * (peak + own)) * TRACE,
            "below": SPREAD * self.V * (1 + TAIL + 2 * TRACE)
            + SPREAD * c_1 / (room**2 * term(N)) * (2 * peak * self.share + own * TRACE) * self.share
            + (SPREAD * (lean + c_1 * decay / room) * first + decay) * self.h / 2,
        }
        return self.mean_remainder(end) + self.weight * noise[end]

    def exact_statement(self, theorem: Theorem) -> dict[str, Claim]:
        """The risk against the law."""
        risk = instance(le(0, general.RISK), {}, self.symbols).right
        terms = read_law(self.scheme, "exact", self.V, load)
        law = law_reader(theorem, self.scheme)(s.approximation) + sum(terms.values(), term(0))
        return {
            "above": le(risk, law + self.exact_remainder("above")),
            "below": le(law - self.exact_remainder("below"), risk),
        }


def lower_sides(scale: ExactScale) -> tuple[Step, ...]:
    """The risk against the lower side with the stationary noise."""
    lemma = general.derivation
    found = {each.id: each for each in inherited(lemma, scale.symbols, ENDS) if each.id != "x <= 1"}
    far = Step(id="far > 0", claim=lt(0, 2 - (1 + b) * x[i]), rule=Algebra(use("room") + positive(room)))
    signs = []
    for number, name in ((omega, "omega"), (peak, "peak")):
        body = instance(lemma.step(name).claim, {}, scale.symbols).right
        signs.append(Step(id=f"0 <= {name}", claim=le(0, number), rule=Algebra(positive(body) - use(name))))
    highest = found.pop("peak")
    sides = (cited(lemma, end, scale.symbols, f"risk {end}") for end in ENDS)
    return (found.pop("room"), far, *found.values(), signs[0], highest, signs[1], *sides)


def left_to_learn(scale: ExactScale) -> tuple[Step, ...]:
    """What directions have yet to learn, in sums over 1 - Q."""
    per, share = scale.per_direction, over(i, use("share above")) + above("share")
    return (
        Step(id="share", claim=le(total(i, 1 - left(N)), scale.share), rule=Algebra(share)),
        Step(id="0 <= share", claim=le(0, scale.share), rule=Algebra(use("share") + over(i, use("1 - Q")))),
        Step(
            id="heat",
            claim=le(per * total(i, (1 - left(N) ** 2) / (2 - x[i])), scale.h),
            rule=Algebra(per * over(i, use("W <= 2 (1-Q)")) + 2 * per * use("share")),
        ),
    )


def noise_parts(scale: ExactScale) -> dict[str, Certificate]:
    """The variance over its weight: law + remainder less the side, and the side less law - remainder."""
    first, first_above, h = (
        over(i, square(1 - left(k))),
        use("sum of weights before"),
        2 * scale.per_direction * use("0 <= share"),
    )
    last, lean = over(i, square(1 - left(N))), scale.per_direction * use("share")
    missed, own = use("share") + over(i, use("0 <= Q") * use("1 - Q")), scale.own + b * scale.energy
    learned = use("0 <= peak") * (2 * use("share") + last) + own * over(i, x[i] * square(left(N)))
    most = 2 * use("0 <= peak") * use("0 <= share") + own * TRACE
    level = SPREAD * scale.V
    found = {
        "above": level * use("sum of weights")
        + SPREAD * c_1 * (1 + b / room) * (use("heat") * first + h * first_above)
        + b * use("heat")
        + b / room * own * over(i, x[i] * use("x <= 1")),
        "below": level * use("sum of weights, below") + SPREAD * c_1 / (room**2 * term(N)) * (learned * last + most * missed),
    }
    if scale.plain:
        return found
    below_first = SPREAD * (leans + c_1 * d / room) * (first * lean + HALF * h * first_above)
    return {
        "above": found["above"] + scale.own * over(i, x[i] * use("weight <= 1")),
        "below": found["below"] + scale.own * over(i, x[i] / term(N) * use("K", {n: N})) + below_first + d * lean,
    }


def exact_sides(scale: ExactScale, claims: dict[str, Claim]) -> tuple[Step, ...]:
    """Both ends."""
    mean, noise = dict(zip(ENDS, mean_parts(scale), strict=True)), noise_parts(scale)
    quiet = scale.weight * SPREAD * c_1 * total(i, weight) * use("omega") if scale.plain else NOTHING
    proofs = {"above": mean["above"] + quiet, "below": mean["below"] - quiet}
    return tuple(
        Step(id=end, claim=claims[end], rule=Algebra(use(f"risk {end}") + proof + scale.weight * noise[end]))
        for end, proof in proofs.items()
    )


def derivation(name: str) -> Derivation:
    """The exact law of a scheme: "law-exact-full-precision" or "law-exact-multiplicative"."""
    scale = ExactScale(name.removeprefix("law-exact-"))
    claims = scale.exact_statement(sharp)
    unused = UNUSED | ({"K", "weight <= 1"} if scale.plain else set())
    steps = (
        *model(scale.g),
        *growing(scale.g),
        *directions(),
        *whole_weights(),
        *transfers(),
        *sums(scale),
        *lower_sides(scale),
        *left_to_learn(scale),
        *exact_sides(scale, claims),
    )
    return Derivation(
        name=name,
        theorem="sharp",
        title=f"Law of the {scale.scheme} scheme, exact risk",
        statement=scale.exact_statement,
        steps=tuple(each for each in steps if each.id not in unused),
        conclusions={each: each for each in claims},
    )
