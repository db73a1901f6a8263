"""Rules about profiles f(t): a derivative's sign, and the sum of f over a power law (the one cited result of laws).

What they rest on must hold for every t > 0, so it comes from a derivation that assumes and defines nothing (a *universal* one).
"""

from __future__ import annotations

from dataclasses import dataclass

from riskbounds.errors import ProofError
from riskbounds.proofs.certificates import Premises
from riskbounds.proofs.derivation import Derivation
from riskbounds.proofs.numbering import NUMBER, SIZE
from riskbounds.proofs.rules import PROVED, Assumption, Definition, Rule, Verdict, same
from riskbounds.proofs.signs import Sign
from riskbounds.terms.claims import Claim, eq, le, lt, replacement
from riskbounds.terms.linear import REAL, Var, lin
from riskbounds.terms.polynomial import Term, power, substitute, summed, term
from riskbounds.terms.profile_classes import profile
from riskbounds.terms.profiles import TAU
from riskbounds.terms.vocabulary import Symbol

CITED = (
    "Mellin transfer: for rising f the sum over i >= 1 of f(X i^-a) lies below the integral of f(X u^-a) over u > 0, by at most "
    "sup f; a sum over i >= 1 of h(i), h rising and then falling, lies within sup h of the integral over u > 1; the integral of "
    "u^-b f(X u^-a) is X^((1-b)/a)/a times the Mellin transform of f at (b-1)/a, continued analytically "
    "(Flajolet, Gourdon, Dumas, Mellin transforms and asymptotics: harmonic sums, Theoretical Computer Science 144, 1995)"
)


@dataclass(frozen=True)
class Universal(Rule):
    """A rule that rests on conclusions of a derivation that hold for every tau > 0."""

    profile: Derivation

    @property
    def derivations(self) -> tuple[Derivation, ...]:
        """The derivation."""
        return (self.profile,)

    def shown(self, conclusion: str) -> Term:
        """right - left of a conclusion, which is non-negative; raises ProofError if it might hold for some tau only."""
        if any(isinstance(step.rule, Assumption | Definition) for step in self.profile.steps):
            raise ProofError(f"{self.profile.name} assumes or defines something: it does not hold for every tau")
        claim = self.profile.step(self.profile.conclusions[conclusion]).claim
        if claim.relation == "=":
            raise ProofError(f"{conclusion} is no inequality")
        return claim.gap


@dataclass(frozen=True)
class Rising(Universal):
    """left <= right for all tau > 0, by its value at 0 and the sign of its derivative, a conclusion of ``profile``."""

    slope: str

    def check(self, claim: Claim, premises: Premises) -> Verdict:  # noqa: ARG002
        """right - left continues to tau = 0, is not negative there, and its derivative is the conclusion's right - left."""
        f = profile(claim.gap)
        if claim.relation != "<=" or f.at_zero is None or f.at_zero < 0:
            raise ProofError("the difference of the two sides is infinite or negative at tau = 0, or the relation is not <=")
        if f.derivative() != profile(self.shown(self.slope)):
            raise ProofError(f"{self.slope} is not the sign of the derivative")
        return PROVED


