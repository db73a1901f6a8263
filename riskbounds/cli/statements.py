"""One theorem as text, LaTeX or JSON, read off its SymPy objects."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from riskbounds.cli.output import WIDTH
from riskbounds.theorems.display import as_latex, expressions, functions, indexed, relation, symbols
from riskbounds.theorems.theorem import Hypothesis, Theorem

__all__ = ["as_dict", "as_latex", "as_text", "summary"]


def summary(theorem: Theorem) -> dict[str, Any]:
    """Return the row of `riskbounds theorems`."""
    return {
        "name": theorem.name,
        "title": theorem.title,
        "side": theorem.side,
        "status": theorem.status,
        "proof": theorem.proof,
        "number": theorem.number,
        "source": theorem.citation.version,
    }


def _hypothesis(each: Hypothesis) -> dict[str, Any]:
    sides = {"lhs": str(each.lhs), "relation": relation(each), "rhs": str(each.rhs)}
    return {"name": each.name, **sides, "sides": list(each.sides)}


def as_dict(theorem: Theorem) -> dict[str, Any]:
    """Return everything about a theorem as JSON values; expressions are strings that sympify reads."""
    return {
        **summary(theorem),
        "statement": theorem.statement,
        "citation": theorem.citation.bibtex(),
        "assumptions": [assumption.name for assumption in theorem.assumptions],
        "hypotheses": [_hypothesis(each) for each in theorem.hypotheses],
        "terms": {side: {name: str(term) for name, term in terms.items()} for side, terms in expressions(theorem).items()},
        "definitions": {str(left): str(right) for left, right in theorem.definitions.items()},
        "functions": {str(block): str(definition) for block, definition in functions(theorem).values()},
        "symbols": [
            {"name": str(symbol), "latex": tex, "domain": domain, "meaning": meaning}
            for symbol, (tex, domain, meaning) in symbols(theorem)
        ],
    }


def as_text(theorem: Theorem) -> str:
    """Return the theorem as plain text."""
    sections = [
        f"{theorem.name}: {theorem.title}\n{theorem.side}, {theorem.status}, proof: {theorem.proof}",
        textwrap.fill(theorem.statement, WIDTH),
        _listed("Assumptions", (assumption.name for assumption in theorem.assumptions)),
        _listed("Hypotheses", (f"{each.name}: {each.lhs} {relation(each)} {each.rhs}" for each in theorem.hypotheses)),
        *(_listed(f"{side.capitalize()} bound, the sum of" if side != "law" else "Law", _equations(terms))
          for side, terms in expressions(theorem).items()),
        _listed("where", _equations({indexed(left): right for left, right in theorem.definitions.items()})),
        _listed("with", _equations(dict(functions(theorem).values()))),
        _listed("Symbols", (f"{symbol}: {meaning} ({domain})" for symbol, (_, domain, meaning) in symbols(theorem))),
        f"Source: {theorem.number}, {theorem.citation.version}",
    ]  # fmt: skip
    return "\n\n".join(section for section in sections if section)


def _equations(terms: Mapping[Any, Any]) -> list[str]:
    return [f"{name} = {expression}" for name, expression in terms.items()]


def _listed(title: str, lines: Iterable[str]) -> str:
    wrapped = [textwrap.fill(f"  {line}", WIDTH, subsequent_indent="      ", break_on_hyphens=False) for line in lines]
    return "\n".join([f"{title}:", *wrapped]) if wrapped else ""
