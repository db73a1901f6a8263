"""A scheme as theorems see it: structures, noise constants and Sigma = (1 + growth) Lam + floor on a power law.

Behind a sketch Sigma's floor uses what concentrates: S S^T close to (p/M) I, diag(S H S^T) close to (tr H / M) I (theory
section 2); the eigenvalues of S H S^T that N steps can learn follow those of H.  These, and Approx, are the one cited
external result of a law (the sketch's deterministic equivalent).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from riskbounds import symbols as s
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
_LEVEL = "1/100"  # chooses the row of noise constants; the levels themselves stay symbols


@dataclass(frozen=True, kw_only=True)
class LawSetting:
    """A scheme with the slots that are quantized, and the target: isotropic, or E lam_i w*_i^2 = i^(-b)."""

    scheme: str
    slots: tuple[str, ...]
    source: bool
    noise: NoiseConstants
    growth: sp.Expr
    floor: sp.Expr
    moments: Definitions

    @property
    def structures(self) -> dict[str, str]:
        """Slot -> structure."""
        return dict.fromkeys(self.slots, self.scheme)

    @property
    def multiplier(self) -> sp.Expr:
        """g = 1 + growth: how Sigma multiplies Lam."""
        return 1 + self.growth

    @property
    def scale(self) -> sp.Expr:
        """g with the symbol eps_bar_1 for the growth, 1 without growth."""
        return sp.S.One if self.growth == 0 else 1 + s.eps_bar_1

    @property
    def target_norm2(self) -> sp.Expr:
        """sum_i lam_i E w*_i^2."""
        return sp.zeta(s.b) if self.source else s.c * sp.zeta(s.a)

    @property
    def contraction(self) -> sp.Expr:
        """x_1 where the floor is small."""
        return s.step * s.c * self.multiplier

    def definitions(self, *, floor: bool) -> Definitions:
        """Sequences as closed forms in i with symbols eps_bar_1 for the growth and floor_high for the floor.

        With a floor mu[i] stays a sequence; its summands are sums of i^(-tau) mu_i^(-n).
        """
        error = s.eps_bar_1 * s.lam[s.i] + (s.floor_high if floor and self.floor != 0 else 0)
        if self.growth == 0:
            error = error.xreplace({s.eps_bar_1: sp.S.Zero})
        found = {
            **commuting_definitions({}, "clean"),
            s.feature_error: error,
            s.mu: s.lam[s.i] + error,
            s.lam: POWER_LAW,
            s.target2: (SOURCE if self.source else ISOTROPIC).xreplace({s.target_scale: sp.S.One}),
        }
        if floor:
            del found[s.mu]
        return found

    def valued(self, expression: sp.Expr) -> sp.Expr:
        """The expression with growth, floor and the moments of the feature scale written in the levels."""
        return expression.xreplace({s.eps_bar_1: self.growth, s.floor_high: self.floor, **self.moments})


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
    growth, floor = growth_and_floor({slot: scheme for slot in FEATURES if slot in chosen})
    levels: dict[str, Structure] = {slot: _KINDS[scheme](_LEVEL) for slot in chosen}
    noise = noise_constants(Quantization(**levels), sketched=True)  # type: ignore[arg-type]
    common = {slot: "two-point" for slot in FEATURES if slot in chosen and scheme == "multiplicative"}
    return LawSetting(
        scheme=scheme, slots=chosen, source=source, noise=noise, growth=growth, floor=floor, moments=scale_moments(common)
    )  # fmt: skip


def growth_and_floor(structures: dict[str, str]) -> tuple[sp.Expr, sp.Expr]:
    """Sigma - Lam = growth Lam + floor I behind a sketch, S S^T = (p/M) I and diag(Lam) = (tr H/M) I put in.

    Without a sketch M = p: an additive data floor is eps_d, and elementwise errors need the multiplicative law.
    """
    lam = s.lam[s.i]
    error = feature_error(
        structures, lam, sp.S.One, s.p / s.M, lambda value: value.xreplace({lam: s.trace_H / s.M}), s.EPS, s.trace_H, s.p
    )
    collected = sp.expand(sp.sympify(error))
    growth, floor = collected.coeff(lam, 1), collected.coeff(lam, 0)
    return sp.factor(1 + growth) - 1, sp.expand(floor).xreplace({s.trace_H: s.c * sp.zeta(s.a)})
