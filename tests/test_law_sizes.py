"""N_eff, M_eff and the crossover of the laws against random instances."""

from __future__ import annotations

from statistics import median

import numpy as np
import pytest
import sympy as sp
from conftest import full_and_tenth
from law_cases import quantization, random_problem, setting, sketch_constant, terms_of, values_of

from riskbounds import (
    Additive,
    GaussianSketch,
    Multiplicative,
    Quantization,
    bound,
    law,
)
from riskbounds import symbols as s
from riskbounds.asymptotics.law_setting import law_setting
from riskbounds.asymptotics.law_values import in_force, number
from riskbounds.asymptotics.model_term import crossover_gap, learnable_share, size_fluctuation

a, M, N = s.a, s.M, s.N


@full_and_tenth(50)
def test_N_eff_is_the_data_size_of_random_instances(size: int, tell) -> None:
    """Within N_eff_remainder, which is itself below a tenth at the median, so that the comparison says something."""
    rng = np.random.default_rng(8)
    errors, rooms = [], []
    for _ in range(size):
        scheme, levels, exponent, width, steps, batch = random_problem(rng, ("multiplicative", "additive"))
        row = bound(setting(exponent, width, steps, batch_size=batch, quantization=quantization(scheme, levels))).rows[0]
        found = law(scheme, "exact", slots=tuple(levels))
        point = values_of(exponent, width, steps, batch, levels)
        effective, room = number(found.N_eff, point), number(found.N_eff_remainder, point)
        errors.append(abs(float(row.effective.data_size) / effective - 1))
        rooms.append(room)
        assert errors[-1] <= room
    tell(
        f"N_eff, {size} instances: median error {median(errors):.1e}, worst {max(errors):.1e}, "
        f"median remainder {median(rooms):.1e}"
    )
    assert median(rooms) < 0.1


@full_and_tenth(20)
def test_past_the_floor_the_data_term_and_the_shrinkage(size: int, tell) -> None:
    """N step e > 1: the data term falls like e^(-1/a)/N, the shrinkage is the law's, N_eff_past_floor follows."""
    rng = np.random.default_rng(21)
    worst = 0.0
    for _ in range(size):
        exponent, width = f"{rng.uniform(1.6, 2.6):.2f}", 1200
        level = f"{10 ** rng.uniform(-2, -1):.4f}"
        steps = int(rng.uniform(20, 80) / float(level) / 0.004)
        q = Quantization(data=Additive(level))
        row = bound(setting(exponent, width, steps, step_size="0.004", quantization=q)).rows[0]
        found = law("additive", "exact", slots=("data",))
        point = values_of(exponent, width, steps, 1, {"data": level}) | {"step": 0.004}
        shrinkage = float(row.terms.upper["shrinkage"])
        tail = width ** (1 - float(exponent)) / (float(exponent) - 1) / 2
        assert shrinkage + tail == pytest.approx(terms_of(found, "shrinkage", point), rel=1e-2)
        error = (float(row.risk.exact) - shrinkage) / terms_of(found, "data", point) - 1
        assert abs(error) <= number(found.remainder_past_floor, point)
        worst = max(worst, abs(error))
    names = {term.name: term.exponents for term in law("additive", "exact", slots=("feature",)).terms}
    past = names["variance, label noise, learned past the floor"]
    assert past[N] == -1
    assert past[s.eps_f] == -1 / a
    assert sp.cancel(names["shrinkage, floor"][s.eps_f] - (a - 1) / a) == 0
    tell(f"past the floor: worst error of the data term {worst:.2e}")


def test_N_eff_past_the_floor_solves_its_equation() -> None:
    found, plain = law("additive", "exact", slots=("data",)), law("full-precision", "exact")
    point = values_of("2", 1e6, 1e5, 1, {"data": "0.05"}) | {"p": 1e4, "eps_d": 5.0, "step": 1e-5, "N": 1e7}
    effective = number(found.N_eff_past_floor, point)
    there = {"a": 2.0, "M": 1e6, "N": effective, "B": 1, "step": 1e-5, "sigma": 1.0}
    model = ("variance, model",)
    ours = sum(
        number(t.expression, point)
        for t in found.terms
        if t.part == "data" and in_force(t, point) and not t.name.startswith(model)
    )
    theirs = sum(
        number(t.expression, there)
        for t in plain.terms
        if t.part == "data" and in_force(t, there) and not t.name.startswith(model)
    )
    assert ours == pytest.approx(theirs, rel=1e-9)


