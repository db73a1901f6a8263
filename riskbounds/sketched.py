"""Second moments of a sketched problem: the M x M matrices of section 2, and their eigendecompositions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import scipy.linalg

from riskbounds.model import feature_error
from riskbounds.problem.sketch import GaussianSketch

Matrix = np.ndarray[Any, np.dtype[np.float64]]
Kept = TypeVar("Kept")

_KEPT = 5 * 10**7  # entries of S H^{1/2} that are kept between the passes (400 MB)
_LATEST = 4  # bases of Sigma that are kept: a setting's and those without one of its three feature quantizers
_ROTATED = 4 * 10**6  # M^2 times the rotations that are kept, where that is more of them


@dataclass(frozen=True, kw_only=True)
class SketchedMoments:
    """Second moments of a problem behind S (theory section 1).

    covariance: Lam = S H S^T; lam, vectors: its eigenvalues, decreasing, and eigenvectors in columns; target2: E v*_i^2 and
    source: E[b b^T], b = S H w*, both in that basis; sketch_gram: S S^T.  The last two are zero unless wanted.
    target_energy: E w*^T H w*.  rotations, bases: the latest ones of :func:`general_basis`, for settings that share them.
    """

    covariance: Matrix
    lam: Matrix
    vectors: Matrix
    target2: Matrix
    sketch_gram: Matrix
    source: Matrix
    trace_H: float
    target_energy: float
    dimension: int
    rotations: dict[tuple[object, ...], Rotation] = field(default_factory=dict, repr=False, compare=False)
    bases: dict[tuple[object, ...], GeneralBasis] = field(default_factory=dict, repr=False, compare=False)

    @property
    def size(self) -> int:
        """M."""
        return int(self.covariance.shape[0])

    @property
    def coordinatewise(self) -> Matrix | None:
        """What elementwise data errors add per unit of eps_d; None: Lam itself, since H is diagonal."""
        return None

    def turned(self, matrix: Matrix) -> Matrix:
        """A matrix of the sketch's coordinates in the eigenbasis of Lam."""
        return np.asarray(self.vectors.T @ matrix @ self.vectors)

    @cached_property
    def turned_gram(self) -> Matrix:
        """S S^T in the eigenbasis of Lam."""
        return self.turned(self.sketch_gram)

    @property
    def resolution(self) -> float:
        """Eigenvectors of Lam whose eigenvalues are below M 2^-52 times its trace are not resolved by float64."""
        return self.size * 2.0**-52 * float(np.trace(self.covariance))

    @property
    def unresolved(self) -> int:
        """How many eigenvalues of Lam that concerns."""
        return int(np.sum(self.lam < self.resolution))

    @property
    def model_error(self) -> float:
        """Approx = (E w*^T H w* - E v*^T Lam v*)/2, not negative."""
        return max(0.0, (self.target_energy - float(np.sum(self.lam * self.target2))) / 2)


def decreasing_eigen(matrix: Matrix) -> tuple[Matrix, Matrix]:
    """Eigenvalues in decreasing order and eigenvectors in columns of a symmetric matrix."""
    values, vectors = scipy.linalg.eigh(matrix, check_finite=False, driver="evd")
    return np.ascontiguousarray(values[::-1]), np.ascontiguousarray(vectors[:, ::-1])


def sketched_moments(
    sketch: GaussianSketch, size: int, eigenvalues: Matrix, target: Matrix, prior: bool, general: bool
) -> SketchedMoments:
    """Two streamed passes over S in R^{M x p}: Lam, then its eigenvalues as Rayleigh quotients.

    An eigenvalue of Lam from the M x M matrix has the absolute error 2^-53 ||Lam||; the row norms of U^T S H^{1/2} have
    that error relative to sqrt(lam_i ||Lam||), and so has b.

    Parameters
    ----------
    eigenvalues: lam_i of H, shape (p,); target: E w*_i^2 of a prior with independent coordinates, or w* itself.
    general: whether S S^T and E[b b^T] are wanted.
    """
    covariance, gram, source = (np.zeros((size, size)) for _ in range(3))
    roots = np.sqrt(eigenvalues)
    kept: list[tuple[slice, Matrix]] | None = [] if size * len(eigenvalues) <= _KEPT else None
    for part, block in _blocks(sketch, size, len(eigenvalues)):
        scaled = block * roots[part]
        covariance += scaled @ scaled.T
        if general:
            gram += block @ block.T
        if kept is not None:
            kept.append((part, scaled))
    vectors = decreasing_eigen(covariance)[1]
    lam, squared, mean = np.zeros(size), np.zeros(size), np.zeros(size)
    again = kept if kept is not None else ((p, block * roots[p]) for p, block in _blocks(sketch, size, len(eigenvalues)))
    for part, scaled in again:
        rotated = vectors.T @ scaled
        lam += np.einsum("ij,ij->i", rotated, rotated)
        if prior:
            weighted = rotated * np.sqrt(eigenvalues[part] * target[part])
            squared += np.einsum("ij,ij->i", weighted, weighted)
            if general:
                source += weighted @ weighted.T
        else:
            mean += rotated @ (roots[part] * target[part])
    order = np.argsort(-lam, kind="stable")
    lam, vectors = lam[order], np.ascontiguousarray(vectors[:, order])
    mean = mean[order]
    if general:
        source = source[np.ix_(order, order)] if prior else np.outer(mean, mean)
    return SketchedMoments(
        covariance=covariance,
        lam=lam,
        vectors=vectors,
        target2=(squared[order] if prior else mean**2) / lam**2,
        sketch_gram=gram,
        source=source,
        trace_H=float(np.sum(eigenvalues)),
        target_energy=float(np.sum(eigenvalues * (target if prior else target**2))),
        dimension=len(eigenvalues),
    )


