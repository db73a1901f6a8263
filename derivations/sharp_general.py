"""sharp-general: the sharp pair in Sigma's eigenbasis, from sharp-storage without storage errors (theory section 4)."""

from __future__ import annotations

from functools import partial

from riskbounds.derivations.hypotheses import named
from riskbounds.derivations.sgd import DENOMINATOR, i, t, w
from riskbounds.derivations.sharp_storage import derivation as parent
from riskbounds.derivations.sharp_storage import statement
from riskbounds.derivations.witnesses import sgd_model

from riskbounds.proofs import Derivation, Step, inherited, lemma, term
from riskbounds.theorems.sharp_pair import sharp_general

EXACT_STORAGE = {"eps_w": ((), term(0)), "store_error": ((t, w, i), term(0))}

derivation = Derivation(
    name="sharp-general",
    theorem="sharp-general",
    title="Sharp pair in the eigenbasis of Sigma",
    statement=statement,
    witness=partial(sgd_model, storage=False),
    steps=(
        *inherited(parent, EXACT_STORAGE),
        DENOMINATOR,
        *(
            Step(
                id=side,
                claim=statement(sharp_general)[side],
                rule=lemma(parent, side, EXACT_STORAGE),
                note="sharp-storage with eps_w = 0 and no storage errors",
            )
            for side in ("lower", "upper")
        ),
    ),
    conclusions={**named(sharp_general, "x <= 1", "feedback"), "lower": "lower", "upper": "upper"},
)
