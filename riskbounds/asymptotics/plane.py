"""The plane of N and M: which regime each of its points lies in, the other symbols held fixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log10
from typing import Any

import numpy as np
import sympy as sp

from riskbounds.asymptotics.cones import Form
from riskbounds.asymptotics.regimes import Regimes
from riskbounds.symbols import M, N, a, b

Array = np.ndarray[Any, np.dtype[np.int_]]


def ruling(found: Regimes, fixed: Mapping[sp.Symbol, Any], log_M: Sequence[float], log_N: Sequence[float]) -> Array:
    """Return, for log10 of M (rows) and N (columns), the number of the regime whose least inequality is the largest.

    ``fixed`` gives a, b and every other variable of the regimes (1 where it is absent).  Inside a regime every inequality is
    positive; on a border, or through rounding, the nearest regime is taken.
    """
    up, right = np.meshgrid(np.asarray(log_M, dtype=float), np.asarray(log_N, dtype=float), indexing="ij")
    least = []
    for regime in found.regimes:
        borders = [_border(row, fixed) for row in regime.inequalities]
        least.append(np.min([rest + m * up + n * right for rest, m, n in borders], axis=0) if borders else np.zeros_like(up))
    chosen: Array = np.argmax(np.stack(least), axis=0)
    return chosen


def _border(row: Form, fixed: Mapping[sp.Symbol, Any]) -> tuple[float, float, float]:
    """A linear form as constant, slope in log10 M and slope in log10 N."""
    at = {symbol: fixed[symbol] for symbol in (a, b) if symbol in fixed}
    slopes = {symbol: float(value.subs(at)) for symbol, value in row}
    rest = sum(slope * log10(fixed.get(symbol, 1)) for symbol, slope in slopes.items() if symbol not in (M, N))
    return rest, slopes.get(M, 0.0), slopes.get(N, 0.0)
