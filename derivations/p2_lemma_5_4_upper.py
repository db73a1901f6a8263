"""p2-lemma-5.4, upper side: Lemma 5.1 for additive feature errors and a power law, no sum left.

The sums are those of derivations.energies, with the energies mu_i E (v^q_i)^2 and N x_i >= (K_low/i)^a.
"""

from __future__ import annotations

from fractions import Fraction

from riskbounds.derivations import energies, floor_dimension
from riskbounds.derivations import p2_lemma_5_1 as parent
from riskbounds.derivations.energies import (
    RATIO,
    below_min,
    c3,
    down,
    floor,
    rank,
    size,
)
from riskbounds.derivations.floor_dimension import high, low, r_floor_high, r_floor_low
from riskbounds.derivations.floor_model import (
    CONSTANTS,
    E_HIGH,
    E_LOW,
    EXPONENT,
    FLOOR_ABOVE,
    FLOOR_BELOW,
    LAM_ABOVE,
    LAM_BELOW,
    LAM_BELOW_MU,
    PHI_HIGH,
    PHI_LOW,
    TWICE,
    N,
    above_max,
    e_high,
    e_low,
    floor_reader,
    hypothesis,
    learned_below,
    reaches,
    root_high,
    root_low,
    steps_done,
)  # fmt: skip
from riskbounds.derivations.hypotheses import conditions
from riskbounds.derivations.minkowski import smaller_square, square_of_root
from riskbounds.derivations.p2_lemma_5_1 import papers_reader
from riskbounds.derivations.power_law import K, K_low, a, p, r_high, r_low
from riskbounds.derivations.power_law_constants import constants
from riskbounds.derivations.power_law_models import general_model
from riskbounds.derivations.sgd import L, ad, av, gamma, i, j, mu, n, r, risk, u, vq, w, x, z
from riskbounds.derivations.threshold_general import THRESHOLD, A_max, M, energy, head, tail

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Certificate,
    Claim,
    Derivation,
    Known,
    Split,
    Step,
    Term,
    cited,
    eq,
    inherited,
    instance,
    le,
    over,
    positive,
    square,
    term,
    total,
    use,
)
from riskbounds.terms.functions import apply
from riskbounds.theorems import Theorem
from riskbounds.theorems.p2_lemma_5_4 import lemma_5_4

HALF = Fraction(1, 2)
scale = gamma * N


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The registered theorem's upper side, its hypotheses and constants as claims, the upper side for N = k + 1."""
    read = floor_reader(theorem)
    return {
        **conditions(theorem, floor_reader(theorem, M)),
        **constants(theorem, read),
        "upper": le(instance(le(0, risk), {n: steps_done}).right, read(theorem.upper)),
    }


(COMMUTING,) = set(lemma_5_4.definitions[symbols.shrinkage_high].args) - {symbols.shrinkage}
EXPLICIT = floor_reader(lemma_5_4)(COMMUTING)
claims = statement(lemma_5_4)
read, there = floor_reader(lemma_5_4), papers_reader(parent.lemma_5_1, N)
time = term(N) * x[i]
model = (
    EXPONENT,
    TWICE,
    LAM_ABOVE,
    LAM_BELOW,
    hypothesis("energy above", CONSTANTS["c3"], "mu_i E (v^q_i)^2 <= c3 i^-a"),
    *reaches(N),
    Step(id="head", claim=le(1, term(N) * x[head]), rule=THRESHOLD),
    Step(id="tail", claim=le(term(N) * x[tail], 1), rule=THRESHOLD),
    FLOOR_BELOW,
    FLOOR_ABOVE,
    E_LOW,
    E_HIGH,
    PHI_LOW,
    PHI_HIGH,
    LAM_BELOW_MU,
    learned_below(N),
)

# bias, h and k.
ENERGIES = {"energy": ((i,), energy(i)), "learned": ((i,), time)}
bias_there, h_there, k_there, D, shrinkage = (
    there(symbol) for symbol in (symbols.bias, symbols.h, symbols.k, symbols.effective_dimension, symbols.shrinkage)
)
learned_floor = scale * e_low
MOST = apply("max", 1, learned_floor)


