"""The exact recursion of theory section 3, where the moments close on the diagonal: Lam and Sigma commute.

Coordinates are independent and symmetric (additive Gaussian or elementwise features) or share one scale (multiplicative).
For the iterate of a step, random through the past o, first_i = E v_i and second_i = E v_i^2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from riskbounds.derivations.layer_models import iterates_model
from riskbounds.derivations.noise_batch import BATCH_MEAN, BATCH_SQUARE, SIZE, B, Batch
from riskbounds.derivations.noise_slots import EPS, Slots, residual
from riskbounds.derivations.noise_terms import Sample, d, i, j, k, mean, w
from riskbounds.derivations.noise_update import kinds

from riskbounds.proofs import (
    Algebra,
    Derivation,
    Induction,
    Step,
    Symbol,
    Term,
    Var,
    below,
    eq,
    natural,
    over,
    scalar,
    term,
    total,
    use,
)  # fmt: skip
from riskbounds.proofs.expectation import Expectation
from riskbounds.quantization.slots import Quantization
from riskbounds.terms.expectation import Centred, Cumulant, Family, Gaussian, Independent

lam, target = Symbol("lam", "+"), Symbol("target")
gamma, sigma_M2 = scalar("step"), scalar("sigma_M2", "0+")
m2, m3, m4 = scalar("m2"), scalar("m3"), scalar("m4")
q, z, y, s = Symbol("q"), Symbol("z"), Symbol("y"), Symbol("s")
o = Var("o", "outcome")
PAST, SUM, STORE = Symbol("past"), Symbol("past_sum"), Symbol("store_error")
eps_w = scalar("eps_w", "0+")

CLEAN = Gaussian(
    outcome=w,
    pairs={
        ("z", "z"): Cumulant(lam[k], ((k,), (k,))),
        ("y", "z"): Cumulant(lam[k] * target[k], ((), (k,))),
        ("y", "y"): Cumulant(sigma_M2 + total(j, lam[j] * target[j] ** 2), ((), ())),
    },
)


@dataclass(frozen=True, kw_only=True)
class Features:
    """A row of section 3's table: q_i, its law, mu_i, and m22, m21, m20 off the diagonal (of i, j) and on it (of i)."""

    q: Callable[[Var], Term]
    law: tuple[Family, ...]
    mu: Callable[[Var], Term]
    off: tuple[Callable[[Var, Var], Term], ...]
    on: tuple[Callable[[Var], Term], ...]


def scales(site: tuple[Var, ...]) -> Independent:
    """Scales with moments 1, m2, m3, m4, one at each site."""
    return Independent(outcome=w, site=site, moments={("s",): term(1), ("s",) * 2: m2, ("s",) * 3: m3, ("s",) * 4: m4})


