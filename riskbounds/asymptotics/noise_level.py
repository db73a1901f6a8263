r"""The noise that drives the variance of a law: sources times a gain, for each side and for the exact risk.

Upper and lower: the noise constants A, ad, av of the sharp pair at directions with mu_i near 0, h -> 0, k -> ||v^q||^2, and
phi at N -> infinity.  Exact: the stationary point of the recursion of theory section 3.  With T1, T2, T3 off the diagonal
in units of mu_i, R4 = m4/m2^2 and R3 = m3/m2 for a common scale and 1 otherwise, f_i = mu_i Var v_i, w_i = mu_i E (v^q_i)^2,

    2 f_i = x_i [ r_0/B + s f_i + t w_i + z mu_i ],   r_0 = c_0 + c_1 sum f,   V = r_0/B = (c_0 + c_1 omega)/(B - c_1 kappa),
    kappa = sum x/(2 - s x),   omega = sum x (t w + z mu)/(2 - s x).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.law_setting import LawSetting
from riskbounds.asymptotics.law_sums import stationary
from riskbounds.theorems.noise import NoiseConstants
from riskbounds.theorems.sharp_pair import PIECES, sharp

i = s.i
MU, X = s.mu[i], s.contraction[i]
#: The sums that a noise constant is linear in; ``excess`` is the part of sigma_q^2 - sigma_M^2 that the floor causes.
SOURCES: tuple[sp.Symbol, ...] = (s.noise_variance, s.model_error, s.excess, s.target_norm2, s.trace)


OMEGA = sp.Symbol("omega", nonnegative=True)


@dataclass(frozen=True, kw_only=True)
class NoiseLevel:
    """variance = sum over ``parts`` (P, g, f) of P (g sum dt + f sum dp)/(2N); P is linear in :data:`SOURCES`.

    ``follows`` multiplies the mean squared distance h that directions have yet to go: what the law leaves to its remainder.
    ``load`` is the noise feedback, below 1 where the law holds; ``omega`` stands for :data:`OMEGA` in the sources.
    """

    parts: tuple[tuple[sp.Expr, sp.Expr, sp.Expr], ...]
    follows: sp.Expr
    load: sp.Expr
    omega: sp.Expr = sp.S.Zero


def in_sources(expression: sp.Expr, setting: LawSetting) -> sp.Expr:
    """Noise constants in the symbols of :data:`SOURCES` and the levels."""
    growth = setting.scale - 1
    excess = growth / setting.scale * s.target_norm2 + s.excess
    sigma_M2 = s.noise_variance + 2 * s.model_error
    learned = s.target_norm2 / setting.scale  # ||v^q||^2 in Sigma, less the excess of the floor
    return expression.xreplace({
        s.sigma_q2: sigma_M2 + excess, s.sigma_M2: sigma_M2, s.label_second_moment: sigma_M2 + s.target_norm2,
        s.quantized_norm2: learned, s.k: learned,
    })  # fmt: skip


def noise_level(setting: LawSetting, side: str) -> NoiseLevel:
    """The noise level of a side: "upper", "lower" or "exact"."""
    if side == "upper":
        return _upper(setting)
    return _exact(setting) if side == "exact" else _lower(setting)


def _sum(summand: sp.Expr, setting: LawSetting) -> sp.Expr:
    return stationary(summand, setting.scale, floor=setting.floor != 0)


def _variance(terms: Mapping[str, sp.Expr] | None) -> sp.Expr:
    """The summand of a side's variance, sum over i of noise times weights, over 2N."""
    assert terms is not None
    (node,) = terms["variance"].atoms(sp.Sum)
    return sp.expand(node.function)


def _lower(setting: LawSetting) -> NoiseLevel:
    noise = _variance(sharp.lower_terms).coeff(s.dt[i])
    assert setting.noise.Alow is not None
    flat = noise.xreplace({s.Alow[i]: setting.noise.Alow.xreplace({MU: sp.S.Zero}), s.h: sp.S.Zero})
    adlow = noise.coeff(s.h).xreplace({s.adlow: setting.noise.adlow})
    return NoiseLevel(parts=((in_sources(flat, setting), sp.S.One, sp.S.Zero),), follows=adlow, load=sp.S.Zero)


