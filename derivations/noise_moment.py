"""Noise constants, data row of the fourth-moment version: theory section 4, last but two paragraphs, and section 9b, moment.

Known of q and of r = y - q^T v^q are E[q q^T A q q^T] <= alpha tr(Sigma A) Sigma for A >= 0 and E[r^2 q q^T] <= sbar^2 Sigma, no
law.  The lower side asks for beta as well, and for a part of the label, of variance `floor`, that is independent of all else.
"""

from __future__ import annotations

from riskbounds.derivations.noise_terms import (
    Sample,
    at,
    covariance,
    delta,
    dot,
    i,
    k,
    mean,
    mu,
    norm2,
    row_claims,
    t,
    u,
    vq,
    w,
    weighted,
)  # fmt: skip
from riskbounds.derivations.noise_worlds import moment_world

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    AtUnitVector,
    Derivation,
    Reader,
    Step,
    Symbol,
    eq,
    le,
    over,
    positive,
    scalar,
    square,
    total,
    use,
)
from riskbounds.proofs.expectation import Centred, Cumulant, Expectation
from riskbounds.theorems.noise import moment_row

q, rest, xi = Symbol("q"), Symbol("rest"), Symbol("label_noise")
alpha, beta, sbar2, floor = scalar("alpha"), scalar("beta", "0+"), scalar("sbar2", "0+"), scalar("noise_variance", "0+")
T, D = norm2(t), norm2(delta)


#: y = q^T v^q + r with r = rest + xi, xi independent of all else.
RESIDUAL = rest[w] + xi[w]
sample = Sample(q=lambda index: q[w, index], y=total(i, q[w, i] * vq[i]) + RESIDUAL)
X, OFF = sample.along(t), sample.along(delta)
NOISE = (Centred(outcome=w, pairs={("label_noise", "label_noise"): Cumulant(floor, ((), ()))}),)
read = Reader({symbols.trace: total(k, mu[k]), symbols.quantized_norm2: norm2(vq)})
any_law = row_claims(moment_row(centred=False, lower=True), sample, read)
centred = row_claims(moment_row(centred=True, lower=True), sample, read)

QUIET = X * (rest[w] - OFF)
BEST = sample.along(vq)

