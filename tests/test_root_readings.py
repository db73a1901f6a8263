"""Roots of order a are numbers of their own in the proofs: each reading agrees with the theorem's expression in exact models.

Floors that may be zero are read as a factor 0 or 1 beside a positive root, so models with and without a floor are tried.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
import sympy as sp
from riskbounds.derivations import effective_sizes, floor_cost, floor_model, load, p1_power_law, p2_theorem_4_2
from riskbounds.derivations.threshold_general import M

from riskbounds import symbols
from riskbounds.proofs import Term
from riskbounds.terms.polynomial import free_variables
from riskbounds.theorems import theorem_named

#: Derivation -> how it reads its theorem.
READERS = {
    "p2-lemma-5.4": floor_model.floor_reader,
    "p2-theorem-4.1": lambda theorem: effective_sizes.effective_reader(theorem, floor_model.N),
    "p2-theorem-4.2": p2_theorem_4_2.data_reader,
    "p2-theorem-4.3": lambda theorem: effective_sizes.effective_reader(theorem, M),
    "p2-theorem-4.4": floor_cost.effective_reader,
    "p1-corollary-4.3": p1_power_law.power_law_reader,
}
FLOORS = {"low": ("floor_low", "above_zero_low"), "high": ("floor_high", "above_zero_high")}
#: What the model has solved for its own floors.
SIZES = {symbols.data_factor, symbols.N_eff}


def readings(read):
    """Expressions, not symbols, that stand for terms."""
    plain = (sp.Symbol, sp.IndexedBase, sp.Indexed)
    return {key: term for key, term in read.meanings.items() if isinstance(term, Term) and not isinstance(key, plain)}


def value(model, body):
    """A term's value as a float."""
    return float(model.value(body, {var: model.sizes[var.name] for var in free_variables(body)}))


def agree(name, model, chosen=lambda _: True):
    """The number of readings that have been compared."""
    read = READERS[name](theorem_named(load(name).theorem))
    found = {key: term for key, term in readings(read).items() if chosen(key)}
    for key, term in found.items():
        numbers = {symbol: value(model, read(symbol)) for symbol in key.free_symbols if symbol != symbols.a}
        expected = float(key.subs(symbols.a, model.sizes["a"]).subs(numbers))
        assert value(model, term) == pytest.approx(expected, rel=1e-12, abs=1e-12), key
    return len(found)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", list(READERS))
def test_every_reading_is_its_expression(name, seed):
    assert agree(name, load(name).model(Random(seed)))


@pytest.mark.parametrize("zero", [("low",), ("low", "high")])
@pytest.mark.parametrize("name", ["p2-lemma-5.4", "p2-theorem-4.2", "p2-theorem-4.4"])
def test_a_floor_may_be_zero(name, zero):
    model = load(name).model(Random(1))
    nothing = {each: lambda: 0 for side in zero for each in FLOORS[side]}
    without = replace(model, symbols={**model.symbols, **nothing}, remembered={})
    assert agree(name, without, lambda key: not SIZES & key.free_symbols)
