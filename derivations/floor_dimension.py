"""Effective dimension over a floor: D = sum_head s_i + sum_tail y_i^2 s_i, with s_i = lam_i/mu_i and y_i = N x_i.

Three bounds, for phi = [floor > 0]: M; with phi s_i <= (L/i)^a, phi D <= (a/(a-1)) L; and with
y_i^2 s_i <= (K/i)^{2a} + phi (H/i)^a, because min(1, p + q) <= min(1, p) + min(1, q), D <= 2aK/(2a-1) + (a/(a-1)) phi H.
"""

from __future__ import annotations

from riskbounds.derivations import power_law
from riskbounds.derivations.energies import (
    RATIO,
    below_min,
    by_cap,
    cap,
    capped,
    down,
    head,
    i,
    number,
    once,
    rank,
    size,
    sum_over_numbers,
    tail,
    y,
)
from riskbounds.derivations.lemma_models import floor_dimension_model
from riskbounds.derivations.power_law import K, p, r_high

from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Derivation,
    Known,
    Split,
    Step,
    Symbol,
    Term,
    Var,
    eq,
    le,
    lt,
    over,
    parameter,
    positive,
    scalar,
    square,
    term,
    total,
    use,
)
from riskbounds.terms.functions import apply

share = Symbol("share", "0+")
low, high = scalar("above_zero_low", "0+"), scalar("above_zero_high", "0+")
reach_floor_low, reach_floor_high = scalar("reach_floor_low"), scalar("reach_floor_high")
r_floor_low, r_floor_high = parameter("r_floor_low"), parameter("r_floor_high")
capped_low = power_law.capped_sum(once, "power-law-capped-sum-floor-low", reach_floor_low, r_floor_low)
capped_high = power_law.capped_sum(once, "power-law-capped-sum-floor-high", reach_floor_high, r_floor_high)
twice = once * 2


def hypothesis(name: str, claim: object, source: str) -> Step:
    """What the lemma asks for."""
    return Step(id=name, claim=claim, rule=Assumption("hypothesis", source))


curve = lambda o: p(K, twice) * rank(o, twice * -1)  # noqa: E731
curve_low = lambda o: p(reach_floor_low, once) * rank(o, down)  # noqa: E731
curve_high = lambda o: p(reach_floor_high, once) * rank(o, down)  # noqa: E731
hypotheses = (
    Step(id="a > 1", claim=power_law.A_LAW.claim, rule=power_law.A_LAW.rule),
    hypothesis("head", le(1, y[head]), "1 <= y_i in the head"),
    hypothesis("tail", le(y[tail], 1), "y_i <= 1 in the tail"),
    hypothesis("share", le(share[i], 1), "lam_i <= mu_i"),
    hypothesis("phi_low", le(low, 1), "phi <= 1"),
    hypothesis("phi_high", eq(high**2, high), "phi is 0 or 1"),
    hypothesis("share above", le(low * share[i], curve_low(i)), "phi s_i <= (L/i)^a"),
    hypothesis("learned above", le(y[i] ** 2 * share[i], curve(i) + high * curve_high(i)), "y^2 s <= (K/i)^2a + phi (H/i)^a"),
)


def counted(o: Var) -> Term:
    """What a direction counts."""
    return share[o] if o == head else y[o] ** 2 * share[o]


D = total(head, counted(head)) + total(tail, counted(tail))
#: 1 and s of a direction less what it counts.
at_most_one = {
    head: use("share", {i: head}),
    tail: use("share", {i: tail}) + share[tail] * use("tail") * (positive(1) + positive(y[tail])),
}
less = {head: positive(0), tail: share[tail] * use("tail") * (positive(1) + positive(y[tail]))}
more = {head: share[head] * use("head") * (positive(1) + positive(y[head])), tail: positive(0)}


def over_both(certificates: dict[Var, Certificate]) -> Certificate:
    """Sum over the head and the tail."""
    return over(head, certificates[head]) + over(tail, certificates[tail])