HYPOTHESES = (
    Step(
        id="Sigma", claim=eq(mean(X * sample.along(u)), dot(t, u)), rule=Assumption("model", "E q q^T = Sigma, in its eigenbasis")
    ),
    Step(id="optimum", claim=eq(mean(X * RESIDUAL), 0), rule=Assumption("model", "E q (y - q^T v^q) = 0")),
    Step(
        id="given q",
        claim=eq(mean(X**2 * RESIDUAL * sample.along(u)), 0),
        rule=Assumption("hypothesis", "E[y - q^T v^q | q] = 0"),
    ),
    Step(
        id="alpha",
        claim=any_law["fourth"],
        rule=Assumption("hypothesis", "E[q q^T A q q^T] <= alpha tr(Sigma A) Sigma"),
    ),
    Step(
        id="beta",
        claim=le(beta * T * norm2(u) + dot(t, u) ** 2, weighted(sample, sample.along(u) ** 2)),
        rule=Assumption("hypothesis", "E[q q^T A q q^T] - Sigma A Sigma >= beta tr(Sigma A) Sigma"),
    ),
    Step(
        id="sbar",
        claim=le(weighted(sample, RESIDUAL**2), sbar2 * T),
        rule=Assumption("hypothesis", "E[r^2 q q^T] <= sbar^2 Sigma"),
    ),
)
LOWER_NOISE = over(w, square(X * rest[w])) - floor * use("Sigma", {}, at(t)) - use("noise")
CONCLUSIONS = {
    "upper": Step(
        id="upper",
        claim=any_law["upper"],
        rule=Algebra(2 * use("sbar") + 2 * use("alpha", {}, at(delta)) + over(w, square(X * (RESIDUAL + OFF)))),
        note="(r - q^T delta)^2 <= 2 r^2 + 2 (q^T delta)^2",
    ),
    "upper, centred": Step(
        id="upper, centred",
        claim=centred["upper"],
        rule=Algebra(use("sbar") + use("alpha", {}, at(delta)) - 2 * use("given q", {}, at(delta))),
    ),
    "lower": Step(
        id="lower",
        claim=any_law["lower"],
        rule=Algebra(over(w, square(QUIET - mean(QUIET))) - use("covariance") - floor * use("Sigma", {}, at(t))),
        note="Jensen, for what is left without the independent noise",
    ),
    "lower, centred": Step(
        id="lower, centred",
        claim=centred["lower"],
        rule=Algebra(LOWER_NOISE + use("beta", {}, at(delta)) + 2 * use("given q", {}, at(delta)) + use("mean square")),
    ),
    "spread": Step(id="spread", claim=any_law["spread"], rule=Algebra(over(k, use("alpha at k")))),
    "spread low": Step(
        id="spread low",
        claim=any_law["spread low"],
        rule=Algebra(over(k, use("beta at k") + positive(mu[k] ** 2) * square(t[k]))),
    ),
    "label": Step(
        id="label",
        claim=any_law["label"],
        rule=Algebra(2 * use("sbar") + 2 * use("alpha", {}, at(vq)) + over(w, square(X * (RESIDUAL - BEST)))),
    ),
    "label, centred": Step(
        id="label, centred",
        claim=centred["label"],
        rule=Algebra(use("sbar") + use("alpha", {}, at(vq)) + 2 * use("given q", {}, at(vq))),
    ),
    "label low": Step(
        id="label low",
        claim=any_law["label low"],
        rule=Algebra(over(w, square(X * (BEST + rest[w]))) - use("label noise") - floor * use("Sigma", {}, at(t))),
    ),
    "label low, centred": Step(
        id="label low, centred",
        claim=centred["label low"],
        rule=Algebra(LOWER_NOISE + use("beta", {}, at(vq)) + square(dot(t, vq)) - 2 * use("given q", {}, at(vq))),
    ),
}
STEPS = (
    *HYPOTHESES,
    Step(
        id="covariance",
        claim=eq(covariance(sample), mean(QUIET**2) - mean(QUIET) ** 2 + floor * mean(X**2)),
        rule=Expectation(NOISE),
    ),
    Step(
        id="mean",
        claim=eq(mean(X * sample.residual), -dot(t, delta)),
        rule=Algebra(use("optimum") - use("Sigma", {}, at(delta))),
    ),
    Step(
        id="mean square",
        claim=eq(mean(X * sample.residual) ** 2, dot(t, delta) ** 2),
        rule=Algebra(use("mean") * (mean(X * sample.residual) - dot(t, delta))),
    ),
    Step(id="noise", claim=eq(mean(X**2 * RESIDUAL**2), mean((X * rest[w]) ** 2) + floor * mean(X**2)), rule=Expectation(NOISE)),
    Step(
        id="label noise",
        claim=eq(weighted(sample, sample.y**2), mean((X * (BEST + rest[w])) ** 2) + floor * mean(X**2)),
        rule=Expectation(NOISE),
    ),
    Step(id="alpha at k", claim=le(weighted(sample, q[w, k] ** 2), alpha * T * mu[k]), rule=AtUnitVector("alpha", "u", k)),
    Step(
        id="beta at k",
        claim=le(beta * T * mu[k] + mu[k] ** 2 * t[k] ** 2, weighted(sample, q[w, k] ** 2)),
        rule=AtUnitVector("beta", "u", k),
    ),
    *CONCLUSIONS.values(),
)
noise_moment = Derivation(
    name="noise-moment",
    theorem="noise constants: fourth-moment version",
    title="Noise constants from alpha, beta and sbar^2",
    steps=STEPS,
    conclusions={name: name for name in CONCLUSIONS} | {"fourth": "alpha"},
    witness=moment_world,
)
