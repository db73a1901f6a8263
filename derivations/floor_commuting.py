"""p2-lemma-5.4 where Lam and Sigma commute: the mean part is at least its diagonal form, the lemma's last hypothesis.

v^q = (lam/mu) v*.  With e_low = phi c2 r^a: 1 - lam/mu >= phi tau/2 for tau^2 = min(1, (i r)^{2a}), and among the kept directions
lam (v^q)^2 min(1, 1/(N x)^2) >= c3_low theta^4 i^-a min(1, (i/K)^{2a}).
"""

from __future__ import annotations

from fractions import Fraction

from riskbounds.derivations import p2_lemma_5_4_below as below
from riskbounds.derivations import power_law_below, threshold
from riskbounds.derivations.energies import down, number, rank, size, sum_over_numbers
from riskbounds.derivations.first_directions import kept, r_kept
from riskbounds.derivations.floor_dimension import low
from riskbounds.derivations.floor_model import (
    E_LOW,
    ENERGY_BELOW,
    LAM_ABOVE,
    PHI_LOW,
    c2,
    e_low,
    floor_reader,
    model_step,
    reaches,
    root_low,
)  # fmt: skip
from riskbounds.derivations.learning import LEAST
from riskbounds.derivations.p2_lemma_5_4_below import first, theta, twice, y
from riskbounds.derivations.power_law import K, a, p
from riskbounds.derivations.power_law_below import explicit, least_learned, least_rest, power_tangent, rising, unsaturated
from riskbounds.derivations.power_law_models import stored_model
from riskbounds.derivations.sgd import L, gamma, i, mean, mu, u, vq, w, x
from riskbounds.derivations.threshold import c
from riskbounds.derivations.threshold_general import M, head, tail

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Claim,
    Derivation,
    Known,
    Root,
    Split,
    Step,
    at_least_max,
    at_most_min,
    cited,
    eq,
    inherited,
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
from riskbounds.theorems.p2_lemma_5_4 import lemma_5_4

