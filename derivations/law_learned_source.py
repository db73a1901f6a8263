"""The laws of source targets once every direction is learned, full precision and multiplicative, both sides.

On lam_i = c i^-a, mu_i = g lam_i, E lam_i w*_i^2 = i^-b the general sides of :mod:`learned_sides` become sums of i^(a-b) in the
cross term and of i^(2a-b) in the bias: powers of M, or zeta's partial sum where they saturate.  So

    law - remainder <= side <= law + remainder        for every N, M and step size that the pair allows,

by where b lies: below a, between a and a + 1, between a + 1 and 2a, between 2a and 2a + 1, or beyond.  r > 0 is how far b lies
from a or 2a.  Beside the general remainder, of the orders of :mod:`learned_sides` with (1-x_i)^N <= e^(-X/M^a), a sum of i^q lies
within M^q of its integral if q > 0 and within 1/(1+q) if -1 < q < 0, relative to it 1/M or M^-(1+q).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import sympy as sp
from riskbounds.derivations import learned_sides
from riskbounds.derivations.energies import sum_over_numbers
from riskbounds.derivations.law_reading import NUMBERED, SIDES, Alow, N, b, c, gamma, growing, growth_of, i, rank, read_law
from riskbounds.derivations.law_sums import Q, n, powers
from riskbounds.derivations.learned_sides import load
from riskbounds.derivations.power_law import a, falling_power, m, p
from riskbounds.derivations.source_power_sums import LESS, SLOW, SUMS, r

from riskbounds import symbols as s
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Claim,
    Derivation,
    Known,
    Lin,
    Step,
    Term,
    cited,
    eq,
    inherited,
    le,
    lin,
    term,
    total,
    use,
)
from riskbounds.proofs.certificates import NOTHING, certificate
from riskbounds.proofs.numbering import SIZE
from riskbounds.terms.claims import Symbols, instance, replacement
from riskbounds.terms.exponentials import decay
from riskbounds.terms.functions import apply
from riskbounds.terms.polynomial import substitute
from riskbounds.theorems import Theorem
from riskbounds.theorems.sharp_pair import sharp

ENDS = tuple(f"{side}, from {end}" for side in SIDES for end in ("above", "below"))
M = term(SIZE)
LEARNED = "learned"


@dataclass(frozen=True)
class Place:
    """Where b lies, what it is in a and r, and a point there, of a = 2."""

    b: Lin
    at: Fraction

    def exponent(self, times: int) -> Lin:
        """times a - b."""
        return times * lin(a) - self.b

    def grows(self, times: int) -> bool:
        """Whether sum i^(times a - b) grows with M."""
        return self.exponent(times) in SUMS


PLACES = {
    "below-a": Place(lin(a) - r, Fraction(3, 2)),
    "above-a": Place(lin(a) + r, Fraction(5, 2)),
    "below-2a": Place(2 * lin(a) - r, Fraction(7, 2)),
    "above-2a": Place(2 * lin(a) + r, Fraction(9, 2)),
    "saturated": Place(lin(b), Fraction(6)),
}


@dataclass(frozen=True)
class Learned:
    """A scheme with a source target."""

    scheme: str
    place: Place

    @property
    def g(self) -> Term:
        """Growth."""
        return growth_of(self.scheme)

    @property
    def contraction(self) -> Term:
        """x_i."""
        return gamma * self.g * c * rank(i)

    @property
    def last(self) -> Term:
        """N x_M = X/M^a."""
        return term(N) * gamma * self.g * c * p(M, lin(a) * -1)

    @cached_property
    def symbols(self) -> Symbols:
        """What the symbols of the general sides are here."""
        energy = p(NUMBERED[i], self.place.b * -1)
        absent = {name: ((), term(0)) for name in ("rise", "rise_low", "eps_w")}
        return {
            "lam": ((i,), c * rank(i)), "x": ((i,), self.contraction), "target2": ((i,), energy / (c * rank(i))),
            "late": ((), decay(self.last)), **absent,
        }  # fmt: skip

    def here(self, general: Term) -> Term:
        """A term of the general sides."""
        return substitute(general, {}, replacement(self.symbols))

    @property
    def factors(self) -> dict[str, Term]:
        """What multiplies sum i^(a-b) in the cross term and sum i^(2a-b) in the bias."""
        pace = term(N) * gamma * c
        cross = {} if self.g == term(1) else {"cross": (self.g - 1) / (pace * self.g**3)}
        return {**cross, "bias": 1 / (2 * pace**2 * self.g**4)}

    def missing(self, name: str, end: str) -> Term:
        """By how much a sum may lie above or below the law's."""
        times = 1 if name == "cross" else 2
        q = self.place.exponent(times)
        if not self.place.grows(times) or (q == lin(r) * -1) == (end == "above"):
            return term(0)
        return p(M, q) if end == "above" else 1 / (1 - term(r))

    def law(self, side: str) -> Term:
        """The law's terms with Approx."""
        noise = self.here(learned_sides.V) if side == "upper" else Alow
        own = self.place.b
        energies = {sp.zeta(k): total(i, p(NUMBERED[i], q)) for k, q in self._zetas().items()}
        point: Mapping[sp.Symbol, object] = {s.a: sp.Integer(2), s.b: sp.Rational(self.place.at)}
        terms = read_law(self.scheme, side, noise, load, LEARNED, {s.b: own, **energies}, point)
        return self.here(learned_sides.MEAN["approximation"]) + sum(terms.values(), term(0))

    def _zetas(self) -> dict[sp.Expr, Lin]:
        return {s.b: self.place.b * -1, s.b - s.a: self.place.exponent(1), s.b - 2 * s.a: self.place.exponent(2)}

    def remainder(self, side: str, end: str) -> Term:
        """By how much the side may lie above or below the law, at most."""
        own = sum((factor * self.missing(name, end) for name, factor in self.factors.items()), term(0))
        return self.here(learned_sides.remainder(side, end)) + own

    def statement(self, theorem: Theorem) -> dict[str, Claim]:
        """The sides of the registered theorem against the law, and the definitions that they use."""
        found = {name: instance(claim, {}, self.symbols) for name, claim in learned_sides.statement(theorem).items()}
        for side in SIDES:
            above, below = (f"{side}, from {end}" for end in ("above", "below"))
            found[above] = le(found[above].left, self.law(side) + self.remainder(side, "above"))
            found[below] = le(self.law(side) - self.remainder(side, "below"), found[below].right)
        return found


