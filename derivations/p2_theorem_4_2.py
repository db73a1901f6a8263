"""p2-theorem-4.2: Lemma 5.4 in effective sizes, upper side.

With t = (gamma N)^{1/a}: K = c2^{1/a} t, K_low = c1^{1/a} t, and (gamma N_eff)^{1/a-1} = t^{1-a} F.  The floor
phi r^a = e_high/c1 costs X (z + z^2)/2: X z^2 bounds s, because M_eff <= M and M_eff <= 1/r, and sqrt(s bias) <= z (X + bias)/2.
The target is not zero: c3 > 0.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from riskbounds.derivations import p2_lemma_5_4_upper as parent
from riskbounds.derivations.effective_sizes import (
    POSITIVE,
    SHARE_OF_BIAS,
    WORDS,
    F_root,
    falling,
    rate_above,
    root,
    share_of_bias,
    share_steps,
    sizes,
    t,
    t_eff,
)
from riskbounds.derivations.energies import RATIO, size
from riskbounds.derivations.floor_dimension import high, low
from riskbounds.derivations.floor_model import (
    LAM_BELOW_MU,
    TWICE,
    N,
    c1,
    e_high,
    floor_reader,
    root_high,
    root_low,
    steps_done,
)
from riskbounds.derivations.hypotheses import conditions, named
from riskbounds.derivations.minkowski import smaller_square, square_of_root
from riskbounds.derivations.p2_lemma_5_4_upper import GROWING, distance, scale
from riskbounds.derivations.power_law import K, K_low, a, p
from riskbounds.derivations.power_law_constants import constant_ids, constants
from riskbounds.derivations.power_law_models import additive_model, in_effective_sizes
from riskbounds.derivations.sgd import L, ad, av, gamma, i, n, risk, x
from riskbounds.derivations.step_size import ALPHA, LEVEL
from riskbounds.derivations.threshold_general import A_max

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Claim,
    Derivation,
    Known,
    Reader,
    Root,
    Step,
    Term,
    at_least_max,
    at_most_min,
    cited,
    eq,
    inherited,
    instance,
    le,
    lin,
    lt,
    over,
    positive,
    scalar,
    square,
    term,
    total,
    use,
)
from riskbounds.terms.functions import apply
from riskbounds.theorems import Theorem
from riskbounds.theorems.p2_theorem_4_1 import RATE
from riskbounds.theorems.p2_theorem_4_2 import LOST, TARGET, dimension_ratio, theorem_4_2

HALF = Fraction(1, 2)
a_ = symbols.a
C3 = scalar("c3")
POSITIVE_C3 = {"c3": ((), C3)}


def data_reader(theorem: Theorem) -> Reader:
    """Reads a theorem in effective sizes: c1^{1/a} = K_low/t, c2^{1/a} = K/t and (gamma N_eff)^{1/a-1} = t_eff^{1-a}."""
    read = floor_reader(theorem)
    read.meanings |= {
        symbols.c3: C3,
        (symbols.c1 ** (1 / a_)) ** (1 - a_): (K_low / t) ** falling,
        symbols.c2 ** (1 / a_): K / t,
        1 / sp.sqrt(a_): p(a, lin(1) * -HALF),
        symbols.data_factor ** (-a_ / (a_ - 1)): F_root ** (lin(a) * -1),
        (symbols.step * symbols.N_eff) ** RATE: t_eff**falling,
        (symbols.step * symbols.N * symbols.floor_low) ** (1 / a_): low * K * root_low,
    }
    return read


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The registered theorem as claims, for N = k + 1: its hypotheses and constants, its upper side, N_eff and F."""
    read = data_reader(theorem)
    bias = HALF * (1 + read(symbols.floor_share)) * C3 * parent.CAPPED
    return {
        **conditions(theorem, read),
        **constants(theorem, read),
        **sizes(read),
        **share_of_bias(read, bias),
        "upper": le(instance(le(0, risk), {n: steps_done}).right, read(theorem.upper)),
    }


def at_positive(body: Term) -> Term:
    """A term of Lemma 5.4 for c3 > 0."""
    return instance(le(0, body), {}, POSITIVE_C3).right


def sqrt(body: Term) -> Term:
    """Square root."""
    return apply("sqrt", body)


claims = statement(theorem_4_2)
read = data_reader(theorem_4_2)
s_there, bias, h, D = (at_positive(body) for body in (parent.s_here, parent.bias, parent.h, parent.D_here))
shrinkage, explicit = parent.shrinkage, at_positive(parent.EXPLICIT)

