"""threshold-general: theory section 5 where Lam and Sigma need not commute, from the sharp pair.

The mean part stays exact.  In the variance, K <= N min(1, (N x)^2) and W <= N min(1, 1/(N x)) give the effective dimension, h and k
for any split of the directions into head and tail; phi is solved for.  Below, N >= 2 and K >= N min(1, (N x)^2)/8.
"""

from __future__ import annotations

from collections.abc import Mapping

from riskbounds.derivations import blocks, blocks_below, sharp_storage
from riskbounds.derivations.sharp_storage import (
    A,
    Alow,
    L,
    N,
    ad,
    adlow,
    av,
    eps_w,
    gamma,
    i,
    j,
    kappa,
    mean,
    mu,
    n,
    q,
    risk,
    vq,
    w,
    x,
)

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Derivation,
    Reader,
    Split,
    Step,
    Term,
    Var,
    direction,
    le,
    lemma,
    lin,
    lt,
    over,
    parameter,
    positive,
    scalar,
    square,
    term,
    total,
    use,
)
from riskbounds.proofs.certificates import Certificate
from riskbounds.terms.claims import instance
from riskbounds.theorems.threshold_pair import threshold_general as theorem

sharp = sharp_storage.derivation
head, tail = direction("i", "head"), direction("i", "tail")
A_max, Alow_min = scalar("A_max", "0+"), scalar("Alow_min", "0+")
read = Reader(
    {**sharp_storage.read.meanings, symbols.A_max: A_max, symbols.Alow_min: Alow_min},
    theorem.definitions,
)
SHARP_HYPOTHESES = {name: name for name in sharp.assumptions}


def of_sharp(side: str) -> Step:
    """A side of the sharp pair, whose hypotheses are hypotheses here."""
    claim = sharp.step(sharp.conclusions[side]).claim
    return Step(id=f"sharp {side}", claim=claim, rule=lemma(sharp, side, SHARP_HYPOTHESES))


def of_blocks(name: str) -> Step:
    """A bound of a building block."""
    return Step(id=name, claim=blocks.derivation.step(name).claim, rule=lemma(blocks.derivation, name, {"x <= 1": "x <= 1"}))


hypotheses = (
    *(step for step in sharp.steps if step.id in SHARP_HYPOTHESES),
    Step(id="A_i <= max A", claim=le(A[i], A_max), rule=Assumption("model", "max_i A_i")),
)
facts = (
    Step(id="2 - x > 0", claim=lt(0, 2 - x[i]), rule=Algebra(use("x <= 1") + positive(1))),
    *(
        of_blocks(name)
        for name in ("q^m <= 1", "Bernoulli", "K", "K >= 0", "W >= 0", "W <= N", "x W <= 1", "K <= N", "K <= N (N x)^2")
    ),
)
m = blocks.m


def at(name: str, k: object) -> object:
    """A bound of W or K for N iterates in direction k."""
    return use(name, {blocks.n: N, i: k})


def energy(k: object) -> Term:
    """mu_k E (v^q_k)^2."""
    return mu(k) * mean(vq[w, k] ** 2)


def learned(k: object) -> Term:
    """1 - (1-x_k)^{N-1}."""
    return 1 - q(k, n)


D = read(symbols.effective_dimension)
pieces = (
    Step(
        id="sum of dt",
        claim=le(total(i, sharp_storage.read(symbols.dt[symbols.i])), D),
        rule=Split(
            over(head, L(head, head) / mu(head) / term(N) * at("K <= N", head))
            + over(tail, L(tail, tail) / mu(tail) / term(N) * at("K <= N (N x)^2", tail))
        ),
    ),
    Step(
        id="sum of dp",
        claim=le(total(i, sharp_storage.read(symbols.dp[symbols.i])), D),
        rule=Split(
            over(head, L(head, head) / mu(head) * q(head, n) * (positive(1) + use("q^m <= 1", {m: lin(n), i: head})))
            + over(
                tail,
                L(tail, tail)
                / mu(tail)
                * (use("Bernoulli", {m: lin(n), i: tail}) + positive(x[tail]))
                * (positive(term(N) * x[tail]) + use("q^m <= 1", {m: lin(n), i: tail})),
            )
        ),
    ),
    Step(
        id="h",
        claim=le(sharp_storage.read(symbols.h), read(symbols.h)),
        rule=Split(
            over(head, energy(head) / (term(N) * x[head]) * at("x W <= 1", head))
            + over(tail, energy(tail) / term(N) * at("W <= N", tail))
        ),
    ),
    Step(
        id="k",
        claim=le(sharp_storage.read(symbols.k), read(symbols.k)),
        rule=Split(
            over(head, energy(head) / term(N) * at("K <= N", head))
            + over(tail, energy(tail) / term(N) * at("K <= N (N x)^2", tail))
        ),
    ),
    Step(
        id="store",
        claim=le(sharp_storage.read(symbols.store), read(symbols.store)),
        rule=Split(
            over(head, eps_w * L(head, head) / (2 * term(N) ** 2 * x[head] ** 2) * at("K <= N", head))
            + over(tail, eps_w * L(tail, tail) / (2 * term(N) ** 2 * x[tail] ** 2) * at("K <= N (N x)^2", tail))
        ),
    ),
)