def model(scheme: Learned) -> tuple[Step, ...]:
    """The step size, the numbers and the last direction."""
    given = {step.id: step for step in inherited(learned_sides.derivation, scheme.symbols, ENDS)}
    place = scheme.place
    known = LESS if place == PLACES["above-a"] else (SLOW,) if place == PLACES["above-2a"] else ()
    order = (
        []
        if "lam <= mu" not in given
        else [Step(id="lam <= mu", claim=given["lam <= mu"].claim, rule=Algebra(c * rank(i) * use("growth")))]
    )
    return (
        given["x <= 1"],
        *known,
        *growing(scheme.g),
        *order,
        Step(id="2 - x > 0", claim=instance(learned_sides.TWO.claim, {}, scheme.symbols), rule=Algebra(use("x <= 1") + 1)),
        Step(id="i <= M", claim=le(NUMBERED[i], M), rule=Assumption("model", "the directions are numbered 1, ..., M")),
        *falling_power("M^-a <= i^-a", NUMBERED[i], M, lin(a) + 1, NOTHING + term(a), use("i <= M")),
        *(given[name] for name in ("kappa", "room", "h", "k", "phi")),
        *_late(scheme),
    )


def _late(scheme: Learned) -> tuple[Step, ...]:
    """(1-x_i)^N <= e^(-N x_M)."""
    t = term(N) * scheme.contraction
    apart, here = t - scheme.last, {"x": ((i,), scheme.contraction)}
    longer = term(N) * gamma * scheme.g * c * use("M^-a <= i^-a")
    return (
        cited(powers, "below", here, name="Q below"),
        Step(id="1 + d <= e^d", claim=le(1 + apart, apply("exp", apart)), rule=Known("exp", (apart,))),
        Step(id="e^(d-t)", claim=eq(decay(scheme.last), decay(t) * apply("exp", apart)), rule=Known("exp of a sum", (-t, apart))),
        Step(
            id="late",
            claim=le(scheme.here(Q), decay(scheme.last)),
            rule=Algebra(use("Q below", {n: N}) + decay(t) * (use("1 + d <= e^d") + longer) - use("e^(d-t)")),
        ),
    )


def sums(scheme: Learned) -> tuple[Step, ...]:
    """The sums that grow with M, and how many directions there are."""
    found = [sum_over_numbers("count", lambda _: term(1))]
    for name in scheme.factors:
        times = 1 if name == "cross" else 2
        if scheme.place.grows(times):
            q = scheme.place.exponent(times)
            found.append(sum_over_numbers(name, lambda o, q=q: p(o, q)))
            found += [cited(SUMS[q], f"sum {end}", name=f"{name} {end}") for end in ("from below", "from above")]
    return tuple(found)


def ends(scheme: Learned) -> dict[str, Certificate]:
    """law + remainder less the general one, and the general law - remainder less this one."""
    above, below = NOTHING, NOTHING
    for name, factor in scheme.factors.items():
        if scheme.place.grows(1 if name == "cross" else 2):
            at, known = {m: lin(SIZE) - 1}, certificate(factor)
            if name == "cross":
                known = use("growth") * (1 / (term(N) * gamma * c * scheme.g**3))
            above = above + known * (use(f"{name} from above", at) + use(name))
            below = below + known * (use(f"{name} from below", at) - use(name))
    found = {}
    for side in SIDES:
        noise = learned_sides.SPREAD * scheme.here(learned_sides.V) if side == "upper" else Alow
        count = noise / (2 * term(N) * scheme.g) * use("count")
        found[f"{side}, from above"], found[f"{side}, from below"] = above + count, below - count
    return found


def derivation(name: str) -> Derivation:
    """The law of a scheme at a place: "law-learned-source-below-a-full-precision", say."""
    place, scheme_name = next(
        (place, name.removeprefix(f"law-learned-source-{place}-"))
        for place in PLACES
        if name.startswith(f"law-learned-source-{place}-")
    )
    scheme = Learned(scheme_name, PLACES[place])
    claims = scheme.statement(sharp)
    general = {end: f"{end}, in general" for end in ENDS}
    return Derivation(
        name=name,
        theorem="sharp",
        title=f"Law of the {scheme_name} scheme with a source once every direction is learned, b {place}",
        statement=scheme.statement,
        steps=(
            *model(scheme),
            *sums(scheme),
            *(cited(learned_sides.derivation, end, scheme.symbols, general[end]) for end in ENDS),
            *(Step(id=end, claim=claims[end], rule=Algebra(use(general[end]) + rest)) for end, rest in ends(scheme).items()),
        ),
        conclusions={each: each for each in claims},
    )
