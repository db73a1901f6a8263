"""A scheme's exact law while directions are being learned: its noise, its remainders and its statement, for both targets.

f_i is the contraction with the floor, P = (1-f)^N; x_i and Q = (1-x)^N are those without.
"""

from __future__ import annotations

from functools import cached_property

from riskbounds.derivations import exact_sides as general
from riskbounds.derivations.exact_noise import SPREAD, b, c_0, c_1, d, kappa, load, omega, peak, room, whole
from riskbounds.derivations.exact_noise import l as leans
from riskbounds.derivations.law_floor_sums import Z
from riskbounds.derivations.law_reading import N, floor, gamma, i, rank, read_law, x
from riskbounds.derivations.law_reading import b as exponent
from riskbounds.derivations.law_scale import LOST, Scale
from riskbounds.derivations.law_source import Source
from riskbounds.derivations.law_sums import TRACE, integral

from riskbounds import symbols as s
from riskbounds.proofs import Claim, Term, eq, le, scalar, term, total
from riskbounds.terms.claims import Symbols, instance
from riskbounds.terms.convert import Meanings

ENDS = general.ENDS
ZERO = term(0)


class ExactScale(Scale):
    """The factors of a scheme's sums, and the exact noise on them; the storage is exact.

    own_i = t w_i + z mu_i, w_i = mu_i (v^q_i)^2.
    """

    @property
    def plain(self) -> bool:
        """Nothing is quantized."""
        return self.scheme == "full-precision"

    @property
    def stored(self) -> bool:
        """Weights are stored exactly."""
        return False

    @property
    def ratio(self) -> Term:
        """x_i/f_i: g lam_i/mu_i."""
        return x[i] / self.of[i]

    @property
    def energy(self) -> Term:
        """w_i."""
        return self.ratio * x[i] / (gamma * self.g**2)

    @property
    def target2(self) -> Term:
        """E w*_i^2."""
        return term(1)

    @property
    def reached(self) -> Term:
        """The part of a direction's feedback that counts: all but z/2, for which the floor has no time."""
        return self.ratio + (1 + b) * Z / 2 if self.floored else term(1)

    @property
    def waiting(self) -> Term:
        """M z/2."""
        return total(i, Z / 2) if self.floored else ZERO

    @property
    def own(self) -> Term:
        """own_i."""
        target = ZERO if self.plain else scalar("target_noise", "0+") * self.energy
        return target + (scalar("rough", "0+") * self.of[i] / gamma if self.scheme == "additive" else ZERO)

    @property
    def top(self) -> Term:
        """The part of the bound of direction i's noise that is its own."""
        return self.own + b * self.energy

    @cached_property
    def symbols(self) -> Symbols:
        """What the symbols of :mod:`exact_sides` are."""
        none = dict.fromkeys(("leans", "decays"), ((), ZERO)) if self.plain else {}
        power_law = {
            "x": ((i,), self.of[i]),
            "lam": ((i,), x[i] / (gamma * self.g)),
            "target2": ((i,), self.target2),
            "reached": ((i,), self.reached),
        }
        return {**power_law, "own_noise": ((i,), self.own), **none}

    @property
    def V(self) -> Term:
        """c_0 + c_1 omega."""
        return c_0 if self.plain else c_0 + c_1 * omega

    @property
    def share(self) -> Term:
        """What the sum of 1 - Q is at most."""
        return integral("share") + TRACE

    @property
    def settled(self) -> Term:
        """What the sum of the part that counts times 2 - 2P is at most."""
        return 2 * self.share + (1 + b) * self.waiting

    @property
    def slow(self) -> Term:
        """What the directions that the floor moves feed back, at most."""
        moved = 2 * (self.share + 2 * N * self.waiting)
        return Z / 2 * (peak * moved + total(i, self.top)) if self.floored else ZERO

    @property
    def idle(self) -> Term:
        """What their own noise would feed back."""
        far = 2 - (1 + b) * self.of[i]
        return total(i, (1 - self.reached) * self.of[i] / far * self.own) if self.floored else ZERO

    def exact_remainder(self, end: str) -> Term:
        """By how much the exact risk may lie above or below the law, at most."""
        first, dt = integral("square") + 3 * TRACE + self.hidden, integral("average") + 2 * TRACE + self.hidden
        lean, decay = (ZERO, ZERO) if self.plain else (leans, d)
        least = peak * self.settled + total(i, self.reached * self.top)
        noise = {
            "above": SPREAD * (self.V * (2 * TRACE + self.hidden) + c_1 * ((1 + b / room) * self.h * first + self.slow * dt))
            + b * self.h
            + b / room * total(i, x[i] * (peak + self.top))
            + total(i, self.ratio * self.own),
            "below": SPREAD * (self.V * (LOST + 2 * TRACE + self.hidden) + c_1 * self.idle * dt)
            + SPREAD * c_1 / (room**2 * term(N)) * least * self.share
            + (SPREAD * (lean + c_1 * decay / room) * first + decay) * self.h / 2,
        }
        return self.mean_remainder(end) + self.weight * noise[end]

    @property
    def levels(self) -> Meanings:
        """The law's load counts what waits too, and takes it back: load - feedback M z/2 = c_1 kappa."""
        return {s.load: c_1 * (kappa + self.waiting), s.feedback: c_1, s.floor: floor, s.M: total(i, term(1)), s.eps_w: ZERO}

    def terms(self, side: str) -> dict[str, Term]:
        """The law's terms."""
        return read_law(self.scheme, side, self.V, load, more=self.levels)

    def exact_claims(self) -> dict[str, Claim]:
        """The risk against the law."""
        risk, law = instance(le(0, general.RISK), {}, self.symbols).right, self.law("exact")
        found = {
            "above": le(risk, law + self.exact_remainder("above")),
            "below": le(law - self.exact_remainder("below"), risk),
        }
        return {**found, "all of kappa": eq(whole, kappa + self.waiting)} if self.floored else found


class ExactSource(ExactScale, Source):
    """The same for a source target on a strip."""

    @property
    def energy(self) -> Term:
        """w_i."""
        return rank(i, exponent) / self.g

    @property
    def target2(self) -> Term:
        """E w*_i^2."""
        return gamma * self.g * rank(i, exponent) / x[i]

    def terms(self, side: str) -> dict[str, Term]:
        """The law's terms."""
        return read_law(self.scheme, side, self.V, load, more=self.strip.inverses, point=self.strip.point)
