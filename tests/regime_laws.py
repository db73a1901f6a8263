"""Terms of hand-made laws and random points, for the tests of regimes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import sympy as sp

from riskbounds.asymptotics.orders import VARIABLES
from riskbounds.asymptotics.regimes import Regimes
from riskbounds.symbols import B, M, N, a, b, c, sigma


@dataclass(frozen=True, kw_only=True)
class LawTerm:
    """The shape of a law's term."""

    name: str
    coefficient: sp.Expr
    exponents: Mapping[sp.Symbol, sp.Expr]
    when: tuple[sp.Expr, ...] = ()


def term(name: str, coefficient: sp.Expr | int, *when: sp.Expr, **exponents: sp.Expr | int) -> LawTerm:
    """A term by the names of its symbols."""
    symbols = {str(symbol): symbol for symbol in VARIABLES}
    return LawTerm(
        name=name,
        coefficient=sp.sympify(coefficient),
        exponents={symbols[key]: sp.sympify(value) for key, value in exponents.items()},
        when=when,
    )


def random_points(found: Regimes, size: int, seed: int) -> list[tuple[dict[sp.Symbol, sp.Rational], dict[sp.Symbol, float]]]:
    """Seeded points of the domain: log-uniform on scales from 1 to 1e3, so that borders are met from near and far."""
    rng = np.random.default_rng(seed)
    points = []
    for _ in range(size):
        at = {symbol: 1 + sp.Rational(int(rng.integers(1, 2000)), 1000) for symbol in (a, b)}
        size_of = 10 ** rng.uniform(0, 3)
        logs = {symbol: float(rng.exponential() * size_of) for symbol in found.variables}
        for symbol in found.variables:
            if symbol not in (M, N, B):
                logs[symbol] *= -1 if symbol not in (sigma, c) else rng.choice([-1, 1])
        points.append((at, logs))
    return points
