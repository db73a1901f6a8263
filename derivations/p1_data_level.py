"""P1 Theorem 4.1 against its value in full precision, second part: what the level of the data does to risk and dimension."""

from __future__ import annotations

from fractions import Fraction

from riskbounds.derivations.energies import size, sum_over_numbers
from riskbounds.derivations.minima import choice, limit, member
from riskbounds.derivations.minkowski import square_of_root
from riskbounds.derivations.p1_full_precision import (
    D_0,
    HALF,
    QUARTER,
    U_0,
    Z_0,
    B,
    D_here,
    E_lam,
    N,
    bias_0,
    by_N,
    by_N2,
    claims,
    eps,
    error,
    excess,
    floor_excess,
    grow,
    h_0,
    h_i,
    label_noise,
    lam,
    level,
    mu,
    norm2,
    scaled,
    spread,
    unlearned,
    y,
)
from riskbounds.derivations.power_law import one
from riskbounds.derivations.sgd import gamma, i
from riskbounds.derivations.threshold_general import head, tail

from riskbounds.proofs import (
    Algebra,
    Cases,
    Certificate,
    Known,
    Split,
    Step,
    Term,
    le,
    lt,
    over,
    positive,
    square,
    term,
    total,
    use,
)
from riskbounds.terms.functions import apply


def either(
    name: str,
    slot: str,
    parts: tuple[Term, Term],
    limit: Term,
    shown: tuple[Certificate, Certificate],
    sign: Certificate | None = None,
) -> Step:
    """parts[0] a + parts[1] b <= limit for the two levels a, b of a slot, from each part below the limit and a b = 0.

    ``sign`` shows that the first part is not negative, where that is not evident.
    """
    (a, b), (first, second) = (level(slot, "additive"), level(slot, "multiplicative")), parts
    return Step(
        id=name,
        claim=le(first * a + second * b, limit),
        rule=Cases(
            a,
            term(0),
            if_le=shown[1] + (sign or positive(first)) * use("case"),
            if_gt=shown[0] + second / a * use(f"one structure, {slot}"),
        ),
        note="one of the two levels is 0",
    )


# What the data error adds to the noise and to the risk: x <= N gamma eps_d h_0 + bias_0 + eps_d ||w*||^2.
v, top = N * gamma * eps, apply("max", 1, N * gamma * eps)
args = {structure: claims[f"data, {structure}"] for structure in ("additive", "multiplicative")}
by_h = lambda body: body * (1 / N) * (1 / gamma) * (1 / h_0)  # noqa: E731
sqrt = lambda body: apply("sqrt", body)  # noqa: E731
activation, output = (claims[f"{slot}, multiplicative"] for slot in ("activation", "output"))
levels = (
    Step(id="h_i <= lam E w^2", claim=le(h_i(i), E_lam(i)), rule=Known("min", (E_lam(i), by_N(i)))),
    Step(id="h_0 <= norm", claim=le(h_0, norm2), rule=Algebra(over(i, use("h_i <= lam E w^2")))),
    Step(id="norm > 0", claim=lt(0, norm2), rule=Algebra(use("target") + use("h_0 <= norm"))),
    *member("eps, U_0", "data, additive", args["additive"], by_h(U_0)),
    *member("eps, Z_0", "data, additive", args["additive"], by_h(Z_0) / 2),
    *member("eps, D_0", "data, additive", args["additive"], sqrt(D_0) / sqrt(size) * (1 / N) / (2 * gamma)),
    *member("growth <= 1/4", "data, multiplicative", args["multiplicative"], term(QUARTER)),
    *member("growth, U_0", "data, multiplicative", args["multiplicative"], U_0 / norm2),
    *member("growth, Z_0", "data, multiplicative", args["multiplicative"], Z_0 / norm2 / 48),
    *member("activation <= 1/4", "activation, multiplicative", activation, term(QUARTER)),
    *member("activation, Z_0", "activation, multiplicative", activation, Z_0 / 4 * (1 / spread) * (1 / norm2)),
    *member("output <= 1/4", "output, multiplicative", output, term(QUARTER)),
    *member("output, Z_0", "output, multiplicative", output, Z_0 / (4 * B) * (1 / h_0)),
)
yy = lambda o: y(o) / (1 + y(o))  # noqa: E731
without = lam[i] + eps
data = (
    choice(
        "h_i from below",
        by_N(i) * yy(i),
        {E_lam(i): E_lam(i) * positive(y(i)) * (1 / (1 + y(i))), by_N(i): positive(by_N(i)) * (1 / (1 + y(i)))},
    ),
    choice(
        "lost to bias",
        unlearned(i) - v * h_i(i),
        {
            E_lam(i): positive(v * h_i(i)) + positive(lam[i] * E_lam(i)) * (1 / without),
            by_N2(i): v * use("h_i from below")
            + by_N2(i)
            / (N * gamma)
            / ((1 + y(i)) * without)
            * (square(y(i) * (v - HALF)) + positive(Fraction(3, 4) * y(i) ** 2 + y(i) + v + y(i) * v)),
        },
    ),
    Step(
        id="excess",
        claim=le(excess, v * h_0 + grow * norm2 + bias_0),
        rule=Algebra(
            over(
                i,
                use("lost to bias") + grow * E_lam(i) / (without * mu(i)) * positive(lam[i] * error(i) + eps * mu(i)),
            )
        ),
    ),
    either(
        "levels, U_0",
        "data",
        (N * gamma * h_0, norm2),
        U_0,
        (N * gamma * h_0 * use("eps, U_0"), norm2 * use("growth, U_0")),
    ),
    Step(id="1 <= top", claim=le(1, top), rule=Known("max", (term(1), v))),
    Step(id="v <= top", claim=le(v, top), rule=Known("max", (v, term(1)))),
    choice(
        "lost to h",
        unlearned(i) / top,
        {
            E_lam(i): 1 / top * (E_lam(i) * use("1 <= top") + positive(lam[i] * E_lam(i)) * (1 / without)),
            by_N(i): by_N(i) / top * (use("v <= top") + positive(v * eps) * (1 / without)),
        },
    ),
    limit("top", Z_0 / (2 * h_0), {term(1): positive(label_noise / 2) * (1 / h_0), v: N * gamma * use("eps, Z_0")}),
    Step(
        id="floor excess",
        claim=le(floor_excess, Z_0 / 2),
        rule=Algebra(top * over(i, use("lost to h")) + h_0 * use("top")),
    ),
)