def _blocks(sketch: GaussianSketch, size: int, dimension: int) -> Iterator[tuple[slice, Matrix]]:
    """Columns of S with their places."""
    start = 0
    for block in sketch.matrix_blocks(dimension, size):
        yield slice(start, start + block.shape[1]), block
        start += block.shape[1]


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """The eigenbasis U of Lam + (an error matrix), with what the sketch's matrices are in it.

    overlap: U in the eigenbasis of Lam, where error_from_lam has its rows.
    """

    base: Matrix
    covariance: Matrix
    source: Matrix
    target2: Matrix
    error: Matrix
    error_from_lam: Matrix
    overlap: Matrix


@dataclass(frozen=True, kw_only=True)
class GeneralBasis:
    """The problem in the eigenbasis U of Sigma where Lam and Sigma do not commute (theory section 4, last part).

    base: eigenvalues before sketch and feature errors; covariance: U^T Lam U; source: U^T E[b b^T] U; mu: eigenvalues of
    Sigma; cross_i = E[v^q_i (Lam (v* - v^q))_i] and shrinkage = E||v* - v^q||^2_Lam come from
    Lam (v* - v^q) = (Sigma - Lam) v^q, without differences.  error_i = (U^T (Sigma - Lam) U)_ii, target2_i = E (U^T v*)_i^2.
    """

    mu: Matrix
    base: Matrix
    covariance: Matrix
    source: Matrix
    cross: Matrix
    shrinkage: float
    lam_vectors: Matrix
    overlap: Matrix
    error: Matrix
    target2: Matrix

    @cached_property
    def vectors(self) -> Matrix:
        """U in the sketch's coordinates."""
        return np.asarray(self.lam_vectors @ self.overlap)

    @cached_property
    def second(self) -> Matrix:
        """E v^q v^q^T, v^q = Sigma^-1 b."""
        return np.asarray(self.source / np.outer(self.mu, self.mu))

    @property
    def sigma(self) -> Matrix:
        """Sigma in the sketch's coordinates."""
        return np.asarray((self.vectors * self.mu) @ self.vectors.T)


def _symmetric(matrix: Matrix) -> Matrix:
    return np.asarray((matrix + matrix.T) / 2)


def rotation(moments: SketchedMoments, error: Matrix) -> Rotation:
    """Diagonalise Lam + error, the error in the eigenbasis of Lam."""
    base, overlap = decreasing_eigen(np.diag(moments.lam) + error)
    error_from_lam = error @ overlap
    half = np.sqrt(moments.lam)[:, None] * overlap
    return Rotation(
        base=np.maximum(base, moments.resolution),
        covariance=half.T @ half,
        source=_symmetric(overlap.T @ moments.source @ overlap),
        target2=rotated_target2(moments, overlap),
        error=np.asarray(overlap.T @ error_from_lam),
        error_from_lam=error_from_lam,
        overlap=overlap,
    )


def composed_error(moments: SketchedMoments, structures: dict[str, str], levels: dict[str, float]) -> Matrix:
    """Sigma - Lam of the given feature slots in the sketch's coordinates."""
    error: Matrix = feature_error(
        structures, moments.covariance, np.eye(moments.size), moments.sketch_gram,
        lambda matrix: np.diag(np.diag(matrix)), levels, moments.trace_H, moments.dimension, moments.coordinatewise,
    )  # fmt: skip
    return error


def _turned_error(moments: SketchedMoments, structures: dict[str, str], levels: dict[str, float]) -> Matrix:
    """Sigma - Lam in the eigenbasis of Lam; data errors that are not coordinatewise need no matrix product there."""
    if set(structures) - {"data"} or moments.coordinatewise is not None:
        return moments.turned(composed_error(moments, structures, levels))
    error: Matrix = feature_error(
        structures, np.diag(moments.lam), np.eye(moments.size), moments.turned_gram,
        np.diag, levels, moments.trace_H, moments.dimension,
    )  # fmt: skip
    return error