floor_learned = lambda o: scale * (use("floor below", {i: o}) + positive(L(o, o)))  # noqa: E731
limit = c3 * positive(p(size, 1 - a)) * (1 / (term(a) - 1))
sums = (
    *(cited(energies.derivation, name, ENERGIES) for name in energies.derivation.conclusions),
    Step(
        id="max, head",
        claim=le(MOST, term(N) * x[head]),
        rule=above_max({term(1): use("head"), learned_floor: floor_learned(head)}),
    ),
    Step(
        id="max, tail",
        claim=le(MOST, 1),
        rule=above_max({term(1): positive(0), learned_floor: floor_learned(tail) + use("tail")}),
    ),
    Step(
        id="h, floor",
        claim=le(h_there, c3 * RATIO / MOST),
        rule=Split(
            over(head, energy(head) / (term(N) * x[head]) / MOST * use("max, head"))
            + over(tail, energy(tail) / MOST * use("max, tail"))
            + 1 / MOST * (use("norm") + limit)
        ),
    ),
    Step(
        id="bias, floor",
        claim=le(bias_there, c3 * RATIO / MOST**2),
        rule=Split(
            over(
                head,
                energy(head)
                / (term(N) * x[head] * MOST) ** 2
                * use("max, head")
                * (positive(term(N) * x[head]) + positive(MOST)),
            )
            + over(tail, energy(tail) / MOST**2 * use("max, tail") * (positive(1) + positive(MOST)))
            + 1 / MOST**2 * (use("norm") + limit)
        ),
    ),
    Step(
        id="k",
        claim=le(k_there, c3 * RATIO),
        rule=Split(over(tail, energy(tail) * use("tail") * (positive(1) + positive(term(N) * x[tail]))) + use("norm") + limit),
    ),
)


def at_most(name: str, left: Term, choices: dict[Term, Certificate]) -> tuple[Step, Step, Step]:
    """left <= c3 min(...), each choice with its certificate for left <= c3 choice."""
    scaled = apply("min", *(c3 * choice for choice in choices))
    return (
        Step(
            id=f"{name}, each",
            claim=le(left, scaled),
            rule=below_min({c3 * choice: each for choice, each in choices.items()}),
        ),
        Step(
            id=f"{name}, scaled",
            claim=eq(scaled, c3 * apply("min", *choices)),
            rule=Known("min scaled", (c3, *choices), positive(c3)),
        ),
        Step(id=name, claim=le(left, c3 * apply("min", *choices)), rule=Algebra(use(f"{name}, each") + use(f"{name}, scaled"))),
    )


CAPPED = RATIO * p(K_low, 1 - a)
finals = (
    *at_most(
        "bias",
        bias_there,
        {
            p(size, a + 1) * p(K_low, down * 2): use("bias, size"),
            CAPPED: use("bias, capped"),
            RATIO / MOST**2: use("bias, floor"),
        },
    ),
    *at_most(
        "h",
        h_there,
        {term(size) * p(K_low, down): use("h, size"), CAPPED: use("h, capped"), RATIO / MOST: use("h, floor")},
    ),
)

