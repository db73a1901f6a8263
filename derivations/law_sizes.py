"""The effective sizes of the laws: the formulas solve the equations that define them.

N_eff: full precision at N_eff steps has the data term that the multiplicative scheme has at N.  M_eff: the model term at M_eff is
the shrinkage that an additive floor leaves.  Roots of order a are numbers of their own, of which the others are powers:
reach = (N gamma c)^(1/a), g = g_root^a; and F = F_root^(a-1), a = a_root^(a-1).
"""

from __future__ import annotations

import sympy as sp
from riskbounds.derivations.law_reading import gamma, growth_of, in_roots, law_terms, with_rate
from riskbounds.derivations.power_law import A_LAW, a, p

from riskbounds import symbols as s
from riskbounds.asymptotics.data_term import LEARNING, PAST_FLOOR
from riskbounds.asymptotics.law_setting import law_setting
from riskbounds.asymptotics.laws import Law, law
from riskbounds.asymptotics.noise_level import noise_level
from riskbounds.proofs import Algebra, Assumption, Derivation, Reader, Step, Term, eq, lin, lt, positive, scalar, term, use

N, reach, g_root, F_root = scalar("N"), scalar("reach"), scalar("growth_root"), scalar("F_root")
V, V_0 = scalar("V"), scalar("V_0")
c_a, floor_reach = scalar("c_a"), scalar("floor_reach")
#: c, by reach.
scale = p(reach, a) / (N * gamma)
load = scalar("load", "?")


def read_at(expression: sp.Expr, steps: Term, learned: Term, noise: Term) -> Term:
    """A law's expression at ``steps``, with X^(1/a) = ``learned`` and noise level ``noise``."""
    roots = {s.learned_time: learned, s.growth: g_root, s.N * s.c * s.step: learned}
    meanings = {
        s.a: a, s.N: steps, s.step: gamma, s.c: scale, s.growth: p(g_root, a), s.gradient_noise: noise, s.load: load,
        s.full_noise: V_0, s.sketch_constant: c_a, s.floor_reach: floor_reach, **in_roots(expression, roots),
    }  # fmt: skip
    return Reader(meanings)(expression)


def data_term(found: Law, regime: str = LEARNING) -> sp.Expr:
    """Bias, cross term and variance of a law."""
    short = law_terms(found, regime)
    return short["bias"] + short["cross"] + short["variance"]


def data_size(name: str) -> Derivation:
    """N_eff of a side of a law: "law-N_eff-upper" and so on of the multiplicative one, "law-N_eff-additive-upper" and so on."""
    *others, side = name.removeprefix("law-N_eff-").split("-")
    (scheme,) = others or ("multiplicative",)
    found = law(scheme, side)
    F = read_at(with_rate(found, found.short_F), N, reach, V)
    grown = reach if growth_of(scheme) == term(1) else reach * g_root
    data = read_at(data_term(found), N, grown, V)
    waiting = read_at(noise_level(law_setting(scheme), side).unreached, N, reach, V)
    return _sized(name, f"N_eff of the {scheme} law, {side} side", _counted(found.N_eff, found.F), F, data, waiting)


def data_size_past_floor(name: str) -> Derivation:
    """N_eff of a side of a law past the floor, the storage's own term apart: "law-N_eff-past-floor-additive-upper" and so on."""
    scheme, side = name.removeprefix("law-N_eff-past-floor-").split("-")
    found = law(scheme, side)
    assert found.short_F_past_floor is not None
    assert found.N_eff_past_floor is not None
    F = read_at(with_rate(found, found.short_F_past_floor), N, reach, V)
    data = read_at(data_term(found, PAST_FLOOR), N, reach, V)
    size = _counted(found.N_eff_past_floor, found.spelled(found.short_F_past_floor))
    return _sized(name, f"N_eff of the {scheme} law past the floor, {side} side", size, F, data)


def _counted(size: sp.Expr, F: sp.Expr) -> Term:
    """N F^(-a/(a-1))."""
    return Reader({s.N: N, sp.Pow(F, -s.a / (s.a - 1), evaluate=False): p(F_root, lin(a) * -1)})(size)


def _sized(name: str, title: str, size: Term, F: Term, data: Term, waiting: Term = term(0)) -> Derivation:
    """Full precision has the data term ``data`` at ``size`` steps; ``waiting`` is the load of directions not learned yet."""
    plain = data_term(law("full-precision", "lower"))
    claims = {
        "root of F": eq(p(F_root, lin(a) - 1), F),
        "X at N_eff": eq(p(reach / F_root, a), size * gamma * scale),
        "same data term": eq(read_at(plain, size, reach / F_root, V_0), data),
    }
    full_precision = read_at(plain, N, reach, V_0)
    room = Step(id="load < 1", claim=lt(0, 1 - load), rule=Assumption("hypothesis", "(ad + av) kappa < 1"))
    learned = Step(
        id="load < 1 while learning",
        claim=lt(0, 2 * (1 - load + waiting)),
        rule=Algebra(2 * use("load < 1") + positive(2 * waiting)),
    )
    double = Step(id="2a > 1", claim=lt(0, 2 * term(a) - 1), rule=Algebra(2 * use("a > 1") + positive(1)))
    return Derivation(
        name=name,
        theorem="sharp",
        title=title,
        steps=(
            *((room,) if not name.endswith("lower") else ()),
            *((learned,) if waiting != term(0) else ()),
            *((A_LAW, double) if "past-floor-elementwise" in name else ()),
            Step(id="root of F", claim=claims["root of F"], rule=Assumption("model", "F_root = F^(1/(a-1))")),
            Step(id="X at N_eff", claim=claims["X at N_eff"], rule=Algebra()),
            Step(
                id="same data term",
                claim=claims["same data term"],
                rule=Algebra(full_precision * use("root of F")),
                note="V_0 holds full precision's feedback, so that the lower side's weight serves both sides",
            ),
        ),
        conclusions={each: each for each in claims},
    )


def model_size(name: str) -> Derivation:
    """M_eff of the additive law where the floor leaves directions unlearned: "law-M_eff"."""
    found = law("additive", "upper")
    short = {each.name: each.short for each in found.terms}
    (formula,) = {*found.short_M_eff.args} - {s.M}
    c, a_root = scalar("c"), scalar("a_root")
    known = {s.a: a, s.c: c, s.sketch_constant: c_a, s.floor_reach: floor_reach, s.a ** (1 / (s.a - 1)): a_root}
    size = Reader(known)(formula)
    model = Reader({**known, s.M ** (1 - s.a): p(size, 1 - lin(a))})(short["model"])
    floor = Reader(known)(short["shrinkage, floor"])
    steps = (
        Step(id="root of a", claim=eq(p(a_root, lin(a) - 1), term(a)), rule=Assumption("model", "a_root = a^(1/(a-1))")),
        Step(id="same error", claim=eq(model, floor), rule=Algebra(model / term(a) * use("root of a") * -1)),
    )
    return Derivation(
        name=name,
        theorem="sharp",
        title="M_eff of the additive law: the model term at M_eff is the floor's shrinkage",
        steps=steps,
        conclusions={"same error": "same error"},
    )
