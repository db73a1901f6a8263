"""What a direction has learned at least: 1 - (1-x)^N >= (1 - 1/e) min(1, N x) (theory section 5).

(1-x)^N <= e^{-N x}.  Where N x >= 1 that is at most 1/e; where y = N x <= 1, e^{-y} <= 1 - (1 - 1/e) y, the chord of a convex
function, from e^a >= 1 + a at a = y - 1 and a = y.
"""

from __future__ import annotations

from riskbounds.derivations.lemma_models import contractions_model

from riskbounds.proofs import (
    Algebra,
    Assumption,
    Derivation,
    Induction,
    Known,
    Step,
    Symbol,
    Term,
    direction,
    eq,
    le,
    lin,
    natural,
    parameter,
    positive,
    power,
    term,
    use,
)
from riskbounds.terms.functions import apply

i, head, tail = direction("i"), direction("i", "head"), direction("i", "tail")
n, N = natural("n"), parameter("m") + 2
x = Symbol("contraction", "+")
E = apply("exp", -1)


def exp(value: object) -> Term:
    """e to a term."""
    return apply("exp", value)


def known(name: str, fact: str, claim: object, *arguments: object) -> Step:
    """A fact about the exponential function."""
    return Step(id=name, claim=claim, rule=Known(fact, tuple(term(a) for a in arguments)))


y, one = term(N) * x[tail], term(N) * x[head] - 1
steps = (
    Step(id="x <= 1", claim=le(x[i], 1), rule=Assumption("hypothesis", "gamma mu_1 <= 1")),
    Step(id="head", claim=le(1, term(N) * x[head]), rule=Assumption("model", "k* = max{i : mu_i >= 1/(N gamma)}")),
    Step(id="N y <= 1, tail", claim=le(y, 1), rule=Assumption("model", "k* = max{i : mu_i >= 1/(N gamma)}")),
    known("1 - x <= e^-x", "exp", le(1 - x[i], exp(-x[i])), -x[i]),
    known("e^0", "exp of 0", eq(exp(0), 1)),
    known("e^-(n+1)x", "exp of a sum", eq(exp(-(term(n) + 1) * x[i]), exp(-n * x[i]) * exp(-x[i])), -n * x[i], -x[i]),
    Step(
        id="q^n <= e^-nx",
        claim=le(power(1 - x[i], lin(n)), exp(-n * x[i])),
        rule=Induction(
            n,
            base=-use("e^0"),
            step=exp(-n * x[i]) * use("1 - x <= e^-x") + (1 - x[i]) * use("ih") - use("e^-(n+1)x"),
        ),
    ),
)

#: 1 - 1/e.
LEAST = 1 - E
number_e = (
    known("e >= 2", "exp", le(1 + term(1), exp(1)), 1),
    known("e/e", "exp of a sum", eq(exp(0), exp(1) * E), 1, -1),
    Step(
        id="1/e <= 1",
        claim=le(0, LEAST),
        rule=Algebra(E * (use("e >= 2") + positive(1)) - use("e/e") + use("e^0")),
    ),
)
in_head = (
    known("e^(Nx-1) >= Nx", "exp", le(1 + one, exp(one)), one),
    known("e^-1", "exp of a sum", eq(exp(-1), exp(one) * exp(-one - 1)), one, -one - 1),
    Step(
        id="learned in the head",
        claim=le(LEAST, 1 - power(1 - x[head], N)),
        rule=Algebra(use("q^n <= e^-nx", {n: N, i: head}) + exp(-one - 1) * (use("e^(Nx-1) >= Nx") + use("head")) - use("e^-1")),
        note="e^{-Nx} <= 1/e",
    ),
)
in_tail = (
    known("e^(y-1) >= y", "exp", le(1 + (y - 1), exp(y - 1)), y - 1),
    known("e^y >= 1 + y", "exp", le(1 + y, exp(y)), y),
    known("e^-1 from y", "exp of a sum", eq(exp(-1), exp(y - 1) * exp(-y)), y - 1, -y),
    known("e^0 from y", "exp of a sum", eq(exp(0), exp(y) * exp(-y)), y, -y),
    Step(
        id="learned in the tail",
        claim=le(LEAST * y, 1 - power(1 - x[tail], N)),
        rule=Algebra(
            use("q^n <= e^-nx", {n: N, i: tail})
            + y * (exp(-y) * use("e^(y-1) >= y") - use("e^-1 from y"))
            + use("N y <= 1, tail") * exp(-y) * use("e^y >= 1 + y")
            + (1 - y) * (use("e^0") - use("e^0 from y"))
        ),
        note="the chord of e^-y lies above it",
    ),
)
derivation = Derivation(
    name="learning",
    theorem="",
    title="What a direction has learned at least",
    steps=(*steps, *number_e, *in_head, *in_tail),
    conclusions={name: name for name in ("1/e <= 1", "learned in the head", "learned in the tail")},
    witness=contractions_model,
)
