"""Fresh samples (q, y) for every replica: where they come from, and the layers of quantizers that make the features.

Gaussian data without coordinate-bound quantizers need no x: the pair (z, y) is Gaussian, so it is drawn in the eigenbasis of
E z z^T with the label's regression on it, one normal per coordinate.  Gaussian dither before the first common scale is part of
z.  Quantizers bound to the sketch's own coordinates need z there (one M x M product per sample), those bound to x or to the
entries of S need x itself (one M x p product).  Measured rows are drawn with replacement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskbounds.errors import UnsupportedError
from riskbounds.measured import MeasuredMoments
from riskbounds.quantization.formats import Format, nominal_structure
from riskbounds.quantization.moments import gaussian_moments
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import Additive, Elementwise, Multiplicative
from riskbounds.simulation.population import Population, Targets
from riskbounds.simulation.quantizers import Errors, quantize, scales
from riskbounds.sketched import decreasing_eigen

if TYPE_CHECKING:
    from riskbounds.quantization.slots import Level
    from riskbounds.setting import Setting

Array = np.ndarray[Any, np.dtype[np.float64]]
Layer = Callable[[Array, np.random.Generator], Array]
Events = dict[str, Counter[str]]


@dataclass(frozen=True, kw_only=True, eq=False)
class GaussianSource:
    """z = shape g (``shape`` a vector of roots, or a matrix applied from the right) and y = label . g + residual n, g and n
    standard normal; label (R or 1, d), residual (R or 1,).  A draw may reuse the memory of the one before.
    """

    runs: int
    shape: Array
    label: Array
    residual: Array
    buffers: dict[tuple[int, ...], Array] = field(default_factory=dict)

    def draw(self, count: int, generator: np.random.Generator) -> tuple[Array, Array]:
        """Return z (n, R, M) and y (n, R)."""
        shape = (count, self.runs, self.label.shape[1])
        g = self.buffers.get(shape)
        if g is None:
            g = self.buffers[shape] = np.empty(shape)
        generator.standard_normal(out=g)
        y = generator.standard_normal((count, self.runs))
        y *= self.residual
        y += np.matmul(g[..., None, :], self.label[..., None])[..., 0, 0]
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

    def draw(self, count: int, generator: np.random.Generator) -> tuple[Array, Array]:
        """Return x (n, R, p) and y (n, R)."""
        chosen = generator.integers(0, len(self.rows), (count, self.runs))
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
        """Return z of shape (..., M) for x of shape (..., p)."""
        if isinstance(self.level, Elementwise | Format):
            rows = x.reshape(-1, x.shape[-1])
            drawn = [quantize(self.level, self.sketch, generator, self.events) @ row for row in rows]
            return np.stack(drawn).reshape(*x.shape[:-1], -1)
        z = x @ self.sketch.T
        if self.level is not None:
            z += generator.standard_normal(z.shape) * np.sqrt(float(self.level.eps) * np.sum(x**2, axis=-1, keepdims=True))
        return np.asarray(z)


@dataclass(frozen=True, kw_only=True, eq=False)
class Samples:
    """A source and the layers after it; ``basis``: the columns to which the coordinates refer, None for the sketch's own.

    ``common``: common scales after all other layers, kept as one factor per sample.
    """

    source: GaussianSource | RowSource
    layers: tuple[Layer, ...]
    common: tuple[Multiplicative, ...]
    basis: Array | None

    @property
    def entries(self) -> int:
        """Numbers in the clean features of one sample of all replicas."""
        source = self.source
        return source.runs * (source.rows.shape[1] if isinstance(source, RowSource) else source.label.shape[1])

    def draw(self, count: int, generator: np.random.Generator) -> Drawn:
        """Return ``count`` samples for every replica."""
        q, y = self.source.draw(count, generator)
        for layer in self.layers:
            q = layer(q, generator)
        scale = None
        for level in self.common:
            factor = scales(level, (*y.shape, 1), generator)
            scale = factor if scale is None else np.multiply(scale, factor, out=scale)
        return Drawn(features=q, scale=scale, label=y[..., None])


class Drawn(NamedTuple):
    """Samples: q = scale features with features (n, R, M), a fresh array, scale (n, R, 1) or None for 1; label y (n, R, 1)."""

    features: Array
    scale: Array | None
    label: Array

    def part(self, chosen: slice) -> Drawn:
        """Some of the samples."""
        scale = None if self.scale is None else self.scale[chosen]
        return Drawn(features=self.features[chosen], scale=scale, label=self.label[chosen])

    def labelled(self, errors: Errors) -> Drawn:
        """The samples with Q_l on their labels."""
        return Drawn(features=self.features, scale=self.scale, label=errors(self.label))


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


def width(setting: Setting, size: int | None) -> int:
    """Numbers drawn or rounded for one update of one replica: B times M, or p where x itself is drawn, or p M where the entries
    of S are rounded anew.
    """
    batch, dimension = setting.training.batch_size, setting.dimension or 1
    if size is None:
        return batch * dimension
    levels = idealised(setting.quantization).levels()
    data, sketch = levels.get("data"), levels.get("sketch")
    if isinstance(sketch, Elementwise | Format):
        return batch * size * dimension
    return batch * (dimension if setting.is_data or coordinate_bound(data) or coordinate_bound(sketch) else size)


def samples(found: Population, quantization: Quantization, targets: Targets, runs: int, events: Events) -> Samples:
    """The sampler of ``runs`` replicas; counts of format events go to ``events[slot]``."""
    levels = quantization.levels()
    data, sketch = levels.get("data"), levels.get("sketch")
    own = any(coordinate_bound(levels.get(slot)) for slot in ("feature", "parameter", "storage"))
    source: GaussianSource | RowSource
    chain: dict[str, Level | None] = {slot: levels.get(slot) for slot in ("data", "sketch", "feature")}
    first: list[Layer] = []
    basis = None
    if isinstance(found.moments, MeasuredMoments):
        source = RowSource(runs=runs, rows=found.setting.spectrum.features, response=found.moments.response)  # type: ignore[union-attr]
        first = _from_x(found, chain, events)
    elif found.sketch is not None and (coordinate_bound(data) or coordinate_bound(sketch)):
        assert targets.weights is not None
        roots = np.sqrt(found.spectrum)
        source = GaussianSource(runs=runs, shape=roots, label=targets.weights * roots, residual=np.array([found.noise**0.5]))
        first = _from_x(found, chain, events)
    else:
        chain["sketch"] = _reference(found, sketch, data)
        source, basis = _pair(found, chain, targets, runs, own)
    last = {slot: level for slot, level in chain.items() if level is not None}
    common: list[Multiplicative] = []
    while last and isinstance(level := list(last.values())[-1], Multiplicative):
        common.append(level)
        last.popitem()
    layers = first + [QuantizerLayer(level=level, events=events[slot]) for slot, level in last.items()]
    return Samples(source=source, layers=tuple(layers), common=tuple(common), basis=basis)


def _from_x(found: Population, chain: dict[str, Level | None], events: Events) -> list[Layer]:
    """The layers from x to z where there is a sketch, taken out of the chain of slots still to come."""
    if found.sketch is None:
        return []
    data, sketch = chain.pop("data"), chain["sketch"]
    layers: list[Layer] = [] if data is None else [QuantizerLayer(level=data, events=events["data"])]
    entrywise = sketch if coordinate_bound(sketch) else None
    chain["sketch"] = None if entrywise is not None else _reference(found, sketch, data)
    return [*layers, Projection(sketch=found.sketch, level=entrywise, events=events["sketch"])]


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


def _pair(
    found: Population, chain: dict[str, Level | None], targets: Targets, runs: int, own: bool
) -> tuple[GaussianSource, Array | None]:
    """The sufficient pair and its basis: z with the leading Gaussian errors merged (taken out of the chain), diagonal unless
    ``own`` asks for the sketch's axes.
    """
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
    return source, None if own else basis
