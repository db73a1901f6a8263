"""Noise constants against the exact covariance of the gradient, in the Loewner order (theory section 4)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import scipy.linalg
import sympy as sp
from oracles.covariance import Layer, System, gradient
from oracles.noise_cases import (
    adversarial,
    bounds,
    number,
    quantization,
    random_system,
    symbol_values,
)
from oracles.simulated_gradient import simulated_covariance

from riskbounds import symbols as s
from riskbounds.errors import ProblemError, UnsupportedError
from riskbounds.quantization.formats import Format
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import Additive, Elementwise, Multiplicative
from riskbounds.theorems.noise import NoiseConstants, moment_constants, noise_constants
from riskbounds.theorems.noise_rows import feature_row

TOLERANCE = 1e-10


def check_table(count: int) -> None:
    """`count` configurations: lower <= E Cov <= upper in the Loewner order; prints the worst ratios per row."""
    worst: dict[str, list[float]] = defaultdict(lambda: [0.0, np.inf, 0])
    for seed in range(count):
        rng = np.random.default_rng([2602, seed])
        system = random_system(rng)
        constants = noise_constants(quantization(system), sketched=system.sketch is not None, in_levels=seed % 2 == 0)
        high, low = adversarial(rng, bounds(system, constants))
        entry = worst[constants.slots[0].source]
        entry[:] = [max(entry[0], high), min(entry[1], low), entry[2] + 1]
        assert high <= 1 + TOLERANCE, (seed, system, high)
        assert low >= 1 - TOLERANCE, (seed, system, low)
    print()
    for source, (high, low, cases) in sorted(worst.items()):
        print(f"{source:75s} {cases:5.0f} cases, E Cov/upper <= {high:.12f}, E Cov/lower >= {low:.12f}")
    assert len(worst) >= 6


def test_covariance_lies_between_the_constants() -> None:
    check_table(200)


@pytest.mark.long
def test_covariance_lies_between_the_constants_long() -> None:
    check_table(2000)


def test_an_average_over_parameters_lies_between_the_constants() -> None:
    """E Cov(g|v) for random v: both sides are affine in E v v^T, so averages keep the order."""
    for seed in range(20):
        rng = np.random.default_rng([2603, seed])
        system = random_system(rng)
        sides = bounds(system, noise_constants(quantization(system), sketched=system.sketch is not None))
        draws = sides.optimum + rng.standard_normal((5, len(sides.optimum)))
        mean = np.mean([sides.exact.covariance(v) for v in draws], axis=0).astype(float)
        covariance = sides.whiten @ mean @ sides.whiten.T
        errors = draws - sides.optimum
        delta2, v2 = (np.einsum("ni,ij,nj->", d, sides.moment, d) / 5 for d in (errors, draws))
        upper = np.diag(sides.upper[0] + sides.upper[1] * delta2 + sides.upper[2] * v2)
        assert np.linalg.eigvalsh(upper - covariance)[0] >= -TOLERANCE * upper.max()
        assert sides.lower is not None
        lower = np.diag(sides.lower[0] + sides.lower[1] * delta2)
        assert np.linalg.eigvalsh(covariance - lower)[0] >= -TOLERANCE * upper.max()


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("parameter", ["additive", "multiplicative", "elementwise"])
def test_every_combination_of_update_slots(parameter: str, shared: bool) -> None:
    """Large levels on exact features, where every product of two levels shows: the upper side is attained within 2 %."""
    rng = np.random.default_rng(2606)
    closest = 0.0
    for activation, output in product(("additive", "multiplicative", "elementwise"), repeat=2):
        kinds = {"parameter": parameter, "activation": activation, "output": output}
        layers = {
            slot: Layer(structure=kind, eps=0.8, noise="gaussian" if kind == "additive" else "two-point")
            for slot, kind in kinds.items()
        }
        for size, strength in ((1, 0.0), (1, 1.0), (3, 0.0)):
            system = System(
                spectrum=np.arange(1.0, size + 1),
                target=strength * np.ones(size),
                noise_variance=1e-3,
                layers=layers,
                batch=8,
                shared=shared,
            )
            high, low = adversarial(rng, bounds(system, noise_constants(quantization(system), sketched=False)))
            assert high <= 1 + TOLERANCE, (system, high)
            assert low >= 1 - TOLERANCE, (system, low)
            if strength == 0:
                assert high >= 0.98, (system, high)
            closest = max(closest, high)
    assert closest >= 0.98


# Fourth-moment version -------------------------------------------------------------------------------------------------


def moment_values(system: System) -> tuple[dict[sp.Symbol, float], bool]:
    """alpha, beta, sbar2 of a configuration whose data row is in the table, and whether E[r | q] = 0."""
    exact = gradient(system)
    mu, basis = np.linalg.eigh(exact.feature_moment.astype(float))
    row = feature_row(quantization(system), sketched=system.sketch is not None)
    contrast = np.append(-exact.optimum, 1.0)
    residual = exact.weighted(np.outer(contrast, contrast))
    whiten = basis / np.sqrt(mu)
    centred = row.structure in ("exact", "additive")
    alpha = float(number(row.c4, symbol_values(system, exact, mu, basis), mu)[0])
    sbar2 = float(np.linalg.eigvalsh((whiten.T @ residual @ whiten).astype(float))[-1])
    return {s.alpha: alpha, s.beta: 1.0, s.sbar2: sbar2}, centred


def check_moments(count: int) -> None:
    """`count` configurations under the fourth-moment assumptions, centred where that holds."""
    seen = {True: 0, False: 0}
    for seed in range(count):
        rng = np.random.default_rng([2604, seed])
        system = random_system(rng)
        structure = quantization(system)
        row = feature_row(structure, sketched=system.sketch is not None)
        if "generic" in row.source or "dither" in row.source:
            continue
        values, centred = moment_values(system)
        constants = moment_constants(structure, centred=centred, lower=True)
        high, low = adversarial(rng, bounds(system, constants, extra=values))
        assert high <= 1 + TOLERANCE, (seed, system, high)
        assert low >= 1 - TOLERANCE, (seed, system, low)
        seen[centred] += 1
    assert min(seen.values()) >= count // 10


def test_moment_constants_bound_the_covariance() -> None:
    check_moments(100)


@pytest.mark.long
def test_moment_constants_bound_the_covariance_long() -> None:
    check_moments(1000)


def test_moment_constants_have_no_lower_side_unless_asked() -> None:
    constants = moment_constants(Quantization(parameter=Additive("0.1")), centred=False)
    assert constants.Alow is None
    assert constants.adlow is None
    lower = {centred: moment_constants(Quantization(), centred=centred, lower=True) for centred in (True, False)}
    assert [lower[True].adlow, lower[False].adlow] == [s.beta / s.B, 0]
    assert (2 * s.sbar2 + s.eps_p * s.alpha * s.trace + (s.B - 1) * s.eps_p * s.mu[s.i]) / s.B == constants.A


# The oracle itself -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_oracle_agrees_with_simulation(seed: int) -> None:
    """Every slot on, structures and noises at random: entries of Cov(g|v) within five standard errors."""
    rng = np.random.default_rng([2605, seed])
    system = random_system(rng)
    while len(system.layers) < (6 if system.sketch is not None else 5) or len(system.spectrum) > 6:
        system = random_system(rng)
    system = replace(system, batch=2)
    exact = gradient(system)
    v = exact.optimum + rng.standard_normal(len(exact.optimum))
    simulated, error = simulated_covariance(system, v, 100_000, rng)
    assert np.all(np.abs(simulated - exact.covariance(v)) <= 5 * error)


# The lower parameter row where it is not claimed -----------------------------------------------------------------------


def squares_correlation(system: System) -> float:
    """Smallest eigenvalue of E |q|^2 q q^T relative to tr Sigma Sigma."""
    exact = gradient(system)
    weight = np.eye(len(exact.second))
    weight[-1, -1] = 0
    moment, weighted = exact.feature_moment.astype(float), exact.weighted(weight).astype(float)
    return float(scipy.linalg.eigh(weighted, moment, eigvals_only=True)[0] / np.trace(moment))


def test_no_lower_parameter_row_for_dithered_data_behind_a_sketch() -> None:
    """E |q|^2 q q^T >= tr Sigma Sigma fails for uniform dither on x behind a sketch, so nothing may be claimed there."""
    layer = Layer(structure="additive", eps=0.3, noise="uniform")
    sketch = np.array([[0.29, 0.29], [-3.0, 3.0]])
    system = System(spectrum=np.full(2, 1e-4), target=np.zeros(2), noise_variance=1.0, sketch=sketch, layers={"data": layer})
    assert squares_correlation(system) < 0.45
    assert feature_row(quantization(system), sketched=True).spread_low == 0


def test_no_lower_parameter_row_for_an_elementwise_sketch() -> None:
    """The same for an elementwise sketch error, one large row of S among small ones: 0.66 instead of 1."""
    layer = Layer(structure="elementwise", eps=0.5, noise="two-point")
    column = np.array([1.0, *[1e-3] * 7])[:, None]
    system = System(spectrum=np.ones(1), target=np.zeros(1), noise_variance=1.0, sketch=column, layers={"sketch": layer})
    assert squares_correlation(system) < 0.7
    assert feature_row(quantization(system), sketched=True).spread_low == 0


# Structure of the objects ----------------------------------------------------------------------------------------------

EVERYTHING = Quantization(
    sketch=Multiplicative("0.1"),
    data=Multiplicative("0.1", noise="gaussian"),
    feature=Multiplicative("0.05"),
    label=Multiplicative("0.1"),
    parameter=Elementwise("0.1"),
    activation=Multiplicative("0.1"),
    output=Multiplicative("0.1"),
    batch_scale="shared",
)
PARTS = ("A", "ad", "av", "Alow", "adlow")


def test_slots_add_up() -> None:
    constants = noise_constants(EVERYTHING, sketched=True)
    assert [slot.slot for slot in constants.slots] == ["features", "parameter", "activation", "label", "output"]
    for name in PARTS:
        assert sp.expand(getattr(constants, name) - sum(slot.batch(name) for slot in constants.slots)) == 0
    assert all(slot.source.startswith("theory section 4") for slot in constants.slots)


def test_full_precision_is_the_additive_row_without_levels() -> None:
    constants = noise_constants(Quantization(data=Multiplicative(0)), sketched=True)
    assert [getattr(constants, name) * s.B for name in PARTS] == [s.sigma_q2, 2, 0, s.sigma_q2, 1]
    assert constants.hypotheses == ()


@pytest.mark.parametrize("slot", ["data", "sketch", "feature", "label", "parameter", "activation", "output"])
def test_an_exact_slot_leaves_no_symbol(slot: str) -> None:
    constants = noise_constants(EVERYTHING.without(slot), sketched=True, in_levels=True)
    for name in PARTS:
        assert s.EPS[slot] not in getattr(constants, name).free_symbols
    assert s.EPS[slot] in noise_constants(EVERYTHING, sketched=True, in_levels=True).A.free_symbols | (
        noise_constants(EVERYTHING, sketched=True, in_levels=True).av.free_symbols
    )


@pytest.mark.parametrize("data", [Additive("0.1"), Multiplicative("0.1"), Elementwise("0.1")])
def test_levels_going_to_zero_give_full_precision(data: Additive | Multiplicative | Elementwise) -> None:
    """eps = 0 in the expressions, where Sigma = Lam makes sigma_q^2 = sigma_M^2, is the full-precision row (with ad = 2)."""
    constants = noise_constants(Quantization(data=data, parameter=Multiplicative("0.1")), sketched=False, in_levels=True)
    exact = {s.eps_d: 0, s.eps_p: 0, s.sigma_M2: s.sigma_q2}
    assert [getattr(constants, name).subs(exact) * s.B for name in PARTS[:4]] == [s.sigma_q2, 2, 0, s.sigma_q2]


def test_one_sample_does_not_see_the_batch_scale() -> None:
    levels = {slot: EVERYTHING.get(slot) for slot in ("data", "label", "parameter", "activation", "output")}
    shared = noise_constants(Quantization(**levels, batch_scale="shared"), sketched=False)
    single = noise_constants(Quantization(**levels), sketched=False)
    for name in PARTS:
        assert sp.expand((getattr(shared, name) - getattr(single, name)).subs(s.B, 1)) == 0
    assert sp.expand(shared.av - single.av) != 0


def test_moments_in_levels_are_the_same_constants() -> None:
    symbolic, levels = (noise_constants(EVERYTHING, sketched=True, in_levels=flag) for flag in (False, True))
    m2 = (1 + s.eps_d) * (1 + s.eps_s) * (1 + s.eps_f)
    m3 = (1 + 3 * s.eps_d) * (1 + 3 * s.eps_s) * (1 + 3 * s.eps_f)
    m4 = (1 + 6 * s.eps_d + 3 * s.eps_d**2) * (1 + 6 * s.eps_s + s.eps_s**2) * (1 + 6 * s.eps_f + s.eps_f**2)
    point = dict.fromkeys((s.eps_d, s.eps_s, s.eps_f, s.eps_l, s.eps_p, s.eps_a, s.eps_o), sp.Rational(1, 7))
    point |= {s.B: 3, s.tau: 2}
    for name in ("ad", "av", "adlow"):
        there = getattr(symbolic, name).subs({s.m2: m2, s.m3: m3, s.m4: m4}).subs(point)
        assert sp.simplify(there - getattr(levels, name).subs(point)) == 0


@pytest.mark.parametrize(
    ("eps", "noise", "low"),
    [("0.145", "two-point", s.sigma_q2), ("0.146", "two-point", s.sigma_M2), ("0.146", "gaussian", s.sigma_q2)],
)
def test_elementwise_lower_row_changes_at_the_proved_level(eps: str, noise: str, low: sp.Symbol) -> None:
    """(7 - sqrt 45)/2 = 0.1459 for a two-point scale; the condition on the levels is among the hypotheses."""
    constants = noise_constants(Quantization(data=Elementwise(eps, noise=noise)), sketched=False)
    assert constants.Alow * s.B == low
    assert any("sigma_q^2" in condition.name for condition in constants.hypotheses) == (low == s.sigma_q2)


def test_the_elementwise_lower_row_fails_past_its_level() -> None:
    """sigma_q^2 as a lower constant at eps = 0.16, one coordinate: the exact covariance is below it."""
    layer = Layer(structure="elementwise", eps=0.16, noise="two-point")
    system = System(spectrum=np.ones(1), target=np.ones(1), noise_variance=1e-3, layers={"data": layer})
    constants = noise_constants(quantization(system), sketched=False)
    rng = np.random.default_rng(0)
    assert adversarial(rng, bounds(system, constants))[1] >= 1 - TOLERANCE
    assert adversarial(rng, bounds(system, replace(constants, Alow=s.sigma_q2 / s.B)))[1] < 1


@pytest.mark.parametrize(("eps", "layers"), [(1.5, ("data",)), (0.8, ("data", "feature"))])
def test_the_elementwise_lower_row_of_large_gaussian_scales(eps: float, layers: tuple[str, ...]) -> None:
    """t < 0 gives no adlow above 1: with the error in one direction, the other one sees |u|^2 alone."""
    layer = Layer(structure="elementwise", eps=eps, noise="gaussian")
    system = System(spectrum=np.ones(2), target=np.zeros(2), noise_variance=1e-3, layers=dict.fromkeys(layers, layer))
    for in_levels in (True, False):
        sides = bounds(system, noise_constants(quantization(system), sketched=False, in_levels=in_levels))
        assert sides.lower is not None
        assert sides.lower[1] == pytest.approx(1)
        assert 1 - TOLERANCE <= sides.ratios(np.array([0.0, 10.0]))[1] <= 1.01


def table(constants: NoiseConstants) -> tuple[sp.Expr, ...]:
    return tuple(sp.expand(getattr(constants, name) * s.B) for name in PARTS)


def test_generic_row_counts_layers() -> None:
    """C = 3 for x, times 3 for a layer of independent errors, 2 for a common two-point scale, 1 for additive dither."""
    mixed = Quantization(data=Additive("0.1"), feature=Elementwise("0.1"))
    assert table(noise_constants(mixed, sketched=True)) == (s.sigma_M2 + 9 * s.excess, 9, 0, s.sigma_M2, 0)
    mixed = Quantization(data=Multiplicative("0.1"), sketch=Additive("0.1", noise="entrywise"))
    gap = 2 * s.model_error + s.excess
    assert table(noise_constants(mixed, sketched=True)) == (s.noise_variance + sp.expand(18 * gap), 18, 0, s.noise_variance, 0)


def test_each_scale_layer_states_its_range() -> None:
    constants = noise_constants(EVERYTHING, sketched=True)
    assert {(c.lhs, c.rhs, c.strict) for c in constants.hypotheses} == {(s.eps_s, 1, True), (s.eps_f, 1, True)}


def test_refusals() -> None:
    with pytest.raises(ProblemError, match="needs a sketch"):
        noise_constants(Quantization(sketch=Multiplicative("0.1")), sketched=False)
    with pytest.raises(UnsupportedError, match=r"quantization\.data"):
        noise_constants(Quantization(data=Format("e4m3"), feature=Additive("0.1")), sketched=True)
