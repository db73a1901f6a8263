"""E |q|^2 q q^T >= tr Sigma Sigma where q is Gaussian given random scales: the additive parameter's lower row (theory section 4).

Given the scales of all layers (the draws d), q has covariance sum_r rho_r c_r c_r^T, rho_r a product of squared scales.  Not here
(nor proved): an entrywise sketch, elementwise features behind a sketch.
"""

from __future__ import annotations

from riskbounds.derivations.layer_models import squares_model
from riskbounds.derivations.noise_terms import (
    Sample,
    at,
    both,
    d,
    i,
    j,
    k,
    mean,
    mu,
    norm2,
    relative,
    second_moments,
    t,
    u,
    w,
)

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    AtUnitVector,
    Derivation,
    Reader,
    Step,
    Symbol,
    Term,
    Var,
    eq,
    le,
    over,
    square,
    term,
    total,
    use,
)
from riskbounds.proofs.expectation import Expectation
from riskbounds.quantization.structures import Multiplicative
from riskbounds.terms.expectation import Cumulant, Gaussian
from riskbounds.theorems.noise_rows import generic_row

Q, RHO, C = Symbol("q"), Symbol("rho", "0+"), Symbol("c")
r, p = Var("r", "coordinate"), Var("p", "coordinate")
LAW = (Gaussian(outcome=w, pairs={("q", "q"): Cumulant(total(r, RHO[d, r] * C[r, j] * C[r, k]), ((d, j), (d, k)))}),)
X, U = (total(i, Q[w, d, i] * vector[i]) for vector in (t, u))
SIZE = total(k, Q[w, d, k] ** 2)
ALONG = total(i, C[r, i] * t[i])
TRACE, QUADRATIC = mean(SIZE), mean(X**2)
TRACES, QUADRATICS = total(r, RHO[d, r] * total(k, C[r, k] ** 2)), total(r, RHO[d, r] * ALONG**2)
T = norm2(t)
#: The generic row of layers that share their scales.
ROW = generic_row({"data": Multiplicative("0.1"), "feature": Multiplicative("0.1")}, sketched=False)
SPREAD_LOW = Reader({symbols.trace: total(j, mu[j])})(ROW.spread_low)


def expected(body: Term) -> Term:
    """E over the scales and, given them, over the features."""
    return total(d, mean(body))


STEPS = (
    *second_moments(Sample(q=lambda index: Q[w, d, index], y=term(0), outcomes=(w, d))),
    Step(
        id="squared scales",
        claim=le(total(d, RHO[d, r]) * total(d, RHO[d, p]), total(d, RHO[d, r] * RHO[d, p])),
        rule=Assumption("cited", "Harris 1960: increasing functions of independent variables (the squared scales) correlate"),
    ),
    Step(
        id="given scales",
        claim=eq(mean(X**2 * SIZE), QUADRATIC * TRACE + 2 * total(k, mean(X * Q[w, d, k]) ** 2)),
        rule=Expectation(LAW),
    ),
    Step(id="traces", claim=eq(TRACE, TRACES), rule=Expectation(LAW)),
    Step(id="quadratics", claim=eq(QUADRATIC, QUADRATICS), rule=Expectation(LAW)),
    Step(
        id="correlate",
        claim=le(total(d, QUADRATICS) * total(d, TRACES), total(d, QUADRATICS * TRACES)),
        rule=Algebra(over(r, over(p, over(k, square(ALONG * C[p, k]) * use("squared scales"))))),
    ),
    Step(id="square", claim=eq(expected(U**2), norm2(u)), rule=Algebra(use("E q q^T", {}, both(u, u)))),
    Step(id="square at k", claim=eq(expected(Q[w, d, k] ** 2), mu[k]), rule=AtUnitVector("square", "u", k)),
    Step(
        id="spread low",
        claim=le(relative(SPREAD_LOW), expected(X**2 * SIZE)),
        rule=Algebra(
            use("correlate")
            + over(d, 2 * over(k, square(mean(X * Q[w, d, k]))))
            - over(d, use("given scales") + use("quadratics") * TRACE + QUADRATICS * use("traces"))
            + (over(d, use("quadratics")) - use("Sigma", {}, at(t))) * total(d, TRACES)
            + T * (over(d, use("traces")) - over(k, use("square at k")))
        ),
    ),
)
noise_squares = Derivation(
    name="noise-squares",
    theorem="noise constants: the additive parameter below",
    title="Squares of features that share scales correlate",
    steps=STEPS,
    conclusions={"spread low": "spread low"},
    witness=squares_model,
)
