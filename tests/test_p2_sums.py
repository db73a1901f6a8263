"""The explicit bounds that replace the sums of P2's lemmas for a power law."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from oracles.p2_cases import FAMILIES, random_case
from test_p2 import ROUNDING, evaluated, kind_of, plain, with_step

from riskbounds import symbols as s
from riskbounds.problem import GaussianSketch
from riskbounds.quantization import Additive, Elementwise, Multiplicative, Quantization
from riskbounds.theorems import p2_lemma_5_3 as explicit
from riskbounds.theorems.p2_lemma_5_1 import lemma_5_1
from riskbounds.theorems.p2_lemma_5_3 import lemma_5_3
from riskbounds.theorems.p2_lemma_5_4 import floor_below, lemma_5_4
from riskbounds.theorems.p2_theorem_4_1 import theorem_4_1
from riskbounds.theorems.p2_theorem_4_2 import theorem_4_2
from riskbounds.theorems.p2_theorem_4_3 import theorem_4_3
from riskbounds.theorems.p2_theorem_4_4 import theorem_4_4
from riskbounds.theorems.threshold_pair import threshold


def number(expression, **values):
    """A SymPy expression in a, M, ... as a float."""
    return float(sp.N(expression.subs({getattr(s, name): sp.Rational(str(value)) for name, value in values.items()})))


@pytest.mark.parametrize("a", ["1.2", "1.5", "2", "3"])
@pytest.mark.parametrize("K", ["0.3", "1", "4.7", "60", "3000"])
@pytest.mark.parametrize("M", [1, 2, 7, 100, 20000])
def test_explicit_sums(a, K, M):
    """Every sum lies between its explicit bounds."""
    i, exponent, reach = np.arange(1.0, M + 1), float(a), float(K)
    saturated = np.minimum(1, (reach / i) ** (2 * exponent)).sum()
    biased = (i**-exponent * np.minimum(1, (i / reach) ** (2 * exponent))).sum()
    capped = np.minimum(i**-exponent, reach**-exponent).sum()
    floor = sp.Rational(K) ** -sp.Rational(a)
    small = 1 - 1e-12
    assert saturated * small <= min(M, number(explicit.dimension_above(s.reach), a=a, reach=K))
    assert capped * small <= number(explicit.saturated_above(s.reach), a=a, reach=K)
    assert biased * small <= number(explicit.bias_above(s.reach), a=a, M=M, reach=K)
    assert (i**-exponent).sum() * small <= number(explicit.POWER_SUM, a=a, M=M)
    assert saturated >= small * number(explicit.dimension_below(s.M, s.reach), a=a, M=M, reach=K)
    assert biased >= small * number(explicit.bias_below(s.M, s.reach), a=a, M=M, reach=K)
    assert biased >= small * number(floor_below(floor), a=a, M=M)


def test_explicit_sums_are_tight_for_long_ranges():
    a, K, M = "1.5", "400", 4_000_000
    i = np.arange(1.0, M + 1)
    saturated = np.minimum(1, (400 / i) ** 3).sum()
    assert number(explicit.dimension_above(s.reach), a=a, reach=K) == pytest.approx(saturated, rel=0.002)
    assert number(explicit.dimension_below(s.M, s.reach), a=a, M=M, reach=K) == pytest.approx(saturated, rel=0.005)
    assert number(explicit.saturated_above(s.reach), a=a, reach=K) == pytest.approx(
        np.minimum(i**-1.5, 400**-1.5).sum(), rel=0.02
    )
    biased = (i**-1.5 * np.minimum(1, (i / 400) ** 3)).sum()
    assert number(explicit.bias_below(s.M, s.reach), a=a, M=M, reach=K) == pytest.approx(biased, rel=0.01)
    assert number(explicit.POWER_SUM_LIMIT, a=a) == pytest.approx(number(explicit.POWER_SUM, a=a, M=10**12), rel=1e-5)


def check_pieces(count, seed):
    """Every sum of Lemma 5.1 lies between the explicit bounds of 5.3 or 5.4; those of the mean part where they commute."""
    rng = np.random.default_rng(seed)
    high = lemma_5_4.definitions[s.shrinkage_high].subs(s.shrinkage, 0)
    sums = (s.effective_dimension, s.bias, s.h, s.k)
    for number in range(count):
        family = FAMILIES[number % len(FAMILIES)]
        case = with_step(random_case(rng, family, largest=40))
        additive = kind_of(case) == "additive"
        child, low_terms = (lemma_5_4, lemma_5_4.lower_terms) if additive else (lemma_5_3, lemma_5_3.lower_terms)
        steps = int(10 ** rng.uniform(0, 6))
        _, *parent = evaluated(lemma_5_1, case, steps, "upper", (*sums, threshold.definitions[s.bias], s.shrinkage))
        shrunk = 2 * (high / 2 if additive else lemma_5_3.upper_terms["shrinkage"])
        _, *above = evaluated(child, case, steps, "upper", (*sums, shrunk))
        lows = (s.dimension_low, 2 * low_terms["shrinkage"], s.bias_low / (1 if additive else 1 + s.eps_bar_1))
        _, *below = evaluated(child, case, steps, "lower", lows)
        pairs = [*zip(parent[:4], above[:4], strict=True), (below[0], parent[0])]
        if family != "sketched additive":
            pairs += [(parent[5], above[4]), (below[1], parent[5]), (below[2], parent[4])]
        for which, (low, top) in enumerate(pairs):
            assert low <= top * (1 + ROUNDING) + 1e-15, (number, which, case, steps, low, top)


def test_pieces():
    check_pieces(40, seed=11)


@pytest.mark.long
def test_pieces_full():
    check_pieces(500, seed=12)


LEVELS = [Multiplicative("0.3"), Elementwise("0.01"), Additive("1e-5"), Additive("0.002"), Additive("0")]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("a", [Fraction(3, 2), Fraction(5, 2)])
def test_effective_sizes_bound_term_by_term(level, a):
    check_terms(level, a, 800, None)


def test_effective_sizes_bound_term_by_term_behind_a_sketch():
    check_terms(Multiplicative("0.1"), Fraction(3, 2), 3000, GaussianSketch(size=100))


def check_terms(level, a, p, sketch):
    """4.1 and 4.2: variance and rest at least the lemma's; 4.3 and 4.4: every term at most the lemma's."""
    additive = level.structure == "additive"
    case = plain(
        Quantization(data=level, parameter=Multiplicative("0.05"), output=Additive("0.5")), a=a, p=p, batch=2, sketch=sketch
    )
    lemma, upper, lower = (lemma_5_4, theorem_4_2, theorem_4_4) if additive else (lemma_5_3, theorem_4_1, theorem_4_3)
    covered = 0
    for steps in (300, 1000, 3000, 30000):
        ours, theirs = upper.upper_terms, lemma.upper_terms
        _, *found = evaluated(upper, case, steps, "upper", (ours["variance"], ours["shrinkage"] + ours["bias"]))
        rest = theirs["shrinkage"] + theirs["bias"] + theirs["cross"]
        _, *parent = evaluated(lemma, case, steps, "upper", (theirs["variance"], rest))
        assert all(above >= below * (1 - ROUNDING) for above, below in zip(found, parent, strict=True))
        names = ("shrinkage", "bias", "variance")
        value, *found = evaluated(lower, case, steps, "lower", [lower.lower_terms[name] for name in names])
        _, *parent = evaluated(lemma, case, steps, "lower", [lemma.lower_terms[name] for name in names])
        if value is not None:
            covered += 1
            assert all(below <= above * (1 + ROUNDING) for above, below in zip(parent, found, strict=True))
            assert all(below >= above / 12 for above, below in zip(parent, found, strict=True)), (found, parent)
    assert covered
