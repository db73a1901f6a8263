"""Lin, Wu, Kakade, Bartlett, Lee 2024: the full-precision scaling law of sketched linear regression (theory section 8)."""

from __future__ import annotations

from riskbounds import symbols as s
from riskbounds.theorems.citations import LIN_2024
from riskbounds.theorems.theorem import Theorem

lin_2024 = Theorem(
    name="lin-2024",
    title="Lin et al. 2024: scaling law in full precision",
    statement=(
        "Full precision, Gaussian sketch, power law lam_i = c i^-a, isotropic prior: "
        "E(y - <v, z>)^2 = sigma^2 + Theta(M^(1-a)) + Theta((N gamma)^(1/a-1)). "
        "Their risk has no factor 1/2; here R - sigma^2/2, with half of the hidden constants theta_M, "
        "theta_N. Their effective data size is N/log N (a step-size schedule), not a precision. A law, never a bound."
    ),
    status="published",
    citation=LIN_2024,
    number="scaling law (rates seen, details recalled)",
    law=(s.model_rate * s.M ** (1 - s.a) + s.data_rate * (s.N * s.step) ** (1 / s.a - 1)) / 2,
)
