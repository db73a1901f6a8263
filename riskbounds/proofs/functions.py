"""Functions that terms may hold, and the facts that define them."""

from __future__ import annotations

from collections.abc import Callable

from riskbounds.terms.claims import Claim, eq, le
from riskbounds.terms.polynomial import Function, Term, factor, term


def apply(name: str, *arguments: object) -> Term:
    """A named function of terms; max, min and so on sort their arguments."""
    return factor(Function(name, tuple(sorted((term(a) for a in arguments), key=str))))


def _sqrt_square(a: Term) -> tuple[Claim | None, Claim]:
    return le(0, a), eq(apply("sqrt", a) ** 2, a)


def _abs_square(a: Term) -> tuple[Claim | None, Claim]:
    return None, eq(apply("abs", a) ** 2, a * a)


def _exp_above(a: Term) -> tuple[Claim | None, Claim]:
    return None, le(1 + a, apply("exp", a))


def _exp_sum(a: Term, b: Term) -> tuple[Claim | None, Claim]:
    return None, eq(apply("exp", a + b), apply("exp", a) * apply("exp", b))


#: name -> (what must be certified first, or None; the fact), as functions of the arguments.
FACTS: dict[str, Callable[..., tuple[Claim | None, Claim]]] = {
    "sqrt": _sqrt_square,
    "abs": _abs_square,
    "abs above": lambda a: (None, le(a, apply("abs", a))),
    "abs below": lambda a: (None, le(-a, apply("abs", a))),
    "max": lambda a, b: (None, le(a, apply("max", a, b))),
    "max attained": lambda a, b: (None, eq((apply("max", a, b) - a) * (apply("max", a, b) - b), 0)),
    "min": lambda a, b: (None, le(apply("min", a, b), a)),
    "min attained": lambda a, b: (None, eq((a - apply("min", a, b)) * (b - apply("min", a, b)), 0)),
    "exp": _exp_above,
    "exp of a sum": _exp_sum,
    "exp of 0": lambda: (None, eq(apply("exp", 0), 1)),
}
