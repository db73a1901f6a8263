"""Facts about the building blocks G, W, K of theory section 4 that the threshold forms of section 5 need.

With q = 1 - x, 0 < x <= 1, and N averaged iterates: G = 1 - q^N, W = sum_{t<N} q^{2t}, K = sum_{t<N} (1 - q^t)^2.
"""

from __future__ import annotations

from riskbounds.derivations.lemma_models import contractions_model

from riskbounds.proofs import (
    Algebra,
    Assumption,
    Derivation,
    Induction,
    Step,
    Symbol,
    Term,
    below,
    direction,
    eq,
    le,
    lin,
    lt,
    natural,
    over,
    positive,
    power,
    square,
    total,
    use,
)

i = direction("i")
m, n = natural("m"), natural("n")
t = below("t", n)
x = Symbol("contraction", "+")


def q(exponent: object) -> Term:
    """(1 - x_i)^exponent."""
    return power(1 - x[i], lin(exponent))


W = (1 - q(n * 2)) / (x[i] * (2 - x[i]))
K = n - 2 * (1 - q(n)) / x[i] + W

steps = (
    Step(id="x <= 1", claim=le(x[i], 1), rule=Assumption("hypothesis", "gamma mu_1 <= 1")),
    Step(id="q >= 0", claim=le(0, 1 - x[i]), rule=Algebra(use("x <= 1"))),
    Step(id="2 - x > 0", claim=lt(0, 2 - x[i]), rule=Algebra(use("x <= 1") + positive(1))),
    Step(id="q^m <= 1", claim=le(q(m), 1), rule=Induction(m, step=use("ih") + positive(x[i] * q(m)))),
    Step(
        id="Bernoulli",
        claim=le(1 - q(m), m * x[i]),
        rule=Induction(m, step=use("ih") + x[i] * use("q^m <= 1")),
    ),
    Step(id="W", claim=eq(total(t, q(t * 2)), W), rule=Induction(n, step=use("ih"))),
    Step(id="K", claim=eq(total(t, (1 - q(t)) ** 2), K), rule=Induction(n, step=use("ih"))),
    Step(id="K >= 0", claim=le(0, K), rule=Algebra(over(t, square(1 - q(t))) + use("K"))),
    Step(id="W >= 0", claim=le(0, W), rule=Algebra(over(t, positive(q(t * 2))) + use("W"))),
    Step(
        id="W <= N",
        claim=le(W, n),
        rule=Algebra(over(t, positive(1 + q(t)) * use("q^m <= 1", {m: lin(t)})) - use("W")),
        note="every term of the sum is at most 1",
    ),
    Step(
        id="x W <= 1",
        claim=le(x[i] * W, 1),
        rule=Algebra(1 / (2 - x[i]) * (use("q >= 0") + positive(q(n * 2)))),
    ),
    Step(
        id="K <= N",
        claim=le(K, n),
        rule=Algebra(over(t, q(t) * (positive(1) + use("q^m <= 1", {m: lin(t)}))) - use("K")),
        note="every term of the sum is at most 1",
    ),
    Step(
        id="K <= N (N x)^2",
        claim=le(K, n * (n * x[i]) ** 2),
        rule=Algebra(
            over(
                t,
                q(t) * use("q^m <= 1", {m: n - t}) * (use("q^m <= 1", {m: lin(t)}) + use("q^m <= 1", {m: n})),
            )
            + n * use("Bernoulli", {m: n}) * (positive(n * x[i]) + use("q^m <= 1", {m: n}))
            - use("K")
        ),
        note="every term is at most the last, (1 - q^N)^2, and 1 - q^N <= N x",
    ),
)
derivation = Derivation(
    name="blocks",
    theorem="",
    title="Bounds of the building blocks",
    steps=steps,
    conclusions={
        name: name
        for name in ("q^m <= 1", "Bernoulli", "K", "K >= 0", "W >= 0", "W <= N", "x W <= 1", "K <= N", "K <= N (N x)^2")
    },
    witness=contractions_model,
)
