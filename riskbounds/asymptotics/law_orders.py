"""A law's terms and remainder up to bounded factors: what an order calculus and regimes compare."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from riskbounds import symbols as s
from riskbounds.asymptotics.law_terms import LawTerm
from riskbounds.asymptotics.laws import Law, LawSide, law
from riskbounds.asymptotics.orders import Monomial, OrderSum, normal_form, standard_domain
from riskbounds.asymptotics.pieces import ground, leaders
from riskbounds.asymptotics.regimes import Regimes
from riskbounds.asymptotics.regimes import regimes as regimes_of

#: Slots whose laws regimes compare: one feature slot, whose floor is then a monomial, and one slot of the update.
REPRESENTATIVES: dict[str, tuple[str, ...]] = {
    "full-precision": (),
    "multiplicative": ("data", "activation"),
    "additive": ("data", "activation", "storage"),
    "elementwise": ("feature", "activation"),
}
_FLOOR = s.eps_f  # a level, so that the calculus knows it to be at most 1
_KEPT = (s.eps_p, s.eps_w)
_SMALL = dict.fromkeys((s.step, *s.EPS.values()), sp.S.Zero)


def orders(found: Law) -> tuple[LawTerm, ...]:
    """The terms with each coefficient at vanishing levels and step size and B = 1: constants, in monomials of one each.

    Left out are the variance that the model error drives, below the model term in every regime, terms of the second order
    in the step size, and terms whose exponents and conditions repeat another's.
    """
    kept: dict[tuple[object, ...], LawTerm] = {}
    for term in found.terms:
        if "model error" in term.name:
            continue
        plain = replace(
            term,
            coefficient=term.coefficient.xreplace(_SMALL).xreplace({s.B: sp.S.One}),
            when=tuple(_unscaled(condition) for condition in term.when),
        )
        if plain.coefficient == 0:
            continue
        kept.setdefault((tuple(plain.exponents.items()), plain.when), plain)
    return tuple(kept.values())


def _unscaled(condition: sp.Expr) -> sp.Expr:
    """A difference of monomials without the factors 1 + eps."""
    return condition.replace(lambda node: isinstance(node, sp.Add) and _near_one(node), lambda _: sp.S.One)


def _near_one(node: sp.Add) -> bool:
    levels = node.free_symbols
    return levels <= set(s.EPS.values()) and node.xreplace(_SMALL) == 1


def remainder_order(found: Law) -> sp.Expr:
    """The order of a law's remainder in M, N, step, e, eps_p and eps_w, all else fixed.

    Directions are being learned, 1 <= N step <= M^a, and the floor has not acted, N step e <= 1.
    """
    fixed = dict.fromkeys((s.B, s.sigma, *(level for level in s.EPS.values() if level not in _KEPT)), sp.S.One) | {
        s.learned_time: s.N * s.step, s.floor: _FLOOR, s.floor_reach: _FLOOR ** (-1 / s.a), s.growth: sp.S.One,
        s.m3: sp.S.One, s.m4: sp.S.One, s.load: sp.S.Half,
    }  # fmt: skip
    total = (found.short_remainder.moving + found.short_remainder.still).xreplace(fixed)
    walls = {_FLOOR: -sp.S.One, s.N: -1, s.step: -1}, {s.M: s.a, s.N: -1, s.step: -1}, {s.N: sp.S.One, s.step: 1}
    domain = standard_domain(*(Monomial(exponents=wall) for wall in walls))
    leading = (form for form, _ in leaders(total, ground(domain)))
    order = normal_form(OrderSum(Monomial(exponents=dict(form)) for form in leading), domain=domain)
    return order.expression().xreplace({_FLOOR: s.floor})


def order_law(scheme: str, side: LawSide = "exact") -> tuple[LawTerm, ...]:
    """The orders of a scheme's law with representative slots."""
    return orders(law(scheme, side, slots=REPRESENTATIVES.get(scheme)))


def regimes(scheme: str, side: LawSide = "exact") -> Regimes:
    """Where each term of a scheme's law is the largest, with the slots of :data:`REPRESENTATIVES` quantized.

    Raises
    ------
    ProblemError: an unknown scheme or side.
    """
    return regimes_of(order_law(scheme, side), title=scheme)
