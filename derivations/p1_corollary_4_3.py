"""p1-corollary-4.3: P1 Theorem 4.1 for a power law, every sum replaced by an integral, from P1 Theorem 4.1.

lam_i = c i^-a, mu_i = m_0 lam_i + eps_0 and v^q = lam/mu w* for both schemes at once; eps_0 = c J^-a, or 0 without a floor.
With u_i = (K/i)^a = N gamma m_0 lam_i and v = N gamma eps_0 a direction has N x_i = u_i + v.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from riskbounds.derivations import p1_theorem_4_1 as parent
from riskbounds.derivations import factors, power_law
from riskbounds.derivations.minkowski import square_of_root
from riskbounds.derivations.p2_lemma_5_3 import cap, number, size, sum_over_numbers
from riskbounds.derivations.power_law import K, K_floor, a, p, peak, r_floor, r_high, r_peak
from riskbounds.derivations.sgd import A, ad, av, gamma, i, j, mean, u, w, x
from riskbounds.derivations.threshold_general import THRESHOLD, head, tail

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    BelowMin,
    Cases,
    Certificate,
    Claim,
    Derivation,
    Known,
    Lin,
    Reader,
    Root,
    Split,
    Step,
    Term,
    Var,
    below,
    cited,
    eq,
    inherited,
    instance,
    le,
    lin,
    lt,
    natural,
    over,
    positive,
    scalar,
    square,
    term,
    total,
    use,
)
from riskbounds.terms.functions import apply
from riskbounds.theorems import Theorem
from riskbounds.theorems.p1_corollary_4_3 import BOUNDS, REACH, p1_corollary_4_3

N, m = term(parent.N), natural("m")
c, c_root, growth = scalar("c"), scalar("c_root"), scalar("data_growth")
#: 1 for additive data errors, 0 for others.
floored = scalar("floored", "0+")
W = scalar("target_max", "0+")
floor = floored * c * p(K_floor, lin(a) * -1)
reach = c * growth * N * gamma  # K^a
once, twice, down = lin(a), lin(a) * 2, lin(a) * -1
RATIO = term(a) / (term(a) - 1)
numbers = below("s", size)
sqrt = lambda body: apply("sqrt", body)  # noqa: E731
LEARNED = apply("min", K, reach**2)
ROOT = sqrt(2) * sqrt(a) * sqrt(LEARNED / (term(twice) - 1))  # sqrt(2a/(2a-1) min(K, K^2a))
share = use("2a > 1") * (1 / term(twice))
HALF = Fraction(1, 2)


#: max(1, K), where the summand of the bias is largest.
TOP = apply("max", 1, K)


def lam(o: Var) -> Term:
    """Eigenvalue of H."""
    return c * number[o] ** down


def mu(o: Var) -> Term:
    """Eigenvalue of Sigma."""
    return growth * lam(o) + floor


def target2(o: Var) -> Term:
    """E w*_i^2."""
    return mean(u[w, o] ** 2)


#: What the noise constants depend on.
norm2, quantized2 = total(i, lam(i) * target2(i)), total(i, lam(i) ** 2 / mu(i) * target2(i))
trace = total(i, mu(i))
unquantized = total(i, lam(i) * ((growth - 1) * lam(i) + floor) / mu(i) * target2(i))
SOURCES = {symbols.excess: unquantized, symbols.trace: trace, symbols.target_norm2: norm2, symbols.quantized_norm2: quantized2}
#: A_i is at most a + sum of coefficient times these, as noise constants are with mu_i <= tr Sigma.
COEFFICIENTS = {source: scalar(f"per_{source}", "0+") for source in SOURCES}


def noise_level(values: Mapping[object, Term]) -> Term:
    """The noise constant at values of what it depends on."""
    return sum((COEFFICIENTS[source] * values[source] for source in SOURCES), scalar("noise_rest", "0+"))


def power_law_reader(theorem: Theorem) -> Reader:
    """Reads a theorem about the power law of P1; K and J are numbers with K^a = c m_0 N gamma and eps_0 = c J^-a."""
    read = parent.quantized_reader(theorem)
    for known in (symbols.trace, symbols.quantized_norm2):
        del read.meanings[known]
    read.meanings |= {
        symbols.a: a, symbols.M: size, symbols.c: c, symbols.data_growth: growth, symbols.target_max: W,
        REACH: K, REACH ** (1 - symbols.a): p(K, 1 - a),
        symbols.data_floor: floor, symbols.c ** (1 / symbols.a): c_root,
        symbols.data_floor ** (1 - 1 / symbols.a): floored * c * p(K_floor, 1 - a) / c_root,
    }  # fmt: skip
    read.meanings[symbols.A_max] = noise_level({source: read(source) for source in SOURCES})
    return read


read = power_law_reader(p1_corollary_4_3)
BOUND = {piece: read(expression) for piece, expression in BOUNDS.items()}
LEVELS = {
    "contraction": ((i,), gamma * mu(i)),
    "vq": ((w, i), lam(i) / mu(i) * u[w, i]),
    "approximation": ((), HALF * unquantized),
    "A_max": ((), noise_level(SOURCES)),
}


def here(body: Term) -> Term:
    """A term of P1 Theorem 4.1 for a power law."""
    return instance(le(0, body), {}, LEVELS).right


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The registered theorem as a claim, and its step-size condition."""
    read = power_law_reader(theorem)
    feedback = theorem.hypotheses[1]
    return {
        "upper": le(here(parent.claims["upper"].left), read(theorem.upper)),
        "feedback": lt(read(feedback.lhs), read(feedback.rhs)),
    }


