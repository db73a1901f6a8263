"""The answer of `law`: text, JSON or LaTeX."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import sympy as sp

from riskbounds.asymptotics.law_latex import to_latex
from riskbounds.asymptotics.law_layout import Block, Row, blocks, definitions, sides
from riskbounds.asymptotics.law_orders import remainder_order
from riskbounds.asymptotics.laws import Law
from riskbounds.cli.output import WIDTH, to_json

_RELATION = {"upper": "<~", "lower": ">~", "exact": "~"}


def to_text(law: Law) -> str:
    """Return the law as plain text: a line per term, then the factors it is written in."""
    head = f"{law.scheme}, {law.side}: R(vbar_N) - sigma^2/2 {_RELATION[law.side]} sum of the terms in force (order; value)"
    sections = [head, *(_block(block) for block in blocks(law)), _sizes(law)]
    sections.append("where\n" + "\n".join(_equation(str(symbol), value) for symbol, value in definitions(law).items()))
    sections.append(_wrapped(f"Remainder while learning, measured and not proved: O({shown(remainder_order(law))})"))
    sections.append("Assumptions:\n" + "\n".join(_wrapped(f"- {each}") for each in law.assumptions))
    sections.append("An asymptotic law, neither a bound nor a value: `riskbounds bound` certifies. --format json spells all out.")
    return "\n\n".join(sections)


def shown(expression: sp.Expr) -> str:
    """Return an expression as text with ^ for powers."""
    return str(expression).replace("**", "^")


def _block(block: Block) -> str:
    head = "always" if not block.title else f"{block.title}: {_conditions(block.when)}"
    if block.symbol is not None:
        head = f"{block.symbol}, {block.title}: the sum of"
    name, order = (max(len(each) for each in column) for column in zip(*(_cells(row) for row in block.rows), strict=True))
    return "\n".join([head, *(_line(row, name, order) for row in block.rows)])


def _cells(row: Row) -> tuple[str, str]:
    return row.name, shown(row.order)


def _line(row: Row, name: int, order: int) -> str:
    condition = f"   where {_conditions(row.when)}" if row.when else ""
    line = f"  {row.name:{name}}  {shown(row.order):{order}}  {shown(row.short)}{condition}"
    return textwrap.fill(line, WIDTH, subsequent_indent="      ", break_on_hyphens=False, break_long_words=False)


def _conditions(when: tuple[sp.Expr, ...]) -> str:
    return ", ".join(" >= ".join(map(shown, sides(each))) for each in when)


def _sizes(law: Law) -> str:
    power = shown(sp.cancel(-1 / law.rate))
    lines = [_equation("M_eff", law.short_M_eff)]
    if law.short_F == 1:
        return "\n".join([*lines, "  N_eff = N"])
    lines += [f"  N_eff = N F^({power})", _equation("F", law.short_F)]
    if law.short_F_past_floor is not None:
        lines += [f"  past the floor N_eff = N P^({power})", _equation("P", law.short_F_past_floor)]
    return "\n".join(lines)


def _equation(name: str, value: sp.Expr) -> str:
    return _wrapped(f"  {name} = {shown(value)}")


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent="      ", break_on_hyphens=False)


WRITERS: dict[str, Callable[[Law], str]] = {
    "text": to_text,
    "json": lambda law: to_json(law.to_dict()),
    "latex": lambda law: f"% law {law.scheme}, {law.side}; needs \\usepackage{{amsmath,amssymb}}\n{to_latex(law)}",
}
"""The writers of `law` by the name of their format."""
