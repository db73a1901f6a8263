"""p1-corollary-4.2: per slot, levels at which the bound of P1 Theorem 4.1 is at most 15 times its value in full precision.

Every slot has an additive and a multiplicative level, one of which is 0, so that one proof serves all mixtures of structures.
The errors enter by mu_i = lam_i + e_i with e_i = eps_d, or eps_d lam_i; y_i = N gamma lam_i.
"""

from __future__ import annotations

from fractions import Fraction

from riskbounds.derivations import factors
from riskbounds.derivations import p1_theorem_4_1 as parent
from riskbounds.derivations.minima import choice, member
from riskbounds.derivations.minkowski import square_of_root
from riskbounds.derivations.p2_lemma_5_3 import size, sum_over_numbers
from riskbounds.derivations.sgd import A, ad, av, gamma, i, j, mean, u, w, x
from riskbounds.derivations.threshold_general import A_max, THRESHOLD, head, tail

from riskbounds import symbols
from riskbounds.proofs import (
    AboveMax,
    Algebra,
    Assumption,
    BelowMin,
    Cases,
    Certificate,
    Claim,
    Derivation,
    Known,
    Reader,
    Root,
    Split,
    Step,
    Symbol,
    Term,
    Var,
    cited,
    eq,
    inherited,
    instance,
    le,
    lt,
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
LEVELS = {
    "contraction": ((i,), gamma * mu(i)),
    "vq": ((w, i), lam[i] / mu(i) * u[w, i]),
    "approximation": ((), HALF * excess),
}


def reference_reader(theorem: Theorem) -> Reader:
    """Reads the corollary: its full-precision quantities and its largest levels."""
    read = parent.quantized_reader(theorem)
    read.meanings |= {
        symbols.lam: lambda o: lam[o], symbols.target2: lambda o: target2(o), symbols.M: size, symbols.alpha: alpha,
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
    feedback = theorem.hypotheses[1]
    return {
        "upper": le(here(parent.claims["upper"].right), FACTOR * read(symbols.reference_bound)),
        "feedback": lt(read(feedback.lhs), read(feedback.rhs)),
        **{
            f"{slot}, {structure}": le(level(slot, structure), read(largest))
            for structure, slots in LARGEST.items()
            for slot, largest in slots.items()
        },
    }


claims = statement(p1_corollary_4_2)

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
        if name not in ("upper", "feedback")
    ),
    Step(id="feedback", claim=claims["feedback"], rule=Assumption("hypothesis", p1_corollary_4_2.hypotheses[1].name)),
    Step(
        id="c4",
        claim=eq(alpha * (1 + grow) ** 2, 3 * (1 + 6 * grow + grow**2)),
        rule=Assumption("model", "alpha = 3 m4/m2^2 of a two-point scale"),
    ),
    Step(
        id="data row, delta",
        claim=eq(ad_data, 2 + 3 * grow + 3 * magnitude / (1 + grow)),
        rule=Assumption("model", "theory section 4, table: a_delta of the data"),
    ),
    Step(
        id="data row, v",
        claim=eq(av_data, 3 * magnitude / (1 + grow) + 3 * grow * (1 - grow) ** 2 / (1 + grow) ** 2),
        rule=Assumption("model", "theory section 4, table: a_v of the data"),
    ),
    Step(id="square of |e^2 - e|", claim=eq(magnitude**2, (grow**2 - grow) ** 2), rule=Known("abs", (grow**2 - grow,))),
    *(Step(id=f"noise, {constant}", claim=le(B * constant, bound), rule=TABLE) for constant, bound in NOISE.items()),
    Step(id="a_delta >= 2/B", claim=le(2, B * ad), rule=TABLE),
    Step(
        id="alpha >= 3",
        claim=le(3, alpha),
        rule=Algebra(positive(12 * grow) * (1 / (1 + grow) ** 2) - 1 / (1 + grow) ** 2 * use("c4")),
    ),
    Step(id="spread > 0", claim=lt(0, spread), rule=Algebra(use("alpha >= 3") + positive(2 + B))),
    Step(id="tr Sigma > 0", claim=lt(0, trace), rule=Algebra(use("tr H > 0") + positive(trace - trace_H))),
    Step(
        id="load_0 <= load",
        claim=le(load_0, load),
        rule=Algebra(
            gamma * trace_H / B * use("a_delta >= 2/B") + positive(ad * gamma * (trace - trace_H) + av * gamma * trace)
        ),
    ),
    Step(id="feedback as <=", claim=le(load, HALF + load_0 / 2), rule=Algebra(use("feedback"))),
    Step(id="load < 1", claim=lt(load, 1), rule=Algebra(2 * use("feedback") + use("load_0 <= load"))),
    Step(id="load_0 < 1", claim=lt(load_0, 1), rule=Algebra(use("load_0 <= load") + use("load < 1"))),
    Step(id="half of the room", claim=lt(HALF + load_0 / 2, 1), rule=Algebra(HALF * use("load_0 < 1"))),
)

