"""Exact covariance of the batch gradient given the parameter, from fourth-moment tensors: an oracle for noise constants.

Nothing here knows the bounds under test.  The vector (x, y) starts Gaussian; every quantizer layer, and the sketch, maps its
second and fourth moment tensors exactly; the gradient's covariance is then a contraction of those tensors.  All of it is in
extended precision, because near the optimum of an ill-conditioned problem most digits cancel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

Array = np.ndarray
EXTENDED = np.longdouble

EXCESS_KURTOSIS = {"gaussian": 0.0, "reference": 0.0, "uniform": -1.2, "triangular": -0.6}


@dataclass(frozen=True, kw_only=True)
class Layer:
    """structure: additive | multiplicative | elementwise; noise: the distribution's name."""

    structure: str
    eps: float
    noise: str


@dataclass(frozen=True, kw_only=True)
class System:
    """One configuration: x ~ N(0, diag spectrum), y = <target, x> + N(0, noise_variance), layers by slot name."""

    spectrum: Array
    target: Array
    noise_variance: float
    sketch: Array | None = None
    layers: Mapping[str, Layer] = field(default_factory=dict)
    batch: int = 1
    shared: bool = False


def scale_moments(noise: str, eps: float) -> Array:
    """E s^k for k = 0 .. 4 of a random scale with mean 1 and variance eps."""
    if noise == "two-point":
        nodes, weights = np.array([-1.0, 1.0]), np.array([0.5, 0.5])
    else:
        nodes, weights = np.polynomial.hermite_e.hermegauss(5)
        weights = weights / weights.sum()
    return np.array([weights @ (1 + np.sqrt(eps) * nodes) ** power for power in range(5)])


def pairings(first: Array, second: Array) -> Array:
    """Sum over the three ways of pairing four indices, first matrix on the pair of index a, second on the other."""
    return (
        np.einsum("ab,cd->abcd", first, second)
        + np.einsum("ac,bd->abcd", first, second)
        + np.einsum("ad,bc->abcd", first, second)
    )


def add_noise(moments: tuple[Array, Array], covariance: Array, excess: float) -> tuple[Array, Array]:
    """Add independent symmetric noise; `excess` is the excess kurtosis of its independent coordinates."""
    second, fourth = moments
    fourth = fourth + pairings(second, covariance) + pairings(covariance, second) + pairings(covariance, covariance)
    for coordinate, variance in enumerate(np.diag(covariance)):
        fourth[(coordinate,) * 4] += excess * variance**2
    return second + covariance, fourth


def apply_scales(moments: tuple[Array, Array], scale: Array, common: bool) -> tuple[Array, Array]:
    """Multiply every coordinate but the last (the label) by a random scale: one for all, or one each."""
    second, fourth = moments
    size = len(second)

    def factor(order: int) -> Array:
        counts = np.zeros((size,) + (size,) * order, dtype=int)
        for axis, index in enumerate(np.indices((size,) * order)):
            del axis
            for coordinate in range(size):
                counts[coordinate] += index == coordinate
        counts = counts[:-1]
        return scale[counts.sum(axis=0)] if common else np.prod(scale[counts], axis=0)

    return second * factor(2), fourth * factor(4)


def transform(moments: tuple[Array, Array], matrix: Array) -> tuple[Array, Array]:
    """Apply a linear map."""
    second, fourth = moments
    for _ in range(4):
        fourth = np.tensordot(fourth, matrix, axes=(0, 1))
    return matrix @ second @ matrix.T, fourth


def with_label(matrix: Array) -> Array:
    """Extend a linear map of the features by the identity on the label."""
    rows, columns = matrix.shape
    extended = np.zeros((rows + 1, columns + 1))
    extended[:-1, :-1] = matrix
    extended[-1, -1] = 1
    return extended


def quantize(moments: tuple[Array, Array], layer: Layer | None) -> tuple[Array, Array]:
    """Apply a data or feature layer to all coordinates but the label."""
    if layer is None:
        return moments
    if layer.structure == "additive":
        variances = np.full(len(moments[0]), layer.eps)
        variances[-1] = 0
        return add_noise(moments, np.diag(variances), EXCESS_KURTOSIS[layer.noise])
    return apply_scales(moments, scale_moments(layer.noise, layer.eps), layer.structure == "multiplicative")


def sketched(moments: tuple[Array, Array], sketch: Array, layer: Layer | None) -> tuple[Array, Array]:
    """Apply the sketch with its own quantizer."""
    if layer is None or (layer.structure == "additive" and layer.noise == "reference"):
        clean = transform(moments, with_label(sketch))
        if layer is None:
            return clean
        variances = np.full(len(sketch) + 1, layer.eps * np.trace(moments[0][:-1, :-1]))
        variances[-1] = 0
        return add_noise(clean, np.diag(variances), 0.0)
    if layer.structure == "multiplicative":
        return apply_scales(transform(moments, with_label(sketch)), scale_moments(layer.noise, layer.eps), True)
    if layer.structure == "elementwise":
        rows, columns = sketch.shape
        spread = np.concatenate([np.diag(row) for row in sketch])
        products = apply_scales(transform(moments, with_label(spread)), scale_moments(layer.noise, layer.eps), False)
        return transform(products, with_label(np.kron(np.eye(rows), np.ones((1, columns)))))
    return entrywise(moments, sketch, layer.eps)


