r"""What the sums of a theorem become: while directions are being learned, once all are, and at stationarity.

* growing: sum_i f(N x_i), x_i = X i^(-a)/N, by residues (:mod:`riskbounds.asymptotics.expansion`), its leading terms.
* settled: N x_i large in every direction.  With mu_i = g c i^(-a) + e, past the floor (R = (g c/e)^(1/a) < M)

      sum_i i^(-tau) mu_i^(-n) ~ (1/a) e^(-n) R^(1-tau) B((tau-1)/a, n - (tau-1)/a) + (g c)^(-n) zeta(tau - n a),

  Beta continued analytically and the zeta term where tau - n a > 1; e is written g c R^(-a).  With R > M the summand is expanded
  in the floor, up to the highest power of it that the numerators hold (none: the floor is dropped):
  sum_{i<=M} i^(na-tau) ~ M^(na-tau+1)/(na-tau+1), or the zeta term.  Where tau - n a = b - j a, j > 0, of a source target, the
  zeta term leads for b > ja + 1 only, and alone.
* stationary: polynomials in x_i, to second order in the step size, with sum_i 1 = M.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.expansion import Expansion, expand_sum
from riskbounds.asymptotics.law_forms import product, spread_powers, upright
from riskbounds.asymptotics.law_setting import SKETCH_CONSTANT
from riskbounds.asymptotics.mellin import Term
from riskbounds.numerics.blocks import G, K, W, g

i, a = s.i, s.a
MU = s.mu[i]
Piece = tuple[sp.Expr, tuple[sp.Expr, ...]]
#: (fixed, tau, n) of fixed i^(-tau) mu_i^(-n).
Power = tuple[sp.Expr, sp.Expr, sp.Expr]


@lru_cache(maxsize=256)
def growing(summand: sp.Expr, contraction: sp.Expr) -> Expansion:
    """The expansion of a summand without floor, one order beyond the leading one."""
    return expand_sum(summand, terms=2, contraction=contraction)


def leading(expansion: Expansion) -> list[Piece]:
    """The leading terms: the integral and, where the source can saturate it, the first zeta term on the other side."""
    first = [term for term in expansion.terms if term.order == 0]
    integrals = [term for term in first if term.kind == "integral"]
    zetas = [term for term in first if term.kind == "zeta"]
    leads = [case.relation for case in expansion.cases if case.meaning == "leads"]
    if not leads or not zetas:
        return [(sp.Add(*map(in_X, integrals or zetas)), ())]
    room = sp.expand(leads[0].rhs - leads[0].lhs)
    top = max(zetas, key=lambda term: float(term.power.subs({s.a: 2, s.b: 3})))
    return [(sp.Add(*map(in_X, integrals)), (room,)), (in_X(top), (-room,))]


def in_X(term: Term) -> sp.Expr:
    """A term of an expansion, with the symbol X, its gamma functions with arguments of whole part 1."""
    plain = term.coefficient.replace(sp.gamma, lambda argument: shifted_gamma(sp.expand(argument)))
    return upright(sp.factor(plain)) * term.prefactor * s.learned_time**term.power


def rest(expansion: Expansion) -> list[sp.Expr]:
    """Moduli of every term of an expansion but the leading integral; prefactors and X are positive."""
    kept = [term for term in (*expansion.terms, *expansion.omitted) if not (term.order == 0 and term.kind == "integral")]
    return [
        abs(in_X(replace(term, prefactor=sp.S.One, power=sp.S.Zero))) * term.prefactor * s.learned_time**term.power
        for term in kept
    ]


def all_learned(summand: sp.Expr) -> sp.Expr:
    """N x_i to infinity with x_i small: K/N to 1, g to 1/(N x), G to 1, W to 1/(2x)."""
    limits = {
        K: lambda _, steps: steps,
        g: lambda x, steps: 1 / (steps * x),
        G: lambda *_: sp.S.One,
        W: lambda x, _: 1 / (2 * x),
    }
    for block, limit in limits.items():
        summand = summand.replace(block, limit)
    return summand


def settled(summand: sp.Expr, growth: sp.Expr, *, floor: bool) -> list[Piece]:
    """The leading terms of a sum of fixed i^(-tau) mu_i^(-n); ``floor``: past the floor, else every i <= M above it."""
    powers = list(_powers(sp.expand(summand)))
    return _past_floor(powers, growth) if floor else _above_floor(powers, growth)


def _past_floor(powers: list[Power], growth: sp.Expr) -> list[Piece]:
    """Beta terms, and zeta terms: where some of these may lead, the first that does not cancel."""
    reached = {s.floor: growth * s.c * s.floor_reach**-a}
    betas = [_written(fixed * _beta(tau, n), reached) for fixed, tau, n in powers if n > 0]
    firsts: dict[sp.Expr, sp.Expr] = {}
    found: list[Piece] = []
    for fixed, exponent, order in _near(powers, growth, 2):
        zeta = _written(fixed * sp.zeta(exponent), reached)
        if _saturates(exponent):
            firsts[1 - exponent] = firsts.get(1 - exponent, sp.S.Zero) + zeta
        elif order == 0 and _above_one(exponent):
            found.append((zeta, ()))
    rooms = [room for room, value in firsts.items() if sp.simplify(value) != 0]
    if not rooms:
        return [*((beta, ()) for beta in betas), *found]
    room = min(rooms, key=lambda each: each.coeff(a))
    return [*((beta, (room,)) for beta in betas), *found, (sp.factor(firsts[room]), (-room,))]


def _above_floor(powers: list[Power], growth: sp.Expr) -> list[Piece]:
    """Powers of M, or zeta terms, up to the highest power of the floor that is there."""
    found: list[Piece] = []
    for fixed, exponent, _ in _near(powers, growth, max(sp.degree(fixed, s.floor) for fixed, _, _ in powers)):
        room = 1 - exponent
        grown, zeta = fixed * s.M**room / room, fixed * sp.zeta(exponent)
        if _saturates(exponent):
            found += [(grown, (room,)), (zeta, (-room,))]
        else:
            found.append((zeta if _above_one(exponent) else grown, ()))
    return found


def _near(powers: list[Power], growth: sp.Expr, highest: int) -> Iterator[tuple[sp.Expr, sp.Expr, int]]:
    """Terms fixed i^(-exponent) of the expansion of mu_i^(-n) in the floor, up to a power of it, and the term's order in it."""
    for fixed, tau, n in powers:
        for order in range(highest - int(sp.degree(fixed, s.floor)) + 1):
            scale = sp.binomial(-n, order) * s.floor**order * (growth * s.c) ** (-n - order)
            if scale != 0:
                yield fixed * scale, sp.expand(tau - (n + order) * a), order


