r"""Scaling laws derived from the sharp pair and from the exact risk's stationary noise (theory section 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NoReturn, get_args

import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.data_term import (
    Part,
    Regime,
    mean_terms,
    parts_of,
    regimes_of,
    shrinkage_terms,
    storage_terms,
    variance_terms,
)
from riskbounds.asymptotics.law_remainder import past_floor, remainder
from riskbounds.asymptotics.law_setting import SCHEMES, LawSetting, law_setting
from riskbounds.asymptotics.law_terms import LAW_SYMBOLS, LawTerm, law_term, text
from riskbounds.asymptotics.law_values import evaluated
from riskbounds.asymptotics.model_term import CITED, effective_model_size, model_error, with_shrinkage
from riskbounds.asymptotics.noise_level import noise_level
from riskbounds.display import Table, Tabulated
from riskbounds.errors import ProblemError, UnsupportedError
from riskbounds.theorems.theorem import latex

if TYPE_CHECKING:
    from riskbounds.evaluation.values import Estimate

LawSide = Literal["upper", "lower", "exact"]
#: Characters of TeX that a coefficient in a table may have.
LONGEST = 120
_SIGN = {"upper": r"\lesssim", "lower": r"\gtrsim", "exact": r"\sim"}


@dataclass(frozen=True, kw_only=True)
class Law(Tabulated):
    """R - sigma^2/2 as a sum of ``terms`` (those in force), up to ``remainder``: asymptotic, hence no bound and no value.

    M_eff is the effective model size.  N_eff is the number of full-precision steps with the same data term while directions
    are being learned, N F^(-a/(a-1)); N_eff_past_floor the same equation where N step e > 1.  ``remainder`` is absolute and
    of the learning regime; ``remainder_past_floor`` is relative to the data term past the floor.
    """

    scheme: str
    side: LawSide
    symbols: tuple[sp.Symbol, ...]
    terms: tuple[LawTerm, ...]
    M_eff: sp.Expr
    N_eff: sp.Expr
    data_factor: sp.Expr
    assumptions: tuple[str, ...]
    remainder: sp.Expr
    M_eff_with_shrinkage: sp.Expr
    N_eff_past_floor: sp.Expr | None
    floor: sp.Expr
    remainder_past_floor: sp.Expr | None
    source: bool

    def to_dict(self) -> dict[str, object]:
        """The contract's JSON; every expression is a string that sympify reads with positive symbols of these names."""
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
            "target": "source" if self.source else "isotropic",
            "F": text(self.data_factor),
            "floor": text(self.floor),
            "M_eff_with_shrinkage": text(self.M_eff_with_shrinkage),
            "N_eff_past_floor": None if past is None else text(past),
            "remainder_past_floor": None if rough is None else text(rough),
        }

    def at(self, values: Mapping[str, float]) -> Estimate:
        """The sum of the terms in force, by the names of their symbols; levels default to 0, p to M.

        Raises
        ------
        ProblemError: a symbol without a value, or one that no law has.
        """
        from riskbounds.evaluation.values import Estimate

        return Estimate(
            value=evaluated(self.terms, values), rigor="float64, leading terms", source=f"law {self.scheme}, {self.side}"
        )

    def to_latex(self) -> str:
        """The law as a LaTeX fragment (amsmath): one line per term, its condition beside it."""
        lines = [rf"R(\bar v_N) - \tfrac{{\sigma^2}}{{2}} &{_SIGN[self.side]} \\"]
        for term in self.terms:
            where = r",\ ".join(rf"{latex(condition)} \ge 0" for condition in term.when)
            lines.append(rf"&+ {latex(term.expression)}" + (rf" && ({where})" if where else "") + r" \\")
        lines.append(rf"M_{{\mathrm{{eff}}}} &= {latex(self.M_eff)} \\")
        lines.append(rf"N_{{\mathrm{{eff}}}} &= {latex(self.N_eff)}")
        return "\n".join([r"\begin{align*}", *lines, r"\end{align*}"])

    def table(self) -> Table:
        """One line per term: its monomial, its coefficient where that fits on a page, and where it is in force."""
        rows = []
        for term in self.terms:
            coefficient = latex(term.coefficient)
            where = ", ".join(rf"${latex(condition)} \ge 0$" for condition in term.when) or "everywhere"
            shown = f"${coefficient}$" if len(coefficient) <= LONGEST else "long: riskbounds law"
            rows.append([term.name, f"${term.monomial_tex}$", shown, where])
        caption = f"Law of the {self.scheme} scheme, {self.side}: asymptotic, neither a bound nor a value."
        return Table(caption=caption, columns=["Term", "Monomial", "Coefficient", "In force where"], rows=rows, left=4)

    def _repr_latex_(self) -> str:
        """The law for notebooks."""
        return self.to_latex()

    def _refuse(self, *_: object) -> NoReturn:
        raise UnsupportedError("a law is asymptotic, neither a bound nor a value: use bound() or exact_risk() for numbers")

    __float__ = __lt__ = __le__ = __gt__ = __ge__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _refuse


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
    plain = setting if not setting.slots else law_setting("full-precision", source=source)
    level = noise_level(setting, side)
    terms = _terms(setting, side)
    reference = terms if plain is setting else _terms(plain, side)
    factor = data_factor(terms, reference, source=source)
    rate = (s.b - 1) / s.a if source else (s.a - 1) / s.a
    past = data_factor(terms, reference, source=source, past=True) if setting.floor != 0 else None
    return Law(
        scheme=scheme,
        side=side,
        symbols=LAW_SYMBOLS,
        terms=tuple(terms),
        M_eff=effective_model_size(setting),
        N_eff=_power(factor, sp.cancel(-1 / rate)),
        data_factor=factor,
        assumptions=_assumptions(setting, side),
        remainder=remainder(setting, level),
        M_eff_with_shrinkage=with_shrinkage(setting),
        N_eff_past_floor=None if past is None else _power(past, sp.cancel(-1 / rate)),
        floor=setting.floor,
        remainder_past_floor=None if setting.floor == 0 else past_floor(setting),
        source=source,
    )


