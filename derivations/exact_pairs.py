"""The exact recursion of theory section 3 where Lam and Sigma do not commute: Gaussian features, in Sigma's eigenbasis.

With a free vector u the claim is about the whole matrix P = E delta delta^T, delta = v - v^q: for exact slots

    P_ij <- ((1-x_i)(1-x_j) + x_i x_j/B) P_ij,  i != j,     P_ii likewise, plus gamma^2/B (mu_i sum_j mu_j P_jj + mu_i sigma_q^2),

which the quadratic form sum_ij u_i u_j P_ij says at once.  v is random through the past o.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from riskbounds.derivations.exact_recursion import PAST, STORE, eps_w, gamma, o
from riskbounds.derivations.noise_batch import AVERAGE, BATCH_MEAN, BATCH_SQUARE, MOMENTS, SIZE, B, sample_moments
from riskbounds.derivations.noise_slots import EPS, Slots, residual
from riskbounds.derivations.noise_terms import Sample, Vector, d, delta, dot, entries, i, j, k, mean, mu, norm2, u, v, vq, w
from riskbounds.derivations.noise_update import kinds

from riskbounds.proofs import Algebra, Derivation, Step, Symbol, Term, eq, over, scalar, term, total, use
from riskbounds.proofs.expectation import Expectation
from riskbounds.quantization.slots import Quantization
from riskbounds.terms.claims import replacement
from riskbounds.terms.expectation import Centred, Cumulant, Gaussian
from riskbounds.terms.polynomial import substitute

q, y = Symbol("q"), Symbol("y")
sigma_q2 = scalar("sigma_q2", "0+")
LAW = Gaussian(
    outcome=w,
    pairs={
        ("q", "q"): Cumulant(mu[k], ((k,), (k,))),
        ("q", "y"): Cumulant(mu[k] * vq[k], ((k,), ())),
        ("y", "y"): Cumulant(sigma_q2 + total(j, mu[j] * vq[j] ** 2), ((), ())),
    },
)
SPREAD = total(i, mu[i] * u[i] ** 2)
ALONG = total(i, u[i] * q[w, i])


def quartic(vector: Vector) -> Term:
    """E (u^T q)^2 (q^T vector)^2 (Isserlis)."""
    return SPREAD * norm2(vector) + 2 * dot(u, vector) ** 2


@dataclass(frozen=True, kw_only=True)
class Forms:
    """E of the batch gradient's square along u given v, from the levels of the update's slots."""

    slots: Slots

    def level(self, slot: str, *kinds: str) -> Term:
        """The slot's eps if it is of one of these kinds, else 0."""
        return EPS[slot] if getattr(self.slots, slot) in kinds else term(0)

    @property
    def parameter(self) -> tuple[Term, Term]:
        """What the parameter's error adds to one sample, and to the product of two."""
        additive, relative = self.level("parameter", "additive"), self.level("parameter", "multiplicative")
        squares = total(i, mu[i] ** 2 * u[i] ** 2)
        one = additive * (SPREAD * total(i, mu[i]) + 2 * squares) + relative * quartic(v)
        return one, additive * squares + relative * dot(u, v) ** 2

    @property
    def one(self) -> Term:
        """One sample."""
        parameter, _ = self.parameter
        inner = SPREAD * sigma_q2 + quartic(delta) + parameter
        inner += self.level("label", "relative", "shared") * (SPREAD * sigma_q2 + quartic(vq))
        inner += self.level("activation", "relative", "shared") * (quartic(v) + parameter)
        inner += (self.level("label", "additive") + self.level("activation", "additive")) * SPREAD
        return (1 + self.level("output", "relative", "shared")) * inner + self.level("output", "additive") * SPREAD

    @property
    def two(self) -> Term:
        """The product of two samples."""
        _, parameter = self.parameter
        label, activation, output = (self.level(slot, "shared") for slot in ("label", "activation", "output"))
        inner = dot(u, delta) ** 2 + parameter + label * dot(u, vq) ** 2 + activation * (dot(u, v) ** 2 + parameter)
        return (1 + output) * inner


def at_past(body: Term) -> Term:
    """The body at the parameter PAST[o]."""
    return substitute(body, {}, replacement({"v": ((j,), PAST[o, j])}))


def distance(following: Vector) -> Term:
    """u^T (following - v^q)."""
    return total(i, u[i] * (entries(following)(i) - vq[i]))


def pair_steps(slots: Slots) -> Iterator[Step]:
    """One step of SGD for the quadratic form of P."""
    after, errors = residual(slots, Sample(q=lambda index: q[w, index], y=y[w]))
    gradient, law, forms = ALONG * after, (*errors, LAW), Forms(slots=slots)
    yield from SIZE
    yield Step(id="one sample", claim=eq(mean(mean(gradient**2), d), forms.one), rule=Expectation(law))
    yield Step(id="two samples", claim=eq(mean(mean(gradient) ** 2, d), forms.two), rule=Expectation(law))
    yield Step(id="gradient", claim=eq(mean(mean(gradient), d), -dot(u, delta)), rule=Expectation(law))
    yield from MOMENTS
    yield from sample_moments(at_past(mean(gradient)), at_past(mean(gradient**2)))
    at = {"v": ((j,), PAST[o, j])}
    drift = BATCH_MEAN + use("gradient", {}, at)
    squared = BATCH_SQUARE + 1 / B * use("one sample", {}, at) + (1 - 1 / B) * use("two samples", {}, at)
    before = distance(lambda index: PAST[o, index])
    following = before + gamma * AVERAGE
    stored = following + total(i, u[i] * STORE[d, i])
    rough = eps_w * total(i, u[i] ** 2)
    storage = (Centred(outcome=d, pairs={(STORE.name,) * 2: Cumulant(eps_w, ((k,), (k,)))}),)
    yield Step(id="storage square", claim=eq(mean(stored**2, d), mean(following**2, d) + rough), rule=Expectation(storage))
    moved = before**2 - 2 * gamma * before * at_past(dot(u, delta)) + gamma**2 * at_past(forms.one / B + (1 - 1 / B) * forms.two)
    yield Step(
        id="pairs",
        claim=eq(total(o, mean(stored**2, d)), total(o, moved) + rough),
        rule=Algebra(over(o, use("storage square") + 2 * gamma * before * drift + gamma**2 * squared)),
    )


def exact_pairs(name: str, quantization: Quantization) -> Derivation:
    """The derivation for one choice of the update's quantizers; an elementwise parameter is not covered."""
    return Derivation(
        name=name,
        theorem="exact recursion",
        title="Exact second moments where Lam and Sigma do not commute, Gaussian features",
        steps=tuple(pair_steps(kinds(quantization, sketched=True))),
        conclusions={"pairs": "pairs"},
    )
