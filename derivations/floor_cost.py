"""What an additive floor costs at least in P2 Theorem 4.4, and how that theorem is read.

The floor is phi r^a = e_low/c2: m <= M_eff = min(M, 1/r), so 6 <= M_eff and M_eff - 1 >= 5 M_eff/6; where M r > 1 also
1/r + 1 <= 7 M_eff/6.
"""

from __future__ import annotations

from fractions import Fraction

from riskbounds.derivations import p2_lemma_5_4_below as parent
from riskbounds.derivations.effective_sizes import (
    C,
    F_root,
    falling,
    root1,
    root2,
    t,
    t_eff,
)
from riskbounds.derivations.energies import size
from riskbounds.derivations.floor_dimension import high, low
from riskbounds.derivations.floor_model import (
    E_HIGH,
    E_LOW,
    PHI_HIGH,
    PHI_LOW,
    c2,
    e_low,
    floor_reader,
    model_step,
    root_four,
    root_high,
    root_low,
)
from riskbounds.derivations.power_law import a, falling_power, p
from riskbounds.derivations.power_law_below import power_tangent
from riskbounds.derivations.threshold_general import M

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Cases,
    Certificate,
    Known,
    Reader,
    Step,
    Term,
    at_least_max,
    eq,
    le,
    lin,
    positive,
    scalar,
    square,
    term,
    use,
)
from riskbounds.terms.functions import apply
from riskbounds.theorems import Theorem
from riskbounds.theorems.p2_theorem_4_1 import RATE
from riskbounds.theorems.p2_theorem_4_4 import LOST_SHARE, theorem_4_4

a_ = symbols.a
K, K_low = root2 * t, root1 * t
REACH = {"reach": ((), K), "reach_low": ((), K_low)}
c3_low = scalar("c3_low", "0+")
twice = lin(a) * 2


def effective_reader(theorem: Theorem) -> Reader:
    """Reads a theorem in effective sizes for N = m + 2; C is a positive number, of which F C alone enters."""
    read = floor_reader(theorem, M)
    order = 1 / a_
    read.meanings |= {
        symbols.reach: K, symbols.reach_low: K_low, symbols.data_constant: C,
        symbols.c1**order: root1, symbols.c2**order: root2, symbols.c2**RATE: root2**falling,
        symbols.data_factor ** (-a_ / (a_ - 1)): F_root ** (lin(a) * -1), (symbols.step * symbols.N_eff) ** RATE: t_eff**falling,
    }  # fmt: skip
    ratio = (symbols.M_eff / symbols.M) ** (a_ - 1)
    read.meanings[ratio] = p(read(symbols.M_eff), lin(a) - 1) * p(size, falling)
    return read


read = effective_reader(theorem_4_4)
y, theta, M_eff, z = (read(symbol) for symbol in (symbols.learnable, symbols.above_floor, symbols.M_eff, symbols.floor_share_low))
# m <= M_eff, because (e_low/c2)^{1/a} <= (4 e_high/c1)^{1/a}.
floor_root, kept = root_four * root_high, size * low * root_low
MOST = apply("max", 1, kept)
floors = (
    Step(id="max >= 1", claim=le(1, parent.MOST), rule=Known("max", (term(1), size * high * floor_root))),
    Step(
        id="max >= M r", claim=le(size * high * floor_root, parent.MOST), rule=Known("max", (size * high * floor_root, term(1)))
    ),
    E_LOW,
    E_HIGH,
    PHI_LOW,
    PHI_HIGH,
    model_step("phi_low, 0 or 1", eq(low**2, low), "phi is 1 if the floor is positive, else 0"),
    Step(
        id="floors",
        claim=le(low * p(root_low, a), high * p(root_high, a)),
        rule=Algebra(
            1
            / c2
            * (use("floor below") + use("floor above") - use("e_low") + use("e_high") + high * p(root_high, a) * use("c1 <= c2"))
        ),
    ),
    Step(id="phi_high <= 1", claim=le(high, 1), rule=Algebra(square(1 - high) + use("phi_high"))),
    Step(
        id="phi_low <= phi_high",
        claim=le(low, high),
        rule=Algebra(
            positive(high) * use("phi_low")
            + p(root_low, lin(a) * -1) * (use("phi_high <= 1") * use("floors") - p(root_high, a) * use("phi_high"))
        ),
    ),
    power_tangent("floor roots, tangent", root_low, floor_root, lin(a), term(a) * use("a > 1")),
    Step(
        id="floor roots",
        claim=le(low * root_low, high * floor_root),
        rule=Algebra(
            1
            / term(a)
            * p(floor_root, 1 - lin(a))
            * (
                low * use("floor roots, tangent")
                + use("floors")
                + use("phi_low <= phi_high") * use("a > 1") * p(floor_root, a)
                + positive(3 * high * p(root_high, a))
                - high * p(root_high, a) * use("root of 4")
            )
        ),
    ),
    Step(
        id="m <= M_eff",
        claim=le(y, M_eff),
        rule=Algebra(
            size
            / MOST
            / parent.MOST
            * at_least_max(parent.MOST, {term(1): use("max >= 1"), kept: size * use("floor roots") + use("max >= M r")})
        ),
    ),
    Step(
        id="6 <= M_eff",
        claim=le(6, M_eff),
        rule=Algebra(use("m <= M_eff") + use("left to learn") + 2 * use("2 <= K")),
    ),
)