# Solve for phi, and put everything together.
room = 1 - (ad + av) * kappa
h, k = read(symbols.h), read(symbols.k)
phi = (kappa * (A_max + ad * h + av * k) + eps_w * total(i, 1 / (gamma * (2 - x[i])))) / room
upper = (
    Step(
        id="phi",
        claim=le(sharp_storage.phi, phi),
        rule=Algebra(1 / room * (over(i, x[i] / (2 - x[i]) * use("A_i <= max A")) + kappa * (ad * use("h") + av * use("k")))),
    ),
    Step(
        id="upper variance",
        claim=le(sharp_storage.read(sharp_storage.theorem.upper_terms["variance"]), read(theorem.upper_terms["variance"])),
        rule=Algebra(
            1
            / (2 * term(N))
            * (
                over(i, L(i, i) / (mu(i) * term(N)) * at("K >= 0", i) * (use("A_i <= max A") + av * use("k")))
                + positive(A_max + av * k) * use("sum of dt")
                + over(i, L(i, i) / mu(i) * square(learned(i)) * (ad * use("h") + (ad + av) * use("phi")))
                + positive(ad * h + (ad + av) * phi) * use("sum of dp")
            )
            + use("store")
        ),
    ),
    Step(id="upper", claim=le(risk, read(theorem.upper)), rule=Algebra(use("sharp upper") + use("upper variance"))),
)

# Below: N = m + 2, and the directions of the head have N x >= 1, those of the tail N x <= 1.
two = parameter("m")
M = two + 2
read_two = Reader({**read.meanings, symbols.N: M}, theorem.definitions)
sharp_two = Reader({**read.meanings, symbols.N: M}, sharp_storage.theorem.definitions)
at_two = {n: two + 1}
THRESHOLD = Assumption("model", "k* = max{i : mu_i >= 1/(N gamma)}")
threshold_index = (
    Step(id="min A <= A_i", claim=le(Alow_min, Alow[i]), rule=Assumption("model", "min_i Alow_i")),
    Step(id="head", claim=le(1, term(M) * x[head]), rule=THRESHOLD),
    Step(id="tail", claim=le(term(M) * x[tail], 1), rule=THRESHOLD),
)


def of_below(part: Derivation, k: Var, y: Term, hypotheses: Mapping[str, str]) -> Step:
    """8 K >= N (N y)^2 in the head (y = 1/N) or in the tail (y = x)."""
    rule = lemma(part, "K from below", {"x <= 1": f"x <= 1, {k.range}", **hypotheses}, {"y": ((k,), y)})
    claim = instance(part.step("K from below").claim, {}, rule.symbols)
    return Step(id=f"K from below, {k.range}", claim=claim, rule=rule)


below = (
    Step(id="x <= 1, head", claim=le(x[head], 1), rule=Algebra(use("x <= 1", {i: head}))),
    Step(id="1/N <= x", claim=le(1 / term(M), x[head]), rule=Algebra(1 / term(M) * use("head"))),
    Step(id="N/N <= 1", claim=le(term(M) / term(M), 1), rule=Algebra()),
    of_below(blocks_below.derivation_head, head, 1 / term(M), {"y <= x": "1/N <= x", "N y <= 1": "N/N <= 1"}),
    Step(id="x <= 1, tail", claim=le(x[tail], 1), rule=Algebra(use("x <= 1", {i: tail}))),
    Step(id="x <= x", claim=le(x[tail], x[tail]), rule=Algebra()),
    of_below(blocks_below.derivation_tail, tail, x[tail], {"y <= x": "x <= x", "N y <= 1": "tail"}),
)
D_two, dt_two = read_two(symbols.effective_dimension), sharp_two(symbols.dt[symbols.i])


def short(k: Var, name: str) -> Certificate:
    """8 K - N min(1, (N x)^2), from its sum."""
    return use(name) + 8 * use("K", {blocks.n: M, i: k})


lower = (
    Step(
        id="sum of dt, below",
        claim=le(D_two / 8, total(i, dt_two)),
        rule=Split(
            over(head, L(head, head) / (8 * mu(head) * term(M)) * short(head, "K from below, head"))
            + over(tail, L(tail, tail) / (8 * mu(tail) * term(M)) * short(tail, "K from below, tail"))
        ),
    ),
    Step(
        id="lower variance",
        claim=le(read_two(theorem.lower_terms["variance"]), sharp_two(sharp_storage.theorem.lower_terms["variance"])),
        rule=Algebra(
            1
            / (2 * term(M))
            * (
                over(
                    i,
                    L(i, i)
                    / (mu(i) * term(M))
                    * use("K >= 0", {blocks.n: M, i: i})
                    * (
                        use("min A <= A_i")
                        + adlow * over(j, energy(j) / term(M) * use("W >= 0", {blocks.n: M, i: j}))
                        + positive(eps_w * mu(i) / x[i] ** 2)
                    ),
                )
                + Alow_min * use("sum of dt, below")
            )
        ),
    ),
    Step(
        id="lower",
        claim=instance(le(read(theorem.lower), risk), at_two),
        rule=Algebra(use("sharp lower", at_two) + use("lower variance")),
    ),
)
derivation = Derivation(
    name="threshold-general",
    theorem="threshold-general",
    title="Threshold pair with the exact mean part",
    steps=(
        *hypotheses,
        *facts,
        *pieces,
        of_sharp("upper"),
        *upper,
        *threshold_index,
        *below,
        of_sharp("lower"),
        *lower,
    ),  # fmt: skip
    conclusions={"upper": "upper", "lower": "lower"},
)
