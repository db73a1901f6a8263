"""The laws of all schemes, both sides, while directions are being learned.

The sharp pair on lam_i = c i^-a, mu_i = g lam_i + floor, E w*_i^2 = 1, A_i = A + rise mu_i and Alow_i = Alow + rise_low mu_i,
additive storage:

    law - remainder <= side <= law + remainder        for every N, M and step size that the pair allows,

where the law is what :mod:`riskbounds.asymptotics.laws` computes, with kappa, V and zeta(a)'s partial sum put in, and Approx
itself in place of the model term.  The remainders are explicit; relative to the data term (to the storage's own term, for it)
they are of the orders X^(-1/a), X^(1/a-1), (X/M^a)^(1-1/a) and N gamma floor.  The floor's shrinkage is no term of the sum:
directions that N steps do not learn hold it as bias already.  Floor, rises and storage are there in the schemes that have them.
"""

from __future__ import annotations

from riskbounds.derivations import law_floor
from riskbounds.derivations.law_floor_sums import contraction, hidden, store_parts, stores
from riskbounds.derivations.law_floor_sums import mean as floored_mean
from riskbounds.derivations.law_reading import (
    A,
    Alow,
    N,
    ad,
    adlow,
    av,
    gamma,
    growing,
    h,
    i,
    k,
    kappa,
    norm,
    phi,
    reach,
    rise,
    rise_low,
    x,
)
from riskbounds.derivations.law_scale import LOST, SPREAD, Scale, load
from riskbounds.derivations.law_sums import (
    PLAIN,
    SUMMANDS,
    TRACE,
    above,
    below,
    bias,
    integral,
    left,
    n,
    transfers,
)

from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Claim,
    Definition,
    Derivation,
    Step,
    le,
    lt,
    over,
    positive,
    square,
    term,
    total,
    use,
)
from riskbounds.proofs.certificates import NOTHING


def rate(scale: Scale) -> Certificate:
    """The law's c X^(1/a-1) for X^(1/a)/(N gamma g), in bias and cross term together."""
    g = scale.g
    mean = (integral("share") - integral("lag")) / (2 * g**2) + (1 - 1 / g) / g * integral("share")
    return mean / reach * use("rate")


def shrinkage(scale: Scale) -> Certificate:
    """The law's shrinkage is the theorem's."""
    return (1 - 1 / scale.g) ** 2 / (2 * gamma * scale.g) * over(i, use("power law"))


def noise(scale: Scale, defined: dict[str, Claim]) -> tuple[Step, ...]:
    """k at most ||v^q||^2, h and phi at most their limits and what is left of h."""
    per, f = scale.per_direction, scale.of[i]
    first = SPREAD * scale.U
    return (
        Step(id="kappa", claim=defined["kappa"], rule=Definition()),
        Step(id="0 <= kappa", claim=le(0, kappa), rule=Algebra(over(i, positive(f / (2 - f))) - use("kappa"))),
        Step(id="room", claim=lt(0, 1 - load), rule=Assumption("hypothesis", "(ad + av) kappa < 1")),
        *(Step(id=name, claim=defined[name], rule=Definition()) for name in ("h", "k", "phi")),
        Step(
            id="k above",
            claim=le(norm, scale.norm),
            rule=Algebra(over(i, N * per * x[i] ** 2 / f * use("weight <= 1")) + use("k")),
        ),
        Step(
            id="k below",
            claim=le(scale.norm - scale.h, norm),
            rule=Algebra(over(i, N * per * use("x (1 - weight)")) + 2 * scale.distance - use("k")),
        ),
        Step(
            id="h above",
            claim=le(h, scale.h),
            rule=Algebra(over(i, per * use("W <= 2 (1-Q)")) + 2 * scale.distance + use("h")),
        ),
        Step(id="0 <= h", claim=le(0, h), rule=Algebra(over(i, per * use("0 <= W")) - use("h"))),
        Step(id="0 <= bound of h", claim=le(0, scale.h), rule=Algebra(use("0 <= h") + use("h above"))),
        Step(
            id="phi above",
            claim=le(phi, SPREAD * kappa * (scale.V + ad * scale.h) + first),
            rule=Algebra(SPREAD * (kappa * (av * use("k above") + ad * use("h above")) - A * use("kappa")) + use("phi")),
        ),
        Step(
            id="phi below",
            claim=le(SPREAD * kappa * (A + av * norm) + first, phi),
            rule=Algebra(SPREAD * (A * use("kappa") + kappa * ad * use("0 <= h")) - use("phi")),
        ),
    )


