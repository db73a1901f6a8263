"""The exact recursion of theory section 3 where Lam and Sigma do not commute, in Sigma's eigenbasis.

Given the sample's common scales the features are Gaussian with variances c_i and E[q_i y] = signal b_i, b = Sigma v^q; the means
of c_i and of the signal over the scales are mu_i and 1.  With any vector t the claim is about the whole matrix
P = E delta delta^T, delta = v - v^q: for one scale and exact slots

    P_ij <- ((1-x_i)(1-x_j) + x_i x_j/B) P_ij,  i != j,     P_ii likewise, plus gamma^2/B (mu_i sum_j mu_j P_jj + mu_i sigma_q^2),

which the quadratic form sum_ij t_i t_j P_ij says at once.  v is random through the past o.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from riskbounds.derivations.exact_recursion import PAST, STORE, eps_w, gamma, o
from riskbounds.derivations.noise_batch import BATCH_MEAN, BATCH_SQUARE, SIZE, B, Batch
from riskbounds.derivations.noise_slots import EPS, P, Slots, residual
from riskbounds.derivations.noise_terms import Sample, Vector, d, dot, entries, i, j, k, mean, mu, t, vq, w
from riskbounds.derivations.noise_update import kinds

from riskbounds.proofs import Algebra, Assumption, Derivation, Step, Symbol, Term, Var, eq, over, scalar, term, total, use
from riskbounds.proofs.certificates import Certificate
from riskbounds.proofs.expectation import Expectation
from riskbounds.quantization.slots import Quantization
from riskbounds.terms.expectation import Centred, Cumulant, Gaussian

q, y = Symbol("q"), Symbol("y")
variance, signal = Symbol("variance", "+"), Symbol("signal")
sigma_q2 = scalar("sigma_q2", "0+")
LABEL = sigma_q2 + total(j, mu[j] * vq[j] ** 2)
LAW = Gaussian(
    outcome=w,
    pairs={
        ("q", "q"): Cumulant(variance[w, k], ((k,), (k,))),
        ("q", "y"): Cumulant(signal[w] * mu[k] * vq[k], ((k,), ())),
        ("y", "y"): Cumulant(LABEL, ((), ())),
    },
)
MEANS = (
    Step(id="mean variance", claim=eq(mean(variance[w, i]), mu[i]), rule=Assumption("model", "E c_i = mu_i")),
    Step(id="mean signal", claim=eq(mean(signal[w]), 1), rule=Assumption("model", "E q y = b")),
)
ALONG = total(i, t[i] * q[w, i])


def now(index: Var) -> Term:
    """v, the parameter that the past leaves."""
    return PAST[o, index]


def delta(index: Var) -> Term:
    """v - v^q."""
    return now(index) - vq[index]


def given(left: Vector, right: Vector) -> Term:
    """E (q^T left)(q^T right) given the scales."""
    return total(i, variance[w, i] * entries(left)(i) * entries(right)(i))


def quartic(vector: Vector) -> Term:
    """E (t^T q)^2 (q^T vector)^2 given the scales (Isserlis)."""
    return given(t, t) * given(vector, vector) + 2 * given(t, vector) ** 2


@dataclass(frozen=True, kw_only=True)
class Forms:
    """E of the batch gradient's square along t given v, from the levels of the update's slots."""

    slots: Slots

    def level(self, slot: str, *kinds: str) -> Term:
        """The slot's eps if it is of one of these kinds, else 0."""
        return EPS[slot] if getattr(self.slots, slot) in kinds else term(0)

    @property
    def one(self) -> Term:
        """One sample."""
        additive, relative = self.level("parameter", "additive"), self.level("parameter", "multiplicative")
        spread, toward = given(t, t), signal[w] * dot(t, vq)
        squares = total(i, variance[w, i] ** 2 * t[i] ** 2)
        parameter = additive * (spread * total(i, variance[w, i]) + 2 * squares) + relative * quartic(now)
        error = LABEL - 2 * signal[w] * dot(now, vq) + given(now, now)
        inner = spread * error + 2 * (toward - given(t, now)) ** 2 + parameter
        inner += self.level("label", "relative", "shared") * (spread * LABEL + 2 * toward**2)
        inner += self.level("activation", "relative", "shared") * (quartic(now) + parameter)
        inner += (self.level("label", "additive") + self.level("activation", "additive")) * spread
        outer = 1 + self.level("output", "relative", "shared")
        return mean(outer * inner + self.level("output", "additive") * spread)

    @property
    def two(self) -> Term:
        """The product of two samples."""
        additive, relative = self.level("parameter", "additive"), self.level("parameter", "multiplicative")
        label, activation, output = (self.level(slot, "shared") for slot in ("label", "activation", "output"))
        parameter = additive * total(i, mu[i] ** 2 * t[i] ** 2) + relative * dot(t, now) ** 2
        inner = dot(t, delta) ** 2 + parameter + label * dot(t, vq) ** 2 + activation * (dot(t, now) ** 2 + parameter)
        return (1 + output) * inner


