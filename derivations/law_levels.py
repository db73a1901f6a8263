"""A scheme's levels on the power law lam_i = c i^-a, mu_i = g lam_i + e, as noise constants and laws are read.

E = sum lam_i e/(g mu_i) is the excess of the floor: by how much it lowers ||v^q||^2 and raises sigma_q^2.  The law writes it as
an integral, and its model term for Approx; here these sizes stand for E and Approx themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from random import Random

import sympy as sp
from riskbounds.derivations.law_models import levels_model
from riskbounds.derivations.law_reading import gamma, rank
from riskbounds.derivations.power_law import a

from riskbounds import symbols as s
from riskbounds.asymptotics.law_forms import gathered
from riskbounds.asymptotics.law_setting import LawSetting, law_setting
from riskbounds.asymptotics.laws import Law
from riskbounds.asymptotics.noise_sources import source_values
from riskbounds.model import ISOTROPIC, commuting_definitions
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Known,
    Model,
    Reader,
    Step,
    Symbol,
    Term,
    Var,
    direction,
    eq,
    le,
    lt,
    over,
    positive,
    scalar,
    term,
    total,
    use,
)
from riskbounds.proofs.rules import is_trivial
from riskbounds.terms.functions import apply
from riskbounds.theorems.noise import NoiseConstants

i = direction("i")
x = Symbol("x", "+")
c, sigma = scalar("c"), scalar("sigma", "0+")
kappa = scalar("kappa", "?")
STEP_SIZE = Step(id="x <= 1", claim=le(x[i], 1), rule=Assumption("hypothesis", "gamma mu_1 <= 1"))
TWO = Step(id="2 - x > 0", claim=lt(0, 2 - x[i]), rule=Algebra(use("x <= 1") + positive(1)))


NOTHING = positive(term(0))


def in_sums(constants: sp.Expr) -> sp.Expr:
    """Noise constants, linear in ||v^q||^2, ||v*||^2, sigma_q^2 - sigma_M^2 and tr Sigma."""
    known = {s.sigma_q2: s.sigma_M2 + s.excess, s.label_second_moment: s.sigma_M2 + s.target_norm2}
    return sp.expand(constants.xreplace(known))


@dataclass(frozen=True)
class Levels:
    """A scheme's noise on the power law: how theorem and law are read, and the law's numbers."""

    scheme: str

    @cached_property
    def setting(self) -> LawSetting:
        """Noise constants, growth and floor."""
        return law_setting(self.scheme)

    @property
    def noise(self) -> NoiseConstants:
        """The registered noise constants."""
        return self.setting.noise

    @cached_property
    def read(self) -> Reader:
        """Reads noise constants and the law; zeta(a) and zeta(2a) stand for partial sums, M for the number of directions."""
        meanings = {
            s.a: a, s.c: c, s.step: gamma, s.sigma: sigma, s.noise_variance: sigma**2, s.M: total(i, term(1)),
            s.growth: scalar("growth"), s.floor: scalar("floor"), s.kappa: kappa,
            s.lam: self.lam, s.mu: lambda o: x[o] / gamma, s.contraction: lambda o: x[o],
            s.feature_error: lambda o: x[o] / gamma - self.lam(o),
            sp.zeta(s.a): total(i, rank(i)), sp.zeta(2 * s.a): total(i, rank(i) ** 2),
        }  # fmt: skip
        one = ISOTROPIC.xreplace({s.target_scale: sp.S.One})
        moments = {s.m2: self.setting.g, s.m3: self.setting.m3, s.m4: self.setting.m4}
        levels = {symbol: value for symbol, value in moments.items() if value != symbol}
        return Reader(meanings, {**commuting_definitions({}, "clean"), **levels, s.target2: one})

    @property
    def g(self) -> Term:
        """Sigma = g Lam + e I."""
        return scalar("growth") if self.setting.g != 1 else term(1)

    @property
    def e(self) -> Term:
        """The floor."""
        return scalar("floor") if self.setting.e != 0 else term(0)

    def lam(self, o: Var) -> Term:
        """lam_i: c i^-a, and mu_i/g where there is no floor."""
        return c * rank(o) if self.setting.e != 0 else x[o] / (gamma * self.g)

    @property
    def first(self) -> Term:
        """x_i of the power law."""
        return gamma * (self.g * c * rank(i) + self.e)

    @property
    def excess(self) -> Term:
        """E: by how much the floor lowers ||v^q||^2 and raises sigma_q^2."""
        return total(i, c * rank(i) * self.e * gamma / (self.g * x[i]))

    def reader(self, found: Law) -> Reader:
        """Reads V, U and feedback of a law: the sizes that it gives to Approx and to E stand for these numbers."""
        meanings = dict(self.read.meanings)
        sizes = {s.M ** (1 - s.a): (s.model_error, self.read(s.model_error))}
        if self.setting.e != 0:
            sizes[s.floor_reach ** (1 - s.a)] = (s.excess, self.excess)
        for power, (source, number) in sizes.items():
            (size, *_), *_ = source_values(source, self.setting)
            meanings[power] = number / self.read(gathered(size).xreplace({power: sp.S.One}))
        named = {symbol: found.definitions[symbol] for symbol in (s.feedback, s.first_noise) if symbol in found.definitions}
        return Reader(meanings, {**self.read.definitions, **named})

    def V(self, found: Law) -> Term:
        """The law's V, with the model error's part of sigma_M^2."""
        model = (each.size for each in found.noise[s.gradient_noise] if each.name == "model error")
        return self.reader(found)(found.definitions[s.gradient_noise] + sp.Add(*model))

    @property
    def power_law(self) -> Step:
        """x_i on the power law."""
        return Step(
            id="power law",
            claim=eq(x[i], self.first),
            rule=Assumption("hypothesis", "lam_i = c i^-a and mu_i = g lam_i + e, x_i = gamma mu_i"),
        )

    def sums(self, constants: sp.Expr) -> tuple[tuple[Step, ...], Certificate]:
        """The norms, sigma_q^2 - sigma_M^2 and tr Sigma in levels, and constants linear in them: law less theorem."""
        read, g, energy, known = self.read, self.g, c * total(i, rank(i)), use("power law")
        if self.setting.e != 0:
            off = c * rank(i) / (g * x[i]) * known
            norm, excess = -1 * off, off
        else:
            off = 1 / (gamma * g) * known
            norm, excess = 1 / g * off, (1 - 1 / g) * off
        rows: dict[sp.Expr, tuple[str, Term, Certificate]] = {
            s.quantized_norm2: ("norm", energy / g - self.excess, over(i, norm)),
            s.excess: ("excess", (1 - 1 / g) * energy + self.excess, over(i, excess)),
            s.target_norm2: ("energy", energy, over(i, off)),
            s.trace: ("trace", total(i, self.first) / gamma, over(i, 1 / gamma * known)),
        }
        plain = in_sums(constants)
        steps: list[Step] = []
        whole: Certificate = NOTHING
        for source, (name, value, certificate) in rows.items():
            claim = eq(read(source), value)
            if plain.has(source) and not is_trivial(claim):
                steps.append(Step(id=name, claim=claim, rule=Algebra(certificate)))
                whole = whole + read(plain.coeff(source)) * use(name)
        return tuple(steps), whole

    @property
    def two_point(self) -> tuple[Step, ...]:
        """|m2^2 - m3| for scales of the levels that the noise constants allow."""
        m3, slots = self.read(self.setting.m3), (s.eps_d, s.eps_s, s.eps_f)
        products = {name: self.read(self.setting.named[symbol]) for name, symbol in (("growth", s.growth), ("m3", s.m3))}
        below = [
            Step(
                id=condition.name,
                claim=lt(self.read(condition.lhs), self.read(condition.rhs)),
                rule=Assumption("hypothesis", condition.name),
            )
            for condition in self.noise.hypotheses
        ]
        left, rest = term(1), self.read(self.setting.named[s.m3])
        whole: Certificate = (self.g + products["growth"]) * use("growth") - use("m3")
        for step, slot in zip(below, slots, strict=True):
            eps = self.read(slot)
            rest = rest / (1 + 3 * eps)
            whole = whole + positive(left * rest * eps) * use(step.id)
            left = left * (1 + eps) ** 2
        return (
            *below,
            *(
                Step(id=name, claim=eq(self.read(symbol), products[name]), rule=Assumption("model", "two-point scales"))
                for name, symbol in (("growth", s.growth), ("m3", s.m3))
            ),
            Step(id="g^2 <= m3", claim=le(self.g**2 - m3, 0), rule=Algebra(whole)),
            Step(
                id="|g^2 - m3|",
                claim=eq(apply("abs", self.g**2 - m3), m3 - self.g**2),
                rule=Known("abs of nonpositive", (self.g**2 - m3,), use("g^2 <= m3")),
            ),
        )

    def apart(self, constants: sp.Expr) -> tuple[tuple[Step, ...], Certificate]:
        """What |m2^2 - m3| does to constants: law less theorem."""
        nodes = constants.atoms(sp.Abs)
        if not nodes:
            return (), NOTHING
        (node,) = nodes
        factor = sp.expand(constants).coeff(node).xreplace({s.quantized_norm2: s.c * sp.zeta(s.a) / self.setting.g})
        return self.two_point, self.read(factor) * use("|g^2 - m3|")

    def model(self, random: Random) -> Model:
        """An exact problem of the scheme."""
        return levels_model(random, growth=self.setting.g != 1, floor=self.setting.e != 0)
