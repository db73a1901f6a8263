"""sharp-storage: the sharp pair of theory section 4, from the recursion of SGD.

In the eigenbasis of Sigma, x_i = gamma mu_i and q_i = 1 - x_i.  The error functional is 1/2 E ||vbar - u||^2_L with the Gram
matrix L_ij = sum_r z_ri z_rj (Lam on clean inputs, Sigma on quantized ones).  Expectations run over draws and the target's prior.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from riskbounds import symbols
from riskbounds.numerics import blocks
from riskbounds.proofs import (
    Algebra,
    Assumption,
    AtUnitVector,
    Chebyshev,
    Definition,
    Derivation,
    Induction,
    Reader,
    Step,
    Symbol,
    Term,
    Var,
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
    scalar,
    square,
    term,
    total,
    use,
)
from riskbounds.theorems.sharp_pair import sharp_storage as theorem

i, j, r, w = direction("i"), direction("j"), Var("r", "feature"), Var("w", "outcome")
n, t = natural("n"), natural("t")
s = below("s", t + 1)

gamma, eps_w, ad, av, adlow = scalar("step"), scalar("eps_w", "0+"), scalar("ad", "0+"), scalar("av", "0+"), scalar("adlow", "0+")
x, A, Alow = Symbol("contraction", "+"), Symbol("A", "0+"), Symbol("Alow", "0+")
z, vq, u = Symbol("z"), Symbol("vq"), Symbol("u")
v, xi, store = Symbol("v"), Symbol("xi"), Symbol("store_error")
f = Symbol("f", "free")
e, F, S, X, C = Symbol("e"), Symbol("F", symmetric=True), Symbol("S", symmetric=True), Symbol("X"), Symbol("C", symmetric=True)
mu = lambda k: x[k] / gamma  # noqa: E731


def q(k: Var, exponent: object) -> Term:
    """(1 - x_k)^exponent."""
    return power(1 - x[k], lin(exponent))


def mean(body: Term) -> Term:
    """Expectation over draws and target."""
    return total(w, body)


def noise(time: object, k: Var) -> Term:
    """What step ``time`` adds at random to coordinate k."""
    return gamma * xi(time)[w, k] + store(time)[w, k]


def vanish(name: str, k: Var, other: Term, what: str) -> Step:
    """The noise is uncorrelated with the target and with v^q."""
    return Step(id=name, claim=eq(mean(noise(t, k) * other), 0), rule=Assumption("model", f"draws are independent of {what}"))


def weight(k: Var, age: object) -> Term:
    """Sum of (1-x_k)^r over r < age: how much of a step's noise the iterates of the next ``age`` steps hold together."""
    return (1 - q(k, age)) / x[k]


def H(time: object) -> Term:
    """||E delta_t||^2_Sigma given the target, averaged over it."""
    return total(i, mu(i) * q(i, lin(time) * 2) * mean(vq[w, i] * vq[w, i]))


def K(time: object) -> Term:
    """||E v_t||^2_Sigma given the target, averaged over it."""
    return total(i, mu(i) * (1 - q(i, time)) ** 2 * mean(vq[w, i] * vq[w, i]))


def Phi(time: object) -> Term:
    """tr(Sigma F_t)."""
    return total(i, mu(i) * F(time)[i, i])


def delta(time: object, k: Var) -> Term:
    """(v_t - v^q)_k."""
    return v(time)[w, k] - vq[w, k]


def quadratic(body: Term) -> Term:
    """Sum over i, j of f_i f_j times the body."""
    return total(i, total(j, f[i] * f[j] * body))


DELTA2 = total(i, mu(i) * mean(delta(t, i) ** 2))
V2 = total(i, mu(i) * mean(v(t)[w, i] ** 2))

