"""Noise constants of the batch gradient from any features' row: theory section 4, parameter to output, then the batch.

The batch gradient's covariance given v is (within - m^2)/B + (1 - 1/B)(between - m^2), m its mean along t, `within` the second
moment of one sample's gradient and `between` that of two samples with the same shared draws.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from riskbounds.derivations.noise_batch import BATCH_MEAN, BATCH_SQUARE, SIZE, B, Batch
from riskbounds.derivations.noise_parts import (
    DRAWN,
    MEAN,
    ROOT,
    ROW,
    Q,
    T,
    X,
    Y,
    after_output,
    after_shared_output,
    one_sample,
    read,
    sample,
    two_samples,
)  # fmt: skip
from riskbounds.derivations.noise_slots import P, Slots, residual
from riskbounds.derivations.noise_terms import (
    CAUCHY_SCHWARZ,
    OFF_DIAGONAL,
    at,
    d,
    delta,
    diagonal,
    dot,
    i,
    k,
    mean,
    mu,
    norm2,
    r,
    relative,
    row_claims,
    t,
    u,
    v,
    vq,
    w,
)  # fmt: skip

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    AtUnitVector,
    Claim,
    Derivation,
    Step,
    Symbol,
    Term,
    eq,
    le,
    over,
    positive,
    term,
    total,
    use,
)
from riskbounds.proofs.certificates import NOTHING, Certificate
from riskbounds.proofs.expectation import Expectation
from riskbounds.proofs.rules import Rule
from riskbounds.quantization.slots import Quantization
from riskbounds.terms.expectation import Family
from riskbounds.theorems.feature_row import FeatureRow
from riskbounds.theorems.noise import NoiseConstants, assemble

BATCH = Batch()
#: t^T Cov(batch gradient | v) t.
VARIANCE = mean(BATCH.average**2, d) - mean(BATCH.average, d) ** 2


def kinds(quantization: Quantization, sketched: bool) -> Slots:
    """The update's slots of a quantization."""
    structures = quantization.structures()
    shared = quantization.batch_scale == "shared"
    relative = {"multiplicative": "shared" if shared else "relative", "elementwise": "relative"}
    parameter = structures.get("parameter", "exact")
    return Slots(
        parameter="rotated" if sketched and parameter == "elementwise" else parameter,
        **{
            name: relative.get(kind, kind)
            for name in ("label", "activation", "output")
            for kind in [structures.get(name, "exact")]
        },
    )


def hypotheses(slots: Slots, row: FeatureRow) -> Iterator[Step]:
    """What is assumed of one exact sample, of the coordinates and of the batch."""
    for name, claim in row_claims(row, sample, read).items():
        yield Step(id=name, claim=claim, rule=Assumption("hypothesis", "the features' row"))
    yield Step(
        id="Sigma", claim=eq(mean(X * sample.along(u)), dot(t, u)), rule=Assumption("model", "E q q^T = Sigma, in its eigenbasis")
    )
    yield Step(id="optimum", claim=eq(mean(X * Y[w]), dot(t, vq)), rule=Assumption("model", "E q y = Sigma v^q"))
    if slots.parameter == "rotated":
        size = total(r, total(i, mu[i] * ROOT[r, i] ** 2))
        source = "tau = lambda_max(Sigma^-1/2 diag(Sigma) Sigma^-1/2), the errors' sizes being (U v)_r^2"
        yield Step(id="tau", claim=le(size, read(symbols.tau) * norm2(v)), rule=Assumption("hypothesis", source))


def drawn_mean(slots: Slots) -> Term:
    """E of one sample's gradient along t given the shared draws."""
    zero = term(0)
    parameter = zero if slots.parameter == "exact" else dot(t, lambda index: P[d, index])
    scale = {
        slot: Symbol(f"scale_{slot}")[d] if getattr(slots, slot) == "shared" else zero
        for slot in ("label", "activation", "output")
    }
    inner = scale["label"] * dot(t, vq) - MEAN - parameter - scale["activation"] * (dot(t, v) + parameter)
    return (1 + scale["output"]) * inner


def drawn_mean_certificate(slots: Slots) -> Certificate:
    """How it follows from E q y and E q q^T."""
    parameter = NOTHING if slots.parameter == "exact" else use("Sigma", {}, at(lambda index: P[d, index]))
    result = use("mean") - parameter
    if slots.label == "shared":
        result = result + Symbol("scale_label")[d] * use("optimum")
    if slots.activation == "shared":
        result = result - Symbol("scale_activation")[d] * (use("Sigma", {}, at(v)) + parameter)
    return (1 + Symbol("scale_output")[d]) * result if slots.output == "shared" else result


class Lines:
    """The steps written so far; a claim that is an identity or stands there already is not written again."""

    def __init__(self) -> None:
        """No steps."""
        self.steps: list[Step] = []

    def add(self, name: str, claim: Claim, rule: Rule) -> Certificate:
        """Write a step; what later steps may use."""
        if claim == eq(claim.left, claim.left):
            return NOTHING
        for step in self.steps:
            if step.claim == claim:
                return use(step.id)
        self.steps.append(Step(id=name, claim=claim, rule=rule))
        return use(name)


