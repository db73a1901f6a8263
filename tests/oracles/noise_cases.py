"""Random quantized problems, and their noise constants as numbers beside the exact covariance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import sympy as sp
from oracles.covariance import EXTENDED, Gradient, Layer, System, gradient

from riskbounds import symbols as s
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import STRUCTURES
from riskbounds.theorems.noise import NoiseConstants

LARGEST = 0.145
LARGEST_CONDITION = 1e3
FEATURES = ("data", "sketch", "feature")
UPDATE = ("label", "parameter", "activation", "output")


# Random configurations -------------------------------------------------------------------------------------------------


def random_layer(rng: np.random.Generator, slot: str, structure: str, largest: float) -> Layer:
    """One active slot: noise of any kind, eps log-uniform in [1e-5, largest], one in four at the upper end."""
    noises = {
        "additive": ["reference", "entrywise"] if slot == "sketch" else ["gaussian", "gaussian", "uniform", "triangular"],
        "multiplicative": ["two-point", "two-point", "gaussian"],
        "elementwise": ["two-point", "two-point", "gaussian"],
    }[structure]
    eps = largest if rng.random() < 0.25 else float(np.exp(rng.uniform(np.log(1e-5), np.log(largest))))
    if slot not in FEATURES:
        noises = [noise for noise in noises if noise in ("gaussian", "two-point")]
    return Layer(structure=structure, eps=eps, noise=str(rng.choice(noises)))


def random_system(rng: np.random.Generator) -> System:
    """Structures uniform over additive, multiplicative, elementwise and mixed; half with a sketch; slots on with 1/2.

    Half of the time the slots of the update draw their own structures.
    """
    sketched = rng.random() < 0.5
    kind = str(rng.choice(["additive", "multiplicative", "elementwise", "mixed"]))
    kinds = {**dict.fromkeys(FEATURES, kind), **dict.fromkeys(UPDATE, kind if rng.random() < 0.5 else "mixed")}
    largest = 0.9 if rng.random() < 0.2 else LARGEST
    layers = {}
    for slot in FEATURES + UPDATE:
        if rng.random() < 0.5 and (sketched or slot != "sketch"):
            structure = str(rng.choice(list(STRUCTURES))) if kinds[slot] == "mixed" else kinds[slot]
            layers[slot] = random_layer(rng, slot, structure, largest)
    size = int(rng.integers(1, 9 if not sketched else 6))
    dimension = size + int(rng.integers(0, 4)) if sketched else size
    if sketched and "sketch" in layers and layers["sketch"].structure == "elementwise":
        size = min(size, 3)
        dimension = max(size, min(dimension, 10 // size))
    spectrum = rng.choice([0.1, 1.0, 10.0]) * np.arange(1, dimension + 1.0) ** -rng.uniform(0, 3)
    sketch = rng.standard_normal((size, dimension)) / np.sqrt(size) if sketched else None
    while sketch is not None and np.linalg.cond(sketch * spectrum @ sketch.T) > LARGEST_CONDITION:
        sketch, spectrum = rng.standard_normal((size, dimension)) / np.sqrt(size), np.sqrt(spectrum)
    target = rng.standard_normal(dimension) * np.arange(1, dimension + 1.0) ** rng.uniform(-1, 1)
    return System(
        spectrum=spectrum,
        target=target * (rng.random() < 0.9),
        noise_variance=float(np.exp(rng.uniform(np.log(1e-3), np.log(10)))),
        sketch=sketch,
        layers=layers,
        batch=int(rng.choice([1, 2, 8, 64])),
        shared=bool(rng.random() < 0.5),
    )


def quantization(system: System) -> Quantization:
    """The configuration in the library's types."""
    levels = {
        slot: STRUCTURES[layer.structure](
            Fraction(layer.eps), noise="gaussian" if layer.structure == "additive" and slot in UPDATE else layer.noise
        )
        for slot, layer in system.layers.items()
    }
    return Quantization(**levels, batch_scale="shared" if system.shared else "per-sample")


# The bounds as matrices ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """The two sides in the coordinates Sigma^{-1/2} (.) Sigma^{-1/2}, Sigma's eigenbasis: diagonal."""

    exact: Gradient
    whiten: np.ndarray
    moment: np.ndarray
    optimum: np.ndarray
    upper: tuple[np.ndarray, float, float]
    lower: tuple[np.ndarray, float] | None

    def ratios(self, v: np.ndarray) -> tuple[float, float]:
        """Largest eigenvalue of E Cov(g|v) relative to the upper side, smallest relative to the lower side."""
        covariance = (self.whiten @ self.exact.covariance(v) @ self.whiten.T).astype(float)
        error = v - self.optimum
        delta2, v2 = error @ self.moment @ error, v @ self.moment @ v
        above = 1 / np.sqrt(self.upper[0] + self.upper[1] * delta2 + self.upper[2] * v2)
        highest = float(np.linalg.eigvalsh(covariance * np.outer(above, above))[-1])
        if self.lower is None:
            return highest, np.inf
        below = 1 / np.sqrt(self.lower[0] + self.lower[1] * delta2)
        return highest, float(np.linalg.eigvalsh(covariance * np.outer(below, below))[0])


