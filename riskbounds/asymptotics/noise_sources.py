"""The noise of a law taken apart: what drives it, its size on a power law, and which slot is to blame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.law_forms import gathered, upright
from riskbounds.asymptotics.law_setting import FEATURES, LawSetting
from riskbounds.asymptotics.law_sums import settled
from riskbounds.asymptotics.model_term import model_error

i, M = s.i, s.M
#: What a noise constant is linear in; ``excess`` is the part of sigma_q^2 - sigma_M^2 that the floor causes.
SOURCES: tuple[sp.Symbol, ...] = (s.noise_variance, s.model_error, s.excess, s.first_noise, s.target_norm2, s.trace)
#: Sources that no slot causes alone, with their names; the others are told apart slot by slot.
_WHOLE = {
    s.noise_variance: "label noise",
    s.model_error: "model error",
    s.excess: "unlearnable part",
    s.first_noise: "first directions",
}


@dataclass(frozen=True, kw_only=True)
class NoisePiece:
    """One summand of the noise: its name, its size in the law's short form, and where it has that size."""

    name: str
    source: sp.Symbol | None
    size: sp.Expr
    when: tuple[sp.Expr, ...] = ()


def noise_pieces(noise: sp.Expr, setting: LawSetting) -> list[NoisePiece]:
    """V or U as pieces, none of them zero."""
    return [
        NoisePiece(name=f"{name}{suffix}", source=source, size=gathered(coefficient * value), when=when)
        for name, source, coefficient in _split(noise, setting)
        for value, when, suffix in source_values(source, setting)
        if value != 0
    ]


def source_values(source: sp.Symbol | None, setting: LawSetting) -> list[tuple[sp.Expr, tuple[sp.Expr, ...], str]]:
    """What a source of noise is on the power law, where, and what tells its pieces apart."""
    if source is None:
        return [(sp.S.One, (), "")]
    if source == s.model_error:
        suffixes = ("", ", saturated")
        return [(*piece, suffix) for piece, suffix in zip(model_error(source=setting.source), suffixes, strict=False)]
    if source == s.target_norm2:
        return [(setting.target_norm2, (), "")]
    if source == s.trace:
        return [(setting.g * s.c * sp.zeta(s.a), (), ""), (M * setting.e, (), " of the floor")]
    return _excess_of_floor(setting) if source == s.excess else [(source, (), "")]


def last_direction(setting: LawSetting) -> sp.Expr:
    """Positive where the floor covers the last direction: R < M."""
    return M**s.a * setting.e - setting.g * s.c


def _excess_of_floor(setting: LawSetting) -> list[tuple[sp.Expr, tuple[sp.Expr, ...], str]]:
    """sigma_q^2 - sigma_M^2 less the share of the growth: sum lam e/(g mu) E w*^2, on either side of the last direction."""
    if setting.e == 0:
        return []
    summand = closed_but_mu(s.lam[i] * setting.e / (setting.g * s.mu[i]) * s.target2[i], setting)
    first, found = last_direction(setting), []
    for past, when, name in ((True, first, ""), (False, -first, " below the last direction")):
        for value, own in settled(summand, setting.g, floor=past):
            if own or not value.has(sp.zeta):
                found.append((value, (when, *own), name + (", saturated" if value.has(sp.zeta) else "")))
    return found


def closed_but_mu(summand: sp.Expr, setting: LawSetting) -> sp.Expr:
    """Closed forms in i for every sequence but mu, floor included."""
    known = setting.definitions(floor=True)
    while found := {node for node in summand.atoms(sp.Indexed) if node.base != s.mu}:
        summand = summand.xreplace({node: known[node.base] for node in found})
    return summand


def _split(noise: sp.Expr, setting: LawSetting) -> Iterator[tuple[str, sp.Symbol | None, sp.Expr]]:
    """Name, source and coefficient of every part of an expression linear in the sources."""
    noise = sp.expand(noise)
    for source in (*SOURCES, None):
        part = noise.xreplace(dict.fromkeys(SOURCES, sp.S.Zero)) if source is None else noise.coeff(source)
        if part == 0:
            continue
        if source in _WHOLE:
            yield _WHOLE[source], source, _batched(part)
            continue
        rising = {s.trace: ", trace", s.target_norm2: ""}.get(source, ", rounding")
        for each, direction in ((part.coeff(M, 0), ""), (part.coeff(M, 1) * M, " in every direction")):
            for slot, value in _telescoped(each, setting):
                yield f"{slot}{rising}{direction}", source, value


def _telescoped(expression: sp.Expr, setting: LawSetting) -> Iterator[tuple[str, sp.Expr]]:
    """The expression as one part per slot, quantizing one more slot at a time: each part has its slot's eps as a factor."""
    updates = [slot for slot in setting.slots if slot not in FEATURES]
    absent = {s.EPS[slot]: sp.S.Zero for slot in updates}
    before = sp.S.Zero
    for slot in ("features", *updates):
        if slot in updates:
            del absent[s.EPS[slot]]
        now = expression.xreplace(absent)
        if now != before:
            yield slot, _batched(sp.expand(now - before))
        before = now


def _batched(part: sp.Expr) -> sp.Expr:
    """u/B, or v (1 + w/B) where the batch shares v: a power of B times a bounded factor."""
    shared = part.coeff(s.B, 0)
    if shared == 0:
        return upright(sp.factor(part))
    alone = sp.factor(sp.cancel((part - shared) * s.B / shared))
    return upright(sp.factor(shared)) * (1 + upright(alone) / s.B)


__all__ = ["SOURCES", "NoisePiece", "closed_but_mu", "last_direction", "noise_pieces", "source_values"]
