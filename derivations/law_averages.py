"""K(x, N), a sum over steps, against the integral over time that replaces it: closer than the traces that law_sums.py allows.

The stored weights need it, since K is divided by x^2 there: with E_n = e^(-n x) and K~(n) = n average(n x, E_n),

    K~(n) - (1 - E_n)^2 <= K(x, n) <= K~(n) + 2 n x (1 - E_n),

as K~(n+1) - K~(n) lies between (1 - E_n)^2 and (1 - E_(n+1))^2, and (1-x)^n close to E_n.
"""

from __future__ import annotations

from fractions import Fraction
from random import Random

from riskbounds.derivations.law_profiles import average, averages, decays
from riskbounds.derivations.law_reading import N, i, x
from riskbounds.derivations.law_sums import STEP_SIZE, TWO, E, lag_of_mean, left, limit, n, powers, squares, t, weight

from riskbounds.proofs import Algebra, Derivation, Induction, Known, Model, Step, Term, cited, eq, le, term, use
from riskbounds.terms.exponentials import decay
from riskbounds.terms.functions import apply
from riskbounds.terms.linear import Lin, Var, lin

e, now, then = decay(x[i]), limit(n), limit(n + 1)
CHAIN = use("one more")
AT_X = {"tau": ((), x[i])}


def smooth(steps: Lin | Var) -> Term:
    """n average(n x, E)."""
    gone = limit(steps)
    return term(lin(steps)) - 2 * (1 - gone) / x[i] + (1 - gone**2) / (2 * x[i])


#: E_(n+1) = E_n e, put into smooth(n+1) and into (1 - E_(n+1))^2.
chained = (2 / x[i] - (now * e + then) / (2 * x[i])) * CHAIN
square_chained = (2 - now * e - then) * CHAIN
#: -smooth(0).
START = (2 - (1 + apply("exp", 0)) / 2) / x[i] * use("e^0 = 1")

steps = (
    STEP_SIZE,
    TWO,
    *(cited(decays, name, AT_X) for name in ("1 - t <= e^-t", "t e^-t <= 1 - e^-t", "0 <= 1 - e^-t")),
    *(cited(averages, name, AT_X) for name in ("0 <= average", "average <= square")),
    cited(powers, "below", name="Q below"),
    cited(powers, "above", name="Q above"),
    cited(squares, "q <= 1"),
    Step(id="e^0 = 1", claim=eq(apply("exp", 0), 1), rule=Known("exp of 0", ())),
    Step(id="one more", claim=eq(then, now * e), rule=Known("exp of a sum", (-term(n) * x[i], -x[i]))),
    Step(
        id="E <= 1",
        claim=le(now, 1),
        rule=Induction(n, base=use("e^0 = 1"), step=use("ih") + now * use("0 <= 1 - e^-t") + CHAIN),
    ),
    Step(
        id="n x E <= 1 - E",
        claim=le(n * x[i] * now, 1 - now),
        rule=Induction(
            n,
            base=use("e^0 = 1"),
            step=e * use("ih")
            + use("E <= 1") * use("0 <= 1 - e^-t")
            + now * use("t e^-t <= 1 - e^-t")
            + (n + 1) * x[i] * CHAIN
            + CHAIN,
        ),
    ),
    Step(
        id="integral of a step, below",
        claim=le((1 - now) ** 2, smooth(n + 1) - smooth(n)),
        rule=Algebra(now**2 / x[i] * use("0 <= average") + 2 * now / x[i] * use("E <= 1") * use("1 - t <= e^-t") - chained),
    ),
    Step(
        id="integral of a step, above",
        claim=le(smooth(n + 1) - smooth(n), (1 - then) ** 2),
        rule=Algebra(
            now**2 / x[i] * use("average <= square")
            + 2 * now / x[i] * use("E <= 1") * use("t e^-t <= 1 - e^-t")
            + chained
            + square_chained
        ),
    ),
    Step(
        id="K above",
        claim=le(lag_of_mean(n), smooth(n) + 2 * n * x[i] * (1 - now)),
        rule=Induction(
            n,
            base=START * -1,
            step=use("ih")
            + use("integral of a step, below")
            + 2 * (x[i] * use("n x E <= 1 - E") + use("Q above"))
            + use("Q below") * (now + left(n))
            + 2 * (n + 1) * x[i] * (now * use("0 <= 1 - e^-t") + CHAIN),
        ),
    ),
    Step(
        id="K below",
        claim=le(smooth(n) - (1 - now) ** 2, lag_of_mean(n)),
        rule=Induction(
            n,
            base=START + (1 - apply("exp", 0)) * use("e^0 = 1"),
            step=use("ih") + use("integral of a step, above") + use("Q below") * (use("E <= 1") + use("q <= 1")),
        ),
    ),
)

AT_N = {n: N}


def witness(random: Random) -> Model:
    """Two directions."""
    values = [Fraction(random.randint(1, 8), 8) for _ in range(2)]
    return Model(sizes={"all": 2, "k": random.randint(0, 2)}, symbols={"x": lambda o: values[o]})


derivation = Derivation(
    name="law-averages",
    theorem="",
    title="K(x, N)/N against the average over time",
    steps=(
        *steps,
        cited(decays, "1 - t <= e^-t", {"tau": ((), t)}, name="1 - E <= t"),
        Step(
            id="weight/t above",
            claim=le(weight / t, average(t, E) / t + 2 * x[i]),
            rule=Algebra(1 / (N * t) * use("K above", AT_N) + 2 * x[i] / t * use("1 - E <= t")),
        ),
        Step(
            id="weight/t below",
            claim=le(average(t, E) / t - x[i], weight / t),
            rule=Algebra(1 / (N * t) * (use("K below", AT_N) + use("1 - E <= t") * (use("E <= 1", AT_N) + t))),
        ),
    ),
    conclusions={"weight/t above": "weight/t above", "weight/t below": "weight/t below"},
    witness=witness,
)
