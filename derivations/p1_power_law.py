"""P1 Theorem 4.1 for a power law, first part: what the symbols mean, and tr Sigma, ||w*||^2, ||v^q||^2 and sigma_q^2 bounded.

lam_i = c i^-a, mu_i = m_0 lam_i + eps_0 and v^q = lam/mu w* for both schemes at once; eps_0 = c J^-a, or 0 without a floor.
With u_i = (K/i)^a = N gamma m_0 lam_i and v = N gamma eps_0 a direction has N x_i = u_i + v.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from riskbounds.derivations import p1_theorem_4_1 as parent
from riskbounds.derivations import power_law
from riskbounds.derivations.energies import cap, number, size, sum_over_numbers
from riskbounds.derivations.hypotheses import conditions, envelopes
from riskbounds.derivations.minima import choice
from riskbounds.derivations.power_law import K, K_floor, a, one, p, r_floor, r_high, r_peak
from riskbounds.derivations.sgd import gamma, i, mean, u, w
from riskbounds.derivations.threshold_general import THRESHOLD, head

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Claim,
    Known,
    Reader,
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
        symbols.mu: mu, symbols.target2: target2,
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
    sources = power_law_reader(theorem)
    sources.meanings[symbols.A_max] = noise_level(SOURCES)
    return {
        **conditions(theorem, read),
        **envelopes(theorem, sources, {symbols.A_max: 1, symbols.target_max: 1}),
        "upper": le(here(parent.claims["upper"].left), read(theorem.upper)),
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
    Step(id="W", claim=claims["target_max"], rule=Assumption("model", "W = max_i E w*_i^2")),
    Step(id="K", claim=eq(p(K, a), reach), rule=Assumption("model", "K = (c m_0 N gamma)^{1/a}")),
    Step(id="head", claim=le(1, N * gamma * mu(head)), rule=THRESHOLD),
    Step(
        id="A_i <= max A",
        claim=claims["A_max"],
        rule=Assumption("model", "theory section 4, table, with mu_i <= tr Sigma: affine in what COEFFICIENTS names"),
    ),
    Step(id="step size", claim=claims[parent.FEEDBACK], rule=Assumption("hypothesis", parent.FEEDBACK)),
    Step(id="K^2a", claim=eq(p(K, twice), reach**2), rule=Algebra(positive(p(K, a) + reach) * use("K"))),
    Step(id="floored <= 1", claim=le(floored, 1), rule=Algebra(square(1 - floored) + use("floored"))),
    *floor_of(K, r_high, 0, "K"),
    *floor_of(K_floor, r_floor, 0, "J"),
    *floor_of(TOP, r_peak, 1, "max(1, K)"),
)


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


v = N * gamma * floor
flat = lambda o: p(K, once) * p(o, down)  # noqa: E731
t = lambda o: cap(K, o, once)  # noqa: E731
FLAT = lambda o: p(o, down) * use("K")  # noqa: E731  # reach/i^a - (K/i)^a
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
            term(1): 1
            / (growth * mu(i))
            * (lam(i) * (use("growth") * (growth + 1) + use("floored <= 1")) + positive(growth * floor)),
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
        rule=Algebra(1 / growth * use("growth") * use("norm") + over(i, lost(i) * use("W")) + W * use("sum lost")),
    ),
)
