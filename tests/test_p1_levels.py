"""P1 Corollary 4.2: levels at their largest keep the order of the full-precision bound, above them a condition fails."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest
import sympy as sp
from oracles.p1_problems import random_case

from riskbounds import symbols as s
from riskbounds.evaluation.statement import statement
from riskbounds.instance import instance
from riskbounds.numerics.floats import Floats
from riskbounds.quantization.slots import Quantization
from riskbounds.theorems.p1_corollary_4_2 import DEFINITIONS, FACTOR, LARGEST, p1_corollary_4_2
from riskbounds.theorems.p1_theorem_4_1 import SLOTS, p1_theorem_4_1
from tests.p1_cases import ROUNDING, STRUCTURE, evaluated


def levels_hold(setting):
    """Whether every hypothesis of Corollary 4.2 holds."""
    stated = statement(p1_corollary_4_2, instance(setting, None))
    with Floats().working():
        return all(each.holds for each in stated.checks(stated.at(Floats(), setting.training.steps[0])))


def at_largest(setting, slots, structure, share):
    """The setting with each level at `share` of its largest: the data level first, since tr Sigma holds it."""
    levels, fourth = {}, sp.Integer(3)
    for slot in slots:
        current = setting.replace(quantization=Quantization(**levels, batch_scale="shared"))
        stated = statement(p1_corollary_4_2, instance(current, None))
        if structure == "multiplicative" and "data" in levels:
            eps = sp.Rational(levels["data"].eps)
            fourth = 3 * (1 + 6 * eps + eps**2) / (1 + eps) ** 2
        with Floats().working():
            evaluation = stated.at(Floats(), setting.training.steps[0])
            largest = evaluation.scalar(LARGEST[structure][slot].xreplace({s.alpha: fourth}))
        levels[slot] = STRUCTURE[structure](float(largest) * share)
    return setting.replace(quantization=Quantization(**levels, batch_scale="shared"))


def factors_hold(setting):
    """Every inequality of the corollary's proof, one by one."""
    stated = statement(p1_theorem_4_1, instance(setting, None))
    with Floats().working():
        evaluation = stated.at(Floats(), setting.training.steps[0])
        evaluation.definitions = {**evaluation.definitions, **DEFINITIONS}
        pairs = (
            (s.bias, s.reference_bias),
            (s.h, s.reference_h),
            (s.effective_dimension, sp.Rational(9, 4) * s.reference_dimension),
            (s.B * (s.sigma_G2 + s.ad * s.h), sp.Rational(16, 5) * s.reference_noise),
            (s.excess, s.reference_bound + s.reference_bias),
            ((1 - 2 * s.step * s.trace_H / s.B) / 2, 1 - s.step * (s.ad + s.av) * s.trace),
        )
        for below, above in pairs:
            assert evaluation.scalar(below) <= evaluation.scalar(above) * (1 + ROUNDING), (below, above)


def check_order(count):
    """Levels at their largest: the bound is at most FACTOR times the full-precision bound; above them a condition fails."""
    worst, found = {"additive": 0.0, "multiplicative": 0.0}, 0
    for seed in range(1, count + 1):
        plain = random_case(seed, quantized=False).setting
        plain = plain.replace("training.step_size", plain.training.step_size / 4)
        structure = "additive" if seed % 2 else "multiplicative"
        setting = at_largest(plain, SLOTS, structure, 0.999)
        if not levels_hold(setting):
            continue
        found += 1
        factors_hold(setting)
        ratio = evaluated(p1_theorem_4_1, setting) / evaluated(p1_theorem_4_1, plain)
        assert ratio <= FACTOR, (seed, ratio)
        worst[structure] = max(worst[structure], ratio)
        for slot in SLOTS:
            level = setting.quantization.get(slot)
            above = setting.replace(quantization=Quantization(**{
                **{other: setting.quantization.get(other) for other in SLOTS}, slot: type(level)(float(level.eps) * 1.01)
            }, batch_scale="shared"))  # fmt: skip
            assert not levels_hold(above), (seed, slot)
    assert found >= 2 * count // 3
    print(f"p1-corollary-4.2: {found} problems, largest quantized/full-precision bound {worst}, stated {FACTOR}")
    assert all(value > 1.02 for value in worst.values())


def test_every_slot_keeps_to_its_share():
    """One slot alone at its largest level adds a quarter of the full-precision noise; half for output scales, additive data."""
    most = Counter()
    for seed in range(1, 25):
        plain = random_case(seed, quantized=False).setting
        for structure, slot in product(STRUCTURE, SLOTS):
            setting = at_largest(plain, (slot,), structure, 0.999)
            stated = statement(p1_theorem_4_1, instance(setting, None))
            with Floats().working():
                evaluation = stated.at(Floats(), setting.training.steps[0])
                evaluation.definitions = {**evaluation.definitions, **DEFINITIONS}
                share = evaluation.scalar(s.B * (s.sigma_G2 + s.ad * s.h) / s.reference_noise) - 1
            allowed = 0.5 if (structure, slot) in (("multiplicative", "output"), ("additive", "data")) else 0.25
            assert share <= allowed, (seed, structure, slot, share)
            most[structure, slot] = max(most[structure, slot], share)
    most.pop(("additive", "data"))  # there the floor under the spectrum binds, not the noise
    assert min(most.values()) > 0.09, most  # no condition far stricter than its share


def test_levels_keep_the_order():
    check_order(12)


@pytest.mark.long
def test_levels_keep_the_order_full():
    check_order(300)
