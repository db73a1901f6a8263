"""Quantized stochastic gradients drawn one batch at a time: a second opinion on the exact covariance."""

from __future__ import annotations

import numpy as np
from oracles.covariance import Array, Layer, System


def perturbed(rng: np.random.Generator, values: Array, layer: Layer | None, common: tuple[int, ...]) -> Array:
    """Apply an unbiased quantizer; a multiplicative error has one scale per entry of the leading axes `common`."""
    if layer is None:
        return values
    shape = common + (1,) * (values.ndim - len(common)) if layer.structure == "multiplicative" else values.shape
    if layer.noise == "two-point":
        noise = rng.choice([-1.0, 1.0], size=shape)
    elif layer.noise == "uniform":
        noise = rng.uniform(-np.sqrt(3), np.sqrt(3), size=shape)
    elif layer.noise == "triangular":
        noise = rng.triangular(-np.sqrt(6), 0, np.sqrt(6), size=shape)
    else:
        noise = rng.standard_normal(shape)
    scaled = noise if layer.structure == "additive" else noise * values
    return values + np.sqrt(layer.eps) * scaled


def sketched(rng: np.random.Generator, x: Array, sketch: Array, layer: Layer | None) -> Array:
    """Q(S) x with a fresh error of S for every sample; the reference model adds a Gaussian vector instead."""
    if layer is None:
        return x @ sketch.T
    if layer.noise == "reference":
        clean = x @ sketch.T
        return clean + np.sqrt(layer.eps * np.mean(np.sum(x**2, axis=-1))) * rng.standard_normal(clean.shape)
    matrices = np.broadcast_to(sketch, (*x.shape[:-1], *sketch.shape))
    return np.einsum("nbij,nbj->nbi", perturbed(rng, matrices, layer, x.shape[:-1]), x)


def simulated_covariance(system: System, v: Array, draws: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Covariance of the batch gradient at v over `draws` batches, and the standard error of its entries."""
    layers = system.layers
    clean = np.sqrt(system.spectrum) * rng.standard_normal((draws, system.batch, len(system.spectrum)))
    y = clean @ system.target + np.sqrt(system.noise_variance) * rng.standard_normal((draws, system.batch))
    q = perturbed(rng, clean, layers.get("data"), (draws, system.batch))
    if system.sketch is not None:
        q = sketched(rng, q, system.sketch, layers.get("sketch"))
    q = perturbed(rng, q, layers.get("feature"), (draws, system.batch))
    scale = (draws,) if system.shared else (draws, system.batch)
    u = perturbed(rng, np.broadcast_to(v, (draws, len(v))), layers.get("parameter"), (draws,))
    prediction = perturbed(rng, np.einsum("nbi,ni->nb", q, u), layers.get("activation"), scale)
    label = perturbed(rng, y, layers.get("label"), scale)
    output = perturbed(rng, label - prediction, layers.get("output"), scale)
    gradient = np.einsum("nbi,nb->ni", q, output) / system.batch
    centred = gradient - gradient.mean(axis=0)
    products = centred[:, :, None] * centred[:, None, :]
    return products.mean(axis=0), products.std(axis=0) / np.sqrt(draws)
