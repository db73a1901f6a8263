"""Constants of true formats against exact fourth moments: independent coordinates by tensor, correlated by cubature."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest

from riskbounds.errors import ProblemError
from riskbounds.quantization.constants import (
    FormatConstants,
    data_constants,
    feature_alpha,
    sketched_data_constants,
    with_dither,
)
from riskbounds.quantization.formats import Format
from riskbounds.quantization.moments import CoordinateMoments, gaussian_moments
from riskbounds.quantization.rounding import error_moments

pytest.importorskip("gfloat")

LEVELS = [
    Format("int8", range=256),
    Format("int8", range=256, rounding="dither"),
    Format("int8", range=256, rounding="subtractive"),
    Format("e2m1"),
    Format("e3m2"),
]


@dataclass(frozen=True)
class Case:
    """Features q = S d with d = Q(x), everything about them exact."""

    moments: CoordinateMoments
    tensor: np.ndarray
    sketch: np.ndarray
    w: np.ndarray
    noise: float

    @property
    def sigma(self) -> np.ndarray:
        return self.sketch @ np.diag(self.moments.second) @ self.sketch.T

    @property
    def best(self) -> np.ndarray:
        return np.linalg.solve(self.sigma, self.sketch @ (self.moments.cross * self.w))

    def gradient(self, v: np.ndarray) -> np.ndarray:
        """E of (q^T v - y)^2 q q^T."""
        p = self.w.size
        rows = np.hstack([self.sketch, np.zeros((self.sketch.shape[0], p + 1))])
        line = np.concatenate([self.sketch.T @ v, -self.w, [-1.0]])
        return np.einsum("abcd,ia,jb,c,d->ij", self.tensor, rows, rows, line, line, optimize=True)

    def whitened(self, matrix: np.ndarray) -> np.ndarray:
        root = np.linalg.inv(np.linalg.cholesky(self.sigma))
        return np.linalg.eigvalsh(root @ matrix @ root.T)

    def direction(self, rng: np.random.Generator) -> np.ndarray:
        """A random vector, sometimes along one axis, with ||.||_Sigma about 1."""
        normal = rng.standard_normal(self.best.size) * 10.0 ** rng.uniform(-3, 0, self.best.size)
        return np.linalg.solve(np.linalg.cholesky(self.sigma).T, normal)


def coordinate(m: CoordinateMoments, i: int, powers: tuple[int, int]) -> float:
    """E d^a x^b of one coordinate, a + b <= 4."""
    s2 = m.cross[i]
    second = {(2, 0): m.second[i], (1, 1): s2, (0, 2): s2}
    fourth = {(4, 0): m.fourth[i], (3, 1): m.third[i], (2, 2): m.mixed[i], (1, 3): 3 * s2**2, (0, 4): 3 * s2**2}
    return float({(0, 0): 1.0, **second, **fourth}.get(powers, 0.0))


def fourth_tensor(m: CoordinateMoments, noise: float) -> np.ndarray:
    """E of the products of four among d_1 .. d_p, x_1 .. x_p, xi, entry by entry."""
    p = m.second.size
    tensor = np.zeros((2 * p + 1,) * 4)
    for index in product(range(2 * p + 1), repeat=4):
        power = [index.count(k) for k in range(2 * p + 1)]
        value = {0: 1.0, 2: noise, 4: 3 * noise**2}.get(power[-1], 0.0)
        for i in range(p):
            value *= coordinate(m, i, (power[i], power[p + i]))
        tensor[index] = value
    return tensor


def random_case(rng: np.random.Generator, sketched: bool) -> Case:
    p = 3
    m = gaussian_moments(LEVELS[rng.integers(len(LEVELS))], np.exp(rng.uniform(-4, 1, p)))
    if rng.random() < 0.3:
        m = with_dither(m, float(np.exp(rng.uniform(-6, 0))))
    noise = float(np.exp(rng.uniform(-6, 1)))
    sketch = rng.standard_normal((2, p)) * [1, 1, 0.1] if sketched else np.eye(p)
    return Case(m, fourth_tensor(m, noise), sketch, rng.standard_normal(p), noise)


def constants_of(case: Case, sketched: bool) -> FormatConstants:
    m, w = case.moments, case.w
    if not sketched:
        return data_constants(m, case.noise, w**2)
    u = case.sketch.T @ case.best
    leverage = m.second * np.einsum("ia,ia->a", case.sketch, np.linalg.solve(case.sigma, case.sketch))
    assert np.sum(leverage) == pytest.approx(2)
    return sketched_data_constants(m, case.noise, w**2, w * u, u**2, leverage)


def check_gradient(case: Case, constants: FormatConstants, delta: np.ndarray) -> None:
    """lower <= Cov(g | v) <= upper: Loewner order behind a sketch; diagonal entries, exactly, without."""
    step = case.sigma @ delta
    found = case.gradient(case.best + delta) - np.outer(step, step)
    norm2 = float(delta @ step)
    tolerance = 1e-10 * (constants.residual + norm2 * constants.slope)
    bottom = constants.lower + constants.lower_slope * norm2 - tolerance
    if constants.own_upper is None or constants.own_slope is None:
        top = float(constants.upper) + constants.slope * norm2 + tolerance
        assert np.min(case.whitened(found)) >= bottom
        assert np.max(case.whitened(found)) <= top
        return
    top = np.diag((constants.upper + constants.slope * norm2 + tolerance) * np.diag(case.sigma))
    assert np.min(case.whitened(top - found)) >= 0
    ratio, mu = np.diag(found) / np.diag(case.sigma), np.diag(case.sigma)
    assert np.all(ratio >= bottom)
    assert np.all(ratio <= constants.own_upper + norm2 + constants.own_slope * mu * delta**2 + tolerance)


def check_moment_constants(case: Case, constants: FormatConstants, sketched: bool, rng: np.random.Generator) -> None:
    residual, p = np.max(case.whitened(case.gradient(case.best))), case.w.size
    assert residual <= constants.sbar2 * (1 + 1e-10)
    assert sketched or residual == pytest.approx(constants.sbar2, rel=1e-10)
    label = case.gradient(np.zeros(case.best.size))
    bound = constants.label * case.sigma if sketched else np.diag(constants.label * np.diag(case.sigma))
    off = np.zeros_like(label) if sketched else label - np.diag(np.diag(label))
    assert np.min(case.whitened(bound - (label - off))) >= -1e-10 * np.max(constants.label)
    data = case.tensor[:p, :p, :p, :p]
    for _ in range(4):
        t = case.sketch.T @ case.direction(rng)
        quartic = case.sketch @ np.einsum("abcd,c,d->ab", data, t, t) @ case.sketch.T
        assert np.max(case.whitened(quartic)) <= constants.alpha * np.sum(case.moments.second * t**2) * (1 + 1e-10)


def check_data(sketched: bool, count: int) -> None:
    rng = np.random.default_rng(9 + sketched)
    for _ in range(count):
        case = random_case(rng, sketched)
        constants = constants_of(case, sketched)
        assert np.all(constants.lower >= (case.noise if sketched else 0))
        assert np.all(constants.upper >= 0)
        for scale in (0.0, 0.03, 0.3, 1.0, 10.0):
            sign = 1 if rng.random() < 0.5 else -1
            check_gradient(case, constants, sign * scale * np.sqrt(constants.residual) * case.direction(rng))
        check_moment_constants(case, constants, sketched, rng)


@pytest.mark.parametrize("sketched", [False, True])
def test_gradient_noise_lies_between_the_constants(sketched: bool) -> None:
    check_data(sketched, 40)


@pytest.mark.long
@pytest.mark.parametrize("sketched", [False, True])
def test_gradient_noise_lies_between_the_constants_long(sketched: bool) -> None:
    check_data(sketched, 600)


def test_gaussian_limit_and_prior() -> None:
    s = np.array([1.0, 0.5, 0.25])
    fine = data_constants(gaussian_moments(Format("int16", range=1e-3), s), 0.3, 1.0)
    assert (fine.alpha, fine.slope, fine.lower_slope) == pytest.approx((3, 2, 1), abs=1e-9)
    assert fine.upper == pytest.approx(0.3, rel=1e-9)
    assert fine.lower == pytest.approx(0.3, rel=1e-9)
    assert fine.label == pytest.approx(0.3 + np.sum(s**2) + 2 * s**2, rel=1e-9)
    m = gaussian_moments(Format("e2m1"), s)
    a, b, both = (data_constants(m, 0.3, w2) for w2 in ([1.0, 0, 0], [0, 1.0, 0], [1.0, 1.0, 0]))
    assert both.residual == pytest.approx(a.residual + b.residual - 0.3, rel=1e-14)


def test_alpha_is_attained_by_the_heaviest_coordinate() -> None:
    m = gaussian_moments(Format("int8", range=256), [3.0, 0.05])
    assert data_constants(m, 1.0, 1.0).alpha == pytest.approx(float(m.fourth[1] / m.second[1] ** 2), rel=1e-12)
    light = sketched_data_constants(m, 1.0, [1.0, 1.0], [0.5, 0.5], [0.3, 0.3], leverage=[1.0, 0.01])
    assert light.alpha == pytest.approx(3 + 0.01 * (m.kurtosis[1] - 3), rel=1e-12)


def nodes(level: Format, deviation: float) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre nodes on (-9 s, 9 s) that cross no boundary of e2m1 or of the unit integer grid."""
    if level.name == "e2m1":
        ends = np.concatenate([np.arange(0, 2, 0.5), np.arange(2, 4), np.arange(4, 8, 2), np.arange(8, 65, 4)])
    else:
        ends = np.arange(0, 60, 0.5)
    ends = np.unique(np.concatenate([ends, np.arange(0, 9, 0.75) * deviation]))
    ends = ends[ends <= 9 * deviation]
    x, w = np.polynomial.legendre.leggauss(6)
    z = (ends[:-1, None] + np.diff(ends)[:, None] * (x + 1) / 2).ravel()
    weight = (np.diff(ends)[:, None] * w / 2).ravel()
    return np.concatenate([-z[::-1], z]), np.concatenate([weight[::-1], weight])


