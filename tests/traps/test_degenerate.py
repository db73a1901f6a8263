"""Degenerate problems that once gave a wrong number, a hang or a traceback."""

from __future__ import annotations

import flint
import pytest

from riskbounds import (
    Additive,
    Format,
    GaussianSketch,
    Isotropic,
    Multiplicative,
    PowerLaw,
    Quantization,
    Setting,
    Training,
    bound,
)
from riskbounds.errors import HypothesisError, UnsupportedError
from riskbounds.evaluation.values import UpperBound


def setting(*, scale=1, noise=1, quantization=None, step_size="0.01", sketch=None, dimension=20, steps=100):
    return Setting(
        spectrum=PowerLaw(exponent="3/2", dimension=dimension),
        target=Isotropic(scale),
        noise_variance=noise,
        sketch=sketch,
        training=Training(steps=steps, step_size=step_size),
        quantization=quantization or Quantization(data=Additive("1e-3")),
    )


@pytest.mark.parametrize("slot", ["label", "storage", "parameter", "activation", "output"])
def test_a_saturating_grid_has_no_bound(slot):
    with pytest.raises(HypothesisError, match=f"quantization.{slot}.*saturates"):
        bound(setting(quantization=Quantization(**{slot: Format("int4", range="1/10", rounding="dither")})))


def test_a_power_of_a_ball_that_touches_zero():
    """gamma N c = 1: K - 1 is a ball around 0, and (K - 1)^(a+1) is 0 there, not NaN."""
    row = bound(setting(), "p2-lemma-5.4", rigorous=True).rows[0]
    assert row.risk.lower.value < row.risk.exact.value < row.risk.upper.value


@pytest.mark.parametrize("options", [{}, {"digits": 20}, {"rigorous": True}])
@pytest.mark.parametrize("theorem", ["sharp", "threshold", "p2-lemma-5.4"])
def test_zero_target_and_zero_noise(theorem, options):
    """The risk is 0; a theorem whose expression is 0/0 there has no side, and says so."""
    row = bound(setting(scale=0, noise=0), theorem, **options).to_dict()["rows"][0]
    exact = row["risk"]["exact"]
    assert float(exact["mid"] if isinstance(exact, dict) else exact) == 0
    assert row["risk"]["upper"] is not None or any("null" in note for note in row["notes"])


def test_a_ball_without_a_value_is_null():
    assert UpperBound(value=flint.arb("nan"), rigor="enclosed", source="test").json() is None
    assert UpperBound(value=float("nan"), rigor="float64", source="test").json() is None


def test_general_bases_agree_in_enclosures():
    """At N = 1 both bounds and the exact value are the same number; enclosures of them must overlap."""
    row = bound(setting(sketch=GaussianSketch(8), quantization=Quantization(data=Additive("1e-4")), steps=1), rigorous=True).rows[
        0
    ]
    assert row.risk.lower.value.overlaps(row.risk.exact.value)
    assert row.risk.upper.value.overlaps(row.risk.exact.value)


def test_storage_in_infinite_dimension_names_its_key():
    with pytest.raises(UnsupportedError, match=r"quantization\.storage"):
        setting(dimension="infinite", quantization=Quantization(storage=Additive("1e-6")))


@pytest.mark.parametrize("options", [{}, {"digits": 20}, {"rigorous": True}])
@pytest.mark.parametrize(
    ("theorem", "data", "missing"),
    [("p2-theorem-4.1", Multiplicative("1/100"), "a data term"), ("p2-theorem-4.2", Additive("1/100"), "the target is not 0")],
)
def test_a_data_term_of_zero_is_refused(theorem, data, missing, options):
    """F and the bias' share are 0/0 there: the hypothesis that fails is named, the later ones have no value."""
    with pytest.raises(HypothesisError, match=f"{missing}.*what would satisfy it: a target"):
        bound(setting(scale=0, noise=0, quantization=Quantization(data=data)), theorem, **options)
