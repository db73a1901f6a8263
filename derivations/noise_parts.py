"""Shares of the batch gradient's second moments, slot by slot, with the reasons for what noise.py states of them.

The features' row enters as hypotheses about one exact sample; its constants are symbols, so what is shown holds for every row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy as sp
from riskbounds.derivations.noise_batch import B
from riskbounds.derivations.noise_slots import EPS, ROOT, Slots
from riskbounds.derivations.noise_terms import (
    CONSTANTS,
    Sample,
    at,
    covariance,
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
    t,
    v,
    vq,
    w,
    weighted,
)  # fmt: skip

from riskbounds import symbols
from riskbounds.proofs import Reader, Symbol, Term, over, positive, scalar, square, term, total, use
from riskbounds.proofs.certificates import NOTHING, Certificate
from riskbounds.theorems.feature_row import FeatureRow

_INDEXED = ("A1", "A1low", "spread", "spread_low", "label", "label_low")
#: A row whose constants are symbols.
ROW = FeatureRow(
    structure="any",
    source="a row of theory section 4",
    **{name: sp.IndexedBase(f"row_{name}")[symbols.i] if name in _INDEXED else sp.Symbol(f"row_{name}") for name in CONSTANTS},
)
#: The same for the fourth-moment version, where ad1 bounds E[r^2 q q^T] with nothing subtracted for the mean.
UNCENTRED = replace(ROW, uncentred=True)
Q, Y = Symbol("q"), Symbol("y")
sample = Sample(q=lambda index: Q[w, index], y=Y[w])
X = sample.along(t)
T, MEAN = norm2(t), dot(t, delta)
#: E of one exact sample's gradient along t: -MEAN.
DRAWN = mean(X * sample.residual)
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
        return Part(
            moment=eps * diagonal(v[i] ** 2), above=eps * use("diagonal", {}, at(v)), sign=positive(eps * diagonal(v[i] ** 2))
        )
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
                moment=eps * mean(product**2),
                above=eps * use("label"),
                below=eps * use("label low"),
                sign=eps * over(w, square(product)),
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


def summed_up(parts: list[Part]) -> Part:
    """All parts together."""
    moment = sum((part.moment for part in parts), term(0))
    above, below, sign = (sum((getattr(part, name) for part in parts), NOTHING) for name in ("above", "lower", "sign"))
    return Part(moment=moment, above=above, below=below, sign=sign)


def after_output(parts: list[Part], kind: str, row: FeatureRow) -> Part:
    """One sample: the output's error multiplies the second moment, m^2 included, by 1 + eps_o; what is stated is less m^2."""
    inner, eps = summed_up(parts), EPS["output"] if kind in ("relative", "shared") else term(0)
    error = additive("output") if kind == "additive" else NONE
    squared = use("Cauchy-Schwarz", {}, at(delta)) + use("mean square")
    return Part(
        moment=(1 + eps) * inner.moment + eps * DRAWN**2 + error.moment,
        above=(1 + eps) * inner.above + error.above + (square(DRAWN) if row.uncentred else eps * squared),
        below=(1 + eps) * inner.lower + error.lower + eps * square(DRAWN),
        sign=NOTHING,
    )


def after_shared_output(parts: list[Part], kind: str) -> Part:
    """Two samples: the same for a scale that they share; nothing is stated below of what it multiplies."""
    inner, eps = summed_up(parts), EPS["output"] if kind == "shared" else term(0)
    return Part(
        moment=(1 + eps) * inner.moment + eps * MEAN**2,
        above=(1 + eps) * inner.above + eps * use("Cauchy-Schwarz", {}, at(delta)),
        below=inner.lower + eps * (square(MEAN) + inner.sign),
        sign=NOTHING,
    )
