"""The exact side of the laws once every direction is learned, above the floor or without one.

:mod:`exact_sides` puts the risk next to the lower side with the stationary noise (c_0 + c_1 omega)/(1 - load) + own_i, and
:mod:`law_learned` that side next to its law: the law of the exact side.  Relative to the variance the remainders are those of
:mod:`law_learned` and of the orders 1/M, M/N and M/(N gamma).  Rounding what is stored, eps_w each step, is a
direction's own noise, eps_w/(gamma x_i), and feeds back into omega by M^(1-a) gamma of the storage term at most: the law's U is
what that is to first order in the step size, from above; from below the remainder holds it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import sympy as sp
from riskbounds.derivations import exact_sides, law_learned, learned_sides
from riskbounds.derivations.exact_noise import SPREAD, b, c_0, c_1, d, load, omega, own, peak, room
from riskbounds.derivations.exact_noise import l as leans
from riskbounds.derivations.exact_sides import ENDS, LEVEL, ratio
from riskbounds.derivations.law_learned import Sum
from riskbounds.derivations.law_reading import N, gamma, i, k, x
from riskbounds.derivations.law_sums import TWO, Q, left, n
from riskbounds.derivations.learned_scheme import Learned, M
from riskbounds.derivations.learned_sides import lam

from riskbounds import symbols as s
from riskbounds.asymptotics.laws import law
from riskbounds.proofs import (
    Algebra,
    Certificate,
    Claim,
    Derivation,
    Reader,
    Step,
    Term,
    cited,
    inherited,
    le,
    lin,
    lt,
    over,
    positive,
    square,
    term,
    total,
    use,
)
from riskbounds.terms.claims import Symbols, replacement
from riskbounds.terms.polynomial import substitute

HALF, ZERO = 1 / (2 * term(N)), term(0)
#: The lower side's noise is that of the stationary point.
QUIET: Symbols = {"noise_low": ((), LEVEL), **dict.fromkeys(("adlow", "ad", "av", "rise", "rise_low"), ((), ZERO))}
LOWER = {end: f"lower, from {end}" for end in ENDS}
#: Steps of :mod:`learned_sides` on one direction.
USED = ("K", "q <= 1", "1 - Q", "0 <= Q", "weight <= 1", "W <= 1")
#: mu_i (v^q_i)^2.
energy = x[i] / gamma * ratio**2


@dataclass(frozen=True)
class Exact(Learned):
    """A scheme's exact law in its regime without unlearned directions."""

    @property
    def heat(self) -> Term:
        """What sum of (v^q_i)^2/gamma is at most."""
        return M / (self.g**2 * gamma)

    @property
    def stored_noise(self) -> Term:
        """The own noise of direction i that storing adds."""
        return self.eps_w / (gamma * x[i])

    @property
    def own(self) -> Term:
        """The own noise of direction i, and what its mean has yet to learn."""
        return own[i] + self.stored_noise + b * energy

    @property
    def rounded(self) -> Term:
        """What storing adds to omega."""
        return total(i, x[i] * self.stored_noise / (2 - (1 + b) * x[i]))

    @cached_property
    def recursion(self) -> Symbols:
        """What the symbols of :mod:`exact_sides` are."""
        noise: Symbols = {"own_noise": ((i,), own[i] + self.stored_noise)} if self.stored else {}
        return {"target2": ((i,), term(1)), "reached": ((i,), term(1)), **noise}

    def fed_back(self, side: str) -> dict[sp.Expr, Term]:
        """The law's feedback c_1, and its U, which storage makes: ``rounded`` to the first order."""
        found = law(self.scheme, side).definitions.get(s.shared_noise, sp.S.Zero)
        return {s.feedback: c_1, s.shared_noise: Reader({s.M: M, s.eps_w: self.eps_w, s.step: gamma})(found)}

    @property
    def counted(self) -> Term:
        """What U adds to the law."""
        return HALF * M * SPREAD * c_1 * self.fed_back("exact")[s.shared_noise] / self.g

    def exact_remainder(self, end: str) -> Term:
        """By how much the risk may lie above or below the law, at most."""
        lower = substitute(self.remainder("lower", end), {}, replacement(QUIET))
        if end == "above":
            direct = total(i, ratio * own[i]) + b / room * gamma * total(i, lam[i] * (peak + self.own))
            heated = SPREAD * c_1 * (1 + b / room) * M * self.heat / self.g + b * self.heat / self.g
            direct += M * SPREAD * c_1 * self.rounded / self.g
            return lower + HALF * direct - self.counted + HALF / N * heated
        missing = c_1 / room**2 * (M * peak + total(i, self.own)) + (leans + c_1 * d / room) * self.heat
        return lower + HALF / N * (SPREAD * missing * M + d * self.heat) / self.g + self.counted

    def exact_claims(self) -> dict[str, Claim]:
        """The risk of SGD against the law."""
        terms = self.terms("exact", c_0 + c_1 * (omega - self.rounded), load)
        law = learned_sides.MEAN["approximation"] + sum(terms.values(), ZERO)
        return {
            "above": le(exact_sides.RISK, law + self.exact_remainder("above")),
            "below": le(law - self.exact_remainder("below"), exact_sides.RISK),
        }


