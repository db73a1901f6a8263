r"""Scaling laws derived from the sharp pair and from the exact recursion (theory section 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal, NoReturn, get_args

import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.data_term import LEARNING, data_terms, dimension_rate, shrinkage_terms, variance_weights
from riskbounds.asymptotics.effective_data import data_exponent, data_factor, full_noise
from riskbounds.asymptotics.law_forms import Named, spelled
from riskbounds.asymptotics.law_remainder import PAST_FLOOR, Remainder, law_remainder, unlearned
from riskbounds.asymptotics.law_setting import SCHEMES, LawSetting, law_setting
from riskbounds.asymptotics.law_terms import LAW_SYMBOLS, LawTerm, law_term, text
from riskbounds.asymptotics.law_values import evaluated, in_force, number
from riskbounds.asymptotics.model_term import CITED, effective_model_size, model_error, size_remainder, with_shrinkage
from riskbounds.asymptotics.noise_level import NoiseLevel, noise_level
from riskbounds.asymptotics.noise_sources import NoisePiece, noise_pieces
from riskbounds.display import Table, Tabulated
from riskbounds.errors import ProblemError, UnsupportedError
from riskbounds.theorems.theorem import latex

if TYPE_CHECKING:
    from riskbounds.evaluation.values import Estimate

LawSide = Literal["upper", "lower", "exact"]


@dataclass(frozen=True, kw_only=True)
class Law(Tabulated):
    """R - sigma^2/2 as a sum of ``terms`` (those in force), up to ``remainder``: asymptotic, hence no bound and no value.

    Short forms are written in the factors of ``definitions``; M_eff, N_eff, F, floor and the remainders spell them out in
    ``symbols``.  ``noise`` holds the pieces of V and U, which drive every variance, and ``weights`` what multiplies V and U
    in each regime.  N_eff is the number of full-precision
    steps with the same data term while directions are being learned, N F^(-a/(a-1)); N_eff_past_floor solves the same equation
    where N step e > 1.  ``remainder`` is absolute and of the learning regime; ``remainder_past_floor`` is relative to the
    data term past the floor.
    """

    scheme: str
    side: LawSide
    source: bool
    terms: tuple[LawTerm, ...]
    definitions: Named
    noise: Mapping[sp.Symbol, tuple[NoisePiece, ...]]
    weights: Mapping[str, Mapping[sp.Symbol, sp.Expr]]
    short_M_eff: sp.Expr
    short_M_eff_with_shrinkage: sp.Expr
    short_M_eff_remainder: sp.Expr | None
    short_F: sp.Expr
    short_F_past_floor: sp.Expr | None
    short_remainder: Remainder
    short_remainder_past_floor: sp.Expr | None
    short_unlearned: sp.Expr
    assumptions: tuple[str, ...]
    symbols: tuple[sp.Symbol, ...] = LAW_SYMBOLS

    def spelled(self, short: sp.Expr) -> sp.Expr:
        """A short form in the symbols of the law alone."""
        return spelled(short, self.definitions)

    @cached_property
    def M_eff(self) -> sp.Expr:
        """The effective model size."""
        return self.spelled(self.short_M_eff)

    @cached_property
    def M_eff_with_shrinkage(self) -> sp.Expr:
        """The effective model size with the growth's shrinkage counted, as an instance's model_size does."""
        return self.spelled(self.short_M_eff_with_shrinkage)

    @cached_property
    def M_eff_remainder(self) -> sp.Expr | None:
        """The relative size of the error of M_eff as an instance's model_size; measured, not proved; None with a source."""
        return None if self.short_M_eff_remainder is None else self.spelled(self.short_M_eff_remainder)

    @cached_property
    def F(self) -> sp.Expr:
        """The data term with quantization over the one without, while directions are being learned."""
        return self.spelled(self.short_F)

    @cached_property
    def N_eff(self) -> sp.Expr:
        """N F^(-1/rate), rate = (a-1)/a or (b-1)/a."""
        return self._data_size(self.F)

    @cached_property
    def N_eff_past_floor(self) -> sp.Expr | None:
        """The same where N step e > 1; None without a floor."""
        return None if self.short_F_past_floor is None else self._data_size(self.spelled(self.short_F_past_floor))

    @cached_property
    def floor(self) -> sp.Expr:
        """e of Sigma = g Lam + e I."""
        return self.definitions.get(s.floor, sp.S.Zero)

    @cached_property
    def remainder(self) -> sp.Expr:
        """The size that the error has while directions are being learned; measured, not proved."""
        return self.spelled(self.short_remainder.moving + self.short_remainder.still)

    @cached_property
    def moving_remainder(self) -> sp.Expr:
        """The part of the remainder that stays in differences risk(N) - risk(2N)."""
        return self.spelled(self.short_remainder.moving)

    @cached_property
    def N_eff_remainder(self) -> sp.Expr:
        """The relative size of the error of N_eff as an instance's data_size, while directions are being learned.

        The remainders of both data terms, with and without quantization, over rate times the data term.
        """
        plain = law("full-precision", self.side, source=self.source)
        same = plain.moving_remainder.xreplace({s.N: self.N_eff})
        whole = self.moving_remainder + same + self.spelled(self.short_unlearned)
        left_out = ("storage", "variance, model error")
        learning = [term for term in self.terms if term.regime == LEARNING and not term.name.startswith(left_out)]
        data = (term.expression for term in learning if not ("below" in term.name or _saturated(term)))
        return whole / (self.rate * sp.Add(*data))

    @cached_property
    def remainder_past_floor(self) -> sp.Expr | None:
        """The relative size of the error of the data term past the floor; None without one."""
        return None if self.short_remainder_past_floor is None else self.spelled(self.short_remainder_past_floor)

    @property
    def beyond(self) -> sp.Expr:
        """The target's energy beyond M directions, 1/2 integral_M^oo of c i^(-a) or i^(-b): in the bias and in the model term."""
        scale, decay = (sp.S.One, s.b) if self.source else (s.c, s.a)
        return scale * s.M ** (1 - decay) / (2 * (decay - 1))

    @property
    def rate(self) -> sp.Expr:
        """The data term falls like N^(-rate)."""
        return data_exponent(source=self.source)

    def _data_size(self, factor: sp.Expr) -> sp.Expr:
        """N factor^(-1/rate); unevaluated, since SymPy would look for the imaginary part of the factor, for seconds."""
        if factor == 1:
            return s.N
        return sp.Mul(s.N, sp.Pow(factor, sp.cancel(-1 / self.rate), evaluate=False), evaluate=False)

    def to_dict(self) -> dict[str, object]:
        """The contract's JSON; expressions are strings that sympify reads with positive symbols of these names.

        Those under "definitions", "noise" and "short" also use the names defined there.
        """
        past, rough = self.N_eff_past_floor, self.remainder_past_floor
        return {
            "schema": 1,
            "scheme": self.scheme,
            "side": self.side,
            "symbols": [text(symbol) for symbol in self.symbols],
            "terms": [term.to_dict() for term in self.terms],
            "M_eff": text(self.M_eff),
            "N_eff": text(self.N_eff),
            "assumptions": list(self.assumptions),
            "remainder": text(self.remainder),
            "rigor": "law",
            "target": "source" if self.source else "isotropic",
            "F": text(self.F),
            "floor": text(self.floor),
            "M_eff_with_shrinkage": text(self.M_eff_with_shrinkage),
            "M_eff_remainder": None if self.M_eff_remainder is None else text(self.M_eff_remainder),
            "N_eff_past_floor": None if past is None else text(past),
            "remainder_past_floor": None if rough is None else text(rough),
            "definitions": {text(symbol): text(value) for symbol, value in self.definitions.items()},
        }

    def at(self, values: Mapping[str, float]) -> Estimate:
        """The sum of the terms in force, by the names of their symbols; levels default to 0, p to M.

        While directions are being learned the bias sums over i > M too, whose energy the model term holds: it counts once.

        Raises
        ------
        ProblemError: a symbol without a value, or one that no law has.
        """
        from riskbounds.evaluation.values import Estimate

        learning = any(term.regime == LEARNING and in_force(term, values) for term in self.terms)
        value = evaluated(self.terms, values) - (number(self.beyond, values) if learning else 0.0)
        return Estimate(value=value, rigor="float64, leading terms", source=f"law {self.scheme}, {self.side}")

    def table(self) -> Table:
        """One line per term: its value in the factors that :meth:`to_dict` defines, its order, and where it is in force."""
        rows = []
        for term in self.terms:
            where = ", ".join(rf"${latex(condition)} \ge 0$" for condition in term.short_when) or "everywhere"
            rows.append([term.name, f"${latex(term.short)}$", f"${term.monomial_tex}$", where])
        caption = f"Law of the {self.scheme} scheme, {self.side}: asymptotic, neither a bound nor a value."
        return Table(caption=caption, columns=["Term", "Value", "Order", "In force where"], rows=rows, left=4)

    def _repr_latex_(self) -> str:
        """The law for notebooks."""
        from riskbounds.asymptotics.law_latex import to_latex

        return to_latex(self)

    def _refuse(self, *_: object) -> NoReturn:
        raise UnsupportedError("a law is asymptotic, neither a bound nor a value: use bound() or exact_risk() for numbers")

    __float__ = __lt__ = __le__ = __gt__ = __ge__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _refuse


