"""The laws of the full-precision and the multiplicative scheme with a source target, while directions are being learned.

The sharp pair on lam_i = c i^-a, mu_i = g lam_i, E lam_i w*_i^2 = i^-b, noise constants the same in every direction:

    law - remainder <= side <= law + remainder        for every N, M and step size that the pair allows,

as in :mod:`laws`, on three strips of b: rough, 1 < b < a + 1; smooth, a + 1 < b < 2a + 1, where the cross term is that of the
first directions; saturated, 2a + 1 < b, where the bias is too.  A sum of i^-b f(t_i), f <= t^-j, lies within X^(-b/a) + X^-j of
its integral, X^((1-b)/a) times a number, but for X^-j/(ja+1-b) and the directions beyond M: relative to it X^(-1/a),
X^((b-1)/a - j) and (X/M^a)^((b-1)/a).  What saturates falls short of X^-j sum i^(ja-b) by the sum's part that is not learned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import sympy as sp
from riskbounds.derivations.law_profiles import distance, distance_squared, distances
from riskbounds.derivations.law_reading import HALF, NUMBERED, Alow, N, b, gamma, growing, i, law_reader, rank, reach, read_law, x
from riskbounds.derivations.law_scale import Scale, load
from riskbounds.derivations.law_sums import LAG, LEARNED, LEFT, E, Q, learned, t, transfers
from riskbounds.derivations.laws import contraction, noise, sides, sums
from riskbounds.derivations.power_law import a, p

from riskbounds import symbols as s
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Derivation,
    Known,
    Reader,
    Step,
    Symbol,
    Term,
    Weighted,
    eq,
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
from riskbounds.proofs.numbering import SIZE
from riskbounds.terms.convert import Meanings
from riskbounds.terms.exponentials import TAU, decay, exponentials
from riskbounds.terms.functions import apply
from riskbounds.theorems import Theorem
from riskbounds.theorems.sharp_pair import sharp

#: Where the Mellin transforms are taken: s.
pole = (term(b) - 1) / term(a)
GAMMA = apply("gamma", 1 + pole)
WHOLE = total(i, rank(i, b))
TAIL = p(term(SIZE), 1 - lin(b)) / (term(b) - 1)
#: The distances that a target weighs, with the power of 1/t that they lie below.
SUMMANDS = {"distance": (distance, 1), "distance^2": (distance_squared, 2)}
SUMS = {"distance": total(i, rank(i, b) * learned / t), "distance^2": total(i, rank(i, b) * (learned / t) ** 2)}


def margin(n: int) -> Term:
    """na + 1 - b."""
    return n * term(a) + 1 - term(b)


@dataclass(frozen=True)
class Strip:
    """na + 1 < b < (n+1)a + 1; the last strip has no end."""

    name: str
    n: int

    @property
    def point(self) -> Mapping[sp.Symbol, object]:
        """A point of the strip, where the law's terms are chosen."""
        return {s.a: sp.Integer(2), s.b: 2 * self.n + 2}

    @property
    def steps(self) -> tuple[Step, ...]:
        """What is known of b."""
        if self.n == 2:
            return ()
        low = Step(id="strip", claim=lt(self.n * term(a) + 1, b), rule=Assumption("hypothesis", "b lies above the strip's end"))
        high = Step(id="strip ends", claim=lt(b, (self.n + 1) * term(a) + 1), rule=Assumption("hypothesis", "and below the next"))
        if self.n:
            return low, high, Step(id="b > 1", claim=lt(1, b), rule=Algebra(use("strip") + term(a)))
        return low, high, Step(id="b < 2a + 1", claim=lt(b, 2 * term(a) + 1), rule=Algebra(use("strip ends") + term(a)))

    @property
    def inverses(self) -> dict[sp.Expr, Term]:
        """1/(a + 1 - b), where that is negative."""
        return {1 / (s.a - s.b + 1): -1 / -margin(1)} if self.n else {}

    def over_margin(self, n: int) -> Term:
        """1/(s - n)."""
        return term(a) / -margin(n) if self.n >= n else -(term(a) / margin(n))

    def integral(self, name: str) -> Term:
        """The integral of u^-b f(X u^-a) over u > 0, with Gamma(1 + s)."""
        number = {"distance": term(-1), "distance^2": (4 * HALF - 2) * self.over_margin(2)}[name]
        return p(reach, 1 - lin(b)) / a * number * self.over_margin(1) * self.over_margin(0) * GAMMA

    def saturates(self, name: str) -> bool:
        """Whether the first directions lead the sum."""
        return self.n >= SUMMANDS[name][1]


STRIPS = {each.name: each for each in (Strip("rough", 0), Strip("smooth", 1), Strip("saturated", 2))}


def far(j: int) -> Term:
    """X^-j."""
    return p(reach, lin(a) * -j)


def edge(name: str) -> Term:
    """By how much a sum may differ from its integral where the integrand is largest."""
    return p(reach, lin(b) * -1) + far(SUMMANDS[name][1])


