"""The soundness corpus: no false claim is proved, most true ones are, none is refuted, and `simplify` settles none of those."""

from __future__ import annotations

import inspect
from random import Random

import pytest
import sympy as sp

from riskbounds.proofs import Claim, Derivation, Step, check
from riskbounds.proofs.certificates import Premises
from riskbounds.proofs.signs import Facts
from riskbounds.terms.convert import to_sympy
from tests.corpus_false import FALSE
from tests.corpus_identities import IDENTITIES
from tests.corpus_setting import Case, model
from tests.corpus_true import TRUE
from tests.judging import Expired, free_models, judged, time_limit


def named(cases):
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


def verdict(case: Case):
    step = Step(id="claim", claim=case.claim, rule=case.rule)
    steps = (*case.given, step)
    derivation = Derivation(name="case", theorem="", title="", steps=steps, conclusions={"claim": "claim"}, witness=model)
    return check(derivation).steps[-1].verdict


def simplified(claim: Claim) -> bool:
    """Whether SymPy's `simplify` settles the claim, with its own sums and the signs of the symbols as assumptions."""
    left, right = to_sympy(claim.left), to_sympy(claim.right)
    if claim.relation == "=":
        return sp.simplify(left - right) == 0
    wanted = sp.Le(left, right) if claim.relation == "<=" else sp.Lt(left, right)
    gap = sp.simplify(right - left)
    return sp.simplify(wanted) == sp.true or bool(gap.is_nonnegative if claim.relation == "<=" else gap.is_positive)


def test_sizes():
    assert len(FALSE) >= 60
    assert len(TRUE) >= 60
    for cases in (FALSE, (*TRUE, *IDENTITIES)):
        assert len({case.name for case in cases}) == len(cases)
        assert len({(case.claim, repr(case.rule)) for case in cases}) == len(cases)


@named(FALSE)
def test_no_false_claim_is_proved(case):
    assert verdict(case).status in ("refused", "refuted")


def test_most_true_claims_are_proved(tell):
    found = {case.name: verdict(case) for case in TRUE}
    refused = {name: each.reason for name, each in found.items() if each.status != "proved"}
    tell(f"{len(TRUE) - len(refused)} of {len(TRUE)} proved; refused: {sorted(refused)}")
    assert all(each.status in ("proved", "refused") for each in found.values())
    assert len(TRUE) - len(refused) >= 50, refused


@named(IDENTITIES)
def test_identities_are_proved(case):
    assert verdict(case).status == "proved"


@named((*TRUE, *IDENTITIES))
def test_true_claims_hold_in_exact_models(case):
    """Where their values are exact; no model is asked for hypotheses that it does not have."""
    models = [each for each in map(model, map(Random, range(5))) if all(judged(s.claim, [each]) != "false" for s in case.given)]
    assert judged(case.claim, models) != "false"


@named(TRUE)
@pytest.mark.long
def test_simplify_does_not_settle_it(case):
    try:
        with time_limit(20):
            assert not simplified(case.claim)
    except Expired:
        return


@pytest.mark.long
def test_simplify_settles_the_identities(tell):
    """So the test above asks `simplify` in a form in which it can succeed."""
    settled = [case.name for case in IDENTITIES if simplified(case.claim)]
    tell(f"simplify settles {len(settled)} of the {len(IDENTITIES)} claims set apart for it, none of the {len(TRUE)}")
    assert len(settled) >= len(IDENTITIES) - 3


def test_the_false_claims_are_false(tell):
    """Exact counterexamples, of the corpus' models or free ones; not for numbers that are not rational or undefined claims."""
    unrefuted = [case.name for case in FALSE if verdict(case).status != "refuted" and not fails_freely(case)]
    tell(f"{len(FALSE) - len(unrefuted)} of {len(FALSE)} refuted by an exact counterexample; not: {unrefuted}")
    assert len(unrefuted) <= len(FALSE) / 6


def fails_freely(case: Case) -> bool:
    """Whether the claim is false in a model of its own symbols in which what it uses holds."""
    premises = Premises({step.id: step.claim for step in case.given}, Facts())
    models = free_models(Step(id="claim", claim=case.claim, rule=case.rule), premises, tries=300, wanted=20)
    return judged(case.claim, models) == "false"


def test_sympy_answers_what_the_false_claims_say():
    """SymPy 1.14; a version that no longer does makes this fail, and the names of the cases wrong."""
    a, b, x, m, n = sp.symbols("a b x M N", positive=True)
    assert sp.limit((a * sp.exp(-a * x) + b * sp.exp(-b * x)) * sp.exp(b * x), x, sp.oo) == sp.oo
    assert m ** (0.1 * 3) / m**0.3 != 1
    assert "1/3" in inspect.getsource(sp.lambdify((), sp.Rational(1, 3)))
    assert sp.lambdify(x, 1 - (1 - x) ** 10**12)(1e-17) == 0
    assert sp.refine(sp.Max(m, n), sp.Q.le(m, n)) == sp.Max(m, n)
