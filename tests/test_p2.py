"""The theorems of P2, and moment: chains child - parent - exact, explicit sums, effective sizes, full precision."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, pairwise

import numpy as np
import pytest
import sympy as sp
from oracles.p2_cases import FAMILIES, Case, oracle_problem, random_case
from oracles.p2_exact import risks

from riskbounds import symbols as s
from riskbounds.errors import HypothesisError
from riskbounds.evaluation.statement import statement
from riskbounds.instance import instance
from riskbounds.numerics import Digits, Enclosures, Floats
from riskbounds.problem import Explicit, GaussianSketch, Isotropic, PowerLaw, Training
from riskbounds.quantization import Additive, Elementwise, Multiplicative, Quantization
from riskbounds.setting import Setting
from riskbounds.theorems.moment_bound import PAPER_LOAD, moment
from riskbounds.theorems.p2_lemma_5_1 import lemma_5_1
from riskbounds.theorems.p2_lemma_5_2 import PROPORTIONAL, lemma_5_2
from riskbounds.theorems.p2_lemma_5_3 import lemma_5_3
from riskbounds.theorems.p2_lemma_5_4 import lemma_5_4
from riskbounds.theorems.p2_theorem_4_1 import theorem_4_1
from riskbounds.theorems.p2_theorem_4_2 import theorem_4_2
from riskbounds.theorems.p2_theorem_4_3 import theorem_4_3
from riskbounds.theorems.p2_theorem_4_4 import theorem_4_4
from riskbounds.theorems.sharp_pair import sharp_general
from riskbounds.theorems.theorem import TERMS
from riskbounds.theorems.threshold_pair import threshold_general

NINE = (lemma_5_1, lemma_5_2, lemma_5_3, lemma_5_4, theorem_4_1, theorem_4_2, theorem_4_3, theorem_4_4, moment)
ROUNDING = 1e-9

#: Parents before children, per side and per kind of feature errors.
UPPER = {
    "relative": (sharp_general, threshold_general, lemma_5_1, lemma_5_2, lemma_5_3, theorem_4_1),
    "additive": (sharp_general, threshold_general, lemma_5_1, lemma_5_4, theorem_4_2),
}
LOWER = {
    "relative": (sharp_general, lemma_5_1, lemma_5_2, lemma_5_3, theorem_4_3),
    "additive": (sharp_general, lemma_5_1, lemma_5_4, theorem_4_4),
}


EVERYONE = {theorem.name: theorem for theorem in (*NINE, sharp_general, threshold_general)}


@lru_cache(maxsize=4)
def instance_of(setting, size):
    return instance(setting, size)


@lru_cache(maxsize=32)
def stated(name, setting, size):
    return statement(EVERYONE[name], instance_of(setting, size))


@lru_cache(maxsize=64)
def evaluation_of(name, setting, size, steps):
    """A statement's evaluation in float64 and the sides that a failing hypothesis takes away."""
    found = stated(name, setting, size)
    evaluation = found.at(Floats(), steps)
    failing = [each.hypothesis.sides for each in found.checks(evaluation) if each.hypothesis and not each.holds]
    return evaluation, {side for sides in failing for side in sides}


def evaluated(theorem, case, steps, side, extra=()):
    """The side's value (None where a hypothesis of it fails), then the values of further expressions."""
    with np.errstate(all="ignore"):
        evaluation, null = evaluation_of(theorem.name, case.setting, case.size, steps)
        terms = stated(theorem.name, case.setting, case.size).terms(side, evaluation)
        value = sum(terms.values()) if terms is not None and side not in null else None
        return (value, *(evaluation.scalar(expression) for expression in extra)) if extra else value


def with_step(case: Case) -> Case:
    """The case at its fraction of the papers' largest step size; rounded, so the fraction is approximate."""
    _, load = evaluated(lemma_5_1, case, 2, "upper", (PAPER_LOAD,))
    step = Fraction(case.fraction * float(case.setting.training.step_size) / load).limit_denominator(10**9)
    return replace(case, setting=case.setting.replace("training.step_size", step))


