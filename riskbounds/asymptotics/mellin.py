r"""Sums over a power law by residues of the Mellin transform (theory.md, section 6).

For an atom t^k e^(-m t) with t = X i^(-a), the transform is f~(s) = Gamma(s+k) m^(-s-k), continued analytically, and

    sum_i i^(-sigma) f(X i^(-a)) = 1/(2 pi i) int f~(s) zeta(sigma - a s) X^(-s) ds.

Moving the contour to the right meets s0 = (sigma-1)/a, the pole of zeta, and the poles of f~ that come from the powers
t^k without decay:

    ~ (1/a) X^((1-sigma)/a) f~(s0) + sum_k p_k zeta(sigma + a k) X^k,

p_k the coefficient of t^k without decay.  Where s0 = -k the poles meet: the Laurent expansion gives the limit, with log X
unless p_k = 0.  A finite sum of atoms with removable singularities has no further term in powers of X.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import factorial

import sympy as sp
from flint import arb, fmpz

from riskbounds import symbols as s
from riskbounds.asymptotics.series import Atom, Layer, Series
from riskbounds.errors import UnsupportedError


@dataclass(frozen=True, kw_only=True)
class Term:
    """coefficient prefactor X^power log(X)^logs, a term of relative order N^(-order) at fixed N x.

    ``coefficient`` holds the exponents a, b in rational functions, gamma() and zeta(); ``prefactor`` the other symbols.
    ``kind`` tells where it comes from: "integral" (the pole of zeta), "zeta" (a power of t), "size" (grows with M),
    "fluctuation" (of k*, bounded by it in modulus), "mean" or "oscillation" (exponential spectra).
    """

    coefficient: sp.Expr
    prefactor: sp.Expr
    power: sp.Expr
    order: int
    kind: str
    logs: sp.Expr = sp.S.Zero


@dataclass(frozen=True, kw_only=True)
class Case:
    """A relation between the exponents: "converges", "leads" (the integral over every zeta term), "limit" or "logarithm"."""

    relation: sp.Basic
    meaning: str


@dataclass(frozen=True)
class Group:
    """The atoms of one order that share prefactor and weight sigma: sum_k,m q t^k e^(-m t)."""

    prefactor: sp.Expr
    weight: sp.Expr
    order: int
    parts: tuple[tuple[int, int, Fraction], ...]

    @property
    def powers(self) -> dict[int, Fraction]:
        """Coefficients of t^k without decay."""
        return {k: q for k, m, q in self.parts if m == 0}

    @property
    def vanishing(self) -> int:
        """The first power of t at 0, where the singularities of the parts have cancelled."""
        low = min(k for k, _, _ in self.parts)
        high = max(k for k, _, _ in self.parts) + len(self.parts) + 1
        return next((j for j in range(low, high) if self.taylor(j)), high)

    def taylor(self, j: int) -> Fraction:
        """Coefficient of t^j at 0."""
        total = Fraction(0)
        for k, m, q in self.parts:
            if j >= k:
                total += q * Fraction((-m) ** (j - k), factorial(j - k))
        return total


def groups(series: Series, stop: int) -> Iterator[Group]:
    """The groups of a series below an order."""
    for n in sorted(order for order in series.layers if order < stop):
        layer: Layer = series.layers[n]
        found: dict[tuple[sp.Expr, sp.Expr], list[tuple[Atom, Fraction]]] = {}
        for atom, q in layer.items():
            found.setdefault((atom.prefactor, atom.weight), []).append((atom, q))
        for (prefactor, weight), members in found.items():
            parts = tuple(sorted((atom.power, atom.decay, q) for atom, q in members))
            yield Group(prefactor, weight, n, parts)


def positive(expression: sp.Expr) -> bool | None:
    """Whether a polynomial in a, b > 1 is positive, by the signs of its coefficients in a-1 and b-1; None if they differ."""
    if expression.is_number:
        return bool(expression > 0)
    shifted = sp.expand(expression.xreplace({s.a: s.a + 1, s.b: s.b + 1}))
    signs = {bool(q > 0) for q in shifted.as_coefficients_dict().values()}
    return signs.pop() if len(signs) == 1 else None


def sum_terms(group: Group, exponent: sp.Expr, contraction: sp.Expr, lead: int) -> list[Term]:
    """The terms of one group summed over all i; N^(-n) is written contraction^n X^(-n).

    Raises
    ------
    UnsupportedError: the sum over i diverges other than as a constant summand does.
    """
    outside = group.prefactor * contraction**group.order
    pole = sp.cancel((group.weight - 1) / exponent)
    resonant = -int(pole) if pole.is_Integer else None

    def term(coefficient: sp.Expr, power: sp.Expr, kind: str, factor: sp.Expr = sp.S.One, logs: int = 0) -> Term:
        return Term(
            coefficient=coefficient,
            prefactor=outside * factor,
            power=sp.cancel(power - group.order),
            order=group.order - lead,
            kind=kind,
            logs=sp.Integer(logs),
        )

    found = []
    if any(m for _, m, _ in group.parts) or resonant in group.powers:
        for coefficient, logs in residue(group.parts, pole, exponent):
            found.append(term(coefficient, -pole, "integral", logs=logs))
    for k, q in group.powers.items():
        if k != resonant:
            argument = sp.expand(exponent * k + group.weight)
            found.append(term(sp.Rational(q.numerator, q.denominator) * sp.zeta(argument), sp.Integer(k), "zeta"))
    found += [term(*rest) for rest in _growth(group, exponent)]
    return [each for each in found if each.coefficient != 0]


def _growth(group: Group, exponent: sp.Expr) -> Iterator[tuple[sp.Expr, sp.Expr, str, sp.Expr]]:
    """M + 1/2 times the limit of a summand that tends to a constant; an error where the sum diverges otherwise."""
    decay = sp.expand(exponent * group.vanishing + group.weight)
    if positive(decay - 1) is not False:
        return
    if decay != 0:
        raise UnsupportedError(f"expansion: the sum over all i diverges, its summand falls like i^(-({decay}))")
    limit = group.taylor(group.vanishing)
    value = sp.Rational(limit.numerator, limit.denominator)
    yield value, sp.Integer(group.vanishing), "size", s.M
    yield value / 2, sp.Integer(group.vanishing), "zeta", sp.S.One


def residue(
    parts: tuple[tuple[int, int, Fraction], ...], pole: sp.Expr, exponent: sp.Expr, constant: sp.Expr = sp.EulerGamma
) -> list[tuple[sp.Expr, int]]:
    """Minus the residue of f~(s) Z(s) X^(-s) X^(s0) at s0, as (coefficient, power of log X).

    Z(s0 + d) = -1/(a d) + constant + ..., for zeta(sigma - a s) the constant is Euler's.
    """
    if not pole.is_Integer:
        return [(transform(parts, pole) / exponent, 0)]
    value, simple = transform_at_integer(parts, int(pole))
    return [(value / exponent - simple * constant, 0), (-simple / exponent, 1)]


def transform(parts: tuple[tuple[int, int, Fraction], ...], point: sp.Expr) -> sp.Expr:
    """f~(s) = sum q Gamma(s+k) m^(-s-k) away from the poles, with the lowest Gamma function in front."""
    decaying = [(k, m, q) for k, m, q in parts if m]
    low = min(k for k, _, _ in decaying)
    factors: dict[int, sp.Expr] = {}
    for k, m, q in decaying:
        rising = sp.Mul(*(point + low + n for n in range(k - low)))
        factors[m] = factors.get(m, sp.S.Zero) + sp.Rational(q.numerator, q.denominator) * sp.Integer(m) ** -k * rising
    total = sp.Add(*(sp.factor(factor) * sp.Integer(m) ** -point for m, factor in factors.items()))
    return sp.gamma(point + low) * total


def transform_at_integer(parts: tuple[tuple[int, int, Fraction], ...], point: int) -> tuple[sp.Expr, sp.Expr]:
    """The constant and the residue of f~ at a whole s: Gamma(-j + d) = (-1)^j/j! (1/d + H_j - gamma_E + ...)."""
    constant = simple = sp.S.Zero
    for k, m, q in parts:
        if not m:
            continue
        at, weight = point + k, sp.Rational(q.numerator, q.denominator)
        if at > 0:
            constant += weight * sp.factorial(at - 1) * sp.Integer(m) ** -at
            continue
        amount = weight * sp.Integer(-m) ** -at / sp.factorial(-at)
        simple += amount
        constant += amount * (sp.harmonic(-at) - sp.EulerGamma - sp.log(m))
    return sp.expand(constant), sp.expand(simple)


def harmonic(X: arb, a: arb, weight: arb, k: int, m: int) -> arb:
    """Size of 2 int u^(-sigma) t^k e^(-m t) cos(2 pi u) du, t = X u^(-a), at the saddle point u0.

    The exponent -m X u^(-a) + 2 pi i u is stationary at |u0| = (a m X/2 pi)^(1/(a+1)), at the angle pi/(2(a+1)).
    """
    place = (a * m * X / (2 * arb.pi())) ** (1 / (a + 1))
    depth = 2 * arb.pi() * place * (1 + 1 / a) * (arb.pi() / (2 * (a + 1))).sin()
    width = (place / (a + 1)).sqrt()
    return 2 * (X * place**-a) ** fmpz(k) * place**-weight * width * (-depth).exp()


def cases(group: Group, exponent: sp.Expr) -> Iterator[Case]:
    """Where the sum converges, where its integral leads, and where a Gamma factor meets a pole."""
    decay = sp.expand(exponent * group.vanishing + group.weight)
    if positive(decay - 1) is None:
        yield Case(relation=solved(sp.Gt, decay, sp.Integer(1)), meaning="converges")
    if not group.weight.has(s.b) or not any(m for _, m, _ in group.parts):
        return
    met = [k for k in group.powers if k < group.vanishing]
    if met:
        yield Case(relation=solved(sp.Lt, group.weight, 1 - exponent * max(met)), meaning="leads")
    for k in range(group.vanishing - 1, min(k for k, _, _ in group.parts) - 1, -1):
        relation = solved(sp.Eq, group.weight, 1 - exponent * k)
        if positive(relation.rhs - 1) is not False:
            yield Case(relation=relation, meaning="logarithm" if k in met else "limit")


def solved(kind: type[sp.Rel], left: sp.Expr, right: sp.Expr) -> sp.Rel:
    """The relation solved for b where b appears with factor 1."""
    rest = sp.expand(left - s.b)
    if rest.has(s.b):
        return kind(left, right)
    return kind(s.b, sp.expand(right - rest))
