"""From bits to eps (theory section 2, "From bits to eps"), and which slot deserves the next bit."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from riskbounds.decisions.probe import Probe, single
from riskbounds.errors import HypothesisError, ProblemError
from riskbounds.evaluation.values import UpperBound
from riskbounds.instance import resolve
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


@dataclass(frozen=True, kw_only=True)
class SlotGain:
    """What one more bit in a slot does: eps -> eps/4, upper -> after; decrease = upper - after, negative if it harms."""

    slot: str
    eps: float
    upper: UpperBound
    after: UpperBound
    decrease: float

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        ends = {"upper": self.upper.json(), "after": self.after.json()}
        return {"slot": self.slot, "eps": self.eps, **ends, "decrease": self.decrease}


def next_bit(setting: Setting) -> tuple[SlotGain, ...]:
    """The slots of a setting in the order of what one more bit takes off the upper bound, the largest decrease first.

    One bit halves the step of an integer grid and the spacing of a mantissa, so it divides eps by four in every structure
    (theory section 2).  Both bounds are those of ``bound``; a decrease of bounds ranks, it does not certify: ``compare`` does.
    Raises ProblemError without quantization or for a slot that holds a true format, HypothesisError as ``bound`` does.
    """
    setting, _ = single(setting)
    for slot in setting.quantization.levels():
        bit_rule(setting, slot)
    setting, _ = resolve(setting)
    levels = setting.quantization.levels()
    if not levels:
        raise ProblemError("no slot of [quantization] has a level: there is no bit to give")
    probe = Probe(like=setting)
    before = _upper(probe, setting)
    gains = []
    for slot, level in levels.items():
        assert isinstance(level, Structure)
        finer = setting.replace(f"quantization.{slot}", type(level)(level.eps / 4, noise=level.noise))
        after = _upper(probe, finer)
        gains.append(
            SlotGain(
                slot=slot,
                eps=float(level.eps),
                upper=before,
                after=after,
                decrease=float(before) - float(after),
            )
        )
    return tuple(sorted(gains, key=lambda gain: -gain.decrease))


def _upper(probe: Probe, setting: Setting) -> UpperBound:
    found = probe.value(setting, "risk.upper")
    if not isinstance(found, UpperBound):
        raise HypothesisError(probe.reason)
    return found
