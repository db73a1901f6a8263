"""P1 Theorem 4.1 against its value in full precision, first part: what the symbols mean, the noise constants, bias and h.

Every slot has an additive and a multiplicative level, one of which is 0, so that one proof serves all mixtures of structures.
The errors enter by mu_i = lam_i + e_i with e_i = eps_d, or eps_d lam_i; y_i = N gamma lam_i.
"""

from __future__ import annotations

from fractions import Fraction

from riskbounds.derivations import p1_theorem_4_1 as parent
from riskbounds.derivations.energies import size
from riskbounds.derivations.hypotheses import conditions, named
from riskbounds.derivations.minima import choice
from riskbounds.derivations.sgd import ad, av, gamma, i, mean, u, w
from riskbounds.derivations.threshold_general import THRESHOLD, A_max, head, tail

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Claim,
    Known,
    Reader,
    Split,
    Step,
    Symbol,
    Term,
    Var,
    eq,
    instance,
    le,
    lt,
    over,
    positive,
    scalar,
    term,
    total,
    use,
)
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import Multiplicative
from riskbounds.terms.functions import apply
from riskbounds.theorems import Theorem
from riskbounds.theorems.noise_rows import feature_row
from riskbounds.theorems.p1_corollary_4_2 import FACTOR, LARGEST, p1_corollary_4_2

N = term(parent.N)
lam = Symbol("lam", "+")
B, label_noise = scalar("B"), scalar("noise_variance", "0+")
HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)


def level(slot: str, structure: str) -> Term:
    """The level of a slot in one of its two structures."""
    return scalar(f"eps_{slot}_{structure}", "0+")


eps, grow = level("data", "additive"), level("data", "multiplicative")


def error(o: Var) -> Term:
    """mu_i - lam_i."""
    return eps + grow * lam[o]


def mu(o: Var) -> Term:
    """Eigenvalue of Sigma."""
    return lam[o] + error(o)


def target2(o: Var) -> Term:
    """E w*_i^2."""
    return mean(u[w, o] ** 2)


def y(o: Var) -> Term:
    """N gamma lam_i."""
    return N * gamma * lam[o]


norm2, trace_H, trace = total(i, lam[i] * target2(i)), total(i, lam[i]), total(i, mu(i))
quantized2 = total(i, lam[i] ** 2 / mu(i) * target2(i))
excess = total(i, lam[i] * error(i) / mu(i) * target2(i))
alpha, ad_data, av_data = scalar("alpha"), scalar("ad_data", "0+"), scalar("av_data", "0+")
#: The fourth central moment of a data scale over eps_d^2: 1 (two-point) or 3 (Gaussian).
kurtosis = scalar("kurtosis")
LEVELS = {
    "contraction": ((i,), gamma * mu(i)),
    "vq": ((w, i), lam[i] / mu(i) * u[w, i]),
    "approximation": ((), HALF * excess),
}


def reference_reader(theorem: Theorem) -> Reader:
    """Reads the corollary: its full-precision quantities and its largest levels."""
    read = parent.quantized_reader(theorem)
    read.meanings |= {
        symbols.lam: lambda o: lam[o], symbols.mu: mu, symbols.target2: target2, symbols.M: size, symbols.alpha: alpha,
        symbols.m2: 1 + grow, symbols.m3: 1 + 3 * grow, symbols.m4: 1 + 6 * grow + kurtosis * grow**2,
        symbols.trace_H: trace_H, symbols.trace: trace, symbols.target_norm2: norm2, symbols.ad: ad, symbols.av: av,
    }  # fmt: skip
    return read


read = reference_reader(p1_corollary_4_2)
bias_0, D_0, h_0, Z_0, U_0 = (
    read(symbol)
    for symbol in (
        symbols.reference_bias,
        symbols.reference_dimension,
        symbols.reference_h,
        symbols.reference_noise,
        symbols.reference_bound,
    )
)


