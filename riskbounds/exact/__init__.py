"""The exact expected risk R(vbar_N) - sigma^2/2 of quantized SGD (theory.md section 3), without any bound."""

from riskbounds.exact.any_steps import data_term, exact_risk
from riskbounds.exact.digits import data_term_digits, exact_risk_digits
from riskbounds.exact.enclosure import exact_risk_enclosed
from riskbounds.exact.matching import log_slope, matching_steps, matching_steps_digits
from riskbounds.exact.model import (
    ErrorFunctional,
    IndependentCoordinates,
    ScaleMixture,
    SecondMomentModel,
    Slot,
    elementwise_features,
    gaussian_features,
    label_second_moment,
)
from riskbounds.exact.stability import stability
from riskbounds.exact.stepping import stepped_risk

__all__ = [
    "ErrorFunctional",
    "IndependentCoordinates",
    "ScaleMixture",
    "SecondMomentModel",
    "Slot",
    "data_term",
    "data_term_digits",
    "elementwise_features",
    "exact_risk",
    "exact_risk_digits",
    "exact_risk_enclosed",
    "gaussian_features",
    "label_second_moment",
    "log_slope",
    "matching_steps",
    "matching_steps_digits",
    "stability",
    "stepped_risk",
]
