"""Fourth-moment constants alpha, beta, sbar^2, and the theorems ``moment`` and ``moment-step-size`` that need nothing else.

The papers assume E[q q^T A q q^T] <= alpha tr(Sigma A) Sigma for A >= 0 and E[r^2 q q^T] <= sbar^2 Sigma, r = y - q^T v^q
(theory section 4, fourth-moment version).  The lemmas of P2 use :func:`paper_noise`: the table of theory section 4 with an
alpha that dominates it, so that their step size gamma < 1/((1 + eps_bar_2) alpha tr Sigma) controls the feedback.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy as sp

from riskbounds import symbols as s
from riskbounds.model import Definitions, total
from riskbounds.numerics.ranges import MaxOver
from riskbounds.problem import Data, PowerLaw
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import Additive, Elementwise
from riskbounds.setting import Setting
from riskbounds.theorems.citations import P2
from riskbounds.theorems.feature_row import Condition, FeatureRow
from riskbounds.theorems.noise import NoiseConstants, moment_constants, noise_constants
from riskbounds.theorems.noise_rows import feature_layers, feature_row
from riskbounds.theorems.sharp_pair import STEP_SIZE, sharp_storage
from riskbounds.theorems.theorem import Hypothesis, Theorem

_AMPLIFIERS = ("parameter", "activation", "output")


@dataclass(frozen=True, kw_only=True)
class MomentConstants(NoiseConstants):
    """Noise constants together with the moments they are read with: alpha, eps_bar_2 and, where known, sbar^2 and beta."""

    moments: Definitions

    def definitions(self) -> Definitions:
        """Definitions of A, ad, av, Alow, adlow (those that exist) and of the moments."""
        return super().definitions() | self.moments


def with_moments(noise: NoiseConstants, moments: Definitions) -> MomentConstants:
    """The same constants with definitions of the moments."""
    return MomentConstants(**vars(noise), moments=moments)


def amplification(quantization: Quantization, *, sketched: bool) -> sp.Expr:
    """eps_bar_2 with 1 + eps_bar_2 = prod (1 + eps) over the parameter, activation and output slots that are not additive.

    An elementwise parameter error behind a sketch counts tau times.  Expanded: no difference of nearly equal numbers.
    """
    product: sp.Expr = sp.Integer(1)
    for slot, level in quantization.levels().items():
        if slot in _AMPLIFIERS and not isinstance(level, Additive):
            rotated = slot == "parameter" and sketched and isinstance(level, Elementwise)
            product *= 1 + s.EPS[slot] * (s.tau if rotated else 1)
    return sp.expand(product) - 1


def centred(quantization: Quantization, *, sketched: bool) -> bool:
    """Whether E[r | q] = 0: q and y jointly Gaussian, that is, every feature error additive and Gaussian."""
    layers = feature_layers(quantization, sketched=sketched).values()
    return all(isinstance(level, Additive) and level.noise in ("gaussian", "reference") for level in layers)


def gaussian_moments(quantization: Quantization, *, sketched: bool) -> Definitions:
    """alpha, beta and sbar^2 of Gaussian data behind the data, sketch and feature quantizers.

    Additive Gaussian: 3, 1, sigma_q^2.  One common scale, q = s z: r = xi + (1 - s/m2) z^T v*, so alpha = 3 m4/m2^2,
    beta = m4/m2^2, sbar^2 = sigma_M^2 + 3 (m2^3 - 2 m2 m3 + m4)/m2^2 ||v^q||^2.  Elementwise without a sketch: alpha the same,
    beta = 1, E[r^2 q q^T] is diagonal with entries mu_i [sigma_q^2 + (3 (m2^3 - 2 m2 m3 + m4)/m2^2 - (m2 - 1)) mu_i v^q_i^2].
    Anything else: the generic row, alpha = C, beta = 0, sbar^2 = sigma_0^2 + C (sigma_q^2 - sigma_0^2).  Without a sketch
    Sigma is diagonal, tau = 1.
    """
    row = feature_row(quantization, sketched=sketched)
    beta, sbar2 = sp.Integer(0), row.A1
    spread = 3 * (s.m2**3 - 2 * s.m2 * s.m3 + s.m4) / s.m2**2
    if centred(quantization, sketched=sketched):
        beta = sp.Integer(1)
    elif row.structure == "multiplicative" and "generic" not in row.source:
        beta, sbar2 = s.m4 / s.m2**2, s.sigma_M2 + spread * s.quantized_norm2
    elif row.structure == "elementwise" and "generic" not in row.source:
        beta, sbar2 = sp.Integer(1), s.sigma_q2 + sp.Max(0, spread - (s.m2 - 1)) * s.quantized_norm2
    found = {s.alpha: row.c4, s.beta: beta, s.sbar2: sbar2, s.eps_bar_2: amplification(quantization, sketched=sketched)}
    return found if sketched else {**found, s.tau: sp.Integer(1)}


def moment_noise(setting: Setting) -> MomentConstants:
    """Noise constants from alpha and sbar^2 alone; for measured data the instance supplies the two numbers."""
    quantization, sketched = setting.quantization, setting.sketch is not None
    if isinstance(setting.spectrum, Data):
        moments = {s.eps_bar_2: amplification(quantization, sketched=sketched)}
        return with_moments(moment_constants(quantization, centred=False), moments)
    known = centred(quantization, sketched=sketched)
    return with_moments(moment_constants(quantization, centred=known), gaussian_moments(quantization, sketched=sketched))


def dominating(row: FeatureRow) -> sp.Expr:
    """An alpha that dominates a data row of theory section 4 (proof: derivations/paper_alpha.py)."""
    return sp.Max(row.c4, row.ad1 + row.av1 + (0 if row.uncentred else 1))


def dominating_alpha(quantization: Quantization, *, sketched: bool) -> sp.Expr:
    """The alpha of :func:`paper_noise`."""
    return dominating(feature_row(quantization, sketched=sketched))


def full_precision() -> dict[sp.Basic, sp.Expr]:
    """What the noise constants, the moments and the levels become where every slot is exact: A = sigma_M^2/B, alpha = 3."""
    exact = noise_constants(Quantization(), sketched=False)
    assert exact.Alow is not None
    assert exact.adlow is not None
    return {
        s.A_max: exact.A.xreplace({s.sigma_q2: s.sigma_M2}),
        s.Alow_min: exact.Alow.xreplace({s.sigma_q2: s.sigma_M2}),
        s.ad: exact.ad,
        s.av: exact.av,
        s.adlow: exact.adlow,
        s.alpha: dominating_alpha(Quantization(), sketched=False),
        s.eps_bar_1: sp.Integer(0),
        s.eps_bar_2: sp.Integer(0),
        s.trace: total(s.lam[s.i]),
    }


def paper_noise(setting: Setting) -> MomentConstants:
    """Noise constants of theory section 4 (Gaussian data) with an alpha such that ad + av <= (1 + eps_bar_2) alpha.

    alpha = max(c4, ad1 + av1 + 1) of the data row (ad1 + av1 where ad1 bounds the uncentred second moment): 3 for additive
    errors, 3 m4/m2^2 for one common scale with m3 >= m2^2.  With P = (1 + eps_p)(1 + eps_a), O = 1 + eps_o, one sample has
    ad + av = O (ad1 + av1 + c4 (P - 1)) + eps_o <= O P alpha - 1; each other sample of a batch adds at most O P - 1.
    A power law's exponent comes along, for spectra that a sketch has replaced by their own eigenvalues.
    """
    quantization, sketched = setting.quantization, setting.sketch is not None
    moments: Definitions = {
        s.alpha: dominating_alpha(quantization, sketched=sketched),
        s.eps_bar_2: amplification(quantization, sketched=sketched),
    }
    if isinstance(setting.spectrum, PowerLaw):
        exponent = setting.spectrum.exponent
        moments[s.a] = sp.Rational(exponent.numerator, exponent.denominator)
    return with_moments(noise_constants(quantization, sketched=sketched), moments)


#: The papers' step size: with it gamma mu_1 <= gamma tr Sigma < 1 (alpha >= 1) and (ad + av) kappa < 1.
PAPER_LOAD: sp.Expr = s.step * (1 + s.eps_bar_2) * s.alpha * s.trace
PAPER_STEP_SIZE = Hypothesis(
    name="step size: gamma < 1/((1 + eps_bar_2) alpha tr Sigma)",
    lhs=PAPER_LOAD,
    rhs=sp.Integer(1),
    strict=True,
    on_step_size=True,
    advice="a smaller training.step_size or less quantization",
)


def worst_direction(expression: sp.Expr) -> sp.Expr:
    """The expression with every A_i replaced by the largest."""
    return expression.xreplace({s.A[s.i]: s.A_max})


_FIELDS = sharp_storage.map(worst_direction)

moment = replace(
    sharp_storage,
    name="moment",
    title="Upper bound from fourth moments, any data law",
    statement=(
        "Unbiased quantizers with draws independent of the past, E[q q^T A q q^T] <= alpha tr(Sigma A) Sigma for A >= 0, "
        "E[(y - q^T v^q)^2 q q^T] <= sbar^2 Sigma, 0 < x_i <= 1 and (ad + av) kappa < 1, with A = 2 sbar^2, ad = 2 alpha for one "
        "sample (without the 2s if E[y - q^T v^q | q] = 0) and what each slot adds: the risk of the iterate average is at most "
        "the mean part, which is exact, plus the variance term with the largest noise constant."
    ),
    number="theory section 4, fourth-moment version",
    upper_terms=_FIELDS["upper_terms"],
    lower_terms=None,
    definitions={**_FIELDS["definitions"], s.A_max: MaxOver(s.A[s.i], s.i)},
    noise=moment_noise,
    hypotheses=STEP_SIZE,
    assumptions=(),
)

#: What the papers' step size rests on, where E[y - q^T v^q | q] is not 0.
DOMINATED = Condition(
    name="noise feedback within the papers' moments: a_delta + a_v <= (1 + eps_bar_2) alpha",
    lhs=s.ad + s.av,
    rhs=(1 + s.eps_bar_2) * s.alpha,
)


def step_noise(setting: Setting) -> MomentConstants:
    """The constants of ``moment``; ad + av <= (1 + eps_bar_2) alpha is a condition unless centred residuals imply it.

    They do (derivations/paper_alpha.py): ad1 = c4 = alpha and av1 = 0 give one sample ad + av = (1 + eps_bar_2) alpha.
    """
    noise = moment_noise(setting)
    known = not setting.is_data and centred(setting.quantization, sketched=setting.sketch is not None)
    return noise if known else replace(noise, hypotheses=(*noise.hypotheses, DOMINATED))


moment_step_size = Theorem(
    name="moment-step-size",
    title="Step-size condition of the papers",
    statement=(
        "gamma < 1/((1 + eps_bar_2) alpha tr Sigma) and gamma mu_1 <= 1; 1 + eps_bar_2 is the product of 1 + eps over the "
        "parameter, activation and output slots that are not additive. It implies (ad + av) kappa < 1 where "
        "ad + av <= (1 + eps_bar_2) alpha: always if E[y - q^T v^q | q] = 0, a hypothesis otherwise."
    ),
    status="reconstruction",
    citation=P2,
    number="Theorem 4.1, step size",
    noise=step_noise,
    hypotheses=(PAPER_STEP_SIZE, STEP_SIZE[0]),
)
