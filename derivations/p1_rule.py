"""The rule of P1 Corollary 4.3: m mantissa bits distort the spectrum no more than b integer bits iff m >= b - (a/2) log2 d.

With l = (a/2) log2 d, so d^a = 2^{2l}, the two distortions are 2^{-2m} and 2^{2l-2b}.
"""

from __future__ import annotations

from random import Random

from riskbounds.derivations.power_law import p

from riskbounds import symbols
from riskbounds.proofs import Algebra, Assumption, Claim, Derivation, Known, Model, Reader, Step, le, lin, lt, real, term, use
from riskbounds.theorems.p1_corollary_4_3 import FLOATING_DISTORTION, INTEGER_DISTORTION, rule

mantissa, integer, log = real("mantissa_bits"), real("integer_bits"), real("log_of_d")
read = Reader(
    {
        symbols.mantissa_bits: mantissa,
        symbols.integer_bits: integer,
        symbols.p**symbols.a: p(2, lin(log) * 2),
        rule().rhs - symbols.integer_bits: -term(log),
    }
)
floating, fixed, least = read(FLOATING_DISTORTION), read(INTEGER_DISTORTION), read(rule().rhs)


def comparison(name: str, kept: Claim, concluded: Claim, gap: int) -> Derivation:
    """The order of the two distortions from that of m and b - l; ``gap`` is the sign of m - (b - l)."""
    q = (mantissa + log - integer) * 2 * gap

    def witness(random: Random) -> Model:
        bits, log_of_d = random.randint(3, 9), random.randint(1, 3)
        kept_bits = bits - log_of_d + (random.randint(0, 3) if gap > 0 else -random.randint(1, 3))
        return Model(sizes={"mantissa_bits": kept_bits, "integer_bits": bits, "log_of_d": log_of_d}, symbols={})

    steps = (
        Step(id="rule", claim=kept, rule=Assumption("hypothesis", "the rule" if gap > 0 else "the rule fails")),
        Step(
            id="tangent",
            claim=le(p(2, q * -1) + term(q) * p(2, q * -1 - 1), 1),
            rule=Known("power above its tangent", (term(1), term(2), term(q * -1)), 2 * use("rule") * (2 * use("rule") + 1)),
            note="t^-q is convex",
        ),
        Step(
            id="distortion",
            claim=concluded,
            rule=Algebra(concluded.right * (use("tangent") + 2 * use("rule") * p(2, q * -1 - 1))),
        ),
    )
    return Derivation(
        name=name,
        theorem="",
        title="The rule m >= b - (a/2) log2 d" + (" is enough" if gap > 0 else " is necessary"),
        steps=steps,
        conclusions={"distortion": "distortion"},
        witness=witness,
    )


enough = comparison("p1-corollary-4.3-rule", le(least, mantissa), le(floating, fixed), 1)
necessary = comparison("p1-corollary-4.3-rule-converse", lt(mantissa, least), lt(fixed, floating), -1)
