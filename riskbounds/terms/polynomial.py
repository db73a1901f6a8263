"""Terms: polynomials over Q in atoms, powers of polynomials and finite sums, in a normal form.

A term is a dict monomial -> coefficient.  A monomial is a product of factors under sums: ``sum_{i, s<t} f(i, s)`` with its bound
variables pulled out in front, so a product of two sums is one sum over independent variables.  Factors are atoms ``F(t)[i, j]``,
natural numbers (a time as a number) and powers of polynomials; exponents are linear forms.

Normal form: powers of a polynomial with a natural constant part of the exponent are multiplied out ((1-x)^(n+1) = (1-x)^n - x
(1-x)^n), positive numbers leave powers, sums over 0 <= s < t+1 split off their last term, sums that their variable does not
enter are counted, and bound variables are named by the least labelling. Equal normal forms are equal for every size of every
range.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import lru_cache

from riskbounds.errors import ProofError
from riskbounds.terms.contents import atoms_of, content, factors_of, free_variables, shared_factors
from riskbounds.terms.linear import MEANS, NATURAL, REAL, TIME, Lin, Number, Var, at_least, exact, lin
from riskbounds.terms.monomials import (
    ONE,
    SIGNS,
    Atom,
    Base,
    Factor,
    Factors,
    Function,
    Monomial,
    change_factor,
    check_splits,
    fresh,
    function_of,
    named,
    outermost_first,
    renamed,
    sort_key,
    used_variables,
    variables_of,
)  # fmt: skip

__all__ = [
    "NUMBER_ONE", "ONE", "SIGNS", "UNIT", "ZERO", "Atom", "Base", "Factor", "Factors", "Function", "Monomial", "Operand", "Term",
    "atoms_of", "combine", "content", "factor", "factors_of", "free_variables", "normal", "power", "single", "sort_key",
    "substitute", "summed", "term", "under", "variables_of",
]  # fmt: skip


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

    def free_variables(self) -> set[Var]:
        """The variables that occur free."""
        return free_variables(self)

    def substitute(self, change: Mapping[Var, Var | Lin]) -> Term:
        """The term with free variables replaced: see :func:`substitute`."""
        return substitute(self, change)

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


def single(body: Term) -> Factor:
    """The factor that the term is; raises ProofError if it is more than one symbol or variable."""
    (monomial, *others) = body.monomials or (UNIT,)
    if others or body.monomials.get(monomial) != 1 or monomial.bound or [e for _, e in monomial.factors] != [ONE]:
        raise ProofError(f"{body} is not one factor")
    return monomial.factors[0][0]


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
            check_splits(monomial, exponent)
            raised = normal((), {f: _scaled(e, exponent) for f, e in monomial.factors})
            return combine([(raised, Fraction(c) ** int(exponent.constant))]) if whole else _number_power(c, exponent) * raised
    if not base.monomials:
        raise ProofError("a power of zero with an exponent that is not a natural number")
    if exponent.is_constant and exponent.constant.denominator == 1:
        common = normal((), shared_factors(base))
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


def summed(variable: Var, body: object) -> Term:
    """Sum of the body over the variable's range (its expectation, for a range in MEANS)."""
    if variable.range == REAL or (variable.range in NATURAL and (variable.below is None or not at_least(variable.below))):
        raise ProofError(f"{variable.name} runs over no finite range, or over one that may be of negative length")
    return combine((normal((*m.bound, variable), dict(m.factors)), c) for m, c in term(body).monomials.items())


def substitute(body: Term, change: Mapping[Var, Var | Lin], atoms: Callable[[Atom], Term | None] | None = None) -> Term:
    """Replace free variables, and atoms where ``atoms`` gives a term for them; bound variables are renamed apart first."""
    if not change and atoms is None:
        return body
    return combine((_substituted(m, change, atoms), c) for m, c in body.monomials.items())


# ---------------------------------------------------------------- normal form


def normal(bound: tuple[Var, ...], factors: Factors) -> Term:
    """Normal form of a product of factors under sums."""
    for f, exponent in factors.items():
        if not isinstance(f, Base):
            continue
        whole, number = exponent.constant.__floor__(), f.term.constant
        if whole > 0 or (whole and number):
            rest = {g: e for g, e in factors.items() if g != f} | {f: exponent - whole}
            if number:
                return combine([(normal(bound, rest), Fraction(number) ** whole)])
            return under(bound, normal((), rest) * _natural_power(f.term, whole))
    return _leaf(bound, factors)


def under(bound: tuple[Var, ...], body: Term) -> Term:
    """Sum of the body over the bound variables, its own bound variables renamed apart."""
    if not bound:
        return body
    parts = []
    for m, c in body.monomials.items():
        apart = renamed(m, fresh(m.bound, "'", bound, used_variables(m.bound, m.factors))) if m.bound else m
        parts.append((_leaf((*bound, *apart.bound), dict(apart.factors)), c))
    return combine(parts)


def _leaf(bound: tuple[Var, ...], factors: Factors) -> Term:
    """Split and count sums over natural numbers, drop vacuous expectations; then name the bound variables."""
    factors = {f: e for f, e in factors.items() if e.parts or e.constant}
    used = used_variables(bound, factors.items())
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
    return Term({named(bound, factors): 1})


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
        taken = used_variables(left.bound, left.factors), used_variables(right.bound, right.factors)
        right = renamed(right, fresh(right.bound, "'", *taken, left.bound))
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


def _substituted(monomial: Monomial, change: Mapping[Var, Var | Lin], atoms: Callable[[Atom], Term | None] | None) -> Term:
    """A monomial after substitution, back in normal form."""
    if monomial.bound:
        brought = {v for value in change.values() for v, _ in lin(value).parts}
        used = used_variables(monomial.bound, monomial.factors)
        monomial = renamed(monomial, fresh(monomial.bound, '"', brought, change, used))
    bound = []
    moved: dict[Var, Var | Lin] = dict(change)
    for var in outermost_first(monomial.bound):
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
        moved = change_factor(f, change)
        assert isinstance(moved, Atom)
        found = None if atoms is None else atoms(moved)
        return moved if found is None else found
    if isinstance(f, Base):
        return substitute(f.term, change, atoms)
    return function_of(f.name, (substitute(part, change, atoms) for part in f.arguments))
