"""Moments of rounded Gaussian coordinates against 60-digit closed forms, and the constants they give."""

from __future__ import annotations

from dataclasses import fields

import mpmath as mp
import numpy as np
import pytest

from riskbounds.errors import ProblemError, UnsupportedError
from riskbounds.quantization.formats import FORMATS, Format
from riskbounds.quantization.moments import gaussian_moments, overflow
from riskbounds.quantization.rounding import draw, error_moments, grid_of

pytest.importorskip("gfloat")

INT = {kind: Format("int8", range=256, rounding=kind) for kind in ("stochastic", "dither", "subtractive")}
LEVELS = [*INT.values(), Format("e2m1"), Format("e4m3"), Format("e5m2")]
Polynomial = list[mp.mpf]


def ident(level: Format) -> str:
    return f"{level.name}-{level.rounding}"


def partial_moments(a: mp.mpf, b: mp.mpf, s: mp.mpf, order: int) -> list[mp.mpf]:
    """E[z^k; a < z < b] for z ~ N(0, s^2)."""
    a, b = a / s, b / s
    found = [(mp.erf(b / mp.sqrt(2)) - mp.erf(a / mp.sqrt(2))) / 2, mp.npdf(a) - mp.npdf(b)]
    for k in range(2, order + 1):
        found.append((k - 1) * found[k - 2] + a ** (k - 1) * mp.npdf(a) - b ** (k - 1) * mp.npdf(b))
    return [value * s**k for k, value in enumerate(found)]


def cells(level: Format, top: mp.mpf) -> list[tuple[mp.mpf, mp.mpf, list[tuple[mp.mpf, Polynomial]]]]:
    """Intervals of z > 0 with the outcomes of the rounding there and their probabilities as polynomials in z."""
    about, found, low = FORMATS[level.name], [], mp.mpf(0)
    step = level.step if level.kind == "integer" else about.subnormal_step
    d = mp.mpf(step.numerator) / step.denominator
    bits = about.mantissa_bits if level.kind == "float" else 10**6
    while low < top:
        if level.rounding == "dither":
            point = mp.nint(low / d) * d if low == 0 else low + d / 2
            high, u = point + d / 2, [-point / d, 1 / d]
            half = mp.mpf(1) / 2
            square = [u[0] ** 2, 2 * u[0] * u[1], u[1] ** 2]
            outcomes = [(point, [mp.mpf(3) / 4 - square[0], -square[1], -square[2]])]
            for sign in (-1, 1):
                weight = [half * (mp.mpf(1) / 4 + sign * u[0] + square[0]), half * (sign * u[1] + square[1])]
                outcomes.append((point + sign * d, [*weight, half * square[2]]))
        else:
            high = low + d
            outcomes = [(low, [high / d, -1 / d]), (high, [-low / d, 1 / d])]
        found.append((low, high, outcomes))
        low = high
        if low >= d * 2 ** (bits + 1):
            d *= 2
    return found


def oracle(level: Format, deviation: float) -> list[mp.mpf]:
    """E q^2, E q^3 z, E q^2 z^2, E q^4 and E q^2 - s^2 in 60 digits."""
    with mp.workdps(60):
        s, total = mp.mpf(deviation), [mp.mpf(0)] * 4
        if level.rounding == "subtractive":
            u2 = (mp.mpf(level.step.numerator) / level.step.denominator) ** 2 / 12
            total = [
                s**2 + u2,
                3 * s**4 + 3 * s**2 * u2,
                3 * s**4 + s**2 * u2,
                3 * s**4 + 6 * s**2 * u2 + u2**2 * 9 / 5,
            ]
            return [*total, u2]
        for low, high, outcomes in cells(level, 13 * s):
            partial = partial_moments(low, high, s, 4)
            for point, weights in outcomes:
                for place, (power, shift) in enumerate(((2, 0), (3, 1), (2, 2), (4, 0))):
                    value = sum(weight * partial[k + shift] for k, weight in enumerate(weights))
                    total[place] += 2 * point**power * value
        return [*total, total[0] - s**2]