def entrywise(moments: tuple[Array, Array], sketch: Array, eps: float) -> tuple[Array, Array]:
    """(S + E) u with E of independent N(0, eps) entries, drawn per sample."""
    identity = np.eye(len(sketch) + 1)
    identity[-1, -1] = 0
    second, fourth = transform(moments, with_label(sketch))
    norm_weighted = with_label(sketch) @ np.einsum("aabc->bc", moments[1][:-1, :-1]) @ with_label(sketch).T
    norm_fourth = np.einsum("aabb->", moments[1][:-1, :-1, :-1, :-1])
    cross = pairings(norm_weighted, identity) + pairings(identity, norm_weighted)
    fourth = fourth + eps * cross + eps**2 * norm_fourth * pairings(identity, identity)
    return second + eps * np.trace(moments[0][:-1, :-1]) * identity, fourth


def joint_moments(system: System) -> tuple[Array, Array]:
    """Second and fourth moment tensors of (q, y)."""
    spectrum, target = system.spectrum.astype(EXTENDED), system.target.astype(EXTENDED)
    covariance = np.diag(np.append(spectrum, EXTENDED(0)))
    covariance[-1, :-1] = covariance[:-1, -1] = spectrum * target
    covariance[-1, -1] = spectrum @ target**2 + system.noise_variance
    moments = quantize((covariance, pairings(covariance, covariance)), system.layers.get("data"))
    if system.sketch is not None:
        moments = sketched(moments, system.sketch, system.layers.get("sketch"))
    return quantize(moments, system.layers.get("feature"))


@dataclass(frozen=True, kw_only=True)
class Gradient:
    """What the covariance needs: moment tensors of (q, y) and the slots of the update."""

    system: System
    second: Array
    fourth: Array

    @property
    def feature_moment(self) -> Array:
        """Sigma = E q q^T."""
        return self.second[:-1, :-1]

    @property
    def signal(self) -> Array:
        """E q y."""
        return self.second[:-1, -1]

    @property
    def optimum(self) -> Array:
        """v^q, the best linear predictor on quantized features."""
        return np.linalg.solve(self.feature_moment.astype(float), self.signal.astype(float))

    def weighted(self, weight: Array) -> Array:
        """E[(Q^T weight Q) q q^T] for the joint vector Q = (q, y)."""
        size = len(self.second)
        flat = self.fourth.reshape(size * size, size * size) @ weight.ravel()
        return flat.reshape(size, size)[:-1, :-1]

    def slot(self, name: str) -> tuple[str, float]:
        """Structure and level of a slot; level 0 if it is exact."""
        layer = self.system.layers.get(name)
        return ("additive", 0.0) if layer is None else (layer.structure, layer.eps)

    def covariance(self, v: Array) -> Array:
        """E Cov(g | v) of the batch gradient, expectation over every draw of data and quantizers."""
        v = v.astype(EXTENDED)
        batch = self.system.batch
        mean = self.signal - self.feature_moment @ v
        between = self._between_samples(v)
        return self._within_sample(v) / batch + (1 - 1 / batch) * between - np.outer(mean, mean)

    def _parameter(self, v: Array) -> Array:
        """E u u^T of the quantized parameter u."""
        structure, eps = self.slot("parameter")
        shape = {"additive": np.eye(len(v)), "multiplicative": np.outer(v, v), "elementwise": np.diag(v**2)}
        return np.outer(v, v) + eps * shape[structure]

    def _within_sample(self, v: Array) -> Array:
        """E[q q^T e^2], e the quantized residual of one sample."""
        size = len(self.second)
        predictor = np.zeros((size, size))
        predictor[:-1, :-1] = self._parameter(v)
        label = np.zeros((size, size))
        label[-1, -1] = 1
        residual = predictor + label
        residual[-1, :-1] = residual[:-1, -1] = -v
        total = self.weighted(residual)
        for name, weight in (("label", label), ("activation", predictor)):
            structure, eps = self.slot(name)
            total = total + eps * (self.feature_moment if structure == "additive" else self.weighted(weight))
        structure, eps = self.slot("output")
        return total + eps * (self.feature_moment if structure == "additive" else total)

    def _between_samples(self, v: Array) -> Array:
        """E[q_1 e_1 e_2 q_2^T] of two samples of a batch: they share the parameter draw and the shared scales."""
        levels = {}
        for name in ("label", "activation", "output"):
            structure, eps = self.slot(name)
            levels[name] = eps if structure == "multiplicative" and self.system.shared else 0.0
        prediction = self.feature_moment @ v
        square = (
            (1 + levels["label"]) * np.outer(self.signal, self.signal)
            - np.outer(self.signal, prediction)
            - np.outer(prediction, self.signal)
            + (1 + levels["activation"]) * self.feature_moment @ self._parameter(v) @ self.feature_moment
        )
        return (1 + levels["output"]) * square


def gradient(system: System) -> Gradient:
    """Prepare the covariance of the batch gradient."""
    second, fourth = joint_moments(system)
    return Gradient(system=system, second=second, fourth=fourth)