# bias <= bias_0 and h <= h_0: both fall as mu_i grows.
ratio = lambda o: lam[o] / mu(o)  # noqa: E731
E_lam, by_N = lambda o: lam[o] * target2(o), lambda o: target2(o) / (gamma * N)  # noqa: E731
by_N2 = lambda o: target2(o) / lam[o] * (1 / (gamma * N)) ** 2  # noqa: E731
smaller = lambda o: positive(E_lam(o) * error(o)) * (1 / mu(o))  # noqa: E731  # lam (1 - lam/mu) E w^2
scaled = lambda o: N * gamma * mu(o)  # noqa: E731
h_i, bias_i = lambda o: apply("min", E_lam(o), by_N(o)), lambda o: apply("min", E_lam(o), by_N2(o))  # noqa: E731
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
            by_N(tail): by_N(tail) * use("tail") + target2(tail) * positive(error(tail) * (mu(tail) + lam[tail])) * (1 / mu(tail)),
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


def either(
    name: str,
    slot: str,
    parts: tuple[Term, Term],
    limit: Term,
    shown: tuple[Certificate, Certificate],
    sign: Certificate | None = None,
) -> Step:
    """parts[0] a + parts[1] b <= limit for the two levels a, b of a slot, from each part below the limit and a b = 0.

    ``sign`` shows that the first part is not negative, where that is not evident.
    """
    (a, b), (first, second) = (level(slot, "additive"), level(slot, "multiplicative")), parts
    return Step(
        id=name,
        claim=le(first * a + second * b, limit),
        rule=Cases(
            a,
            term(0),
            if_le=shown[1] + (sign or positive(first)) * use("case"),
            if_gt=shown[0] + second / a * use(f"one structure, {slot}"),
        ),
        note="one of the two levels is 0",
    )


