"""The laws of the additive and the elementwise scheme past the floor with a source target, on three strips of b.

As :mod:`law_past_floor`, for E lam_i w*_i^2 = i^-b: rough, 1 < b < a + 1; smooth, a + 1 < b < 2a + 1, where the first directions
lead what grows with g - 1; saturated, 2a + 1 < b, where they lead the whole mean part.  Its sums are those of i^-b D_i^k,
D = 1/(1+s) (:mod:`law_remains`): beside the orders of the general remainder theirs are 1/R, R^(b-1-ja) and (R/M)^(b-1), j = 1 for
k = 1 and else 2.  What saturates, R^-ja sum i^(ja-b), falls short by at most k R^-ja sum i^(ja-b) D_i.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from riskbounds.derivations import law_past_floor as past
from riskbounds.derivations import law_remains
from riskbounds.derivations import learned_sides as general
from riskbounds.derivations.law_past_floor import CLAIMS, e, factors, noise_of, theorem_of
from riskbounds.derivations.law_reading import NUMBERED, N, b, gamma, growing, growth_of, i, rank
from riskbounds.derivations.law_remains import left
from riskbounds.derivations.law_shares import MISSING, R, above, below, ratio, share, sums
from riskbounds.derivations.law_source import STRIPS, Strip
from riskbounds.derivations.power_law import a, p

from riskbounds.proofs import (
    Algebra,
    Certificate,
    Derivation,
    Step,
    Term,
    cited,
    inherited,
    le,
    lin,
    lt,
    over,
    positive,
    term,
    total,
    use,
)
from riskbounds.proofs.certificates import Part
from riskbounds.theorems import theorem_named

HALF = Fraction(1, 2)
SUMS = {"rough": law_remains.rough, "smooth": law_remains.smooth}


@dataclass(frozen=True)
class Remains:
    """factor sum_i i^-b D_i^k in the mean part, or its negative."""

    factor: Part
    value: Term
    k: int
    sign: int = 1

    def lacking(self, end: str) -> Term:
        """By how much it may lie above or below the law's part."""
        over = (end == "above") == (self.sign > 0)
        return self.value * (law_remains.edge(self.k) if over else law_remains.missing(self.k))

    def certificate(self, end: str) -> Certificate:
        """The law's part and what it lacks, less the sum; or the reverse."""
        over = (end == "above") == (self.sign > 0)
        return self.factor * use(f"D^{self.k} {'above' if over else 'below'}")


@dataclass(frozen=True)
class Saturated:
    """factor sum_i i^-b s_i^-j u_i^k, which the first directions lead: the law has 1 for u."""

    factor: Part
    value: Term
    j: int
    k: int

    @property
    def first(self) -> Term:
        """R^-ja i^(ja-b)."""
        return p(R, lin(a) * -self.j) * p(NUMBERED[i], self.j * lin(a) - lin(b))

    def lacking(self, end: str) -> Term:
        """1 - u^k <= k D."""
        return term(0) if end == "above" else self.value * self.k * total(i, self.first * left(ratio[i]))

    def certificate(self, end: str) -> Certificate:
        """The law's part less the sum; or the sum and what it lacks, less the law's part."""
        u, D, here = share(ratio[i]), left(ratio[i]), rank(i, b) * ratio[i] ** -self.j
        scale = p(R, a) * rank(i)
        powers = sum((scale**m * ratio[i] ** (self.j - 1 - m) for m in range(self.j)), term(0))
        same = here / scale**self.j * powers * use("power law")
        if end == "above":
            return self.factor * over(i, here * D * sum((u**m for m in range(self.k)), term(0)) - same)
        curved = D**2 * sum((u**m for n in range(self.k) for m in range(n)), term(0))
        lost = self.k * D * same
        return self.factor * over(i, here * curved + same - lost)


@dataclass(frozen=True)
class Dropped:
    """A positive part of lower order, which the law leaves out."""

    certified: Certificate
    value: Term

    def lacking(self, end: str) -> Term:
        """All of it."""
        return self.value if end == "above" else term(0)

    def certificate(self, end: str) -> Certificate:
        """It is not negative."""
        return positive(term(0)) if end == "above" else self.certified


MeanPart = tuple[Remains | Saturated | Dropped, ...]


