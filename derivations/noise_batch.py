"""The variance of a batch's mean gradient from one sample and from two samples that share draws (theory section 4, last the batch).

Given the shared draws d, the gradients of the samples b along a test vector are independent, with the moments first and second.
"""

from __future__ import annotations

from riskbounds.derivations.noise_terms import b, d, mean
from riskbounds.proofs import Algebra, Assumption, Derivation, Step, Symbol, Term, eq, le, lt, positive, total, use
from riskbounds.proofs.expectation import Expectation, Independent

GRADIENT, FIRST, SECOND = Symbol("gradient"), Symbol("first"), Symbol("second")
#: The number of samples.
B = total(b, 1)
AVERAGE = total(b, GRADIENT[d, b]) / B
VARIANCE = mean(AVERAGE**2, d) - mean(AVERAGE, d) ** 2
LAW = (Independent(outcome=d, site=(b,), moments={("gradient",): FIRST[d], ("gradient", "gradient"): SECOND[d]}),)


def average_square(first: Term, second: Term) -> Term:
    """E second/B + (1 - 1/B) E first^2."""
    return mean(second, d) / B + (1 - 1 / B) * mean(first**2, d)


def average_variance(first: Term, second: Term) -> Term:
    """The same less the square of E first."""
    return average_square(first, second) - mean(first, d) ** 2


SIZE = (
    Step(id="batch size", claim=le(1, B), rule=Assumption("model", "B >= 1")),
    Step(id="B > 0", claim=lt(0, B), rule=Algebra(use("batch size") + positive(1))),
)

noise_batch = Derivation(
    name="noise-batch",
    theorem="noise constants: batch",
    title="Moments of a batch's mean gradient",
    steps=(
        *SIZE,
        Step(id="mean", claim=eq(mean(AVERAGE, d), mean(FIRST[d], d)), rule=Expectation(LAW)),
        Step(id="square", claim=eq(mean(AVERAGE**2, d), average_square(FIRST[d], SECOND[d])), rule=Expectation(LAW)),
        Step(
            id="variance",
            claim=eq(VARIANCE, average_variance(FIRST[d], SECOND[d])),
            rule=Algebra(use("square") - use("mean") * (mean(AVERAGE, d) + mean(FIRST[d], d))),
        ),
    ),
    conclusions={"mean": "mean", "square": "square", "variance": "variance"},
)
