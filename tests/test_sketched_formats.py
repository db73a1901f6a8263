"""A true data format behind a sketch: Sigma, targets and constants of the instance against dense matrices."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from riskbounds import Explicit, ExplicitTarget, Format, GaussianSketch, Isotropic, Quantization, Setting, Training, bound
from riskbounds import symbols as s
from riskbounds.errors import HypothesisError, UnsupportedError
from riskbounds.instance import instance
from riskbounds.numerics.floats import Floats
from riskbounds.quantization.constants import sketched_data_constants
from riskbounds.quantization.moments import gaussian_moments

SPECTRUM, WEIGHTS, SIZE = np.array([1.0, 0.4, 0.2, 0.05, 0.01]), np.array([1.0, -0.5, 2.0, 1.0, 3.0]), 3
SKETCH = GaussianSketch(SIZE, seed=4)
MATRIX = next(SKETCH.matrix_blocks(5, SIZE))


def setting(target, name="e2m1", **slots) -> Setting:
    return Setting(
        spectrum=Explicit(list(SPECTRUM)),
        target=target,
        noise_variance="1/2",
        sketch=SKETCH,
        training=Training(steps=50, step_size="1/50"),
        quantization=Quantization(data=Format(name), **slots),
    )


def dense(second):
    """Constants by the formulas with E w w^T = second, without eigenbases."""
    moments = gaussian_moments(Format("e2m1"), np.sqrt(SPECTRUM))
    inverse = np.linalg.inv((MATRIX * moments.second) @ MATRIX.T)
    turn = MATRIX.T @ inverse @ (MATRIX * SPECTRUM)
    return sketched_data_constants(
        moments, 0.5, np.diag(second), np.diag(second @ turn.T), np.diag(turn @ second @ turn.T),
        moments.second * np.diag(MATRIX.T @ inverse @ MATRIX),
    )  # fmt: skip


@pytest.mark.parametrize("prior", [False, True])
def test_instance_against_dense_matrices(prior):
    item = instance(setting(Isotropic(2) if prior else ExplicitTarget(list(WEIGHTS))), SIZE)
    second = 2 * np.eye(5) if prior else np.outer(WEIGHTS, WEIGHTS)
    evaluation, found = item.evaluation(Floats()), dense(second)
    moments = gaussian_moments(Format("e2m1"), np.sqrt(SPECTRUM))
    sigma = (MATRIX * moments.second) @ MATRIX.T
    np.testing.assert_allclose(evaluation.sequence(s.mu[s.i]), np.linalg.eigvalsh(sigma)[::-1], rtol=1e-10)
    pairs = {s.alpha: found.alpha, s.format_ad: found.slope, s.format_adlow: found.lower_slope, s.sigma_q2: found.residual}
    for symbol, value in pairs.items():
        assert evaluation.scalar(symbol) == pytest.approx(float(value), rel=1e-10)
    for symbol, value in ((s.format_A, found.upper), (s.format_Alow, found.lower), (s.format_label, found.label)):
        np.testing.assert_allclose(evaluation.sequence(symbol[s.i]), float(value), rtol=1e-10)


def test_a_prior_is_the_average_over_its_targets():
    """E u^2 and E w u of the prior are those of all sign vectors."""
    mean = np.mean([np.outer(w, w) for w in np.array(list(product([-1.0, 1.0], repeat=5)))], axis=0)
    np.testing.assert_allclose(mean, np.eye(5))
    assert dense(mean).residual == pytest.approx(dense(np.eye(5)).residual)


def test_a_fine_format_is_nearly_full_precision():
    fine, full = (bound(each).rows[0].risk for each in (setting(Isotropic(), "fp16"), setting(Isotropic()).full_precision()))
    assert float(fine.upper) == pytest.approx(float(full.upper), rel=1e-3)
    assert float(fine.lower) == pytest.approx(float(full.lower), rel=2e-2)
    assert float(fine.lower) < float(full.exact) < float(fine.upper) * 1.001


def test_what_is_still_refused():
    from riskbounds import Additive

    with pytest.raises(UnsupportedError, match="true format"):
        bound(setting(Isotropic(), feature=Additive("1/10")))
    with pytest.raises(UnsupportedError, match=r"quantization\.sketch"):
        bound(setting(Isotropic()).replace(quantization=Quantization(sketch=Format("e4m3"))))
    with pytest.raises(HypothesisError, match="saturates"):
        bound(setting(Isotropic()).replace(quantization=Quantization(data=Format("int4", range=1))))
