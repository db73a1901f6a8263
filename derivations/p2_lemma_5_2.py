"""p2-lemma-5.2: Lemma 5.1 for Sigma = (1 + eps_bar_1) Lam, by substitution.

v^q = v*/(1 + eps_bar_1), so ||v* - v^q||^2 = (eps_bar_1/(1 + eps_bar_1))^2 ||v*||^2, and Lam is diagonal in Sigma's eigenbasis.
Lower: the cross term is non-negative and g >= (1 - 1/e) min(1, 1/(N x)).
"""

from __future__ import annotations

from fractions import Fraction

from riskbounds.derivations import blocks, learning
from riskbounds.derivations import p2_lemma_5_1 as parent
from riskbounds.derivations.hypotheses import conditions, envelopes, named
from riskbounds.derivations.mean_part_sums import at_least_threshold
from riskbounds.derivations.minkowski import smaller_square, square_of_root
from riskbounds.derivations.p2_lemma_5_1 import papers_reader
from riskbounds.derivations.power_law_models import multiplicative_model
from riskbounds.derivations.sgd import L, N, ad, adlow, av, f, gamma, i, j, mean, mu, n, quadratic, risk, u, w, x
from riskbounds.derivations.threshold_general import EXTREMES, LARGEST_IDS, TWO_ITERATES, M, head, tail, two

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    AtUnitVector,
    Certificate,
    Claim,
    Derivation,
    Reader,
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
    scalar,
    square,
    term,
    total,
    use,
)
from riskbounds.terms.functions import apply
from riskbounds.theorems import Theorem
from riskbounds.theorems.p2_lemma_5_2 import lemma_5_2

HALF = Fraction(1, 2)
growth = scalar("growth")  # 1 + eps_bar_1
Y = Symbol("Y", "free")


def lam(k: Var) -> Term:
    """Eigenvalue of Lam = Sigma/(1 + eps_bar_1)."""
    return mu(k) / growth


