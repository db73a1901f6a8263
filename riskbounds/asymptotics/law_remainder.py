"""What a law leaves out while directions are being learned: the next terms of every sum it used, as moduli.

The size that the error is stated to have, measured in tests, not a proved bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.data_term import growth_of, single_sum
from riskbounds.asymptotics.law_setting import LawSetting
from riskbounds.asymptotics.law_sums import leading, rest
from riskbounds.asymptotics.model_term import model_error
from riskbounds.asymptotics.noise_level import NoiseLevel
from riskbounds.numerics.blocks import g
from riskbounds.theorems.sharp_pair import MEAN_PART, PIECES, diagonal

i, a, c, M, N, X = s.i, s.a, s.c, s.M, s.N, s.learned_time


@dataclass(frozen=True, kw_only=True)
class Remainder:
    """``moving`` falls with N and stays in differences of risks; ``still`` is what the unlearned directions hold already."""

    moving: sp.Expr
    still: sp.Expr


def law_remainder(setting: LawSetting, level: NoiseLevel, V: sp.Expr, U: sp.Expr) -> Remainder:
    """The remainder in the learning regime, in the law's short form; ``V`` and ``U`` are the noise with every source put in."""
    U = U if level.passes_on(learning=True) else sp.S.Zero
    moving = _next_terms(setting, level, V, U) + _still_learning(setting, level) + _steps(setting, level, V)
    moving += _last_direction(setting, V + U) + _rise_of_floor(setting, level, V + U)
    if "storage" in setting.slots:
        moving += _storage(setting, level)
    return Remainder(moving=moving, still=_held(setting))


def _next_terms(setting: LawSetting, level: NoiseLevel, V: sp.Expr, U: sp.Expr) -> sp.Expr:
    """Of bias and cross term, and of the sums of dt and dp that weigh the noise."""
    dt, dp = _rest(s.dt[i], setting), _rest(s.dp[i], setting)
    bias = _rest(single_sum(diagonal(MEAN_PART["bias"]))[1], setting) / 2
    cross = _rest(single_sum(MEAN_PART["cross"])[1], setting) if setting.g != 1 else sp.S.Zero
    spread = 1 / (1 - s.load) if level.named else sp.S.One
    noise = V * (level.gain * dt + level.follow * dp) + U * (s.feedback * dp if U != 0 else 0)
    return bias + cross + noise * spread / (2 * N)


def _still_learning(setting: LawSetting, level: NoiseLevel) -> sp.Expr:
    """What the mean adds to the noise while it moves: h, and where directions are against where they go."""
    share, h = single_sum(PIECES[s.h])
    correlation = s.mu[i] * s.quantized_target2[i] * g(s.contraction[i], N)
    found = level.rises * share * _lead(h, setting)
    if level.leans != 0:
        found += level.leans * 2 * _lead(correlation, setting)
    return found * _lead(s.dp[i], setting) / (2 * N)


def _steps(setting: LawSetting, level: NoiseLevel, V: sp.Expr) -> sp.Expr:
    """The next orders in the step size: of A_i in mu_i, and of kappa."""
    trace, first = setting.g * c * sp.zeta(a), setting.contraction
    steep = V * s.step * trace / (2 * N) + (s.eps_p * trace / N if "parameter" in setting.slots else 0)
    return steep + level.rises * V * _lead(s.dt[i], setting) / (2 * N) * first**3 * sp.zeta(3 * a) / 2


def _last_direction(setting: LawSetting, noise: sp.Expr) -> sp.Expr:
    """Directions beyond the M-th: sum_{i>M} t_i and t_i^2 of them, t = N x."""
    target, energy = (s.b, 1) if setting.source else (a, c)
    bias = energy * X * M ** (1 - a - target) / (2 * (a + target - 1))
    return bias + noise * X**2 * M ** (1 - 2 * a) / (2 * N * (2 * a - 1))


def _rise_of_floor(setting: LawSetting, level: NoiseLevel, noise: sp.Expr) -> sp.Expr:
    """N step e small: how far the floor has already acted."""
    if setting.e == 0:
        return sp.S.Zero
    target, energy = (s.b, 1) if setting.source else (a, c)
    rise = N * s.step * s.floor
    fed = 1 + level.unreached / (1 - s.load) if level.waits else sp.S.One
    return rise * X ** ((1 - target) / a) * energy * 2 * a / (a - 1) + noise * s.step * s.floor * X ** (1 / a) * fed


def _held(setting: LawSetting) -> sp.Expr:
    """The model term, which the unlearned directions hold as bias already."""
    return sp.Add(*(value for value, _ in model_error(source=setting.source)))


def _storage(setting: LawSetting, level: NoiseLevel) -> sp.Expr:
    beyond = s.eps_w * N * c * M ** (1 - a) / (6 * (a - 1))
    fed = level.rises * s.eps_w / s.step * X ** (2 / a)
    return beyond + (_rest(single_sum(PIECES[s.store])[1], setting) + fed) / (2 * N)


def _lead(summand: sp.Expr, setting: LawSetting) -> sp.Expr:
    """The first leading piece."""
    return leading(growth_of(summand, setting))[0][0]


def _rest(summand: sp.Expr, setting: LawSetting) -> sp.Expr:
    """Moduli of every other term."""
    return sp.Add(*rest(growth_of(summand, setting)))


def unlearned(setting: LawSetting) -> sp.Expr:
    """What directions beyond the M-th take from the data term, with quantization more than without: 1/2 (1 - 1/g)^2 of each."""
    target, energy = (s.b, 1) if setting.source else (a, c)
    return (1 - 1 / setting.g) ** 2 * energy * M ** (1 - target) / (2 * (target - 1))


#: Past the floor, relative to the data term: one direction among R, the last one, and 1/(N step e).
PAST_FLOOR = 1 / s.floor_reach + (s.floor_reach / M) ** (a - 1) + 1 / (N * s.step * s.floor)