def check_feature(count: int, directions: int) -> None:
    """E L^2 K^2 <= alpha E L^2 E K^2 for correlated pairs, L and K = G + sum w e, and the label factor."""
    rng = np.random.default_rng(11)
    worst = 0.0
    for _ in range(count):
        level, s = LEVELS[rng.integers(4)], np.exp(rng.uniform(-1.5, 0.7, 2))
        rho = rng.uniform(-0.98, 0.98)
        cov = np.array([[s[0] ** 2, rho * s[0] * s[1]], [rho * s[0] * s[1], s[1] ** 2]])
        alpha, label = feature_alpha(gaussian_moments(level, s), cov)
        (z1, w1), (z2, w2) = nodes(level, s[0]), nodes(level, s[1])
        z = np.stack([a.ravel() for a in np.meshgrid(z1, z2, indexing="ij")])
        density = np.exp(-np.sum(z * np.linalg.solve(cov, z), axis=0) / 2) / (2 * np.pi * np.sqrt(np.linalg.det(cov)))
        weight = np.outer(w1, w2).ravel() * density
        assert np.sum(weight) == pytest.approx(1, rel=1e-6)
        error = error_moments(Format("int16", range=65536, rounding=level.rounding) if level.kind == "integer" else level, z)
        if level.name == "e2m1" and np.max(9 * s) > 6:
            continue
        for _ in range(directions):
            worst = max(worst, check_pair(rng, z, error, weight, alpha, label))
    assert worst > 0.3


