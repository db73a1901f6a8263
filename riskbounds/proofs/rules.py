"""Rules: what justifies a step. Each checks one claim against earlier ones and searches for nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from riskbounds.errors import ProofError
from riskbounds.proofs.certificates import NOTHING, Certificate, Kind, Premises, used_by
from riskbounds.terms.claims import Claim, instance, le, lt
from riskbounds.terms.contents import atoms_of, free_variables
from riskbounds.terms.identity import is_zero
from riskbounds.terms.linear import REAL, TIME, Var, lin
from riskbounds.terms.polynomial import Atom, Monomial, Term, combine, factor, normal, single, substitute, summed, under
from riskbounds.terms.ranges import split

if TYPE_CHECKING:
    from riskbounds.proofs.derivation import Derivation

Status = Literal["proved", "enclosed", "assumed", "refused", "refuted"]


class Verdict(NamedTuple):
    """What the checker says of a step, why, and for a refuted claim the counterexample."""

    status: Status
    reason: str = ""
    counterexample: str | None = None


PROVED = Verdict("proved")
#: Ids that an induction and a case distinction give to their hypotheses.
LOCAL = frozenset({"ih", "case"})


class Rule(ABC):
    """A justification."""

    @abstractmethod
    def check(self, claim: Claim, premises: Premises) -> Verdict:
        """The verdict; raises ProofError where the rule does not apply."""

    def uses(self) -> frozenset[str]:
        """Ids of the earlier steps that it uses."""
        return used_by(self) - LOCAL

    @property
    def derivations(self) -> tuple[Derivation, ...]:
        """The derivations that it rests on."""
        return ()


@dataclass(frozen=True)
class Assumption(Rule):
    """A hypothesis of the registered theorem, part of the model's definition, or a cited external result."""

    kind: Literal["hypothesis", "model", "cited"]
    source: str

    def check(self, claim: Claim, premises: Premises) -> Verdict:  # noqa: ARG002
        """Assumed, never proved."""
        return Verdict("assumed", f"{self.kind}: {self.source}")


@dataclass(frozen=True)
class Definition(Rule):
    """A new symbol: symbol(times)[indices] = body, for distinct variables; else the body depends on fixed real numbers only."""

    def check(self, claim: Claim, premises: Premises) -> Verdict:
        """The symbol is new, real, and symmetric only if the body is."""
        atom = single(claim.left)
        if not isinstance(atom, Atom) or atom.sign != "?" or claim.relation != "=":
            raise ProofError("a definition reads: a new real symbol = its body")
        arguments = [*(form.parts[0][0] for form in atom.times if form.parts), *atom.indices]
        alone = all(form.parts and form == lin(form.parts[0][0]) for form in atom.times)
        plain = alone and len(set(arguments)) == len(atom.times) + len(atom.indices)
        known = {a.name for other in premises.claims.values() for a in other.atoms}
        if not plain or atom.name in known | {a.name for a in atoms_of(claim.right)}:
            raise ProofError(f"{atom.name} is not new, or its arguments are not distinct variables")
        depends = {v for v in free_variables(claim.right) if v.range != REAL}
        if not depends <= set(arguments) or any(a.sign == "free" for a in atoms_of(claim.right)):
            raise ProofError(f"the body of {atom.name} depends on more than its arguments")
        swap = dict(zip(atom.indices, reversed(atom.indices), strict=True))
        if atom.symmetric and not is_zero(claim.right - substitute(claim.right, swap)):
            raise ProofError(f"the body of {atom.name} is not symmetric")
        return PROVED


@dataclass(frozen=True)
class Algebra(Rule):
    """right - left is identical to the certificate's value, which is zero, non-negative or positive as the relation asks."""

    certificate: Certificate = NOTHING

    def check(self, claim: Claim, premises: Premises) -> Verdict:
        """Compare normal forms; denominators known to be positive are cleared."""
        by_certificate(claim, self.certificate, premises)
        return PROVED


