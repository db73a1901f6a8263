"""Functions that terms may hold, and the facts that define them."""

from __future__ import annotations

from collections.abc import Callable

from riskbounds.errors import ProofError
from riskbounds.terms.claims import Claim, eq, le, lt
from riskbounds.terms.linear import REAL, Lin, Var, lin
from riskbounds.terms.monomials import function_of
from riskbounds.terms.polynomial import ONE, Function, Term, factor, power, single, term


def apply(name: str, *arguments: object) -> Term:
    """A named function of terms; max, min and so on sort their arguments."""
    return factor(function_of(name, map(term, arguments)))


def arguments_of(body: Term, name: str) -> tuple[Term, ...]:
    """The arguments of the function of that name that the term is."""
    found = single(body)
    if not isinstance(found, Function) or found.name != name:
        raise ProofError(f"{body} is not a {name}")
    return found.arguments


def _sqrt_square(a: Term) -> tuple[Claim | None, Claim]:
    return le(0, a), eq(apply("sqrt", a) ** 2, a)


def _abs_square(a: Term) -> tuple[Claim | None, Claim]:
    return None, eq(apply("abs", a) ** 2, a * a)


def _exp_above(a: Term) -> tuple[Claim | None, Claim]:
    return None, le(1 + a, apply("exp", a))


def _exp_sum(a: Term, b: Term) -> tuple[Claim | None, Claim]:
    return None, eq(apply("exp", a + b), apply("exp", a) * apply("exp", b))


def _exponent(p: Term) -> Lin:
    """A linear form in a real number, as an exponent."""
    form = lin(0)
    for monomial, c in p.monomials.items():
        variables = [f for f, e in monomial.factors if isinstance(f, Var) and e == ONE]
        if monomial.bound or len(variables) != len(monomial.factors) or len(variables) > 1:
            raise ProofError(f"{p} is not a linear exponent")
        form = form + (lin(variables[0]) if variables else lin(1)) * c
    if not any(v.range == REAL for v, _ in form.parts):
        raise ProofError(f"{p} is not a real exponent")
    return form


def _tangent(x: Term, y: Term, p: Term) -> Term:
    """The tangent of t^p at y, at x."""
    exponent = _exponent(p)
    return power(y, exponent) + p * (x - y) * power(y, exponent - 1)


def _convex(x: Term, y: Term, p: Term) -> tuple[Claim | None, Claim]:
    return le(0, p * (p - 1)), le(_tangent(x, y, p), power(x, _exponent(p)))


def _concave(x: Term, y: Term, p: Term) -> tuple[Claim | None, Claim]:
    return le(0, p * (1 - p)), le(power(x, _exponent(p)), _tangent(x, y, p))


def _scaled(name: str, c: Term, parts: tuple[Term, ...]) -> tuple[Claim | None, Claim]:
    return le(0, c), eq(apply(name, *(c * part for part in parts)), c * apply(name, *parts))


def _product_power(x: Term, y: Term, p: Term) -> tuple[Claim | None, Claim]:
    exponent = _exponent(p)
    return None, eq(power(x * y, exponent), power(x, exponent) * power(y, exponent))


def _gamma_shift(s: Term, k: Term) -> tuple[Claim | None, Claim]:
    """Gamma(s+1) = s Gamma(s) for k < s < k + 1, k a whole number: no pole is met."""
    if k.constant is None or k.constant.denominator != 1:
        raise ProofError(f"{k} is not a whole number")
    return lt(0, (s - k) * (k + 1 - s)), eq(apply("gamma", s + 1), s * apply("gamma", s))


def _root_below(m: Term, a: Term) -> tuple[Claim | None, Claim]:
    """m^(1/a) <= m for a number m >= 1 and a >= 1."""
    if m.constant is None or m.constant < 1:
        raise ProofError(f"{m} is not a number >= 1")
    return le(1, a), le(apply("root", m, a), m)


def _power_above_one(x: Term, p: Term) -> tuple[Claim | None, Claim]:
    """1 <= x^p for x > 0 where x - 1 and p have one sign: the order of two monomials, by the difference of their exponents."""
    return le(0, p * (x - 1)), le(1, power(x, _exponent(p)))


#: name -> (what must be certified first, or None; the fact), as functions of the arguments.
FACTS: dict[str, Callable[..., tuple[Claim | None, Claim]]] = {
    "sqrt": _sqrt_square,
    "abs": _abs_square,
    "abs above": lambda a: (None, le(a, apply("abs", a))),
    "abs below": lambda a: (None, le(-a, apply("abs", a))),
    "abs of nonpositive": lambda a: (le(a, term(0)), eq(apply("abs", a), -a)),
    "max": lambda a, *others: (None, le(a, apply("max", a, *others))),
    "max attained": lambda a, b: (None, eq((apply("max", a, b) - a) * (apply("max", a, b) - b), 0)),
    "min": lambda a, *others: (None, le(apply("min", a, *others), a)),
    "max scaled": lambda c, *parts: _scaled("max", c, parts),
    "min scaled": lambda c, *parts: _scaled("min", c, parts),
    "min attained": lambda a, b: (None, eq((a - apply("min", a, b)) * (b - apply("min", a, b)), 0)),
    "exp": _exp_above,
    "exp of a sum": _exp_sum,
    "power of a product": _product_power,
    "power above one": _power_above_one,
    "gamma shift": _gamma_shift,
    "gamma positive": lambda s: (lt(0, s), lt(0, apply("gamma", s))),
    "root": _root_below,
    "power above its tangent": _convex,
    "power below its tangent": _concave,
    "exp of 0": lambda: (None, eq(apply("exp", 0), 1)),
}
