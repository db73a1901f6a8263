"""Noise constants, data row, elementwise (independent scales, q_i = s_i z_i, no sketch): theory section 4.

Lam = Sigma/m2 and Lam v* = Sigma v^q, so v* = m2 v^q.  Below, the row depends on the level: three of them, three lower lines.
"""

from __future__ import annotations

from functools import partial

import sympy as sp
from riskbounds.derivations.noise_terms import (
    CAUCHY_SCHWARZ,
    OFF_DIAGONAL,
    Sample,
    at,
    covariance,
    delta,
    diagonal,
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
    v,
    vq,
    w,
    weighted,
)
from riskbounds.derivations.noise_worlds import world

from riskbounds.proofs.certificates import distinct, over, positive, square, use
from riskbounds.proofs.derivation import Derivation, Step
from riskbounds.proofs.expectation import Expectation
from riskbounds.proofs.rules import Algebra, Assumption, Known
from riskbounds.quantization.structures import Elementwise
from riskbounds.terms.claims import eq, le, lt
from riskbounds.terms.expectation import Cumulant, Gaussian, Independent
from riskbounds.terms.functions import apply
from riskbounds.terms.polynomial import term
from riskbounds.terms.vocabulary import Symbol, scalar, total
from riskbounds.theorems.noise_rows import elementwise_row

s, z, y = Symbol("s"), Symbol("z"), Symbol("y")
m2, m3, m4 = scalar("m2"), scalar("m3"), scalar("m4")
sample = Sample(q=lambda index: s[w, index] * z[w, index], y=y[w])

#: Levels of a two-point scale at which the three lower rows hold.
small, middle, large = (elementwise_row({"data": Elementwise(level)}) for level in ("0.1", "0.14", "0.5"))
CLEAN = y[w] - total(k, z[w, k] * m2 * vq[k])
ERROR = y[w] - sample.along(vq)
read = reader(sample, CLEAN)
row = row_claims(small, sample, read)
CLAUSE = next(condition for condition in middle.valid if "sigma_q^2" in condition.name)

LAW = (
    Gaussian(
        outcome=w,
        pairs={
            ("z", "z"): Cumulant(mu[k] / m2, ((k,), (k,))),
            ("y", "z"): Cumulant(mu[k] * vq[k], ((), (k,))),
            ("y", "y"): Cumulant(scalar("label_second_moment", "0+"), ((), ())),
        },
    ),
    Independent(outcome=w, site=(k,), moments={("s",): term(1), ("s",) * 2: m2, ("s",) * 3: m3, ("s",) * 4: m4}),
)

T, D, V = norm2(t), norm2(delta), norm2(v)
ALONG = dot(t, delta)
BETA = 6 * (m3 - m2**2) / m2 + 2 * (m2 - 1)
#: m2^2 times the coefficient of v_i^2
CURVE = 3 * (m2**3 - 2 * m2 * m3 + m4) - m2**2 * (m2 - 1)
ABS, POSITIVE_PART = apply("abs", -BETA), apply("max", 0, CURVE / m2**2)
#: BETA^2/(4 square) - 2 (m2 - 1), as the row writes it.
LOSS = read(next(part for top in small.adlow1.atoms(sp.Max) for part in top.args if part != 0))
DRIFT = sample.along(t) * (y[w] - CLEAN - sample.along(v)) + ALONG
a, b = Symbol("a", "free").term, Symbol("b", "free").term

#: What completing the square in v_i leaves over.
SQUARED = use("curve") * over(i, positive(mu[i] ** 2 * t[i] ** 2 / m2**2) * square(v[i] + BETA * m2**2 / (2 * CURVE) * delta(i)))

