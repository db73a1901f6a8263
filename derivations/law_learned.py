"""The laws once every direction is learned, above the floor or without one: both sides, every scheme.

On lam_i = c i^-a, mu_i = g lam_i + e, E w*_i^2 = 1 the general sides of :mod:`learned_sides` become sums of i^a, of 1 and of i^-a
with powers of the share g lam_i/mu_i, which lies between 1 - delta and 1, delta = e M^a/(g c).  So

    law - remainder <= side <= law + remainder        for every N, M, floor and step size that the pair allows,

where the law is what :mod:`riskbounds.asymptotics.laws` computes in the regime "learned" or "learned above the floor", with its
noise, zeta(a)'s partial sum and Approx put in.  Relative to the law's terms the remainders are of the orders 1/M, delta,
M^a/X, e^(-X/M^a), X = N gamma g c, and, by the noise that h feeds, M/(N gamma).  Of shrinkage and cross the law holds the first
order in the floor that g - 1 multiplies and the next: with u = e/(g lam), y = 1/(1+u) the share, summed over i,

    shrinkage = (g-1)^2 lam/(2g^2) + (g-1) e/g^3 + (y^2 - 2 (g-1) y) e^2/(2 g^4 lam),
    N gamma cross = (g-1)/g^3 + (y^3 - (g-1) (y + y^2)) e/(g^4 lam),

where the law has y = 1: the remainder is of the orders delta and 1/M relative to the last terms.
"""

from __future__ import annotations

from dataclasses import dataclass

from riskbounds.derivations import learned_sides, power_law_growing
from riskbounds.derivations.energies import number, sum_over_numbers
from riskbounds.derivations.law_reading import Alow, N, ad, adlow, av, c, gamma, growing, i, rank, x
from riskbounds.derivations.law_sums import TWO, Q, limit, n, powers, t
from riskbounds.derivations.learned_scheme import DRAG, ENDS, LAST, Learned, M
from riskbounds.derivations.learned_sides import SPREAD, lam
from riskbounds.derivations.power_law import a, falling_power, m, p

from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Claim,
    Derivation,
    Known,
    Step,
    Term,
    cited,
    eq,
    inherited,
    le,
    lin,
    over,
    positive,
    square,
    term,
    use,
)
from riskbounds.proofs.certificates import Part
from riskbounds.proofs.numbering import SIZE
from riskbounds.terms.functions import apply
from riskbounds.theorems import theorem_named


def model(scheme: Learned) -> tuple[Step, ...]:
    """The power law, its numbers and its last direction."""
    g, e = scheme.g, scheme.e
    given = {step.id: step for step in inherited(learned_sides.derivation, scheme.symbols, ENDS)}
    grown = [lam[i] * use(step.id) for step in growing(g)]
    return (
        given["x <= 1"],
        TWO,
        Step(id="power law", claim=eq(lam[i], c * rank(i)), rule=Assumption("hypothesis", "lam_i = c i^-a")),
        Step(id="Sigma", claim=eq(x[i], gamma * (g * lam[i] + e)), rule=Assumption("hypothesis", "mu_i = g lam_i + e")),
        *growing(g),
        Step(
            id="lam <= mu",
            claim=given["lam <= mu"].claim,
            rule=Algebra(sum(grown, positive(e) - 1 / gamma * use("Sigma"))),
        ),
        Step(id="i <= M", claim=le(number[i], M), rule=Assumption("model", "the directions are numbered 1, ..., M")),
        *falling_power("M^-a <= i^-a", number[i], M, lin(a) + 1, positive(term(a)), use("i <= M")),
        *(given[name] for name in ("kappa", "room", "h", "k", "phi")),
    )


