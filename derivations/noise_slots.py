"""The update's quantizers as random symbols: their errors, and the law of the errors (theory sections 1 and 2).

One sample's residual, with the shared draws d of the batch and the sample's own draws w,

    e = Q_o(Q_l(y) - Q_a(q^T u)),   u = Q_p(v) = v + parameter error.

Only mean zero, the second moments of theory section 2 and independence are used of any error.  A multiplicative error with
batch_scale = "shared" has its scale among the shared draws.
"""

from __future__ import annotations

from dataclasses import dataclass

from riskbounds.derivations.noise_terms import Sample, d, i, j, k, r, v, w

from riskbounds.terms.expectation import Centred, Cumulant, Family
from riskbounds.terms.polynomial import Term, term
from riskbounds.terms.vocabulary import Symbol, scalar, total

EPS = {slot: scalar(f"eps_{slot[0]}", "0+") for slot in ("label", "parameter", "activation", "output")}
#: Errors: of the parameter (shared), of a sample, and shared scales.
P, ERROR, SCALE = Symbol("parameter_error"), Symbol("error"), Symbol("scale")
#: Rows W_r of a root of E (parameter error)(parameter error)^T/eps_p in Sigma's eigenbasis: elementwise, behind a sketch.
ROOT = Symbol("root")


@dataclass(frozen=True, kw_only=True)
class Slots:
    """What sits in the update's slots: "exact", "additive", "relative", "shared"; the parameter "exact", "additive",
    "multiplicative", "elementwise" (no sketch) or "rotated" (elementwise behind a sketch).
    """

    label: str = "exact"
    parameter: str = "exact"
    activation: str = "exact"
    output: str = "exact"


def parameter_covariance(kind: str) -> Cumulant | None:
    """E of two parameter errors given v, over eps_p."""
    eps = EPS["parameter"]
    found = {
        "additive": Cumulant(eps, ((k,), (k,))),
        "multiplicative": Cumulant(eps * v[j] * v[k], ((j,), (k,))),
        "elementwise": Cumulant(eps * v[k] ** 2, ((k,), (k,))),
        "rotated": Cumulant(eps * total(r, ROOT[r, j] * ROOT[r, k]), ((j,), (k,))),
    }
    return found.get(kind)


def residual(slots: Slots, sample: Sample) -> tuple[Term, tuple[Family, ...]]:
    """The quantized residual of one sample, and the law of its errors in the order of averaging."""
    own: list[Family] = []
    shared: list[Family] = []

    def error(slot: str, kind: str, value: Term) -> Term:
        """Error of the slot whose input is ``value``."""
        if kind == "exact":
            return term(0)
        if kind == "shared":
            name = f"{SCALE.name}_{slot}"
            shared.insert(0, Centred(outcome=d, pairs={(name, name): Cumulant(EPS[slot], ((), ()))}))
            return Symbol(name)[d] * value
        name = f"{ERROR.name}_{slot}"
        square = term(1) if kind == "additive" else value**2
        own.insert(0, Centred(outcome=w, pairs={(name, name): Cumulant(EPS[slot] * square, ((d,), (d,)))}))
        return Symbol(name)[w, d]

    covariance = parameter_covariance(slots.parameter)
    parameter = P if covariance is not None else None
    prediction = sample.along(v) + (term(0) if parameter is None else total(i, sample.q(i) * P[d, i]))
    label = sample.y + error("label", slots.label, sample.y)
    before = label - prediction - error("activation", slots.activation, prediction)
    after = before + error("output", slots.output, before)
    if covariance is not None:
        shared.append(Centred(outcome=d, pairs={(P.name, P.name): covariance}))
    return after, (*own, *shared)