def kind_of(case: Case) -> str:
    """Which lemma covers the features: "relative" 5.3, "additive" 5.4 (exact features too)."""
    found = {kind for slot, (kind, _) in case.slots.items() if slot in ("data", "sketch", "feature")}
    return "relative" if found and found <= {"multiplicative", "elementwise"} else "additive"


def chain(case: Case, steps: int, exact: float | None, uppers=None, lowers=None) -> list[float]:
    """Values that must increase: lower bounds from child to parent, the exact risk, upper bounds from parent to child."""
    kind = kind_of(case)
    below = [evaluated(theorem, case, steps, "lower") for theorem in reversed(lowers or LOWER[kind])]
    above = [evaluated(theorem, case, steps, "upper") for theorem in (uppers or UPPER[kind])]
    assert None not in above
    return [value for value in (*below, exact, *above) if value is not None]


def check_chains(count, seed=0, largest=12, **theorems):
    rng = np.random.default_rng(seed)
    for number in range(count):
        case = with_step(random_case(rng, FAMILIES[number % len(FAMILIES)], largest))
        few = int(10 ** rng.uniform(0, 2.3))
        many = int(10 ** rng.uniform(2, 5))
        exact = risks(oracle_problem(case), [few])[0] if largest <= 12 else None
        for steps, value in ((few, exact), (many, None)):
            values = chain(case, steps, value, **theorems)
            for low, high in pairwise(values):
                assert low <= high * (1 + ROUNDING) + 1e-13, (number, case, steps, values)
        upper = evaluated(moment, case, few, "upper")
        assert exact is None or upper is None or upper >= exact * (1 - ROUNDING), (number, case)


def test_chains():
    check_chains(25)


def test_chains_of_larger_problems():
    check_chains(10, seed=1, largest=60)


def test_floating_point_behind_a_sketch_is_a_floor():
    """Elementwise sketch or feature errors behind a sketch: Lemma 5.4 and its children cover them, in the same order."""
    for number, slot in enumerate(("feature", "sketch")):
        quantization = Quantization(**{slot: Elementwise("0.02"), "parameter": Elementwise("0.01")})
        case = with_step(replace(plain(quantization, p=150, sketch=GaussianSketch(size=40, seed=number)), fraction=0.5))
        for steps in (3, 300, 30000):
            values = chain(case, steps, None, UPPER["additive"], LOWER["additive"])
            assert len(values) >= 8
            assert all(low <= high * (1 + ROUNDING) for low, high in pairwise(values))


@pytest.mark.long
def test_chains_full():
    check_chains(400, seed=2)
    check_chains(150, seed=3, largest=60)


def plain(quantization=None, *, a=Fraction(3, 2), p=200, noise=1, step=Fraction(1, 50), batch=1, sketch=None):
    setting = Setting(
        spectrum=PowerLaw(exponent=a, dimension=p), target=Isotropic(), noise_variance=noise, sketch=sketch,
        training=Training(steps=2, step_size=step, batch_size=batch), quantization=quantization or Quantization(),
    )  # fmt: skip
    slots = {slot: (level.structure, float(level.eps)) for slot, level in setting.quantization.levels().items()}
    return Case(setting=setting, slots=slots, fraction=1.0)


def test_lemma_5_1_is_tight_where_little_or_everything_is_learned():
    for quantization in (Quantization(), Quantization(output=Multiplicative("0.3"), activation=Additive("0.2"))):
        case = plain(quantization, p=4, step=Fraction(1, 10**6))
        assert evaluated(lemma_5_1, case, 10, "upper") == pytest.approx(risks(oracle_problem(case), [10])[0], rel=2e-4)
        case = plain(quantization, p=2, step=Fraction(1, 100))
        exact = risks(oracle_problem(case), [3000])[0]
        assert exact <= evaluated(lemma_5_1, case, 3000, "upper") <= 1.3 * exact


