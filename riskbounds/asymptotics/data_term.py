"""The terms of a law but the model term, from the sharp pair's sums: while learning, and once every direction is learned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.expansion import Expansion
from riskbounds.asymptotics.law_forms import Named, product, spread_powers, upright
from riskbounds.asymptotics.law_setting import LawSetting
from riskbounds.asymptotics.law_sums import Piece, all_learned, growing, leading, settled, shifted_gamma
from riskbounds.asymptotics.law_terms import LawTerm, law_term
from riskbounds.asymptotics.noise_level import NoiseLevel
from riskbounds.asymptotics.noise_sources import NoisePiece, closed_but_mu, last_direction
from riskbounds.asymptotics.unfolding import unfolded
from riskbounds.model import total
from riskbounds.theorems.sharp_pair import PIECES, sharp

i, a, c, M, N = s.i, s.a, s.c, s.M, s.N
Sums = Callable[[sp.Expr], list[Piece]]
LEARNING, PAST_FLOOR = "learning", "learned past the floor"


@dataclass(frozen=True, kw_only=True)
class Regime:
    """Which directions are learned: ``sums`` turns a sum over i into its leading pieces, in force where ``when`` is >= 0."""

    name: str
    sums: Sums
    when: tuple[sp.Expr, ...]


def regimes_of(setting: LawSetting) -> tuple[Regime, ...]:
    """Learning; all learned past the floor (N step e > 1); all learned above it (N step c > M^a)."""
    room = M**a - s.learned_time

    def learning(expression: sp.Expr) -> list[Piece]:
        outer, summand = single_sum(expression)
        return [(outer * piece, when) for piece, when in leading(growth_of(summand, setting))]

    def learned(*, floor: bool) -> Sums:
        def sums(expression: sp.Expr) -> list[Piece]:
            outer, summand = single_sum(expression)
            plain = all_learned(closed_but_mu(_in_pieces(summand), setting))
            return [(outer * value, when) for value, when in joined(settled(plain, setting.g, floor=floor))]

        return sums

    if setting.e == 0:
        return (
            Regime(name=LEARNING, sums=learning, when=(room,)),
            Regime(name="learned", sums=learned(floor=False), when=(-room,)),
        )
    first = last_direction(setting)
    return (
        Regime(name=LEARNING, sums=learning, when=(room, 1 - N * s.step * setting.e)),
        Regime(name=PAST_FLOOR, sums=learned(floor=True), when=(N * s.step * setting.e - 1, first)),
        Regime(name="learned above the floor", sums=learned(floor=False), when=(-room, -first)),
    )


def growth_of(summand: sp.Expr, setting: LawSetting) -> Expansion:
    """The expansion of a theorem's summand without floor."""
    return growing(unfolded(summand, {**PIECES, **setting.definitions(floor=False)}), setting.contraction)


