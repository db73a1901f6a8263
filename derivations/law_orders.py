"""The orders of what the laws leave out: with Y = c X^(1/a-1), the order of the data term, and X >= 1,

    remainder <= Y (C1 X^(-1/a) + C2 (X/M^a)^(1-1/a) + C3 X^(1/a-1)),

C1, C2, C3 free of N and, but for partial sums that converge, of M.  So the data term of both sides decays like X^(1/a-1).
"""

from __future__ import annotations

from fractions import Fraction

from riskbounds.derivations.law_reading import Alow, N, ad, adlow, av, c, gamma, reach
from riskbounds.derivations.law_sums import GAMMA, TAIL, TRACE, integral
from riskbounds.derivations.laws import SPREAD, Scale, load
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
TAKEN = ("a > 1", "x <= 1", "2 - x > 0", "X", "kappa", "0 <= kappa", "room")


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
    old, new = 1 / (term(N) * gamma * scale.g), c * p(reach, lin(a) * -1)
    equal = p(reach, lin(a) * -1) * old * use("X")
    certificate: Certificate = (found[0] + found[1] * (term(a) - 1) * TAIL) * equal
    more = TRACE * use("1 <= reach")
    for name, factor in fed_back(scale, side, end).items():
        share, count = reach * (LEARNED + TRACE), SUMS[name]
        certificate = certificate + factor * reach**2 * (GAMMA + TRACE) * per_reach(name) * (new + old) * equal
        rounded = share * (count * more) + more * (reach * SIGNS[name] + count * TRACE)
        certificate = certificate + positive(old**2 * factor) * rounded
    total = sum((constant * power for constant, power in zip(found, ORDERS, strict=True)), term(0))
    relation = le if fed_back(scale, side, end) else eq
    return Step(id=f"{side}, {end}", claim=relation(scale.remainder(side, end), Y * total), rule=Algebra(certificate))


def derivation(name: str) -> Derivation:
    """The orders of a scheme's law: "law-orders-full-precision" or "law-orders-multiplicative"."""
    scheme = name.removeprefix("law-orders-")
    scale, parent = Scale(scheme), law_derivation(f"law-{scheme}")
    last = tuple(order(scale, side, end) for side in ("upper", "lower") for end in ("above", "below"))
    return Derivation(
        name=name,
        theorem="sharp",
        title=f"Orders of the remainders of the {scheme} law",
        steps=(*(parent.step(each) for each in TAKEN), *signs(), *last),
        conclusions={step.id: step.id for step in last},
    )
