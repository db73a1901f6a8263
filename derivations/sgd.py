"""Averaged quantized SGD as a recursion: what every bound of theory section 4 starts from.

In the eigenbasis of Sigma, x_i = gamma mu_i and q_i = 1 - x_i.  The error functional is 1/2 E ||vbar - u||^2_L with the Gram
matrix L_ij = sum_r z_ri z_rj (Lam on clean inputs, Sigma on quantized ones).  Expectations run over draws and the target's prior.
Step (4) of the proof in theory section 4; steps (1), (2), (3) and (6) are in unrolling.py.
"""

from __future__ import annotations

from collections.abc import Callable

from riskbounds.derivations.hypotheses import condition

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    AtUnitVector,
    Certificate,
    Lin,
    Reader,
    Step,
    Symbol,
    Term,
    Var,
    below,
    direction,
    distinct,
    eq,
    le,
    lin,
    lt,
    natural,
    over,
    positive,
    power,
    scalar,
    square,
    term,
    total,
    use,
)
from riskbounds.theorems import Theorem
from riskbounds.theorems.sharp_pair import STEP_SIZE

i, j, r, w = direction("i"), direction("j"), Var("r", "feature"), Var("w", "outcome")
n, t = natural("n"), natural("t")
s = below("s", t + 1)

gamma, eps_w, ad, av, adlow = scalar("step"), scalar("eps_w", "0+"), scalar("ad", "0+"), scalar("av", "0+"), scalar("adlow", "0+")
x, A, Alow = Symbol("contraction", "+"), Symbol("A", "0+"), Symbol("Alow", "0+")
z, vq, u = Symbol("z"), Symbol("vq"), Symbol("u")
v, xi, store = Symbol("v"), Symbol("xi"), Symbol("store_error")
f = Symbol("f", "free")
e, F, S, X, C = Symbol("e"), Symbol("F", symmetric=True), Symbol("S", symmetric=True), Symbol("X"), Symbol("C", symmetric=True)


def mu(k: Var) -> Term:
    """mu_k = x_k/gamma."""
    return x[k] / gamma


def q(k: Var, exponent: object) -> Term:
    """(1 - x_k)^exponent."""
    return power(1 - x[k], lin(exponent))


def mean(body: Term) -> Term:
    """Expectation over draws and target."""
    return total(w, body)


def noise(time: Var | Lin | int, k: Var) -> Term:
    """What step ``time`` adds at random to coordinate k."""
    return gamma * xi(time)[w, k] + store(time)[w, k]


def vanish(name: str, k: Var, other: Term, what: str) -> Step:
    """The noise is uncorrelated with the target and with v^q."""
    return Step(id=name, claim=eq(mean(noise(t, k) * other), 0), rule=Assumption("model", f"draws are independent of {what}"))


def weight(k: Var, age: object) -> Term:
    """Sum of (1-x_k)^r over r < age: how much of a step's noise the iterates of the next ``age`` steps hold together."""
    return (1 - q(k, age)) / x[k]


def H(time: Var | Lin | int) -> Term:
    """||E delta_t||^2_Sigma given the target, averaged over it."""
    return total(i, mu(i) * q(i, lin(time) * 2) * mean(vq[w, i] * vq[w, i]))


def K(time: object) -> Term:
    """||E v_t||^2_Sigma given the target, averaged over it."""
    return total(i, mu(i) * (1 - q(i, time)) ** 2 * mean(vq[w, i] * vq[w, i]))


def Phi(time: object) -> Term:
    """tr(Sigma F_t)."""
    return total(i, mu(i) * F(time)[i, i])


def delta(time: Var | Lin | int, k: Var) -> Term:
    """(v_t - v^q)_k."""
    return v(time)[w, k] - vq[w, k]


def quadratic(body: Term) -> Term:
    """Sum over i, j of f_i f_j times the body."""
    return total(i, total(j, f[i] * f[j] * body))


DELTA2 = total(i, mu(i) * mean(delta(t, i) ** 2))
V2 = total(i, mu(i) * mean(v(t)[w, i] ** 2))

