"""The alpha of P2's step size dominates the noise feedback: ad + av <= (1 + eps_bar_2) alpha and 1 <= alpha, for every data row.

alpha = max(c4, ad1 + av1 + 1).  With P = (1 + eps_p tau)(1 + eps_a) and O = 1 + eps_o, of the slots that are not additive,
1 + eps_bar_2 = O P; one sample has ad + av = O (ad1 + av1 + c4 (P - 1)) + O - 1 <= O P alpha - 1, and each other sample of a
batch adds O P - 1 at most.  P2's lemmas assume the two facts of the numbers ad, av, alpha and eps_bar_2; moment-step-size has
the first where residuals are centred.
"""

from __future__ import annotations

from fractions import Fraction
from random import Random

import sympy as sp
from riskbounds.derivations.batch_models import levels, scalars
from riskbounds.derivations.noise_batch import SIZE, B
from riskbounds.derivations.noise_cases import UPDATES
from riskbounds.derivations.noise_parts import ROW, read

from riskbounds import symbols as s
from riskbounds.proofs import Algebra, Assumption, Derivation, Known, Model, Step, le, positive, use
from riskbounds.theorems.moment_bound import amplification, dominating
from riskbounds.theorems.noise import assemble, moment_row

ALPHA = read(dominating(ROW))
CASES = tuple(name for name, (_, _, row) in UPDATES.items() if row is ROW)


def derivation(name: str) -> Derivation:
    """ "paper-alpha-CASE" for a choice of the update's quantizers."""
    update, sketched, _ = UPDATES[name.removeprefix("paper-alpha-")]
    noise = assemble(ROW, update, sketched=sketched)
    level, output = 1 + amplification(update, sketched=sketched), update.structures().get("output", "additive")
    last = 1 + (s.eps_o if output != "additive" else 0)
    outer, inner = read(last), read(sp.cancel(level / last))
    feedback, centred = read(noise.ad + noise.av), read(ROW.ad1 + ROW.av1 + 1)
    between = read(sp.Add(*(part.ad_between + part.av_between for part in noise.slots)))
    own = outer * use("centred") + outer * positive(inner - 1) * use("kurtosis") + positive(1)
    others = outer * inner * use("alpha >= 1") + positive(outer * inner - between)
    steps = (
        *SIZE,
        Step(id="kurtosis", claim=le(read(ROW.c4), ALPHA), rule=Known("max", (read(ROW.c4), centred))),
        Step(id="centred", claim=le(centred, ALPHA), rule=Known("max", (centred, read(ROW.c4)))),
        Step(id="alpha >= 1", claim=le(1, ALPHA), rule=Algebra(use("centred") + positive(centred - 1))),
        Step(
            id="alpha dominates",
            claim=le(feedback, read(level) * ALPHA),
            rule=Algebra(1 / B * (own + use("batch size") * others)),
        ),
    )
    return Derivation(
        name=name,
        theorem="noise constants",
        title=f"The alpha of P2's step size, {name.removeprefix('paper-alpha-')} update",
        steps=steps,
        conclusions={each: each for each in ("alpha >= 1", "alpha dominates")},
        witness=witness,
    )


def centred(name: str) -> Derivation:
    """ "moment-alpha-CASE": the same of the fourth-moment row where E[y - q^T v^q | q] = 0, for any alpha >= 1."""
    update, sketched, _ = UPDATES[name.removeprefix("moment-alpha-")]
    noise = assemble(moment_row(centred=True, lower=False), update, sketched=sketched)
    level, alpha = read(1 + amplification(update, sketched=sketched)), read(s.alpha)
    between = read(sp.Add(*(part.ad_between + part.av_between for part in noise.slots)))
    others = level * use("alpha >= 1") + positive(level - between)
    steps = (
        *SIZE,
        Step(id="alpha >= 1", claim=le(1, alpha), rule=Assumption("model", "E[q q^T A q q^T] >= Sigma A Sigma")),
        Step(
            id="alpha dominates",
            claim=le(read(noise.ad + noise.av), level * alpha),
            rule=Algebra(1 / B * use("batch size") * others),
        ),
    )
    return Derivation(
        name=name,
        theorem="noise constants",
        title=f"The alpha of the papers' step size, centred residuals, {name.removeprefix('moment-alpha-')} update",
        steps=steps,
        conclusions={"alpha dominates": "alpha dominates"},
        witness=witness,
    )


def witness(random: Random) -> Model:
    """Levels, and constants of a row; three samples a batch."""
    part = lambda: Fraction(random.randint(1, 9), 4)  # noqa: E731
    numbers = {"alpha": 1 + part(), "c4": part(), "ad1": part(), "av1": part(), "tau": 1 + part(), **levels(random)}
    return Model(sizes={"batch": 3}, symbols=scalars(numbers))