def check_oracle(level: Format, count: int) -> None:
    rng = np.random.default_rng(7)
    lowest, highest = (1e-3, 10) if level.kind == "integer" else (1e-5 * grid_of(level).smallest_normal, 40)
    deviations = np.exp(rng.uniform(np.log(lowest), np.log(highest), count))
    if level.kind == "integer":
        deviations = np.concatenate([deviations, [1 / 12, 0.0833, 1 / 24, 0.0416, 1.9999, 2.0, 1.0, 0.5]])
    found = gaussian_moments(level, deviations)
    for i, deviation in enumerate(deviations):
        exact = oracle(level, deviation)
        parts = (found.second, found.third, found.mixed, found.fourth, found.variance)
        errors = [abs(float(part[i] / value - 1)) for part, value in zip(parts, exact, strict=True)]
        assert max(errors) < 1e-12, (deviation, errors)


@pytest.mark.parametrize("level", LEVELS, ids=ident)
def test_moments_equal_sixty_digit_sums(level: Format) -> None:
    check_oracle(level, 3)


@pytest.mark.long
@pytest.mark.parametrize("level", [*LEVELS, Format("e3m2"), Format("e2m3"), Format("bf16")], ids=ident)
def test_moments_equal_sixty_digit_sums_long(level: Format) -> None:
    if level.name == "bf16":
        check_bf16_subnormals(level)
    else:
        check_oracle(level, 40)


def check_bf16_subnormals(level: Format) -> None:
    deviation = 3.3 * grid_of(level).smallest_normal
    exact = oracle(level, deviation)
    assert gaussian_moments(level, deviation).variance[0] == pytest.approx(float(exact[4]), rel=1e-12)


@pytest.mark.parametrize("level", [Format("fp16"), Format("bf16"), Format("tf32"), Format("e4m3")], ids=ident)
def test_moments_equal_quadrature_over_panels(level: Format) -> None:
    """A rule of its own: equidistant midpoints in each cell, extrapolated, of the tested conditional moments."""
    s, grid = 0.7, grid_of(level)
    low = grid.smallest_normal if level.name in ("fp16", "e4m3") else 2.0**-20
    edges = [np.linspace(0, low, 2**grid.mantissa_bits + 1)]
    while edges[-1][-1] < 9:
        edges.append(np.linspace(edges[-1][-1], 2 * edges[-1][-1], 2**grid.mantissa_bits + 1)[1:])
    ends = np.concatenate(edges)
    x, w = np.polynomial.legendre.leggauss(16)
    z = (ends[:-1, None] + np.diff(ends)[:, None] * (x + 1) / 2).ravel()
    weight = (np.diff(ends)[:, None] * w / 2).ravel() * 2 * np.exp(-(z**2) / (2 * s**2)) / np.sqrt(2 * np.pi) / s
    error = error_moments(level, z)
    found = gaussian_moments(level, s)
    assert found.variance[0] == pytest.approx(float(weight @ error.variance), rel=1e-9)
    assert found.weighted_variance[0] == pytest.approx(float(weight @ (error.variance * z**2)), rel=1e-9)
    assert found.variance_square[0] == pytest.approx(float(weight @ error.variance**2), rel=1e-9)
    assert found.error_fourth[0] == pytest.approx(float(weight @ error.fourth), rel=1e-9)
    assert found.error_third[0] == pytest.approx(float(weight @ (error.third * z)), rel=1e-6)


def test_values_of_the_theory_page() -> None:
    found = gaussian_moments(INT["stochastic"], [0.01, 0.001, 5.0])
    assert found.kurtosis[0] == pytest.approx(125.33, abs=0.01)
    assert found.variance[1] == pytest.approx(0.8e-3, rel=0.01)
    assert found.variance[2] == pytest.approx(1 / 6, rel=1e-12)
    assert gaussian_moments(INT["dither"], [0.01, 3.0]).variance.tolist() == [0.25, 0.25]
    assert gaussian_moments(INT["subtractive"], [0.01, 3.0]).variance == pytest.approx(1 / 12, rel=1e-15)
    for name in ("fp16", "bf16", "e4m3", "e5m2"):
        about = FORMATS[name]
        s = np.geomspace(1, 3, 50) * 2.0**8 * float(about.smallest_normal)
        assert about.nominal_eps is not None
        assert np.all(gaussian_moments(Format(name), s).variance <= float(about.nominal_eps) * s**2)


