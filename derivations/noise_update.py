"""Noise constants of the batch gradient from any features' row: theory section 4, parameter to output, then the batch.

The row enters as hypotheses about one exact sample; its constants are symbols, so what is shown holds for every row.  The batch
gradient's covariance given v is (within - m^2)/B + (1 - 1/B)(between - m^2), m its mean along t, `within` the second moment of
one sample's gradient and `between` that of two samples with the same shared draws.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import sympy as sp

from riskbounds import symbols
from riskbounds.derivations.noise_slots import EPS, ROOT, P, Slots, residual
from riskbounds.derivations.noise_terms import (
    CAUCHY_SCHWARZ, CONSTANTS, OFF_DIAGONAL, Sample, at, b, covariance, d, delta, diagonal, dot, i, k, mean, mu, norm2, r, relative,
    row_claims, t, u, v, vq, w, weighted,
)  # fmt: skip
from riskbounds.proofs import Algebra, Assumption, AtUnitVector, Derivation, Reader, Step, Symbol, Term, eq, le, lt, over, positive
from riskbounds.proofs import scalar, square, term, total, use
from riskbounds.proofs.certificates import NOTHING, Certificate
from riskbounds.proofs.expectation import Expectation, Independent
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import STRUCTURES
from riskbounds.theorems.noise import NoiseConstants, assemble
from riskbounds.theorems.noise_rows import FeatureRow

_INDEXED = ("A1", "A1low", "spread", "spread_low", "label", "label_low")
#: A row whose constants are symbols.
ROW = FeatureRow(
    structure="any",
    source="a row of theory section 4",
    **{
        name: sp.IndexedBase(f"row_{name}")[symbols.i] if name in _INDEXED else sp.Symbol(f"row_{name}") for name in CONSTANTS
    },
)
B = total(b, 1)
Q, Y, GRADIENT = Symbol("q"), Symbol("y"), Symbol("gradient")
sample = Sample(q=lambda index: Q[w, index], y=Y[w])
X = sample.along(t)
T, MEAN = norm2(t), dot(t, delta)
read = Reader(
    {
        symbols.B: B,
        symbols.quantized_norm2: norm2(vq),
        **{
            constant.base if isinstance(constant, sp.Indexed) else constant: (
                (lambda index, name=name: Symbol(name, "0+")[index]) if name in _INDEXED else scalar(name, "0+")
            )
            for name in CONSTANTS
            for constant in [getattr(ROW, name)]
        },
    }
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A share of a second moment; why it is at most and at least what its slot states, and why it is not negative."""

    moment: Term
    above: Certificate
    sign: Certificate
    below: Certificate | None = None

    @property
    def lower(self) -> Certificate:
        """Where the slot states nothing below: the sign."""
        return self.sign if self.below is None else self.below


NONE = Part(moment=term(0), above=NOTHING, sign=NOTHING)
ROWS = {"u": ((i,), ROOT[r, i])}


def own_parameter(kind: str) -> Part:
    """What the parameter's error adds to the second moment of one sample."""
    eps, size, product = EPS["parameter"], total(k, Q[w, k] ** 2), X * sample.along(v)
    if kind == "additive":
        return Part(
            moment=eps * weighted(sample, size), above=eps * use("spread"), below=eps * use("spread low"),
            sign=eps * over(w, over(k, square(X * Q[w, k]))),
        )  # fmt: skip
    if kind == "multiplicative":
        return Part(moment=eps * mean(product**2), above=eps * use("fourth", {}, at(v)), sign=eps * over(w, square(product)))
    if kind == "elementwise":
        one = X * Q[w, k]
        return Part(
            moment=eps * total(k, v[k] ** 2 * mean(one**2)),
            above=eps * over(k, square(v[k]) * use("fourth at k")),
            sign=eps * over(k, square(v[k]) * over(w, square(one))),
        )
    if kind == "rotated":
        one = X * total(i, Q[w, i] * ROOT[r, i])
        return Part(
            moment=eps * total(r, mean(one**2)),
            above=eps * (over(r, use("fourth", {}, ROWS)) + positive(read(ROW.c4) * T) * use("tau")),
            sign=eps * over(r, over(w, square(one))),
        )
    return NONE


def shared_parameter(kind: str) -> Part:
    """What the parameter's error adds to the product of two samples."""
    eps = EPS["parameter"]
    if kind == "additive":
        return Part(moment=eps * relative(mu[i]), above=NOTHING, below=NOTHING, sign=positive(eps * relative(mu[i])))
    if kind == "multiplicative":
        return Part(moment=eps * dot(t, v) ** 2, above=eps * use("Cauchy-Schwarz", {}, at(v)), sign=eps * square(dot(t, v)))
    if kind == "elementwise":
        return Part(moment=eps * diagonal(v[i] ** 2), above=eps * use("diagonal"), sign=positive(eps * diagonal(v[i] ** 2)))
    if kind == "rotated":
        one = total(i, mu[i] * t[i] * ROOT[r, i])
        return Part(
            moment=eps * total(r, one**2),
            above=eps * (over(r, use("Cauchy-Schwarz", {}, ROWS)) + positive(T) * use("tau")),
            sign=eps * over(r, square(one)),
        )
    return NONE


def additive(slot: str) -> Part:
    """An additive error: eps E (q^T t)^2 = eps ||t||^2, nothing between samples."""
    equation = EPS[slot] * use("Sigma", {}, at(t))
    return Part(moment=EPS[slot] * mean(X**2), above=equation, below=-equation, sign=EPS[slot] * over(w, square(X)))


