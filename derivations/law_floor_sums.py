"""What a floor and stored weights add to the derivation of a law: contraction, mean part and the storage's own term."""

from __future__ import annotations

from riskbounds.derivations import law_averages, law_floor
from riskbounds.derivations.law_reading import N, c, floor, full, gamma, i, x
from riskbounds.derivations.law_scale import LOST, STORED, Scale
from riskbounds.derivations.law_sums import TRACE, TWO, above, below, directions, model, squares, t, weight, whole_weights

from riskbounds.proofs import Algebra, Certificate, Step, cited, inherited, le, lt, over, term, total, use
from riskbounds.proofs.certificates import NOTHING

Z = gamma * floor


def contraction(scale: Scale) -> tuple[Step, ...]:
    """The step size, the floor, and what is known of the weights' size."""
    if not scale.floored:
        return (*model(scale.g), *directions(), *whole_weights())
    floor_at, full_at = {"excess": ((), Z)}, {"x": ((i,), full[i])}
    replaced = inherited(law_floor.derivation, floor_at)
    own = (
        *replaced,
        Step(id="x <= 1", claim=le(x[i], 1), rule=Algebra(use("f <= 1") + Z - use("floor"))),
        TWO,
        Step(id="2 - f > 0", claim=lt(0, 2 - full[i]), rule=Algebra(use("f <= 1") + 1)),
    )
    names = [name for name in law_floor.derivation.conclusions if scale.stored or not name.startswith("store")]
    return (
        *model(scale.g, own),
        *directions(),
        cited(squares, "K", full_at, hypotheses={"x <= 1": "f <= 1"}),
        *(cited(law_floor.derivation, name, floor_at) for name in names),
    )


def hidden(scale: Scale, name: str) -> Certificate:
    """What a floor moves a sum of weights by."""
    if not scale.floored:
        return NOTHING
    return over(i, use(name)) + N * Z * (over(i, use("share above")) + above("share"))


def mean(scale: Scale) -> tuple[Step, ...]:
    """Shrinkage, bias and cross term with the floor against those without."""
    if not scale.floored:
        return ()
    g, lam = scale.g, x[i] / (gamma * scale.g)
    falls = 1 / g * use("mean falls")
    plain, whole = scale.mean(x), scale.mean(full)
    grown = NOTHING if g == term(1) else 1 / g * use("growth")
    rest = grown + 1 / (g * t) * use("1 - Q")
    return (
        Step(
            id="mean, above",
            claim=le(whole, plain + scale.per_direction * scale.hidden),
            rule=Algebra(
                over(
                    i,
                    lam / g * use("mean falls by")
                    + lam / 2 * falls * (1 / g * (2 * use("0 <= mean") + use("mean falls")))
                    + floor / g**2 * use("mean <= 1 - Q"),
                )
                + floor / g**2 * (over(i, use("share above")) + above("share"))
            ),
        ),
        Step(
            id="mean, below",
            claim=le(plain, whole),
            rule=Algebra(over(i, lam / 2 * falls * (2 * rest + falls))),
        ),
    )


def stores(scale: Scale) -> tuple[Step, ...]:
    """The sum of K/(N t)."""
    if not scale.stored:
        return ()
    close = law_averages.derivation
    return (
        cited(close, "weight/t above"),
        cited(close, "weight/t below"),
        Step(
            id="sum of stores",
            claim=le(total(i, weight / t), STORED + 2 * LOST + 2 * TRACE),
            rule=Algebra(over(i, use("weight/t above")) + above("share") + above("lag") + 2 * below("spare")),
        ),
        Step(
            id="sum of stores, below",
            claim=le(STORED - 2 * LOST - TRACE, total(i, weight / t)),
            rule=Algebra(over(i, use("weight/t below")) + below("share") + below("lag") + 2 * above("spare")),
        ),
    )


def store_parts(scale: Scale) -> tuple[Certificate, Certificate]:
    """The storage's own term, likewise."""
    if not scale.stored:
        return NOTHING, NOTHING
    one, same = scale.store / term(N) ** 2, scale.store * STORED / (N * gamma * c) * use("X")
    above_law = over(i, one * use("store above")) + scale.store * use("sum of stores") - same
    left_out = use("sum of stores, below") + 2 * N * Z * use("sum of stores")
    return above_law, over(i, one * use("store below")) + scale.store * left_out + same
