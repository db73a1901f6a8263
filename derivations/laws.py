"""The laws of the full-precision and the multiplicative scheme, both sides, while directions are being learned.

The sharp pair on lam_i = c i^-a, mu_i = g lam_i, E w*_i^2 = 1, noise constants the same in every direction:

    law - remainder <= side <= law + remainder        for every N, M and step size that the pair allows,

where the law is what :mod:`riskbounds.asymptotics.laws` computes, with kappa, V and zeta(a)'s partial sum put in, and Approx
itself in place of the model term.  The remainders are explicit; relative to the data term they are of the orders X^(-1/a),
X^(1/a-1) and (X/M^a)^(1-1/a).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from riskbounds.derivations.law_reading import (
    A,
    Alow,
    N,
    ad,
    adlow,
    av,
    gamma,
    growth_of,
    h,
    i,
    k,
    kappa,
    kept_in,
    law_reader,
    norm,
    phi,
    reach,
    read_law,
    x,
)
from riskbounds.derivations.law_sums import (
    TAIL,
    TRACE,
    above,
    below,
    bias,
    directions,
    integral,
    left,
    model,
    n,
    transfers,
    weight,
    weight_before,
)
from riskbounds.derivations.law_sums import t as learned_time

from riskbounds import symbols as s
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Claim,
    Definition,
    Derivation,
    Reader,
    Step,
    Term,
    le,
    lt,
    over,
    positive,
    square,
    term,
    total,
    use,
)
from riskbounds.theorems import Theorem
from riskbounds.theorems.sharp_pair import sharp

HALF = Fraction(1, 2)
load = (ad + av) * kappa
SPREAD = 1 / (1 - load)


@dataclass(frozen=True)
class Scale:
    """The factors of a scheme's sums, for its growth g."""

    scheme: str

    @property
    def g(self) -> Term:
        """Sigma = g Lam."""
        return growth_of(self.scheme)

    def read(self, theorem: Theorem) -> Reader:
        """Reads a side of the theorem, for E w*_i^2 = 1."""
        return law_reader(theorem, self.scheme)

    @cached_property
    def norm(self) -> Term:
        """||v^q||^2 in Sigma."""
        return self.read(sharp)(s.quantized_norm2)

    @property
    def energy(self) -> Term:
        """mu_i (v^q_i)^2."""
        return x[i] / (gamma * self.g**2)

    @property
    def distance(self) -> Certificate:
        """h above, halved, less the sum of (v^q_i)^2 mu_i (1-Q)/t."""
        return self.per_direction * (over(i, use("share above")) + above("share"))

    @property
    def per_direction(self) -> Term:
        """mu_i (v^q_i)^2/(N x_i)."""
        return 1 / (term(N) * gamma * self.g**2)

    @property
    def bias(self) -> Term:
        """What multiplies the sum of (1-Q)^2/t in the bias."""
        return self.per_direction / (2 * self.g)

    @property
    def cross(self) -> Term:
        """What multiplies the sum of 1-Q in the cross term."""
        return (1 - 1 / self.g) * self.per_direction

    @property
    def h(self) -> Term:
        """What h is at most."""
        return 2 * self.per_direction * (integral("share") + TRACE)

    @property
    def V(self) -> Term:
        """The noise that all directions learned would see."""
        return A + av * self.norm

    @property
    def weight(self) -> Term:
        """What multiplies the variance's sums of K/N and (1-(1-x)^(N-1))^2."""
        return HALF / (term(N) * self.g)

    def remainder(self, side: str, end: str) -> Term:
        """By how much the side may lie above or below the law, at most."""
        lost = 1 + TAIL
        dt, dp = integral("average") + 2 * TRACE, integral("square") + 3 * TRACE
        noise = {
            ("lower", "above"): Alow * 2 * TRACE + adlow * self.h * dt,
            ("lower", "below"): Alow * (lost + 2 * TRACE),
            ("upper", "above"): 2 * self.V * TRACE + SPREAD * (load * self.V * 3 * TRACE + ad * self.h * dp),
            ("upper", "below"): SPREAD * self.V * (lost + 2 * TRACE) + av * self.h * (dt + SPREAD * load * dp),
        }
        return self.mean_remainder(end) + self.weight * noise[side, end]

    def mean_remainder(self, end: str) -> Term:
        """The part of bias and cross term."""
        lost = 1 + TAIL
        bias, cross = (lost + 3 * TRACE, TRACE) if end == "above" else (lost, lost)
        return self.bias * bias + self.cross * cross

    def terms(self, side: str) -> dict[str, Term]:
        """The law's terms."""
        return read_law(self.scheme, side, self.V if side == "upper" else Alow, load)

    def law(self, side: str) -> Term:
        """The law's terms with Approx."""
        return self.read(sharp)(s.approximation) + sum(self.terms(side).values(), term(0))

    def statement(self, theorem: Theorem) -> dict[str, Claim]:
        """The sides of the registered theorem against the law, and the definitions that they use."""
        read = self.read(theorem)
        found = kept_in(theorem, read)
        for side, value in (("upper", read(theorem.upper)), ("lower", read(theorem.lower))):
            law = self.law(side)
            found[f"{side}, from above"] = le(value, law + self.remainder(side, "above"))
            found[f"{side}, from below"] = le(law - self.remainder(side, "below"), value)
        return found