# s: what the floor costs.
power_here = p(M_eff, falling)
X, share = apply("max", 0, M_eff - 1), Fraction(5, 6) * M_eff
clipped, clean = Fraction(7, 6), p(M_eff, lin(a) - 1) * p(size, falling)
q, v = e_low * p(size, a) / c2, e_low / c2 * p(M_eff, a)
S = low * p(root_low / (1 + root_low), lin(a) - 1)
rest, least_part = S - p(size, falling), p(term(clipped), falling) - clean
lost_there, lost = apply("max", 0, rest), apply("max", 0, least_part)
u, U = root_low / (1 + root_low), Fraction(6, 7) / M_eff
not_cut = at_least_max(term(1), {term(1): positive(0), kept: use("case")})  # 1 - max(1, M r) where M r <= 1
cut = at_least_max(kept, {term(1): use("case"), kept: positive(0)})  # M r - max(1, M r) where 1 < M r
one = use("phi_low") * use("case") - size * root_low * use("phi_low, 0 or 1")  # phi - 1 where 1 < M r


def tangent(name: str, at: Term, of: Term, exponent: Term, sign: Certificate) -> Step:
    """t^exponent at ``of`` lies above its tangent at ``at``."""
    form = lin(exponent)
    claim = le(p(at, form) + term(exponent) * (of - at) * p(at, form - 1), p(of, form))
    return Step(id=name, claim=claim, rule=Known("power above its tangent", (of, at, term(exponent)), sign))


convex = term(a) * use("a > 1")  # of t^a and of t^{1-a}
cost = (
    Step(id="M_eff - 1", claim=le(M_eff - 1, X), rule=Known("max", (M_eff - 1, term(0)))),
    power_tangent("what is left", X, share, a + 1, term(a + 1) * positive(a)),
    Step(id="z <= 1", claim=le(z, 1), rule=Known("min", (term(1), q))),
    Step(id="z <= M^a e/c2", claim=le(z, q), rule=Known("min", (q, term(1)))),
    tangent("M_eff at M", term(size), M_eff, lin(a), convex),
    tangent("M_eff at 1/r", 1 / root_low, M_eff, lin(a), convex),
    Step(
        id="z",
        claim=le(z, v),
        rule=Cases(
            kept,
            term(1),
            if_le=e_low / c2 * (use("M_eff at M") + a * p(size, lin(a) - 1) * (size / MOST) * not_cut) + use("z <= M^a e/c2"),
            if_gt=low * p(root_low, a) * use("M_eff at 1/r")
            - p(M_eff, a) / c2 * use("e_low")
            + term(a) / MOST * cut
            + use("a > 1") * use("phi_low")
            + use("z <= 1"),
        ),
        note="(e_low/c2) M_eff^a is min(phi, e_low M^a/c2)",
    ),
    tangent("M at M_eff", M_eff, term(size), 1 - lin(a), convex),
    *falling_power("7/6", term(1), term(clipped), lin(a), use("a > 1"), positive(Fraction(1, 6))),
    tangent("1/M_eff at r/(1+r)", u, U, 1 - lin(a), convex),
    Step(id="left over", claim=le(rest, lost_there), rule=Known("max", (rest, term(0)))),
    Step(
        id="lost term",
        claim=le(power_here * least_part, lost_there),
        rule=Cases(
            kept,
            term(1),
            if_le=positive(lost_there)
            + use("M at M_eff")
            + use("a > 1") * p(M_eff, lin(a) * -1) * (size / MOST) * not_cut
            + power_here * use("7/6"),
            if_gt=use("left over")
            + one * positive(p(u, lin(a) - 1))
            + p(u, lin(a) - 1)
            * p(U, lin(a) - 1)
            * (
                use("1/M_eff at r/(1+r)")
                + use("a > 1")
                * (p(u, lin(a) * -1) / (7 * M_eff * (1 + root_low)))
                * (6 / MOST * cut + 6 * root_low * M_eff * use("phi_low") + root_low * use("6 <= M_eff"))
            ),
        ),
        note="where M r > 1, M_eff = 1/r",
    ),
    Step(
        id="lost, scaled",
        claim=eq(apply("max", 0, power_here * least_part), power_here * lost),
        rule=Known("max scaled", (power_here, term(0), least_part), positive(power_here)),
    ),
    Step(
        id="lost",
        claim=le(power_here * lost, lost_there),
        rule=Algebra(
            at_least_max(lost_there, {term(0): positive(lost_there), power_here * least_part: use("lost term")})
            - use("lost, scaled")
        ),
    ),
    Step(
        id="s",
        claim=le(c3_low / 8 * read(LOST_SHARE) * power_here, read(symbols.shrinkage_low) / 2),
        rule=Algebra(
            c3_low
            / 8
            * (
                (e_low / c2) ** 2
                / term(a + 1)
                * (use("what is left") + term(a + 1) * p(share, a) * (use("M_eff - 1") + Fraction(1, 6) * use("6 <= M_eff")))
                + p(term(Fraction(5, 6)), a + 1) / term(a + 1) * power_here * (positive(v) + positive(z)) * use("z")
                + 1 / (term(a) - 1) * use("lost")
            )
        ),
    ),
)
