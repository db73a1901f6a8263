"""Exact risk on quantized inputs without a sketch, by stepping theory section 3: an oracle for the P1 theorems.

Nothing here knows the package.  The state is affine in itself, so large N goes through a power of the step's matrix.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

Array = np.ndarray
STEPPED = 2000  # beyond, a matrix power


@dataclass(frozen=True, kw_only=True)
class Problem:
    """lam, E w*^2, sigma^2, gamma, B and slot -> (structure, eps) for d l p a o; two-point scales."""

    lam: Array
    target2: Array
    noise: float
    step: float
    batch: int
    slots: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    shared: bool = False

    def add(self, slot: str) -> float:
        """eps of an additive slot, else 0."""
        kind, eps = self.slots.get(slot, ("additive", 0.0))
        return eps if kind == "additive" else 0.0

    def rel(self, slot: str) -> float:
        """eps of a slot proportional to its input, else 0."""
        kind, eps = self.slots.get(slot, ("additive", 0.0))
        return 0.0 if kind == "additive" else eps


def moments(problem: Problem) -> tuple[Array, Array, Array, Array]:
    """mu, m22, m21, m20 of theory section 3."""
    kind, eps = problem.slots.get("data", ("additive", 0.0))
    lam = problem.lam
    one = np.ones((lam.size, lam.size))
    m2, m3, m4 = (1 + eps, 1 + 3 * eps, 1 + 6 * eps + eps**2) if kind != "additive" else (1.0, 1.0, 1.0)
    mu = lam + eps if kind == "additive" else m2 * lam
    if kind == "multiplicative":
        base = np.outer(lam, lam) * (one + 2 * np.eye(lam.size))
        return mu, m4 * base, m3 * base, m2 * base
    m22, m21, m20 = np.outer(mu, mu), np.outer(mu, lam), np.outer(mu, lam)
    if kind == "additive":
        return mu, m22 + 2 * np.diag(mu**2), m21 + 2 * np.diag(mu * lam), m20 + 2 * np.diag(lam**2)
    for matrix, moment in ((m22, m4), (m21, m3), (m20, m2)):
        np.fill_diagonal(matrix, 3 * moment * lam**2)
    return mu, m22, m21, m20


def exact_risk(problem: Problem, steps: int) -> float:
    """R^q(vbar_N) - sigma^2/2 after averaging v_0 .. v_{N-1}."""
    lam, step, batch = problem.lam, problem.step, problem.batch
    w = np.sqrt(problem.target2)
    mu, m22, m21, m20 = moments(problem)
    x, drive, size = step * mu, lam * w, lam.size
    add, rel = problem.add, problem.rel
    common = dict.fromkeys(("label", "activation", "output"), 0.0)
    for slot in common:
        if problem.shared and problem.slots.get(slot, ("", 0.0))[0] == "multiplicative":
            common[slot] = rel(slot)
    labels = mu * problem.noise + m20 @ w**2

    def advance(state: Array) -> Array:
        """One step of (mean, second, sum of means, correlation with the sum, running totals, 1)."""
        mean, second, summed, corr, total2, total_corr = state[:-1].reshape(6, size)
        one = state[-1]
        used = second * (1 + rel("parameter")) + add("parameter") * one
        seen = m22 @ used
        told = labels * one
        r = told - 2 * (m21 @ (w * mean)) + seen
        r = r + rel("label") * told + add("label") * mu * one + rel("activation") * seen + add("activation") * mu * one
        r = r * (1 + rel("output")) + add("output") * mu * one
        cross = (1 + common["output"]) * (
            (1 + common["label"]) * drive**2 * one - 2 * drive * mu * mean + (1 + common["activation"]) * mu**2 * used
        )
        new_second = second + 2 * step * (drive * mean - mu * second) + step**2 * (r / batch + (1 - 1 / batch) * cross)
        new_mean = mean + step * (drive * one - mu * mean)
        new_corr = step * drive * (summed + mean) + (1 - x) * (corr + second)
        parts = (new_mean, new_second, summed + mean, new_corr, total2 + second, total_corr + corr)
        return np.concatenate([*parts, [one]])

    state = np.zeros(6 * size + 1)
    state[-1] = 1.0
    if steps <= STEPPED:
        for _ in range(steps):
            state = advance(state)
    else:
        matrix = np.array([advance(unit) for unit in np.eye(state.size)]).T
        state = np.linalg.matrix_power(matrix, steps) @ state
    _, _, summed, _, total2, total_corr = state[:-1].reshape(6, size)
    quantized = lam * w / mu
    bar, bar2 = summed / steps, (total2 + 2 * total_corr) / steps**2
    floor = float(np.sum(lam * w**2 * (mu - lam) / mu)) / 2
    return floor + 0.5 * float(np.sum(mu * (bar2 - 2 * quantized * bar + quantized**2)))
