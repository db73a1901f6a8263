"""p2-theorem-4.3: Lemma 5.3's lower side in effective sizes, where 2 <= K_low and 2 (K + 1) <= M.

Then K - 1 >= K/2, K + 1 <= 3K/2 and M^{1-b} <= 2^{1-b} (K + 1)^{1-b}, so both sums are multiples of a power of K.  With
t = (gamma N)^{1/a} what is left is C F t^{1-a} = C (gamma N_eff)^{1/a-1}, N = m + 2.
"""

from __future__ import annotations

from fractions import Fraction

from riskbounds.derivations import p2_lemma_5_3_below as parent
from riskbounds.derivations.effective_sizes import (
    POSITIVE,
    REACH,
    SHARE_OF_BIAS,
    C,
    effective_reader,
    falling,
    rate_below,
    reaches,
    root1,
    root2,
    roots,
    share_of_bias,
    share_steps,
    sizes,
    smaller_root,
    t,
)
from riskbounds.derivations.energies import number, size
from riskbounds.derivations.hypotheses import conditions, named
from riskbounds.derivations.learning import LEAST
from riskbounds.derivations.p2_lemma_5_2 import collected, growth
from riskbounds.derivations.p2_lemma_5_3 import c1, c2
from riskbounds.derivations.p2_lemma_5_3_below import c3_low
from riskbounds.derivations.power_law import a, falling_power, p
from riskbounds.derivations.power_law_below import least_learned, least_rest, power_tangent
from riskbounds.derivations.power_law_constants import constant_ids, constants
from riskbounds.derivations.power_law_models import LONG, in_effective_sizes, multiplicative_model
from riskbounds.derivations.sgd import i, n, risk
from riskbounds.derivations.threshold_general import TWO_ITERATES, Alow_min, M, two

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Claim,
    Derivation,
    Known,
    Lin,
    Step,
    Term,
    at_most_min,
    cited,
    eq,
    inherited,
    instance,
    le,
    lin,
    lt,
    positive,
    square,
    term,
    use,
)
from riskbounds.terms.functions import apply
from riskbounds.theorems import Theorem
from riskbounds.theorems.p2_theorem_4_3 import theorem_4_3

HALF, MORE = Fraction(1, 2), Fraction(3, 2)
K, K_low = REACH["reach"][1], REACH["reach_low"][1]
y = term(size)
twice = lin(a) * 2
RESOLVED = dict(zip((each.name for each in theorem_4_3.hypotheses[-2:]), ("two directions", "left to learn"), strict=True))


def beyond(reach: Term, b: Lin) -> Term:
    """((K+1)^{1-b} - M^{1-b}) at least."""
    return p(reach, 1 - b) * p(term(MORE), 1 - b) * (1 - p(term(2), 1 - b))


