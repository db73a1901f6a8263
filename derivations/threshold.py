"""threshold: theory section 5 where Lam and Sigma commute, from threshold-general.

Upper: 1/2 ||v^q - u - g v^q||^2 <= 1/2 (sqrt(s) + sqrt(bias))^2, the cross term by Cauchy-Schwarz and g <= min(1, 1/(N x)).
Lower: the cross term is non-negative, because v^q_i = c_i u_i with 0 <= c_i <= 1, and g >= (1 - 1/e) min(1, 1/(N x)).
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from riskbounds.derivations import blocks, learning
from riskbounds.derivations.hypotheses import conditions, envelopes, named
from riskbounds.derivations.mean_part_sums import at_least_threshold, at_most_threshold
from riskbounds.derivations.minkowski import below_root
from riskbounds.derivations.sgd import DENOMINATOR, L, N, i, j, mean, n, risk, u, vq, w, x
from riskbounds.derivations.sharp import COLLAPSE, COMMUTE, commuting_reader
from riskbounds.derivations.sharp_storage import mean_part
from riskbounds.derivations.threshold_general import EXTREMES, LARGEST_IDS, TWO_ITERATES, M, threshold_reader, two
from riskbounds.derivations.threshold_general import above as parent_above
from riskbounds.derivations.threshold_general import derivation as parent
from riskbounds.derivations.threshold_models import threshold_model

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Claim,
    Definition,
    Derivation,
    Reader,
    Step,
    Symbol,
    Term,
    Var,
    cited,
    eq,
    inherited,
    instance,
    le,
    over,
    power,
    scalar,
    square,
    term,
    total,
    use,
)
from riskbounds.theorems import Theorem
from riskbounds.theorems.sharp_pair import sharp
from riskbounds.theorems.threshold_pair import threshold

HALF = Fraction(1, 2)
c = Symbol("share", "0+")
ww = Var("w2", "outcome")


def read_at(theorem: Theorem, steps: object) -> Reader:
    """Reads a threshold form where Lam and Sigma commute."""
    read = threshold_reader(theorem, steps)
    read.meanings |= {key: value for key, value in commuting_reader(theorem).meanings.items() if key != symbols.N}
    return read


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The registered theorem as claims; the lower side for N = m + 2."""
    read, read_two = read_at(theorem, N), read_at(theorem, M)
    return {
        **conditions(theorem, read_two),
        **envelopes(theorem, read, dict.fromkeys(EXTREMES, 1)),
        "upper": le(risk, read(theorem.upper)),
        "lower": le(read_two(theorem.lower), instance(le(0, risk), {n: two + 1}).right),
    }


def learned(k: Var, steps: object = N) -> Term:
    """1 - (1-x_k)^N."""
    return 1 - power(1 - x[k], steps)


def g(k: Var, steps: object = N) -> Term:
    """Average of (1-x)^t over the iterates."""
    return learned(k, steps) / (term(steps) * x[k])


def energy(steps: object) -> Term:
    """||g v^q||^2 in the weights of the error functional."""
    return total(i, L(i, i) * g(i, steps) ** 2 * mean(vq[w, i] ** 2))


def weight(k: Var) -> Term:
    """The weight of g^2 in a direction."""
    return L(k, k) * mean(vq[w, k] ** 2)


read = read_at(threshold, N)
claims = statement(threshold)
bias, shrinkage = read(symbols.bias), read(symbols.shrinkage)
commuting_mean = commuting_reader(sharp)(sp.Add(*(v for k, v in sharp.terms("upper").items() if k != "variance")))
collapsed = Step(id="mean part", claim=eq(mean_part, commuting_mean), rule=Algebra(COLLAPSE))

# Upper: the cross term by Cauchy-Schwarz.
cross = Symbol("cross_term")(n).term
a, b = (lambda o, k: g(k) * vq[o, k]), (lambda o, k: u[o, k] - vq[o, k])
lagrange = over(i, over(w, over(j, over(ww, HALF * L(i, i) * L(j, j) * square(a(w, i) * b(ww, j) - a(ww, j) * b(w, i))))))

