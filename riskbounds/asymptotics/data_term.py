"""The terms of a law but the model term, from the sharp pair's sums: while learning, and once every direction is learned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.law_setting import FEATURES, LawSetting
from riskbounds.asymptotics.law_sums import Piece, all_learned, growing, leading, settled, shifted_gamma
from riskbounds.asymptotics.law_terms import LawTerm, law_term, spread
from riskbounds.asymptotics.model_term import model_error
from riskbounds.asymptotics.noise_level import OMEGA, SOURCES, NoiseLevel
from riskbounds.asymptotics.unfolding import unfolded
from riskbounds.model import scale_moments, total
from riskbounds.theorems.sharp_pair import PIECES, sharp

i, a, c, M, N = s.i, s.a, s.c, s.M, s.N
e = s.floor_high
Part = tuple[list[tuple[str, sp.Symbol | None, sp.Expr]], sp.Expr, sp.Expr]
Sums = Callable[[sp.Expr], list[Piece]]
_SHARE = sp.Symbol("share", positive=True)  # 1/B inside a bounded coefficient, kept apart from the power of B in front
_NAMES = {
    s.noise_variance: "variance, label noise",
    s.model_error: "variance, model error",
    s.excess: "variance, unlearnable part",
}


@dataclass(frozen=True, kw_only=True)
class Regime:
    """Which directions are learned: ``sums`` turns a sum over i into its leading pieces, in force where ``when`` is >= 0."""

    name: str
    sums: Sums
    when: tuple[sp.Expr, ...]


def regimes_of(setting: LawSetting) -> tuple[Regime, ...]:
    """Learning; all learned past the floor (N step e > 1); all learned above it (N step c > M^a)."""
    multiplier, value = setting.multiplier, setting.floor
    room = M**a - N * setting.contraction
    clean, rough = setting.definitions(floor=False), setting.definitions(floor=True)

    def learning(expression: sp.Expr) -> list[Piece]:
        outer, summand = _single(expression)
        expansion = growing(unfolded(summand, {**PIECES, **clean}), s.step * c * setting.scale)
        return [(outer * piece, when) for piece, when in leading(expansion)]

    def learned(*, floor: bool) -> Sums:
        def sums(expression: sp.Expr) -> list[Piece]:
            outer, summand = _single(expression)
            plain = all_learned(_but_mu(summand, rough))
            return [(outer * joined(settled(plain, setting.scale, floor=floor)), ())]

        return sums

    if value == 0:
        return (
            Regime(name="learning", sums=learning, when=(room,)),
            Regime(name="learned", sums=learned(floor=False), when=(-room,)),
        )
    first = M**a * value - multiplier * c
    return (
        Regime(name="learning", sums=learning, when=(room, 1 - N * s.step * value)),
        Regime(name="learned past the floor", sums=learned(floor=True), when=(N * s.step * value - 1, first)),
        Regime(name="learned above the floor", sums=learned(floor=False), when=(-room, -first)),
    )


def _single(expression: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """A multiple of one sum as factor and summand."""
    (node,) = expression.atoms(sp.Sum)
    return expression.xreplace({node: sp.S.One}), node.function


def _but_mu(summand: sp.Expr, definitions: dict[object, sp.Expr]) -> sp.Expr:
    """Closed forms for every sequence but mu."""
    known = {**PIECES, **definitions}
    while found := {node for node in summand.atoms(sp.Indexed) if node.base != s.mu}:
        summand = summand.xreplace({node: known[node.base] for node in found})
    return summand


def joined(pieces: list[sp.Expr]) -> sp.Expr:
    """Pieces with the same powers as one product."""
    if len(pieces) == 1:
        return pieces[0]
    return pieces[0] * sp.factor(sp.Add(*(_ratio(piece, pieces[0]) for piece in pieces)))


def shrinkage_terms(setting: LawSetting) -> list[LawTerm]:
    """What remains at N -> infinity beside Approx: growth, and the floor on either side of (c/e)^(1/a) = M."""
    summand = s.lam[i] * (s.feature_error[i] / s.mu[i]) ** 2 * s.target2[i] / 2
    multiplier = setting.scale
    plain = _but_mu(summand, setting.definitions(floor=True))
    found = []
    if setting.growth != 0:
        grown = (setting.growth / setting.multiplier) ** 2 * setting.target_norm2 / 2
        found.append(law_term("shrinkage", "shrinkage", sp.factor(grown)))
    if setting.floor != 0:
        first = M**a * setting.floor - setting.multiplier * c
        for past in (True, False):
            pieces = [piece for piece in settled(plain, multiplier, floor=past) if piece.has(e) and not piece.has(sp.zeta)]
            lowest = pieces if past else [max(pieces, key=lambda piece: -sp.degree(piece, e))]
            value = setting.valued(joined(lowest))
            name = "shrinkage, floor" + ("" if past else " below the last direction")
            found.append(law_term(name, "shrinkage", value, (first if past else -first,)))
    return found


def mean_terms(setting: LawSetting, regime: Regime) -> Iterator[LawTerm]:
    """Bias and cross term."""
    assert sharp.upper_terms is not None
    for name in ("bias", "cross"):
        if name == "cross" and setting.growth == 0 and (setting.floor == 0 or regime.name == "learning"):
            continue
        for value, when in regime.sums(sharp.upper_terms[name]):
            if value != 0:
                yield law_term(f"{name}, {regime.name}", "data", setting.valued(value), (*regime.when, *when))


def parts_of(level: NoiseLevel, setting: LawSetting) -> list[Part]:
    """The noise level with its sources split."""
    first = level.omega.xreplace({s.target_norm2: setting.target_norm2})
    found = []
    for sources, constant, followed in level.parts:
        pieces = list(split(sources.xreplace({OMEGA: sp.S.Zero}), setting))
        if first != 0 and sources.has(OMEGA):
            pieces.append(("variance, first directions", None, sp.diff(sources, OMEGA) * first))
        found.append((pieces, constant, followed))
    return found


def source_values(source: sp.Symbol | None, setting: LawSetting) -> list[tuple[sp.Expr, tuple[sp.Expr, ...], str]]:
    """What a source of noise is on the power law, where, and what tells its pieces apart."""
    if source is None:
        return [(sp.S.One, (), "")]
    if source == s.noise_variance:
        return [(sp.sympify(s.sigma**2), (), "")]
    if source == s.model_error:
        suffixes = ("", ", saturated")
        return [(*piece, suffix) for piece, suffix in zip(model_error(source=setting.source), suffixes, strict=False)]
    if source == s.target_norm2:
        return [(setting.target_norm2, (), "")]
    if source == s.trace:
        return [(setting.multiplier * c * sp.zeta(a), (), ""), (M * setting.floor, (), " of the floor")]
    return excess_of_floor(setting)


def excess_of_floor(setting: LawSetting) -> list[tuple[sp.Expr, tuple[sp.Expr, ...], str]]:
    """sigma_q^2 - sigma_M^2 less the share of the growth: sum lam e/(g mu) E w*^2, on either side of the last direction."""
    if setting.floor == 0:
        return []
    summand = _but_mu(s.lam[i] * e / s.mu[i] * s.target2[i], setting.definitions(floor=True))
    first = M**a * setting.floor - setting.multiplier * c
    past, above = (setting.valued(settled(summand, setting.scale, floor=floor)[0] / setting.scale) for floor in (True, False))
    return [(past, (first,), ""), (above, (-first,), " below the last direction")]


def variance_terms(setting: LawSetting, regime: Regime, level: Sequence[Part]) -> Iterator[LawTerm]:
    """The variance, split by what drives it: label noise, model error, the floor, and the target and rounding slot by slot."""
    weights = [regime.sums(total(weight)) for weight in (s.dt[i], s.dp[i])]
    for pieces, constant, followed in level:
        for label, source, coefficient in pieces:
            for value, where, suffix in source_values(source, setting):
                if value == 0 or any(-condition in regime.when for condition in where):
                    continue
                for (dt, when), (dp, _) in zip(*weights, strict=True):
                    gain = _gain(dt, dp, constant, followed)
                    whole = setting.valued(coefficient * value * gain / (2 * N))
                    if whole != 0:
                        yield law_term(f"{label}{suffix}, {regime.name}", "data", whole, (*regime.when, *when, *where))


def _gain(dt: sp.Expr, dp: sp.Expr, constant: sp.Expr, followed: sp.Expr) -> sp.Expr:
    """constant dt + followed dp with the powers of dt in front."""
    if followed == 0:
        return dt * constant
    return dt * (constant + followed * _ratio(dp, dt))


@lru_cache(maxsize=64)
def _ratio(above: sp.Expr, below: sp.Expr) -> sp.Expr:
    """A quotient of products whose gamma functions have arguments a whole number apart."""
    plain = spread(above / below).replace(sp.gamma, lambda argument: shifted_gamma(sp.expand(argument)))
    powers: dict[sp.Expr, sp.Expr] = {}
    for factor in sp.Mul.make_args(plain):
        base, power = factor.as_base_exp()
        powers[base] = powers.get(base, sp.S.Zero) + power
    return sp.factor(sp.Mul(*(base ** sp.cancel(power) for base, power in powers.items())))


def split(expression: sp.Expr, setting: LawSetting) -> Iterator[tuple[str, sp.Symbol | None, sp.Expr]]:
    """An expression linear in the sources as (name, source, coefficient); target and rounding are told apart by slot.

    Slot by slot means telescoping: with one more slot quantized at a time, in the order of the slots, so that every part
    has its slot's eps as a factor.
    """
    rest = expression.xreplace(dict.fromkeys(SOURCES, sp.S.Zero))
    for source in (*SOURCES, None):
        coefficient = rest if source is None else sp.diff(expression, source)
        shared = sp.expand(coefficient).coeff(s.B, 0)
        single = sp.expand(sp.expand(coefficient - shared) * s.B).xreplace({s.B: 1 / _SHARE})
        for suffix, part, batch in (("", single, 1 / s.B), (", shared by the batch", shared, sp.S.One)):
            if part == 0:
                continue
            if source in _NAMES:
                yield _NAMES[source] + suffix, source, sp.factor_terms(part).xreplace({_SHARE: 1 / s.B}) * batch
                continue
            rising = {s.trace: ", trace", s.target_norm2: ""}.get(source, ", rounding")
            for slot, value in telescoped(part, setting):
                if value != 0:
                    yield f"variance, {slot}{rising}{suffix}", source, value.xreplace({_SHARE: 1 / s.B}) * batch


def telescoped(expression: sp.Expr, setting: LawSetting) -> Iterator[tuple[str, sp.Expr]]:
    """The expression as one part per slot, each with its eps as a factor."""
    updates = [slot for slot in setting.slots if slot not in FEATURES]
    absent = {s.EPS[slot]: sp.S.Zero for slot in updates}
    before = expression.xreplace(absent)
    yield from _by_feature(before, setting)
    for slot in updates:
        del absent[s.EPS[slot]]
        now = expression.xreplace(absent)
        yield slot, s.EPS[slot] * setting.valued(sp.factor_terms(sp.expand((now - before) / s.EPS[slot])))
        before = now


def _by_feature(expression: sp.Expr, setting: LawSetting) -> Iterator[tuple[str, sp.Expr]]:
    """An expression in the moments of the feature scale, which are products over the slots, slot by slot."""
    moments = (s.m2, s.m3, s.m4)
    scale = expression.xreplace({s.eps_bar_1: s.m2 - 1}) if setting.moments[s.m2] != 1 else expression
    if not scale.has(*moments):
        growth = setting.growth
        share = sp.factor(expression.xreplace({s.eps_bar_1: growth})) if expression.has(s.eps_bar_1) else sp.S.Zero
        yield "data", share
        return
    found: dict[sp.Expr, sp.Expr] = dict.fromkeys(moments, sp.S.One)
    for slot in (slot for slot in FEATURES if slot in setting.slots):
        own = scale_moments({slot: "two-point"})
        risen = scale.xreplace({moment: moment * own[moment] for moment in moments})
        yield slot, sp.factor(risen - scale).xreplace(found)
        found = {moment: found[moment] * own[moment] for moment in moments}


def storage_terms(setting: LawSetting, regime: Regime) -> Iterator[LawTerm]:
    """The storage's own term: it grows like N^(1/a) while learning."""
    if "storage" not in setting.slots:
        return
    for value, when in regime.sums(PIECES[s.store]):
        yield law_term(f"storage, {regime.name}", "data", setting.valued(value), (*regime.when, *when))
