"""What a step of SGD adds at random, from the exact recursion, in the form of :mod:`exact_noise`.

Given the target E v_t = v^q (1 - q^t), and Var v_{t+1} = q^2 Var v_t + S(t).  The recursion of :mod:`exact_recursion` says

    S_ii(t) = gamma x_i noise_i(t),

noise_i with the coefficients c_0, c_1, s = 1 + b, t, z, l, d of :mod:`riskbounds.asymptotics.stationary_noise`, which have the
signs that :mod:`exact_noise` asks for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import sympy as sp
from riskbounds.derivations import exact_noise as form
from riskbounds.derivations.exact_recursion import FEATURES, Features, Formulas, gamma, lam, m2, m3, m4, sigma_M2, target
from riskbounds.derivations.noise_batch import SIZE, B
from riskbounds.derivations.noise_slots import EPS
from riskbounds.derivations.noise_terms import i
from riskbounds.derivations.noise_update import kinds

from riskbounds import symbols as s
from riskbounds.asymptotics.law_setting import LawSetting, law_setting
from riskbounds.asymptotics.stationary_noise import stationary_noise
from riskbounds.model import commuting_definitions
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Claim,
    Derivation,
    Reader,
    Step,
    Symbol,
    Term,
    Var,
    eq,
    le,
    lin,
    natural,
    positive,
    power,
    term,
    use,
)
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import Additive, Elementwise, Multiplicative
from riskbounds.terms.claims import Symbols, instance

t = natural("t")
variance = Symbol("variance")
KINDS = {"multiplicative": Multiplicative, "additive": Additive, "elementwise": Elementwise}
NO_SCALE: Symbols = dict.fromkeys(("m2", "m3", "m4"), ((), term(1)))
#: Two-point scales of eps <= 1 have these; the first and the last hold for any scale.
MOMENTS = (
    Step(id="m2^2 <= m4", claim=le(m2**2, m4), rule=Assumption("model", "E (s^2 - m2)^2 >= 0")),
    Step(id="m2 m3 <= m4", claim=le(m2 * m3, m4), rule=Assumption("hypothesis", "two-point scales of eps <= 1")),
    Step(id="2 m2 m3 <= m4 + m2^3", claim=le(2 * m2 * m3, m4 + m2**3), rule=Assumption("model", "E s^2 (s - m2)^2 >= 0")),
)


@dataclass(frozen=True)
class StepNoise:
    """The recursion of a scheme whose mean moves as it does, and the coefficients of the stationary noise."""

    scheme: str

    @cached_property
    def setting(self) -> LawSetting:
        """Its slots."""
        return law_setting(self.scheme)

    @property
    def features(self) -> Features:
        """The row of section 3's table: with a floor that of an additive error, which a sketch makes of elementwise ones too."""
        return FEATURES["additive" if self.setting.e != 0 else "multiplicative"]

    def vq(self, o: Var) -> Term:
        """v^q = lam v*/mu."""
        return lam[o] * target[o] / self.features.mu(o)

    def first(self, o: Var) -> Term:
        """E v_t given the target."""
        return (1 - power(1 - gamma * self.features.mu(o), lin(t))) * self.vq(o)

    @property
    def added(self) -> Term:
        """Var v_{t+1} - q^2 Var v_t by the recursion."""
        updates = {slot: KINDS[self.scheme]("1/100") for slot in self.setting.slots if slot in EPS}
        recursion = Formulas(
            features=self.features,
            slots=kinds(Quantization(**updates), sketched=False),  # type: ignore[arg-type]
            first=self.first,
            second=lambda o: self.first(o) ** 2 + variance(t)[o],
        )
        moved = (self.first(i) + gamma * recursion.drift) ** 2
        return recursion.step - moved - (1 - gamma * self.features.mu(i)) ** 2 * variance(t)[i]

    @cached_property
    def coefficients(self) -> dict[str, Term]:
        """c_0, c_1, b, t, z, 2 l and d by the names that they have in exact_noise."""
        mu = self.features.mu
        meanings = {
            s.B: B, s.growth: m2, s.m3: m3, s.m4: m4, s.sigma_M2: sigma_M2, s.step: gamma, s.lam: lambda o: lam[o], s.mu: mu,
            s.feature_error: lambda o: mu(o) - lam[o], s.target2: lambda o: target[o] ** 2,
            **{s.EPS[slot]: eps for slot, eps in EPS.items()},
        }  # fmt: skip
        read, found = Reader(meanings, commuting_definitions({}, "clean")), stationary_noise(self.setting)
        numbers: dict[str, sp.Expr] = {
            "c_0": found.constant, "c_1": found.feedback, "excess": found.own - 1, "target": found.target, "rough": found.rough,
            "leans": 2 * found.leans, "decays": found.decays,
        }  # fmt: skip
        return {name: read(value) for name, value in numbers.items()}

    @property
    def noise(self) -> Term:
        """noise_i(t) of exact_noise."""
        mu, numbers = self.features.mu(i), dict(self.coefficients)
        energy = mu * self.vq(i) ** 2
        own = numbers.pop("target") * energy + numbers.pop("rough") * mu
        symbols: Symbols = {
            **{name: ((), value) for name, value in numbers.items()},
            "contraction": ((i,), gamma * mu),
            "target_energy": ((i,), energy),
            "own_noise": ((i,), own),
            "fluctuation": ((form.t, i), mu * variance(form.t)[i]),
        }
        return instance(le(0, form.noise(t)), {}, symbols).right

    def scaled(self, claim: Claim) -> Claim:
        """The claim, without a scale where nothing is quantized."""
        return instance(claim, {}, NO_SCALE) if self.scheme == "full-precision" else claim

    def signs(self) -> Iterator[Step]:
        """b, t, z, l and d are not negative: from the scales' moments, from B >= 1, and evidently for the rest."""
        outer, eps = (1 + EPS["output"]) / (B * m2**2), EPS["parameter"]
        shared = (eps / B * use("batch size"), eps - eps / B)
        square, third = use("m2^2 <= m4"), use("m2 m3 <= m4")
        known: dict[str, tuple[tuple[Certificate, Term], ...]] = {"rough": (shared,)}
        if self.scheme == "multiplicative":
            lean = (2 * outer * third, 2 * outer * (m4 - m2 * m3))
            known = {
                "excess": ((2 / (B * m2**2) * square, 2 / (B * m2**2) * (m4 - m2**2)), shared),
                "target": (
                    (2 * outer * use("2 m2 m3 <= m4 + m2^3"), 2 * outer * (m4 + m2**3 - 2 * m2 * m3)),
                    shared,
                ),
                "leans": (lean,),
                "decays": (lean, lean, shared, shared),
            }
        for name in ("excess", "target", "rough", "leans", "decays"):
            value, parts = self.coefficients[name], known.get(name, ())
            if value.monomials:
                rest = value - sum((part for _, part in parts), term(0))
                certificate = sum((each for each, _ in parts), positive(rest))
                yield Step(id=f"0 <= {name}", claim=self.scaled(le(0, value)), rule=Algebra(certificate))


def derivation(name: str) -> Derivation:
    """ "law-exact-steps-SCHEME"."""
    found = StepNoise(name.removeprefix("law-exact-steps-"))
    claim = found.scaled(eq(found.added, gamma**2 * found.features.mu(i) * found.noise))
    moments = MOMENTS if found.scheme == "multiplicative" else ()
    signs = tuple(found.signs())
    return Derivation(
        name=name,
        theorem="exact recursion",
        title=f"What a step adds at random, {found.scheme} scheme",
        steps=(*SIZE, *moments, Step(id="noise", claim=claim, rule=Algebra()), *signs),
        conclusions={step: step for step in ("noise", *(each.id for each in signs))},
    )
