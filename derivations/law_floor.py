"""A floor that adds z to the contraction of every direction: the pair's weights with it against those without, f = x + z.

1-(1-x)^n and the sums that the pair is made of grow with x, and over x or x^2 they fall.  So a floor that N steps do not see, N z
small, moves each weight by N z (1-(1-x)^N) at most.
"""

from __future__ import annotations

from fractions import Fraction
from random import Random

from riskbounds.derivations.law_reading import N, full, i, k, x
from riskbounds.derivations.law_sums import TWO, Q, lag_of_mean, left, n, squares, t

from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Derivation,
    Induction,
    Lin,
    Model,
    Step,
    Symbol,
    Term,
    cited,
    eq,
    le,
    lin,
    lt,
    positive,
    scalar,
    square,
    term,
    use,
)
from riskbounds.terms.linear import Var

z = scalar("excess", "0+")
f = full[i]
q, p = left(n), left(n, of=full)
LAG, FULL_LAG = lag_of_mean(n), lag_of_mean(n, of=full)
PREMISES = (
    Step(id="f <= 1", claim=le(f, 1), rule=Assumption("hypothesis", "gamma mu_1 <= 1")),
    Step(id="floor", claim=eq(f, x[i] + z), rule=Assumption("hypothesis", "mu_i = g lam_i + floor")),
    Step(id="x <= 1", claim=le(x[i], 1), rule=Algebra(use("f <= 1") + positive(z) - use("floor"))),
    TWO,
    Step(id="2 - f > 0", claim=lt(0, 2 - f), rule=Algebra(use("f <= 1") + positive(1))),
)


def learned(steps: Lin | Var, of: Symbol = x) -> Term:
    """n - (1-(1-x)^n)/x, the sum of 1 - (1-x)^s over s < n."""
    return term(lin(steps)) - (1 - left(steps, of=of)) / of[i]


def dt(of: Symbol = full) -> Term:
    """The weight dt, times g, of a direction that contracts by ``of``."""
    return x[i] / of[i] * lag_of_mean(N, of=of) / N


def dp(of: Symbol = full) -> Term:
    """The weight dp, times g."""
    return x[i] / of[i] * (1 - left(k, of=of)) ** 2


def mean(of: Symbol = full) -> Term:
    """Where the mean of the average is, times g, in parts of v*."""
    return x[i] / of[i] * learned(N, of) / N


#: What grows with the contraction, and what falls when divided by it.
growth = (
    cited(squares, "q <= 1"),
    cited(squares, "K"),
    Step(
        id="left falls",
        claim=le(p, q),
        rule=Induction(n, step=(1 - f) * use("ih") + positive(z * q) + q * (-1 * use("floor"))),
    ),
    Step(
        id="share falls",
        claim=le(x[i] * (1 - p), f * (1 - q)),
        rule=Induction(n, step=use("ih") + x[i] * f * use("left falls")),
        note="(1-(1-x)^n)/x falls with x",
    ),
    Step(
        id="K rises",
        claim=le(LAG, FULL_LAG),
        rule=Induction(n, step=use("ih") + use("left falls") * (2 * use("q <= 1") + use("left falls"))),
    ),
    Step(
        id="K falls",
        claim=le(x[i] ** 2 * FULL_LAG, f**2 * LAG),
        rule=Induction(
            n,
            step=use("ih") + use("share falls") * (2 * x[i] * (use("q <= 1") + use("left falls")) + use("share falls")),
        ),
    ),
    Step(id="sum rises", claim=le(learned(n), learned(n, full)), rule=Induction(n, step=use("ih") + use("left falls"))),
    Step(
        id="sum falls",
        claim=le(x[i] * learned(n, full), f * learned(n)),
        rule=Induction(n, step=use("ih") + use("share falls")),
    ),
    Step(id="0 <= sum", claim=le(0, learned(n)), rule=Induction(n, step=use("ih") + use("q <= 1"))),
    Step(
        id="sum <= n (1-q)",
        claim=le(learned(n), n * (1 - q)),
        rule=Induction(n, step=use("ih") + positive(term(n + 1) * x[i] * q)),
    ),
    Step(id="1 - q <= n x", claim=le(1 - q, n * x[i]), rule=Induction(n, step=use("ih") + x[i] * use("q <= 1"))),
    Step(
        id="K <= n (1-q)^2",
        claim=le(LAG, n * (1 - q) ** 2),
        rule=Induction(n, step=use("ih") + term(n + 1) * x[i] * q * (2 * use("q <= 1") + x[i] * q)),
    ),
)
at_N, before = {n: N}, {n: lin(k)}
EXACT = use("floor")
SHARE = use("q <= 1", at_N)
#: N x (1-Q) less K(x, N)/N, and less the weight before.
room = 1 / term(N) * use("K <= n (1-q)^2", at_N) + SHARE * use("1 - q <= n x", at_N)
room_before = t * x[i] * left(k) + use("q <= 1", before) * (use("1 - q <= n x", before) + x[i])
SHARE_BEFORE = use("share falls", before)


def missed(weight: Term) -> Certificate:
    """What f = x + z changes in a weight's difference from below."""
    return (weight - N * z * (1 - Q)) / f * EXACT


