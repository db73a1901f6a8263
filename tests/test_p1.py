"""The P1 theorems against the exact risk on quantized inputs, their chain, and the findings that P1 reports."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from statistics import median

import numpy as np
import pytest
import sympy as sp
from oracles.p1_exact import Problem, exact_risk
from oracles.p1_problems import random_case

from riskbounds import symbols as s
from riskbounds.errors import HypothesisError
from riskbounds.evaluation.statement import statement
from riskbounds.instance import instance
from riskbounds.numerics.enclosures import Enclosures
from riskbounds.numerics.floats import Floats
from riskbounds.problem import Explicit, GaussianSketch, Isotropic
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import Additive, Elementwise, Multiplicative
from riskbounds.theorems.p1_corollary_4_1 import ALPHA_B, p1_corollary_4_1
from riskbounds.theorems.p1_corollary_4_2 import DEFINITIONS, p1_corollary_4_2
from riskbounds.theorems.p1_corollary_4_3 import BOUNDS, FLOATING_DISTORTION, INTEGER_DISTORTION, p1_corollary_4_3, rule
from riskbounds.theorems.p1_theorem_4_1 import p1_theorem_4_1, spell_out
from riskbounds.theorems.p1_theorem_4_2 import p1_theorem_4_2
from riskbounds.theorems.sharp_pair import sharp
from riskbounds.theorems.theorem import TERMS
from riskbounds.theorems.threshold_pair import threshold
from tests.p1_cases import ROUNDING, STRUCTURE, evaluated, pq_setting

UPPER = (p1_theorem_4_1, p1_corollary_4_1, p1_theorem_4_2, p1_corollary_4_3)


def check_chain(parents, theorem, count, **options):
    """On `count` problems whose hypotheses hold: upper >= each parent >= exact >= sharp's lower."""
    ratios, seed, tried = [], 0, Counter()
    while len(ratios) < count:
        seed += 1
        case = random_case(seed, **options)
        upper = evaluated(theorem, case.setting)
        tried["refused" if upper is None else "bounded"] += 1
        if upper is None:
            continue
        exact = exact_risk(case.problem, case.steps)
        chain = [upper, *(evaluated(parent, case.setting) for parent in parents), exact, evaluated(sharp, case.setting, "lower")]
        for above, below in pairwise(chain):
            assert above >= below * (1 - ROUNDING) - 1e-13, (theorem.name, seed, chain)
        ratios.append(upper / exact)
    assert tried["refused"] < tried["bounded"]
    print(f"{theorem.name}: {count} problems, median upper/exact {median(ratios):.3g}, largest {max(ratios):.3g}")


CHAINS = {
    "p1-theorem-4.1": (p1_theorem_4_1, (threshold, sharp), {}),
    "p1-corollary-4.1": (p1_corollary_4_1, (p1_theorem_4_1, threshold, sharp), {"structures": ("additive",)}),
    "p1-theorem-4.2": (p1_theorem_4_2, (p1_theorem_4_1, threshold, sharp), {"structures": ("multiplicative",)}),
    "p1-corollary-4.3": (p1_corollary_4_3, (p1_theorem_4_1, threshold, sharp), {"power_law": True, "largest": -1}),
}


@pytest.mark.parametrize("name", CHAINS)
def test_chain(name):
    theorem, parents, options = CHAINS[name]
    check_chain(parents, theorem, 30, **options)


@pytest.mark.long
@pytest.mark.parametrize("name", CHAINS)
def test_chain_full(name):
    theorem, parents, options = CHAINS[name]
    check_chain(parents, theorem, 400, **options)


def test_additive_case_is_the_parent_but_for_h():
    """With h left alone the additive corollary has the parent's value: the specialisation loses nothing else."""
    lossless = replace(p1_corollary_4_1, definitions={**p1_corollary_4_1.definitions, s.h: p1_theorem_4_1.definitions[s.h]})
    for seed in range(1, 21):
        setting = random_case(seed, structures=("additive",)).setting
        value = evaluated(lossless, setting)
        if value is not None:
            assert value == pytest.approx(evaluated(p1_theorem_4_1, setting), rel=1e-12)


def at_zero(expression, theorem, case):
    """The expression of a theorem at eps = 0, its pieces spelled out, the sum of lam_i written tr H."""
    pieces = {symbol: value for symbol, value in theorem.definitions.items() if symbol != s.A_max}
    spelled = spell_out(expression, {**pieces, s.A_max: s.noise_variance / s.B, s.ad: 2 / s.B, s.av: sp.Integer(0), **case})
    return spelled.subs(dict.fromkeys(s.EPS.values(), 0)).doit(deep=False)


