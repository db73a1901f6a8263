"""Evident signs: of atoms by declaration, of powers of polynomials by earlier claims, of terms monomial by monomial."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum

from riskbounds.errors import ProofError
from riskbounds.terms.claims import Claim
from riskbounds.terms.linear import FIXED, MEANS, NATURAL, REAL, Lin, Number, Var, at_least, lin
from riskbounds.terms.polynomial import (
    ONE,
    Atom,
    Base,
    Factor,
    Function,
    Monomial,
    Term,
    content,
    factor,
    free_variables,
    substitute,
)
from riskbounds.terms.rendering import describe, describe_exponent

#: Functions that are non-negative by definition.
NONNEGATIVE_FUNCTIONS = frozenset({"sqrt", "abs", "exp"})
POSITIVE_FUNCTIONS = frozenset({"exp"})
#: A minimum has the least of its arguments' evident signs, a maximum the largest.
EXTREMES: dict[str, Callable[[Iterable[Sign]], Sign]] = {"min": min, "max": max}


class Sign(IntEnum):
    """What is evident about a term."""

    UNKNOWN = 0
    NONNEGATIVE = 1
    POSITIVE = 2


class Facts:
    """Polynomials whose sign earlier claims establish, up to the names of their free variables."""

    def __init__(self) -> None:
        """No facts yet."""
        self._signs: dict[Term, tuple[Sign, str]] = {}
        #: The steps whose facts have been consulted; the checker empties it before each step.
        self.consulted: set[str] = set()

    def learn(self, claim: Claim, name: str) -> None:
        """Remember the sign of right - left, and the step that shows it."""
        if claim.relation == "=":
            return
        sign = Sign.POSITIVE if claim.relation == "<" else Sign.NONNEGATIVE
        for pattern in _patterns(claim.gap):
            known, _ = self._signs.get(pattern, (Sign.UNKNOWN, ""))
            if sign > known:
                self._signs[pattern] = (sign, name)

    def extended(self, claim: Claim, name: str) -> Facts:
        """These facts and those of a claim whose free variables, natural numbers at most, are fixed."""
        found = Facts()
        found._signs, found.consulted = dict(self._signs), self.consulted
        found.learn(claim, name)
        return found

    def sign(self, body: Term) -> Sign:
        """The sign that the polynomial's own monomials show, or the ranges of its natural numbers, or else an earlier claim."""
        evident = max(_monomial_signs(body, self), _count_sign(body))
        known, name = (Sign.UNKNOWN, "") if evident == Sign.POSITIVE else self._known(body)
        if known > evident:
            self.consulted.add(name)
        return max(evident, known)

    def known(self, body: Term) -> Sign:
        """The sign that an earlier claim gives."""
        sign, name = self._known(body)
        if sign > Sign.UNKNOWN:
            self.consulted.add(name)
        return sign

    def _known(self, body: Term) -> tuple[Sign, str]:
        best = (Sign.UNKNOWN, "")
        for pattern in _patterns(body, widen=True):
            best = max(best, self._signs.get(pattern, best), key=lambda found: found[0])
        return best


def well_defined(body: Term, facts: Facts) -> None:
    """Check that nothing is divided by a possible zero and that powers with symbolic exponents have a meaning.

    Raises
    ------
    ProofError: a base that is not known to be positive, with an exponent that may not be a natural number; a base that is not
        known to be non-negative, with an exponent that is a positive real number.
    """
    for monomial in body.monomials:
        for f, exponent in monomial.factors:
            inner = (f.term,) if isinstance(f, Base) else f.arguments if isinstance(f, Function) else ()
            for part in inner:
                well_defined(part, facts)
            natural = all(c.denominator == 1 for _, c in exponent.parts) and exponent.constant.denominator == 1
            needed = Sign.NONNEGATIVE if _evidently_positive(exponent) else Sign.POSITIVE
            if not (natural and at_least(exponent)) and _factor_sign(f, facts) < needed:
                raise ProofError(f"{describe(f)} has the exponent {describe_exponent(exponent)} but is not known to be positive")


