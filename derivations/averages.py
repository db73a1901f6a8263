"""Geometric sums over the iterates, and how the noise of different steps weighs in their average (theory section 4, step 7)."""

from __future__ import annotations

from riskbounds.derivations.sgd import H, K, N, i, mean, mu, n, q, reader, s_N, s_n, t_N, t_n, vq, w, x

from riskbounds import symbols
from riskbounds.numerics import blocks
from riskbounds.proofs import Algebra, Chebyshev, Induction, Step, Term, eq, le, lin, natural, over, positive, total, use
from riskbounds.theorems.sharp_pair import sharp_storage


def geometric(name: str, terms: Term, closed: Term, scale: Term) -> Step:
    """scale * sum of the terms over t < n (or s <= n) = closed, by induction on n."""
    return Step(id=name, claim=eq(scale * terms, closed), rule=Induction(n, step=use("ih")))


read = reader(sharp_storage)
h, k = read(symbols.h), read(symbols.k)
sums = (
    geometric("sum q", total(t_n, q(i, t_n)), 1 - q(i, n), x[i]),
    geometric("sum q^2", total(t_n, q(i, t_n * 2)), 1 - q(i, n * 2), x[i] * (2 - x[i])),
    Step(
        id="sum back q",
        claim=eq(x[i] * total(s_N, q(i, n - s_N)), 1 - q(i, n + 1)),
        rule=Induction(n, step=(1 - x[i]) * use("ih")),
    ),
    Step(
        id="sum back q^2",
        claim=eq(x[i] * (2 - x[i]) * total(s_N, q(i, (n - s_N) * 2)), 1 - q(i, N * 2)),
        rule=Induction(n, step=(1 - x[i]) ** 2 * use("ih")),
    ),
    Step(
        id="sum of weights",
        claim=eq(total(s_N, (1 - q(i, n - s_N)) ** 2), read(blocks.K(symbols.contraction[symbols.i], symbols.N))),
        rule=Algebra(1 / (x[i] * (2 - x[i])) * use("sum back q^2") - 2 / x[i] * use("sum back q")),
    ),
    Step(
        id="h",
        claim=eq(total(t_N, H(t_N)), N * h),
        rule=Algebra(over(i, mu(i) * mean(vq[w, i] ** 2) / (x[i] * (2 - x[i])) * use("sum q^2", {n: N}))),
    ),
    Step(
        id="k",
        claim=eq(total(t_N, K(t_N)), N * k),
        rule=Algebra(
            over(
                i,
                mu(i)
                * mean(vq[w, i] ** 2)
                * (1 / (x[i] * (2 - x[i])) * use("sum q^2", {n: N}) - 2 / x[i] * use("sum q", {n: N})),
            )
        ),
    ),
)

# (7) Constant noise sums exactly; K rises while the weights fall, H falls with them; Phi meets the largest weight.
m = natural("m")
weights = total(s_N, (1 - q(i, n - s_N)) ** 2)
rise_of_weights = x[i] * q(i, n - s_n - 1) * (use("q^m <= 1", {m: n - s_n}) + use("q^m <= 1", {m: n - s_n - 1}))
weighting = (
    Step(id="q^m <= 1", claim=le(q(i, m), 1), rule=Induction(m, step=use("ih") + positive(x[i] * q(i, m)))),
    Step(
        id="weights fall",
        claim=le((1 - q(i, n - s_N)) ** 2, (1 - q(i, n)) ** 2),
        rule=Algebra(q(i, n - s_N) * use("q^m <= 1", {m: s_N}) * (use("q^m <= 1", {m: n}) + use("q^m <= 1", {m: n - s_N}))),
    ),
    Step(
        id="weights and K",
        claim=le(N * total(s_N, (1 - q(i, n - s_N)) ** 2 * K(s_N)), weights * total(s_N, K(s_N))),
        rule=Chebyshev(
            s_n,
            f=(1 - q(i, n - s_n)) ** 2,
            g=K(s_n),
            f_falls=True,
            f_monotone=rise_of_weights,
            g_monotone=over(
                i,
                x[i] * q(i, s_n) * mu(i) * mean(vq[w, i] ** 2) * (use("q^m <= 1", {m: lin(s_n)}) + use("q^m <= 1", {m: s_n + 1})),
            ),
        ),
    ),
    Step(
        id="weights and H",
        claim=le(weights * total(s_N, H(s_N)), N * total(s_N, (1 - q(i, n - s_N)) ** 2 * H(s_N))),
        rule=Chebyshev(
            s_n,
            f=(1 - q(i, n - s_n)) ** 2,
            g=H(s_n),
            f_falls=True,
            g_falls=True,
            f_monotone=rise_of_weights,
            g_monotone=over(i, mu(i) * mean(vq[w, i] ** 2) * x[i] * q(i, s_n * 2) * use("2 - x > 0")),
        ),
    ),
)
