"""Exact models: rational values of all symbols and sizes of all ranges, in which a claim is true or false.

Square roots and exponentials of rational numbers are exact too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

from riskbounds.errors import ProofError
from riskbounds.terms.claims import Claim
from riskbounds.terms.irrational import Exact, Irrational, exponential, root
from riskbounds.terms.linear import FIXED, MEANS, TIME, Lin, Number, Var
from riskbounds.terms.monomials import outermost_first
from riskbounds.terms.polynomial import Atom, Base, Factor, Monomial, Term, atoms_of, variables_of

Values = dict[Var, int]
#: What has an exact value: of any number of arguments, of one.
EXTREMES: dict[str, Callable[[Iterable[Exact]], Exact]] = {"max": max, "min": min}
FUNCTIONS: dict[str, Callable[..., Exact]] = {"abs": abs, "sqrt": root, "exp": exponential}
#: The value of a symbol at its times and indices (indices count from 0).
Symbol = Callable[..., Exact | int]


@dataclass(frozen=True, kw_only=True)
class Model:
    """Sizes of the ranges (outcomes of a mean have weights instead) and values of the symbols.

    Free natural numbers are tried from 0 to ``times``; free indices over their whole range.
    """

    sizes: Mapping[str, int]
    symbols: Mapping[str, Symbol]
    weights: Mapping[str, tuple[Fraction, ...]] = field(default_factory=dict)
    times: int = 3
    remembered: dict[Any, Exact] = field(default_factory=dict, compare=False, repr=False)

    def value(self, body: Term, at: Mapping[Var, int]) -> Exact:
        """The exact value of a term at values of its free variables."""
        values: Iterable[Exact] = (self._monomial(m, dict(at)) * c for m, c in body.monomials.items())
        return sum(values, Fraction(0))

    def _monomial(self, monomial: Monomial, at: Values) -> Exact:
        """Product of the sums over its independent groups of bound variables, each remembered."""
        result: Exact = Fraction(1)
        for part in independent(monomial):
            key = (part, *(at[v] for v in free_of(part)))
            if key not in self.remembered:
                self.remembered[key] = self._summed(part, at)
            result *= self.remembered[key]
            if not result:
                break
        return result

    def _summed(self, monomial: Monomial, at: Values) -> Exact:
        """The sum over the monomial's most used bound variable; what it leaves falls into groups."""
        if not monomial.bound:
            result: Exact = Fraction(1)
            for f, exponent in monomial.factors:
                result *= _raised(self._factor(f, at), exponent.value(at))
                if not result:
                    return result
            return result
        var, rest = first_bound(monomial)
        weights = self.weights.get(var.range) if var.range in MEANS else None
        total: Exact = Fraction(0)
        for k in self.range(var, at):
            part = self._monomial(rest, {**at, var: k})
            total += part if weights is None else part * weights[k]
        return total

    def range(self, var: Var, at: Mapping[Var, int]) -> range:
        """The values of a variable."""
        if var.range in FIXED:
            return range(self.sizes[var.name], self.sizes[var.name] + 1)
        if var.range == TIME:
            return range(self.times + 1) if var.below is None else range(int(var.below.value(at)))
        if var.range == "tail":
            return range(self.sizes["head"], self.sizes["all"])
        return range(len(self.weights[var.range]) if var.range in MEANS else self.sizes[var.range])

    def _factor(self, f: Factor, at: Mapping[Var, int]) -> Exact:
        if isinstance(f, Var):
            return Fraction(at[f])
        if isinstance(f, Base):
            return self.value(f.term, at)
        if isinstance(f, Atom):
            times = [int(form.value(at)) for form in f.times]
            found = self.symbols[f.name](*times, *(at[v] for v in f.indices))
            return found if isinstance(found, Irrational) else Fraction(found)
        values = [self.value(argument, at) for argument in f.arguments]
        if f.name in EXTREMES:
            return EXTREMES[f.name](values)
        if f.name not in FUNCTIONS:
            raise ProofError(f"{f.name} has no exact value")
        return FUNCTIONS[f.name](*values)

    def holds(self, claim: Claim, at: Mapping[Var, int]) -> bool:
        """Whether the claim is true at values of its free variables."""
        gap = self.value(claim.gap, at)
        return {"=": gap == 0, "<=": gap >= 0, "<": gap > 0}[claim.relation]

    def failure(self, claim: Claim) -> Values | None:
        """Values of the free variables at which the claim is false, or None."""
        return next((at for at in self.assignments(claim) if not self.holds(claim, at)), None)

    def assignments(self, claim: Claim) -> list[Values]:
        """All values of the claim's free variables, ranges that depend on others included."""
        free = outermost_first(tuple(sorted(claim.variables, key=str)))
        found: list[Values] = [{}]
        for var in free:
            found = [{**at, var: k} for at in found for k in self.range(var, at)]
        return found


