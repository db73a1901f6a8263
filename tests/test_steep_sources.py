"""Source targets of every slope: once directions are learned the sums over them saturate where b passes a + 1 and 2a + 1."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from mpmath import mp

from riskbounds import symbols as s
from riskbounds.asymptotics.data_term import regimes_of
from riskbounds.asymptotics.law_setting import law_setting
from riskbounds.asymptotics.laws import law
from riskbounds.asymptotics.noise_sources import source_values
from riskbounds.theorems.sharp_pair import sharp

SLOPES = (2.5, 4.0, 6.2)
N, STEP = 1e12, 0.1
#: Floor and number of directions, past the floor and above it.
SIZES = ((1e-4, 10**5), (1e-9, 300))


def found(expression, values):
    return float(sp.N(expression.subs(values)))


def shapes(scheme, slope, size):
    """a = 2, c = 1: lam, mu, lam w*^2, and the values of the law's symbols."""
    floor, M = size if scheme != "multiplicative" else (0.0, 10**4)
    growth = 1.0 if scheme == "additive" else 1.1
    i = np.arange(1, M + 1, dtype=float)
    lam, energy = i**-2, i**-slope
    reach = (growth / floor) ** 0.5 if floor else np.inf
    constant = float(mp.gamma(0.5) * mp.gamma(1.5))
    values = {
        s.a: 2, s.b: slope, s.c: 1, s.M: M, s.N: N, s.step: STEP, s.growth: growth, s.floor: floor, s.floor_reach: reach,
        s.sketch_constant: constant,
    }  # fmt: skip
    return lam, growth * lam + floor, energy, values


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("slope", SLOPES)
@pytest.mark.parametrize("scheme", ["multiplicative", "additive", "elementwise"])
def test_bias_cross_term_shrinkage_and_excess_are_the_sums(scheme, slope, size):
    """Typed here from theory section 4 with every direction learned; 8 % is what M = 300 and R = 100 leave of a slow sum."""
    lam, mu, energy, values = shapes(scheme, slope, size)
    growth = values[s.growth]
    exact = {
        "bias": np.sum(energy * lam**2 / mu**4) / (2 * (N * STEP) ** 2),
        "cross": np.sum(energy * lam * (mu - lam) / mu**3) / (N * STEP),
        "shrinkage, floor": np.sum(energy * ((mu - lam) ** 2 / mu**2 - (1 - 1 / growth) ** 2)) / 2,
        "unlearnable part": np.sum(energy * values[s.floor] / (growth * mu)),
    }
    setting = law_setting(scheme, source=True)
    past = values[s.floor_reach] < values[s.M]
    regime = regimes_of(setting)[1 if past or setting.e == 0 else 2]
    terms = law(scheme, "lower", source=True)
    pieces = {name: regime.sums(sharp.lower_terms[name]) for name in ("bias", "cross")}
    if setting.e != 0:
        there = [term for term in terms.terms if term.name.startswith("shrinkage, floor")]
        there = [term for term in there if ("below the last direction" in term.name) != past]
        pieces["shrinkage, floor"] = [(term.short, term.short_when) for term in there]
        parts = [(value, when) for value, when, name in source_values(s.excess, setting) if ("below" in name) != past]
        pieces["unlearnable part"] = parts
    for name, each in pieces.items():
        slopes = [
            (value, [condition for condition in when if condition.free_symbols <= {s.a, s.b}])
            for value, when in each
            if value != 0
        ]
        total = sum(found(value, values) for value, when in slopes if all(found(w, values) > 0 for w in when))
        assert total == pytest.approx(exact[name], rel=0.08), name


@pytest.mark.parametrize("side", ["upper", "lower", "exact"])
@pytest.mark.parametrize("scheme", ["full-precision", "multiplicative", "additive"])
def test_no_term_in_force_is_negative(scheme, side):
    values = {"a": 1.5, "c": 1.0, "N": 1e4, "M": 20.0, "step": 0.1, "B": 10.0, "sigma": 1.0, "p": 100.0}
    levels = {str(level): 0.01 for level in s.EPS.values()}
    for slope in (2.0, 3.2, 4.5):
        point = {symbol: {**values, **levels, "b": slope}[str(symbol)] for symbol in law(scheme, side, source=True).symbols}
        for term in law(scheme, side, source=True).terms:
            conditions = [each for each in term.when if each.free_symbols <= {s.a, s.b}]
            if all(found(each, point) > 0 for each in conditions):
                assert found(term.expression, point) >= 0, (term.name, slope)
