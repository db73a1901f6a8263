"""An exact model of P1 Corollary 4.2's hypotheses: levels at shares of their largest values."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from random import Random

from riskbounds.derivations.p1_full_precision import NOISE, B, claims, model
from riskbounds.derivations.p1_theorem_4_1 import k

from riskbounds.proofs import Model, Term
from riskbounds.proofs.numbering import SIZE
from riskbounds.terms.polynomial import atoms_of
from riskbounds.theorems.p1_theorem_4_1 import SLOTS

STEPS, SCHEMES = 29, ("additive", "multiplicative")
AT = {k: STEPS, SIZE.parts[0][0]: 0}
#: The constants of the data's row, which depend on the data's level.
ROWS = {step.claim.left: step.claim.right for step in model if step.id.startswith("data row")}


def levels_model(random: Random) -> Model:
    """One direction that is learned; every slot in one of its two structures, its level at a share of the largest."""
    lam, target = Fraction(1, random.randint(1, 2)), Fraction(random.randint(1, 9), 5)
    values = {
        "step": Fraction(1, 10), "B": Fraction(random.randint(4, 9)), "noise_variance": Fraction(random.randint(1, 9), 7),
        "kurtosis": Fraction(random.choice((1, 3))), **{f"eps_{slot}_{kind}": Fraction(0) for slot in SLOTS for kind in SCHEMES},
    }  # fmt: skip

    def found() -> Model:
        numbers = {name: lambda value=value: value for name, value in values.items()}
        symbols = {**numbers, "lam": lambda _: lam, "u": lambda *_: target}
        sizes = {"all": 1, "head": 1, "M1": 0, k.name: STEPS}
        return Model(sizes=sizes, weights={"outcome": (Fraction(1),)}, symbols=symbols)

    def settle(constants: Mapping[Term, Term]) -> None:
        for constant, body in constants.items():
            (atom,) = atoms_of(constant)
            values[atom.name] = found().value(body, AT)

    for slot in SLOTS:
        settle(ROWS)
        kind = random.choice(SCHEMES)
        largest = found().value(claims[f"{slot}, {kind}"].right, AT)
        values[f"eps_{slot}_{kind}"] = largest * Fraction(random.randint(0, 8), 8)
    settle(ROWS)
    settle({constant: bound / B for constant, bound in NOISE.items()})
    return found()
