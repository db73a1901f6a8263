"""p2-lemma-5.1: the threshold form under the papers' assumptions, from threshold-general.

Upper: the mean part by Minkowski's inequality, Lam <= Sigma and g <= min(1, 1/(N x)); the feedback by kappa <= gamma tr Sigma and
ad + av <= (1 + eps_bar_2) alpha.  Lower: of the average of ||E delta_t||^2 at least (1-1/e)/2 times its threshold form is left.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from riskbounds.derivations import blocks, learning, sharp_storage, step_size
from riskbounds.derivations import threshold_general as parent
from riskbounds.derivations.hypotheses import conditions, envelopes, named
from riskbounds.derivations.mean_part_sums import at_most_threshold
from riskbounds.derivations.minkowski import below_root
from riskbounds.derivations.power_law_models import general_model
from riskbounds.derivations.sgd import (
    DENOMINATOR,
    L,
    N,
    ad,
    adlow,
    av,
    f,
    i,
    j,
    mean,
    mu,
    n,
    one_of_all,
    quadratic,
    r,
    risk,
    u,
    vq,
    w,
    x,
    z,
)
from riskbounds.derivations.sharp_general import EXACT_STORAGE
from riskbounds.derivations.sharp_general import derivation as sharp_general
from riskbounds.derivations.threshold_general import (
    EXTREMES,
    LARGEST_IDS,
    TWO_ITERATES,
    Alow_min,
    M,
    energy,
    head,
    tail,
    threshold_reader,
    two,
)

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Claim,
    Definition,
    Derivation,
    Reader,
    Split,
    Step,
    Symbol,
    Term,
    Var,
    cited,
    eq,
    inherited,
    instance,
    le,
    over,
    positive,
    square,
    term,
    total,
    use,
)
from riskbounds.theorems import Theorem
from riskbounds.theorems.p2_lemma_5_1 import lemma_5_1

HALF = Fraction(1, 2)
trace = total(i, mu(i))


def papers_reader(theorem: Theorem, steps: object = N) -> Reader:
    """Reads the lemmas of P2."""
    read = threshold_reader(theorem, steps)
    read.meanings |= {symbols.trace: trace}
    return read


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The registered theorem as claims; the lower side for N = m + 2."""
    read, read_two = papers_reader(theorem), papers_reader(theorem, M)
    return {
        **conditions(theorem, read_two),
        **envelopes(theorem, read, dict.fromkeys(EXTREMES, 1)),
        "upper": le(risk, read(theorem.upper)),
        "lower": le(read_two(theorem.lower), instance(le(0, risk), {n: two + 1}).right),
    }


claims = statement(lemma_5_1)
read, read_two = papers_reader(lemma_5_1), papers_reader(lemma_5_1, M)
bias, shrinkage, D, h, k = (
    read(symbol) for symbol in (symbols.bias, symbols.shrinkage, symbols.effective_dimension, symbols.h, symbols.k)
)
ALPHA, LEVEL = step_size.ALPHA, step_size.LEVEL
load = LEVEL * ALPHA * total(i, x[i])

#: Of the numbers that the theorem's noise gives.
PAPER_ALPHA = Assumption("model", "the alpha of P2's noise constants: proved for every data row and slot in paper-alpha-*")

# The step size of the papers implies that of the sharp pair.
step_sizes = (
    step_size.moment.step("papers"),
    Step(id="alpha >= 1", claim=le(1, ALPHA), rule=PAPER_ALPHA),
    replace(step_size.moment.step("alpha dominates"), rule=PAPER_ALPHA),
    *one_of_all("x_i <= sum", lambda k: x[k]),
    Step(
        id="x <= 1",
        claim=le(x[i], 1),
        rule=Algebra(use("x_i <= sum") + use("papers") + total(j, x[j]) * (use("alpha >= 1") + positive((LEVEL - 1) * ALPHA))),
        note="gamma mu_1 <= gamma tr Sigma < 1",
    ),
    DENOMINATOR,
    cited(step_size.moment, "feedback"),
)

# Upper: the mean part by Minkowski's inequality, ||sum_i z_i g_i v^q_i|| and ||sum_j z_j (u_j - v^q_j)||.
P, Q = Symbol("learned_part"), Symbol("shrunk_part")
r2, w2 = Var("r2", "feature"), Var("w2", "outcome")
cross = total(r, mean(P(n)[r, w] * Q[r, w]))
distance = over(r, over(w, square(Q[r, w]))) + over(
    r, over(w, (Q[r, w] + total(j, z[r, j] * (u[w, j] - vq[w, j]))) * use("shrunk part"))
)


def g(k: Var) -> Term:
    """Average of (1-x)^t over the iterates."""
    return (1 - (1 - x[k]) ** N) / (term(N) * x[k])


LEARNED_PART, SHRUNK_PART = total(i, z[r, i] * g(i) * vq[w, i]), total(j, z[r, j] * (u[w, j] - vq[w, j]))
weighted = total(i, mu(i) * g(i) ** 2 * mean(vq[w, i] ** 2))


