"""Whether the laws that a derivation's expectations use fit together: one law for each symbol, and nothing hidden from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from riskbounds.proofs.expectation import Expectation, Family, mentioned
from riskbounds.proofs.rules import Assumption, Definition, Rule
from riskbounds.terms.claims import Claim
from riskbounds.terms.linear import MEANS
from riskbounds.terms.polynomial import Atom, atoms_of, free_variables


class Line(Protocol):
    """A step, as far as this module looks at it."""

    @property
    def id(self) -> str:
        """Its name."""
        ...

    @property
    def claim(self) -> Claim:
        """What it states."""
        ...

    @property
    def rule(self) -> Rule:
        """Why."""
        ...


def law_symbols(steps: Sequence[Line]) -> frozenset[str]:
    """The random symbols of the steps' laws and the symbols in their moments."""
    families = [family for step in steps if isinstance(step.rule, Expectation) for family in step.rule.law]
    return frozenset(name for family in families for name in family.names | mentioned(family))


def law_errors(steps: Sequence[Line]) -> Iterator[str]:
    """Two laws for one symbol; a symbol averaged while one whose moments it enters, or that is made of it, is left."""
    families: dict[str, Family] = {}
    for step in steps:
        for family in step.rule.law if isinstance(step.rule, Expectation) else ():
            for name in family.names:
                if families.setdefault(name, family) != family:
                    yield f"{step.id} has another law for {name} than an earlier step"
    made_of = dict(_made_of(steps, frozenset(families)))
    for step in steps:
        if not isinstance(step.rule, Expectation):
            continue
        averaged: set[str] = set()
        names = {atom.name for atom in _atoms(step.claim)}
        for family in step.rule.law:
            averaged |= family.names
            for name in sorted(names - averaged):
                behind = mentioned(families[name]) if name in families else made_of.get(name, frozenset())
                if behind & family.names:
                    yield f"{step.id} averages {min(behind & family.names)} while {name} depends on it"


def _made_of(steps: Sequence[Line], random: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Symbols that a definition or an assumption, at one outcome, equates with a term in random symbols: those symbols."""
    found: dict[str, frozenset[str]] = {}
    for step in steps:
        free = free_variables(step.claim.left) | free_variables(step.claim.right)
        if isinstance(step.rule, Assumption | Definition) and any(v.range in MEANS for v in free):
            parts = {atom.name for atom in _atoms(step.claim)}
            behind = (parts & random) | {name for part in parts for name in found.get(part, ())}
            left = {atom.name for atom in atoms_of(step.claim.left)}
            for name in left - random:
                found[name] = found.get(name, frozenset()) | behind
    yield from found.items()


def _atoms(claim: Claim) -> set[Atom]:
    return atoms_of(claim.left) | atoms_of(claim.right)
