"""sharp: the sharp pair where Lam and Sigma commute, from sharp-general (theory section 4).

Where they commute, L is diagonal in Sigma's eigenbasis: sum_ij L_ij Y_ij = sum_i L_ii Y_ii for every Y.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial

from riskbounds.derivations.hypotheses import conditions, named
from riskbounds.derivations.sgd import DENOMINATOR, L, i, j, mean, reader, risk, u, vq, w
from riskbounds.derivations.sharp_general import derivation as parent
from riskbounds.derivations.witnesses import sgd_model

from riskbounds import symbols
from riskbounds.numerics import blocks
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Claim,
    Derivation,
    Reader,
    Step,
    Symbol,
    Term,
    Var,
    eq,
    inherited,
    le,
    lemma,
    total,
    use,
)
from riskbounds.theorems import Theorem
from riskbounds.theorems.sharp_pair import sharp

Y = Symbol("Y", "free")
HALF = Fraction(1, 2)


def commuting_reader(theorem: Theorem) -> Reader:
    """The reader of :mod:`riskbounds.derivations.sgd`, with the error functional in its diagonal form."""
    read = reader(theorem)
    read.meanings[symbols.cross] = lambda k: L(k, k) * mean(vq[w, k] * (u[w, k] - vq[w, k]))
    read.meanings[symbols.shrinkage] = total(i, L(i, i) * mean((vq[w, i] - u[w, i]) ** 2))
    return read


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The registered theorem as claims."""
    read = commuting_reader(theorem)
    return {**conditions(theorem, read), "lower": le(read(theorem.lower), risk), "upper": le(risk, read(theorem.upper))}


def g(k: Var) -> Term:
    """The block g of direction k."""
    return reader(sharp)(blocks.g(symbols.contraction[symbols.i], symbols.N), {symbols.i: k})


def diagonal(body: Term) -> Certificate:
    """sum_ij L_ij Y_ij = sum_i L_ii Y_ii for Y_ij = body."""
    return use("commute", {}, {"Y": ((i, j), body)})


COLLAPSE = (
    HALF * diagonal(mean((vq[w, i] - u[w, i]) * (vq[w, j] - u[w, j])))
    + HALF * diagonal(g(i) * g(j) * mean(vq[w, i] * vq[w, j]))
    + diagonal(g(i) * mean(vq[w, i] * (u[w, j] - vq[w, j])))
)

COMMUTE = Step(
    id="commute",
    claim=eq(total(i, total(j, L(i, j) * Y[i, j])), total(i, L(i, i) * Y[i, i])),
    rule=Assumption("hypothesis", "Lam and Sigma commute"),
)

derivation = Derivation(
    name="sharp",
    theorem="sharp",
    title="Sharp pair",
    statement=statement,
    witness=partial(sgd_model, storage=False, diagonal=True),
    steps=(
        *inherited(parent),
        DENOMINATOR,
        COMMUTE,
        *(Step(id=f"general {side}", claim=parent.step(side).claim, rule=lemma(parent, side)) for side in ("lower", "upper")),
        Step(id="upper", claim=statement(sharp)["upper"], rule=Algebra(use("general upper") + COLLAPSE)),
        Step(id="lower", claim=statement(sharp)["lower"], rule=Algebra(use("general lower") - COLLAPSE)),
    ),
    conclusions={**named(sharp, "x <= 1", "feedback"), "lower": "lower", "upper": "upper"},
)