distance = over(i, L(i, i) * over(w, square(u[w, i] - vq[w, i])))


upper = (
    Step(id="cross", claim=eq(cross, total(i, L(i, i) * g(i) * mean(vq[w, i] * (u[w, i] - vq[w, i])))), rule=Definition()),
    Step(
        id="Cauchy-Schwarz",
        claim=le(cross**2, energy(N) * shrinkage),
        rule=Algebra(lagrange + (cross + total(i, L(i, i) * g(i) * mean(vq[w, i] * b(w, i)))) * use("cross")),
    ),
    Step(
        id="energy",
        claim=le(energy(N), bias),
        rule=at_most_threshold(weight, n),
    ),
    *below_root(cross, shrinkage, bias, distance),
    cited(parent_above, "upper", name="general upper"),
    Step(
        id="upper",
        claim=claims["upper"],
        rule=Algebra(use("general upper") + use("mean part") + use("cross term") - use("cross") + HALF * use("energy")),
    ),
)
above = Derivation(
    name="threshold-upper",
    theorem="threshold",
    title="Threshold pair, upper side",
    steps=(
        *inherited(parent_above),
        DENOMINATOR,
        COMMUTE,
        *(cited(blocks.derivation, name) for name in ("q^m <= 1", "Bernoulli")),
        collapsed,
        *upper,
    ),
    conclusions={"upper": "upper"},
    witness=threshold_model,
)

# Lower: nothing is learned backwards.
LEAST = learning.LEAST
mean_part_two = instance(le(0, mean_part), {n: two + 1}).right - scalar("approximation", "0+")


lower = (
    Step(id="v^q", claim=eq(vq[w, i], c[i] * u[w, i]), rule=Assumption("model", "v^q_i = (lam_i/mu_i) u_i")),
    Step(id="share", claim=le(c[i], 1), rule=Assumption("model", "Sigma >= Lam")),
    *(cited(learning.derivation, name) for name in learning.derivation.conclusions),
    Step(
        id="energy from below",
        claim=le(LEAST**2 * read_at(threshold, M)(symbols.bias), energy(M)),
        rule=at_least_threshold(weight, M),
    ),
    Step(
        id="cross term from below",
        claim=le(0, total(i, L(i, i) * g(i, M) * mean(vq[w, i] * (u[w, i] - vq[w, i])))),
        rule=Algebra(
            over(i, L(i, i) / (term(M) * x[i]) * use("q^m <= 1", {blocks.m: M}) * over(w, c[i] * use("share") * square(u[w, i])))
            + over(
                i,
                L(i, i) * g(i, M) * over(w, (vq[w, i] + c[i] * u[w, i] - u[w, i]) * use("v^q")),
            )
        ),
    ),
    Step(
        id="mean part from below",
        claim=le((LEAST**2 * read_at(threshold, M)(symbols.bias) + read_at(threshold, M)(symbols.shrinkage)) / 2, mean_part_two),
        rule=Algebra(use("cross term from below") + HALF * use("energy from below") - use("mean part", {n: two + 1})),
    ),
    cited(parent, "lower", name="general lower"),
    Step(id="lower", claim=claims["lower"], rule=Algebra(use("general lower") + use("mean part from below"))),
)
derivation = Derivation(
    name="threshold",
    theorem="threshold",
    title="Threshold pair",
    statement=statement,
    steps=(
        *inherited(parent),
        DENOMINATOR,
        COMMUTE,
        TWO_ITERATES,
        cited(above, "upper"),
        cited(blocks.derivation, "q^m <= 1"),
        collapsed,
        *lower,
    ),
    conclusions={
        **named(threshold, "x <= 1", "feedback", "two iterates"),
        **LARGEST_IDS,
        **{name: name for name in ("upper", "lower", "mean part from below")},
    },
    witness=threshold_model,
)
