"""K >= N (N y)^2/8 for N >= 2 and any 0 <= y <= min(x, 1/N): the lower threshold form of theory section 5.

With y = x where N x <= 1 and y = 1/N elsewhere, sum_{t<N} (1 - (1-x)^t)^2 >= N min(1, (N x)^2)/8; equality at N = 2, N x <= 1.
"""

from __future__ import annotations

from fractions import Fraction

from riskbounds.derivations.lemma_models import contractions_model

from riskbounds.proofs import (
    Algebra,
    Assumption,
    Derivation,
    Induction,
    Step,
    Symbol,
    Term,
    Var,
    below,
    direction,
    eq,
    le,
    lin,
    natural,
    over,
    parameter,
    positive,
    power,
    term,
    total,
    use,
)

x, y = Symbol("contraction", "+"), Symbol("y", "0+")
m, n, t = parameter("m"), natural("n"), natural("t")
N = m + 2
s, s_n = below("s", m + 1), below("s", n)
number, last = term(n), term(s_n)
#: 2 sum_{s<=m} (s+1)^2 (2N-s)^2 - N^5 at N = m + 2.
EXCESS = (term(m) ** 5 + 20 * term(m) ** 4 + 100 * term(m) ** 3 + 190 * term(m) ** 2 + 124 * term(m)) / 15


def power_sum(name: str, body: Term, closed: Term) -> Step:
    """The sum of a polynomial over s < n."""
    return Step(id=name, claim=eq(total(s_n, body), closed), rule=Induction(n, step=use("ih")))


power_sums = (
    power_sum("squares", (last + 1) ** 2, number * (number + 1) * (2 * number + 1) / 6),
    power_sum("cubes", last * (last + 1) ** 2, number * (number + 1) * (number - 1) * (3 * number + 2) / 12),
    power_sum("fourth powers", last**2 * (last + 1) ** 2, number * (number + 1) * (number - 1) * (3 * number**2 - 2) / 15),
)


def powers(i: Var) -> tuple[Step, ...]:
    """Powers of 1 - x_i and of 1 - y_i."""
    q, r = (lambda e: power(1 - x[i], lin(e))), (lambda e: power(1 - y[i], lin(e)))
    return (
        Step(id=f"x <= 1, {i.range}", claim=le(x[i], 1), rule=Assumption("hypothesis", "gamma mu_1 <= 1")),
        Step(id=f"y <= x, {i.range}", claim=le(y[i], x[i]), rule=Assumption("hypothesis", "y = min(x, 1/N)")),
        Step(id=f"N y <= 1, {i.range}", claim=le(term(N) * y[i], 1), rule=Assumption("hypothesis", "y = min(x, 1/N)")),
        Step(id="1 - y >= 0", claim=le(0, 1 - y[i]), rule=Algebra(use(f"x <= 1, {i.range}") + use(f"y <= x, {i.range}"))),
        Step(id="r^t <= 1", claim=le(r(t), 1), rule=Induction(t, step=use("ih") + positive(y[i] * r(t)))),
        Step(
            id="q^t <= r^t",
            claim=le(q(t), r(t)),
            rule=Induction(t, step=use("1 - y >= 0") * use("ih") + positive(q(t)) * use(f"y <= x, {i.range}")),
            note="powers are monotone",
        ),
        Step(id="Bernoulli", claim=le(1 - r(t), t * y[i]), rule=Induction(t, step=use("ih") + y[i] * use("r^t <= 1"))),
        Step(
            id="second order",
            claim=le(t * y[i] - Fraction(1, 2) * term(t) * (term(t) - 1) * y[i] ** 2, 1 - r(t)),
            rule=Induction(t, step=use("ih") + y[i] * use("Bernoulli")),
            note="1 - (1-y)^t >= t y - t (t-1) y^2/2",
        ),
    )


def squares(i: Var) -> tuple[Step, ...]:
    """The sum of (1 - q^t)^2, term by term."""
    q = lambda e: power(1 - x[i], lin(e))  # noqa: E731
    least = term(s + 1) * y[i] * (2 * term(N) - s) / (2 * term(N))
    exact = (
        4 * term(N) ** 2 * use("squares", {n: m + 1}) - 4 * term(N) * use("cubes", {n: m + 1}) + use("fourth powers", {n: m + 1})
    )
    each = use("each term") * (use("each term") + positive(term(s + 1) * y[i] / term(N)) * positive(2 * term(N) - s))
    return (
        Step(
            id="each term",
            claim=le(least, 1 - q(s + 1)),
            rule=Algebra(
                use("q^t <= r^t", {t: s + 1})
                + use("second order", {t: s + 1})
                + Fraction(1, 2) * term(s + 1) * s * y[i] / term(N) * use(f"N y <= 1, {i.range}")
            ),
            note="y <= 1/N",
        ),
        Step(
            id="shift",
            claim=eq(total(below("s", n + 1), (1 - q(below("s", n + 1))) ** 2), total(s_n, (1 - q(s_n + 1)) ** 2)),
            rule=Induction(n, step=use("ih")),
            note="the term of s = 0 is zero",
        ),
        Step(
            id="K from below",
            claim=le(term(N) * (term(N) * y[i]) ** 2, 8 * total(below("t", N), (1 - q(below("t", N))) ** 2)),
            rule=Algebra(
                8 * (over(s, each) - use("shift", {n: m + 1}))
                - 2 * y[i] ** 2 / term(N) ** 2 * exact
                + positive(y[i] ** 2 / term(N) ** 2 * EXCESS)
            ),
        ),
    )


def blocks_below(part: str) -> Derivation:
    """The derivation for the directions of the head or of the tail."""
    i = direction("i", part)
    return Derivation(
        name=f"blocks-below-{part}",
        theorem="",
        title=f"K from below in the {part}",
        steps=(*powers(i), *power_sums, *squares(i)),
        conclusions={"K from below": "K from below"},
        witness=contractions_model,
    )


derivation_head, derivation_tail = blocks_below("head"), blocks_below("tail")