# What the data error adds to the noise and to the risk: x <= N gamma eps_d h_0 + bias_0 + eps_d ||w*||^2.
v, top = N * gamma * eps, apply("max", 1, N * gamma * eps)
args = {structure: claims[f"data, {structure}"] for structure in ("additive", "multiplicative")}
by_h = lambda body: body * (1 / N) * (1 / gamma) * (1 / h_0)  # noqa: E731
sqrt = lambda body: apply("sqrt", body)  # noqa: E731
levels = (
    *member("eps, U_0", "data, additive", args["additive"], by_h(U_0)),
    *member("eps, Z_0", "data, additive", args["additive"], by_h(Z_0) / 2),
    *member("eps, D_0", "data, additive", args["additive"], sqrt(D_0) / sqrt(size) * (1 / N) / (2 * gamma)),
)
levels = (
    Step(id="h_0 <= norm", claim=le(h_0, norm2), rule=Algebra(over(i, use("h_i <= lam E w^2")))),
    Step(id="norm > 0", claim=lt(0, norm2), rule=Algebra(use("target") + use("h_0 <= norm"))),
    *levels,
    *member("growth <= 1/4", "data, multiplicative", args["multiplicative"], term(QUARTER)),
    *member("growth, U_0", "data, multiplicative", args["multiplicative"], U_0 / norm2),
    *member("growth, Z_0", "data, multiplicative", args["multiplicative"], Z_0 / norm2 / 48),
    *member("activation <= 1/4", "activation, multiplicative", claims["activation, multiplicative"], term(QUARTER)),
    *member(
        "activation, Z_0",
        "activation, multiplicative",
        claims["activation, multiplicative"],
        Z_0 / 4 * (1 / spread) * (1 / norm2),
    ),
    *member("output <= 1/4", "output, multiplicative", claims["output, multiplicative"], term(QUARTER)),
    *member("output, Z_0", "output, multiplicative", claims["output, multiplicative"], Z_0 / (4 * B) * (1 / h_0)),
)
levels = (
    Step(id="h_i <= lam E w^2", claim=le(h_i(i), E_lam(i)), rule=Known("min", (E_lam(i), by_N(i)))),
    *levels,
)
yy = lambda o: y(o) / (1 + y(o))  # noqa: E731
without = lam[i] + eps
data = (
    choice(
        "h_i from below",
        by_N(i) * yy(i),
        {E_lam(i): E_lam(i) * positive(y(i)) * (1 / (1 + y(i))), by_N(i): positive(by_N(i)) * (1 / (1 + y(i)))},
    ),
    choice(
        "lost to bias",
        unlearned(i) - v * h_i(i),
        {
            E_lam(i): positive(v * h_i(i)) + positive(lam[i] * E_lam(i)) * (1 / without),
            by_N2(i): v * use("h_i from below")
            + by_N2(i)
            / (N * gamma)
            / ((1 + y(i)) * without)
            * (square(y(i) * (v - HALF)) + positive(Fraction(3, 4) * y(i) ** 2 + y(i) + v + y(i) * v)),
        },
    ),
    Step(
        id="excess",
        claim=le(excess, v * h_0 + grow * norm2 + bias_0),
        rule=Algebra(
            over(
                i,
                use("lost to bias")
                + grow * E_lam(i) / (without * mu(i)) * positive(lam[i] * error(i) + eps * mu(i)),
            )
        ),
    ),
    either(
        "levels, U_0",
        "data",
        (N * gamma * h_0, norm2),
        U_0,
        (N * gamma * h_0 * use("eps, U_0"), norm2 * use("growth, U_0")),
    ),
    Step(id="1 <= top", claim=le(1, top), rule=Known("max", (term(1), v))),
    Step(id="v <= top", claim=le(v, top), rule=Known("max", (v, term(1)))),
    choice(
        "lost to h",
        unlearned(i) / top,
        {
            E_lam(i): 1 / top * (E_lam(i) * use("1 <= top") + positive(lam[i] * E_lam(i)) * (1 / without)),
            by_N(i): by_N(i) / top * (use("v <= top") + positive(v * eps) * (1 / without)),
        },
    ),
    Step(
        id="top",
        claim=le(top, Z_0 / (2 * h_0)),
        rule=AboveMax(
            tuple(
                dict(sorted({str(term(1)): positive(label_noise / 2) * (1 / h_0), str(v): N * gamma * use("eps, Z_0")}.items())).values()
            )
        ),
    ),
    Step(
        id="floor excess",
        claim=le(floor_excess, Z_0 / 2),
        rule=Algebra(top * over(i, use("lost to h")) + h_0 * use("top")),
    ),
)

