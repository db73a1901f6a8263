"""Noise constants, data row, additive with uniform or triangular dither: theory section 4 and theorems/noise_rows.py.

q_i = g_i + sum_r c_ri e_r: g is Gaussian, the dither e_r is independent over its own coordinates r, symmetric, with a fourth
cumulant -gap_r <= 0 (uniform: kurtosis 9/5, triangular: 12/5).  The label's part that is independent of q has variance sigma_M^2.
"""

from __future__ import annotations

from riskbounds.derivations.noise_terms import (
    CAUCHY_SCHWARZ,
    Sample,
    at,
    both,
    covariance,
    cross_moments,
    delta,
    dot,
    i,
    j,
    k,
    mean,
    mu,
    norm2,
    r,
    reader,
    row_claims,
    second_moments,
    t,
    u,
    v,
    vq,
    w,
    weighted,
)  # fmt: skip
from riskbounds.derivations.noise_worlds import dithered_world

from riskbounds.proofs import (
    Algebra,
    Assumption,
    AtUnitVector,
    Derivation,
    Step,
    Symbol,
    Term,
    eq,
    le,
    over,
    positive,
    scalar,
    square,
    term,
    total,
    use,
)
from riskbounds.proofs.expectation import Expectation
from riskbounds.quantization.structures import Additive
from riskbounds.terms.expectation import Cumulant, Gaussian, Independent
from riskbounds.theorems.noise_rows import additive_row

g, e, xi, signal = Symbol("g"), Symbol("e"), Symbol("label_noise"), Symbol("signal")
F, c, gap = Symbol("F", symmetric=True), Symbol("c"), Symbol("gap", "0+")
eps, sigma_M2 = scalar("eps"), scalar("sigma_M2", "0+")
sample = Sample(q=lambda index: g[w, index] + total(r, c[r, index] * e[w, r]), y=signal[w] + xi[w])
read = reader(sample)
DITHER = {"data": Additive("1/10", noise="uniform")}
row, mixed = (row_claims(additive_row(DITHER, sketched=sketched), sample, read) for sketched in (False, True))

LAW = (
    Gaussian(
        outcome=w,
        pairs={
            ("g", "g"): Cumulant(F[j, k], ((j,), (k,))),
            ("g", "signal"): Cumulant(Symbol("gain")[k], ((k,), ())),
            ("signal", "signal"): Cumulant(scalar("signal_square", "0+"), ((), ())),
            ("label_noise", "label_noise"): Cumulant(sigma_M2, ((), ())),
        },
    ),
    Independent(
        outcome=w,
        site=(r,),
        moments={("e",): term(0), ("e",) * 2: eps, ("e",) * 3: term(0), ("e",) * 4: 3 * eps**2 - gap[r]},
    ),
)
T, D, X = norm2(t), norm2(delta), sample.along(t)
ERROR = sample.y - sample.along(vq)
QUIET = X * (signal[w] - sample.along(v))


def own(vector: Symbol) -> Term:
    """The vector's entry in the dither's coordinate r."""
    return total(i, c[r, i] * vector[i])


HYPOTHESES = (*second_moments(sample), *cross_moments(sample))
OWN_COORDINATES = (
    Step(
        id="rotation",
        claim=eq(total(r, own(t) ** 2), total(i, t[i] ** 2)),
        rule=Assumption("hypothesis", "the dither acts on q's own coordinates"),
    ),
    Step(id="unit", claim=eq(total(k, c[r, k] ** 2), 1), rule=Assumption("hypothesis", "the dither acts on q's own coordinates")),
    Step(id="kurtosis", claim=le(gap[r], 2 * eps**2), rule=Assumption("model", "a kurtosis is at least 1")),
    Step(id="floor", claim=le(eps, mu[i]), rule=Assumption("model", "Sigma = Lam + eps I or more")),
)
MEAN = mean(X * sample.residual)
#: E R^2 = sigma_q^2 + ||delta||^2.
RESIDUAL = use("E q q^T", {}, both(delta, delta)) + 2 * (
    use("E q q^T", {}, both(delta, vq)) - use("E q y", {}, {"f": at(delta)["u"]})
)

ALONG_U = sample.along(u)
SQUARES = total(k, mean(sample.q(k) ** 2))
#: ||t||^2 tr Sigma + 2 ||Sigma t||^2 in place of the means that make up "size".
SIZE = (
    use("Sigma", {}, at(t)) * SQUARES
    + T * over(k, use("square at k"))
    + 2 * over(k, use("entry at k") * (mu[k] * t[k] + mean(X * sample.q(k))))
)

