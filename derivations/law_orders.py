"""The orders of what the laws leave out: with Y = c X^(1/a-1), the order of the data term, and X >= 1,

    remainder <= Y (C1 X^(-1/a) + C2 (X/M^a)^(1-1/a) + C3 X^(1/a-1)),

C1, C2, C3 free of N and, but for partial sums that converge, of M.  So the data term of both sides decays like X^(1/a-1).
A floor adds C1 and C2 of its own, where noise rises with mu_i or is stored, and (C4 + C5 X^(1/a-1)) N gamma floor to the bracket;
stored weights add their own term times X^(-1/a), (X/M^a)^(1-1/a) and N gamma floor.
"""

from __future__ import annotations

from fractions import Fraction

from riskbounds.derivations.law_reading import Alow, N, ad, adlow, av, c, floor, gamma, reach, rise, rise_low
from riskbounds.derivations.law_scale import SPREAD, STORED, Scale, load
from riskbounds.derivations.law_sums import GAMMA, TAIL, TRACE, integral
from riskbounds.derivations.laws import derivation as law_derivation
from riskbounds.derivations.power_law import a, p

from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Derivation,
    Known,
    Step,
    Term,
    eq,
    le,
    lin,
    lt,
    positive,
    term,
    use,
)
from riskbounds.proofs.numbering import SIZE
from riskbounds.terms.exponentials import root

HALF = Fraction(1, 2)
Y = c * p(reach, 1 - lin(a))
ORDERS = (1 / reach, p(reach, lin(a) - 1) * p(term(SIZE), 1 - lin(a)), p(reach, 1 - lin(a)))
#: The sums of dt and dp, with the number of traces that they may exceed their integrals by, and their signs.
SUMS = {"average": 2, "square": 3}
LEARNED, SMALL = use("0 < Gamma(1-1/a)"), use("2^(1/a) <= 2")
SIGNS = {"average": term(a) / (term(a) + 1) * SMALL * LEARNED, "square": SMALL * LEARNED}
TAKEN = ("a > 1", "X", "kappa", "0 <= kappa", "room")
STEP_SIZES = {False: ("x <= 1", "2 - x > 0"), True: ("f <= 1", "2 - f > 0")}
SEEN = N * gamma * floor
SHARE = GAMMA + TRACE
MORE = TRACE * use("1 <= reach")


def fed_back(scale: Scale, side: str, end: str) -> dict[str, Term]:
    """What multiplies h and a sum of dt or dp in the remainder, by the sum, over (N gamma g)^-2."""
    factors = {
        ("lower", "above"): {"average": adlow},
        ("lower", "below"): {},
        ("upper", "above"): {"square": SPREAD * ad},
        ("upper", "below"): {"average": av, "square": av * SPREAD * load},
    }
    return {name: gamma / scale.g * factor for name, factor in factors[side, end].items()}


def constants(scale: Scale, side: str, end: str) -> tuple[Term, Term, Term]:
    """C1, C2, C3."""
    g = scale.g
    bias, cross = 1 / (2 * g**2), (1 - 1 / g) / g
    noise = gamma * (Alow if side == "lower" else scale.V)
    third = sum((c * factor * (GAMMA + TRACE) * per_reach(name) for name, factor in fed_back(scale, side, end).items()), term(0))
    if end == "above":
        again = noise * TRACE * (1 if side == "lower" else 1 + 3 * HALF * SPREAD * load)
        return bias * (1 + 3 * TRACE) + cross * TRACE + again, bias / (term(a) - 1), third
    noise = noise if side == "lower" else SPREAD * noise
    mean = bias + cross + HALF * noise
    return mean + noise * TRACE, mean / (term(a) - 1), third


def floor_constants(scale: Scale, side: str, end: str) -> tuple[Term, Term, Term, Term]:
    """What a floor, rising noise and U add to C1 and C2; C4 and C5, over powers of Gamma(1-1/a) + trace."""
    if not scale.floored:
        return (term(0),) * 4
    again = HALF * gamma * SPREAD * (ad + av) * scale.U if side == "upper" else term(0)
    noise = HALF * gamma * (SPREAD * scale.V if side == "upper" else Alow) + again
    moving = sum(fed_back(scale, side, end).values(), term(0))
    if end == "below":
        return again * (1 + 2 * TRACE), again / (term(a) - 1), noise, moving
    up = (rise if side == "upper" else rise_low) if scale.stored else term(0)
    return again * 3 * TRACE + HALF * up * TRACE, term(0), 1 / scale.g + noise, moving


