"""The exact side of the laws of all schemes while directions are being learned, for both targets, storage exact.

On lam_i = c i^-a, mu_i = g lam_i + floor, E w*_i^2 = 1 or E lam_i w*_i^2 = i^-b, the noise being that of the exact recursion in
the form of :mod:`exact_noise`,

    law - remainder <= risk <= law + remainder,       variance ~ D X^(1/a) V/(2 N g (1 - load)),

V = c_0 + c_1 omega, load = c_1 kappa.  Of the floor's part of kappa, M gamma floor/2, nothing feeds back as long as N steps do
not see the floor, and the law takes it back.  Relative to the variance the remainders have the orders X^(-1/a), X^(1/a)/N, h/V
(X^(1/a-1) for the isotropic target), (X/M^a)^(1-1/a), N gamma floor, and M gamma floor times N gamma floor.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from riskbounds.derivations import exact_noise_sums as noise_sums
from riskbounds.derivations import exact_sides as general
from riskbounds.derivations import law_floor
from riskbounds.derivations.exact_noise import SPREAD, b, c_1, d, omega, peak, room
from riskbounds.derivations.exact_noise import l as leans
from riskbounds.derivations.exact_scale import ENDS, ExactScale, ExactSource
from riskbounds.derivations.law_floor_sums import Z, contraction, mean
from riskbounds.derivations.law_reading import N, full, growing, i, k
from riskbounds.derivations.law_source import STRIPS, shown
from riskbounds.derivations.law_source import mean_parts as source_parts
from riskbounds.derivations.law_sums import PLAIN, Q, above, left, n, squares, transfers, weight
from riskbounds.derivations.laws import mean_parts, sums

from riskbounds.proofs import (
    Algebra,
    Certificate,
    Claim,
    Derivation,
    Induction,
    Step,
    cited,
    inherited,
    le,
    lin,
    lt,
    over,
    positive,
    square,
    term,
    total,
    use,
)
from riskbounds.proofs.certificates import NOTHING
from riskbounds.terms.claims import instance
from riskbounds.terms.polynomial import substitute

HALF = Fraction(1, 2)
#: What the steps of :mod:`laws` and its like say of sums that the exact side does not have.
UNUSED = {
    *("x (1 - weight)", "weight before below", "sum of weights before, below", "square: integral - 1 <= sum"),
    *("dp below", "sum of weights before, below"),
}
#: What they say of the isotropic target's mean part.
OF_MEAN = frozenset({"rate", "bias above", "bias below", "sum of bias", "sum of bias, below", "share: integral - 1 <= sum"})

shares = {each.id: each for each in law_floor.growth if each.id in ("q <= 1", "left falls", "share falls")}
#: How a floor moves what is learned.
floor_shares = Derivation(
    name="law-exact-floor",
    theorem="",
    title="What is learned with a floor, and without",
    steps=(
        *(each for each in law_floor.PREMISES if each.id not in ("2 - x > 0", "2 - f > 0")),
        *shares.values(),
        Step(
            id="left falls by",
            claim=le(law_floor.q - law_floor.p, n * law_floor.z),
            rule=Induction(
                n,
                step=(1 - full[i]) * use("ih") + law_floor.z * (use("q <= 1") + n * full[i]) + law_floor.q * use("floor"),
            ),
        ),
    ),
    conclusions={name: name for name in ("share falls", "left falls by")},
)


def learned_shares(scale: ExactScale) -> tuple[Step, ...]:
    """What is learned with the floor, and that it is no more than all."""
    if not scale.floored:
        return ()
    floor_at, full_at = {"excess": ((), Z)}, {"x": ((i,), full[i])}
    return (
        cited(squares, "q <= 1", full_at, "p <= 1", hypotheses={"x <= 1": "f <= 1"}),
        *(cited(floor_shares, name, floor_at) for name in floor_shares.conclusions),
    )


def lower_sides(scale: ExactScale) -> tuple[Step, ...]:
    """The risk against the lower side with the stationary noise."""
    lemma, stable = general.derivation, {"x <= 1": "f <= 1"} if scale.floored else {}
    found = {each.id: each for each in inherited(lemma, scale.symbols, ENDS) if each.id != "x <= 1"}
    far = Step(id="far > 0", claim=lt(0, 2 - (1 + b) * scale.of[i]), rule=Algebra(use("room") + positive(room)))
    signs = []
    for number, name in ((omega, "omega"), (peak, "peak")):
        body = instance(lemma.step(name).claim, {}, scale.symbols).right
        signs.append(Step(id=f"0 <= {name}", claim=le(0, number), rule=Algebra(positive(body) - use(name))))
    highest, kept = found.pop("peak"), found.pop("reached <= 1", None)
    known = (replace(kept, rule=Algebra(Direction(scale).waits)),) if kept else ()
    sides = (cited(lemma, end, scale.symbols, f"risk {end}", stable) for end in ENDS)
    return (found.pop("room"), far, *known, *found.values(), signs[0], highest, signs[1], *sides, *counted(scale))


def left_to_learn(scale: ExactScale) -> tuple[Step, ...]:
    """What directions have yet to learn, in sums over 1 - Q."""
    per, f, share = scale.per_direction, scale.of, over(i, use("share above")) + above("share")
    heat = per * scale.ratio**2 * (1 - left(N, of=f) ** 2) / (2 - f[i])
    return (
        Step(id="share", claim=le(total(i, 1 - Q), scale.share), rule=Algebra(share)),
        Step(id="0 <= share", claim=le(0, scale.share), rule=Algebra(use("share") + over(i, use("1 - Q")))),
        Step(
            id="heat",
            claim=le(total(i, heat), scale.h),
            rule=Algebra(over(i, per * use("W <= 2 (1-Q)")) + 2 * scale.distance),
        ),
    )


def counted(scale: ExactScale) -> tuple[Step, ...]:
    """kappa, all of it, against what counts."""
    if not scale.floored:
        return ()
    equal = use("whole kappa") - use("kappa") + over(i, 1 / (2 - (1 + b) * full[i]) * use("floor"))
    return (Step(id="all of kappa", claim=scale.exact_claims()["all of kappa"], rule=Algebra(equal)),)


class Direction:
    """Certificates about one direction, with or without a floor: 1 - P, 1 - x/f, 1 - Q - (x/f)(1-P) and so on."""

    def __init__(self, scale: ExactScale) -> None:
        """From the scheme's steps."""
        f, self.ratio, self.P = scale.of, scale.ratio, left(N, of=scale.of)
        if scale.floored:
            self.learned, self.least = use("p <= 1", {n: N}), left(k, of=f) * use("f <= 1")
            self.less = Z / f[i] - 1 / f[i] * use("floor")
            self.slower, self.moved = 1 / f[i] * use("share falls", {n: N}), use("left falls by", {n: N})
            self.waits = Z / (2 * f[i]) * use("far > 0") - 1 / f[i] * use("floor")
        else:
            self.learned, self.least = use("1 - Q"), left(k) * use("x <= 1")
            self.less = self.slower = self.moved = self.waits = NOTHING

    def rest(self, power: int) -> Certificate:
        """1 - Q - (x/f)^power (1-P)."""
        curve = sum((self.ratio**m for m in range(power - 1)), term(0))
        return self.ratio ** (power - 1) * self.slower + self.less * curve * use("1 - Q")

    @property
    def rest_of_square(self) -> Certificate:
        """1 - Q - (x/f)(1-P)^2."""
        return self.slower * self.learned + use("1 - Q") * self.least