def directions(scheme: Learned) -> tuple[Step, ...]:
    """What one direction lacks: late, slow and delta."""
    g, e, y, least = scheme.g, scheme.e, scheme.share, 1 / scheme.slow
    apart = t - least
    longer = g * (c * use("M^-a <= i^-a") - use("power law")) + positive(e)
    rising = term(N) * (gamma * longer - use("Sigma"))
    return (
        cited(powers, "below", name="Q below"),
        Step(id="1 + d <= e^d", claim=le(1 + apart, apply("exp", apart)), rule=Known("exp", (apart,))),
        Step(id="e^(d-t)", claim=eq(scheme.late, limit(N) * apply("exp", apart)), rule=Known("exp of a sum", (-t, apart))),
        Step(
            id="late",
            claim=le(Q, scheme.late),
            rule=Algebra(use("Q below", {n: N}) + limit(N) * (use("1 + d <= e^d") + rising) - use("e^(d-t)")),
        ),
        Step(id="1/t <= slow", claim=le(1 / t, scheme.slow), rule=Algebra(scheme.slow / t * rising)),
        Step(id="share <= 1", claim=le(y, 1), rule=Algebra(gamma * e / x[i] - 1 / x[i] * use("Sigma"))),
        Step(id="1/lam", claim=eq(1 / lam[i], p(number[i], a) / c), rule=Algebra(-1 / (c * rank(i) * lam[i]) * use("power law"))),
        Step(
            id="1 - share <= delta",
            claim=le(1 - y, scheme.delta),
            rule=Algebra(
                e / (g * c) * (LAST / rank(i) * use("M^-a <= i^-a") + c * use("1/lam") + c / lam[i] * use("share <= 1"))
                + 1 / x[i] * use("Sigma")
            ),
        ),
    )


def sums() -> tuple[Step, ...]:
    """The sums of i^a and of 1."""
    lemma = power_law_growing.powers
    return (
        *(cited(lemma, name) for name in lemma.conclusions),
        sum_over_numbers("powers", lambda o: p(o, a)),
        sum_over_numbers("count", lambda _: term(1)),
    )


@dataclass(frozen=True)
class Sum:
    """sum_i factor share_i^power weight_i, as it stands in the general sides."""

    factor: Part
    power: int
    weight: Term
    share: Term

    @property
    def by_integral(self) -> bool:
        """Whether it is a sum of i^a."""
        return self.weight == 1 / lam[i]

    def over_law(self) -> Certificate:
        """factor times (the larger sum of the weights - the sum itself)."""
        less = use("share <= 1") * sum((self.share**n for n in range(self.power)), term(0))
        return self.factor * (over(i, self.weight * less) + self._least()[1])

    def under_law(self, delta: Term) -> Certificate:
        """factor times (the sum - (the law's sum of the weights - power delta times the larger sum))."""
        curve = sum(((self.power - n) * self.share ** (n - 1) for n in range(1, self.power)), term(0))
        missing = over(i, self.weight * (square(1 - self.share) * curve + self.power * use("1 - share <= delta")))
        least, most = self._least()
        return self.factor * (missing + least + self.power * delta * most)

    def _least(self) -> tuple[Certificate, Certificate]:
        """The sum of the weights less the law's, and the larger sum less it."""
        if self.by_integral:
            here, number = {m: lin(SIZE) - 1}, use("powers") + over(i, use("1/lam") * c)
            return 1 / c * (use("sum from below", here) - number), 1 / c * (use("sum from above", here) + number)
        whole = use("count") if self.weight == term(1) else over(i, use("power law"))
        return -whole, whole


def growth(scheme: Learned) -> Part:
    """0 <= g - 1."""
    return use("growth") if growing(scheme.g) else term(0)


def drags(scheme: Learned, name: str) -> tuple[Sum, ...]:
    """The sums that growth and floor together take off a part."""
    taken = growth(scheme) * (c * scheme.second[name]) if name in DRAG else term(0)
    return tuple(Sum(taken, power, 1 / lam[i], scheme.share) for power in DRAG.get(name, ()))


def parts(scheme: Learned) -> dict[str, tuple[Sum, ...]]:
    """The sums of the mean part, the storage and the weights, but for what ``drags`` takes off."""
    g, y, pace, grown = scheme.g, scheme.share, term(N) * gamma, growth(scheme)
    second = {name: Sum(c * each, sum(DRAG[name]), 1 / lam[i], y) for name, each in scheme.second.items()}
    return {
        "shrinkage": (
            Sum(square(g - 1) * (1 / (2 * g**2)), 0, lam[i], y),
            Sum(grown * (scheme.e / g**3), 0, term(1), y),
            second["shrinkage"],
        ),
        "cross": (Sum(grown * (1 / (pace * g**3)), 0, term(1), y), second["cross"]),
        "bias": (Sum(1 / (2 * pace**2 * g**4), 4, 1 / lam[i], y),),
        "storage": (Sum(scheme.eps_w / (2 * pace * gamma * g**2), 2, 1 / lam[i], y),),
        "weights": (Sum(1 / g, 1, term(1), y),),
    }