def _upper(setting: LawSetting) -> NoiseLevel:
    """phi of the sharp pair at N -> infinity: (A kappa + A' + storage + kappa av k)/(1 - (ad + av) kappa)."""
    variance = _variance(sharp.upper_terms)
    noise = _two_point(setting.noise)
    values = {s.ad: noise.ad, s.av: noise.av, s.h: sp.S.Zero}
    flat = noise.A.xreplace({MU: sp.S.Zero})
    rising = sp.cancel(sp.expand(noise.A - flat) / MU)
    constant = in_sources(variance.coeff(s.dt[i]).xreplace({s.A[i]: flat, **values}), setting)
    feedback = sp.factor(variance.coeff(s.dp[i]).coeff(s.phi).xreplace(values))
    kappa = _sum(PIECES[s.kappa].function, setting)
    rough = s.eps_w if "storage" in setting.slots else sp.S.Zero
    extra = rising * _sum(MU * X / (2 - X), setting) + rough * _sum(MU / (X * (2 - X)), setting)
    loop = feedback / (1 - feedback * kappa)
    parts = ((constant, sp.S.One, loop * kappa), (extra, sp.S.Zero, loop))
    return NoiseLevel(parts=parts, follows=loop + feedback, load=feedback * kappa)


def _two_point(noise: NoiseConstants) -> NoiseConstants:
    """The constants where m3 >= m2^2, which two-point scales of eps <= 1 give: |m2^2 - m3| = m3 - m2^2."""
    apart = s.m3 - s.m2**2

    def signed(value: sp.Expr) -> sp.Expr:
        plain = value.xreplace({node: apart for node in value.atoms(sp.Abs) if sp.expand(node.args[0] ** 2 - apart**2) == 0})
        assert not plain.has(sp.Abs)
        return plain

    return replace(noise, A=signed(noise.A), ad=signed(noise.ad), av=signed(noise.av))


def _exact(setting: LawSetting) -> NoiseLevel:
    c0, c1, (square, floor2, own) = stationary_noise(setting)
    kappa = _sum(X / 2, setting) + own * _sum(X**2 / 4, setting)
    weight = sp.zeta(s.a + s.b) / sp.zeta(s.b) if setting.source else sp.zeta(2 * s.a) / sp.zeta(s.a)
    omega = s.step * square * s.c * weight * s.target_norm2 / 2 + floor2 * _sum(X * MU / 2, setting)
    gain = 1 / (1 - c1 * kappa / s.B)
    constant = in_sources((c0 + c1 * OMEGA) / s.B, setting)
    parts = ((constant, gain, sp.S.Zero),)
    return NoiseLevel(parts=parts, follows=c1 / s.B * gain, load=c1 * kappa / s.B, omega=in_sources(omega, setting))


def stationary_noise(setting: LawSetting) -> tuple[sp.Expr, sp.Expr, tuple[sp.Expr, sp.Expr, sp.Expr]]:
    """c_0, c_1 and (t, z, s) of the module docstring, per-sample batch scales, slot by slot as in theory section 3."""
    additive, common = setting.scheme == "additive", setting.scheme == "multiplicative"
    m2, m3, m4 = (s.m2, s.m3, s.m4) if common else (sp.S.One,) * 3
    eps = {slot: level if slot in setting.slots else sp.S.Zero for slot, level in s.EPS.items()}
    relative = {slot: sp.S.Zero if additive else level for slot, level in eps.items()}
    absolute = {slot: level if additive else sp.S.Zero for slot, level in eps.items()}
    R4, R3 = (m4 / m2**2, m3 / m2) if common else (sp.S.One, sp.S.One)
    Kp, B, Q = 1 + relative["parameter"], s.B, s.quantized_norm2
    outer, act = 1 + relative["output"], 1 + relative["activation"]
    second = s.label_second_moment
    tail = (s.sigma_q2 + Q * (1 - 2 * R3 + R4 * Kp * act)) if not common else (second - 2 * R3 * Q + R4 * Kp * act * Q)
    c0 = outer * (tail + R4 * act * absolute["parameter"] * s.trace + relative["label"] * second)
    c0 += outer * (absolute["label"] + absolute["activation"]) + absolute["output"]
    c1 = outer * act * R4 * Kp
    diagonal = 2 * R4 * act * Kp, 2 * (R4 * act * Kp - 2 * R3 + m2 * (1 + relative["label"]))
    between = 1 - 1 / B
    square = outer * diagonal[1] / B + between * (Kp - 1)
    floor2 = absolute["parameter"] * (2 * outer * act * R4 / B + between)
    own = outer * diagonal[0] / B + between * Kp
    return c0, c1, (square, floor2, own)
