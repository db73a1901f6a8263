"""Fresh samples (q, y) for every replica: where they come from, and the layers of quantizers that make the features.

Gaussian data without coordinate-bound quantizers need no x: the pair (z, y) is Gaussian, so it is drawn in the eigenbasis of
E z z^T with the label's regression on it, one normal per coordinate.  Gaussian dither before the first common scale is part of
z.  Quantizers bound to the sketch's own coordinates need z there (one M x M product per sample), those bound to x or to the
entries of S need x itself (one M x p product).  Measured rows are drawn with replacement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from riskbounds.errors import UnsupportedError
from riskbounds.measured import MeasuredMoments
from riskbounds.quantization.formats import Format, nominal_structure
from riskbounds.quantization.moments import gaussian_moments
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import Additive, Elementwise, Multiplicative
from riskbounds.simulation.population import Population, Targets
from riskbounds.simulation.quantizers import quantize
from riskbounds.sketched import decreasing_eigen

if TYPE_CHECKING:
    from riskbounds.quantization.slots import Level

Array = np.ndarray[Any, np.dtype[np.float64]]
Layer = Callable[[Array, np.random.Generator], Array]
Events = dict[str, Counter[str]]


@dataclass(frozen=True, kw_only=True, eq=False)
class GaussianSource:
    """z = shape g (``shape`` a vector of roots, or a matrix applied from the right) and y = label . g + residual n, g and n
    standard normal; label (R or 1, d), residual (R or 1,).
    """

    runs: int
    shape: Array
    label: Array
    residual: Array

    def draw(self, generator: np.random.Generator) -> tuple[Array, Array]:
        """Return z (R, M) and y (R,)."""
        g = generator.standard_normal((self.runs, self.label.shape[1]))
        y = generator.standard_normal(self.runs)
        y *= self.residual
        y += g @ self.label[0] if len(self.label) == 1 else np.einsum("rm,rm->r", g, self.label)
        if self.shape.ndim == 1:
            g *= self.shape
            return g, y
        return g @ self.shape, y


@dataclass(frozen=True, kw_only=True, eq=False)
class RowSource:
    """Rows of measured data, drawn with replacement."""

    runs: int
    rows: Array
    response: Array

    def draw(self, generator: np.random.Generator) -> tuple[Array, Array]:
        """Return x (R, p) and y (R,)."""
        chosen = generator.integers(0, len(self.rows), self.runs)
        return self.rows[chosen], self.response[chosen]


@dataclass(frozen=True, kw_only=True, eq=False)
class QuantizerLayer:
    """One quantizer on vectors."""

    level: Level
    events: Counter[str]

    def __call__(self, u: Array, generator: np.random.Generator) -> Array:
        """Return Q(u)."""
        return quantize(self.level, u, generator, self.events)


@dataclass(frozen=True, kw_only=True, eq=False)
class Projection:
    """x -> Q_s(S) x with a fresh Q_s for every sample; errors of independent entries are drawn entry by entry, except that a
    Gaussian entrywise error E x is drawn as what it is, N(0, eps ||x||^2 I).
    """

    sketch: Array
    level: Level | None
    events: Counter[str]

    def __call__(self, x: Array, generator: np.random.Generator) -> Array:
        """Return (R, M)."""
        if isinstance(self.level, Elementwise | Format):
            return np.stack([quantize(self.level, self.sketch, generator, self.events) @ row for row in x])
        z = x @ self.sketch.T
        if self.level is not None:
            z += generator.standard_normal(z.shape) * np.sqrt(float(self.level.eps) * np.sum(x**2, axis=1, keepdims=True))
        return np.asarray(z)


@dataclass(frozen=True, kw_only=True, eq=False)
class Samples:
    """A source and the layers after it; ``basis``: the columns to which the coordinates refer, None for the sketch's own."""

    source: GaussianSource | RowSource
    layers: tuple[Layer, ...]
    basis: Array | None

    def draw(self, generator: np.random.Generator) -> tuple[Array, Array]:
        """Return the quantized features q (R, M), a fresh array, and the clean label y (R,)."""
        q, y = self.source.draw(generator)
        for layer in self.layers:
            q = layer(q, generator)
        return q, y


def idealised(quantization: Quantization) -> Quantization:
    """The quantization with ``model = "nominal"`` formats as their structures; true formats stay."""
    for slot, level in quantization.levels().items():
        if isinstance(level, Format) and level.model == "nominal":
            quantization = quantization.with_level(slot, nominal_structure(level))
    return quantization


def coordinate_bound(level: Level | None) -> bool:
    """Whether the law of the error depends on the coordinates: everything but Gaussian errors and common scales."""
    if isinstance(level, Additive):
        return level.noise not in ("gaussian", "reference")
    return level is not None and not isinstance(level, Multiplicative)