# The effective dimension, by (y + v)^2 <= 25/16 y^2 + 25/9 v^2 or (1 + eps_d)^2 <= 25/16.
SHARE_D, SHARE_V = Fraction(25, 16), Fraction(25, 9)
counted = lambda o: apply("min", 1, y(o) ** 2)  # noqa: E731
root_limit = sqrt(D_0) / sqrt(size) / 2
dimension = (
    Step(
        id="square",
        claim=le(scaled(i) ** 2, SHARE_D * y(i) ** 2 + SHARE_V * v**2),
        rule=Cases(
            eps,
            term(0),
            if_le=y(i) ** 2 * (use("growth <= 1/4") * positive(Fraction(9, 4) + grow))
            + positive((SHARE_V - 1) * v**2)
            + 2 * N * gamma * y(i) * (1 + grow) * use("case"),
            if_gt=square(Fraction(3, 4) * y(i) - Fraction(4, 3) * v)
            + (y(i) ** 2 * (2 + grow) + 2 * y(i) * v) / eps * use("one structure, data"),
        ),
        note="one of the two levels is 0",
    ),
    choice(
        "counted in the head",
        (1 - SHARE_V * v**2) / SHARE_D,
        {
            term(1): positive(1 - 1 / term(SHARE_D) + SHARE_V / SHARE_D * v**2),
            y(head) ** 2: term(1 / SHARE_D)
            * (use("square", {i: head}) + use("head") * positive(scaled(head) + 1)),
        },
    ),
    choice(
        "counted in the tail",
        (scaled(tail) ** 2 - SHARE_V * v**2) / SHARE_D,
        {
            term(1): term(1 / SHARE_D)
            * (use("tail") * positive(scaled(tail) + 1) + positive(SHARE_D - 1 + SHARE_V * v**2)),
            y(tail) ** 2: term(1 / SHARE_D) * use("square", {i: tail}),
        },
    ),
    Step(
        id="D, summed",
        claim=le(D_here, SHARE_D * D_0 + SHARE_V * v**2 * total(i, 1)),
        rule=Split(
            over(head, term(SHARE_D) * use("counted in the head")) + over(tail, term(SHARE_D) * use("counted in the tail"))
        ),
    ),
    sum_over_numbers("count", lambda o: term(1)),
    square_of_root("root of D_0", D_0, positive(D_0)),
    square_of_root("root of d", term(size), positive(size)),
    Step(
        id="v^2 d",
        claim=le(v**2 * size, D_0 / 4),
        rule=Algebra(
            term(size) * N * gamma * use("eps, D_0") * positive(root_limit + v)
            + QUARTER * use("root of D_0")
            - QUARTER * sqrt(D_0) ** 2 / sqrt(size) ** 2 * use("root of d")
        ),
    ),
    Step(
        id="D",
        claim=le(D_here, (SHARE_D + SHARE_V / 4) * D_0),
        rule=Algebra(use("D, summed") + SHARE_V * v**2 * use("count") + term(SHARE_V) * use("v^2 d")),
    ),
)