shrinking = (
    sum_over_numbers("directions", lambda _: term(1)),
    Step(id="size", claim=le(D, term(size)), rule=Split(over_both(at_most_one) + use("directions"))),
    *(
        Step(
            id=f"capped, {o.range}",
            claim=le(low * counted(o), cap(reach_floor_low, number[o], once)),
            rule=below_min(
                {
                    term(1): use("phi_low") + low * at_most_one[o],
                    curve_low(o): use("share above", {i: o}) + low * less[o],
                }
            ),
        )
        for o in (head, tail)
    ),
    *capped("caps", capped_low, reach_floor_low, r_floor_low, once, "reach_floor_low"),
    Step(
        id="shrinking",
        claim=le(low * D, RATIO * reach_floor_low),
        rule=Split(over_both({o: use(f"capped, {o.range}") for o in (head, tail)}) + by_cap("caps")),
    ),
)


def growth_of(o: Var) -> tuple[Step, ...]:
    """min(1, p + q) <= min(1, p) + min(1, q) in one direction, q being phi times a number and phi 0 or 1."""
    t, q = counted(o), curve_high(o)
    within = use("learned above", {i: o}) + more[o]
    rest = t - cap(K, number[o], twice)
    scaled = apply("min", high, high * q)
    return (
        Step(
            id=f"clean part, {o.range}",
            claim=le(t - high * q, cap(K, number[o], twice)),
            rule=below_min({term(1): at_most_one[o] + positive(high * q), curve(o): within}),
        ),
        Step(
            id=f"clean part or phi, {o.range}",
            claim=le(t - high, cap(K, number[o], twice)),
            rule=below_min(
                {
                    term(1): at_most_one[o] + positive(high),
                    curve(o): (use("phi_high <= 1") * within - q * use("phi_high"))
                    + high * (at_most_one[o] + positive(curve(o))),
                },
            ),
            note="where phi = 0, s y^2 <= (K/i)^2a; where phi = 1, s y^2 <= 1",
        ),
        Step(
            id=f"floor part, minimum, {o.range}",
            claim=le(rest, scaled),
            rule=below_min({high: use(f"clean part or phi, {o.range}"), high * q: use(f"clean part, {o.range}")}),
        ),
        Step(
            id=f"floor part, {o.range}",
            claim=le(rest, high * cap(reach_floor_high, number[o], once)),
            rule=Algebra(use(f"floor part, minimum, {o.range}") + use("scaled", {i: o})),
        ),
    )


growing = (
    Step(id="2a > 1", claim=lt(1, term(twice)), rule=Algebra(2 * use("a > 1") + positive(1))),
    Step(id="phi_high <= 1", claim=le(high, 1), rule=Algebra(square(1 - high) + use("phi_high"))),
    Step(
        id="scaled",
        claim=eq(apply("min", high, high * curve_high(i)), high * cap(reach_floor_high, number[i], once)),
        rule=Known("min scaled", (high, term(1), curve_high(i)), positive(high)),
    ),
    *growth_of(head),
    *growth_of(tail),
    *capped("square caps", power_law.capped_twice, K, r_high, twice, "reach"),
    *capped("floor caps", capped_high, reach_floor_high, r_floor_high, once, "reach_floor_high"),
    Step(
        id="growing",
        claim=le(D, term(twice) * K / (term(twice) - 1) + high * RATIO * reach_floor_high),
        rule=Split(
            over_both({o: use(f"floor part, {o.range}") for o in (head, tail)})
            + by_cap("square caps")
            + high * by_cap("floor caps")
        ),
    ),
)
derivation = Derivation(
    name="floor-dimension",
    theorem="",
    title="Effective dimension over a floor",
    steps=(*hypotheses, *shrinking, *growing),
    conclusions={"size": "size", "shrinking": "shrinking", "growing": "growing"},
    witness=floor_dimension_model,
)
