"""Monomials: products of atoms, natural numbers and powers of polynomials under sums; variables and canonical names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import count, permutations, product
from typing import TYPE_CHECKING, NamedTuple

from riskbounds.errors import ProofError
from riskbounds.terms.linear import Lin, Var, is_whole, lin

if TYPE_CHECKING:
    from riskbounds.terms.polynomial import Term

#: Signs of atoms: "+" positive, "0+" non-negative, "?" real, "free" an arbitrary real vector that claims quantify over.
SIGNS = ("+", "0+", "?", "free")
ONE = lin(1)


class Atom(NamedTuple):
    """A symbol at times and indices, with its declared sign; symmetric ones have their indices sorted."""

    name: str
    sign: str
    times: tuple[Lin, ...] = ()
    indices: tuple[Var, ...] = ()
    symmetric: bool = False


class Base(NamedTuple):
    """A polynomial that is raised to a power: (1-x_i) in (1-x_i)^N, or (2-x_i) in 1/(2-x_i)."""

    term: Term


class Function(NamedTuple):
    """A named function of terms (sqrt, exp, max, min, abs); known to the checker by its defining facts alone."""

    name: str
    arguments: tuple[Term, ...]


Factor = Atom | Var | Base | Function
Factors = dict[Factor, Lin]


class Monomial(NamedTuple):
    """A product of factors under sums over the bound variables."""

    bound: tuple[Var, ...]
    factors: tuple[tuple[Factor, Lin], ...]


def variables_of(f: Factor, exponent: Lin) -> frozenset[Var]:
    """The variables of a factor and its exponent."""
    return factor_variables(f) | {v for v, _ in exponent.parts}


def used_variables(bound: tuple[Var, ...], factors: Iterable[tuple[Factor, Lin]]) -> set[Var]:
    """The variables of factors, their exponents and the ranges of bound variables."""
    found: set[Var] = set()
    for f, exponent in factors:
        found |= factor_variables(f)
        found.update(v for v, _ in exponent.parts)
    for var in bound:
        if var.below is not None:
            found.update(v for v, _ in var.below.parts)
    return found


@lru_cache(maxsize=200_000)
def factor_variables(f: Factor) -> frozenset[Var]:
    """The free variables of a factor."""
    if isinstance(f, Var):
        return frozenset({f})
    if isinstance(f, Atom):
        return frozenset(f.indices) | {v for form in f.times for v, _ in form.parts}
    parts = (f.term,) if isinstance(f, Base) else f.arguments
    return frozenset(v for part in parts for v in part.free_variables())


def fresh(bound: tuple[Var, ...], mark: str, *taken: Iterable[Var]) -> dict[Var, Var]:
    """New names for bound variables that no taken one has, ranges that depend on one another included."""
    names = {var.name for some in taken for var in some}
    while any(var.name + mark in names for var in bound):
        mark += mark[0]
    change: dict[Var, Var] = {}
    todo = list(bound)
    while todo:
        for var in todo:
            needs = [v for v, _ in var.below.parts] if var.below is not None else []
            if not any(v in todo for v in needs):
                below = None if var.below is None else var.below.substitute(lambda v: change.get(v, v))
                change[var] = Var(var.name + mark, var.range, below)
                todo.remove(var)
                break
    return change


def renamed(monomial: Monomial, change: Mapping[Var, Var]) -> Monomial:
    """The monomial with variables renamed, its factors not sorted."""
    factors = {change_factor(f, change): e.substitute(lambda v: change.get(v, v)) for f, e in monomial.factors}
    return Monomial(tuple(change.get(v, v) for v in monomial.bound), tuple(factors.items()))


def change_factor(f: Factor, change: Mapping[Var, Var | Lin]) -> Factor:
    """A factor with its variables replaced; the caller makes sure that a number variable is replaced by a variable."""
    if not (factor_variables(f) & change.keys()):
        return f
    if isinstance(f, Var):
        new = change[f]
        if isinstance(new, Lin):
            raise ProofError(f"{f.name} stands for a number here")
        return new
    if isinstance(f, Atom):
        indices = tuple(_index(change.get(v, v)) for v in f.indices)
        if f.symmetric:
            indices = tuple(sorted(indices, key=str))
        return Atom(f.name, f.sign, tuple(form.substitute(lambda v: change.get(v, v)) for form in f.times), indices, f.symmetric)
    if isinstance(f, Base):
        return Base(f.term.substitute(change))
    return function_of(f.name, (part.substitute(change) for part in f.arguments))


#: Functions whose value does not depend on the order of their arguments.
SYMMETRIC = frozenset({"max", "min"})


def function_of(name: str, arguments: Iterable[Term]) -> Function:
    """A function; the arguments of a symmetric one in the order of their text, whatever order a substitution has left them in."""
    ordered = tuple(sorted(arguments, key=str) if name in SYMMETRIC else arguments)
    if not ordered:
        raise ProofError(f"{name} of nothing")
    return Function(name, ordered)


def check_splits(monomial: Monomial, exponent: Lin) -> None:
    """Refuse (x^2)^(1/2) = x and (x y)^a = x^a y^a where factors may be negative: one at most, with an odd exponent."""
    signs = {f: f.sign in ("+", "0+") if isinstance(f, Atom) else isinstance(f, Var) for f, _ in monomial.factors}
    doubtful = [e for f, e in monomial.factors if not (signs[f] or (isinstance(f, Base) and f.term.constant))]
    odd = all(e.is_constant and e.constant.denominator == 1 and e.constant % 2 for e in doubtful)
    if not is_whole(exponent) and (len(doubtful) > 1 or not odd):
        raise ProofError("a power whose exponent may be no whole number, of a product whose factors may be negative")


def _index(value: Var | Lin) -> Var:
    if isinstance(value, Var):
        return value
    raise ProofError("an index of an eigendirection cannot be a linear form")


def outermost_first(bound: tuple[Var, ...]) -> list[Var]:
    """The bound variables in an order in which ranges come before what they bound."""
    ordered: list[Var] = []
    todo = list(bound)
    while todo:
        for var in todo:
            if var.below is None or not any(v in todo for v, _ in var.below.parts):
                ordered.append(var)
                todo.remove(var)
                break
    return ordered


@lru_cache(maxsize=500_000)
def sort_key(item: Factor | Monomial) -> str:
    """A total order of factors and monomials that does not depend on hashing."""
    if isinstance(item, Base):
        return "^" + _term_key(item.term)
    if isinstance(item, Function):
        return item.name + "(" + ",".join(map(_term_key, item.arguments)) + ")"
    if isinstance(item, Monomial):
        return str(item.bound) + "".join(sort_key(f) + str(e) for f, e in item.factors)
    return str(tuple(item))


@lru_cache(maxsize=100_000)
def _term_key(body: Term) -> str:
    return "+".join(sorted(f"{c}{sort_key(m)}" for m, c in body.monomials.items()))


def sorted_factors(factors: Mapping[Factor, Lin]) -> tuple[tuple[Factor, Lin], ...]:
    """Factors in the order of their keys."""
    return tuple(sorted(factors.items(), key=lambda item: sort_key(item[0])))


def named(bound: tuple[Var, ...], factors: Factors) -> Monomial:
    """The monomial with bound variables named by the least labelling."""
    return _least(bound, frozenset(factors.items())) if bound else Monomial((), sorted_factors(factors))


@lru_cache(maxsize=200_000)
def _least(bound: tuple[Var, ...], items: frozenset[tuple[Factor, Lin]]) -> Monomial:
    factors = dict(items)
    avoid = {var.name for var in used_variables(bound, items) if var not in bound}
    best: tuple[str, Monomial] | None = None
    for order in _labellings(bound, factors):
        change = _numbered(order, avoid)
        found = renamed(Monomial(order, tuple(factors.items())), change)
        candidate = Monomial(found.bound, sorted_factors(dict(found.factors)))
        key = sort_key(candidate)
        if best is None or key < best[0]:
            best = (key, candidate)
    assert best is not None
    return best[1]


def _numbered(order: tuple[Var, ...], avoid: set[str]) -> dict[Var, Var]:
    """Names by position that no free variable has; ranges that mention other bound variables follow."""
    free = (name for name in (f"#{k}" for k in count()) if name not in avoid)
    names = dict(zip(order, free, strict=False))
    change: dict[Var, Var] = {}
    for var in outermost_first(order):
        below = None if var.below is None else var.below.substitute(lambda v: change.get(v, v))
        change[var] = Var(names[var], var.range, below)
    return change


def _labellings(bound: tuple[Var, ...], factors: Factors) -> Iterator[tuple[Var, ...]]:
    """Orders of the bound variables: classes of equal signature in signature order, all permutations inside a class."""
    if len(bound) == 1:
        yield bound
        return
    blank = {var: Var("#", var.range, None) for var in bound}
    signature: dict[Var, str] = {}
    for var in bound:
        marked = {**blank, var: Var("@", var.range, None)}
        seen = sorted(
            sort_key(change_factor(f, marked)) + str(e.substitute(lambda v: marked.get(v, v)))  # noqa: B023
            for f, e in factors.items()
            if var in factor_variables(f) or any(v == var for v, _ in e.parts)
        )
        below = "" if var.below is None else str(var.below.substitute(lambda v: marked.get(v, v)))  # noqa: B023
        signature[var] = var.range + below + "".join(seen)
    classes: dict[str, list[Var]] = {}
    for var in bound:
        classes.setdefault(signature[var], []).append(var)
    groups = [list(permutations(classes[key])) for key in sorted(classes)]
    for choice in product(*groups):
        yield tuple(var for group in choice for var in group)
