"""A theorem read off its SymPy objects: its terms, symbols, building blocks, and all of it as LaTeX."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy as sp

from riskbounds.display.formula import displayed
from riskbounds.display.markup import to_html, to_latex
from riskbounds.display.prose import in_mathematics
from riskbounds.symbols import MEANINGS, tex_names
from riskbounds.symbols import i as index

if TYPE_CHECKING:
    from riskbounds.theorems.feature_row import Condition
    from riskbounds.theorems.theorem import Theorem

SIDES = ("lower", "upper")


def expressions(theorem: Theorem) -> dict[str, dict[str, sp.Expr]]:
    """Return the named terms of each side that the theorem has; a law has one term of that name."""
    found = {}
    for side in SIDES:
        terms = theorem.terms("lower" if side == "lower" else "upper")
        if terms is not None:
            found[side] = dict(terms)
    if theorem.law is not None:
        found["law"] = {"law": theorem.law}
    return found


def symbols(theorem: Theorem, others: Sequence[sp.Basic] = ()) -> list[tuple[Any, tuple[str, str, str]]]:
    """Return the symbols of a theorem (and of other expressions) with TeX name, domain and meaning, in reading order."""
    used: set[str] = set()
    for expression in _all_expressions(theorem, others):
        used |= {str(symbol) for symbol in expression.free_symbols}
        used |= {str(base) for base in expression.atoms(sp.IndexedBase)}
    return [(symbol, meaning) for symbol, meaning in MEANINGS.items() if str(symbol) in used]


def _all_expressions(theorem: Theorem, others: Sequence[sp.Basic]) -> Iterator[sp.Basic]:
    yield from _stated(theorem)
    for left, right in definitions(theorem, others).items():
        yield from (sp.sympify(left), sp.sympify(right))
    yield from others


def _stated(theorem: Theorem) -> Iterator[sp.Basic]:
    """Yield the terms and the hypotheses."""
    for terms in expressions(theorem).values():
        yield from terms.values()
    for hypothesis in theorem.hypotheses:
        yield from (sp.sympify(hypothesis.lhs), sp.sympify(hypothesis.rhs))


def definitions(theorem: Theorem, others: Sequence[sp.Basic] = ()) -> dict[Any, sp.Expr]:
    """Return the definitions that the terms, the hypotheses or other expressions reach, in the theorem's order."""
    left, reached = dict(theorem.definitions), set[Any]()
    waiting = [*_stated(theorem), *others]
    while waiting:
        expression = waiting.pop()
        names = expression.free_symbols | {base.label for base in expression.atoms(sp.IndexedBase)}
        for key in [key for key in left if getattr(key, "label", key) in names]:
            reached.add(key)
            waiting.append(sp.sympify(left.pop(key)))
    return {key: value for key, value in theorem.definitions.items() if key in reached}


def functions(theorem: Theorem, others: Sequence[sp.Basic] = ()) -> dict[str, tuple[sp.Expr, sp.Expr]]:
    """Return the building blocks (G, g, W, K) that are used: the function of x and N, and its definition."""
    used = {type(each) for expression in _all_expressions(theorem, others) for each in expression.atoms(sp.Function)}
    x, steps = sp.Symbol("x"), sp.Symbol("N")
    blocks = {each.__name__: each for each in used if hasattr(each, "definition")}
    return {name: (blocks[name](x, steps), blocks[name].definition(x, steps)) for name in sorted(blocks)}


def indexed(definition: Any) -> sp.Basic:
    """Return a sequence with its index, so that a definition reads as an equation."""
    return definition[index] if isinstance(definition, sp.IndexedBase) else sp.sympify(definition)


