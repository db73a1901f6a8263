"""p2-lemma-5.3, lower side: Lemma 5.2 for a power law, every sum replaced by an explicit lower bound in M and gamma N.

With N = m + 2, N x_i >= (K_low/i)^a bounds the effective dimension, N x_i <= (K/i)^a the bias; the sums over i are those of
derivations.power_law_below.
"""

from __future__ import annotations

from fractions import Fraction

from riskbounds.derivations import learning, power_law_below
from riskbounds.derivations import p2_lemma_5_2 as parent
from riskbounds.derivations.energies import cap, down, number, numbers, rank, size, sum_over_numbers
from riskbounds.derivations.hypotheses import named
from riskbounds.derivations.p2_lemma_5_2 import growth, multiplicative_reader
from riskbounds.derivations.p2_lemma_5_3 import ENVELOPE, law_of_contractions, power_law_reader, twice
from riskbounds.derivations.p2_lemma_5_3 import above as above_side
from riskbounds.derivations.p2_lemma_5_3 import statement as above_statement
from riskbounds.derivations.power_law import K, K_low, a, p
from riskbounds.derivations.power_law_below import (
    explicit,
    learned,
    least_learned,
    least_rest,
    power_tangent,
    rising,
    unsaturated,
)
from riskbounds.derivations.power_law_constants import constant_ids, constants
from riskbounds.derivations.power_law_models import multiplicative_model
from riskbounds.derivations.sgd import adlow, i, n, risk, x
from riskbounds.derivations.sides import both_sides
from riskbounds.derivations.threshold_general import TWO_ITERATES, Alow_min, M, head, tail, two

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Claim,
    Derivation,
    Known,
    Split,
    Step,
    at_least_max,
    cited,
    inherited,
    instance,
    le,
    lin,
    over,
    positive,
    scalar,
    square,
    term,
    total,
    use,
)
from riskbounds.terms.functions import apply
from riskbounds.theorems import Theorem
from riskbounds.theorems.p2_lemma_5_3 import lemma_5_3

HALF = Fraction(1, 2)
LEAST = learning.LEAST
c3_low = scalar("c3_low", "0+")
there, read = multiplicative_reader(parent.lemma_5_2, M), power_law_reader(lemma_5_3, M)
y = term(size)
model = (
    *law_of_contractions(M),
    Step(id="energy below", claim=constants(lemma_5_3, read)["c3_low"], rule=ENVELOPE),
)

# D: every direction counts min(1, (K_low/i)^{2a}) at least.
D, bias = there(symbols.effective_dimension), there(symbols.bias)
counted = lambda o: cap(K_low, number[o], twice)  # noqa: E731
flat = lambda o: p(K_low, a) * rank(o, down)  # noqa: E731
dimension = (
    Step(id="cap at 1", claim=le(counted(i), 1), rule=Known("min", (term(1), flat(i) ** 2))),
    Step(id="cap at the power", claim=le(counted(i), flat(i) ** 2), rule=Known("min", (flat(i) ** 2, term(1)))),
    Step(
        id="D by caps",
        claim=le(total(i, counted(i)), growth * D),
        rule=Split(
            over(head, use("cap at 1", {i: head}))
            + over(
                tail,
                use("cap at the power", {i: tail})
                + use("N x below", {i: tail}) * (use("N x below", {i: tail}) + positive(2 * flat(tail))),
            )
        ),
    ),
    sum_over_numbers("caps numbered", lambda o: cap(K_low, o, twice)),
    cited(power_law_below.capped_twice_below, "sum from below", name="caps from below"),
    *explicit("caps", K_low, y, size, twice, "2a > 1", positive(1)),
    Step(
        id="D",
        claim=le(least_learned(K_low, y) + p(K_low, twice) * least_rest(K_low, y, twice) / (2 * term(a) - 1), growth * D),
        rule=Algebra(
            use("D by caps")
            - use("caps numbered")
            + use("caps from below", {power_law_below.n: size})
            + use("caps: u")
            + p(K_low, twice) / (2 * term(a) - 1) * use("caps: v")
        ),
    ),
)

bias_sum = least_learned(K, y) ** (a + 1) * p(K, twice * -1) / term(a + 1) + least_rest(K, y, lin(a)) / (term(a) - 1)

