"""Whether the laws that a derivation's expectations use fit together: one law for each symbol, and nothing hidden from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from riskbounds.proofs.expectation import Expectation
from riskbounds.proofs.rules import Assumption, Definition
from riskbounds.terms.expectation import Family, mentioned
from riskbounds.terms.linear import MEANS
from riskbounds.terms.polynomial import atoms_of

if TYPE_CHECKING:
    from riskbounds.proofs.derivation import Step


def law_symbols(steps: Sequence[Step]) -> frozenset[str]:
    """The random symbols of the steps' laws and the symbols in their moments."""
    families = [family for step in steps if isinstance(step.rule, Expectation) for family in step.rule.law]
    return frozenset(name for family in families for name in family.names | mentioned(family))


def law_errors(steps: Sequence[Step]) -> Iterator[str]:
    """Two laws for one symbol; a symbol averaged while one whose moments it enters, or that is made of it, is left."""
    families: dict[str, Family] = {}
    defined = {a.name for step in steps if isinstance(step.rule, Definition) for a in atoms_of(step.claim.left)}
    for step in steps:
        for family in step.rule.law if isinstance(step.rule, Expectation) else ():
            yield from (f"{step.id} has a law for {name}, which is defined" for name in sorted(family.names & defined))
            for name in family.names:
                if families.setdefault(name, family) != family:
                    yield f"{step.id} has another law for {name} than an earlier step"
    depends = {name: mentioned(family) for name, family in families.items()} | dict(_made_of(steps, frozenset(families)))
    for step in steps:
        if not isinstance(step.rule, Expectation):
            continue
        averaged: set[str] = set()
        names = {atom.name for atom in step.claim.atoms}
        for family in step.rule.law:
            averaged |= family.names
            for name in sorted(names - averaged):
                hidden = _behind(name, depends) & family.names
                if hidden:
                    yield f"{step.id} averages {min(hidden)} while {name} depends on it"


def _behind(name: str, depends: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """All symbols that one depends on, through others too."""
    found: set[str] = set()
    todo = [name]
    while todo:
        new = depends.get(todo.pop(), frozenset()) - found
        found |= new
        todo.extend(new)
    return frozenset(found)


def _made_of(steps: Sequence[Step], random: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Symbols that a definition or an assumption, at one outcome, equates with a term in random symbols: those symbols."""
    found: dict[str, frozenset[str]] = {}
    for step in steps:
        if isinstance(step.rule, Assumption | Definition) and any(v.range in MEANS for v in step.claim.variables):
            parts = {atom.name for atom in step.claim.atoms}
            behind = (parts & random) | {name for part in parts for name in found.get(part, ())}
            left = {atom.name for atom in atoms_of(step.claim.left)}
            for name in left - random:
                found[name] = found.get(name, frozenset()) | behind
    yield from found.items()
