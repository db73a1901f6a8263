"""Terms: polynomials over Q in atoms, powers of polynomials and finite sums, in a normal form.

A term is a dict monomial -> coefficient.  A monomial is a product of factors under sums: ``sum_{i, s<t} f(i, s)`` with its bound
variables pulled out in front, so a product of two sums is one sum over independent variables.  Factors are atoms ``F(t)[i, j]``,
natural numbers (a time as a number) and powers of polynomials; exponents are linear forms.

Normal form: powers of a polynomial with a natural constant part of the exponent are multiplied out ((1-x)^(n+1) = (1-x)^n - x
(1-x)^n), sums over 0 <= s < t+1 split off their last term, sums that their variable does not enter are counted, and bound
variables are named by the least labelling.  Equal normal forms are equal for every size of every range.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import count, permutations, product
from math import gcd, lcm
from typing import NamedTuple

from riskbounds.errors import ProofError
from riskbounds.terms.linear import MEANS, NATURAL, TIME, Lin, Number, Var, exact, lin

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


class Term:
    """A polynomial in normal form; immutable, hashable, with ring operations."""

    __slots__ = ("_hash", "monomials")

    def __init__(self, monomials: Mapping[Monomial, Number]) -> None:
        """Keep monomials that are in normal form already; use the constructors below otherwise."""
        self.monomials = {m: exact(c) for m, c in monomials.items() if c}
        self._hash: int | None = None

    def __hash__(self) -> int:
        """Hash of the normal form, kept."""
        if self._hash is None:
            self._hash = hash(frozenset(self.monomials.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        """Equality of normal forms."""
        return isinstance(other, Term) and self.monomials == other.monomials

    def __add__(self, other: Operand) -> Term:
        """Sum."""
        if not isinstance(other, _OPERANDS):
            return NotImplemented
        return combine(((self, 1), (term(other), 1)))

    def __radd__(self, other: Operand) -> Term:
        """Sum."""
        return self + other

    def __neg__(self) -> Term:
        """Negative."""
        return Term({m: -c for m, c in self.monomials.items()})

    def __sub__(self, other: Operand) -> Term:
        """Difference."""
        return self + -term(other) if isinstance(other, _OPERANDS) else NotImplemented

    def __rsub__(self, other: Operand) -> Term:
        """Difference."""
        return -self + other if isinstance(other, _OPERANDS) else NotImplemented

    def __mul__(self, other: Operand) -> Term:
        """Product."""
        if not isinstance(other, _OPERANDS):
            return NotImplemented
        right = term(other)
        parts = ((_times(m, n), c * d) for m, c in self.monomials.items() for n, d in right.monomials.items())
        return combine(parts)

    def __rmul__(self, other: Operand) -> Term:
        """Product."""
        return self * other

    def __truediv__(self, other: Operand) -> Term:
        """Quotient; the divisor must be known to be positive where the term is used."""
        return self * power(term(other), lin(-1))

    def __rtruediv__(self, other: Operand) -> Term:
        """Quotient."""
        return term(other) * power(self, lin(-1))

    def __pow__(self, exponent: Var | Lin | Number) -> Term:
        """Power."""
        return power(self, lin(exponent))

    def __str__(self) -> str:
        """The term in plain text."""
        from riskbounds.terms.rendering import text

        return text(self)

    __repr__ = __str__

    @property
    def constant(self) -> Number | None:
        """The number that the term is, or None."""
        if not self.monomials:
            return 0
        return self.monomials.get(UNIT) if len(self.monomials) == 1 else None


Operand = Term | int | Fraction | Var | Lin
_OPERANDS = (Term, int, Fraction, Var, Lin)
UNIT = Monomial((), ())
ZERO = Term({})
NUMBER_ONE = Term({UNIT: 1})


def term(value: object) -> Term:
    """The term of a number, a natural number variable or a linear form."""
    if isinstance(value, Term):
        return value
    if isinstance(value, int | Fraction):
        return Term({UNIT: value})
    if isinstance(value, Var | Lin):
        form = lin(value)
        monomials = {Monomial((), ((var, ONE),)): c for var, c in form.parts}
        return Term({**monomials, UNIT: form.constant})
    raise TypeError(f"not a term: {value!r}")


def factor(base: Factor, exponent: Lin = ONE) -> Term:
    """One factor as a term."""
    return normal((), {base: exponent})


def combine(parts: Iterable[tuple[Term, Number]]) -> Term:
    """Linear combination of terms."""
    found: dict[Monomial, Number] = {}
    for part, scale in parts:
        for m, c in part.monomials.items():
            found[m] = found.get(m, 0) + c * scale
    return Term(found)


def power(base: Term, exponent: Lin) -> Term:
    """base^exponent: multiplied out for natural exponents, inverted factor by factor for one monomial without sums."""
    if exponent.is_constant and exponent.constant.denominator == 1 and exponent.constant >= 0:
        return _natural_power(base, int(exponent.constant))
    if len(base.monomials) == 1:
        ((monomial, c),) = base.monomials.items()
        whole = exponent.is_constant and exponent.constant.denominator == 1
        if not monomial.bound and (c > 0 or whole):
            raised = normal((), {f: _scaled(e, exponent) for f, e in monomial.factors})
            return combine([(raised, Fraction(c) ** int(exponent.constant))]) if whole else _number_power(c, exponent) * raised
    if not base.monomials:
        raise ProofError("a power of zero with an exponent that is not a natural number")
    if exponent.is_constant and exponent.constant.denominator == 1:
        common = _common(base)
        if common.monomials != NUMBER_ONE.monomials:
            return power(common, exponent) * power(base * power(common, lin(-1)), exponent)
        lead = content(base)
        return combine([(factor(Base(combine([(base, 1 / lead)])), exponent), lead ** int(exponent.constant))])
    lead = content(base)
    return _number_power(lead, exponent) * factor(Base(combine([(base, 1 / lead)])), exponent)


def _number_power(value: Number, exponent: Lin) -> Term:
    """A positive number to a power, its numerator and denominator apart."""
    parts = ((value.numerator, exponent), (value.denominator, exponent * -1))
    return normal((), {Base(term(part)): e for part, e in parts if part != 1})


def content(base: Term) -> Fraction:
    """The positive number that leaves coprime integers as coefficients."""
    coefficients = base.monomials.values()
    return Fraction(gcd(*(c.numerator for c in coefficients)), lcm(*(c.denominator for c in coefficients)))


def _common(base: Term) -> Term:
    """The product of atoms that divides every monomial."""
    monomials = list(base.monomials)
    shared: Factors = {f: e for f, e in monomials[0].factors if isinstance(f, Atom | Var) and f not in monomials[0].bound}
    for monomial in monomials:
        own, bound = dict(monomial.factors), set(monomial.bound)
        for f, e in list(shared.items()):
            other = own.get(f)
            if other is None or not (e.is_constant and other.is_constant) or _factor_variables(f) & bound:
                del shared[f]
            elif other.constant < e.constant:
                shared[f] = other
    return normal((), shared)


def summed(variable: Var, body: object) -> Term:
    """Sum of the body over the variable's range (its expectation, for a range in MEANS)."""
    if variable.range in NATURAL and variable.below is None:
        raise ProofError(f"a sum over all natural numbers {variable.name} is not finite")
    return combine((normal((*m.bound, variable), dict(m.factors)), c) for m, c in term(body).monomials.items())


