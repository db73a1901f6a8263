"""Counterexamples are exact, and evaluated again with fifty digits before `verify` shows them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random

import mpmath
import pytest
from riskbounds.derivations import load

from riskbounds.cli import main
from riskbounds.proofs import Model, check, direction, eq, le, lt, natural, power, scalar, total
from riskbounds.terms.counterexamples import counterexample, digits
from riskbounds.terms.functions import apply
from riskbounds.terms.linear import lin
from riskbounds.verification import run as verification_run
from tests.corpus_setting import x, y

i, n, p = direction("i"), natural("n"), scalar("p")
Q = power(1 - x[i], lin(n))
MODEL = Model(
    sizes={"all": 2},
    symbols={"x": lambda k: Fraction(k + 1, 3), "y": lambda k: Fraction(k + 1, 2), "p": lambda: Fraction(2)},
)


@pytest.mark.parametrize(
    ("claim", "left", "right"),
    [
        (le(total(i, y[i]), Q), "3/2", "1"),
        (eq(Q, 1), "2/3", "1"),
        (lt(1, Q), "1", "1"),
        (le(apply("sqrt", p), Fraction(7, 5)), "1.41421", "7/5"),
    ],
    ids=str,
)
def test_a_counterexample_is_exact_and_in_digits(claim, left, right):
    found = counterexample(claim, MODEL)
    assert f"left = {left}" in found or f"(about {left})" in found
    assert f"right = {right} (about " in found


@pytest.mark.parametrize("claim", [le(Q, 1), lt(0, total(i, y[i])), eq(apply("sqrt", p) ** 2, p)], ids=str)
def test_a_true_claim_has_none(claim):
    assert counterexample(claim, MODEL) is None


def test_a_claim_without_a_value_has_none():
    assert counterexample(le(apply("unknown", p), p), MODEL) is None
    assert counterexample(le(scalar("nowhere"), p), MODEL) is None


def test_a_wrong_exact_value_is_not_shown(monkeypatch):
    """The second evaluation does not use the first: a model that counts a millionth too much is contradicted."""
    claim = le(total(i, y[i]), 1)
    assert counterexample(claim, MODEL) is not None
    exact = Model.value
    monkeypatch.setattr(Model, "value", lambda self, body, at: exact(self, body, at) * (1 + Fraction(1, 10**6)))
    assert counterexample(claim, MODEL) is None


@pytest.mark.parametrize("name", ["sharp-storage", "noise-multiplicative", "p1-corollary-4.2"])
def test_digits_agree_with_exact_values(name):
    """Over all claims of a derivation, at one value of their free variables each."""
    model, random = load(name).model(Random(1)), Random(2)
    steps = [step for step in load(name).steps if len(step.claim.gap.monomials) < 20]
    with mpmath.workdps(50):
        for step in random.sample(steps, 6):
            at = random.choice(model.assignments(step.claim))
            exact = model.value(step.claim.left, at)
            if isinstance(exact, Fraction):
                found = digits(step.claim.left, model, at)
                assert abs(found - mpmath.mpf(exact.numerator) / exact.denominator) <= mpmath.mpf(10) ** -40 * max(1, abs(found))


def test_verify_shows_it(monkeypatch, capsys):
    """The last inequality of a derivation turned round: refuted, with both sides, exit code 1."""
    derivation = load("sharp")
    last = derivation.step("upper")
    turned = replace(last, claim=le(last.claim.right, last.claim.left))
    other = replace(derivation, steps=tuple(turned if step.id == "upper" else step for step in derivation.steps))
    assert check(other).verdict == "refuted"
    monkeypatch.setattr(verification_run, "load", lambda name: other if name == "sharp" else load(name))
    monkeypatch.setattr(verification_run.os, "cpu_count", lambda: 1)
    assert main(["verify", "sharp"]) == 1
    out = capsys.readouterr()
    assert "refuted" in out.out
    assert "left = " in out.out + out.err
