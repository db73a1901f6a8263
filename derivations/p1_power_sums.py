"""P1 Theorem 4.1 for a power law, second part: h and the bias, every sum replaced by an integral."""

from __future__ import annotations

from riskbounds.derivations import p1_theorem_4_1 as parent
from riskbounds.derivations import power_law
from riskbounds.derivations.energies import number, size
from riskbounds.derivations.minima import choice
from riskbounds.derivations.p1_power_law import (
    BOUND,
    FLAT,
    RATIO,
    TOP,
    N,
    W,
    c,
    down,
    flat,
    floor,
    growth,
    here,
    lam,
    m,
    mu,
    numbers,
    once,
    reach,
    summed_minimum,
    t,
    twice,
    v,
)
from riskbounds.derivations.power_law import K, a, p
from riskbounds.derivations.sgd import gamma, i
from riskbounds.derivations.threshold_general import head, tail

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Cases,
    Certificate,
    Known,
    Lin,
    Split,
    Step,
    Term,
    cited,
    eq,
    le,
    lin,
    over,
    positive,
    term,
    total,
    use,
)
from riskbounds.terms.functions import apply

# h: a direction holds (c/m_0) K^-a min(1, u) at most; bias: (c/m_0) min(i^-a, i^a K^-2a).
h_there, bias_there = here(parent.h), here(parent.read(symbols.bias))
ratio = lambda o: lam(o) / mu(o)  # noqa: E731
h_sum = total(head, ratio(head) ** 2 / (gamma * N)) + total(tail, lam(tail) * ratio(tail))
bias_sum = total(head, ratio(head) ** 2 / (mu(head) * (gamma * N) ** 2)) + total(tail, lam(tail) * ratio(tail))
past = lambda o: N * gamma * growth * lam(o) * ratio(o) * floor / lam(o)  # noqa: E731  # u - u m_0 lam/mu
by_t = use("h by t") + use("ts numbered")
slow = (
    Step(
        id="h, largest target",
        claim=le(h_there, W * h_sum),
        rule=Split(
            over(head, ratio(head) ** 2 / (gamma * N) * use("W", {i: head}))
            + over(tail, lam(tail) * ratio(tail) * use("W", {i: tail}))
        ),
    ),
    choice(
        "h, head",
        (growth * ratio(head)) ** 2,
        {
            term(1): positive(floor * (mu(head) + growth * lam(head))) * (1 / mu(head) ** 2),
            flat(number[head]): growth * lam(head) / mu(head) ** 2 * (mu(head) * use("head") + positive(floor))
            - FLAT(number[head]),
        },
    ),
    choice(
        "h, tail",
        growth**2 * N * gamma * lam(tail) * ratio(tail),
        {
            term(1): positive(past(tail) + v) + use("N y <= 1, tail"),
            flat(number[tail]): positive(past(tail)) - FLAT(number[tail]),
        },
    ),
    Step(
        id="h by t",
        claim=le(growth * reach / c * h_sum, total(i, t(number[i]))),
        rule=Split(over(head, use("h, head")) + over(tail, use("h, tail"))),
    ),
    choice(
        "h sum",
        growth / c * (1 - 1 / term(a)) * h_sum,
        {
            term(1): use("a > 1")
            * (1 / (term(a) * reach))
            * (
                by_t
                + over(numbers, use("t <= second", {m: lin(numbers)}))
                + p(K, a) * (use("whole sum", {power_law.m: size - 1}) + p(size, 1 - a) / (term(a) - 1))
                + RATIO * use("K")
            ),
            p(K, 1 - a): use("a > 1")
            * (1 / (term(a) * reach))
            * (by_t + use("sum of t", {power_law.n: size}) + RATIO * p(K, 1 - a) * use("K")),
        },
    ),
    Step(
        id="h",
        claim=le(h_there, BOUND[symbols.h]),
        rule=Algebra(use("h, largest target") + W * c / growth * RATIO * use("h sum")),
    ),
)

pointed = lambda o: apply("min", p(o, down), p(o, once) * p(K, twice * -1))  # noqa: E731
curves = (lambda o: p(o, down), lambda o: p(o, once) * p(K, twice * -1))
#: i^a K^-2a - i^a/(c m_0 N gamma)^2
RISE = lambda o: p(o, once) * p(K, twice * -1) / reach**2 * use("K^2a")  # noqa: E731
at_m = term(m + 1)


def tangent(name: str, x: Term, y: Term, b: Lin, certificate: Certificate) -> Step:
    """t^b at x lies above its tangent at y."""
    claim = le(p(y, b) + term(b) * (x - y) * p(y, b - 1), p(x, b))
    return Step(id=name, claim=claim, rule=Known("power above its tangent", (x, y, term(b)), certificate))


