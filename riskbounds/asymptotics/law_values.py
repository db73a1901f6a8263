"""Numbers from a law's expressions, in float64."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

import mpmath
import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.law_terms import LAW_SYMBOLS, LawTerm
from riskbounds.errors import ProblemError, did_you_mean

_NAMES = {str(symbol): symbol for symbol in LAW_SYMBOLS}


def symbol_values(values: Mapping[str, float]) -> dict[sp.Symbol, mpmath.mpf]:
    """Values by symbol; levels default to 0, c and B to 1, p to M, b to a.

    Raises
    ------
    ProblemError: a name that no law has.
    """
    for name in values:
        if name not in _NAMES:
            raise ProblemError(
                f"a law has no symbol {name!r}; {did_you_mean(name, _NAMES) or 'its symbols: ' + ', '.join(_NAMES)}"
            )
    given = {_NAMES[name]: mpmath.mpf(value) for name, value in values.items()}
    filled = dict.fromkeys(s.EPS.values(), mpmath.mpf(0)) | {s.c: mpmath.mpf(1), s.B: mpmath.mpf(1)} | given
    for symbol, other in ((s.p, s.M), (s.b, s.a)):
        if other in filled:
            filled.setdefault(symbol, filled[other])
    return filled


def number(expression: sp.Expr, values: Mapping[str, float]) -> float:
    """An expression of a law as a number; raises ProblemError where a symbol has no value, or one that divides by zero."""
    known = symbol_values(values)
    missing = sorted(str(symbol) for symbol in expression.free_symbols - set(known))
    if missing:
        raise ProblemError(f"the law needs a value for {', '.join(missing)}")
    used = tuple(sorted(expression.free_symbols, key=str))
    try:
        return float(_compiled(expression, used)(*(known[symbol] for symbol in used)))
    except ZeroDivisionError as error:
        raise ProblemError("the law divides by a level or a step that is 0 here; leave that slot out of the law") from error


@lru_cache(maxsize=1024)
def _compiled(expression: sp.Expr, used: tuple[sp.Symbol, ...]) -> Callable[..., mpmath.mpf]:
    compiled: Callable[..., mpmath.mpf] = sp.lambdify(used, expression, "mpmath", cse=True)
    return compiled


def in_force(term: LawTerm, values: Mapping[str, float]) -> bool:
    """Whether every condition of a term holds; both sides of a boundary count."""
    return all(number(condition, values) >= 0 for condition in term.when)


def evaluated(terms: Iterable[LawTerm], values: Mapping[str, float]) -> float:
    """The sum of the terms in force."""
    return sum(number(term.expression, values) for term in terms if in_force(term, values))
