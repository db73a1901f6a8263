"""What a law leaves out while directions are being learned: the next terms of every sum it used, as moduli.

The size that the error is stated to have, measured in tests, not a proved bound.
"""

from __future__ import annotations

import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.data_term import source_values
from riskbounds.asymptotics.law_setting import LawSetting
from riskbounds.asymptotics.law_sums import growing, leading, rest
from riskbounds.asymptotics.model_term import model_error
from riskbounds.asymptotics.noise_level import OMEGA, SOURCES, NoiseLevel
from riskbounds.asymptotics.unfolding import unfolded
from riskbounds.theorems.sharp_pair import MEAN_PART, PIECES, diagonal

i, a, c, M, N = s.i, s.a, s.c, s.M, s.N


def remainder(setting: LawSetting, level: NoiseLevel) -> sp.Expr:
    """The remainder in the learning regime: mean part, variance, the last direction, the floor, the step size."""
    sums = _Sums(setting)
    noise, followed = _levels(setting, level)
    one_step = 1 / (2 * N)
    variance = one_step * (noise * sums.rest(s.dt[i]) + followed * sums.rest(s.dp[i]))
    feedback = one_step * level.follows * sums.lead(_summand(PIECES[s.h])) / N
    learned = feedback * sums.lead(s.dp[i])
    trace = setting.multiplier * c * sp.zeta(a)
    steep = noise * s.step * trace * one_step + (s.eps_p * trace / N if "parameter" in setting.slots else 0)
    first = setting.contraction
    series = level.follows * noise * sums.lead(s.dt[i]) * one_step * first**3 * sp.zeta(3 * a) / 2
    found = sums.mean_rest() + variance + learned + steep + series + _last_direction(setting, noise + followed)
    found += sum(value for value, _ in model_error(source=setting.source)) + _floor(setting, noise)
    if "storage" in setting.slots:
        beyond = s.eps_w * N * c * M ** (1 - a) / (6 * (a - 1))
        fed = level.follows * s.eps_w / s.step * (N * first) ** (2 / a)
        found += beyond + one_step * (sums.rest(_summand(PIECES[s.store])) + fed)
    return setting.valued(sp.sympify(found)).xreplace({s.noise_variance: s.sigma**2})


def _summand(expression: sp.Expr) -> sp.Expr:
    (node,) = expression.atoms(sp.Sum)
    return node.function


def _levels(setting: LawSetting, level: NoiseLevel) -> tuple[sp.Expr, sp.Expr]:
    """The whole of the noise that dt and dp weigh, every source put in."""
    values = {
        source: sp.Add(*(value for value, _, suffix in source_values(source, setting) if "below" not in suffix))
        for source in SOURCES
        if source != s.noise_variance
    }
    values[OMEGA] = level.omega.xreplace(values)
    noise = [(sources.xreplace(values), constant, dp) for sources, constant, dp in level.parts]
    return sp.Add(*(p * g for p, g, _ in noise)), sp.Add(*(p * f for p, _, f in noise))


class _Sums:
    """Leading and remaining parts of sums over i in the learning regime."""

    def __init__(self, setting: LawSetting) -> None:
        self.definitions = {**PIECES, **setting.definitions(floor=False)}
        self.contraction = s.step * c * setting.scale
        self.growth = setting.growth != 0

    def lead(self, summand: sp.Expr) -> sp.Expr:
        """The first leading piece."""
        return leading(growing(unfolded(summand, self.definitions), self.contraction))[0][0]

    def rest(self, summand: sp.Expr) -> sp.Expr:
        """Moduli of every other term."""
        expansion = growing(unfolded(summand, self.definitions), self.contraction)
        return sp.Add(*rest(expansion))

    def mean_rest(self) -> sp.Expr:
        """Bias and cross term."""
        bias = self.rest(_summand(diagonal(MEAN_PART["bias"]))) / 2
        return bias + (self.rest(_summand(MEAN_PART["cross"])) if self.growth else 0)


def _last_direction(setting: LawSetting, noise: sp.Expr) -> sp.Expr:
    """Directions beyond the M-th: sum_{i>M} t_i and t_i^2 of them, t = N x."""
    X = N * setting.contraction
    target = s.b if setting.source else a
    energy = 1 if setting.source else c
    bias = energy * X * M ** (1 - a - target) / (2 * (a + target - 1))
    return bias + noise * X**2 * M ** (1 - 2 * a) / (2 * N * (2 * a - 1))


def _floor(setting: LawSetting, noise: sp.Expr) -> sp.Expr:
    """N step e small: the shrinkage, which the unlearned directions already hold, and its rise with N step e."""
    if setting.floor == 0:
        return sp.S.Zero
    e, X = setting.floor, N * setting.contraction
    target = s.b if setting.source else a
    ratio = e / (setting.multiplier * c)
    shrunk = (1 if setting.source else c) * ratio ** ((target - 1) / a) * a / (target - 1)
    rise = N * s.step * e * X ** ((1 - target) / a) * (1 if setting.source else c) * 2 * a / (a - 1)
    return shrunk + rise + noise * s.step * e * X ** (1 / a)


def past_floor(setting: LawSetting) -> sp.Expr:
    """Relative to the data term past the floor: one direction among (g c/e)^(1/a), the last one, and 1/(N step e)."""
    e, scale = setting.floor, setting.multiplier * c
    reach = (scale / e) ** (1 / a)
    return 1 / reach + (reach / M) ** (a - 1) + 1 / (N * s.step * e)