def symbol_values(system: System, exact: Gradient, mu: np.ndarray, basis: np.ndarray) -> dict[sp.Symbol, float]:
    """Every symbol of the constants, computed from the configuration."""
    spectrum, target = system.spectrum, system.target
    sketch = np.eye(len(spectrum)) if system.sketch is None else system.sketch
    wide = sketch.astype(EXTENDED)
    clean, source = wide * spectrum @ wide.T, wide @ (spectrum.astype(EXTENDED) * target)
    best = np.linalg.solve(clean.astype(float), source.astype(float)).astype(EXTENDED)
    optimum = exact.optimum.astype(EXTENDED)
    second = exact.second[-1, -1]
    sigma_M2 = float(second - 2 * best @ source + best @ clean @ best)
    sigma_q2 = float(second - 2 * optimum @ exact.signal + optimum @ exact.feature_moment @ optimum)
    scale = np.ones(5)
    for slot in FEATURES:
        layer = system.layers.get(slot)
        if layer is not None and layer.structure != "additive":
            fourth = 1 + 6 * layer.eps + (3 if layer.noise == "gaussian" else 1) * layer.eps**2
            scale *= [1, 1, 1 + layer.eps, 1 + 3 * layer.eps, fourth]
    whitened = basis / np.sqrt(mu)
    levels = {symbol: system.layers[slot].eps for slot, symbol in s.EPS.items() if slot in system.layers}
    return levels | {
        s.m2: scale[2],
        s.m3: scale[3],
        s.m4: scale[4],
        s.noise_variance: system.noise_variance,
        s.sigma_M2: sigma_M2,
        s.sigma_q2: sigma_q2,
        s.excess: max(0.0, sigma_q2 - sigma_M2),
        s.model_error: max(0.0, (sigma_M2 - system.noise_variance) / 2),
        s.label_second_moment: float(second),
        s.quantized_norm2: float(optimum @ exact.signal),
        s.trace: float(mu.sum()),
        s.B: system.batch,
        s.tau: float(np.linalg.eigvalsh(whitened.T @ np.diag(np.diag(exact.feature_moment).astype(float)) @ whitened)[-1]),
    }


def number(expression: sp.Expr, values: dict[sp.Symbol, float], mu: np.ndarray) -> np.ndarray:
    """An expression, affine in mu[i], at every eigenvalue; a symbol without a value is an error."""
    plain = expression.xreplace({symbol: sp.Float(value, 17) for symbol, value in values.items()})
    start, end = (float(plain.xreplace({s.mu[s.i]: sp.Integer(at)})) for at in (0, 1))
    return start + (end - start) * mu


def bounds(system: System, constants: NoiseConstants, extra: Mapping[sp.Symbol, float] | None = None) -> Bounds:
    """Evaluate the constants for one configuration."""
    exact = gradient(system)
    mu, basis = np.linalg.eigh(exact.feature_moment.astype(float))
    values = {**symbol_values(system, exact, mu, basis), **(extra or {})}
    A, ad, av = (number(part, values, mu) for part in (constants.A, constants.ad, constants.av))
    lower = None
    if constants.Alow is not None and constants.adlow is not None:
        lower = (number(constants.Alow, values, mu), float(number(constants.adlow, values, mu)[0]))
    return Bounds(
        exact=exact,
        whiten=(basis / np.sqrt(mu)).T,
        moment=exact.feature_moment.astype(float),
        optimum=exact.optimum,
        upper=(A, float(ad[0]), float(av[0])),
        lower=lower,
    )


def adversarial(rng: np.random.Generator, sides: Bounds) -> tuple[float, float]:
    """Worst ratios over parameters: special ones, then a short climb from the worst of them for each side."""
    optimum = sides.optimum
    size = len(optimum)
    scale = np.linalg.norm(optimum) + 1e-3
    axes = [step * axis for axis in np.eye(size) for step in (1e-3 * scale, scale, 1e4 * scale)]
    candidates = [np.zeros(size), optimum, 2 * optimum, 1.0001 * optimum, -optimum, 100 * optimum]
    candidates += axes + [optimum + axis for axis in axes[::2]] + [scale * rng.standard_normal(size) for _ in range(4)]
    pairs = [sides.ratios(v) for v in candidates]
    worst = []
    for side, better in ((0, np.greater), (1, np.less)):
        values = [pair[side] for pair in pairs]
        start = int(np.argmax(values) if side == 0 else np.argmin(values))
        best, value = candidates[start], values[start]
        width = 1.0
        for _ in range(30):
            trial = best + width * (np.abs(best) + 0.1 * scale) * rng.standard_normal(size)
            found = sides.ratios(trial)[side]
            best, value, width = (trial, found, 1.2 * width) if better(found, value) else (best, value, 0.85 * width)
        worst.append(value)
    return worst[0], worst[1]
