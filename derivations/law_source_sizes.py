"""N_eff of the laws of source targets while directions are being learned: full precision at N_eff steps has their bias.

For b < a the bias leads the data term: F is the ratio of bias and cross term to full precision's bias, F = F_root^(b-1).
"""

from __future__ import annotations

import sympy as sp
from riskbounds.derivations.law_reading import b, gamma, in_roots, law_terms
from riskbounds.derivations.law_sizes import F_root, N, g_root, reach, scale
from riskbounds.derivations.law_source import STRIPS
from riskbounds.derivations.power_law import a, p

from riskbounds import symbols as s
from riskbounds.asymptotics.laws import Law, law
from riskbounds.proofs import Algebra, Assumption, Derivation, Reader, Step, Term, eq, lin, use

ROUGH = STRIPS["rough"]


def read_at(expression: sp.Expr, learned: Term) -> Term:
    """A law's expression, with X^(1/a) = ``learned``."""
    meanings = {
        s.a: a, s.b: b, s.growth: p(g_root, a), **in_roots(expression, {s.learned_time: learned, s.growth: g_root}),
    }  # fmt: skip
    return Reader(meanings)(expression)


def mean_term(found: Law) -> sp.Expr:
    """Bias and cross term of a law where b < a + 1."""
    short = law_terms(found, point=ROUGH.point)
    return short["bias"] + short["cross"]


def derivation(name: str) -> Derivation:
    """ "law-N_eff-source-upper" and so on, of the multiplicative law."""
    found = law("multiplicative", name.removeprefix("law-N_eff-source-"), source=True)
    plain = mean_term(law("full-precision", "lower", source=True))
    power = sp.Pow(found.F, sp.cancel(-1 / found.rate), evaluate=False)
    size = Reader({s.N: N, power: p(F_root, lin(a) * -1)})(found.N_eff)
    claims = {
        "root of F": eq(p(F_root, lin(b) - 1), read_at(found.short_F, reach)),
        "X at N_eff": eq(p(reach / F_root, a), size * gamma * scale),
        "same data term": eq(read_at(plain, reach / F_root), read_at(mean_term(found), reach * g_root)),
    }
    rules = (
        Assumption("model", "F_root = F^(1/(b-1))"),
        Algebra(),
        Algebra(read_at(plain, reach) * use("root of F")),
    )
    return Derivation(
        name=name,
        theorem="sharp",
        title=f"N_eff of the multiplicative law with a source, {name.rsplit('-', 1)[-1]} side",
        steps=(
            *ROUGH.steps,
            *(Step(id=each, claim=claim, rule=rule) for (each, claim), rule in zip(claims.items(), rules, strict=True)),
        ),
        conclusions={each: each for each in claims},
    )