def signal(rng: np.random.Generator, weights: np.ndarray) -> np.ndarray:
    """Linear part of L: that of q.w, none, or any other."""
    return (weights, np.zeros(2), rng.standard_normal(2))[rng.integers(3)]


def check_pair(rng, z, error, weight, alpha, label) -> float:  # type: ignore[no-untyped-def]
    w, other = rng.standard_normal((2, 2)) * 10.0 ** rng.uniform(-2, 0, (2, 2))
    if rng.random() < 0.4:
        other = w
    linear, base = (signal(rng, weights) @ z for weights in (other, w))
    v, third, fourth = error.variance, error.third, error.fourth
    one, two = (other**2) @ v, (w**2) @ v
    first, second = weight @ (linear**2 + one), weight @ (base**2 + two)
    pair = v[0] * v[1]
    crossed = (other * w) @ v
    errors4 = (other**2 * w**2) @ fourth + pair * ((other[0] * w[1]) ** 2 + (other[1] * w[0]) ** 2)
    errors4 = errors4 + 4 * pair * other[0] * other[1] * w[0] * w[1]
    mixed = linear**2 * two + base**2 * one + 4 * linear * base * crossed
    skew = 2 * linear * ((other * w**2) @ third) + 2 * base * ((other**2 * w) @ third)
    together = weight @ (linear**2 * base**2 + mixed + skew + errors4)
    assert together <= alpha * first * second * (1 + 1e-6)
    y2 = (rng.standard_normal(2) @ z) ** 2
    assert weight @ (y2 * (base**2 + two)) <= label * (weight @ y2) * second * (1 + 1e-6)
    return float(together / (alpha * first * second))