def single_sum(expression: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """A multiple of one sum as factor and summand."""
    (node,) = expression.atoms(sp.Sum)
    return expression.xreplace({node: sp.S.One}), node.function


def _in_pieces(summand: sp.Expr) -> sp.Expr:
    """dt and dp by their definitions."""
    return summand.xreplace({node: PIECES[node.base] for node in summand.atoms(sp.Indexed) if node.base in PIECES})


def joined(pieces: list[Piece]) -> list[Piece]:
    """Pieces in force together with the same power of the floor, which have the same powers throughout, as one product each."""
    groups: dict[tuple[int, tuple[sp.Expr, ...]], list[sp.Expr]] = {}
    for value, when in pieces:
        groups.setdefault((floor_power(value), when), []).append(value)
    ordered = sorted(groups.items(), key=lambda group: group[0][0])
    return [(values[0] * sp.factor(sp.Add(*(_ratio(each, values[0]) for each in values))), when) for (_, when), values in ordered]


def floor_power(value: sp.Expr) -> int:
    """The power of the floor in a product."""
    return int(sp.degree(value, s.floor))


def _ratio(above: sp.Expr, below: sp.Expr) -> sp.Expr:
    """A quotient of products whose gamma functions have arguments a whole number apart."""
    plain = product(spread_powers(above / below)).replace(sp.gamma, lambda argument: shifted_gamma(sp.expand(argument)))
    return sp.factor(product(spread_powers(plain)))


def dimension_rate(setting: LawSetting) -> sp.Expr:
    """D: sum_i dt_i ~ D X^(1/a)/g while directions are being learned."""
    ((value, _),) = leading(growth_of(s.dt[i], setting))
    return upright(value * setting.g / s.learned_time ** (1 / a))


@dataclass(frozen=True, kw_only=True)
class Weights:
    """sum dt of one regime and the ratio of sum dp to it, which weigh V and U (:mod:`noise_level`)."""

    dt: sp.Expr
    ratio: sp.Expr
    learning: bool

    def of_V(self, level: NoiseLevel) -> sp.Expr:
        """What multiplies V/(2N)."""
        return self.dt * sp.expand(level.gain + level.follow * self.ratio) / level.room(learning=self.learning)

    def of_U(self, level: NoiseLevel) -> sp.Expr:
        """What multiplies U/(2N); 0 where U does not act."""
        if not level.passes_on(learning=self.learning):
            return sp.S.Zero
        return self.dt * self.ratio * s.feedback / level.room(learning=self.learning)


def weights_of(regime: Regime, setting: LawSetting) -> Weights:
    """The sums of dt and dp in a regime."""
    (dt, _), (dp, _) = (regime.sums(total(weight))[0] for weight in (s.dt[i], s.dp[i]))
    rate = s.dimension_rate * s.learned_time ** (1 / a) / setting.g
    learning = regime.name == LEARNING
    return Weights(dt=rate if learning else dt, ratio=_ratio(dp, dt), learning=learning)


def data_terms(
    setting: LawSetting, weights: Mapping[str, Named], pieces: Mapping[sp.Symbol, Sequence[NoisePiece]], named: Named
) -> Iterator[LawTerm]:
    """Bias, cross term, variance by source, and the storage's own term, regime by regime."""
    for regime in regimes_of(setting):
        variance = _variance(regime, weights[regime.name], pieces)
        for name, value, when in (*mean_terms(setting, regime), *variance, *_storage(setting, regime)):
            yield law_term(name, "data", value, named, when=(*regime.when, *when), regime=regime.name)


Found = Iterator[tuple[str, sp.Expr, tuple[sp.Expr, ...]]]


def mean_terms(setting: LawSetting, regime: Regime) -> Found:
    """Bias and cross term: name, short form, and conditions of their own."""
    assert sharp.upper_terms is not None
    for name in ("bias", "cross"):
        if name == "cross" and setting.g == 1 and (setting.e == 0 or regime.name == LEARNING):
            continue
        found = [(value, when) for value, when in regime.sums(sharp.upper_terms[name]) if value != 0]
        first = min(floor_power(value) for value, _ in found)
        for value, when in found:
            yield name + (", next power of the floor" if floor_power(value) > first else ""), value, when


def _variance(regime: Regime, weights: Named, pieces: Mapping[sp.Symbol, Sequence[NoisePiece]]) -> Found:
    for symbol, weight in weights.items():
        for piece in pieces[symbol]:
            if not any(-condition in regime.when for condition in piece.when):
                yield f"variance, {piece.name}", piece.size * weight, piece.when


def variance_weights(setting: LawSetting, level: NoiseLevel) -> dict[str, Named]:
    """What multiplies V and U in the variance of each regime."""
    return {regime.name: _weights(regime, setting, level) for regime in regimes_of(setting)}


def _weights(regime: Regime, setting: LawSetting, level: NoiseLevel) -> Named:
    weights = weights_of(regime, setting)
    found = {s.gradient_noise: weights.of_V(level) / (2 * N), s.shared_noise: weights.of_U(level) / (2 * N)}
    return {symbol: weight for symbol, weight in found.items() if weight != 0}


def _storage(setting: LawSetting, regime: Regime) -> Found:
    if "storage" in setting.slots:
        for value, when in regime.sums(PIECES[s.store]):
            yield "storage", value, when


def shrinkage_terms(setting: LawSetting, named: Named) -> Iterator[LawTerm]:
    """What remains at N -> infinity beside Approx: growth, and the floor on either side of R = M.

    While directions are being learned the unlearned ones hold the floor's shrinkage as bias, so it is no term there.
    """
    if setting.g != 1:
        yield law_term("shrinkage", "shrinkage", ((setting.g - 1) / setting.g) ** 2 * setting.target_norm2 / 2, named)
    if setting.e == 0:
        return
    summand = closed_but_mu(s.lam[i] * (s.feature_error[i] / s.mu[i]) ** 2 * s.target2[i] / 2, setting)
    _, *learned = regimes_of(setting)
    for regime, past, name in zip(learned, (True, False), ("", " below the last direction"), strict=True):
        pieces = joined([(value, own) for value, own in settled(summand, setting.g, floor=past) if own or not value.has(sp.zeta)])
        least = min(floor_power(value) for value, _ in pieces)
        for value, own in pieces:
            power = ", next power" if floor_power(value) > least else ""
            saturated = ", saturated" if value.has(sp.zeta) else ""
            yield law_term(f"shrinkage, floor{name}{power}{saturated}", "shrinkage", value, named, when=(*regime.when, *own))