def settled(scale: ExactScale) -> Certificate:
    """What the sum of the bounds of the noises times 1 - P^2, of the part that counts, is at most."""
    most = 2 * use("0 <= share") + (1 + b) * scale.waiting
    return use("0 <= peak") * most + total(i, scale.reached * scale.top)


def settles(scale: ExactScale, at: Direction) -> Certificate:
    """That less the sum itself."""
    floor = (1 + b) * Z / 2 * square(at.P) if scale.floored else NOTHING
    sums = 2 * use("share") + over(i, 2 * at.slower + scale.ratio * square(1 - at.P) + floor)
    return use("0 <= peak") * sums + over(i, scale.reached * scale.top * square(at.P))


def waiting(scale: ExactScale) -> tuple[Step, ...]:
    """What the floor has no time to feed back."""
    if not scale.floored:
        return ()
    at, far = Direction(scale), 2 - (1 + b) * full[i]
    most = 2 * use("0 <= peak") * (use("0 <= share") + 2 * N * scale.waiting) + total(i, scale.top)
    sums = use("0 <= peak") * (2 * use("share") + over(i, 2 * at.moved + square(1 - at.P))) + over(i, scale.top * square(at.P))
    equal = over(i, (peak + scale.top) * (1 - at.P**2) / far * use("floor"))
    found = substitute(instance(le(0, noise_sums.slow), {}, general.OF_NOISE).right, {n: lin(k)})
    slow = instance(le(0, found), {}, scale.symbols).right
    return (
        Step(id="0 <= slow", claim=le(0, scale.slow), rule=Algebra(Z / 2 * most)),
        Step(id="slow", claim=le(slow, scale.slow), rule=Algebra(Z / 2 * sums + equal)),
        Step(id="0 <= idle", claim=le(0, scale.idle), rule=Algebra(over(i, full[i] / far * scale.own * at.waits))),
    )


