"""The model term of source targets and the sums that a floor leaves of them: in numbers, and refused when the law moves."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from mpmath import mp
from riskbounds.derivations import law_model_source, law_remains, load
from riskbounds.derivations.law_reading import b
from riskbounds.derivations.law_remains import POWERS, left, steepness
from riskbounds.derivations.power_law import a
from scipy.optimize import brentq

from riskbounds.asymptotics.laws import law
from riskbounds.proofs import check
from riskbounds.terms.balls import ball, enclosure
from riskbounds.terms.profiles import TAU
from riskbounds.terms.rationals import rationals

FACTOR = sp.Rational(101, 100)


def with_model_term(found):
    """The law with its model terms times 1.01."""
    terms = tuple(replace(each, short=FACTOR * each.short) if each.part == "model" else each for each in found.terms)
    return replace(found, terms=terms)


@pytest.mark.parametrize(("strip", "term"), [("rough", "model"), ("saturated", "model, saturated")])
def test_another_model_term_is_refused(strip, term, monkeypatch):
    kept = law_model_source.law_term(term)
    monkeypatch.setattr(law_model_source, "law", lambda *names, **options: with_model_term(law(*names, **options)))
    assert law_model_source.law_term(term) == kept * Fraction(101, 100)
    other = {"rough": law_model_source.rough_law, "saturated": law_model_source.saturated_law}[strip]()
    found = {result.step.id: result.verdict.status for result in check(other).steps}
    assert found["model, from above"] == found["model, from below"] == "refused"
    assert check(load(f"law-model-source-{strip}")).verdict == "proved"


@pytest.mark.parametrize("k", POWERS)
def test_the_transform_at_a_source_is_the_beta_function(k):
    """int D^k t^(s-1) dt = B(s, k - s), s = (b-1)/a, by mpmath's own Beta function."""
    for exponent, decay in ((Fraction(3, 2), Fraction(2)), (Fraction(2), Fraction(5, 2))):
        at = (decay - 1) / exponent
        found = enclosure(rationals(left(TAU) ** k).mellin(a, b), {a: ball(exponent), b: ball(decay)})
        with mp.workdps(30):
            s = mp.mpf(at.numerator) / at.denominator
            expected = mp.beta(s, k - s)
        assert abs(float(found.mid()) / float(expected) - 1) < 1e-13


def beta_sum(exponent, decay, reach, k):
    """R^(1-b)/a B((b-1)/a, k - (b-1)/a), continued."""
    s = (decay - 1) / exponent
    number = mp.gamma(s) * mp.gamma(k - s) / mp.gamma(k)
    return reach ** (1 - decay) / exponent * float(number)


@pytest.mark.parametrize("k", POWERS)
@pytest.mark.parametrize("n", [0, 1])
def test_the_sums_of_what_remains_in_numbers(k, n):
    j = steepness(k)
    if n >= j:
        assert f"D^{k} above" not in law_remains.smooth.conclusions
        return
    generator = random.Random(10 * k + n)
    for _ in range(150):
        exponent = generator.uniform(1.1, 3)
        decay = n * exponent + 1 + generator.uniform(0.03, 0.97) * exponent
        reach, M = 10 ** generator.uniform(-0.5, 3), int(10 ** generator.uniform(0, 4))
        i = np.arange(1, M + 1.0)
        found = np.sum(i**-decay / (1 + (reach / i) ** exponent) ** k)
        edge = reach**-decay + reach ** (-exponent * j)
        missing = edge + reach ** (-exponent * j) / (j * exponent + 1 - decay) + M ** (1 - decay) / (decay - 1)
        whole = beta_sum(exponent, decay, reach, k)
        assert whole - missing <= found * (1 + 1e-9)
        assert found <= (whole + edge) * (1 + 1e-9)


def test_the_model_term_of_a_source_in_numbers():
    """Both strips, kappa from its equation by root finding; the law and its remainder typed from theory section 6."""
    generator = random.Random(12)
    for _ in range(80):
        exponent, saturated = generator.uniform(1.2, 2.5), generator.random() < 0.4
        decay = exponent + 1 + generator.uniform(0.05, 2) if saturated else 1 + generator.uniform(0.05, 0.95) * exponent
        dimension = int(10 ** generator.uniform(2, 4.5))
        size = generator.randint(1, dimension // 10)
        i = np.arange(1, dimension + 1.0)
        reach = np.exp(brentq(lambda y: np.sum(1 / (1 + (i / np.exp(y)) ** exponent)) - size, -5, 15, xtol=1e-13))  # noqa: B023
        D, c_a = 1 / (1 + (reach / i) ** exponent), np.pi / exponent / np.sin(np.pi / exponent)
        exact, wanted = 0.5 * np.sum(i**-decay * D), size / c_a
        lost = 1 + reach**exponent * dimension ** (1 - exponent) / (exponent - 1)
        if saturated:
            whole = 0.5 * wanted**-exponent * np.sum(i ** (exponent - decay))
            rest = whole * exponent * lost / size + 0.5 * reach**-exponent * np.sum(i ** (exponent - decay) * D)
            more = 0.0
        else:
            whole = 0.5 * beta_sum(exponent, decay, wanted, 1)
            edge = reach**-decay + reach**-exponent
            tail = reach**-exponent / (exponent + 1 - decay) + dimension ** (1 - decay) / (decay - 1)
            rest, more = whole * (decay - 1) * lost / size + 0.5 * (edge + tail), 0.5 * edge
        assert whole - rest <= exact * (1 + 1e-9)
        assert exact <= (whole + more) * (1 + 1e-9)