def _saturates(exponent: sp.Expr) -> bool:
    """Whether sum i^(-exponent) converges for some b > 1 only: b - j a with j > 0."""
    return exponent.has(s.b) and bool(exponent.coeff(a) < 0)


def _written(value: sp.Expr, reached: Mapping[sp.Expr, sp.Expr]) -> sp.Expr:
    return product(spread_powers(value.xreplace(reached)))


def _powers(summand: sp.Expr) -> Iterator[Power]:
    """The terms of a summand as (fixed, tau, n) with summand = sum of fixed i^(-tau) mu_i^(-n)."""
    for part in sp.Add.make_args(summand):
        fixed, moving = part.as_independent(i, MU, as_Add=False)
        powers = moving.as_powers_dict()
        tau, n = -powers.get(i, sp.S.Zero), -powers.get(MU, sp.S.Zero)
        assert sp.simplify(moving - i**-tau * MU**-n) == 0
        yield fixed, sp.expand(tau), n


def _beta(tau: sp.Expr, n: sp.Expr) -> sp.Expr:
    """The sum's integral where n > 0."""
    rate = sp.cancel((tau - 1) / a)
    beta = shifted_gamma(sp.expand(rate)) * shifted_gamma(sp.expand(n - rate)) / sp.gamma(n)
    return s.floor**-n * s.floor_reach ** sp.expand(1 - tau) * beta.subs(SKETCH_CONSTANT, s.sketch_constant) / a


def _above_one(exponent: sp.Expr) -> bool:
    """Whether sum i^(-exponent) converges, for an exponent that does not saturate (tested where a = 2, b = 5/3)."""
    return bool(exponent.subs({s.a: sp.Rational(2), s.b: sp.Rational(5, 3)}) > 1)


def shifted_gamma(argument: sp.Expr) -> sp.Expr:
    """gamma(k + r) as gamma(1 + r) times a polynomial or its inverse, k the whole part of the argument."""
    whole, rest = argument.as_coeff_Add()
    if not whole.is_Integer:
        return sp.gamma(argument)
    k = int(whole)
    rising = sp.Mul(*(rest + n for n in range(1, k))) / sp.Mul(*(rest + n for n in range(k, 1)))
    return sp.gamma(1 + rest) * rising


def stationary(summand: sp.Expr, growth: sp.Expr, floor: sp.Expr) -> sp.Expr:
    """sum_{i<=M} of a function of mu_i and x_i to second order in them, with mu_i = growth c i^(-a) + floor and sum_i 1 = M."""
    x = sp.Symbol("x", positive=True)
    scaled = sp.cancel(summand.xreplace({MU: x * MU, s.contraction[i]: x * s.step * MU}))
    low = sp.Add(*(scaled.diff(x, order).subs(x, 0) / sp.factorial(order) for order in range(3)))
    total = sp.S.Zero
    for part in sp.Add.make_args(sp.expand(low.xreplace({MU: growth * s.c * i**-a + floor}))):
        fixed, moving = part.as_independent(i, as_Add=False)
        exponent = sp.expand(-moving.as_powers_dict().get(i, sp.S.Zero))
        total += fixed * (s.M if exponent == 0 else sp.zeta(exponent))
    return total