def first(j: int, body: Term | int = 1) -> Term:
    """X^-j sum i^(ja - b), what the first directions leave."""
    return far(j) * total(i, p(NUMBERED[i], j * lin(a) - lin(b)) * body)


@dataclass(frozen=True)
class Source(Scale):
    """The factors of a scheme's sums, for a source target on a strip."""

    strip: Strip

    def read(self, theorem: Theorem, changes: Meanings | None = None, *, of: Symbol | None = None) -> Reader:
        """Reads a side of the theorem, for E lam_i w*_i^2 = i^-b."""
        target: Meanings = {s.target2: lambda o: gamma * self.g * rank(o, b) / x[o]}
        return law_reader(theorem, self.scheme, {**target, **(changes or {})}, of=of)

    @property
    def per_direction(self) -> Term:
        """mu_i (v^q_i)^2/(N x_i)."""
        return rank(i, b) / (self.g * t)

    @property
    def bias(self) -> Term:
        """What multiplies the sum of i^-b (1-Q)^2/t^2 in the bias."""
        return 1 / (2 * self.g**2)

    @property
    def cross(self) -> Term:
        """What multiplies the sum of i^-b (1-Q)/t in the cross term."""
        return (1 - 1 / self.g) / self.g

    @property
    def most(self) -> Term:
        """What the sum of i^-b (1-E)/t is at most."""
        return first(1) if self.strip.saturates("distance") else self.strip.integral("distance") + edge("distance")

    @property
    def late(self) -> Term:
        """By how much the sum of i^-b (1-Q)/t may lie above that."""
        return term(0) if self.strip.saturates("distance") else WHOLE / N

    @property
    def h(self) -> Term:
        """What h is at most."""
        return 2 / self.g * (self.most + self.late)

    @property
    def distance(self) -> Certificate:
        """h above, halved, less the sum of :attr:`per_direction` times 1 - Q."""
        return 1 / self.g * use("sum of distance")

    def mean_remainder(self, end: str) -> Term:
        """The part of bias and cross term."""
        return self.bias * self.missing("distance^2", end) + self.cross * self.missing("distance", end)

    def missing(self, name: str, end: str) -> Term:
        """By how much a sum of (1-Q)/t or its square may lie above or below the law's."""
        j = SUMMANDS[name][1]
        if self.strip.saturates(name):
            return term(0) if end == "above" else j * first(j, Q)
        if end == "above":
            return edge(name) + (self.late if j == 1 else 3 * self.most / N)
        return edge(name) + far(j) / margin(j) + TAIL

    def sum(self, name: str) -> Term:
        """What the law puts for a sum of (1-Q)/t or its square."""
        return first(SUMMANDS[name][1]) if self.strip.saturates(name) else self.strip.integral(name)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The sums of which both ends are needed."""
        return ("distance^2",) if self.g == term(1) else ("distance", "distance^2")

    def terms(self, side: str) -> dict[str, Term]:
        """The law's terms."""
        V = self.V if side == "upper" else Alow
        return read_law(self.scheme, side, V, load, more=self.strip.inverses, point=self.strip.point)


def shown(scale: Source) -> tuple[Step, ...]:
    """The transfers of the sums that do not saturate, their residues, and what the theorem's sums are."""
    names = [name for name in SUMMANDS if not scale.strip.saturates(name)]
    ends = [end for name in names for end in _transfer(scale, name)]
    return (*(shifts(scale.strip) if names else ()), *ends, *squares(scale), *weighted(scale))


def shifts(strip: Strip) -> tuple[Step, ...]:
    """Gamma(s+1-k) = (s-k) Gamma(s-k)."""
    inside = 1 / term(a) ** 2 * use("strip") * use("strip ends")
    return tuple(
        Step(
            id=f"Gamma(s-{k})",
            claim=eq(apply("gamma", pole - k + 1), (pole - k) * apply("gamma", pole - k)),
            rule=Known("gamma shift", (pole - k, term(strip.n - k)), inside),
        )
        for k in (0, 1, 2)
    )


def _transfer(scale: Source, name: str) -> tuple[Step, ...]:
    """Each end that is needed, and the residues."""
    strip, (summand, j) = scale.strip, SUMMANDS[name]
    f = summand(TAU, decay())
    whole = p(reach, 1 - lin(b)) / a * exponentials(f).mellin(a, b)
    slope = f"{name} <= 1/t" + ("^2" if j == 2 else "")
    rule = Weighted(
        profile=distances, summand=f, rising=f"{name} falls faster", slope=slope, positive=f"0 < {name}", bounded=f"{name} <= 1",
        scale="N x", exponent="a > 1", reach=reach, a=a, b=b, strip=("strip", "strip ends"),
    )  # fmt: skip
    number = {"distance": term(-1), "distance^2": 4 * HALF - 2}[name]
    parts, factor = term(0) * use("strip"), number * p(reach, 1 - lin(b)) / a
    for k in range(j, -1, -1):
        factor = factor * strip.over_margin(k)
        parts = parts - factor * use(f"Gamma(s-{k})")
    found = total(i, rank(i, b) * summand(t, E))
    rest = edge(name) + far(j) / margin(j) + TAIL
    low = Step(id=f"{name}: integral <= sum", claim=le(whole - rest, found), rule=rule)
    return (
        Step(id=f"{name}: sum <= integral", claim=le(found, whole + edge(name)), rule=rule),
        *((low,) if name in scale.names else ()),
        Step(id=f"{name}: residues", claim=eq(whole, strip.integral(name)), rule=Algebra(parts)),
    )


