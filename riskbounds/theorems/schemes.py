"""The noise constants of a theorem in the uniform schemes: every slot that it allows, with one structure, for `show`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import product
from types import MappingProxyType

from riskbounds.errors import RiskboundsError
from riskbounds.problem import GaussianSketch, Isotropic, PowerLaw, Training
from riskbounds.quantization.slots import SLOTS, Quantization
from riskbounds.quantization.structures import Additive, Elementwise, Multiplicative, Structure
from riskbounds.setting import Setting
from riskbounds.theorems.noise import NoiseConstants
from riskbounds.theorems.theorem import Assumption, Theorem

#: A level at which every row of the tables is proved; the expressions hold its symbol, not its value.
_SMALL = "1/1000"
_SCHEMES: dict[str, Structure] = {
    "additive": Additive(_SMALL),
    "multiplicative": Multiplicative(_SMALL),
    "elementwise": Elementwise(_SMALL),
}
#: The slots that are shown: of the feature layers one stands for all.
_SHOWN = tuple(slot for slot in SLOTS if slot not in ("sketch", "feature", "storage"))
#: Feature errors of two structures, which only the generic row covers.
_MIXED: dict[str, Structure] = {"data": Elementwise(_SMALL), "feature": Multiplicative(_SMALL)}


Noise = Callable[[Setting], NoiseConstants]
Assumptions = tuple[Assumption, ...]


def noise_schemes(theorem: Theorem) -> Mapping[str, NoiseConstants]:
    """Scheme -> noise constants with every slot on that the theorem's assumptions allow; empty for a theorem without noise."""
    return {} if theorem.noise is None else _schemes(theorem.noise, theorem.assumptions)


@lru_cache(maxsize=64)
def _schemes(noise: Noise, assumptions: Assumptions) -> Mapping[str, NoiseConstants]:
    plain = _plain(assumptions)
    found: dict[str, NoiseConstants] = {}
    for scheme, level in _SCHEMES.items():
        setting = _filled(assumptions, plain, dict.fromkeys(_SHOWN, level))
        if setting == plain:
            continue
        constants = noise(setting)
        if constants.definitions() not in [each.definitions() for each in found.values()]:
            found[scheme] = constants
    mixed = _filled(assumptions, plain, _MIXED)
    if len(mixed.quantization.levels()) == len(_MIXED):
        found["mixed"] = noise(mixed)
    return MappingProxyType(found)


def _plain(assumptions: Assumptions) -> Setting:
    """A full-precision setting inside the assumptions, without a sketch if it may be."""
    spectrum, training = PowerLaw(exponent=2, dimension=10), Training(steps=10, step_size="1/100")
    for sketch, inputs, scale in product((None, GaussianSketch(5)), ("clean", "quantized"), ("per-sample", "shared")):
        setting = Setting(
            spectrum=spectrum, target=Isotropic(), noise_variance=1, risk_inputs=inputs, sketch=sketch, training=training,
            quantization=Quantization(batch_scale=scale),
        )  # fmt: skip
        if _allowed(assumptions, setting):
            return setting
    raise RiskboundsError(f"no setting satisfies the assumptions {[each.name for each in assumptions]}")


def _filled(assumptions: Assumptions, plain: Setting, levels: dict[str, Structure]) -> Setting:
    """The setting with each level that the assumptions allow, slot after slot."""
    setting = plain
    for slot, level in levels.items():
        other = setting.replace(f"quantization.{slot}", level)
        if _allowed(assumptions, other):
            setting = other
    return setting


def _allowed(assumptions: Assumptions, setting: Setting) -> bool:
    return all(assumption.holds(setting) for assumption in assumptions)
