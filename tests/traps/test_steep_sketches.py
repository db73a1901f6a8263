"""Trap: behind a sketch, matrices of a steep spectrum rotated from the sketch's coordinates lose the small directions."""

from __future__ import annotations

import math

import pytest

from riskbounds import Setting, bound


@pytest.mark.parametrize("rate", [0.1, 0.2, 0.3])
def test_a_vanishing_data_error_gives_the_full_precision_risks(rate: float) -> None:
    """The eigenbasis of Lam (full precision) and that of Sigma (additive data errors, eps_d -> 0) are one; 1.7 % apart before."""
    sets = [
        f"problem.spectrum={{kind='exponential', rate={rate}, dimension=150}}",
        "sketch.size=100",
        "training.steps=10000",
        "training.step_size=0.05",
    ]
    plain = bound(Setting.from_file("figure2c", [*sets, "quantization={}"])).rows[0].risk
    dithered = bound(Setting.from_file("figure2c", [*sets, "quantization={structure='additive', data=1e-26}"])).rows[0].risk
    for side in ("lower", "exact", "upper"):
        assert math.isclose(float(getattr(dithered, side)), float(getattr(plain, side)), rel_tol=1e-8)
