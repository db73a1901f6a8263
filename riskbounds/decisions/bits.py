"""From bits to eps: the rule that the structure of a slot gives (theory section 2, "From bits to eps")."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from riskbounds.errors import ProblemError
from riskbounds.problem.numbers import text_of
from riskbounds.quantization import Additive, Structure
from riskbounds.quantization.formats import Format, nominal_structure
from riskbounds.quantization.resolved import FEATURE_SLOTS
from riskbounds.setting import Setting

MOST_BITS = 60
#: Width of the integer grid where the problem names none: [-1, 1], as in P1's rule.
RANGE = Fraction(2)


@dataclass(frozen=True, kw_only=True)
class BitRule:
    """eps of one slot as a function of its bits.

    Additive: b-bit integers on a grid of width R, step D = R/2^b, eps = D^2/4 (D^2/12 with a subtractive dither).
    Multiplicative and elementwise: floating point with m stored mantissa bits, eps = 2^(-2m)/4.
    """

    slot: str
    structure: Structure
    width: Fraction = RANGE
    divisor: int = 4

    def level(self, bits: int) -> Structure:
        """The slot's level at this many bits."""
        if isinstance(self.structure, Additive):
            eps = (self.width / 2**bits) ** 2 / self.divisor
        else:
            eps = Fraction(1, 4 ** (bits + 1))
        return type(self.structure)(eps, noise=self.structure.noise)

    def __str__(self) -> str:
        """The rule in words."""
        if isinstance(self.structure, Additive):
            return f"{self.slot}: b-bit integers of range R = {text_of(self.width)}, eps = (R/2^b)^2/{self.divisor}"
        return f"{self.slot}: {self.structure.structure} error of m stored mantissa bits, eps = 2^(-2m)/4"


def bit_rule(setting: Setting, slot: str) -> BitRule:
    """The rule of a slot: that of its structure, or of the one that all other slots share.

    Raises ProblemError where the slot has no structure, or holds a true format, whose width is not free.
    """
    present = setting.quantization.get(slot)
    if not isinstance(present, Format):
        level = setting.replace(f"quantization.{slot}", Fraction(1, 1000)).quantization.get(slot)
        assert isinstance(level, Structure)
        return BitRule(slot=slot, structure=level)
    dithered = present.rounding in ("dither", "subtractive") and slot not in FEATURE_SLOTS
    if present.model != "nominal" and not dithered:
        raise ProblemError(
            f"quantization.{slot} holds the true format {present.name!r}, whose bits are fixed; give the slot a structure, "
            'or model = "nominal"'
        )
    width = RANGE if present.range is None else present.range
    divisor = 12 if present.rounding == "subtractive" else 4
    return BitRule(slot=slot, structure=nominal_structure(present), width=width, divisor=divisor)
