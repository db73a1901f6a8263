"""The population that a simulation draws from: its matrices, the targets of the replicas, and the risk of an iterate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from riskbounds import symbols as s
from riskbounds.errors import UnsupportedError
from riskbounds.instance import fixed_or_prior_target, instance, moments_of, unsketched_instance
from riskbounds.measured import MeasuredMoments
from riskbounds.numerics.floats import Floats
from riskbounds.setting import Setting
from riskbounds.simulation.quantizers import signs
from riskbounds.sketched import SketchedMoments

Array = np.ndarray[Any, np.dtype[np.float64]]

FEATURES = ("sketch", "data", "feature")
ENTRIES_LIMIT = 2 * 10**8
"""Largest number p M of entries of a sketch that a simulation keeps (1.6 GB)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Population:
    """Data of one setting at one model size, in numbers (theory.md section 1).

    spectrum: eigenvalues of H (p,); target: E w*_i^2 of a prior, or w* itself; noise: sigma^2.  lam, vectors: eigenvalues and
    eigenvectors of Lam = S H S^T (vectors None without a sketch: the identity); factor: U^T S H^{1/2} (M, p), None without a
    sketch; sketch: S (M, p).  moments: the second moments of the sketched or measured problem.
    """

    setting: Setting
    spectrum: Array
    target: Array
    prior: bool
    noise: float
    lam: Array
    vectors: Array | None
    factor: Array | None
    sketch: Array | None
    moments: SketchedMoments | None

    @property
    def size(self) -> int:
        """M."""
        return len(self.lam)


@dataclass(frozen=True, kw_only=True, eq=False)
class Targets:
    """The targets of some replicas: w* (R, p) or None on measured data, v* in the eigenbasis of Lam and its image b = Lam v*
    (R, M), and Approx (R,).  A fixed target has R = 1 and is shared by broadcasting.
    """

    weights: Array | None
    best: Array
    image: Array
    approximation: Array


def population(setting: Setting, size: int | None) -> Population:
    """Gather the matrices; raises UnsupportedError in infinite dimension and for a sketch that does not fit in memory."""
    if setting.dimension is None:
        raise UnsupportedError("an infinite dimension cannot be simulated; give problem.spectrum.dimension a number")
    if size is not None and size * setting.dimension > ENTRIES_LIMIT:
        raise UnsupportedError(
            f"simulating a {size} x {setting.dimension} sketch needs more than {ENTRIES_LIMIT} entries in memory; lower the sizes"
        )
    if setting.is_data:
        return _measured(setting, size)
    clean = setting.full_precision().replace(sketch=None)
    spectrum = unsketched_instance(clean).evaluation(Floats()).sequence(s.lam[s.i])
    target, prior = fixed_or_prior_target(clean)
    noise = float(setting.noise_variance or 0)
    if size is None:
        return Population(
            setting=setting, spectrum=spectrum, target=target, prior=prior, noise=noise,
            lam=spectrum, vectors=None, factor=None, sketch=None, moments=None,
        )  # fmt: skip
    assert setting.sketch is not None
    moments = moments_of(setting, size)
    sketch = np.concatenate(list(setting.sketch.matrix_blocks(setting.dimension, size)), axis=1)
    return Population(
        setting=setting, spectrum=spectrum, target=target, prior=prior, noise=noise, lam=moments.lam, vectors=moments.vectors,
        factor=moments.vectors.T @ (sketch * np.sqrt(spectrum)), sketch=sketch, moments=moments,
    )  # fmt: skip


def _measured(setting: Setting, size: int | None) -> Population:
    moments = moments_of(setting, size)
    assert isinstance(moments, MeasuredMoments)
    sketch = None
    if setting.sketch is not None and size is not None:
        sketch = np.concatenate(list(setting.sketch.matrix_blocks(moments.dimension, size)), axis=1)
    best = moments.vectors.T @ (moments.rows.T @ moments.response) / len(moments.rows) / moments.lam
    return Population(
        setting=setting, spectrum=moments.lam, target=best, prior=False, noise=moments.noise_variance, lam=moments.lam,
        vectors=moments.vectors, factor=None, sketch=sketch, moments=moments,
    )  # fmt: skip


