"""The any-N exact risk against stepping, hand-worked closed forms and the reference values."""

import time
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from oracles.exact_problems import KINDS, commuting, random_problem

from riskbounds.errors import HypothesisError, ProblemError, UnsupportedError
from riskbounds.exact import (
    Slot,
    data_term,
    elementwise_features,
    exact_risk,
    gaussian_features,
    matching_steps,
    stability,
    stepped_risk,
)

STEPS = (1, 2, 5, 15, 16, 17, 40, 150, 700)


def any_steps_equals_stepping(problems):
    worst = 0.0
    for number in range(problems):
        model = random_problem(1000 + number, KINDS[number % len(KINDS)])
        error = np.abs(exact_risk(model, STEPS) / stepped_risk(model, STEPS) - 1)
        worst = max(worst, float(error.max()))
    assert worst <= 1e-10


def test_any_steps_equals_stepping_on_random_problems():
    any_steps_equals_stepping(21)


@pytest.mark.long
def test_any_steps_equals_stepping_on_200_random_problems():
    any_steps_equals_stepping(200)


def test_random_problems_cover_every_case():
    models = [random_problem(1000 + number, KINDS[number % len(KINDS)]) for number in range(200)]
    assert {model.batch for model in models} == {1, 2, 8, 64}
    seen = {(name, slot.structure, model.batch_scale) for model in models for name, slot in model.slots.items()}
    update = ("label", "parameter", "activation", "output")
    for structure in ("additive", "multiplicative", "elementwise"):
        for scale in ("per-sample", "shared"):
            assert all((name, structure, scale) in seen for name in update)
    assert any("storage" in model.slots for model in models)


@pytest.mark.parametrize("kind", KINDS)
def test_step_sizes_past_one_and_past_stability(kind):
    """x up to 1.7 (mirrored contour), and a second moment that grows (shifted contour)."""
    model = replace(random_problem(7, kind, size=6), batch=64)
    steps = [3, 17, 18, 60]
    for factor in (1.3, 1.7):
        moved = replace(model, step_size=factor / float(np.max(model.mu)))
        assert stability(moved) < 1
        np.testing.assert_allclose(exact_risk(moved, steps), stepped_risk(moved, steps), rtol=1e-11)
    growing = replace(model, step_size=0.9 / float(np.max(model.mu)), batch=1)
    growing = replace(growing, slots={"activation": Slot(structure="multiplicative", eps=2.0)})
    assert stability(growing) > 1
    np.testing.assert_allclose(exact_risk(growing, steps), stepped_risk(growing, steps), rtol=1e-10)


def test_stability_is_where_the_second_moment_starts_to_grow():
    """Bisect the load to 1; the largest mode of the recursion's own matrix then is 1."""
    model = replace(random_problem(3, "multiplicative", size=4), batch=1)
    low, high = 0.0, 2 / float(np.max(model.mu))
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if stability(replace(model, step_size=middle)) < 1 else (low, middle)
    far = exact_risk(replace(model, step_size=low * 0.99), [10**5, 10**6])
    assert far[1] < far[0]
    far = exact_risk(replace(model, step_size=low * 1.01), [10**3, 10**4])
    assert far[1] > 10 * far[0]


REFERENCE = [
    (1.5, "additive", 0.0, (0.4378, 0.1833, 0.06749, 0.01624)),
    (1.5, "elementwise", 0.05, (0.4481, 0.1907, 0.07263, 0.02022)),
    (2.0, "additive", 0.0, (0.1688, 0.05253, 0.01621, 0.004779)),
    (2.0, "additive", 1e-3, (0.1692, 0.05383, 0.01995, 0.01283)),
]


def ones_problem(size, a, structure, eps, **others):
    lam, ones = np.arange(1, size + 1) ** -a, np.ones(size)
    if structure == "additive":
        return commuting(lam, ones, 1.0, gaussian_features(lam + eps), lam + eps, **others)
    features = elementwise_features(lam, ones, 1 + eps, 1 + 3 * eps, 1 + 6 * eps + eps**2)
    return commuting(lam, ones, 1.0, features, lam * (1 + eps), **others)


