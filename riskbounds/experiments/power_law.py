"""What the experiments use of a power-law spectrum: its exponent, and the part that a finite dimension leaves out."""

from __future__ import annotations

from typing import Any

import sympy as sp

from riskbounds import symbols as s
from riskbounds.errors import UnsupportedError
from riskbounds.instance import unsketched_instance
from riskbounds.model import ISOTROPIC, POWER_LAW
from riskbounds.numerics.floats import Floats
from riskbounds.problem import PowerLaw
from riskbounds.setting import Setting

#: 1/2 sum_{i>p} lam_i E w*_i^2 of a power law with an isotropic target.
TAIL = ISOTROPIC * POWER_LAW.subs(s.i, 1) * sp.zeta(s.a, s.p + 1) / 2


def missing_tail(setting: Setting) -> float:
    """1/2 sum_{i>p} lam_i E w*_i^2, the risk at zero of the directions beyond a finite dimension p (theory section 6)."""
    plain = unsketched_instance(setting.full_precision().replace(sketch=None))
    return float(plain.evaluation(Floats()).scalar(TAIL))


def exponent(setting: Setting) -> float:
    """The exponent a of lam_i = c i^-a; UnsupportedError for any other spectrum."""
    if not isinstance(setting.spectrum, PowerLaw):
        raise UnsupportedError("this experiment needs a power-law spectrum")
    return float(setting.spectrum.exponent)


def learned(setting: Setting, steps: Any) -> Any:
    """(gamma N)^(1/a): about how many directions N steps learn; N may be an array."""
    return (float(setting.training.step_size) * steps) ** (1 / exponent(setting))
