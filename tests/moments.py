"""Expectations index by index: an oracle for claims that follow from a law of random symbols.

Two directions, every sum written out; each random symbol at each site and outcome is a letter of its own, each other symbol a
number at random.  The mean of a word of letters is the sum over its partitions of products of cumulants, which vanish unless
the letters are of one outcome and agree at the sites that the law compares.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, count, product
from random import Random
from typing import Any, NamedTuple

from riskbounds.errors import ProofError
from riskbounds.proofs import Claim
from riskbounds.terms.expectation import Family
from riskbounds.terms.linear import FIXED, MEANS, TIME, Var
from riskbounds.terms.monomials import outermost_first
from riskbounds.terms.polynomial import Atom, Base, Factor, Monomial, Term, atoms_of, free_variables

SIZE, TIMES = 2, 2


class Letter(NamedTuple):
    """A random symbol at one outcome and site."""

    name: str
    outcome: tuple[Any, int]
    site: tuple[Any, ...]


class Outcome(NamedTuple):
    """One draw: outcomes of different draws are independent, whatever their numbers."""

    draw: Any
    number: int


Word = tuple[Letter, ...]
Polynomial = dict[Word, Fraction]
Places = dict[Var, Any]


class Oracle:
    """Claims under one law, the other symbols drawn from a seed."""

    def __init__(self, law: Sequence[Family], claim: Claim, seed: int) -> None:
        self.law, self.random = law, Random(seed)
        #: Draws are numbered by depth in the claim, so that its words recur, and anew in each moment.
        self.outside, self.draws = True, count(100)
        self.names = {name: family for family in law for name in family.names}
        self.numbers: dict[tuple[Any, ...], Fraction] = {}
        self.moments: dict[Word, Polynomial] = {}
        values = [claim.gap, *(value for family in law for value in values_of(family))]
        others = [atom for value in values for atom in atoms_of(value) if atom.name not in self.names]
        #: Outcomes that other symbols depend on need two numbers.
        self.spread = {index.range for atom in others for index in atom.indices if index.range in MEANS}

    def holds(self, claim: Claim) -> bool:
        """Whether the mean of right - left is zero at all values of the claim's free variables."""
        free = outermost_first(tuple(sorted(free_variables(claim.gap), key=str)))
        places: list[Places] = [{}]
        for var in free:
            places = [{**at, var: value} for at in places for value in self.values(var, at)]
        return all(self._vanishes(claim.gap, at) for at in places)

    def _vanishes(self, gap: Term, at: Places) -> bool:
        self.outside, self.moments = True, {}
        body = self.written(gap, at)
        self.outside = False
        return not any(self.mean(body).values())

    def values(self, var: Var, at: Places) -> list[Any]:
        """What a variable runs over."""
        if var.range in MEANS:
            draw = len(at) if self.outside else next(self.draws)
            return [Outcome(draw, number) for number in range(2 if var.range in self.spread else 1)]
        if var.range == TIME:
            return list(range(TIMES + 1 if var.below is None else int(var.below.value(at))))
        return [2] if var.range in FIXED else list({"head": range(1), "tail": range(1, SIZE)}.get(var.range, range(SIZE)))

    def written(self, body: Term, at: Places) -> Polynomial:
        """The term as a polynomial in letters."""
        found: Polynomial = {}
        for monomial, c in body.monomials.items():
            for word, value in self._summed(outermost_first(monomial.bound), monomial, at).items():
                found[word] = found.get(word, Fraction(0)) + c * value
        return found

    def _summed(self, bound: list[Var], monomial: Monomial, at: Places) -> Polynomial:
        if not bound:
            result: Polynomial = {(): Fraction(1)}
            for f, exponent in monomial.factors:
                result = times(result, self._power(f, exponent.value(at) if exponent.parts else exponent.constant, at))
            return result
        values = self.values(bound[0], at)
        weight = Fraction(1, len(values)) if bound[0].range in MEANS else Fraction(1)
        found: Polynomial = {}
        for value in values:
            for word, part in self._summed(bound[1:], monomial, {**at, bound[0]: value}).items():
                found[word] = found.get(word, Fraction(0)) + weight * part
        return found

    def _power(self, f: Factor, exponent: Any, at: Places) -> Polynomial:
        if isinstance(f, Atom) and f.name in self.names:
            return {(self._letter(f, at),) * int(exponent): Fraction(1)}
        return {(): self._number(f, at) ** int(exponent)}

    def _letter(self, atom: Atom, at: Places) -> Letter:
        family = self.names[atom.name]
        (own,) = (index for index in atom.indices if index.range == family.outcome.range)
        site = (*(at[index] for index in atom.indices if index != own), *(form.value(at) for form in atom.times))
        return Letter(atom.name, at[own], site)

    def _number(self, f: Factor, at: Places) -> Fraction:
        if isinstance(f, Var):
            return Fraction(at[f])
        if isinstance(f, Base):
            (value,) = [value for word, value in self.written(f.term, at).items() if not word] or [Fraction(0)]
            return value
        if not isinstance(f, Atom):
            raise ProofError(f"no number for {f.name}")
        where = [at[index].number if isinstance(at[index], Outcome) else at[index] for index in f.indices]
        key = (f.name, *(form.value(at) for form in f.times), *(sorted(where) if f.symmetric else where))
        if key not in self.numbers:
            size = Fraction(self.random.randint(1, 9), self.random.choice((2, 5)))
            self.numbers[key] = size * (1 if f.sign in ("+", "0+") else self.random.choice((1, -1)))
        return self.numbers[key]

    def mean(self, body: Polynomial) -> Polynomial:
        """The polynomial with every family averaged out, in the order of the law."""
        for family in self.law:
            found: Polynomial = {}
            for word, value in body.items():
                own = tuple(letter for letter in word if letter.name in family.names)
                rest = tuple(letter for letter in word if letter.name not in family.names)
                for part, number in times({rest: value}, self._moment(own, family)).items():
                    found[part] = found.get(part, Fraction(0)) + number
            body = found
        return body

    def _moment(self, word: Word, family: Family) -> Polynomial:
        """Sum over partitions, the block of the first letter chosen first; remembered."""
        if word not in self.moments:
            self.moments[word] = self._by_partitions(word, family) if word else {(): Fraction(1)}
        return self.moments[word]

    def _by_partitions(self, word: Word, family: Family) -> Polynomial:
        found: Polynomial = {}
        for size in range(len(word)):
            for chosen in combinations(range(1, len(word)), size):
                block = [word[k] for k in (0, *chosen)]
                left = tuple(letter for k, letter in enumerate(word) if k and k not in chosen)
                value = self._cumulant(block, family)
                for part, number in (times(value, self._moment(left, family)) if value else {}).items():
                    found[part] = found.get(part, Fraction(0)) + number
        return found

    def _cumulant(self, block: list[Letter], family: Family) -> Polynomial:
        if len({letter.outcome for letter in block}) > 1:
            return {}
        block = sorted(block, key=lambda letter: letter.name)
        cumulant = family.cumulant(tuple(letter.name for letter in block))
        if not cumulant.value.monomials:
            return {}
        at: Places = {family.outcome: block[0].outcome}
        for site, letter in zip(cumulant.sites, block, strict=True):
            for placeholder, where in zip(site, letter.site, strict=True):
                if at.setdefault(placeholder, where) != where:
                    return {}
        return self.written(cumulant.value, at)


def values_of(family: Family) -> Iterator[Term]:
    """The moments or covariances of a family."""
    yield from getattr(family, "moments", {}).values()
    yield from (pair.value for pair in getattr(family, "pairs", {}).values())


def times(left: Polynomial, right: Polynomial) -> Polynomial:
    """Product of two polynomials in letters."""
    found: Polynomial = {}
    for (one, a), (other, b) in product(left.items(), right.items()):
        word = tuple(sorted((*one, *other), key=str))
        found[word] = found.get(word, Fraction(0)) + a * b
    return found


def true_under(law: Sequence[Family], claim: Claim, seeds: tuple[int, ...] = (1, 2)) -> bool:
    """Whether an equation between means holds for each of the seeds' numbers."""
    return all(Oracle(law, claim, seed).holds(claim) for seed in seeds)
