"""p2-theorem-4.4: Lemma 5.4's lower side in effective sizes, where 2 <= K_low and 2 (K + 1) <= m = min(M, (c1/(4 e_high))^{1/a}).

As Theorem 4.3 from Lemma 5.3, with m in the place of M; what the floor costs is in derivations.floor_cost.
"""

from __future__ import annotations

from fractions import Fraction

from riskbounds.derivations import p2_lemma_5_4_below as parent
from riskbounds.derivations.effective_sizes import (
    POSITIVE,
    SHARE_OF_BIAS,
    WORDS,
    C,
    falling,
    rate_below,
    root,
    root1,
    root2,
    share_of_bias,
    share_steps,
    sizes,
    smaller_root,
    t,
)  # fmt: skip
from riskbounds.derivations.energies import number
from riskbounds.derivations.floor_cost import REACH, K, K_low, c3_low, cost, effective_reader, floors, read, theta, twice, y
from riskbounds.derivations.floor_model import (
    ENERGY_BELOW,
    LAM_ABOVE,
    TWICE,
    c1,
    c2,
    root_four,
)  # fmt: skip
from riskbounds.derivations.hypotheses import conditions, named
from riskbounds.derivations.learning import LEAST
from riskbounds.derivations.p2_theorem_4_3 import bias_share, dimension_share, multiples
from riskbounds.derivations.power_law import a, p
from riskbounds.derivations.power_law_below import least_learned, power_tangent
from riskbounds.derivations.power_law_constants import constant_ids, constants
from riskbounds.derivations.power_law_models import LONG, additive_model, in_effective_sizes
from riskbounds.derivations.sgd import gamma, n, risk
from riskbounds.derivations.threshold_general import TWO_ITERATES, Alow_min, M, two

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Claim,
    Derivation,
    Known,
    Step,
    cited,
    eq,
    inherited,
    instance,
    le,
    lin,
    positive,
    square,
    term,
    use,
)
from riskbounds.terms.functions import apply
from riskbounds.theorems import Theorem
from riskbounds.theorems.p2_theorem_4_4 import theorem_4_4

HALF = Fraction(1, 2)
RESOLVED = dict(zip((each.name for each in theorem_4_4.hypotheses[-2:]), ("two directions", "left to learn"), strict=True))
bias_above = theta**4 * bias_share * p(K, falling)


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The registered theorem as claims, for N = m + 2: its hypotheses and constants, its lower side, N_eff and F."""
    read = effective_reader(theorem)
    return {
        **conditions(theorem, read),
        **constants(theorem, read),
        **sizes(read),
        **share_of_bias(read, HALF * LEAST**2 * c3_low * bias_above),
        "lower": le(read(theorem.lower), instance(le(0, risk), {n: two + 1}).right),
    }


claims = statement(theorem_4_4)
roots = (
    root("root of c1", root1, c1),
    root("root of c2", root2, c2),
    root("root of gamma N", t, gamma * M),
    root("root of 4", root_four, term(4)),
    *(Step(id=name, claim=claims[name], rule=Assumption("model", WORDS[name])) for name in sizes(read)),
    *(
        Step(
            id=name,
            claim=claims[symbol],
            rule=Algebra(gamma * M * use(f"root of {c}") + p(c_root, a) * use("root of gamma N")),
        )
        for name, symbol, c, c_root in (("K", "reach", c2, root2), ("K_low", "reach_low", c1, root1))
    ),
)
hypotheses = (
    *(Step(id=step, claim=claims[name], rule=Assumption("hypothesis", name)) for name, step in RESOLVED.items()),
    LAM_ABOVE,
    Step(id="c1 <= c2", claim=le(c1, c2), rule=Algebra(p(number[parent.i], a) * (use("lam above") + use("lam below")))),
    *smaller_root("c1_root <= c2_root", root1, root2, use("c1 <= c2") - use("root of c2") + use("root of c1")),
    Step(id="K_low <= K", claim=le(K_low, K), rule=Algebra(t * use("c1_root <= c2_root"))),
    Step(id="2 <= K", claim=le(2, K), rule=Algebra(use("two directions") + use("K_low <= K"))),
    Step(id="2 (K_low + 1) <= m", claim=le(2 * (K_low + 1), y), rule=Algebra(use("left to learn") + 2 * use("K_low <= K"))),
)

# D and the bias, as in Theorem 4.3.
learned = least_learned(K, y)
in_dimension = multiples("D", K_low, twice, use("2a > 1"), "two directions", "2 (K_low + 1) <= m", y)
in_bias = multiples("bias", K, lin(a), use("a > 1"), "2 <= K", "left to learn", y)
by_caps, by_floor = (instance(le(0, body), {}, REACH).right for body in (parent.by_caps, parent.by_floor))
lower = (
    power_tangent("bias: half to the power", learned, HALF * K, a + 1, term(a + 1) * positive(a)),
    Step(id="D by caps", claim=le(by_caps, apply("max", by_caps, by_floor)), rule=Known("max", (by_caps, by_floor))),
    Step(
        id="data term",
        claim=eq(
            HALF * LEAST**2 * c3_low * bias_above + Alow_min * theta / (16 * term(M)) * dimension_share * K_low,
            C * read(symbols.data_factor) * t**falling,
        ),
        rule=Algebra(
            Fraction(1, 16) * Alow_min * theta * dimension_share * root1 * p(t, falling) / term(M) * use("root of gamma N")
        ),
    ),
    *rate_below(),
    cited(parent.below_side, "lower", REACH, "general lower"),
    Step(
        id="lower",
        claim=claims["lower"],
        rule=Algebra(
            use("general lower")
            + use("s")
            + HALF
            * square(LEAST)
            * (c3_low * theta**4)
            * (
                p(K, twice * -1)
                / term(a + 1)
                * (use("bias: half to the power") + term(a + 1) * p(HALF * K, a) * use("bias: half"))
                + 1 / (term(a) - 1) * use("bias: rest")
            )
            + Alow_min
            * theta
            / (16 * term(M))
            * (use("D by caps") + use("D: half") + p(K_low, twice) / (2 * term(a) - 1) * use("D: rest"))
            - use("data term")
            + C * t**falling * use("root of F")
            + C * use("rate")
        ),
    ),
)
PROVED_HERE = ("K_low",)
derivation = Derivation(
    name="p2-theorem-4.4",
    theorem="p2-theorem-4.4",
    title="Scaling law in effective sizes, additive levels, lower",
    statement=statement,
    steps=(
        *(step for step in inherited(parent.below_side, REACH) if step.id not in PROVED_HERE),
        TWICE,
        *roots,
        *hypotheses,
        *floors,
        *cost,
        *in_dimension,
        *in_bias,
        *lower,
        TWO_ITERATES,
        ENERGY_BELOW,
        *share_steps(claims, theorem_4_4),
    ),
    conclusions={
        **named(theorem_4_4, "papers", "two iterates", "mean part", *POSITIVE, *RESOLVED.values()),
        **constant_ids(theorem_4_4),
        **{name: name for name in (*sizes(read), SHARE_OF_BIAS, "lower")},
    },
    witness=lambda random: in_effective_sizes(additive_model(random, LONG), claims),
)
