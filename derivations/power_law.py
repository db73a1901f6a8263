"""Sums over a power law, bounded by integrals one term at a time: the lemmas behind P2 Lemmas 5.3 and 5.4 and P1 Corollary 4.3.

A term of a decreasing summand is at most the integral over the interval before it.  For powers that is the tangent of a convex
function: (m+1)^{1-b} >= (m+2)^{1-b} + (b-1) (m+2)^{-b}.
"""

from __future__ import annotations

from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Derivation,
    Induction,
    Known,
    Lin,
    Step,
    Symbol,
    Term,
    Var,
    below,
    le,
    lin,
    lt,
    natural,
    over,
    parameter,
    positive,
    power,
    real,
    scalar,
    term,
    total,
    use,
)

a, r_high, r_low = real("a"), parameter("r"), parameter("r_low")
m, n, t = natural("m"), natural("n"), natural("t")
K, K_low = scalar("reach"), scalar("reach_low")
T = Symbol("T", "0+")
A_LAW = Step(id="a > 1", claim=lt(1, term(a)), rule=Assumption("hypothesis", "a > 1"))


def p(base: object, exponent: object) -> Term:
    """base^exponent for a positive base."""
    return power(term(base), lin(exponent))


def tangent(name: str, x: object, y: object, b: Lin) -> Step:
    """t^{1-b} at x lies above its tangent at y."""
    x, y = term(x), term(y)
    return Step(
        id=name,
        claim=le(p(y, 1 - b) - (term(b) - 1) * (x - y) * p(y, b * -1), p(x, 1 - b)),
        rule=Known("power above its tangent", (x, y, term(1 - b)), term(b) * use("b > 1")),
        note="t^{1-b} is convex",
    )


def falling_power(name: str, low: Term, high: Term, b: Lin, sign: Certificate, ordered: Certificate) -> tuple[Step, Step]:
    """high^{1-b} <= low^{1-b}, where ``ordered`` shows low <= high and ``sign`` that b > 1."""
    tangent = le(p(high, 1 - b) - (term(b) - 1) * (low - high) * p(high, b * -1), p(low, 1 - b))
    return (
        Step(
            id=f"{name}, tangent",
            claim=tangent,
            rule=Known("power above its tangent", (low, high, term(1 - b)), term(b) * sign),
        ),
        Step(
            id=name,
            claim=le(p(high, 1 - b), p(low, 1 - b)),
            rule=Algebra(use(f"{name}, tangent") + sign * p(high, b * -1) * ordered),
        ),
    )


def exponent(b: Lin, certificate: Certificate) -> tuple[Step, ...]:
    """a > 1 and b > 1; a itself needs one of the two."""
    if b == lin(a):
        return (Step(id="b > 1", claim=A_LAW.claim, rule=A_LAW.rule),)
    return (A_LAW, Step(id="b > 1", claim=lt(1, term(b)), rule=Algebra(certificate)))


def capped_sum(b: Lin, name: str, K: Term, r: Var) -> Derivation:
    """sum_{s<n} T_s <= b K/(b-1) where T_s <= min(1, (K/(s+1))^b); r = floor(K)."""
    rest = term(b) - 1
    s = below("s", n)
    curve = lambda k: p(K, b) * p(k, b * -1)  # noqa: E731
    steps = (
        *exponent(b, 2 * use("a > 1") + positive(1)),
        Step(id="r <= K", claim=le(term(r), K), rule=Assumption("model", "r = floor(K)")),
        Step(id="K <= r+1", claim=le(K, term(r) + 1), rule=Assumption("model", "r = floor(K)")),
        Step(id="T <= 1", claim=le(T(m).term, 1), rule=Assumption("hypothesis", "T_s <= 1")),
        Step(id="T <= power", claim=le(T(m).term, curve(m + 1)), rule=Assumption("hypothesis", "T_s <= (K/(s+1))^b")),
        tangent("tangent at r+1", K, r + 1, b),
        Step(
            id="straddle",
            claim=le(T(r).term, K - r + (K - p(K, b) * p(r + 1, 1 - b)) / rest),
            rule=Algebra(
                p(K, b) / rest * use("tangent at r+1")
                + use("r <= K") * use("T <= 1", {m: lin(r)})
                + use("K <= r+1") * use("T <= power", {m: lin(r)})
            ),
            note="the integral over [r, r+1], which K cuts",
        ),
        tangent("tangent", t + r + 1, t + r + 2, b),
        Step(
            id="past r",
            claim=le(
                total(below("s", t + r + 1), T(below("s", t + r + 1)).term),
                K + (K - p(K, b) * p(t + r + 1, 1 - b)) / rest,
            ),
            rule=Induction(
                t,
                base=over(below("s", r), use("T <= 1", {m: lin(below("s", r))})) + use("straddle"),
                step=use("ih") + p(K, b) / rest * use("tangent") + use("T <= power", {m: t + r + 1}),
            ),
        ),
        Step(
            id="longer sums",
            claim=le(total(s, T(s).term), total(below("s", n + t), T(below("s", n + t)).term)),
            rule=Induction(t, step=use("ih") + T(n + t).term),
        ),
        Step(
            id="capped sum",
            claim=le(total(s, T(s).term), term(b) * K / rest),
            rule=Algebra(use("longer sums", {t: r + 1}) + use("past r", {t: n}) + p(K, b) * p(n + r + 1, 1 - b) / rest),
        ),
    )
    return Derivation(
        name=name, theorem="", title=f"Sum of min(1, (K/i)^{b})", steps=steps, conclusions={"capped sum": "capped sum"}
    )


def whole_sum(b: Lin, name: str) -> Derivation:
    """sum_{i<=m+1} i^-b <= (b - (m+1)^{1-b})/(b-1)."""
    s = below("s", m + 1)
    steps = (
        *exponent(b, 2 * use("a > 1") + positive(1)),
        tangent("tangent", m + 1, m + 2, b),
        Step(
            id="whole sum",
            claim=le(total(s, p(s + 1, b * -1)), (term(b) - p(m + 1, 1 - b)) / (term(b) - 1)),
            rule=Induction(m, base=positive(0), step=use("ih") + 1 / (term(b) - 1) * use("tangent")),
        ),
    )
    return Derivation(name=name, theorem="", title=f"Sum of i^-{b}", steps=steps, conclusions={"whole sum": "whole sum"})


powers = whole_sum(lin(a), "power-law-sum")
capped = capped_sum(lin(a), "power-law-capped-sum", K_low, r_low)
capped_twice = capped_sum(lin(a) * 2, "power-law-capped-sum-2a", K, r_high)
