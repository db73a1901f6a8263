"""Vocabulary of the noise constants' derivations: symbols as terms, and the inequalities that a row of the table states.

Coordinates are those of Sigma's eigenbasis: Sigma = diag mu.  The test vector is t, the parameter v, the error delta = v - v^q,
three vectors that stay what they are, for the law of a draw depends on them; f and u are any vectors;
one sample is (q, y) and its residual y - q^T v, all functions of the outcome w of the sample's draws.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from riskbounds import symbols
from riskbounds.proofs import Algebra, Assumption, Step
from riskbounds.proofs.certificates import distinct, over, positive, square, use
from riskbounds.terms.claims import Claim, Symbols, eq, le
from riskbounds.terms.convert import Reader
from riskbounds.terms.linear import Var
from riskbounds.terms.polynomial import Term
from riskbounds.terms.vocabulary import Symbol, direction, total
from riskbounds.theorems.feature_row import FeatureRow

Vector = Symbol | Callable[[Var], Term]

w, d = Var("w", "sample"), Var("d", "draw")
i, j, k = (direction(name) for name in "ijk")
b, r = Var("b", "batch"), Var("r", "coordinate")

mu = Symbol("mu", "+")
t, v, vq = Symbol("t"), Symbol("v"), Symbol("vq")
f, u = Symbol("f", "free"), Symbol("u", "free")
CONSTANTS = ("A1", "ad1", "av1", "A1low", "adlow1", "c4", "spread", "spread_low", "label", "label_low")


def delta(index: Var) -> Term:
    """delta_i = v_i - v^q_i."""
    return v[index] - vq[index]


def entries(vector: Vector) -> Callable[[Var], Term]:
    """A vector as a function of the direction."""
    return vector.__getitem__ if isinstance(vector, Symbol) else vector


def dot(left: Vector, right: Vector) -> Term:
    """sum_i mu_i left_i right_i, the inner product of Sigma."""
    return total(i, mu[i] * entries(left)(i) * entries(right)(i))


def norm2(vector: Vector) -> Term:
    """||vector||^2 in Sigma."""
    return dot(vector, vector)


def at(vector: Vector) -> Symbols:
    """The free vector u of a claim, replaced."""
    return {"u": ((i,), entries(vector)(i))}


def both(first: Vector, second: Vector) -> Symbols:
    """The free vectors f and u of a claim, replaced."""
    return {"f": ((i,), entries(first)(i)), **at(second)}


def mean(body: Term, outcome: Var = w) -> Term:
    """E over the draws of one outcome."""
    return total(outcome, body)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One sample: features q_i and label y as terms in the outcomes of its draws."""

    q: Callable[[Var], Term]
    y: Term
    outcomes: tuple[Var, ...] = (w,)

    def along(self, vector: Vector, index: Var = i) -> Term:
        """q^T vector."""
        return total(index, self.q(index) * entries(vector)(index))

    @property
    def residual(self) -> Term:
        """y - q^T v."""
        return self.y - self.along(v)

    def mean(self, body: Term) -> Term:
        """E over all draws of the sample."""
        for outcome in self.outcomes:
            body = total(outcome, body)
        return body


def covariance(sample: Sample) -> Term:
    """t^T Cov(q r | v) t for r = y - q^T v."""
    gradient = sample.along(t) * sample.residual
    return sample.mean(gradient * gradient) - sample.mean(gradient) ** 2


def weighted(sample: Sample, weight: Term) -> Term:
    """t^T E[weight q q^T] t."""
    return sample.mean(weight * sample.along(t) ** 2)


def reader(sample: Sample, clean: Term | None = None) -> Reader:
    """Reads a row: tr Sigma, E y^2, sigma_q^2, and sigma_M^2 = E clean^2, the clean features' least error."""
    return Reader(
        {
            symbols.trace: total(j, mu[j]),
            symbols.label_second_moment: sample.mean(sample.y**2),
            symbols.sigma_q2: sample.mean((sample.y - sample.along(vq)) ** 2),
            **({} if clean is None else {symbols.sigma_M2: sample.mean(clean**2)}),
        }
    )


def second_moments(sample: Sample) -> tuple[Step, Step]:
    """E q q^T = Sigma, along any vectors and along t."""
    along = sample.along(u)
    return (
        Step(
            id="E q q^T",
            claim=eq(sample.mean(sample.along(f) * along), dot(f, u)),
            rule=Assumption("model", "E q q^T = Sigma, in its eigenbasis"),
        ),
        Step(
            id="Sigma",
            claim=eq(sample.mean(sample.along(t) * along), dot(t, u)),
            rule=Algebra(use("E q q^T", {}, both(t, u))),
        ),
    )


def cross_moments(sample: Sample) -> tuple[Step, Step]:
    """E q y = Sigma v^q, along any vector and along t."""
    return (
        Step(
            id="E q y",
            claim=eq(sample.mean(sample.along(f) * sample.y), dot(f, vq)),
            rule=Assumption("model", "E q y = Sigma v^q"),
        ),
        Step(
            id="optimum",
            claim=eq(sample.mean(sample.along(t) * sample.y), dot(t, vq)),
            rule=Algebra(use("E q y", {}, {"f": ((i,), t[i])})),
        ),
    )


def relative(constant: Term) -> Term:
    """t^T (constant Sigma) t for a constant that may depend on the direction i."""
    return total(i, constant * mu[i] * t[i] ** 2)


def row_claims(row: FeatureRow, sample: Sample, read: Reader) -> dict[str, Claim]:
    """What the row states of a sample (docstring of theorems/feature_row.py), by name."""
    size = total(k, sample.q(k) ** 2)
    c = {name: read(getattr(row, name)) for name in CONSTANTS if getattr(row, name) is not None}
    above = weighted(sample, sample.residual**2) if row.uncentred else covariance(sample)
    claims = {
        "upper": le(above, relative(c["A1"] + c["ad1"] * norm2(delta) + c["av1"] * norm2(v))),
        "fourth": le(weighted(sample, sample.along(u) ** 2), relative(c["c4"] * norm2(u))),
        "spread": le(weighted(sample, size), relative(c["spread"])),
        "spread low": le(relative(c["spread_low"]), weighted(sample, size)),
        "label": le(weighted(sample, sample.y**2), relative(c["label"])),
        "label low": le(relative(c["label_low"]), weighted(sample, sample.y**2)),
    }
    if row.A1low is not None:
        claims["lower"] = le(relative(c["A1low"] + c["adlow1"] * norm2(delta)), covariance(sample))
    return claims


#: ||t||^2 ||u||^2 - <t, u>^2 as a sum of squares (Lagrange).
CAUCHY_SCHWARZ = over(i, over(j, positive(mu[i] * mu[j] / 2) * square(t[i] * u[j] - t[j] * u[i])))
#: ||t||^2 ||u||^2 less its diagonal.
OFF_DIAGONAL = distinct(i, j, positive(mu[i] * mu[j]) * square(t[i] * u[j]))


def diagonal(body: Term) -> Term:
    """sum_i mu_i^2 t_i^2 body_i."""
    return total(i, mu[i] ** 2 * t[i] ** 2 * body)
