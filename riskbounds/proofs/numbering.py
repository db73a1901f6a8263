"""Rules that need the order of the directions or of two numbers: sums over a numbered range, minima and maxima."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from riskbounds.errors import ProofError
from riskbounds.proofs.certificates import Certificate, Kind, Part, Premises, certificate
from riskbounds.proofs.rules import PROVED, Rule, Verdict, by_certificate, same
from riskbounds.terms.claims import Claim, eq, le
from riskbounds.terms.functions import apply, arguments_of
from riskbounds.terms.linear import COUNT, TIME, Lin, Var
from riskbounds.terms.polynomial import Atom, Term, free_variables, substitute, summed, term

#: The symbol number[i] of a direction's number, and the number of all directions, M = M1 + 1.
NUMBER = "number"
SIZE = Var("M1", COUNT) + 1


@dataclass(frozen=True)
class Numbered(Rule):
    """A sum over all directions that depends on a direction through its number alone is a sum over 1, ..., M.

    ``symbol`` is the number of a direction, ``size`` the number of directions (:data:`NUMBER` and :data:`SIZE`: no other symbols
    mean these); the claim is sum_i f(number_i) = sum_{s<M} f(s+1).
    """

    body: Term
    direction: Var
    symbol: str
    size: Lin

    def check(self, claim: Claim, premises: Premises) -> Verdict:  # noqa: ARG002
        """The right side is the body with the number replaced by s + 1."""
        if (self.symbol, self.size, self.direction.range) != (NUMBER, SIZE, "all"):
            raise ProofError(f"{self.symbol} is not known to number the directions 1, ..., M")
        s = Var("s", TIME, self.size)
        numbered = substitute(self.body, {}, lambda atom: term(s + 1) if self._is_number(atom) else None)
        if self.direction in free_variables(numbered) or s in free_variables(self.body):
            raise ProofError(f"the body depends on {self.direction.name} not through {self.symbol} alone")
        same(claim, eq(summed(self.direction, self.body), summed(s, numbered)))
        return PROVED

    def _is_number(self, atom: Atom) -> bool:
        return atom == Atom(self.symbol, "+", (), (self.direction,))


@dataclass(frozen=True)
class BelowMin(Rule):
    """left <= min(...): each certificate shows that left is at most one of the arguments, in their order in the function."""

    certificates: tuple[Certificate, ...]

    def check(self, claim: Claim, premises: Premises) -> Verdict:
        """One inequality for each argument of the minimum."""
        _at_most(claim)
        for argument, each in paired(arguments_of(claim.right, "min"), self.certificates):
            by_certificate(le(claim.left, argument), each, premises)
        return PROVED


@dataclass(frozen=True)
class AboveMax(Rule):
    """max(...) <= right: each certificate shows that one of the arguments is at most right."""

    certificates: tuple[Certificate, ...]

    def check(self, claim: Claim, premises: Premises) -> Verdict:
        """One inequality for each argument of the maximum."""
        _at_most(claim)
        for argument, each in paired(arguments_of(claim.left, "max"), self.certificates):
            by_certificate(le(argument, claim.right), each, premises)
        return PROVED


@dataclass(frozen=True)
class Extreme(Certificate):
    """``bound`` against a minimum or maximum, inside another certificate: min(...) - bound, or bound - max(...)."""

    name: str
    bound: Term
    arguments: tuple[Term, ...]
    certificates: tuple[Certificate, ...]

    def value(self, premises: Premises) -> tuple[Term, Kind]:
        """One inequality for each argument."""
        for argument, each in paired(self.arguments, self.certificates):
            by_certificate(self._ordered(argument), each, premises)
        return self._ordered(apply(self.name, *self.arguments)).gap, Kind.NONNEGATIVE

    def _ordered(self, value: Term) -> Claim:
        return le(self.bound, value) if self.name == "min" else le(value, self.bound)


def at_most_min(bound: Term, choices: Mapping[Term, Part]) -> Extreme:
    """min(choices) - bound, each choice with its certificate for bound <= choice."""
    return Extreme("min", bound, tuple(choices), tuple(map(certificate, choices.values())))


def at_least_max(bound: Term, choices: Mapping[Term, Part]) -> Extreme:
    """bound - max(choices), each choice with its certificate for choice <= bound."""
    return Extreme("max", bound, tuple(choices), tuple(map(certificate, choices.values())))


def _at_most(claim: Claim) -> None:
    if claim.relation != "<=":
        raise ProofError("minima and maxima are compared by <= only")


def paired(arguments: tuple[Term, ...], certificates: tuple[Certificate, ...]) -> list[tuple[Term, Certificate]]:
    """Arguments and their certificates; raises ProofError if the numbers differ."""
    if len(arguments) != len(certificates):
        raise ProofError(f"{len(arguments)} arguments, {len(certificates)} certificates")
    return list(zip(arguments, certificates, strict=True))
