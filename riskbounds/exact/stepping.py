"""The exact expected risk by stepping raw moments E v, E v^2: slow, and written independently of the any-N route.

It follows theory.md section 3 line by line (T1, T2, T3, r, cross, R) and serves to check `exact_risk`. The risk is a
small difference of raw moments when N x is large, so the state is kept in numpy.longdouble.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np

from riskbounds.errors import ProblemError
from riskbounds.exact.model import (
    Array,
    ErrorFunctional,
    IndependentCoordinates,
    ScaleMixture,
    SecondMomentModel,
    label_second_moment,
)

_Three: TypeAlias = tuple[Array, Array, Array]
_Record = TypeVar("_Record", bound=SecondMomentModel | ScaleMixture | IndependentCoordinates | ErrorFunctional)


@dataclass(frozen=True, kw_only=True)
class _Levels:
    """eps of every slot, and whether it is relative (multiplicative, elementwise) and shared over the batch."""

    eps: dict[str, float]
    relative: dict[str, bool]
    shared: dict[str, bool]


def stepped_risk(model: SecondMomentModel, steps: Sequence[int]) -> Array:
    """E R(vbar_N) - sigma^2/2 for every integer N in steps, O(M) per step (O(M^2) when error.weights is a matrix)."""
    if any(count < 1 or count != int(count) for count in steps):
        raise ProblemError("steps must be integers of at least 1")
    wanted = {int(count): 0.0 for count in steps}
    model = _extended(model)
    if model.error.weights.ndim == 1:
        _step_vectors(model, wanted)
    else:
        _step_matrices(model, wanted)
    return np.array([wanted[int(count)] for count in steps])


def _extended(model: SecondMomentModel) -> SecondMomentModel:
    """The same numbers as numpy.longdouble."""

    def widen(owner: _Record) -> _Record:
        arrays: dict[str, Any] = {
            entry.name: np.asarray(value, dtype=np.longdouble)
            for entry in fields(owner)
            if isinstance(value := getattr(owner, entry.name), np.ndarray)
        }
        return replace(owner, **arrays)

    residual = cast(float, np.longdouble(model.residual))
    return replace(widen(model), features=widen(model.features), error=widen(model.error), residual=residual)


def _levels(model: SecondMomentModel) -> _Levels:
    names = ("label", "parameter", "activation", "output", "storage")
    eps = {name: float(model.slots[name].eps) if name in model.slots else 0.0 for name in names}
    kind = {name: model.slots[name].structure if name in model.slots else "additive" for name in names}
    return _Levels(
        eps=eps,
        relative={name: kind[name] != "additive" for name in names},
        shared={name: kind[name] == "multiplicative" and model.batch_scale == "shared" for name in names},
    )


def _gradient_square(
    levels: _Levels,
    batch: int,
    features: Array,
    terms: tuple[Array, Array, Array],
    products: tuple[Array, Array, Array],
) -> Array:
    """r/B + (1-1/B) cross, with terms = (T1, T2, T3) and products = (b b, b Sigma a, Sigma U Sigma)."""
    eps = levels.eps
    t1, t2, t3 = terms
    square = t3 - 2 * t2 + t1
    square = square + eps["label"] * (t3 if levels.relative["label"] else features)
    square = square + eps["activation"] * (t1 if levels.relative["activation"] else features)
    square = square * (1 + eps["output"]) if levels.relative["output"] else square + eps["output"] * features
    factor = {name: 1 + eps[name] * levels.shared[name] for name in ("label", "activation", "output")}
    common = factor["label"] * products[0] - 2 * products[1] + factor["activation"] * products[2]
    return square / batch + (1 - 1 / batch) * factor["output"] * common


def _vector_terms(model: SecondMomentModel) -> Callable[[Array, Array], _Three]:
    """(E b_i v_i, E u_i^2) -> T1, T2, T3."""
    mu, b2, second = model.mu, model.b2, label_second_moment(model)
    features = model.features
    if isinstance(features, IndependentCoordinates):
        lam, target2 = features.clean, features.target2
        t3 = mu * (second - lam * target2) + features.mixed * target2

        def independent(bv: Array, u: Array) -> _Three:
            t1 = mu * (mu @ u) + (features.fourth - mu**2) * u
            t2 = mu * bv.sum() + (features.third - mu * lam) * bv / lam
            return t1, t2, t3

        return independent
    p, signal, c = features.probabilities, features.signal, features.variances
    own, drift = 2 * p @ c**2, (p * signal) @ c
    t3 = mu * second + 2 * (p @ signal**2) * b2

    def mixture(bv: Array, u: Array) -> _Three:
        return (p * (c @ u)) @ c + own * u, drift * (bv.sum() + 2 * bv), t3

    return mixture


def _step_vectors(model: SecondMomentModel, wanted: dict[int, float]) -> None:
    """State: E b_i v_i, E v_i^2, and R_i = E[(sum_{s<t} v_s) v_t]_i; risks are written into `wanted`."""
    mu, b2, gamma, levels = model.mu, model.b2, float(model.step_size), _levels(model)
    terms = _vector_terms(model)
    bv, second, past = np.zeros_like(mu), np.zeros_like(mu), np.zeros_like(mu)
    bv_sum, square_sum = np.zeros_like(mu), np.zeros_like(mu)
    eps_p = levels.eps["parameter"]
    for count in range(1, max(wanted) + 1):
        bv_sum = bv_sum + bv
        square_sum = square_sum + second + 2 * past
        if count in wanted:
            wanted[count] = _risk(model, np.asarray(bv_sum / count), square_sum / count**2)
        u = (1 + eps_p) * second if levels.relative["parameter"] else second + eps_p
        square = _gradient_square(levels, model.batch, mu, terms(bv, u), (b2, mu * bv, mu**2 * u))
        past = gamma * bv_sum + (1 - gamma * mu) * (past + second)
        second = second + 2 * gamma * (bv - mu * second) + gamma**2 * square + levels.eps["storage"]
        bv = bv + gamma * (b2 - mu * bv)


def _step_matrices(model: SecondMomentModel, wanted: dict[int, float]) -> None:
    """The same with full matrices E v b^T, E v v^T."""
    mu, gamma, levels = model.mu, float(model.step_size), _levels(model)
    features, gram = model.features, model.gram
    if isinstance(features, IndependentCoordinates) or gram is None:
        raise TypeError("matrix weights need a scale mixture and the matrix E b b^T")
    p, signal, c = features.probabilities, features.signal, features.variances
    sigma, eye, label = np.diag(mu), np.eye(mu.size), label_second_moment(model)
    m22 = (c.T * p) @ c
    t3 = sigma * label + 2 * (p @ signal**2) * gram
    vb, second, past = np.zeros_like(gram), np.zeros_like(gram), np.zeros_like(gram)
    vb_sum, square_sum = np.zeros_like(gram), np.zeros_like(gram)
    eps_p = levels.eps["parameter"]
    for count in range(1, max(wanted) + 1):
        vb_sum = vb_sum + vb
        square_sum = square_sum + second + past + past.T
        if count in wanted:
            wanted[count] = _risk(model, vb_sum / count, square_sum / count**2)
        u = (1 + eps_p) * second if levels.relative["parameter"] else second + eps_p * eye
        t1 = np.diag(m22 @ np.diag(u)) + 2 * m22 * u
        drift = (p * signal) @ c
        t2 = np.diag(drift) * np.trace(vb) + drift[:, None] * vb + (drift[:, None] * vb).T
        bilinear = (mu[:, None] * vb + (mu[:, None] * vb).T) / 2
        products = (gram, bilinear, mu[:, None] * u * mu)
        square = _gradient_square(levels, model.batch, sigma, (t1, t2, t3), products)
        # past[i, j] = E[v_t,i (sum_{s<t} v_s)_j]
        past = gamma * vb_sum.T + (1 - gamma * mu)[:, None] * (past + second)
        shift = gamma * (vb - mu[:, None] * second)
        second = second + shift + shift.T + gamma**2 * square + levels.eps["storage"] * eye
        # the update amplifies an antisymmetric rounding error
        second = (second + second.T) / 2
        vb = vb + gamma * (gram - mu[:, None] * vb)


def _risk(model: SecondMomentModel, mean: Array, square: Array) -> float:
    """approximation + s/2 + sum cross_i (1 - E vbar_i/v^q_i) + 1/2 <L, E (vbar - v^q)(vbar - v^q)^T>.

    mean is E b_i vbar_i (or E vbar b^T), and 1 - E vbar_i / v^q_i = g_i = 1 - mu_i E b_i vbar_i / b2_i.
    """
    error, mu = model.error, model.mu
    if mean.ndim == 1:
        quadratic = float(error.weights @ (square - 2 * mean / mu + model.b2 / mu**2))
    else:
        gram = model.gram if model.gram is not None else np.zeros_like(mean)
        cross = mean / mu
        quadratic = float((error.weights * (square - cross - cross.T + gram / (mu[:, None] * mu))).sum())
    lengths = np.diagonal(mean) if mean.ndim == 2 else mean
    unlearned = np.where(model.b2 > 0, 1 - mu * lengths / np.where(model.b2 > 0, model.b2, 1), 0)
    return float(error.approximation + error.shrinkage / 2 + unlearned @ error.cross) + quadratic / 2