def multiplicative_reader(theorem: Theorem, steps: object = N) -> Reader:
    """Reads a theorem for Sigma = (1 + eps_bar_1) Lam."""
    read = papers_reader(theorem, steps)
    read.meanings |= {
        symbols.eps_bar_1: growth - 1,
        symbols.lam: lam,
        symbols.target2: lambda k: mean(u[w, k] ** 2),
        symbols.target_norm2: total(i, lam(i) * mean(u[w, i] ** 2)),
    }
    return read


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The registered theorem as claims; the lower side for N = m + 2."""
    read, read_two = multiplicative_reader(theorem), multiplicative_reader(theorem, M)
    return {
        **conditions(theorem, read_two),
        **envelopes(theorem, read, dict.fromkeys(EXTREMES, 1)),
        **collected(theorem),
        "upper": le(risk, read(theorem.upper)),
        "lower": le(read_two(theorem.lower), instance(le(0, risk), {n: two + 1}).right),
    }


def collected(theorem: Theorem) -> dict[str, Claim]:
    """1 + eps_bar_1 in the levels of s, d, f."""
    return {"eps_bar_1": eq(growth, 1 + Reader({})(theorem.definitions[symbols.eps_bar_1]))}


claims = statement(lemma_5_2)
read, read_two = multiplicative_reader(lemma_5_2), multiplicative_reader(lemma_5_2, M)
TARGET = {**parent.EXACT_STORAGE, "vq": ((w, i), u[w, i] / growth)}


def at_target(body: Term) -> Term:
    """A term of Lemma 5.1 with v^q = v*/(1 + eps_bar_1)."""
    return instance(le(0, body), {}, TARGET).right


def diagonal(body: Term) -> Certificate:
    """sum_ij L_ij Y_ij = sum_i lam_i Y_ii for Y_ij = body."""
    return use("Lam", {}, {"Y": ((i, j), body)})


def growth_steps(theorem: Theorem) -> tuple[Step, Step]:
    """1 + eps_bar_1 and that it is at least 1."""
    levels = collected(theorem)["eps_bar_1"]
    return (
        Step(id="levels", claim=levels, rule=Assumption("model", "1 + eps_bar_1 = (1+eps_d)(1+eps_s)(1+eps_f)")),
        Step(id="growth", claim=le(1, growth), rule=Algebra(positive(levels.right - 1) - use("levels"))),
    )


PROVED_HERE = ("Lam <= Sigma",)
model = (
    *(step for step in inherited(parent.above, TARGET) if step.id not in PROVED_HERE),
    *growth_steps(lemma_5_2),
    Step(
        id="Lam",
        claim=eq(total(i, total(j, L(i, j) * Y[i, j])), total(i, lam(i) * Y[i, i])),
        rule=Assumption("hypothesis", "Sigma = (1 + eps_bar_1) Lam"),
    ),
    Step(
        id="quadratic Lam",
        claim=eq(quadratic(L(i, j)), total(i, lam(i) * f[i] ** 2)),
        rule=Algebra(diagonal(f[i] * f[j])),
    ),
    Step(id="L_ii", claim=eq(L(i, i), lam(i)), rule=AtUnitVector("quadratic Lam", "f", i)),
    Step(
        id="Lam <= Sigma",
        claim=le(quadratic(L(i, j)), total(i, mu(i) * f[i] ** 2)),
        rule=Algebra(over(i, mu(i) / growth * f[i] ** 2 * use("growth")) + use("quadratic Lam")),
    ),
)

# Upper: D and s in Lam, and sqrt(s) = eps_bar_1/(1 + eps_bar_1) ||v*||.
D_there, s_there = at_target(parent.D), at_target(parent.shrinkage)
norm2 = read(symbols.target_norm2)
excess = use("growth") * positive(1 / growth)  # eps_bar_1/(1 + eps_bar_1)
shrunk = (1 - 1 / growth) * apply("sqrt", norm2)
relations = (
    Step(
        id="D",
        claim=eq(D_there, read(symbols.effective_dimension)),
        rule=Algebra(
            over(head, 1 / mu(head) * use("L_ii", {i: head})) + over(tail, mu(tail) * (gamma * N) ** 2 * use("L_ii", {i: tail}))
        ),
    ),
    Step(
        id="s",
        claim=eq(s_there, (1 - 1 / growth) ** 2 * norm2),
        rule=Algebra(diagonal((1 - 1 / growth) ** 2 * mean(u[w, i] * u[w, j]))),
    ),
)
upper = (
    *relations,
    square_of_root("root of s", s_there, square(1 - 1 / growth) * positive(norm2) - use("s")),
    square_of_root("norm", norm2, positive(norm2)),
    smaller_square(
        "root",
        apply("sqrt", s_there),
        shrunk,
        use("s") + use("root of s") - (1 - 1 / growth) ** 2 * use("norm"),
        excess * positive(apply("sqrt", norm2)),
    ),
    cited(parent.above, "upper", TARGET, "general upper"),
    Step(
        id="upper",
        claim=claims["upper"],
        rule=Algebra(
            use("general upper")
            + HALF * use("s")
            + positive(apply("sqrt", read(symbols.bias))) * use("root")
            + 1
            / (2 * term(N))
            * (1 / (1 - parent.load))
            * (parent.parent.A_max + ad * read(symbols.h) + av * read(symbols.k))
            * use("D")
        ),
    ),
)
above = Derivation(
    name="p2-lemma-5.2-upper",
    theorem="p2-lemma-5.2",
    title="Threshold form, multiplicative levels, upper side",
    steps=(*model, *upper),
    conclusions={"upper": "upper"},
    witness=multiplicative_model,
)

# Lower.
LEAST = learning.LEAST


def g(k: Var) -> Term:
    """Average of (1-x)^t over the iterates."""
    return (1 - (1 - x[k]) ** M) / (term(M) * x[k])


def weight(k: Var) -> Term:
    """The weight of g^2 in a direction: mu_k E (v^q_k)^2."""
    return mu(k) * mean(u[w, k] ** 2) / growth**2


lower = (
    *(cited(learning.derivation, name) for name in learning.derivation.conclusions),
    cited(blocks.derivation, "q^m <= 1"),
    Step(
        id="energy",
        claim=le(LEAST**2 * read_two(symbols.bias), total(i, mu(i) * g(i) ** 2 * mean(u[w, i] ** 2) / growth**2)),
        rule=at_least_threshold(weight, M),
    ),
    cited(parent.derivation, "lower", TARGET, "general lower"),
    Step(
        id="lower",
        claim=claims["lower"],
        rule=Algebra(
            use("general lower")
            - HALF * use("s")
            - HALF * diagonal(g(i) * g(j) * mean(u[w, i] * u[w, j]) / growth**2)
            - diagonal(g(i) * (1 - 1 / growth) / growth * mean(u[w, i] * u[w, j]))
            + HALF / growth * use("energy")
            + over(
                i,
                lam(i) * mean(u[w, i] ** 2) / growth / (term(M) * x[i]) * use("q^m <= 1", {blocks.m: M}) * excess,
            )
            - (parent.parent.Alow_min + LEAST / 2 * adlow * read_two(symbols.h)) / (16 * term(M)) * use("D", {n: two + 1})
        ),
    ),
)
derivation = Derivation(
    name="p2-lemma-5.2",
    theorem="p2-lemma-5.2",
    title="Threshold form, multiplicative levels",
    statement=statement,
    steps=(
        *model,
        TWO_ITERATES,
        *(step for step in inherited(parent.derivation, TARGET) if step.id in parent.LOWER_HYPOTHESES),
        cited(above, "upper"),
        cited(parent.above, "x <= 1", TARGET),
        *relations,
        *lower,
    ),
    conclusions={
        **named(lemma_5_2, "papers", "two iterates"),
        **LARGEST_IDS,
        **{"eps_bar_1": "levels"},
        **{name: name for name in ("upper", "lower", "1/e <= 1")},
    },
    witness=multiplicative_model,
)
