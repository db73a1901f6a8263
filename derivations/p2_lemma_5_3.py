"""p2-lemma-5.3, upper side: Lemma 5.2 for a power law, every sum replaced by an explicit bound in M and gamma N.

With number i of a direction, N x_i <= (K/i)^a and N x_i >= (K_low/i)^a; the sums over i are those of derivations.power_law and
derivations.energies.
"""

from __future__ import annotations

from fractions import Fraction

from riskbounds.derivations import energies, power_law
from riskbounds.derivations import p2_lemma_5_2 as parent
from riskbounds.derivations.energies import RATIO, SHARE, by_cap, by_count, c3, cap, capped, down, floor, number, rank, size
from riskbounds.derivations.hypotheses import conditions
from riskbounds.derivations.minkowski import smaller_square, square_of_root
from riskbounds.derivations.p2_lemma_5_2 import growth, lam, multiplicative_reader
from riskbounds.derivations.power_law import K, K_low, a, falling_power, p, r_high, r_low
from riskbounds.derivations.power_law_constants import constants as constants_of
from riskbounds.derivations.power_law_models import multiplicative_model
from riskbounds.derivations.sgd import ad, av, gamma, i, mean, n, risk, u, w, x
from riskbounds.derivations.threshold_general import THRESHOLD, A_max, M, head, tail

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Claim,
    Derivation,
    Known,
    Lin,
    Reader,
    Split,
    Step,
    Term,
    Var,
    at_most_min,
    cited,
    eq,
    inherited,
    instance,
    le,
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
from riskbounds.terms.functions import apply
from riskbounds.theorems import Theorem
from riskbounds.theorems.p2_lemma_5_3 import lemma_5_3

steps_done = parameter("k")
N = steps_done + 1
c1, c2 = scalar("c1"), scalar("c2")
HALF = Fraction(1, 2)


def power_law_reader(theorem: Theorem, steps: object = N) -> Reader:
    """Reads a theorem about a power law: K, K_low and the envelopes are numbers with defining relations."""
    read = multiplicative_reader(theorem, steps)
    read.meanings |= {
        symbols.a: a, symbols.M: size, symbols.reach: K, symbols.reach_low: K_low, symbols.c1: c1, symbols.c2: c2, symbols.c3: c3,
        symbols.c3_low: scalar("c3_low", "0+"),
    }  # fmt: skip
    return read


def energy(o: Var) -> Term:
    """lam_i E v*_i^2."""
    return lam(o) * mean(u[w, o] ** 2)


read = power_law_reader(lemma_5_3)
there = multiplicative_reader(parent.lemma_5_2, N)
ENVELOPE = Assumption("hypothesis", "c1 i^-a <= lam_i <= c2 i^-a and lam_i E v*_i^2 <= c3 i^-a")
REACH = Assumption("model", "K = (c2 gamma N (1+eps_bar_1))^{1/a}, K_low with c1")


def law_of_contractions(steps: Lin) -> tuple[Step, ...]:
    """(K_low/i)^a <= N x_i <= (K/i)^a for N = ``steps``, from the envelopes."""
    scale, constants = gamma * steps * growth, constants_of(lemma_5_3, power_law_reader(lemma_5_3, steps))
    return (
        Step(id="a > 1", claim=power_law.A_LAW.claim, rule=power_law.A_LAW.rule),
        Step(id="2a > 1", claim=lt(1, term(lin(a) * 2)), rule=Algebra(2 * use("a > 1") + positive(1))),
        Step(id="lam above", claim=constants["c2"], rule=ENVELOPE),
        Step(id="lam below", claim=constants["c1"], rule=ENVELOPE),
        Step(id="K", claim=constants["reach"], rule=REACH),
        Step(id="K_low", claim=constants["reach_low"], rule=REACH),
        Step(
            id="N x above",
            claim=le(term(steps) * x[i], p(K, a) * rank(i, down)),
            rule=Algebra(scale * use("lam above") - rank(i, down) * use("K")),
        ),
        Step(
            id="N x below",
            claim=le(p(K_low, a) * rank(i, down), term(steps) * x[i]),
            rule=Algebra(scale * use("lam below") + rank(i, down) * use("K_low")),
        ),
    )