def rate(scale: Scale) -> Certificate:
    """The law's c X^(1/a-1) for X^(1/a)/(N gamma g), in bias and cross term together."""
    g = scale.g
    mean = (integral("share") - integral("lag")) / (2 * g**2) + (1 - 1 / g) / g * integral("share")
    return mean / reach * use("rate")


def shrinkage(scale: Scale) -> Certificate:
    """The law's shrinkage is the theorem's."""
    return (1 - 1 / scale.g) ** 2 / (2 * gamma * scale.g) * over(i, use("power law"))


def growing(scale: Scale) -> tuple[Step, ...]:
    """1 <= g, where there is growth."""
    if scale.g == term(1):
        return ()
    claim = le(1, scale.g)
    return (Step(id="growth", claim=claim, rule=Assumption("model", "g is a product of 1 + eps")),)


def noise(scale: Scale, defined: dict[str, Claim]) -> tuple[Step, ...]:
    """k at most ||v^q||^2, h and phi at most their limits and what is left of h."""
    moving = scale.energy / learned_time
    return (
        Step(id="kappa", claim=defined["kappa"], rule=Definition()),
        Step(id="0 <= kappa", claim=le(0, kappa), rule=Algebra(over(i, positive(x[i] / (2 - x[i]))) - use("kappa"))),
        Step(id="room", claim=lt(0, 1 - load), rule=Assumption("hypothesis", "(ad + av) kappa < 1")),
        *(Step(id=name, claim=defined[name], rule=Definition()) for name in ("h", "k", "phi")),
        Step(
            id="k above",
            claim=le(norm, scale.norm),
            rule=Algebra(over(i, scale.energy * use("weight <= 1")) + use("k")),
        ),
        Step(
            id="k below",
            claim=le(scale.norm - scale.h, norm),
            rule=Algebra(over(i, scale.energy * use("1 - weight <= 2 (1-Q)/t")) + 2 * scale.distance - use("k")),
        ),
        Step(
            id="h above",
            claim=le(h, scale.h),
            rule=Algebra(over(i, moving * use("W <= 2 (1-Q)")) + 2 * scale.distance + use("h")),
        ),
        Step(
            id="0 <= h",
            claim=le(0, h),
            rule=Algebra(over(i, moving / (2 - x[i]) * use("1 - Q") * (1 + use("0 <= Q"))) - use("h")),
        ),
        Step(id="0 <= bound of h", claim=le(0, scale.h), rule=Algebra(use("0 <= h") + use("h above"))),
        Step(
            id="phi above",
            claim=le(phi, SPREAD * kappa * (scale.V + ad * scale.h)),
            rule=Algebra(SPREAD * (kappa * (av * use("k above") + ad * use("h above")) - A * use("kappa")) + use("phi")),
        ),
        Step(
            id="phi below",
            claim=le(SPREAD * kappa * (A + av * norm), phi),
            rule=Algebra(SPREAD * (A * use("kappa") + kappa * ad * use("0 <= h")) - use("phi")),
        ),
    )


