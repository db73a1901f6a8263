"""A formula is written once: one coefficient of a theorem times 1.01 moves text, LaTeX, floats, digits and enclosures alike."""

from __future__ import annotations

import dataclasses

import flint
import mpmath
import pytest
import sympy as sp

from riskbounds import bound
from riskbounds.cli.statements import as_latex, as_text
from riskbounds.theorems import THEOREMS, latex, theorem_named
from tests.settings_for import setting_for

FACTOR = sp.Rational(101, 100)
BOUNDS = [t.name for t in THEOREMS if t.side in ("both", "upper", "lower") and t.usable]


def scaled(theorem, side):
    """The theorem with the variance term of one side multiplied by 1.01."""
    terms = theorem.terms(side)
    changed = {**terms, "variance": FACTOR * terms["variance"]}
    return dataclasses.replace(theorem, **{f"{side}_terms": changed})


def sides_of(theorem):
    return [side for side in ("lower", "upper") if theorem.terms(side) is not None]


@pytest.mark.parametrize("name", BOUNDS)
def test_every_reader_follows_the_object(name):
    theorem = theorem_named(name)
    setting = setting_for(name)
    for side in sides_of(theorem):
        other = scaled(theorem, side)
        assert latex(getattr(other, side)) != latex(getattr(theorem, side))
        assert as_text(other) != as_text(theorem)
        assert as_latex(other) != as_latex(theorem)
        for options in ({}, {"digits": 30}, {"rigorous": True}):
            before, after = (bound(setting, each, **options).rows[0] for each in (theorem, other))
            terms = [getattr(row.terms, side) for row in (before, after)]
            ratio = terms[1]["variance"].value / terms[0]["variance"].value
            risks = [getattr(row.risk, side).value for row in (before, after)]
            moved = risks[1] - risks[0] - terms[0]["variance"].value / 100
            if isinstance(ratio, flint.arb):
                assert ratio.overlaps(flint.arb("1.01"))
                assert moved.contains(0)
            else:
                assert mpmath.almosteq(ratio, mpmath.mpf("1.01"), rel_eps=1e-11)
                assert abs(moved) < 1e-14


@pytest.mark.parametrize("name", [t.name for t in THEOREMS if t.side == "law"])
def test_a_law_is_shown_from_its_object(name):
    theorem = theorem_named(name)
    other = dataclasses.replace(theorem, law=FACTOR * theorem.law)
    assert as_text(other) != as_text(theorem)
    assert as_latex(other) != as_latex(theorem)


@pytest.mark.parametrize("name", [t.name for t in THEOREMS if t.hypotheses])
def test_a_hypothesis_is_evaluated_from_its_object(name):
    """The left side of the first step-size hypothesis times 1.01 moves its margin."""
    theorem = theorem_named(name)
    if theorem.side not in ("both", "upper", "lower") or not theorem.usable:
        pytest.skip("states no bound")
    first = next(hypothesis for hypothesis in theorem.hypotheses if hypothesis.on_step_size)
    changed = dataclasses.replace(first, lhs=FACTOR * first.lhs)
    other = dataclasses.replace(theorem, hypotheses=tuple(changed if h is first else h for h in theorem.hypotheses))
    margins = [
        next(check.margin.value for check in bound(setting_for(name), each).rows[0].hypotheses if check.name == first.name)
        for each in (theorem, other)
    ]
    assert 1 - margins[1] == pytest.approx(1.01 * (1 - margins[0]), rel=1e-12)
