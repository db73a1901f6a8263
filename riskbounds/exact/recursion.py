"""The affine recursion of P_t = E delta_t delta_t^T, delta = v - v^q, as coefficients.

Diagonal, with rho = 1 - x and rank vectors c^k:

    P_i <- (1 - gap_i) P_i + sum_k rank_weight_k c^k_i (c^k . P) + constant_i + decaying_i rho_i^t
           + sum_k c^k_i sum_j mixing_kj rho_j^t

Off the diagonal (needed only when Sigma and Lam do not commute):

    P_ij <- (1 - gap_ij) P_ij + constant_ij + decaying_ij rho_j^t + decaying_ji rho_i^t

Derived from theory.md sections 1 and 2 in delta form, because the raw form E v^2 cancels once delta is small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskbounds.exact.model import (
    Array,
    IndependentCoordinates,
    Real,
    ScaleMixture,
    SecondMomentModel,
    label_second_moment,
)


@dataclass(frozen=True, kw_only=True)
class SlotFactors:
    """The slots as numbers: additive levels *_add, relative levels *_rel, shared ones *_shared, and their products.

    parameter = K_p, sample = K = K_p K_a K_o, outer = K_o, batch_* the factors of the term common to two samples.
    """

    label_add: Real
    label_rel: Real
    label_shared: Real
    parameter_add: Real
    parameter_rel: Real
    activation_add: Real
    activation_rel: Real
    activation_shared: Real
    output_add: Real
    outer: Real
    outer_shared: Real
    storage: Real

    @property
    def parameter(self) -> Real:
        """K_p: how E u_i^2 multiplies E v_i^2."""
        return 1 + self.parameter_rel

    @property
    def sample(self) -> Real:
        """K = K_p K_a K_o: how the second moment of one sample's gradient multiplies E delta^2."""
        return self.outer * self.parameter * (1 + self.activation_rel)

    @property
    def batch(self) -> Real:
        """How the product of two samples' gradients multiplies E delta_i delta_j."""
        return self.outer_shared * self.parameter * (1 + self.activation_shared)


def slot_factors(model: SecondMomentModel) -> SlotFactors:
    """Split every slot into its additive, relative and shared level."""

    def level(name: str, structures: tuple[str, ...]) -> Real:
        slot = model.slots.get(name)
        return slot.eps if slot is not None and slot.structure in structures else 0

    relative = ("multiplicative", "elementwise")
    shared = ("multiplicative",) if model.batch_scale == "shared" else ()
    return SlotFactors(
        label_add=level("label", ("additive",)),
        label_rel=level("label", relative),
        label_shared=level("label", shared),
        parameter_add=level("parameter", ("additive",)),
        parameter_rel=level("parameter", relative),
        activation_add=level("activation", ("additive",)),
        activation_rel=level("activation", relative),
        activation_shared=level("activation", shared),
        output_add=level("output", ("additive",)),
        outer=1 + level("output", relative),
        outer_shared=1 + level("output", shared),
        storage=level("storage", ("additive",)),
    )


@dataclass(frozen=True, kw_only=True)
class DiagonalRecursion:
    """Coefficients of the diagonal recursion in the module docstring; start is P_0 = E (v^q_i)^2."""

    gap: Array
    contraction: Array
    start: Array
    constant: Array
    decaying: Array
    rank_vectors: Array
    rank_weights: Array
    mixing: Array


@dataclass(frozen=True, kw_only=True)
class PairRecursion:
    """Coefficients of the off-diagonal recursion; decaying[i, j] belongs to rho_j^t. Diagonals are meaningless."""

    gap: Array
    contraction: Array
    start: Array
    constant: Array
    decaying: Array
    geometric: bool


@dataclass(frozen=True, kw_only=True)
class _GradientMoments:
    """Per-sample moments: E q_i^2 (q^T w)^2 = sum_k p_k c^k_i (c^k . w^2) + own_i w_i^2, and those with r and y.

    E q_i^2 r^2 = noise_i; -2 E q_i^2 r q^T w gives own_drift_i rho_i^t + sum_k p_k c^k_i sum_j drift_kj rho_j^t;
    E q_i^2 y^2 = label_i.
    """

    vectors: Array
    weights: Array
    own: Array
    noise: Array
    own_drift: Array
    drift: Array
    label: Array


def _mixture_moments(model: SecondMomentModel, features: ScaleMixture) -> _GradientMoments:
    p, signal, c = features.probabilities[:, None], features.signal[:, None], features.variances
    weight = model.b2 / model.mu
    tilt = signal - c / model.mu  # E[q_i r | s] = tilt_i b_i
    residual = model.residual + (2 * (1 - signal) * weight + (c - model.mu) * weight / model.mu).sum(axis=1)
    return _GradientMoments(
        vectors=c,
        weights=features.probabilities,
        own=2 * (p * c * c).sum(axis=0),
        noise=(p * (c * residual[:, None] + 2 * tilt * tilt * model.b2)).sum(axis=0),
        own_drift=4 * (p * tilt * c).sum(axis=0) * weight,
        drift=2 * tilt * weight,
        label=model.mu * label_second_moment(model) + 2 * (p * signal * signal).sum() * model.b2,
    )