# The effective dimension, by (y + v)^2 <= 25/16 y^2 + 25/9 v^2 or (1 + eps_d)^2 <= 25/16.
SHARE_D, SHARE_V = Fraction(25, 16), Fraction(25, 9)
counted = lambda o: apply("min", 1, y(o) ** 2)  # noqa: E731
root_limit = sqrt(D_0) / sqrt(size) / 2
dimension = (
    Step(
        id="square",
        claim=le(scaled(i) ** 2, SHARE_D * y(i) ** 2 + SHARE_V * v**2),
        rule=Cases(
            eps,
            term(0),
            if_le=y(i) ** 2 * (use("growth <= 1/4") * positive(Fraction(9, 4) + grow))
            + positive((SHARE_V - 1) * v**2)
            + 2 * N * gamma * y(i) * (1 + grow) * use("case"),
            if_gt=square(Fraction(3, 4) * y(i) - Fraction(4, 3) * v)
            + (y(i) ** 2 * (2 + grow) + 2 * y(i) * v) / eps * use("one structure, data"),
        ),
        note="one of the two levels is 0",
    ),
    choice(
        "counted in the head",
        (1 - SHARE_V * v**2) / SHARE_D,
        {
            term(1): positive(1 - 1 / term(SHARE_D) + SHARE_V / SHARE_D * v**2),
            y(head) ** 2: term(1 / SHARE_D) * (use("square", {i: head}) + use("head") * positive(scaled(head) + 1)),
        },
    ),
    choice(
        "counted in the tail",
        (scaled(tail) ** 2 - SHARE_V * v**2) / SHARE_D,
        {
            term(1): term(1 / SHARE_D) * (use("tail") * positive(scaled(tail) + 1) + positive(SHARE_D - 1 + SHARE_V * v**2)),
            y(tail) ** 2: term(1 / SHARE_D) * use("square", {i: tail}),
        },
    ),
    Step(
        id="D, summed",
        claim=le(D_here, SHARE_D * D_0 + SHARE_V * v**2 * total(i, 1)),
        rule=Split(
            over(head, term(SHARE_D) * use("counted in the head")) + over(tail, term(SHARE_D) * use("counted in the tail"))
        ),
    ),
    sum_over_numbers("count", one),
    square_of_root("root of D_0", D_0, positive(D_0)),
    square_of_root("root of d", term(size), positive(size)),
    Step(
        id="v^2 d",
        claim=le(v**2 * size, D_0 / 4),
        rule=Algebra(
            term(size) * N * gamma * use("eps, D_0") * positive(root_limit + v)
            + QUARTER * use("root of D_0")
            - QUARTER * sqrt(D_0) ** 2 / sqrt(size) ** 2 * use("root of d")
        ),
    ),
    Step(
        id="D",
        claim=le(D_here, (SHARE_D + SHARE_V / 4) * D_0),
        rule=Algebra(use("D, summed") + SHARE_V * v**2 * use("count") + term(SHARE_V) * use("v^2 d")),
    ),
)