STEPS = (
    *HYPOTHESES,
    Step(id="Cauchy-Schwarz", claim=le(dot(t, u) ** 2, T * norm2(u)), rule=Algebra(CAUCHY_SCHWARZ)),
    Step(id="mean", claim=eq(MEAN, -dot(t, delta)), rule=Algebra(use("optimum") - use("Sigma", {}, at(v)))),
    Step(id="mean square", claim=eq(MEAN**2, dot(t, delta) ** 2), rule=Algebra(use("mean") * (MEAN - dot(t, delta)))),
    Step(id="residual", claim=eq(mean(sample.residual**2), mean(ERROR**2) + D), rule=Algebra(RESIDUAL)),
    Step(
        id="moment",
        claim=eq(
            mean((X * sample.residual) ** 2),
            mean(X**2) * mean(sample.residual**2) + 2 * MEAN**2 - total(r, gap[r] * own(t) ** 2 * own(v) ** 2),
        ),
        rule=Expectation(LAW),
    ),
    Step(
        id="upper",
        claim=row["upper"],
        rule=Algebra(
            use("moment")
            + use("mean square")
            + use("Cauchy-Schwarz", {}, at(delta))
            + T * use("residual")
            + use("Sigma", {}, at(t)) * mean(sample.residual**2)
            + over(r, positive(gap[r]) * square(own(t) * own(v)))
        ),
        note="the Gaussian value, less what the dither's kurtosis lacks",
    ),
    Step(
        id="noise",
        claim=eq(covariance(sample), mean(QUIET**2) - mean(QUIET) ** 2 + sigma_M2 * mean(X**2)),
        rule=Expectation(LAW),
    ),
    Step(
        id="lower",
        claim=row["lower"],
        rule=Algebra(over(w, square(QUIET - mean(QUIET))) - use("noise") - sigma_M2 * use("Sigma", {}, at(t))),
    ),
    Step(
        id="fourth moment",
        claim=eq(
            weighted(sample, ALONG_U**2),
            mean(X**2) * mean(ALONG_U**2) + 2 * mean(X * ALONG_U) ** 2 - total(r, gap[r] * own(t) ** 2 * own(u) ** 2),
        ),
        rule=Expectation(LAW),
    ),
    Step(
        id="fourth",
        claim=row["fourth"],
        rule=Algebra(
            use("fourth moment")
            + use("Sigma", {}, at(t)) * mean(ALONG_U**2)
            + T * use("E q q^T", {}, both(u, u))
            + 2 * use("Sigma") * (dot(t, u) + mean(X * ALONG_U))
            + 2 * use("Cauchy-Schwarz")
            + over(r, positive(gap[r]) * square(own(t) * own(u)))
        ),
    ),
    Step(id="squares", claim=eq(mean(ALONG_U**2), norm2(u)), rule=Algebra(use("E q q^T", {}, both(u, u)))),
    Step(id="square at k", claim=eq(mean(sample.q(k) ** 2), mu[k]), rule=AtUnitVector("squares", "u", k)),
    Step(id="entry at k", claim=eq(mean(X * sample.q(k)), mu[k] * t[k]), rule=AtUnitVector("Sigma", "u", k)),
    Step(
        id="size",
        claim=eq(
            weighted(sample, total(k, sample.q(k) ** 2)),
            mean(X**2) * SQUARES
            + 2 * total(k, mean(X * sample.q(k)) ** 2)
            - total(r, gap[r] * own(t) ** 2 * total(k, c[r, k] ** 2)),
        ),
        rule=Expectation(LAW),
    ),
    Step(
        id="spread",
        claim=row["spread"],
        rule=Algebra(use("size") + SIZE + over(r, positive(gap[r]) * over(k, square(own(t) * c[r, k])))),
    ),
    *OWN_COORDINATES,
    Step(
        id="spread low",
        claim=row["spread low"],
        rule=Algebra(
            over(r, use("kurtosis") * square(own(t)) + gap[r] * own(t) ** 2 * use("unit"))
            + over(i, 2 * use("floor") * positive(mu[i] + eps) * square(t[i]))
            + 2 * eps**2 * use("rotation")
            - use("size")
            - SIZE
        ),
        note="2 Sigma^2 >= 2 eps^2 I",
    ),
    Step(
        id="spread low, mixed",
        claim=mixed["spread low"],
        rule=Algebra(over(w, over(k, square(X * sample.q(k))))),
    ),
    Step(
        id="least error",
        claim=eq(mean(ERROR**2), mean(sample.y**2) - norm2(vq)),
        rule=Algebra(use("squares", {}, at(vq)) - 2 * use("E q y", {}, {"f": at(vq)["u"]})),
    ),
    Step(
        id="label moment",
        claim=eq(weighted(sample, sample.y**2), mean(X**2) * mean(sample.y**2) + 2 * mean(X * sample.y) ** 2),
        rule=Expectation(LAW),
    ),
    Step(
        id="label",
        claim=row["label"],
        rule=Algebra(
            use("label moment")
            + use("Sigma", {}, at(t)) * mean(sample.y**2)
            + 2 * use("optimum") * (dot(t, vq) + mean(X * sample.y))
            + 2 * use("Cauchy-Schwarz", {}, at(vq))
            + positive(2 * T) * (over(w, square(ERROR)) + use("least error"))
        ),
    ),
    Step(
        id="label low",
        claim=row["label low"],
        rule=Algebra(2 * square(mean(X * sample.y)) - use("label moment") - use("Sigma", {}, at(t)) * mean(sample.y**2)),
    ),
)
noise_dither = Derivation(
    name="noise-dither",
    theorem="noise constants: data, additive with bounded dither",
    title="Noise constants of uniform and triangular dither",
    steps=STEPS,
    conclusions={name: name for name in (*row, "spread low, mixed")},
    witness=dithered_world,
)