claims = statement(p1_corollary_4_3)


def floor_of(bound: Term, r: Var, low: int, name: str) -> tuple[Step, Step]:
    """r + low = floor(bound)."""
    rule = Assumption("model", f"{r.name} = floor({name}) - {low}" if low else f"{r.name} = floor({name})")
    return (
        Step(id=f"{r.name} below", claim=le(term(r + low), bound), rule=rule),
        Step(id=f"{r.name} above", claim=le(bound, term(r + low + 1)), rule=rule),
    )


model = (
    *(step for step in inherited(parent.derivation, LEVELS) if step.id not in ("papers", "A_i <= max A")),
    Step(id="a > 1", claim=power_law.A_LAW.claim, rule=power_law.A_LAW.rule),
    Step(id="2a > 1", claim=lt(1, term(twice)), rule=Algebra(2 * use("a > 1") + positive(1))),
    Step(id="a^2 > 1", claim=lt(1, term(a) ** 2), rule=Algebra(use("a > 1") * (use("a > 1") + positive(2)))),
    Step(id="growth", claim=le(1, growth), rule=Assumption("model", "m_0 = 1 + eps_d for multiplicative data, else 1")),
    Step(id="floored", claim=eq(floored**2, floored), rule=Assumption("model", "1 for additive data errors, 0 for others")),
    Step(id="W", claim=le(target2(i), W), rule=Assumption("model", "W = max_i E w*_i^2")),
    Step(id="K", claim=eq(p(K, a), reach), rule=Assumption("model", "K = (c m_0 N gamma)^{1/a}")),
    Step(id="head", claim=le(1, N * gamma * mu(head)), rule=THRESHOLD),
    Step(
        id="A_i <= max A",
        claim=le(A[i], noise_level(SOURCES)),
        rule=Assumption("model", "theory section 4, table, with mu_i <= tr Sigma: affine in what COEFFICIENTS names"),
    ),
    Step(id="step size", claim=claims["feedback"], rule=Assumption("hypothesis", p1_corollary_4_3.hypotheses[1].name)),
    Step(id="K^2a", claim=eq(p(K, twice), reach**2), rule=Algebra(positive(p(K, a) + reach) * use("K"))),
    Step(id="floored <= 1", claim=le(floored, 1), rule=Algebra(square(1 - floored) + use("floored"))),
    *floor_of(K, r_high, 0, "K"),
    *floor_of(K_floor, r_floor, 0, "J"),
    *floor_of(TOP, r_peak, 1, "max(1, K)"),
)