def sums(scale: Scale) -> tuple[Step, ...]:
    """The two weights and the bias, summed."""
    dt, dp = total(i, law_floor.dt(scale.of)), total(i, law_floor.dp(scale.of))
    return (
        Step(
            id="sum of weights",
            claim=le(dt, integral("average") + 2 * TRACE + scale.hidden),
            rule=Algebra(over(i, use("weight above")) + above("average") + hidden(scale, "dt above")),
        ),
        Step(
            id="sum of weights before",
            claim=le(dp, integral("square") + 3 * TRACE + scale.hidden),
            rule=Algebra(over(i, use("weight before above")) + above("square") + hidden(scale, "dp above")),
        ),
        Step(
            id="sum of bias",
            claim=le(total(i, bias), integral("share") - integral("lag") + LOST + 3 * TRACE),
            rule=Algebra(over(i, use("bias above")) + above("share") + below("lag")),
        ),
        Step(
            id="sum of bias, below",
            claim=le(integral("share") - LOST - integral("lag"), total(i, bias)),
            rule=Algebra(over(i, use("bias below")) + below("share") + above("lag")),
        ),
        Step(
            id="sum of weights, below",
            claim=le(integral("average") - LOST - 2 * TRACE - scale.hidden, dt),
            rule=Algebra(over(i, use("weight below")) + below("average") + hidden(scale, "dt below")),
        ),
        Step(
            id="sum of weights before, below",
            claim=le(integral("square") - LOST - 2 * TRACE - scale.hidden, dp),
            rule=Algebra(over(i, use("weight before below")) + below("square") + hidden(scale, "dp below")),
        ),
    )


def mean_parts(scale: Scale) -> tuple[Certificate, Certificate]:
    """Shrinkage, bias and cross term: law + remainder less the side, and the side less law - remainder."""
    cross = NOTHING if scale.g == term(1) else scale.per_direction / scale.g * use("growth")
    same = rate(scale) + shrinkage(scale)
    above_law = scale.bias * use("sum of bias") + cross * (over(i, use("share above")) + above("share"))
    below_law = scale.bias * use("sum of bias, below") + cross * (over(i, use("0 <= E - Q")) + below("share"))
    if scale.floored:
        above_law, below_law = above_law + use("mean, above"), below_law + use("mean, below")
    return above_law + same, below_law - same


def noise_parts(scale: Scale) -> dict[str, Certificate]:
    """The variance over its weight, likewise, by side and end."""
    share = x[i] / scale.of[i]
    dt, dp = over(i, share / N * use("K", {n: N})), over(i, share * square(1 - left(k, of=scale.of)))
    dt_above, dp_above = use("sum of weights"), use("sum of weights before")
    dt_below, dp_below = use("sum of weights, below"), use("sum of weights before, below")
    h_left, follow, shared = use("0 <= bound of h"), SPREAD * load, SPREAD * (ad + av) * scale.U
    moving = (ad + av) * use("phi above") + ad * use("h above")
    short = use("k below") * (dt + follow * dp) + h_left * (dt_above + follow * dp_above)
    risen = over(i, x[i] / gamma * use("weight <= 1")) if scale.stored else NOTHING
    rises = over(i, x[i] / (gamma * N) * use("K", {n: N})) if scale.stored else NOTHING
    return {
        "lower, from above": Alow * dt_above + adlow * (use("h above") * dt + h_left * dt_above) + rise_low * risen,
        "lower, from below": Alow * dt_below + adlow * use("0 <= h") * dt + rise_low * rises,
        "upper, from above": scale.V * dt_above
        + av * use("k above") * dt
        + (follow * scale.V + shared + SPREAD * ad * h_left) * dp_above
        + moving * dp
        + rise * risen,
        "upper, from below": scale.V * (dt_below + follow * dp_below)
        + shared * dp_below
        + (ad * use("0 <= h") + (ad + av) * use("phi below")) * dp
        + av * short
        + rise * rises,
    }


def sides(scale: Scale, claims: dict[str, Claim], mean: tuple[Certificate, Certificate]) -> tuple[Step, ...]:
    """Both sides, from above and below, by the certificates of shrinkage, bias and cross term."""
    store = store_parts(scale)
    return tuple(
        Step(
            id=name,
            claim=claims[name],
            rule=Algebra(mean[end] + store[end] + scale.weight * variance),
        )
        for name, variance in noise_parts(scale).items()
        for end in (int(name.endswith("below")),)
    )


def derivation(name: str) -> Derivation:
    """The law of a scheme: "law-full-precision", "law-multiplicative", "law-additive" or "law-elementwise"."""
    scale = Scale(name.removeprefix("law-"))
    claims = scale.statement(scale.theorem)
    return Derivation(
        name=name,
        theorem=scale.theorem.name,
        title=f"Law of the {scale.scheme} scheme, both sides of the sharp pair",
        statement=scale.statement,
        steps=(
            *contraction(scale),
            *growing(scale.g),
            *transfers(tuple(SUMMANDS) if scale.stored else PLAIN),
            *noise(scale, claims),
            *sums(scale),
            *floored_mean(scale),
            *stores(scale),
            *sides(scale, claims, mean_parts(scale)),
        ),
        conclusions={each: each for each in claims},
    )
