"""Certificates: expressions that evaluate to a term together with the reason why it is zero, non-negative or positive.

    use("id", {i: j})            right - left of an earlier claim, at other values of its free variables
    square(term)                 term^2
    positive(term)               every monomial has a non-negative coefficient and factors of non-negative sign
    product, sum, over(i, c)     of these; an equation may be multiplied by any term, an inequality by non-negative ones

A claim left <= right holds if right - left is identical to such an expression.  Nothing is searched for here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import IntEnum
from fractions import Fraction

from riskbounds.errors import ProofError
from riskbounds.proofs.signs import Facts, Sign, well_defined
from riskbounds.terms.claims import Claim, Symbols, instance
from riskbounds.terms.linear import FIXED, MEANS, NATURAL, Lin, Var
from riskbounds.terms.polynomial import ZERO, Operand, Term, atoms_of, free_variables, substitute, summed, term


class Kind(IntEnum):
    """What is known about a certificate's value."""

    ANY = 0
    NONNEGATIVE = 1
    POSITIVE = 2
    ZERO = 3


@dataclass(frozen=True)
class Premises:
    """Earlier claims by id, and the signs that they establish."""

    claims: Mapping[str, Claim]
    facts: Facts
    #: Ids of local hypotheses (an induction hypothesis, a case) and the names of the variables and vectors they hold for.
    local: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()

    def with_local(self, name: str, claim: Claim, fixed: frozenset[str]) -> Premises:
        """These premises and a local hypothesis about fixed variables; one about fixed numbers also gives a sign."""
        claims = {**self.claims, name: claim}
        numbers = all(v.range in NATURAL | FIXED for v in free_variables(claim.gap))
        closed = numbers and not any(atom.sign == "free" for atom in atoms_of(claim.gap))
        facts = self.facts.extended(claim, name) if closed else self.facts
        return Premises(claims, facts, self.local | {name}, self.fixed | fixed)

    def claim(self, name: str) -> Claim:
        """The earlier claim of that id; raises ProofError if there is none."""
        if name not in self.claims:
            raise ProofError(f"no earlier step {name!r}")
        return self.claims[name]


class Certificate(ABC):
    """An expression of this module, with sums, multiples and products."""

    @abstractmethod
    def value(self, premises: Premises) -> tuple[Term, Kind]:
        """Its term and what is known about it; raises ProofError where the expression proves nothing."""

    def uses(self) -> frozenset[str]:
        """Ids of the steps that it uses: those of its parts."""
        return used_by(self)

    def __add__(self, other: Part) -> Certificate:
        """Sum."""
        return Sum((self, certificate(other)))

    def __radd__(self, other: Part) -> Certificate:
        """Sum."""
        return Sum((certificate(other), self))

    def __mul__(self, other: Part) -> Certificate:
        """Product."""
        return Product(self, certificate(other))

    def __rmul__(self, other: Part) -> Certificate:
        """Product."""
        return Product(certificate(other), self)

    def __sub__(self, other: Part) -> Certificate:
        """Difference: of an equation only."""
        return self + -certificate(other)

    def __rsub__(self, other: Part) -> Certificate:
        """Difference: of an equation only."""
        return certificate(other) + -self

    def __neg__(self) -> Certificate:
        """Negative: of an equation only."""
        return Product(Given(term(-1)), self)


Part = Certificate | Term | int | Fraction | Var | Lin


def certificate(value: Part) -> Certificate:
    """A certificate, or a term by itself as one."""
    return value if isinstance(value, Certificate) else Given(term(value))


def used_by(node: object) -> frozenset[str]:
    """Ids that the certificates among a dataclass's fields use."""
    found: set[str] = set()
    for part in (getattr(node, f.name) for f in fields(node)):  # type: ignore[arg-type]
        for item in part if isinstance(part, tuple) else (part,):
            if isinstance(item, Certificate):
                found |= item.uses()
    return frozenset(found)


@dataclass(frozen=True)
class Use(Certificate):
    """right - left of an earlier claim, at other values of its free variables and free vectors."""

    name: str
    variables: Mapping[Var, Var | Lin] = field(default_factory=dict)
    vectors: Symbols = field(default_factory=dict)

    def value(self, premises: Premises) -> tuple[Term, Kind]:
        """The gap; an equation is zero, an inequality non-negative, a strict one positive."""
        claim = premises.claim(self.name)
        moved = {variable.name for variable in self.variables} | set(self.vectors)
        if self.name in premises.local and moved & premises.fixed:
            raise ProofError(f"{self.name} holds for the given {min(moved & premises.fixed)} only")
        for _, body in self.vectors.values():
            well_defined(body, premises.facts)
        signs = {(atom.name, atom.sign) for atom in atoms_of(claim.gap)}
        bound = [name for name in self.vectors if {sign for other, sign in signs if other == name} != {"free"}]
        if bound:
            raise ProofError(f"{self.name}: {bound[0]} is not a free vector of the claim")
        try:
            claim = instance(claim, self.variables, self.vectors)
        except ValueError as error:
            raise ProofError(f"{self.name}: {error}") from error
        return claim.gap, {"=": Kind.ZERO, "<=": Kind.NONNEGATIVE, "<": Kind.POSITIVE}[claim.relation]

    def uses(self) -> frozenset[str]:
        """The step itself."""
        return frozenset({self.name})