# The noise: every slot within its share Z_0/4.
S = Z_0 / 4
lost_norm = over(i, E_lam(i) * positive(error(i)) * (1 / mu(i)))  # ||w*||^2 - ||v^q||^2
slower = use("h_0 <= norm") + use("h")  # ||w*||^2 - h
bracket = NOISE_BEFORE + (av_data + spread * (parameter_m + activation_m * (1 + parameter_m))) * quantized2 + ad_data * h_here
BRACKET, NOISE_LIMIT = Fraction(37, 16), Fraction(201, 64)
weighed = use("spread > 0") * use("quantized <= norm")
within = use("parameter") + parameter_m * weighed
noise = (
    Step(
        id="label weight >= 0",
        claim=le(0, 3 * label_noise + spread * norm2),
        rule=Algebra(positive(3 * label_noise) + use("spread > 0") * positive(norm2)),
    ),
    Step(id="quantized <= norm", claim=le(quantized2, norm2), rule=Algebra(lost_norm)),
    Step(
        id="|e^2 - e|",
        claim=le(magnitude, grow),
        rule=Root(
            squares=grow**3 * (use("growth <= 1/4") + positive(Fraction(7, 4))) + use("square of |e^2 - e|"), right=positive(grow)
        ),
    ),
    Step(
        id="a_delta of the data",
        claim=le(ad_data, 2 + 6 * grow),
        rule=Algebra(use("data row, delta") + 3 / (1 + grow) * use("|e^2 - e|") + positive(3 * grow**2) * (1 / (1 + grow))),
    ),
    Step(
        id="a_v of the data",
        claim=le(av_data, 6 * grow),
        rule=Algebra(
            use("data row, v")
            + 3 / (1 + grow) * use("|e^2 - e|")
            + positive(3 * grow**2) * (1 / (1 + grow))
            + positive(12 * grow**2) * (1 / (1 + grow) ** 2)
        ),
    ),
    either(
        "parameter",
        "parameter",
        (spread * trace, spread * norm2),
        S,
        (
            use("spread > 0") * positive(trace) * use("parameter, additive"),
            use("spread > 0") * positive(norm2) * use("parameter, multiplicative"),
        ),
        sign=use("spread > 0") * positive(trace),
    ),
    either(
        "label",
        "label",
        (term(1), 3 * label_noise + spread * norm2),
        S,
        (use("label, additive"), use("label weight >= 0") * use("label, multiplicative")),
    ),
    either(
        "activation",
        "activation",
        (term(1), spread * norm2),
        S,
        (use("activation, additive"), use("spread > 0") * positive(norm2) * use("activation, Z_0")),
    ),
    either(
        "output",
        "output",
        (term(1), B * h_0),
        S,
        (use("output, additive"), B * h_0 * use("output, Z_0")),
    ),
    either(
        "data noise",
        "data",
        (total(i, lam[i] / without * target2(i)), 12 * norm2),
        2 * S,
        (use("floor excess"), 12 * norm2 * use("growth, Z_0") + positive(S)),
    ),
    Step(
        id="bracket",
        claim=le(bracket, BRACKET * Z_0),
        rule=Algebra(
            use("data noise")
            + within
            + use("activation")
            + activation_m * weighed
            + activation_m * within
            + use("activation <= 1/4") * positive(S)
            + use("label")
            + label_m * (use("alpha >= 3") * positive(norm2) + use("B >= 1") * use("quantized <= norm"))
            + use("a_v of the data") * positive(quantized2)
            + 6 * grow * use("quantized <= norm")
            + use("a_delta of the data") * positive(h_here)
            + 2 * use("h")
            + 6 * grow * slower
        ),
    ),
    Step(
        id="noise",
        claim=le(B * (A_max + ad * h_here + av * quantized2), NOISE_LIMIT * Z_0),
        rule=Algebra(
            use(f"noise, {A_max}")
            + positive(h_here) * use(f"noise, {ad}")
            + positive(quantized2) * use(f"noise, {av}")
            + (1 + output_m) * use("bracket")
            + use("output <= 1/4") * positive(BRACKET * Z_0)
            + use("output")
            + output_m * B * use("h")
        ),
    ),
)

# Together: the variance grows with its three factors.
FACTORS = {
    "dimension": ((), D_here), "dimension_above": ((), (SHARE_D + SHARE_V / 4) * D_0),
    "noise_below": ((), A_max + ad * h_here + av * quantized2), "noise_above": ((), NOISE_LIMIT * Z_0 / B),
    "load": ((), load), "load_above": ((), HALF + load_0 / 2),
}  # fmt: skip
MULTIPLE = 2 * (SHARE_D + SHARE_V / 4) * NOISE_LIMIT
together = (
    Step(id="D >= 0", claim=le(0, D_here), rule=Algebra(positive(D_here))),
    Step(id="noise >= 0", claim=le(0, A_max + ad * h_here + av * quantized2), rule=Algebra(positive(A_max + ad * h_here + av * quantized2))),
    Step(id="noise per batch", claim=le(A_max + ad * h_here + av * quantized2, NOISE_LIMIT * Z_0 / B), rule=Algebra(1 / B * use("noise"))),
    cited(
        factors.derivation,
        "variance",
        FACTORS,
        hypotheses={
            "0 <= D": "D >= 0", "0 <= Z": "noise >= 0", "Z": "noise per batch", "load": "feedback as <=", "load < 1": "half of the room",
        },
    ),
    Step(
        id="upper",
        claim=claims["upper"],
        rule=Algebra(
            HALF * use("excess")
            + HALF * use("levels, U_0")
            + HALF * use("bias")
            + 1 / (2 * N) * use("variance")
            + positive((FACTOR - HALF - MULTIPLE) * U_0)
            + positive((MULTIPLE / 2 - 1) * bias_0)
        ),
    ),
)  # fmt: skip
derivation = Derivation(
    name="p1-corollary-4.2",
    theorem="p1-corollary-4.2",
    title="Levels that keep the full-precision order",
    statement=statement,
    steps=(*model, *slow, *levels, *data, *dimension, *noise, *together),
    conclusions={name: name for name in claims},
)
