"""p1-corollary-4.3: P1 Theorem 4.1 for a power law, and the rule that compares mantissa with integer bits."""

from __future__ import annotations

from functools import partial

from riskbounds.derivations import factors
from riskbounds.derivations import p1_theorem_4_1 as parent
from riskbounds.derivations.hypotheses import named
from riskbounds.derivations.p1_power_dimension import D_there, dimension
from riskbounds.derivations.p1_power_law import (
    BOUND,
    COEFFICIENTS,
    HALF,
    LEVELS,
    SOURCES,
    N,
    claims,
    floor,
    lam,
    learned,
    model,
    mu,
    noise_level,
    norms,
    quantized2,
    statement,
    target2,
    trace,
    unquantized,
)
from riskbounds.derivations.p1_power_model import power_law_model
from riskbounds.derivations.p1_power_sums import bias_steps, h_there, peaks, slow
from riskbounds.derivations.sgd import ad, av, gamma, i

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Derivation,
    Step,
    cited,
    instance,
    le,
    over,
    positive,
    term,
    use,
)
from riskbounds.theorems.p1_corollary_4_3 import p1_corollary_4_3

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
            COEFFICIENTS[symbols.excess] * use("excess >= 0") + positive(noise_level({**SOURCES, symbols.excess: term(0)}))
        ),
    ),
    Step(
        id="noise >= 0",
        claim=le(0, noise_there),
        rule=Algebra(use("noise level >= 0") + positive(ad * h_there + av * quantized2)),
    ),
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
    Step(id="papers", claim=instance(parent.claims[parent.FEEDBACK], {}, LEVELS), rule=Algebra(use("load") + use("step size"))),
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
        rule=Algebra(use("general upper") + HALF * use("excess") + HALF * use("bias") + 1 / (2 * N) * use("variance")),
    ),
)
derivation = Derivation(
    name="p1-corollary-4.3",
    theorem="p1-corollary-4.3",
    title="Power law, additive and multiplicative quantization",
    statement=statement,
    steps=(*model, *learned, *norms, *dimension, *slow, *peaks, *bias_steps, *together),
    conclusions={
        **named(p1_corollary_4_3, "x <= 1", "step size"),
        **{"A_max": "A_i <= max A", "target_max": "W", "upper": "upper"},
    },
    witness=partial(power_law_model, noise=noise_level(SOURCES), trace=BOUND[symbols.trace]),
)