def test_feature_constant_holds_for_correlated_pairs() -> None:
    check_feature(12, 20)


@pytest.mark.long
def test_feature_constant_holds_for_correlated_pairs_long() -> None:
    check_feature(150, 60)


def test_feature_constant_refuses_a_foreign_covariance() -> None:
    with pytest.raises(ProblemError, match="covariance"):
        feature_alpha(gaussian_moments(Format("e4m3"), [1.0, 1.0]), np.diag([1.0, 2.0]))
    assert 3 < feature_alpha(gaussian_moments(Format("fp16"), [1.0]), [[1.0]])[0] < 9


def test_feature_constant_sees_common_variances() -> None:
    """Fifty copies of one coordinate: L = sum e_i has kurtosis m4/(n V^2) + 3 (1 - 1/n) E v^2/V^2."""
    n, m = 50, gaussian_moments(Format("int8", range=256), np.full(50, 2.0))
    kurtosis = m.error_fourth[0] / m.variance[0] ** 2 / n + 3 * (1 - 1 / n) * m.variance_square[0] / m.variance[0] ** 2
    assert 3.5 < kurtosis <= feature_alpha(m, np.full((n, n), 4.0))[0] < 3.7


def test_prior_behind_a_sketch() -> None:
    """Two equally likely targets: every constant is that of the averaged moments."""
    rng = np.random.default_rng(12)
    m = gaussian_moments(Format("e2m1"), [1.0, 0.3, 0.2])
    sketch, noise, w = rng.standard_normal((2, 3)), 0.3, rng.standard_normal((2, 3))
    sigma = sketch @ np.diag(m.second) @ sketch.T
    u = (sketch.T @ np.linalg.solve(sigma, sketch @ (m.cross * w).T)).T
    e2 = m.cross * w**2 - 2 * m.cross * w * u + m.second * u**2
    e2d2 = m.mixed * w**2 - 2 * m.third * w * u + m.fourth * u**2
    rest = (e2d2 - m.second * e2 - 2 * (m.cross * w - m.second * u) ** 2) / m.second
    found = sketched_data_constants(m, noise, np.mean(w**2, 0), np.mean(w * u, 0), np.mean(u**2, 0))
    assert found.residual == pytest.approx(noise + np.mean(np.sum(e2, axis=1)), rel=1e-12)
    assert found.sbar2 == pytest.approx(found.residual + np.max(np.mean(rest, axis=0)), rel=1e-12)
    tensor = fourth_tensor(m, noise)
    cases = [Case(m, tensor, sketch, each, noise) for each in w]
    for delta in rng.standard_normal((50, 2)):
        step = sigma @ delta
        spread = cases[0].whitened(np.mean([c.gradient(c.best + delta) for c in cases], axis=0) - np.outer(step, step))
        assert np.max(spread) <= float(found.upper) + found.slope * float(delta @ step) + 1e-9
        assert np.min(spread) >= float(found.lower) + found.lower_slope * float(delta @ step) - 1e-9
