"""p2-theorem-4.1: Lemma 5.3's upper side in effective sizes.

sqrt(s bias) <= (s/eps + eps bias)/2, the minima with M are dropped, and with t = (gamma N)^{1/a} every K^{1-a} is a multiple of
t^{1-a}; F is the multiple over its value C in full precision, and F t^{1-a} = (gamma N_eff)^{1/a-1}.
"""

from __future__ import annotations

from fractions import Fraction

from riskbounds.derivations import p2_lemma_5_3 as parent
from riskbounds.derivations.effective_sizes import (
    POSITIVE,
    REACH,
    SHARE_OF_BIAS,
    C,
    effective_reader,
    falling,
    rate_above,
    reaches,
    root2,
    roots,
    share_of_bias,
    share_steps,
    sizes,
    t,
)
from riskbounds.derivations.energies import RATIO, SHARE, c3, size
from riskbounds.derivations.hypotheses import conditions, named
from riskbounds.derivations.minkowski import square_of_root
from riskbounds.derivations.p2_lemma_5_2 import collected, growth
from riskbounds.derivations.p2_lemma_5_3 import N, steps_done
from riskbounds.derivations.power_law import a, falling_power, p
from riskbounds.derivations.power_law_constants import constant_ids, constants
from riskbounds.derivations.power_law_models import in_effective_sizes, multiplicative_model
from riskbounds.derivations.sgd import ad, av, n, risk

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Claim,
    Derivation,
    Known,
    Step,
    Term,
    cited,
    eq,
    inherited,
    instance,
    le,
    lin,
    lt,
    positive,
    square,
    term,
    use,
)
from riskbounds.terms.functions import apply
from riskbounds.theorems import Theorem
from riskbounds.theorems.p2_theorem_4_1 import theorem_4_1

HALF = Fraction(1, 2)


def here(body: Term) -> Term:
    """A term of Lemma 5.3 in the roots."""
    return instance(le(0, body), {}, REACH).right


CAPPED, FLAT = here(parent.CAPPED), here(parent.FLAT_BIAS)


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The registered theorem as claims, for N = k + 1: its hypotheses and constants, its upper side, N_eff and F."""
    read = effective_reader(theorem, N)
    return {
        **conditions(theorem, read),
        **constants(theorem, read),
        **collected(theorem),
        **sizes(read),
        **share_of_bias(read, HALF * c3 * CAPPED),
        "upper": le(instance(le(0, risk), {n: steps_done}).right, read(theorem.upper)),
    }


read = effective_reader(theorem_4_1, N)
K, K_low = REACH["reach"][1], REACH["reach_low"][1]
bias, D, h, k = (here(body) for body in (parent.bias, parent.D_here, parent.h_here, parent.k_here))
level = read(symbols.noise_level)
claims = statement(theorem_4_1)

# The mean part.
sqrt = lambda body: apply("sqrt", body)  # noqa: E731
NORM = parent.NORM
lost = sqrt(c3) * sqrt(SHARE) / growth
mean = (
    *falling_power("M^{1-a} <= 1", term(1), term(size), lin(a), use("a > 1"), positive(term(size) - 1)),
    square_of_root("root of bias", bias, positive(bias)),
    square_of_root("root of c3", c3, positive(c3)),
    square_of_root("root of share", SHARE, 1 / (term(a) - 1) * (use("a > 1") + use("M^{1-a} <= 1"))),
    Step(
        id="cross term",
        claim=le((1 - 1 / growth) * sqrt(c3) * sqrt(SHARE) * sqrt(bias), HALF * (growth - 1) * (NORM / growth**2 + bias)),
        rule=Algebra(
            HALF * use("growth") * square(lost - sqrt(bias))
            + HALF
            * (growth - 1)
            * (use("root of bias") + 1 / growth**2 * (SHARE * use("root of c3") + sqrt(c3) ** 2 * use("root of share")))
        ),
        note="sqrt(s bias) <= (s/eps + eps bias)/2",
    ),
    Step(id="minimum of bias", claim=le(apply("min", CAPPED, FLAT), CAPPED), rule=Known("min", (CAPPED, FLAT))),
)

# The variance.
unit = 2 * term(a) * K / (2 * term(a) - 1)
H = (RATIO, CAPPED, term(size) * p(K_low, lin(a) * -1))
noise = parent.A_max + ad * h + av * k
variance = (
    Step(id="minimum of D", claim=le(apply("min", unit, term(size)), unit), rule=Known("min", (unit, term(size)))),
    Step(id="minimum of h", claim=le(apply("min", *H), RATIO), rule=Known("min", H)),
    Step(
        id="variance",
        claim=le(D * noise * (1 / parent.room), unit / growth * level),
        rule=Algebra(
            1
            / (growth * parent.room)
            * (
                use("minimum of D") * (positive(noise) + ad * c3 / growth * use("minimum of h"))
                + positive(growth * D * ad * c3 / growth) * use("minimum of h")
            )
        ),
    ),
)
upper = (
    Step(
        id="data term",
        claim=eq(
            HALF * c3 * CAPPED + unit * level / (2 * term(N) * growth),
            C * read(symbols.data_factor) * t**falling,
        ),
        rule=Algebra(term(a) / (2 * term(a) - 1) * root2 * level * use("K/N")),
    ),
    *rate_above(),
    cited(parent.above, "upper", REACH, "general upper"),
    Step(
        id="upper",
        claim=claims["upper"],
        rule=Algebra(
            use("general upper")
            + use("cross term")
            + HALF * c3 * use("minimum of bias")
            + 1 / (2 * term(N)) * use("variance")
            + use("data term")
            - C * t**falling * use("root of F")
            + C * use("rate")
        ),
    ),
)
PROVED_HERE = ("K", "K_low")
*positive_steps, share = share_steps(claims, theorem_4_1)
data_term = positive_steps[-1].claim.right / term(a)
positive_steps.append(Step(id="data term/a > 0", claim=lt(0, data_term), rule=Algebra(1 / term(a) * use("data term > 0"))))
derivation = Derivation(
    name="p2-theorem-4.1",
    theorem="p2-theorem-4.1",
    title="Scaling law in effective sizes, multiplicative levels, upper",
    statement=statement,
    steps=(
        *(step for step in inherited(parent.above, REACH) if step.id not in PROVED_HERE),
        Step(id="2a > 1", claim=lt(1, term(lin(a) * 2)), rule=Algebra(2 * use("a > 1") + positive(1))),
        *roots(read, N),
        *reaches(N),
        *positive_steps,
        share,
        parent.parent.above.step("growth"),
        *mean,
        *variance,
        *upper,
    ),
    conclusions={
        **named(theorem_4_1, "papers", *POSITIVE),
        **constant_ids(theorem_4_1),
        "eps_bar_1": "levels",
        **{name: name for name in (*sizes(read), SHARE_OF_BIAS, "upper")},
    },
    witness=lambda random: in_effective_sizes(multiplicative_model(random, least_alpha=3), claims),
)