#: Steps of the two derivations that share an id, and what those of the pair are called here.
PAIR = {"kappa": "kappa of the pair", "room": "no feedback"}


def joined(scheme: Exact) -> tuple[Step, ...]:
    """What the law of the lower side and the exact side in general assume, and their conclusions."""
    lower = law_learned.derivation(f"law-learned-{scheme.scheme}")
    pair = {each.id: each for each in inherited(lower, QUIET, tuple(LOWER.values()))}
    risk = {each.id: each for each in inherited(exact_sides.derivation, scheme.recursion, ENDS) if each.id != "x <= 1"}
    kappa = replace(pair.pop("kappa"), id=PAIR["kappa"])
    still = Step(id=PAIR["room"], claim=pair.pop("room").claim, rule=Algebra(positive(1)))
    heated = pair.pop("h")
    return (
        *pair.values(),
        TWO,
        kappa,
        still,
        heated,
        *signed(risk),
        *(cited(lower, LOWER[end], QUIET, hypotheses=PAIR) for end in ENDS),
        *(cited(exact_sides.derivation, end, scheme.recursion, f"risk {end}") for end in ENDS),
    )


def signed(found: dict[str, Step]) -> tuple[Step, ...]:
    """The assumptions on the exact recursion, with the signs of what they define."""
    far = Step(id="far > 0", claim=lt(0, 2 - (1 + b) * x[i]), rule=Algebra(use("room") + positive(room)))
    signs = {
        name: Step(id=f"0 <= {name}", claim=le(0, number), rule=Algebra(positive(found[name].claim.right) - use(name)))
        for name, number in (("omega", omega), ("peak", peak))
    }
    room_left, highest = found.pop("room"), found.pop("peak")
    return (room_left, far, *found.values(), signs["omega"], highest, signs["peak"])


def directions(scheme: Exact) -> tuple[Step, ...]:
    """What one direction lacks, and how many there are."""
    general = {each.id: each for each in learned_sides.directions}
    own = {each.id: each for each in (*law_learned.directions(scheme), *law_learned.sums())}
    return (*(general[name] for name in USED), own["share <= 1"], own["count"])


def noise_parts(scheme: Exact) -> dict[str, Certificate]:
    """What the remainder leaves of the exact side's EXCESS and MISSING."""
    g, y = scheme.g, scheme.share
    weights, squares, cubes = (
        Sum(1 / g**power / pace, power, term(1), y).over_law() for power, pace in ((1, term(1)), (2, gamma), (3, gamma))
    )
    first = over(i, ratio * square(1 - left(k)))
    first_above = weights + over(i, ratio * left(k) * (1 + use("q <= 1", {n: lin(k)})))
    last_above = weights + over(i, ratio * use("0 <= Q") * (1 + use("1 - Q")))
    heat_above = squares + over(i, ratio**2 / gamma * use("W <= 1"))
    lean_above = squares + over(i, ratio**2 / gamma * use("0 <= Q"))
    peaks = use("0 <= peak") + scheme.own
    learned = over(i, peaks * use("1 - Q") * (1 + use("0 <= Q")))
    tops = over(i, peaks * square(Q)) + peak * use("count")
    fed = SPREAD * c_1 * (1 + b / room)
    return {
        "above": fed * (first_above * scheme.heat + first * heat_above) + b * (cubes + over(i, ratio**3 / gamma * use("W <= 1"))),
        "below": SPREAD * c_1 / room**2 * (tops * (M / g) + learned * last_above)
        + SPREAD * (leans + c_1 * d / room) * (first_above * scheme.heat + first * lean_above)
        + d * (cubes + over(i, ratio**3 / gamma * use("0 <= Q"))),
    }


def derivation(name: str) -> Derivation:
    """The exact law of a scheme: "law-exact-learned-full-precision", and so on."""
    scheme = Exact(name.removeprefix("law-exact-learned-"))
    claims, noise = scheme.exact_claims(), noise_parts(scheme)
    own_noise = {
        "above": over(i, ratio * own[i] * use("weight <= 1")),
        "below": over(i, ratio * own[i] / N * use("K", {n: N})) + positive(M * SPREAD * c_1 * scheme.rounded / scheme.g),
    }
    return Derivation(
        name=name,
        theorem="exact recursion",
        title=f"Law of the {scheme.scheme} scheme once every direction is learned, exact risk",
        steps=(
            *joined(scheme),
            *directions(scheme),
            *(
                Step(
                    id=end,
                    claim=claims[end],
                    rule=Algebra(use(f"risk {end}") + use(LOWER[end]) + HALF * own_noise[end] + HALF / N * noise[end]),
                )
                for end in ENDS
            ),
        ),
        conclusions={each: each for each in claims},
    )