def update_steps(slots: Slots, constants: NoiseConstants, row: FeatureRow) -> list[Step]:
    """From the row to the constants of the batch."""
    lines = Lines()
    lines.steps.extend((*SIZE, *hypotheses(slots, row)))
    lines.add("Cauchy-Schwarz", le(dot(t, u) ** 2, T * norm2(u)), Algebra(CAUCHY_SCHWARZ))
    if slots.parameter == "elementwise":
        lines.add("diagonal", le(diagonal(u[i] ** 2), T * norm2(u)), Algebra(OFF_DIAGONAL))
        at_k = le(mean(X**2 * Q[w, k] ** 2), read(ROW.c4) * T * mu[k])
        lines.add("fourth at k", at_k, AtUnitVector("fourth", "u", k))
    lines.add("mean", eq(DRAWN, -MEAN), Algebra(use("optimum") - use("Sigma", {}, at(v))))
    lines.add("mean square", eq(DRAWN**2, MEAN**2), Algebra(use("mean") * (DRAWN - MEAN)))
    after, law = residual(slots, sample)
    gradient = X * after
    first, second = mean(gradient), mean(gradient**2)
    one = within(lines, slots, (constants, row), mean(second, d), law)
    two = between(lines, slots, constants, first, law)
    batch(lines, constants, (first, second), law, (one, two))
    return lines.steps


def constants_of(constants: NoiseConstants, names: tuple[str, str, str]) -> Term:
    """(A + ad ||delta||^2 + av ||v||^2) Sigma along t, summed over the slots."""
    A, ad, av = (read(sum(getattr(slot, name) for slot in constants.slots)) if name else term(0) for name in names)
    return relative(A + ad * norm2(delta) + av * norm2(v))


def within(
    lines: Lines, slots: Slots, table: tuple[NoiseConstants, FeatureRow], moment: Term, law: tuple[Family, ...]
) -> tuple[Certificate, Certificate]:
    """One sample: its second moment less m^2, against the sums of the slots' constants."""
    constants, row = table
    one = after_output(one_sample(slots), slots.output, row)
    above = constants_of(constants, ("A1", "ad1", "av1"))
    below = constants_of(constants, ("A1low", "adlow1", ""))
    drawn = lines.add("one sample", eq(moment, one.moment + DRAWN**2), Expectation(law))
    return (
        lines.add("one sample above", le(moment - DRAWN**2, above), Algebra(drawn + one.above)),
        lines.add("one sample below", le(below, moment - DRAWN**2), Algebra(one.lower - drawn)),
    )


def between(
    lines: Lines, slots: Slots, constants: NoiseConstants, first: Term, law: tuple[Family, ...]
) -> tuple[Certificate, Certificate]:
    """Two samples that share d: the product of their gradients less m^2, against the parts between samples."""
    own = {name: kind for name in ("label", "activation", "output") if (kind := getattr(slots, name)) != "shared"}
    after, shared_law = residual(replace(slots, **dict.fromkeys(own, "exact")), sample)
    given = drawn_mean(slots)
    two = after_shared_output(two_samples(slots), slots.output)
    above = constants_of(constants, ("A_between", "ad_between", "av_between"))
    below = constants_of(constants, ("Alow_between", "", ""))
    product = mean(first**2, d)
    equal = lines.add("own errors", eq(first, mean(X * after)), Expectation(law[: len(law) - len(shared_law)]))
    equal = equal + lines.add("given d", eq(mean(X * after), given), Algebra(drawn_mean_certificate(slots)))
    drawn = lines.add("shared errors", eq(mean(given**2, d), two.moment + MEAN**2), Expectation(shared_law))
    drawn = over(d, equal * (given + first)) + drawn
    return (
        lines.add("two samples above", le(product - MEAN**2, above), Algebra(drawn + two.above)),
        lines.add("two samples below", le(below, product - MEAN**2), Algebra(two.lower - drawn)),
    )


def batch(
    lines: Lines, constants: NoiseConstants, moments: tuple[Term, Term], law: tuple[Family, ...],
    parts: tuple[tuple[Certificate, Certificate], tuple[Certificate, Certificate]],
) -> None:  # fmt: skip
    """B samples that share d and are independent given d: the variance of their mean, and the theorem's constants."""
    first, second = moments
    (one_above, one_below), (two_above, two_below) = parts
    drawn = mean(first, d)
    for step in (*BATCH.moments, *BATCH.sample_moments(first, second)):
        lines.add(step.id, step.claim, step.rule)
    equal = BATCH_SQUARE - BATCH_MEAN * (mean(BATCH.average, d) + drawn)
    exact = lines.add("drawn mean", eq(drawn, DRAWN), Expectation(law))
    equal = equal - exact * (DRAWN + drawn) - (1 - 1 / B) * use("mean square")
    others = use("batch size") * positive(1 / B)
    A, ad, av, Alow, adlow = (read(part) for part in (constants.A, constants.ad, constants.av, constants.Alow, constants.adlow))
    above, below = relative(A + ad * norm2(delta) + av * norm2(v)), relative(Alow + adlow * norm2(delta))
    lines.add("upper side", le(VARIANCE, above), Algebra(equal + positive(1 / B) * one_above + others * two_above))
    lines.add("lower side", le(below, VARIANCE), Algebra(positive(1 / B) * one_below + others * two_below - equal))


def noise_update(quantization: Quantization, *, sketched: bool, row: FeatureRow = ROW) -> Derivation:
    """The derivation for one choice of the update's quantizers; the features' quantizers enter through the row's symbols.

    ``row`` is ROW, or UNCENTRED for rows whose ad1 bounds E[r^2 q q^T] with nothing subtracted for the mean.
    """
    constants = assemble(row, quantization, sketched=sketched)
    steps = update_steps(kinds(quantization, sketched), constants, row)
    conclusions = {"upper": "upper side", "lower": "lower side"}
    needed = set(conclusions.values())
    for step in reversed(steps):
        if step.id in needed:
            needed |= step.rule.uses()
    return Derivation(
        name="noise-update",
        theorem="noise constants: parameter to output, batch",
        title="Noise constants of the batch gradient",
        steps=tuple(step for step in steps if step.id in needed | {"B > 0"}),
        conclusions=conclusions,
    )
