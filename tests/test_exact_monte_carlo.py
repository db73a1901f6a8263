"""The exact risk against quantized SGD actually run: theory.md section 1's update, draw by draw, M = 4."""

from dataclasses import replace

import numpy as np
import pytest
from oracles.exact_problems import two_point

from riskbounds.exact import (
    ErrorFunctional,
    ScaleMixture,
    SecondMomentModel,
    Slot,
    elementwise_features,
    exact_risk,
    gaussian_features,
)

SIZE, STEPS, NOISE, GAMMA, BATCH = 4, 9, 0.3, 0.22, 3
LAM = np.array([1.0, 0.6, 0.3, 0.15])
STAR = np.array([1.0, -0.7, 1.2, 0.5])
ROTATION = np.linalg.qr(np.random.default_rng(5).standard_normal((SIZE, SIZE)))[0]
DITHER = np.array([0.05, 0.2, 0.1, 0.02])
SLOTS = {
    "additive": dict.fromkeys(("label", "parameter", "activation", "output", "storage"), ("additive", 0.1)),
    "multiplicative": dict.fromkeys(("label", "parameter", "activation", "output"), ("multiplicative", 0.15)),
    "mixed": {
        "label": ("multiplicative", 0.2),
        "parameter": ("additive", 0.05),
        "activation": ("elementwise", 0.2),
        "output": ("multiplicative", 0.1),
        "storage": ("additive", 0.01),
    },
    "elementwise": dict.fromkeys(("label", "parameter", "activation", "output"), ("elementwise", 0.15)),
}


def quantize(rng, value, slot, shared_axis=None):
    """One error of the slot's structure; vectors lie along the last axis, shared_axis has one scale in common."""
    if slot is None:
        return value
    structure, eps = slot
    if structure == "additive":
        return value + np.sqrt(eps) * rng.standard_normal(value.shape)
    shape = list(value.shape)
    if structure == "multiplicative" and shared_axis is not None:
        shape[shared_axis] = 1
    return value * (1 + np.sqrt(eps) * rng.choice([-1.0, 1.0], size=shape))


def run(rng, runs, covariance, features, slots, shared):
    """vbar_N of every run; features(rng, z) quantizes clean z of shape (runs, B, M)."""
    root = np.linalg.cholesky(covariance)
    v, total = np.zeros((runs, SIZE)), np.zeros((runs, SIZE))
    batch_axis = 1 if shared else None
    for _ in range(STEPS):
        total += v
        z = rng.standard_normal((runs, BATCH, SIZE)) @ root.T
        y = z @ STAR + np.sqrt(NOISE) * rng.standard_normal((runs, BATCH))
        q = features(rng, z)
        u = quantize(rng, v, slots.get("parameter"), shared_axis=1)
        activation = quantize(rng, np.einsum("rbm,rm->rb", q, u), slots.get("activation"), batch_axis)
        error = quantize(rng, y, slots.get("label"), batch_axis) - activation
        output = quantize(rng, error, slots.get("output"), batch_axis)
        v = v + GAMMA / BATCH * np.einsum("rbm,rb->rm", q, output)
        v = quantize(rng, v, slots.get("storage"))
    return total / STEPS


def clean_model(covariance, mu, basis, features, slots, shared):
    """On clean inputs, a fixed target, in the eigenbasis `basis` of Sigma."""
    weights = basis.T @ covariance @ basis
    star = basis.T @ STAR
    b = weights @ star
    quantized = b / mu
    cross = quantized * (weights @ (star - quantized))
    shrinkage = float((quantized - star) @ weights @ (quantized - star))
    residual = NOISE + float(star @ weights @ star - b @ quantized)
    matrix = not np.allclose(weights, np.diag(np.diag(weights)))
    return SecondMomentModel(
        step_size=GAMMA,
        batch=BATCH,
        mu=mu,
        b2=b**2,
        gram=np.outer(b, b) if matrix else None,
        residual=residual,
        features=features,
        error=ErrorFunctional(
            approximation=0.0, shrinkage=shrinkage, cross=cross, weights=weights if matrix else np.diag(weights).copy()
        ),
        slots={name: Slot(structure=structure, eps=eps) for name, (structure, eps) in slots.items()},
        batch_scale="shared" if shared else "per-sample",
    )


def gaussian_dither(slots, shared):
    """Dither of covariance diag(DITHER) on features of covariance R LAM R^T: Sigma and Lam do not commute."""
    covariance = ROTATION @ np.diag(LAM) @ ROTATION.T
    mu, basis = np.linalg.eigh(covariance + np.diag(DITHER))
    model = clean_model(covariance, mu, basis, gaussian_features(mu), slots, shared)
    return covariance, model, lambda rng, z: z + np.sqrt(DITHER) * rng.standard_normal(z.shape)


