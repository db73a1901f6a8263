"""A scheme's law once every direction is learned, as claims: the sides of the sharp pair and sigma_q^2, with remainders.

lam_i = c i^-a, mu_i = g lam_i + e, E w*_i^2 = 1; delta = e M^a/(g c), slow = M^a/X, late = e^(-X/M^a), X = N gamma g c.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import sympy as sp
from riskbounds.derivations import learned_sides, power_law_growing
from riskbounds.derivations.law_reading import (
    SIDES,
    Alow,
    N,
    ad,
    adlow,
    av,
    c,
    eps_w,
    floor_of,
    gamma,
    growth_of,
    i,
    rank,
    read_law,
    rise,
    rise_low,
    x,
)
from riskbounds.derivations.learned_sides import SPREAD, U, lam, load
from riskbounds.derivations.power_law import a, p

from riskbounds import symbols as s
from riskbounds.asymptotics.law_setting import law_setting
from riskbounds.asymptotics.noise_sources import source_values
from riskbounds.proofs import Claim, Reader, Term, le, lin, term, total
from riskbounds.proofs.numbering import SIZE
from riskbounds.terms.claims import Symbols, instance, replacement
from riskbounds.terms.exponentials import decay
from riskbounds.terms.polynomial import substitute
from riskbounds.theorems import Theorem
from riskbounds.theorems.sharp_pair import sharp

ENDS = tuple(f"{side}, from {end}" for side in SIDES for end in ("above", "below"))
M = term(SIZE)
#: M^a, the integral of u^a up to M and what sum_i i^a is at most.
LAST = p(M, a)
INTEGRAL = power_law_growing.growing_integral(SIZE, lin(a))
POWERS = INTEGRAL + LAST
#: The powers of the share in what growth and floor take off shrinkage and cross together; their sum is the power in what e adds.
DRAG = {"shrinkage": (1, 1), "cross": (1, 2)}


@dataclass(frozen=True)
class Learned:
    """A scheme in its regime without unlearned directions, and what its law leaves out."""

    scheme: str

    @property
    def g(self) -> Term:
        """Growth."""
        return growth_of(self.scheme)

    @property
    def e(self) -> Term:
        """Floor."""
        return floor_of(self.scheme)

    @property
    def regime(self) -> str:
        """The law's name of it."""
        return "learned" if self.e == term(0) else "learned above the floor"

    @cached_property
    def stored(self) -> bool:
        """Whether the scheme quantizes stored weights; its parameter noise has a part in mu_i."""
        return "storage" in law_setting(self.scheme).slots

    @property
    def theorem(self) -> str:
        """The theorem whose sides these are."""
        return "sharp-storage" if self.stored else "sharp"

    @property
    def eps_w(self) -> Term:
        """The stored weights' level."""
        return self.here(eps_w)

    @property
    def slow(self) -> Term:
        """What 1/(N x_i) is at most: M^a/X."""
        return LAST / (term(N) * gamma * self.g * c)

    @property
    def late(self) -> Term:
        """What (1-x_i)^N is at most: e^(-X/M^a)."""
        return decay(1 / self.slow)

    @property
    def delta(self) -> Term:
        """The floor over the last direction's g lam_M."""
        return self.e * LAST / (self.g * c)

    @property
    def share(self) -> Term:
        """g lam_i/mu_i."""
        return self.g * lam[i] * gamma / x[i]

    @cached_property
    def second(self) -> dict[str, Term]:
        """What multiplies sum i^a in the second order of shrinkage and cross in g - 1 and e, at g - 1 = 0."""
        size = self.e / (self.g**4 * c)
        return {"shrinkage": self.e * size / 2, "cross": size / (term(N) * gamma)}

    def drag(self, name: str, powers: Term) -> Term:
        """What growth and floor together take off a part, without the shares; ``powers`` stands for sum i^a."""
        return len(DRAG[name]) * (self.g - 1) * self.second[name] * powers

    @cached_property
    def symbols(self) -> Symbols:
        """What the symbols of the general sides are here."""
        absent = {} if self.stored else {name: ((), term(0)) for name in ("rise", "rise_low", "eps_w")}
        return {"target2": ((i,), term(1)), "late": ((), self.late), **absent}

    def here(self, general: Term) -> Term:
        """A term of the general sides."""
        return substitute(general, {}, replacement(self.symbols))

    @cached_property
    def noise(self) -> Term:
        """V + (ad + av) U over 1 - load."""
        return SPREAD * (self.here(learned_sides.V) + (ad + av) * self.here(U))

    @property
    def h(self) -> Term:
        """What h is at most."""
        return M / (self.g**2 * term(N) * gamma)

    def fed_back(self, side: str) -> dict[sp.Expr, Term]:  # noqa: ARG002
        """The feedback and U of a side."""
        return {s.feedback: ad + av, s.shared_noise: self.here(U)}

    def terms(self, side: str, noise: Term, load: Term, powers: Term = INTEGRAL) -> dict[str, Term]:
        """The law's terms for a noise level V and a load; ``powers`` stands for M^(a+1)/(a+1)."""
        more = {
            s.M ** (s.a + 1): powers * (term(a) + 1), s.floor: self.e, s.eps_w: eps_w, **self.fed_back(side),
        }  # fmt: skip
        return read_law(self.scheme, side, noise, load, self.regime, more)

    def law(self, side: str, powers: Term = INTEGRAL) -> dict[str, Term]:
        """The terms of the law of a side of the sharp pair."""
        return self.terms(side, self.here(learned_sides.V) if side == "upper" else Alow, load, powers)

    def risen(self, side: str) -> Term:
        """What the mu_i-part of the noise adds, at most."""
        return self.here(rise if side == "upper" else rise_low) * total(i, lam[i]) / (2 * term(N))

    def remainder(self, side: str, end: str) -> Term:
        """By how much the side may lie above or below the law, at most."""
        least, most = self.law(side), self.law(side, POWERS)
        half = 1 / (2 * term(N))
        if end == "above":
            fed = (SPREAD * ad if side == "upper" else adlow) * self.h * M / self.g
            plain = sum((most[name] - least[name] for name in ("bias", "storage")), term(0))
            return plain + self.bent("above") + self.risen(side) + half * fed
        floor = 4 * most["bias"] + 2 * most["storage"] + least["variance"]
        cross = least["cross"] + self.drag("cross", INTEGRAL) + self.second["cross"] * LAST
        found = self.delta * floor + self.bent("below") + self.late * (cross + 2 * most["bias"])
        found = found + 2 * self.slow * (most["storage"] + least["variance"])
        return found + (half * 2 * SPREAD * av * self.h * M / self.g if side == "upper" else 0)

    def bent(self, end: str) -> Term:
        """By how much shrinkage and cross may lie above or below the law's, at most: delta and 1/M times their second order."""
        lost = {name: sum(powers) * self.delta * self.second[name] * POWERS for name, powers in DRAG.items()}
        if end == "above":
            return sum((self.second[name] * LAST + (self.g - 1) * lost[name] for name in DRAG), term(0))
        return sum((self.drag(name, LAST) + lost[name] for name in DRAG), term(0))

    @cached_property
    def excess(self) -> tuple[Term, Term, Term]:
        """sigma_q^2 - sigma_M^2: the theorem's, the law's part without floor and the law's part of the floor."""
        setting = law_setting(self.scheme)
        _, (floor, *_) = source_values(s.excess, setting)
        read = Reader({s.M: M, s.a: a, s.c: c, s.growth: self.g, s.floor: self.e, sp.zeta(s.a): total(i, rank(i))})
        exact = learned_sides.reader(sharp)(s.excess)
        return self.here(exact), read((1 - 1 / setting.g) * setting.target_norm2), read(floor)

    def statement(self, theorem: Theorem) -> dict[str, Claim]:
        """The sides of the registered theorem and sigma_q^2 - sigma_M^2 against the law, and the definitions that they use."""
        found = {name: instance(claim, {}, self.symbols) for name, claim in learned_sides.statement(theorem).items()}
        for side in SIDES:
            law = self.here(learned_sides.MEAN["approximation"]) + sum(self.law(side).values(), term(0))
            above, below = (f"{side}, from {end}" for end in ("above", "below"))
            found[above] = le(found[above].left, law + self.remainder(side, "above"))
            found[below] = le(law - self.remainder(side, "below"), found[below].right)
        if self.e != term(0):
            exact, plain, floor = self.excess
            found["excess noise, from above"] = le(exact, plain + floor)
            found["excess noise, from below"] = le(plain + (1 - self.delta) * floor, exact)
        return found