# D: lam/mu <= i^-a c2/e_low, and (gamma N)^2 lam mu <= (gamma N)^2 lam^2 + (gamma N)^2 lam e_high.
FLOORED = {
    "share": ((i,), L(i, i) / mu(i)),
    "learned": ((i,), time),
    "reach_floor_low": ((), 1 / root_low),
    "reach_floor_high": ((), K * K_low * root_high),
}
reach_high = p(K, a) * rank(i, down)
GROWING = term(a) * 2 * K / (term(a) * 2 - 1) + RATIO * K * high * K_low * root_high
floored = term(size) * low * root_low
MOST_FLOORED = apply("max", 1, floored)
dimension = (
    Step(id="share", claim=le(L(i, i) / mu(i), 1), rule=Algebra(1 / mu(i) * use("lam <= mu"))),
    Step(
        id="share above",
        claim=le(low * L(i, i) / mu(i), p(root_low, down) * rank(i, down)),
        rule=Algebra(
            1 / mu(i) * p(root_low, down) * rank(i, down) * (use("floor below") + positive(L(i, i)) - use("e_low"))
            + low / mu(i) * use("lam above")
        ),
        note="lam <= c2 i^-a and e_low <= mu",
    ),
    Step(
        id="gN lam",
        claim=le(scale * L(i, i), reach_high),
        rule=Algebra(scale * use("lam above") - rank(i, down) * use("K")),
    ),
    Step(
        id="learned above",
        claim=le(time**2 * L(i, i) / mu(i), reach_high**2 + high * reach_high * p(K_low, a) * p(root_high, a)),
        rule=Algebra(
            scale**2 * L(i, i) * use("floor above")
            + use("gN lam") * (use("gN lam") + positive(2 * scale * L(i, i)) + positive(scale * e_high))
            + reach_high * (scale * use("e_high") - high * p(root_high, a) * use("K_low"))
        ),
    ),
    *(cited(floor_dimension.derivation, name, FLOORED, f"D, {name}") for name in ("size", "shrinking", "growing")),
    Step(
        id="D max",
        claim=eq(apply("max", D, D * floored), D * MOST_FLOORED),
        rule=Known("max scaled", (D, term(1), floored), positive(D)),
    ),
    Step(
        id="D, floor",
        claim=le(apply("max", D, D * floored), RATIO * term(size)),
        rule=above_max(
            {
                D: use("D, size") + positive(term(size)) * (1 / (term(a) - 1)),
                D * floored: term(size) * root_low * use("D, shrinking"),
            }
        ),
    ),
    Step(
        id="D",
        claim=le(D, read(symbols.effective_dimension)),
        rule=below_min(
            {
                term(size): use("D, size"),
                RATIO * size / MOST_FLOORED: 1 / MOST_FLOORED * (use("D, floor") - use("D max")),
                GROWING: use("D, growing"),
            },
        ),
    ),
)

# The upper side, one factor at a time.
s_here, bias, h, k, D_here = (
    read(symbol) for symbol in (symbols.shrinkage_high, symbols.bias, symbols.h, symbols.k, symbols.effective_dimension)
)
sqrt = lambda body: apply("sqrt", body)  # noqa: E731
distance = over(r, over(w, square(total(j, z[r, j] * (u[w, j] - vq[w, j])))))
noise_there, larger_noise = A_max + ad * h_there + av * k_there, ad * use("h") + av * use("k")
low_root, high_root = sqrt(shrinkage) * sqrt(bias_there), sqrt(s_here) * sqrt(bias)
upper = (
    Step(id="s", claim=le(shrinkage, s_here), rule=Known("max", (shrinkage, EXPLICIT))),
    square_of_root("root of s there", shrinkage, distance),
    square_of_root("root of bias there", bias_there, positive(bias_there)),
    square_of_root("root of s", s_here, distance + use("s")),
    square_of_root("root of bias", bias, positive(bias_there) + use("bias")),
    smaller_square(
        "roots",
        low_root,
        high_root,
        distance * use("bias")
        + (positive(bias_there) + use("bias")) * use("s")
        + sqrt(bias_there) ** 2 * use("root of s there")
        + shrinkage * use("root of bias there")
        - sqrt(bias) ** 2 * use("root of s")
        - s_here * use("root of bias"),
        positive(high_root),
    ),
    Step(
        id="variance",
        claim=le(D * noise_there, D_here * (A_max + ad * h + av * k)),
        rule=Algebra(use("D") * (positive(noise_there) + larger_noise) + positive(D) * larger_noise),
    ),
    cited(parent.above, "upper", name="general upper"),
    Step(
        id="upper",
        claim=claims["upper"],
        rule=Algebra(
            use("general upper", {n: steps_done})
            + HALF * use("s")
            + HALF * use("bias")
            + use("roots")
            + 1 / (2 * term(N)) * (1 / (1 - parent.load)) * use("variance")
        ),
    ),
)
above = Derivation(
    name="p2-lemma-5.4-upper",
    theorem="p2-lemma-5.4",
    title="Explicit form for a power law, additive levels, upper side",
    steps=(
        *inherited(parent.above),
        *floor(K, r_high),
        *floor(K_low, r_low),
        *floor(1 / root_low, r_floor_low),
        *floor(K * K_low * root_high, r_floor_high),
        *model,
        *sums,
        *finals,
        *dimension,
        *upper,
    ),
    conclusions={"upper": "upper"},
    witness=general_model,
)
