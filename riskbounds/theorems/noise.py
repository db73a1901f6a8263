"""Noise constants of theory section 4: A_i, ad, av, Alow_i, adlow of the batch gradient g, slot by slot.

With delta = v - v^q and norms in Sigma, in the Loewner order,

    [Alow + adlow E||delta||^2] Sigma <= E Cov(g | v) <= [A + ad E||delta||^2 + av E||v||^2] Sigma.

One sample first: the features' row (:mod:`riskbounds.theorems.noise_rows`), then parameter, activation, label and output each
add to it; last the batch.  Every formula of the table is written once; an exact slot adds nothing, so its eps symbol is absent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import sympy as sp

from riskbounds import symbols as s
from riskbounds.quantization.formats import Format
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import Additive, Elementwise, Multiplicative, Structure
from riskbounds.theorems.feature_row import Condition, FeatureRow
from riskbounds.theorems.noise_rows import feature_row

ZERO = sp.Integer(0)
MU = s.mu[s.i]


@dataclass(frozen=True, kw_only=True)
class SlotConstants:
    """What one slot adds, relative to Sigma: A1, ad1, av1 and the lower A1low, adlow1 for one sample, and for each of
    the other B - 1 samples of the batch the `between` part, which samples share (the parameter's draw, shared
    scales).

    The slots' sums are the constants of one sample: A1 may contain mu[i].  `source` is where theory states it; `valid`
    are the conditions on the levels under which it is proved.
    """

    slot: str
    structure: str
    source: str
    A1: sp.Expr = ZERO
    ad1: sp.Expr = ZERO
    av1: sp.Expr = ZERO
    A1low: sp.Expr = ZERO
    adlow1: sp.Expr = ZERO
    A_between: sp.Expr = ZERO
    ad_between: sp.Expr = ZERO
    av_between: sp.Expr = ZERO
    Alow_between: sp.Expr = ZERO
    valid: tuple[Condition, ...] = ()

    def batch(self, name: str) -> sp.Expr:
        """What the slot adds to A, ad, av, Alow or adlow of a batch of B samples."""
        single = getattr(self, {"Alow": "A1low", "adlow": "adlow1"}.get(name, f"{name}1"))
        shared = getattr(self, f"{name}_between", ZERO)
        return (single + (s.B - 1) * shared) / s.B


@dataclass(frozen=True, kw_only=True)
class NoiseConstants:
    """The constants of the batch gradient, the slots they are made of, and the hypotheses on the levels.

    Alow and adlow are None where no lower bound holds.  The budget of a slot is ``slot.batch("A")`` and so on; they
    add up.
    """

    A: sp.Expr
    ad: sp.Expr
    av: sp.Expr
    Alow: sp.Expr | None
    adlow: sp.Expr | None
    slots: tuple[SlotConstants, ...]
    hypotheses: tuple[Condition, ...]

    def definitions(self) -> dict[sp.Basic, sp.Expr]:
        """A_i, ad, av, Alow_i, adlow as definitions; the lower ones only where they exist."""
        found = {s.A: self.A, s.ad: self.ad, s.av: self.av, s.Alow: self.Alow, s.adlow: self.adlow}
        return {symbol: value for symbol, value in found.items() if value is not None}


def of_slots(slots: tuple[SlotConstants, ...], *, bounded: bool) -> NoiseConstants:
    """The constants of the batch from those of the slots; ``bounded``: whether there are lower ones."""
    return NoiseConstants(
        A=_total(slots, "A"),
        ad=_total(slots, "ad"),
        av=_total(slots, "av"),
        Alow=_total(slots, "Alow") if bounded else None,
        adlow=_total(slots, "adlow") if bounded else None,
        slots=slots,
        hypotheses=tuple(dict.fromkeys(condition for slot in slots for condition in slot.valid)),
    )


def noise_constants(quantization: Quantization, *, sketched: bool, in_levels: bool = False) -> NoiseConstants:
    """Noise constants for Gaussian data: the table of theory section 4, or its generic row.

    Parameters
    ----------
    quantization: structures, noises and levels; levels choose the row, the eps symbols stay in the expressions.
    sketched: whether the features are S x with a sketch S.
    in_levels: write the moments m2, m3, m4 of the feature scale in the eps symbols, differences cancelled
        (otherwise they are symbols, defined by :func:`~riskbounds.model.scale_moments`).

    Raises
    ------
    ProblemError: a sketch quantizer without a sketch.
    UnsupportedError: a slot that holds a number format.
    """
    row = feature_row(quantization, sketched=sketched, in_levels=in_levels)
    return assemble(row, quantization, sketched=sketched)


def moment_constants(
    quantization: Quantization, *, centred: bool, lower: bool = False, floor: sp.Expr = s.noise_variance
) -> NoiseConstants:
    """Noise constants under fourth-moment assumptions on (q, y) alone (theory section 4, fourth-moment version).

    Assumed: E[q q^T A q q^T] <= alpha tr(Sigma A) Sigma for A >= 0, and E[r^2 q q^T] <= sbar^2 Sigma, r = y - q^T
    v^q. Lower bounds assume E[q q^T A q q^T] - Sigma A Sigma >= beta tr(Sigma A) Sigma as well, and `floor`, the
    variance of a part of the label that is independent of q and of the rest of the label.

    Parameters
    ----------
    centred: whether E[r | q] = 0; then the cross terms vanish, and with them the factors 2.
    lower: whether to give Alow and adlow (None otherwise).
    floor: sigma^2 (noise_variance), the label noise; sigma_M^2 where the data are Gaussian and q depends on x through S x alone.
    """
    return assemble(moment_row(centred=centred, lower=lower, floor=floor), quantization, sketched=True)


def moment_row(*, centred: bool, lower: bool, floor: sp.Expr = s.noise_variance) -> FeatureRow:
    """The data row of the fourth-moment version.

    Upper: (r - q^T delta)^2 <= 2 r^2 + 2 (q^T delta)^2, an identity without the 2s if E[r|q] = 0; y = r + q^T v^q
    likewise. Lower: the floor always; with E[r|q] = 0 also E[(q^T delta)^2 q q^T] - Sigma delta delta^T Sigma >= beta
    ||delta||^2 Sigma.
    """
    twice = sp.Integer(1 if centred else 2)
    follow = s.beta if lower and centred else ZERO
    return FeatureRow(
        structure="any",
        source="theory section 4, fourth-moment version",
        A1=twice * s.sbar2,
        ad1=twice * s.alpha,
        av1=ZERO,
        A1low=floor if lower else None,
        adlow1=follow,
        c4=s.alpha,
        spread=s.alpha * s.trace,
        spread_low=s.beta * s.trace if lower else ZERO,
        label=twice * (s.sbar2 + s.alpha * s.quantized_norm2),
        label_low=floor + follow * s.quantized_norm2 if lower else ZERO,
        uncentred=True,
    )


def assemble(row: FeatureRow, quantization: Quantization, *, sketched: bool) -> NoiseConstants:
    """The constants of the batch gradient from the features' row and the update's slots."""
    levels = {slot: level for slot, level in quantization.levels().items() if slot in s.FLOORS}
    shared = quantization.batch_scale == "shared"

    def part(slot: str, build: Callable[[Structure | None], SlotConstants]) -> SlotConstants:
        level = levels.get(slot)
        return _format_part(slot, level, build) if isinstance(level, Format) else build(level)

    parts = {"features": _features(row)}
    parts["parameter"] = part("parameter", lambda level: _parameter(row, level, sketched))
    parts["activation"] = part("activation", lambda level: _activation(row, level, parts["parameter"], shared))
    parts["label"] = part("label", lambda level: _label(row, level, shared))
    parts["output"] = part("output", lambda level: _output(row, level, {**parts}, shared))
    slots = tuple(part for slot, part in parts.items() if slot == "features" or slot in levels)
    return of_slots(slots, bounded=row.A1low is not None)


def _format_part(slot: str, level: Format, build: Callable[[Structure | None], SlotConstants]) -> SlotConstants:
    """A true format: error variance at most floor + eps u^2 at every input u, at least 0 (integer grids: eps = 0).

    The constants are linear in the error's covariance, so the additive and the elementwise part add up; nothing is below.
    """
    absolute = build(Additive(1))
    relative = build(Elementwise(1)) if level.kind == "float" else SlotConstants(slot=slot, structure="exact", source="exact")
    floor = {s.EPS[slot]: s.FLOORS[slot]}
    upper = ("A1", "ad1", "av1", "A_between", "ad_between", "av_between")
    return SlotConstants(
        slot=slot,
        structure=f"format {level.name}",
        source=f"theory section 4, {slot}, additive plus else",
        **{name: getattr(absolute, name).xreplace(floor) + getattr(relative, name) for name in upper},
    )


def _total(slots: Iterable[SlotConstants], name: str) -> sp.Expr:
    """Batch last: (sum of one sample's parts + (B - 1) times the shared parts)/B."""
    return sp.Add(*(slot.batch(name) * s.B for slot in slots)) / s.B


def _sum(parts: Mapping[str, SlotConstants], name: str) -> sp.Expr:
    return sp.Add(*(getattr(part, name) for part in parts.values()))


def _name(level: Structure | None) -> str:
    return "exact" if level is None else level.structure


def _source(slot: str, level: Structure) -> str:
    return f"theory section 4, {slot}, {'additive' if isinstance(level, Additive) else 'else'}"


def _features(row: FeatureRow) -> SlotConstants:
    return SlotConstants(
        slot="features",
        structure=row.structure,
        source=row.source,
        A1=row.A1,
        ad1=row.ad1,
        av1=row.av1,
        A1low=ZERO if row.A1low is None else row.A1low,
        adlow1=row.adlow1,
        valid=row.valid,
    )


def _parameter(row: FeatureRow, level: Structure | None, sketched: bool) -> SlotConstants:
    """One draw per batch, covariance eps_p I, eps_p v v^T or eps_p diag(v^2): between samples Sigma (.) Sigma is left.

    Elementwise: diag(v^2) has norm v^T diag(Sigma) v <= tau ||v||^2 in Sigma, tau = 1 if Sigma is diagonal (no sketch).
    """
    if level is None:
        return SlotConstants(slot="parameter", structure="exact", source="exact")
    if isinstance(level, Additive):
        return SlotConstants(
            slot="parameter",
            structure=level.structure,
            source=_source("parameter", level),
            A1=s.eps_p * row.spread,
            A1low=s.eps_p * row.spread_low,
            A_between=s.eps_p * MU,
            Alow_between=s.eps_p * MU,
        )
    own = s.eps_p * s.tau if sketched and isinstance(level, Elementwise) else s.eps_p
    return SlotConstants(
        slot="parameter",
        structure=level.structure,
        source=_source("parameter", level),
        av1=row.c4 * own,
        av_between=own,
    )


def _activation(row: FeatureRow, level: Structure | None, parameter: SlotConstants, shared: bool) -> SlotConstants:
    """eps_a E[(q^T u)^2 q q^T] with E u u^T = v v^T + the parameter's covariance; shared: eps_a Sigma E u u^T Sigma between."""
    if level is None:
        return SlotConstants(slot="activation", structure="exact", source="exact")
    if isinstance(level, Additive):
        return SlotConstants(
            slot="activation",
            structure=level.structure,
            source=_source("activation", level),
            A1=s.eps_a,
            A1low=s.eps_a,
        )
    between = s.eps_a if shared and isinstance(level, Multiplicative) else ZERO
    return SlotConstants(
        slot="activation",
        structure=level.structure,
        source=_source("activation", level),
        A1=s.eps_a * parameter.A1,
        av1=s.eps_a * (row.c4 + parameter.av1),
        A1low=s.eps_a * parameter.A1low,
        A_between=between * parameter.A_between,
        av_between=between * (1 + parameter.av_between),
    )


def _label(row: FeatureRow, level: Structure | None, shared: bool) -> SlotConstants:
    """eps_l Sigma or eps_l E[y^2 q q^T]; shared: eps_l E[q y] E[q y]^T <= eps_l ||v^q||^2 Sigma between samples."""
    if level is None:
        return SlotConstants(slot="label", structure="exact", source="exact")
    additive = isinstance(level, Additive)
    between = s.eps_l if shared and isinstance(level, Multiplicative) else ZERO
    return SlotConstants(
        slot="label",
        structure=level.structure,
        source=_source("label", level),
        A1=s.eps_l * (1 if additive else row.label),
        A1low=s.eps_l * (1 if additive else row.label_low),
        A_between=between * s.quantized_norm2,
    )


def _output(row: FeatureRow, level: Structure | None, before: Mapping[str, SlotConstants], shared: bool) -> SlotConstants:
    """eps_o Sigma, or eps_o E[e^2 q q^T] = eps_o (Cov + Sigma delta delta^T Sigma) of all slots before; shared:
    likewise between.

    Where ad1 bounds the uncentred second moment, Sigma delta delta^T Sigma is inside it already.
    """
    if level is None:
        return SlotConstants(slot="output", structure="exact", source="exact")
    if isinstance(level, Additive):
        return SlotConstants(slot="output", structure=level.structure, source=_source("output", level), A1=s.eps_o, A1low=s.eps_o)
    between = s.eps_o if shared and isinstance(level, Multiplicative) else ZERO
    return SlotConstants(
        slot="output",
        structure=level.structure,
        source=_source("output", level),
        A1=s.eps_o * _sum(before, "A1"),
        ad1=s.eps_o * (_sum(before, "ad1") + (0 if row.uncentred else 1)),
        av1=s.eps_o * _sum(before, "av1"),
        A1low=s.eps_o * _sum(before, "A1low"),
        adlow1=s.eps_o * _sum(before, "adlow1"),
        A_between=between * _sum(before, "A_between"),
        ad_between=between,
        av_between=between * _sum(before, "av_between"),
    )


__all__ = ["Condition", "NoiseConstants", "SlotConstants", "moment_constants", "noise_constants", "of_slots"]
