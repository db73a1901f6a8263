"""A scheme's law, sums and remainders while directions are being learned, x_i = gamma g c i^-a without and full_i with the floor.

``lost`` is what a sum over the M directions lacks of its integral, ``hidden`` what a floor that N steps do not see, N gamma floor
small, moves each sum by.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from riskbounds.derivations.law_reading import (
    A,
    Alow,
    N,
    ad,
    adlow,
    av,
    contraction_of,
    eps_w,
    floor,
    full,
    gamma,
    growth_of,
    i,
    kappa,
    kept_in,
    law_reader,
    read_law,
    rise,
    rise_low,
)
from riskbounds.derivations.law_sums import TAIL, TRACE, above, integral

from riskbounds import symbols as s
from riskbounds.proofs import Certificate, Claim, Reader, Symbol, Term, le, over, term, use
from riskbounds.terms.convert import Meanings
from riskbounds.theorems import Theorem
from riskbounds.theorems.sharp_pair import MEAN_PART, diagonal, sharp, sharp_storage

HALF = Fraction(1, 2)
load = (ad + av) * kappa
SPREAD = 1 / (1 - load)
LOST = 1 + TAIL
#: The integral of average/t.
STORED = integral("share") + integral("lag") - 2 * integral("spare")


@dataclass(frozen=True)
class Scale:
    """The factors of a scheme's sums, for its growth g and its floor."""

    scheme: str

    @property
    def g(self) -> Term:
        """Sigma = g Lam + floor."""
        return growth_of(self.scheme)

    @property
    def of(self) -> Symbol:
        """The contraction, the floor included."""
        return contraction_of(self.scheme)

    @property
    def floored(self) -> bool:
        """Whether the scheme has a floor."""
        return self.of == full

    @property
    def stored(self) -> bool:
        """Whether the scheme quantizes stored weights, and lets the noise rise with mu_i."""
        return self.scheme == "additive"

    @property
    def theorem(self) -> Theorem:
        """The theorem whose sides the law describes."""
        return sharp_storage if self.stored else sharp

    def read(self, theorem: Theorem, changes: Meanings | None = None, *, of: Symbol | None = None) -> Reader:
        """Reads a side of the theorem, see :func:`law_reader`; here E w*_i^2 = 1."""
        return law_reader(theorem, self.scheme, changes, of=of)

    @cached_property
    def norm(self) -> Term:
        """||v^q||^2 in Sigma."""
        return self.read(sharp)(s.quantized_norm2)

    @property
    def per_direction(self) -> Term:
        """mu_i (v^q_i)^2/(N x_i), without the floor."""
        return 1 / (term(N) * gamma * self.g**2)

    @property
    def bias(self) -> Term:
        """What multiplies the sum of (1-Q)^2/t in the bias."""
        return self.per_direction / (2 * self.g)

    @property
    def cross(self) -> Term:
        """What multiplies the sum of 1-Q in the cross term."""
        return (1 - 1 / self.g) * self.per_direction

    @property
    def distance(self) -> Certificate:
        """h above, halved, less the sum of :attr:`per_direction` times 1 - Q."""
        return self.per_direction * (over(i, use("share above")) + above("share"))

    @property
    def h(self) -> Term:
        """What h is at most."""
        return 2 * self.per_direction * (integral("share") + TRACE)

    @property
    def V(self) -> Term:
        """The noise that all directions learned would see, at mu_i near 0."""
        return A + av * self.norm

    @cached_property
    def U(self) -> Term:
        """phi of the noise that rises with mu_i and of the storage, without feedback."""
        if not self.stored:
            return term(0)
        alone = {s.A: lambda o: rise * full[o] / gamma, s.kappa: term(0)}
        return self.read(self.theorem, alone)(self.theorem.definitions[s.phi])

    @property
    def weight(self) -> Term:
        """What multiplies the variance's sums of K/N and (1-(1-x)^(N-1))^2."""
        return HALF / (term(N) * self.g)

    @property
    def store(self) -> Term:
        """What multiplies the sum of K/(N t) in the storage's own term."""
        return HALF * eps_w / (gamma * self.g) if self.stored else term(0)

    @property
    def hidden(self) -> Term:
        """N z sum (1-Q) at most, z = gamma floor."""
        return N * gamma * floor * (integral("share") + TRACE) if self.floored else term(0)

    def mean(self, of: Symbol) -> Term:
        """Shrinkage, bias and cross term, for the contraction with or without floor."""
        read = self.read(self.theorem, of=of)
        return sum((read(diagonal(MEAN_PART[name])) for name in ("shrinkage", "bias", "cross")), term(0))

    def mean_remainder(self, end: str) -> Term:
        """By how much bias and cross term may lie above or below the law's, at most."""
        bias, cross = (LOST + 3 * TRACE, TRACE) if end == "above" else (LOST, LOST)
        shift = self.per_direction * self.hidden if end == "above" else term(0)
        return self.bias * bias + self.cross * cross + shift

    def remainder(self, side: str, end: str) -> Term:
        """By how much the side may lie above or below the law, at most."""
        return self.mean_remainder(end) + self.weight * self._noise(side, end) + self.store * self._store(end)

    def _noise(self, side: str, end: str) -> Term:
        """The variance's part, over its weight."""
        dt, dp = integral("average") + 2 * TRACE + self.hidden, integral("square") + 3 * TRACE + self.hidden
        more, before, less = 2 * TRACE + self.hidden, 3 * TRACE + self.hidden, LOST + 2 * TRACE + self.hidden
        up, up_low = (rise * TRACE / gamma, rise_low * TRACE / gamma) if self.stored else (term(0), term(0))
        shared = (ad + av) * self.U
        noise = {
            ("lower", "above"): Alow * more + adlow * self.h * dt + up_low,
            ("lower", "below"): Alow * less,
            ("upper", "above"): self.V * more + SPREAD * ((load * self.V + shared) * before + ad * self.h * dp) + up,
            ("upper", "below"): SPREAD * (self.V + shared) * less + av * self.h * (dt + SPREAD * load * dp),
        }
        return noise[side, end]

    def _store(self, end: str) -> Term:
        """The storage's part, over its factor: a floor lowers it."""
        more = 2 * LOST + 2 * TRACE
        return more if end == "above" else 2 * LOST + TRACE + 2 * N * gamma * floor * (STORED + more)

    def terms(self, side: str) -> dict[str, Term]:
        """The law's terms."""
        levels = {s.shared_noise: self.U, s.feedback: ad + av, s.eps_w: eps_w}
        return read_law(self.scheme, side, self.V if side == "upper" else Alow, load, more=levels)

    def law(self, side: str) -> Term:
        """The law's terms with Approx."""
        return self.read(self.theorem)(s.approximation) + sum(self.terms(side).values(), term(0))

    def statement(self, theorem: Theorem) -> dict[str, Claim]:
        """The sides of the registered theorem, Lam and Sigma commuting, against the law, and the definitions that they use."""
        read = self.read(theorem)
        found = kept_in(theorem, read)
        for side, value in (("upper", read(diagonal(theorem.upper))), ("lower", read(diagonal(theorem.lower)))):
            law = self.law(side)
            found[f"{side}, from above"] = le(value, law + self.remainder(side, "above"))
            found[f"{side}, from below"] = le(law - self.remainder(side, "below"), value)
        return found
