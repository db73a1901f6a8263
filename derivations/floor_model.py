"""What the derivations from P2 Lemma 5.4 share: how they read a theorem, and the model of additive errors and a power law.

Real powers of a floor that may be zero: e_low = phi c2 r_low^a with phi = [e_low > 0] and (e_low/c2)^{1/a} = phi r_low, e_high
alike with c1.
"""

from __future__ import annotations

from riskbounds.derivations import power_law
from riskbounds.derivations.energies import c3, down, rank, size
from riskbounds.derivations.floor_dimension import high, low
from riskbounds.derivations.p2_lemma_5_1 import papers_reader
from riskbounds.derivations.power_law import K, K_low, a, p
from riskbounds.derivations.power_law_constants import constants
from riskbounds.derivations.sgd import L, gamma, i, mean, mu, u, w

from riskbounds import symbols
from riskbounds.proofs import (
    AboveMax,
    Algebra,
    Assumption,
    AtUnitVector,
    Certificate,
    Claim,
    Reader,
    Step,
    Term,
    eq,
    le,
    lin,
    lt,
    parameter,
    positive,
    scalar,
    term,
    use,
)
from riskbounds.theorems import Theorem
from riskbounds.theorems.p2_lemma_5_4 import lemma_5_4

steps_done = parameter("k")
N = steps_done + 1
c1, c2 = scalar("c1"), scalar("c2")
e_low, e_high = scalar("floor_low", "0+"), scalar("floor_high", "0+")
root_low, root_high = scalar("root_floor_low"), scalar("root_floor_high")
root_four = scalar("root_four")  # 4^{1/a}


def floor_reader(theorem: Theorem, steps: object = N) -> Reader:
    """Reads a theorem about additive errors and a power law for N iterates: K, K_low, envelopes, roots of floors are numbers."""
    read = papers_reader(theorem, steps)
    a_ = symbols.a
    zero_or_more = (symbols.floor_low / symbols.c2) ** (1 / a_)
    read.meanings |= {
        symbols.lam: lambda k: L(k, k),
        symbols.target2: lambda k: mean(u[w, k] ** 2),
        symbols.feature_error: lambda k: mu(k) - L(k, k),
        a_: a, symbols.M: size, symbols.reach: K, symbols.reach_low: K_low, symbols.c1: c1, symbols.c2: c2, symbols.c3: c3,
        symbols.c3_low: scalar("c3_low", "0+"), symbols.floor_low: e_low, symbols.floor_high: e_high,
        (symbols.floor_low / symbols.c2) ** (1 / a_): low * root_low,
        (symbols.floor_high / symbols.c1) ** (1 / a_): high * root_high,
        (symbols.floor_high / symbols.c1) ** ((a_ - 1) / a_): high * p(root_high, lin(a) - 1),
        (4 * symbols.floor_high / symbols.c1) ** (1 / a_): root_four * high * root_high,
        (zero_or_more / (1 + zero_or_more)) ** (a_ - 1): low * p(root_low / (1 + root_low), lin(a) - 1),
        (symbols.step * symbols.N * symbols.floor_high) ** (1 / a_): high * K_low * root_high,
    }  # fmt: skip
    return read


def hypothesis(name: str, claim: Claim, source: str) -> Step:
    """A hypothesis of the theorem, or how its constants are read off the instance."""
    return Step(id=name, claim=claim, rule=Assumption("hypothesis", source))


def model_step(name: str, claim: Claim, source: str) -> Step:
    """What a symbol of the derivation stands for."""
    return Step(id=name, claim=claim, rule=Assumption("model", source))


def reaches(steps: object) -> tuple[Step, Step]:
    """K and K_low for a number of iterates."""
    found, source = constants(lemma_5_4, floor_reader(lemma_5_4, steps)), "K = (c2 gamma N)^{1/a}, K_low with c1"
    return model_step("K", found["reach"], source), model_step("K_low", found["reach_low"], source)


def learned_below(steps: object) -> Step:
    """N x_i >= (K_low/i)^a."""
    return Step(
        id="y below",
        claim=le(p(K_low, a) * rank(i, down), gamma * steps * mu(i)),
        rule=Algebra(gamma * steps * (use("lam below") + use("lam <= mu")) + rank(i, down) * use("K_low")),
        note="N x >= gamma N lam",
    )


EXPONENT = Step(id="a > 1", claim=power_law.A_LAW.claim, rule=power_law.A_LAW.rule)
TWICE = Step(id="2a > 1", claim=lt(1, term(a) * 2), rule=Algebra(2 * use("a > 1") + positive(1)))
_EIGENVALUES = "c1 i^-a <= lam_i <= c2 i^-a"
CONSTANTS = constants(lemma_5_4, floor_reader(lemma_5_4))
LAM_ABOVE = hypothesis("lam above", CONSTANTS["c2"], _EIGENVALUES)
LAM_BELOW = hypothesis("lam below", CONSTANTS["c1"], _EIGENVALUES)
LAM_BELOW_MU = Step(id="lam <= mu", claim=le(L(i, i), mu(i)), rule=AtUnitVector("Lam <= Sigma", "f", i))
_FLOOR = "e_low <= (Sigma - Lam)_ii <= e_high"
FLOOR_BELOW = hypothesis("floor below", CONSTANTS["floor_low"], _FLOOR)
_ENERGY = "c3_low i^-a <= lam_i E v*_i^2"
ENERGY_BELOW = hypothesis("energy below", CONSTANTS["c3_low"], _ENERGY)
FLOOR_ABOVE = hypothesis("floor above", CONSTANTS["floor_high"], _FLOOR)
E_LOW = model_step("e_low", eq(e_low, low * c2 * p(root_low, a)), "phi r_low = (e_low/c2)^{1/a}")
E_HIGH = model_step("e_high", eq(e_high, high * c1 * p(root_high, a)), "phi r_high = (e_high/c1)^{1/a}")
_PHI = "phi is 1 if the floor is positive, else 0"
PHI_LOW = model_step("phi_low", le(low, 1), _PHI)
PHI_HIGH = model_step("phi_high", eq(high**2, high), _PHI)


def above_max(choices: dict[Term, Certificate]) -> AboveMax:
    """max of the choices is at most the right side, each with its certificate, in the order of the maximum's arguments."""
    return AboveMax(tuple(choices[choice] for choice in sorted(choices, key=str)))