def defined(model: Model, definitions: Iterable[Claim]) -> Model:
    """The model with symbols that are defined by equations ``symbol(times)[indices] = body``."""
    symbols = dict(model.symbols)
    extended = replace(model, symbols=symbols, remembered={})
    for claim in definitions:
        (atom,) = atoms_of(claim.left)
        arguments = (*(form.parts[0][0] for form in atom.times), *atom.indices)
        symbols[atom.name] = _evaluated(extended, claim.right, arguments)
    return extended


def _evaluated(model: Model, body: Term, arguments: tuple[Var, ...]) -> Symbol:
    @cache
    def value(*at: int) -> Exact:
        return model.value(body, dict(zip(arguments, at, strict=True)))

    return value


@lru_cache(maxsize=100_000)
def independent(monomial: Monomial) -> tuple[Monomial, ...]:
    """The monomial as a product of monomials that share no bound variable."""
    groups: list[tuple[set[Var], list[tuple[Factor, Lin]]]] = [
        ({var, *(v for v, _ in (var.below.parts if var.below else ()))} & set(monomial.bound), []) for var in monomial.bound
    ]
    for f, e in monomial.factors:
        groups.append((set(variables_of(f, e)) & set(monomial.bound), [(f, e)]))
    merged: list[tuple[set[Var], list[tuple[Factor, Lin]]]] = []
    for names, factors in groups:
        touching = [group for group in merged if group[0] & names]
        merged = [group for group in merged if not group[0] & names]
        joined = (names.union(*(g[0] for g in touching)), [f for g in touching for f in g[1]] + factors)
        merged.append(joined)
    return tuple(Monomial(tuple(v for v in monomial.bound if v in names), tuple(factors)) for names, factors in merged)


@lru_cache(maxsize=100_000)
def free_of(monomial: Monomial) -> tuple[Var, ...]:
    """The free variables of a monomial, in a fixed order."""
    used = {v for f, e in monomial.factors for v in variables_of(f, e)}
    used |= {v for var in monomial.bound if var.below is not None for v, _ in var.below.parts}
    return tuple(sorted(used - set(monomial.bound), key=str))


@lru_cache(maxsize=100_000)
def first_bound(monomial: Monomial) -> tuple[Var, Monomial]:
    """The bound variable whose value leaves the smallest groups, of those whose range depends on no other one, and the rest."""
    used = [variables_of(f, e) for f, e in monomial.factors]
    ready = [v for v in monomial.bound if v.below is None or not any(w in monomial.bound for w, _ in v.below.parts)]
    rest = {v: Monomial(tuple(w for w in monomial.bound if w != v), monomial.factors) for v in ready}
    largest = {v: max((len(group.bound) for group in independent(rest[v])), default=0) for v in ready}
    var = min(ready, key=lambda v: (largest[v], -sum(v in each for each in used), str(v)))
    return var, rest[var]


def _raised(value: Exact, exponent: Number) -> Exact:
    """A power whose exponent's denominator is 2^b: square roots of square roots, those below the last one rational."""
    degree = exponent.denominator
    if degree & (degree - 1):
        raise ProofError("a root that is no square root has no exact value")
    while degree > 1:
        value, degree = root(value), degree // 2
    return value**exponent.numerator
