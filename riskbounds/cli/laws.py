"""The answer of `law`: text, JSON or LaTeX."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

from riskbounds.asymptotics.law_terms import LawTerm
from riskbounds.asymptotics.law_terms import text as expression_text
from riskbounds.asymptotics.laws import Law
from riskbounds.cli.output import WIDTH, to_json

_RELATION = {"upper": "<~", "lower": ">~", "exact": "~"}


def to_text(law: Law) -> str:
    """Return the law as plain text, one term per paragraph."""
    head = f"{law.scheme}, {law.side}: R(vbar_N) - sigma^2/2 {_RELATION[law.side]} the sum of the terms in force"
    sections = [head, *(_term(term) for term in law.terms)]
    sizes = [("M_eff", law.M_eff), ("N_eff", law.N_eff), ("floor e", law.floor)]
    if law.M_eff_with_shrinkage != law.M_eff:
        sizes.insert(1, ("M_eff with the shrinkage", law.M_eff_with_shrinkage))
    if law.N_eff_past_floor is not None:
        sizes.append(("N_eff past the floor", law.N_eff_past_floor))
    sections += [_wrapped(f"{name} = {expression_text(value)}") for name, value in sizes if value != 0]
    sections.append("Assumptions:\n" + "\n".join(_wrapped(f"- {each}") for each in law.assumptions))
    sections.append(_wrapped(f"Remainder while learning, measured and not proved: {expression_text(law.remainder)}"))
    sections.append("An asymptotic law, neither a bound nor a value: `riskbounds bound` certifies.")
    return "\n\n".join(sections)


def _term(term: LawTerm) -> str:
    powers = " ".join(f"{symbol}^({power})" for symbol, power in term.exponents.items())
    lines = [f"{term.name}: {powers or '1'}", _wrapped(f"  coefficient {expression_text(term.coefficient)}")]
    return "\n".join([*lines, *(_wrapped(f"  where {condition} >= 0") for condition in term.when)])


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent="    ", break_on_hyphens=False)


def to_latex(law: Law) -> str:
    """Return the law as a LaTeX fragment (amsmath)."""
    return f"% law {law.scheme}, {law.side}; needs \\usepackage{{amsmath}}\n{law.to_latex()}"


WRITERS: dict[str, Callable[[Law], str]] = {
    "text": to_text,
    "json": lambda law: to_json(law.to_dict()),
    "latex": to_latex,
}
"""The writers of `law` by the name of their format."""
