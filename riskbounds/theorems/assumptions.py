"""Hypotheses without a margin: predicates on the setting, with the sentence that a refusal prints."""

from __future__ import annotations

from riskbounds.instance import commutes
from riskbounds.theorems.theorem import Assumption

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