HALF = Fraction(1, 2)
c3_low = scalar("c3_low", "0+")
read, there = floor_reader(lemma_5_4, M), threshold.read_at(threshold.threshold, M)
bias, shrinkage = there(symbols.bias), there(symbols.shrinkage)
target = lambda o: mean(u[w, o] ** 2)  # noqa: E731


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The last hypothesis of the registered theorem, for N = m + 2."""
    here, dominates = floor_reader(theorem, M), theorem.hypotheses[-1]
    return {"mean part": le(here(dominates.lhs), here(dominates.rhs))}


weight = kept(number[i])
share = lambda o: unsaturated(K, number[o])  # noqa: E731
steep = lambda o: p(K, twice * -1) * rank(o, twice)  # noqa: E731
model = (
    LAM_ABOVE,
    ENERGY_BELOW,
    reaches(M)[0],
    model_step("shares", eq(c[i] * mu(i), L(i, i)), "v^q_i = (lam_i/mu_i) v*_i"),
    Step(
        id="kept share",
        claim=le(weight * theta, weight * c[i]),
        rule=Algebra(use("share of the kept") - weight / mu(i) * use("shares")),
    ),
    Step(
        id="gN lam",
        claim=le(gamma * M * L(i, i), p(K, a) * rank(i, down)),
        rule=Algebra(gamma * M * use("lam above") - rank(i, down) * use("K")),
    ),
)

# The bias.
at = lambda name, o: use(name, {i: o})  # noqa: E731
k = lambda o: kept(number[o])  # noqa: E731
flat = lambda o: p(K, a) * rank(o, down)  # noqa: E731
fourth = lambda o: at("kept share", o) * (c[o] + theta) * positive(c[o] ** 2 + theta**2)  # noqa: E731
clean = lambda o: gamma * M * L(o, o)  # noqa: E731
in_head = c[head] ** 2 * at("energy below", head) + c3_low * rank(head, down) * (
    k(head) * theta**4 * (term(M) * x[head]) ** 2 * at("share at the power", head)
    + steep(head) * (term(M) * x[head]) ** 2 * fourth(head)
    + c[head] ** 2
    * (
        at("kept at most 1", head)
        + k(head) * steep(head) * at("gN lam", head) * positive(flat(head) + clean(head))
        + k(head) * steep(head) * (gamma * M) ** 2 * (L(head, head) + c[head] * mu(head)) * at("shares", head)
    )
)
in_tail = c[tail] ** 2 * at("energy below", tail) + c3_low * rank(tail, down) * (
    k(tail) * theta**4 * at("share at 1", tail)
    + fourth(tail)
    + c[tail] ** 2 * (at("kept at most 1", tail) + k(tail) * at("share", tail) * positive(1 + c[tail]))
)
bias_sum = least_learned(K, y) ** (a + 1) * p(K, twice * -1) / term(a + 1) + least_rest(K, y, lin(a)) / (term(a) - 1)
biases = (
    Step(
        id="energy",
        claim=eq(mean(vq[w, i] ** 2), c[i] ** 2 * target(i)),
        rule=Algebra(over(w, (vq[w, i] + c[i] * u[w, i]) * use("v^q"))),
    ),
    Step(id="share at 1", claim=le(share(i), 1), rule=Known("min", (term(1), steep(i)))),
    Step(id="share at the power", claim=le(share(i), steep(i)), rule=Known("min", (steep(i), term(1)))),
    Step(
        id="bias by shares",
        claim=le(c3_low * theta**4 * total(i, k(i) * rank(i, down) * share(i)), bias),
        rule=Split(
            over(head, 1 / (term(M) * x[head]) ** 2 * (in_head - L(head, head) * at("energy", head)))
            + over(tail, in_tail - L(tail, tail) * at("energy", tail))
        ),
    ),
    *first("shares", rising(K)),
    cited(power_law_below.rising_below, "sum from below", name="shares from below", hypotheses={"b > 1": "a > 1"}),
    *explicit("shares", K, y, lin(r_kept), lin(a), "a > 1", use("m <= r+1")),
    power_tangent(
        "learned power", power_law_below.learned(K, lin(r_kept)), least_learned(K, y), a + 1, term(a + 1) * positive(a)
    ),
    Step(
        id="bias",
        claim=le(c3_low * theta**4 * bias_sum, bias),
        rule=Algebra(
            use("bias by shares")
            + c3_low
            * theta**4
            * (
                use("shares, kept")
                - use("shares, numbered")
                + use("shares from below", {power_law_below.n: lin(r_kept)})
                + p(K, twice * -1)
                / term(a + 1)
                * (use("learned power") + term(a + 1) * least_learned(K, y) ** a * use("shares: u"))
                + 1 / (term(a) - 1) * use("shares: v")
            )
        ),
    ),
)
# s: a floor shrinks every direction.
r = root_low
reach, whole = 1 / r, term(size)
cut_share = lambda o: unsaturated(reach, number[o])  # noqa: E731
tau, climbs = apply("sqrt", cut_share(i)), p(r, twice) * rank(i, twice)
kept_low = size * low * r
MOST = apply("max", 1, kept_low)
M_cut = size / MOST
X, least = apply("max", 0, M_cut - 1), apply("min", whole, reach)
LL, RR = least_learned(reach, whole), least_rest(reach, whole, lin(a))
S = low * p(r / (1 + r), lin(a) - 1)
lost = apply("max", 0, S - p(size, 1 - a))
sum_here = power_law_below.learned(reach, size)
floor_sum = LL ** (a + 1) * p(r, twice) / term(a + 1) + RR / (term(a) - 1)
shrink = (
    Step(id="cut at 1", claim=le(cut_share(i), 1), rule=Known("min", (term(1), climbs))),
    Step(id="cut at the power", claim=le(cut_share(i), climbs), rule=Known("min", (climbs, term(1)))),
    Step(id="tau", claim=eq(tau**2, cut_share(i)), rule=Known("sqrt", (cut_share(i),), positive(cut_share(i)))),
    Step(id="tau <= 1", claim=le(tau, 1), rule=Root(squares=use("cut at 1") + use("tau"), right=positive(1))),
    Step(
        id="tau <= (i r)^a",
        claim=le(tau, p(r, a) * rank(i, lin(a))),
        rule=Root(squares=use("cut at the power") + use("tau"), right=positive(p(r, a) * rank(i, lin(a)))),
    ),
    Step(
        id="1 - c",
        claim=le(low * tau / 2, 1 - c[i]),
        rule=Algebra(
            1
            / (2 * mu(i))
            * (
                (use("floor below") + positive(e_low)) * (use("phi_low") + low * use("tau <= 1"))
                + use("floor below")
                - use("e_low")
                + low * L(i, i) * use("tau <= (i r)^a")
                + low * p(r, a) * rank(i, lin(a)) * use("lam above")
                + 2 * use("shares")
            )
        ),
    ),
    Step(
        id="s by shares",
        claim=le(c3_low / 4 * low * total(i, rank(i, down) * cut_share(i)), shrinkage),
        rule=Algebra(
            over(
                i,
                (use("energy below") * square(1 - c[i]))
                + c3_low * rank(i, down) * use("1 - c") * (positive(low * tau / 2) + use("share"))
                + c3_low / 4 * rank(i, down) * (-(tau**2) * use("phi_low, 0 or 1") - low * use("tau"))
                + L(i, i) * over(w, (2 * u[w, i] - vq[w, i] - c[i] * u[w, i]) * use("v^q")),
            )
        ),
    ),
    sum_over_numbers("cuts numbered", rising(reach)),
    cited(power_law_below.rising_below, "sum from below", {"reach": ((), reach)}, "cuts from below", {"b > 1": "a > 1"}),
    *explicit("cuts", reach, whole, size, lin(a), "a > 1", positive(1)),
    power_tangent("cuts: learned power", sum_here, LL, a + 1, term(a + 1) * positive(a)),
    Step(
        id="s by sums",
        claim=le(c3_low / 4 * low * floor_sum, shrinkage),
        rule=Algebra(
            use("s by shares")
            + c3_low
            / 4
            * low
            * (
                -use("cuts numbered")
                + use("cuts from below", {power_law_below.n: size})
                + p(r, twice) / term(a + 1) * (use("cuts: learned power") + term(a + 1) * LL**a * use("cuts: u"))
                + 1 / (term(a) - 1) * use("cuts: v")
            )
        ),
    ),
    Step(id="M r at most the maximum", claim=le(kept_low, MOST), rule=Known("max", (kept_low, term(1)))),
    Step(id="1 at most the maximum", claim=le(1, MOST), rule=Known("max", (term(1), kept_low))),
    Step(id="learned, cut", claim=le(least - 1, LL), rule=Known("max", (least - 1, term(0)))),
    Step(
        id="least, scaled",
        claim=eq(apply("min", low * whole, low * reach), low * least),
        rule=Known("min scaled", (low, whole, reach), positive(low)),
    ),
    Step(
        id="cut size",
        claim=le(low * (M_cut - 1), low * LL),
        rule=Algebra(
            low * use("learned, cut")
            + at_most_min(
                low * M_cut,
                {
                    low * whole: low * size / MOST * use("1 at most the maximum"),
                    low * reach: low / (r * MOST) * use("M r at most the maximum") - size / MOST * use("phi_low, 0 or 1"),
                },
            )
            + use("least, scaled")
        ),
    ),
    Step(
        id="X, scaled",
        claim=eq(apply("max", 0, low * (M_cut - 1)), low * X),
        rule=Known("max scaled", (low, term(0), M_cut - 1), positive(low)),
    ),
    Step(
        id="X",
        claim=le(low * X, low * LL),
        rule=Algebra(
            at_least_max(low * LL, {term(0): positive(low * LL), low * (M_cut - 1): use("cut size")}) - use("X, scaled")
        ),
    ),
    power_tangent("X to the power", LL, X, a + 1, term(a + 1) * positive(a)),
    Step(
        id="product",
        claim=eq(p(reach + 1, 1 - a), p(reach, 1 - a) * p(1 + r, 1 - a)),
        rule=Known("power of a product", (reach, 1 + r, term(1 - a))),
    ),
    Step(
        id="rest",
        claim=le(p(reach + 1, 1 - a) - p(size, 1 - a), RR),
        rule=Known("max", (p(reach + 1, 1 - a) - p(size, 1 - a), term(0))),
    ),
    Step(
        id="lost",
        claim=le(lost, low * RR),
        rule=Algebra(
            at_least_max(
                low * RR,
                {
                    term(0): positive(low * RR),
                    S - p(size, 1 - a): low * use("rest") + use("phi_low") * p(size, 1 - a) - low * use("product"),
                },
            )
        ),
    ),
    Step(
        id="s",
        claim=le(read(symbols.shrinkage_low), shrinkage),
        rule=Algebra(
            use("s by sums")
            + c3_low
            / 4
            * (
                p(r, twice) / term(a + 1) * (low * use("X to the power") + term(a + 1) * X**a * use("X"))
                + 1 / (term(a) - 1) * use("lost")
                + X ** (a + 1)
                / term(a + 1)
                * ((e_low / c2 + low * p(r, a)) / c2 * use("e_low") + p(r, twice) * use("phi_low, 0 or 1"))
            )
        ),
    ),
)
UNUSED = ("lam <= mu", "y below", "K_low", "2a > 1")
commuting = Derivation(
    name="p2-lemma-5.4-commuting",
    theorem="p2-lemma-5.4",
    title="Where Lam and Sigma commute, the mean part is at least its diagonal form",
    steps=(
        *inherited(threshold.derivation),
        *(step for step in (*below.model, *below.shares) if step.id not in UNUSED),
        *model,
        PHI_LOW,
        model_step("phi_low, 0 or 1", eq(low**2, low), "phi is 1 if the floor is positive, else 0"),
        E_LOW,
        *biases,
        *shrink,
        cited(threshold.derivation, "mean part from below"),
        Step(
            id="mean part",
            claim=statement(lemma_5_4)["mean part"],
            rule=Algebra(use("mean part from below") + HALF * use("s") + HALF * square(LEAST) * use("bias")),
        ),
    ),
    conclusions={"mean part": "mean part"},
    witness=stored_model,
)
