"""What a registered theorem is: a statement, its hypotheses, two sides as named SymPy terms, and where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import sympy as sp

from riskbounds.model import Definitions
from riskbounds.setting import Setting
from riskbounds.theorems.citations import Citation
from riskbounds.theorems.display import as_html, as_latex, latex
from riskbounds.theorems.feature_row import Condition
from riskbounds.theorems.ledger import proof_state
from riskbounds.theorems.noise import NoiseConstants

Side = Literal["lower", "upper"]
Status = Literal["published", "reconstruction", "ours", "recalled"]

#: The named terms of a bound, in the order in which they are shown.
TERMS = ("approximation", "shrinkage", "bias", "cross", "variance")


@dataclass(frozen=True, kw_only=True)
class Hypothesis(Condition):
    """lhs <= rhs (or lhs < rhs) between SymPy expressions; margin = 1 - lhs/rhs.

    ``sides`` are the sides of the theorem that need it.  A hypothesis ``on_steps`` constrains N alone: where it fails the
    side is null for that N.  One that is ``on_step_size`` takes part in the step-size limit.
    """

    on_steps: bool = False
    on_step_size: bool = False
    advice: str = ""


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """A hypothesis without a margin: a predicate on the setting, with the sentence that a refusal prints."""

    name: str
    holds: Callable[[Setting], bool]
    refusal: str


@dataclass(frozen=True, kw_only=True)
class Theorem:
    """A bound on R(vbar_N) - sigma^2/2, or a condition.

    ``upper_terms`` and ``lower_terms`` map the names of :data:`TERMS` to expressions whose sum is the side; ``definitions``
    give the theorem's own abbreviations; ``noise`` gives A, ad, av, Alow, adlow for the setting's quantizers.
    """

    name: str
    title: str
    statement: str
    status: Status
    citation: Citation
    number: str
    upper_terms: Mapping[str, sp.Expr] | None = None
    lower_terms: Mapping[str, sp.Expr] | None = None
    definitions: Definitions = field(default_factory=dict)
    noise: Callable[[Setting], NoiseConstants] | None = None
    hypotheses: tuple[Hypothesis, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    usable: bool = True
    law: sp.Expr | None = None

    @property
    def proof(self) -> str:
        """The state of its machine-checked proof, from the ledger: "proved (58 steps)", say."""
        return proof_state(self)

    @property
    def upper(self) -> sp.Expr | None:
        """The upper bound as one SymPy expression, or None."""
        return None if self.upper_terms is None else sp.Add(*self.upper_terms.values())

    @property
    def lower(self) -> sp.Expr | None:
        """The lower bound as one SymPy expression, or None."""
        return None if self.lower_terms is None else sp.Add(*self.lower_terms.values())

    @property
    def side(self) -> str:
        """ "both", "upper", "lower", "law" or "condition": what the theorem states."""
        if self.law is not None:
            return "law"
        if self.upper_terms is None and self.lower_terms is None:
            return "condition"
        if self.upper_terms is not None and self.lower_terms is not None:
            return "both"
        return "upper" if self.upper_terms is not None else "lower"

    def terms(self, side: Side) -> Mapping[str, sp.Expr] | None:
        """The named terms of one side, or None if the theorem does not have it."""
        return self.upper_terms if side == "upper" else self.lower_terms

    def map(self, change: Callable[[sp.Expr], sp.Expr]) -> dict[str, Any]:
        """Fields of a specialisation: ``change`` applied to every term and definition; definitions that become 0 are dropped."""

        def each(terms: Mapping[str, sp.Expr] | None) -> dict[str, sp.Expr] | None:
            return None if terms is None else {name: change(term) for name, term in terms.items()}

        definitions = {symbol: change(value) for symbol, value in self.definitions.items()}
        return {
            "upper_terms": each(self.upper_terms),
            "lower_terms": each(self.lower_terms),
            "definitions": {symbol: value for symbol, value in definitions.items() if value != 0},
        }

    def _repr_latex_(self) -> str:
        """The theorem in LaTeX (amsmath)."""
        return as_latex(self)

    def _repr_html_(self) -> str:
        """The theorem for notebooks."""
        return as_html(self)


__all__ = ["TERMS", "Assumption", "Hypothesis", "Side", "Status", "Theorem", "latex"]