def _independent_moments(model: SecondMomentModel, features: IndependentCoordinates) -> _GradientMoments:
    mu, t2, ratio = model.mu, features.target2, features.clean / model.mu
    missed = features.clean * t2 * (mu - features.clean) / mu  # E r_i^2, the label part that coordinate i misses
    crossed = features.third - ratio * features.fourth  # E q_i^3 r_i = crossed_i v*_i
    return _GradientMoments(
        vectors=mu[None, :],
        weights=np.ones(1, dtype=mu.dtype),
        own=features.fourth - mu * mu,
        noise=mu * (model.residual - missed) + t2 * (features.mixed - ratio * (features.third + crossed)),
        own_drift=2 * crossed * ratio * t2,
        drift=0 * mu[None, :],
        label=mu * (label_second_moment(model) - features.clean * t2) + t2 * features.mixed,
    )


def diagonal_recursion(model: SecondMomentModel) -> DiagonalRecursion:
    """Coefficients of the diagonal recursion, from E G G^T of the batch gradient G (theory.md sections 1 to 3)."""
    f, mu = slot_factors(model), model.mu
    if isinstance(model.features, ScaleMixture):
        moments = _mixture_moments(model, model.features)
    else:
        moments = _independent_moments(model, model.features)
    one = _share(model, 1)
    two = _share(model, model.batch - 1)
    x = model.step_size * mu
    start = model.b2 / (mu * mu)
    # E w^2 + eps_a E u^2 beyond its multiple of P, w = u - v^q: a constant and a multiple of rho^t
    relative = f.parameter_rel + f.activation_rel * f.parameter
    common = f.parameter_rel + f.activation_shared * f.parameter
    still = f.parameter_add * (1 + f.activation_rel) + relative * start
    moving = -2 * relative * start
    vectors, weights = moments.vectors, moments.weights
    quadratic = (weights * (vectors * still).sum(axis=1)) @ vectors + moments.own * still
    sample = f.outer * (moments.noise + quadratic + f.label_add * mu + f.label_rel * moments.label + f.activation_add * mu)
    pair_still = f.parameter_add * (1 + f.activation_shared) + common * start
    pair_moving = -2 * common * start
    return DiagonalRecursion(
        gap=2 * x - one * f.sample * moments.own - two * f.batch * mu * mu,
        contraction=x,
        start=start,
        constant=one * (sample + f.output_add * mu)
        + two * f.outer_shared * (mu * mu * pair_still + f.label_shared * model.b2)
        + f.storage,
        decaying=one * f.outer * (moments.own * moving + moments.own_drift) + two * f.outer_shared * mu * mu * pair_moving,
        rank_vectors=vectors,
        rank_weights=one * f.sample * weights,
        mixing=one * f.outer * weights[:, None] * (vectors * moving + moments.drift),
    )


def pair_recursion(model: SecondMomentModel) -> PairRecursion:
    """Coefficients of the off-diagonal recursion, for a scale mixture (theory.md section 3, not commuting)."""
    if not isinstance(model.features, ScaleMixture) or model.gram is None:
        raise TypeError("the off-diagonal recursion needs a scale mixture and the matrix E b b^T")
    f, mu, features = slot_factors(model), model.mu, model.features
    gram = _symmetric(model.gram)
    p, signal, c = features.probabilities[:, None], features.signal[:, None], features.variances
    one = _share(model, 1)
    two = _share(model, model.batch - 1)
    x = model.step_size * mu
    tilt, scaled = signal - c / mu, c / mu
    fourth = 2 * (p * scaled).T @ scaled  # twice E c_i c_j / (mu_i mu_j)
    relative = f.parameter_rel + f.activation_rel * f.parameter
    pair_relative = f.parameter_rel + f.activation_shared * f.parameter
    common = two * f.outer_shared
    squared = (p * signal * signal).sum()
    constant = one * f.outer * (2 * (p * tilt).T @ tilt + relative * fourth + 2 * f.label_rel * squared) + common * (
        pair_relative + f.label_shared
    )
    decaying = one * f.outer * (2 * (p * tilt).T @ scaled - relative * fourth) - common * pair_relative
    geometric = all(_is_zero(level) for level in (relative, f.label_rel)) and features.probabilities.shape[0] == 1
    return PairRecursion(
        gap=x[:, None] + x - (one * f.sample * fourth + two * f.batch) * mu[:, None] * mu,
        contraction=x,
        start=gram / (mu[:, None] * mu),
        constant=constant * gram,
        decaying=decaying * gram,
        geometric=geometric,
    )


def off_diagonal(weights: Array) -> Array:
    """The symmetric part of a matrix with its diagonal set to zero."""
    off = _symmetric(weights)
    np.fill_diagonal(off, 0)
    return off


def _symmetric(matrix: Array) -> Array:
    """Half of matrix + its transpose: rounding may have left them apart, and the formulas use either."""
    return (matrix + matrix.T) / 2


def _share(model: SecondMomentModel, parts: int) -> Real:
    """gamma^2 parts / B."""
    return model.step_size * model.step_size * parts / model.batch


def _is_zero(level: Real) -> bool:
    return bool(level == 0)
