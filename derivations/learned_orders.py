"""The orders of what the laws leave out once every direction is learned, relative to the law itself without Approx:

    below:  remainder <= law (4 (1 + (a+1)/M) (delta + M^a/X) + C M^(1-a)),
    above:  remainder <= law ((a+1)/M + 3 (1/(a+1) + 1/M) delta^2 + C M^(1-a)) + rise/(2N) sum lam,

delta = e M^a/(g c), X = N gamma g c, C free of N and but for the load of M.  The last term is of the order 1/M too: A holds
eps_p tr Sigma where rise is 2 eps_p.  Where growth meets a floor, and there alone, delta^2 occurs, and "law" is the law before
its terms in -(g-1) are taken off, which are at most 2 delta/(a+1) of those in (g-1) M.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from riskbounds.derivations.law_learned import Sum, parts
from riskbounds.derivations.law_learned import derivation as law_derivation
from riskbounds.derivations.law_reading import SIDES, ad, adlow, av, c, gamma, i, rank
from riskbounds.derivations.learned_scheme import DRAG, INTEGRAL, POWERS, Learned, M
from riskbounds.derivations.learned_sides import SPREAD
from riskbounds.derivations.power_law import a, p

from riskbounds.proofs import Algebra, Certificate, Derivation, Known, Step, Term, eq, le, positive, term, total, use
from riskbounds.terms.functions import apply

ZERO = positive(term(0))
#: By how much sum i^a may exceed its integral, relatively.
MORE = (term(a) + 1) / M
#: How many delta/M and delta^2 POWERS/M^(a+1) the leading terms in g - 1 bear: what growth and floor take off together.
BORNE = {"shrinkage": (1, 1), "cross": (2, 3)}
#: How many M^a/X, e^(-X/M^a) counted as one.
LATE = {"shrinkage": 0, "cross": 1, "bias": 2, "storage": 2}
TAKEN = ("growth", "room")
#: U divides by 2 - x.
STORED = ("x <= 1", "2 - x > 0")


@dataclass(frozen=True)
class Orders:
    """One side's law and remainder."""

    scheme: Learned
    side: str

    @cached_property
    def law(self) -> Term:
        """The law's terms, nothing taken off."""
        taken = (self.scheme.drag(name, INTEGRAL) for name in DRAG)
        return sum((*self.scheme.law(self.side).values(), *taken), term(0))

    @cached_property
    def bent(self) -> Term:
        """3 (1/(a+1) + 1/M) delta^2 where growth and floor meet."""
        met = self.scheme.drag("cross", INTEGRAL) != term(0)
        return 3 * (1 + MORE) / (term(a) + 1) * self.scheme.delta**2 if met else term(0)

    @cached_property
    def variance(self) -> Certificate:
        """The variance is not negative."""
        return positive(self.scheme.law(self.side)["variance"])

    def fed(self, end: str) -> Term:
        """C: what h feeds."""
        factor = {
            ("upper", "above"): SPREAD * ad, ("upper", "below"): 2 * SPREAD * av,
            ("lower", "above"): adlow, ("lower", "below"): term(0),
        }[self.side, end]  # fmt: skip
        return (term(a) + 1) * factor * gamma * self.scheme.g * c

    def bound(self, end: str) -> Term:
        """What the remainder is at most."""
        scheme, fed = self.scheme, self.fed(end) * p(M, 1 - a)
        if end == "above":
            return self.law * (MORE + self.bent + fed) + scheme.risen(self.side)
        return self.law * (4 * (1 + MORE) * (scheme.delta + scheme.slow) + fed)

    def certificate(self, end: str) -> Certificate:
        """The bound less the remainder."""
        sums = {name: found for name, found in parts(self.scheme).items() if name in LATE}
        fed = self.fed(end) * p(M, 1 - a)
        found = fed * sum((each.factor * _least(each) for name in sums if name != "bias" for each in sums[name]), self.variance)
        if end == "above":
            left = (self.above(name, each) for name in sums for each in sums[name])
            return found + sum(left, (MORE + self.bent) * self.variance)
        found = found + sum((self.below(name, each) for name in sums for each in sums[name]), ZERO)
        most = {name: sum((each.factor * _most(each) for each in sums[name]), ZERO) for name in ("cross", "bias")}
        found = found + use("late <= slow") * (most["cross"] + 2 * most["bias"])
        delta, slow = self.scheme.delta, self.scheme.slow
        return found + ((3 + 4 * MORE) * delta + (2 + 4 * MORE) * slow) * self.variance

    def above(self, name: str, each: Sum) -> Certificate:
        """What the bound from above leaves of a sum."""
        borne = BORNE[name][1] if each.weight == term(1) else 0
        return each.factor * (_spare(each) + (3 - borne) * self.bent / 3 * _least(each))

    def below(self, name: str, each: Sum) -> Certificate:
        """What the bound from below leaves of a sum."""
        borne = BORNE[name][0] if each.weight == term(1) else 0
        delta, slow, short, late = self.scheme.delta, self.scheme.slow, each.power, LATE[name]
        spared = ((4 - short) * delta + (4 - late) * slow) * (1 + MORE) - borne / M * delta
        return each.factor * ((short * delta + late * slow) * _spare(each) + spared * _least(each))


def _least(each: Sum) -> Certificate:
    """The law's sum of the weights."""
    return positive(INTEGRAL / c if each.by_integral else M if each.weight == term(1) else c * total(i, rank(i)))


def _most(each: Sum) -> Certificate:
    """What the sum of the weights is at most."""
    return positive(POWERS / c) if each.by_integral else _least(each)


def _spare(each: Sum) -> Certificate:
    """(1 + MORE) times the law's sum of the weights, less what it is at most."""
    return ZERO if each.by_integral else MORE * _least(each)


def late_and_slow(scheme: Learned) -> tuple[Step, ...]:
    """e^(-y) <= 1/y for y = X/M^a."""
    y = 1 / scheme.slow
    up = apply("exp", y)
    return (
        Step(id="1 + y <= e^y", claim=le(1 + y, up), rule=Known("exp", (y,))),
        Step(id="e^0 = 1", claim=eq(apply("exp", 0), 1), rule=Known("exp of 0", ())),
        Step(id="inverse", claim=eq(apply("exp", 0), up * scheme.late), rule=Known("exp of a sum", (y, -y))),
        Step(
            id="late <= slow",
            claim=le(scheme.late, scheme.slow),
            rule=Algebra(scheme.slow * (scheme.late * (use("1 + y <= e^y") + 1) + use("e^0 = 1") - use("inverse"))),
        ),
    )


def derivation(name: str) -> Derivation:
    """The orders of a scheme's law: "law-learned-orders-full-precision", and so on."""
    scheme = Learned(name.removeprefix("law-learned-orders-"))
    parent = {each.id: each for each in law_derivation(f"law-learned-{scheme.scheme}").steps}
    orders = {f"{side}, {end}": (Orders(scheme, side), end) for side in SIDES for end in ("above", "below")}
    last = tuple(
        Step(
            id=each,
            claim=le(scheme.remainder(found.side, end), found.bound(end)),
            rule=Algebra(found.certificate(end)),
        )
        for each, (found, end) in orders.items()
    )
    return Derivation(
        name=name,
        theorem=scheme.theorem,
        title=f"Orders of the remainders of the {scheme.scheme} law once every direction is learned",
        steps=(
            *(parent[each] for each in (*(STORED if scheme.stored else ()), *TAKEN) if each in parent),
            *late_and_slow(scheme),
            *last,
        ),
        conclusions={each: each for each in orders},
    )
