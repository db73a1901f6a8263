"""What a setting says itself about spectrum and target: values of their parameters and definitions of lam_i and E w*_i^2."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from riskbounds import symbols as s
from riskbounds.errors import UnsupportedError
from riskbounds.model import EXPONENTIAL, ISOTROPIC, LOG_POWER_LAW, POWER_LAW, SOURCE, Definitions
from riskbounds.problem import Explicit, Exponential, Isotropic, LogPowerLaw, Ones, PowerLaw, Sample, Source
from riskbounds.setting import Setting


def spectrum_of(setting: Setting) -> tuple[dict[Any, Any], Definitions]:
    """Values and definition of lam_i of H."""
    spectrum = setting.spectrum
    if isinstance(spectrum, PowerLaw):
        return {s.c: spectrum.scale, s.a: spectrum.exponent}, {s.lam: POWER_LAW}
    if isinstance(spectrum, LogPowerLaw):
        return {s.c: spectrum.scale, s.a: spectrum.exponent}, {s.lam: LOG_POWER_LAW}
    if isinstance(spectrum, Exponential):
        return {s.c: spectrum.scale, s.rate: spectrum.rate}, {s.lam: EXPONENTIAL}
    if isinstance(spectrum, Explicit):
        return {s.lam: spectrum.values}, {}
    raise UnsupportedError(f"a spectrum of kind {type(spectrum).__name__} has no closed form")


def target_of(setting: Setting) -> tuple[dict[Any, Any], Definitions]:
    """Values and definition of E w*_i^2."""
    target = setting.target
    if isinstance(target, Isotropic | Ones):
        return {s.target_scale: target.scale if isinstance(target, Isotropic) else Fraction(1)}, {s.target2: ISOTROPIC}
    if isinstance(target, Source):
        return {s.target_scale: target.scale, s.b: target.exponent}, {s.target2: SOURCE}
    if isinstance(target, Sample):
        draw = np.random.default_rng(target.seed).standard_normal(setting.dimension)
        return {s.target2: tuple(Fraction(value) ** 2 for value in draw)}, {}
    values = setting.target_values()
    assert values is not None
    return {s.target2: tuple(value**2 for value in values)}, {}
