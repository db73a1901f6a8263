"""zou-2023-upper: the published bound as a corollary of P1 Theorem 4.1 in full precision.

With exact slots v^q = w* and Sigma = H, the fourth-moment condition is the noise condition with a_delta = alpha and A = sigma^2
(noise of mean zero given x).  The constants 1/2 in front of bias and variance are then enlarged to 2 and 2 (2 for alpha).
"""

from __future__ import annotations

from fractions import Fraction

from riskbounds.derivations import p1_theorem_4_1 as parent
from riskbounds.derivations.hypotheses import conditions
from riskbounds.derivations.p1_models import zou_model
from riskbounds.derivations.sgd import i, mean, mu, one_of_all, u, w, x

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Claim,
    Derivation,
    Reader,
    Step,
    Term,
    cited,
    inherited,
    instance,
    le,
    positive,
    scalar,
    term,
    total,
    use,
)
from riskbounds.theorems import Theorem
from riskbounds.theorems.zou_2023 import zou_2023_upper

N, sigma2 = parent.N, scalar("noise_variance", "0+")


def full_precision_reader(theorem: Theorem) -> Reader:
    """Reads a theorem in full precision without a sketch: mu = lam, v^q = w*."""
    read = parent.quantized_reader(theorem)
    read.meanings |= {
        symbols.lam: mu,
        symbols.target2: lambda o: mean(u[w, o] ** 2),
        symbols.trace_H: total(i, mu(i)),
    }
    return read


read = full_precision_reader(zou_2023_upper)
EXACT = {
    "vq": ((w, i), u[w, i]),
    "approximation": ((), term(0)),
    "A_max": ((), sigma2),
    "A": ((i,), sigma2),
    "ad": ((), read(symbols.alpha)),
    "av": ((), term(0)),
}


def exact(body: Term) -> Term:
    """A term of P1 Theorem 4.1 in full precision."""
    return instance(le(0, body), {}, EXACT).right


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The registered theorem as a claim, and its step-size condition."""
    here = full_precision_reader(theorem)
    return {**conditions(theorem, here), "upper": le(exact(parent.claims["upper"].left), here(theorem.upper))}


claims = statement(zou_2023_upper)
(STEP_SIZE,) = conditions(zou_2023_upper, read)
load = claims[STEP_SIZE].left
D, h = read(symbols.effective_dimension), read(symbols.h)
derivation = Derivation(
    name="zou-2023-upper",
    theorem="zou-2023-upper",
    title="SGD with iterate averaging in full precision",
    statement=statement,
    steps=(
        Step(id="papers", claim=claims[STEP_SIZE], rule=Assumption("hypothesis", STEP_SIZE)),
        *one_of_all("x_i <= sum", lambda k: x[k]),
        Step(id="x <= 1", claim=le(x[i], 1), rule=Algebra(use("x_i <= sum") + use("papers") + positive(2 * total(i, x[i])))),
        *(step for step in inherited(parent.derivation, EXACT) if step.id not in ("x <= 1", "papers")),
        cited(parent.derivation, "upper", EXACT, "general upper"),
        Step(
            id="upper",
            claim=claims["upper"],
            rule=Algebra(
                use("general upper")
                + positive(Fraction(3, 2) * read(symbols.bias))
                + positive(D / (2 * term(N)) * (3 * sigma2 + 21 * h)) * (1 / (1 - load))
            ),
            note="1/2 <= 2",
        ),
    ),
    conclusions={STEP_SIZE: "papers", "upper": "upper"},
    witness=zou_model,
)
