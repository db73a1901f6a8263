"""A law as LaTeX (amsmath): one line per term, then the factors it is written in."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from riskbounds.asymptotics.law_layout import Block, blocks, definitions, sides
from riskbounds.asymptotics.laws import Law
from riskbounds.display.formula import broken
from riskbounds.theorems.theorem import latex

_RELATION = {"upper": r"\lesssim", "lower": r"\gtrsim", "exact": r"\sim"}


def to_latex(law: Law) -> str:
    """The law as an align* environment: name, order and value of every term, then the factors that the values use."""
    lines = [rf"R(\bar v_N) - \sigma^2/2 {_RELATION[law.side]} \text{{the sum of the terms in force}}"]
    for block in blocks(law):
        lines += _block(block)
    lines.append(rf"M_{{\mathrm{{eff}}}} = {latex(law.short_M_eff)}")
    if law.short_F == 1:
        lines.append(r"N_{\mathrm{eff}} = N")
    else:
        lines.append(rf"N_{{\mathrm{{eff}}}} = N F^{{{latex(sp.cancel(-1 / law.rate))}}}")
        lines.append(rf"F = {latex(law.short_F)}")
    lines += [f"{latex(symbol)} = {latex(value)}" for symbol, value in definitions(law).items() if latex(symbol) != latex(value)]
    rows = ["& " + " \\\\\n& \\quad ".join(broken(line)) for line in lines]
    return "\n".join([r"\begin{align*}", " \\\\\n".join(rows), r"\end{align*}"])


def _block(block: Block) -> Iterator[str]:
    if block.symbol is not None:
        yield rf"{latex(block.symbol)} = \text{{the sum of}}"
    elif block.title:
        yield rf"\text{{{block.title}}}:\ {_conditions(block.when)}"
    for row in block.rows:
        where = rf"\ \text{{ where }} {_conditions(row.when)}" if row.when else ""
        yield rf"\text{{{row.name}}}{where}\ \text{{ of order }} {latex(row.order)}:\quad + {latex(row.short)}"


def _conditions(when: tuple[sp.Expr, ...]) -> str:
    return r",\ ".join(r" \geq ".join(map(latex, sides(each))) for each in when)
