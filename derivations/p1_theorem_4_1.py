"""p1-theorem-4.1: the threshold form for the risk on quantized inputs without a sketch, from threshold-general.

The error functional weighs with Sigma and its target is v^q, so nothing is lost by shrinkage; then mu_i <= tr Sigma (in max A),
k <= ||v^q||^2_Sigma because N x <= 1 in the tail, and kappa <= gamma tr Sigma.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from riskbounds.derivations import blocks
from riskbounds.derivations import threshold_general as parent
from riskbounds.derivations.hypotheses import conditions, envelopes, named
from riskbounds.derivations.mean_part_sums import at_most_threshold
from riskbounds.derivations.p1_models import quantized_model
from riskbounds.derivations.sgd import (
    DENOMINATOR,
    NOTHING_BELOW,
    POSITIVE_NOISE,
    L,
    ad,
    av,
    f,
    gamma,
    i,
    j,
    mean,
    mu,
    n,
    quadratic,
    risk,
    u,
    vq,
    w,
    x,
)
from riskbounds.derivations.sharp_general import EXACT_STORAGE
from riskbounds.derivations.sharp_storage import kappa
from riskbounds.derivations.threshold_general import THRESHOLD, A_max, energy, head, tail, threshold_reader

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    AtUnitVector,
    Claim,
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
    parameter,
    positive,
    term,
    total,
    use,
)
from riskbounds.theorems import Theorem
from riskbounds.theorems.p1_theorem_4_1 import p1_theorem_4_1

HALF = Fraction(1, 2)
Y = Symbol("Y", "free")
k = parameter("m")
N = k + 1  # the number of iterates, on which k* depends
trace, norm2 = total(i, mu(i)), total(i, energy(i))
#: The target of the error functional is v^q, storage is exact.
ON_QUANTIZED = {**EXACT_STORAGE, **NOTHING_BELOW, "u": ((w, i), vq[w, i])}


def quantized_reader(theorem: Theorem) -> Reader:
    """Reads a theorem of P1."""
    read = threshold_reader(theorem, N)
    read.meanings |= {symbols.trace: trace, symbols.quantized_norm2: norm2, symbols.k_star: total(head, 1)}
    return read


def spectral_reader(theorem: Theorem, lam: Symbol, mu: Callable[[Var], Term]) -> Reader:
    """Reads a theorem for data errors that make mu of lam, without a sketch, in lam and the target."""
    read = quantized_reader(theorem)
    read.meanings |= {
        symbols.lam: lambda o: lam[o],
        symbols.mu: mu,
        symbols.target2: lambda o: mean(u[w, o] ** 2),
        symbols.trace_H: total(i, lam[i]),
        symbols.trace: total(i, mu(i)),
    }
    return read


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The registered theorem as a claim, and its step-size condition."""
    read = quantized_reader(theorem)
    excess = instance(le(0, risk), ON_QUANTIZED_VARIABLES, ON_QUANTIZED).right
    return {
        **conditions(theorem, read),
        **envelopes(theorem, read, {symbols.A_max: 1}),
        "upper": le(excess, read(theorem.upper)),
    }


ON_QUANTIZED_VARIABLES = {n: k}
claims = statement(p1_theorem_4_1)
FEEDBACK = p1_theorem_4_1.hypotheses[1].name
read = quantized_reader(p1_theorem_4_1)
of_parent = threshold_reader(parent.threshold_general, N)
D_there = of_parent(symbols.effective_dimension)
D, h = read(symbols.effective_dimension), read(symbols.h)
load = (ad + av) * total(i, x[i])
noise = A_max + ad * h + av * norm2


def g(o: Var) -> Term:
    """Average of (1-x)^t over the iterates."""
    return (1 - (1 - x[o]) ** N) / (term(N) * x[o])


model = (
    *(step for step in inherited(parent.above, ON_QUANTIZED) if step.id not in ("noise and u", "feedback", "noise below")),
    POSITIVE_NOISE,
    Step(id="papers", claim=claims[FEEDBACK], rule=Assumption("hypothesis", FEEDBACK)),
    Step(id="N y <= 1, tail", claim=le(term(N) * x[tail], 1), rule=THRESHOLD),
    Step(
        id="Sigma",
        claim=eq(total(i, total(j, L(i, j) * Y[i, j])), total(i, mu(i) * Y[i, i])),
        rule=Assumption("hypothesis", "risk on quantized inputs: the error functional weighs with Sigma"),
    ),
    Step(
        id="quadratic Sigma",
        claim=eq(quadratic(L(i, j)), total(i, mu(i) * f[i] ** 2)),
        rule=Algebra(use("Sigma", {}, {"Y": ((i, j), f[i] * f[j])})),
    ),
    Step(id="L_ii", claim=eq(L(i, i), mu(i)), rule=AtUnitVector("quadratic Sigma", "f", i)),
    DENOMINATOR,
    Step(id="kappa", claim=le(kappa, total(i, x[i])), rule=Algebra(over(i, x[i] / (2 - x[i]) * use("x <= 1")))),
    Step(id="feedback", claim=parent.above.step("feedback").claim, rule=Algebra(use("papers") + (ad + av) * use("kappa"))),
)
pieces = (
    Step(
        id="D",
        claim=eq(D_there, D),
        rule=Algebra(
            over(head, 1 / mu(head) * use("L_ii", {i: head})) + over(tail, mu(tail) * (gamma * N) ** 2 * use("L_ii", {i: tail}))
        ),
    ),
    Step(
        id="k",
        claim=le(of_parent(symbols.k), norm2),
        rule=Split(over(tail, energy(tail) * use("N y <= 1, tail") * (positive(1) + positive(term(N) * x[tail])))),
        note="(N x)^2 <= 1 in the tail",
    ),
    *(cited(blocks.derivation, name) for name in ("q^m <= 1", "Bernoulli")),
    Step(
        id="bias",
        claim=le(total(i, mu(i) * g(i) ** 2 * mean(vq[w, i] ** 2)), read(symbols.bias)),
        rule=at_most_threshold(energy, k),
    ),
)
HYPOTHESES = {"noise and u": "noise and v^q"}
derivation = Derivation(
    name="p1-theorem-4.1",
    theorem="p1-theorem-4.1",
    title="Threshold form for the risk on quantized inputs",
    statement=statement,
    steps=(
        *model,
        *pieces,
        cited(parent.above, "upper", ON_QUANTIZED, "general upper", HYPOTHESES),
        Step(
            id="upper",
            claim=claims["upper"],
            rule=Algebra(
                use("general upper", {n: k})
                + HALF * use("Sigma", {}, {"Y": ((i, j), g(i) * g(j) * mean(vq[w, i] * vq[w, j]))})
                + HALF * use("bias")
                + 1
                / (2 * term(N))
                * (1 / (1 - load))
                * (
                    noise * use("D")
                    + positive(D_there) * av * use("k")
                    + positive(D_there * (A_max + ad * h + av * of_parent(symbols.k)))
                    * (1 / (1 - (ad + av) * kappa))
                    * (ad + av)
                    * use("kappa")
                )
            ),
        ),
    ),
    conclusions={**named(p1_theorem_4_1, "x <= 1", "papers"), "A_max": "A_i <= max A", "upper": "upper"},
    witness=quantized_model,
)
