r"""The noise that drives the variance of a law, for each side and for the exact risk.

    variance = [ V (gain sum dt + follow sum dp) + U feedback sum dp ] / (2N (1 - load)),       load = feedback kappa.

V and U are sums of sources times coefficients in the levels.  Upper and lower: the noise constants A, ad, av of the sharp
pair at directions with mu_i near 0, h -> 0, k -> ||v^q||^2, and phi at N -> infinity, where gain = 1 - load and
follow = load.  Exact: the stationary point of the recursion, gain = 1 and follow = 0 (:mod:`stationary_noise`); directions that
are not learned are far from it and feed nothing back, be it by way of the floor (``unreached``) or of storage (U).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.law_forms import Named, factored
from riskbounds.asymptotics.law_setting import LawSetting
from riskbounds.asymptotics.law_sums import stationary
from riskbounds.asymptotics.stationary_noise import stationary_noise
from riskbounds.theorems.noise import NoiseConstants
from riskbounds.theorems.sharp_pair import PIECES, sharp

i = s.i
MU, X = s.mu[i], s.contraction[i]


@dataclass(frozen=True, kw_only=True)
class NoiseLevel:
    """V and U in levels and sources, the weights ``gain`` and ``follow`` of the module docstring, and kappa and feedback.

    ``rises`` and ``leans`` multiply what the law leaves to its remainder: the mean squared distance h that directions have
    yet to go, and twice the correlation sum mu (v^q)^2 g of where they are with where they go.  ``waits``: directions that are
    not learned feed nothing back; ``unreached`` is their share of the load, as long as the floor has not acted.
    """

    V: sp.Expr
    U: sp.Expr = sp.S.Zero
    gain: sp.Expr = sp.S.One
    follow: sp.Expr = sp.S.Zero
    rises: sp.Expr
    leans: sp.Expr = sp.S.Zero
    named: Named
    waits: bool = False
    unreached: sp.Expr = sp.S.Zero

    def room(self, *, learning: bool) -> sp.Expr:
        """1 - load, where the load is that of the learned directions if the others wait."""
        return 1 - s.load + (self.unreached if learning else 0) if self.named else sp.S.One

    def passes_on(self, *, learning: bool) -> bool:
        """Whether U acts."""
        return self.U != 0 and not (learning and self.waits)


def noise_level(setting: LawSetting, side: str) -> NoiseLevel:
    """The noise level of a side: "upper", "lower" or "exact"."""
    if side == "upper":
        return _upper(setting)
    return _exact(setting) if side == "exact" else _lower(setting)


def in_sources(expression: sp.Expr, setting: LawSetting) -> sp.Expr:
    """Noise constants in sigma^2, Approx_M, ||w*||_H^2, tr Sigma, omega and the floor's part of sigma_q^2 - sigma_M^2."""
    clean = s.noise_variance + 2 * s.model_error
    learned = s.target_norm2 / setting.g  # ||v^q||^2 in Sigma, less the excess of the floor
    excess = s.target_norm2 - learned + s.excess
    known = {
        s.sigma_M2: clean, s.sigma_q2: clean + excess, s.excess: excess, s.label_second_moment: clean + s.target_norm2,
        s.quantized_norm2: learned, s.k: learned,
    }  # fmt: skip
    return sp.expand(expression.xreplace(known).xreplace({s.m2: setting.g, s.m3: setting.m3, s.m4: setting.m4}))


def _loop(feedback: sp.Expr, kappa: sp.Expr) -> dict[sp.Symbol, sp.Expr]:
    """kappa, feedback and load by name."""
    return {s.kappa: kappa, s.feedback: closed(feedback), s.load: s.feedback * s.kappa}


def closed(constant: sp.Expr) -> sp.Expr:
    """(u + (B - 1) v)/B with u + 1 or u, and v, factored: what one sample adds, and what the batch shares."""
    times = sp.expand(constant * s.B)
    shared = times.coeff(s.B, 1)
    single = times.coeff(s.B, 0) + shared
    shortest = min((sp.factor(single), sp.factor(single + 1) - 1), key=lambda each: (sp.count_ops(each), str(each)))
    return (shortest + (s.B - 1) * sp.factor(shared)) / s.B


def _sum(summand: sp.Expr, setting: LawSetting) -> sp.Expr:
    return factored(stationary(summand, setting.g, setting.e))


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
    return NoiseLevel(V=in_sources(flat, setting), rises=in_sources(adlow, setting), named={})


def _upper(setting: LawSetting) -> NoiseLevel:
    """phi of the sharp pair at N -> infinity: (A kappa + U + kappa av k)/(1 - (ad + av) kappa)."""
    variance = _variance(sharp.upper_terms)
    noise = _two_point(setting.noise)
    values = {s.ad: noise.ad, s.av: noise.av, s.h: sp.S.Zero}
    flat = noise.A.xreplace({MU: sp.S.Zero})
    rising = sp.cancel(sp.expand(noise.A - flat) / MU)
    U = rising * _sum(MU * X / (2 - X), setting) + _sum(_rough_storage(setting) * MU / (X * (2 - X)), setting)
    feedback = in_sources(variance.coeff(s.dp[i]).coeff(s.phi).xreplace(values), setting)
    spread = 1 / (1 - s.load)
    return NoiseLevel(
        V=in_sources(variance.coeff(s.dt[i]).xreplace({s.A[i]: flat, **values}), setting),
        U=sp.expand(U),
        gain=1 - s.load,
        follow=s.load,
        rises=in_sources(noise.ad, setting) * spread,
        leans=in_sources(noise.av, setting) * spread,
        named=_loop(feedback, _sum(PIECES[s.kappa].function, setting)),
    )


def _rough_storage(setting: LawSetting) -> sp.Expr:
    """eps_w, or 0 where weights are stored exactly."""
    return s.eps_w if "storage" in setting.slots else sp.S.Zero


def _two_point(noise: NoiseConstants) -> NoiseConstants:
    """The constants where m3 >= m2^2, which two-point scales of eps <= 1 give: |m2^2 - m3| = m3 - m2^2."""
    apart = s.m3 - s.m2**2

    def signed(value: sp.Expr) -> sp.Expr:
        plain = value.xreplace({node: apart for node in value.atoms(sp.Abs) if sp.expand(node.args[0] ** 2 - apart**2) == 0})
        assert not plain.has(sp.Abs)
        return sp.expand(plain)

    return replace(noise, A=signed(noise.A), ad=signed(noise.ad), av=signed(noise.av))


def _exact(setting: LawSetting) -> NoiseLevel:
    """V = c_0 + c_1 omega, omega = sum x (t w + z mu)/2, U = sum eps_w/(2 gamma), as in :mod:`stationary_noise`."""
    found = stationary_noise(setting)
    kappa = _sum(X / 2, setting) + closed(found.own) * _sum(X**2 / 4, setting)
    energy = sp.zeta(s.a + s.b) if setting.source else s.c * sp.zeta(2 * s.a)
    omega = s.step * s.c * energy * closed(found.target) / 2 + closed(found.rough) * _sum(X * MU / 2, setting)
    spread = 1 / (1 - s.load)
    return NoiseLevel(
        V=in_sources(found.constant, setting) + (s.feedback * s.first_noise if omega != 0 else 0),
        U=_rough_storage(setting) * s.M / (2 * s.step),
        waits=True,
        unreached=s.feedback * s.step * s.M * setting.e / 2,
        rises=s.feedback * spread,
        leans=in_sources(found.leans, setting) * spread,
        named=_loop(in_sources(found.feedback, setting), kappa) | ({s.first_noise: omega} if omega != 0 else {}),
    )