def mean_part(scheme: str, strip: Strip) -> dict[str, MeanPart]:
    """Shrinkage, cross term and bias; what grows with g - 1 only where there is growth, and first of all to saturate."""
    g = growth_of(scheme)
    shrunk = HALF / g**2
    cross, bias = 1 / (term(N) * gamma * e * g**2), 1 / (2 * term(N) ** 2 * gamma**2 * e**2 * g**2)
    grows, saturated = bool(growing(g)), strip.n == len(SUMS)
    bias_part: MeanPart = (Remains(bias, bias, 2), Remains(2 * bias, 2 * bias, 3, -1), Remains(bias, bias, 4))
    if saturated:
        bias_part = (Saturated(bias, bias, 2, 4),)
    if not grows and not saturated:
        return {
            "shrinkage": (Remains(shrunk, shrunk, 2),),
            "cross": (Remains(cross, cross, 2), Remains(cross, cross, 3, -1)),
            "bias": bias_part,
        }
    if not grows:
        return {"shrinkage": (Saturated(shrunk, shrunk, 2, 2),), "cross": (Saturated(cross, cross, 2, 3),), "bias": bias_part}
    grown, more = use("growth"), g - 1
    if strip.n:
        D, u = left(ratio[i]), share(ratio[i])
        rest = {
            name: Dropped(over(i, factor * rank(i, b) * body), factor * total(i, rank(i, b) * body))
            for name, factor, body in (("shrinkage", shrunk, D**2), ("cross", cross, D**2 * u))
        }
        return {
            "shrinkage": (Saturated(grown * (1 / g**2), more / g**2, 1, 1), rest["shrinkage"]),
            "cross": (Saturated(grown * cross, more * cross, 1, 2), rest["cross"]),
            "bias": bias_part,
        }
    return {
        "shrinkage": (Remains(shrunk, shrunk, 2), Remains(grown * (1 / g**2), more / g**2, 1)),
        "cross": (
            Remains(cross, cross, 2),
            Remains(cross, cross, 3, -1),
            Remains(grown * cross, more * cross, 1),
            Remains(grown * cross, more * cross, 2, -1),
        ),
        "bias": bias_part,
    }


@dataclass(frozen=True)
class Source:
    """A scheme past the floor, with a source target on a strip."""

    scheme: str
    strip: Strip

    @property
    def target(self) -> Term:
        """E w*_i^2 = i^-b/lam_i."""
        return rank(i, b) * growth_of(self.scheme) / (e * ratio[i])

    @property
    def stored(self) -> bool:
        """Whether the scheme quantizes stored weights."""
        return theorem_of(self.scheme) == "sharp-storage"

    def lacking(self, scheme: str, side: str, end: str) -> Term:
        """What the sums add to the general remainder."""
        noise = factors(scheme)["noise"] * noise_of(scheme, side, self.target) if end == "below" else term(0)
        mean = (each.lacking(end) for part in mean_part(scheme, self.strip).values() for each in part)
        return sum(mean, (factors(scheme)["store"] + noise) * MISSING)

    def certificates(self) -> dict[str, Certificate]:
        """Each side from the general one and the sums."""
        per, found = factors(self.scheme), {}
        for side in ("upper", "lower"):
            for end, here, there in (("above", above, below), ("below", below, above)):
                name = f"{side}, from {end}"
                mean = sum((use(f"{part}, from {end}") for part in mean_part(self.scheme, self.strip)), use(f"general: {name}"))
                stored = per["store"] * (here(1) + there(2)) if self.stored else positive(term(0))
                found[name] = mean + stored + per["noise"] * noise_of(self.scheme, side, self.target) * here(1)
        return found

    def mean_steps(self) -> tuple[Step, ...]:
        """Each part of the mean against the law's."""
        law, steps = past.law_parts(self.scheme, "lower", general.Alow, general.load, point=self.strip.point), []
        for name, part in mean_part(self.scheme, self.strip).items():
            exact = past.put(general.MEAN[name], self.scheme, self.target)
            for end in ("above", "below"):
                rest = sum((each.lacking(end) for each in part), term(0))
                claim = le(exact, law[name] + rest) if end == "above" else le(law[name] - rest, exact)
                found = sum((each.certificate(end) for each in part), positive(term(0)))
                steps.append(Step(id=f"{name}, from {end}", claim=claim, rule=Algebra(found)))
        return tuple(steps)

    def known(self) -> tuple[Step, ...]:
        """What is known of b, g and a."""
        ahead = Step(id="a + b > 1", claim=lt(0, term(a) + term(b) - 1), rule=Algebra(use("strip") + term(a)))
        return (
            *self.strip.steps,
            *growing(growth_of(self.scheme)),
            *((ahead,) if growing(growth_of(self.scheme)) and not self.strip.n else ()),
        )


def derivation(name: str) -> Derivation:
    """ "law-source-past-floor-additive-rough" and so on."""
    scheme, strip = name.removeprefix("law-source-past-floor-").split("-")
    here = Source(scheme, STRIPS[strip])
    target, theorem = here.target, theorem_of(scheme)
    bands = past.bands_of(scheme, here.lacking, target, here.strip.point)
    claims = past.claims_of(scheme, theorem_named(theorem), bands, target)
    symbols = past.symbols_of(scheme, target)
    used = sorted({each.k for part in mean_part(scheme, here.strip).values() for each in part if isinstance(each, Remains)})
    shares = (1, 2) if here.stored else (1,)
    return Derivation(
        name=name,
        theorem=theorem,
        title=f"Law of the {scheme} scheme past the floor with {strip} source targets, both sides of the sharp pair",
        statement=lambda registered: past.claims_of(scheme, registered, bands, target),
        steps=(
            *inherited(sums),
            *here.known(),
            *past.hypotheses(scheme, claims, target),
            *(cited(sums, f"u^{power} {end}") for power in shares for end in ("above", "below")),
            *(cited(SUMS[strip], f"D^{power} {end}") for power in used for end in ("above", "below")),
            *here.mean_steps(),
            *(cited(general.derivation, each, symbols, name=f"general: {each}") for each in CLAIMS),
            *(Step(id=each, claim=claims[each], rule=Algebra(found)) for each, found in here.certificates().items()),
        ),
        conclusions={each: each for each in claims},
    )