def substitute(body: Term, change: Mapping[Var, Var | Lin], atoms: Callable[[Atom], Term | None] | None = None) -> Term:
    """Replace free variables, and atoms where ``atoms`` gives a term for them; bound variables are renamed apart first."""
    if not change and atoms is None:
        return body
    return combine((_substituted(m, change, atoms), c) for m, c in body.monomials.items())


def free_variables(body: Term) -> set[Var]:
    """The variables that occur free."""
    found: set[Var] = set()
    for monomial in body.monomials:
        found |= _variables(monomial.bound, monomial.factors) - set(monomial.bound)
    return found


def atoms_of(body: Term) -> set[Atom]:
    """All atoms, also inside powers and functions."""
    found: set[Atom] = set()
    for f in factors_of(body):
        if isinstance(f, Atom):
            found.add(f)
    return found


def factors_of(body: Term) -> Iterator[Factor]:
    """All factors, also inside powers and functions."""
    for monomial in body.monomials:
        for f, _ in monomial.factors:
            yield f
            for inner in (f.term,) if isinstance(f, Base) else f.arguments if isinstance(f, Function) else ():
                yield from factors_of(inner)


# ---------------------------------------------------------------- normal form


def normal(bound: tuple[Var, ...], factors: Factors) -> Term:
    """Normal form of a product of factors under sums."""
    for f, exponent in factors.items():
        whole = exponent.constant.__floor__() if isinstance(f, Base) else 0
        rest = {g: e for g, e in factors.items() if g != f} | {f: exponent - whole} if whole else factors
        if isinstance(f, Base) and whole and f.term.constant:
            return combine([(normal(bound, rest), Fraction(f.term.constant) ** whole)])
        if isinstance(f, Base) and whole > 0:
            return under(bound, normal((), rest) * _natural_power(f.term, whole))
    return _leaf(bound, factors)


