"""What a step of SGD adds at random, from the exact recursion, in the form of :mod:`exact_noise`.

Given the target E v_t = v^q (1 - q^t), and Var v_{t+1} = q^2 Var v_t + S(t).  The recursion of :mod:`exact_recursion` says

    S_ii(t) = gamma x_i noise_i(t),

noise_i with the coefficients c_0, c_1, s = 1 + b, t, z, l, d of :mod:`riskbounds.asymptotics.stationary_noise`.
"""

from __future__ import annotations

from riskbounds.derivations import exact_noise as form
from riskbounds.derivations.exact_recursion import FEATURES, Formulas, gamma, lam, m2, m3, m4, sigma_M2, target
from riskbounds.derivations.noise_batch import SIZE, B
from riskbounds.derivations.noise_slots import EPS
from riskbounds.derivations.noise_terms import i, j
from riskbounds.derivations.noise_update import kinds

from riskbounds import symbols as s
from riskbounds.asymptotics.law_setting import law_setting
from riskbounds.asymptotics.stationary_noise import stationary_noise
from riskbounds.model import commuting_definitions
from riskbounds.proofs import Algebra, Derivation, Reader, Step, Symbol, Term, Var, eq, le, lin, natural, power, term
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import Additive, Multiplicative
from riskbounds.terms.claims import instance

t = natural("t")
variance = Symbol("variance")
KINDS = {"multiplicative": Multiplicative, "additive": Additive}


def derivation(name: str) -> Derivation:
    """ "law-exact-steps-SCHEME"."""
    scheme = name.removeprefix("law-exact-steps-")
    setting = law_setting(scheme)
    features = FEATURES["additive" if scheme == "additive" else "multiplicative"]
    plain = {"m2": ((), term(1)), "m3": ((), term(1)), "m4": ((), term(1))} if scheme == "full-precision" else {}
    slots = {slot: KINDS[scheme]("1/100") for slot in setting.slots if slot in ("label", "parameter", "activation", "output")}
    mu = features.mu

    def vq(o: Var) -> Term:
        return lam[o] * target[o] / mu(o)

    def left(o: Var, steps: object) -> Term:
        return power(1 - gamma * mu(o), lin(steps))

    def first(o: Var) -> Term:
        return (1 - left(o, t)) * vq(o)

    recursion = Formulas(
        features=features,
        slots=kinds(Quantization(**slots), sketched=False),
        first=first,
        second=lambda o: first(o) ** 2 + variance(t)[o],
    )
    added = recursion.step - (first(i) + gamma * recursion.drift) ** 2 - (1 - gamma * mu(i)) ** 2 * variance(t)[i]
    read = Reader(
        {
            s.B: B,
            s.growth: m2,
            s.m3: m3,
            s.m4: m4,
            s.sigma_M2: sigma_M2,
            s.lam: lambda o: lam[o],
            s.mu: mu,
            s.feature_error: lambda o: mu(o) - lam[o],
            s.target2: lambda o: target[o] ** 2,
            **{s.EPS[slot]: EPS[slot] for slot in EPS},
            s.step: gamma,
        },  # fmt: skip
        commuting_definitions({}, "clean"),
    )
    found = stationary_noise(setting)
    energy = mu(i) * vq(i) ** 2
    numbers = {
        "c_0": found.constant, "c_1": found.feedback, "excess": found.own - 1, "leans": 2 * found.leans, "decays": found.decays,
    }  # fmt: skip
    symbols = {
        **{name: ((), read(value)) for name, value in numbers.items()},
        "contraction": ((i,), gamma * mu(i)),
        "target_energy": ((i,), energy),
        "own_noise": ((i,), read(found.target) * energy + read(found.rough) * mu(i)),
        "fluctuation": ((form.t, i), mu(i) * variance(form.t)[i]),
    }
    noise = instance(le(0, form.noise(t)), {}, symbols).right
    claim = instance(eq(added, gamma**2 * mu(i) * noise), {}, plain)
    return Derivation(
        name=name,
        theorem="exact recursion",
        title=f"The exact recursion's noise, {scheme} scheme",
        steps=(*SIZE, Step(id="noise", claim=claim, rule=Algebra())),
        conclusions={"noise": "noise"},
    )
