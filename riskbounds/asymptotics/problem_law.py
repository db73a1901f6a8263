"""The law of the exact risk that fits a problem, and the problem's numbers for the law's symbols."""

from __future__ import annotations

import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.laws import Law, law
from riskbounds.errors import ProblemError, UnsupportedError
from riskbounds.instance import resolve
from riskbounds.problem import Isotropic, Ones, PowerLaw, Source
from riskbounds.quantization import Structure
from riskbounds.setting import Setting


def law_of(setting: Setting) -> Law:
    """The law whose orders are those of a setting: its scheme, slots and target; the scales do not matter.

    Without a sketch an elementwise error acts like a multiplicative one (theory section 2), and so does its law.

    Raises
    ------
    UnsupportedError: no law covers the setting; the message says which key a law needs otherwise.
    """
    setting, _ = resolve(setting)
    exponents = exponents_of(setting)
    if setting.risk_inputs != "clean":
        raise UnsupportedError('a law needs problem.risk_inputs = "clean": it is of the risk on clean inputs')
    structures = setting.quantization.structures()
    schemes = set(structures.values()) or {"full-precision"}
    if len(schemes) > 1 or "format" in schemes:
        named = ", ".join(f"{slot} {kind}" for slot, kind in structures.items())
        raise UnsupportedError(f"a law covers one structure for all slots, here {named}; give every slot the same structure")
    scheme = schemes.pop()
    if scheme == "elementwise" and setting.sketch is None:
        scheme = "multiplicative"
    try:
        found = law(scheme, "exact", slots=tuple(structures), source=isinstance(setting.target, Source))
    except ProblemError as error:  # a slot that the scheme's law leaves out: the problem is fine, there is no law for it
        raise UnsupportedError(str(error)) from None
    if found.floor != 0 and exponents[s.b] > 2 * exponents[s.a] + 1:
        raise UnsupportedError("with a floor on the features the law holds for problem.target.exponent up to 2 a + 1")
    return found


def exponents_of(setting: Setting) -> dict[sp.Symbol, sp.Rational]:
    """The exponents a and b of a power law and its target, exactly; b = a for an isotropic one.  Raises as ``law_of`` does."""
    spectrum, target = setting.spectrum, setting.target
    if not isinstance(spectrum, PowerLaw):
        raise UnsupportedError('a law needs problem.spectrum.kind = "power-law": its exponents are those of a power law')
    if not isinstance(target, Isotropic | Ones | Source):
        raise UnsupportedError("a law needs problem.target.kind = isotropic, ones or source")
    exponent = target.exponent if isinstance(target, Source) else spectrum.exponent
    if exponent <= 1:
        raise UnsupportedError("a law needs problem.target.exponent > 1: the target's energy is infinite below")
    return {s.a: sp.Rational(str(spectrum.exponent)), s.b: sp.Rational(str(exponent))}


def numbers_of(setting: Setting) -> dict[str, float]:
    """The values of the law's symbols at the last N and M of a setting.

    Raises
    ------
    UnsupportedError: a target whose constants are not the law's: another scale than 1, or ones behind a sketch.
    """
    setting, _ = resolve(setting)
    exponents, target = exponents_of(setting), setting.target
    if isinstance(target, Ones) and setting.sketch is not None:
        raise UnsupportedError("behind a sketch a law's constants need problem.target.kind = isotropic or source")
    if isinstance(target, Isotropic | Source) and target.scale != 1:
        raise UnsupportedError("a law's constants need problem.target.scale = 1")
    levels = {slot: level for slot, level in setting.quantization.levels().items() if isinstance(level, Structure)}
    size = setting.model_sizes[-1] or setting.dimension or float("inf")
    values = {
        "c": float(getattr(setting.spectrum, "scale", 1)),
        "p": float(setting.dimension or "inf"),
        "M": float(size),
        "N": float(setting.training.steps[-1]),
        "B": float(setting.training.batch_size),
        "sigma": float(setting.noise_variance or 0) ** 0.5,
        "step": float(setting.training.step_size),
        **{str(s.EPS[slot]): float(level.eps) for slot, level in levels.items()},
    }
    source = isinstance(target, Source)
    return {str(symbol): float(value) for symbol, value in exponents.items() if source or symbol == s.a} | values