@dataclass(frozen=True)
class Transfer(Universal):
    """sum_i f(t_i) against F = X^(1/a)/a times the Mellin transform of f at -1/a, for t_i = (reach/i)^a, reach = X^(1/a), i <= M:

        F - f(infinity) - s X M^(1-a)/(a-1)  <=  sum_i f(t_i)  <=  F.

    ``rising`` and ``slope`` name conclusions of ``profile``: 0 <= f' and f <= s t.  ``scale`` is the step t_i = reach^a i^-a,
    ``exponent`` the step 1 < a.  The result is cited; its hypotheses are checked.
    """  # fmt: skip

    summand: Term
    rising: str
    slope: str
    scale: str
    exponent: str
    reach: Term
    a: Var

    def check(self, claim: Claim, premises: Premises) -> Verdict:
        """f is of a class, vanishes at 0, is bounded, rises, and the claim is one of the two inequalities."""
        f = profile(self.summand)
        if f.at_zero != 0 or f.at_infinity is None:
            raise ProofError("the summand does not vanish at tau = 0, or is not bounded")
        if f.derivative() != profile(self.shown(self.rising)):
            raise ProofError(f"{self.rising} is not 0 <= f'")
        steep = ((self.shown(self.slope) + self.summand) / TAU).constant
        if steep is None:
            raise ProofError(f"{self.slope} is not f <= s tau")
        total, tail = self._total(premises), power(self.reach, lin(self.a)) * power(term(SIZE), 1 - lin(self.a))
        integral = self.reach / term(self.a) * f.mellin(self.a)
        missing = f.at_infinity + steep * tail / (term(self.a) - 1)
        same(claim, le(total, integral) if claim.left == total else le(integral - missing, total))
        return Verdict("assumed", f"cited: {CITED}")

    def _total(self, premises: Premises, b: Var | int = 0) -> Term:
        """sum_i i^-b f(t_i), t_i being the left side of the scale."""
        if self.a.range != REAL:
            raise ProofError(f"{self.a.name} is not a real exponent")
        same(premises.claim(self.exponent), lt(1, term(self.a)))
        scale = premises.claim(self.scale)
        directions = [v for v in scale.gap.free_variables() if v.range == "all"]
        if len(directions) != 1:
            raise ProofError(f"{self.scale} is not about every direction")
        i = directions[0]
        number = Symbol(NUMBER, "+")[i]
        same(scale, eq(scale.left, power(self.reach, lin(self.a)) * power(number, lin(self.a) * -1)))
        if premises.facts.sign(self.reach) != Sign.POSITIVE or i in self.reach.free_variables():
            raise ProofError(f"{self.reach} is not one positive number")
        return summed(i, power(number, lin(b) * -1) * substitute(self.summand, {}, replacement({"tau": ((), scale.left)})))

    def uses(self) -> frozenset[str]:
        """The scale and the exponent."""
        return frozenset({self.scale, self.exponent})


@dataclass(frozen=True)
class Weighted(Transfer):
    """sum_i i^-b f(t_i) against F = X^((1-b)/a)/a times the Mellin transform of f at s = (b-1)/a, where n < s < n + 1 <= j:

        F - edge - X^-j/(ja+1-b) - M^(1-b)/(b-1)  <=  sum_i i^-b f(t_i)  <=  F + edge,        edge = X^(-b/a) + X^-j.

    Conclusions of ``profile``: ``rising`` is 0 <= t f'^2 - f f' - t f f'', by which i^-b f(t_i) rises and then falls for every b,
    ``positive`` 0 < f, ``bounded`` f <= 1, ``slope`` f <= t^-j.  ``strip`` names the steps na + 1 < b and b < (n+1)a + 1.
    """  # fmt: skip

    positive: str
    bounded: str
    b: Var
    strip: tuple[str, str]

    def check(self, claim: Claim, premises: Premises) -> Verdict:
        """f is of a class, positive, log-concave in log t and bounded, and the claim is one of the two inequalities."""
        f, a, b = profile(self.summand), term(self.a), term(self.b)
        once, twice = f.derivative().body, f.derivative().derivative().body
        same(le(0, self.shown(self.rising)), le(0, TAU * once**2 - self.summand * (once + TAU * twice)))
        same(self.profile.step(self.profile.conclusions[self.positive]).claim, lt(0, self.summand))
        same(le(0, self.shown(self.bounded)), le(0, 1 - self.summand))
        j = next((j for j in (1, 2) if self.shown(self.slope) + self.summand == TAU**-j), 0)
        n = next((n for n in range(j) if premises.claim(self.strip[0]) == lt(n * a + 1, b)), j)
        if self.b.range != REAL or n == j:
            raise ProofError(f"{self.slope} is not f <= t^-j, or {self.strip[0]} is not na + 1 < b with n < j")
        same(premises.claim(self.strip[1]), lt(b, (n + 1) * a + 1))
        total, far = self._total(premises, self.b), power(self.reach, lin(self.a) * -j)
        edge = power(self.reach, lin(self.b) * -1) + far
        integral = power(self.reach, 1 - lin(self.b)) / a * f.mellin(self.a, self.b)
        missing = edge + far / (j * a + 1 - b) + power(term(SIZE), 1 - lin(self.b)) / (b - 1)
        same(claim, le(total, integral + edge) if claim.left == total else le(integral - missing, total))
        return Verdict("assumed", f"cited: {CITED}")

    def uses(self) -> frozenset[str]:
        """The scale and the exponents."""
        return frozenset({self.scale, self.exponent, *self.strip})
