"""threshold-general: theory section 5 where Lam and Sigma need not commute, from the sharp pair.

The mean part stays exact.  In the variance, K <= N min(1, (N x)^2) and W <= N min(1, 1/(N x)) give the effective dimension,
h and k for any split of the directions into head and tail; phi is solved for.  Below, N >= 2 and K >= N min(1, (N x)^2)/8.
"""

from __future__ import annotations

from riskbounds.derivations import blocks, blocks_below, sharp_storage
from riskbounds.derivations.hypotheses import conditions, envelopes, named
from riskbounds.derivations.sgd import (
    DENOMINATOR,
    L,
    N,
    ad,
    adlow,
    av,
    eps_w,
    gamma,
    i,
    j,
    mean,
    mu,
    n,
    q,
    reader,
    risk,
    vq,
    w,
    x,
)  # fmt: skip
from riskbounds.derivations.sharp_storage import derivation as sharp
from riskbounds.derivations.sharp_storage import kappa
from riskbounds.derivations.threshold_models import split_model

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Claim,
    Derivation,
    Reader,
    Split,
    Step,
    Term,
    Var,
    cited,
    direction,
    inherited,
    instance,
    le,
    lin,
    over,
    parameter,
    positive,
    scalar,
    square,
    term,
    total,
    use,
)
from riskbounds.theorems import Theorem
from riskbounds.theorems.sharp_pair import sharp_storage as sharp_theorem
from riskbounds.theorems.threshold_pair import TWO_STEPS, threshold_general

head, tail = direction("i", "head"), direction("i", "tail")
A_max, Alow_min = scalar("A_max", "0+"), scalar("Alow_min", "0+")
two = parameter("m")
M = two + 2  # the number of iterates on the lower side
#: The largest and smallest noise constants.
EXTREMES = (symbols.A_max, symbols.Alow_min)
LARGEST_IDS = {"A_max": "A_i <= max A", "Alow_min": "min A <= A_i"}