def here(body: Term) -> Term:
    """A term of P1 Theorem 4.1 without a sketch, in lam and the target."""
    return instance(le(0, body), {}, LEVELS).right


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The bound of P1 Theorem 4.1 against that of full precision, the largest levels, and the step-size condition."""
    read = reference_reader(theorem)
    return {
        **conditions(theorem, read),
        "upper": le(here(parent.claims["upper"].right), FACTOR * read(symbols.reference_bound)),
        **{
            f"{slot}, {structure}": le(level(slot, structure), read(largest))
            for structure, slots in LARGEST.items()
            for slot, largest in slots.items()
        },
    }


claims = statement(p1_corollary_4_2)
#: The first of them makes the value of P1 Theorem 4.1 a bound.
STEPS = ("x <= 1", "feedback")

# The noise constants times B (theory section 4, table), one batch scale; per-sample scales give no more.
at = {slot: (level(slot, "additive"), level(slot, "multiplicative")) for slot in ("label", "parameter", "activation", "output")}
(label_a, label_m), (parameter_a, parameter_m), (activation_a, activation_m), (output_a, output_m) = at.values()
spread = alpha + B - 1  # B alpha_B
unlearned = lambda o: lam[o] * eps / (lam[o] + eps) * target2(o)  # noqa: E731
floor_excess = total(i, unlearned(i))
parameter_noise = spread * parameter_a * trace
NOISE_BEFORE = (
    label_noise
    + floor_excess
    + (1 + activation_m) * parameter_noise
    + activation_a
    + label_a
    + label_m * (3 * (label_noise + norm2) + (B - 1) * quantized2)
)
NOISE = {
    A_max: (1 + output_m) * NOISE_BEFORE + output_a,
    ad: (1 + output_m) * ad_data + output_m * B,
    av: (1 + output_m) * (av_data + spread * (parameter_m + activation_m * (1 + parameter_m))),
}
magnitude = apply("abs", grow**2 - grow)
#: The multiplicative row, which at eps_d = 0 is the additive one.
ROW = feature_row(Quantization(data=Multiplicative(1)), sketched=False)
SCALES = Assumption("model", "two-point or Gaussian scales: fourth central moment eps_d^2 or 3 eps_d^2")
TABLE = Assumption("model", "theory section 4, table, every slot additive or multiplicative")
D_here, h_here, bias_here = here(parent.D), here(parent.h), here(parent.read(symbols.bias))
load, load_0 = (ad + av) * gamma * trace, 2 * gamma * trace_H / B

model = (
    Step(id="target", claim=lt(0, h_0), rule=Assumption("model", "the target is not 0")),
    Step(id="tr H > 0", claim=lt(0, trace_H), rule=Assumption("model", "H is not 0")),
    Step(id="B >= 1", claim=le(1, B), rule=Assumption("model", "a batch has at least one sample")),
    Step(id="head", claim=le(1, N * gamma * mu(head)), rule=THRESHOLD),
    Step(id="tail", claim=le(N * gamma * mu(tail), 1), rule=THRESHOLD),
    *(
        Step(
            id=f"one structure, {slot}",
            claim=eq(level(slot, "additive") * level(slot, "multiplicative"), 0),
            rule=Assumption("hypothesis", "every quantizer is additive or multiplicative"),
        )
        for slot in ("data", *at)
    ),
    *(
        Step(id=name, claim=claim, rule=Assumption("hypothesis", "the largest levels"))
        for name, claim in claims.items()
        if name != "upper" and name not in named(p1_corollary_4_2, *STEPS)
    ),
    *(
        Step(id=step, claim=claims[name], rule=Assumption("hypothesis", name))
        for name, step in named(p1_corollary_4_2, *STEPS).items()
    ),
    Step(id="1 <= kurtosis", claim=le(1, kurtosis), rule=SCALES),
    Step(id="kurtosis <= 3", claim=le(kurtosis, 3), rule=SCALES),
    *(
        Step(id=f"data row, {constant}", claim=eq(constant, read(row)), rule=TABLE)
        for constant, row in ((alpha, ROW.c4), (ad_data, ROW.ad1), (av_data, ROW.av1))
    ),
    Step(id="square of |e^2 - e|", claim=eq(magnitude**2, (grow**2 - grow) ** 2), rule=Known("abs", (grow**2 - grow,))),
    *(Step(id=f"noise, {constant}", claim=le(B * constant, bound), rule=TABLE) for constant, bound in NOISE.items()),
    Step(id="a_delta >= 2/B", claim=le(2, B * ad), rule=TABLE),
    Step(
        id="alpha >= 3",
        claim=le(3, alpha),
        rule=Algebra(3 / (1 + grow) ** 2 * (positive(4 * grow) + grow**2 * use("1 <= kurtosis")) - use(f"data row, {alpha}")),
    ),
    Step(id="spread > 0", claim=lt(0, spread), rule=Algebra(use("alpha >= 3") + positive(2 + B))),
    Step(id="tr Sigma > 0", claim=lt(0, trace), rule=Algebra(use("tr H > 0") + positive(trace - trace_H))),
    Step(
        id="load_0 <= load",
        claim=le(load_0, load),
        rule=Algebra(gamma * trace_H / B * use("a_delta >= 2/B") + positive(ad * gamma * (trace - trace_H) + av * gamma * trace)),
    ),
    Step(id="feedback as <=", claim=le(load, HALF + load_0 / 2), rule=Algebra(use("feedback"))),
    Step(id="load < 1", claim=lt(load, 1), rule=Algebra(2 * use("feedback") + use("load_0 <= load"))),
    Step(id="load_0 < 1", claim=lt(load_0, 1), rule=Algebra(use("load_0 <= load") + use("load < 1"))),
    Step(id="half of the room", claim=lt(HALF + load_0 / 2, 1), rule=Algebra(HALF * use("load_0 < 1"))),
)

# bias <= bias_0 and h <= h_0: both fall as mu_i grows.
ratio = lambda o: lam[o] / mu(o)  # noqa: E731
E_lam, by_N = lambda o: lam[o] * target2(o), lambda o: target2(o) / (gamma * N)
by_N2 = lambda o: target2(o) / lam[o] * (1 / (gamma * N)) ** 2  # noqa: E731
smaller = lambda o: positive(E_lam(o) * error(o)) * (1 / mu(o))  # noqa: E731  # lam (1 - lam/mu) E w^2
scaled = lambda o: N * gamma * mu(o)  # noqa: E731
h_i, bias_i = lambda o: apply("min", E_lam(o), by_N(o)), lambda o: apply("min", E_lam(o), by_N2(o))
slow = (
    choice(
        "h, head",
        ratio(head) ** 2 * by_N(head),
        {
            E_lam(head): smaller(head) + ratio(head) ** 2 * by_N(head) * use("head"),
            by_N(head): by_N(head) * positive(error(head) * (mu(head) + lam[head])) * (1 / mu(head) ** 2),
        },
    ),
    choice(
        "h, tail",
        ratio(tail) * E_lam(tail),
        {
            E_lam(tail): smaller(tail),
            by_N(tail): by_N(tail) * use("tail")
            + target2(tail) * positive(error(tail) * (mu(tail) + lam[tail])) * (1 / mu(tail)),
        },
    ),
    Step(id="h", claim=le(h_here, h_0), rule=Split(over(head, use("h, head")) + over(tail, use("h, tail")))),
    choice(
        "bias, head",
        ratio(head) ** 3 * by_N2(head),
        {
            E_lam(head): smaller(head)
            + lam[head] ** 2 * target2(head) / (mu(head) * scaled(head) ** 2) * use("head") * positive(scaled(head) + 1),
            by_N2(head): by_N2(head)
            * positive(error(head) * (mu(head) ** 2 + mu(head) * lam[head] + lam[head] ** 2))
            * (1 / mu(head) ** 3),
        },
    ),
    choice(
        "bias, tail",
        ratio(tail) * E_lam(tail),
        {
            E_lam(tail): smaller(tail),
            by_N2(tail): by_N2(tail)
            * (
                use("tail") * positive(scaled(tail) + 1)
                + (gamma * N) ** 2 * error(tail) * positive(mu(tail) + lam[tail] + lam[tail] * ratio(tail))
            ),
        },
    ),
    Step(id="bias", claim=le(bias_here, bias_0), rule=Split(over(head, use("bias, head")) + over(tail, use("bias, tail")))),
)
