"""sharp-step-size and moment-step-size: what the step-size conditions are for (theory section 4, step size).

sharp-step-size: with gamma mu_1 <= 1 and (ad + av) kappa < 1 the average of tr(Sigma Cov v_t) over the iterates is at most phi.
moment-step-size: kappa = sum x/(2-x) <= gamma tr Sigma, so gamma (1 + eps_bar_2) alpha tr Sigma < 1 implies (ad + av) kappa < 1
whenever ad + av <= (1 + eps_bar_2) alpha.
"""

from __future__ import annotations

from riskbounds.derivations import sharp_storage
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
    lt,
    over,
    positive,
    scalar,
    total,
    use,
)
from riskbounds.theorems import Hypothesis, Theorem
from riskbounds.theorems.moment_bound import moment_step_size
from riskbounds.theorems.sharp_pair import sharp_step_size

LEVEL, ALPHA = 1 + scalar("eps_bar_2", "0+"), scalar("alpha")


def condition(hypothesis: Hypothesis, theorem: Theorem) -> Claim:
    """A hypothesis lhs <= rhs as a claim, gamma mu_1 <= 1 as gamma mu_i <= 1 for every i."""
    read = Reader({symbols.mu: mu, symbols.contraction: lambda k: x[k], symbols.trace: total(i, mu(i))}, theorem.definitions)
    left, right = (read(side.subs(symbols.mu[1], symbols.mu[symbols.i])) for side in (hypothesis.lhs, hypothesis.rhs))
    return lt(left, right) if hypothesis.strict else le(left, right)


def conditions(theorem: Theorem) -> list[Claim]:
    """All hypotheses of a condition theorem."""
    return [condition(hypothesis, theorem) for hypothesis in theorem.hypotheses]


def sharp_statement(theorem: Theorem) -> dict[str, Claim]:
    """The two conditions."""
    first, feedback = conditions(theorem)
    return {"first": first, "feedback": feedback}


def moment_statement(theorem: Theorem) -> dict[str, Claim]:
    """The two conditions, and the sharp condition that follows from them."""
    papers, first = conditions(theorem)
    return {"papers": papers, "first": first, "feedback": condition(sharp_step_size.hypotheses[1], sharp_step_size)}


LARGEST_STEP = Step(
    id="x <= 1", claim=sharp_statement(sharp_step_size)["first"], rule=Assumption("hypothesis", "gamma mu_1 <= 1")
)
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
    conclusions={"first": "x <= 1", "feedback": "feedback", "fluctuation": "fluctuation"},
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
            claim=moment_statement(moment_step_size)["papers"],
            rule=Assumption("hypothesis", "gamma < 1/((1 + eps_bar_2) alpha tr Sigma)"),
        ),
        LARGEST_STEP,
        DENOMINATOR,
        Step(
            id="alpha dominates",
            claim=le(ad + av, LEVEL * ALPHA),
            rule=Assumption("hypothesis", "ad + av <= (1 + eps_bar_2) alpha"),
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
            claim=moment_statement(moment_step_size)["feedback"],
            rule=Algebra(use("papers") + use("load")),
        ),
    ),
    conclusions={"papers": "papers", "first": "x <= 1", "feedback": "feedback", "load": "load"},
    witness=papers_model,
)