def threshold_reader(theorem: Theorem, steps: Var | object = N) -> Reader:
    """Reads a threshold form: max A and min Alow are numbers that bound every A_i and Alow_i."""
    read = reader(theorem)
    read.meanings |= {symbols.N: steps, symbols.A_max: A_max, symbols.Alow_min: Alow_min}
    return read


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The registered theorem as claims; the lower side for N = m + 2."""
    read, read_two = threshold_reader(theorem), threshold_reader(theorem, M)
    upper, lower = read(theorem.upper), read_two(theorem.lower)
    return {
        **conditions(theorem, read_two),
        **envelopes(theorem, read, dict.fromkeys(EXTREMES, 1)),
        "upper": le(risk, upper),
        "lower": le(lower, instance(le(0, risk), {n: two + 1}).right),
    }


read, read_sharp = threshold_reader(threshold_general), reader(sharp_theorem)
claims = statement(threshold_general)


def at(name: str, k: Var) -> Certificate:
    """A bound of W or K for N iterates in direction k."""
    return use(name, {blocks.n: N, i: k})


def energy(k: Var) -> Term:
    """mu_k E (v^q_k)^2."""
    return mu(k) * mean(vq[w, k] ** 2)


D, h, k = (read(symbol) for symbol in (symbols.effective_dimension, symbols.h, symbols.k))
BOUNDS = ("q^m <= 1", "Bernoulli", "K >= 0", "W <= N", "x W <= 1", "K <= N", "K <= N (N x)^2")
unlearned = {blocks.m: lin(n), i: head}
rest = {blocks.m: lin(n), i: tail}
pieces = (
    Step(
        id="sum of dt",
        claim=le(total(i, read_sharp(symbols.dt[symbols.i])), D),
        rule=Split(
            over(head, L(head, head) / mu(head) / term(N) * at("K <= N", head))
            + over(tail, L(tail, tail) / mu(tail) / term(N) * at("K <= N (N x)^2", tail))
        ),
    ),
    Step(
        id="sum of dp",
        claim=le(total(i, read_sharp(symbols.dp[symbols.i])), D),
        rule=Split(
            over(head, L(head, head) / mu(head) * q(head, n) * (positive(1) + use("q^m <= 1", unlearned)))
            + over(
                tail,
                L(tail, tail)
                / mu(tail)
                * (use("Bernoulli", rest) + positive(x[tail]))
                * (positive(term(N) * x[tail]) + use("q^m <= 1", rest)),
            )
        ),
    ),
    Step(
        id="h",
        claim=le(read_sharp(symbols.h), h),
        rule=Split(
            over(head, energy(head) / (term(N) * x[head]) * at("x W <= 1", head))
            + over(tail, energy(tail) / term(N) * at("W <= N", tail))
        ),
    ),
    Step(
        id="k",
        claim=le(read_sharp(symbols.k), k),
        rule=Split(
            over(head, energy(head) / term(N) * at("K <= N", head))
            + over(tail, energy(tail) / term(N) * at("K <= N (N x)^2", tail))
        ),
    ),
    Step(
        id="store",
        claim=le(read_sharp(symbols.store), read(symbols.store)),
        rule=Split(
            over(head, eps_w * L(head, head) / (2 * term(N) ** 2 * x[head] ** 2) * at("K <= N", head))
            + over(tail, eps_w * L(tail, tail) / (2 * term(N) ** 2 * x[tail] ** 2) * at("K <= N (N x)^2", tail))
        ),
    ),
)

# Solve for phi, and put everything together.
room = 1 - (ad + av) * kappa
phi = (kappa * (A_max + ad * h + av * k) + eps_w * total(i, 1 / (gamma * (2 - x[i])))) / room
LARGEST = Step(id="A_i <= max A", claim=claims["A_max"], rule=Assumption("model", "max_i A_i"))
upper = (
    LARGEST,
    *pieces,
    Step(
        id="phi",
        claim=le(sharp_storage.phi, phi),
        rule=Algebra(1 / room * (over(i, x[i] / (2 - x[i]) * use("A_i <= max A")) + kappa * (ad * use("h") + av * use("k")))),
    ),
    Step(
        id="upper variance",
        claim=le(read_sharp(sharp_theorem.terms("upper")["variance"]), read(threshold_general.terms("upper")["variance"])),
        rule=Algebra(
            1
            / (2 * term(N))
            * (
                over(i, L(i, i) / (mu(i) * term(N)) * at("K >= 0", i) * (use("A_i <= max A") + av * use("k")))
                + positive(A_max + av * k) * use("sum of dt")
                + over(i, L(i, i) / mu(i) * square(1 - q(i, n)) * (ad * use("h") + (ad + av) * use("phi")))
                + positive(ad * h + (ad + av) * phi) * use("sum of dp")
            )
            + use("store")
        ),
    ),
    cited(sharp, "upper", name="sharp upper"),
    Step(id="upper", claim=claims["upper"], rule=Algebra(use("sharp upper") + use("upper variance"))),
)
above = Derivation(
    name="threshold-general-upper",
    theorem="threshold-general",
    title="Threshold pair with the exact mean part, upper side",
    steps=(*inherited(sharp), DENOMINATOR, *(cited(blocks.derivation, name) for name in BOUNDS), *upper),
    conclusions={"upper": "upper"},
    witness=split_model,
)

# Below, the directions of the head have N x >= 1, those of the tail N x <= 1.
THRESHOLD = Assumption("model", "k* = max{i : mu_i >= 1/(N gamma)}")
IN_HEAD, IN_TAIL = {"y": ((head,), 1 / term(M))}, {"y": ((tail,), x[tail])}


def short(k: Var, name: str) -> Certificate:
    """8 K - N min(1, (N x)^2), K in closed form."""
    return use(name) + 8 * use("K", {blocks.n: M, i: k})


read_two = threshold_reader(threshold_general, M)
TWO_ITERATES = Step(id="two iterates", claim=claims[TWO_STEPS.name], rule=Algebra(positive(term(two))))
sharp_two = Reader({**read_sharp.meanings, symbols.N: M}, sharp_theorem.definitions)
lower = (
    Step(id="min A <= A_i", claim=claims["Alow_min"], rule=Assumption("model", "min_i Alow_i")),
    Step(id="head", claim=le(1, term(M) * x[head]), rule=THRESHOLD),
    Step(id="N y <= 1, tail", claim=le(term(M) * x[tail], 1), rule=THRESHOLD),
    Step(id="x <= 1, head", claim=le(x[head], 1), rule=Algebra(use("x <= 1", {i: head}))),
    Step(id="x <= 1, tail", claim=le(x[tail], 1), rule=Algebra(use("x <= 1", {i: tail}))),
    Step(id="y <= x, head", claim=le(1 / term(M), x[head]), rule=Algebra(1 / term(M) * use("head"))),
    Step(id="N y <= 1, head", claim=le(term(M) / term(M), 1), rule=Algebra()),
    cited(blocks_below.derivation_head, "K from below", IN_HEAD, "K from below in the head"),
    cited(blocks_below.derivation_tail, "K from below", IN_TAIL, "K from below in the tail"),
    Step(
        id="sum of dt, below",
        claim=le(read_two(symbols.effective_dimension) / 8, total(i, sharp_two(symbols.dt[symbols.i]))),
        rule=Split(
            over(head, L(head, head) / (8 * mu(head) * term(M)) * short(head, "K from below in the head"))
            + over(tail, L(tail, tail) / (8 * mu(tail) * term(M)) * short(tail, "K from below in the tail"))
        ),
    ),
    Step(
        id="lower variance",
        claim=le(read_two(threshold_general.terms("lower")["variance"]), sharp_two(sharp_theorem.terms("lower")["variance"])),
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
    cited(sharp, "lower", name="sharp lower"),
    Step(id="lower", claim=claims["lower"], rule=Algebra(use("sharp lower", {n: two + 1}) + use("lower variance"))),
)
derivation = Derivation(
    name="threshold-general",
    theorem="threshold-general",
    title="Threshold pair with the exact mean part",
    statement=statement,
    steps=(
        *inherited(above),
        DENOMINATOR,
        cited(above, "upper"),
        TWO_ITERATES,
        *(cited(blocks.derivation, name) for name in ("K", "K >= 0", "W >= 0")),
        *lower,
    ),
    conclusions={
        **named(threshold_general, "x <= 1", "feedback", "two iterates"),
        **LARGEST_IDS,
        **{name: name for name in ("upper", "lower", "sum of dt, below")},
    },
    witness=split_model,
)
