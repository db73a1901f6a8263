"""Energies e_i <= c3 i^-a of the directions i = 1, ..., M, cut where y_i = N x_i >= (K_low/i)^a passes 1: what they sum to.

With the head 1 <= y and the tail y <= 1: sum e min(1, 1/y^2) is at most c3 M^{a+1} K_low^{-2a} and c3 (a/(a-1)) K_low^{1-a},
sum e min(1, 1/y) at most c3 M K_low^-a and c3 (a/(a-1)) K_low^{1-a}.
"""

from __future__ import annotations

from collections.abc import Callable

from riskbounds.derivations import power_law
from riskbounds.derivations.lemma_models import energies_model
from riskbounds.derivations.power_law import K_low, a, p, r_low

from riskbounds.proofs import (
    Algebra,
    Assumption,
    BelowMin,
    Certificate,
    Derivation,
    Known,
    Lin,
    Numbered,
    Split,
    Step,
    Symbol,
    Term,
    Var,
    below,
    cited,
    direction,
    eq,
    le,
    lin,
    natural,
    over,
    parameter,
    positive,
    scalar,
    term,
    total,
    use,
)
from riskbounds.terms.functions import apply

i, head, tail = direction("i"), direction("i", "head"), direction("i", "tail")
m = natural("m")
size = parameter("M1") + 1
number, e, y = Symbol("number", "+"), Symbol("energy", "0+"), Symbol("learned", "+")
c3 = scalar("c3", "0+")
down, once = lin(a) * -1, lin(a)
numbers = below("s", size)
#: Bounds of sum i^-a: up to M, and for every M.
SHARE = (term(a) - p(size, 1 - a)) / (term(a) - 1)
RATIO = term(a) / (term(a) - 1)
LEVEL = c3 * p(K_low, down)


def rank(o: Var, exponent: Lin) -> Term:
    """i^exponent for the number i of a direction."""
    return number[o] ** exponent


def sum_over_numbers(name: str, body: Callable[[Term], Term]) -> Step:
    """A sum over the directions as a sum over 1, ..., M."""
    claim = eq(total(i, body(number[i])), total(numbers, body(term(numbers + 1))))
    return Step(id=name, claim=claim, rule=Numbered(body(number[i]), i, "number", size))


def cap(reach: Term, o: object, b: Lin) -> Term:
    """min(1, (reach/o)^b)."""
    return apply("min", 1, p(reach, b) * p(o, b * -1))


def below_min(choices: dict[Term, Certificate]) -> BelowMin:
    """left <= min of the choices, each with its certificate, in the order of the minimum's arguments."""
    return BelowMin(tuple(choices[choice] for choice in sorted(choices, key=str)))


def floor(reach: Term, r: Var) -> tuple[Step, Step]:
    """r = floor(reach)."""
    source = Assumption("model", f"{r.name} = floor({reach})")
    return (
        Step(id=f"{r.name} <= reach", claim=le(term(r), reach), rule=source),
        Step(id=f"reach <= {r.name} + 1", claim=le(reach, term(r) + 1), rule=source),
    )


def capped(name: str, derivation: Derivation, reach: Term, r: Var, b: Lin, symbol: str) -> tuple[Step, ...]:
    """sum of min(1, (reach/i)^b) over n numbers; ``symbol`` is the reach's name in the lemma."""
    cap_m = cap(reach, term(m + 1), b)
    bound = p(reach, b) * p(m + 1, b * -1)
    hypotheses = {
        "r <= K": f"{r.name} <= reach", "K <= r+1": f"reach <= {r.name} + 1",
        "T <= 1": f"{name}: at most 1", "T <= power": f"{name}: at most the power",
    }  # fmt: skip
    return (
        *floor(reach, r),
        Step(id=f"{name}: at most 1", claim=le(cap_m, 1), rule=Known("min", (term(1), bound))),
        Step(id=f"{name}: at most the power", claim=le(cap_m, bound), rule=Known("min", (bound, term(1)))),
        cited(
            derivation,
            "capped sum",
            {"T": ((m,), cap_m), symbol: ((), reach)},
            f"{name}: sum",
            {**hypotheses, "b > 1" if b == once else "a > 1": "a > 1"},
        ),
        sum_over_numbers(f"{name}: numbered", lambda o: cap(reach, o, b)),
    )


def by_cap(name: str) -> Certificate:
    """The sum of min(1, (reach/i)^b) over all directions is at most b reach/(b-1)."""
    return use(f"{name}: numbered") + use(f"{name}: sum", {power_law.n: size})


def by_count(name: str) -> Certificate:
    """The sum of min(1, (reach/i)^b) over all directions is at most M."""
    return use(f"{name}: numbered") + over(numbers, use(f"{name}: at most 1", {m: lin(numbers)}))