def samples(found: Population, quantization: Quantization, targets: Targets, runs: int, events: Events) -> Samples:
    """The sampler of ``runs`` replicas; counts of format events go to ``events[slot]``."""
    levels = quantization.levels()
    data, sketch, feature = (levels.get(slot) for slot in ("data", "sketch", "feature"))
    after = _layers({"feature": feature}, events)
    if isinstance(found.moments, MeasuredMoments):
        rows = RowSource(runs=runs, rows=found.setting.spectrum.features, response=found.moments.response)  # type: ignore[union-attr]
        return Samples(source=rows, layers=(*_from_x(found, data, sketch, events), *after), basis=None)
    if found.sketch is not None and (coordinate_bound(data) or coordinate_bound(sketch)):
        assert targets.weights is not None
        roots = np.sqrt(found.spectrum)
        full = GaussianSource(runs=runs, shape=roots, label=targets.weights * roots, residual=np.array([found.noise**0.5]))
        return Samples(source=full, layers=(*_from_x(found, data, sketch, events), *after), basis=None)
    own = any(coordinate_bound(levels.get(slot)) for slot in ("feature", "parameter", "storage"))
    return _pair(found, levels, targets, runs, events, own)


def _layers(levels: dict[str, Level | None], events: Events) -> tuple[Layer, ...]:
    return tuple(QuantizerLayer(level=level, events=events[slot]) for slot, level in levels.items() if level is not None)


def _from_x(found: Population, data: Level | None, sketch: Level | None, events: Events) -> tuple[Layer, ...]:
    """The layers from x to the features before Q_f."""
    first = _layers({"data": data}, events)
    if found.sketch is None:
        return first
    if not coordinate_bound(sketch):
        plain = Projection(sketch=found.sketch, level=None, events=events["sketch"])
        return (*first, plain, *_layers({"sketch": _reference(found, sketch, data)}, events))
    return (*first, Projection(sketch=found.sketch, level=sketch, events=events["sketch"]))


def _reference(found: Population, sketch: Level | None, data: Level | None) -> Level | None:
    """The reference model of an additive sketch error: white Gaussian of variance eps_s E||Q_d(x)||^2 (theory.md section 4)."""
    if not isinstance(sketch, Additive):
        return sketch
    trace = found.moments.trace_H if found.moments is not None else float(np.sum(found.spectrum))
    if isinstance(data, Format):
        if data.reason is not None or found.setting.is_data:
            raise UnsupportedError(
                "quantization.sketch: the reference model needs E||Q_d(x)||^2, which has no formula for this data format; "
                'use noise = "entrywise"'
            )
        trace += float(np.sum(gaussian_moments(data, np.sqrt(found.spectrum)).variance))
    elif data is not None:
        trace *= 1 + (0 if isinstance(data, Additive) else float(data.eps))
        trace += float(data.eps) * found.sketch.shape[1] if isinstance(data, Additive) and found.sketch is not None else 0.0
    return Additive(Fraction(trace) * sketch.eps)


def _pair(found: Population, levels: dict[str, Level], targets: Targets, runs: int, events: Events, own: bool) -> Samples:
    """The sufficient pair: z with the leading Gaussian errors merged, diagonal unless ``own`` asks for the sketch's axes."""
    chain = {slot: levels.get(slot) for slot in ("data", "sketch", "feature")}
    chain["sketch"] = _reference(found, chain["sketch"], chain["data"])
    merged: dict[str, Additive] = {}
    for slot, level in list(chain.items()):
        if level is not None and (not isinstance(level, Additive) or coordinate_bound(level)):
            break
        if isinstance(level, Additive):
            merged[slot] = level
        del chain[slot]
    white = sum(float(level.eps) for slot, level in merged.items() if slot != "data" or found.sketch is None)
    base, basis, image = found.lam, found.vectors, targets.image
    if "data" in merged and found.sketch is not None:
        assert basis is not None
        seen = basis.T @ found.sketch
        base, overlap = decreasing_eigen(np.diag(base) + float(merged["data"].eps) * (seen @ seen.T))
        image, basis = image @ overlap, basis @ overlap
        explained = np.sum(image**2 / (base + white), axis=1)
        excess = np.sum(targets.best * targets.image, axis=1) - explained
    else:
        excess = np.sum(targets.best * image * (white / (base + white)), axis=1)
    roots = np.sqrt(base + white)
    source = GaussianSource(
        runs=runs,
        shape=roots if basis is None or not own else (basis * roots).T,
        label=image / roots,
        residual=np.sqrt(np.maximum(found.noise + 2 * targets.approximation + excess, 0.0)),
    )
    return Samples(source=source, layers=_layers(chain, events), basis=None if own else basis)
