r"""The stationary point of the exact recursion (:mod:`riskbounds.exact.recursion`), read off by running it on symbols.

With f_i = mu_i Var v_i, w_i = mu_i E (v^q_i)^2 and x_i = gamma mu_i, once the mean has settled,

    2 f_i = x_i [ r + s f_i + t w_i + z mu_i ],     r = c_0 + c_1 sum_j f_j,

so that r = (c_0 + c_1 omega)/(1 - c_1 kappa), kappa = sum x/(2 - s x), omega = sum x (t w + z mu)/(2 - s x).  While the mean
still moves, r also holds c_1 sum_j w_j (1 - x_j)^2t - 2 l sum_j w_j (1 - x_j)^t, and the bracket
(s - 1) w_i (1 - x_i)^2t - d w_i (1 - x_i)^t.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.law_setting import LawSetting
from riskbounds.exact.model import ErrorFunctional, ScaleMixture, SecondMomentModel, Slot
from riskbounds.exact.recursion import diagonal_recursion

#: A direction i, another one j that stands for the rest of every sum, and the common scale of the features.
MU, OTHER = sp.symbols("mu_i mu_j", positive=True)
W, OTHER_W = sp.symbols("w_i w_j", positive=True)
SCALE = sp.Symbol("scale", positive=True)


@dataclass(frozen=True, kw_only=True)
class StationaryNoise:
    """c_0, c_1, s, t, z, l and d of the module docstring, for the whole batch."""

    constant: sp.Expr
    feedback: sp.Expr
    own: sp.Expr
    target: sp.Expr
    rough: sp.Expr
    leans: sp.Expr
    decays: sp.Expr


def stationary_noise(setting: LawSetting) -> StationaryNoise:
    """The coefficients for a scheme; an elementwise floor behind a sketch has those of an additive one up to O(1/M)."""
    found = diagonal_recursion(_model(setting))

    def mean(value: sp.Expr) -> sp.Expr:
        """The expectation over the scale of the features; gamma^2 mu_i taken out."""
        moments = {SCALE: 1, SCALE**2: setting.g, SCALE**3: setting.m3, SCALE**4: setting.m4}
        powers = sp.Poly(sp.expand(value / (s.step**2 * MU)), SCALE).as_dict()
        return sp.expand(sp.Add(*(q * moments.get(SCALE**power, sp.S.One) for (power,), q in powers.items())))

    (vector,), (weight,), (mixing,) = found.rank_vectors, found.rank_weights, found.mixing
    noise, own = mean(found.constant[0]), mean(2 * s.step * MU - found.gap[0])
    trace, energy = noise.coeff(OTHER), noise.coeff(OTHER_W)
    bare = {MU: 0, W: 0, OTHER: 0, OTHER_W: 0}
    return StationaryNoise(
        constant=noise.xreplace(bare) + trace * s.trace + energy * s.quantized_norm2,
        feedback=mean(weight * vector[0] * vector[1]).coeff(OTHER),
        own=own.coeff(MU),
        target=noise.coeff(W) - energy,
        rough=noise.coeff(MU) - trace,
        leans=-mean(vector[0] * mixing[1]).coeff(OTHER_W) / 2,
        decays=-mean(found.decaying[0]).coeff(W),
    )


def _model(setting: LawSetting) -> SecondMomentModel:
    """Two directions, one value of the scale."""
    mu = np.array([MU, OTHER], dtype=object)
    scale = SCALE if setting.scheme == "multiplicative" and setting.g != 1 else sp.S.One
    square = scale**2 / setting.g if scale == SCALE else scale
    structure = "additive" if setting.scheme == "additive" else "multiplicative"
    updates = [slot for slot in setting.slots if slot in ("label", "parameter", "activation", "output")]
    none = np.array([sp.S.Zero] * 2, dtype=object)
    one = np.array([sp.S.One], dtype=object)
    return SecondMomentModel(
        step_size=s.step, batch=s.B, mu=mu, b2=mu * np.array([W, OTHER_W], dtype=object), residual=s.sigma_q2,
        features=ScaleMixture(probabilities=one, signal=one * scale, variances=mu[None, :] * square),
        error=ErrorFunctional(approximation=sp.S.Zero, shrinkage=sp.S.Zero, cross=none, weights=none),
        slots={slot: Slot(structure=structure, eps=s.EPS[slot]) for slot in updates},
    )  # fmt: skip
