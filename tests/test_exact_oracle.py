"""The any-N exact risk against the power of the affine recursion's own matrix in Arb balls: N = 1e12, hard spectra.

The oracle holds the raw moments of theory.md section 3 (E v, E v^2, E[(sum v) v] and their running sums), writes one step
as a matrix, raises it to the N-th power by squaring at 1500 bits, and knows nothing of delta, contours or poles.
"""

import flint
import numpy as np
import pytest
from oracles.exact_problems import commuting, random_slots

from riskbounds.exact import ScaleMixture, elementwise_features, exact_risk, gaussian_features, stability

BITS = 1500


def level(model, name, relative):
    slot = model.slots.get(name)
    return flint.arb(slot.eps) if slot is not None and (slot.structure != "additive") == relative else flint.arb(0)


def moments(model, lam, target2):
    """m22, m21 (times lam v*^2 / b2) and T3 of section 3's table, as matrices of balls."""
    size, features = len(lam), model.features
    mu = [flint.arb(value) for value in model.mu]
    label = flint.arb(model.residual) + sum(flint.arb(b) / m for b, m in zip(model.b2, mu, strict=True))
    second = [[flint.arb(0)] * size for _ in range(size)]
    drift = [[flint.arb(0)] * size for _ in range(size)]
    square = [mu[i] * label for i in range(size)]
    if isinstance(features, ScaleMixture):
        for p, signal, row in zip(features.probabilities, features.signal, features.variances, strict=True):
            p, signal, c = flint.arb(p), flint.arb(signal), [flint.arb(value) for value in row]
            for i in range(size):
                square[i] += 2 * p * signal**2 * flint.arb(model.b2[i])
                for j in range(size):
                    second[i][j] += p * c[i] * c[j] * (3 if i == j else 1)
                    drift[i][j] += p * c[i] * signal * (3 if i == j else 1)
        return mu, second, drift, square
    for i in range(size):
        own = flint.arb(target2[i])
        square[i] += flint.arb(features.mixed[i]) * own - mu[i] * flint.arb(lam[i]) * own
        for j in range(size):
            second[i][j] = flint.arb(features.fourth[i]) if i == j else mu[i] * mu[j]
            drift[i][j] = flint.arb(features.third[i]) / flint.arb(lam[i]) if i == j else mu[i]
    return mu, second, drift, square


def one_step(model, lam, target2):
    """The matrix of (1, E b v, E v^2, past, sum E b v, sum of squares) over one step: the running sums come first."""
    size = len(lam)
    mu, m22, m21, t3 = moments(model, lam, target2)
    gamma, share = flint.arb(model.step_size), flint.arb(1) / model.batch
    eps = {name: (level(model, name, False), level(model, name, True)) for name in ("label", "parameter", "activation")}
    out_add, out_rel = level(model, "output", False), level(model, "output", True)
    shared = {
        name: level(model, name, True)
        if model.batch_scale == "shared" and model.slots.get(name) and model.slots[name].structure == "multiplicative"
        else flint.arb(0)
        for name in ("label", "activation", "output")
    }
    storage = level(model, "storage", False)
    matrix = flint.arb_mat(1 + 5 * size, 1 + 5 * size)
    mean, square, past, mean_sum, square_sum = (lambda i, k=k: 1 + k * size + i for k in range(5))
    matrix[0, 0] = 1
    p_add, p_rel = eps["parameter"]
    for i in range(size):
        x, b2 = gamma * mu[i], flint.arb(model.b2[i])
        matrix[mean(i), 0] = gamma * b2
        matrix[mean(i), mean(i)] = 1 - x
        matrix[mean_sum(i), mean_sum(i)] = matrix[mean_sum(i), mean(i)] = 1
        matrix[square_sum(i), square_sum(i)] = matrix[square_sum(i), square(i)] = 1
        matrix[square_sum(i), past(i)] = 2
        matrix[past(i), mean_sum(i)] = matrix[past(i), mean(i)] = gamma
        matrix[past(i), past(i)] = matrix[past(i), square(i)] = 1 - x
        outer = gamma**2 * share * (1 + out_rel)
        activation = 1 + eps["activation"][1]
        row = [flint.arb(0)] * matrix.ncols()
        row[0] += outer * (t3[i] * (1 + eps["label"][1]) + (eps["label"][0] + eps["activation"][0]) * mu[i])
        row[0] += gamma**2 * share * out_add * mu[i] + storage
        for j in range(size):
            row[mean(j)] -= 2 * outer * m21[i][j]
            row[square(j)] += outer * activation * m22[i][j] * (1 + p_rel)
            row[0] += outer * activation * m22[i][j] * p_add
        both = gamma**2 * (1 - share) * (1 + shared["output"])
        row[0] += both * (b2 * (1 + shared["label"]) + (1 + shared["activation"]) * mu[i] ** 2 * p_add)
        row[mean(i)] -= 2 * both * mu[i]
        row[square(i)] += both * (1 + shared["activation"]) * mu[i] ** 2 * (1 + p_rel)
        row[square(i)] += 1 - 2 * x
        row[mean(i)] += 2 * gamma
        for column, entry in enumerate(row):
            matrix[square(i), column] = entry
    return matrix


