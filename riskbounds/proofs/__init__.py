"""The proof checker: terms in normal form, claims, certificates, rules and derivations (docs/add_a_proof.md shows how)."""

from riskbounds.proofs.certificates import Certificate, distinct, over, positive, square, use
from riskbounds.proofs.derivation import Derivation, Result, Step, check, cited, inherited, lemma
from riskbounds.proofs.enclosure import Enclosed
from riskbounds.proofs.expectation import Expectation
from riskbounds.proofs.numbering import AboveMax, BelowMin, Numbered, at_least_max, at_most_min
from riskbounds.proofs.rules import (
    Algebra,
    Assumption,
    AtUnitVector,
    Cases,
    Chebyshev,
    Definition,
    Induction,
    Known,
    Root,
    Split,
)
from riskbounds.proofs.transfer import Rising, Transfer, Weighted
from riskbounds.terms.claims import Claim, eq, instance, le, lt
from riskbounds.terms.convert import Reader
from riskbounds.terms.expectation import Centred, Cumulant, Gaussian, Independent
from riskbounds.terms.linear import Lin, Var, lin
from riskbounds.terms.models import Model
from riskbounds.terms.polynomial import Term, power, term
from riskbounds.terms.vocabulary import Symbol, below, direction, natural, parameter, real, scalar, total

__all__ = [
    "AboveMax", "Algebra", "Assumption", "AtUnitVector", "BelowMin", "Cases", "Centred", "Certificate", "Chebyshev", "Claim",
    "Cumulant", "Definition", "Derivation", "Enclosed", "Expectation", "Gaussian", "Independent", "Induction", "Known", "Lin",
    "Model", "Numbered", "Reader", "Result", "Rising", "Root", "Split", "Step", "Symbol", "Term", "Transfer", "Var", "Weighted",
    "at_least_max", "at_most_min", "below", "check", "cited", "direction", "distinct", "eq", "inherited", "instance", "le",
    "lemma", "lin", "lt", "natural", "over", "parameter", "positive", "power", "real", "scalar", "square", "term", "total",
    "use",
]  # fmt: skip
