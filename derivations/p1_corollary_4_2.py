"""p1-corollary-4.2: per slot, levels at which the bound of P1 Theorem 4.1 is at most 15 times its value in full precision."""

from __future__ import annotations

from fractions import Fraction

from riskbounds.derivations import factors
from riskbounds.derivations.hypotheses import named
from riskbounds.derivations.p1_data_level import SHARE_D, SHARE_V, data, dimension, either, levels, without
from riskbounds.derivations.p1_full_precision import (
    D_0,
    HALF,
    NOISE_BEFORE,
    STEPS,
    U_0,
    Z_0,
    B,
    D_here,
    E_lam,
    N,
    activation_m,
    ad_data,
    av_data,
    bias_0,
    claims,
    error,
    grow,
    h_0,
    h_here,
    label_m,
    label_noise,
    lam,
    load,
    load_0,
    magnitude,
    model,
    mu,
    norm2,
    output_m,
    parameter_m,
    quantized2,
    slow,
    spread,
    statement,
    target2,
    trace,
)
from riskbounds.derivations.p1_levels_model import levels_model
from riskbounds.derivations.sgd import ad, av, i
from riskbounds.derivations.threshold_general import A_max

from riskbounds.proofs import (
    Algebra,
    Derivation,
    Root,
    Step,
    cited,
    le,
    over,
    positive,
    term,
    total,
    use,
)
from riskbounds.theorems.p1_corollary_4_2 import FACTOR, p1_corollary_4_2

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
        rule=Algebra(use(f"data row, {ad_data}") + 3 / (1 + grow) * use("|e^2 - e|") + positive(3 * grow**2) * (1 / (1 + grow))),
    ),
    Step(
        id="a_v of the data",
        claim=le(av_data, 6 * grow),
        rule=Algebra(
            use(f"data row, {av_data}")
            + 3 / (1 + grow) * use("|e^2 - e|")
            + positive(3 * grow**2) * (1 / (1 + grow))
            + 3 * grow**2 / (1 + grow) ** 2 * (use("kurtosis <= 3") + positive(2))
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
noise_here = A_max + ad * h_here + av * quantized2
FACTORS = {
    "dimension": ((), D_here), "dimension_above": ((), (SHARE_D + SHARE_V / 4) * D_0),
    "noise_below": ((), noise_here), "noise_above": ((), NOISE_LIMIT * Z_0 / B),
    "load": ((), load), "load_above": ((), HALF + load_0 / 2),
}  # fmt: skip
MULTIPLE = 2 * (SHARE_D + SHARE_V / 4) * NOISE_LIMIT
together = (
    Step(id="D >= 0", claim=le(0, D_here), rule=Algebra(positive(D_here))),
    Step(id="noise >= 0", claim=le(0, noise_here), rule=Algebra(positive(noise_here))),
    Step(id="noise per batch", claim=le(noise_here, NOISE_LIMIT * Z_0 / B), rule=Algebra(1 / B * use("noise"))),
    cited(
        factors.derivation,
        "variance",
        FACTORS,
        hypotheses={
            "0 <= D": "D >= 0",
            "0 <= Z": "noise >= 0",
            "Z": "noise per batch",
            "load": "feedback as <=",
            "load < 1": "half of the room",
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
)
derivation = Derivation(
    name="p1-corollary-4.2",
    theorem="p1-corollary-4.2",
    title="Levels that keep the full-precision order",
    statement=statement,
    steps=(*model, *slow, *levels, *data, *dimension, *noise, *together),
    conclusions={name: name for name in claims} | named(p1_corollary_4_2, *STEPS),
    witness=levels_model,
)