def under(bound: tuple[Var, ...], body: Term) -> Term:
    """Sum of the body over the bound variables, its own bound variables renamed apart."""
    if not bound:
        return body
    parts = []
    for m, c in body.monomials.items():
        apart = _renamed(m, _fresh(m.bound, "'", bound, _variables(m.bound, m.factors))) if m.bound else m
        parts.append((_leaf((*bound, *apart.bound), dict(apart.factors)), c))
    return combine(parts)


def _leaf(bound: tuple[Var, ...], factors: Factors) -> Term:
    """Split and count sums over natural numbers, drop vacuous expectations; then name the bound variables."""
    factors = {f: e for f, e in factors.items() if e.parts or e.constant}
    used = _variables(bound, factors.items())
    for var in bound:
        if var.range == TIME and var.below is not None:
            if not var.below.parts and var.below.constant <= 0:
                return ZERO
            if var.below.constant >= 1:
                return _peeled(bound, var, factors)
        if var not in used and (var.range in MEANS or var.range == TIME):
            others = tuple(v for v in bound if v != var)
            count = NUMBER_ONE if var.below is None else term(var.below)
            return under(others, count * normal((), factors))
    return Term({_named(bound, factors): 1})


def _peeled(bound: tuple[Var, ...], var: Var, factors: Factors) -> Term:
    """sum_{s<r+1} f(s) = sum_{s<r} f(s) + f(r)."""
    assert var.below is not None
    last = var.below - 1
    rest = Monomial(tuple(v for v in bound if v != var), tuple(factors.items()))
    shorter = Var(var.name, TIME, last)
    return under((shorter,), _substituted(rest, {var: shorter}, None)) + _substituted(rest, {var: last}, None)


@lru_cache(maxsize=200_000)
def _times(left: Monomial, right: Monomial) -> Term:
    """Product of two monomials, the bound variables of the right one renamed apart."""
    if not left.factors and not left.bound:
        return Term({right: 1})
    if not right.factors and not right.bound:
        return Term({left: 1})
    if right.bound:
        taken = _variables(left.bound, left.factors), _variables(right.bound, right.factors)
        right = _renamed(right, _fresh(right.bound, "'", *taken, left.bound))
    merged = dict(left.factors)
    for f, e in right.factors:
        merged[f] = merged[f] + e if f in merged else e
    return normal(left.bound + right.bound, merged)


def _natural_power(base: Term, exponent: int) -> Term:
    result = NUMBER_ONE
    for _ in range(exponent):
        result = result * base
    return result


def _scaled(exponent: Lin, by: Lin) -> Lin:
    """Product of two exponents, one of which must be a number."""
    if exponent.is_constant:
        return by * exponent.constant
    if by.is_constant:
        return exponent * by.constant
    raise ProofError("a power of a power with two exponents that are not numbers")


# ---------------------------------------------------------------- variables


def variables_of(f: Factor, exponent: Lin) -> frozenset[Var]:
    """The variables of a factor and its exponent."""
    return _factor_variables(f) | {v for v, _ in exponent.parts}


def _variables(bound: tuple[Var, ...], factors: Iterable[tuple[Factor, Lin]]) -> set[Var]:
    found: set[Var] = set()
    for f, exponent in factors:
        found |= _factor_variables(f)
        found.update(v for v, _ in exponent.parts)
    for var in bound:
        if var.below is not None:
            found.update(v for v, _ in var.below.parts)
    return found


@lru_cache(maxsize=200_000)
def _factor_variables(f: Factor) -> frozenset[Var]:
    if isinstance(f, Var):
        return frozenset({f})
    if isinstance(f, Atom):
        return frozenset(f.indices) | {v for form in f.times for v, _ in form.parts}
    parts = (f.term,) if isinstance(f, Base) else f.arguments
    return frozenset(v for part in parts for v in free_variables(part))


def _fresh(bound: tuple[Var, ...], mark: str, *taken: Iterable[Var]) -> dict[Var, Var]:
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


def _renamed(monomial: Monomial, change: Mapping[Var, Var]) -> Monomial:
    factors = {_change_factor(f, change): e.substitute(lambda v: change.get(v, v)) for f, e in monomial.factors}
    return Monomial(tuple(change.get(v, v) for v in monomial.bound), tuple(factors.items()))