hypotheses = (
    Step(id="x <= 1", claim=le(x[i], 1), rule=Assumption("hypothesis", "gamma mu_1 <= 1")),
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

# (1), (2) The mean given the target is v^q (1 - q^t); e_t is the rest.
fluctuation = (
    Step(id="2 - x > 0", claim=lt(0, 2 - x[i]), rule=Algebra(use("x <= 1") + positive(1))),
    Step(id="e", claim=eq(e(t)[w, i], v(t)[w, i] - (1 - q(i, t)) * vq[w, i]), rule=Definition()),
    Step(id="e starts", claim=eq(e(0)[w, i], 0), rule=Algebra(use("e", {t: lin(0)}) + use("start"))),
    Step(
        id="e update",
        claim=eq(e(t + 1)[w, i], (1 - x[i]) * e(t)[w, i] + noise(t, i)),
        rule=Algebra(use("e", {t: t + 1}) + use("update") - (1 - x[i]) * use("e")),
    ),
    Step(
        id="noise and e",
        claim=eq(mean(noise(t, i) * e(s)[w, j]), 0),
        rule=Algebra(
            over(w, noise(t, i) * use("e", {t: s, i: j})) + use("noise and past") - (1 - q(j, s)) * use("noise and v^q")
        ),
    ),
    Step(
        id="e and v^q",
        claim=eq(mean(e(t)[w, i] * vq[w, j]), 0),
        rule=Induction(
            t,
            base=over(w, vq[w, j] * use("e starts")),
            step=over(w, vq[w, j] * use("e update")) + (1 - x[i]) * use("ih") + use("noise and v^q"),
        ),
    ),
    Step(
        id="e and u",
        claim=eq(mean(e(t)[w, i] * u[w, j]), 0),
        rule=Induction(
            t,
            base=over(w, u[w, j] * use("e starts")),
            step=over(w, u[w, j] * use("e update")) + (1 - x[i]) * use("ih") + use("noise and u"),
        ),
    ),
)

# (3) Covariances: F of e_t, X of e_t with the sum of the earlier ones, C of the sum.
s_n, t_n = below("s", n), below("t", n)
covariance = (
    Step(id="F", claim=eq(F(t)[i, j], mean(e(t)[w, i] * e(t)[w, j])), rule=Definition()),
    Step(id="S", claim=eq(S(t)[i, j], mean(noise(t, i) * noise(t, j))), rule=Definition()),
    Step(id="X", claim=eq(X(n)[i, j], total(s_n, mean(e(s_n)[w, i] * e(n)[w, j]))), rule=Definition()),
    Step(id="C", claim=eq(C(n)[i, j], total(s_n, total(t_n, mean(e(s_n)[w, i] * e(t_n)[w, j])))), rule=Definition()),
    Step(
        id="F starts",
        claim=eq(F(0)[i, j], 0),
        rule=Algebra(use("F", {t: lin(0)}) + over(w, e(0)[w, j] * use("e starts"))),
    ),
    Step(
        id="F update",
        claim=eq(F(t + 1)[i, j], (1 - x[i]) * (1 - x[j]) * F(t)[i, j] + S(t)[i, j]),
        rule=Algebra(
            use("F", {t: t + 1})
            + over(w, e(t + 1)[w, j] * use("e update") + ((1 - x[i]) * e(t)[w, i] + noise(t, i)) * use("e update", {i: j}))
            + (1 - x[j]) * use("noise and e", {s: t})
            + (1 - x[i]) * use("noise and e", {s: t, i: j, j: i})
            - (1 - x[i]) * (1 - x[j]) * use("F")
            - use("S")
        ),
    ),
    Step(
        id="X update",
        claim=eq(X(n + 1)[i, j], (1 - x[j]) * (X(n)[i, j] + F(n)[i, j])),
        rule=Algebra(
            use("X", {n: n + 1})
            + over(below("s", n + 1), over(w, e(below("s", n + 1))[w, i] * use("e update", {t: n, i: j})))
            + over(below("s", n + 1), use("noise and e", {t: n, i: j, j: i, s: below("s", n + 1)}))
            - (1 - x[j]) * (use("X") + use("F", {t: n}))
        ),
    ),
    Step(
        id="C update",
        claim=eq(C(n + 1)[i, j], C(n)[i, j] + X(n)[i, j] + X(n)[j, i] + F(n)[i, j]),
        rule=Algebra(use("C", {n: n + 1}) - use("C") - use("X") - use("X", {i: j, j: i}) - use("F", {t: n})),
    ),
)

# (6) Unrolled: the noise of step s reaches the sum of the first n + 1 iterates with the weight (1 - q^{n-s})/x.
s_N, t_N = below("s", n + 1), below("t", n + 1)
unrolled = (
    Step(
        id="F unrolled",
        claim=eq(F(n + 1)[i, j], total(s_N, q(i, n - s_N) * q(j, n - s_N) * S(s_N)[i, j])),
        rule=Induction(
            n,
            base=use("F update", {t: lin(0)}) + (1 - x[i]) * (1 - x[j]) * use("F starts"),
            step=use("F update", {t: n + 1}) + (1 - x[i]) * (1 - x[j]) * use("ih"),
        ),
    ),
    Step(
        id="X unrolled",
        claim=eq(X(n + 1)[i, j], total(s_N, weight(i, n - s_N) * q(j, n - s_N) * S(s_N)[i, j])),
        rule=Induction(
            n,
            base=use("X update", {n: lin(0)}) + (1 - x[j]) * (use("X", {n: lin(0)}) + use("F starts")),
            step=use("X update", {n: n + 1}) + (1 - x[j]) * (use("ih") + use("F unrolled")),
        ),
    ),
    Step(
        id="C unrolled",
        claim=eq(C(n + 1)[i, j], total(s_N, weight(i, n - s_N) * weight(j, n - s_N) * S(s_N)[i, j])),
        rule=Induction(
            n,
            base=use("C update", {n: lin(0)})
            + use("C", {n: lin(0)})
            + use("X", {n: lin(0)})
            + use("X", {n: lin(0), i: j, j: i})
            + use("F starts"),
            step=use("C update", {n: n + 1})
            + use("ih")
            + use("X unrolled")
            + use("X unrolled", {i: j, j: i})
            + use("F unrolled"),
        ),
    ),
)

# (4) Second moments split into mean and fluctuation, exactly; so the noise condition speaks of H, K and Phi.
N = n + 1  # the number of averaged iterates


def L(k: Var, l: Var) -> Term:  # noqa: E741
    """The weights of the error functional, a Gram matrix."""
    return total(r, z[r, k] * z[r, l])


read = Reader(
    {
        symbols.N: N,
        symbols.mu: mu,
        symbols.risk_weight: lambda k: L(k, k),
        symbols.quantized_target2: lambda k: mean(vq[w, k] ** 2),
        symbols.gram: lambda k, l: L(k, l) * mean(vq[w, k] * vq[w, l]),
        symbols.cross: lambda k: total(j, L(k, j) * mean(vq[w, k] * (u[w, j] - vq[w, j]))),
        symbols.shrinkage: total(i, total(j, L(i, j) * mean((vq[w, i] - u[w, i]) * (vq[w, j] - u[w, j])))),
    },
    theorem.definitions,
)
h, k, phi, kappa = (read(symbol) for symbol in (symbols.h, symbols.k, symbols.phi, symbols.kappa))


def above(time: object, k: Var) -> Term:
    """Upper bound of S(time)_kk."""
    return gamma**2 * mu(k) * (A[k] + ad * (H(time) + Phi(time)) + av * (K(time) + Phi(time))) + eps_w


def beneath(time: object, k: Var) -> Term:
    """Lower bound of S(time)_kk."""
    return gamma**2 * mu(k) * (Alow[k] + adlow * H(time)) + eps_w


def split_moment(mean_part: Term, whole: Term) -> object:
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


# Geometric sums, forwards and backwards in time.
def geometric(name: str, terms: Term, closed: Term, scale: Term) -> Step:
    """scale * sum of the terms over t < n (or s <= n) = closed, by induction on n."""
    return Step(id=name, claim=eq(scale * terms, closed), rule=Induction(n, step=use("ih")))


t_n = below("t", n)
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


# The noise condition in terms of H, K, Phi, with storage.
noise_bounds = (
    Step(id="F >= 0", claim=le(0, F(t)[i, i]), rule=Algebra(over(w, square(e(t)[w, i])) - use("F", {j: i}))),
    Step(
        id="S above",
        claim=le(quadratic(S(t)[i, j]), total(i, f[i] ** 2 * above(t, i))),
        rule=Algebra(
            gamma**2 * use("noise above")
            + over(i, gamma**2 * mu(i) * f[i] ** 2 * (ad * use("delta") + av * use("v")))
            + over(i, over(j, f[i] * f[j] * (use("S") + 2 * gamma * use("storage and gradient"))))
            + use("storage")
        ),
    ),
    Step(
        id="S below",
        claim=le(total(i, f[i] ** 2 * beneath(t, i)), quadratic(S(t)[i, j])),
        rule=Algebra(
            gamma**2 * use("noise below")
            + over(i, gamma**2 * mu(i) * f[i] ** 2 * adlow * (over(j, mu(j) * use("F >= 0", {i: j})) - use("delta")))
            - over(i, over(j, f[i] * f[j] * (use("S") + 2 * gamma * use("storage and gradient"))))
            - use("storage")
        ),
    ),
    Step(id="S_ii above", claim=le(S(t)[i, i], above(t, i)), rule=AtUnitVector("S above", "f", i)),
)

# (8), (9) The energy balance bounds the sum of tr(Sigma F_t), linearly in itself.
PSI = total(t_N, Phi(t_N))
CONSTANT = total(i, A[i] * x[i] / (2 - x[i])) + total(i, mu(i) * eps_w / (x[i] * (2 - x[i])))
fluctuation_energy = (
    Step(
        id="feedback",
        claim=lt((ad + av) * kappa, 1),
        rule=Assumption("hypothesis", "noise feedback: (a_delta + a_v) kappa < 1"),
    ),
    Step(
        id="balance",
        claim=eq(total(t_N, F(t_N)[i, i]) - (1 - x[i]) ** 2 * total(t_n, F(t_n)[i, i]), total(t_n, S(t_n)[i, i])),
        rule=Induction(n, base=use("F starts", {j: i}), step=use("ih") + use("F update", {t: n, j: i})),
    ),
    Step(
        id="energy",
        claim=le(x[i] * (2 - x[i]) * total(t_N, F(t_N)[i, i]), total(t_n, S(t_n)[i, i])),
        rule=Algebra(use("balance") + square(1 - x[i]) * use("F >= 0", {t: n})),
    ),
    Step(
        id="sum of Phi",
        claim=le(PSI, N * CONSTANT + kappa * (ad * (N * h + PSI) + av * (N * k + PSI))),
        rule=Algebra(
            over(i, mu(i) / (x[i] * (2 - x[i])) * (use("energy") + over(t_n, use("S_ii above", {t: t_n}))))
            + kappa * (ad * use("h") + av * use("k"))
            + positive(CONSTANT + kappa * ad * H(n))
            + kappa * av * over(i, over(w, mu(i) * square((1 - q(i, n)) * vq[w, i])))
            + kappa * (ad + av) * over(i, mu(i) * use("F >= 0", {t: n}))
        ),
    ),
    Step(id="phi", claim=le(PSI, N * phi), rule=Algebra(1 / (1 - (ad + av) * kappa) * use("sum of Phi"))),
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

# The two sides of the variance.
BLOCK = read(blocks.K(symbols.contraction[symbols.i], symbols.N))
test = {"f": ((j,), z[r, j] * weight(j, n - s_N))}
variance = total(i, total(j, L(i, j) * C(N)[i, j])) / (2 * term(N) ** 2)
sides = (
    Step(
        id="variance below S",
        claim=le(
            total(i, total(j, L(i, j) * C(N)[i, j])), total(i, L(i, i) * total(s_N, weight(i, n - s_N) ** 2 * above(s_N, i)))
        ),
        rule=Algebra(
            over(i, over(j, L(i, j) * use("C unrolled"))) + over(r, over(s_N, use("S above", {t: s_N}, test))),
        ),
    ),
    Step(
        id="variance above S",
        claim=le(
            total(i, L(i, i) * total(s_N, weight(i, n - s_N) ** 2 * beneath(s_N, i))), total(i, total(j, L(i, j) * C(N)[i, j]))
        ),
        rule=Algebra(
            over(r, over(s_N, use("S below", {t: s_N}, test))) - over(i, over(j, L(i, j) * use("C unrolled"))),
        ),
    ),
    Step(
        id="upper variance",
        claim=le(variance, read(theorem.upper_terms["variance"])),
        rule=Algebra(
            1
            / (2 * term(N) ** 2)
            * (
                use("variance below S")
                + over(
                    i,
                    L(i, i)
                    / mu(i)
                    * (
                        (A[i] + eps_w * mu(i) / x[i] ** 2) * use("sum of weights")
                        + av / term(N) * (use("weights and K") + total(s_N, K(s_N)) * use("sum of weights") + BLOCK * use("k"))
                        + ad * (over(s_N, H(s_N) * use("weights fall")) + (1 - q(i, n)) ** 2 * use("h"))
                        + (ad + av) * over(s_N, use("weights fall") * over(j, mu(j) * use("F >= 0", {t: s_N, i: j})))
                        + (ad + av) * square(1 - q(i, n)) * use("phi")
                    ),
                )
            )
        ),
    ),
    Step(
        id="lower variance",
        claim=le(read(theorem.lower_terms["variance"]), variance),
        rule=Algebra(
            1
            / (2 * term(N) ** 2)
            * (
                use("variance above S")
                + over(
                    i,
                    L(i, i)
                    / mu(i)
                    * (
                        -(Alow[i] + eps_w * mu(i) / x[i] ** 2) * use("sum of weights")
                        + adlow / term(N) * (use("weights and H") - total(s_N, H(s_N)) * use("sum of weights") - BLOCK * use("h"))
                    ),
                )
            )
        ),
    ),
)

# The risk: mean part exactly, and the variance.


def iterate_average(k: Var) -> Term:
    """vbar_k."""
    return total(t_N, v(t_N)[w, k]) / term(N)


def settled(l: Var) -> Term:  # noqa: E741
    """(v^q - g v^q - u)_l plus the average of e."""
    g = read(blocks.g(symbols.contraction[symbols.i], symbols.N), {symbols.i: l})
    return (1 - g) * vq[w, l] - u[w, l] + total(t_N, e(t_N)[w, l]) / term(N)


def coefficient(l: Var) -> Term:  # noqa: E741
    """1 - g_l."""
    return 1 - read(blocks.g(symbols.contraction[symbols.i], symbols.N), {symbols.i: l})


risk = (
    read(symbols.approximation)
    + total(i, total(j, L(i, j) * mean((iterate_average(i) - u[w, i]) * (iterate_average(j) - u[w, j])))) / 2
)
mean_part = read(sp.Add(*(theorem.upper_terms[name] for name in ("approximation", "shrinkage", "bias", "cross"))))
HALF = Fraction(1, 2)
conclusion = (
    Step(
        id="average",
        claim=eq(iterate_average(i) - u[w, i], settled(i)),
        rule=Algebra(1 / term(N) * (-over(t_N, use("e", {t: t_N})) - vq[w, i] / x[i] * use("sum q", {n: N}))),
    ),
    Step(
        id="risk",
        claim=eq(risk, mean_part + variance),
        rule=Algebra(
            over(
                i,
                over(
                    j,
                    HALF
                    * L(i, j)
                    * (
                        over(w, (iterate_average(j) - u[w, j]) * use("average") + settled(i) * use("average", {i: j}))
                        + 2 / term(N) * over(t_N, coefficient(j) * use("e and v^q", {t: t_N}) - use("e and u", {t: t_N}))
                        - 1 / (term(N) ** 2) * use("C", {n: N})
                    ),
                ),
            )
        ),
    ),
    Step(id="upper", claim=le(risk, read(theorem.upper)), rule=Algebra(use("risk") + use("upper variance"))),
    Step(id="lower", claim=le(read(theorem.lower), risk), rule=Algebra(use("lower variance") - use("risk"))),
)
derivation = Derivation(
    name="sharp-storage",
    theorem="sharp-storage",
    title="Sharp pair with stored-weight quantization",
    steps=(
        *hypotheses,
        *fluctuation,
        *covariance,
        *unrolled,
        *moments,
        *sums,
        *noise_bounds,
        *fluctuation_energy,
        *weighting,
        *sides,
        *conclusion,
    ),
    conclusions={"lower": "lower", "upper": "upper"},
)
