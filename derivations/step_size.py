"""sharp-step-size and moment-step-size: what the step-size conditions are for (theory section 4, step size).

sharp-step-size: with gamma mu_1 <= 1 and (ad + av) kappa < 1 the average of tr(Sigma Cov v_t) over the iterates is at most phi.
moment-step-size: kappa = sum x/(2-x) <= gamma tr Sigma, so gamma (1 + eps_bar_2) alpha tr Sigma < 1 implies (ad + av) kappa < 1
where ad + av <= (1 + eps_bar_2) alpha.
"""

from __future__ import annotations

from riskbounds.derivations import sharp_storage
from riskbounds.derivations.hypotheses import condition, conditions, named
from riskbounds.derivations.sgd import DENOMINATOR, ad, av, i, mu, x
from riskbounds.derivations.threshold_models import papers_model
from riskbounds.derivations.witnesses import sgd_model

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Claim,
    Derivation,
    Reader,
    Step,
    inherited,
    le,
    lemma,
    over,
    positive,
    scalar,
    total,
    use,
)
from riskbounds.theorems import Theorem
from riskbounds.theorems.moment_bound import DOMINATED, moment_step_size
from riskbounds.theorems.sharp_pair import sharp_step_size

LEVEL, ALPHA = 1 + scalar("eps_bar_2", "0+"), scalar("alpha")


def reader(theorem: Theorem) -> Reader:
    """Reads a condition theorem."""
    return Reader({symbols.mu: mu, symbols.contraction: lambda k: x[k], symbols.trace: total(i, mu(i))}, theorem.definitions)


def sharp_statement(theorem: Theorem) -> dict[str, Claim]:
    """The two conditions."""
    return conditions(theorem, reader(theorem))


def moment_statement(theorem: Theorem) -> dict[str, Claim]:
    """The conditions, and the sharp condition that follows from them."""
    return {**conditions(theorem, reader(theorem)), "feedback": condition(sharp_step_size.hypotheses[1], reader(sharp_step_size))}


PAPERS, LARGEST = moment_step_size.hypotheses
claims = moment_statement(moment_step_size)
sharp = Derivation(
    name="sharp-step-size",
    theorem="sharp-step-size",
    title="Step-size condition of the sharp pair",
    statement=sharp_statement,
    steps=(
        *inherited(sharp_storage.derivation, None, ("fluctuation",)),
        DENOMINATOR,
        Step(
            id="fluctuation",
            claim=sharp_storage.derivation.step("phi").claim,
            rule=lemma(sharp_storage.derivation, "fluctuation"),
            note="the average of tr(Sigma Cov v_t) over the iterates is at most phi",
        ),
    ),
    conclusions={**named(sharp_step_size, "x <= 1", "feedback"), "fluctuation": "fluctuation"},
    witness=sgd_model,
)
trace = total(i, x[i])
moment = Derivation(
    name="moment-step-size",
    theorem="moment-step-size",
    title="Step-size condition of the papers",
    statement=moment_statement,
    steps=(
        Step(
            id="papers",
            claim=claims[PAPERS.name],
            rule=Assumption("hypothesis", PAPERS.name),
        ),
        Step(id="x <= 1", claim=claims[LARGEST.name], rule=Assumption("hypothesis", LARGEST.name)),
        DENOMINATOR,
        Step(
            id="alpha dominates",
            claim=condition(DOMINATED, reader(moment_step_size)),
            rule=Assumption("hypothesis", DOMINATED.name),
        ),
        Step(
            id="kappa",
            claim=le(total(i, x[i] / (2 - x[i])), trace),
            rule=Algebra(over(i, x[i] / (2 - x[i]) * use("x <= 1"))),
            note="x/(2-x) <= x",
        ),
        Step(
            id="load",
            claim=le((ad + av) * total(i, x[i] / (2 - x[i])), LEVEL * ALPHA * trace),
            rule=Algebra(positive(trace) * use("alpha dominates") + (ad + av) * use("kappa")),
        ),
        Step(
            id="feedback",
            claim=claims["feedback"],
            rule=Algebra(use("papers") + use("load")),
        ),
    ),
    conclusions={**named(moment_step_size, "papers", "x <= 1"), "feedback": "feedback", "load": "load"},
    witness=papers_model,
)
