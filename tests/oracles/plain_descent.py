"""Quantized SGD the plain way: every sample is sketched, every vector quantized on its own, formats by listing their numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

import ml_dtypes
import numpy as np

DTYPES = {
    "fp16": np.float16,
    "bf16": ml_dtypes.bfloat16,
    "e5m2": ml_dtypes.float8_e5m2,
    "e4m3": ml_dtypes.float8_e4m3fn,
    "e3m2": ml_dtypes.float6_e3m2fn,
    "e2m3": ml_dtypes.float6_e2m3fn,
    "e2m1": ml_dtypes.float4_e2m1fn,
}
BITS = {"e3m2": 6, "e2m3": 6, "e2m1": 4}


def codepoints(name: str) -> np.ndarray:
    """All finite numbers of a format, increasing."""
    dtype = np.dtype(DTYPES[name])
    if dtype.itemsize == 2:
        codes = np.arange(2**16, dtype=np.uint16).view(dtype)
    else:
        codes = np.arange(2 ** BITS.get(name, 8), dtype=np.uint8).view(dtype)
    with np.errstate(invalid="ignore"):
        values = codes.astype(np.float64)
    return np.unique(values[np.isfinite(values)])


def stochastic(numbers: np.ndarray, u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Round to one of the two neighbours, the nearer one more often; outside the range to the end of it."""
    above = np.clip(np.searchsorted(numbers, u, side="left"), 1, len(numbers) - 1)
    low, high = numbers[above - 1], numbers[above]
    chance = np.clip((u - low) / (high - low), 0, 1)
    return np.where(rng.random(u.shape) < chance, high, low)


@dataclass
class Plain:
    """slots: name -> (kind, number or format name); kinds additive, uniform, triangular, multiplicative, elementwise, format."""

    spectrum: np.ndarray
    target: np.ndarray
    noise: float
    sketch: np.ndarray | None
    gamma: float
    batch: int
    slots: dict
    shared: bool = False
    rows: np.ndarray | None = None
    response: np.ndarray | None = None
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def noisy(self, slot, u, common=None):
        """u with its error; vectors along the last axis; ``common``: axes on which one multiplicative scale is drawn."""
        if slot not in self.slots:
            return u
        kind, level = self.slots[slot]
        rng = self.rng
        if kind == "format":
            return stochastic(codepoints(level), u, rng)
        if kind == "grid":
            return np.floor(u / level + rng.random(u.shape)) * level
        if kind == "nearest":
            numbers = codepoints(level)
            between = (numbers[1:] + numbers[:-1]) / 2
            return numbers[np.searchsorted(between, u)]
        root = np.sqrt(level)
        if kind == "additive":
            return u + root * rng.standard_normal(u.shape)
        if kind == "uniform":
            return u + root * rng.uniform(-np.sqrt(3), np.sqrt(3), u.shape)
        if kind == "triangular":
            return u + root * rng.triangular(-np.sqrt(6), 0, np.sqrt(6), u.shape)
        shape = u.shape
        if kind == "multiplicative":
            shape = (*u.shape[:-1], 1) if common is None else common
        return u * (1 + root * rng.choice([-1.0, 1.0], shape))

    def sketched(self, x):
        """Q_s(S) x with a fresh Q_s for each of the samples."""
        if self.sketch is None:
            return x
        kind, level = self.slots.get("sketch", (None, None))
        if kind in (None, "multiplicative"):
            return self.noisy("sketch", x @ self.sketch.T)
        if kind == "reference":
            trace = self.spectrum.sum()
            data = self.slots.get("data", (None, 0))
            trace += data[1] * (len(self.spectrum) if data[0] == "additive" else trace)
            return x @ self.sketch.T + np.sqrt(level * trace) * self.rng.standard_normal((len(x), len(self.sketch)))
        many = np.broadcast_to(self.sketch, (len(x), *self.sketch.shape))
        error = np.sqrt(level) * self.rng.standard_normal(many.shape) if kind == "entrywise" else 0
        many = many + error if kind == "entrywise" else self.noisy("sketch", many)
        return np.einsum("rij,rj->ri", many, x)

    def iterates(self, runs, steps):
        """vbar_N of each replica."""
        size = len(self.spectrum) if self.sketch is None else len(self.sketch)
        v, total = np.zeros((runs, size)), np.zeros((runs, size))
        scale = (runs, 1)
        for _ in range(steps - 1):
            u = self.noisy("parameter", v)
            common = {slot: np.ones(scale) for slot in ("label", "activation", "output")}
            for slot in common:
                if self.shared and self.slots.get(slot, (None,))[0] == "multiplicative":
                    common[slot] = self.noisy(slot, np.ones(scale))
            change = np.zeros_like(v)
            for _ in range(self.batch):
                x, y = self.sample(runs)
                q = self.noisy("feature", self.sketched(self.noisy("data", x)))
                predicted = np.sum(q * u, axis=1, keepdims=True)
                error = self.number("label", y, common) - self.number("activation", predicted, common)
                change += q * self.number("output", error, common)
            v = self.noisy("storage", v + self.gamma / self.batch * change)
            total += v
        return total / steps

    def number(self, slot, u, common):
        if self.shared and self.slots.get(slot, (None,))[0] == "multiplicative":
            return u * common[slot]
        return self.noisy(slot, u)

    def sample(self, runs):
        if self.rows is not None:
            chosen = self.rng.integers(0, len(self.rows), runs)
            return self.rows[chosen], self.response[chosen][:, None]
        x = np.sqrt(self.spectrum) * self.rng.standard_normal((runs, len(self.spectrum)))
        y = x @ self.target + np.sqrt(self.noise) * self.rng.standard_normal(runs)
        return x, y[:, None]

    def risks(self, runs, steps):
        """Population risk minus the least one over linear predictors of x (clean inputs)."""
        v = self.iterates(runs, steps)
        if self.rows is not None:
            rows = self.rows if self.sketch is None else self.rows @ self.sketch.T
            best = self.rows @ np.linalg.lstsq(self.rows, self.response, rcond=None)[0] - self.response
            return np.mean((v @ rows.T - self.response) ** 2, axis=1) / 2 - np.mean(best**2) / 2
        w = v if self.sketch is None else v @ self.sketch
        return (w - self.target) ** 2 @ self.spectrum / 2
