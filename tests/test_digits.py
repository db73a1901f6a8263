"""float64, digits and enclosures of the same problems: agreement, radius, containment."""

from __future__ import annotations

import flint
import mpmath
import numpy as np
import pytest

from riskbounds import (
    Additive,
    Explicit,
    Isotropic,
    Multiplicative,
    Ones,
    PowerLaw,
    Quantization,
    Setting,
    Source,
    Training,
    bound,
)
from riskbounds.errors import HypothesisError
from tests.conftest import full_and_tenth
from tests.random_settings import draws, random_setting

QUANTIZED = Quantization(data=Multiplicative("0.01"), parameter=Additive("1e-4"), label=Multiplicative("0.02"))


def problem(exponent="3/2", dimension=40, steps=1000, step_size="0.05", target=None, quantization=QUANTIZED):
    return Setting(
        spectrum=PowerLaw(exponent=exponent, dimension=dimension),
        target=target or Isotropic(),
        noise_variance=1,
        training=Training(steps=steps, step_size=step_size),
        quantization=quantization,
    )


CASES = [
    problem(),
    problem(exponent="2", steps=10**12),
    problem(exponent="1.1", dimension=15, target=Source(exponent="3")),
    problem(quantization=Quantization(data=Additive("1e-3"), output=Additive("1e-2"))),
    # x down to 1e-15 at N = 1e12
    Setting(
        spectrum=Explicit(["1", "1/1000", "1e-8", "2e-14", "2e-14"]),
        target=Ones(),
        noise_variance=1,
        training=Training(steps=10**12, step_size="0.05"),
        quantization=Quantization(data=Multiplicative("0.01")),
    ),
]


def values(row):
    """Every risk and term of a row that is there."""
    found = {name: getattr(row.risk, name) for name in ("lower", "exact", "upper")}
    for side in ("lower", "upper"):
        found |= {f"{side} {name}": value for name, value in (getattr(row.terms, side) or {}).items()}
    return {name: value.value for name, value in found.items() if value is not None}


@pytest.mark.parametrize("theorem", ["sharp", "threshold"])
@pytest.mark.parametrize("setting", CASES, ids=range(len(CASES)))
def test_three_number_systems_agree(setting, theorem):
    fifty, hundred, balls, floats = (
        values(bound(setting, theorem, **options).rows[0])
        for options in ({"digits": 50}, {"digits": 100}, {"rigorous": True}, {})
    )
    context = mpmath.MPContext()
    context.dps = 120
    for name, exact in hundred.items():
        exact = context.mpf(exact)
        if exact == 0:
            assert float(fifty[name]) == 0
            continue
        assert abs(context.mpf(fifty[name]) / exact - 1) < context.mpf(10) ** -48
        with flint.ctx.workprec(500):
            ball, point = balls[name], flint.arb(str(context.nstr(exact, 105)))
            assert (ball - point).contains(0) or abs(ball - point).upper() < abs(point) * flint.arb("1e-95")
            assert ball.rad() <= abs(ball.mid()) * flint.arb("1e-30")
        if name in ("lower", "exact", "upper"):
            assert floats[name] == pytest.approx(float(exact), rel=1e-12)


def test_a_lost_digit_is_noticed():
    """The comparison above can fail: 46 digits are not 48."""
    setting = CASES[0]
    low, high = (bound(setting, digits=digits).rows[0].risk.upper.value for digits in (20, 100))
    context = mpmath.MPContext()
    context.dps = 120
    assert abs(context.mpf(low) / context.mpf(high) - 1) > context.mpf(10) ** -48


@full_and_tenth(100)
def test_enclosures_contain_digits_and_floats_on_random_problems(size):
    checked = 0
    for rng in draws(5, size):
        _, setting = random_setting(rng, largest=30)
        if setting.sketch is not None:
            continue
        setting = setting.replace("training.step_size", "0.001")
        try:
            row = bound(setting, rigorous=True).rows[0]
        except HypothesisError:
            continue
        plain = bound(setting).rows[0]
        deep = bound(setting, digits=60).rows[0]
        for name in ("lower", "exact", "upper"):
            ball, digits, near = (getattr(each.risk, name) for each in (row, deep, plain))
            if ball is None:
                continue
            with flint.ctx.workprec(400):
                point = flint.arb(str(mpmath.nstr(digits.value, 60)))
                assert abs(ball.value - point).lower() <= abs(point) * flint.arb("1e-55")
                assert abs(ball.value.rad() / ball.value.mid()) <= flint.arb("1e-30")
            assert float(near) == pytest.approx(float(ball), rel=1e-12)
            checked += 1
    assert checked >= size // 2


def test_strings_of_the_contract():
    """--digits: D significant digits that mpmath reads; --rigorous: the truth lies inside mid +- rad as printed."""
    setting = CASES[0]
    digits = bound(setting, digits=25).to_dict()["rows"][0]["risk"]["upper"]
    assert isinstance(digits, str)
    assert len(digits.replace("0.", "", 1).lstrip("0").replace(".", "")) == 25
    printed = bound(setting, rigorous=True).to_dict()["rows"][0]["risk"]["upper"]
    truth = bound(setting, digits=80).rows[0].risk.upper.value
    with flint.ctx.workprec(400):
        middle, radius, point = (flint.arb(text) for text in (printed["mid"], printed["rad"], str(mpmath.nstr(truth, 78))))
        assert abs(middle - point) <= radius
        assert radius < flint.arb("1e-38")
    assert np.isfinite(float(mpmath.mpf(digits)))