@pytest.mark.parametrize(("a", "structure", "eps", "expected"), REFERENCE)
def test_reference_values(a, structure, eps, expected):
    model = ones_problem(1000, a, structure, eps, batch=1, step_size=0.1)
    values = exact_risk(model, [100, 1000, 10_000, 100_000])
    assert [f"{value:.4g}" for value in values] == [f"{value:.4g}" for value in expected]


@pytest.mark.parametrize(
    ("structure", "eps", "slots", "expected"),
    [
        ("additive", 0.02, "additive", (0.73943136, 0.25071606, 0.06816163)),
        ("elementwise", 0.1, "multiplicative", (0.74373602, 0.25720926, 0.04602391)),
    ],
)
def test_reference_values_with_all_slots(structure, eps, slots, expected):
    levels = {"parameter": 0.05, "activation": 0.03, "output": 0.04}
    chosen = {name: Slot(structure=slots, eps=level) for name, level in levels.items()}
    model = ones_problem(20, 1.5, structure, eps, batch=2, step_size=0.1, slots=chosen)
    for values in (exact_risk(model, [10, 100, 1000]), stepped_risk(model, [10, 100, 1000])):
        np.testing.assert_allclose(values, expected, atol=5e-9, rtol=0)


def one_coordinate(x, theta, second, constant, steps):
    """sum_{t<N} P_t w_{N-1-t} with P_t = theta^t (second - C) + C, C = constant/(1-theta), in fractions."""
    rho, fixed = 1 - x, constant / (1 - theta)
    moving = second - fixed
    tail, head = 2 * rho / x, 1 + 2 * rho / x
    sums = (1 - theta**steps) / (1 - theta), (1 - rho**steps) / x, (theta**steps - rho**steps) / (theta - rho)
    return head * (moving * sums[0] + fixed * steps) - tail * (moving * sums[2] + fixed * sums[1])


@pytest.mark.parametrize("steps", [1, 7, 16, 400])
@pytest.mark.parametrize("batch", [1, 3])
def test_one_coordinate_equals_its_closed_form(steps, batch):
    """lam = 3/4, additive data 1/8, v* = 2, sigma^2 = 1/2, gamma = 1/5: risk worked out by hand."""
    lam, eps, star, noise, gamma = Fraction(3, 4), Fraction(1, 8), 2, Fraction(1, 2), Fraction(1, 5)
    mu = lam + eps
    quantized, x = lam * star / mu, gamma * mu
    residual = noise + lam * star**2 * eps / mu
    theta = 1 - 2 * x + x**2 * (3 * Fraction(1, batch) + 1 - Fraction(1, batch))  # E q^4 = 3 mu^2
    total = one_coordinate(x, theta, quantized**2, gamma**2 * mu * residual / batch, steps)
    mean = quantized * (1 - (1 - (1 - x) ** steps) / (steps * x))
    variance_and_bias = total / steps**2
    expected = lam / 2 * (variance_and_bias - 2 * (quantized - mean) * (quantized - star) + (quantized - star) ** 2)
    model = commuting(
        np.array([float(lam)]),
        np.array([float(star**2)]),
        float(noise),
        gaussian_features(np.array([float(mu)])),
        np.array([float(mu)]),
        batch=batch,
        step_size=float(gamma),
    )
    assert exact_risk(model, [steps])[0] == pytest.approx(float(expected), rel=1e-12)
    assert stepped_risk(model, [steps])[0] == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_batch_one_is_the_same_in_both_batch_scales(kind):
    slots = {name: Slot(structure="multiplicative", eps=0.05) for name in ("label", "activation", "output")}
    model = replace(random_problem(11, kind, size=4), batch=1, slots=slots)
    shared = replace(model, batch_scale="shared")
    per_sample = replace(model, batch_scale="per-sample")
    np.testing.assert_array_equal(exact_risk(shared, [9, 300]), exact_risk(per_sample, [9, 300]))
    more = replace(shared, batch=4), replace(per_sample, batch=4)
    assert exact_risk(more[0], [300])[0] > exact_risk(more[1], [300])[0]


