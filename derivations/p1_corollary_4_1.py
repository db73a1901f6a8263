"""p1-corollary-4.1: the additive case of P1 Theorem 4.1, by substitution of mu = lam + eps_d and of the table's noise constants.

Added: mu_i <= tr Sigma in max A, and h at most its value with v^q = w* and mu = lam, because v^q = lam/(lam + eps_d) w*.
"""

from __future__ import annotations

from functools import partial

from riskbounds.derivations import p1_theorem_4_1 as parent
from riskbounds.derivations.hypotheses import conditions, named
from riskbounds.derivations.p1_models import scheme_model
from riskbounds.derivations.sgd import A, gamma, i, mean, one_of_all, u, w
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
from riskbounds.theorems.p1_corollary_4_1 import EVERY_SLOT, p1_corollary_4_1

N = parent.N
lam = Symbol("lam", "+")
eps_d, B = scalar("eps_d", "0+"), scalar("B")


def mu(o: Var) -> Term:
    """Eigenvalue of Sigma."""
    return lam[o] + eps_d


def additive_reader(theorem: Theorem) -> Reader:
    """Reads a theorem for additive data errors without a sketch, in lam and the target."""
    read = parent.spectral_reader(theorem, lam, mu)
    read.meanings |= {
        symbols.quantized_target2: lambda o: (lam[o] / mu(o)) ** 2 * mean(u[w, o] ** 2),
        symbols.M: total(i, 1),
    }
    return read


read = additive_reader(p1_corollary_4_1)
CONSTANTS = noise_constants(EVERY_SLOT, sketched=False)
LEVELS = {
    "contraction": ((i,), gamma * mu(i)),
    "vq": ((w, i), lam[i] / mu(i) * u[w, i]),
    "approximation": ((), read(p1_corollary_4_1.terms("upper")["approximation"])),
    "A_max": ((), read(symbols.sigma_G2)),
    "ad": ((), read(CONSTANTS.ad)),
    "av": ((), term(0)),
}


def excess(body: Term) -> Term:
    """A term of P1 Theorem 4.1 in the additive case."""
    return instance(le(0, body), {}, LEVELS).right


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The registered theorem as a claim, and its step-size condition."""
    here = additive_reader(theorem)
    return {**conditions(theorem, here), "upper": le(excess(parent.claims["upper"].left), here(theorem.upper))}


claims = statement(p1_corollary_4_1)

PROVED_HERE = ("papers", "A_i <= max A", "noise below")
approximation = scalar("noise_variance", "0+") + 2 * read(p1_corollary_4_1.terms("upper")["approximation"])
constants = Reader({**read.meanings, symbols.sigma_q2: approximation})
steps = (
    *(step for step in inherited(parent.derivation, LEVELS) if step.id not in PROVED_HERE),
    Step(id="papers", claim=claims[parent.FEEDBACK], rule=Assumption("hypothesis", parent.FEEDBACK)),
    Step(
        id="noise constants",
        claim=eq(A[i], constants(CONSTANTS.A)),
        rule=Assumption("model", "every slot additive: derivations noise-additive and noise-update"),
    ),
    *one_of_all("mu_i <= tr Sigma", mu),
    Step(
        id="A_i <= max A",
        claim=le(A[i], read(symbols.sigma_G2)),
        rule=Algebra(use("noise constants") + scalar("eps_p", "0+") * (1 + 1 / B) * use("mu_i <= tr Sigma")),
    ),
    Step(
        id="h",
        claim=le(excess(parent.h), read(symbols.h)),
        rule=Split(
            over(head, 1 / (gamma * N) * mean(u[w, head] ** 2) * positive(eps_d * (2 * lam[head] + eps_d)) * (1 / mu(head) ** 2))
            + over(tail, mean(u[w, tail] ** 2) * positive(lam[tail] * eps_d) * (1 / mu(tail)))
        ),
        note="v^q <= w* and mu (v^q)^2 <= lam w*^2",
    ),
    cited(parent.derivation, "upper", LEVELS, "general upper"),
    Step(
        id="upper",
        claim=claims["upper"],
        rule=Algebra(
            use("general upper")
            + positive(read(symbols.effective_dimension) / (term(N) * B)) * (1 / (1 - claims[parent.FEEDBACK].left)) * use("h")
        ),
    ),
)
derivation = Derivation(
    name="p1-corollary-4.1",
    theorem="p1-corollary-4.1",
    title="Additive quantization",
    statement=statement,
    steps=steps,
    conclusions={**named(p1_corollary_4_1, "x <= 1", "papers"), "upper": "upper"},
    witness=partial(scheme_model, scheme="additive", constants=constants(CONSTANTS.A), direction=i),
)
