"""How a derivation names things: variables, symbols, and the Kronecker-free way to write them."""

from __future__ import annotations

from dataclasses import dataclass

from riskbounds.terms.linear import COUNT, REAL, TIME, Lin, Var, lin
from riskbounds.terms.polynomial import Atom, Term, factor, summed


@dataclass(frozen=True)
class Symbol:
    """A symbol of a sign ("+", "0+", "?", or "free" for vectors that a claim quantifies over): ``F(t)[i, j]``, ``x[i]``."""

    name: str
    sign: str = "?"
    symmetric: bool = False
    times: tuple[Lin, ...] = ()

    def __call__(self, *times: object) -> Symbol:
        """The symbol at given times."""
        return Symbol(self.name, self.sign, self.symmetric, tuple(lin(t) for t in times))

    def __getitem__(self, indices: Var | tuple[Var, ...]) -> Term:
        """The symbol's value at indices, as a term."""
        found = indices if isinstance(indices, tuple) and not isinstance(indices, Var) else (indices,)
        return factor(Atom(self.name, self.sign, self.times, _sorted(found) if self.symmetric else found, self.symmetric))

    @property
    def term(self) -> Term:
        """A symbol without indices, as a term."""
        return factor(Atom(self.name, self.sign, self.times))


def scalar(name: str, sign: str = "+") -> Term:
    """A number: a symbol without indices."""
    return Symbol(name, sign).term


def direction(name: str, part: str = "all") -> Var:
    """An eigendirection: of all, of the head i <= k*, or of the tail."""
    return Var(name, part)


def natural(name: str) -> Var:
    """A natural number."""
    return Var(name, TIME)


def parameter(name: str) -> Var:
    """A fixed natural number: claims about it say nothing of other numbers."""
    return Var(name, COUNT)


def real(name: str) -> Var:
    """A fixed positive real number, in exponents and as a number."""
    return Var(name, REAL)


def below(name: str, limit: object) -> Var:
    """A natural number less than a limit."""
    return Var(name, TIME, lin(limit))


def total(variable: Var, body: object) -> Term:
    """Sum over a variable; an expectation for ranges such as "outcome"."""
    return summed(variable, body)


def _sorted(indices: tuple[Var, ...]) -> tuple[Var, ...]:
    return tuple(sorted(indices, key=str))
