"""The noise of the exact recursion, summed over the steps: with the share 1/(1 - load) it is that of its stationary point.

With f_i(t) = mu_i Var v_i(t), w_i = mu_i (v^q_i)^2 and q = 1 - x, the recursion reads

    f_i(t+1) = q_i^2 f_i(t) + x_i^2 noise_i(t),       f_i(0) = 0,
    noise_i  = c_0 + own_i + c_1 sum_j (f_j + w_j q_j^(2t)) + b (f_i + w_i q_i^(2t)) - l sum_j w_j q_j^t - d w_i q_i^t,

and the average holds sum_i sum_s (1 - q_i^(n-s))^2 noise_i(s).  The balance of f_i against the weights of direction o,
which fall, turns into a linear inequality for the weighted sum of f.  N = n + 1.
"""

from __future__ import annotations

from riskbounds.derivations.averages import sums, weighting
from riskbounds.derivations.sgd import DENOMINATOR, N, i, n, q, s_N, t, x
from riskbounds.derivations.sgd import hypotheses as sgd_hypotheses

from riskbounds.proofs import (
    Algebra,
    Assumption,
    Definition,
    Induction,
    Lin,
    Step,
    Symbol,
    Term,
    Var,
    direction,
    eq,
    le,
    lin,
    lt,
    natural,
    over,
    positive,
    scalar,
    square,
    total,
    use,
)

j, o = direction("j"), direction("o")
m = natural("m")
s = s_N
AVERAGES = {each.id: each for each in (*sums, *weighting)}
c_0, c_1, b, l, d = (scalar(name, "0+") for name in ("c_0", "c_1", "excess", "leans", "decays"))  # noqa: E741
room, kappa, omega, peak = scalar("room"), scalar("exact_kappa", "?"), scalar("omega", "?"), scalar("peak", "?")
w, own, f = Symbol("target_energy", "0+"), Symbol("own_noise", "0+"), Symbol("fluctuation")
psi = Symbol("share", "0+")  # lam/mu
#: The part of a direction's feedback that counts, at most 1: kappa leaves out what has no time to settle.
reached, whole = Symbol("reached", "0+"), scalar("whole_kappa", "?")
load = c_1 * kappa
SPREAD = 1 / (1 - load)


def far(o: Var) -> Term:
    """2 - (1+b) x."""
    return 2 - (1 + b) * x[o]


def seen(time: Var | Lin, o: Var = i) -> Term:
    """The noise less what direction o itself fluctuates."""
    moving = c_1 * total(j, f(time)[j] + w[j] * q(j, lin(time) * 2)) - l * total(j, w[j] * q(j, time))
    return c_0 + own[o] + moving + b * w[o] * q(o, lin(time) * 2) - d * w[o] * q(o, time)


def noise(time: Var | Lin, o: Var = i) -> Term:
    """What drives f in direction o."""
    return seen(time, o) + b * f(time)[o]


def weigh(o: Var, time: Var = s) -> Term:
    """The weight of the noise of a step."""
    return (1 - q(o, n - time)) ** 2


def falls(o: Var, time: Var = s) -> Term:
    """By how much the weight of the step before is larger."""
    return 2 * x[o] * q(o, n - time) * (1 - q(o, n - time)) + x[o] ** 2 * q(o, n - time) ** 2


hypotheses = (
    sgd_hypotheses[0],
    Step(
        id="room",
        claim=le(room, far(i)),
        rule=Assumption("hypothesis", "every direction is stable by itself: (1+b) x <= 2 - room"),
    ),
    Step(id="far > 0", claim=lt(0, far(i)), rule=Algebra(use("room") + positive(room))),
    Step(id="reached <= 1", claim=le(reached[i], 1), rule=Assumption("model", "the part of the feedback that counts")),
    Step(id="kappa", claim=eq(kappa, total(i, reached[i] * x[i] / far(i))), rule=Definition()),
    Step(id="whole kappa", claim=eq(whole, total(i, x[i] / far(i))), rule=Definition()),
    Step(id="omega", claim=eq(omega, total(i, x[i] * own[i] / far(i))), rule=Definition()),
    Step(id="load", claim=lt(0, 1 - load), rule=Assumption("hypothesis", "c_1 kappa < 1")),
    Step(id="whole load", claim=lt(0, 1 - c_1 * whole), rule=Assumption("hypothesis", "c_1 kappa < 1, all of it")),
    Step(id="start", claim=eq(f(0)[i], 0), rule=Assumption("model", "v_0 = 0")),
    Step(
        id="update",
        claim=eq(f(t + 1)[i], (1 - x[i]) ** 2 * f(t)[i] + x[i] ** 2 * noise(t)),
        rule=Assumption("model", "the exact recursion"),
    ),
    Step(id="0 <= f", claim=le(0, f(t)[i]), rule=Assumption("model", "f is a variance")),
)

