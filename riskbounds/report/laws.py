"""The law and the regime of a report's problem, or why there is none."""

from __future__ import annotations

from riskbounds import symbols as s
from riskbounds.asymptotics.law_terms import LawTerm
from riskbounds.asymptotics.law_values import evaluated, in_force
from riskbounds.asymptotics.laws import LONGEST, Law
from riskbounds.display import Table
from riskbounds.errors import UnsupportedError
from riskbounds.evaluation.printed import tex
from riskbounds.plots.laws import law_of
from riskbounds.report.document import Block, Formula, Items, Paragraph, Section
from riskbounds.setting import Setting
from riskbounds.theorems.theorem import latex


def law_section(setting: Setting) -> Section:
    """The law of the exact risk that fits the setting: its terms as monomials, those in force, effective sizes, assumptions."""
    title = "Scaling law and regime"
    try:
        found, values = law_of(setting)
    except UnsupportedError as error:
        return Section(title=title, blocks=[Paragraph(text=f"No law covers this problem: {error}.")])
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
        Items(texts=[each.replace("$", "") for each in found.assumptions]),
    ]
    return Section(title=title, blocks=blocks)


def _terms(setting: Setting, sizes: list[tuple[LawTerm, float]]) -> Table:
    rows = []
    for term, size in sizes:
        shown = latex(term.coefficient)
        coefficient = f"${shown}$" if len(shown) <= LONGEST else "(long: riskbounds law)"
        rows.append([term.name, f"${term.monomial_tex}$", coefficient, tex(size, 4)])
    caption = f"Terms of the law in force at $N = {setting.training.steps[-1]}$: coefficient times monomial."
    return Table(caption=caption, columns=["Term", "Monomial", "Coefficient", "Estimate"], rows=rows, left=3)


def _sizes(found: Law, sketched: bool) -> list[Block]:
    named = [(s.N_eff, found.N_eff), *([(s.M_eff, found.M_eff)] if sketched else [])]
    short = [(symbol, latex(value)) for symbol, value in named]
    return [Formula(head=f"{latex(symbol)} =", addends=[value]) for symbol, value in short if len(value) <= 2 * LONGEST]
