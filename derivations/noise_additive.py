"""Noise constants, data row, additive (Gaussian dither), and full precision: theory section 4."""

from __future__ import annotations

from functools import partial

from riskbounds.derivations.noise_terms import (
    CAUCHY_SCHWARZ,
    Sample,
    at,
    covariance,
    delta,
    dot,
    i,
    j,
    k,
    mean,
    mu,
    norm2,
    reader,
    relative,
    row_claims,
    t,
    u,
    vq,
    w,
    weighted,
)
from riskbounds.derivations.noise_worlds import world

from riskbounds.proofs.certificates import over, positive, square, use
from riskbounds.proofs.derivation import Derivation, Step
from riskbounds.proofs.expectation import Expectation
from riskbounds.proofs.rules import Algebra
from riskbounds.terms.claims import eq, le
from riskbounds.terms.expectation import Cumulant, Gaussian
from riskbounds.terms.vocabulary import Symbol, scalar, total
from riskbounds.theorems.noise_rows import additive_row

q, y = Symbol("q"), Symbol("y")
sample = Sample(q=lambda index: q[w, index], y=y[w])
row = row_claims(additive_row({}, sketched=False), sample, reader(sample))

LAW = (
    Gaussian(
        outcome=w,
        pairs={
            ("q", "q"): Cumulant(mu[k], ((k,), (k,))),
            ("q", "y"): Cumulant(mu[k] * vq[k], ((k,), ())),
            ("y", "y"): Cumulant(scalar("label_second_moment", "0+"), ((), ())),
        },
    ),
)
T, D = norm2(t), norm2(delta)
ERROR = y[w] - sample.along(vq)

STEPS = (
    Step(id="Cauchy-Schwarz", claim=le(dot(t, u) ** 2, T * norm2(u)), rule=Algebra(CAUCHY_SCHWARZ)),
    Step(id="covariance", claim=eq(covariance(sample), T * (mean(ERROR**2) + D) + dot(t, delta) ** 2), rule=Expectation(LAW)),
    Step(id="upper", claim=row["upper"], rule=Algebra(use("covariance") + use("Cauchy-Schwarz", {}, at(delta)))),
    Step(id="lower", claim=row["lower"], rule=Algebra(square(dot(t, delta)) - use("covariance"))),
    Step(
        id="fourth moment",
        claim=eq(weighted(sample, sample.along(u) ** 2), T * norm2(u) + 2 * dot(t, u) ** 2),
        rule=Expectation(LAW),
    ),
    Step(id="fourth", claim=row["fourth"], rule=Algebra(use("fourth moment") + 2 * use("Cauchy-Schwarz"))),
    Step(
        id="size",
        claim=eq(weighted(sample, total(k, q[w, k] ** 2)), relative(total(j, mu[j]) + 2 * mu[i])),
        rule=Expectation(LAW),
    ),
    Step(id="spread", claim=row["spread"], rule=Algebra(use("size"))),
    Step(id="spread low", claim=row["spread low"], rule=Algebra(positive(relative(2 * mu[i])) - use("size"))),
    Step(id="least error", claim=eq(mean(ERROR**2), mean(sample.y**2) - norm2(vq)), rule=Expectation(LAW)),
    Step(
        id="label moment",
        claim=eq(weighted(sample, sample.y**2), T * mean(sample.y**2) + 2 * dot(t, vq) ** 2),
        rule=Expectation(LAW),
    ),
    Step(
        id="label",
        claim=row["label"],
        rule=Algebra(
            use("label moment")
            + 2 * use("Cauchy-Schwarz", {}, at(vq))
            + positive(2 * T) * (over(w, square(ERROR)) + use("least error"))
        ),
    ),
    Step(id="label low", claim=row["label low"], rule=Algebra(2 * square(dot(t, vq)) - use("label moment"))),
)

noise_additive = Derivation(
    name="noise-additive",
    theorem="noise constants: data, additive",
    title="additive data",
    steps=STEPS,
    conclusions={name: name for name in row},
    witness=partial(world, kind="additive"),
)