def test_full_precision_is_one_statement():
    """eps = 0: theorem 4.1 with Sigma = Lam, its additive and its multiplicative case are the same expression."""
    plain = {s.mu: s.lam[s.i], s.quantized_target2: s.target2[s.i], s.trace: s.trace_H, s.approximation: sp.Integer(0)}
    for name in ("approximation", "bias", "variance"):
        parent = at_zero(p1_theorem_4_1.upper_terms[name], p1_theorem_4_1, plain)
        for child in (p1_corollary_4_1, p1_theorem_4_2):
            assert sp.expand(at_zero(child.upper_terms[name], child, {})) == sp.expand(parent), (child.name, name)


def test_constants_are_those_of_the_paper():
    assert sp.simplify(ALPHA_B - (3 / s.B + 1 - 1 / s.B)) == 0
    noise = p1_corollary_4_1.definitions[s.sigma_G2]
    for level in (s.eps_a, s.eps_o, s.eps_l):
        assert sp.expand(noise).coeff(level) == 1 / s.B
    assert sp.simplify(sp.expand(noise).coeff(s.eps_p) - s.alpha_B * (s.trace_H + s.M * s.eps_d)) == 0
    assert p1_theorem_4_2.upper_terms["approximation"] == s.eps_d / (1 + s.eps_d) * s.target_norm2 / 2
    # what stays of sigma_G^2 as B grows: the parameter's spread; the shared scales
    assert sp.limit(ALPHA_B, s.B, sp.oo) == 1
    setting = pq_setting("multiplicative", "1/100", 10, batch_scale="shared")
    for slot in ("parameter", "activation"):
        alone = setting.replace(quantization=Quantization(**{slot: Multiplicative("1/100")}, batch_scale="shared"))
        assert sp.limit(p1_theorem_4_2.noise(alone).av, s.B, sp.oo) == s.EPS[slot]


def test_terms_and_names():
    for theorem in UPPER:
        assert set(theorem.upper_terms) <= set(TERMS)
        assert theorem.side == "upper"
        assert theorem.status == "reconstruction"
    assert p1_corollary_4_2.side == "condition"
    everyone = [*UPPER, threshold, sharp]
    assert len({theorem.upper for theorem in everyone}) == len(everyone)


def refusal(theorem, setting):
    with pytest.raises(HypothesisError) as caught:
        statement(theorem, instance(setting, setting.model_sizes[0]))
    return str(caught.value)


def test_assumptions_refuse():
    good = pq_setting("additive", "1/1000", 10)
    elementwise = good.replace(quantization=Quantization(data=Elementwise("1/100")))
    mixed = good.replace(quantization=Quantization(data=Additive("1/100"), activation=Multiplicative("1/100")))
    assert "risk_inputs" in refusal(p1_theorem_4_1, good.replace(risk_inputs="clean"))
    assert "no sketch" in refusal(p1_theorem_4_1, good.replace(sketch=GaussianSketch(size=4)))
    assert "data, label" in refusal(p1_theorem_4_1, good.replace(quantization=Quantization(feature=Additive("1/100"))))
    assert "stored-weight" in refusal(p1_theorem_4_1, good.replace(quantization=Quantization(storage=Additive("1/100"))))
    assert "additive case" in refusal(p1_corollary_4_1, mixed)
    assert "multiplicative case" in refusal(p1_theorem_4_2, mixed)
    assert "multiplicative case" in refusal(p1_theorem_4_2, elementwise)
    assert "elementwise" in refusal(p1_corollary_4_2, elementwise)
    assert "power-law" in refusal(p1_corollary_4_3, good.replace(spectrum=Explicit(values=[1, "1/2"])))


def test_reference_pieces_are_the_parent_in_full_precision():
    for seed in range(1, 21):
        setting = random_case(seed, quantized=False).setting
        stated = statement(p1_theorem_4_1, instance(setting, None))
        with Floats().working():
            evaluation = stated.at(Floats(), setting.training.steps[0])
            evaluation.definitions = {**evaluation.definitions, **DEFINITIONS}
            pairs = {s.reference_bias: s.bias, s.reference_dimension: s.effective_dimension, s.reference_h: s.h}
            for mine, parents in pairs.items():
                assert evaluation.scalar(mine) == pytest.approx(evaluation.scalar(parents), rel=1e-12)
            assert evaluation.scalar(s.reference_bound) == pytest.approx(evaluation.scalar(p1_theorem_4_1.upper), rel=1e-12)


def test_power_law_bounds_one_by_one():
    """Each bound of the corollary against the sum that it bounds, for floor and for growth."""
    compared = 0
    for seed in range(1, 61):
        structure = "additive" if seed % 2 else "multiplicative"
        setting = random_case(seed, structures=(structure,), power_law=True).setting
        parent, child = (statement(theorem, instance(setting, None)) for theorem in (p1_theorem_4_1, p1_corollary_4_3))
        with Floats().working():
            sums, bounds = (stated.at(Floats(), setting.training.steps[0]) for stated in (parent, child))
            for symbol, bound in BOUNDS.items():
                exact, found = sums.scalar(symbol), bounds.scalar(bound)
                assert exact <= found * (1 + ROUNDING), (seed, symbol, exact, found)
                compared += exact > 0
    assert compared > 300


