"""Zou et al. 2023 against the exact risk and the sharp pair; the law of Lin et al. 2024; the empirical law of Kumar et al."""

from __future__ import annotations

from statistics import median

import numpy as np
import pytest
import sympy as sp
from oracles.p1_exact import exact_risk
from oracles.p1_problems import random_case

from riskbounds import symbols as s
from riskbounds.errors import HypothesisError
from riskbounds.evaluation.statement import statement
from riskbounds.instance import instance
from riskbounds.numerics.floats import Floats
from riskbounds.problem import GaussianSketch
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import Additive
from riskbounds.theorems.empirical import kumar_2024
from riskbounds.theorems.lin_2024 import lin_2024
from riskbounds.theorems.p1_theorem_4_1 import p1_theorem_4_1
from riskbounds.theorems.sharp_pair import sharp
from riskbounds.theorems.threshold_pair import threshold
from riskbounds.theorems.zou_2023 import zou_2023_lower, zou_2023_upper

ROUNDING = 1e-9


def evaluated(theorem, setting, side="upper"):
    """The side's value, or None where a hypothesis of it fails."""
    stated = statement(theorem, instance(setting, None))
    with Floats().working():
        evaluation = stated.at(Floats(), setting.training.steps[0])
        checks = [each for each in stated.checks(evaluation) if each.hypothesis and side in each.hypothesis.sides]
        return sum(stated.terms(side, evaluation).values()) if all(each.holds for each in checks) else None


def published(case, threshold_index=None):
    """EffBias and EffVar retyped from theory section 8, and the recalled lower bound."""
    problem, n = case.problem, case.steps
    lam, w2, step, noise = problem.lam, problem.target2, problem.step, problem.noise
    k = int(np.sum(lam >= 1 / (n * step))) if threshold_index is None else threshold_index
    bias = (w2[:k] / lam[:k]).sum() / (step * n) ** 2 + (lam[k:] * w2[k:]).sum()
    learned = w2[:k].sum() + n * step * (lam[k:] * w2[k:]).sum()
    dimension = k / n + n * step**2 * (lam[k:] ** 2).sum()
    room = 1 - 3 * step * lam.sum()
    variance = (2 * 3 * learned / (n * step * room) + noise / room) * dimension
    lower = bias / 100 + (learned / (1000 * n * step) + noise / 50) * dimension
    return 2 * bias + 2 * variance, lower, room


