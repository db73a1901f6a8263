"""Means of polynomials in random symbols, from tables of moments (rule 9), one draw after the other (tower rule, 10).

An expectation is a sum over an outcome, a variable whose range is in MEANS; random symbols are atoms that carry the outcome among
their indices.  What is left of indices and times is the symbol's site.  A law lists families of random symbols in the order in
which they are averaged out: the moments of a family are conditional ones, given every symbol that is averaged later.

E of a product is the sum over all partitions of its factors of the products of joint cumulants; the cumulant of factors at
different sites vanishes where sites are independent, so a block of a partition identifies the sums' indices.  For Gaussian
symbols, whose cumulants above the second vanish, this is Isserlis' theorem.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import factorial
from typing import NamedTuple

from riskbounds.errors import ProofError
from riskbounds.terms.claims import within
from riskbounds.terms.linear import FIXED, MEANS, Lin, Var, lin
from riskbounds.terms.polynomial import (
    ZERO,
    Atom,
    Factors,
    Monomial,
    Term,
    atoms_of,
    combine,
    factor,
    free_variables,
    normal,
    substitute,
    summed,
    term,
)

Site = tuple[Var, ...]
Same = dict[Var, Var]


class Cumulant(NamedTuple):
    """A joint cumulant as a term in placeholders, and the placeholder site of each factor.

    Two factors that share a placeholder have cumulant zero unless their sites agree there.
    """

    value: Term
    sites: tuple[Site, ...]


@dataclass(frozen=True, kw_only=True)
class Centred:
    """Symbols of mean zero with the covariances of ``pairs``: names in sorted order -> Cumulant; nothing else is known.

    A pair that is not listed is uncorrelated.  ``outcome`` is the placeholder of the outcome.
    """

    outcome: Var
    pairs: Mapping[tuple[str, ...], Cumulant]

    @cached_property
    def names(self) -> frozenset[str]:
        """The random symbols of the family."""
        return frozenset(name for pair in self.pairs for name in pair)

    def cumulant(self, names: tuple[str, ...]) -> Cumulant:
        """Joint cumulant of symbols in sorted order: the covariance of two, else zero."""
        if len(names) > 2:
            raise ProofError(f"the law has no moment E[{' '.join(names)}]")
        return _covariance(self.pairs, names)


@dataclass(frozen=True, kw_only=True)
class Gaussian(Centred):
    """The same for jointly Gaussian symbols: every cumulant above the second is zero."""

    def cumulant(self, names: tuple[str, ...]) -> Cumulant:
        """Joint cumulant of symbols in sorted order."""
        return _covariance(self.pairs, names)


def _covariance(pairs: Mapping[tuple[str, ...], Cumulant], names: tuple[str, ...]) -> Cumulant:
    return pairs.get(names) or Cumulant(ZERO, ((),) * len(names))


@dataclass(frozen=True, kw_only=True)
class Independent:
    """Symbols with the joint moments ``moments`` at each site and independence between sites.

    Moments: sorted names with repetition -> conditional mean, a term in the placeholders ``outcome`` and ``site``.
    """

    outcome: Var
    site: Site
    moments: Mapping[tuple[str, ...], Term]

    @cached_property
    def names(self) -> frozenset[str]:
        """The random symbols of the family."""
        return frozenset(name for names in self.moments for name in names)

    def cumulant(self, names: tuple[str, ...]) -> Cumulant:
        """Joint cumulant at one site: sum over partitions of (-1)^(k-1) (k-1)! times the blocks' moments."""
        parts = []
        for partition in _partitions(tuple(range(len(names)))):
            value = term((-1) ** (len(partition) - 1) * factorial(len(partition) - 1))
            for block in partition:
                value = value * self._moment(tuple(names[k] for k in block))
            parts.append((value, 1))
        return Cumulant(combine(parts), (self.site,) * len(names))

    def _moment(self, names: tuple[str, ...]) -> Term:
        if names not in self.moments:
            raise ProofError(f"the law has no moment E[{' '.join(names)}]")
        return self.moments[names]


Family = Centred | Independent


def expectation(body: Term, law: Sequence[Family]) -> Term:
    """The term with every expectation of symbols of the law evaluated.

    Raises ProofError if a moment is missing or depends on more than outcome and sites, a random symbol stands inside a power or
    function, is not under its expectation, or two free indices may or may not coincide.
    """
    averaged: set[str] = set()
    for family in law:
        _placed(family)
        averaged |= family.names
        if mentioned(family) & averaged:
            raise ProofError("a moment mentions a symbol that is averaged before, or its own family")
        body = _averaged(body, family)
    return body


def mentioned(family: Family) -> frozenset[str]:
    """The symbols in the family's moments."""
    values = [pair.value for pair in family.pairs.values()] if isinstance(family, Centred) else family.moments.values()
    return frozenset(atom.name for value in values for atom in atoms_of(value))


def _placed(family: Family) -> None:
    """A moment depends on the outcome and on the sites of its symbols.

    With another variable, or a free vector, it would be many numbers at once.
    """
    found = (
        [(pair.value, {v for site in pair.sites for v in site}) for pair in family.pairs.values()]
        if isinstance(family, Centred)
        else [(value, set(family.site)) for value in family.moments.values()]
    )
    for value, places in found:
        others = sorted(v.name for v in free_variables(value) - places - {family.outcome} if v.range not in FIXED)
        others += sorted({atom.name for atom in atoms_of(value) if atom.sign == "free"})
        if others:
            raise ProofError(f"the moment {value} depends on {', '.join(others)}, which is no site of its symbols")