model = (
    Step(id="alpha >= 3", claim=le(3, ALPHA), rule=Assumption("model", "alpha >= 3 m4/m2^2: Gaussian data")),
    Step(id="alpha >= 1", claim=le(1, ALPHA), rule=Algebra(use("alpha >= 3") + positive(2))),
    root("root of gamma N", t, scale),
    *(Step(id=name, claim=claims[name], rule=Assumption("model", WORDS[name])) for name in sizes(read)),
    Step(id="phi_high <= 1", claim=le(high, 1), rule=Algebra(square(1 - high) + use("phi_high"))),
    TWICE,
    LAM_BELOW_MU,
    Step(
        id="full precision",
        claim=lt(0, 1 - 3 * gamma * total(i, L(i, i))),
        rule=Algebra(
            use("papers")
            + 3 * gamma * over(i, use("lam <= mu"))
            + total(i, x[i]) * (use("alpha >= 3") + positive((LEVEL - 1) * ALPHA))
        ),
        note="the step size of the papers is below that of full precision",
    ),
)

# What the floor costs: s <= X z^2.
(least,) = sp.Min(1, symbols.floor_high * symbols.M**a_ / symbols.c1).atoms(sp.Min)
X, z, z_floor, M_eff = read(LOST), read(symbols.floor_share), read(least), read(symbols.M_eff)
z_root = read(sp.sqrt(symbols.shrinkage / LOST))
Y = X / C3
q = e_high * p(size, a) / c1
(T_node,) = parent.COMMUTING.atoms(sp.Min)
T = floor_reader(parent.lemma_5_4)(T_node)
FLAT, STEEP = p(size, a + 1) * (e_high / c1) ** 2, RATIO * high * p(root_high, lin(a) - 1)
rho = apply("sqrt", T / Y)
kept = size * high * root_high
MAX_KEPT = apply("max", 1, kept)


def tangent(name: str, y: Term) -> Step:
    """t^{1-a} at M_eff lies above its tangent at y."""
    return Step(
        id=name,
        claim=le(p(y, 1 - a) + term(1 - a) * (M_eff - y) * p(y, lin(a) * -1), p(M_eff, 1 - a)),
        rule=Known("power above its tangent", (M_eff, y, term(1 - a)), term(a) * use("a > 1")),
    )


slope = use("a > 1") * positive(p(size, lin(a) * -1))
effective_size = (
    Step(id="max >= 1", claim=le(1, MAX_KEPT), rule=Known("max", (term(1), kept))),
    Step(id="max >= M phi r", claim=le(kept, MAX_KEPT), rule=Known("max", (kept, term(1)))),
    tangent("tangent at M", term(size)),
    tangent("tangent at 1/r", 1 / root_high),
    Step(
        id="M_eff <= M",
        claim=le(p(size, 1 - a), p(M_eff, 1 - a)),
        rule=Algebra(use("tangent at M") + slope * (size / MAX_KEPT * use("max >= 1"))),
    ),
    Step(
        id="M_eff <= 1/r",
        claim=le(high * p(root_high, lin(a) - 1), p(M_eff, 1 - a)),
        rule=Algebra(
            high * (use("tangent at 1/r") + use("a > 1") * p(root_high, lin(a) - 1) * (high / MAX_KEPT * use("max >= M phi r")))
            + use("phi_high <= 1") * positive(p(M_eff, 1 - a))
            - (term(a) - 1) * p(root_high, lin(a) - 1) * (root_high * M_eff * (1 + high) - 1) * use("phi_high")
        ),
    ),
)

root_c3 = term(a) / C3 - 1 / C3
larger = X * (positive(z) + positive(z_floor))
floor_cost = (
    Step(id="min, flat", claim=le(T, FLAT), rule=Known("min", (FLAT, STEEP))),
    Step(id="min, steep", claim=le(T, STEEP), rule=Known("min", (STEEP, FLAT))),
    square_of_root("root of the ratio", T / Y, positive(T / Y)),
    Step(
        id="at most 1",
        claim=le(rho, 1),
        rule=Root(
            squares=1 / Y * (use("min, steep") + RATIO * use("M_eff <= 1/r")) + use("root of the ratio"),
            right=positive(1),
        ),
    ),
    Step(
        id="at most M^a e/c1",
        claim=le(rho, q),
        rule=Root(
            squares=1
            / Y
            * (use("min, flat") + FLAT / (term(a) - 1) + (e_high / c1 * p(size, a)) ** 2 * RATIO * use("M_eff <= M"))
            + use("root of the ratio"),
            right=positive(q),
        ),
    ),
    Step(id="z above its share", claim=le(z_floor, z), rule=Known("max", (z_floor, z_root))),
    Step(id="z above the root", claim=le(z_root, z), rule=Known("max", (z_root, z_floor))),
    square_of_root("root of s there", shrinkage, distance),
    square_of_root("root of (a-1)/c3", root_c3, 1 / C3 * use("a > 1")),
    Step(
        id="s",
        claim=le(s_there, X * z**2),
        rule=Algebra(
            at_least_max(
                X * z**2,
                {
                    shrinkage: X * (positive(z) + positive(z_root)) * use("z above the root")
                    - sqrt(shrinkage) ** 2 * C3 / (term(a) - 1) * use("root of (a-1)/c3")
                    - use("root of s there"),
                    explicit: larger * use("z above its share")
                    + X
                    * (positive(z_floor) + positive(rho))
                    * at_most_min(rho, {term(1): use("at most 1"), q: use("at most M^a e/c1")})
                    - X * use("root of the ratio"),
                },
            )
        ),
    ),
)

