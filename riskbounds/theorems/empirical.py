"""Empirical precision laws, for comparison plots: fits to language models, no theorems (theory section 8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from riskbounds import symbols as s
from riskbounds.theorems.citations import Citation

KUMAR_2024 = Citation(
    key="kumar2024scaling",
    kind="misc",
    authors="Kumar, Tanishq and Ankner, Zachary and Spector, Benjamin F. and Bordelon, Blake and Muennighoff, Niklas and "
    "Paul, Mansheej and Pehlevan, Cengiz and R{\\'e}, Christopher and Raghunathan, Aditi",
    title="Scaling Laws for Precision",
    year=2024,
    version="arXiv 2411.04330",
    fields=(("note", "arXiv:2411.04330"),),
)


@dataclass(frozen=True, kw_only=True)
class EmpiricalLaw:
    """A fitted law: status is always "empirical", ``loss`` holds where every ``domain`` relation does."""

    name: str
    title: str
    citation: Citation
    loss: sp.Expr
    effective_parameters: sp.Expr
    domain: tuple[sp.Rel, ...]
    status: str = "empirical"


def _rational(decimal: str) -> sp.Rational:
    return sp.Rational(decimal)


#: bits -> (gamma, n) of the factor 1 - exp(-P/gamma + n); it is positive where P > n gamma.
SENSITIVITIES: Mapping[sp.Symbol, tuple[sp.Rational, sp.Rational]] = {
    s.bits_weights: (_rational("2.6745"), _rational("0.3037")),
    s.bits_activations: (_rational("2.2102"), _rational("1.4072")),
    s.bits_cache: (_rational("0.9578"), _rational("2.4185")),
}
EFFECTIVE_PARAMETERS = s.parameters * sp.Mul(
    *(1 - sp.exp(-bits / scale + offset) for bits, (scale, offset) in SENSITIVITIES.items())
)
EXPONENT = _rational("0.4965")

#: L = A N_eff^-al + B D^-be + E with A = 4.299e3, B = 1.806e4, E = 2.7648, al = be = 0.4965.
kumar_2024 = EmpiricalLaw(
    name="kumar-2024",
    title="Kumar et al. 2024: scaling law for precision of language models",
    citation=KUMAR_2024,
    loss=_rational("4299") * EFFECTIVE_PARAMETERS**-EXPONENT + _rational("18060") * s.tokens**-EXPONENT + _rational("2.7648"),
    effective_parameters=EFFECTIVE_PARAMETERS,
    domain=tuple(sp.Gt(bits, scale * offset) for bits, (scale, offset) in SENSITIVITIES.items()),
)