mu = Symbol("mu", "+")
DITHERED = Gaussian(
    outcome=w,
    pairs={
        ("q", "q"): Cumulant(mu[k], ((k,), (k,))),
        ("q", "y"): Cumulant(lam[k] * target[k], ((k,), ())),
        ("y", "y"): CLEAN.pairs["y", "y"],
    },
)
FEATURES = {
    "additive": Features(
        q=lambda index: q[w, index],
        law=(DITHERED,),
        mu=mu.__getitem__,
        off=(lambda p, r: mu[p] * mu[r], lambda p, r: mu[p] * lam[r], lambda p, r: mu[p] * lam[r]),
        on=(lambda p: 3 * mu[p] ** 2, lambda p: 3 * mu[p] * lam[p], lambda p: mu[p] * lam[p] + 2 * lam[p] ** 2),
    ),
    "elementwise": Features(
        q=lambda index: s[w, index] * z[w, index],
        law=(CLEAN, scales((k,))),
        mu=lambda index: m2 * lam[index],
        off=(lambda p, r: m2**2 * lam[p] * lam[r], lambda p, r: m2 * lam[p] * lam[r], lambda p, r: m2 * lam[p] * lam[r]),
        on=(lambda p: 3 * m4 * lam[p] ** 2, lambda p: 3 * m3 * lam[p] ** 2, lambda p: 3 * m2 * lam[p] ** 2),
    ),
    "multiplicative": Features(
        q=lambda index: s[w] * z[w, index],
        law=(CLEAN, scales(())),
        mu=lambda index: m2 * lam[index],
        off=(lambda p, r: m4 * lam[p] * lam[r], lambda p, r: m3 * lam[p] * lam[r], lambda p, r: m2 * lam[p] * lam[r]),
        on=(lambda p: 3 * m4 * lam[p] ** 2, lambda p: 3 * m3 * lam[p] ** 2, lambda p: 3 * m2 * lam[p] ** 2),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Formulas:
    """Section 3's formulas for E v_j (``first``) and E v_j^2 (``second``), or for v_j and v_j^2 themselves."""

    features: Features
    slots: Slots
    first: Callable[[Var], Term]
    second: Callable[[Var], Term]

    def level(self, slot: str, *kinds: str) -> Term:
        """The slot's eps if it is of one of these kinds, else 0."""
        return EPS[slot] if getattr(self.slots, slot) in kinds else term(0)

    def table(self, order: int, values: Callable[[Var], Term]) -> Term:
        """sum_j m_ij values_j for m22 (0), m21 (1) or m20 (2)."""
        off, on = self.features.off[order], self.features.on[order]
        return total(j, off(i, j) * values(j)) + (on(i) - off(i, i)) * values(i)

    def U(self, index: Var) -> Term:
        """E u_i^2 of the quantized parameter."""
        relative = self.level("parameter", "multiplicative", "elementwise")
        return (1 + relative) * self.second(index) + self.level("parameter", "additive")

    @property
    def r(self) -> Term:
        """E of the square of one sample's gradient in coordinate i."""
        mu = self.features.mu(i)
        t1 = self.table(0, self.U)
        t2 = self.table(1, lambda index: target[index] * self.first(index))
        t3 = mu * sigma_M2 + self.table(2, lambda index: target[index] ** 2)
        label = self.level("label", "relative", "shared") * t3 + self.level("label", "additive") * mu
        activation = self.level("activation", "relative", "shared") * t1 + self.level("activation", "additive") * mu
        inner = t3 - 2 * t2 + t1 + label + activation
        return (1 + self.level("output", "relative", "shared")) * inner + self.level("output", "additive") * mu

    @property
    def cross(self) -> Term:
        """E of the product of two samples' gradients in coordinate i."""
        mu, signal = self.features.mu(i), lam[i] * target[i]
        label, activation, output = (1 + self.level(slot, "shared") for slot in ("label", "activation", "output"))
        return output * (label * signal**2 - 2 * signal * mu * self.first(i) + activation * mu**2 * self.U(i))

    @property
    def drift(self) -> Term:
        """E of the gradient in coordinate i."""
        return lam[i] * target[i] - self.features.mu(i) * self.first(i)

    @property
    def step(self) -> Term:
        """E of the square of the next iterate's coordinate i, storage apart."""
        product = lam[i] * target[i] * self.first(i) - self.features.mu(i) * self.second(i)
        return self.second(i) + 2 * gamma * product + gamma**2 * (self.r / B + (1 - 1 / B) * self.cross)


def recursion_steps(features: Features, slots: Slots) -> Iterator[Step]:
    """One step of SGD in coordinate i: first moment, second moment, and product with the sum of the past iterates."""
    past = lambda p: PAST[o, p]  # noqa: E731
    after, errors = residual(slots, Sample(q=features.q, y=y[w]), past, given=(o,))
    gradient, law = features.q(i) * after, (*errors, *features.law)
    now = Formulas(features=features, slots=slots, first=past, second=lambda p: PAST[o, p] ** 2)
    averaged = replace(now, first=lambda p: total(o, PAST[o, p]), second=lambda p: total(o, PAST[o, p] ** 2))
    yield from SIZE
    yield Step(id="one sample", claim=eq(mean(mean(gradient**2), d), now.r), rule=Expectation(law))
    yield Step(id="two samples", claim=eq(mean(mean(gradient) ** 2, d), now.cross), rule=Expectation(law))
    yield Step(id="gradient", claim=eq(mean(mean(gradient), d), now.drift), rule=Expectation(law))
    batch = Batch(given=(o, i))
    yield from batch.moments
    yield from batch.sample_moments(mean(gradient), mean(gradient**2))
    moved = gamma * (BATCH_MEAN + use("gradient"))
    squared = BATCH_SQUARE + 1 / B * use("one sample") + (1 - 1 / B) * use("two samples")
    following = PAST[o, i] + gamma * batch.average
    stored = following + STORE[d, i]
    before = SUM[o, i] + PAST[o, i]
    law_of_storage = (Centred(outcome=d, pairs={(STORE.name,) * 2: Cumulant(eps_w, ((k,), (k,)))}),)
    yield Step(id="storage", claim=eq(mean(stored, d), mean(following, d)), rule=Expectation(law_of_storage))
    yield Step(
        id="first",
        claim=eq(total(o, mean(stored, d)), averaged.first(i) + gamma * averaged.drift),
        rule=Algebra(over(o, use("storage") + moved)),
    )
    yield Step(id="storage square", claim=eq(mean(stored**2, d), mean(following**2, d) + eps_w), rule=Expectation(law_of_storage))
    yield Step(
        id="second",
        claim=eq(total(o, mean(stored**2, d)), averaged.step + eps_w),
        rule=Algebra(over(o, use("storage square") + 2 * PAST[o, i] * moved + gamma**2 * squared)),
    )
    yield Step(
        id="past sum",
        claim=eq(total(o, before * mean(stored, d)), total(o, before * (PAST[o, i] + gamma * now.drift))),
        rule=Algebra(over(o, before * (use("storage") + moved))),
    )


def exact_recursion(features: str, quantization: Quantization) -> Derivation:
    """The derivation for one row of section 3's table and one choice of the update's quantizers."""
    return Derivation(
        name=f"exact-recursion-{features}",
        theorem="exact recursion",
        title=f"Exact second moments, {features} features",
        steps=tuple(recursion_steps(FEATURES[features], kinds(quantization, sketched=False))),
        conclusions={name: name for name in ("first", "second", "past sum")},
    )


def average_steps() -> Iterator[Step]:
    """E (sum of the first n iterates)^2 = sum_{t<n} (E v_t^2 + 2 E (sum_{s<t} v_s) v_t)."""
    n, iterate = natural("n"), Symbol("iterate")
    summed = lambda limit: total(below("a", limit), iterate(below("a", limit))[o, i])  # noqa: E731
    time = below("t", n)
    now = iterate(time)[o, i]
    yield Step(
        id="average",
        claim=eq(total(o, summed(n) ** 2), total(time, total(o, now**2 + 2 * summed(time) * now))),
        rule=Induction(n, step=use("ih")),
    )


average = Derivation(
    name="exact-average",
    theorem="exact recursion",
    title="Second moment of the average from the recursion",
    steps=tuple(average_steps()),
    conclusions={"average": "average"},
    witness=iterates_model,
)