@dataclass(frozen=True)
class Induction(Rule):
    """The claim at 0, and at n + 1 given the claim at n (the premise "ih")."""

    variable: Var
    base: Certificate = NOTHING
    step: Certificate = NOTHING

    def check(self, claim: Claim, premises: Premises) -> Verdict:
        """Both certificates."""
        n = self.variable
        if n.range != TIME or n.below is not None:
            raise ProofError(f"{n.name} does not run over all natural numbers")
        if n not in claim.variables:
            raise ProofError(f"{n.name} is not free in the claim")
        by_certificate(instance(claim, {n: n * 0}), self.base, premises)
        inner = premises.with_local("ih", claim, frozenset({n.name}))
        by_certificate(instance(claim, {n: n + 1}), self.step, inner)
        return PROVED


@dataclass(frozen=True)
class Cases(Rule):
    """left <= right or right < left; each case is the premise "case" of its certificate."""

    left: Term
    right: Term
    if_le: Certificate
    if_gt: Certificate

    def check(self, claim: Claim, premises: Premises) -> Verdict:
        """Both certificates, the case holding for the given values of its variables and vectors only."""
        first, second = le(self.left, self.right), lt(self.right, self.left)
        fixed = frozenset(v.name for v in free_variables(first.gap)) | frozenset(a.name for a in atoms_of(first.gap))
        for case, certificate in ((first, self.if_le), (second, self.if_gt)):
            by_certificate(claim, certificate, premises.with_local("case", case, fixed))
        return PROVED


@dataclass(frozen=True)
class Root(Rule):
    """left <= right from left^2 <= right^2 and 0 <= right."""

    squares: Certificate
    right: Certificate

    def check(self, claim: Claim, premises: Premises) -> Verdict:
        """Both certificates."""
        if claim.relation != "<=":
            raise ProofError("a root keeps <= only")
        by_certificate(le(0, claim.right), self.right, premises)
        by_certificate(le(claim.left**2, claim.right**2), self.squares, premises)
        return PROVED


@dataclass(frozen=True)
class Chebyshev(Rule):
    """Chebyshev's sum inequality over 0 <= s <= m for monotone f, g (``variable`` is s with below = m).

    Both rising: (sum f)(sum g) <= (m+1) sum f g.  One rising, one falling: (m+1) sum f g <= (sum f)(sum g).
    ``f_monotone`` shows f(s+1) - f(s) >= 0 (or f(s) - f(s+1) >= 0 where ``f_falls``), ``g_monotone`` likewise.
    """

    variable: Var
    f: Term
    g: Term
    f_monotone: Certificate
    g_monotone: Certificate
    f_falls: bool = False
    g_falls: bool = False

    def check(self, claim: Claim, premises: Premises) -> Verdict:
        """The two monotonicity certificates, then the shape of the claim."""
        s = self.variable
        if s.range != TIME or s.below is None:
            raise ProofError(f"{s.name} needs a range 0 <= {s.name} < m")
        for body, certificate, falls in ((self.f, self.f_monotone, self.f_falls), (self.g, self.g_monotone, self.g_falls)):
            after = substitute(body, {s: s + 1})
            by_certificate(le(after, body) if falls else le(body, after), certificate, premises)
        whole = Var(s.name, TIME, s.below + 1)
        f, g = (substitute(body, {s: whole}) for body in (self.f, self.g))
        separate, together = summed(whole, f) * summed(whole, g), summed(whole, 1) * summed(whole, f * g)
        expected = le(separate, together) if self.f_falls == self.g_falls else le(together, separate)
        same(claim, expected)
        return PROVED