hypotheses = (
    Step(id="a > 1", claim=power_law.A_LAW.claim, rule=power_law.A_LAW.rule),
    Step(id="energy above", claim=le(e[i], c3 * rank(i, down)), rule=Assumption("hypothesis", "e_i <= c3 i^-a")),
    Step(id="y below", claim=le(p(K_low, a) * rank(i, down), y[i]), rule=Assumption("hypothesis", "(K_low/i)^a <= y_i")),
    Step(id="head", claim=le(1, y[head]), rule=Assumption("hypothesis", "1 <= y_i in the head")),
    Step(id="tail", claim=le(y[tail], 1), rule=Assumption("hypothesis", "y_i <= 1 in the tail")),
)
bias = total(head, e[head] / y[head] ** 2) + total(tail, e[tail])
h = total(head, e[head] / y[head]) + total(tail, e[tail])
norm = (
    sum_over_numbers("powers numbered", lambda o: p(o, down)),
    cited(power_law.powers, "whole sum", hypotheses={"b > 1": "a > 1"}),
    Step(
        id="norm",
        claim=le(total(i, e[i]), c3 * SHARE),
        rule=Algebra(over(i, use("energy above")) + c3 * (use("powers numbered") + use("whole sum", {power_law.m: size - 1}))),
    ),
)

flat = lambda o: p(K_low, once) * rank(o, down)  # noqa: E731
spent = use("head") * (1 / y[head]) * positive(e[head])  # e - e/y


def below_level(o: Var, left: Term, under_level: Certificate, under_power: Certificate) -> tuple[Step, Step]:
    """left <= c3 K_low^-a min(1, (K_low/i)^a)."""
    scaled = apply("min", LEVEL, LEVEL * flat(o))
    return (
        Step(
            id=f"{o.range}, minimum",
            claim=le(left, scaled),
            rule=below_min({LEVEL: under_level, LEVEL * flat(o): under_power}),
        ),
        Step(
            id=f"{o.range}, capped",
            claim=le(left, LEVEL * cap(K_low, number[o], once)),
            rule=Algebra(use(f"{o.range}, minimum") + use("scaled", {i: o})),
        ),
    )


levels = (
    Step(
        id="scaled",
        claim=eq(apply("min", LEVEL, LEVEL * flat(i)), LEVEL * cap(K_low, number[i], once)),
        rule=Known("min scaled", (LEVEL, term(1), flat(i)), positive(LEVEL)),
    ),
    *below_level(
        head,
        e[head] / y[head],
        1 / y[head] * (use("energy above", {i: head}) + LEVEL * use("y below", {i: head})),
        use("energy above", {i: head}) + spent,
    ),
    *below_level(
        tail,
        e[tail],
        use("energy above", {i: tail}) + LEVEL * (use("y below", {i: tail}) + use("tail")),
        use("energy above", {i: tail}),
    ),
    *capped("caps", power_law.capped, K_low, r_low, once, "reach_low"),
    Step(
        id="by caps",
        claim=le(h, LEVEL * total(i, cap(K_low, number[i], once))),
        rule=Split(over(head, use("head, capped")) + over(tail, use("tail, capped"))),
    ),
    Step(id="h, size", claim=le(h, LEVEL * term(size)), rule=Algebra(use("by caps") + LEVEL * by_count("caps"))),
    Step(id="h, capped", claim=le(h, c3 * RATIO * p(K_low, 1 - a)), rule=Algebra(use("by caps") + LEVEL * by_cap("caps"))),
    Step(
        id="bias, capped",
        claim=le(bias, c3 * RATIO * p(K_low, 1 - a)),
        rule=Algebra(use("h, capped") + over(head, spent * (1 / y[head]))),
    ),
)

DECAY = c3 * p(K_low, down * 2)
rising = (
    sum_over_numbers("rising powers numbered", lambda o: p(o, a)),
    Step(
        id="tangent at s+1",
        claim=le(p(numbers + 1, a) + term(a) * (term(size) - numbers - 1) * p(numbers + 1, once - 1), p(size, a)),
        rule=Known("power above its tangent", (term(size), term(numbers + 1), term(a)), term(a) * use("a > 1")),
        note="t^a is convex",
    ),
    Step(
        id="i^a <= M^a",
        claim=le(p(numbers + 1, a), p(size, a)),
        rule=Algebra(use("tangent at s+1") + term(a) * positive(term(size) - numbers - 1) * positive(p(numbers + 1, once - 1))),
    ),
    Step(
        id="by rising powers",
        claim=le(bias, DECAY * total(i, rank(i, once))),
        rule=Split(
            over(
                head,
                1
                / y[head] ** 2
                * (
                    use("energy above", {i: head})
                    + DECAY
                    * rank(head, once)
                    * use("y below", {i: head})
                    * (use("y below", {i: head}) + positive(2 * flat(head)))
                ),
            )
            + over(
                tail,
                use("energy above", {i: tail})
                + DECAY * rank(tail, once) * (use("y below", {i: tail}) + use("tail")) * (positive(1) + positive(flat(tail))),
            )
        ),
    ),
    Step(
        id="bias, size",
        claim=le(bias, DECAY * p(size, a + 1)),
        rule=Algebra(use("by rising powers") + DECAY * (use("rising powers numbered") + over(numbers, use("i^a <= M^a")))),
    ),
)
derivation = Derivation(
    name="power-law-energies",
    theorem="",
    title="Energies of a power law, cut where N x passes 1",
    steps=(*hypotheses, *norm, *levels, *rising),
    conclusions={name: name for name in ("norm", "h, size", "h, capped", "bias, size", "bias, capped")},
    witness=energies_model,
)
