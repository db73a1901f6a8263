"""P1 Theorem 4.1 for a power law, third part: the effective dimension, a direction counting (min(1, u) + v)^2 at most."""

from __future__ import annotations

from riskbounds.derivations import p1_theorem_4_1 as parent
from riskbounds.derivations import power_law
from riskbounds.derivations.energies import number, size, sum_over_numbers
from riskbounds.derivations.minima import choice
from riskbounds.derivations.minkowski import square_of_root
from riskbounds.derivations.p1_power_law import (
    BOUND,
    FLAT,
    HALF,
    LEARNED,
    ROOT,
    N,
    flat,
    here,
    m,
    mu,
    numbers,
    reach,
    share,
    sqrt,
    t,
    twice,
    v,
)
from riskbounds.derivations.power_law import K, a, p
from riskbounds.derivations.sgd import gamma, i, j
from riskbounds.derivations.threshold_general import head, tail

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Root,
    Split,
    Step,
    cited,
    le,
    lin,
    over,
    positive,
    square,
    term,
    total,
    use,
)

spread = total(i, t(number[i]) ** 2)
D_there = here(parent.D)
dimension = (
    choice(
        "u + v >= 1",
        1 - v,
        {term(1): positive(v), flat(number[head]): use("head") - FLAT(number[head])},
    ),
    choice(
        "u + v = N x",
        N * gamma * mu(tail) - v,
        {term(1): use("N y <= 1, tail") + positive(v), flat(number[tail]): -FLAT(number[tail])},
    ),
    Step(
        id="D by t",
        claim=le(D_there, total(i, (t(number[i]) + v) ** 2)),
        rule=Split(
            over(head, use("u + v >= 1") * positive(t(number[head]) + v + 1))
            + over(tail, use("u + v = N x") * positive(t(number[tail]) + v + N * gamma * mu(tail)))
        ),
    ),
    Step(id="t^2 <= 1", claim=le(t(term(m + 1)) ** 2, 1), rule=Algebra(use("t <= first") * positive(1 + t(term(m + 1))))),
    Step(
        id="t^2 <= power",
        claim=le(t(term(m + 1)) ** 2, p(K, twice) * p(m + 1, twice * -1)),
        rule=Algebra(use("t <= second") * positive(flat(term(m + 1)) + t(term(m + 1)))),
    ),
    sum_over_numbers("squares numbered", lambda o: t(o) ** 2),
    cited(
        power_law.capped_twice,
        "capped sum",
        {"T": ((m,), t(term(m + 1)) ** 2)},
        "sum of squares",
        {"r <= K": "r below", "K <= r+1": "r above", "T <= 1": "t^2 <= 1", "T <= power": "t^2 <= power"},
    ),
    cited(power_law.powers_twice, "whole sum", name="whole sum of squares"),
    choice(
        "spread",
        (1 - 1 / term(twice)) * spread,
        {
            K: share * (use("squares numbered") + use("sum of squares", {power_law.n: size})),
            reach**2: share
            * (
                use("squares numbered")
                + over(numbers, use("t^2 <= power", {m: lin(numbers)}))
                + p(K, twice) * (use("whole sum of squares", {power_law.m: size - 1}) + p(size, 1 - twice) / (term(twice) - 1))
            )
            + use("K^2a"),
        },
    ),
    Step(
        id="Cauchy-Schwarz",
        claim=le(total(i, t(number[i])) ** 2, total(i, 1) * spread),
        rule=Algebra(HALF * over(i, over(j, square(t(number[i]) - t(number[j]))))),
    ),
    square_of_root("root of 2", term(2), positive(2)),
    square_of_root("root of a", term(a), positive(a)),
    square_of_root("root of min", LEARNED / (term(twice) - 1), positive(LEARNED) * (1 / (term(twice) - 1))),
    square_of_root("root of d", term(size), positive(size)),
    Step(
        id="spread by root",
        claim=le(spread, ROOT**2),
        rule=Algebra(
            term(twice) / (term(twice) - 1) * use("spread")
            - term(a) * LEARNED / (term(twice) - 1) * use("root of 2")
            - sqrt(2) ** 2 * LEARNED / (term(twice) - 1) * use("root of a")
            - sqrt(2) ** 2 * sqrt(a) ** 2 * use("root of min")
        ),
    ),
    Step(
        id="sum of t by root",
        claim=le(total(i, t(number[i])), sqrt(size) * ROOT),
        rule=Root(
            squares=use("Cauchy-Schwarz") + spread * use("count") + size * use("spread by root") - ROOT**2 * use("root of d"),
            right=positive(sqrt(size) * ROOT),
        ),
    ),
    Step(
        id="D",
        claim=le(D_there, BOUND[symbols.effective_dimension]),
        rule=Algebra(
            use("D by t") + use("spread by root") + 2 * v * use("sum of t by root") + v**2 * (use("count") - use("root of d"))
        ),
    ),
)