def _shared(kept: dict[tuple[object, ...], Kept], key: tuple[object, ...], most: int, make: Callable[[], Kept]) -> Kept:
    """What is kept under the key, made if need be; the one used longest ago goes first."""
    if key in kept:
        kept[key] = kept.pop(key)
    else:
        while len(kept) >= most:
            del kept[next(iter(kept))]
        kept[key] = make()
    return kept[key]


def general_basis(
    moments: SketchedMoments, structures: dict[str, str], levels: dict[str, float], format_error: Matrix | None = None
) -> GeneralBasis:
    """Diagonalise Sigma = Lam + D for the given feature quantizers.

    ``format_error``: Sigma - Lam of a true format in the eigenbasis of Lam; a feature format is the last layer.  Sketch and
    feature errors that are neither elementwise nor a format shift or scale the eigenvalues of Lam + (data error) and leave
    the eigenvectors, so settings that differ in them share one decomposition.
    """
    rough = format_error is not None or "elementwise" in (structures.get("sketch"), structures.get("feature"))
    active = ("data", "sketch", "feature") if rough else ("data",)
    layers = {slot: structures[slot] for slot in active if structures.get(slot, "format") != "format"}
    key: tuple[object, ...] = tuple((slot, kind, levels[slot]) for slot, kind in layers.items())
    if format_error is not None:
        key = (*key, format_error.tobytes())

    def rotated() -> Rotation:
        error = _turned_error(moments, layers, levels)
        return rotation(moments, error if format_error is None else error + format_error)

    found = _shared(moments.rotations, key, max(_LATEST, _ROTATED // moments.size**2), rotated)
    added = np.zeros(moments.size)
    if not rough:
        trace = moments.trace_H
        if "data" in structures:
            additive = structures["data"] == "additive"
            trace += levels["data"] * (moments.dimension if additive else moments.trace_H)
        later = {slot: kind for slot, kind in structures.items() if slot in ("sketch", "feature")}
        added = feature_error(later, found.base, np.ones(moments.size), None, np.diag, levels, trace, moments.dimension)
    return _shared(moments.bases, (*key, added.tobytes()), _LATEST, lambda: _shifted(moments, found, added))


def _shifted(moments: SketchedMoments, found: Rotation, added: Matrix) -> GeneralBasis:
    """The basis of a rotation with ``added`` on top of its eigenvalues."""
    mu = found.base + added
    second = found.source / np.outer(mu, mu)
    error_from_lam = found.error_from_lam + found.overlap * added
    return GeneralBasis(
        mu=mu,
        base=found.base,
        covariance=found.covariance,
        source=found.source,
        cross=np.asarray(np.sum((found.error + np.diag(added)) * second, axis=1)),
        shrinkage=_shrinkage(moments, found, error_from_lam, second, mu),
        lam_vectors=moments.vectors,
        overlap=found.overlap,
        error=np.diag(found.error) + added,
        target2=found.target2,
    )


def rotated_target2(moments: SketchedMoments, overlap: Matrix) -> Matrix:
    """E (U^T v*)_i^2 with v* = Lam^-1 b, inverted in the eigenbasis of Lam."""
    target = moments.source / np.outer(moments.lam, moments.lam)
    return np.asarray(np.sum((target @ overlap) * overlap, axis=0))


def _shrinkage(moments: SketchedMoments, found: Rotation, error_from_lam: Matrix, second: Matrix, mu: Matrix) -> float:
    """E||v* - v^q||^2_Lam = sum_i E y_i^2/lam_i in the eigenbasis of Lam, y = Lam (v* - v^q) = (Sigma - Lam) v^q.

    Rounding in E y_i^2 is relative to the largest one, so where lam_i is tiny (v^q_i is far below v*_i there) the expanded
    square lam_i E v*_i^2 - 2 E b_i v^q_i + lam_i E v^q_i^2 is the more accurate form, and is taken.
    """
    squares = np.maximum(0.0, np.sum((error_from_lam @ second) * error_from_lam, axis=1))
    parts = squares / moments.lam
    mixed = found.source / mu
    rough = float(np.max(squares)) / moments.lam > float(np.max(np.abs(mixed)))
    if np.any(rough):
        overlap = found.overlap[rough]
        products = np.sum((overlap @ mixed) * overlap, axis=1)
        shrunk = np.sum((overlap @ second) * overlap, axis=1)
        lam = moments.lam[rough]
        parts[rough] = np.maximum(0.0, lam * moments.target2[rough] - 2 * products + lam * shrunk)
    return float(np.sum(parts))


def diagonal_ratio(vectors: Matrix, mu: Matrix) -> float:
    """tau = lambda_max(Sigma^-1/2 diag(Sigma) Sigma^-1/2), for elementwise parameter errors behind a sketch."""
    diagonal = np.sum(vectors**2 * mu, axis=1)
    whitened = vectors / np.sqrt(mu)
    return float(scipy.linalg.eigvalsh((whitened.T * diagonal) @ whitened)[-1])
