"""Exact models: rational values of all symbols and sizes of all ranges, in which a claim is true or false."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random

from riskbounds.errors import ProofError
from riskbounds.terms.claims import Claim
from riskbounds.terms.linear import MEANS, TIME, Var
from riskbounds.terms.polynomial import Atom, Base, Factor, Monomial, Term, free_variables

Values = dict[Var, int]
#: The value of a symbol at its times and indices (indices count from 0).
Symbol = Callable[..., Fraction | int]


@dataclass(frozen=True, kw_only=True)
class Model:
    """Sizes of the ranges (outcomes of a mean have weights instead) and values of the symbols.

    Free natural numbers are tried from 0 to ``times``; free indices over their whole range.
    """

    sizes: Mapping[str, int]
    symbols: Mapping[str, Symbol]
    weights: Mapping[str, tuple[Fraction, ...]] = field(default_factory=dict)
    times: int = 3

    def value(self, body: Term, at: Mapping[Var, int]) -> Fraction:
        """The exact value of a term at values of its free variables."""
        return sum((c * self._monomial(m, dict(at)) for m, c in body.monomials.items()), Fraction(0))

    def _monomial(self, monomial: Monomial, at: Values) -> Fraction:
        return self._bound(_ordered(monomial.bound), monomial, at)

    def _bound(self, bound: list[Var], monomial: Monomial, at: Values) -> Fraction:
        if not bound:
            result = Fraction(1)
            for f, exponent in monomial.factors:
                result *= _raised(self._factor(f, at), exponent.value(at))
                if not result:
                    return result
            return result
        var, rest = bound[0], bound[1:]
        weights = self.weights.get(var.range) if var.range in MEANS else None
        total = Fraction(0)
        for k in self.range(var, at):
            part = self._bound(rest, monomial, {**at, var: k})
            total += part if weights is None else weights[k] * part
        return total

    def range(self, var: Var, at: Mapping[Var, int]) -> range:
        """The values of a variable."""
        if var.range == TIME:
            return range(self.times + 1) if var.below is None else range(int(var.below.value(at)))
        if var.range == "tail":
            return range(self.sizes["head"], self.sizes["all"])
        return range(len(self.weights[var.range]) if var.range in MEANS else self.sizes[var.range])

    def _factor(self, f: Factor, at: Mapping[Var, int]) -> Fraction:
        if isinstance(f, Var):
            return Fraction(at[f])
        if isinstance(f, Base):
            return self.value(f.term, at)
        if isinstance(f, Atom):
            times = [int(form.value(at)) for form in f.times]
            return Fraction(self.symbols[f.name](*times, *(at[v] for v in f.indices)))
        raise ProofError(f"{f.name} has no exact value")

    def holds(self, claim: Claim, at: Mapping[Var, int]) -> bool:
        """Whether the claim is true at values of its free variables."""
        gap = self.value(claim.gap, at)
        return {"=": gap == 0, "<=": gap >= 0, "<": gap > 0}[claim.relation]

    def failure(self, claim: Claim) -> dict[str, int] | None:
        """Values of the free variables at which the claim is false, or None."""
        for at in self.assignments(claim):
            if not self.holds(claim, at):
                return {var.name: k for var, k in at.items()}
        return None

    def assignments(self, claim: Claim) -> list[Values]:
        """All values of the claim's free variables, ranges that depend on others included."""
        free = _ordered(tuple(sorted(free_variables(claim.left) | free_variables(claim.right), key=str)))
        found: list[Values] = [{}]
        for var in free:
            found = [{**at, var: k} for at in found for k in self.range(var, at)]
        return found


def counterexample(claim: Claim, witness: Callable[[Random], Model], random: Random, tries: int = 3) -> str | None:
    """A model and values at which the claim is false, in words, or None if none was met."""
    for _ in range(tries):
        model = witness(random)
        try:
            failing = model.failure(claim)
        except ProofError:
            return None
        if failing is not None:
            at = {var: failing[var.name] for var in free_variables(claim.left) | free_variables(claim.right)}
            left, right = model.value(claim.left, at), model.value(claim.right, at)
            where = ", ".join(f"{name} = {k}" for name, k in failing.items()) or "the model"
            return f"at {where}: left = {left} (about {float(left):.6g}), right = {right} (about {float(right):.6g})"
    return None


def _ordered(bound: tuple[Var, ...]) -> list[Var]:
    ordered: list[Var] = []
    todo = list(bound)
    while todo:
        ready = [v for v in todo if v.below is None or not any(w in todo for w, _ in v.below.parts)]
        ordered.extend(ready)
        todo = [v for v in todo if v not in ready]
    return ordered


def _raised(value: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1:
        raise ProofError("a root has no exact value")
    return value ** int(exponent)
