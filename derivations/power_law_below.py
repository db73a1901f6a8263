"""Sums over a power law from below, one term at a time: the lemmas behind the lower sides of P2 Lemmas 5.3 and 5.4.

A sum over the numbers i <= n is at least an integral from 1 to n + 1, of which [K, K+1] is dropped.  As functions of n its two
parts are u(n) = min(n, (K-1)_+), what is learned, and (K+1)^{1-b} - v(n) with v(n) = min((n+1)^{1-b}, (K+1)^{1-b}): while n + 1
is at most K, u alone grows, by at most 1, and from then on v alone falls, by at most (b-1) (n+1)^{-b}.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random

from riskbounds.derivations.power_law import K, K_low, a, exponent, n, p, tangent

from riskbounds.proofs import (
    Algebra,
    Cases,
    Certificate,
    Claim,
    Derivation,
    Induction,
    Known,
    Lin,
    Model,
    Step,
    Term,
    at_least_max,
    at_most_min,
    below,
    le,
    lin,
    positive,
    term,
    total,
    use,
)
from riskbounds.terms.functions import apply

NOTHING = positive(0)


def witness(random: Random) -> Model:
    """An exponent a and a reach K."""
    K = Fraction(random.randint(1, 40), 8)
    return Model(sizes={"a": random.choice((2, 3))}, symbols={"reach": lambda: K, "reach_low": lambda: K}, times=6)


def summed(name: str, title: str, steps: tuple[Step, ...], conclusion: str) -> Derivation:
    """A lemma with one conclusion."""
    return Derivation(name=name, theorem="", title=title, steps=steps, conclusions={conclusion: conclusion}, witness=witness)


def beyond(K: Term) -> Term:
    """(K-1)_+."""
    return apply("max", 0, K - 1)


def learned(K: Term, k: object) -> Term:
    """u(k) = min(k, (K-1)_+)."""
    return apply("min", term(k), beyond(K))


def unlearned(K: Term, k: object, b: Lin) -> Term:
    """v(k) = min((k+1)^{1-b}, (K+1)^{1-b})."""
    return apply("min", p(term(k) + 1, 1 - b), p(K + 1, 1 - b))


def power_tangent(name: str, x: Term, y: Term, b: Lin, sign: Certificate) -> Step:
    """t^b at x lies above its tangent at y, b >= 1."""
    claim = le(p(y, b) + term(b) * (x - y) * p(y, b - 1), p(x, b))
    return Step(id=name, claim=claim, rule=Known("power above its tangent", (x, y, term(b)), sign), note="t^b is convex")


def parts(K: Term, b: Lin) -> tuple[Step, ...]:
    """What u and v are at most, and the tangents of t^{1-b}."""
    u, v = learned(K, n), unlearned(K, n, b)
    return (
        Step(id="u <= n", claim=le(u, term(n)), rule=Known("min", (term(n), beyond(K)))),
        Step(id="u <= (K-1)_+", claim=le(u, beyond(K)), rule=Known("min", (beyond(K), term(n)))),
        Step(id="v at n", claim=le(v, p(n + 1, 1 - b)), rule=Known("min", (p(n + 1, 1 - b), p(K + 1, 1 - b)))),
        Step(id="v at K", claim=le(v, p(K + 1, 1 - b)), rule=Known("min", (p(K + 1, 1 - b), p(n + 1, 1 - b)))),
        tangent("tangent at K+1", n + 2, K + 1, b),
        tangent("tangent at n+2", K + 1, n + 2, b),
        tangent("tangent at n+1", n + 2, n + 1, b),
        tangent("tangent at K+1, start", 1, K + 1, b),
    )


def at_least_beyond(name: str, K: Term) -> Step:
    """K-1 <= (K-1)_+."""
    return Step(id=name, claim=le(K - 1, beyond(K)), rule=Known("max", (K - 1, term(0))))


def one_more(K: Term) -> Certificate:
    """u(n+1) <= u(n) + 1."""
    choices = {term(n): use("u <= n", {n: n + 1}), beyond(K): use("u <= (K-1)_+", {n: n + 1}) + 1}
    return at_most_min(learned(K, n + 1) - 1, choices)


def all_learned(K: Term) -> Certificate:
    """u(n+1) <= u(n) where K < n + 1."""
    past = at_least_max(term(n), {term(0): positive(n), K - 1: use("case")})
    return use("u <= (K-1)_+", {n: n + 1}) + at_most_min(beyond(K), {term(n): past, beyond(K): NOTHING})


def not_yet(K: Term, b: Lin) -> Certificate:
    """v(n) <= v(n+1) where n + 1 <= K."""
    later = use("tangent at K+1") + use("b > 1") * p(K + 1, b * -1) * use("case")
    return use("v at K") + at_most_min(p(K + 1, 1 - b), {p(n + 2, 1 - b): later, p(K + 1, 1 - b): NOTHING})


def one_term(K: Term, b: Lin) -> Certificate:
    """(v(n) - v(n+1))/(b-1) <= (n+1)^-b where K < n + 1."""
    later = use("tangent at n+2") + use("b > 1") * p(n + 2, b * -1) * use("case")
    falls = at_most_min(p(n + 2, 1 - b), {p(n + 2, 1 - b): NOTHING, p(K + 1, 1 - b): later})
    return 1 / (term(b) - 1) * (use("v at n") + falls + use("tangent at n+1"))


def start(K: Term, b: Lin) -> Certificate:
    """(K+1)^{1-b} <= v(0)."""
    first = use("tangent at K+1, start") + use("b > 1") * (K * p(K + 1, b * -1))
    return at_most_min(p(K + 1, 1 - b), {term(1): first, p(K + 1, 1 - b): NOTHING})


def summed_up(name: str, K: Term, b: Lin, low: Term, weight: Term, body: Callable[[Term], Term], base: Certificate) -> Step:
    """low(n) + weight ((K+1)^{1-b} - v(n)) <= sum_{s<n} body(s+1), from the step "one term"."""
    s = below("s", n)
    left = low + weight * (p(K + 1, 1 - b) - unlearned(K, n, b))
    return Step(
        id=name,
        claim=le(left, total(s, body(term(s) + 1))),
        rule=Induction(n, base=base + weight * start(K, b), step=use("ih") + use("one term")),
    )


def gains(low: Callable[[object], Term], weight: Term, K: Term, b: Lin, body: Callable[[Term], Term]) -> Claim:
    """What the two parts gain from n to n + 1 is at most the summand."""
    change = low(n + 1) - low(n) + weight * (unlearned(K, n, b) - unlearned(K, n + 1, b))
    return le(change, body(term(n) + 1))


def falling(K: Term, b: Lin) -> Callable[[Term], Term]:
    """min(1, (K/i)^b)."""
    return lambda i: apply("min", 1, p(K, b) * p(i, b * -1))


def capped_below(K: Term, b: Lin, name: str) -> Derivation:
    """sum_{i<=n} min(1, (K/i)^b) >= u(n) + K^b ((K+1)^{1-b} - v(n))/(b-1)."""
    weight, curve = p(K, b) / (term(b) - 1), p(K, b) * p(n + 1, b * -1)
    at_least_one = p(n + 1, b * -1) * (use("t^b at n+1") + term(b) * p(n + 1, b - 1) * use("case"))
    at_most_one = p(n + 1, b * -1) * (use("t^b at K") + term(b) * p(K, b - 1) * use("case"))
    steps = (
        *exponent(b, 2 * use("a > 1") + positive(1)),
        *parts(K, b),
        power_tangent("t^b at n+1", K, term(n + 1), b, term(b) * use("b > 1")),
        power_tangent("t^b at K", term(n + 1), K, b, term(b) * use("b > 1")),
        Step(
            id="one term",
            claim=gains(lambda k: learned(K, k), weight, K, b, falling(K, b)),
            rule=Cases(
                term(n + 1),
                K,
                if_le=at_most_min(term(1), {term(1): NOTHING, curve: at_least_one}) + one_more(K) + weight * not_yet(K, b),
                if_gt=at_most_min(curve, {term(1): at_most_one, curve: NOTHING}) + all_learned(K) + p(K, b) * one_term(K, b),
            ),
        ),
        summed_up("sum from below", K, b, learned(K, n), weight, falling(K, b), use("u <= n", {n: lin(0)})),
    )
    title = f"Sum of min(1, (K/i)^{b}) from below"
    return summed(name, title, steps, "sum from below")


def unsaturated(K: Term, i: Term) -> Term:
    """min(1, (i/K)^{2a})."""
    return apply("min", 1, p(K, lin(a) * -2) * p(i, lin(a) * 2))


def rising(K: Term) -> Callable[[Term], Term]:
    """i^-a min(1, (i/K)^{2a})."""
    return lambda i: p(i, lin(a) * -1) * unsaturated(K, i)


def bias_below(K: Term, name: str) -> Derivation:
    """sum_{i<=n} i^-a min(1, (i/K)^{2a}) >= u(n)^{a+1} K^{-2a}/(a+1) + ((K+1)^{1-a} - v(n))/(a-1)."""
    b, up = lin(a), a + 1
    height, weight, curve = p(K, b * -2) / term(up), 1 / (term(a) - 1), p(K, b * -2) * p(n + 1, b * 2)
    grown = lambda k: height * learned(K, k) ** up  # noqa: E731
    u, w = learned(K, n), learned(K, n + 1)
    at_most_one = p(K, b * -2) * (use("t^2a at n+1") + 2 * term(a) * p(n + 1, b * 2 - 1) * use("case"))
    at_least_one = p(K, b * -2) * (use("t^2a at K") + 2 * term(a) * p(K, b * 2 - 1) * use("case"))
    still = at_most_min(term(n), {term(n): NOTHING, beyond(K): use("case") + use("K-1 <= (K-1)_+")})
    sign, sign_2 = term(up) * positive(a), 2 * term(a) * (2 * use("b > 1") + positive(1))
    steps = (
        *exponent(b, NOTHING),
        *parts(K, b),
        at_least_beyond("K-1 <= (K-1)_+", K),
        power_tangent("t^2a at n+1", K, term(n + 1), b * 2, sign_2),
        power_tangent("t^2a at K", term(n + 1), K, b * 2, sign_2),
        power_tangent("u(n+1) below n+1", term(n + 1), w, up, sign),
        power_tangent("u(n+1) below u", u, w, up, sign),
        power_tangent("u below n+1", u, term(n + 1), up, sign),
        Step(
            id="one term",
            claim=gains(grown, weight, K, b, rising(K)),
            rule=Cases(
                term(n + 1),
                K,
                if_le=p(n + 1, b * -1) * at_most_min(curve, {term(1): at_most_one, curve: NOTHING})
                + height
                * (
                    use("u(n+1) below n+1")
                    + term(up) * w**a * use("u <= n", {n: n + 1})
                    + use("u below n+1")
                    + term(up) * p(n + 1, b) * still
                )
                + weight * not_yet(K, b),
                if_gt=p(n + 1, b * -1) * at_most_min(term(1), {term(1): NOTHING, curve: at_least_one})
                + height * (use("u(n+1) below u") + term(up) * w**a * all_learned(K))
                + one_term(K, b),
            ),
        ),
        summed_up("sum from below", K, b, grown(n), weight, rising(K), height * learned(K, 0) ** a * use("u <= n", {n: lin(0)})),
    )
    title = "Sum of i^-a min(1, (i/K)^{2a}) from below"
    return summed(name, title, steps, "sum from below")


def least_learned(K: Term, y: Term) -> Term:
    """(min(y, K) - 1)_+."""
    return apply("max", 0, apply("min", y, K) - 1)


def least_rest(K: Term, y: Term, b: Lin) -> Term:
    """((K+1)^{1-b} - y^{1-b})_+."""
    return apply("max", 0, p(K + 1, 1 - b) - p(y, 1 - b))


def explicit(name: str, K: Term, y: Term, count: Lin, b: Lin, above_one: str, near: Certificate) -> tuple[Step, ...]:
    """What u and v are for ``count`` numbers, in y, where ``near`` shows y <= count + 1 and the step ``above_one`` b > 1."""
    u, v = learned(K, count), unlearned(K, count, b)
    end, cut, least = p(count + 1, 1 - b), p(K + 1, 1 - b), apply("min", y, K)
    slope = p(count + 1, b * -1)
    by_count = at_least_max(term(count), {term(0): positive(count), least - 1: use(f"{name}: at most y") + near})
    by_reach = at_least_max(
        beyond(K), {term(0): positive(beyond(K)), least - 1: use(f"{name}: at most K") + use(f"{name}: (K-1)_+")}
    )
    fallen = use(f"{name}: v at the end") + use(f"{name}: tangent") + use(above_one) * slope * near
    return (
        at_least_beyond(f"{name}: (K-1)_+", K),
        Step(id=f"{name}: at most y", claim=le(least, y), rule=Known("min", (y, K))),
        Step(id=f"{name}: at most K", claim=le(least, K), rule=Known("min", (K, y))),
        Step(id=f"{name}: v at the end", claim=le(v, end), rule=Known("min", (end, cut))),
        Step(id=f"{name}: v at K", claim=le(v, cut), rule=Known("min", (cut, end))),
        Step(
            id=f"{name}: tangent",
            claim=le(end - (term(b) - 1) * (y - count - 1) * slope, p(y, 1 - b)),
            rule=Known("power above its tangent", (y, term(count) + 1, term(1 - b)), term(b) * use(above_one)),
        ),
        Step(
            id=f"{name}: u",
            claim=le(least_learned(K, y), u),
            rule=Algebra(at_most_min(least_learned(K, y), {term(count): by_count, beyond(K): by_reach})),
        ),
        Step(
            id=f"{name}: v",
            claim=le(least_rest(K, y, b), cut - v),
            rule=Algebra(at_least_max(cut - v, {term(0): use(f"{name}: v at K"), cut - p(y, 1 - b): fallen})),
        ),
    )


def whole_below(b: Lin, name: str) -> Derivation:
    """sum_{i<=m} i^-b >= (1 - (m+1)^{1-b})/(b-1)."""
    s = below("s", n)
    steps = (
        *exponent(b, 2 * use("a > 1") + positive(1)),
        tangent("tangent", n + 2, n + 1, b),
        Step(
            id="whole sum from below",
            claim=le((1 - p(n + 1, 1 - b)) / (term(b) - 1), total(s, p(s + 1, b * -1))),
            rule=Induction(n, base=NOTHING, step=use("ih") + 1 / (term(b) - 1) * use("tangent")),
        ),
    )
    return summed(name, f"Sum of i^-{b} from below", steps, "whole sum from below")


powers_below = whole_below(lin(a), "power-law-sum-below")
capped_twice_below = capped_below(K_low, lin(a) * 2, "power-law-capped-sum-below")
rising_below = bias_below(K, "power-law-rising-sum-below")