def _saturated(term: LawTerm) -> bool:
    """Whether a term takes over only where b is large, beyond b = a."""
    return any(each.subs({s.a: 2, s.b: sp.Rational(3, 2)}) < 0 for each in term.when if each.free_symbols <= {s.a, s.b})


def law(scheme: str, side: LawSide = "upper", *, slots: tuple[str, ...] | None = None, source: bool = False) -> Law:
    """The law of a scheme: full-precision, multiplicative, additive or elementwise (behind a sketch).

    Parameters
    ----------
    side: "upper" or "lower" of the sharp pair, or "exact": the exact mean part with the noise at stationarity.
    slots: the quantized slots; by default all that the scheme covers.  One feature slot alone makes the floor a monomial.
    source: E lam_i w*_i^2 = i^(-b) instead of E w*_i^2 = 1.

    Raises
    ------
    ProblemError: an unknown scheme, side or slot.
    """
    if side not in get_args(LawSide):
        raise ProblemError(f"unknown side {side!r}; one of: {', '.join(get_args(LawSide))}")
    return _law(scheme, side, None if slots is None else tuple(slots), source)


@lru_cache(maxsize=64)
def _law(scheme: str, side: LawSide, slots: tuple[str, ...] | None, source: bool) -> Law:
    setting = law_setting(scheme, slots, source=source)
    plain = law_setting("full-precision", source=source)
    level, bare = noise_level(setting, side), noise_level(plain, side)
    pieces = {symbol: tuple(noise_pieces(value, setting)) for symbol, value in _noise(level).items() if value != 0}
    rates = {**setting.named, s.dimension_rate: dimension_rate(plain)}
    first = {**rates, **level.named, s.full_noise: full_noise(plain, bare, {**plain.named, **bare.named})}
    named = {**first, **{symbol: _total(found, but=s.model_error) for symbol, found in pieces.items()}}
    whole = {symbol: _total(found) for symbol, found in pieces.items()}
    weights, floored = variance_weights(setting, level), setting.e != 0
    return Law(
        scheme=scheme,
        side=side,
        source=source,
        terms=(*_model_terms(setting, named), *shrinkage_terms(setting, named), *data_terms(setting, weights, pieces, named)),
        definitions=named,
        noise=pieces,
        weights=weights,
        short_M_eff=effective_model_size(setting),
        short_M_eff_with_shrinkage=with_shrinkage(setting),
        short_M_eff_remainder=size_remainder(setting),
        short_F=data_factor(setting, level, plain) if setting.slots else sp.S.One,
        short_F_past_floor=data_factor(setting, level, plain, past=True) if floored else None,
        short_remainder=law_remainder(
            setting, level, whole[s.gradient_noise], whole.get(s.shared_noise, sp.S.Zero)
        ),
        short_remainder_past_floor=PAST_FLOOR if floored else None,
        short_unlearned=unlearned(setting),
        assumptions=_assumptions(setting, side),
    )  # fmt: skip