def noise_parts(scale: ExactScale) -> dict[str, Certificate]:
    """The variance over its weight: law + remainder less the side, and the side less law - remainder."""
    at, per = Direction(scale), scale.per_direction
    first = over(i, scale.ratio * square(1 - left(k, of=scale.of)))
    first_above, h = use("sum of weights before"), use("heat") + over(i, per * use("0 <= W"))
    last, missed = over(i, scale.ratio * square(1 - at.P)), use("share") + over(i, at.rest_of_square)
    lean, decay = (scale.distance + over(i, per * at.rest(power)) for power in (2, 3))
    heat = use("heat") + over(i, per * at.less * use("0 <= W"))
    level = SPREAD * scale.V
    found = {
        "above": level * use("sum of weights")
        + SPREAD * c_1 * (1 + b / room) * (use("heat") * first + h * first_above)
        + b * heat,
        "below": level * use("sum of weights, below")
        + SPREAD * c_1 / (room**2 * term(N)) * (settles(scale, at) * last + settled(scale) * missed),
    }
    if scale.plain:
        return found
    if scale.floored:
        slow = use("0 <= slow") * use("sum of weights") + use("slow") * over(i, scale.ratio / N * use("K", {n: N}))
        idle = use("0 <= idle") * use("sum of weights")
        found = {"above": found["above"] + SPREAD * c_1 * slow, "below": found["below"] + SPREAD * c_1 * idle}
    below_first = SPREAD * (leans + c_1 * d / room) * (first * lean + HALF * h * first_above)
    own = scale.ratio * scale.own
    return {
        "above": found["above"] + over(i, own * use("weight <= 1")),
        "below": found["below"] + over(i, own / N * use("K", {n: N})) + below_first + d * decay,
    }


def exact_sides(scale: ExactScale, claims: dict[str, Claim], parts: tuple[Certificate, Certificate]) -> tuple[Step, ...]:
    """Both ends, by the certificates of shrinkage, bias and cross term."""
    mean_part, noise = dict(zip(ENDS, parts, strict=True)), noise_parts(scale)
    quiet = scale.weight * SPREAD * c_1 * total(i, weight) * use("omega") if scale.plain else NOTHING
    proofs = {"above": mean_part["above"] + quiet, "below": mean_part["below"] - quiet}
    return tuple(
        Step(id=end, claim=claims[end], rule=Algebra(use(f"risk {end}") + proof + scale.weight * noise[end]))
        for end, proof in proofs.items()
    )


def derivation(name: str) -> Derivation:
    """The exact law of a scheme: "law-exact-full-precision", and so on."""
    scale = ExactScale(name.removeprefix("law-exact-"))
    claims = scale.exact_claims()
    begun = (*contraction(scale), *growing(scale.g), *transfers(PLAIN), *sums(scale), *mean(scale))
    return whole(name, scale, (*begun, *ended(scale), *exact_sides(scale, claims, mean_parts(scale))))


def of_source(name: str) -> Derivation:
    """The same for a source target on a strip: "law-exact-source-rough-full-precision", and so on."""
    strip, scheme = name.removeprefix("law-exact-source-").split("-", 1)
    scale = ExactSource(scheme, STRIPS[strip])
    claims = scale.exact_claims()
    known = (*contraction(scale), *scale.strip.steps, *growing(scale.g))
    begun = (*known, *transfers(("average", "square", "share")), *shown(scale), *sums(scale))
    return whole(name, scale, (*begun, *ended(scale), *exact_sides(scale, claims, source_parts(scale))), OF_MEAN)


def ended(scale: ExactScale) -> tuple[Step, ...]:
    """The risk by the lower side, and what directions have yet to learn."""
    return (*lower_sides(scale), *learned_shares(scale), *left_to_learn(scale), *waiting(scale))


def whole(name: str, scale: ExactScale, steps: tuple[Step, ...], unused: frozenset[str] = frozenset()) -> Derivation:
    """The derivation of these steps."""
    left_out = UNUSED | unused | ({"K", "weight <= 1"} if scale.plain else set())
    return Derivation(
        name=name,
        theorem="exact recursion",
        title=f"Law of the {name.removeprefix('law-exact-')} scheme, exact risk",
        steps=tuple(each for each in steps if each.id not in left_out),
        conclusions={each: each for each in scale.exact_claims()},
    )
