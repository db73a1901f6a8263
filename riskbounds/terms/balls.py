"""Terms in ball arithmetic (Arb): the value of a term, rigorously enclosed, where its factors lie in given balls."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flint import arb, fmpq

from riskbounds.errors import ProofError
from riskbounds.terms.linear import Lin, Number, Var
from riskbounds.terms.polynomial import Atom, Base, Factor, Term

#: Balls of the factors that a term is made of.
Balls = Mapping[Factor, arb]
_FUNCTIONS: dict[str, Callable[..., arb]] = {
    "exp": arb.exp,
    "sqrt": arb.sqrt,
    "log": arb.log,
    "abs": abs,
    "gamma": arb.gamma,
    "max": arb.max,
    "min": arb.min,
    "root": lambda m, a: (m.log() / a).exp(),
}


def ball(value: Number) -> arb:
    """A rational number."""
    return arb(fmpq(value.numerator, value.denominator))


def hull(low: Number, high: Number) -> arb:
    """A ball that holds the interval."""
    return ball(low).union(ball(high))


def enclosure(body: Term, at: Balls) -> arb:
    """The value of a term without sums.

    Raises
    ------
    ProofError: a sum, a factor without a ball, a function without an enclosure, or a value that is not finite.
    """
    total = arb(0)
    for monomial, c in body.monomials.items():
        if monomial.bound:
            raise ProofError("a sum has no enclosure: its range is not known")
        value = ball(c)
        for f, exponent in monomial.factors:
            value *= _power(_factor(f, at), exponent, at)
        total += value
    if not total.is_finite():
        raise ProofError("no finite enclosure")
    return total


def _factor(f: Factor, at: Balls) -> arb:
    if isinstance(f, Atom | Var):
        if f not in at:
            raise ProofError(f"{f.name} has no ball")
        return at[f]
    if isinstance(f, Base):
        return enclosure(f.term, at)
    if f.name not in _FUNCTIONS:
        raise ProofError(f"{f.name} has no enclosure")
    first, *others = (enclosure(part, at) for part in f.arguments)
    if f.name not in ("max", "min"):
        return _FUNCTIONS[f.name](first, *others)
    for other in others:
        first = _FUNCTIONS[f.name](first, other)
    return first


def _power(base: arb, exponent: Lin, at: Balls) -> arb:
    """base^exponent: by repeated multiplication for whole numbers, else by the logarithm."""
    if exponent.is_constant and exponent.constant.denominator == 1:
        return base ** int(exponent.constant)
    form = sum((ball(c) * _factor(var, at) for var, c in exponent.parts), ball(exponent.constant))
    return (form * base.log()).exp()