@dataclass(frozen=True)
class AtUnitVector(Rule):
    """An earlier quadratic claim in the free vector u, at u = e_k: diagonal entries of a Loewner inequality."""

    premise: str
    vector: str
    index: Var

    def check(self, claim: Claim, premises: Premises) -> Verdict:
        """Set every index of u to k."""
        earlier = premises.claim(self.premise)
        left, right = (
            combine((self._at_unit(m), c) for m, c in side.monomials.items()) for side in (earlier.left, earlier.right)
        )
        same(claim, Claim(earlier.relation, left, right))
        return PROVED

    def _at_unit(self, monomial: Monomial) -> Term:
        hit = {f: e for f, e in monomial.factors if isinstance(f, Atom) and f.name == self.vector}
        inside = any(a.name == self.vector for f, _ in monomial.factors if f not in hit for a in atoms_of(factor(f)))
        plain = all(len(f.indices) == 1 and f.sign == "free" and f.indices[0] in monomial.bound for f in hit)
        if not hit or inside or not plain or not all(e.is_constant for e in hit.values()):
            raise ProofError(f"{self.vector} does not enter every term of the claim as a summed vector")
        indices = {f.indices[0] for f in hit}
        if any(v.range != self.index.range for v in indices):
            raise ProofError(f"{self.vector} and {self.index.name} run over different ranges")
        body = normal((), {f: e for f, e in monomial.factors if f not in hit})
        return under(tuple(v for v in monomial.bound if v not in indices), substitute(body, dict.fromkeys(indices, self.index)))

    def uses(self) -> frozenset[str]:
        """The quadratic claim."""
        return frozenset({self.premise})


@dataclass(frozen=True)
class Split(Rule):
    """Sums over all directions are sums over the head i <= k* plus sums over the tail i > k*; a certificate does the rest."""

    certificate: Certificate = NOTHING

    def check(self, claim: Claim, premises: Premises) -> Verdict:
        """Split every sum of the difference, then compare."""
        value, kind = self.certificate.value(premises)
        _kind_suffices(claim, kind)
        if not is_zero(split(claim.gap - value)):
            raise ProofError("after splitting the sums at k* the difference is not the certificate's value")
        return PROVED


@dataclass(frozen=True)
class Known(Rule):
    """A fact that defines a function: see :data:`FACTS`."""

    fact: str
    arguments: tuple[Term, ...]
    certificate: Certificate = NOTHING

    def check(self, claim: Claim, premises: Premises) -> Verdict:
        """The claim is the fact at these arguments; a square root asks for a certificate that its argument is non-negative."""
        from riskbounds.terms.functions import FACTS

        if self.fact not in FACTS:
            raise ProofError(f"no fact {self.fact!r}")
        needs, expected = FACTS[self.fact](*self.arguments)
        if needs is not None:
            by_certificate(needs, self.certificate, premises)
        same(claim, expected)
        return PROVED


def is_trivial(claim: Claim) -> bool:
    """Whether both sides are the same term and the relation allows it."""
    return claim.relation != "<" and claim.left == claim.right


def by_certificate(claim: Claim, certificate: Certificate, premises: Premises) -> None:
    """Check that right - left is the certificate's value and that its kind is enough; raises ProofError if not."""
    value, kind = certificate.value(premises)
    _kind_suffices(claim, kind)
    if not is_zero(claim.gap - value):
        raise ProofError("the difference of the two sides is not the certificate's value")


def _kind_suffices(claim: Claim, kind: Kind) -> None:
    enough = {"=": kind == Kind.ZERO, "<=": kind != Kind.ANY, "<": kind == Kind.POSITIVE}[claim.relation]
    if not enough:
        raise ProofError(f"the certificate shows {kind.name.lower()}, which is not enough for {claim.relation}")


def same(claim: Claim, expected: Claim) -> None:
    """The two claims have the same relation and sides (equality: up to exchange)."""
    sides = ((expected.left, expected.right), (expected.right, expected.left))
    for left, right in sides if claim.relation == "=" else sides[:1]:
        if claim.relation == expected.relation and is_zero(claim.left - left) and is_zero(claim.right - right):
            return
    raise ProofError(f"the rule gives {expected}, not this claim")
