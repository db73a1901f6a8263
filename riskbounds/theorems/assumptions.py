"""Hypotheses without a margin: predicates on the setting, with the sentence that a refusal prints."""

from __future__ import annotations

from functools import partial

from riskbounds.instance import commutes
from riskbounds.setting import Setting
from riskbounds.theorems.theorem import Assumption


def _only(structure: str, setting: Setting) -> bool:
    """Whether every quantizer has this structure."""
    levels = setting.quantization.levels()
    return all(getattr(level, "structure", None) == structure for level in levels.values())


def every_quantizer(structure: str, refusal: str) -> Assumption:
    """One structure in every slot."""
    return Assumption(name=f"every quantizer is {structure}", holds=partial(_only, structure), refusal=refusal)


COMMUTING = Assumption(
    name="Lam and Sigma commute",
    holds=commutes,
    refusal="Lam and Sigma do not commute here (additive data or elementwise sketch or feature errors behind a sketch): "
    "use sharp-general or threshold-general",
)
GAUSSIAN_DATA = Assumption(
    name="Gaussian data",
    holds=lambda setting: not setting.is_data,
    refusal="measured data are not Gaussian: use the theorem moment",
)
NO_STORAGE = Assumption(
    name="stored weights are exact",
    holds=lambda setting: "storage" not in setting.quantization.levels(),
    refusal="this theorem has no stored-weight errors: use sharp-storage, threshold or threshold-general",
)