def check_upper(count):
    """zou >= sharp >= exact, whichever k* is taken; the ratio to the lower bound of the same paper is printed."""
    ratios, pair, found, seed = [], [], 0, 0
    while found < count:
        seed += 1
        case = random_case(seed, quantized=False, batch=1)
        value = evaluated(zou_2023_upper, case.setting)
        expected, lower, room = published(case)
        assert (value is None) == (room <= 0)
        if value is None:
            continue
        found += 1
        exact = exact_risk(case.problem, case.steps)
        assert value == pytest.approx(expected, rel=1e-9)
        assert value >= evaluated(sharp, case.setting) * (1 - ROUNDING)
        assert value >= exact * (1 - ROUNDING)
        for k in {0, 1, case.problem.lam.size // 2, case.problem.lam.size}:
            assert published(case, k)[0] >= exact * (1 - ROUNDING)
        ratios.append(value / exact)
        if case.steps >= 500:
            mine = evaluated(zou_2023_lower, case.setting, "lower")
            assert mine == pytest.approx(lower, rel=1e-9)
            assert mine <= exact * (1 + ROUNDING)
            pair.append(value / mine)
    print(f"zou-2023: {found} problems, median upper/exact {median(ratios):.3g}, largest {max(ratios):.3g}, "
          f"median upper/lower {median(pair):.0f} over {len(pair)}")  # fmt: skip
    assert 200 <= median(pair) <= 600


def test_upper():
    check_upper(60)


@pytest.mark.long
def test_upper_full():
    check_upper(600)


def test_factor_of_the_risk():
    """One direction, one iterate: R(0) - sigma^2/2 = lam w^2/2, and the bound 2 EffBias alone is 4 times that, not 2 or 8."""
    case = random_case(1, quantized=False, batch=1)
    one = case.setting.replace("training.steps", 1)
    exact = exact_risk(case.problem, 1)
    assert exact == pytest.approx(float((case.problem.lam * case.problem.target2).sum()) / 2, rel=1e-12)
    stated = statement(zou_2023_upper, instance(one, None))
    with Floats().working():
        bias = stated.terms("upper", stated.at(Floats(), 1))["bias"]
    assert bias == pytest.approx(4 * exact, rel=1e-12)  # k* = 0 at N = 1


def test_expressions_and_status():
    facts = [(theorem.status, theorem.side, theorem.usable) for theorem in (zou_2023_upper, zou_2023_lower)]
    assert facts == [("published", "upper", True), ("recalled", "lower", False)]
    uppers = {zou_2023_upper.upper, p1_theorem_4_1.upper, threshold.upper, sharp.upper}
    assert len(uppers) == 4
    assert zou_2023_lower.lower not in (threshold.lower, sharp.lower)


def test_refusals():
    good = random_case(1, quantized=False, batch=1).setting
    for changed, words in (
        (good.replace("training.batch_size", 2), "batch_size"),
        (good.replace(quantization=Quantization(data=Additive("1/100"))), "full-precision"),
        (good.replace(sketch=GaussianSketch(size=2)), "no sketch"),
    ):
        with pytest.raises(HypothesisError, match=words):
            statement(zou_2023_upper, instance(changed, changed.model_sizes[0]))


def test_lower_needs_500_iterates():
    case = random_case(1, quantized=False, batch=1)
    assert evaluated(zou_2023_lower, case.setting.replace("training.steps", 499), "lower") is None
    assert evaluated(zou_2023_lower, case.setting.replace("training.steps", 500), "lower") is not None


def test_lin_law():
    """Slopes 1 - a in M and 1/a - 1 in N gamma, our half of their risk, and no side that could pass for a bound."""
    law = lin_2024.law
    model, data = sorted(sp.Add.make_args(law), key=lambda term: term.has(s.N))
    assert sp.simplify(sp.diff(model, s.M) * s.M / model - (1 - s.a)) == 0
    assert sp.simplify(sp.diff(data, s.N) * s.N / data - (1 / s.a - 1)) == 0
    assert sp.simplify(data.subs(s.N, s.N / s.step).diff(s.step)) == 0
    assert law.subs({s.M: 1, s.N: 1, s.step: 1}) == (s.model_rate + s.data_rate) / 2
    assert (lin_2024.side, lin_2024.upper, lin_2024.lower) == ("law", None, None)


def best_bits(expression):
    """The common precision that maximises N_eff per bit."""
    bits = sp.Symbol("bits", positive=True)
    common = dict.fromkeys((s.bits_weights, s.bits_activations, s.bits_cache), bits)
    function = sp.lambdify(bits, expression.subs(common).subs(s.parameters, 1) / bits)
    grid = np.linspace(3.2, 20, 100001)
    return grid[np.argmax(function(grid))]


def test_kumar_law():
    """Joint optimum 7.0 bits with the offsets n, 3.5 without; the constants; exact rationals."""
    assert best_bits(kumar_2024.effective_parameters) == pytest.approx(7.0, abs=0.05)
    offsets = {sp.Rational(text): 0 for text in ("0.3037", "1.4072", "2.4185")}
    without = kumar_2024.effective_parameters.replace(
        lambda node: node.func is sp.exp, lambda node: sp.exp(sp.Add(*(offsets.get(term, term) for term in node.args[0].args)))
    )
    assert best_bits(without) == pytest.approx(3.5, abs=0.05)
    assert not kumar_2024.loss.has(sp.Float)
    full = {s.bits_weights: 10**4, s.bits_activations: 10**4, s.bits_cache: 10**4}
    value = float(kumar_2024.loss.subs({**full, s.parameters: 10**9, s.tokens: 2 * 10**10}))
    assert value == pytest.approx(4299 * (10**9) ** -0.4965 + 18060 * (2 * 10**10) ** -0.4965 + 2.7648, rel=1e-12)
    assert kumar_2024.status == "empirical"
    assert all(bool(relation.subs(full)) for relation in kumar_2024.domain)
    assert sum(bool(relation.subs(s.bits_activations, 3) == sp.false) for relation in kumar_2024.domain) == 1