def _averaged(body: Term, family: Family) -> Term:
    return combine((_average(monomial, family), c) for monomial, c in body.monomials.items())


def _average(monomial: Monomial, family: Family) -> Term:
    """Average the family's symbols of one outcome of a monomial out; the others follow by recursion."""
    bound, factors = _opened(monomial)
    outcome, random = None, []
    for f, exponent in factors.items():
        inside = atoms_of(factor(f))
        if not any(atom.name in family.names for atom in inside):
            continue
        if not isinstance(f, Atom) or not exponent.is_constant or exponent.constant < 0 or exponent.constant.denominator != 1:
            raise ProofError("a random symbol inside a power or a function has no mean in the law")
        outcome = outcome or _outcome_of(f, family, bound)
        if outcome in f.indices:
            random += [f] * int(exponent.constant)
    if outcome is None:
        return Term({monomial: term(1).constant or 0})
    rest = normal((), {f: e for f, e in factors.items() if f not in random})
    parts = []
    for value, same in _by_partitions(tuple(random), outcome, family, bound, {}):
        left = substitute(rest * value, same)
        for var in reversed(bound):
            left = left if var in same else summed(var, left)
        parts.append((left, 1))
    return _averaged(combine(parts), family)


def _opened(monomial: Monomial) -> tuple[list[Var], Factors]:
    """Bound variables, outermost first, and factors, with names that no canonical term uses."""
    change: dict[Var, Var] = {}
    todo = list(monomial.bound)
    while todo:
        var = next(v for v in todo if v.below is None or not any(u in todo for u, _ in v.below.parts))
        below = None if var.below is None else var.below.substitute(lambda v: change.get(v, v))
        change[var] = Var(f"~{len(change)}", var.range, below)
        todo.remove(var)
    opened = substitute(Term({Monomial((), monomial.factors): 1}), change)
    ((inner, _),) = opened.monomials.items()
    return list(change.values()), dict(inner.factors)


def _outcome_of(atom: Atom, family: Family, bound: Sequence[Var]) -> Var:
    found = [index for index in atom.indices if index.range == family.outcome.range]
    if len(found) != 1 or found[0] not in bound:
        raise ProofError(f"the random symbol {atom.name} is not under an expectation over {family.outcome.range}")
    if atom.sign != "?":
        raise ProofError(f"the random symbol {atom.name} is declared {atom.sign}, which its law does not show")
    return found[0]


def _by_partitions(
    atoms: tuple[Atom, ...], outcome: Var, family: Family, bound: Sequence[Var], same: Same
) -> Iterator[tuple[Term, Same]]:
    """For every partition with no vanishing block: the product of cumulants, and the bound variables it identifies."""
    if not atoms:
        yield term(1), same
        return
    for size in range(len(atoms)):
        for chosen in combinations(range(1, len(atoms)), size):
            block = sorted((atoms[k] for k in (0, *chosen)), key=lambda atom: atom.name)
            cumulant = family.cumulant(tuple(atom.name for atom in block))
            if cumulant.value == ZERO:
                continue
            places, joined = _located(cumulant, block, outcome, bound, same)
            value = substitute(cumulant.value, {family.outcome: outcome, **places})
            left = tuple(atom for k, atom in enumerate(atoms) if k and k not in chosen)
            for others, found in _by_partitions(left, outcome, family, bound, joined):
                yield value * others, found


def _located(
    cumulant: Cumulant, block: Sequence[Atom], outcome: Var, bound: Sequence[Var], same: Same
) -> tuple[dict[Var, Var | Lin], Same]:
    """Where the placeholders stand, and the identifications enlarged by those of this block."""
    places: dict[Var, Var | Lin] = {}
    for site, atom in zip(cumulant.sites, block, strict=True):
        actual = [*(index for index in atom.indices if index != outcome), *map(_variable, atom.times)]
        for placeholder, where in zip(site, actual, strict=True):
            if placeholder in places:
                same = _identified(same, places[placeholder], where, bound)
            elif not within(placeholder, where):
                raise ProofError(f"the law of {atom.name} says nothing of it at {where}")
            else:
                places[placeholder] = where
    return places, same


def _variable(form: Lin) -> Var | Lin:
    """The variable that a linear form consists of, or the form."""
    return form.parts[0][0] if form.constant == 0 and form.parts == lin(form.parts[0][0]).parts else form


def _identified(same: Same, left: Var | Lin, right: Var | Lin, bound: Sequence[Var]) -> Same:
    """The identifications with left = right added; one of them must be a bound variable of the other's range."""
    first, second = (same.get(v, v) if isinstance(v, Var) else v for v in (left, right))
    if first == second:
        return same
    if not isinstance(first, Var) or not isinstance(second, Var) or first.range in MEANS:
        raise ProofError(f"cannot decide whether {first} and {second} coincide")
    if (first.range, first.below) != (second.range, second.below):
        raise ProofError(f"cannot decide whether {first.name} and {second.name} coincide")
    if first not in bound:
        first, second = second, first
    if first not in bound:
        raise ProofError(f"the free variables {first.name} and {second.name} may or may not coincide")
    return {old: second if new == first else new for old, new in same.items()} | {first: second}


def _partitions(items: tuple[int, ...]) -> Iterator[list[tuple[int, ...]]]:
    """All set partitions."""
    if not items:
        yield []
        return
    first, others = items[0], items[1:]
    for size in range(len(others) + 1):
        for chosen in combinations(others, size):
            for rest in _partitions(tuple(k for k in others if k not in chosen)):
                yield [(first, *chosen), *rest]
