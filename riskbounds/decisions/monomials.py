"""The monomials of a scaling law that an allocation weighs against each other (theory section 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import sympy as sp

from riskbounds import symbols as s
from riskbounds.errors import UnsupportedError
from riskbounds.problem import Isotropic, Ones, PowerLaw, Source
from riskbounds.quantization import Structure
from riskbounds.setting import Setting

a, b = s.a, s.b
FEATURES = ("sketch", "data", "feature")


class Term(Protocol):
    """What an allocation needs of a term of a law: its name and its exponents."""

    @property
    def name(self) -> str:
        """What the term is called."""
        ...

    @property
    def exponents(self) -> Mapping[sp.Symbol, sp.Expr]:
        """Powers in Q(a, b) by symbol."""
        ...


@dataclass(frozen=True, kw_only=True)
class Monomial:
    """One term of a law up to its constant: a product of powers, exponents in Q(a, b); an absent symbol has exponent 0."""

    name: str
    exponents: Mapping[sp.Symbol, sp.Expr]


def monomials(setting: Setting) -> tuple[Monomial, ...]:
    """Leading terms of the risk in M, N and the levels, for a power law with an isotropic target or a source condition.

    model M^(1-b'), bias N^((1-b')/a), variance N^(1/a-1), with b' = a (isotropic) or the source exponent b, and their
    saturations; a floor e on the features costs e^((b'-1)/a), a common scale costs eps^2 (eps on quantized inputs).  The
    levels of label, parameter, activation and output multiply the variance; storage costs eps_w N^(1/a).
    Raises UnsupportedError for other spectra and targets, and for true formats.
    """
    source = _source(setting)
    assert isinstance(setting.spectrum, PowerLaw)
    spectrum = setting.spectrum.exponent
    size = source if source is None or setting_value(setting, b) < spectrum + 1 else a + 1
    target = a if source is None else source
    found = [
        Monomial(name="model", exponents={s.M: 1 - (a if size is None else size)}),
        Monomial(name="bias", exponents={s.N: (1 - target) / a if _below(setting, 2) else sp.Integer(-2)}),
        Monomial(name="variance", exponents={s.N: 1 / a - 1}),
    ]
    if source is None:
        found = [found[0], Monomial(name="data", exponents={s.N: 1 / a - 1})]
    for slot, level in setting.quantization.levels().items():
        if not isinstance(level, Structure):
            raise UnsupportedError(f"quantization.{slot}: a true format has no level to allocate; give it a structure")
        found.append(_slot(setting, slot, level.structure, target))
    return tuple(found)


def setting_value(setting: Setting, symbol: sp.Symbol) -> sp.Rational:
    """a or b of a setting; b = a for an isotropic target."""
    assert isinstance(setting.spectrum, PowerLaw)
    wanted = setting.target.exponent if symbol == b and isinstance(setting.target, Source) else setting.spectrum.exponent
    return sp.Rational(wanted.numerator, wanted.denominator)


def _source(setting: Setting) -> sp.Expr | None:
    if not isinstance(setting.spectrum, PowerLaw):
        raise UnsupportedError('an allocation needs problem.spectrum.kind = "power-law": the exponents are those of a power law')
    if isinstance(setting.target, Source):
        if setting.target.exponent <= 1:
            raise UnsupportedError("an allocation needs problem.target.exponent > 1: the target's energy is infinite below")
        return b
    if not isinstance(setting.target, Isotropic | Ones):
        raise UnsupportedError("an allocation needs problem.target.kind = isotropic, ones or source")
    return None


def _below(setting: Setting, power: int) -> bool:
    """Whether (b' - 1)/a < power, before the saturation at b' = power a + 1."""
    return bool(setting_value(setting, b) < power * setting_value(setting, a) + 1)


def _slot(setting: Setting, slot: str, structure: str, target: sp.Expr) -> Monomial:
    eps = s.EPS[slot]
    if slot == "storage":
        return Monomial(name="storage", exponents={eps: sp.Integer(1), s.N: 1 / a})
    if slot not in FEATURES:
        return Monomial(name=f"{slot} noise", exponents={eps: sp.Integer(1), s.N: 1 / a - 1})
    power = 2 if setting.risk_inputs == "clean" else 1
    spread = structure == "elementwise" and slot != "data"
    if structure != "additive" and not spread:
        return Monomial(name=f"{slot} shrinkage", exponents={eps: sp.Integer(power)})
    exponent = (target - 1) / a if _below(setting, power) else sp.Integer(power)
    shared = {s.M: -exponent} if slot == "data" or spread else {}
    return Monomial(name=f"{slot} floor", exponents={eps: exponent, **shared})