@pytest.mark.parametrize("a", [Fraction(3, 2), Fraction(2), Fraction(5, 2)])
def test_multiplicative_data_terms_have_the_published_exponent(a):
    """4.1 and 4.3: the data term is C (gamma N_eff)^{1/a-1} with N_eff/N independent of N, so its log-slope is 1/a - 1."""
    case = plain(Quantization(data=Multiplicative("0.1"), parameter=Multiplicative("0.05"), output=Additive("0.1")), a=a, p=3000)
    for theorem, side in ((theorem_4_1, "upper"), (theorem_4_3, "lower")):
        found = []
        for steps in (2000, 8000):
            term = getattr(theorem, f"{side}_terms")
            value, data, size = evaluated(theorem, case, steps, side, (term["bias"] + term["variance"], s.N_eff))
            assert value is not None
            found.append((data, size / steps))
        assert np.log(found[1][0] / found[0][0]) / np.log(4) == pytest.approx(1 / float(a) - 1, abs=1e-9)
        assert found[0][1] == pytest.approx(found[1][1], rel=1e-12)
    assert found[0][1] != pytest.approx(1)


def test_upper_and_lower_data_terms_match_up_to_a_constant():
    case = plain(Quantization(data=Multiplicative("0.1")), p=5000)
    ratios = [
        evaluated(theorem_4_1, case, steps, "upper") / evaluated(theorem_4_3, case, steps, "lower")
        for steps in (1000, 4000, 16000)
    ]
    assert max(ratios) < 1.2 * min(ratios)
    assert max(ratios) < 100


def test_approximation_of_a_sketch_falls_like_the_model_size():
    """Approx(M_eff) in 4.1 at M = 16 and 128: log-slope 1 - a up to the finite dimension."""
    values = []
    for size in (16, 128):
        case = plain(Quantization(data=Multiplicative("0.1")), p=4000, a=Fraction(2), sketch=GaussianSketch(size=size))
        values.append(evaluated(theorem_4_1, case, 100, "upper", (theorem_4_1.upper_terms["approximation"], s.M_eff)))
    assert [value[2] for value in values] == [16, 128]
    assert np.log(values[1][1] / values[0][1]) / np.log(8) == pytest.approx(-1, abs=0.15)


@pytest.mark.parametrize("eps", ["0", "1e-9", "1e-5", "1e-2"])
def test_additive_effective_model_size(eps):
    """4.2: M_eff = min(M, (c/e)^{1/a}); the additive error falls like M_eff^{1-a} times at most a/(a-1)."""
    case = plain(Quantization(data=Additive(eps)), p=300)
    error = theorem_4_2.upper_terms["shrinkage"]
    _, size, lost, data = evaluated(theorem_4_2, case, 1000, "upper", (s.M_eff, error, s.N_eff))
    expected = 300 if eps == "0" else min(300, float(eps) ** (-2 / 3))
    assert size == pytest.approx(expected, rel=1e-12)
    share = min(1, float(eps) * 300**1.5)
    assert lost == pytest.approx(3 * expected**-0.5 * (share + share**2) / 2, rel=1e-9)
    assert data == pytest.approx(1000) if eps == "0" else data < 1000


def test_floor_cuts_the_dimension_that_noise_sees():
    """Past gamma N e = 1 the data term of 4.2 falls faster than (gamma N)^{1/a-1}: the variance like 1/N."""
    case = plain(Quantization(data=Additive("0.01")), p=400)
    variance = theorem_4_2.upper_terms["variance"]
    values = [evaluated(theorem_4_2, case, steps, "upper", (variance,))[1] for steps in (10**6, 4 * 10**6)]
    assert np.log(values[1] / values[0]) / np.log(4) == pytest.approx(-1, abs=1e-6)


def test_full_precision_is_one_statement():
    """At eps = 0 the multiplicative and the additive theorems agree, and N_eff = N, M_eff = M."""
    case = plain()
    for theorem, other, side in (
        (lemma_5_3, lemma_5_4, "upper"), (lemma_5_3, lemma_5_4, "lower"),
        (theorem_4_1, theorem_4_2, "upper"), (theorem_4_3, theorem_4_4, "lower"),
    ):  # fmt: skip
        assert evaluated(theorem, case, 400, side) == pytest.approx(evaluated(other, case, 400, side), rel=1e-12)
    for theorem, side in ((theorem_4_1, "upper"), (theorem_4_2, "upper"), (theorem_4_3, "lower"), (theorem_4_4, "lower")):
        assert evaluated(theorem, case, 400, side, (s.N_eff, s.M_eff))[1:] == pytest.approx((400, 200), rel=1e-12)