def sums() -> tuple[Step, ...]:
    """The two weights and the bias, summed."""
    return (
        Step(
            id="sum of weights",
            claim=le(total(i, weight), integral("average") + 2 * TRACE),
            rule=Algebra(over(i, use("weight above")) + above("average")),
        ),
        Step(
            id="sum of weights before",
            claim=le(total(i, weight_before), integral("square") + 3 * TRACE),
            rule=Algebra(over(i, use("weight before above")) + above("square")),
        ),
        Step(
            id="sum of bias",
            claim=le(total(i, bias), integral("share") - integral("lag") + 1 + TAIL + 3 * TRACE),
            rule=Algebra(over(i, use("bias above")) + above("share") + below("lag")),
        ),
        Step(
            id="sum of bias, below",
            claim=le(integral("share") - 1 - TAIL - integral("lag"), total(i, bias)),
            rule=Algebra(over(i, use("bias below")) + below("share") + above("lag")),
        ),
        Step(
            id="sum of weights, below",
            claim=le(integral("average") - 1 - TAIL - 2 * TRACE, total(i, weight)),
            rule=Algebra(over(i, use("weight below")) + below("average")),
        ),
        Step(
            id="sum of weights before, below",
            claim=le(integral("square") - 1 - TAIL - 2 * TRACE, total(i, weight_before)),
            rule=Algebra(over(i, use("weight before below")) + below("square")),
        ),
    )


def mean_parts(scale: Scale) -> tuple[Certificate, Certificate]:
    """Shrinkage, bias and cross term: law + remainder less the side, and the side less law - remainder."""
    cross = positive(term(0)) if scale.g == term(1) else scale.per_direction / scale.g * use("growth")
    same = rate(scale) + shrinkage(scale)
    above_law = scale.bias * use("sum of bias") + cross * (over(i, use("share above")) + above("share"))
    below_law = scale.bias * use("sum of bias, below") + cross * (over(i, use("0 <= E - Q")) + below("share"))
    return above_law + same, below_law - same


def noise_parts(scale: Scale) -> dict[str, Certificate]:
    """The variance over its weight, likewise, by side and end."""
    dt, dp = over(i, 1 / term(N) * use("K", {n: N})), over(i, square(1 - left(k)))
    dt_above, dp_above = use("sum of weights"), use("sum of weights before")
    h_left, follow = use("0 <= bound of h"), SPREAD * load
    moving = (ad + av) * use("phi above") + ad * use("h above")
    short = use("k below") * (dt + follow * dp) + h_left * (dt_above + follow * dp_above)
    return {
        "lower, from above": Alow * dt_above + adlow * (use("h above") * dt + h_left * dt_above),
        "lower, from below": Alow * use("sum of weights, below") + adlow * use("0 <= h") * dt,
        "upper, from above": scale.V * dt_above
        + av * use("k above") * dt
        + (SPREAD * load * scale.V + SPREAD * ad * h_left) * dp_above
        + moving * dp,
        "upper, from below": scale.V * (use("sum of weights, below") + follow * use("sum of weights before, below"))
        + (ad * use("0 <= h") + (ad + av) * use("phi below")) * dp
        + av * short,
    }


def sides(scale: Scale, claims: dict[str, Claim], mean: tuple[Certificate, Certificate]) -> tuple[Step, ...]:
    """Both sides, from above and below, by the certificates of bias and cross term."""
    above_law, below_law = mean
    return tuple(
        Step(
            id=name,
            claim=claims[name],
            rule=Algebra((above_law if name.endswith("above") else below_law) + scale.weight * noise),
        )
        for name, noise in noise_parts(scale).items()
    )


def derivation(name: str) -> Derivation:
    """The law of a scheme: "law-full-precision" or "law-multiplicative"."""
    scale = Scale(name.removeprefix("law-"))
    claims = scale.statement(sharp)
    return Derivation(
        name=name,
        theorem="sharp",
        title=f"Law of the {scale.scheme} scheme, both sides of the sharp pair",
        statement=scale.statement,
        steps=(
            *model(scale.g),
            *growing(scale),
            *directions(),
            *transfers(),
            *noise(scale, claims),
            *sums(),
            *sides(scale, claims, mean_parts(scale)),
        ),
        conclusions={each: each for each in claims},
    )