def choice(name: str, left: Term, certificates: Mapping[Term, Certificate]) -> Step:
    """left <= min(...), each choice with its certificate."""
    rule = BelowMin(tuple(certificates[each] for each in sorted(certificates, key=str)))
    return Step(id=name, claim=le(left, apply("min", *certificates)), rule=rule)


def summed_minimum(
    name: str, body: Callable[[Term], Term], curves: tuple[Callable[[Term], Term], Callable[[Term], Term]]
) -> tuple[Step, ...]:
    """A minimum of two curves at the numbers: below both, and its sum over the directions as a sum over 1, ..., M."""
    first, second = (curve(term(m + 1)) for curve in curves)
    return (
        sum_over_numbers(f"{name}s numbered", body),
        Step(id=f"{name} <= first", claim=le(body(term(m + 1)), first), rule=Known("min", (first, second))),
        Step(id=f"{name} <= second", claim=le(body(term(m + 1)), second), rule=Known("min", (second, first))),
    )


def bounds(name: str, first: str, second: str) -> dict[str, str]:
    """What a lemma about a sum of T_s calls the bounds of T."""
    return {first: f"{name} <= first", second: f"{name} <= second", "b > 1": "a > 1"}


one, flat = lambda o: term(1), lambda o: p(K, once) * p(o, down)  # noqa: E731
t = lambda o: cap(K, o, once)  # noqa: E731
learned = (
    *summed_minimum("t", t, (one, flat)),
    sum_over_numbers("count", one),
    sum_over_numbers("powers numbered", lambda o: p(o, down)),
    cited(power_law.powers, "whole sum", hypotheses={"b > 1": "a > 1"}),
    Step(
        id="sum of powers",
        claim=le(total(i, p(number[i], down)), RATIO),
        rule=Algebra(
            use("powers numbered") + use("whole sum", {power_law.m: size - 1}) + positive(p(size, 1 - a)) * (1 / (term(a) - 1))
        ),
    ),
    cited(
        power_law.capped_once,
        "capped sum",
        {"T": ((m,), t(term(m + 1)))},
        "sum of t",
        {"r <= K": "r below", "K <= r+1": "r above", **bounds("t", "T <= 1", "T <= power")},
    ),
)

# tr Sigma, ||w*||^2, ||v^q||^2 and sigma_q^2 - sigma^2: one direction at a time, and min(lam, eps_0) = c J^-a min(1, (J/i)^a).
low = lambda o: cap(K_floor, o, once)  # noqa: E731
below_floor = lambda o: p(K_floor, once) * p(o, down)  # noqa: E731
lost = lambda o: lam(o) * floor / (growth * mu(o))  # noqa: E731
sum_lost = total(i, lost(i))
norms = (
    Step(
        id="trace",
        claim=le(trace, BOUND[symbols.trace]),
        rule=Algebra(growth * c * use("sum of powers") + floor * use("count")),
    ),
    Step(
        id="norm",
        claim=le(norm2, BOUND[symbols.target_norm2]),
        rule=Algebra(over(i, lam(i) * use("W")) + c * W * use("sum of powers")),
    ),
    Step(
        id="quantized norm",
        claim=le(quantized2, BOUND[symbols.quantized_norm2]),
        rule=Algebra(over(i, lost(i) * positive(target2(i))) + 1 / growth * use("norm")),
    ),
    *summed_minimum("low", low, (one, below_floor)),
    cited(
        power_law.capped_floor,
        "capped sum",
        {"T": ((m,), low(term(m + 1)))},
        "sum of lows",
        {"r <= K": "r_floor below", "K <= r+1": "r_floor above", **bounds("low", "T <= 1", "T <= power")},
    ),
    choice(
        "lost below",
        floored * lam(i) / (growth * mu(i)),
        {
            term(1): 1 / (growth * mu(i)) * (lam(i) * (use("growth") * (growth + 1) + use("floored <= 1")) + positive(growth * floor)),
            below_floor(number[i]): positive(below_floor(number[i]))
            * (1 / (growth * mu(i)))
            * (positive(growth**2 * lam(i)) + floor * use("growth")),
        },
    ),
    Step(
        id="lost",
        claim=le(lost(i), floor * low(number[i])),
        rule=Algebra(floor * use("lost below") - lam(i) * floor / (floored * growth * mu(i)) * use("floored")),
    ),
    choice(
        "sum lost",
        sum_lost,
        {
            term(size) * floor: over(i, use("lost"))
            + floor * (use("lows numbered") + over(numbers, use("low <= first", {m: lin(numbers)}))),
            RATIO * floored * c * p(K_floor, 1 - a): over(i, use("lost"))
            + floor * (use("lows numbered") + use("sum of lows", {power_law.n: size})),
        },
    ),
    Step(
        id="excess",
        claim=le(unquantized, BOUND[symbols.excess]),
        rule=Algebra(
            1 / growth * use("growth") * use("norm") + over(i, lost(i) * use("W")) + W * use("sum lost")
        ),
    ),
)