def test_diagonal_weights_and_their_matrix_agree():
    model = random_problem(12, "matrix scales", size=5)
    diagonal = np.diagonal(model.error.weights).copy()
    full = replace(model, error=replace(model.error, weights=np.diag(diagonal)))
    thin = replace(model, error=replace(model.error, weights=diagonal))
    np.testing.assert_allclose(exact_risk(full, [5, 100, 1e6]), exact_risk(thin, [5, 100, 1e6]), rtol=1e-13)


def test_data_term_falls_to_zero_and_is_no_difference():
    model = replace(random_problem(2, "additive", size=5), slots={})
    far = data_term(model, [1e14, 1e15])
    assert far[0] / far[1] == pytest.approx(10, rel=1e-6)
    assert far[0] < 1e-11


def test_real_steps_continue_the_integers():
    """Around N = 3 and N = 16, where the contour changes, the value at real N is smooth."""
    model = random_problem(5, "mixed scales", size=6)
    for steps in (1, 3, 16, 90):
        values = data_term(model, [steps, steps + 1e-7, steps + 2e-7])
        assert values[2] - 2 * values[1] + values[0] == pytest.approx(0, abs=1e-12)
        assert values[1] == pytest.approx(values[0], rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_matching_steps_inverts_the_data_term(kind):
    model = replace(random_problem(4, kind, size=6), slots={})
    for steps in (1.5, 7.3, 100.0, 1e5, 1e10):
        assert matching_steps(model, float(data_term(model, [steps])[0])) == pytest.approx(steps, rel=1e-9)
    assert matching_steps(model, 2 * float(np.max(data_term(model, 2.0 ** np.arange(40))))) is None
    assert matching_steps(model, 0.0) is None


def test_matching_steps_takes_the_largest_root():
    """A small target and large noise: the data term first rises, so most values are met twice."""
    model = commuting(
        np.array([1.0, 0.01]),
        np.array([1e-4, 1e-4]),
        1.0,
        gaussian_features(np.array([1.0, 0.01])),
        np.array([1.0, 0.01]),
        batch=1,
        step_size=0.2,
    )
    start, later, last = (float(value) for value in data_term(model, [2, 20, 2000]))
    assert start < later
    assert last < start
    found = matching_steps(model, start)
    assert 20 < found < 2000
    assert data_term(model, [found])[0] == pytest.approx(start, rel=1e-9)


def test_refusals_name_what_to_change():
    model = random_problem(6, "additive", size=3)
    with pytest.raises(ProblemError, match="steps"):
        exact_risk(model, [0])
    with pytest.raises(ProblemError, match="steps"):
        stepped_risk(model, [2.5])
    past = replace(model, step_size=1.2 / float(np.max(model.mu)))
    with pytest.raises(HypothesisError, match="integer"):
        exact_risk(past, [10.5])
    wild = replace(model, step_size=5 / float(np.max(model.mu)))
    with pytest.raises(HypothesisError, match="step_size"):
        exact_risk(wild, [10**6])
    with pytest.raises(UnsupportedError, match="storage"):
        replace(model, slots={"storage": Slot(structure="elementwise", eps=0.1)})
    with pytest.raises(ProblemError, match="batch_scale"):
        replace(model, batch_scale="per batch")
    with pytest.raises(ProblemError, match="slot"):
        replace(model, slots={"data": Slot(structure="additive", eps=0.1)})
    matrix = random_problem(6, "matrix", size=3)
    with pytest.raises(UnsupportedError, match="elementwise"):
        replace(matrix, slots={"parameter": Slot(structure="elementwise", eps=0.1)})
    with pytest.raises(ProblemError, match="gram"):
        replace(matrix, gram=None)


def test_large_problem_at_a_million_million_steps(capsys):
    model = ones_problem(1000, 1.5, "additive", 1e-3, batch=1, step_size=0.1)
    start = time.perf_counter()
    value = exact_risk(model, [10**12])[0]
    with capsys.disabled():
        print(f"\nexact risk, M = 1000, N = 1e12: {value:.6g} in {time.perf_counter() - start:.3f} s (limit 2 s)")
    assert np.isfinite(value)