def test_bias_weighs_with_sigma():
    """Lam's diagonal alone bounds no quadratic form in Lam: the bias of 5.1 has the weights mu_i, D has lam_i."""
    weights = lemma_5_1.definitions[s.bias]
    assert weights.has(s.mu)
    assert not weights.has(s.risk_weight, s.lam)
    assert lemma_5_1.definitions[s.effective_dimension].has(s.risk_weight)


def test_full_precision_lemmas_agree_symbolically():
    """eps_bar_1 = 0 in Lemma 5.2 is Lemma 5.1 with Sigma = Lam."""
    sigma_is_lam = {symbol: value.subs(s.eps_bar_1, 0) for symbol, value in PROPORTIONAL.items()}
    assert sigma_is_lam[s.mu[s.i]] == s.lam[s.i]
    for name, term in lemma_5_1.upper_terms.items():
        assert sp.simplify(term.xreplace(sigma_is_lam) - lemma_5_2.upper_terms[name].subs(s.eps_bar_1, 0)) == 0
    for symbol, value in lemma_5_1.definitions.items():
        assert value.xreplace(sigma_is_lam) == lemma_5_2.definitions[symbol].subs(s.eps_bar_1, 0)
    exact = dict.fromkeys(s.EPS.values(), 0)
    assert lemma_5_2.definitions[s.eps_bar_1].subs(exact) == 0


def test_names_have_different_expressions():
    everyone = (*NINE, sharp_general, threshold_general)
    for first, second in combinations(everyone, 2):
        for side in ("upper", "lower"):
            mine, other = getattr(first, side), getattr(second, side)
            assert mine is None or other is None or mine != other, (first.name, second.name)
    assert len({theorem.name for theorem in everyone}) == len(everyone)
    for theorem in NINE:
        for terms in (theorem.upper_terms, theorem.lower_terms):
            assert terms is None or set(terms) <= set(TERMS)


REFUSALS = [
    (lemma_5_1, plain(Quantization(label=Additive("0.1")))),
    (lemma_5_1, plain(Quantization(storage=Additive("0.1")))),
    (lemma_5_2, plain(Quantization(data=Additive("0.1")))),
    (lemma_5_2, plain(Quantization(feature=Elementwise("0.1")), sketch=GaussianSketch(size=3))),
    (lemma_5_4, plain(Quantization(data=Multiplicative("0.1")))),
    (lemma_5_4, plain(Quantization(feature=Elementwise("0.1")))),
    (theorem_4_2, replace(plain(), setting=plain().setting.replace(risk_inputs="quantized"))),
    (theorem_4_1, replace(plain(), setting=plain().setting.replace(spectrum=PowerLaw(exponent=2, dimension=None)))),
    (theorem_4_4, replace(plain(), setting=plain().setting.replace(spectrum=Explicit(values=[1, "0.5"])))),
]


@pytest.mark.parametrize(("theorem", "case"), REFUSALS)
def test_refusals(theorem, case):
    with pytest.raises(HypothesisError, match=theorem.name):
        statement(theorem, instance(case.setting, case.size))


def test_step_size_beyond_the_limit_has_no_upper_side():
    case = with_step(replace(plain(p=20), fraction=1.001))
    for theorem in (lemma_5_1, lemma_5_2, lemma_5_3, lemma_5_4, theorem_4_1, theorem_4_2):
        assert evaluated(theorem, case, 50, "upper") is None


@pytest.mark.parametrize("theorem", NINE)
def test_number_systems_agree(theorem):
    quantization = Quantization(parameter=Multiplicative("0.01"))
    side = "upper" if theorem.upper_terms is not None else "lower"
    case = plain(quantization, p=60)
    values = []
    for numbers in (Floats(), Digits(40), Enclosures(192)):
        found = statement(theorem, instance(case.setting, None))
        with numbers.working():
            values.append(sum(found.terms(side, found.at(numbers, 400)).values()))
    assert float(values[0]) == pytest.approx(float(values[1]), rel=1e-12)
    assert float(values[2].mid()) == pytest.approx(float(values[1]), rel=1e-12)
