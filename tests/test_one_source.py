"""A formula is written once: one coefficient of a theorem times 1.01 moves text, LaTeX, JSON and numbers alike.

Coefficients are those of the terms, of each definition, of each hypothesis and of each slot's noise constants.
"""

from __future__ import annotations

import dataclasses
import random
from fractions import Fraction
from functools import cache

import flint
import pytest
import sympy as sp

from riskbounds import bound
from riskbounds import symbols as s
from riskbounds.cli.statements import as_dict, as_latex, as_text, definitions
from riskbounds.evaluation.statement import statement
from riskbounds.instance import instance, moments_of
from riskbounds.numerics import Digits, Enclosures, Floats
from riskbounds.theorems import THEOREMS, latex, theorem_named
from riskbounds.theorems.noise import of_slots
from tests.settings_for import setting_for

FACTOR = sp.Rational(101, 100)
NUMBERS = {"float64": Floats(), "digits": Digits(30), "enclosures": Enclosures(192)}
SETTLED = {"float64": 1e-11, "digits": 1e-25, "enclosures": 1e-25}
NAMES = [theorem.name for theorem in THEOREMS]
BOUNDS = [t.name for t in THEOREMS if t.side in ("both", "upper", "lower") and t.usable]
STATED = [t.name for t in THEOREMS if t.side != "law"]
CONSTANTS = ("A1", "ad1", "av1", "A1low", "adlow1", "A_between", "ad_between", "av_between", "Alow_between")


#: The quick run takes one coefficient of every theorem, drawn by its name; the long run takes all.
REACH = pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.long)])


def picked(items, name, every):
    """All items, or one of them."""
    found = list(items)
    return found if every or not found else [random.Random(name).choice(found)]


def small(name):
    """Few directions are enough, unless the theorem wants some left to learn."""
    return setting_for(name, size=20 if name.startswith("p2-theorem") else 5)


@cache
def an_instance(name):
    setting = small(name)
    size = setting.model_sizes[0]
    return instance(setting, size, None if setting.sketch is None else moments_of(setting, size))


def on_an_instance(theorem):
    return statement(theorem, an_instance(theorem.name))


@cache
def shown(name):
    return readers(theorem_named(name))


def readers(theorem):
    return as_text(theorem), as_latex(theorem), as_dict(theorem)


def everything_shown_differs(theorem, other):
    for one, two in zip(shown(theorem.name), readers(other), strict=True):
        assert one != two


def evaluated(stated, numbers, symbol, steps=1000):
    """The value of a defined symbol, of a sequence the last one."""
    asked = symbol[s.i] if isinstance(symbol, sp.IndexedBase) else symbol
    with numbers.working():
        return stated.at(numbers, steps)(asked).reshape(-1)[-1]


def relative(value, truth):
    """|value/truth - 1| as a float, for enclosures the largest that the balls allow."""
    if isinstance(value, flint.arb):
        with flint.ctx.workprec(300):
            return float(abs(value / truth - 1).upper())
    return float(abs(value / truth - 1))


def moved_by_the_factor(before, after, system):
    """Whether a number is 1.01 times what it was, or both are 0."""
    with flint.ctx.workprec(300):
        wanted = before * 101 / 100
        if bool(before == 0):
            return bool(after == 0)
        return relative(after, wanted) < SETTLED[system]


@pytest.mark.parametrize("name", BOUNDS)
@REACH
def test_terms(name, every):
    """The variance term of each side, through the rows of bound."""
    theorem, setting = theorem_named(name), small(name)
    for side in picked((side for side in ("lower", "upper") if theorem.terms(side) is not None), name, every):
        terms = theorem.terms(side)
        other = dataclasses.replace(theorem, **{f"{side}_terms": {**terms, "variance": FACTOR * terms["variance"]}})
        assert latex(getattr(other, side)) != latex(getattr(theorem, side))
        everything_shown_differs(theorem, other)
        for system, options in {"float64": {}, "digits": {"digits": 30}, "enclosures": {"rigorous": True}}.items():
            before, after = (bound(setting, each, **options).rows[0] for each in (theorem, other))
            parts = [getattr(row.terms, side)["variance"].value for row in (before, after)]
            assert moved_by_the_factor(*parts, system)
            risks = [getattr(row.risk, side).value for row in (before, after)]
            moved = risks[1] - risks[0] - parts[0] / 100
            assert moved.contains(0) if isinstance(moved, flint.arb) else abs(moved) < 1e-14


@pytest.mark.parametrize("name", [t.name for t in THEOREMS if t.definitions])
@REACH
def test_definitions(name, every):
    """Each definition that the theorem reaches: its value, and whatever stands on it."""
    theorem = theorem_named(name)
    reached = definitions(theorem)
    for symbol, expression in picked(reached.items(), name, every):
        other = dataclasses.replace(theorem, definitions={**theorem.definitions, symbol: FACTOR * expression})
        everything_shown_differs(theorem, other)
        if name not in STATED or (theorem.side not in ("condition",) and not theorem.usable):
            continue
        pair = on_an_instance(theorem), on_an_instance(other)
        for system, numbers in NUMBERS.items():
            assert moved_by_the_factor(*(evaluated(stated, numbers, symbol) for stated in pair), system)