def _noise(level: NoiseLevel) -> dict[sp.Symbol, sp.Expr]:
    return {s.gradient_noise: level.V, s.shared_noise: level.U}


def _total(pieces: tuple[NoisePiece, ...], but: sp.Symbol | None = None) -> sp.Expr:
    """The sum of pieces that hold together: past the floor's last direction, before a source saturates the sketch."""
    return sp.Add(
        *(
            each.size
            for each in pieces
            if each.source != (but or each) and not each.name.endswith(("last direction", "saturated"))
        )
    )


def _model_terms(setting: LawSetting, named: Named) -> list[LawTerm]:
    names = ("model", "model, saturated")
    found = zip(names, model_error(source=setting.source), strict=False)
    return [law_term(name, "model", value, named, when=when) for name, (value, when) in found]


def _assumptions(setting: LawSetting, side: LawSide) -> tuple[str, ...]:
    target = "E lam_i w*_i^2 = i^(-b), b > 1" if setting.source else "E w*_i^2 = 1"
    found = [
        f"lam_i = c i^(-a), a > 1, dimension p -> infinity; {target}; Gaussian data, risk on clean inputs",
        "learning: X -> infinity with X^(1/a) << M; there the unlearned directions already hold the model term, which takes over "
        "once all directions are learned, and the floor's shrinkage, a term from there on",
        CITED + "; without a sketch M = p and the model term is absent",
        "step g c <= 1 and load < 1; kappa is expanded to second order in the step size",
    ]
    if setting.slots:
        found.append(
            "quantized slots: " + ", ".join(setting.slots) + "; unbiased, one scale per sample, two-point scales, eps <= 1"
        )
    if side == "exact" and (setting.e != 0 or "storage" in setting.slots):
        found.append("directions that are not learned feed no noise back: the floor's share of the load, and what storage adds, "
                     "count once all are learned")  # fmt: skip
    if side == "exact" and setting.scheme == "elementwise":
        found.append("noise constants of an additive error with the same floor: the fourth moments differ by O(1/M)")
    if setting.g != 1:
        found.append("M_eff leaves out the shrinkage of the growth, a term of its own; M_eff_with_shrinkage counts it")
    if setting.scheme == "elementwise":
        found.append("behind a sketch: diag(S H S^T) is flat, tr H/M; without one there is no floor, the exponents are "
                     "those of the multiplicative law and the constants of the noise are others. "
                     "The parameter slot is exact: elementwise, its constant tau depends on S")  # fmt: skip
    if "storage" in setting.slots:
        found.append("F and N_eff leave out the storage term, which grows like N^(1/a)")
    found.append("F and N_eff: V without the model error" + ("; b < a, where the bias leads" if setting.source else ""))
    if setting.source:
        found.append("M_eff: b < a + 1, where the model term does not saturate; no term has the logarithms of b = a + 1, 2a + 1")
    return tuple(found)


__all__ = ["SCHEMES", "Law", "LawSide", "LawTerm", "law"]