def _change_factor(f: Factor, change: Mapping[Var, Var | Lin]) -> Factor:
    """A factor with its variables replaced; the caller makes sure that a number variable is replaced by a variable."""
    if not (_factor_variables(f) & change.keys()):
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
        return Base(substitute(f.term, change))
    return _function(f.name, (substitute(part, change) for part in f.arguments))


def _function(name: str, arguments: Iterable[Term]) -> Function:
    """A function of its arguments in their order, which a substitution may have changed."""
    return Function(name, tuple(sorted(arguments, key=str)))


def _index(value: Var | Lin) -> Var:
    if isinstance(value, Var):
        return value
    raise ProofError("an index of an eigendirection cannot be a linear form")


def _substituted(monomial: Monomial, change: Mapping[Var, Var | Lin], atoms: Callable[[Atom], Term | None] | None) -> Term:
    """A monomial after substitution, back in normal form."""
    if monomial.bound:
        brought = {v for value in change.values() for v, _ in lin(value).parts}
        monomial = _renamed(monomial, _fresh(monomial.bound, '"', brought, change, _variables(monomial.bound, monomial.factors)))
    bound = []
    moved: dict[Var, Var | Lin] = dict(change)
    for var in _outermost_first(monomial.bound):
        new = var
        if var.below is not None:
            new = Var(var.name, var.range, var.below.substitute(lambda v: moved.get(v, v)))
            moved[var] = new
        bound.append(new)
    simple: Factors = {}
    result = NUMBER_ONE
    for f, e in monomial.factors:
        exponent = e.substitute(lambda v: moved.get(v, v))
        replaced = _replace_factor(f, moved, atoms)
        if isinstance(replaced, Term):
            result = result * power(replaced, exponent)
        else:
            simple[replaced] = simple[replaced] + exponent if replaced in simple else exponent
    return under(tuple(bound), normal((), simple) * result)


def _replace_factor(f: Factor, change: Mapping[Var, Var | Lin], atoms: Callable[[Atom], Term | None] | None) -> Factor | Term:
    if isinstance(f, Var):
        new = change.get(f, f)
        return term(new) if isinstance(new, Lin) else new
    if isinstance(f, Atom):
        moved = _change_factor(f, change)
        assert isinstance(moved, Atom)
        found = None if atoms is None else atoms(moved)
        return moved if found is None else found
    if isinstance(f, Base):
        return substitute(f.term, change, atoms)
    return _function(f.name, (substitute(part, change, atoms) for part in f.arguments))


def _outermost_first(bound: tuple[Var, ...]) -> list[Var]:
    ordered: list[Var] = []
    todo = list(bound)
    while todo:
        for var in todo:
            if var.below is None or not any(v in todo for v, _ in var.below.parts):
                ordered.append(var)
                todo.remove(var)
                break
    return ordered


# ---------------------------------------------------------------- names of bound variables


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


def _sorted(factors: Mapping[Factor, Lin]) -> tuple[tuple[Factor, Lin], ...]:
    return tuple(sorted(factors.items(), key=lambda item: sort_key(item[0])))


def _named(bound: tuple[Var, ...], factors: Factors) -> Monomial:
    """The monomial with bound variables named by the least labelling."""
    return _least(bound, frozenset(factors.items())) if bound else Monomial((), _sorted(factors))


@lru_cache(maxsize=200_000)
def _least(bound: tuple[Var, ...], items: frozenset[tuple[Factor, Lin]]) -> Monomial:
    factors = dict(items)
    avoid = {var.name for var in _variables(bound, items) if var not in bound}
    best: tuple[str, Monomial] | None = None
    for order in _labellings(bound, factors):
        change = _numbered(order, avoid)
        renamed = _renamed(Monomial(order, tuple(factors.items())), change)
        candidate = Monomial(renamed.bound, _sorted(dict(renamed.factors)))
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
    for var in _outermost_first(order):
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
            sort_key(_change_factor(f, marked)) + str(e.substitute(lambda v: marked.get(v, v)))  # noqa: B023
            for f, e in factors.items()
            if var in _factor_variables(f) or any(v == var for v, _ in e.parts)
        )
        below = "" if var.below is None else str(var.below.substitute(lambda v: marked.get(v, v)))  # noqa: B023
        signature[var] = var.range + below + "".join(seen)
    classes: dict[str, list[Var]] = {}
    for var in bound:
        classes.setdefault(signature[var], []).append(var)
    groups = [list(permutations(classes[key])) for key in sorted(classes)]
    for choice in product(*groups):
        yield tuple(var for group in choice for var in group)
