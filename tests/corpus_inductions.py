"""True claims about all natural numbers that SymPy's `simplify` does not settle, with their proofs."""

from __future__ import annotations

from riskbounds.proofs import (
    Algebra,
    Chebyshev,
    Induction,
    Step,
    eq,
    le,
    lin,
    over,
    positive,
    power,
    term,
    total,
    use,
)
from tests.corpus_setting import (
    LOEWNER,
    MONOTONE,
    START,
    STEP,
    SUM_S,
    X1,
    Case,
    F,
    Q,
    given,
    i,
    j,
    k,
    level,
    n,
    p,
    s,
    t,
    x,
    y,
)

INDUCTIONS = (
    Case("backward geometric sum", eq(x[i] * total(t, Q(n - t)), 1 - Q(n + 1)), Induction(n, step=(1 - x[i]) * use("ih"))),
    Case(
        "weighted geometric sum",
        eq(x[i] ** 2 * total(s, s * Q(s)), (1 - x[i]) - Q(n) * (1 - x[i] + n * x[i])),
        Induction(n, step=use("ih")),
    ),
    Case(
        "linear recursion",
        eq(x[i] * level(n)[i], y[i] * (1 - Q(n))),
        Induction(n, base=x[i] * use("start"), step=x[i] * use("step") + (1 - x[i]) * use("ih")),
        (START, STEP),
    ),
    Case("Bernoulli", le(1 - n * x[i], Q(n)), Induction(n, step=(1 - x[i]) * use("ih") + positive(n * x[i] ** 2)), (X1,)),
    Case(
        "second-order Bernoulli",
        le(2 * Q(n), 2 - 2 * n * x[i] + term(n) * (term(n) - 1) * x[i] ** 2),
        Induction(n, step=use("ih") + 2 * x[i] * use("bernoulli")),
        (X1, given("bernoulli", le(1 - n * x[i], Q(n)))),
    ),
    Case("powers are at most one", le(Q(n), 1), Induction(n, step=use("ih") + positive(x[i] * Q(n))), (X1,)),
    Case("monotone sequence", le(level(0)[i], level(n)[i]), Induction(n, step=use("ih") + use("level rises")), (MONOTONE,)),
    Case(
        "trace against a Gram matrix",
        le(
            total(k, total(i, total(j, level(0)[k] * level(0)[k] * y[i] * y[j] * F[i, j]))),
            total(k, level(0)[k] ** 2) * total(i, y[i] ** 3),
        ),
        Algebra(over(k, level(0)[k] ** 2 * use("loewner", {}, {"u": ((i,), y[i])}))),
        (LOEWNER,),
    ),
    Case(
        "Chebyshev, opposite",
        le((n + 1) * total(t, Q(t) * level(t)[i]), total(t, Q(t)) * total(t, level(t)[i])),
        Chebyshev(s, Q(s), level(s)[i], positive(x[i] * Q(s)), use("level rises", {n: lin(s)}), f_falls=True),
        (X1, MONOTONE),
    ),
    Case(
        "Chebyshev, alike",
        le(total(t, level(t)[i]) ** 2, (n + 1) * total(t, level(t)[i] ** 2)),
        Chebyshev(s, level(s)[i], level(s)[i], use("level rises", {n: lin(s)}), use("level rises", {n: lin(s)})),
        (MONOTONE,),
    ),
    Case("rising Bernoulli", le(1 + n * p, power(1 + p, lin(n))), Induction(n, step=(1 + p) * use("ih") + positive(n * p**2))),
    Case("doubling", le(term(n) + 1, power(term(2), lin(n))), Induction(n, step=2 * use("ih") + positive(n))),
    Case(
        "last power below the mean",
        le(n * Q(n), SUM_S),
        Induction(n, step=use("ih") + positive(term(n + 1) * x[i] * Q(n))),
        (X1,),
    ),
    Case(
        "growth",
        le(level(n)[i], power(1 + p, lin(n)) * level(0)[i]),
        Induction(n, step=use("grows") + (1 + p) * use("ih")),
        (given("grows", le(level(n + 1)[i], (1 + p) * level(n)[i])),),
    ),
    Case(
        "linear growth",
        le(level(n)[i], level(0)[i] + n * p),
        Induction(n, step=use("grows") + use("ih")),
        (given("grows", le(level(n + 1)[i], level(n)[i] + p)),),
    ),
    Case(
        "first below the mean",
        le(n * level(0)[i], total(s, level(s)[i])),
        Algebra(over(s, use("rises", {n: lin(s)}))),
        (MONOTONE, Step(id="rises", claim=le(level(0)[i], level(n)[i]), rule=Induction(n, step=use("ih") + use("level rises")))),
    ),
)
