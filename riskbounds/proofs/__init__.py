"""The proof checker: terms in normal form, claims, certificates, rules and derivations (docs/add_a_proof.md shows how)."""

from riskbounds.proofs.certificates import Certificate, over, positive, square, use
from riskbounds.proofs.derivation import Derivation, Result, Step, check, inherited, lemma
from riskbounds.proofs.rules import (
    Algebra,
    Assumption,
    AtUnitVector,
    Cases,
    Chebyshev,
    Definition,
    Induction,
    Known,
    Split,
)
from riskbounds.terms.claims import Claim, eq, le, lt
from riskbounds.terms.convert import Reader
from riskbounds.terms.linear import Lin, Var, lin
from riskbounds.terms.models import Model
from riskbounds.terms.polynomial import Term, power, term
from riskbounds.terms.vocabulary import Symbol, below, direction, natural, scalar, total

__all__ = [
    "Algebra", "Assumption", "AtUnitVector", "Cases", "Certificate", "Chebyshev", "Claim", "Definition",
    "Derivation", "Induction", "Known",
    "Lin", "Model", "Reader", "Result", "Split", "Step", "Symbol", "Term", "Var", "below", "check", "direction", "eq",
    "inherited", "le",
    "lemma", "lin", "lt", "natural", "over", "positive", "power", "scalar", "square", "term", "total", "use",
]  # fmt: skip
