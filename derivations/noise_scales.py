"""Moments of the composed feature scale: m2, m3, m4 of model.scale_moments from the layers' independent errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from riskbounds.derivations.layer_models import scales_model
from riskbounds.derivations.noise_terms import mean, w

from riskbounds import symbols
from riskbounds.model import scale_moments
from riskbounds.proofs import Derivation, Reader, Step, Symbol, eq, scalar, term
from riskbounds.proofs.expectation import Expectation
from riskbounds.terms.expectation import Independent

#: Fourth moment of the error over eps^2: the two-point error is +- sqrt(eps).
KURTOSIS = {"two-point": 1, "gaussian": 3}
NOISES = {"data": "two-point", "sketch": "gaussian", "feature": "two-point"}


def noise_scales(noises: Mapping[str, str]) -> Derivation:
    """E s^k, k = 2, 3, 4, for s the product of 1 + error over the slots of ``noises``."""
    law, scale = [], term(1)
    for slot, noise in noises.items():
        name, eps = f"error_{slot}", scalar(symbols.EPS[slot].name, "0+")
        powers = (term(0), eps, term(0), KURTOSIS[noise] * eps**2)
        law.append(Independent(outcome=w, site=(), moments={(name,) * k: value for k, value in enumerate(powers, 1)}))
        scale = scale * (1 + Symbol(name)[w])
    read = Reader({})
    steps = tuple(
        Step(id=str(symbol), claim=eq(mean(scale**k), read(value)), rule=Expectation(tuple(law)))
        for k, (symbol, value) in enumerate(scale_moments(noises).items(), 2)
    )
    return Derivation(
        name="noise-scales",
        theorem="noise constants: scale moments",
        title="Moments of the composed feature scale",
        steps=steps,
        conclusions={step.id: step.id for step in steps},
    )


derivation = replace(noise_scales(NOISES), witness=scales_model)
