"""The noise that drives the variance of a law's upper and lower side, in levels.

V is what all directions learned would see of A + av ||v^q||^2, feedback is ad + av, U is what rising A_i and storage add to phi:

    A_i + av ||v^q||^2 + av E = V + (part of A_i in mu_i),    (1 - feedback kappa) phi = kappa V + U - kappa av E,

with phi at h = 0 and k = ||v^q||^2.  U and kappa are to second order in the step size, what is left of them explicit.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from riskbounds.derivations.law_levels import STEP_SIZE, TWO, Levels, i, kappa, x
from riskbounds.derivations.law_reading import gamma

from riskbounds import symbols as s
from riskbounds.asymptotics.laws import law
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Definition,
    Derivation,
    Reader,
    Step,
    Term,
    eq,
    le,
    lt,
    over,
    positive,
    total,
    use,
)
from riskbounds.theorems.sharp_pair import PIECES, sharp_storage

HALF, EIGHTH = Fraction(1, 2), Fraction(1, 8)
MU = s.mu[s.i]
KAPPA = "kappa"


def rising(constant: sp.Expr) -> sp.Expr:
    """The part of A_i in mu_i."""
    return sp.expand(constant - constant.xreplace({MU: sp.S.Zero}))


def constants(levels: Levels, side: str) -> sp.Expr:
    """What the noise constants make of the noise, h and phi apart, in ||v^q||^2."""
    noise = levels.noise
    if side == "upper":
        return noise.A + noise.av * s.quantized_norm2
    assert noise.Alow is not None
    return noise.Alow


def noise_level(levels: Levels, side: str) -> tuple[Step, ...]:
    """V of a side."""
    found = constants(levels, side)
    sums, floor = levels.sums(found)
    apart, scales = levels.apart(found)
    return (
        *sums,
        *apart,
        Step(
            id="V",
            claim=eq(
                levels.read(found) + levels.read(sp.expand(found).coeff(s.quantized_norm2)) * levels.excess,
                levels.V(law(levels.scheme, side)) + levels.read(rising(found)),
            ),
            rule=Algebra(floor + scales),
        ),
    )


def rough(levels: Levels) -> sp.Expr:
    """eps_w, or 0 where weights are stored exactly."""
    return s.eps_w if "storage" in levels.setting.slots else sp.S.Zero


def shared(levels: Levels) -> Term:
    """U before it is expanded: phi's numerator of the part of A_i in mu_i and of storage alone."""
    bare = {s.A[s.i]: rising(levels.noise.A), s.ad: 0, s.av: 0, s.h: 0, s.k: 0, s.eps_w: rough(levels)}
    return levels.read(without_zeros(PIECES[s.phi].xreplace(bare)))


def without_zeros(expression: sp.Expr) -> sp.Expr:
    """Sums of zeros dropped."""
    return expression.replace(lambda node: isinstance(node, sp.Sum) and node.function == 0, lambda _: sp.S.Zero)


def shared_noise(levels: Levels) -> tuple[Step, ...]:
    """U to second order in the step size, and the third."""
    found = law(levels.scheme, "upper")
    if s.shared_noise not in found.definitions:
        return ()
    first, read = levels.first, levels.read
    steep, stored = read(rising(levels.noise.A) / MU) / (2 * gamma), read(rough(levels)) / gamma
    third = (steep + EIGHTH * stored) * x[i] ** 3
    equal = over(i, (steep * (x[i] + first) + stored * (Fraction(1, 4) + EIGHTH * (x[i] + first))) * use("power law"))
    exact, short = shared(levels), levels.reader(found)(found.definitions[s.shared_noise])
    return (
        Step(
            id="U, from below",
            claim=le(short, exact),
            rule=Algebra(over(i, positive(third / (2 - x[i]))) - equal),
        ),
        Step(
            id="U, from above",
            claim=le(exact, short + total(i, third)),
            rule=Algebra(over(i, third / (2 - x[i]) * use("x <= 1")) + equal),
        ),
    )


def fluctuation(levels: Levels) -> tuple[Step, ...]:
    """feedback, and phi where the mean has settled."""
    noise, read = levels.noise, levels.read
    found = law(levels.scheme, "upper")
    values = {s.A[s.i]: noise.A, s.ad: noise.ad, s.av: noise.av, s.h: sp.S.Zero, s.k: s.quantized_norm2, s.eps_w: rough(levels)}
    phi = read(without_zeros(sharp_storage.definitions[s.phi].xreplace(values)))
    feedback, V = levels.reader(found)(s.feedback), levels.V(found)
    room = 1 - read(noise.ad + noise.av) * kappa
    lost = read(noise.av) * levels.excess
    _, scales = levels.apart(noise.ad + noise.av)
    spread: Certificate = over(i, x[i] / (2 - x[i]) * use("V"))
    return (
        STEP_SIZE,
        TWO,
        Step(id="feedback", claim=eq(read(noise.ad + noise.av), feedback), rule=Algebra(scales)),
        Step(id=KAPPA, claim=eq(kappa, Reader({s.contraction: lambda o: x[o]})(PIECES[s.kappa])), rule=Definition()),
        Step(id="room", claim=lt(0, room), rule=Assumption("hypothesis", "(ad + av) kappa < 1")),
        *shared_noise(levels),
        Step(
            id="phi",
            claim=eq((1 - feedback * kappa) * phi, kappa * (V - lost) + shared(levels)),
            rule=Algebra(spread - (V - lost - read(noise.av * s.quantized_norm2)) * use(KAPPA) + kappa * phi * use("feedback")),
        ),
    )


def derivation(name: str) -> Derivation:
    """ "law-noise-SCHEME-upper" or "law-noise-SCHEME-lower"."""
    scheme, _, side = name.removeprefix("law-noise-").rpartition("-")
    levels = Levels(scheme)
    V = noise_level(levels, side)
    later = fluctuation(levels) if side == "upper" else ()
    steps = (*V, *later)
    ends = [step.id for step in steps if step.id in ("V", "feedback", "U, from below", "U, from above", "phi")]
    found = (levels.power_law, *steps) if any("power law" in step.rule.uses() for step in steps) else steps
    return Derivation(
        name=name,
        theorem="sharp-storage",
        title=f"Noise of the {scheme} law, {side} side",
        steps=found,
        conclusions={each: each for each in ends},
        witness=levels.model,
    )
