"""Exact risk of quantized SGD by stepping full second-moment matrices, with or without a sketch: an oracle for P2.

Nothing here knows the package.  Features are of one kind: additive Gaussian errors, one common two-point scale, or (without a
sketch) independent two-point scales.  Everything is in the sketch's own coordinates, so no eigenbasis and no commuting is
assumed; the target enters through W = E v* v*^T.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

Array = np.ndarray


@dataclass(frozen=True, kw_only=True)
class Problem:
    """H = diag(spectrum), E w* w*^T = second, slots s d f p a o -> (structure, eps) by name; sketch (M, p) or None."""

    spectrum: Array
    second: Array
    noise: float
    step: float
    batch: int
    sketch: Array | None = None
    slots: Mapping[str, tuple[str, float]] = field(default_factory=dict)

    def add(self, slot: str) -> float:
        """eps of an additive slot, else 0."""
        kind, eps = self.slots.get(slot, ("additive", 0.0))
        return eps if kind == "additive" else 0.0

    def relative(self, slot: str) -> float:
        """eps of a slot that is not additive, else 0."""
        kind, eps = self.slots.get(slot, ("additive", 0.0))
        return 0.0 if kind == "additive" else eps


@dataclass(frozen=True, kw_only=True)
class Matrices:
    """Lam, Sigma, W = E v* v*^T, Approx and sigma_M^2."""

    clean: Array
    quantized: Array
    target: Array
    approximation: float
    noise: float


def matrices(problem: Problem) -> Matrices:
    """Theory sections 1 and 2."""
    lam, H = problem.spectrum, np.diag(problem.spectrum)
    S = np.eye(len(lam)) if problem.sketch is None else problem.sketch
    clean = S @ H @ S.T
    back = np.linalg.solve(clean, S @ H)
    target = back @ problem.second @ back.T
    approximation = max(0.0, (np.trace(H @ problem.second) - np.trace(clean @ target)) / 2)
    floor = problem.add("feature") + problem.add("sketch") * (lam.sum() + len(lam) * problem.add("data"))
    scale = np.prod([1 + problem.relative(slot) for slot in ("data", "sketch", "feature")])
    quantized = scale * clean + floor * np.eye(len(clean)) + problem.add("data") * S @ S.T
    return Matrices(
        clean=clean,
        quantized=quantized,
        target=target,
        approximation=approximation,
        noise=problem.noise + 2 * approximation,
    )


def feature_kind(problem: Problem) -> str:
    """additive, multiplicative or elementwise; mixtures are refused."""
    kinds = {problem.slots[slot][0] for slot in ("data", "sketch", "feature") if problem.slots.get(slot, ("", 0.0))[1]}
    assert len(kinds) <= 1
    return kinds.pop() if kinds else "additive"


def scale_moments(problem: Problem) -> Array:
    """E s^k, k = 0 .. 4, of the product of two-point scales."""
    found = np.ones(5)
    for slot in ("data", "sketch", "feature"):
        eps = problem.relative(slot)
        found *= [1, 1, 1 + eps, 1 + 3 * eps, 1 + 6 * eps + eps**2]
    return found


class Moments:
    """E[(q^T A q) q q^T] and its mixed companions, for the three kinds."""

    def __init__(self, problem: Problem, found: Matrices) -> None:
        self.kind = feature_kind(problem)
        self.m = scale_moments(problem)
        self.clean, self.quantized = found.clean, found.quantized

    def both(self, A: Array) -> Array:
        """E[(q^T A q) q q^T], A symmetric."""
        if self.kind == "multiplicative":
            L = self.clean
            return self.m[4] * (np.trace(L @ A) * L + 2 * L @ A @ L)
        Q = self.quantized
        full = np.trace(Q @ A) * Q + 2 * Q @ A @ Q
        if self.kind == "elementwise":
            lam, diagonal = np.diag(self.clean), np.diag(A)
            full = full + np.diag(3 * (self.m[4] - self.m[2] ** 2) * lam**2 * diagonal)
        return full

    def mixed(self, X: Array) -> Array:
        """E[(z^T X q) q q^T] with X = E v* v^T."""
        L, Q = self.clean, self.quantized
        if self.kind == "multiplicative":
            return self.m[3] * (np.trace(L @ X) * L + L @ (X + X.T) @ L)
        full = np.trace(L @ X) * Q + L @ X @ Q + Q @ X.T @ L
        if self.kind == "elementwise":
            lam = np.diag(L)
            full = full + np.diag(3 * (self.m[3] - self.m[2]) * lam**2 * np.diag(X))
        return full

    def clean_square(self, A: Array) -> Array:
        """E[(z^T A z) q q^T]."""
        L, Q = self.clean, self.quantized
        if self.kind == "multiplicative":
            return self.m[2] * (np.trace(L @ A) * L + 2 * L @ A @ L)
        full = np.trace(L @ A) * Q + 2 * L @ A @ L
        if self.kind == "elementwise":
            full = full + np.diag(3 * (self.m[2] - 1) * np.diag(L) ** 2 * np.diag(A))
        return full


def risks(problem: Problem, steps: list[int]) -> list[float]:
    """R(vbar_N) - sigma^2/2 for the given N, in increasing order."""
    found = matrices(problem)
    moments = Moments(problem, found)
    L, Q, W, gamma, batch = found.clean, found.quantized, found.target, problem.step, problem.batch
    size = len(L)
    eye = np.eye(size)
    mean, second, lagged = np.zeros((size, size)), np.zeros((size, size)), np.zeros((size, size))
    mean_sum, total = np.zeros((size, size)), np.zeros((size, size))
    square = found.noise * Q + moments.clean_square(W)
    result = []
    for t in range(1, max(steps) + 1):
        total = total + second + lagged + lagged.T
        mean_sum = mean_sum + mean
        if t in steps:
            cross = mean_sum @ W / t
            result.append(found.approximation + np.trace(L @ (total / t**2 - cross - cross.T + W)) / 2)
        X = W @ mean.T
        rounded = second + problem.add("parameter") * eye
        kind, eps = problem.slots.get("parameter", ("additive", 0.0))
        rounded = rounded + {"additive": 0 * eye, "multiplicative": eps * second}.get(kind, eps * np.diag(np.diag(second)))
        inner = moments.both(rounded)
        sample = square - 2 * moments.mixed(X) + inner + problem.relative("activation") * inner + problem.add("activation") * Q
        sample = (1 + problem.relative("output")) * sample + problem.add("output") * Q
        sample = (sample + sample.T) / 2
        between = L @ W @ L - L @ X @ Q - (L @ X @ Q).T + Q @ rounded @ Q
        drift = L @ X - Q @ second
        lagged = (lagged + second) @ (eye - gamma * Q) + gamma * mean_sum @ W @ L
        second = second + gamma * (drift + drift.T) + gamma**2 * (sample / batch + (1 - 1 / batch) * between)
        mean = mean + gamma * (L - Q @ mean)
    return result