def test_dimension_stands_next_to_the_floor_only():
    """Power law: the multiplicative statement contains no dimension, the additive one grows with it (P1's Q2)."""
    floor = {s.data_floor: 0}
    assert s.M not in p1_corollary_4_3.upper.subs(floor).free_symbols
    for symbol in (s.trace, s.excess, s.target_norm2, s.quantized_norm2):
        assert s.M not in p1_corollary_4_3.definitions[symbol].subs(floor).free_symbols
    assert s.M in p1_corollary_4_3.upper.free_symbols


def stepped(setting):
    """The oracle's risk for one of P1's experiments."""
    levels = setting.quantization.levels()
    size = setting.dimension
    problem = Problem(
        lam=np.arange(1, size + 1.0) ** -float(setting.spectrum.exponent), target2=np.ones(size), noise=1.0,
        step=float(setting.training.step_size), batch=1,
        slots={slot: (level.structure, float(level.eps)) for slot, level in levels.items()},
    )  # fmt: skip
    return exact_risk(problem, setting.training.steps[0])


@pytest.mark.parametrize(
    "risk", [lambda x: evaluated(p1_corollary_4_3, x), lambda x: evaluated(p1_theorem_4_1, x), stepped],
    ids=["p1-corollary-4.3", "p1-theorem-4.1", "exact"],
)  # fmt: skip
def test_findings(risk):
    """What quantization adds: for additive it grows with eps and with d, for multiplicative with eps only and far less."""

    def added(structure, eps, dimension):
        setting = pq_setting(structure, eps, dimension, steps=1000, step="1/50")
        return float(risk(setting)) - float(risk(setting.full_precision()))

    dimensions, levels = (50, 100, 200, 400), ("1/1000", "1/200", "1/100")
    additive = [added("additive", "1/100", d) for d in dimensions]
    multiplicative = [added("multiplicative", "1/100", d) for d in dimensions]
    assert all(later > 1.02 * earlier for earlier, later in pairwise(additive)), additive
    assert max(multiplicative) <= 1.03 * min(multiplicative), multiplicative
    for structure in STRUCTURE:
        by_level = [added(structure, eps, 200) for eps in levels]
        assert 0 < by_level[0] < by_level[1] < by_level[2]
    assert additive[-1] > 2 * multiplicative[-1]


def test_rule():
    """m >= b - (a/2) log2 d, and it is the comparison of the distortions."""
    relation = rule()
    assert sp.simplify(relation.lhs - relation.rhs - (s.mantissa_bits - s.integer_bits + s.a / 2 * sp.log(s.p) / sp.log(2))) == 0
    rng = np.random.default_rng(0)
    for _ in range(100):
        values = {
            s.a: sp.Rational(int(rng.integers(11, 40)), 10), s.p: int(rng.integers(2, 10**6)),
            s.integer_bits: int(rng.integers(1, 33)), s.mantissa_bits: int(rng.integers(0, 24)),
        }  # fmt: skip
        better = bool((FLOATING_DISTORTION - INTEGER_DISTORTION).subs(values).evalf(30) <= 0)
        assert bool(relation.subs(values)) == better


def test_distortions_are_those_of_the_spectrum():
    """max (mu_i - lam_i)/lam_i read off an instance: eps, or eps d^a."""
    for structure, power in (("additive", 1), ("multiplicative", 0)):
        item = instance(pq_setting(structure, "1/64", 30), None)
        evaluation = item.evaluation(Floats())
        ratio = evaluation.sequence(s.feature_error[s.i] / s.lam[s.i])
        stated = {0: FLOATING_DISTORTION, 1: INTEGER_DISTORTION}[power]
        expected = stated.subs({s.mantissa_bits: 3, s.integer_bits: 3, s.p: 30, s.a: 2})
        assert max(ratio) == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize("structure", ["additive", "multiplicative"])
def test_enclosures_contain_the_float(structure):
    setting = pq_setting(structure, "1/1000", 20, step="1/50", target=Isotropic())
    for theorem in (p1_theorem_4_1, p1_corollary_4_1 if structure == "additive" else p1_theorem_4_2, p1_corollary_4_3):
        ball = evaluated(theorem, setting, numbers=Enclosures(256))
        assert float(ball.rad()) < 1e-40
        assert float(ball.mid()) == pytest.approx(float(evaluated(theorem, setting)), rel=1e-12)
