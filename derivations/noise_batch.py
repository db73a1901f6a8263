"""A batch's mean gradient: B samples that share the draws d and are independent given d (theory section 4, last the batch)."""

from __future__ import annotations

from riskbounds.derivations.noise_terms import b, d, mean

from riskbounds.proofs import Algebra, Assumption, Step, Symbol, Term, eq, le, lt, positive, total, use
from riskbounds.proofs.expectation import Expectation
from riskbounds.terms.expectation import Independent

GRADIENT, FIRST, SECOND = Symbol("gradient"), Symbol("first_moment"), Symbol("second_moment")
#: The number of samples, and the mean of their gradients along a test vector.
B = total(b, 1)
AVERAGE = total(b, GRADIENT[d, b]) / B
SIZE = (
    Step(id="batch size", claim=le(1, B), rule=Assumption("model", "B >= 1")),
    Step(id="B > 0", claim=lt(0, B), rule=Algebra(use("batch size") + positive(1))),
)


#: Given d, samples are independent with these moments.
SAMPLES = (Independent(outcome=d, site=(b,), moments={("gradient",): FIRST[d], ("gradient", "gradient"): SECOND[d]}),)
SQUARE = mean(SECOND[d], d) / B + (1 - 1 / B) * mean(FIRST[d] ** 2, d)
MOMENTS = (
    Step(id="batch mean", claim=eq(mean(AVERAGE, d), mean(FIRST[d], d)), rule=Expectation(SAMPLES)),
    Step(id="batch square", claim=eq(mean(AVERAGE**2, d), SQUARE), rule=Expectation(SAMPLES)),
)


def sample_moments(first: Term, second: Term) -> tuple[Step, ...]:
    """The two moments given d are these terms in d."""
    values = {(FIRST.name,): first, (FIRST.name, FIRST.name): first**2, (SECOND.name,): second}
    law = Expectation((Independent(outcome=d, site=(), moments=values),))
    return (
        Step(id="mean of a sample", claim=eq(mean(FIRST[d], d), mean(first, d)), rule=law),
        Step(id="square of a sample", claim=eq(mean(SECOND[d], d), mean(second, d)), rule=law),
        Step(id="product of two samples", claim=eq(mean(FIRST[d] ** 2, d), mean(first**2, d)), rule=law),
    )


#: E AVERAGE and E AVERAGE^2 = E second/B + (1 - 1/B) E first^2 in terms of what the moments are.
BATCH_MEAN = use("batch mean") + use("mean of a sample")
BATCH_SQUARE = use("batch square") + 1 / B * use("square of a sample") + (1 - 1 / B) * use("product of two samples")
