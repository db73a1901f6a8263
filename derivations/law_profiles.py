"""What the laws know of e^(-t), for every t > 0: the summands of the sharp pair's sums rise from 0, and lie below t.

1-e^(-t) is the learned share, its square the weight dp, `average` the weight dt, and (1-e^(-t))^2/t = share - `lag` the bias.
Stored weights: average/t = share + lag - 2 `spare`.
"""

from __future__ import annotations

from fractions import Fraction

from riskbounds.proofs import Algebra, Derivation, Known, Rising, Step, Term, cited, eq, le, lt, positive, square, use
from riskbounds.terms.exponentials import decay
from riskbounds.terms.functions import apply
from riskbounds.terms.profiles import TAU

t, E = TAU, decay()


def share(t: Term, E: Term) -> Term:  # noqa: ARG001
    """1 - e^(-t)."""
    return 1 - E


def squared(t: Term, E: Term) -> Term:
    """(1 - e^(-t))^2."""
    return share(t, E) ** 2


def average(t: Term, E: Term) -> Term:
    """The average of (1 - e^(-s))^2 over 0 < s < t."""
    return 1 - 2 * (1 - E) / t + (1 - E**2) / (2 * t)


def lag(t: Term, E: Term) -> Term:
    """1 - e^(-t) - (1 - e^(-t))^2/t."""
    return share(t, E) - squared(t, E) / t


def distance(t: Term, E: Term) -> Term:
    """(1 - e^(-t))/t, the average of e^(-s) over 0 < s < t: the distance that is left, averaged."""
    return share(t, E) / t


def distance_squared(t: Term, E: Term) -> Term:
    """Its square."""
    return distance(t, E) ** 2


def spare(t: Term, E: Term) -> Term:
    """Half of share + lag - average/t."""
    return (share(t, E) + lag(t, E) - average(t, E) / t) / 2


decays = Derivation(
    name="law-decay",
    theorem="",
    title="e^(-t) between its tangents",
    steps=(
        Step(id="1 - t <= e^-t", claim=le(1 - t, E), rule=Known("exp", (-t,))),
        Step(id="1 + t <= e^t", claim=le(1 + t, apply("exp", t)), rule=Known("exp", (t,))),
        Step(id="sum", claim=eq(apply("exp", 0), apply("exp", t) * E), rule=Known("exp of a sum", (t, -t))),
        Step(id="e^0 = 1", claim=eq(apply("exp", 0), 1), rule=Known("exp of 0", ())),
        Step(
            id="t e^-t <= 1 - e^-t",
            claim=le(t * E, 1 - E),
            rule=Algebra(E * use("1 + t <= e^t") + use("e^0 = 1") - use("sum")),
        ),
        Step(id="0 <= 1 - e^-t", claim=le(0, 1 - E), rule=Algebra(use("t e^-t <= 1 - e^-t") + t * E)),
        Step(id="0 <= square", claim=le(0, squared(t, E)), rule=Algebra(square(1 - E))),
        Step(id="0 <= 2t (E - E^2)", claim=le(0, 2 * t * E * (1 - E)), rule=Algebra(2 * t * E * use("0 <= 1 - e^-t"))),
        Step(id="slope", claim=le(0, 2 * E**2 - 2 * E + 2 * t * E), rule=Algebra(2 * E * use("1 - t <= e^-t"))),
    ),
    conclusions={
        name: name
        for name in ("1 - t <= e^-t", "t e^-t <= 1 - e^-t", "0 <= 1 - e^-t", "0 <= square", "0 <= 2t (E - E^2)", "slope")
    },
)


