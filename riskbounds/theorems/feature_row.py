"""What a row of noise constants states for the feature quantizers, and the range of levels in which it is proved.

A row bounds, for one sample with exact label, parameter, activation and output (r = y - q^T v, delta = v - v^q),

    [A1low + adlow1 ||delta||^2] Sigma <= Cov(q r | v) <= [A1 + ad1 ||delta||^2 + av1 ||v||^2] Sigma   (norms in Sigma)

and carries the fourth moments that the other slots need.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp


@dataclass(frozen=True, kw_only=True)
class Condition:
    """lhs <= rhs (lhs < rhs if strict): the range of levels in which a row is proved, and the sides that need it."""

    name: str
    lhs: sp.Expr
    rhs: sp.Expr
    strict: bool = False
    sides: tuple[str, ...] = ("lower", "upper")

    @property
    def relation(self) -> str:
        """ "<" or "<="."""
        return "<" if self.strict else "<="


@dataclass(frozen=True, kw_only=True)
class FeatureRow:
    """One data row: the bounds of the module docstring and, relative to Sigma in the Loewner order,

    E[(q^T u)^2 q q^T] <= c4 ||u||^2_Sigma, spread_low <= E[|q|^2 q q^T] <= spread and label_low <= E[y^2 q q^T] <= label.

    `uncentred`: ad1 bounds E[r^2 q q^T], with nothing subtracted for the mean.
    """

    structure: str
    source: str
    A1: sp.Expr
    ad1: sp.Expr
    av1: sp.Expr
    A1low: sp.Expr | None
    adlow1: sp.Expr
    c4: sp.Expr
    spread: sp.Expr
    spread_low: sp.Expr
    label: sp.Expr
    label_low: sp.Expr
    uncentred: bool = False
    valid: tuple[Condition, ...] = ()