# bias: lam E v*^2 >= c3_low i^-a, of which min(1, (i/K)^{2a}) is left.
share = lambda o: unsaturated(K, number[o])  # noqa: E731
steep = lambda o: p(K, twice * -1) * rank(o, twice)  # noqa: E731
above = lambda o: use("N x above", {i: o})  # noqa: E731
steep_enough = c3_low * rank(head, down) * steep(head) * above(head) * (above(head) + positive(2 * term(M) * x[head]))
biases = (
    Step(id="share at 1", claim=le(share(i), 1), rule=Known("min", (term(1), steep(i)))),
    Step(id="share at the power", claim=le(share(i), steep(i)), rule=Known("min", (steep(i), term(1)))),
    Step(
        id="bias by shares",
        claim=le(c3_low * total(i, rank(i, down) * share(i)), growth * bias),
        rule=Split(
            over(head, 1 / (term(M) * x[head]) ** 2 * (use("energy below", {i: head}) + steep_enough))
            + over(head, c3_low * rank(head, down) * use("share at the power", {i: head}))
            + over(tail, use("energy below", {i: tail}) + c3_low * rank(tail, down) * use("share at 1", {i: tail}))
        ),
    ),
    sum_over_numbers("shares numbered", rising(K)),
    cited(power_law_below.rising_below, "sum from below", name="shares from below", hypotheses={"b > 1": "a > 1"}),
    *explicit("shares", K, y, size, lin(a), "a > 1", positive(1)),
    power_tangent("learned power", learned(K, size), least_learned(K, y), a + 1, term(a + 1) * positive(a)),
    Step(
        id="bias",
        claim=le(c3_low * bias_sum, growth * bias),
        rule=Algebra(
            use("bias by shares")
            + c3_low
            * (
                -use("shares numbered")
                + use("shares from below", {power_law_below.n: size})
                + p(K, twice * -1)
                / term(a + 1)
                * (use("learned power") + term(a + 1) * least_learned(K, y) ** a * use("shares: u"))
                + 1 / (term(a) - 1) * use("shares: v")
            )
        ),
    ),
)

# ||v*||^2.
norm = there(symbols.target_norm2)
whole = total(numbers, p(numbers + 1, down))
norms = (
    sum_over_numbers("powers numbered", lambda o: p(o, down)),
    cited(power_law_below.powers_below, "whole sum from below", hypotheses={"b > 1": "a > 1"}),
    Step(
        id="norm",
        claim=le(c3_low * apply("max", 0, 1 - p(size + 1, 1 - a)) / (term(a) - 1), norm),
        rule=Algebra(
            over(i, use("energy below"))
            - c3_low * use("powers numbered")
            + c3_low
            / (term(a) - 1)
            * at_least_max(
                (term(a) - 1) * whole,
                {
                    term(0): use("a > 1") * positive(whole),
                    1 - p(size + 1, 1 - a): use("a > 1") * use("whole sum from below", {power_law_below.n: size}),
                },
            )
        ),
    ),
)

feedback = HALF * use("1/e <= 1") * positive(adlow * there(symbols.h) * D)  # dropped


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The registered theorem as claims; the upper side for N = k + 1, the lower side for N = m + 2."""
    lower = power_law_reader(theorem, M)(theorem.lower)
    return {**above_statement(theorem), "lower": le(lower, instance(le(0, risk), {n: two + 1}).right)}


lower = (
    cited(parent.derivation, "1/e <= 1"),
    cited(parent.derivation, "lower", name="general lower"),
    Step(
        id="lower",
        claim=statement(lemma_5_3)["lower"],
        rule=Algebra(
            use("general lower")
            + HALF * square(1 - 1 / growth) * use("norm")
            + HALF * square(LEAST) * (1 / growth**2) * use("bias")
            + 1 / (16 * term(M)) * (Alow_min / growth * use("D") + feedback)
        ),
    ),
)
below_side = Derivation(
    name="p2-lemma-5.3-lower",
    theorem="p2-lemma-5.3",
    title="Explicit form for a power law, multiplicative levels, lower side",
    steps=(
        *(step for step in inherited(parent.derivation, None, ("lower",)) if step.id != "a > 1"),
        *model,
        *dimension,
        *biases,
        *norms,
        *lower,
    ),
    conclusions={"lower": "lower"},
    witness=multiplicative_model,
)

STATED = {
    **named(lemma_5_3, "papers", "two iterates"),
    **constant_ids(lemma_5_3),
    "eps_bar_1": "levels",
}
derivation = both_sides(
    above_side,
    below_side,
    "Explicit form for a power law, multiplicative levels",
    statement,
    STATED,
    (below_side.step("2a > 1"), TWO_ITERATES),
)