# The effective dimension: a direction counts (min(1, u) + v)^2 at most.
v = N * gamma * floor
spread = total(i, t(number[i]) ** 2)
D_there = here(parent.D)
FLAT = lambda o: p(o, down) * use("K")  # noqa: E731  # reach/i^a - (K/i)^a
dimension = (
    choice(
        "u + v >= 1",
        1 - v,
        {term(1): positive(v), flat(number[head]): use("head") - FLAT(number[head])},
    ),
    choice(
        "u + v = N x",
        N * gamma * mu(tail) - v,
        {term(1): use("N y <= 1, tail") + positive(v), flat(number[tail]): -FLAT(number[tail])},
    ),
    Step(
        id="D by t",
        claim=le(D_there, total(i, (t(number[i]) + v) ** 2)),
        rule=Split(
            over(head, use("u + v >= 1") * positive(t(number[head]) + v + 1))
            + over(tail, use("u + v = N x") * positive(t(number[tail]) + v + N * gamma * mu(tail)))
        ),
    ),
    Step(id="t^2 <= 1", claim=le(t(term(m + 1)) ** 2, 1), rule=Algebra(use("t <= first") * positive(1 + t(term(m + 1))))),
    Step(
        id="t^2 <= power",
        claim=le(t(term(m + 1)) ** 2, p(K, twice) * p(m + 1, twice * -1)),
        rule=Algebra(use("t <= second") * positive(flat(term(m + 1)) + t(term(m + 1)))),
    ),
    sum_over_numbers("squares numbered", lambda o: t(o) ** 2),
    cited(
        power_law.capped_twice,
        "capped sum",
        {"T": ((m,), t(term(m + 1)) ** 2)},
        "sum of squares",
        {"r <= K": "r below", "K <= r+1": "r above", "T <= 1": "t^2 <= 1", "T <= power": "t^2 <= power", "b > 1": "2a > 1"},
    ),
    cited(power_law.powers_twice, "whole sum", name="whole sum of squares", hypotheses={"b > 1": "2a > 1"}),
    choice(
        "spread",
        (1 - 1 / term(twice)) * spread,
        {
            K: share * (use("squares numbered") + use("sum of squares", {power_law.n: size})),
            reach**2: share
            * (
                use("squares numbered")
                + over(numbers, use("t^2 <= power", {m: lin(numbers)}))
                + p(K, twice) * (use("whole sum of squares", {power_law.m: size - 1}) + p(size, 1 - twice) / (term(twice) - 1))
            )
            + use("K^2a"),
        },
    ),
    Step(
        id="Cauchy-Schwarz",
        claim=le(total(i, t(number[i])) ** 2, total(i, 1) * spread),
        rule=Algebra(HALF * over(i, over(j, square(t(number[i]) - t(number[j]))))),
    ),
    square_of_root("root of 2", term(2), positive(2)),
    square_of_root("root of a", term(a), positive(a)),
    square_of_root("root of min", LEARNED / (term(twice) - 1), positive(LEARNED) * (1 / (term(twice) - 1))),
    square_of_root("root of d", term(size), positive(size)),
    Step(
        id="spread by root",
        claim=le(spread, ROOT**2),
        rule=Algebra(
            term(twice) / (term(twice) - 1) * use("spread")
            - term(a) * LEARNED / (term(twice) - 1) * use("root of 2")
            - sqrt(2) ** 2 * LEARNED / (term(twice) - 1) * use("root of a")
            - sqrt(2) ** 2 * sqrt(a) ** 2 * use("root of min")
        ),
    ),
    Step(
        id="sum of t by root",
        claim=le(total(i, t(number[i])), sqrt(size) * ROOT),
        rule=Root(
            squares=use("Cauchy-Schwarz") + spread * use("count") + size * use("spread by root") - ROOT**2 * use("root of d"),
            right=positive(sqrt(size) * ROOT),
        ),
    ),
    Step(
        id="D",
        claim=le(D_there, BOUND[symbols.effective_dimension]),
        rule=Algebra(
            use("D by t")
            + use("spread by root")
            + 2 * v * use("sum of t by root")
            + v**2 * (use("count") - use("root of d"))
        ),
    ),
)

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
            flat(number[head]): growth * lam(head) / mu(head) ** 2 * (mu(head) * use("head") + positive(floor)) - FLAT(number[head]),
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

