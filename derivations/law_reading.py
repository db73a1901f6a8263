"""How the derivations of laws read the registered theorem and the law: M directions, x_i = gamma g c i^-a, N = k + 1.

X = N gamma g c and reach = X^(1/a); zeta(a) stands for its partial sum over the M directions.  Gamma(1 - 1/a) and 2^(1/a) are
numbers of their own.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp
from riskbounds.derivations.power_law import a, p

from riskbounds import symbols as s
from riskbounds.asymptotics.data_term import LEARNING
from riskbounds.asymptotics.laws import Law, law
from riskbounds.model import commuting_definitions
from riskbounds.proofs import Claim, Reader, Symbol, Term, Var, direction, eq, lin, parameter, scalar, term, total
from riskbounds.proofs.numbering import NUMBER, SIZE
from riskbounds.terms.convert import Meanings
from riskbounds.terms.exponentials import root
from riskbounds.theorems import Theorem

SIDES = ("upper", "lower")
i = direction("i")
k = parameter("k")
N = k + 1
x = Symbol("x", "+")
gamma, c, reach = scalar("step"), scalar("c"), scalar("reach")
A, Alow = scalar("noise", "0+"), scalar("noise_low", "0+")
ad, av, adlow = (scalar(str(each), "0+") for each in (s.ad, s.av, s.adlow))
kappa = scalar("kappa", "?")
h, norm, phi = (Symbol(name)(k).term for name in ("h", "k", "phi"))
#: Definitions of the theorem that the derivation keeps as numbers of their own, with the symbols that they are there.
KEPT = {s.kappa: kappa, s.h: h, s.k: norm, s.phi: phi}


def growth_of(scheme: str) -> Term:
    """g of mu = g lam."""
    return term(1) if scheme == "full-precision" else scalar("growth")


def rank(o: Var) -> Term:
    """i^-a."""
    return p(Symbol(NUMBER, "+")[o], lin(a) * -1)


def side_reader(theorem: Theorem, meanings: Meanings) -> Reader:
    """Reads a side of the theorem where Lam and Sigma commute; ``meanings`` of lam, of Sigma - Lam, the target and the noise."""
    shared = {
        s.N: N, s.step: gamma, s.contraction: lambda o: x[o], s.mu: lambda o: x[o] / gamma,
        s.ad: ad, s.av: av, s.adlow: adlow, **KEPT,
    }  # fmt: skip
    return Reader({**shared, **meanings}, {**commuting_definitions({}, "clean"), **theorem.definitions})


def law_reader(theorem: Theorem, scheme: str) -> Reader:
    """Reads a side of the theorem, with noise constants that are the same in every direction."""
    g = growth_of(scheme)
    meanings: Meanings = {
        s.M: term(SIZE), s.a: a, s.c: c, s.growth: g, s.lam: lambda o: x[o] / (gamma * g),
        s.feature_error: lambda o: (1 - 1 / g) * x[o] / gamma, s.A: lambda _: A, s.Alow: lambda _: Alow,
        s.target2: lambda _: term(1),
    }  # fmt: skip
    return side_reader(theorem, meanings)


def law_terms(found: Law) -> dict[str, sp.Expr]:
    """Shrinkage, bias, cross term and variance of a law while directions are being learned, in the law's short form."""
    short = {each.name.removesuffix(f", {LEARNING}"): each.short for each in found.terms if each.regime in ("", LEARNING)}
    variance = with_rate(found, found.weights[LEARNING][s.gradient_noise]) * s.gradient_noise
    return {**{name: short.get(name, sp.S.Zero) for name in ("shrinkage", "bias", "cross")}, "variance": variance}


def with_rate(found: Law, expression: sp.Expr) -> sp.Expr:
    """The expression with D put in."""
    return expression.xreplace({s.dimension_rate: found.definitions[s.dimension_rate]})


def in_roots(expression: sp.Expr, roots: Mapping[sp.Expr, Term]) -> dict[sp.Expr, Term]:
    """Meanings of the powers of the bases in ``roots``, whose roots of order a are given, and of 2, in an expression."""
    found = {}
    for node in expression.atoms(sp.Pow):
        if node.base in roots and not node.exp.is_Integer:
            found[node] = p(roots[node.base], Reader({s.a: a}).exponent(sp.expand(node.exp * s.a)))
        elif node.base == 2 and node.exp == 1 / s.a:
            found[node] = root(2, a)
    return found


def kept(theorem: Theorem, scheme: str) -> dict[str, Claim]:
    """kappa, h, k and phi as the theorem defines them."""
    return kept_in(theorem, law_reader(theorem, scheme))


def kept_in(theorem: Theorem, read: Reader) -> dict[str, Claim]:
    """kappa, h, k and phi as the theorem defines them, for a reader of its sides."""
    return {str(symbol): eq(number, read(theorem.definitions[symbol])) for symbol, number in KEPT.items()}


def read_law(scheme: str, side: str, V: Term, load: Term) -> dict[str, Term]:
    """The terms of the law of a side, for a noise level V and a load."""
    short = law_terms(law(scheme, side))
    partial = total(i, rank(i))
    meanings = {
        s.N: N, s.a: a, s.c: c, s.step: gamma, s.growth: growth_of(scheme), s.gradient_noise: V, s.load: load,
        sp.zeta(s.a): partial, **in_roots(sp.Add(*short.values()), {s.learned_time: reach}),
    }  # fmt: skip
    read = Reader(meanings)
    return {name: read(each) for name, each in short.items()}
