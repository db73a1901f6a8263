"""The noise of a law's exact side: the stationary point of the exact recursion (derivations/exact_recursion.py) on the power law.

Once the mean has settled, f_i = mu_i Var v_i, w_i = mu_i (v^q_i)^2 and the noise r per step obey

    2 f_i = x_i (r + s f_i + t w_i + z mu_i) + eps_w/gamma,    r = c_0 + c_1 sum f,    v* with E w*_i^2 = 1,

with the coefficients that :mod:`riskbounds.asymptotics.stationary_noise` reads off the recursion, so that

    (1 - c_1 kappa) r = c_0 + c_1 (omega + U),    kappa = sum x/(2 - s x),    omega = sum x (t w + z mu)/(2 - s x),

U = sum eps_w/(gamma (2 - s x)).  The law writes c_1 as its feedback and c_0 + c_1 omega as V (less the floor's excess), and
expands kappa, omega and U in the step size; what is left of them is explicit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from random import Random

from riskbounds.derivations.exact_recursion import FEATURES, Formulas
from riskbounds.derivations.law_levels import NOTHING, Levels, i, in_sums, x
from riskbounds.derivations.law_reading import gamma
from riskbounds.derivations.noise_batch import SIZE, B
from riskbounds.derivations.noise_slots import Slots
from riskbounds.derivations.power_law import a
from riskbounds.derivations.power_law_models import with_numbers

from riskbounds import symbols as s
from riskbounds.asymptotics.laws import Law, law
from riskbounds.asymptotics.stationary_noise import StationaryNoise, stationary_noise
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Claim,
    Definition,
    Derivation,
    Model,
    Reader,
    Step,
    Symbol,
    Term,
    eq,
    lt,
    over,
    scalar,
    term,
    total,
    use,
)
from riskbounds.terms.claims import instance

HALF = Fraction(1, 2)
f, own = Symbol("fluctuation"), scalar("own", "?")
ENDS = ("fixed point", "feedback", "V", "kappa", "omega", "U", "noise")


@dataclass(frozen=True)
class Stationary(Levels):
    """The stationary noise of a scheme; B is the number of a batch's samples, as in the recursion."""

    @cached_property
    def read(self) -> Reader:
        """As of the other sides."""
        found = Levels(self.scheme).read
        return Reader({**found.meanings, s.B: B}, found.definitions)

    def reader(self, found: Law) -> Reader:
        """With omega itself for what the law expands it to."""
        plain = super().reader(found)
        return Reader({**plain.meanings, s.first_noise: self.omega}, plain.definitions)

    @cached_property
    def coefficients(self) -> StationaryNoise:
        """c_0, c_1, s, t, z of the module."""
        return stationary_noise(self.setting)

    @cached_property
    def found(self) -> Law:
        """The law."""
        return law(self.scheme, "exact")

    @property
    def feedback(self) -> Term:
        """c_1."""
        return self.read(self.coefficients.feedback)

    @property
    def stored(self) -> Term:
        """eps_w, or 0 where weights are stored exactly."""
        return self.read(s.eps_w) if "storage" in self.setting.slots else term(0)

    @property
    def noise_per_step(self) -> Term:
        """r = c_0 + c_1 sum f."""
        return self.read(self.coefficients.constant) + self.feedback * total(i, f[i])

    @property
    def driven(self) -> Term:
        """t w_i + z mu_i."""
        w = self.lam(i) ** 2 * gamma / x[i]
        return self.read(self.coefficients.target) * w + self.read(self.coefficients.rough) * x[i] / gamma

    def settled(self, body: Term) -> Term:
        """sum of a direction's noise over 2 - s x."""
        return total(i, body / (2 - own * x[i]))

    @property
    def kappa(self) -> Term:
        """kappa."""
        return self.settled(x[i])

    @property
    def omega(self) -> Term:
        """omega."""
        return self.settled(x[i] * self.driven)

    @property
    def U(self) -> Term:
        """U."""
        return self.settled(self.stored / gamma)

    @property
    def stationary(self) -> Claim:
        """E v_i^2 is what the recursion makes of itself, where E v = v^q."""
        kinds = {"additive": "additive"}
        slots = {slot: kinds.get(self.scheme, "relative") for slot in ("label", "activation", "output")}
        slots["parameter"] = self.scheme
        used = {slot: kind for slot, kind in slots.items() if slot in self.setting.slots}
        mean = lambda o: self.lam(o) * gamma / x[o]  # noqa: E731
        second = lambda o: f[o] * gamma / x[o] + mean(o) ** 2  # noqa: E731
        features = FEATURES["multiplicative" if self.scheme == "multiplicative" else "additive"]
        formulas = Formulas(features=features, slots=Slots(**used), first=mean, second=second)
        known = {
            "lam": ((i,), self.lam(i)), "mu": ((i,), x[i] / gamma), "target": ((i,), term(1)),
            "sigma_M2": ((), self.read(s.sigma_M2)), "m2": ((), self.g),
        }  # fmt: skip
        return instance(eq(second(i), formulas.step + self.stored), {}, known)

    def expansions(self) -> tuple[Step, ...]:
        """kappa, omega and U against the law's, which have body (1/2 + s x/4 + ...) for body/(2 - s x), and the next order."""
        both, y = x[i] + self.first, own * x[i]
        t, z = self.read(self.coefficients.target), self.read(self.coefficients.rough)
        squares = t / (2 * gamma * self.g**2) if self.setting.e == 0 else term(0)
        parts = (
            ("kappa", s.kappa, x[i], 2, over(i, (HALF + own * both / 4) * use("power law") + self.first**2 / 4 * use("s"))),
            ("omega", s.first_noise, x[i] * self.driven, 1, over(i, (squares + z / (2 * gamma)) * both * use("power law"))),
            ("U", s.shared_noise, self.stored / gamma, 1, NOTHING),
        )
        named = self.found.definitions
        return tuple(
            Step(
                id=name,
                claim=eq(self.settled(body), self.read(named[symbol]) + total(i, body * y**order / (2**order * (2 - y)))),
                rule=Algebra(differ),
            )
            for name, symbol, body, order, differ in parts
            if symbol in named
        )

    def steps(self) -> tuple[Step, ...]:
        """The fixed point, the law's numbers, and r."""
        r, feedback, V = self.noise_per_step, self.reader(self.found)(s.feedback), self.V(self.found)
        sums, floor = self.sums(self.coefficients.constant)
        lost = self.read(in_sums(self.coefficients.constant).coeff(s.quantized_norm2)) * self.excess
        return (
            *SIZE,
            self.power_law,
            Step(id="s", claim=eq(own, self.read(self.coefficients.own)), rule=Definition()),
            Step(
                id="stable",
                claim=lt(0, 2 - own * x[i]),
                rule=Assumption("hypothesis", "theta_i < 1: a direction's second moment is stable"),
            ),
            Step(
                id="stationary",
                claim=self.stationary,
                rule=Assumption("model", "the second moments are stationary, the mean has settled at v^q, E w*_i^2 = 1"),
            ),
            Step(
                id="fixed point",
                claim=eq(2 * f[i], x[i] * (r + own * f[i] + self.driven) + self.stored / gamma),
                rule=Algebra(1 / gamma * use("stationary") - x[i] * f[i] * use("s")),
            ),
            Step(id="feedback", claim=eq(self.feedback, feedback), rule=Algebra()),
            *sums,
            Step(
                id="V",
                claim=eq(self.read(self.coefficients.constant) + self.feedback * self.omega + lost, V),
                rule=Algebra(floor + self.omega * use("feedback")),
            ),
            *self.expansions(),
            Step(
                id="noise",
                claim=eq((1 - feedback * self.kappa) * r, V - lost + feedback * self.U),
                rule=Algebra(
                    use("V")
                    + self.feedback * over(i, 1 / (2 - own * x[i]) * use("fixed point"))
                    + (self.U + self.kappa * r) * use("feedback")
                ),
            ),
        )

    def model(self, random: Random) -> Model:
        """An exact problem with two samples a batch, and its stationary fluctuation."""
        plain = super().model(random)
        at, found = {a: plain.sizes[a.name]}, self.coefficients
        model = replace(plain, sizes={**plain.sizes, "batch": 2})
        model = with_numbers(model, {"own": model.value(self.read(found.own), at)})
        c_0, c_1 = (model.value(self.read(each), at) for each in (found.constant, found.feedback))
        kappa, omega, U = (model.value(each, at) for each in (self.kappa, self.omega, self.U))
        noise = scalar("noise_per_step")
        model = with_numbers(model, {"noise_per_step": (c_0 + c_1 * (omega + U)) / (1 - c_1 * kappa)})
        settled = (x[i] * (noise + self.driven) + self.stored / gamma) / (2 - own * x[i])
        values = [model.value(settled, {**at, i: k}) for k in range(model.sizes["all"])]
        return replace(model, symbols={**model.symbols, f.name: values.__getitem__}, remembered={})


def derivation(name: str) -> Derivation:
    """ "law-noise-SCHEME-exact"."""
    scheme = name.removeprefix("law-noise-").removesuffix("-exact")
    levels = Stationary(scheme)
    steps = levels.steps()
    return Derivation(
        name=name,
        theorem="exact recursion",
        title=f"Noise of the {scheme} law, exact side",
        steps=steps,
        conclusions={step.id: step.id for step in steps if step.id in ENDS},
        witness=levels.model,
    )