def stored(scale: Scale, end: str) -> Term:
    """The storage's part of the remainder, in parts of its own term."""
    if not scale.stored:
        return term(0)
    lost = 2 * (1 + TRACE) * ORDERS[0] + 2 / (term(a) - 1) * ORDERS[1]
    if end == "above":
        return scale.store * reach * lost
    return scale.store * reach * (lost - TRACE * ORDERS[0] + 2 * SEEN * (STORED / reach + lost))


def per_reach(name: str) -> Term:
    """A sum of dt or dp at most, over X^(1/a)."""
    return integral(name) / reach + SUMS[name] * TRACE


def signs() -> tuple[Step, ...]:
    """X >= 1, and the signs of Gamma(1-1/a) and of 2 - 2^(1/a)."""
    return (
        Step(id="1 <= reach", claim=le(1, reach), rule=Assumption("hypothesis", "X >= 1")),
        Step(
            id="0 < Gamma(1-1/a)",
            claim=lt(0, GAMMA),
            rule=Known("gamma positive", (1 - 1 / term(a),), 1 / term(a) * use("a > 1")),
        ),
        Step(id="2^(1/a) <= 2", claim=le(root(2, a), 2), rule=Known("root", (term(2), term(a)), use("a > 1"))),
    )


def order(scale: Scale, side: str, end: str) -> Step:
    """The remainder of one end of one side; 1/(N gamma g) is c/X, and a trace is at most X^(1/a) traces."""
    found = constants(scale, side, end)
    flat, gone, still, moving = floor_constants(scale, side, end)
    old, new = 1 / (term(N) * gamma * scale.g), c * p(reach, lin(a) * -1)
    equal = p(reach, lin(a) * -1) * old * use("X")
    certificate: Certificate = (found[0] + flat + (found[1] + gone) * (term(a) - 1) * TAIL) * equal
    for name, factor in fed_back(scale, side, end).items():
        share, count = reach * (LEARNED + TRACE), SUMS[name]
        certificate = certificate + factor * reach**2 * (GAMMA + TRACE) * per_reach(name) * (new + old) * equal
        rounded = share * (count * MORE) + MORE * (reach * SIGNS[name] + count * TRACE)
        certificate = certificate + positive(old**2 * factor) * rounded
    total = sum((constant * power for constant, power in zip(found, ORDERS, strict=True)), term(0))
    relation = le if fed_back(scale, side, end) else eq
    if scale.floored:
        linear, twice = reach * SHARE * equal + positive(old) * MORE, (reach * SHARE) ** 2 * (new + old) * equal
        rounded = MORE * (reach * (2 * LEARNED + TRACE) + TRACE)
        certificate = certificate + still * SEEN * linear + moving * SEEN * (twice + positive(old**2) * rounded)
        seen = (still * SHARE + moving * SHARE**2 * c * ORDERS[2]) * SEEN
        total, relation = total + flat * ORDERS[0] + gone * ORDERS[1] + seen, le
    claim = relation(scale.remainder(side, end), Y * total + stored(scale, end))
    return Step(id=f"{side}, {end}", claim=claim, rule=Algebra(certificate))


def derivation(name: str) -> Derivation:
    """The orders of a scheme's law: "law-orders-SCHEME"."""
    scheme = name.removeprefix("law-orders-")
    scale, parent = Scale(scheme), law_derivation(f"law-{scheme}")
    taken = (TAKEN[0], *STEP_SIZES[scale.floored], *TAKEN[1:])
    last = tuple(order(scale, side, end) for side in ("upper", "lower") for end in ("above", "below"))
    return Derivation(
        name=name,
        theorem=scale.theorem.name,
        title=f"Orders of the remainders of the {scheme} law",
        steps=(*(parent.step(each) for each in taken), *signs(), *last),
        conclusions={step.id: step.id for step in last},
    )
