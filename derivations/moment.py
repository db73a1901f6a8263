"""moment: the sharp pair's upper side with the largest noise constant, for any data law (theory section 4).

Nothing in the proof of sharp-storage uses the law of the data except the noise condition, which alpha and sbar^2 give
(derivation noise-moment); replacing A_i by max A only enlarges what it multiplies.
"""

from __future__ import annotations

from riskbounds.derivations import blocks, sharp_storage
from riskbounds.derivations.hypotheses import conditions, envelopes, named
from riskbounds.derivations.sgd import DENOMINATOR, L, N, ad, av, i, mu, n, q, risk, x
from riskbounds.derivations.threshold_general import LARGEST, at, sharp, threshold_reader
from riskbounds.derivations.witnesses import sgd_model

from riskbounds import symbols
from riskbounds.proofs import Algebra, Claim, Derivation, Step, cited, inherited, le, over, square, term, use
from riskbounds.theorems import Theorem
from riskbounds.theorems.moment_bound import moment


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The registered theorem as a claim."""
    read = threshold_reader(theorem)
    return {**conditions(theorem, read), **envelopes(theorem, read, {symbols.A_max: 1}), "upper": le(risk, read(theorem.upper))}


read = threshold_reader(moment)
phi = read(symbols.phi)
room = 1 - (ad + av) * sharp_storage.kappa
derivation = Derivation(
    name="moment",
    theorem="moment",
    title="Upper bound from fourth moments, any data law",
    statement=statement,
    steps=(
        *inherited(sharp),
        DENOMINATOR,
        LARGEST,
        cited(blocks.derivation, "K >= 0"),
        cited(sharp, "upper", name="sharp upper"),
        Step(
            id="phi",
            claim=le(sharp_storage.phi, phi),
            rule=Algebra(1 / room * over(i, x[i] / (2 - x[i]) * use("A_i <= max A"))),
        ),
        Step(
            id="upper",
            claim=statement(moment)["upper"],
            rule=Algebra(
                use("sharp upper")
                + 1
                / (2 * term(N))
                * over(
                    i,
                    L(i, i) / mu(i) * (1 / term(N) * at("K >= 0", i) * use("A_i <= max A"))
                    + L(i, i) / mu(i) * square(1 - q(i, n)) * (ad + av) * use("phi"),
                )
            ),
        ),
    ),
    conclusions={**named(moment, "x <= 1", "feedback"), "A_max": "A_i <= max A", "upper": "upper"},
    witness=sgd_model,
)
