"""The update's quantizers as random symbols: their errors, and the law of the errors (theory sections 1 and 2).

One sample's residual, with the shared draws d of the batch and the sample's own draws w,

    e = Q_o(Q_l(y) - Q_a(q^T u)),   u = Q_p(v) = v + parameter error.

Only mean zero, the second moments of theory section 2 and independence are used of any error.  A multiplicative error with
batch_scale = "shared" has its scale among the shared draws.
"""

from __future__ import annotations

from dataclasses import dataclass

from riskbounds.derivations.noise_terms import Sample, Vector, d, entries, i, j, k, r, v, w

from riskbounds.terms.expectation import Centred, Cumulant, Family
from riskbounds.terms.linear import Var
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


def parameter_covariance(kind: str, at: Vector, given: tuple[Var, ...]) -> Cumulant | None:
    """E of two parameter errors given v, over eps_p."""
    eps, same, other, entry = EPS["parameter"], (*given, k), (*given, j), entries(at)
    found = {
        "additive": Cumulant(eps, (same, same)),
        "multiplicative": Cumulant(eps * entry(j) * entry(k), (other, same)),
        "elementwise": Cumulant(eps * entry(k) ** 2, (same, same)),
        "rotated": Cumulant(eps * total(r, ROOT[r, j] * ROOT[r, k]), (other, same)),
    }
    return found.get(kind)


def residual(slots: Slots, sample: Sample, at: Vector = v, given: tuple[Var, ...] = ()) -> tuple[Term, tuple[Family, ...]]:
    """The quantized residual of one sample at a parameter, and the law of its errors in the order of averaging.

    ``given`` is what the parameter depends on: the errors' sizes do too.
    """
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
        own.insert(0, Centred(outcome=w, pairs={(name, name): Cumulant(EPS[slot] * square, ((d, *given), (d, *given)))}))
        return Symbol(name)[(w, d, *given)]

    covariance = parameter_covariance(slots.parameter, at, given)
    prediction = sample.along(at) + (term(0) if covariance is None else total(i, sample.q(i) * P[(d, *given, i)]))
    label = sample.y + error("label", slots.label, sample.y)
    before = label - prediction - error("activation", slots.activation, prediction)
    after = before + error("output", slots.output, before)
    if covariance is not None:
        shared.append(Centred(outcome=d, pairs={(P.name, P.name): covariance}))
    return after, (*own, *shared)
