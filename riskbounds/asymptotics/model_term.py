r"""The sketch's model term, and what a floor does to the effective model size (theory section 6).

One external result is cited, not proved: the deterministic equivalent of the Gaussian sketch.  Approx = kappa M/2 with
sum lam/(lam + kappa) = M, for the power law kappa = c (c_a/M)^a with c_a = (pi/a)/sin(pi/a) = Gamma(1+1/a) Gamma(1-1/a).
With a floor e on the features the equivalent penalty solves kappa (1 - df_1/M) = e, df_1 = sum lam/(lam + kappa), and
Approx + s/2 = 1/2 kappa^2 sum lam/(lam + kappa)^2/(1 - df_2/M), df_2 = sum (lam/(lam + kappa))^2.  On the power law
z = df_1/M gives

    z^(-a) (1 - z) = (e/c) (M/c_a)^a,       M_eff/M = z (a - (a-1) z)^(1/(a-1)),

which tends to 1 below the floor and to a^(1/(a-1)) c_a (c/e)^(1/a)/M beyond it.
"""

from __future__ import annotations

import math

import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.law_forms import product, spread_powers
from riskbounds.asymptotics.law_setting import LawSetting
from riskbounds.asymptotics.law_sums import Piece, settled

a, b, c, M = s.a, s.b, s.c, s.M
PENALTY = c * (s.sketch_constant / M) ** a
CITED = (
    "cited, not proved: the deterministic equivalent of a Gaussian sketch, M and p/M large "
    "(the model term, the eigenvalues of S H S^T, S S^T close to (p/M) I, diag(S H S^T) close to (tr H/M) I)"
)


def model_error(*, source: bool) -> list[Piece]:
    """Approx: 1/2 sum kappa lam_i E w*_i^2/(lam_i + kappa); with a source it saturates at b = a + 1."""
    if not source:
        return [(M * PENALTY / 2, ())]
    ((value, _), *_) = settled(s.floor * s.i**-b / s.mu[s.i] / 2, sp.S.One, floor=True)
    reached = value.xreplace({s.floor_reach: M / s.sketch_constant})
    saturated = PENALTY * sp.zeta(b - a) / (2 * c)
    return [(product(spread_powers(reached)), (a + 1 - b,)), (saturated, (b - a - 1,))]


def floor_size(setting: LawSetting) -> sp.Expr:
    """The effective model size beyond the floor, from Approx(M_eff) = s/2."""
    target = b if setting.source else a
    return s.sketch_constant * s.floor_reach * sp.cancel((a + 1 - target) / a) ** (-1 / (target - 1))


def effective_model_size(setting: LawSetting) -> sp.Expr:
    """M_eff: M, or the smaller of M and the size that the floor leaves."""
    return M if setting.e == 0 else sp.Min(M, floor_size(setting))


def with_shrinkage(setting: LawSetting) -> sp.Expr:
    """The size whose Approx is Approx(M_eff) plus the shrinkage of a growth g: 1/2 (1 - 1/g)^2 (||w*||_H^2 - 2 Approx)."""
    size = effective_model_size(setting)
    if setting.g == 1 or setting.source:
        return size
    share = (1 - 1 / setting.g) ** 2
    lost = (1 - share) * size ** (1 - a) + share * sp.zeta(a) * s.sketch_constant**-a
    return sp.Pow(lost, -1 / (a - 1), evaluate=False)


def size_remainder(setting: LawSetting) -> sp.Expr | None:
    """The relative size of the error of M_eff as the model_size of an instance, measured; None with a source.

    The shrinkage of the growth, which M_eff leaves out; :func:`crossover_gap`; :func:`size_fluctuation`.
    """
    if setting.source:
        return None
    lost = 1 - with_shrinkage(setting) / effective_model_size(setting)
    return lost + crossover_gap(setting) + size_fluctuation(setting)


def crossover_gap(setting: LawSetting) -> sp.Expr:
    """What Min leaves out: a r^2/2 below the floor, 2 r^(-1/a)/a beyond it, r = (M/(c_a R))^a."""
    if setting.e == 0:
        return sp.S.Zero
    ratio = (M / (s.sketch_constant * s.floor_reach)) ** a
    return sp.Min(a * ratio**2 / 2, 2 * ratio ** (-1 / a) / a)


def size_fluctuation(setting: LawSetting) -> sp.Expr:
    """One direction among M_eff, four standard errors of a sketch, of its floor where that is diag(S H S^T), and p finite."""
    size = effective_model_size(setting)
    finite = (M / s.p) ** (a - 1) / ((a - 1) * s.sketch_constant**a)
    flat = 4 * sp.sqrt(2 * sp.zeta(2 * a) / M) / (a * sp.zeta(a)) if setting.scheme == "elementwise" else 0
    return 1 / size + 4 * sp.sqrt(2 / (M * size)) / (a - 1) + flat + finite


def learnable_share(exponent: float, ratio: float) -> float:
    """M_eff/M at ``ratio`` = (e/c) (M/c_a)^a, by solving for z; between it and Min(M, .) lies what Min leaves out."""
    from scipy.optimize import brentq

    if ratio == 0:
        return 1.0
    z = brentq(lambda t: math.log1p(-t) - exponent * math.log(t) - math.log(ratio), 1e-300, 1 - 1e-16, xtol=1e-300, rtol=1e-14)
    return float(z * (exponent - (exponent - 1) * z) ** (1 / (exponent - 1)))
