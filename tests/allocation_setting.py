"""The full-precision problem whose budget the tests allocate."""

from __future__ import annotations

from riskbounds import GaussianSketch, Isotropic, PowerLaw, Setting, Training

FULL = Setting(
    spectrum=PowerLaw(exponent="3/2", dimension=2000),
    target=Isotropic(),
    noise_variance=1,
    sketch=GaussianSketch(50),
    training=Training(steps=1000, step_size="0.1"),
)
