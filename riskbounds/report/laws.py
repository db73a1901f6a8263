"""The law and the regime of a report's problem, or why there is none."""

from __future__ import annotations

import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.law_layout import Block as LawBlock
from riskbounds.asymptotics.law_layout import blocks, definitions
from riskbounds.asymptotics.law_terms import LawTerm
from riskbounds.asymptotics.law_values import evaluated, in_force
from riskbounds.asymptotics.laws import Law
from riskbounds.asymptotics.problem_law import law_of, numbers_of
from riskbounds.display import Table
from riskbounds.display.prose import in_mathematics
from riskbounds.errors import UnsupportedError
from riskbounds.evaluation.printed import tex
from riskbounds.report.document import Block, Formula, Items, Paragraph, Section
from riskbounds.setting import Setting
from riskbounds.theorems.display import Equation, equation
from riskbounds.theorems.theorem import latex


def law_section(setting: Setting) -> Section:
    """The law of the exact risk that fits the setting: its terms as monomials, those in force, effective sizes, assumptions."""
    title = "Scaling law and regime"
    try:
        found, values = law_of(setting), numbers_of(setting)
    except UnsupportedError as error:
        return Section(title=title, blocks=[Paragraph(text=f"No law covers this problem: {in_mathematics(str(error))}.")])
    sketched = setting.sketch is not None
    terms = [term for term in found.terms if (sketched or term.part != "model") and in_force(term, values)]
    if not terms:
        return Section(title=title, blocks=[Paragraph(text="No term of the law is in force at the last row.")])
    sizes = [(term, evaluated([term], values)) for term in terms]
    largest = max(sizes, key=lambda pair: abs(pair[1]))[0]
    blocks: list[Block] = [
        Paragraph(
            text=f"Scheme {found.scheme}, exact risk. The largest term in force at $N = {setting.training.steps[-1]}$ is "
            f"{largest.name}. An asymptotic law is neither a bound nor a value; the numbers below are estimates."
        ),
        _terms(setting, sizes),
        *_sizes(found, sketched),
        Paragraph(text="Assumptions of the law:"),
        Items(texts=[in_mathematics(each) for each in found.assumptions]),
    ]
    return Section(title=title, blocks=blocks)


def _terms(setting: Setting, sizes: list[tuple[LawTerm, float]]) -> Table:
    rows = []
    for term, size in sizes:
        rows.append([term.name, f"${latex(term.short)}$", f"${term.monomial_tex}$", tex(size, 4)])
    caption = f"Terms of the law in force at $N = {setting.training.steps[-1]}$; the factors are defined below."
    return Table(caption=caption, columns=["Term", "Value", "Order", "Estimate"], rows=rows, left=3)


def _sizes(found: Law, sketched: bool) -> list[Block]:
    """Effective sizes and every factor that they and the terms are written in."""
    sizes: dict[sp.Basic, sp.Expr] = {s.data_factor: found.short_F, **({s.M_eff: found.short_M_eff} if sketched else {})}
    power = latex(sp.cancel(-1 / found.rate))
    shown = [equation(symbol, value) for symbol, value in {**sizes, **definitions(found)}.items()]
    noise = [block for block in blocks(found) if block.symbol is not None]
    return [
        *(Formula(tex=_sum(each).tex) for each in noise),
        Formula(tex=rf"{latex(s.N_eff)} = N {latex(s.data_factor)}^{{{power}}}"),
        *(Formula(tex=each.tex) for each in shown if each.left != each.right),
    ]


def _sum(block: LawBlock) -> Equation:
    """A factor that is the sum of several rows."""
    return Equation(left=latex(block.symbol), relation="=", addends=tuple(latex(row.short) for row in block.rows))
