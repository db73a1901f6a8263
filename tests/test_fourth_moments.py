"""Stability of the fourth moment against the map itself, integrated exactly over Gaussian features."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.optimize import brentq

from riskbounds import Additive, Multiplicative, Quantization
from riskbounds.simulation.fourth_moments import fourth_moment_load

SIGN = (-1.0, 1.0)


def fourth_moment_map(x: np.ndarray, batch: int, eps: dict[str, float], shared: bool) -> np.ndarray:
    """The matrix of (E v_i^2 v_j^2) -> (E v'_i^2 v'_j^2), by Gauss-Hermite nodes in every q and all signs of every scale.

    Coordinates scaled so that gamma = 1 and E q_i^2 = x_i; eps of the slots data, activation and parameter.
    """
    size = len(x)
    nodes, weights = np.polynomial.hermite_e.hermegauss(8)
    weights = weights / weights.sum()
    pairs = [(i, j) for i in range(size) for j in range(i, size)]
    found = np.zeros((len(pairs), len(pairs)))
    scale_signs = list(product(SIGN, repeat=2 * batch + 1))
    for where in product(range(8), repeat=size * batch):
        g = nodes[list(where)].reshape(batch, size) * np.sqrt(x)
        weight = weights[list(where)].prod() / len(scale_signs)
        for signs in scale_signs:
            data = 1 + np.sqrt(eps["data"]) * np.array(signs[:batch])
            act = np.array(signs[batch : 2 * batch])
            act = 1 + np.sqrt(eps["activation"]) * (act * 0 + act[0] if shared else act)
            common = 1 + np.sqrt(eps["parameter"]) * signs[-1]
            factor = data**2 / (1 + eps["data"]) * act * common
            step = np.eye(size) - np.einsum("b,bi,bj->ij", factor, g, g) / batch
            for row, (i, j) in enumerate(pairs):
                for column, (k, m) in enumerate(pairs):
                    found[row, column] += weight * coefficient(step[i], step[j], k, m)
    return found


def coefficient(a: np.ndarray, b: np.ndarray, k: int, m: int) -> float:
    """Of v_k^2 v_m^2 in (a.v)^2 (b.v)^2."""
    if k == m:
        return a[k] ** 2 * b[k] ** 2
    return a[k] ** 2 * b[m] ** 2 + a[m] ** 2 * b[k] ** 2 + 4 * a[k] * a[m] * b[k] * b[m]


CASES = [
    (1, {"data": 0, "activation": 0, "parameter": 0}, False),
    (1, {"data": 0.1, "activation": 0.2, "parameter": 0.05}, False),
    (2, {"data": 0.1, "activation": 0.2, "parameter": 0}, False),
    (2, {"data": 0, "activation": 0.2, "parameter": 0.1}, True),
]


@pytest.mark.parametrize(("batch", "eps", "shared"), CASES)
def test_load_one_is_where_the_map_has_radius_one(batch, eps, shared):
    ratio = np.array([1.0, 0.3]) if batch == 1 else np.array([1.0])
    quantization = Quantization(
        **{slot: Multiplicative(level) for slot, level in eps.items()}, batch_scale="shared" if shared else "per-sample"
    )

    def excess(size):
        return np.max(np.abs(np.linalg.eigvals(fourth_moment_map(size * ratio, batch, eps, shared)))) - 1

    edge = brentq(excess, 0.1, 0.9, xtol=1e-7)
    assert fourth_moment_load(edge * (1 - 1e-4) * ratio, quantization, batch) < 1
    assert fourth_moment_load(edge * (1 + 1e-4) * ratio, quantization, batch) >= 1


def test_one_dimension_by_hand():
    """E (1 - x g^2)^4 = 1 - 4x + 18x^2 - 60x^3 + 105x^4 is 1 at x = 0.3848."""
    edge = brentq(lambda x: -4 + 18 * x - 60 * x**2 + 105 * x**3, 0.3, 0.5)
    assert fourth_moment_load(np.array([edge * 0.9999]), Quantization(), 1) < 1
    assert fourth_moment_load(np.array([edge * 1.0001]), Quantization(), 1) >= 1


def test_grouped_coordinates_and_additive_errors():
    """Beyond 500 coordinates the tail is grouped; additive errors leave the homogeneous part alone."""
    x = 0.3 * np.arange(1.0, 3000) ** -1.5
    whole = fourth_moment_load(x[:499], Quantization(), 1)
    assert fourth_moment_load(x, Quantization(), 1) == pytest.approx(whole, rel=0.1)
    noisy = Quantization(parameter=Additive("0.1"), output=Additive("0.1"))
    assert fourth_moment_load(x, noisy, 1) == fourth_moment_load(x, Quantization(), 1)