def squares(scale: Source) -> tuple[Step, ...]:
    """One direction's bias against its limit, where the sum does not saturate."""
    if scale.strip.saturates("distance^2"):
        return ()
    return (
        Step(
            id="square above",
            claim=le((learned / t) ** 2, distance_squared(t, E) + 3 * distance(t, E) / N),
            rule=Algebra(1 / t**2 * (2 * LEARNED * LAG + 2 * x[i] * E * LEARNED + LAG + LEFT * (LEARNED + use("0 <= Q")))),
        ),
        Step(
            id="square below",
            claim=le(distance_squared(t, E), (learned / t) ** 2),
            rule=Algebra(1 / t**2 * LEFT * (use("1 - Q") + LEARNED)),
        ),
    )


#: i^-b/t less X^-1 i^(a-b): zero.
SAME = rank(i, b) / t * far(1) * p(NUMBERED[i], a) * use("N x")
AGAIN = SAME * (1 / t + far(1) * p(NUMBERED[i], a))


def weighted(scale: Source) -> tuple[Step, ...]:
    """The sums of i^-b (1-Q)/t and of its square."""
    near = {name: use(f"{name}: sum <= integral") + use(f"{name}: residues") for name in SUMMANDS}
    under = {name: use(f"{name}: integral <= sum") - use(f"{name}: residues") for name in SUMMANDS}
    weight, saturates = rank(i, b), scale.strip.saturates
    limits = over(i, weight / t * positive(E)) - over(i, SAME) if saturates("distance") else near["distance"]
    above = {
        "distance": over(i, weight / t * use("0 <= Q")) - over(i, SAME)
        if saturates("distance")
        else over(i, weight / t * use("share above")) + near["distance"],
        "distance^2": over(i, weight / t**2 * use("0 <= Q") * (1 + use("1 - Q"))) - over(i, AGAIN)
        if saturates("distance^2")
        else over(i, weight * use("square above")) + near["distance^2"] + 3 / term(N) * limits,
    }
    below = {
        "distance": over(i, (1 - Q) * SAME) if saturates("distance") else over(i, weight / t * LEFT) + under["distance"],
        "distance^2": over(i, weight / t**2 * square(Q) + (1 - 2 * Q) * AGAIN)
        if saturates("distance^2")
        else over(i, weight * use("square below")) + under["distance^2"],
    }
    tops = {**{name: scale.sum(name) + scale.missing(name, "above") for name in SUMS}}
    return (
        *(Step(id=f"sum of {name}", claim=le(SUMS[name], tops[name]), rule=Algebra(above[name])) for name in SUMS),
        *(
            Step(
                id=f"sum of {name}, below",
                claim=le(scale.sum(name) - scale.missing(name, "below"), SUMS[name]),
                rule=Algebra(below[name]),
            )
            for name in scale.names
        ),
    )


def mean_parts(scale: Source) -> tuple[Certificate, Certificate]:
    """Bias and cross term: law + remainder less the side, and the side less law - remainder."""
    if scale.g == term(1):
        return scale.bias * use("sum of distance^2"), scale.bias * use("sum of distance^2, below")
    cross = 1 / scale.g**2 * use("growth")
    return (
        scale.bias * use("sum of distance^2") + cross * use("sum of distance"),
        scale.bias * use("sum of distance^2, below") + cross * use("sum of distance, below"),
    )


def derivation(name: str) -> Derivation:
    """The law of a scheme on a strip: "law-source-rough-full-precision", say."""
    strip, scheme = name.removeprefix("law-source-").split("-", 1)
    scale = Source(scheme, STRIPS[strip])
    claims = scale.statement(sharp)
    unused = {"rate", "bias above", "bias below", "sum of bias", "sum of bias, below"}
    unused |= {"share above"} if scale.strip.saturates("distance") else set()
    steps = (
        *contraction(scale),
        *scale.strip.steps,
        *growing(scale.g),
        *transfers(("average", "square")),
        *shown(scale),
        *noise(scale, claims),
        *sums(scale),
        *sides(scale, claims, mean_parts(scale)),
    )
    return Derivation(
        name=name,
        theorem="sharp",
        title=f"Law of the {scheme} scheme with a {strip} source, both sides of the sharp pair",
        statement=scale.statement,
        steps=tuple(step for step in steps if step.id not in unused),
        conclusions={each: each for each in claims},
    )
