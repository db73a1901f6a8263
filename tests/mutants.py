"""Mutants of claims: one change each, at the level of terms.

Kinds: the direction (or strictness), one coefficient, sign, exponent, bound of a sum, index or time, a number inside a power or a
function, a monomial dropped, a number added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import chain, zip_longest
from random import Random

from riskbounds.errors import ProofError
from riskbounds.proofs import Claim
from riskbounds.terms.linear import MEANS, TIME, Lin, Var
from riskbounds.terms.monomials import change_factor, function_of
from riskbounds.terms.polynomial import (
    Atom,
    Base,
    Factor,
    Function,
    Monomial,
    Term,
    factor,
    power,
    substitute,
    under,
)

COEFFICIENTS = (Fraction(8, 7), Fraction(1, 2), Fraction(101, 100), 3)
ADDED = (Fraction(1, 7), Fraction(-1, 7), 2)
#: A range of directions, and what it may be mistaken for.
PARTS = {"all": ("head", "tail"), "head": ("all", "tail"), "tail": ("all", "head")}


def mutants(claim: Claim, random: Random, count: int) -> list[tuple[str, Claim]]:
    """``count`` different mutants of the claim with their kinds, the kinds taken in turn; fewer if there are no more."""
    queues = [list(found) for _, found in sorted(_by_kind(claim).items())]
    for queue in queues:
        random.shuffle(queue)
    random.shuffle(queues)
    seen, kept = {claim}, []
    for kind, make in filter(None, chain.from_iterable(zip_longest(*queues))):
        if len(kept) == count:
            break
        try:
            mutant = make()
        except ProofError:
            continue
        if mutant not in seen:
            seen.add(mutant)
            kept.append((kind, mutant))
    return kept


def _by_kind(claim: Claim) -> dict[str, list[tuple[str, Callable[[], Claim]]]]:
    """What may be done to the claim, by kind; nothing is computed yet."""
    found = {"direction": [("direction", lambda other=other: other) for other in _directions(claim)]}
    variables = claim.variables
    for side in ("left", "right"):
        for kind, change in changes(getattr(claim, side), variables):
            found.setdefault(kind, []).append((kind, lambda side=side, change=change: _with(claim, side, change())))
    return found


def _directions(claim: Claim) -> list[Claim]:
    relations = {"=": ("<=", "<"), "<=": ("=", "<"), "<": ("=",)}[claim.relation]
    turned = [] if claim.relation == "=" else [Claim(claim.relation, claim.right, claim.left)]
    return [*turned, *(Claim(relation, claim.left, claim.right) for relation in relations)]


def _with(claim: Claim, side: str, body: Term) -> Claim:
    return Claim(claim.relation, *(body if name == side else getattr(claim, name) for name in ("left", "right")))


def changes(body: Term, free: set[Var]) -> Iterator[tuple[str, Callable[[], Term]]]:
    """Every change of a term, by kind, made when asked for."""
    for number in ADDED:
        yield "added", lambda number=number: body + number
    for monomial, c in body.monomials.items():
        rest, own = body - Term({monomial: c}), Term({monomial: c})
        yield "dropped", lambda rest=rest: rest
        yield "sign", lambda rest=rest, own=own: rest - own
        for scale in COEFFICIENTS:
            yield "coefficient", lambda rest=rest, own=own, scale=scale: rest + own * scale
        for kind, change in chain(_of_bounds(monomial), _of_factors(monomial, free)):
            yield kind, lambda rest=rest, c=c, change=change: rest + change() * c


def _of_bounds(monomial: Monomial) -> Iterator[tuple[str, Callable[[], Term]]]:
    """Sums with one term more or less, or over another part of the directions."""
    for var in monomial.bound:
        others = [Var(var.name, part) for part in PARTS.get(var.range, ())]
        inner = any(v.below is not None and var in dict(v.below.parts) for v in monomial.bound)
        if var.range == TIME and var.below is not None and not inner:
            others = [Var(var.name, TIME, var.below + step) for step in (1, -1)]
        for other in others:
            yield "bound", lambda var=var, other=other: _rebound(monomial, var, other)


def _rebound(monomial: Monomial, var: Var, other: Var) -> Term:
    other = Var(other.name + "+", other.range, other.below)
    body = substitute(Term({Monomial((), monomial.factors): 1}), {var: other})
    return under(tuple(other if v == var else v for v in monomial.bound), body)


def _of_factors(monomial: Monomial, free: set[Var]) -> Iterator[tuple[str, Callable[[], Term]]]:
    """One factor of the monomial changed."""
    for f, exponent in monomial.factors:
        others = Term({Monomial((), tuple((g, e) for g, e in monomial.factors if g != f)): 1})

        def put(changed: Callable[[], Term], others: Term = others, bound: tuple[Var, ...] = ()) -> Callable[[], Term]:
            return lambda: under((*monomial.bound, *bound), others * changed())

        for step in (1, -1):
            yield "exponent", put(lambda f=f, e=exponent, step=step: factor(f, e + step))
        for form in f.times if isinstance(f, Atom) else ():
            yield "time", put(lambda f=f, e=exponent, form=form: factor(_later(f, form), e))
        for old, new in _other_indices(f, monomial, free):
            alone = (new,) if new not in monomial.bound and new not in free else ()
            yield "index", put(lambda f=f, e=exponent, old=old, new=new: factor(change_factor(f, {old: new}), e), bound=alone)
        for change in _inside(f, free):
            yield "inside", put(lambda e=exponent, change=change: power(change(), e))


def _later(f: Atom, form: Lin) -> Atom:
    return f._replace(times=tuple(each + 1 if each == form else each for each in f.times))


def _other_indices(f: Factor, monomial: Monomial, free: set[Var]) -> Iterator[tuple[Var, Var]]:
    """An index of the factor, and another variable of its range: of the monomial, of the claim, or a new one."""
    for old in sorted(set(f.indices), key=str) if isinstance(f, Atom) else ():
        known = {v for v in (*monomial.bound, *free) if v != old and (v.range, v.below) == (old.range, old.below)}
        for new in sorted(known, key=str):
            yield old, new
        if old in monomial.bound and old.range not in MEANS and old.range != TIME:
            yield old, Var("other", old.range)


def _inside(f: Factor, free: set[Var]) -> Iterator[Callable[[], Term]]:
    """The value of the factor with one change inside: of the base of a power, of an argument or of the function."""
    if isinstance(f, Base):
        yield from (change for _, change in changes(f.term, free))
    if not isinstance(f, Function):
        return
    if f.name in ("min", "max"):
        yield lambda: factor(function_of("max" if f.name == "min" else "min", f.arguments))
    for number, argument in enumerate(f.arguments):
        for _, change in changes(argument, free):
            yield lambda number=number, change=change: factor(
                function_of(f.name, (change() if k == number else each for k, each in enumerate(f.arguments)))
            )


def scaled(claim: Claim, other: Claim) -> bool:
    """Whether one claim is a positive multiple of the other (of any sign for an equation), so that they say the same."""
    if claim.relation != other.relation or claim.gap.monomials.keys() != other.gap.monomials.keys():
        return False
    ratios = {Fraction(c) / other.gap.monomials[m] for m, c in claim.gap.monomials.items()}
    return len(ratios) <= 1 and (claim.relation == "=" or all(ratio > 0 for ratio in ratios))
