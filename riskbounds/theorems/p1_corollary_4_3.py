"""P1 Corollary 4.3: P1 Theorem 4.1 under a power law, for both schemes, and the rule that compares them (theory sections 6, 9b).

lam_i = c i^-a, mu_i = m_0 lam_i + eps_0 with (m_0, eps_0) = (1, eps_d) for additive and (1 + eps_d, 0) for multiplicative data,
W = max_i E w*_i^2, K = (c m_0 N gamma)^{1/a}.  Every sum over the spectrum is bounded by an integral:

    D    <= ( sqrt(2a/(2a-1) min(K, K^{2a})) + N gamma eps_0 sqrt(d) )^2    Minkowski; sum min(1, (K/i)^{2a}) <= int_0^inf
    bias <= (c W/m_0) min( a/(a-1), 2a/(a^2-1) K^{1-a} + K^{-a} )    sum of the unimodal i^-a min(1, (i/K)^{2a}) <= int + max
    h    <= (c W/m_0) a/(a-1) min(1, K^{1-a})                        sum min(i^-a, K^-a) <= int_0^inf
    tr Sigma <= m_0 c a/(a-1) + d eps_0,   ||w*||_H^2 <= c W a/(a-1),   ||v^q||^2_Sigma <= c W a/((a-1) m_0)
    sigma_q^2 - sigma^2 <= (1 - 1/m_0) c W a/(a-1) + W min( d eps_0, a/(a-1) c^{1/a} eps_0^{1-1/a} )

the last by lam e/(lam + e) <= min(lam, e); the minima's other members are the sums at K <= 1, with sum i^-a <= a/(a-1).
The dimension d enters next to the floor eps_0 only: additive quantization depends on d, multiplicative quantization does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from riskbounds import symbols as s
from riskbounds.model import Definitions
from riskbounds.numerics.ranges import MaxOver
from riskbounds.problem import PowerLaw
from riskbounds.setting import Setting
from riskbounds.theorems.noise import NoiseConstants
from riskbounds.theorems.p1_theorem_4_1 import ASSUMPTIONS, batch_noise, changed_hypotheses, p1_theorem_4_1
from riskbounds.theorems.theorem import Assumption

a, N, step, growth, floor = s.a, s.N, s.step, s.data_growth, s.data_floor

POWER_LAW = Assumption(
    name="power-law spectrum",
    holds=lambda setting: isinstance(setting.spectrum, PowerLaw),
    refusal='P1 Corollary 4.3 needs problem.spectrum.kind = "power-law"; for other spectra use p1-theorem-4.1',
)


@dataclass(frozen=True, kw_only=True)
class SchemeNoise(NoiseConstants):
    """Noise constants with the floor and the growth that the data quantizer gives to the spectrum."""

    floor: sp.Expr
    growth: sp.Expr

    def definitions(self) -> Definitions:
        """Those of the noise constants, and floor and growth."""
        return {**super().definitions(), s.data_floor: self.floor, s.data_growth: self.growth}


def scheme_noise(setting: Setting) -> SchemeNoise:
    """Noise constants of P1 Theorem 4.1 with floor and growth of the setting's data quantizer."""
    noise = batch_noise(setting)
    level = setting.quantization.levels().get("data")
    additive = level is None or getattr(level, "structure", None) == "additive"
    zero, one = sp.Integer(0), sp.Integer(1)
    return SchemeNoise(
        **{name: getattr(noise, name) for name in NoiseConstants.__dataclass_fields__},
        floor=s.eps_d if additive else zero,
        growth=one if additive else one + s.eps_d,
    )


_K = (s.c * growth * N * step) ** (1 / a)
_SIZE = s.c * s.target_max
_ZETA = a / (a - 1)  # sum i^-a <= 1 + int_1^inf

#: Upper bounds of the parent's pieces; in this theorem the symbols stand for them.
BOUNDS: Definitions = {
    s.bias: _SIZE / growth * sp.Min(_ZETA, 2 * a / (a**2 - 1) * _K ** (1 - a) + _K**-a),
    s.effective_dimension: (sp.sqrt(2 * a / (2 * a - 1) * sp.Min(_K, _K ** (2 * a))) + N * step * floor * sp.sqrt(s.M)) ** 2,
    s.h: _SIZE / growth * _ZETA * sp.Min(1, _K ** (1 - a)),
    s.trace: growth * s.c * _ZETA + s.M * floor,
    s.target_norm2: _SIZE * _ZETA,
    s.quantized_norm2: _SIZE * _ZETA / growth,
    s.excess: (1 - 1 / growth) * _SIZE * _ZETA
    + s.target_max * sp.Min(s.M * floor, _ZETA * s.c ** (1 / a) * floor ** (1 - 1 / a)),
}
_SPELLED: dict[Any, sp.Expr] = {**BOUNDS, s.approximation: BOUNDS[s.excess] / 2}


def _bounded(terms: Mapping[str, sp.Expr] | None) -> dict[str, sp.Expr]:
    return {name: term.xreplace(_SPELLED) for name, term in (terms or {}).items()}


#: eps of m mantissa bits and of b integer bits, constants of theory section 2 dropped.
FLOATING_LEVEL = 2 ** (-2 * s.mantissa_bits)
INTEGER_LEVEL = 2 ** (-2 * s.integer_bits)
#: Largest relative distortion max_i (mu_i - lam_i)/lam_i of lam_i = i^-a, i <= p: 2^-2m, and 2^-2b at i = p.
FLOATING_DISTORTION = FLOATING_LEVEL
INTEGER_DISTORTION = INTEGER_LEVEL * s.p**a


def rule() -> sp.Rel:
    """m >= b - (a/2) log2 d: FLOATING_DISTORTION <= INTEGER_DISTORTION solved for m (theory section 6, P1's rule).

    It ignores range and constants and compares worst-case bounds.
    """
    logarithm = sp.expand_log(sp.log(FLOATING_DISTORTION / INTEGER_DISTORTION))
    (least,) = sp.solve(logarithm, s.mantissa_bits)
    return sp.Ge(s.mantissa_bits, sp.expand(least))


_RULE = str(rule().subs(s.p, sp.Symbol("d"))).replace("mantissa_bits", "m").replace("integer_bits", "b")

p1_corollary_4_3 = replace(
    p1_theorem_4_1,
    name="p1-corollary-4.3",
    title="P1 Corollary 4.3: power law, additive and multiplicative quantization",
    statement=(
        "P1 Theorem 4.1 for lam_i = c i^-a, mu_i = m_0 lam_i + eps_0 with the floor eps_0 of additive and the growth m_0 of "
        "multiplicative (or elementwise) data: every sum over the spectrum is replaced by an explicit bound. The dimension d "
        "stands "
        "next to the floor only. Rule: m mantissa bits distort the spectrum no more than b integer bits on d dimensions if "
        f"{_RULE}."
    ),
    number="Corollary 4.3",
    upper_terms=_bounded(p1_theorem_4_1.upper_terms),
    definitions={
        **{symbol: bound for symbol, bound in BOUNDS.items() if symbol not in (s.bias, s.effective_dimension, s.h)},
        s.target_max: MaxOver(s.target2[s.i], s.i),
        **{symbol: p1_theorem_4_1.definitions[symbol] for symbol in (s.A_max, s.sigma_G2)},
    },
    noise=scheme_noise,
    hypotheses=changed_hypotheses({s.kappa: step * s.trace, s.trace: BOUNDS[s.trace]}),
    assumptions=(*ASSUMPTIONS, POWER_LAW),
)
