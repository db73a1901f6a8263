"""One theorem as text, LaTeX or JSON, read off its SymPy objects."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

import sympy as sp

from riskbounds.cli import noise
from riskbounds.cli.output import WIDTH
from riskbounds.cli.plain import plain
from riskbounds.symbols import MEANINGS
from riskbounds.symbols import i as index
from riskbounds.theorems.schemes import noise_schemes
from riskbounds.theorems.theorem import Hypothesis, Theorem, latex

SIDES = ("lower", "upper")


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
    yield from _stated(theorem)
    for left, right in definitions(theorem).items():
        yield from (sp.sympify(left), sp.sympify(right))
    yield from noise.expressions(noise_schemes(theorem))


def _stated(theorem: Theorem) -> Iterable[sp.Basic]:
    """Yield the terms and the hypotheses."""
    for terms in expressions(theorem).values():
        yield from terms.values()
    for hypothesis in theorem.hypotheses:
        yield from (sp.sympify(hypothesis.lhs), sp.sympify(hypothesis.rhs))


def definitions(theorem: Theorem) -> dict[Any, sp.Expr]:
    """Return the definitions that the terms, the hypotheses or the noise constants reach, in the theorem's order."""
    left, reached = dict(theorem.definitions), set[Any]()
    waiting = [*_stated(theorem), *noise.expressions(noise_schemes(theorem))]
    while waiting:
        expression = waiting.pop()
        names = expression.free_symbols | {base.label for base in expression.atoms(sp.IndexedBase)}
        for key in [key for key in left if getattr(key, "label", key) in names]:
            reached.add(key)
            waiting.append(sp.sympify(left.pop(key)))
    return {key: value for key, value in theorem.definitions.items() if key in reached}


def functions(theorem: Theorem) -> dict[str, tuple[sp.Expr, sp.Expr]]:
    """Return the building blocks (G, g, W, K) that a theorem uses: the function of x and N, and its definition."""
    used = {type(each) for expression in _all_expressions(theorem) for each in expression.atoms(sp.Function)}
    x, steps = sp.Symbol("x"), sp.Symbol("N")
    blocks = {each.__name__: each for each in used if hasattr(each, "definition")}
    return {name: (blocks[name](x, steps), blocks[name].definition(x, steps)) for name in sorted(blocks)}


def _indexed(definition: Any) -> sp.Basic:
    """Return a sequence with its index, so that a definition reads as an equation."""
    return definition[index] if isinstance(definition, sp.IndexedBase) else sp.sympify(definition)


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
        "definitions": {str(left): str(right) for left, right in definitions(theorem).items()},
        "noise": noise.as_dict(noise_schemes(theorem)),
        "functions": {str(block): str(definition) for block, definition in functions(theorem).values()},
        "symbols": [
            {"name": str(symbol), "latex": tex, "domain": domain, "meaning": meaning}
            for symbol, (tex, domain, meaning) in symbols(theorem)
        ],
    }


def as_text(theorem: Theorem) -> str:
    """Return the theorem as plain text."""
    schemes = noise_schemes(theorem)
    sections = [
        f"{theorem.name}: {theorem.title}\n{theorem.side}, {theorem.status}, proof: {theorem.proof}",
        textwrap.fill(theorem.statement, WIDTH),
        _listed("Assumptions", (assumption.name for assumption in theorem.assumptions)),
        _listed("Hypotheses", (f"{each.name}: {noise.inequality(each)}" for each in theorem.hypotheses)),
        *(_listed(f"{side.capitalize()} bound, the sum of the terms" if side != "law" else "Law", _terms(terms))
          for side, terms in expressions(theorem).items()),
        _listed("where", _equations({_indexed(left): right for left, right in definitions(theorem).items()})),
        _listed("with", _equations(dict(functions(theorem).values()))),
        textwrap.fill(noise.HEADING, WIDTH) if schemes else "",
        *(_listed(f"Noise constants, {scheme} errors", noise.as_lines(each)) for scheme, each in schemes.items()),
        _listed("Symbols", (f"{symbol}: {meaning} ({domain})" for symbol, (_, domain, meaning) in symbols(theorem))),
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
    """Return the theorem as a LaTeX fragment (amsmath)."""
    from riskbounds.cli.latex import escape

    lines = [f"% {theorem.name}: {theorem.number}, {theorem.citation.version}", escape(theorem.statement)]
    for side, terms in expressions(theorem).items():
        symbol = {"lower": r"\ge", "upper": r"\le"}.get(side, r"\sim")
        body = " \\\\\n  &+ ".join(latex(term) for term in terms.values())
        lines += [r"\begin{align*}", rf"  R(\bar v_N) - \tfrac{{\sigma^2}}{{2}} {symbol}\ & {body}", r"\end{align*}"]
    lines += [noise.inequality_latex(each) for each in theorem.hypotheses]
    pairs = [(_indexed(left), sp.sympify(right)) for left, right in definitions(theorem).items()]
    lines += [rf"\[ {latex(left)} = {latex(right)} \]" for left, right in (*pairs, *functions(theorem).values())]
    for scheme, each in noise_schemes(theorem).items():
        lines += [f"% noise constants, {scheme} errors", *noise.as_equations(each)]
    return "\n".join(lines)
