"""The sums over eigenvalues of a registered theorem, as closed forms in i on a power law."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.expansion import Expansion, expand_sum
from riskbounds.asymptotics.series import collected
from riskbounds.errors import UnsupportedError
from riskbounds.model import ISOTROPIC, POWER_LAW, SOURCE, Definitions, commuting_definitions
from riskbounds.theorems.sharp_pair import diagonal
from riskbounds.theorems.theorem import Theorem

#: (first, last) of a registered sum -> which part of the index range it covers.
_PARTS = {(sp.S.One, s.M): "all", (sp.S.One, s.k_star): "head", (s.k_star + 1, s.M): "tail"}


@dataclass(frozen=True, kw_only=True)
class SpectralSum:
    """One sum of a theorem: where it stands, its summand as a closed form in i, its range and x_1."""

    name: str
    node: sp.Sum
    summand: sp.Expr
    part: str
    contraction: sp.Expr

    def expand(self, *, terms: int = 3) -> Expansion:
        """Its expansion (:func:`riskbounds.asymptotics.expansion.expand_sum`)."""
        return expand_sum(self.summand, terms=terms, part=self.part, contraction=self.contraction)


def closed_forms(structures: Mapping[str, str] = {}, *, source: bool = False, risk_inputs: str = "clean") -> Definitions:
    """Sequences on lam_i = c i^(-a) where Lam and Sigma commute, isotropic prior or E lam_i w*_i^2 = target_scale i^(-b).

    ``structures`` maps data, sketch and feature to "multiplicative" or "elementwise" (no sketch), as in
    :func:`riskbounds.model.commuting_definitions`.
    """
    return {
        **commuting_definitions(structures, risk_inputs),
        s.lam: POWER_LAW,
        s.target2: SOURCE if source else ISOTROPIC,
    }


def unfolded(expression: sp.Expr, definitions: Mapping[Any, sp.Expr]) -> sp.Expr:
    """The expression with every sequence replaced by its definition, until only i is left.

    Raises
    ------
    UnsupportedError: a sequence without a definition.
    """
    while True:
        found = {node for node in expression.atoms(sp.Indexed) if node.indices == (s.i,)}
        if not found:
            return expression
        unknown = sorted(str(node.base) for node in found if node.base not in definitions)
        if unknown:
            raise UnsupportedError(f"expansion: the sequence {unknown[0]} has no closed form in i here")
        expression = expression.xreplace({node: definitions[node.base] for node in found})


def spectral_sums(theorem: Theorem, definitions: Mapping[Any, sp.Expr]) -> tuple[SpectralSum, ...]:
    """Every sum over eigenvalues in a theorem's definitions and terms, each once, in the order of appearance.

    ``definitions`` close the sequences: :func:`closed_forms`, and A and Alow from the theorem's noise constants.

    Raises
    ------
    UnsupportedError: the contraction x_i is not a constant times i^(-a), an additive floor say.
    """
    known = {**theorem.definitions, **definitions}
    first = collected(unfolded(s.contraction[s.i], known)) * s.i**s.a
    if first.has(s.i):
        raise UnsupportedError(f"expansion: x_i must be a constant times i^(-a); here x_i i^a = {first}")
    found: dict[sp.Sum, str] = {}
    for name, expression in _expressions(theorem):
        for node in sorted(diagonal(expression).atoms(sp.Sum), key=sp.default_sort_key):
            found.setdefault(node, name)
    return tuple(
        SpectralSum(
            name=name,
            node=node,
            summand=collected(unfolded(node.function, known)),
            part=_PARTS[node.limits[0][1:]],
            contraction=first,
        )
        for node, name in found.items()
    )


def _expressions(theorem: Theorem) -> Iterator[tuple[str, sp.Expr]]:
    for symbol, value in theorem.definitions.items():
        yield str(symbol), value
    for side in ("upper", "lower"):
        for name, value in (theorem.terms(side) or {}).items():
            yield f"{side} {name}", value
