"""p2-lemma-5.4, lower side: Lemma 5.1 for additive feature errors and a power law, no sum left.

Of the directions those of number at most m = min(M, (c1/(4 e_high))^{1/a}) are kept, r = floor(m) in number; there lam/mu is at
least theta.  The mean part is at least its diagonal form by hypothesis; derivations.floor_commuting proves it where Lam and Sigma
commute.
"""

from __future__ import annotations

from collections.abc import Callable

from riskbounds.derivations import first_directions, power_law_below
from riskbounds.derivations import p2_lemma_5_1 as parent
from riskbounds.derivations.energies import cap, down, number, rank, size, sum_over_numbers
from riskbounds.derivations.first_directions import directions, kept, m, r_kept
from riskbounds.derivations.floor_dimension import high
from riskbounds.derivations.floor_model import (
    ENERGY_BELOW,
    EXPONENT,
    FLOOR_ABOVE,
    FLOOR_BELOW,
    LAM_BELOW,
    LAM_BELOW_MU,
    TWICE,
    c1,
    e_high,
    e_low,
    floor_reader,
    learned_below,
    reaches,
    root_four,
    root_high,
)  # fmt: skip
from riskbounds.derivations.hypotheses import condition, named
from riskbounds.derivations.p2_lemma_5_4_upper import above as above_side
from riskbounds.derivations.p2_lemma_5_4_upper import statement as above_statement
from riskbounds.derivations.power_law import K_low, a, p
from riskbounds.derivations.power_law_below import explicit, least_learned, least_rest
from riskbounds.derivations.power_law_constants import constant_ids
from riskbounds.derivations.power_law_models import additive_model
from riskbounds.derivations.sgd import L, adlow, gamma, i, mu, n, risk, x
from riskbounds.derivations.sides import both_sides
from riskbounds.derivations.threshold_general import TWO_ITERATES, Alow_min, M, head, tail, two

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Claim,
    Derivation,
    Known,
    Split,
    Step,
    Term,
    Var,
    at_least_max,
    cited,
    inherited,
    instance,
    le,
    lin,
    over,
    positive,
    term,
    total,
    use,
)
from riskbounds.terms.functions import apply
from riskbounds.theorems import Theorem
from riskbounds.theorems.p2_lemma_5_4 import MEAN_PART_DOMINATES, lemma_5_4


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The registered theorem as claims; the upper side for N = k + 1, the lower side for N = m + 2."""
    lower = floor_reader(theorem, M)(theorem.lower)
    return {**above_statement(theorem), "lower": le(lower, instance(le(0, risk), {n: two + 1}).right)}


read, there = floor_reader(lemma_5_4, M), parent.papers_reader(parent.lemma_5_1, M)
y, theta = read(symbols.learnable), read(symbols.above_floor)
height = e_high * p(y, a) / c1  # 1/theta - 1
MOST = apply("max", 1, size * root_four * high * root_high)
D = there(symbols.effective_dimension)
twice = lin(a) * 2
model = (
    EXPONENT,
    TWICE,
    LAM_BELOW,
    LAM_BELOW_MU,
    FLOOR_BELOW,
    FLOOR_ABOVE,
    reaches(M)[1],
    learned_below(M),
    Step(id="r <= m", claim=le(r_kept, y), rule=Assumption("model", "r = floor(m)")),
    Step(id="m <= r+1", claim=le(y, r_kept + 1), rule=Assumption("model", "r = floor(m)")),
    *directions,
)

# lam/mu >= theta for the kept directions.
i_power = lambda e: rank(i, e)  # noqa: E731
weight = kept(number[i])
shares = (
    Step(id="max >= 1", claim=le(1, MOST), rule=Known("max", (term(1), size * root_four * high * root_high))),
    Step(id="r <= M", claim=le(r_kept, term(size)), rule=Algebra(use("r <= m") + size / MOST * use("max >= 1"))),
    Step(
        id="tangent at i",
        claim=le(i_power(lin(a)) + a * (y - number[i]) * i_power(lin(a) - 1), p(y, a)),
        rule=Known("power above its tangent", (y, number[i], term(a)), term(a) * use("a > 1")),
        note="i^a <= m^a for i <= m",
    ),
    Step(
        id="share of the kept",
        claim=le(weight * theta, weight * L(i, i) / mu(i)),
        rule=Algebra(
            theta
            / mu(i)
            * (
                weight * use("floor above")
                + e_high
                / c1
                * (
                    weight * p(y, a) * use("lam below")
                    + c1
                    * i_power(down)
                    * (weight * use("tangent at i") + a * i_power(lin(a) - 1) * (weight * use("r <= m") + use("kept up to r")))
                )
            )
        ),
        note="mu <= lam + e_high <= lam/theta",
    ),
)

# D: a kept direction counts theta min(1, (K_low/i)^{2a}) at least, and theta min(1, gamma N e_low)^2.
caps = lambda o: cap(K_low, o, twice)  # noqa: E731
flat = lambda o: p(K_low, a) * rank(o, down)  # noqa: E731
floor_learned = gamma * M * e_low
least_floor = apply("min", 1, floor_learned)


def counted(name: str, count: Callable[[Var], Term], in_head: Certificate, in_tail: Certificate) -> Step:
    """theta count summed over the kept is at most D, where the certificates show count <= 1 and count <= (N x)^2."""
    learned_by = {head: term(1), tail: (term(M) * x[tail]) ** 2}
    enough = {head: in_head, tail: in_tail}
    return Step(
        id=name,
        claim=le(theta * total(i, kept(number[i]) * count(i)), D),
        rule=Split(
            sum(
                (
                    over(
                        o,
                        learned_by[o] * (L(o, o) / mu(o) * use("kept at most 1", {i: o}) + use("share of the kept", {i: o}))
                        + theta * kept(number[o]) * enough[o],
                    )
                    for o in (head, tail)
                ),
                start=positive(0),
            )
        ),
    )


def first(name: str, body: Callable[[Term], Term]) -> tuple[Step, Step]:
    """A sum over the kept directions as one over 1, ..., r."""
    return (
        sum_over_numbers(f"{name}, numbered", lambda o: kept(o) * body(o)),
        cited(first_directions.derivation, "kept sum", {"F": ((m,), body(term(m + 1)))}, f"{name}, kept"),
    )


counted_steps = (
    Step(id="cap at 1", claim=le(caps(number[i]), 1), rule=Known("min", (term(1), flat(i) ** 2))),
    Step(id="cap at the power", claim=le(caps(number[i]), flat(i) ** 2), rule=Known("min", (flat(i) ** 2, term(1)))),
    Step(id="floor at 1", claim=le(least_floor, 1), rule=Known("min", (term(1), floor_learned))),
    Step(id="floor at itself", claim=le(least_floor, floor_learned), rule=Known("min", (floor_learned, term(1)))),
    counted(
        "D by caps",
        lambda o: caps(number[o]),
        use("cap at 1", {i: head}),
        use("cap at the power", {i: tail}) + use("y below", {i: tail}) * (use("y below", {i: tail}) + positive(2 * flat(tail))),
    ),
    counted(
        "D by the floor",
        lambda _: least_floor**2,
        use("floor at 1") * (positive(1) + positive(least_floor)),
        (use("floor at itself") + gamma * M * (use("floor below", {i: tail}) + positive(L(tail, tail))))
        * (positive(term(M) * x[tail]) + positive(least_floor)),
    ),
    *first("caps", caps),
    *first("ones", lambda _: term(1)),
    cited(power_law_below.capped_twice_below, "sum from below", name="caps from below"),
    *explicit("caps", K_low, y, lin(r_kept), twice, "2a > 1", use("m <= r+1")),
)
D_low = read(symbols.dimension_low)
by_floor = apply("max", 0, y - 1) * least_floor**2
by_caps = least_learned(K_low, y) + p(K_low, twice) * least_rest(K_low, y, twice) / (2 * term(a) - 1)
dimension = (
    Step(
        id="D",
        claim=le(D_low, D),
        rule=Algebra(
            theta
            * at_least_max(
                (1 + height) * D,
                {
                    by_floor: (1 + height) * use("D by the floor")
                    + least_floor**2
                    * (
                        use("ones, kept")
                        - use("ones, numbered")
                        + at_least_max(term(r_kept), {term(0): positive(r_kept), y - 1: use("m <= r+1")})
                    ),
                    by_caps: (1 + height) * use("D by caps")
                    + use("caps, kept")
                    - use("caps, numbered")
                    + use("caps from below", {power_law_below.n: lin(r_kept)})
                    + use("caps: u")
                    + p(K_low, twice) / (2 * term(a) - 1) * use("caps: v"),
                },
            )
        ),
    ),
)
lower = (
    Step(
        id="mean part",
        claim=condition(MEAN_PART_DOMINATES, read),
        rule=Assumption("hypothesis", MEAN_PART_DOMINATES.name),
    ),
    cited(parent.derivation, "1/e <= 1"),
    cited(parent.derivation, "lower", name="general lower"),
    Step(
        id="lower",
        claim=statement(lemma_5_4)["lower"],
        rule=Algebra(
            use("general lower")
            + use("mean part")
            + 1 / (16 * term(M)) * (Alow_min * use("D") + positive(adlow * there(symbols.h) * D / 2) * use("1/e <= 1"))
        ),
    ),
)
below_side = Derivation(
    name="p2-lemma-5.4-lower",
    theorem="p2-lemma-5.4",
    title="Explicit form for a power law, additive levels, lower side",
    steps=(*inherited(parent.derivation, None, ("lower",)), *model, *shares, *counted_steps, *dimension, *lower),
    conclusions={"lower": "lower"},
    witness=additive_model,
)
STATED = {**named(lemma_5_4, "papers", "two iterates", "mean part"), **constant_ids(lemma_5_4)}
derivation = both_sides(
    above_side,
    below_side,
    "Explicit form for a power law, additive levels",
    statement,
    STATED,
    (TWICE, TWO_ITERATES, ENERGY_BELOW),
)