@full_and_tenth(50)
def test_M_eff_is_the_model_size_of_random_instances(size: int, tell) -> None:
    """Within M_eff_remainder, all structures; floors also within the curve's own remainder, without what Min leaves out."""
    rng = np.random.default_rng(4)
    shares, curves, rooms = [], [], []
    for _ in range(size):
        scheme = str(rng.choice(["additive", "elementwise", "multiplicative"]))
        exponent, width = f"{rng.uniform(1.4, 2.5):.2f}", int(rng.integers(30, 101))
        level, dimension = f"{10 ** rng.uniform(-2, -1):.4f}", 40 * width
        slot = str(rng.choice(["feature", "data"])) if scheme == "additive" else "feature"
        level = f"{float(level) * width / dimension:.6f}" if slot == "data" else level  # a data floor is eps_d p/M
        item = setting(
            exponent, width, 100, dimension=dimension, step_size="0.001",
            sketch=GaussianSketch(size=width, seed=int(rng.integers(10**6))), quantization=quantization(scheme, {slot: level}),
        )  # fmt: skip
        instance = float(bound(item).rows[0].effective.model_size)
        found = law(scheme, "exact", slots=(slot,))
        point = {"a": float(exponent), "M": float(width), "p": float(dimension), str(s.EPS[slot]): float(level)}
        stated, room = number(found.M_eff, point), number(found.M_eff_remainder, point)
        assert abs(instance / stated - 1) <= room
        shares.append(abs(instance / stated - 1) / room)
        rooms.append(room)
        if found.floor != 0:
            order = float(exponent)
            curve = width * learnable_share(order, number(found.floor, point) * (width / sketch_constant(order)) ** order)
            assert curve <= stated * (1 + 1e-9)
            own = number(found.spelled(size_fluctuation(law_setting(scheme, (slot,)))), point)
            assert abs(instance / curve - 1) <= own
            curves.append(abs(instance / curve - 1))
    assert median(rooms) < 0.6
    tell(
        f"M_eff on {size} instances: error over remainder at most {max(shares):.2f}, median remainder {median(rooms):.2f}; "
        f"against the curve median error {median(curves):.2e}, worst {max(curves):.2e}"
    )


def test_what_Min_leaves_out_is_stated() -> None:
    """The curve M_eff/M = z (a - (a-1) z)^(1/(a-1)) against Min(1, .), over a grid from far below the floor to far beyond."""
    found = law("additive", "exact", slots=("feature",))
    gap = found.spelled(crossover_gap(law_setting("additive", ("feature",))))
    for order in (1.1, 1.3, 1.6, 2.0, 2.5, 3.0):
        for level in 10.0 ** np.arange(-9, 3, 0.25):
            point = {"a": order, "M": 100.0, "eps_f": level, "p": 1e9}
            curve = 100 * learnable_share(order, level * (100 / sketch_constant(order)) ** order)
            assert 0 <= 1 - curve / number(found.M_eff, point) + 1e-12 <= number(gap, point) + 1e-11


def test_the_crossover_curve_has_the_laws_two_ends() -> None:
    for order in (1.2, 1.5, 2.0, 3.0):
        assert learnable_share(order, 1e-12) == pytest.approx(1, rel=1e-9)
        assert learnable_share(order, 1e30) * 1e30 ** (1 / order) == pytest.approx(order ** (1 / (order - 1)), rel=1e-6)


def test_a_common_scale_lowers_the_instances_model_size_where_the_law_says_M() -> None:
    """M_eff = M leaves out the shrinkage of second order; M_eff_with_shrinkage counts it, as the instance does."""
    item = setting(
        "3/2", 100, 100, dimension=4000, step_size="0.01", sketch=GaussianSketch(size=100, seed=1),
        quantization=Quantization(feature=Multiplicative("0.1")),
    )  # fmt: skip
    instance = float(bound(item).rows[0].effective.model_size)
    found = law("multiplicative", "exact", slots=("feature",))
    point = {"a": 1.5, "M": 100.0, "eps_f": 0.1}
    assert found.M_eff == M
    assert instance < 95
    assert instance == pytest.approx(number(found.M_eff_with_shrinkage, point), rel=0.05)