bias_share = p(term(HALF), a + 1) / term(a + 1) + beyond(term(1), lin(a)) / (term(a) - 1)
bias_above = bias_share * p(K, falling)


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The registered theorem as claims, for N = m + 2: its hypotheses and constants, its lower side, N_eff and F."""
    read = effective_reader(theorem, M)
    read.meanings |= {symbols.reach: K, symbols.reach_low: K_low}
    return {
        **conditions(theorem, read),
        **constants(theorem, read),
        **collected(theorem),
        **sizes(read),
        **share_of_bias(read, HALF * LEAST**2 * c3_low / growth**2 * bias_above),
        "lower": le(read(theorem.lower), instance(le(0, risk), {n: two + 1}).right),
    }


read = effective_reader(theorem_4_3, M)
claims = statement(theorem_4_3)
hypotheses = (
    *(Step(id=step, claim=claims[name], rule=Assumption("hypothesis", name)) for name, step in RESOLVED.items()),
    Step(
        id="c1 <= c2",
        claim=le(c1, c2),
        rule=Algebra(p(number[i], a) * (use("lam above") + use("lam below"))),
    ),
    *smaller_root("c1_root <= c2_root", root1, root2, use("c1 <= c2") - use("root of c2") + use("root of c1")),
    Step(id="K_low <= K", claim=le(K_low, K), rule=Algebra(K / root2 * use("c1_root <= c2_root"))),
    Step(id="2 <= K", claim=le(2, K), rule=Algebra(use("two directions") + use("K_low <= K"))),
    Step(
        id="2 (K_low + 1) <= M",
        claim=le(2 * (K_low + 1), y),
        rule=Algebra(use("left to learn") + 2 * use("K_low <= K")),
    ),
)


def multiples(
    name: str, reach: Term, b: Lin, above_one: Certificate, resolves: str, leaves: str, y: Term = y
) -> tuple[Step, ...]:
    """What u and v of Lemma 5.3 are at least, as multiples of powers of K, from 2 <= K and 2 (K + 1) <= y."""
    least, difference = apply("min", y, reach), p(reach + 1, 1 - b) - p(y, 1 - b)
    by_size = use(leaves) + positive(MORE * reach + 1)
    return (
        Step(id=f"{name}: u", claim=le(least - 1, least_learned(reach, y)), rule=Known("max", (least - 1, term(0)))),
        Step(
            id=f"{name}: half",
            claim=le(HALF * reach, least_learned(reach, y)),
            rule=Algebra(at_most_min(HALF * reach + 1, {y: by_size, reach: HALF * use(resolves)}) + use(f"{name}: u")),
        ),
        Step(id=f"{name}: v", claim=le(difference, least_rest(reach, y, b)), rule=Known("max", (difference, term(0)))),
        *falling_power(f"{name}: M", 2 * (reach + 1), y, b, above_one, use(leaves)),
        *falling_power(f"{name}: K + 1", reach + 1, MORE * reach, b, above_one, HALF * use(resolves)),
        *falling_power(f"{name}: 2", term(1), term(2), b, above_one, positive(1)),
        Step(
            id=f"{name}: rest",
            claim=le(beyond(reach, b), least_rest(reach, y, b)),
            rule=Algebra(use(f"{name}: v") + use(f"{name}: M") + use(f"{name}: 2") * use(f"{name}: K + 1")),
        ),
    )


in_dimension = multiples("D", K_low, twice, use("2a > 1"), "two directions", "2 (K_low + 1) <= M")
in_bias = multiples("bias", K, lin(a), use("a > 1"), "2 <= K", "left to learn")
learned = least_learned(K, y)
dimension_share = HALF + beyond(term(1), twice) / (2 * term(a) - 1)
lower = (
    power_tangent("bias: half to the power", learned, HALF * K, a + 1, term(a + 1) * positive(a)),
    Step(
        id="data term",
        claim=eq(
            HALF * LEAST**2 * c3_low / growth**2 * bias_above + Alow_min / (16 * term(M) * growth) * dimension_share * K_low,
            C * read(symbols.data_factor) * t**falling,
        ),
        rule=Algebra(Fraction(1, 16) * Alow_min * dimension_share * root1 * use("K/N")),
    ),
    *rate_below(),
    cited(parent.below_side, "lower", REACH, "general lower"),
    Step(
        id="lower",
        claim=claims["lower"],
        rule=Algebra(
            use("general lower")
            + HALF
            * square(LEAST)
            * (c3_low / growth**2)
            * (
                p(K, twice * -1)
                / term(a + 1)
                * (use("bias: half to the power") + term(a + 1) * p(HALF * K, a) * use("bias: half"))
                + 1 / (term(a) - 1) * use("bias: rest")
            )
            + Alow_min / (16 * term(M) * growth) * (use("D: half") + p(K_low, twice) / (2 * term(a) - 1) * use("D: rest"))
            - use("data term")
            + C * t**falling * use("root of F")
            + C * use("rate")
        ),
    ),
)
PROVED_HERE = ("K", "K_low")
derivation = Derivation(
    name="p2-theorem-4.3",
    theorem="p2-theorem-4.3",
    title="Scaling law in effective sizes, multiplicative levels, lower",
    statement=statement,
    steps=(
        *(step for step in inherited(parent.below_side, REACH) if step.id not in PROVED_HERE),
        Step(id="2a > 1", claim=lt(1, term(twice)), rule=Algebra(2 * use("a > 1") + positive(1))),
        *roots(read, M),
        *reaches(M),
        *hypotheses,
        *in_dimension,
        *in_bias,
        *lower,
        TWO_ITERATES,
        *share_steps(claims, theorem_4_3),
    ),
    conclusions={
        **named(theorem_4_3, "papers", "two iterates", *POSITIVE, *RESOLVED.values()),
        **constant_ids(theorem_4_3),
        "eps_bar_1": "levels",
        **{name: name for name in (*sizes(read), SHARE_OF_BIAS, "lower")},
    },
    witness=lambda random: in_effective_sizes(multiplicative_model(random, LONG), claims),
)
