"""Published and checked numbers: theory section 10, and the certified comparison of section 6b."""

from __future__ import annotations

import pytest

from riskbounds import (
    Additive,
    Elementwise,
    Explicit,
    ExplicitTarget,
    Multiplicative,
    Ones,
    PowerLaw,
    Quantization,
    Setting,
    Training,
    bound,
    exact_risk,
)


def power_law(exponent, quantization, *, dimension=1000, steps, batch=1):
    return Setting(
        spectrum=PowerLaw(exponent=exponent, dimension=dimension),
        target=Ones(),
        noise_variance=1,
        training=Training(steps=steps, step_size="0.1", batch_size=batch),
        quantization=quantization,
    )


@pytest.mark.parametrize(
    ("exponent", "quantization", "expected"),
    [
        ("1.5", Quantization(), ("0.4378", "0.1833", "0.06749", "0.01624")),
        ("1.5", Quantization(data=Elementwise("0.05")), ("0.4481", "0.1907", "0.07263", "0.02022")),
        ("2", Quantization(), ("0.1688", "0.05253", "0.01621", "0.004779")),
        ("2", Quantization(data=Additive("1e-3")), ("0.1692", "0.05383", "0.01995", "0.01283")),
    ],
)
def test_exact_risk_of_section_10(exponent, quantization, expected):
    setting = power_law(exponent, quantization, steps=[100, 1000, 10_000, 100_000])
    for value, text in zip(exact_risk(setting), expected, strict=True):
        digits = len(text.split(".")[1])
        assert f"{float(value):.{digits}f}" == text


@pytest.mark.parametrize(
    ("quantization", "expected"),
    [
        (
            Quantization(data=Additive("0.02"), parameter=Additive("0.05"), activation=Additive("0.03"), output=Additive("0.04")),
            ("0.73943136", "0.25071606", "0.06816163"),
        ),
        (
            Quantization(
                data=Elementwise("0.1"),
                parameter=Multiplicative("0.05"),
                activation=Multiplicative("0.03"),
                output=Multiplicative("0.04"),
            ),
            ("0.74373602", "0.25720926", "0.04602391"),
        ),
    ],
)
def test_all_slots_on(quantization, expected):
    setting = power_law("1.5", quantization, dimension=20, steps=[10, 100, 1000], batch=2)
    assert tuple(f"{float(value):.8f}" for value in exact_risk(setting)) == expected


def test_coarse_data_certainly_lower_the_risk():
    """Theory section 6b: upper bound with eps_d = 0.03 below the lower bound in full precision."""
    full = Setting(
        spectrum=Explicit([f"1/{i**2}" for i in range(1, 51)]),
        target=ExplicitTarget([f"1/{i}" for i in range(1, 51)]),
        noise_variance=100,
        training=Training(steps=10_000, step_size="0.1"),
    )
    coarse = full.replace(quantization=Quantization(data=Additive("0.03")))
    lower = bound(full, rigorous=True).rows[0].risk.lower.value
    upper = bound(coarse, rigorous=True).rows[0].risk.upper.value
    assert lower > 0.1033
    assert upper < 0.0600
    assert upper < lower