# Together: the variance grows with its three factors.
SHARE = (ad + av) * gamma
noise_there = noise_level(SOURCES) + ad * h_there + av * quantized2
noise_here = noise_level(BOUND) + ad * BOUND[symbols.h] + av * BOUND[symbols.quantized_norm2]
FACTORS = {
    "dimension": ((), D_there), "dimension_above": ((), BOUND[symbols.effective_dimension]),
    "noise_below": ((), noise_there), "noise_above": ((), noise_here),
    "load": ((), SHARE * trace), "load_above": ((), SHARE * BOUND[symbols.trace]),
}  # fmt: skip
STEP_OF = {
    symbols.excess: "excess", symbols.trace: "trace", symbols.target_norm2: "norm", symbols.quantized_norm2: "quantized norm",
}  # fmt: skip
together = (
    Step(
        id="excess >= 0",
        claim=le(0, unquantized),
        rule=Algebra(over(i, lam(i) / mu(i) * positive(target2(i)) * (lam(i) * use("growth") + positive(floor)))),
    ),
    Step(
        id="noise level >= 0",
        claim=le(0, noise_level(SOURCES)),
        rule=Algebra(
            COEFFICIENTS[symbols.excess] * use("excess >= 0")
            + positive(noise_level({**SOURCES, symbols.excess: term(0)}))
        ),
    ),
    Step(id="noise >= 0", claim=le(0, noise_there), rule=Algebra(use("noise level >= 0") + positive(ad * h_there + av * quantized2))),
    Step(id="D >= 0", claim=le(0, D_there), rule=Algebra(positive(D_there))),
    Step(
        id="noise",
        claim=le(noise_there, noise_here),
        rule=Algebra(
            sum((COEFFICIENTS[source] * use(step) for source, step in STEP_OF.items()), positive(0))
            + ad * use("h")
            + av * use("quantized norm")
        ),
    ),
    Step(
        id="load",
        claim=le(SHARE * trace, SHARE * BOUND[symbols.trace]),
        rule=Algebra(SHARE * use("trace")),
    ),
    Step(id="papers", claim=instance(parent.claims["feedback"], {}, LEVELS), rule=Algebra(use("load") + use("step size"))),
    cited(
        factors.derivation,
        "variance",
        FACTORS,
        hypotheses={"0 <= D": "D >= 0", "0 <= Z": "noise >= 0", "Z": "noise", "load < 1": "step size"},
    ),
    cited(parent.derivation, "upper", LEVELS, "general upper"),
    Step(
        id="upper",
        claim=claims["upper"],
        rule=Algebra(
            use("general upper") + HALF * use("excess") + HALF * use("bias") + 1 / (2 * N) * use("variance")
        ),
    ),
)
derivation = Derivation(
    name="p1-corollary-4.3",
    theorem="p1-corollary-4.3",
    title="Power law, additive and multiplicative quantization",
    statement=statement,
    steps=(*model, *learned, *norms, *dimension, *slow, *peaks, *bias_steps, *together),
    conclusions={"upper": "upper", "feedback": "step size"},
)