@dataclass(frozen=True, kw_only=True)
class Equation:
    """left relation right in TeX; the right side in addends, so that a long one can be broken before them."""

    left: str
    relation: str
    addends: tuple[str, ...]

    @property
    def right(self) -> str:
        """The right side on one line."""
        return " ".join([self.addends[0], *(each if each.startswith("-") else f"+ {each}" for each in self.addends[1:])])

    @property
    def tex(self) -> str:
        """The equation on one line."""
        return f"{self.left} {self.relation} {self.right}"


def side_equations(theorem: Theorem) -> dict[str, Equation]:
    """Return each side as a bound on R(vbar_N) - sigma^2/2, one addend per named term that is not zero."""
    found = {}
    for side, terms in expressions(theorem).items():
        shown = tuple(latex(term) for term in terms.values() if term != 0) or ("0",)
        sign = {"lower": r"\ge", "upper": r"\le"}.get(side, r"\sim")
        found[side] = Equation(left=r"R(\bar v_N) - \tfrac{\sigma^2}{2}", relation=sign, addends=shown)
    return found


def hypothesis_equations(theorem: Theorem) -> dict[str, Equation]:
    """Return each hypothesis with a margin by its name."""
    return {each.name: inequality(each) for each in theorem.hypotheses}


def inequality(each: Condition) -> Equation:
    """Return a hypothesis or a condition on the levels."""
    left, right = latex(sp.sympify(each.lhs)), latex(sp.sympify(each.rhs))
    return Equation(left=left, relation={"<": "<", "<=": r"\le"}[each.relation], addends=(right,))


def definition_equations(theorem: Theorem, others: Sequence[sp.Basic] = ()) -> list[Equation]:
    """Return the abbreviations that are used, then the building blocks G, g, W, K."""
    pairs = [(indexed(left), sp.sympify(right)) for left, right in definitions(theorem, others).items()]
    found = [equation(left, right) for left, right in (*pairs, *functions(theorem, others).values())]
    return [each for each in found if _bare(each.left) != _bare(each.right)]


def _bare(tex: str) -> str:
    """TeX without braces and blanks: an abbreviation that reads like what it stands for says nothing."""
    return re.sub(r"[{}\s]", "", tex)


def equation(left: sp.Basic, right: sp.Basic) -> Equation:
    """Return left = right, a sum broken into its addends."""
    return Equation(left=latex(left), relation="=", addends=tuple(latex(each) for each in sp.Add.make_args(right)))


def as_latex(theorem: Theorem, others: Sequence[sp.Basic] = ()) -> str:
    """Return the theorem as a LaTeX fragment (amsmath)."""
    equations = (
        *side_equations(theorem).values(),
        *hypothesis_equations(theorem).values(),
        *definition_equations(theorem, others),
    )
    head = [f"% {theorem.name}: {theorem.number}, {theorem.citation.version}", to_latex(in_mathematics(theorem.statement))]
    return "\n".join([*head, *(displayed(each.tex) for each in equations)])


def as_html(theorem: Theorem) -> str:
    """Return the theorem for a notebook: name, statement, sides and hypotheses, with mathematics for MathJax."""

    def told(text: str) -> str:
        return html.escape(text, quote=False)

    head = f"<b>{theorem.name}</b>: {told(theorem.title)} ({theorem.status}; proof: {told(theorem.proof)})"
    sides = "".join(f"<div>$${told(each.tex)}$$</div>" for each in side_equations(theorem).values())
    conditions = "".join(
        f"<li>{to_html(in_mathematics(name))}: ${told(each.tex)}$</li>" for name, each in hypothesis_equations(theorem).items()
    )
    hypotheses = f"<p>Hypotheses:</p><ul>{conditions}</ul>" if conditions else ""
    source = told(f"{theorem.number}, {theorem.citation.version}")
    return f"<p>{head}</p><p>{to_html(in_mathematics(theorem.statement))}</p>{sides}{hypotheses}<p>Source: {source}</p>"


def latex(expression: sp.Basic) -> str:
    """TeX of an expression in the papers' notation."""
    return str(sp.latex(expression, symbol_names=tex_names()))
