"""p1-theorem-4.2: the multiplicative case of P1 Theorem 4.1, one scale per batch, by substitution of mu = (1 + eps_d) lam.

Added: h at most its value with v^q = w* and mu = lam, and ||v^q||^2_Sigma = ||w*||_H^2/(1 + eps_d) <= ||w*||_H^2.
"""

from __future__ import annotations

from functools import partial

from riskbounds.derivations import p1_theorem_4_1 as parent
from riskbounds.derivations.hypotheses import conditions, named
from riskbounds.derivations.p1_models import scheme_model
from riskbounds.derivations.sgd import A, ad, av, gamma, i, mean, u, w
from riskbounds.derivations.threshold_general import head, tail

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Claim,
    Derivation,
    Reader,
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
    over,
    positive,
    scalar,
    term,
    total,
    use,
)
from riskbounds.theorems import Theorem
from riskbounds.theorems.noise import noise_constants
from riskbounds.theorems.p1_theorem_4_2 import EVERY_SLOT, p1_theorem_4_2

N = parent.N
lam = Symbol("lam", "+")
eps_d, B = scalar("eps_d", "0+"), scalar("B")
growth = 1 + eps_d
norm2 = total(i, lam[i] * mean(u[w, i] ** 2))
label_noise = scalar("noise_variance", "0+")


def mu(o: Var) -> Term:
    """Eigenvalue of Sigma."""
    return growth * lam[o]


def multiplicative_reader(theorem: Theorem) -> Reader:
    """Reads a theorem for multiplicative data errors without a sketch, in lam and the target."""
    read = parent.spectral_reader(theorem, lam, mu)
    read.meanings |= {
        symbols.quantized_target2: lambda o: mean(u[w, o] ** 2) / growth**2,
        symbols.target_norm2: norm2,
        symbols.quantized_norm2: norm2 / growth,
        symbols.sigma_M2: label_noise,
        symbols.label_second_moment: label_noise + norm2,
    }
    return read


read = multiplicative_reader(p1_theorem_4_2)
CONSTANTS = noise_constants(EVERY_SLOT, sketched=False)
LEVELS = {
    "contraction": ((i,), gamma * mu(i)),
    "vq": ((w, i), u[w, i] / growth),
    "approximation": ((), read(p1_theorem_4_2.terms("upper")["approximation"])),
    "A_max": ((), read(symbols.sigma_G2) - av * norm2),
}


def excess(body: Term) -> Term:
    """A term of P1 Theorem 4.1 in the multiplicative case."""
    return instance(le(0, body), {}, LEVELS).right


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The registered theorem as a claim, and its step-size condition."""
    here = multiplicative_reader(theorem)
    return {**conditions(theorem, here), "upper": le(excess(parent.claims["upper"].left), here(theorem.upper))}


claims = statement(p1_theorem_4_2)
share = scalar("eps_l", "0+") * (1 + scalar("eps_o", "0+")) / B
PROVED_HERE = ("papers", "A_i <= max A")
steps = (
    *(step for step in inherited(parent.derivation, LEVELS) if step.id not in PROVED_HERE),
    Step(id="papers", claim=claims[parent.FEEDBACK], rule=Assumption("hypothesis", parent.FEEDBACK)),
    Step(id="B >= 1", claim=le(1, B), rule=Assumption("model", "a batch has at least one sample")),
    Step(
        id="noise constants",
        claim=eq(A[i], read(CONSTANTS.A)),
        rule=Assumption("model", "every slot multiplicative: derivations noise-multiplicative and noise-update"),
    ),
    Step(
        id="A_i <= max A",
        claim=le(A[i], LEVELS["A_max"][1]),
        rule=Algebra(use("noise constants") + use("B >= 1") * positive(share * eps_d * norm2) * (1 / growth)),
    ),
    Step(
        id="h",
        claim=le(excess(parent.h), read(symbols.h)),
        rule=Split(
            over(head, 1 / (gamma * N) * mean(u[w, head] ** 2) * positive(eps_d * (2 + eps_d)) * (1 / growth**2))
            + over(tail, mean(u[w, tail] ** 2) * positive(lam[tail] * eps_d) * (1 / growth))
        ),
        note="v^q <= w* and mu (v^q)^2 <= lam w*^2",
    ),
    cited(parent.derivation, "upper", LEVELS, "general upper"),
    Step(
        id="upper",
        claim=claims["upper"],
        rule=Algebra(
            use("general upper")
            + positive(read(symbols.effective_dimension) / (2 * term(N)))
            * (1 / (1 - claims[parent.FEEDBACK].left))
            * (ad * use("h") + positive(av * eps_d * norm2) * (1 / growth))
        ),
    ),
)
derivation = Derivation(
    name="p1-theorem-4.2",
    theorem="p1-theorem-4.2",
    title="Multiplicative quantization",
    statement=statement,
    steps=steps,
    conclusions={**named(p1_theorem_4_2, "x <= 1", "papers"), "upper": "upper"},
    witness=partial(scheme_model, scheme="multiplicative", constants=read(CONSTANTS.A), direction=i),
)
