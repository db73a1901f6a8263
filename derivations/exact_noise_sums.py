"""The exact noise, summed over the steps with the weights of the average: both sides (see :mod:`exact_noise`)."""

from __future__ import annotations

from riskbounds.derivations.exact_noise import (
    AVERAGES,
    SPREAD,
    TOP,
    N,
    b,
    balances,
    bounded,
    c_0,
    c_1,
    d,
    f,
    far,
    hypotheses,
    i,
    j,
    kappa,
    l,
    load,
    m,
    n,
    noise,
    o,
    omega,
    own,
    psi,
    q,
    reached,
    room,
    s,
    t,
    top,
    w,
    weigh,
    x,
)

from riskbounds.proofs import (
    Algebra,
    Certificate,
    Definition,
    Derivation,
    Step,
    Symbol,
    Term,
    eq,
    le,
    over,
    square,
    term,
    total,
    use,
)


def timed(name: str) -> Term:
    """A number that depends on the number of steps."""
    return Symbol(name)(n).term


weights, warmth, heat, lean = (timed(name) for name in ("weights", "warmth", "heat", "lean"))
first = total(o, psi[o] * (1 - q(o, n)) ** 2)  # the weight of the first step
last = total(o, psi[o] * (1 - q(o, N)) ** 2)
heat_left = total(i, w[i] * (1 - q(i, N * 2)) / (x[i] * (2 - x[i])))
lean_left = total(i, w[i] * (1 - q(i, N)) / x[i])
learned = total(i, reached[i] * top * (1 - q(i, N * 2)))
slow = total(i, (1 - reached[i]) * x[i] / far(i) * top * (1 - q(i, N * 2)))
idle = total(i, (1 - reached[i]) * x[i] / far(i) * own[i])
level = c_0 + c_1 * omega


def weighted(body: Term) -> Term:
    """The sum over the steps, with the weights of all directions."""
    return total(o, psi[o] * total(s, weigh(o) * body))


def less_than_first(body: Term) -> Certificate:
    """The body at step s is weighted less than the first step."""
    return over(o, over(s, psi[o] * use("weights fall", {i: o}) * body))


#: Sums with all weights: of 1, of f, and of what the mean has yet to learn.
weighted_sums = (
    Step(id="weights", claim=eq(weights, weighted(term(1))), rule=Definition()),
    Step(id="warmth", claim=eq(warmth, weighted(total(i, f(s)[i]))), rule=Definition()),
    Step(id="heat", claim=eq(heat, weighted(total(i, w[i] * q(i, s * 2)))), rule=Definition()),
    Step(id="lean", claim=eq(lean, weighted(total(i, w[i] * q(i, s)))), rule=Definition()),
    AVERAGES["weights fall"],
    AVERAGES["sum q"],
    AVERAGES["sum q^2"],
    Step(
        id="heat above",
        claim=le(heat, first * heat_left),
        rule=Algebra(
            less_than_first(total(i, w[i] * q(i, s * 2)))
            + over(o, over(i, psi[o] * (1 - q(o, n)) ** 2 * w[i] / (x[i] * (2 - x[i])) * use("sum q^2", {n: N})))
            + use("heat")
        ),
    ),
    Step(
        id="lean above",
        claim=le(lean, first * lean_left),
        rule=Algebra(
            less_than_first(total(i, w[i] * q(i, s)))
            + over(o, over(i, psi[o] * (1 - q(o, n)) ** 2 * w[i] / x[i] * use("sum q", {n: N})))
            + use("lean")
        ),
    ),
    Step(
        id="near",
        claim=le(x[i] / far(i), 1 / room),
        rule=Algebra(1 / (room * far(i)) * (use("room") + room * use("x <= 1"))),
    ),
    Step(
        id="f until N",
        claim=le(f(s)[i], x[i] / far(i) * top * (1 - q(i, N * 2))),
        rule=Algebra(use("f below its peak", {t: s}) + x[i] / far(i) * TOP * q(i, s * 2) * use("q^m <= 1", {m: (N - s) * 2})),
    ),
    Step(
        id="f near its peak",
        claim=le(1 / (x[i] * far(i)) * f(s)[i], top / room**2 * (1 - q(i, N * 2))),
        rule=Algebra(
            1 / (x[i] * far(i)) * use("f until N")
            + 1 / (room * far(i)) / (room * far(i)) * TOP * use("q^m <= 1", {m: N * 2}) * use("room") * (use("far > 0") + room)
        ),
    ),
)

WEIGH = psi[o] * square(1 - q(o, n - s))
FALLS = psi[o] * x[o] * (2 * q(o, n - s) * use("q^m <= 1", {i: o, m: n - s}) + x[o] * q(o, n - s) ** 2)
BALANCE = over(i, reached[i] / (x[i] * far(i)) * over(o, psi[o] * use("balance")))
LINEAR = (
    (c_0 * weighted(term(1)) + c_1 * weighted(total(i, f(s)[i]))) * use("kappa")
    + kappa * (c_0 * use("weights") + c_1 * use("warmth"))
    + weighted(term(1)) * use("omega")
    + omega * use("weights")
)
RESTS = use("reached <= 1")
NEAR = use("near") + x[i] / far(i) * RESTS


def every(body: Certificate | Term) -> Certificate:
    """Summed over the directions, and over the steps with all weights."""
    return over(i, over(o, over(s, WEIGH * body)))


