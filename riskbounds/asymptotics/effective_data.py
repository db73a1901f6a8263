"""The effective data size of a law: F, the data term with quantization over the one without, and N F^(-1/rate)."""

from __future__ import annotations

import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.data_term import PAST_FLOOR, Regime, mean_terms, regimes_of, weights_of
from riskbounds.asymptotics.law_forms import Named, product, spelled, spread_powers
from riskbounds.asymptotics.law_setting import LawSetting
from riskbounds.asymptotics.noise_level import NoiseLevel

_TIME = sp.Symbol("time", positive=True)  # N step c, the learned time in full precision


def data_exponent(*, source: bool) -> sp.Expr:
    """The data term falls like N to minus this: (a-1)/a, or (b-1)/a while b < a."""
    return ((s.b if source else s.a) - 1) / s.a


def full_noise(plain: LawSetting, level: NoiseLevel, named: Named) -> sp.Expr:
    """V_0: the noise of full precision with its feedback, while directions are being learned."""
    weights = weights_of(regimes_of(plain)[0], plain)
    return spelled(weights.of_V(level) / weights.dt * s.noise_variance / s.B, named)


def data_factor(setting: LawSetting, level: NoiseLevel, plain: LawSetting, *, past: bool = False) -> sp.Expr:
    """F in the law's short form, the storage apart; sigma^2 stands for sigma_M^2 in V.

    With a source, b < a: the bias leads while directions are being learned, and F is the ratio of bias and cross terms.
    """
    regimes = {regime.name: regime for regime in regimes_of(setting)}
    regime = regimes[PAST_FLOOR] if past else regimes_of(setting)[0]
    mean_only = setting.source and not past
    above = _mean(setting, regime) + (0 if mean_only else _variance(setting, level, regime))
    start = regimes_of(plain)[0]
    below = _mean(plain, start)
    if not mean_only:
        below += weights_of(start, plain).dt * s.full_noise / (2 * s.N)
    return _scaled(above, setting) / _scaled(below, plain)


def _mean(setting: LawSetting, regime: Regime) -> sp.Expr:
    """Bias and cross term where b < a + 1."""
    found = [(value, when) for _, value, when in mean_terms(setting, regime)]
    return sp.Add(*(value for value, when in found if all(each.subs({s.a: 2, s.b: sp.Rational(3, 2)}) > 0 for each in when)))


def _variance(setting: LawSetting, level: NoiseLevel, regime: Regime) -> sp.Expr:
    weights = weights_of(regime, setting)
    return (weights.of_V(level) * s.gradient_noise + weights.of_U(level) * s.shared_noise) / (2 * s.N)


def _scaled(total: sp.Expr, setting: LawSetting) -> sp.Expr:
    """The sum times (N step c)^rate, over c where the target is isotropic."""
    scale = _TIME ** data_exponent(source=setting.source) / (1 if setting.source else s.c)
    timed = total.xreplace({s.learned_time: setting.g * _TIME, s.N: _TIME / (s.step * s.c)})
    terms = [product(spread_powers(term * scale)) for term in sp.Add.make_args(timed)]
    return sp.Add(*terms).xreplace({_TIME: s.N * s.step * s.c})
