"""The answer of `riskbounds regimes SCHEME`: text, JSON and LaTeX."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import sympy as sp

from riskbounds.asymptotics.exponents import relation_text
from riskbounds.asymptotics.pieces import text
from riskbounds.asymptotics.plane import ruling
from riskbounds.asymptotics.regime_tex import tex_form, tex_order
from riskbounds.asymptotics.regimes import Regimes, inequality
from riskbounds.cli.output import WIDTH, to_json
from riskbounds.display.markup import escape
from riskbounds.symbols import EPS, B, M, N, a, b, eps_d, p, sigma, step

HELD: dict[sp.Symbol, sp.Rational] = {
    step: sp.Rational(1, 10),
    B: sp.Integer(1),
    sigma: sp.Integer(1),
    **{level: sp.Rational(1, 100) for level in EPS.values()},
    p: sp.Integer(10**6),
    a: sp.Rational(3, 2),
    b: sp.Rational(3, 2),
}
"""What the picture holds fixed."""

DECADES, CELLS = {M: 6, N: 12}, {M: 13, N: 49}
"""Decades that the picture spans, and its characters, per axis."""

MARKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def to_text(found: Regimes) -> str:
    """Return one paragraph per regime, the terms that never rule, and a picture that says what it holds fixed."""
    held = f"over {', '.join(f'{inequality(row)} >= 0' for row in found.domain)}; {assumptions(found)}"
    parts = [
        textwrap.fill(f"Regimes of {found.title}: the largest term, {held}.", WIDTH, subsequent_indent="  "),
        *(_paragraph(mark, number, found) for number, mark in enumerate(marks(found))),
        _empty(found),
        picture(found),
        "log_X is the logarithm of X. Constants do not matter here: near a border the terms are equal up to a factor.",
    ]
    return "\n\n".join(part for part in parts if part)


def assumptions(found: Regimes) -> str:
    """Return the assumptions on a and b as text."""
    return ", ".join(relation_text(each) for each in found.assumptions.conditions())


def marks(found: Regimes) -> list[str]:
    """Return a letter per regime; regimes of one term share it, in upper case."""
    terms = list(dict.fromkeys(each.term for each in found.regimes))
    return [MARKS[terms.index(each.term) % len(MARKS)] for each in found.regimes]


def _paragraph(mark: str, number: int, found: Regimes) -> str:
    regime = found.regimes[number]
    lines = [f"{mark}  {regime.term}: {text(regime.form)}"]
    lines += [f"     {inequality(row)} >= 0" for row in regime.inequalities] or ["     everywhere"]
    lines += [f"     empty where {' and '.join(each)}" for each in regime.empty_where if each]
    law = str(regime.law)
    if len(law) <= 3 * WIDTH:
        lines.append(textwrap.fill(f"law: {law}", WIDTH, initial_indent="     ", subsequent_indent="       "))
    return "\n".join(lines)


def _empty(found: Regimes) -> str:
    """Return the terms that rule nowhere in the domain."""
    ruling = {each.term for each in found.regimes}
    never = dict.fromkeys(f"{each.term}: {text(each.form)}" for each in found.removed if each.term not in ruling)
    title = "Never the largest, with a certificate (--format json prints it):"
    return "\n".join([title, *(f"  {each}" for each in never)]) if never else ""


def picture(found: Regimes) -> str:
    """Return the plane of N and M as letters, with what is held fixed in its caption; empty when the law has not both."""
    if not {M, N} <= set(found.variables):
        return ""
    fixed = {symbol: HELD[symbol] for symbol in (*found.variables, a, b) if symbol in HELD}
    if p in fixed and eps_d in fixed:
        # behind a sketch a data floor is eps_d p / M
        fixed[eps_d] = sp.Rational(1, 10**8)
    letters = marks(found)
    ups, rights = ([place * DECADES[each] / (CELLS[each] - 1) for place in range(CELLS[each])] for each in (M, N))
    chosen = ruling(found, fixed, ups, rights)
    lines = []
    for up in reversed(range(CELLS[M])):
        row = "".join(letters[place] for place in chosen[up])
        lines.append(f"  {'M = 1e' + str(up * DECADES[M] // (CELLS[M] - 1)) if up % 2 == 0 else '':8} {row}")
    scale = "".join(f"1e{decade}".ljust(CELLS[N] // DECADES[N] * 3) for decade in range(0, DECADES[N] + 1, 3))
    caption = f"In the plane of N and M, with {', '.join(f'{symbol} = {value}' for symbol, value in fixed.items())} held fixed:"
    caption = textwrap.fill(caption, WIDTH, subsequent_indent="  ")
    return "\n".join([caption, *lines, f"  {'N =':8} {scale}".rstrip()])


def to_latex(found: Regimes) -> str:
    """Return one display per regime (amsmath): the term and the inequalities under which it rules."""
    lines = [rf"% regimes of {found.title}; needs \usepackage{{amsmath,amssymb}}"]
    for each in found.regimes:
        order = tex_order(each.form)
        conditions = " \\\\\n  & ".join(rf"{tex_form(row)} \ge 0" for row in each.inequalities) or r"\text{everywhere}"
        lines += [
            rf"\noindent {escape(each.term)}: the largest term, of order ${order}$, where",
            r"\begin{align*}",
            f"  & {conditions}",
            r"\end{align*}",
        ]
    return "\n".join(lines)


def _json(found: Regimes) -> str:
    return to_json(found.to_dict())


WRITERS: dict[str, Callable[[Regimes], str]] = {"text": to_text, "json": _json, "latex": to_latex}
"""The writers of `regimes` by the name of their format."""

__all__ = ["WRITERS", "picture", "to_latex", "to_text"]
