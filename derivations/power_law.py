"""Sums over a power law, bounded by integrals one term at a time: the lemmas behind P2 Lemmas 5.3 and 5.4 and P1 Corollary 4.3.

A term of a decreasing summand is at most the integral over the interval before it.  For powers that is the tangent of a convex
function: (m+1)^{1-b} >= (m+2)^{1-b} + (b-1) (m+2)^{-b}.
"""

from __future__ import annotations

from functools import partial

from riskbounds.derivations.lemma_models import capped_model, exponent_model, peaked_model

from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Derivation,
    Induction,
    Known,
    Lin,
    Root,
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
r_peak, r_floor = parameter("r_peak"), parameter("r_floor")
m, n, t = natural("m"), natural("n"), natural("t")
K, K_low = scalar("reach"), scalar("reach_low")
peak, K_floor = scalar("peak"), scalar("reach_floor")
T = Symbol("T", "0+")
A_LAW = Step(id="a > 1", claim=lt(1, term(a)), rule=Assumption("hypothesis", "a > 1"))


def p(base: object, exponent: object) -> Term:
    """base^exponent for a positive base."""
    return power(term(base), lin(exponent))


def one(o: object) -> Term:  # noqa: ARG001
    """1, whatever the number."""
    return term(1)


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


LONGER = Step(
    id="longer sums",
    claim=le(total(below("s", n), T(below("s", n)).term), total(below("s", n + t), T(below("s", n + t)).term)),
    rule=Induction(t, step=use("ih") + T(n + t).term),
)


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
        LONGER,
        Step(
            id="capped sum",
            claim=le(total(s, T(s).term), term(b) * K / rest),
            rule=Algebra(use("longer sums", {t: r + 1}) + use("past r", {t: n}) + p(K, b) * p(n + r + 1, 1 - b) / rest),
        ),
    )
    return Derivation(
        name=name,
        theorem="",
        title=f"Sum of min(1, (K/i)^{b})",
        steps=steps,
        conclusions={"capped sum": "capped sum"},
        witness=partial(capped_model, reach=K, r=r, b=b),
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
    return Derivation(
        name=name,
        theorem="",
        title=f"Sum of i^-{b}",
        steps=steps,
        conclusions={"whole sum": "whole sum"},
        witness=exponent_model,
    )


def _under_the_peak(b: Lin, K: Term, r: Var) -> tuple[Step, ...]:
    """T_s <= min((s+1)^-b, (s+1)^b K^{-2b}), hence T_s <= K^-b."""
    largest = p(K, b * -1)
    return (
        *exponent(b, 2 * use("a > 1") + positive(1)),
        Step(id="r+1 <= K", claim=le(term(r + 1), K), rule=Assumption("model", "r + 1 = floor(K)")),
        Step(id="K <= r+2", claim=le(K, term(r + 2)), rule=Assumption("model", "r + 1 = floor(K)")),
        Step(id="T <= falling", claim=le(T(m).term, p(m + 1, b * -1)), rule=Assumption("hypothesis", "T_s <= (s+1)^-b")),
        Step(
            id="T <= rising",
            claim=le(T(m).term, p(K, b * -2) * p(m + 1, b)),
            rule=Assumption("hypothesis", "T_s <= (s+1)^b K^{-2b}"),
        ),
        Step(
            id="T <= largest",
            claim=le(T(m).term, largest),
            rule=Root(squares=T(m).term * use("T <= falling") + p(m + 1, b * -1) * use("T <= rising"), right=positive(largest)),
            note="the product of the two curves is K^{-2b}",
        ),
    )


def _tangents(b: Lin, K: Term, r: Var) -> tuple[Step, ...]:
    """The two curves against their integrals, up to r and past it, and where K cuts an interval."""
    return (
        *(
            Step(
                id=f"rising tangent {name}",
                claim=le(p(y, b + 1) + (term(b) + 1) * (term(x) - term(y)) * p(y, b), p(x, b + 1)),
                rule=Known("power above its tangent", (term(x), term(y), term(b + 1)), positive(term(b) * (term(b) + 1))),
                note="t^{b+1} is convex",
            )
            for name, x, y in (("at n+1", n + 2, n + 1), ("at r+1", K, r + 1))
        ),
        tangent("tangent at r+2", K, r + 2, b),
        tangent("tangent", t + r + 2, t + r + 3, b),
    )


def _past_the_peak(b: Lin, K: Term, r: Var) -> tuple[Step, ...]:
    """The sum up to r, over the interval that K cuts, and past it."""
    power_at_r, power_after = {m: lin(r)}, {m: r + 1}
    largest, risen = p(K, b * -1), p(K, 1 - b) / (term(b) + 1)
    s = below("s", n)
    return (
        Step(
            id="risen",
            claim=le(total(s, p(s + 1, b)), p(n + 1, b + 1) / (term(b) + 1)),
            rule=Induction(
                n, base=positive(1 / (term(b) + 1)), step=use("ih") + 1 / (term(b) + 1) * use("rising tangent at n+1")
            ),
        ),
        Step(
            id="straddle",
            claim=le(
                T(r).term + T(r + 1).term,
                risen
                - p(K, b * -2) * p(r + 1, b + 1) / (term(b) + 1)
                + (p(K, 1 - b) - p(r + 2, 1 - b)) / (term(b) - 1)
                + largest,
            ),
            rule=Algebra(
                p(K, b * -2) / (term(b) + 1) * use("rising tangent at r+1")
                + 1 / (term(b) - 1) * use("tangent at r+2")
                + use("r+1 <= K") * (use("T <= rising", power_at_r) + use("T <= largest", power_after))
                + use("K <= r+2") * (use("T <= falling", power_after) + use("T <= largest", power_at_r))
            ),
            note="the integral over [r+1, r+2], which K cuts, is at least a mean of its ends",
        ),
        Step(
            id="past r",
            claim=le(
                total(below("s", t + r + 2), T(below("s", t + r + 2)).term),
                risen + (p(K, 1 - b) - p(t + r + 2, 1 - b)) / (term(b) - 1) + largest,
            ),
            rule=Induction(
                t,
                base=over(below("s", r), use("T <= rising", {m: lin(below("s", r))}))
                + p(K, b * -2) * use("risen", {n: lin(r)})
                + use("straddle"),
                step=use("ih") + 1 / (term(b) - 1) * use("tangent") + use("T <= falling", {m: t + r + 2}),
            ),
        ),
    )


def peaked_sum(b: Lin, name: str, K: Term, r: Var) -> Derivation:
    """sum_{s<n} T_s <= 2b/(b^2-1) K^{1-b} + K^-b where T_s <= min((s+1)^-b, (s+1)^b K^{-2b}), K >= 1; r + 1 = floor(K).

    The summand rises up to K and falls from there: its sum is at most its integral and its largest value.
    """
    largest, risen = p(K, b * -1), p(K, 1 - b) / (term(b) + 1)
    s = below("s", n)
    steps = (
        *_under_the_peak(b, K, r),
        *_tangents(b, K, r),
        *_past_the_peak(b, K, r),
        LONGER,
        Step(
            id="peaked sum",
            claim=le(total(s, T(s).term), risen + p(K, 1 - b) / (term(b) - 1) + largest),
            rule=Algebra(use("longer sums", {t: r + 2}) + use("past r", {t: n}) + p(n + r + 2, 1 - b) / (term(b) - 1)),
        ),
    )
    return Derivation(
        name=name,
        theorem="",
        title=f"Sum of i^-{b} min(1, (i/K)^2{b})",
        steps=steps,
        conclusions={"peaked sum": "peaked sum"},
        witness=peaked_model,
    )


powers = whole_sum(lin(a), "power-law-sum")
capped = capped_sum(lin(a), "power-law-capped-sum", K_low, r_low)
capped_twice = capped_sum(lin(a) * 2, "power-law-capped-sum-2a", K, r_high)
capped_once = capped_sum(lin(a), "power-law-capped-sum-a", K, r_high)
capped_floor = capped_sum(lin(a), "power-law-capped-sum-floor", K_floor, r_floor)
powers_twice = whole_sum(lin(a) * 2, "power-law-sum-2a")
peaked = peaked_sum(lin(a), "power-law-peaked-sum", peak, r_peak)