@dataclass(frozen=True)
class Given(Certificate):
    """A term by itself: its sign is read off its monomials, and a power of a polynomial has the sign of an earlier claim."""

    term: Term
    must: bool = False

    def value(self, premises: Premises) -> tuple[Term, Kind]:
        """The term and its evident sign."""
        well_defined(self.term, premises.facts)
        if not self.term.monomials:
            return self.term, Kind.ZERO
        sign = premises.facts.sign(self.term)
        if self.must and sign == Sign.UNKNOWN:
            raise ProofError(f"the sign of {self.term} is not evident")
        return self.term, Kind(int(sign))


@dataclass(frozen=True)
class Square(Certificate):
    """term^2."""

    term: Term

    def value(self, premises: Premises) -> tuple[Term, Kind]:
        """A square is non-negative."""
        well_defined(self.term, premises.facts)
        return self.term * self.term, Kind.NONNEGATIVE


@dataclass(frozen=True)
class Sum(Certificate):
    """Sum of certificates: zero if all are, non-negative if none is undecided, positive if one is positive."""

    parts: tuple[Certificate, ...]

    def value(self, premises: Premises) -> tuple[Term, Kind]:
        """Sum of the values; parts of unknown sign make the sum unknown."""
        total, kinds = ZERO, []
        for part in self.parts:
            value, kind = part.value(premises)
            total = total + value
            if value.monomials:
                kinds.append(kind)
        if Kind.ANY in kinds:
            return total, Kind.ANY
        if all(kind == Kind.ZERO for kind in kinds):
            return total, Kind.ZERO
        return total, Kind.POSITIVE if Kind.POSITIVE in kinds else Kind.NONNEGATIVE


@dataclass(frozen=True)
class Product(Certificate):
    """Product of two certificates: zero if one is."""

    left: Certificate
    right: Certificate

    def value(self, premises: Premises) -> tuple[Term, Kind]:
        """Product of the values."""
        (a, kind_a), (b, kind_b) = self.left.value(premises), self.right.value(premises)
        if Kind.ZERO in (kind_a, kind_b):
            return a * b, Kind.ZERO
        return a * b, min(kind_a, kind_b)


@dataclass(frozen=True)
class Over(Certificate):
    """Sum (or expectation) of a certificate over a variable."""

    variable: Var
    body: Certificate

    def value(self, premises: Premises) -> tuple[Term, Kind]:
        """The sum; a sum of positive terms counts as non-negative, as its range may be empty."""
        if self.variable.name in premises.fixed:
            raise ProofError(f"{self.variable.name} is fixed by a local hypothesis and cannot be summed over")
        value, kind = self.body.value(premises)
        if kind == Kind.POSITIVE and self.variable.range not in MEANS:
            kind = Kind.NONNEGATIVE
        return summed(self.variable, value), kind


@dataclass(frozen=True)
class Distinct(Certificate):
    """Sum of a certificate over two different values of two variables of one range: the double sum less its diagonal."""

    first: Var
    second: Var
    body: Certificate

    def value(self, premises: Premises) -> tuple[Term, Kind]:
        """The sum over first != second; non-negative terms stay non-negative."""
        if self.first.range != self.second.range or self.first.range in MEANS or self.first.below or self.second.below:
            raise ProofError(f"{self.first.name} and {self.second.name} do not run over the same indices")
        if {self.first.name, self.second.name} & premises.fixed:
            raise ProofError("a variable that a local hypothesis fixes cannot be summed over")
        value, kind = self.body.value(premises)
        diagonal = summed(self.second, substitute(value, {self.first: self.second}))
        both = summed(self.first, summed(self.second, value))
        return both - diagonal, Kind.NONNEGATIVE if kind == Kind.POSITIVE else kind


def use(name: str, variables: Mapping[Var, Var | Lin] | None = None, vectors: Symbols | None = None) -> Use:
    """right - left of an earlier claim at other values: ``use("bound", {i: j, t: n + 1}, {"u": ((i,), w[i])})``."""
    return Use(name, variables or {}, vectors or {})


def square(value: Operand) -> Square:
    """The square of a term."""
    return Square(term(value))


def positive(value: Operand) -> Given:
    """A term that is evidently non-negative."""
    return Given(term(value), must=True)


def distinct(first: Var, second: Var, body: Part) -> Distinct:
    """Sum of a certificate over first != second."""
    return Distinct(first, second, certificate(body))


def over(variable: Var, body: Part) -> Over:
    """Sum of a certificate over a variable."""
    return Over(variable, certificate(body))


NOTHING: Certificate = Given(ZERO)
