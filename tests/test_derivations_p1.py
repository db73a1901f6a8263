"""P1's corollaries: what their derivations assume of the noise constants is what the table says, and their constants matter."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product
from random import Random

import pytest
import sympy as sp
from conftest import full_and_tenth
from riskbounds.derivations import load, p1_corollary_4_2, p1_full_precision, p1_rule, power_law

from riskbounds import symbols as s
from riskbounds.errors import ProofError
from riskbounds.proofs import Model, check, eq, le, lt, scalar
from riskbounds.proofs.derivation import check_steps
from riskbounds.proofs.signs import Facts, Sign
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import STRUCTURES
from riskbounds.terms.functions import apply
from riskbounds.theorems.noise import noise_constants
from riskbounds.theorems.p1_corollary_4_3 import FLOATING_DISTORTION, INTEGER_DISTORTION, rule
from riskbounds.theorems.p1_theorem_4_1 import SLOTS, larger_noise

#: What the noise constants of P1 Corollary 4.3 are affine in.
SOURCES = (s.sigma_q2, s.trace, s.label_second_moment, s.quantized_norm2)
CHOICES = list(product((None, "additive", "multiplicative", "elementwise"), repeat=5))


def quantization(choice, batch_scale):
    chosen = {slot: STRUCTURES[kind]("1/10") for slot, kind in zip(SLOTS, choice, strict=True) if kind}
    return Quantization(**chosen, batch_scale=batch_scale)


def constants(choice, batch_scale):
    """B times A, a_delta, a_v of the table with mu_i <= tr Sigma."""
    found = larger_noise(noise_constants(quantization(choice, batch_scale), sketched=False, in_levels=True))
    return {s.A: sp.expand(s.B * found.A), s.ad: sp.expand(s.B * found.ad), s.av: sp.expand(s.B * found.av)}


def at_random(random, choice):
    """A model of P1 Corollary 4.2's symbols, and the same numbers by the table's symbols."""
    lam, target = ([Fraction(random.randint(1, 9), 7) for _ in range(3)] for _ in range(2))
    level = {slot: Fraction(random.randint(1, 5), 20) for slot in SLOTS}
    noise, batch = Fraction(random.randint(0, 5), 3), random.randint(1, 9)
    kinds = dict(zip(SLOTS, choice, strict=True))
    split = {(slot, kind): level[slot] if kinds[slot] == kind else Fraction(0) for slot in SLOTS for kind in STRUCTURES}
    floor, growth = split["data", "additive"], split["data", "multiplicative"]
    mu = [(1 + growth) * each + floor for each in lam]
    norm2 = sum(a * b**2 for a, b in zip(lam, target, strict=True))
    quantized = sum(a**2 / m * b**2 for a, m, b in zip(lam, mu, target, strict=True))
    magnitude = abs(growth**2 - growth)
    symbols = {
        "lam": lambda i: lam[i], "u": lambda w, i: target[i], "B": lambda: batch, "noise_variance": lambda: noise,
        **{f"eps_{slot}_{kind}": lambda value=value: value for (slot, kind), value in split.items()},
        "alpha": lambda: 3 * (1 + 6 * growth + growth**2) / (1 + growth) ** 2,
        "ad_data": lambda: 2 + 3 * growth + 3 * magnitude / (1 + growth),
        "av_data": lambda: 3 * magnitude / (1 + growth) + 3 * growth * (1 - growth) ** 2 / (1 + growth) ** 2,
    }  # fmt: skip
    numbers = {
        s.B: batch, s.trace: sum(mu), s.sigma_M2: noise, s.label_second_moment: noise + norm2, s.quantized_norm2: quantized,
        s.sigma_q2: noise + norm2 - quantized, **{s.EPS[slot]: level[slot] for slot in SLOTS},
    }  # fmt: skip
    rational = {symbol: sp.Rational(Fraction(value).numerator, Fraction(value).denominator) for symbol, value in numbers.items()}
    return Model(sizes={"all": 3}, weights={"outcome": (Fraction(1),)}, symbols=symbols), rational


@full_and_tenth(243)
def test_the_noise_of_corollary_4_2_is_the_table(size):
    """Equal to it with one scale per batch, no less with one per sample; seeded structures."""
    random = Random(42)
    choices = [choice for choice in CHOICES if "elementwise" not in choice]
    for choice in random.sample(choices, size):
        model, numbers = at_random(random, choice)
        assumed = dict(zip((s.A, s.ad, s.av), p1_full_precision.NOISE.values(), strict=True))
        for batch_scale in ("shared", "per-sample"):
            table = constants(choice, batch_scale)
            for constant, term in assumed.items():
                ours, exact = model.value(term, {}), table[constant].xreplace(numbers)
                difference = sp.Rational(ours.numerator, ours.denominator) - exact
                assert difference == 0 if batch_scale == "shared" else difference >= 0, (choice, batch_scale, constant)
            assert table[s.ad].xreplace(numbers) >= 2


@full_and_tenth(1024)
def test_the_noise_of_corollary_4_3_is_affine(size):
    """A_i with mu_i <= tr Sigma: degree one and coefficients >= 0 in what P1 Corollary 4.3 bounds; a_delta and a_v without it."""
    random = Random(43)
    for choice in random.sample(CHOICES, size):
        table = constants(choice, random.choice(("shared", "per-sample")))
        levels = {s.EPS[slot]: sp.Rational(random.randint(1, 9), 40) for slot in SLOTS} | {s.B: random.randint(1, 9)}
        polynomial = sp.Poly(table[s.A].xreplace(levels), *SOURCES, s.sigma_M2)
        assert polynomial.total_degree() <= 1, choice
        assert all(coefficient >= 0 for coefficient in polynomial.coeffs()), choice
        assert not (table[s.ad].free_symbols | table[s.av].free_symbols) & {*SOURCES, s.sigma_M2}, choice


def test_the_rule_on_bits_is_the_registered_one():
    """The claims of the two derivations are the rule and the distortions; l = (a/2) log2 d is d^a = 2^{2l}."""
    log = s.integer_bits - rule().rhs
    assert sp.simplify(sp.expand_log(sp.log(s.p**s.a / 2 ** (2 * log)), force=True)) == 0
    floating, fixed = p1_rule.read(FLOATING_DISTORTION), p1_rule.read(INTEGER_DISTORTION)
    assert p1_rule.enough.step("distortion").claim == le(floating, fixed)
    for name in ("p1-corollary-4.3-rule", "p1-corollary-4.3-rule-converse"):
        assert check(load(name)).verdict == "proved"


@pytest.mark.parametrize("exponent", [1.05, 1.5, 3.0])
@pytest.mark.parametrize("reach", [1.0, 1.7, 2.0, 39.5])
def test_a_peaked_sum_is_at_most_its_bound(exponent, reach):
    """The lemma in floating point, and that its bound is not far off: within 2.5 of the sum."""
    terms = [min(i**-exponent, i**exponent * reach ** (-2 * exponent)) for i in range(1, 200_000)]
    tail = 200_000 ** (1 - exponent) / (exponent - 1)
    bound = 2 * exponent / (exponent**2 - 1) * reach ** (1 - exponent) + reach**-exponent
    assert sum(terms) <= bound <= 2.5 * (sum(terms) + tail)


def refused(derivation, changed):
    """Ids of the steps that fail when one step of that id has another claim."""
    steps = tuple(replace(step, claim=changed[step.id]) if step.id in changed else step for step in derivation.steps)
    return [found.step.id for found in check_steps(replace(derivation, steps=steps)) if found.verdict.status == "refused"]


def test_smaller_constants_are_refused():
    """Fifteen times, the peak's share and the dimension's factor cannot be moved without the proof breaking."""
    fifteen = load("p1-corollary-4.2")
    upper = fifteen.step("upper").claim
    assert refused(fifteen, {"upper": le(upper.left, Fraction(14, 15) * upper.right)}) == ["upper"]
    assert "D" in refused(fifteen, {"D": le(p1_corollary_4_2.D_here, 2 * p1_corollary_4_2.D_0)})
    peaked = load("power-law-peaked-sum")
    claim = peaked.step("peaked sum").claim
    without = claim.right - power_law.p(power_law.peak, power_law.lin(power_law.a) * -1)
    assert refused(peaked, {"peaked sum": le(claim.left, without)}) == ["peaked sum"]
    assert refused(load("p1-corollary-4.3"), {"K": eq(1, 1)})


def test_a_false_claim_about_levels_is_refuted():
    """The witness of P1 Corollary 4.2 shows that its hypotheses hold together, and refutes U <= U_0/2 with numbers."""
    fifteen = load("p1-corollary-4.2")
    upper = fifteen.step("upper").claim
    steps = tuple(replace(step, claim=le(upper.left, upper.right / 30)) if step.id == "upper" else step for step in fifteen.steps)
    (found,) = [each for each in check_steps(replace(fifteen, steps=steps)) if each.verdict.status == "refuted"]
    assert found.step.id == "upper"
    assert "left = " in found.verdict.counterexample


def test_a_root_has_the_sign_and_the_value_of_its_argument():
    """sqrt(x) is positive where x is known to be, and exact wherever x is a rational number that is not negative."""
    x, facts = scalar("x", "0+"), Facts()
    assert facts.sign(apply("sqrt", x)) == Sign.NONNEGATIVE
    facts.learn(lt(0, x), "x > 0")
    assert facts.sign(apply("sqrt", x)) == Sign.POSITIVE
    assert facts.consulted == {"x > 0"}
    assert Model(sizes={}, symbols={"x": lambda: Fraction(9, 4)}).value(apply("sqrt", x), {}) == Fraction(3, 2)
    assert Model(sizes={}, symbols={"x": lambda: Fraction(2)}).value(apply("sqrt", x) ** 2, {}) == 2
    with pytest.raises(ProofError):
        Model(sizes={}, symbols={"x": lambda: Fraction(-2)}).value(apply("sqrt", x), {})
