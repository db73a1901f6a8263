"""One theorem as text, LaTeX or JSON, read off its SymPy objects."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

import sympy as sp

from riskbounds.cli import noise
from riskbounds.cli.output import WIDTH
from riskbounds.cli.plain import plain
from riskbounds.theorems import display
from riskbounds.theorems.display import definitions, expressions, functions, indexed, symbols
from riskbounds.theorems.schemes import noise_schemes
from riskbounds.theorems.theorem import Hypothesis, Theorem


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


def _noise(theorem: Theorem) -> list[sp.Basic]:
    return list(noise.expressions(noise_schemes(theorem)))


def _hypothesis(each: Hypothesis) -> dict[str, Any]:
    sides = {"lhs": str(each.lhs), "relation": each.relation, "rhs": str(each.rhs)}
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
        "definitions": {str(left): str(right) for left, right in definitions(theorem, _noise(theorem)).items()},
        "noise": noise.as_dict(noise_schemes(theorem)),
        "functions": {str(block): str(definition) for block, definition in functions(theorem, _noise(theorem)).values()},
        "symbols": [
            {"name": str(symbol), "latex": tex, "domain": domain, "meaning": meaning}
            for symbol, (tex, domain, meaning) in symbols(theorem, _noise(theorem))
        ],
    }


def as_text(theorem: Theorem) -> str:
    """Return the theorem as plain text."""
    schemes, others = noise_schemes(theorem), _noise(theorem)
    sections = [
        f"{theorem.name}: {theorem.title}\n{theorem.side}, {theorem.status}, proof: {theorem.proof}",
        textwrap.fill(theorem.statement, WIDTH),
        _listed("Assumptions", (assumption.name for assumption in theorem.assumptions)),
        _listed("Hypotheses", (f"{each.name}: {noise.inequality(each)}" for each in theorem.hypotheses)),
        *(_listed(f"{side.capitalize()} bound, the sum of the terms" if side != "law" else "Law", _terms(terms))
          for side, terms in expressions(theorem).items()),
        _listed("where", _equations({indexed(left): right for left, right in definitions(theorem, others).items()})),
        _listed("with", _equations(dict(functions(theorem, others).values()))),
        textwrap.fill(noise.HEADING, WIDTH) if schemes else "",
        *(_listed(f"Noise constants, {scheme} errors", noise.as_lines(each)) for scheme, each in schemes.items()),
        _listed("Symbols", (f"{symbol}: {meaning} ({domain})" for symbol, (_, domain, meaning) in symbols(theorem, others))),
        f"Source: {theorem.number}, {theorem.citation.version}",
    ]  # fmt: skip
    return "\n\n".join(section for section in sections if section)


def _terms(terms: Mapping[str, sp.Expr]) -> list[str]:
    return [f"{name}: {plain(expression)}" for name, expression in terms.items()]


def _equations(terms: Mapping[Any, Any]) -> list[str]:
    return [f"{plain(name)} = {plain(expression)}" for name, expression in terms.items()]


def _listed(title: str, lines: Iterable[str]) -> str:
    wrapped = [textwrap.fill(f"  {line}", WIDTH, subsequent_indent="      ", break_on_hyphens=False) for line in lines]
    return "\n".join([f"{title}:", *wrapped]) if wrapped else ""


def as_latex(theorem: Theorem) -> str:
    """Return the theorem as a LaTeX fragment (amsmath), the noise constants of every scheme after it."""
    lines = [display.as_latex(theorem, _noise(theorem))]
    for scheme, each in noise_schemes(theorem).items():
        lines += [f"% noise constants, {scheme} errors", *noise.as_equations(each)]
    return "\n".join(lines)
