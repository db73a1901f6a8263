"""kappa = sum x/(2-x) of a law's upper side to second order in the step size, x_i = gamma (g c i^-a + e), and the third order."""

from __future__ import annotations

from fractions import Fraction

from riskbounds.derivations.law_levels import STEP_SIZE, TWO, Levels, i, x

from riskbounds import symbols as s
from riskbounds.asymptotics.laws import law
from riskbounds.proofs import Algebra, Certificate, Derivation, Reader, Step, Term, le, over, positive, term, total, use
from riskbounds.theorems.sharp_pair import PIECES

HALF = Fraction(1, 2)


def expanded(levels: Levels, own: Term) -> Certificate:
    """sum x/2 + s x^2/4 in levels, less what it is in x."""
    return over(i, (HALF + own * (x[i] + levels.first) / 4) * use("power law"))


def derivation(name: str) -> Derivation:
    """ "law-kappa-SCHEME"."""
    scheme = name.removeprefix("law-kappa-")
    levels = Levels(scheme)
    exact = Reader({s.contraction: lambda o: x[o]})(PIECES[s.kappa])
    short = levels.read(law(scheme, "upper").definitions[s.kappa])
    third, equal = x[i] ** 3 / 4, expanded(levels, term(1))
    steps = (
        levels.power_law,
        STEP_SIZE,
        TWO,
        Step(id="below", claim=le(short, exact), rule=Algebra(over(i, positive(third / (2 - x[i]))) - equal)),
        Step(
            id="above",
            claim=le(exact, short + total(i, third)),
            rule=Algebra(over(i, third / (2 - x[i]) * use("x <= 1")) + equal),
        ),
    )
    return Derivation(
        name=name,
        theorem="sharp",
        title=f"kappa of the {scheme} law, to second order in the step size",
        steps=steps,
        conclusions={"below": "below", "above": "above"},
        witness=levels.model,
    )
