"""Sums over the directions of number at most r, r <= M: what a weight that is 1 up to r and 0 from r + 1 on leaves.

The weight max(0, min(1, r + 1 - i)) is a function of the number i alone, so a sum over all directions becomes one over 1, ..., M.
"""

from __future__ import annotations

from riskbounds.derivations.energies import number, size
from riskbounds.derivations.lemma_models import kept_model
from riskbounds.derivations.sgd import i

from riskbounds.proofs import (
    Algebra,
    Assumption,
    Derivation,
    Induction,
    Known,
    Step,
    Symbol,
    Term,
    at_least_max,
    at_most_min,
    below,
    le,
    lin,
    natural,
    over,
    parameter,
    positive,
    term,
    total,
    use,
)
from riskbounds.terms.functions import apply

r_kept = parameter("r_kept")
m, t = natural("m"), natural("t")
F = Symbol("F", "0+")


def kept(o: object) -> Term:
    """1 for a number o <= r, 0 for o >= r + 1."""
    return apply("max", 0, apply("min", 1, term(r_kept) + 1 - term(o)))


def weighted(limit: object) -> Term:
    """Sum of the kept terms among the first ``limit``."""
    s = below("s", limit)
    return total(s, kept(s + 1) * F(s).term)


#: Of every direction: its weight is at most 1, and none of a number above r is kept.
AT_MOST_ONE = Step(
    id="kept at most 1",
    claim=le(kept(number[i]), 1),
    rule=Algebra(
        at_least_max(term(1), {term(0): positive(1), apply("min", 1, r_kept + 1 - number[i]): use("inner weight at most 1")})
    ),
)
INNER = Step(
    id="inner weight at most 1",
    claim=le(apply("min", 1, r_kept + 1 - number[i]), 1),
    rule=Known("min", (term(1), r_kept + 1 - number[i])),
)
WHOLE = Step(
    id="kept up to r",
    claim=le(kept(number[i]) * number[i], kept(number[i]) * r_kept),
    rule=Assumption("model", "the number of a direction is a natural number"),
)
directions = (INNER, AT_MOST_ONE, WHOLE)

s_r, beyond = below("s", r_kept), term(r_kept) - size - t
first, past = apply("min", 1, term(r_kept) - s_r), apply("min", 1, beyond)
steps = (
    Step(id="r <= M", claim=le(r_kept, term(size)), rule=Assumption("hypothesis", "r <= M")),
    Step(
        id="kept",
        claim=le(first, kept(s_r + 1)),
        rule=Known("max", (first, term(0))),
    ),
    Step(id="inner weight past M", claim=le(past, beyond), rule=Known("min", (beyond, term(1)))),
    Step(
        id="longer sums",
        claim=le(total(s_r, F(s_r).term), weighted(t + r_kept)),
        rule=Induction(
            t,
            base=over(
                s_r,
                F(s_r).term
                * (use("kept") + at_most_min(term(1), {term(1): positive(0), term(r_kept) - s_r: positive(r_kept - s_r - 1)})),
            ),
            step=use("ih") + positive(kept(t + r_kept + 1) * F(t + r_kept).term),
        ),
    ),
    Step(
        id="nothing past M",
        claim=le(weighted(size + t), weighted(size)),
        rule=Induction(
            t,
            step=use("ih")
            + F(size + t).term
            * at_least_max(term(0), {term(0): positive(0), past: use("inner weight past M") + use("r <= M") + positive(t)}),
        ),
    ),
    Step(
        id="kept sum",
        claim=le(total(s_r, F(s_r).term), weighted(size)),
        rule=Algebra(use("longer sums", {t: size}) + use("nothing past M", {t: lin(r_kept)})),
    ),
)
derivation = Derivation(
    name="first-directions",
    theorem="",
    title="Sum over the directions of number at most r",
    steps=steps,
    conclusions={"kept sum": "kept sum"},
    witness=kept_model,
)