STEPS = (
    Step(id="Cauchy-Schwarz", claim=le(dot(t, u) ** 2, T * norm2(u)), rule=Algebra(CAUCHY_SCHWARZ)),
    Step(id="diagonal", claim=le(diagonal(u[i] ** 2), T * norm2(u)), rule=Algebra(OFF_DIAGONAL)),
    Step(id="variance of s", claim=eq(mean((s[w, j] - 1) ** 2), m2 - 1), rule=Expectation(LAW)),
    Step(id="m2", claim=le(1, m2), rule=Algebra(over(w, square(s[w, j] - 1)) + use("variance of s"))),
    Step(id="variance of s^2", claim=eq(mean((s[w, j] ** 2 - m2) ** 2), m4 - m2**2), rule=Expectation(LAW)),
    Step(id="m4", claim=le(m2**2, m4), rule=Algebra(over(w, square(s[w, j] ** 2 - m2)) + use("variance of s^2"))),
    Step(id="above", claim=le(BETA, ABS), rule=Known("abs below", (-BETA,))),
    Step(id="below", claim=le(-BETA, ABS), rule=Known("abs above", (-BETA,))),
    Step(
        id="split",
        claim=le(BETA * a * b, ABS * (a**2 + b**2) / 2),
        rule=Algebra((use("above") * square(a + b) + use("below") * square(a - b)) * positive(term(1) / 4)),
    ),
    Step(id="max 0", claim=le(0, POSITIVE_PART), rule=Known("max", (term(0), CURVE / m2**2))),
    Step(id="max 1", claim=le(CURVE / m2**2, POSITIVE_PART), rule=Known("max", (CURVE / m2**2, term(0)))),
    Step(
        id="covariance",
        claim=eq(
            covariance(sample),
            T * (mean(ERROR**2) + D)
            + ALONG**2
            + diagonal(2 * (m2 - 1) * delta(i) ** 2 + BETA * v[i] * delta(i) + CURVE / m2**2 * v[i] ** 2),
        ),
        rule=Expectation(LAW),
    ),
    Step(
        id="upper",
        claim=row["upper"],
        rule=Algebra(
            use("covariance")
            + use("Cauchy-Schwarz", {}, at(delta))
            + 2 * use("m2") * use("diagonal", {}, at(delta))
            + positive(ABS / 2) * (use("diagonal", {}, at(delta)) + use("diagonal", {}, at(v)))
            + over(
                i,
                positive(mu[i] ** 2 * t[i] ** 2)
                * (use("split", {}, {"a": ((), v[i]), "b": ((), delta(i))}) + use("max 1") * square(v[i])),
            )
            + use("max 0") * use("diagonal", {}, at(v))
        ),
    ),
    Step(
        id="signal",
        claim=eq(covariance(sample), T * mean(CLEAN**2) + mean(DRIFT**2)),
        rule=Expectation(LAW),
    ),
    Step(
        id="lower, large level",
        claim=row_claims(large, sample, read)["lower"],
        rule=Algebra(over(w, square(DRIFT)) - use("signal")),
    ),
    Step(
        id="curve",
        claim=lt(0, CURVE),
        rule=Assumption("hypothesis", "where the row is chosen: the coefficient of v_i^2 is positive"),
    ),
    Step(id="clause", claim=le(read(CLAUSE.lhs), read(CLAUSE.rhs)), rule=Assumption("hypothesis", CLAUSE.name)),
    Step(
        id="lower, middle level",
        claim=row_claims(middle, sample, read)["lower"],
        rule=Algebra(
            SQUARED
            - use("covariance")
            + distinct(i, j, positive(mu[i] * mu[j] / 2) * square(t[i] * delta(j) + t[j] * delta(i)))
            + use("clause") * positive(m2**2 / (4 * CURVE)) * over(i, positive(mu[i] ** 2) * square(t[i] * delta(i)))
        ),
    ),
    Step(id="loss 0", claim=le(0, apply("max", 0, LOSS)), rule=Known("max", (term(0), LOSS))),
    Step(id="loss 1", claim=le(LOSS, apply("max", 0, LOSS)), rule=Known("max", (LOSS, term(0)))),
    Step(
        id="lower",
        claim=row["lower"],
        rule=Algebra(
            SQUARED
            - use("covariance")
            + square(ALONG)
            + use("loss 0") * use("diagonal", {}, at(delta))
            + use("loss 1") * over(i, positive(mu[i] ** 2) * square(t[i] * delta(i)))
        ),
    ),
    Step(
        id="fourth moment",
        claim=eq(
            weighted(sample, sample.along(u) ** 2), T * norm2(u) + 2 * dot(t, u) ** 2 + 3 * (m4 / m2**2 - 1) * diagonal(u[i] ** 2)
        ),
        rule=Expectation(LAW),
    ),
    Step(
        id="fourth",
        claim=row["fourth"],
        rule=Algebra(use("fourth moment") + 2 * use("Cauchy-Schwarz") + use("m4") * positive(3 / m2**2) * use("diagonal")),
    ),
    Step(
        id="size",
        claim=eq(weighted(sample, total(k, sample.q(k) ** 2)), relative(total(j, mu[j]) + (3 * m4 / m2**2 - 1) * mu[i])),
        rule=Expectation(LAW),
    ),
    Step(
        id="spread",
        claim=row["spread"],
        rule=Algebra(use("size") + (use("m4") * positive(3 / m2**2) + 2) * distinct(i, j, positive(mu[i] * mu[j] * t[i] ** 2))),
    ),
    Step(
        id="spread low",
        claim=row["spread low"],
        rule=Algebra((use("m4") * positive(3 / m2**2) + 2) * positive(relative(mu[i])) - use("size")),
    ),
    Step(id="least error", claim=eq(mean(CLEAN**2), mean(y[w] ** 2) - m2 * norm2(vq)), rule=Expectation(LAW)),
    Step(
        id="label moment",
        claim=eq(weighted(sample, sample.y**2), T * mean(y[w] ** 2) + 2 * dot(t, vq) ** 2 + 2 * (m2 - 1) * diagonal(vq[i] ** 2)),
        rule=Expectation(LAW),
    ),
    Step(
        id="label",
        claim=row["label"],
        rule=Algebra(
            use("label moment")
            + 2 * use("Cauchy-Schwarz", {}, at(vq))
            + 2 * use("m2") * use("diagonal", {}, at(vq))
            + positive(2 * T) * (over(w, square(CLEAN)) + use("least error"))
        ),
    ),
    Step(
        id="label low",
        claim=row["label low"],
        rule=Algebra(
            2 * square(dot(t, vq)) + 2 * use("m2") * over(i, positive(mu[i] ** 2) * square(t[i] * vq[i])) - use("label moment")
        ),
    ),
)
noise_elementwise = Derivation(
    name="noise-elementwise",
    theorem="noise constants: data, elementwise",
    title="elementwise data",
    steps=STEPS,
    conclusions={name: name for name in (*row, "lower, middle level", "lower, large level")},
    witness=partial(world, kind="elementwise"),
)
