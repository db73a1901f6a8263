"""The fluctuation of the iterates around their mean given the target, its covariances, and these as sums over the steps' noise.

Steps (1), (2), (3) and (6) of the proof in theory section 4, in the notation of sgd.py.
"""

from __future__ import annotations

from riskbounds.derivations.sgd import (
    DENOMINATOR,
    C,
    F,
    S,
    X,
    e,
    i,
    j,
    mean,
    n,
    noise,
    q,
    s,
    s_N,
    s_n,
    t,
    t_n,
    u,
    v,
    vq,
    w,
    weight,
    x,
)

from riskbounds.proofs import Algebra, Definition, Induction, Step, below, eq, lin, over, total, use

# (1), (2) The mean given the target is v^q (1 - q^t); e_t is the rest.
fluctuation = (
    DENOMINATOR,
    Step(id="e", claim=eq(e(t)[w, i], v(t)[w, i] - (1 - q(i, t)) * vq[w, i]), rule=Definition()),
    Step(id="e starts", claim=eq(e(0)[w, i], 0), rule=Algebra(use("e", {t: lin(0)}) + use("start"))),
    Step(
        id="e update",
        claim=eq(e(t + 1)[w, i], (1 - x[i]) * e(t)[w, i] + noise(t, i)),
        rule=Algebra(use("e", {t: t + 1}) + use("update") - (1 - x[i]) * use("e")),
    ),
    Step(
        id="noise and e",
        claim=eq(mean(noise(t, i) * e(s)[w, j]), 0),
        rule=Algebra(
            over(w, noise(t, i) * use("e", {t: s, i: j})) + use("noise and past") - (1 - q(j, s)) * use("noise and v^q")
        ),
    ),
    Step(
        id="e and v^q",
        claim=eq(mean(e(t)[w, i] * vq[w, j]), 0),
        rule=Induction(
            t,
            base=over(w, vq[w, j] * use("e starts")),
            step=over(w, vq[w, j] * use("e update")) + (1 - x[i]) * use("ih") + use("noise and v^q"),
        ),
    ),
    Step(
        id="e and u",
        claim=eq(mean(e(t)[w, i] * u[w, j]), 0),
        rule=Induction(
            t,
            base=over(w, u[w, j] * use("e starts")),
            step=over(w, u[w, j] * use("e update")) + (1 - x[i]) * use("ih") + use("noise and u"),
        ),
    ),
)

# (3) Covariances: F of e_t, X of e_t with the sum of the earlier ones, C of the sum.
covariance = (
    Step(id="F", claim=eq(F(t)[i, j], mean(e(t)[w, i] * e(t)[w, j])), rule=Definition()),
    Step(id="S", claim=eq(S(t)[i, j], mean(noise(t, i) * noise(t, j))), rule=Definition()),
    Step(id="X", claim=eq(X(n)[i, j], total(s_n, mean(e(s_n)[w, i] * e(n)[w, j]))), rule=Definition()),
    Step(id="C", claim=eq(C(n)[i, j], total(s_n, total(t_n, mean(e(s_n)[w, i] * e(t_n)[w, j])))), rule=Definition()),
    Step(
        id="F starts",
        claim=eq(F(0)[i, j], 0),
        rule=Algebra(use("F", {t: lin(0)}) + over(w, e(0)[w, j] * use("e starts"))),
    ),
    Step(
        id="F update",
        claim=eq(F(t + 1)[i, j], (1 - x[i]) * (1 - x[j]) * F(t)[i, j] + S(t)[i, j]),
        rule=Algebra(
            use("F", {t: t + 1})
            + over(w, e(t + 1)[w, j] * use("e update") + ((1 - x[i]) * e(t)[w, i] + noise(t, i)) * use("e update", {i: j}))
            + (1 - x[j]) * use("noise and e", {s: t})
            + (1 - x[i]) * use("noise and e", {s: t, i: j, j: i})
            - (1 - x[i]) * (1 - x[j]) * use("F")
            - use("S")
        ),
    ),
    Step(
        id="X update",
        claim=eq(X(n + 1)[i, j], (1 - x[j]) * (X(n)[i, j] + F(n)[i, j])),
        rule=Algebra(
            use("X", {n: n + 1})
            + over(below("s", n + 1), over(w, e(below("s", n + 1))[w, i] * use("e update", {t: n, i: j})))
            + over(below("s", n + 1), use("noise and e", {t: n, i: j, j: i, s: below("s", n + 1)}))
            - (1 - x[j]) * (use("X") + use("F", {t: n}))
        ),
    ),
    Step(
        id="C update",
        claim=eq(C(n + 1)[i, j], C(n)[i, j] + X(n)[i, j] + X(n)[j, i] + F(n)[i, j]),
        rule=Algebra(use("C", {n: n + 1}) - use("C") - use("X") - use("X", {i: j, j: i}) - use("F", {t: n})),
    ),
)

# (6) Unrolled: the noise of step s reaches the sum of the first n + 1 iterates with the weight (1 - q^{n-s})/x.
unrolled = (
    Step(
        id="F unrolled",
        claim=eq(F(n + 1)[i, j], total(s_N, q(i, n - s_N) * q(j, n - s_N) * S(s_N)[i, j])),
        rule=Induction(
            n,
            base=use("F update", {t: lin(0)}) + (1 - x[i]) * (1 - x[j]) * use("F starts"),
            step=use("F update", {t: n + 1}) + (1 - x[i]) * (1 - x[j]) * use("ih"),
        ),
    ),
    Step(
        id="X unrolled",
        claim=eq(X(n + 1)[i, j], total(s_N, weight(i, n - s_N) * q(j, n - s_N) * S(s_N)[i, j])),
        rule=Induction(
            n,
            base=use("X update", {n: lin(0)}) + (1 - x[j]) * (use("X", {n: lin(0)}) + use("F starts")),
            step=use("X update", {n: n + 1}) + (1 - x[j]) * (use("ih") + use("F unrolled")),
        ),
    ),
    Step(
        id="C unrolled",
        claim=eq(C(n + 1)[i, j], total(s_N, weight(i, n - s_N) * weight(j, n - s_N) * S(s_N)[i, j])),
        rule=Induction(
            n,
            base=use("C update", {n: lin(0)})
            + use("C", {n: lin(0)})
            + use("X", {n: lin(0)})
            + use("X", {n: lin(0), i: j, j: i})
            + use("F starts"),
            step=use("C update", {n: n + 1})
            + use("ih")
            + use("X unrolled")
            + use("X unrolled", {i: j, j: i})
            + use("F unrolled"),
        ),
    ),
)
