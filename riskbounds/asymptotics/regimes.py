"""Regimes: the sets on which one term of a law is the largest, as linear inequalities in the logarithms.

Term k rules where form_k - form_j >= 0 for every other term j in force: an argmax over finitely many linear forms, so that the
regimes cover the domain by construction.  A term that never rules is left out with the certificate that it does not
(`cones.Certificate`); constants do not matter, as M, N and 1/eps grow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import sympy as sp

from riskbounds.asymptotics.cones import Certificate, Form, Verdict, combine, envelope, examine, fraction
from riskbounds.asymptotics.exponents import DEFAULT, PARAMETERS, Assumptions, exponent, relation_text
from riskbounds.asymptotics.orders import VARIABLES, natural_domain
from riskbounds.asymptotics.pieces import Piece, Term, pieces, text
from riskbounds.display import Table, Tabulated
from riskbounds.errors import ProblemError


@dataclass(frozen=True, kw_only=True)
class Regime:
    """Where one term rules: every form of ``inequalities`` is >= 0; ``law`` is the term, ``form`` its exponents.

    ``empty_where`` lists the conditions on a and b, if any, under which the regime is empty.
    """

    term: str
    law: sp.Expr
    form: Form
    inequalities: tuple[Form, ...]
    empty_where: tuple[tuple[str, ...], ...] = ()

    def contains(self, logs: Mapping[sp.Symbol, Fraction], parameters: Mapping[sp.Symbol, sp.Rational]) -> bool:
        """Return whether a point lies in the regime, exactly."""
        return all(value_at(each, logs, parameters) >= 0 for each in self.inequalities)


@dataclass(frozen=True, kw_only=True)
class Removed:
    """A term that never rules where ``inequalities`` hold, and the certificates: weights of ``others`` and of ``rows``."""

    term: str
    form: Form
    others: tuple[Form, ...]
    rows: tuple[Form, ...]
    certificates: tuple[Certificate, ...]


@dataclass(frozen=True, kw_only=True)
class Regimes(Tabulated):
    """The regimes of a law over a domain (forms >= 0), and the terms that were shown to rule nowhere."""

    title: str
    domain: tuple[Form, ...]
    assumptions: Assumptions
    regimes: tuple[Regime, ...]
    removed: tuple[Removed, ...]

    @property
    def variables(self) -> tuple[sp.Symbol, ...]:
        """The symbols whose logarithms the inequalities are about, in reading order."""
        rows = [*self.domain, *(row for each in self.regimes for row in (each.form, *each.inequalities))]
        found = {symbol for row in rows for symbol, _ in row}
        return tuple(symbol for symbol in VARIABLES if symbol in found)

    def table(self) -> Table:
        """Return one line per regime: the term, its order, and the inequalities (>= 0) under which it is the largest."""
        from riskbounds.asymptotics.regime_tex import tex_form, tex_order

        rows = [
            [
                each.term,
                f"${tex_order(each.form)}$",
                ", ".join(f"${tex_form(row)} \\ge 0$" for row in each.inequalities) or "everywhere",
            ]
            for each in self.regimes
        ]
        caption = f"Regimes of {self.title}: where each term of the law is the largest, constants apart."
        return Table(caption=caption, columns=["Largest term", "Order", "Where"], rows=rows, left=3)

    def to_dict(self) -> dict[str, object]:
        """Return the answer of `riskbounds regimes`; every string is read by sympify with the symbols listed."""
        return {
            "schema": 1,
            "rigor": "law",
            "scheme": self.title,
            "symbols": symbol_names(self),
            "domain": [inequality(row) for row in self.domain],
            "assumptions": [relation_text(each) for each in self.assumptions.conditions()],
            "regimes": [
                {
                    "term": each.term,
                    "inequalities": [inequality(row) for row in each.inequalities],
                    "law": str(each.law),
                    "order": text(each.form),
                    "empty_where": [list(conditions) for conditions in each.empty_where],
                }
                for each in self.regimes
            ],
            "empty": [{"term": each.term, "certificates": _certificates(each)} for each in self.removed],
        }


def regimes(
    terms: Iterable[Term],
    *,
    title: str = "",
    domain: Sequence[Form] | None = None,
    assumptions: Assumptions = DEFAULT,
) -> Regimes:
    """Return where each term of a law is the largest.

    ``domain`` holds the linear forms that are >= 0, by default the ranges of the symbols; rows about symbols that do not occur
    are left out.  ``title`` is kept for display.  Terms that are equal as
    monomials share a regime.  Raises Undecided when a regime is neither shown empty nor found to hold a point, ProblemError
    when the law has no term in some part of the domain.
    """
    terms = tuple(terms)
    ranges = natural_domain([_everything()]) if domain is None else tuple(domain)
    parts = merged(piece for term in terms for piece in pieces(term, ranges, assumptions))
    if not parts:
        raise ProblemError("a law without terms has no regimes")
    used = {symbol for each in parts for row in (each.form, *each.conditions) for symbol, _ in row}
    rows = tuple(row for row in ranges if {symbol for symbol, _ in row} <= used)
    found: list[Regime] = []
    removed: list[Removed] = []
    for walls in patterns(parts, rows, assumptions):
        kept, dropped = _inside(parts, walls, rows, assumptions)
        found += kept
        removed += dropped
    found = joined(found)
    names = [each.name for each in parts]
    found.sort(key=lambda each: names.index(each.term))
    return Regimes(title=title, domain=rows, assumptions=assumptions, regimes=tuple(found), removed=tuple(removed))


def _everything() -> Form:
    return tuple((symbol, sp.S.One) for symbol in VARIABLES)


def merged(parts: Iterable[Piece]) -> tuple[Piece, ...]:
    """Return the pieces with those of the same form and the same conditions made one."""
    found: dict[tuple[Form, frozenset[Form]], Piece] = {}
    for each in parts:
        key = (each.form, frozenset(each.conditions))
        if key in found:
            name = found[key].name if each.name == found[key].name else f"{found[key].name} + {each.name}"
            law = found[key].law if each.law == found[key].law else found[key].law + each.law
            each = Piece(name=name, form=each.form, conditions=each.conditions, law=law)
        found[key] = each
    return tuple(found.values())


def patterns(parts: Sequence[Piece], rows: Sequence[Form], assumptions: Assumptions) -> list[tuple[Form, ...]]:
    """Return the sides of the walls on which conditions change, for every combination that has an interior."""
    walls: list[Form] = []
    for condition in dict.fromkeys(each for part in parts for each in part.conditions):
        if combine((), condition) not in walls and condition not in walls:
            walls.append(condition)
    found: list[tuple[Form, ...]] = [()]
    for wall in walls:
        sides = (wall, combine((), wall))
        found = [
            (*chosen, side) for chosen in found for side in sides if not examine(side, ((),), (*rows, *chosen), assumptions).empty
        ]
    return found


def _inside(
    parts: Sequence[Piece], walls: tuple[Form, ...], rows: tuple[Form, ...], assumptions: Assumptions
) -> tuple[list[Regime], list[Removed]]:
    """Return the regimes on one side of every wall, and the terms that rule nowhere there."""
    active = [part for part in parts if set(part.conditions) <= set(walls)]
    if not active:
        where = ", ".join(f"{inequality(wall)} >= 0" for wall in walls)
        raise ProblemError(f"the law has no term where {where}")
    by_form: dict[Form, list[Piece]] = {}
    for part in active:
        by_form.setdefault(part.form, []).append(part)
    forms, ground = tuple(by_form), (*rows, *walls)
    verdicts = envelope(forms, ground, assumptions)
    ruling = [each for each, verdict in zip(forms, verdicts, strict=True) if not verdict.empty]
    kept: list[Regime] = []
    dropped: list[Removed] = []
    for chosen, verdict in zip(forms, verdicts, strict=True):
        for part in by_form[chosen][:1] if verdict.empty else by_form[chosen]:
            if verdict.empty:
                dropped.append(
                    Removed(term=part.name, form=chosen, others=verdict.others, rows=ground, certificates=verdict.certificates)
                )
            else:
                kept.append(
                    _regime(part, [combine(chosen, each) for each in ruling if each != chosen], walls, verdict, assumptions)
                )
    return kept, dropped


def _regime(part: Piece, leads: list[Form], walls: tuple[Form, ...], verdict: Verdict, assumptions: Assumptions) -> Regime:
    empty = tuple(dict.fromkeys(each.where(assumptions) for each in verdict.certificates))
    return Regime(term=part.name, law=part.law, form=part.form, inequalities=(*walls, *leads), empty_where=empty)


def joined(found: list[Regime]) -> list[Regime]:
    """Return the regimes with the two halves of one, told apart by nothing but the side of a wall, made one again."""
    for place, first in enumerate(found):
        for second in found[place + 1 :]:
            if first.law != second.law or first.form != second.form:
                continue
            mine, other = set(first.inequalities) - set(second.inequalities), set(second.inequalities) - set(first.inequalities)
            if len(mine) == len(other) == 1 and combine((), mine.pop()) == other.pop():
                both = tuple(each for each in first.inequalities if each in second.inequalities)
                whole = replace(first, inequalities=both)
                return joined([whole if each is first else each for each in found if each is not second])
    return found


def log_symbol(symbol: sp.Symbol) -> sp.Symbol:
    """Return the symbol of a logarithm: log_M, log_N, log_step, log_eps_d ..."""
    return sp.Symbol(f"log_{symbol}", real=True)


def inequality(row: Form) -> str:
    """Return a linear form in the logarithms as text; the statement is that it is >= 0."""
    return str(sp.Add(*(value * log_symbol(symbol) for symbol, value in row)))


def symbol_names(found: Regimes) -> list[str]:
    """Return the names of all symbols in the strings of an answer: parameters, symbols of the law, logarithms."""
    laws = {symbol for each in found.regimes for symbol in each.law.free_symbols}
    named = [
        symbol for symbol in (*PARAMETERS, *VARIABLES) if symbol in laws or symbol in PARAMETERS or symbol in found.variables
    ]
    others = sorted(str(symbol) for symbol in laws if symbol not in named)
    return [*map(str, named), *others, *(str(log_symbol(symbol)) for symbol in found.variables)]


def _certificates(found: Removed) -> list[dict[str, object]]:
    """Return each certificate as JSON: the weights that make the term at most a mean of the others."""
    shown: list[dict[str, object]] = []
    for each in found.certificates:
        weights = {text(form): str(weight) for form, weight in zip(found.others, each.weights, strict=True) if weight != 0}
        slacks = {inequality(row): str(slack) for row, slack in zip(found.rows, each.slacks, strict=True) if slack != 0}
        shown.append({"weights": weights, "slacks": slacks})
    return shown


Point = Mapping[sp.Symbol, sp.Expr | Fraction | float | int]


def value_at(row: Form, logs: Mapping[sp.Symbol, Fraction], parameters: Mapping[sp.Symbol, sp.Rational]) -> Fraction:
    """Return a linear form at a point, exactly."""
    total = Fraction(0)
    for symbol, value in row:
        total += fraction(value, parameters) * logs[symbol]
    return total


def regime_of(found: Regimes, *, logs: Point, parameters: Mapping[sp.Symbol, sp.Expr | int | str | Fraction]) -> Regime:
    """Return the regime that a point lies in (the first of them on a boundary).

    ``logs`` gives the logarithm (any base) of each symbol, ``parameters`` the values of a and b, exactly.  Raises ProblemError
    for a point outside the domain or with a symbol missing.
    """
    fixed = {symbol: sp.Rational(exponent(value)) for symbol, value in parameters.items()}
    missing = [str(symbol) for symbol in found.variables if symbol not in logs]
    if missing:
        raise ProblemError(f"the point has no logarithm of {', '.join(missing)}")
    conditions = [each for each in found.assumptions.conditions() if each.free_symbols <= set(fixed)]
    if not all(each.subs(fixed) == sp.true for each in conditions):
        raise ProblemError(f"these a, b do not satisfy the assumptions {found.assumptions}")
    place = {symbol: Fraction(logs[symbol]) for symbol in found.variables}
    for row in found.domain:
        if value_at(row, place, fixed) < 0:
            raise ProblemError(f"the point is outside the domain: {inequality(row)} >= 0 fails")
    return next(each for each in found.regimes if each.contains(place, fixed))