# D: over 2aK/(2a-1) at most d.
UNIT = term(a) * 2 * K / (term(a) * 2 - 1)
floored = size * low * root_low
MAX_FLOORED = apply("max", 1, floored)
LIMITED = RATIO * size / MAX_FLOORED
ratio = read(dimension_ratio())
(limiter,) = dimension_ratio().atoms(sp.Max)
limit, reached = read(limiter), read(*(set(limiter.args) - {1}))
dimension = (
    Step(id="D grows", claim=le(D, GROWING), rule=Known("min", (GROWING, LIMITED, term(size)))),
    Step(id="D is limited", claim=le(D, LIMITED), rule=Known("min", (LIMITED, GROWING, term(size)))),
    Step(id="max >= M phi r_low", claim=le(floored, MAX_FLOORED), rule=Known("max", (floored, term(1)))),
    Step(
        id="floor and D",
        claim=le(low * root_low * D, RATIO),
        rule=Algebra(low * root_low * use("D is limited") + RATIO / MAX_FLOORED * use("max >= M phi r_low")),
    ),
    Step(
        id="D, scaled",
        claim=eq(apply("max", D, D * reached), D * limit),
        rule=Known("max scaled", (D, term(1), reached), positive(D)),
    ),
    Step(
        id="D",
        claim=le(D, UNIT * ratio),
        rule=Algebra(
            1
            / limit
            * (
                at_least_max(GROWING, {D: use("D grows"), D * reached: positive(GROWING / a) * use("a > 1") * use("floor and D")})
                - use("D, scaled")
            )
        ),
    ),
)

# h, the bias and the cross term.
LEVEL_H, LEVEL_BIAS = C3 * RATIO, C3 * RATIO * p(K_low, 1 - a)
MOST, CAPPED = parent.MOST, parent.CAPPED
whole = term(size) * p(K_low, lin(a) * -1), p(size, a + 1) * p(K_low, lin(a) * -2)
least_h, least_bias = apply("min", RATIO / MOST, CAPPED, whole[0]), apply("min", RATIO / MOST**2, CAPPED, whole[1])
noise_here = A_max + ad * h + av * C3 * RATIO
noise = A_max + (ad + av) * LEVEL_H
room, C = 1 - parent.parent.load, read(symbols.data_constant)
upper = (
    Step(id="max gN e >= 1", claim=le(1, MOST), rule=Known("max", (term(1), scale * parent.e_low))),
    Step(id="h by its floor", claim=le(least_h, RATIO / MOST), rule=Known("min", (RATIO / MOST, CAPPED, whole[0]))),
    Step(id="bias by its reach", claim=le(least_bias, CAPPED), rule=Known("min", (CAPPED, RATIO / MOST**2, whole[1]))),
    Step(
        id="h",
        claim=le(h, LEVEL_H),
        rule=Algebra(C3 * (use("h by its floor") + RATIO / MOST * use("max gN e >= 1"))),
    ),
    square_of_root("root of s", s_there, positive(s_there)),
    square_of_root("root of bias", bias, positive(bias)),
    smaller_square(
        "roots",
        sqrt(s_there) * sqrt(bias),
        z * (X + bias) / 2,
        z**2 / 4 * square(X - bias) + bias * use("s") + sqrt(bias) ** 2 * use("root of s") + s_there * use("root of bias"),
        positive(z * (X + bias) / 2),
    ),
    *rate_above(),
    cited(parent.above, "upper", POSITIVE_C3, "general upper"),
    Step(
        id="upper",
        claim=claims["upper"],
        rule=Algebra(
            use("general upper")
            + HALF * use("s")
            + use("roots")
            + HALF * (1 + z) * C3 * use("bias by its reach")
            + 1 / (2 * term(N)) / room * (noise * use("D") + D * ad * use("h"))
            + HALF / term(N) * UNIT * ratio * noise / room * p(t, lin(a) * -1) * use("root of gamma N")
            - C * t**falling * use("root of F")
            + C * use("rate")
        ),
    ),
)
derivation = Derivation(
    name="p2-theorem-4.2",
    theorem="p2-theorem-4.2",
    title="Scaling law in effective sizes, additive levels, upper",
    statement=statement,
    steps=(
        *(step for step in inherited(parent.above, POSITIVE_C3) if step.id != "alpha >= 1"),
        *model,
        *effective_size,
        *floor_cost,
        *dimension,
        *upper,
        *share_steps(claims, theorem_4_2),
        Step(id="c3 > 0", claim=claims[TARGET.name], rule=Algebra(positive(C3))),
    ),
    conclusions={
        **named(theorem_4_2, "papers", "c3 > 0", *POSITIVE),
        **constant_ids(theorem_4_2),
        **{name: name for name in (*sizes(read), SHARE_OF_BIAS, "upper")},
    },
    witness=lambda random: in_effective_sizes(additive_model(random, least_alpha=3, commuting=False), claims),
)
