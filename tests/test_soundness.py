"""The soundness corpus: no false claim is proved, most true ones are, none is refuted."""

from __future__ import annotations

import pytest

from riskbounds.proofs import Derivation, Step, check
from tests.proof_corpus import FALSE, TRUE, model


def verdict(case):
    step = Step(id="claim", claim=case.claim, rule=case.rule)
    steps = (*case.given, step)
    derivation = Derivation(name="case", theorem="", title="", steps=steps, conclusions={"claim": "claim"}, witness=model)
    return check(derivation).steps[-1].verdict


def test_sizes():
    assert len(FALSE) >= 60
    assert len(TRUE) >= 60
    assert len({case.name for case in FALSE}) == len(FALSE)


@pytest.mark.parametrize("case", FALSE, ids=lambda case: case.name)
def test_no_false_claim_is_proved(case):
    assert verdict(case).status in ("refused", "refuted")


def test_most_true_claims_are_proved(tell):
    found = {case.name: verdict(case) for case in TRUE}
    refused = {name: each.reason for name, each in found.items() if each.status != "proved"}
    tell(f"{len(TRUE) - len(refused)} of {len(TRUE)} proved; refused: {sorted(refused)}")
    assert all(each.status in ("proved", "refused") for each in found.values())
    assert len(TRUE) - len(refused) >= 50, refused


def test_the_false_claims_are_false(tell):
    """Exact counterexamples, but for functions without exact values and hypotheses that the one model does not have."""
    unrefuted = [case.name for case in FALSE if verdict(case).status != "refuted"]
    tell(f"{len(FALSE) - len(unrefuted)} of {len(FALSE)} refuted by an exact counterexample; not: {unrefuted}")
    assert len(unrefuted) <= 20