def bounds(scheme: Learned) -> tuple[dict[str, Certificate], dict[str, Certificate]]:
    """Each part's bound by the law's terms less the part, and the part less its bound."""
    same, delta = expanded(scheme), scheme.delta
    above, below = {}, {}
    for name, sums in parts(scheme).items():
        equal, taken = same.get(name, positive(0)), drags(scheme, name)
        above[name] = sum((*(each.over_law() for each in sums), *(each.under_law(delta) for each in taken)), equal)
        below[name] = sum((*(each.under_law(delta) for each in sums), *(each.over_law() for each in taken)), -equal)
    return above, below


def expanded(scheme: Learned) -> dict[str, Certificate]:
    """Shrinkage and cross are their sums less what is taken off."""
    g, y = scheme.g, scheme.share
    shrunk = gamma * scheme.e / x[i] * (y / 2 - (g - 1)) + y / 2 * (2 * g - 1 - y)
    crossed = (y**2 - (g - 1) * (1 + y)) / (x[i] * term(N))
    return {name: over(i, each / (gamma * g**3) * use("Sigma")) for name, each in (("shrinkage", shrunk), ("cross", crossed))}


def crossing(scheme: Learned) -> Certificate:
    """The bound of cross that nothing is taken off, less cross."""
    found = sum((each.over_law() for each in parts(scheme)["cross"]), expanded(scheme)["cross"])
    return sum((over(i, each.factor * each.weight * each.share**each.power) for each in drags(scheme, "cross")), found)


def ends(scheme: Learned) -> dict[str, Certificate]:
    """law + remainder less the general one, and the general law - remainder less this one."""
    above, below = bounds(scheme)
    mean = ("shrinkage", "cross", "bias", "storage")
    half, weights = 1 / (2 * term(N)), scheme.here(learned_sides.WEIGHTS)
    squares = Sum(1 / (scheme.g**2 * term(N) * gamma), 2, term(1), scheme.share).over_law()
    fed = scheme.h * above["weights"] + weights * squares
    shorter = use("1/t <= slow")
    mean_above = sum((above[name] for name in mean), positive(0))
    mean_below = (
        sum((below[name] for name in mean), positive(0))
        + scheme.late * (crossing(scheme) + 2 * above["bias"])
        + 2 * scheme.slow * above["storage"]
        + over(i, scheme.eps_w * lam[i] / x[i] ** 2 / term(N) * shorter)
    )
    lacking = below["weights"] + 2 * (over(i, lam[i] * gamma / x[i] * shorter) + scheme.slow * above["weights"])
    return {
        "upper, from above": mean_above + half * (scheme.noise * above["weights"] + SPREAD * ad * fed),
        "lower, from above": mean_above + half * (Alow * above["weights"] + adlow * fed),
        "upper, from below": mean_below + half * (scheme.noise * lacking + 2 * SPREAD * av * fed),
        "lower, from below": mean_below + half * Alow * lacking,
    }


def excess(scheme: Learned) -> dict[str, Certificate]:
    """sigma_q^2 - sigma_M^2 against the law's, where there is a floor."""
    g, floor = scheme.g, Sum(scheme.e / scheme.g**2, 1, term(1), scheme.share)
    same = (1 - 1 / g) * over(i, use("power law")) + over(i, lam[i] / (g * x[i]) * use("Sigma"))
    return {"excess noise, from above": floor.over_law() + same, "excess noise, from below": floor.under_law(scheme.delta) - same}


def sides(scheme: Learned, claims: dict[str, Claim]) -> tuple[Step, ...]:
    """Both sides, from above and below."""
    found = ends(scheme)
    general = {end: f"{end}, in general" for end in ENDS}
    return (
        *(cited(learned_sides.derivation, end, scheme.symbols, general[end]) for end in ENDS),
        *(Step(id=end, claim=claims[end], rule=Algebra(use(general[end]) + found[end])) for end in ENDS),
        *(Step(id=each, claim=claims[each], rule=Algebra(rule)) for each, rule in excess(scheme).items() if each in claims),
    )


def derivation(name: str) -> Derivation:
    """The law of a scheme: "law-learned-full-precision", and so on."""
    scheme = Learned(name.removeprefix("law-learned-"))
    claims = scheme.statement(theorem_named(scheme.theorem))
    return Derivation(
        name=name,
        theorem=scheme.theorem,
        title=f"Law of the {scheme.scheme} scheme once every direction is learned, both sides of the sharp pair",
        statement=scheme.statement,
        steps=(*model(scheme), *directions(scheme), *sums(), *sides(scheme, claims)),
        conclusions={each: each for each in claims},
    )
