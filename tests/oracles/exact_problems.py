"""Random second-moment models of every kind, for the tests of riskbounds.exact."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from riskbounds.exact import (
    ErrorFunctional,
    ScaleMixture,
    SecondMomentModel,
    Slot,
    elementwise_features,
    gaussian_features,
    stability,
)

KINDS = ("additive", "multiplicative", "mixed scales", "elementwise", "true format", "matrix", "matrix scales")
STRUCTURES = ("additive", "multiplicative", "elementwise")


def two_point(eps, *more):
    """Scales 1 +- sqrt(eps) of one or more layers: (probabilities, products)."""
    levels = (eps, *more)
    signs = np.array(list(product((-1, 1), repeat=len(levels))))
    return np.full(len(signs), 2.0 ** -len(levels)), np.prod(1 + signs * np.sqrt(levels), axis=1)


def random_slots(rng, allow_elementwise, names=("label", "parameter", "activation", "output", "storage")):
    """Every slot on with probability 1/2, eps log-uniform in [1e-4, 0.1]."""
    slots = {}
    for name in names:
        if rng.random() < 0.5:
            kinds = STRUCTURES[:1] if name == "storage" else STRUCTURES[: 3 if allow_elementwise else 2]
            eps = 10 ** rng.uniform(-4, -1) * (1e-3 if name == "storage" else 1)
            slots[name] = Slot(structure=str(rng.choice(kinds)), eps=float(eps))
    return slots


def commuting(lam, second, noise, features, mu, **others):
    """Diagonal model on clean inputs: b = lam v*, second = E v*^2."""
    b2 = lam**2 * second
    residual = noise + float((lam * second * (mu - lam) / mu).sum())
    shrinkage = float((lam * second * ((mu - lam) / mu) ** 2).sum())
    cross = lam * second * lam / mu * (mu - lam) / mu
    error = ErrorFunctional(approximation=0.0, shrinkage=shrinkage, cross=cross, weights=lam)
    return SecondMomentModel(mu=mu, b2=b2, residual=residual, features=features, error=error, **others)


def diagonal_problem(rng, kind, size, **others):
    """Commuting problems: additive, multiplicative, mixed scales (floor and scale), elementwise, true format."""
    lam = np.arange(1, size + 1) ** -rng.uniform(1.1, 3)
    second = rng.uniform(0, 2, size)
    noise = float(10 ** rng.uniform(-2, 1))
    if kind == "additive":
        mu = lam + 10 ** rng.uniform(-4, -1)
        return commuting(lam, second, noise, gaussian_features(mu), mu, **others)
    if kind == "multiplicative":
        p, s = two_point(10 ** rng.uniform(-4, -1), 10 ** rng.uniform(-4, -1))
        features = ScaleMixture(probabilities=p, signal=s, variances=s[:, None] ** 2 * lam)
        return commuting(lam, second, noise, features, p @ features.variances, **others)
    if kind == "mixed scales":
        p, s = two_point(10 ** rng.uniform(-3, -1), 10 ** rng.uniform(-3, -1))
        floor = 10 ** rng.uniform(-4, -1)
        inner = two_point(0.05)[1]
        features = ScaleMixture(
            probabilities=p, signal=s, variances=s[:, None] ** 2 * lam + floor * np.repeat(inner**2, 2)[:, None]
        )
        return commuting(lam, second, noise, features, p @ features.variances, **others)
    eps = 10 ** rng.uniform(-4, -1)
    m2, m3, m4 = 1 + eps, 1 + 3 * eps, 1 + 6 * eps + eps**2
    features = elementwise_features(lam, second, m2, m3, m4)
    mu = m2 * lam
    if kind == "true format":
        per_coordinate = rng.uniform(0, 0.1, size)
        mu = lam * (1 + per_coordinate)
        features = replace(
            features,
            fourth=3 * lam**2 * (1 + 6 * per_coordinate + per_coordinate**2),
            third=3 * lam**2 * (1 + 3 * per_coordinate),
            mixed=3 * lam**2 * (1 + per_coordinate),
        )
    return commuting(lam, second, noise, features, mu, **others)


def matrix_problem(rng, scales, size, **others):
    """Sigma = Lam + D not commuting with Lam, prior or fixed target; optionally a common scale on top."""
    root = rng.standard_normal((size, size)) * np.arange(1, size + 1) ** -0.75
    lam = root @ root.T / size
    dither = rng.standard_normal((size, size))
    sigma = lam + 10 ** rng.uniform(-3, -1) * dither @ dither.T / size
    p, s = two_point(10 ** rng.uniform(-3, -1)) if scales else (np.ones(1), np.ones(1))
    mu, basis = np.linalg.eigh(sigma)
    weights = basis.T @ lam @ basis
    spread = rng.standard_normal((size, int(rng.integers(1, size + 1))))
    prior = spread @ spread.T / spread.shape[1]
    variances = s[:, None] ** 2 * mu
    average = p @ variances
    gram = weights @ prior @ weights
    inverse = 1 / average
    quantized_gram = inverse[:, None] * gram * inverse
    pulled = weights @ (prior @ weights * inverse)  # E Lam v* v^q^T
    gap = pulled - weights @ quantized_gram  # E Lam (v* - v^q) v^q^T
    shrinkage = float(np.trace(weights @ prior) - 2 * np.trace(pulled) + np.trace(weights @ quantized_gram))
    noise = float(10 ** rng.uniform(-2, 1))
    residual = noise + float(np.trace(weights @ prior) - (np.diag(gram) * inverse).sum())
    error = ErrorFunctional(approximation=0.3, shrinkage=shrinkage, cross=np.diag(gap).copy(), weights=weights)
    return SecondMomentModel(
        mu=average,
        b2=np.diag(gram).copy(),
        gram=gram,
        residual=residual,
        features=ScaleMixture(probabilities=p, signal=s, variances=variances),
        error=error,
        **others,
    )


def random_problem(seed, kind, size=None, load=None):
    """One problem with its step size scaled to a load in (0.05, 0.95) of its own stability limit and x <= 1."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 13)) if size is None else size
    others = {
        "batch": int(rng.choice([1, 2, 8, 64])),
        "batch_scale": str(rng.choice(["per-sample", "shared"])),
        "slots": random_slots(rng, allow_elementwise=not kind.startswith("matrix")),
        "step_size": 1.0,
    }
    if kind.startswith("matrix"):
        model = matrix_problem(rng, kind == "matrix scales", size, **others)
    else:
        model = diagonal_problem(rng, kind, size, **others)
    limit = 1 / float(np.max(model.mu))
    while stability(replace(model, step_size=limit)) >= 1:
        limit *= 0.9
    return replace(model, step_size=limit * float(rng.uniform(0.05, 0.95) if load is None else load))
