"""Noise constants, data row, multiplicative (one common scale, q = s z): theory section 4.

Lam = Sigma/m2 and Lam v* = Sigma v^q, so v* = m2 v^q.
"""

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
    v,
    vq,
    w,
    weighted,
)
from riskbounds.derivations.noise_worlds import world

from riskbounds.proofs.certificates import distinct, over, positive, square, use
from riskbounds.proofs.derivation import Derivation, Step
from riskbounds.proofs.expectation import Expectation
from riskbounds.proofs.rules import Algebra, Known
from riskbounds.terms.claims import Symbols, eq, le
from riskbounds.terms.expectation import Cumulant, Gaussian, Independent
from riskbounds.terms.functions import apply
from riskbounds.terms.polynomial import Term, term
from riskbounds.terms.vocabulary import Symbol, scalar, total
from riskbounds.theorems.noise_rows import multiplicative_row

s, z, y = Symbol("s"), Symbol("z"), Symbol("y")
m2, m3, m4 = scalar("m2"), scalar("m3"), scalar("m4")
sample = Sample(q=lambda index: s[w] * z[w, index], y=y[w])
CLEAN = y[w] - total(k, z[w, k] * m2 * vq[k])
read = reader(sample, CLEAN)
row = row_claims(multiplicative_row({}), sample, read)

GAUSSIAN = Gaussian(
    outcome=w,
    pairs={
        ("z", "z"): Cumulant(mu[k] / m2, ((k,), (k,))),
        ("y", "z"): Cumulant(mu[k] * vq[k], ((), (k,))),
        ("y", "y"): Cumulant(scalar("label_second_moment", "0+"), ((), ())),
    },
)
SCALE = Independent(outcome=w, site=(), moments={("s",): term(1), ("s",) * 2: m2, ("s",) * 3: m3, ("s",) * 4: m4})
LAW = (GAUSSIAN, SCALE)

T, D, V = norm2(t), norm2(delta), norm2(v)
ALONG_DELTA, ALONG_V = dot(t, delta), dot(t, v)
SKEW = m3 - m2**2
ABS = apply("abs", -SKEW)
SPREAD = m2**3 - 2 * m2 * m3 + m4
a, b = Symbol("a", "free").term, Symbol("b", "free").term


def form(first: Term, second: Term) -> Term:
    """E (s (v* - s v))^2 at delta = first, v = second, where v* = m2 (v - delta)."""
    return m2**3 * first**2 + SPREAD * second**2 + 2 * m2 * SKEW * first * second


def numbers(first: Term, second: Term) -> Symbols:
    """The free numbers a, b of a claim, replaced."""
    return {"a": ((), first), "b": ((), second)}


SCALED = s[w] * (m2 * (b - a) - s[w] * b) + m2 * a

STEPS = (
    Step(id="Cauchy-Schwarz", claim=le(dot(t, u) ** 2, T * norm2(u)), rule=Algebra(CAUCHY_SCHWARZ)),
    Step(id="variance of s", claim=eq(mean((s[w] - 1) ** 2), m2 - 1), rule=Expectation(LAW)),
    Step(id="m2", claim=le(1, m2), rule=Algebra(over(w, square(s[w] - 1)) + use("variance of s"))),
    Step(id="above", claim=le(SKEW, ABS), rule=Known("abs below", (-SKEW,))),
    Step(id="below", claim=le(-SKEW, ABS), rule=Known("abs above", (-SKEW,))),
    Step(
        id="split",
        claim=le(2 * SKEW * a * b, ABS * (a**2 + b**2)),
        rule=Algebra((use("above") * square(a + b) + use("below") * square(a - b)) * positive(term(1) / 2)),
    ),
    Step(id="scaled", claim=eq(mean(SCALED**2), form(a, b) - m2**2 * a**2), rule=Expectation(LAW)),
    Step(id="Jensen", claim=le(m2**2 * a**2, form(a, b)), rule=Algebra(over(w, square(SCALED)) + use("scaled"))),
    Step(
        id="covariance",
        claim=eq(
            covariance(sample),
            T * mean(CLEAN**2)
            + (T * total(i, mu[i] * form(delta(i), v[i])) + 2 * form(ALONG_DELTA, ALONG_V)) / m2**2
            - ALONG_DELTA**2,
        ),
        rule=Expectation(LAW),
    ),
    Step(
        id="upper",
        claim=row["upper"],
        rule=Algebra(
            use("covariance")
            + (2 * use("m2") + 1) * use("Cauchy-Schwarz", {}, at(delta))
            + use("Jensen", {}, numbers(term(0), term(1))) * positive(2 / m2**2) * use("Cauchy-Schwarz", {}, at(v))
            + positive(T / m2) * over(i, positive(mu[i]) * use("split", {}, numbers(delta(i), v[i])))
            + positive(2 * ABS / m2) * (use("Cauchy-Schwarz", {}, at(delta)) + use("Cauchy-Schwarz", {}, at(v)))
            + positive(2 / m2) * use("split", {}, numbers(ALONG_DELTA, ALONG_V))
        ),
    ),
    Step(
        id="lower",
        claim=row["lower"],
        rule=Algebra(
            positive(T / m2**2) * over(i, positive(mu[i]) * use("Jensen", {}, numbers(delta(i), v[i])))
            + positive(2 / m2**2) * use("Jensen", {}, numbers(ALONG_DELTA, ALONG_V))
            + square(ALONG_DELTA)
            - use("covariance")
        ),
    ),
    Step(
        id="fourth moment",
        claim=eq(weighted(sample, sample.along(u) ** 2), m4 / m2**2 * (T * norm2(u) + 2 * dot(t, u) ** 2)),
        rule=Expectation(LAW),
    ),
    Step(id="fourth", claim=row["fourth"], rule=Algebra(use("fourth moment") + positive(2 * m4 / m2**2) * use("Cauchy-Schwarz"))),
    Step(
        id="size",
        claim=eq(weighted(sample, total(k, sample.q(k) ** 2)), m4 / m2**2 * relative(total(j, mu[j]) + 2 * mu[i])),
        rule=Expectation(LAW),
    ),
    Step(
        id="spread",
        claim=row["spread"],
        rule=Algebra(use("size") + positive(2 * m4 / m2**2) * distinct(i, j, positive(mu[i] * mu[j] * t[i] ** 2))),
    ),
    Step(
        id="spread low",
        claim=row["spread low"],
        rule=Algebra(positive(2 * m4 / m2**2 * relative(mu[i])) - use("size")),
    ),
    Step(id="least error", claim=eq(mean(CLEAN**2), mean(y[w] ** 2) - m2 * norm2(vq)), rule=Expectation(LAW)),
    Step(
        id="label moment",
        claim=eq(weighted(sample, sample.y**2), T * mean(y[w] ** 2) + 2 * m2 * dot(t, vq) ** 2),
        rule=Expectation(LAW),
    ),
    Step(
        id="label",
        claim=row["label"],
        rule=Algebra(
            use("label moment")
            + positive(2 * m2) * use("Cauchy-Schwarz", {}, at(vq))
            + positive(2 * T) * (over(w, square(CLEAN)) + use("least error"))
        ),
    ),
    Step(id="label low", claim=row["label low"], rule=Algebra(positive(2 * m2) * square(dot(t, vq)) - use("label moment"))),
)
noise_multiplicative = Derivation(
    name="noise-multiplicative",
    theorem="noise constants: data, multiplicative",
    title="multiplicative data",
    steps=STEPS,
    conclusions={name: name for name in row},
    witness=partial(world, kind="multiplicative"),
)
