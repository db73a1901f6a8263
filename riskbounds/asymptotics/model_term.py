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
from riskbounds.asymptotics.law_setting import LawSetting
from riskbounds.asymptotics.law_sums import Piece, settled
from riskbounds.asymptotics.law_terms import spread

a, b, c, M = s.a, s.b, s.c, s.M
#: c_a = (pi/a)/sin(pi/a), without sin.
SKETCH_CONSTANT = sp.gamma(1 + 1 / a) * sp.gamma(1 - 1 / a)
PENALTY = c * (SKETCH_CONSTANT / M) ** a
CITED = (
    "cited, not proved: the deterministic equivalent of a Gaussian sketch, M and p/M large "
    "(the model term, the eigenvalues of S H S^T, S S^T close to (p/M) I, diag(S H S^T) close to (tr H/M) I)"
)


def model_error(*, source: bool) -> list[Piece]:
    """Approx: 1/2 sum kappa lam_i E w*_i^2/(lam_i + kappa); with a source it saturates at b = a + 1."""
    if not source:
        return [(M * PENALTY / 2, ())]
    values = settled(s.floor_high * s.i**-b / s.mu[s.i] / 2, sp.S.One, floor=True)
    saturated = PENALTY * sp.zeta(b - a) / (2 * c)
    return [(spread(values[0].xreplace({s.floor_high: PENALTY})), (a + 1 - b,)), (saturated, (b - a - 1,))]


def floor_size(setting: LawSetting) -> sp.Expr:
    """The effective model size beyond the floor, from Approx(M_eff) = s/2."""
    reach = (setting.multiplier * c / setting.floor) ** (1 / a)
    target = b if setting.source else a
    return SKETCH_CONSTANT * reach * sp.cancel((a + 1 - target) / a) ** (-1 / (target - 1))


def effective_model_size(setting: LawSetting) -> sp.Expr:
    """M_eff: M, or the smaller of M and the size that the floor leaves."""
    return M if setting.floor == 0 else sp.Min(M, floor_size(setting))


def with_shrinkage(setting: LawSetting) -> sp.Expr:
    """The size whose Approx is Approx(M_eff) plus the shrinkage of a growth g: 1/2 (1 - 1/g)^2 (||w*||_H^2 - 2 Approx)."""
    size = effective_model_size(setting)
    if setting.growth == 0 or setting.source:
        return size
    share = sp.factor((setting.growth / setting.multiplier) ** 2)
    lost = (1 - share) * size ** (1 - a) + share * sp.zeta(a) * SKETCH_CONSTANT**-a
    return sp.Pow(lost, -1 / (a - 1), evaluate=False)


def learnable_share(exponent: float, ratio: float) -> float:
    """M_eff/M at ``ratio`` = (e/c) (M/c_a)^a, by solving for z; between it and Min(M, .) lies what Min leaves out."""
    from scipy.optimize import brentq

    if ratio == 0:
        return 1.0
    z = brentq(lambda t: math.log1p(-t) - exponent * math.log(t) - math.log(ratio), 1e-300, 1 - 1e-16, xtol=1e-300, rtol=1e-14)
    return float(z * (exponent - (exponent - 1) * z) ** (1 / (exponent - 1)))
