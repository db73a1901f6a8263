"""Mutants of claims: one coefficient, exponent, sign, index bound, time, or the direction changed; at the level of terms."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from random import Random

from riskbounds.errors import ProofError
from riskbounds.proofs import Claim
from riskbounds.terms.linear import TIME, Var
from riskbounds.terms.polynomial import Atom, Monomial, Term, substitute, under


def mutants(claim: Claim, random: Random, count: int) -> Iterator[tuple[str, Claim]]:
    """``count`` different mutants of the claim, with their kinds; fewer if there are no more."""
    yield from (("direction", each) for each in _directions(claim))
    changes = [
        (kind, side, monomial)
        for side in ("left", "right")
        for monomial in getattr(claim, side).monomials
        for kind in ("coefficient", "sign", "exponent", "bound", "time", "dropped")
    ]
    random.shuffle(changes)
    seen, made = {claim}, 0
    for kind, side, monomial in changes:
        if made == count:
            return
        try:
            changed = _changed(getattr(claim, side), monomial, kind, random)
        except ProofError:
            continue
        mutant = Claim(claim.relation, *(changed if name == side else getattr(claim, name) for name in ("left", "right")))
        if changed is not None and mutant not in seen:
            seen.add(mutant)
            made += 1
            yield kind, mutant


def _directions(claim: Claim) -> list[Claim]:
    if claim.relation == "=":
        return [Claim("<", claim.left, claim.right)]
    return [Claim(claim.relation, claim.right, claim.left), Claim("=", claim.left, claim.right)]


def _changed(body: Term, monomial: Monomial, kind: str, random: Random) -> Term | None:
    """The term with one monomial changed; None where the kind does not apply."""
    c = body.monomials[monomial]
    rest = Term({m: d for m, d in body.monomials.items() if m != monomial})
    own = Term({monomial: c})
    if kind == "coefficient":
        return rest + own * random.choice((Fraction(8, 7), Fraction(1, 2), 2))
    if kind == "sign":
        return rest - own
    if kind == "dropped":
        return rest
    if kind == "bound":
        return _wider(rest, monomial, c)
    if not monomial.factors:
        return None
    f, exponent = random.choice(monomial.factors)
    others = tuple((g, e) for g, e in monomial.factors if g != f)
    inner = Term({Monomial((), others): c})
    if kind == "exponent":
        moved = Term({Monomial((), ((f, exponent + 1),)): 1}) * 1
        return rest + under(monomial.bound, inner * moved)
    if not isinstance(f, Atom) or not f.times:
        return None
    later = Atom(f.name, f.sign, tuple(form + 1 for form in f.times), f.indices, f.symmetric)
    return rest + under(monomial.bound, inner * Term({Monomial((), ((later, exponent),)): 1}))


def _wider(rest: Term, monomial: Monomial, c: Fraction | int) -> Term | None:
    """One more term of a sum over natural numbers."""
    for var in monomial.bound:
        if var.range == TIME and var.below is not None and not any(var in dict(v.below.parts) for v in monomial.bound if v.below):
            wide = Var(var.name + "+", TIME, var.below + 1)
            body = substitute(Term({Monomial((), monomial.factors): c}), {var: wide})
            return rest + under(tuple(wide if v == var else v for v in monomial.bound), body)
    return None