def drawn_factors(slots: Slots) -> tuple[Term, Term]:
    """What the shared draws multiply E q y and E q q^T v by."""

    def factor(slot: str) -> Term:
        return 1 + (Symbol(f"scale_{slot}")[d] if getattr(slots, slot) == "shared" else term(0))

    return factor("output") * factor("label"), factor("output") * factor("activation")


def given_draws(slots: Slots) -> tuple[Term, Term, Certificate]:
    """E of a sample's gradient along t given the shared draws: by the scales' means, by Sigma and b, and why they are equal."""
    label, activation = drawn_factors(slots)

    def point(index: Var) -> Term:
        return now(index) + (term(0) if slots.parameter == "exact" else P[d, o, index])

    scaled = label * mean(signal[w]) * dot(t, vq) - activation * total(i, mean(variance[w, i]) * t[i] * point(i))
    plain = label * dot(t, vq) - activation * dot(t, point)
    toward = label * dot(t, vq) * use("mean signal")
    return scaled, plain, toward - activation * over(i, t[i] * point(i) * use("mean variance"))


def pair_steps(slots: Slots) -> Iterator[Step]:
    """One step of SGD for the quadratic form of P."""
    sample, own = Sample(q=lambda index: q[w, index], y=y[w]), ("label", "activation", "output")
    only_shared = replace(slots, **{name: "exact" for name in own if getattr(slots, name) != "shared"})
    (after, law), (clean, shared) = (residual(each, sample, now, given=(o,)) for each in (slots, only_shared))
    forms, first, second = Forms(slots=slots), mean(ALONG * after), mean((ALONG * after) ** 2)
    scaled, value, equal = given_draws(slots)
    yield from (*SIZE, *MEANS)
    yield Step(id="one sample", claim=eq(mean(second, d), forms.one), rule=Expectation((*law, LAW)))
    drawn = mean(ALONG * clean)
    if drawn != first:
        yield Step(id="own errors", claim=eq(first, drawn), rule=Expectation(law[: len(law) - len(shared)]))
        equal = use("own errors") + equal
    yield Step(id="scales", claim=eq(drawn, scaled), rule=Expectation((LAW,)))
    equal = use("scales") + equal
    yield Step(id="given draws", claim=eq(first, value), rule=Algebra(equal))
    yield Step(id="drawn square", claim=eq(mean(value**2, d), forms.two), rule=Expectation(shared))
    yield Step(id="drawn mean", claim=eq(mean(value, d), -dot(t, delta)), rule=Expectation(shared))
    batch = Batch(given=(o,))
    yield from batch.moments
    yield from batch.sample_moments(first, second)
    drift = BATCH_MEAN + over(d, use("given draws")) + use("drawn mean")
    two = over(d, use("given draws") * (first + value)) + use("drawn square")
    squared = BATCH_SQUARE + 1 / B * use("one sample") + (1 - 1 / B) * two
    before = total(i, t[i] * delta(i))
    following = before + gamma * batch.average
    stored = following + total(i, t[i] * STORE[d, i])
    rough = eps_w * total(i, t[i] ** 2)
    storage = (Centred(outcome=d, pairs={(STORE.name,) * 2: Cumulant(eps_w, ((k,), (k,)))}),)
    yield Step(id="storage square", claim=eq(mean(stored**2, d), mean(following**2, d) + rough), rule=Expectation(storage))
    moved = before**2 - 2 * gamma * before * dot(t, delta) + gamma**2 * (forms.one / B + (1 - 1 / B) * forms.two)
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
        title="Exact second moments where Lam and Sigma do not commute",
        steps=tuple(pair_steps(kinds(quantization, sketched=True))),
        conclusions={"pairs": "pairs"},
    )