@pytest.mark.parametrize("name", STATED)
@REACH
def test_hypotheses(name, every):
    """The left side of each hypothesis moves its margin: conditions too, which state nothing else; 0 < b has none."""
    theorem = theorem_named(name)
    for number, hypothesis in picked(enumerate(theorem.hypotheses), name, every):
        side = "lhs" if hypothesis.lhs != 0 else "rhs"
        changed = dataclasses.replace(hypothesis, **{side: FACTOR * getattr(hypothesis, side)})
        other = dataclasses.replace(
            theorem, hypotheses=tuple(changed if n == number else each for n, each in enumerate(theorem.hypotheses))
        )
        everything_shown_differs(theorem, other)
        for system, numbers in NUMBERS.items() if side == "lhs" else ():
            ratios = [ratio_of(on_an_instance(each), numbers, hypothesis.name) for each in (theorem, other)]
            assert moved_by_the_factor(*ratios, system)


def ratio_of(stated, numbers, name):
    """lhs/rhs of a hypothesis."""
    with numbers.working():
        return next(1 - each.margin for each in stated.checks(stated.at(numbers, 1000)) if each.name == name)


def with_noise(theorem, change):
    """The theorem with every noise constant's object changed."""
    return dataclasses.replace(theorem, noise=lambda setting: change(theorem.noise(setting)))


def scaled_constant(slot_name, field):
    """One coefficient of one slot times 1.01, and the totals made from the slots again."""

    def change(noise):
        slots = tuple(
            dataclasses.replace(slot, **{field: FACTOR * getattr(slot, field)}) if slot.slot == slot_name else slot
            for slot in noise.slots
        )
        totals = of_slots(slots, bounded=noise.Alow is not None)
        return dataclasses.replace(noise, **{name: getattr(totals, name) for name in ("A", "ad", "av", "Alow", "adlow", "slots")})

    return change


def slot_constants(name):
    noise = theorem_named(name).noise(setting_for(name))
    fields = [field for field in CONSTANTS if noise.Alow is not None or "low" not in field]
    return [(slot.slot, field) for slot in noise.slots for field in fields if getattr(slot, field) != 0]


@pytest.mark.parametrize("name", [t.name for t in THEOREMS if t.noise is not None])
@REACH
def test_noise_constants(name, every):
    """Each coefficient of each slot: shown in its scheme, and in the total of its kind in every number system."""
    theorem = theorem_named(name)
    before = on_an_instance(theorem)
    for slot, field in picked(slot_constants(name), name, every):
        other = with_noise(theorem, scaled_constant(slot, field))
        everything_shown_differs(theorem, other)
        after = on_an_instance(other)
        kind = {"A1low": "Alow", "adlow1": "adlow"}.get(field, field.removesuffix("_between").removesuffix("1"))
        part = getattr(next(each for each in before.noise.slots if each.slot == slot), field)
        others = setting_for(name).training.batch_size - 1
        weight = Fraction(others if field.endswith("_between") else 1, others + 1) / 100
        for system, numbers in NUMBERS.items():
            with numbers.working():
                values = [evaluated(stated, numbers, getattr(s, kind)) for stated in (before, after)]
                share = before.at(numbers, 1000)(part).reshape(-1)[-1] * numbers.number(weight)
                assert float(abs(values[1] - values[0] - share)) <= SETTLED[system] * float(abs(values[0]))
                assert others == 0 or share != 0


@pytest.mark.parametrize("name", [t.name for t in THEOREMS if t.noise is not None])
@REACH
def test_conditions_on_levels(name, every):
    """Each condition of the noise constants (the largest levels of P1 Corollary 4.2 among them) is shown and evaluated."""
    theorem = theorem_named(name)
    conditions = theorem.noise(setting_for(name)).hypotheses
    for each in picked(conditions, name, every):

        def change(noise, name=each.name):
            return dataclasses.replace(
                noise,
                hypotheses=tuple(
                    dataclasses.replace(other, rhs=FACTOR * other.rhs) if other.name == name else other
                    for other in noise.hypotheses
                ),
            )

        other = with_noise(theorem, change)
        everything_shown_differs(theorem, other)
        for system, numbers in NUMBERS.items():
            ratios = [ratio_of(on_an_instance(theory), numbers, each.name) for theory in (other, theorem)]
            assert moved_by_the_factor(*ratios, system)


@pytest.mark.parametrize("name", [t.name for t in THEOREMS if t.side == "law"])
def test_a_law_is_shown_from_its_object(name):
    theorem = theorem_named(name)
    everything_shown_differs(theorem, dataclasses.replace(theorem, law=FACTOR * theorem.law))


@pytest.mark.parametrize("name", [t.name for t in THEOREMS if not t.usable])
def test_a_recalled_theorem_is_shown_from_its_object(name):
    theorem = theorem_named(name)
    terms = {**theorem.lower_terms, "variance": FACTOR * theorem.lower_terms["variance"]}
    everything_shown_differs(theorem, dataclasses.replace(theorem, lower_terms=terms))