def scaled_dither(slots, shared):
    """The same dither, then one common two-point scale."""
    covariance = ROTATION @ np.diag(LAM) @ ROTATION.T
    p, scales = two_point(0.2)
    base, basis = np.linalg.eigh(covariance + np.diag(DITHER))
    mixture = ScaleMixture(probabilities=p, signal=scales, variances=scales[:, None] ** 2 * base)
    model = clean_model(covariance, p @ mixture.variances, basis, mixture, slots, shared)

    def features(rng, z):
        scale = 1 + np.sqrt(0.2) * rng.choice([-1.0, 1.0], size=(*z.shape[:2], 1))
        return scale * (z + np.sqrt(DITHER) * rng.standard_normal(z.shape))

    return covariance, model, features


def scale_then_floor(slots, shared):
    """A common scale, then white dither: commuting, and the signal scale is not the feature scale."""
    p, scales = two_point(0.3)
    mixture = ScaleMixture(probabilities=p, signal=scales, variances=scales[:, None] ** 2 * LAM + 0.1)
    model = clean_model(np.diag(LAM), p @ mixture.variances, np.eye(SIZE), mixture, slots, shared)

    def features(rng, z):
        scale = 1 + np.sqrt(0.3) * rng.choice([-1.0, 1.0], size=(*z.shape[:2], 1))
        return scale * z + np.sqrt(0.1) * rng.standard_normal(z.shape)

    return np.diag(LAM), model, features


def elementwise(slots, shared):
    """Independent two-point scales."""
    eps = 0.2
    moments = elementwise_features(LAM, STAR**2, 1 + eps, 1 + 3 * eps, 1 + 6 * eps + eps**2)
    model = clean_model(np.diag(LAM), LAM * (1 + eps), np.eye(SIZE), moments, slots, shared)
    return np.diag(LAM), model, lambda rng, z: quantize(rng, z, ("elementwise", eps))


CASES = {
    "dither": (gaussian_dither, ("additive", "multiplicative")),
    "scaled dither": (scaled_dither, ("additive", "multiplicative")),
    "scale then floor": (scale_then_floor, ("multiplicative", "mixed")),
    "elementwise": (elementwise, ("mixed", "elementwise")),
}
ALL = [(case, slots, shared) for case, (_, kinds) in CASES.items() for slots in kinds for shared in (False, True)]


def within_four_standard_errors(case, slots, shared, runs):
    rng = np.random.default_rng([ALL.index((case, slots, shared)), runs])
    covariance, model, features = CASES[case][0](SLOTS[slots], shared)
    risks = []
    for _ in range(max(1, runs // 20_000)):
        error = run(rng, min(runs, 20_000), covariance, features, SLOTS[slots], shared) - STAR
        risks.append(np.einsum("ri,ij,rj->r", error, covariance, error) / 2)
    sample = np.concatenate(risks)
    standard_error = sample.std() / np.sqrt(sample.size)
    assert abs(sample.mean() - exact_risk(model, [STEPS])[0]) <= 4 * standard_error


@pytest.mark.parametrize(("case", "slots", "shared"), ALL)
def test_monte_carlo(case, slots, shared):
    within_four_standard_errors(case, slots, shared, 20_000)


@pytest.mark.long
@pytest.mark.parametrize(("case", "slots", "shared"), ALL)
def test_monte_carlo_with_many_runs(case, slots, shared):
    within_four_standard_errors(case, slots, shared, 200_000)


def test_the_target_of_a_prior_is_averaged():
    """E over two targets equals the average of two fixed targets, in every quadratic input."""
    _, model, _ = gaussian_dither(SLOTS["multiplicative"], True)
    other = replace(
        model,
        b2=4 * model.b2,
        gram=4 * model.gram,
        residual=NOISE + 4 * (model.residual - NOISE),
        error=replace(model.error, cross=4 * model.error.cross, shrinkage=4 * model.error.shrinkage),
    )
    half = replace(
        model,
        b2=2.5 * model.b2,
        gram=2.5 * model.gram,
        residual=NOISE + 2.5 * (model.residual - NOISE),
        error=replace(model.error, cross=2.5 * model.error.cross, shrinkage=2.5 * model.error.shrinkage),
    )
    steps = [4, 50]
    np.testing.assert_allclose(exact_risk(half, steps), (exact_risk(model, steps) + exact_risk(other, steps)) / 2, rtol=1e-13)