#: What bounds the noise of direction i.
top = peak + own[i] + b * w[i]
CALM = 1 / (1 - c_1 * whole) * (c_0 + c_1 * (total(j, w[j]) + omega + b * total(j, x[j] / far(j) * w[j])))
TOP = use("0 <= peak") + own[i] + b * w[i]
bounded = (
    Step(id="0 <= omega", claim=le(0, omega), rule=Algebra(positive(total(i, x[i] * own[i] / far(i))) - use("omega"))),
    AVERAGES["q^m <= 1"],
    Step(id="peak", claim=eq(peak, CALM), rule=Definition()),
    Step(id="0 <= peak", claim=le(0, peak), rule=Algebra(positive(CALM) - use("peak"))),
    Step(
        id="f below its peak",
        claim=le(f(t)[i], x[i] / far(i) * top * (1 - q(i, t * 2))),
        rule=Induction(
            t,
            base=use("start"),
            step=(square(1 - x[i]) + b * x[i] ** 2) * use("ih")
            + x[i] ** 3 / far(i) * b * TOP * q(i, t * 2)
            + use("update")
            + x[i] ** 2
            * (
                c_1 * over(j, use("ih", {i: j}) + x[j] / far(j) * (use("0 <= peak") + own[j] + b * w[j]) * q(j, t * 2))
                + c_1 * over(j, w[j] * use("q^m <= 1", {i: j, m: t * 2}))
                + b * w[i] * use("q^m <= 1", {m: t * 2})
                + over(j, l * w[j] * q(j, t))
                + d * w[i] * q(i, t)
                - (1 - c_1 * whole) * use("peak")
                - c_1 * (peak * use("whole kappa") + use("omega"))
            ),
        ),
    ),
)

#: The weight of direction o against the fluctuation of direction i, step by step.
balances = (
    Step(
        id="sums of f",
        claim=eq(total(s, f(s + 1)[i]), total(s, f(s)[i]) + f(N)[i]),
        rule=Induction(n, base=-use("start"), step=use("ih")),
    ),
    Step(
        id="sums of q f",
        claim=eq(total(s, q(o, n - s) * f(s + 1)[i]), (1 - x[o]) * total(s, q(o, n - s) * f(s)[i]) + f(N)[i]),
        rule=Induction(n, base=(1 - x[o]) * -use("start"), step=(1 - x[o]) * use("ih")),
    ),
    Step(
        id="sums of q^2 f",
        claim=eq(total(s, q(o, (n - s) * 2) * f(s + 1)[i]), (1 - x[o]) ** 2 * total(s, q(o, (n - s) * 2) * f(s)[i]) + f(N)[i]),
        rule=Induction(n, base=(1 - x[o]) ** 2 * -use("start"), step=(1 - x[o]) ** 2 * use("ih")),
    ),
    Step(
        id="balance",
        claim=eq(
            x[i] * far(i) * total(s, weigh(o) * f(s)[i]) + total(s, falls(o) * f(s)[i]),
            x[i] ** 2 * total(s, weigh(o) * seen(s)),
        ),
        rule=Algebra(
            over(s, weigh(o) * use("update", {t: s})) - use("sums of f") + 2 * use("sums of q f") - use("sums of q^2 f")
        ),
    ),
    DENOMINATOR,
    AVERAGES["sum back q"],
    AVERAGES["sum back q^2"],
    Step(
        id="sum of falls",
        claim=eq(total(s, falls(i)), (1 - q(i, N)) ** 2),
        rule=Algebra(2 * use("sum back q") - use("sum back q^2")),
    ),
)