#: The linear inequalities for the weighted sum of f, solved.
warmths = (
    Step(
        id="warmth above",
        claim=le(warmth, SPREAD * ((c_0 * kappa + omega + slow) * weights + (load + b / room) * heat)),
        rule=Algebra(
            SPREAD
            * (
                BALANCE
                + over(i, reached[i] / (x[i] * far(i)) * over(o, over(s, FALLS * use("0 <= f", {t: s}))))
                + every(w[i] * (b * q(i, s * 2) * NEAR + d * reached[i] * x[i] / far(i) * q(i, s)))
                + every(reached[i] * x[i] / far(i) * total(j, l * w[j] * q(j, s)))
                + every(RESTS * (use("f until N") + x[i] / far(i) * own[i]))
                - slow * use("weights")
                - LINEAR
                - c_1 * (weighted(total(i, w[i] * q(i, s * 2))) * use("kappa") + kappa * use("heat"))
                + use("warmth")
                - b / room * use("heat")
            )
        ),
    ),
    Step(
        id="warmth below",
        claim=le(
            SPREAD * ((c_0 * kappa + omega - idle) * weights - 1 / room**2 * learned * last - (l * kappa + d / room) * lean),
            warmth,
        ),
        rule=Algebra(
            SPREAD
            * (
                -BALANCE
                + over(i, reached[i] * over(o, over(s, FALLS * use("f near its peak"))))
                + every(RESTS * use("0 <= f", {t: s}))
                - idle * use("weights")
                + 1 / room**2 * learned * over(o, psi[o] * use("sum of falls", {i: o}))
                + every(w[i] * (d * q(i, s) * NEAR + reached[i] * x[i] / far(i) * b * q(i, s * 2)))
                + every(reached[i] * x[i] / far(i) * total(j, c_1 * w[j] * q(j, s * 2)))
                + LINEAR
                - use("warmth")
                - l * (weighted(total(i, w[i] * q(i, s))) * use("kappa") + kappa * use("lean"))
                - d / room * use("lean")
            )
        ),
    ),
)

block = AVERAGES["sum of weights"].claim.right
variance = total(i, psi[i] * total(s, weigh(i) * noise(s)))
settled = total(i, psi[i] * block * (SPREAD * level + own[i]))
#: What the variance's sum may lie above, or below, its settled value.
EXCESS = (
    SPREAD * c_1 * ((1 + b / room) * first * heat_left + slow * total(i, psi[i] * block))
    + b * total(i, psi[i] * w[i] * (1 - q(i, N * 2)) / (x[i] * (2 - x[i])))
    + term(N) * b / room * total(i, psi[i] * x[i] * top)
)
MISSING = (
    SPREAD * c_1 * (idle * total(i, psi[i] * block) + 1 / room**2 * learned * last)
    + SPREAD * (l + c_1 * d / room) * first * lean_left
    + d * total(i, psi[i] * w[i] * (1 - q(i, N)) / x[i])
)
OWN = psi[i] * square(1 - q(i, n - s))
SETTLED = (
    over(i, psi[i] * (SPREAD * level + own[i]) * use("sum of weights"))
    + SPREAD * level * use("weights")
    - c_0 * use("weights")
    - c_1 * use("warmth")
)
COUNTED = use("weights") + over(i, psi[i] * use("sum of weights"))
sides = (
    AVERAGES["sum of weights"],
    Step(
        id="weight <= 1",
        claim=le(weigh(i), 1),
        rule=Algebra(q(i, n - s) * (1 + use("q^m <= 1", {m: n - s}))),
    ),
    Step(
        id="f small",
        claim=le(f(t)[i], x[i] / room * top),
        rule=Algebra(use("f below its peak") + x[i] / (room * far(i)) * TOP * use("room") + x[i] / far(i) * q(i, t * 2) * TOP),
    ),
    Step(
        id="above",
        claim=le(variance, settled + EXCESS),
        rule=Algebra(
            c_1 * use("warmth above")
            + SPREAD * c_1 * (1 + b / room) * use("heat above")
            + SETTLED
            + SPREAD * c_1 * slow * COUNTED
            - c_1 * use("heat")
            + l * over(o, over(s, WEIGH * total(i, w[i] * q(i, s))))
            + over(i, over(s, OWN * d * w[i] * q(i, s)))
            + b * over(i, psi[i] * w[i] * over(s, use("weight <= 1") * q(i, s * 2)))
            + b * over(i, psi[i] * w[i] / (x[i] * (2 - x[i])) * use("sum q^2", {n: N}))
            + b * over(i, over(s, OWN * use("f small", {t: s}) + psi[i] * x[i] / room * use("weight <= 1") * TOP))
        ),
    ),
    Step(
        id="below",
        claim=le(settled - MISSING, variance),
        rule=Algebra(
            c_1 * use("warmth below")
            + SPREAD * (l + c_1 * d / room) * use("lean above")
            - SETTLED
            + SPREAD * c_1 * idle * COUNTED
            - l * use("lean")
            + c_1 * over(o, over(s, WEIGH * total(i, w[i] * q(i, s * 2))))
            + over(i, over(s, OWN * (b * w[i] * q(i, s * 2) + b * use("0 <= f", {t: s}))))
            + d * over(i, psi[i] * w[i] * over(s, use("weight <= 1") * q(i, s)))
            + d * over(i, psi[i] * w[i] / x[i] * use("sum q", {n: N}))
        ),
    ),
)

derivation = Derivation(
    name="law-exact-noise",
    theorem="exact recursion",
    title="The noise of the exact recursion in the average: that of its stationary point",
    steps=(*hypotheses, *bounded, *balances, *weighted_sums, *warmths, *sides),
    conclusions={"above": "above", "below": "below"},
)
