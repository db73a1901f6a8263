"""Counterexamples: exact values at which a claim is false, evaluated again with fifty digits before they are shown.

The second evaluation shares the symbols' values and the order of the sums with the exact one, not its numbers or its memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import mpmath

from riskbounds.errors import ProofError
from riskbounds.terms.claims import Claim
from riskbounds.terms.irrational import Exact, Sum, quotient
from riskbounds.terms.linear import MEANS, Var
from riskbounds.terms.models import Model, first_bound, free_of, independent
from riskbounds.terms.polynomial import Atom, Base, Factor, Monomial, Term

DIGITS, AGREEING = 50, 40
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs, "max": max, "min": min, "sqrt": mpmath.sqrt, "exp": mpmath.exp, "log": mpmath.log,
}  # fmt: skip


def counterexample(claim: Claim, model: Model) -> str | None:
    """Values at which the claim is false in the model, in words; None if there are none with an exact value.

    Both sides are evaluated again with fifty digits; None too if these are undefined, are not the exact values or do not make
    the claim false.
    """
    try:
        failing = next((at for at in model.assignments(claim) if _fails(claim, model, at)), None)
        if failing is None:
            return None
        exact = model.value(claim.left, failing), model.value(claim.right, failing)
        with mpmath.workdps(DIGITS):
            left, right = digits(claim.left, model, failing), digits(claim.right, model, failing)
            agree = all(_near(side, _number(value)) for side, value in zip((left, right), exact, strict=True))
            same = _near(left, right)
            false = {"=": not same, "<=": left > right and not same, "<": left > right or same}[claim.relation]
            shown = [mpmath.nstr(side, 6) for side in (left, right)]
    except (KeyError, ZeroDivisionError):
        return None
    where = ", ".join(f"{var.name} = {k}" for var, k in failing.items()) or "the model"
    words = f"at {where}: left = {exact[0]} (about {shown[0]}), right = {exact[1]} (about {shown[1]})"
    return words if agree and false else None


def _fails(claim: Claim, model: Model, at: Mapping[Var, int]) -> bool:
    """Whether the claim is false there; where it has no exact value, or speaks of times beyond the model's, it is not."""
    try:
        return not model.holds(claim, at)
    except (ProofError, ZeroDivisionError, IndexError):
        return False


def digits(body: Term, model: Model, at: Mapping[Var, int]) -> Any:
    """The value of a term at values of its free variables, to mpmath's working precision."""
    return _Digits(model, {}).value(body, at)


class _Digits(NamedTuple):
    """The symbols of a model as numbers of many digits, and the sums met so far."""

    model: Model
    remembered: dict[Any, Any]

    def value(self, body: Term, at: Mapping[Var, int]) -> Any:
        return mpmath.fsum(_number(c) * self._product(m, at) for m, c in body.monomials.items())

    def _product(self, monomial: Monomial, at: Mapping[Var, int]) -> Any:
        result = mpmath.mpf(1)
        for part in independent(monomial):
            key = part, tuple(at[v] for v in free_of(part))
            if key not in self.remembered:
                self.remembered[key] = self._sum(part, at)
            result *= self.remembered[key]
        return result

    def _sum(self, monomial: Monomial, at: Mapping[Var, int]) -> Any:
        if not monomial.bound:
            powers = (mpmath.power(self._factor(f, at), _number(exponent.value(at))) for f, exponent in monomial.factors)
            return mpmath.fprod(powers)
        var, rest = first_bound(monomial)
        parts = [self._product(rest, {**at, var: k}) for k in self.model.range(var, at)]
        if var.range in MEANS and var.range in self.model.weights:
            parts = [_number(weight) * part for weight, part in zip(self.model.weights[var.range], parts, strict=True)]
        return mpmath.fsum(parts)

    def _factor(self, f: Factor, at: Mapping[Var, int]) -> Any:
        if isinstance(f, Var):
            return mpmath.mpf(at[f])
        if isinstance(f, Base):
            return self.value(f.term, at)
        if isinstance(f, Atom):
            return _number(self.model.symbols[f.name](*(int(form.value(at)) for form in f.times), *(at[v] for v in f.indices)))
        return _FUNCTIONS[f.name](*(self.value(argument, at) for argument in f.arguments))


def _number(value: Exact | int) -> Any:
    above, under = (_sum(part) for part in quotient(value))
    return above / under


def _sum(parts: Sum) -> Any:
    """A sum of c sqrt(d) e^k."""
    return mpmath.fsum(
        mpmath.mpf(c.numerator) / c.denominator * mpmath.sqrt(d) * mpmath.exp(mpmath.mpf(k.numerator) / k.denominator)
        for (d, k), c in parts
    )


def _near(one: Any, other: Any) -> bool:
    """Whether two numbers are equal to all but the last digits."""
    return bool(abs(one - other) <= mpmath.mpf(10) ** -AGREEING * max(1, abs(one), abs(other)))