def _power(factor: sp.Expr, power: sp.Expr) -> sp.Expr:
    """N factor^power; unevaluated, since SymPy would look for the imaginary part of the factor, for seconds."""
    if factor == 1:
        return s.N
    return sp.Mul(s.N, sp.Pow(factor, power, evaluate=False), evaluate=False)


def _terms(setting: LawSetting, side: LawSide) -> list[LawTerm]:
    level = parts_of(noise_level(setting, side), setting)
    names = ("model", "model, saturated")
    found = [
        law_term(name, "model", value, when)
        for name, (value, when) in zip(names, model_error(source=setting.source), strict=False)
    ]
    found += shrinkage_terms(setting)
    for regime in regimes_of(setting):
        found += _in(regime, setting, level)
    return found


def _in(regime: Regime, setting: LawSetting, level: Sequence[Part]) -> list[LawTerm]:
    parts = mean_terms(setting, regime), variance_terms(setting, regime, level), storage_terms(setting, regime)
    return [term for part in parts for term in part]


def data_factor(terms: list[LawTerm], reference: list[LawTerm], *, source: bool, past: bool = False) -> sp.Expr:
    """F: the data term with quantization over the one in full precision, sigma^2 standing for sigma_M^2, storage apart.

    With a source, b < a: the bias leads, and F is the ratio of bias and cross terms.
    """
    name = "learned past the floor" if past else "learning"

    def total(found: list[LawTerm], regime: str) -> sp.Expr:
        kept = [
            term
            for term in found
            if term.name.endswith(f", {regime}") and not term.name.startswith(("storage", "variance, model"))
            and "below the last" not in term.name and not (source and not past and term.name.startswith("variance"))
        ]  # fmt: skip
        common = {s.N: (1 - s.b if source else 1 - s.a) / s.a, s.step: (1 - s.b if source else 1 - s.a) / s.a}
        return sp.Add(*(_divided(term, common) for term in kept if _unsaturated(term)))

    return sp.S.One if terms is reference else total(terms, name) / total(reference, "learning")


def _unsaturated(term: LawTerm) -> bool:
    return all(condition.subs({s.a: 2, s.b: sp.Rational(3, 2)}) != 0 and
               not (condition.free_symbols <= {s.a, s.b} and condition.subs({s.a: 2, s.b: sp.Rational(3, 2)}) < 0)
               for condition in term.when)  # fmt: skip


def _divided(term: LawTerm, common: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    rest = sp.Mul(*(symbol**-power for symbol, power in common.items()))
    return term.coefficient * sp.Mul(*(symbol**power for symbol, power in term.exponents.items())) * rest


def _assumptions(setting: LawSetting, side: LawSide) -> tuple[str, ...]:
    target = "E lam_i w*_i^2 = i^(-b), b > 1" if setting.source else "E w*_i^2 = 1"
    found = [
        f"lam_i = c i^(-a), a > 1, dimension p -> infinity; {target}; Gaussian data, risk on clean inputs",
        "learning: X = step N c (1+growth) -> infinity with X^(1/a) << M; there the unlearned directions already hold the model "
        "term and the floor's shrinkage, which take over once all directions are learned",
        CITED + "; without a sketch M = p and the model term is absent",
        "step c (1+growth) <= 1; the noise feedback (its 1 - feedback is a denominator of the coefficients) is below 1, "
        "expanded to second order in the step size",
    ]
    if setting.slots:
        found.append(
            "quantized slots: " + ", ".join(setting.slots) + "; unbiased, one scale per sample, two-point scales, eps <= 1"
        )
    if side == "exact" and setting.scheme == "elementwise":
        found.append("noise constants of an additive error with the same floor: the fourth moments differ by O(1/M)")
    if setting.growth != 0:
        found.append("M_eff leaves out the shrinkage of the growth, a term of its own; M_eff_with_shrinkage counts it")
    if setting.scheme == "elementwise":
        found.append("behind a sketch: diag(S H S^T) is flat, tr H/M; without one the multiplicative law holds. "
                     "The parameter slot is exact: elementwise, its constant tau depends on S")  # fmt: skip
    if "storage" in setting.slots:
        found.append("F and N_eff leave out the storage term, which grows like N^(1/a)")
    found.append("F and N_eff: sigma^2 stands for sigma_M^2" + ("; b < a, where the bias leads" if setting.source else ""))
    return tuple(found)


__all__ = ["SCHEMES", "Law", "LawSide", "LawTerm", "law"]