def draw_targets(found: Population, runs: int, generator: np.random.Generator) -> Targets:
    """One target per replica from the prior, or the fixed target (R = 1).

    A prior gives E w*_i^2 only, and every risk is quadratic in w*, so its mean is the same for all priors with these second
    moments; w*_i = +-(E w*_i^2)^{1/2} with equal odds is the one whose squares do not fluctuate.
    """
    if isinstance(found.moments, MeasuredMoments):
        best = found.target[None, :]
        return Targets(weights=None, best=best, image=best * found.lam, approximation=np.array([found.moments.model_error]))
    weights = found.target[None, :]
    if found.prior:
        weights = np.sqrt(found.target) * signs((runs, len(found.target)), generator)
    if found.factor is None:
        return Targets(weights=weights, best=weights, image=weights * found.lam, approximation=np.zeros(len(weights)))
    scaled = weights * np.sqrt(found.spectrum)
    image = scaled @ found.factor.T
    best = image / found.lam
    missing = np.sum(scaled**2, axis=1) - np.sum(image * best, axis=1)
    return Targets(weights=weights, best=best, image=image, approximation=np.maximum(missing, 0.0) / 2)


@dataclass(frozen=True, kw_only=True, eq=False)
class RiskFunctional:
    """risk(v) = constant + 1/2 sum_i weights_i (turn^T v - centre)_i^2 for each replica; ``turn`` None is the identity.

    On clean inputs weights = lam, centre = v*, constant = Approx; on quantized inputs weights = mu, centre = v^q and the
    constant is (sigma_q^2 - sigma^2)/2 (theory.md section 2).
    """

    turn: Array | None
    weights: Array
    centre: Array
    constant: Array

    def __call__(self, iterate: Array) -> Array:
        """Population risk minus sigma^2/2 of iterates (R, M)."""
        v = iterate if self.turn is None else iterate @ self.turn
        return np.asarray(self.constant + np.sum(self.weights * (v - self.centre) ** 2, axis=1) / 2)


def risk_functional(found: Population, targets: Targets, basis: Array | None, size: int | None) -> RiskFunctional:
    """The error functional for iterates whose coordinates refer to the columns of ``basis`` (None: the sketch's own).

    Raises HypothesisError or UnsupportedError where quantized inputs have a covariance that no formula covers.
    """
    vectors = found.vectors
    if found.setting.risk_inputs == "clean":
        return RiskFunctional(turn=_turn(basis, vectors), weights=found.lam, centre=targets.best, constant=targets.approximation)
    levels = {slot: found.setting.quantization.get(slot) for slot in FEATURES}
    plain = found.setting.replace(quantization=found.setting.quantization.exact())
    for slot, level in levels.items():
        plain = plain.replace(quantization=plain.quantization.with_level(slot, level))
    item = instance(plain, size, found.moments)
    evaluation = item.evaluation(Floats())
    mu = evaluation.sequence(s.mu[s.i])
    image = targets.image
    if item.general is None:
        excess = np.sum(targets.best * image * (evaluation.sequence(s.feature_error[s.i]) / mu), axis=1)
    else:
        assert vectors is not None
        image = image @ (vectors.T @ item.general.vectors)
        excess = np.sum(targets.best * targets.image, axis=1) - np.sum(image**2 / mu, axis=1)
        vectors = item.general.vectors
    return RiskFunctional(turn=_turn(basis, vectors), weights=mu, centre=image / mu, constant=targets.approximation + excess / 2)


def _turn(basis: Array | None, vectors: Array | None) -> Array | None:
    """From the coordinates of the iterate to the eigenbasis ``vectors``."""
    if basis is vectors:
        return None
    if vectors is None:
        return basis if basis is None else basis.T
    return vectors if basis is None else basis.T @ vectors
