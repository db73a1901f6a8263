"""sharp-storage: the sharp pair with stored-weight quantization (theory section 4), from the recursion of SGD."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from riskbounds.derivations.averages import h, k, read, sums, weighting
from riskbounds.derivations.hypotheses import condition, conditions, named
from riskbounds.derivations.sgd import (
    A,
    Alow,
    C,
    F,
    H,
    K,
    L,
    N,
    Phi,
    S,
    above,
    ad,
    adlow,
    av,
    beneath,
    e,
    eps_w,
    f,
    gamma,
    hypotheses,
    i,
    iterate_average,
    j,
    moments,
    mu,
    n,
    q,
    quadratic,
    r,
    reader,
    risk,
    s_N,
    t,
    t_N,
    t_n,
    u,
    vq,
    w,
    weight,
    x,
    z,
)
from riskbounds.derivations.unrolling import covariance, fluctuation, unrolled
from riskbounds.derivations.witnesses import sgd_model

from riskbounds import symbols
from riskbounds.numerics import blocks
from riskbounds.proofs import (
    Algebra,
    Assumption,
    AtUnitVector,
    Claim,
    Derivation,
    Induction,
    Step,
    Term,
    Var,
    eq,
    le,
    over,
    positive,
    square,
    term,
    total,
    use,
)
from riskbounds.theorems.sharp_pair import MEAN_PART, sharp_storage
from riskbounds.theorems.theorem import Theorem

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
phi, kappa = read(symbols.phi), read(symbols.kappa)
PSI = total(t_N, Phi(t_N))
CONSTANT = total(i, A[i] * x[i] / (2 - x[i])) + total(i, mu(i) * eps_w / (x[i] * (2 - x[i])))
fluctuation_energy = (
    Step(
        id="feedback",
        claim=condition(sharp_storage.hypotheses[1], read),
        rule=Assumption("hypothesis", sharp_storage.hypotheses[1].name),
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

# The two sides of the variance.
UPPER_VARIANCE, LOWER_VARIANCE = (dict(sharp_storage.terms(side) or {})["variance"] for side in ("upper", "lower"))
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
        claim=le(variance, read(UPPER_VARIANCE)),
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
        claim=le(read(LOWER_VARIANCE), variance),
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


def settled(o: Var) -> Term:
    """(v^q - g v^q - u)_o plus the average of e."""
    g = read(blocks.g(symbols.contraction[symbols.i], symbols.N), {symbols.i: o})
    return (1 - g) * vq[w, o] - u[w, o] + total(t_N, e(t_N)[w, o]) / term(N)


def coefficient(o: Var) -> Term:
    """1 - g_o."""
    return 1 - read(blocks.g(symbols.contraction[symbols.i], symbols.N), {symbols.i: o})


mean_part = read(sp.Add(*MEAN_PART.values()))
HALF = Fraction(1, 2)


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The registered theorem as claims."""
    read = reader(theorem)
    return {**conditions(theorem, read), "lower": le(read(theorem.lower), risk), "upper": le(risk, read(theorem.upper))}


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
    Step(id="upper", claim=statement(sharp_storage)["upper"], rule=Algebra(use("risk") + use("upper variance"))),
    Step(id="lower", claim=statement(sharp_storage)["lower"], rule=Algebra(use("lower variance") - use("risk"))),
)
derivation = Derivation(
    name="sharp-storage",
    theorem="sharp-storage",
    title="Sharp pair with stored-weight quantization",
    statement=statement,
    witness=sgd_model,
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
    conclusions={**named(sharp_storage, "x <= 1", "feedback"), "lower": "lower", "upper": "upper", "fluctuation": "phi"},
)