def oracle(model, lam, target2, steps):
    """The risk as a ball."""
    before, flint.ctx.prec = flint.ctx.prec, BITS
    try:
        size = len(lam)
        power = one_step(model, lam, target2) ** int(steps)
        mu = [flint.arb(value) for value in model.mu]
        value = flint.arb(model.error.approximation) + flint.arb(model.error.shrinkage) / 2
        for i in range(size):
            mean = power[1 + 3 * size + i, 0] / steps
            square = power[1 + 4 * size + i, 0] / steps**2
            b2 = flint.arb(model.b2[i])
            spread = square - 2 * mean / mu[i] + b2 / mu[i] ** 2
            value += flint.arb(model.error.weights[i]) * spread / 2
            value += (1 - mu[i] * mean / b2) * flint.arb(model.error.cross[i])
        assert value.rel_accuracy_bits() > 200
        return value
    finally:
        flint.ctx.prec = before


def spectrum(rng, name, step_size):
    """Five eigenvalues: tiny x, repeated, 2 x_i = x_j, x + x' = the sum where theta's tie, x = 1."""
    if name == "tiny":
        return np.array([0.3, 1e-3, 1e-6, 1e-9, 1e-12]) / step_size
    if name == "repeated":
        return np.array([0.3, 0.3, 0.3, 1e-7, 1e-7]) / step_size
    if name == "doubled":
        return np.array([0.4, 0.2, 0.1, 2e-12, 1e-12]) / step_size
    if name == "one":
        return np.array([1.0, 0.5, 0.25, 1e-5, 1e-10]) / step_size
    return rng.uniform(0, 0.4, 5) / step_size


def hard_problem(rng, name, kind):
    step_size = 0.25
    batch = int(rng.choice([8, 64])) if name == "one" else int(rng.choice([1, 2, 8, 64]))
    others = {
        "batch": batch,
        "batch_scale": str(rng.choice(["per-sample", "shared"])),
        "slots": random_slots(rng, allow_elementwise=True, names=("label", "parameter", "activation", "output")),
        "step_size": step_size,
    }
    mu, target2, noise = spectrum(rng, name, step_size), rng.uniform(0.1, 2, 5), float(rng.uniform(0.01, 2))
    if kind == "additive":
        lam = mu * rng.uniform(0.5, 1, 5)
        return commuting(lam, target2, noise, gaussian_features(mu), mu, **others), lam, target2
    eps = 0.03
    lam = mu / (1 + eps)
    if kind == "elementwise":
        features = elementwise_features(lam, target2, 1 + eps, 1 + 3 * eps, 1 + 6 * eps + eps**2)
        return commuting(lam, target2, noise, features, mu, **others), lam, target2
    scale = np.array([1 - eps**0.5, 1 + eps**0.5])
    features = ScaleMixture(probabilities=np.full(2, 0.5), signal=scale, variances=scale[:, None] ** 2 * lam)
    return commuting(lam, target2, noise, features, mu, **others), lam, target2


SPECTRA = ("tiny", "repeated", "doubled", "one", "random")
FEATURES = ("additive", "multiplicative", "elementwise")


def agrees_with_the_oracle(repeats):
    worst = 0.0
    rng = np.random.default_rng(42)
    for name in SPECTRA:
        for kind in FEATURES:
            for _ in range(repeats):
                model, lam, target2 = hard_problem(rng, name, kind)
                if stability(model) >= 1:
                    model = commuting_with_smaller_step(model)
                for steps in (10**12, 10**5, 3):
                    reference = oracle(model, lam, target2, steps)
                    worst = max(worst, abs(exact_risk(model, [steps])[0] / float(reference) - 1))
    assert worst <= 1e-9


def commuting_with_smaller_step(model):
    """The same problem with a larger batch, so that the spectrum keeps its coincidences."""
    from dataclasses import replace

    return replace(model, batch=64)


def test_any_steps_equals_the_matrix_power():
    agrees_with_the_oracle(1)


@pytest.mark.long
def test_any_steps_equals_the_matrix_power_many_times():
    agrees_with_the_oracle(8)