growing = positive(term(twice) * (term(twice) + 1))
SECOND = term(twice) / (term(a) ** 2 - 1) * p(K, 1 - a) + 1 / reach
by_peaks = use("bias by peaks") + use("pointeds numbered")
peaks = (
    *summed_minimum("pointed", pointed, curves),
    Step(id="K <= top", claim=le(K, TOP), rule=Known("max", (K, term(1)))),
    Step(id="top", claim=eq((TOP - 1) * (TOP - K), 0), rule=Known("max attained", (term(1), K))),
    tangent("tangent at 1", TOP, term(1), twice * -1, growing),
    tangent("tangent at K", TOP, K, twice * -1, growing),
    tangent("tangent at 1 of t^2a", at_m, term(1), twice, term(twice) * use("2a > 1")),
    Step(
        id="pointed <= rising",
        claim=le(pointed(at_m), p(TOP, twice * -1) * p(at_m, once)),
        rule=Cases(
            TOP,
            term(1),
            if_le=p(at_m, once) * (use("tangent at 1") + term(twice) * use("case"))
            + p(at_m, down) * (use("tangent at 1 of t^2a") + positive(term(twice) * m))
            + use("pointed <= first"),
            if_gt=p(at_m, once)
            * (use("tangent at K") + term(twice) * p(K, twice * -1 - 1) / (TOP - 1) * use("top"))
            + use("pointed <= second"),
        ),
        note="max(1, K) is 1 or K",
    ),
    cited(
        power_law.peaked,
        "peaked sum",
        {"peak": ((), TOP), "T": ((m,), pointed(at_m))},
        "sum of peaks",
        {
            "r+1 <= K": "r_peak below", "K <= r+2": "r_peak above", "b > 1": "a > 1",
            "T <= falling": "pointed <= first", "T <= rising": "pointed <= rising",
        },
    ),
    tangent("tangent at top", K, TOP, 1 - lin(a), term(a) * use("a > 1")),
    tangent("tangent at top of t^-a", K, TOP, down, positive(term(a) * (term(a) + 1))),
)  # fmt: skip
unspent = growth * lam(head) * ratio(head) / (mu(head) * N * gamma * c)
bias_steps = (
    Step(
        id="bias, largest target",
        claim=le(bias_there, W * bias_sum),
        rule=Split(
            over(head, ratio(head) ** 2 / (mu(head) * (gamma * N) ** 2) * use("W", {i: head}))
            + over(tail, lam(tail) * ratio(tail) * use("W", {i: tail}))
        ),
    ),
    choice(
        "bias, head",
        growth / c * ratio(head) ** 2 / (mu(head) * (gamma * N) ** 2),
        {
            curves[0](number[head]): positive(lam(head) * floor / (c * mu(head)))
            + unspent * (use("head") + 1 / (mu(head) * N * gamma) * use("head")),
            curves[1](number[head]): p(number[head], once)
            * floor
            / (reach**2 * mu(head) ** 3)
            * positive(mu(head) ** 2 + mu(head) * growth * lam(head) + (growth * lam(head)) ** 2)
            + RISE(number[head]),
        },
    ),
    choice(
        "bias, tail",
        growth / c * lam(tail) * ratio(tail),
        {
            curves[0](number[tail]): positive(lam(tail) * floor / (c * mu(tail))),
            curves[1](number[tail]): p(number[tail], once)
            / reach**2
            * (
                use("N y <= 1, tail") * positive(1 + N * gamma * mu(tail))
                + (N * gamma) ** 2 * floor * positive(mu(tail) + growth * lam(tail) + growth**2 * lam(tail) * ratio(tail))
            )
            + RISE(number[tail]),
        },
    ),
    Step(
        id="bias by peaks",
        claim=le(growth / c * bias_sum, total(i, pointed(number[i]))),
        rule=Split(over(head, use("bias, head")) + over(tail, use("bias, tail"))),
    ),
    choice(
        "bias sum",
        growth / c * bias_sum,
        {
            RATIO: by_peaks
            + over(numbers, use("pointed <= first", {m: lin(numbers)}))
            + use("whole sum", {power_law.m: size - 1})
            + p(size, 1 - a) / (term(a) - 1),
            SECOND: by_peaks
            + use("sum of peaks", {power_law.n: size})
            + term(twice) / (term(a) ** 2 - 1) * (use("tangent at top") + (term(a) - 1) * use("K <= top") * p(TOP, down))
            + use("tangent at top of t^-a")
            + term(a) * use("K <= top") * p(TOP, down - 1)
            - p(K, down) / reach * use("K"),
        },
    ),
    Step(
        id="bias",
        claim=le(bias_there, BOUND[symbols.bias]),
        rule=Algebra(use("bias, largest target") + W * c / growth * use("bias sum")),
    ),
)