def test_float_moments_scale_with_powers_of_two() -> None:
    s = np.geomspace(1, 2, 20)
    one, other = gaussian_moments(Format("bf16"), s), gaussian_moments(Format("bf16"), s * 2.0**-30)
    assert other.variance * 2.0**60 == pytest.approx(one.variance, rel=1e-14)
    assert other.fourth * 2.0**120 == pytest.approx(one.fourth, rel=1e-14)
    subnormal = grid_of(Format("fp16")).step * 0.01
    assert gaussian_moments(Format("fp16"), subnormal).kurtosis[0] == pytest.approx(125.33, abs=0.01)


@pytest.mark.parametrize("level", LEVELS, ids=ident)
def test_identities_and_extremes(level: Format) -> None:
    s = np.concatenate([[0.0, 1e-40], np.geomspace(1e-6, 30, 60), [1e20]])
    m = gaussian_moments(level, s)
    assert all(np.all(np.isfinite(getattr(m, field.name))) for field in fields(m))
    assert np.array_equal(m.cross, s**2)
    assert np.all(m.second >= m.cross)
    assert np.all(m.mixed**2 <= m.fourth * 3 * s**4 * (1 + 1e-12))
    assert np.all(m.kurtosis >= 1)
    assert np.all(np.diff(m.overflow) >= 0)
    assert np.all(m.subnormal <= 1)


def check_monte_carlo(level: Format, size: int) -> None:
    rng = np.random.default_rng(8)
    s = np.array([0.05, 0.6, 2.0])
    z = rng.standard_normal((size, 3)) * s
    q, m = draw(level, z, rng), gaussian_moments(level, s)
    for sample, exact in (
        (q * z, m.cross),
        (q**2, m.second),
        (q**3 * z, m.third),
        (q * q * z * z, m.mixed),
        (q**4, m.fourth),
    ):
        assert np.all(np.abs(sample.mean(axis=0) - exact) <= 4.5 * sample.std(axis=0) / np.sqrt(size))


@pytest.mark.parametrize("level", [*INT.values(), Format("e4m3"), Format("e2m3")], ids=ident)
def test_moments_agree_with_draws(level: Format) -> None:
    check_monte_carlo(level, 40_000)


@pytest.mark.long
@pytest.mark.parametrize("level", [*INT.values(), Format("e4m3"), Format("e2m3")], ids=ident)
def test_moments_agree_with_draws_long(level: Format) -> None:
    check_monte_carlo(level, 4_000_000)


def test_probabilities_of_leaving_the_range() -> None:
    level = Format("int8", range=8)
    assert overflow(level, 1.0) == pytest.approx(float(mp.ncdf(-4) + mp.ncdf(-127 / mp.mpf(32))), rel=1e-12)
    assert overflow(level, 0.1) == pytest.approx(float(mp.ncdf(-40) + mp.ncdf(-mp.mpf(1270) / 32)), rel=1e-12)
    found = gaussian_moments(Format("e2m1"), [1.0, 6.0])
    assert found.overflow == pytest.approx([float(2 * mp.ncdf(-6)), float(2 * mp.ncdf(-1))], rel=1e-12)
    assert found.subnormal == pytest.approx([1 - float(2 * mp.ncdf(-1)), 1 - float(2 * mp.ncdf(-mp.mpf(1) / 6))], rel=1e-12)


def test_refusals() -> None:
    for level in (Format("e4m3", rounding="nearest"), Format("mxfp4"), Format("nvfp4")):
        with pytest.raises(UnsupportedError, match="biased"):
            gaussian_moments(level, 1.0)
    for bad in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ProblemError, match="standard deviations"):
            gaussian_moments(Format("e4m3"), bad)
