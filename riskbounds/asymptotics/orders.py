"""Orders: sums of monomials in M, N, the step size, B, sigma and the levels, with exponents in Q(a, b).

An `OrderSum` is an exact sum: like monomials are added, the order of writing does not matter.  `normal_form` is its order of
magnitude as a max-plus expression: the monomials that are the largest somewhere in the domain, with the others dropped only
when an exact certificate says so.  SymPy's `limit` is not used (it returns wrong infinities for symbolic exponents).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

import sympy as sp

from riskbounds import symbols as names
from riskbounds.asymptotics.cones import Form, combine, envelope, form
from riskbounds.asymptotics.exponents import DEFAULT, Assumptions, Exponent, Undecided, exponent, refuse_floats
from riskbounds.errors import ProblemError

AT_LEAST_ONE: tuple[sp.Symbol, ...] = (names.M, names.N, names.B, names.p)
AT_MOST_ONE: tuple[sp.Symbol, ...] = (names.step, *names.EPS.values())
VARIABLES: tuple[sp.Symbol, ...] = (names.M, names.N, names.step, names.B, names.sigma, *names.EPS.values(), names.p, names.c)
"""The symbols of a law, in reading order."""


@dataclass(frozen=True, init=False)
class Monomial:
    """coefficient * product of symbol^exponent: the coefficient a SymPy expression, the exponents in Q(a, b)."""

    coefficient: sp.Expr
    powers: Form

    def __init__(self, *, coefficient: sp.Expr | int | str = 1, exponents: Mapping[sp.Symbol, Exponent] | None = None) -> None:
        """Build a monomial; raises ProblemError for floats, coefficient zero and what is not finite."""
        given = sp.Integer(1) * (sp.Rational(coefficient) if isinstance(coefficient, str) else sp.sympify(coefficient))
        refuse_floats(given, "the coefficient")
        if given == 0 or given.has(sp.zoo, sp.nan, sp.oo):
            raise ProblemError(f"a monomial has the coefficient {given}; leave it out or simplify it")
        object.__setattr__(self, "coefficient", given)
        object.__setattr__(self, "powers", form({symbol: exponent(value) for symbol, value in (exponents or {}).items()}))

    @property
    def exponents(self) -> dict[sp.Symbol, sp.Expr]:
        """The exponents by symbol; an absent one is 0."""
        return dict(self.powers)

    def expression(self) -> sp.Expr:
        """Return the monomial as a SymPy expression."""
        return self.coefficient * self.magnitude()

    def magnitude(self) -> sp.Expr:
        """Return the product of powers alone, without the coefficient."""
        return sp.Mul(*(symbol**value for symbol, value in self.powers))

    def __mul__(self, other: Monomial) -> Monomial:
        """Return the product: coefficients multiply, exponents add."""
        return Monomial(
            coefficient=self.coefficient * other.coefficient, exponents=dict(combine(self.powers, other.powers, sp.S.One))
        )

    def __pow__(self, power: Exponent) -> Monomial:
        """Return a power, with an exponent in Q(a, b); raises ProblemError for floats."""
        exact_power = exponent(power)
        powers = {symbol: value * exact_power for symbol, value in self.powers}
        return Monomial(coefficient=self.coefficient**exact_power, exponents=powers)

    def __truediv__(self, other: Monomial) -> Monomial:
        """Return the quotient."""
        return self * other**-1

    def __str__(self) -> str:
        """Return the expression as text."""
        return str(self.expression())


def monomial(expression: sp.Expr | int | str, variables: Iterable[sp.Symbol] = VARIABLES) -> Monomial:
    """Read a product of powers as a monomial: powers of `variables` become exponents, the rest is the coefficient.

    Raises ProblemError when a variable occurs in any other way (in a sum, in an exponent), and for floats.
    """
    given = sp.powdenest(sp.sympify(expression), force=True)
    refuse_floats(given, "the monomial")
    wanted, coefficient = set(variables), sp.S.One
    exponents: dict[sp.Symbol, sp.Expr] = {}
    for factor in sp.Mul.make_args(sp.expand_power_base(sp.powsimp(given), force=True)):
        base, power = factor.as_base_exp()
        if base in wanted:
            exponents[base] = exponents.get(base, sp.S.Zero) + power
        elif factor.free_symbols & wanted:
            raise ProblemError(f"{factor} is no power of one symbol; expand it into monomials first")
        else:
            coefficient *= factor
    return Monomial(coefficient=coefficient, exponents=exponents)


@dataclass(frozen=True, init=False)
class OrderSum:
    """A sum of monomials in which no two have the same exponents, in a fixed order: equal sums are equal objects."""

    monomials: tuple[Monomial, ...]

    def __init__(self, monomials: Iterable[Monomial] = ()) -> None:
        """Build a sum: like monomials are added, those that cancel disappear."""
        found: dict[Form, sp.Expr] = {}
        for each in monomials:
            found[each.powers] = found.get(each.powers, sp.S.Zero) + each.coefficient
        kept = [
            Monomial(coefficient=total, exponents=dict(powers))
            for powers, total in sorted(found.items(), key=lambda each: str(each[0]))
            if sp.simplify(total) != 0
        ]
        object.__setattr__(self, "monomials", tuple(kept))

    def __add__(self, other: OrderSum) -> OrderSum:
        """Return the sum."""
        return OrderSum((*self.monomials, *other.monomials))

    def __mul__(self, other: OrderSum) -> OrderSum:
        """Return the product, expanded."""
        return OrderSum(first * second for first in self.monomials for second in other.monomials)

    def __pow__(self, power: Exponent) -> OrderSum:
        """Return a power: any exponent for one monomial, whole numbers >= 0 for a sum; raises ProblemError otherwise."""
        exact_power = exponent(power)
        if len(self.monomials) == 1:
            return OrderSum([self.monomials[0] ** exact_power])
        if not (exact_power.is_Integer and exact_power >= 0):
            raise ProblemError(
                f"a sum of {len(self.monomials)} monomials has no exact power {exact_power}; take its normal form first"
            )
        return reduce(OrderSum.__mul__, [self] * int(exact_power), OrderSum([Monomial()]))

    def expression(self) -> sp.Expr:
        """Return the sum as a SymPy expression."""
        return sp.Add(*(each.expression() for each in self.monomials))

    def __str__(self) -> str:
        """Return the expression as text."""
        return str(self.expression())


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order of magnitude: the maximum of finitely many forms, each the largest somewhere; canonical by construction."""

    forms: frozenset[Form]
    domain: tuple[Form, ...]
    assumptions: Assumptions

    def __mul__(self, other: Order) -> Order:
        """Return the order of the product: in max-plus, sums of forms."""
        self._same_ground(other)
        products = {combine(first, second, sp.S.One) for first in self.forms for second in other.forms}
        return _order(products, self.domain, self.assumptions)

    def __add__(self, other: Order) -> Order:
        """Return the order of the sum: the maximum."""
        self._same_ground(other)
        return _order(self.forms | other.forms, self.domain, self.assumptions)

    def __pow__(self, power: Exponent) -> Order:
        """Return the order of a power with a number >= 0 (a power of a maximum is the maximum of the powers)."""
        exact_power = exponent(power)
        if not (exact_power.is_Rational and exact_power >= 0) and len(self.forms) > 1:
            raise ProblemError(f"the power {exact_power} of a maximum must be a number >= 0")
        return _order({combine((), each, exact_power) for each in self.forms}, self.domain, self.assumptions)

    def _same_ground(self, other: Order) -> None:
        if (set(self.domain), self.assumptions) != (set(other.domain), other.assumptions):
            raise ProblemError("two orders over different domains or assumptions cannot be combined; give both the same")

    def expression(self) -> sp.Expr:
        """Return the order as a SymPy Max of monomials with coefficient 1, unevaluated."""
        found = sorted((sp.Mul(*(symbol**value for symbol, value in each)) for each in self.forms), key=str)
        return found[0] if len(found) == 1 else sp.Max(*found, evaluate=False)

    def __str__(self) -> str:
        """Return max(...) of the monomials, in a fixed order."""
        found = sorted(str(sp.Mul(*(symbol**value for symbol, value in each))) for each in self.forms)
        return found[0] if len(found) == 1 else f"max({', '.join(found)})"


