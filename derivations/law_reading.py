"""How the derivations of laws read the registered theorem and the law: M directions, x_i = gamma g c i^-a, N = k + 1.

X = N gamma g c and reach = X^(1/a); zeta(a) stands for its partial sum over the M directions.  Gamma(1 - 1/a) and 2^(1/a) are
numbers of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import sympy as sp
from riskbounds.derivations.power_law import a, p

from riskbounds import symbols as s
from riskbounds.asymptotics.data_term import LEARNING
from riskbounds.asymptotics.law_setting import law_setting
from riskbounds.asymptotics.laws import Law, law
from riskbounds.model import commuting_definitions
from riskbounds.proofs import (
    Assumption,
    Claim,
    Reader,
    Step,
    Symbol,
    Term,
    Var,
    direction,
    eq,
    le,
    lin,
    parameter,
    real,
    scalar,
    term,
    total,
)
from riskbounds.proofs.numbering import NUMBER, SIZE
from riskbounds.terms.convert import Meanings
from riskbounds.terms.exponentials import root
from riskbounds.theorems import Theorem

SIDES = ("upper", "lower")
i = direction("i")
k = parameter("k")
N = k + 1
x = Symbol("x", "+")
#: The exponent of a source target, and 2^-s where s = (b-1)/a.
b = real("b")
HALF = root(2, -1 / ((term(b) - 1) / term(a)))
NUMBERED = Symbol(NUMBER, "+")
gamma, c, reach = scalar("step"), scalar("c"), scalar("reach")
#: The contraction with the floor, which x leaves out, and the floor of Sigma = g Lam + floor.
full, floor = Symbol("full", "+"), scalar("floor", "0+")
#: The noise of direction i is noise + rise mu_i.
A, Alow = scalar("noise", "0+"), scalar("noise_low", "0+")
rise, rise_low, eps_w = (scalar(name, "0+") for name in ("rise", "rise_low", "eps_w"))
ad, av, adlow = (scalar(str(each), "0+") for each in (s.ad, s.av, s.adlow))
kappa = scalar("kappa", "?")
h, norm, phi = (Symbol(name)(k).term for name in ("h", "k", "phi"))
#: Definitions of the theorem that the derivation keeps as numbers of their own, with the symbols that they are there.
KEPT = {s.kappa: kappa, s.h: h, s.k: norm, s.phi: phi}


@cache
def growth_of(scheme: str) -> Term:
    """g of mu = g lam + e."""
    return term(1) if law_setting(scheme).g == 1 else scalar("growth")


@cache
def floor_of(scheme: str) -> Term:
    """e of mu = g lam + e."""
    return term(0) if law_setting(scheme).e == 0 else scalar("floor", "0+")


def contraction_of(scheme: str) -> Symbol:
    """x_i, or with a floor what includes it."""
    return x if floor_of(scheme) == term(0) else full


def growing(g: Term) -> tuple[Step, ...]:
    """1 <= g, where there is growth."""
    if g == term(1):
        return ()
    return (Step(id="growth", claim=le(1, g), rule=Assumption("model", "g is a product of 1 + eps")),)


def rank(o: Var, exponent: Var = a) -> Term:
    """i^-a, or to another power."""
    return p(NUMBERED[o], lin(exponent) * -1)


def side_reader(theorem: Theorem, meanings: Meanings) -> Reader:
    """Reads a side of the theorem where Lam and Sigma commute; ``meanings`` of lam, of Sigma - Lam, the target and the noise."""
    shared = {
        s.N: N, s.step: gamma, s.contraction: lambda o: x[o], s.mu: lambda o: x[o] / gamma,
        s.ad: ad, s.av: av, s.adlow: adlow, **KEPT,
    }  # fmt: skip
    return Reader({**shared, **meanings}, {**commuting_definitions({}, "clean"), **theorem.definitions})


def law_reader(theorem: Theorem, scheme: str, changes: Meanings | None = None, *, of: Symbol | None = None) -> Reader:
    """Reads a side of the theorem; the noise is the same in every direction but where additive parameters add to it.

    ``of`` is the contraction, the scheme's by default; ``changes`` are other meanings.
    """
    g, f = growth_of(scheme), of or contraction_of(scheme)
    up, up_low = (rise, rise_low) if scheme == "additive" else (term(0), term(0))
    meanings: Meanings = {
        s.M: term(SIZE), s.a: a, s.c: c, s.growth: g, s.lam: lambda o: x[o] / (gamma * g),
        s.contraction: lambda o: f[o], s.mu: lambda o: f[o] / gamma, s.feature_error: lambda o: (f[o] - x[o] / g) / gamma,
        s.A: lambda o: A + up * f[o] / gamma, s.Alow: lambda o: Alow + up_low * f[o] / gamma,
        s.target2: lambda _: term(1),
    }  # fmt: skip
    return side_reader(theorem, {**meanings, **(changes or {})})


def law_terms(found: Law, regime: str = LEARNING, point: Mapping[sp.Symbol, object] | None = None) -> dict[str, sp.Expr]:
    """Shrinkage, bias, cross term, variance and storage of a law in one of its regimes, in the law's short form.

    ``point``: of a source target's terms those in force at these a and b.
    """
    at = point or {}
    kept = [each for each in found.terms if all(w.subs(at) > 0 for w in each.short_when if w.free_symbols <= set(at))]
    there = [each for each in kept if each.regime == regime]
    conditions = {condition for each in there for condition in each.short_when}
    there += [each for each in kept if not each.regime and not any(-when in conditions for when in each.short_when)]

    def terms_of(name: str) -> sp.Expr:
        return sp.Add(*(each.short for each in there if each.name.split(",")[0] == name))

    variance = sum(symbol * with_rate(found, weight) for symbol, weight in found.weights[regime].items())
    return {**{name: terms_of(name) for name in ("shrinkage", "bias", "cross", "storage")}, "variance": variance}


def with_rate(found: Law, expression: sp.Expr) -> sp.Expr:
    """The expression with D put in."""
    return expression.xreplace({s.dimension_rate: found.definitions[s.dimension_rate]})


def in_roots(expression: sp.Expr, roots: Mapping[sp.Expr, Term]) -> dict[sp.Expr, Term]:
    """Meanings of the powers of the bases in ``roots``, whose roots of order a are given, and of 2, in an expression.

    2^((u + v b)/a) is read in 2^(1/a) and 2^((1-b)/a).
    """
    found = {}
    for node in expression.atoms(sp.Pow):
        times = sp.expand(node.exp * s.a)
        if node.base in roots and not node.exp.is_Integer:
            found[node] = p(roots[node.base], Reader({s.a: a}).exponent(times))
        elif node.base == 2 and not node.exp.is_Rational:
            v = int(times.coeff(s.b))
            found[node] = root(2, a) ** (int(times.coeff(s.b, 0)) + v) * HALF**-v
    return found


def in_zetas(expression: sp.Expr) -> dict[sp.Expr, Term]:
    """Partial sums over the directions for the values of zeta in an expression."""
    read = Reader({s.a: a, s.b: b})
    return {node: total(i, p(NUMBERED[i], read.exponent(node.args[0]) * -1)) for node in expression.atoms(sp.zeta)}


def kept_in(theorem: Theorem, read: Reader) -> dict[str, Claim]:
    """kappa, h, k and phi as the theorem defines them, for a reader of its sides."""
    return {str(symbol): eq(number, read(theorem.definitions[symbol])) for symbol, number in KEPT.items()}


def read_law(
    scheme: str,
    side: str,
    V: Term,
    load: Term,
    regime: str = LEARNING,
    more: Meanings | None = None,
    point: Mapping[sp.Symbol, object] | None = None,
) -> dict[str, Term]:
    """The terms of the law of a side in one of its regimes, for a noise level V and a load.

    ``more`` are other meanings; ``point``: of the law of a source target, on the strip of this point.
    """
    short = law_terms(law(scheme, side, source=True) if point else law(scheme, side), regime, point)
    whole = sp.Add(*short.values())
    meanings = {
        s.N: N, s.M: term(SIZE), s.a: a, s.b: b, s.c: c, s.step: gamma, s.growth: growth_of(scheme), s.gradient_noise: V,
        s.load: load, s.learned_time: p(reach, a),
        **in_zetas(whole), **in_roots(whole, {s.learned_time: reach}), **(more or {}),
    }  # fmt: skip
    read = Reader(meanings)
    return {name: read(each) for name, each in short.items()}
