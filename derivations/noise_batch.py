"""A batch's mean gradient: B samples that share the draws d and are independent given d (theory section 4, last the batch)."""

from __future__ import annotations

from dataclasses import dataclass

from riskbounds.derivations.noise_terms import b, d, mean

from riskbounds.proofs import Algebra, Assumption, Certificate, Step, Symbol, Term, Var, eq, le, lt, positive, total, use
from riskbounds.proofs.expectation import Expectation
from riskbounds.terms.expectation import Independent

GRADIENT, FIRST, SECOND = Symbol("gradient"), Symbol("first_moment"), Symbol("second_moment")
#: The number of samples.
B = total(b, 1)
SIZE = (
    Step(id="batch size", claim=le(1, B), rule=Assumption("model", "B >= 1")),
    Step(id="B > 0", claim=lt(0, B), rule=Algebra(use("batch size") + positive(1))),
)


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The gradients of a batch's samples; ``given`` is what their moments depend on beside d: a past, a coordinate."""

    given: tuple[Var, ...] = ()

    @property
    def average(self) -> Term:
        """The mean of the samples' gradients."""
        return total(b, GRADIENT[(d, *self.given, b)]) / B

    @property
    def first(self) -> Term:
        """E of one sample's gradient given d."""
        return FIRST[(d, *self.given)]

    @property
    def second(self) -> Term:
        """E of its square given d."""
        return SECOND[(d, *self.given)]

    @property
    def moments(self) -> tuple[Step, ...]:
        """E average and E average^2 = E second/B + (1 - 1/B) E first^2."""
        moments = {(GRADIENT.name,): self.first, (GRADIENT.name,) * 2: self.second}
        law = Expectation((Independent(outcome=d, site=(*self.given, b), moments=moments),))
        square = mean(self.second, d) / B + (1 - 1 / B) * mean(self.first**2, d)
        return (
            Step(id="batch mean", claim=eq(mean(self.average, d), mean(self.first, d)), rule=law),
            Step(id="batch square", claim=eq(mean(self.average**2, d), square), rule=law),
        )

    def sample_moments(self, first: Term, second: Term) -> tuple[Step, ...]:
        """The two moments given d are these terms in d and in what else is given."""
        values = {(FIRST.name,): first, (FIRST.name, FIRST.name): first**2, (SECOND.name,): second}
        law = Expectation((Independent(outcome=d, site=self.given, moments=values),))
        return (
            Step(id="mean of a sample", claim=eq(mean(self.first, d), mean(first, d)), rule=law),
            Step(id="square of a sample", claim=eq(mean(self.second, d), mean(second, d)), rule=law),
            Step(id="product of two samples", claim=eq(mean(self.first**2, d), mean(first**2, d)), rule=law),
        )


#: E average and E average^2 in terms of what the moments are.
BATCH_MEAN: Certificate = use("batch mean") + use("mean of a sample")
BATCH_SQUARE: Certificate = use("batch square") + 1 / B * use("square of a sample") + (1 - 1 / B) * use("product of two samples")