model = (
    parent.above.step("growth"),
    *law_of_contractions(N),
    Step(id="energy above", claim=constants_of(lemma_5_3, read)["c3"], rule=ENVELOPE),
    Step(id="head", claim=le(1, term(N) * x[head]), rule=THRESHOLD),
    Step(id="tail", claim=le(term(N) * x[tail], 1), rule=THRESHOLD),
)


# D: every direction counts min(1, (K/i)^{2a}) at most.
twice = lin(a) * 2
square_above = lambda o: use("N x above", {i: o}) * (use("N x above", {i: o}) + positive(2 * term(N) * x[o]))  # noqa: E731
D = there(symbols.effective_dimension)


def fewer(o: Var, one: Certificate, power: Certificate) -> Certificate:
    """min(1, (K/i)^{2a}) less what a direction counts, from certificates for either."""
    left = term(1) if o == head else (term(N) * x[o]) ** 2
    return at_most_min(left, {term(1): one, p(K, twice) * rank(o, twice * -1): power})


more_in_head = square_above(head) + use("head") * (use("head") + positive(2))
less_in_tail = use("tail") * (positive(1) + positive(term(N) * x[tail]))
dimension = (
    *capped("dimension", power_law.capped_twice, K, r_high, twice, "reach"),
    Step(
        id="D by caps",
        claim=le(growth * D, total(i, cap(K, number[i], twice))),
        rule=Split(
            over(head, fewer(head, positive(0), more_in_head)) + over(tail, fewer(tail, less_in_tail, square_above(tail)))
        ),
    ),
    Step(
        id="D",
        claim=le(growth * D, apply("min", term(size), term(twice) * K / (term(twice) - 1))),
        rule=Algebra(
            at_most_min(
                growth * D,
                {
                    term(size): use("D by caps") + by_count("dimension"),
                    term(twice) * K / (term(twice) - 1): use("D by caps") + by_cap("dimension"),
                },
            )
        ),
    ),
)

# bias, h, k and ||v*||^2: the energies are lam_i E v*_i^2, and N x passes 1 at the threshold.
ENERGIES = {"energy": ((i,), energy(i)), "learned": ((i,), term(N) * x[i])}
bias_there, h_there, k_there, norm_there = (
    there(symbol) for symbol in (symbols.bias, symbols.h, symbols.k, symbols.target_norm2)
)
FLAT_BIAS, CAPPED = p(size, a + 1) * p(K_low, down * 2), RATIO * p(K_low, 1 - a)
NORM = c3 * SHARE
limit = positive(c3 * p(size, 1 - a)) * (1 / (term(a) - 1))
spent = use("head") * (1 / (term(N) * x[head])) * positive(energy(head))  # e - e/(N x)


def at_most(name: str, left: Term, choices: dict[Term, Certificate]) -> tuple[Step, Step]:
    """left <= c3 min(...), each choice with its certificate for left <= c3 choice."""
    scaled = apply("min", *(c3 * choice for choice in choices))
    return (
        Step(
            id=f"{name}, scaled",
            claim=eq(scaled, c3 * apply("min", *choices)),
            rule=Known("min scaled", (c3, *choices), positive(c3)),
        ),
        Step(
            id=name,
            claim=le(left, c3 * apply("min", *choices)),
            rule=Algebra(at_most_min(left, {c3 * choice: each for choice, each in choices.items()}) + use(f"{name}, scaled")),
        ),
    )