averages = Derivation(
    name="law-average",
    theorem="",
    title="The average of (1 - e^(-s))^2 over 0 < s < t lies between 0 and (1 - e^(-t))^2",
    steps=(
        Step(id="0 <= average", claim=le(0, t * average(t, E)), rule=Rising(decays, "0 <= square")),
        Step(id="average <= square", claim=le(t * average(t, E), t * squared(t, E)), rule=Rising(decays, "0 <= 2t (E - E^2)")),
    ),
    conclusions={name: name for name in ("0 <= average", "average <= square")},
)
BELOW_T = use("1 - t <= e^-t")
LEARNED = use("0 <= 1 - e^-t")
profiles = Derivation(
    name="law-profiles",
    theorem="",
    title="The summands rise from 0 and lie below t",
    steps=(
        *(cited(decays, name) for name in ("1 - t <= e^-t", "t e^-t <= 1 - e^-t", "0 <= 1 - e^-t")),
        Step(id="sinh", claim=le(2 * t * E, 1 - E**2), rule=Rising(decays, "slope"), note="t <= sinh t"),
        Step(id="share rises", claim=le(0, E), rule=Algebra(positive(E))),
        Step(id="square rises", claim=le(0, 2 * E - 2 * E**2), rule=Algebra(2 * E * LEARNED)),
        Step(
            id="average rises",
            claim=le(0, (2 * (1 - E) - (1 - E**2) / 2) / t**2 - 2 * E / t + E**2 / t),
            rule=Algebra(1 / (2 * t**2) * ((LEARNED + 1) * use("sinh") + LEARNED * square(1 - E))),
            note="E = e^-t: the derivative times t^2 is (2-E)(1 - E^2 - 2tE)/2 + (1-E)^3/2",
        ),
        Step(
            id="lag rises",
            claim=le(0, E + (1 - E) ** 2 / t**2 - 2 * (1 - E) * E / t),
            rule=Algebra(square((1 - E) / t - E) + E * LEARNED),
        ),
        cited(averages, "0 <= average"),
        Step(
            id="spare rises",
            claim=le(0, E - E * (1 - E) / t + average(t, E) / t**2),
            rule=Algebra(E / t * BELOW_T + 1 / t**3 * use("0 <= average")),
        ),
        Step(id="share <= t", claim=le(share(t, E), t), rule=Algebra(BELOW_T)),
        Step(id="square <= t", claim=le(squared(t, E), t), rule=Algebra(BELOW_T + E * LEARNED)),
        Step(
            id="average <= t",
            claim=le(average(t, E), t),
            rule=Algebra(1 / (2 * t) * (square(1 - E) + 2 / (1 + t) * (use("t e^-t <= 1 - e^-t") + t**3))),
            note="e^-t <= 1/(1+t) <= 1 - t + t^2",
        ),
        Step(id="lag <= t", claim=le(lag(t, E), t), rule=Algebra(BELOW_T + 1 / t * square(1 - E))),
        Step(
            id="spare <= t",
            claim=le(spare(t, E), t),
            rule=Algebra((use("share <= t") + use("lag <= t") + 1 / t**2 * use("0 <= average")) * Fraction(1, 2)),
        ),
    ),
    conclusions={
        f"{name} {what}": f"{name} {what}"
        for name in ("share", "square", "average", "lag", "spare")
        for what in ("rises", "<= t")
    },
)

#: What a source target weighs: log-concave in log t, so that t^s times each rises and then falls.
distances = Derivation(
    name="law-distances",
    theorem="",
    title="What is left of a direction's distance, and its square",
    steps=(
        *(cited(decays, name) for name in ("1 - t <= e^-t", "t e^-t <= 1 - e^-t", "0 <= 1 - e^-t")),
        Step(id="0 < distance", claim=lt(0, distance(t, E)), rule=Algebra(1 / t * (use("t e^-t <= 1 - e^-t") + t * E))),
        Step(id="0 < distance^2", claim=lt(0, distance_squared(t, E)), rule=Algebra(use("0 < distance") * use("0 < distance"))),
        Step(id="distance <= 1", claim=le(distance(t, E), 1), rule=Algebra(1 / t * BELOW_T)),
        Step(
            id="distance^2 <= 1",
            claim=le(distance_squared(t, E), 1),
            rule=Algebra(1 / t * BELOW_T * (1 + 1 / t * LEARNED)),
        ),
        Step(id="distance <= 1/t", claim=le(distance(t, E), 1 / t), rule=Algebra(positive(E / t))),
        Step(id="distance^2 <= 1/t^2", claim=le(distance_squared(t, E), 1 / t**2), rule=Algebra(E / t**2 * (1 + LEARNED))),
        Step(
            id="distance falls faster",
            claim=le(0, E * (t - 1 + E) / t**2),
            rule=Algebra(E / t**2 * BELOW_T),
        ),
        Step(
            id="distance^2 falls faster",
            claim=le(0, 2 * E * (t - 1 + E) * (1 - E) ** 2 / t**4),
            rule=Algebra(2 * E / t**4 * BELOW_T * square(1 - E)),
            note="t f'^2 - f f' - t f f''",
        ),
    ),
    conclusions={
        name: name
        for each, power in (("distance", "1/t"), ("distance^2", "1/t^2"))
        for name in (f"0 < {each}", f"{each} <= 1", f"{each} <= {power}", f"{each} falls faster")
    },
)