def _evidently_positive(exponent: Lin) -> bool:
    """A real number of positive coefficient plus what is not negative: 0^{a+1} = 0."""
    rising = exponent.constant >= 0 and all(c > 0 and var.range in NATURAL | {REAL} for var, c in exponent.parts)
    return rising and any(var.range == REAL for var, _ in exponent.parts)


def _monomial_signs(body: Term, facts: Facts) -> Sign:
    if not body.monomials:
        return Sign.NONNEGATIVE
    signs = [_monomial_sign(m, c, facts) for m, c in body.monomials.items()]
    return Sign.UNKNOWN if Sign.UNKNOWN in signs else max(signs)


def _count_sign(body: Term) -> Sign:
    """The sign of a linear form in natural numbers that their ranges show: n - s > 0 for 0 <= s < n."""
    form = lin(0)
    for monomial, c in body.monomials.items():
        factors = dict(monomial.factors)
        if monomial.bound or len(factors) > 1 or not all(isinstance(f, Var) and e == ONE for f, e in factors.items()):
            return Sign.UNKNOWN
        form = form + c * sum((lin(f) for f in factors if isinstance(f, Var)), lin(0 if factors else 1))
    if at_least(form - 1):
        return Sign.POSITIVE
    return Sign.NONNEGATIVE if at_least(form) else Sign.UNKNOWN


def _monomial_sign(monomial: Monomial, c: Number, facts: Facts) -> Sign:
    if c < 0:
        return Sign.UNKNOWN
    signs = [_power_sign(f, e, facts) for f, e in monomial.factors] or [Sign.POSITIVE]
    sign = min(signs)
    if sign == Sign.POSITIVE and any(var.range not in MEANS for var in monomial.bound):
        return Sign.NONNEGATIVE
    return sign


def _power_sign(f: Factor, exponent: Lin, facts: Facts) -> Sign:
    sign = _factor_sign(f, facts)
    even = exponent.is_constant and exponent.constant.denominator == 1 and exponent.constant % 2 == 0
    return max(sign, Sign.NONNEGATIVE) if even else sign


def _factor_sign(f: Factor, facts: Facts) -> Sign:
    if isinstance(f, Var):
        return Sign.POSITIVE if f.range == REAL else Sign.NONNEGATIVE
    if isinstance(f, Atom):
        declared = {"+": Sign.POSITIVE, "0+": Sign.NONNEGATIVE}.get(f.sign, Sign.UNKNOWN)
        number = not (f.times or f.indices) and f.sign != "free"
        return max(declared, facts.known(factor(f))) if number and declared != Sign.POSITIVE else declared
    if isinstance(f, Base):
        return facts.sign(f.term)
    if f.name in POSITIVE_FUNCTIONS or (f.name == "sqrt" and facts.sign(f.arguments[0]) == Sign.POSITIVE):
        return Sign.POSITIVE
    if f.name in EXTREMES:
        return EXTREMES[f.name](facts.sign(argument) for argument in f.arguments)
    return Sign.NONNEGATIVE if f.name in NONNEGATIVE_FUNCTIONS else Sign.UNKNOWN


def _patterns(body: Term, widen: bool = False) -> list[Term]:
    """The polynomial with its free variables named by position, scaled to coprime integers."""
    if not body.monomials or len(body.monomials) > 40:
        return []
    free = sorted((v for v in free_variables(body) if v.range not in NATURAL | FIXED), key=str)
    change: dict[Var, Var | Lin] = {v: Var(f"@{k}", v.range, None) for k, v in enumerate(free)}
    found = [substitute(body, change)]
    if widen:
        wide: dict[Var, Var | Lin] = {v: Var(f"@{k}", "all") for k, v in enumerate(free) if v.range in ("head", "tail")}
        found.append(substitute(body, {**change, **wide}))
    if len(change) == 2:
        (a, x), (b, y) = change.items()
        if a.range == b.range:
            found.append(substitute(body, {a: y, b: x}))
    return [p * (1 / content(p)) for p in found]