hypotheses = (
    Step(
        id="x <= 1",
        claim=condition(STEP_SIZE[0], Reader({symbols.mu: mu})),
        rule=Assumption("hypothesis", STEP_SIZE[0].name),
    ),
    Step(id="start", claim=eq(v(0)[w, i], 0), rule=Assumption("model", "v_0 = 0")),
    Step(
        id="update",
        claim=eq(v(t + 1)[w, i], (1 - x[i]) * v(t)[w, i] + x[i] * vq[w, i] + noise(t, i)),
        rule=Assumption("model", "v_{t+1} = v_t + gamma g_t + storage error with E[g_t | past] = Sigma (v^q - v_t)"),
    ),
    Step(
        id="noise and past",
        claim=eq(mean(noise(t, i) * v(s)[w, j]), 0),
        rule=Assumption("model", "draws are independent of the past"),
    ),
    vanish("noise and v^q", i, vq[w, j], "the target"),
    vanish("noise and u", i, u[w, j], "the target"),
    Step(
        id="storage",
        claim=eq(quadratic(mean(store(t)[w, i] * store(t)[w, j])), eps_w * total(i, f[i] ** 2)),
        rule=Assumption("model", "storage errors have covariance eps_w I"),
    ),
    Step(
        id="storage and gradient",
        claim=eq(mean(xi(t)[w, i] * store(t)[w, j]), 0),
        rule=Assumption("model", "storage errors are independent of the gradient's draws"),
    ),
    Step(
        id="noise above",
        claim=le(quadratic(mean(xi(t)[w, i] * xi(t)[w, j])), total(i, mu(i) * f[i] ** 2 * (A[i] + ad * DELTA2 + av * V2))),
        rule=Assumption("hypothesis", "E Cov(g_t | v) <= (A + ad E||delta||^2 + av E||v||^2) Sigma"),
    ),
    Step(
        id="noise below",
        claim=le(total(i, mu(i) * f[i] ** 2 * (Alow[i] + adlow * DELTA2)), quadratic(mean(xi(t)[w, i] * xi(t)[w, j]))),
        rule=Assumption("hypothesis", "E Cov(g_t | v) >= (Alow + adlow E||delta||^2) Sigma"),
    ),
)


def one_of_all(name: str, body: Callable[[Var], Term]) -> tuple[Step, Step]:
    """body_i <= sum_j body_j for positive terms: sum_i f_i^2 (sum_{j != i} body_j) >= 0 at a unit vector f."""
    return (
        Step(
            id="one direction of all",
            claim=le(total(i, f[i] ** 2 * body(i)), total(i, f[i] ** 2) * total(j, body(j))),
            rule=Algebra(distinct(i, j, f[i] ** 2 * body(j))),
        ),
        Step(id=name, claim=le(body(i), total(j, body(j))), rule=AtUnitVector("one direction of all", "f", i)),
    )


#: Upper sides need no lower noise condition: with Alow = adlow = 0 it holds by itself.
NOTHING_BELOW = {"Alow": ((i,), term(0)), "adlow": ((), term(0))}
POSITIVE_NOISE = Step(
    id="noise below",
    claim=le(0, quadratic(mean(xi(t)[w, i] * xi(t)[w, j]))),
    rule=Algebra(over(w, square(total(i, f[i] * xi(t)[w, i])))),
)
DENOMINATOR = Step(id="2 - x > 0", claim=lt(0, 2 - x[i]), rule=Algebra(use("x <= 1") + positive(1)))

N = n + 1  # the number of averaged iterates
s_n, t_n = below("s", n), below("t", n)
s_N, t_N = below("s", N), below("t", N)


def L(k: Var, l: Var) -> Term:  # noqa: E741
    """The weights of the error functional, a Gram matrix."""
    return total(r, z[r, k] * z[r, l])


def reader(theorem: Theorem) -> Reader:
    """Reads the theorem's expressions in the notation of this module."""
    return Reader(
        {
            symbols.N: N,
            symbols.mu: mu,
            symbols.risk_weight: lambda k: L(k, k),
            symbols.quantized_target2: lambda k: mean(vq[w, k] ** 2),
            symbols.gram: lambda k, m: L(k, m) * mean(vq[w, k] * vq[w, m]),
            symbols.cross: lambda k: total(j, L(k, j) * mean(vq[w, k] * (u[w, j] - vq[w, j]))),
            symbols.shrinkage: total(i, total(j, L(i, j) * mean((vq[w, i] - u[w, i]) * (vq[w, j] - u[w, j])))),
        },
        theorem.definitions,
    )


def above(time: Var | Lin | int, k: Var) -> Term:
    """Upper bound of S(time)_kk."""
    return gamma**2 * mu(k) * (A[k] + ad * (H(time) + Phi(time)) + av * (K(time) + Phi(time))) + eps_w


def beneath(time: Var | Lin | int, k: Var) -> Term:
    """Lower bound of S(time)_kk."""
    return gamma**2 * mu(k) * (Alow[k] + adlow * H(time)) + eps_w


def split_moment(mean_part: Term, whole: Term) -> Certificate:
    """E whole^2 = mean_part^2 E v^q^2 + F_ii, from whole = mean_part v^q + e."""
    return (
        -over(w, (whole + mean_part * vq[w, i] + e(t)[w, i]) * use("e"))
        + 2 * mean_part * use("e and v^q", {j: i})
        - use("F", {j: i})
    )


moments = (
    Step(
        id="delta",
        claim=eq(DELTA2, H(t) + Phi(t)),
        rule=Algebra(over(i, mu(i) * split_moment(-q(i, t), delta(t, i)))),
    ),
    Step(
        id="v",
        claim=eq(V2, K(t) + Phi(t)),
        rule=Algebra(over(i, mu(i) * split_moment(1 - q(i, t), v(t)[w, i]))),
    ),
)


def iterate_average(k: Var) -> Term:
    """vbar_k."""
    return total(t_N, v(t_N)[w, k]) / term(N)


#: R(vbar_N) - sigma^2/2.
risk = (
    scalar("approximation", "0+")
    + total(i, total(j, L(i, j) * mean((iterate_average(i) - u[w, i]) * (iterate_average(j) - u[w, j])))) / 2
)
