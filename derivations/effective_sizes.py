"""Effective sizes: (gamma N_eff)^{1/a-1} = F (gamma N)^{1/a-1}, for P2 Theorems 4.1 to 4.4.

Roots of order a are numbers of their own, each with the power that defines it: t = (gamma N)^{1/a}, t_eff = (gamma N_eff)^{1/a},
F_root = F^{1/(a-1)}, and those of c1, c2 and 1 + eps_bar_1.  So K = c2^{1/a} (1+eps_bar_1)^{1/a} t.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp
from riskbounds.derivations.p2_lemma_5_2 import growth
from riskbounds.derivations.p2_lemma_5_3 import c1, c2, power_law_reader
from riskbounds.derivations.power_law import a, falling_power, p
from riskbounds.derivations.sgd import gamma

from riskbounds import symbols as s
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Claim,
    Known,
    Lin,
    Reader,
    Step,
    Term,
    eq,
    le,
    lin,
    positive,
    scalar,
    term,
    use,
)
from riskbounds.theorems import Theorem
from riskbounds.theorems.p2_lemma_5_2 import GROWTH
from riskbounds.theorems.p2_theorem_4_1 import RATE

root1, root2, growth_root = scalar("c1_root"), scalar("c2_root"), scalar("growth_root")
t, t_eff, F_root = scalar("t"), scalar("t_eff"), scalar("F_root")
C = scalar("data_constant")
falling = 1 - lin(a)


def effective_reader(theorem: Theorem, steps: Lin) -> Reader:
    """Reads a theorem in effective sizes; C is a positive number, of which F C alone enters."""
    read = power_law_reader(theorem, steps)
    order = 1 / s.a
    read.meanings |= {
        s.c1**order: root1, s.c2**order: root2, (s.c1**order) ** (1 - s.a): root1**falling, s.c2**RATE: root2**falling,
        s.data_factor ** (-s.a / (s.a - 1)): F_root ** (lin(a) * -1), (s.step * s.N_eff) ** RATE: t_eff**falling,
        s.data_constant: C,
    }  # fmt: skip
    for power in (0, -2):
        read.meanings[sp.Pow(GROWTH, RATE + power)] = growth_root**falling * growth**power
    return read


SHARE_OF_BIAS = "share of the bias"
WORDS = {
    "root of gamma N_eff": "t_eff = (gamma N_eff)^(1/a)",
    "root of F": "F_root = F^(1/(a-1)), where C > 0",
    "C": "the data term in full precision is C (gamma N)^(1/a-1)",
}


POSITIVE = ("C > 0", "data term > 0")


def share_steps(claims: Mapping[str, Claim], theorem: Theorem) -> tuple[Step, ...]:
    """C and F C are positive by hypothesis; the share that the bias has of F C (gamma N)^{1/a-1}."""
    of_constant, of_data = (each.name for each in theorem.hypotheses if each.name.startswith("there is a data term"))
    return (
        Step(id=POSITIVE[0], claim=claims[of_constant], rule=Algebra(positive(claims[of_constant].right))),
        Step(id=POSITIVE[1], claim=claims[of_data], rule=Assumption("hypothesis", of_data)),
        Step(id=SHARE_OF_BIAS, claim=claims[SHARE_OF_BIAS], rule=Algebra()),
    )


def root(name: str, value: Term, power: Term) -> Step:
    """value = power^{1/a}."""
    return Step(id=name, claim=eq(p(value, a), power), rule=Assumption("model", f"{name} = ({power})^(1/a)"))


def sizes(read: Reader) -> dict[str, Claim]:
    """N_eff, F and C as the theorem defines them; C where it is a number of its own."""
    constant = {"C": eq(C, read(read.definitions[s.data_constant]))} if s.data_constant in read.meanings else {}
    return {
        "root of gamma N_eff": eq(p(t_eff, a), gamma * read(s.N_eff)),
        "root of F": eq(F_root ** (lin(a) - 1), read(s.data_factor)),
        **constant,
    }


def share_of_bias(read: Reader, bias: Term) -> dict[str, Claim]:
    """The bias' share of the data term F C (gamma N)^{1/a-1} is ``bias``."""
    return {SHARE_OF_BIAS: eq(read(s.bias_share) * read(s.data_constant) * read(s.data_factor) * p(t, falling), bias)}


def roots(read: Reader, steps: Lin) -> tuple[Step, ...]:
    """The roots of order a, those of :func:`sizes` included."""
    return (
        root("root of c1", root1, c1),
        root("root of c2", root2, c2),
        root("root of growth", growth_root, growth),
        root("root of gamma N", t, gamma * steps),
        *(Step(id=name, claim=claim, rule=Assumption("model", WORDS[name])) for name, claim in sizes(read).items()),
    )


def reach_from(c_root: Term) -> Term:
    """(c gamma N (1+eps_bar_1))^{1/a}."""
    return c_root * growth_root * t


#: K and K_low in the roots.
REACH = {"reach": ((), reach_from(root2)), "reach_low": ((), reach_from(root1))}


def reaches(steps: Lin) -> tuple[Step, ...]:
    """The defining relations of K and K_low, from those of the roots, and K/(N (1+eps_bar_1)) in the rate."""
    together = growth * use("root of gamma N") + p(t, a) * use("root of growth")
    both = (("K", root2, c2), ("K_low", root1, c1))
    return (
        *(
            Step(
                id=name,
                claim=eq(p(reach_from(c_root), a), c * gamma * steps * growth),
                rule=Algebra(gamma * steps * growth * use(f"root of {c}") + p(c_root, a) * together),
            )
            for name, c_root, c in both
        ),
        Step(
            id="K/N",
            claim=eq(growth_root * t / (term(steps) * growth), gamma * p(growth_root * t, falling)),
            rule=Algebra(p(growth_root * t, falling) / (term(steps) * growth) * together),
        ),
    )


def smaller_root(name: str, low: Term, high: Term, powers: Certificate) -> tuple[Step, Step]:
    """low <= high, where ``powers`` shows low^a <= high^a: t^a lies above its tangent at high."""
    up = lin(a) - 1
    tangent = le(p(high, a) + term(a) * (low - high) * p(high, up), p(low, a))
    return (
        Step(
            id=f"{name}, tangent",
            claim=tangent,
            rule=Known("power above its tangent", (low, high, term(a)), term(a) * use("a > 1")),
        ),
        Step(
            id=name,
            claim=le(low, high),
            rule=Algebra(1 / term(a) * p(high, up * -1) * (use(f"{name}, tangent") + powers)),
        ),
    )


SAME = use("root of gamma N_eff") - p(F_root, lin(a) * -1) * use("root of gamma N")


def rate_above() -> tuple[Step, ...]:
    """F (gamma N)^{1/a-1} <= (gamma N_eff)^{1/a-1}, with F as F_root^{a-1}."""
    return (
        *smaller_root("t_eff <= t/F_root", t_eff, t / F_root, SAME),
        *falling_power("rate", t_eff, t / F_root, lin(a), use("a > 1"), use("t_eff <= t/F_root")),
    )


def rate_below() -> tuple[Step, ...]:
    """(gamma N_eff)^{1/a-1} <= F (gamma N)^{1/a-1}, with F as F_root^{a-1}."""
    return (
        *smaller_root("t/F_root <= t_eff", t / F_root, t_eff, -SAME),
        *falling_power("rate", t / F_root, t_eff, lin(a), use("a > 1"), use("t/F_root <= t_eff")),
    )
