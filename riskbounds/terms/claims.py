"""Claims: equations and inequalities between terms, for all values of their free variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from riskbounds.errors import ProofError
from riskbounds.terms.linear import FIXED, TIME, Lin, Var, at_least, lin
from riskbounds.terms.polynomial import Atom, Term, atoms_of, free_variables, substitute, term

Relation = Literal["=", "<=", "<"]
#: Replacement of a symbol: its name -> (its variables, the term in them).
Symbols = Mapping[str, tuple[tuple[Var, ...], Term]]


@dataclass(frozen=True)
class Claim:
    """left relation right, for all values of the free variables within their ranges.

    A Loewner inequality X <= Y is the claim sum_ij u_i X_ij u_j <= sum_ij u_i Y_ij u_j with a free vector u.
    """

    relation: Relation
    left: Term
    right: Term

    @property
    def gap(self) -> Term:
        """right - left: zero, non-negative or positive by the relation."""
        return self.right - self.left

    @property
    def variables(self) -> set[Var]:
        """The free variables of both sides."""
        return free_variables(self.left) | free_variables(self.right)

    @property
    def atoms(self) -> set[Atom]:
        """The symbols of both sides."""
        return atoms_of(self.left) | atoms_of(self.right)

    def __str__(self) -> str:
        """The claim in plain text."""
        return f"{self.left} {self.relation} {self.right}"


def eq(left: object, right: object) -> Claim:
    """The claim left = right."""
    return Claim("=", term(left), term(right))


def le(left: object, right: object) -> Claim:
    """The claim left <= right."""
    return Claim("<=", term(left), term(right))


def lt(left: object, right: object) -> Claim:
    """The claim left < right."""
    return Claim("<", term(left), term(right))


def within(variable: Var, value: Var | Lin) -> bool:
    """Whether every value of ``value`` lies in the variable's range."""
    form = lin(value)
    if variable.range in FIXED:
        return value == variable
    if variable.range == TIME:
        whole = all(c.denominator == 1 for _, c in form.parts) and form.constant.denominator == 1
        return whole and at_least(form) and (variable.below is None or at_least(variable.below - 1 - form))
    return isinstance(value, Var) and value.range in (variable.range, *(("head", "tail") if variable.range == "all" else ()))


def instance(claim: Claim, variables: Mapping[Var, Var | Lin], symbols: Symbols | None = None) -> Claim:
    """The claim at other values of its free variables, and with symbols replaced by terms.

    The caller answers for the replacement of symbols: free vectors may be replaced by any term.

    Raises
    ------
    ValueError: a value outside the range of its variable, or a variable that is not free in the claim.
    """
    free = free_variables(claim.left) | free_variables(claim.right)
    moved: dict[Var, Var | Lin] = {}
    for variable, value in variables.items():
        named = [v for v in free if v.name == variable.name]
        if not named:
            raise ValueError(f"{variable.name} is not free in the claim")
        moved[named[0]] = value
    ranges = {v: v.below.substitute(lambda w: moved.get(w, w)) for v in moved if v.below is not None}
    for variable, value in moved.items():
        target = Var(variable.name, variable.range, ranges.get(variable))
        if not within(target, value):
            raise ValueError(f"{value} is outside the range of {variable.name}")
    # free variables whose range mentions a replaced one move along
    for variable in free - moved.keys():
        if variable.below is not None and any(v in moved for v, _ in variable.below.parts):
            moved[variable] = Var(variable.name, TIME, variable.below.substitute(lambda w: moved.get(w, w)))
    atoms = None if not symbols else replacement(symbols)
    return Claim(claim.relation, substitute(claim.left, moved, atoms), substitute(claim.right, moved, atoms))


def replacement(symbols: Symbols) -> Callable[[Atom], Term | None]:
    """The function that replaces atoms by name."""

    def replace(atom: Atom) -> Term | None:
        found = symbols.get(atom.name)
        if found is None:
            return None
        variables, body = found
        values: tuple[Var | Lin, ...] = (*atom.times, *atom.indices)
        change = dict(zip(variables, values, strict=True))
        if len(change) < len(values) or not all(within(variable, value) for variable, value in change.items()):
            raise ProofError(f"{body} is no replacement of {atom.name} for all values of its variables")
        if any(v.name.startswith("#") for v in free_variables(body)):
            raise ProofError(f"a free variable of {body} has the name of a bound one")
        return substitute(body, change)

    return replace
