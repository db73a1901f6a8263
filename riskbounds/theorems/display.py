"""A theorem read off its SymPy objects: its terms, symbols, building blocks, and all of it as LaTeX."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy as sp

from riskbounds.display.markup import escape
from riskbounds.symbols import MEANINGS, tex_names
from riskbounds.symbols import i as index

if TYPE_CHECKING:
    from riskbounds.theorems.theorem import Hypothesis, Theorem

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


def symbols(theorem: Theorem) -> list[tuple[Any, tuple[str, str, str]]]:
    """Return the symbols of a theorem with TeX name, domain and meaning, in reading order."""
    used: set[str] = set()
    for expression in _all_expressions(theorem):
        used |= {str(symbol) for symbol in expression.free_symbols}
        used |= {str(base) for base in expression.atoms(sp.IndexedBase)}
    return [(symbol, meaning) for symbol, meaning in MEANINGS.items() if str(symbol) in used]


def _all_expressions(theorem: Theorem) -> Iterable[sp.Basic]:
    for terms in expressions(theorem).values():
        yield from terms.values()
    for left, right in theorem.definitions.items():
        yield from (sp.sympify(left), sp.sympify(right))
    for hypothesis in theorem.hypotheses:
        yield from (sp.sympify(hypothesis.lhs), sp.sympify(hypothesis.rhs))


def functions(theorem: Theorem) -> dict[str, tuple[sp.Expr, sp.Expr]]:
    """Return the building blocks (G, g, W, K) that a theorem uses: the function of x and N, and its definition."""
    used = {type(each) for expression in _all_expressions(theorem) for each in expression.atoms(sp.Function)}
    x, steps = sp.Symbol("x"), sp.Symbol("N")
    blocks = {each.__name__: each for each in used if hasattr(each, "definition")}
    return {name: (blocks[name](x, steps), blocks[name].definition(x, steps)) for name in sorted(blocks)}


def indexed(definition: Any) -> sp.Basic:
    """Return a sequence with its index, so that a definition reads as an equation."""
    return definition[index] if isinstance(definition, sp.IndexedBase) else sp.sympify(definition)


def relation(hypothesis: Hypothesis) -> str:
    """Return the sign of a hypothesis."""
    return "<" if hypothesis.strict else "<="


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
    return {
        each.name: Equation(
            left=latex(sp.sympify(each.lhs)),
            relation="<" if each.strict else r"\le",
            addends=(latex(sp.sympify(each.rhs)),),
        )
        for each in theorem.hypotheses
    }


def definition_equations(theorem: Theorem) -> list[Equation]:
    """Return the theorem's abbreviations, then the building blocks G, g, W, K that it uses."""
    pairs = [(indexed(left), sp.sympify(right)) for left, right in theorem.definitions.items()]
    found = [equation(left, right) for left, right in (*pairs, *functions(theorem).values())]
    return [each for each in found if each.left != each.right]


def equation(left: sp.Basic, right: sp.Basic) -> Equation:
    """Return left = right, a sum broken into its addends."""
    return Equation(left=latex(left), relation="=", addends=tuple(latex(each) for each in sp.Add.make_args(right)))


def as_latex(theorem: Theorem) -> str:
    """Return the theorem as a LaTeX fragment (amsmath)."""
    lines = [f"% {theorem.name}: {theorem.number}, {theorem.citation.version}", escape(theorem.statement)]
    for each in side_equations(theorem).values():
        body = " \\\\\n  &+ ".join(each.addends)
        lines += [r"\begin{align*}", rf"  {each.left} {each.relation}\ & {body}", r"\end{align*}"]
    lines += [rf"\[ {each.tex} \]" for each in (*hypothesis_equations(theorem).values(), *definition_equations(theorem))]
    return "\n".join(lines)


def as_html(theorem: Theorem) -> str:
    """Return the theorem for a notebook: name, statement, sides and hypotheses, with mathematics for MathJax."""

    def told(text: str) -> str:
        return html.escape(text, quote=False)

    head = f"<b>{theorem.name}</b>: {told(theorem.title)} ({theorem.status}; proof: {told(theorem.proof)})"
    sides = "".join(f"<div>$${told(each.tex)}$$</div>" for each in side_equations(theorem).values())
    conditions = "".join(f"<li>{told(name)}: ${told(each.tex)}$</li>" for name, each in hypothesis_equations(theorem).items())
    hypotheses = f"<p>Hypotheses:</p><ul>{conditions}</ul>" if conditions else ""
    source = told(f"{theorem.number}, {theorem.citation.version}")
    return f"<p>{head}</p><p>{told(theorem.statement)}</p>{sides}{hypotheses}<p>Source: {source}</p>"


def latex(expression: sp.Basic) -> str:
    """TeX of an expression in the papers' notation."""
    return str(sp.latex(expression, symbol_names=tex_names()))
