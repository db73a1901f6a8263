"""The eigenbases that settings of one sketched problem share: few are alive at a time, and a dropped one comes back the same."""

from __future__ import annotations

import dataclasses
import weakref

import numpy as np
import pytest

from riskbounds import Additive, GaussianSketch, Isotropic, PowerLaw, Quantization, Setting, Training
from riskbounds.instance import moments_of
from riskbounds.sketched import GeneralBasis, SketchedMoments, general_basis

STRUCTURES = {"data": "additive", "feature": "additive"}


@pytest.fixture
def moments() -> SketchedMoments:
    return moments_of(
        Setting(
            spectrum=PowerLaw(exponent="3/2", dimension=60),
            target=Isotropic(),
            noise_variance="0.1",
            sketch=GaussianSketch(40, seed=5),
            training=Training(steps=10, step_size="0.1"),
            quantization=Quantization(data=Additive("0.01")),
        ),
        40,
    )


def basis(moments: SketchedMoments, data: float, feature: float) -> GeneralBasis:
    return general_basis(moments, STRUCTURES, {"data": data, "feature": feature})


def same(left: object, right: object) -> bool:
    return all(np.array_equal(getattr(left, field.name), getattr(right, field.name)) for field in dataclasses.fields(left))


def test_a_sweep_over_feature_levels_keeps_few_bases_and_one_rotation(moments):
    seen = [weakref.ref(basis(moments, 0.01, 0.001 * (k + 1))) for k in range(12)]
    assert sum(ref() is not None for ref in seen) <= 4
    assert len(moments.rotations) == 1
    assert basis(moments, 0.01, 0.012) is seen[-1]()


def test_a_sweep_over_data_levels_keeps_few_rotations(moments, monkeypatch):
    monkeypatch.setattr("riskbounds.sketched._ROTATED", 6 * 40**2)
    for k in range(12):
        basis(moments, 0.01 * (k + 1), 0.001)
    assert len(moments.rotations) <= 6
    assert len(moments.bases) <= 4


def test_a_basis_that_was_dropped_comes_back_the_same(moments):
    first = basis(moments, 0.01, 0.001)
    for k in range(40):
        basis(moments, 0.01, 0.002 * (k + 1))
    again = basis(moments, 0.01, 0.001)
    assert again is not first
    assert same(again, first)


def test_the_basis_used_last_stays(moments):
    first = basis(moments, 0.01, 0.001)
    for k in range(8):
        basis(moments, 0.01, 0.002 * (k + 1))
        assert basis(moments, 0.01, 0.001) is first