minkowski = (
    Step(id="learned part", claim=eq(P(n)[r, w], LEARNED_PART), rule=Definition()),
    Step(id="shrunk part", claim=eq(Q[r, w], SHRUNK_PART), rule=Definition()),
    Step(
        id="Cauchy-Schwarz",
        claim=le(cross**2, total(r, mean(P(n)[r, w] ** 2)) * shrinkage),
        rule=Algebra(
            over(
                r,
                over(w, over(r2, over(w2, HALF * square(P(n)[r, w] * Q[r2, w2] - P(n)[r2, w2] * Q[r, w])))),
            )
            + total(r, mean(P(n)[r, w] ** 2)) * over(r, over(w, (Q[r, w] + SHRUNK_PART) * use("shrunk part")))
        ),
    ),
    Step(
        id="Lam <= Sigma",
        claim=le(quadratic(L(i, j)), total(i, mu(i) * f[i] ** 2)),
        rule=Assumption("model", "Lam <= Sigma"),
    ),
    Step(
        id="energy in Sigma",
        claim=le(total(r, mean(P(n)[r, w] ** 2)), weighted),
        rule=Algebra(
            over(w, use("Lam <= Sigma", {}, {"f": ((i,), g(i) * vq[w, i])}))
            + over(r, over(w, (P(n)[r, w] + LEARNED_PART) * use("learned part")))
        ),
    ),
    Step(
        id="energy threshold",
        claim=le(weighted, bias),
        rule=at_most_threshold(energy, n),
    ),
    Step(
        id="energy",
        claim=le(total(r, mean(P(n)[r, w] ** 2)), bias),
        rule=Algebra(use("energy in Sigma") + use("energy threshold")),
    ),
    *below_root(cross, shrinkage, bias, distance),
)

room_sharp, room = 1 - (ad + av) * sharp_storage.kappa, 1 - load
upper = (
    cited(step_size.moment, "load"),
    cited(parent.above, "upper", EXACT_STORAGE, "general upper"),
    Step(
        id="upper",
        claim=claims["upper"],
        rule=Algebra(
            use("general upper")
            + HALF * use("energy")
            + use("cross term")
            - over(r, over(w, HALF * (P(n)[r, w] + LEARNED_PART) * use("learned part")))
            - over(r, over(w, Q[r, w] * use("learned part") + LEARNED_PART * use("shrunk part")))
            + positive(D / (2 * term(N)) * (parent.A_max + ad * h + av * k)) * (1 / room) * (1 / room_sharp) * use("load")
        ),
    ),
)
PROVED_HERE = ("x <= 1", "feedback")
above = Derivation(
    name="p2-lemma-5.1-upper",
    theorem="p2-lemma-5.1",
    title="Threshold form under the papers' assumptions, upper side",
    steps=(
        *step_sizes,
        *(step for step in inherited(parent.above, EXACT_STORAGE) if step.id not in PROVED_HERE),
        *(cited(blocks.derivation, name) for name in ("q^m <= 1", "Bernoulli")),
        *minkowski,
        *upper,
    ),
    conclusions={"upper": "upper", "x <= 1": "x <= 1", "feedback": "feedback"},
    witness=general_model,
)

# Lower: the head has learned, and 1 - (1-x)^{2N} = (1 - (1-x)^N)(1 + (1-x)^N).
LEAST = learning.LEAST
h_sharp = parent.sharp_two(symbols.h)


def remaining(k: Var) -> Certificate:
    """(1-x_k)^N >= 0."""
    return (1 - x[k]) ** two * square(1 - x[k])


LOWER_HYPOTHESES = ("min A <= A_i", "head", "N y <= 1, tail")
lower = (
    *(cited(learning.derivation, name) for name in learning.derivation.conclusions),
    Step(
        id="h from below",
        claim=le(LEAST / 2 * read_two(symbols.h), h_sharp),
        rule=Split(
            over(
                head,
                energy(head)
                / (term(M) * x[head])
                / (2 - x[head])
                * (
                    use("learned in the head")
                    + remaining(head) * use("q^m <= 1", {blocks.m: M, i: head})
                    + HALF * x[head] * use("1/e <= 1")
                ),
            )
            + over(
                tail,
                energy(tail)
                / (term(M) * x[tail])
                / (2 - x[tail])
                * (
                    use("learned in the tail") * (positive(1) + remaining(tail))
                    + term(M) * x[tail] * use("1/e <= 1") * (remaining(tail) + positive(HALF * x[tail]))
                ),
            )
        ),
    ),
    cited(sharp_general, "lower", name="sharp lower"),
    cited(parent.derivation, "sum of dt, below", EXACT_STORAGE),
    Step(
        id="lower",
        claim=claims["lower"],
        rule=Algebra(
            use("sharp lower", {n: two + 1})
            + 1
            / (2 * term(M))
            * (
                over(i, L(i, i) / (mu(i) * term(M)) * use("K >= 0", {blocks.n: M, i: i}) * use("min A <= A_i"))
                + use("sum of dt, below") * (Alow_min + adlow * over(j, energy(j) / term(M) * use("W >= 0", {blocks.n: M, i: j})))
                + positive(adlow * read_two(symbols.effective_dimension) / 8) * use("h from below")
            )
        ),
    ),
)
derivation = Derivation(
    name="p2-lemma-5.1",
    theorem="p2-lemma-5.1",
    title="Threshold form under the papers' assumptions",
    statement=statement,
    steps=(
        *inherited(above),
        TWO_ITERATES,
        cited(above, "x <= 1"),
        DENOMINATOR,
        cited(above, "feedback"),
        cited(above, "upper"),
        *(step for step in inherited(parent.derivation, EXACT_STORAGE) if step.id in LOWER_HYPOTHESES),
        *(cited(blocks.derivation, name) for name in ("q^m <= 1", "K >= 0", "W >= 0")),
        *lower,
    ),
    conclusions={
        **named(lemma_5_1, "papers", "two iterates"),
        **LARGEST_IDS,
        **{name: name for name in ("upper", "lower", "1/e <= 1")},
    },
    witness=general_model,
)