weights = (
    Step(
        id="dt above",
        claim=le(dt(), dt(x) + N * z * (1 - Q)),
        rule=Algebra(1 / (N * x[i] * f) * use("K falls", at_N) + z / x[i] * room + dt(x) / x[i] * EXACT),
    ),
    Step(
        id="dt below",
        claim=le(dt(x) - N * z * (1 - Q), dt()),
        rule=Algebra(x[i] / (N * f) * use("K rises", at_N) + z / f * (room + N * z * SHARE) + missed(dt(x))),
    ),
    Step(
        id="dp above",
        claim=le(dp(), dp(x) + N * z * (1 - Q)),
        rule=Algebra(
            1 / (x[i] * f) * SHARE_BEFORE * (2 * x[i] * (use("q <= 1", before) + use("left falls", before)) + SHARE_BEFORE)
            + z / x[i] * room_before
            + dp(x) / x[i] * EXACT
        ),
    ),
    Step(
        id="dp below",
        claim=le(dp(x) - N * z * (1 - Q), dp()),
        rule=Algebra(
            x[i] / f * use("left falls", before) * (2 * use("q <= 1", before) + use("left falls", before))
            + z / f * (room_before + N * z * SHARE)
            + missed(dp(x))
        ),
    ),
    Step(id="mean falls", claim=le(mean(), mean(x)), rule=Algebra(1 / (N * f) * use("sum falls", at_N))),
    Step(
        id="mean falls by",
        claim=le(mean(x) - mean(), z / x[i] * mean(x)),
        rule=Algebra(
            z**2 / (x[i] * f * N) * use("0 <= sum", at_N)
            + x[i] / (f * N) * use("sum rises", at_N)
            + (x[i] - z) / (x[i] * f) * mean(x) * EXACT
        ),
    ),
    Step(id="mean <= 1 - Q", claim=le(mean(x), 1 - Q), rule=Algebra(1 / term(N) * use("sum <= n (1-q)", at_N))),
    Step(id="0 <= mean", claim=le(0, mean()), rule=Algebra(x[i] / (f * N) * (use("0 <= sum", at_N) + use("sum rises", at_N)))),
)

SHARE_FULL = SHARE + use("left falls", at_N)
P = left(N, of=full)
risen = (x[i] / f) ** 2 / (2 - f) * SHARE_FULL * (1 + left(k, of=full) * use("f <= 1"))
#: 1-Q less (x/f)^2 (1-P).
share_apart = x[i] / f**2 * use("share falls", at_N) + 1 / f * (z * SHARE - (1 - Q) * EXACT)
whole = (
    Step(
        id="weight <= 1",
        claim=le(lag_of_mean(N, of=full) / N, 1),
        rule=Algebra(1 / (N * f) / (2 - f) * (SHARE_FULL * (SHARE_FULL + 2 * use("f <= 1")))),
    ),
    Step(
        id="x (1 - weight)",
        claim=le(x[i] ** 2 / f * (1 - lag_of_mean(N, of=full) / N), 2 * (1 - Q) / N),
        rule=Algebra(1 / term(N) * (risen + 2 * share_apart)),
    ),
    Step(id="0 <= W", claim=le(0, (x[i] / f) ** 2 * (1 - P**2) / (2 - f)), rule=Algebra(risen)),
    Step(
        id="W <= 2 (1-Q)",
        claim=le((x[i] / f) ** 2 * (1 - P**2) / (2 - f), 2 * (1 - Q)),
        rule=Algebra((x[i] / f) ** 2 / (2 - f) * SHARE_FULL * (SHARE_FULL + 2 * use("f <= 1")) + 2 * share_apart),
    ),
)
apart = f * (1 - q) - x[i] * (1 - p)
stored = (
    Step(
        id="store above",
        claim=le(x[i] / f**2 * lag_of_mean(N, of=full), lag_of_mean(N) / x[i]),
        rule=Algebra(1 / (x[i] * f**2) * use("K falls", at_N)),
    ),
    Step(
        id="share falls by",
        claim=le(apart, n * z * f * (1 - q)),
        rule=Induction(
            n, step=use("ih") + f * use("share falls") + positive(term(n + 1) * z * f * x[i] * q) + f * (1 - q) * EXACT
        ),
        note="1-(1-x)^n = x times a sum of (1-x)^s, each of which falls by n z at most, relatively",
    ),
    Step(
        id="K falls by",
        claim=le((1 - 2 * n * z) * f**2 * LAG, x[i] ** 2 * FULL_LAG),
        rule=Induction(
            n,
            step=use("ih")
            + square(apart)
            + 2 * f * use("q <= 1") * use("share falls by")
            + 2 * z * f**2 * (square(1 - q) + use("K")),
        ),
    ),
    Step(
        id="store below",
        claim=le((1 - 2 * N * z) * lag_of_mean(N) / x[i], x[i] / f**2 * lag_of_mean(N, of=full)),
        rule=Algebra(1 / (x[i] * f**2) * use("K falls by", at_N)),
    ),
)


def witness(random: Random) -> Model:
    """Three directions, and a floor that may exceed them."""
    bare, more = [Fraction(random.randint(1, 12), 24) for _ in range(3)], Fraction(random.randint(1, 12), 24)
    symbols = {"x": lambda o: bare[o], "full": lambda o: bare[o] + more, "excess": lambda: more}
    return Model(sizes={"all": 3, "k": random.randint(0, 3)}, symbols=symbols)


CONCLUSIONS = (*weights, *whole, stored[0], stored[-1])
derivation = Derivation(
    name="law-floor",
    theorem="",
    title="The pair's weights with a floor against those without",
    steps=(*PREMISES, *growth, *weights, *whole, *stored),
    conclusions={step.id: step.id for step in CONCLUSIONS},
    witness=witness,
)