def one_sample(slots: Slots) -> list[Part]:
    """The second moment of one sample's gradient before the output, less m^2."""
    product, prediction = X * Y[w], X * sample.along(v)
    parts = [Part(moment=covariance(sample), above=use("upper"), below=use("lower"), sign=NOTHING)]
    parameter = own_parameter(slots.parameter)
    parts.append(parameter)
    if slots.activation == "additive":
        parts.append(additive("activation"))
    elif slots.activation != "exact":
        eps = EPS["activation"]
        parts.append(
            Part(
                moment=eps * (mean(prediction**2) + parameter.moment),
                above=eps * (use("fourth", {}, at(v)) + parameter.above),
                sign=eps * (over(w, square(prediction)) + parameter.sign),
                below=eps * (over(w, square(prediction)) + parameter.lower),
            )
        )
    if slots.label == "additive":
        parts.append(additive("label"))
    elif slots.label != "exact":
        eps = EPS["label"]
        parts.append(
            Part(
                moment=eps * mean(product**2), above=eps * use("label"), below=eps * use("label low"), sign=eps * over(w, square(product))
            )
        )
    return parts


def two_samples(slots: Slots) -> list[Part]:
    """The product of two samples' gradients before the output, less m^2."""
    parts = [shared_parameter(slots.parameter)]
    if slots.activation == "shared":
        eps, parameter = EPS["activation"], parts[0]
        parts.append(
            Part(
                moment=eps * (dot(t, v) ** 2 + parameter.moment),
                above=eps * (use("Cauchy-Schwarz", {}, at(v)) + parameter.above),
                sign=eps * (square(dot(t, v)) + parameter.sign),
            )
        )
    if slots.label == "shared":
        eps = EPS["label"]
        above = eps * use("Cauchy-Schwarz", {}, at(vq))
        parts.append(Part(moment=eps * dot(t, vq) ** 2, above=above, sign=eps * square(dot(t, vq))))
    return parts


def after_output(parts: list[Part], kind: str, together: bool) -> Part:
    """The parts after the output's error, which multiplies the second moment, m^2 included, by 1 + eps_o."""
    moment = sum((part.moment for part in parts), term(0))
    above, below, sign = (
        sum((getattr(part, name) for part in parts), NOTHING) for name in ("above", "lower", "sign")
    )
    eps = EPS["output"]
    if kind == "additive" and not together:
        error = additive("output")
        return Part(moment=moment + error.moment, above=above + error.above, below=below + error.lower, sign=NOTHING)
    if kind == "shared" or (kind == "relative" and not together):
        follows = eps * square(MEAN) + (eps * sign if together else eps * below)
        return Part(
            moment=(1 + eps) * moment + eps * MEAN**2,
            above=(1 + eps) * above + eps * use("Cauchy-Schwarz", {}, at(delta)),
            below=below + follows,
            sign=NOTHING,
        )
    return Part(moment=moment, above=above, below=below, sign=NOTHING)


def kinds(quantization: Quantization, sketched: bool) -> Slots:
    """The update's slots of a quantization."""
    structures = quantization.structures()
    shared = quantization.batch_scale == "shared"
    relative = {"multiplicative": "shared" if shared else "relative", "elementwise": "relative"}
    parameter = structures.get("parameter", "exact")
    return Slots(
        parameter="rotated" if sketched and parameter == "elementwise" else parameter,
        **{name: relative.get(kind, kind) for name in ("label", "activation", "output") for kind in [structures.get(name, "exact")]},
    )


def hypotheses(slots: Slots) -> Iterator[Step]:
    """What is assumed of one exact sample, of the coordinates and of the batch."""
    for name, claim in row_claims(ROW, sample, read).items():
        yield Step(id=name, claim=claim, rule=Assumption("hypothesis", "the features' row"))
    yield Step(
        id="Sigma", claim=eq(mean(X * sample.along(u)), dot(t, u)), rule=Assumption("model", "E q q^T = Sigma, in its eigenbasis")
    )
    yield Step(id="optimum", claim=eq(mean(X * Y[w]), dot(t, vq)), rule=Assumption("model", "E q y = Sigma v^q"))
    yield Step(id="batch size", claim=le(1, B), rule=Assumption("model", "B >= 1"))
    if slots.parameter == "rotated":
        size = total(r, total(i, mu[i] * ROOT[r, i] ** 2))
        source = "tau = lambda_max(Sigma^-1/2 diag(Sigma) Sigma^-1/2), the errors' sizes being (U v)_r^2"
        yield Step(id="tau", claim=le(size, read(symbols.tau) * norm2(v)), rule=Assumption("hypothesis", source))


def update_steps(slots: Slots, constants: NoiseConstants) -> Iterator[Step]:
    """From the row to the constants of the batch."""
    after, law = residual(slots, sample)
    yield from hypotheses(slots)
    yield Step(id="B > 0", claim=lt(0, B), rule=Algebra(use("batch size") + positive(1)))
    yield Step(id="Cauchy-Schwarz", claim=le(dot(t, u) ** 2, T * norm2(u)), rule=Algebra(CAUCHY_SCHWARZ))
    if slots.parameter == "elementwise":
        yield Step(id="diagonal", claim=le(diagonal(v[i] ** 2), T * norm2(v)), rule=Algebra(over_off_diagonal()))
        at_k = le(mean(X**2 * Q[w, k] ** 2), read(ROW.c4) * T * mu[k])
        yield Step(id="fourth at k", claim=at_k, rule=AtUnitVector("fourth", "u", k))