def natural_domain(forms: Iterable[Form]) -> tuple[Form, ...]:
    """Return the ranges of the symbols that occur: M, N, B, p >= 1; the step size and levels <= 1; sigma and c are free."""
    found = {symbol for each in forms for symbol, _ in each}
    signs = {**dict.fromkeys(AT_LEAST_ONE, 1), **dict.fromkeys(AT_MOST_ONE, -1)}
    return tuple(form({symbol: sp.Integer(signs[symbol])}) for symbol in VARIABLES if symbol in found and symbol in signs)


def standard_domain(*extra: Monomial) -> tuple[Form, ...]:
    """Return the ranges of all symbols of a law, and monomials that are >= 1 besides (such as N * step)."""
    return (*natural_domain([form(dict.fromkeys(VARIABLES, sp.S.One))]), *(each.powers for each in extra))


def normal_form(total: OrderSum, *, domain: tuple[Form, ...] | None = None, assumptions: Assumptions = DEFAULT) -> Order:
    """Return the order of magnitude of a sum of positive monomials over a domain; constants do not matter.

    `domain` holds the linear forms in the logarithms that are >= 0, by default `standard_domain()`.  Raises Undecided when a
    monomial can be neither shown to matter nor shown to be dominated.
    """
    return _order({each.powers for each in total.monomials}, standard_domain() if domain is None else domain, assumptions)


def _order(forms: Iterable[Form], domain: tuple[Form, ...], assumptions: Assumptions) -> Order:
    distinct = tuple(sorted(set(forms), key=str))
    verdicts = envelope(distinct, _restricted(distinct, domain), assumptions)
    kept = frozenset(each for each, verdict in zip(distinct, verdicts, strict=True) if not verdict.empty)
    return Order(forms=kept, domain=domain, assumptions=assumptions)


def _restricted(forms: tuple[Form, ...], domain: tuple[Form, ...]) -> tuple[Form, ...]:
    """Return the rows of the domain that bear on the symbols of the forms, directly or through other rows."""
    found = {symbol for each in forms for symbol, _ in each}
    for _ in domain:
        found |= {symbol for row in domain if len(row) > 1 and found & dict(row).keys() for symbol, _ in row}
    return tuple(row for row in domain if found & dict(row).keys())


def compare(first: Order, second: Order) -> int:
    """Return -1 if first = O(second) only, 1 if second = O(first) only, 0 if both; raises Undecided when they cross.

    A comparison that fails names a monomial of each that is the largest of all somewhere.
    """
    both = first + second
    new = [both.forms - second.forms, both.forms - first.forms]
    if not new[0] or not new[1]:
        return int(bool(new[0])) - int(bool(new[1]))
    texts = [str(Order(forms=frozenset([min(each, key=str)]), domain=(), assumptions=DEFAULT)) for each in new]
    raise Undecided(f"neither order dominates: {texts[0]} is the largest somewhere and {texts[1]} elsewhere; add an assumption")
