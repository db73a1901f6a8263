"""Limits that every statement must have: eps -> 0, S = I with M = p, batch 1, one coordinate."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from riskbounds import (
    Additive,
    Elementwise,
    GaussianSketch,
    Isotropic,
    Multiplicative,
    Ones,
    PowerLaw,
    Quantization,
    Setting,
    Training,
    bound,
)
from riskbounds import symbols as s
from riskbounds.evaluation.exact_values import ExactRisks
from riskbounds.evaluation.statement import statement
from riskbounds.instance import instance, moments_of
from riskbounds.model import commuting_definitions
from riskbounds.numerics.floats import Floats
from riskbounds.sketched import SketchedMoments
from riskbounds.theorems import THEOREMS, theorem_named
from riskbounds.theorems.sharp_pair import diagonal
from tests.settings_for import setting_for

WITH_SIDES = [theorem.name for theorem in THEOREMS if theorem.side in ("both", "upper", "lower") and theorem.noise is not None]


def unfolded(expression: sp.Expr, definitions: dict, keep: set) -> sp.Expr:
    """The expression with every definition inserted, down to the primitive symbols and those of ``keep``."""
    while True:
        known = {
            node: definitions[node.base if isinstance(node, sp.Indexed) else node].subs(s.i, node.indices[0])
            if isinstance(node, sp.Indexed)
            else definitions[node]
            for node in expression.atoms(sp.Indexed, sp.Symbol)
            if (node.base if isinstance(node, sp.Indexed) else node) in definitions
            and (node.base if isinstance(node, sp.Indexed) else node) not in keep
        }
        if not known:
            return expression
        expression = expression.xreplace(known)


@pytest.mark.parametrize("name", WITH_SIDES)
def test_eps_zero_is_the_full_precision_statement(name):
    """Every level symbol set to 0 in the quantized statement gives the statement with Sigma = Lam and exact slots."""
    theorem = theorem_named(name)
    quantized = statement(theorem, instance(setting_for(name), setting_for(name).model_sizes[0]))
    plain_setting = setting_for(name).full_precision()
    plain = statement(theorem, instance(plain_setting, plain_setting.model_sizes[0]))
    zero = dict.fromkeys(s.EPS.values(), sp.Integer(0))
    keep = {s.lam, s.target2}
    setting = quantized.instance.setting
    commuting = commuting_definitions(setting.quantization.structures(), setting.risk_inputs)  # at eps = 0 they commute
    definitions = {**quantized.instance.definitions, **commuting, **quantized.definitions}
    for side in ("upper", "lower"):
        if quantized.sides[side] is None:
            continue
        for term, expression in quantized.sides[side].items():
            ours = unfolded(diagonal(expression), definitions, keep).xreplace(zero)
            other = unfolded(plain.sides[side][term], {**plain.instance.definitions, **plain.definitions}, keep).xreplace(zero)
            difference = ours - other
            assert difference == 0 or sp.simplify(difference) == 0, (side, term)
            assert not (ours.free_symbols & set(s.EPS.values()))


def identity_sketch(setting: Setting) -> SketchedMoments:
    """The moments that a sketch S = I would have."""
    evaluation = instance(setting.replace(sketch=None), None).evaluation(Floats())
    lam, target2 = evaluation.sequence(s.lam[s.i]), evaluation.sequence(s.target2[s.i])
    size = len(lam)
    return SketchedMoments(
        covariance=np.diag(lam),
        lam=lam,
        vectors=np.eye(size),
        target2=target2,
        sketch_gram=np.eye(size),
        source=np.diag(lam**2 * target2),
        trace_H=float(lam.sum()),
        target_energy=float(np.sum(lam * target2)),
        dimension=size,
    )


@pytest.mark.parametrize(
    "quantization",
    [
        Quantization(),
        Quantization(data=Additive("0.01"), parameter=Additive("0.02"), activation=Additive("0.01")),
        Quantization(data=Multiplicative("0.05"), output=Multiplicative("0.02"), label=Multiplicative("0.1")),
    ],
    ids=["full precision", "additive", "multiplicative"],
)
@pytest.mark.parametrize("risk_inputs", ["clean", "quantized"])
def test_identity_sketch_is_no_sketch(quantization, risk_inputs):
    """S = I, M = p: the sketched route, its general basis included, gives the problem without a sketch."""
    setting = Setting(
        spectrum=PowerLaw(exponent="3/2", dimension=12),
        target=Isotropic(),
        noise_variance=1,
        risk_inputs=risk_inputs,
        training=Training(steps=200, step_size="0.1", batch_size=2),
        quantization=quantization,
        sketch=GaussianSketch(12),
    )
    plain = setting.replace(sketch=None)
    sketched, unsketched = instance(setting, 12, identity_sketch(setting)), instance(plain, None)
    theorem = theorem_named("sharp-general")
    for side in ("lower", "upper"):
        ours = statement(theorem, sketched)
        other = statement(theorem, unsketched)
        values = [sum(each.terms(side, each.at(Floats(), 200)).values()) for each in (ours, other)]
        assert values[0] == pytest.approx(values[1], rel=1e-12)
    exact = [float(ExactRisks(each, Floats()).at(200)[0]) for each in (sketched, unsketched)]
    assert exact[0] == pytest.approx(exact[1], rel=1e-11)


@pytest.mark.parametrize("kind", [Multiplicative, Elementwise])
def test_batch_scales_agree_for_one_sample(kind):
    setting = Setting(
        spectrum=PowerLaw(exponent="2", dimension=10),
        target=Ones(),
        noise_variance=1,
        training=Training(steps=[1, 10, 1000], step_size="0.1", batch_size=1),
        quantization=Quantization(
            data=kind("0.05"), label=Multiplicative("0.1"), activation=Multiplicative("0.1"), output=Multiplicative("0.1")
        ),
    )
    shared = setting.replace(quantization=dataclasses.replace(setting.quantization, batch_scale="shared"))
    for one, other in zip(bound(setting).rows, bound(shared).rows, strict=True):
        for name in ("lower", "exact", "upper"):
            assert float(getattr(one.risk, name)) == pytest.approx(float(getattr(other.risk, name)), rel=1e-13)


def test_one_coordinate_by_hand():
    """M = 1, full precision, N = 2: vbar = v_1/2, v_1 = gamma x y; risk = lam/2 E (v_1/2 - w)^2.

    With x ~ N(0, lam), y = w x + xi: E v_1 = gamma lam w, E v_1^2 = gamma^2 (3 lam^2 w^2 + lam sigma^2).
    """
    lam, w2, sigma2, gamma = Fraction(4, 5), Fraction(9, 4), Fraction(1, 3), Fraction(1, 10)
    w = Fraction(3, 2)
    second = gamma**2 * (3 * lam**2 * w2 + lam * sigma2)
    by_hand = lam / 2 * (second / 4 - gamma * lam * w * w + w2)
    setting = Setting(
        spectrum=PowerLaw(exponent=2, dimension=1, scale=lam),
        target=Isotropic(w2),
        noise_variance=sigma2,
        training=Training(steps=2, step_size=gamma),
    )
    row = bound(setting).rows[0]
    assert float(row.risk.exact) == pytest.approx(float(by_hand), rel=1e-14)
    assert float(row.risk.lower) <= float(by_hand) <= float(row.risk.upper)


def test_steps_one_is_the_initial_risk():
    """v_0 = 0: both bounds and the exact value are 1/2 E w^T H w at N = 1."""
    setting = Setting(
        spectrum=PowerLaw(exponent="3/2", dimension=30),
        target=Ones(),
        noise_variance=1,
        sketch=GaussianSketch(10),
        training=Training(steps=1, step_size="0.05"),
        quantization=Quantization(data=Additive("0.01"), parameter=Multiplicative("0.1")),
    )
    expected = sum(i**-1.5 for i in range(1, 31)) / 2
    row = bound(setting).rows[0]
    for value in (row.risk.lower, row.risk.exact, row.risk.upper):
        assert float(value) == pytest.approx(expected, rel=1e-12)
    assert moments_of(setting, 10).trace_H == pytest.approx(2 * expected, rel=1e-14)
