"""A scheme as theorems see it: structures, noise constants and Sigma = g Lam + e I on a power law.

Behind a sketch Sigma's floor e uses what concentrates: S S^T close to (p/M) I, diag(S H S^T) close to (tr H / M) I (theory
section 2); the eigenvalues of S H S^T that N steps can learn follow those of H.  These, and Approx, are the one cited
external result of a law (the sketch's deterministic equivalent).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.law_forms import Named, factored
from riskbounds.errors import ProblemError, did_you_mean
from riskbounds.model import ISOTROPIC, POWER_LAW, SOURCE, Definitions, commuting_definitions, feature_error, scale_moments
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import Additive, Elementwise, Multiplicative, Structure
from riskbounds.theorems.noise import NoiseConstants, noise_constants

#: Which slots a scheme quantizes.  An elementwise parameter behind a sketch has no law: tau depends on S (theory section 4).
SCHEMES: dict[str, tuple[str, ...]] = {
    "full-precision": (),
    "multiplicative": ("sketch", "data", "feature", "label", "parameter", "activation", "output"),
    "additive": ("sketch", "data", "feature", "label", "parameter", "activation", "output", "storage"),
    "elementwise": ("sketch", "data", "feature", "label", "activation", "output"),
}
FEATURES = ("data", "sketch", "feature")
_KINDS: dict[str, type[Additive] | type[Multiplicative] | type[Elementwise]] = {
    "multiplicative": Multiplicative,
    "additive": Additive,
    "elementwise": Elementwise,
}
#: c_a = (pi/a)/sin(pi/a), without sin.
SKETCH_CONSTANT = sp.gamma(1 + 1 / s.a) * sp.gamma(1 - 1 / s.a)
_LEVEL = "1/100"  # chooses the row of noise constants; the levels themselves stay symbols


@dataclass(frozen=True, kw_only=True)
class LawSetting:
    """A scheme with the slots that are quantized, and the target: isotropic, or E lam_i w*_i^2 = i^(-b).

    ``g``, ``e``, ``m3`` and ``m4`` are the symbols that stand for growth, floor and moments of the feature scale, or the
    numbers 1, 0, 1, 1 where there are none; ``named`` defines every symbol in levels.
    """

    scheme: str
    slots: tuple[str, ...]
    source: bool
    noise: NoiseConstants
    g: sp.Expr
    e: sp.Expr
    m3: sp.Expr
    m4: sp.Expr
    named: Named

    @property
    def target_norm2(self) -> sp.Expr:
        """sum_i lam_i E w*_i^2."""
        return sp.zeta(s.b) if self.source else s.c * sp.zeta(s.a)

    @property
    def contraction(self) -> sp.Expr:
        """x_1 where the floor is small."""
        return s.step * s.c * self.g

    def definitions(self, *, floor: bool) -> Definitions:
        """Sequences as closed forms in i; with ``floor`` mu[i] stays a sequence, for sums of i^(-tau) mu_i^(-n)."""
        error = (self.g - 1) * s.lam[s.i] + (self.e if floor else 0)
        found = {
            **commuting_definitions({}, "clean"),
            s.feature_error: error,
            s.mu: self.g * s.lam[s.i],
            s.lam: POWER_LAW,
            s.target2: (SOURCE if self.source else ISOTROPIC).xreplace({s.target_scale: sp.S.One}),
        }
        if floor:
            del found[s.mu]
        return found


def law_setting(scheme: str, slots: Sequence[str] | None = None, *, source: bool = False) -> LawSetting:
    """The setting of a law.

    Raises
    ------
    ProblemError: an unknown scheme, or a slot that the scheme does not quantize.
    """
    if scheme not in SCHEMES:
        raise ProblemError(f"unknown scheme {scheme!r}; {did_you_mean(scheme, SCHEMES) or 'one of: ' + ', '.join(SCHEMES)}")
    chosen = SCHEMES[scheme] if slots is None else tuple(slot for slot in s.EPS if slot in slots)
    wrong = [slot for slot in (slots or ()) if slot not in SCHEMES[scheme]]
    if wrong:
        known = ", ".join(SCHEMES[scheme]) or "none"
        raise ProblemError(f"the {scheme} law has no slot {wrong[0]!r}; its slots: {known}")
    features = [slot for slot in FEATURES if slot in chosen]
    growth, floor = growth_and_floor(dict.fromkeys(features, scheme))
    moments = scale_moments(dict.fromkeys(features, "two-point") if scheme == "multiplicative" else {})
    levels: dict[str, Structure] = {slot: _KINDS[scheme](_LEVEL) for slot in chosen}

    def symbol(name: sp.Symbol, value: sp.Expr) -> sp.Expr:
        return value if value.is_number else name

    g, e = symbol(s.growth, growth), symbol(s.floor, floor)
    return LawSetting(
        scheme=scheme, slots=chosen, source=source,
        noise=noise_constants(Quantization(**levels), sketched=True),  # type: ignore[arg-type]
        g=g, e=e, m3=symbol(s.m3, moments[s.m3]), m4=symbol(s.m4, moments[s.m4]),
        named=_named(g, {s.growth: growth, s.m3: moments[s.m3], s.m4: moments[s.m4], s.floor: floor}),
    )  # fmt: skip


def _named(g: sp.Expr, levels: Mapping[sp.Symbol, sp.Expr]) -> dict[sp.Symbol, sp.Expr]:
    """The symbols that a law of these levels has, in reading order."""
    found = {symbol: value for symbol, value in levels.items() if not value.is_number}
    reach = {s.floor_reach: (s.floor / (g * s.c)) ** (-1 / s.a)} if s.floor in found else {}
    return {s.sketch_constant: SKETCH_CONSTANT, **found, **reach, s.learned_time: s.N * s.step * g * s.c}


def growth_and_floor(structures: dict[str, str]) -> tuple[sp.Expr, sp.Expr]:
    """g and e of Sigma = g Lam + e I behind a sketch, S S^T = (p/M) I and diag(Lam) = (tr H/M) I put in.

    Without a sketch M = p: an additive data floor is eps_d, and elementwise errors need the multiplicative law.
    """
    lam = s.lam[s.i]
    error = feature_error(
        structures, lam, sp.S.One, s.p / s.M, lambda value: value.xreplace({lam: s.trace_H / s.M}), s.EPS, s.trace_H, s.p
    )
    collected = sp.expand(sp.sympify(error))
    growth, floor = sp.factor(1 + collected.coeff(lam, 1)), collected.coeff(lam, 0)
    return growth, factored(floor.xreplace({s.trace_H: s.c * sp.zeta(s.a)}))