sums = (
    *floor(K_low, r_low),
    *(
        cited(energies.derivation, name, ENERGIES, hypotheses={"y below": "N x below"})
        for name in energies.derivation.conclusions
    ),
    Step(id="h by the norm", claim=le(growth * h_there, norm_there), rule=Split(over(head, spent))),
    Step(
        id="k by the norm",
        claim=le(growth * k_there, norm_there),
        rule=Split(over(tail, energy(tail) * use("tail") * (positive(1) + positive(term(N) * x[tail])))),
    ),
    *at_most("bias", growth * bias_there, {FLAT_BIAS: use("bias, size"), CAPPED: use("bias, capped")}),
    *at_most(
        "h",
        growth * h_there,
        {
            term(size) * p(K_low, down): use("h, size"),
            CAPPED: use("h, capped"),
            RATIO: use("h by the norm") + use("norm") + limit,
        },
    ),
    Step(
        id="k",
        claim=le(growth * k_there, c3 * RATIO),
        rule=Algebra(use("k by the norm") + use("norm") + limit),
    ),
)

# The upper side, one factor at a time.


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The registered theorem as claims: the upper side for N = k + 1, the lower side for N = m + 2."""
    read = power_law_reader(theorem)
    return {
        **conditions(theorem, power_law_reader(theorem, M)),
        **constants_of(theorem, read),
        **parent.collected(theorem),
        "upper": le(instance(le(0, risk), {n: steps_done}).right, read(theorem.upper)),
    }


claims = statement(lemma_5_3)
bias, D_here, h_here, k_here = (read(symbol) for symbol in (symbols.bias, symbols.effective_dimension, symbols.h, symbols.k))
excess = use("growth") * positive(1 / growth)
squared = square(1 - 1 / growth)
sqrt = lambda body: apply("sqrt", body)  # noqa: E731
low_root, high_root = sqrt(norm_there) * sqrt(bias_there), sqrt(bias) * sqrt(c3) * sqrt(SHARE)
noise_there = A_max + ad * h_there + av * k_there
larger_noise = ad * (1 / growth) * use("h") + av * (1 / growth) * use("k")
roots = (
    *falling_power("M^{1-a} <= 1", term(1), term(size), lin(a), use("a > 1"), positive(term(size) - 1)),
    square_of_root("root of norm", norm_there, positive(norm_there)),
    square_of_root("root of bias there", bias_there, positive(bias_there)),
    square_of_root("root of bias", bias, positive(bias_there) + 1 / growth * use("bias")),
    square_of_root("root of c3", c3, positive(c3)),
    square_of_root("root of share", SHARE, 1 / (term(a) - 1) * (use("a > 1") + use("M^{1-a} <= 1"))),
    smaller_square(
        "roots",
        low_root,
        high_root,
        positive(norm_there) * (1 / growth) * use("bias")
        + (positive(bias_there) + 1 / growth * use("bias")) * use("norm")
        + sqrt(bias_there) ** 2 * use("root of norm")
        + norm_there * use("root of bias there")
        - sqrt(c3) ** 2 * sqrt(SHARE) ** 2 * use("root of bias")
        - bias * sqrt(SHARE) ** 2 * use("root of c3")
        - bias * c3 * use("root of share"),
        positive(high_root),
    ),
)
room = 1 - parent.parent.load
upper = (
    *roots,
    Step(
        id="variance",
        claim=le(D * noise_there, D_here * (A_max + ad * h_here + av * k_here)),
        rule=Algebra(1 / growth * use("D") * (positive(noise_there) + larger_noise) + positive(D) * larger_noise),
    ),
    cited(parent.above, "upper", name="general upper"),
    Step(
        id="upper",
        claim=claims["upper"],
        rule=Algebra(
            use("general upper", {n: steps_done})
            + HALF * squared * use("norm")
            + HALF / growth * use("bias")
            + excess * use("roots")
            + 1 / (2 * term(N)) * (1 / room) * use("variance")
        ),
    ),
)
above = Derivation(
    name="p2-lemma-5.3-upper",
    theorem="p2-lemma-5.3",
    title="Explicit form for a power law, multiplicative levels, upper side",
    steps=(
        *(step for step in inherited(parent.above) if step.id != "a > 1"),
        *model,
        *dimension,
        *sums,
        *upper,
    ),
    conclusions={"upper": "upper"},
    witness=multiplicative_model,
)
