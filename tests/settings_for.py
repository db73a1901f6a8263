"""A setting that satisfies the hypotheses of each registered theorem, with as many slots on as it allows."""

from __future__ import annotations

from riskbounds import (
    Additive,
    GaussianSketch,
    Isotropic,
    Multiplicative,
    PowerLaw,
    Quantization,
    Setting,
    Training,
)

ADDITIVE = Quantization(**{slot: Additive("1e-4") for slot in ("data", "parameter", "activation", "output")})
MULTIPLICATIVE = Quantization(**{slot: Multiplicative("0.01") for slot in ("data", "parameter", "activation", "output")})


def setting_for(name: str, steps: int = 1000, size: int = 20) -> Setting:
    """One problem inside the hypotheses of the theorem ``name``."""
    quantization, sketch, risk_inputs = MULTIPLICATIVE, None, "clean"
    if name in ("sharp-general", "threshold-general"):
        quantization, sketch = ADDITIVE, GaussianSketch(size, seed=1)
    if name == "moment":
        quantization = ADDITIVE
    if name == "sharp-storage":
        quantization = Quantization(data=Multiplicative("0.01"), storage=Additive("1e-6"))
    if name in ("p2-lemma-5.4", "p2-theorem-4.2", "p2-theorem-4.4", "p1-corollary-4.1", "p1-corollary-4.3"):
        quantization = ADDITIVE
    if name == "p1-theorem-4.2":
        quantization = Quantization(
            **{slot: Multiplicative("0.01") for slot in ("data", "parameter", "activation", "output")}, batch_scale="shared"
        )
    if name.startswith("p1-"):
        risk_inputs = "quantized"
    if name.startswith("zou"):
        quantization = Quantization()
    return Setting(
        spectrum=PowerLaw(exponent="3/2", dimension=2 * size),
        target=Isotropic(),
        noise_variance=1,
        risk_inputs=risk_inputs,
        sketch=sketch,
        training=Training(steps=steps, step_size="1/50"),
        quantization=quantization,
    )
