"""Integers against floating point at equal width, beside P1's rule m >= b - (a/2) log2 d (theory section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import sympy as sp

from riskbounds import symbols as s
from riskbounds.decisions.bits import RANGE, BitRule
from riskbounds.decisions.comparison import Comparison, compare
from riskbounds.decisions.probe import single
from riskbounds.errors import ProblemError, did_you_mean
from riskbounds.evaluation.result import SCHEMA
from riskbounds.problem import PowerLaw
from riskbounds.problem.numbers import Number, count, real, shown
from riskbounds.quantization import SLOTS, Additive, Elementwise
from riskbounds.setting import Setting
from riskbounds.theorems.p1_corollary_4_3 import rule

Kind = Literal["integer", "floating"]
#: Exponent bits of the usual formats by width: e2m1, e3m2, e4m3, fp16, tf32, binary32.
EXPONENT_BITS = {4: 2, 6: 3, 8: 4, 16: 5, 19: 8, 32: 8}


@dataclass(frozen=True, kw_only=True)
class FormatChoice:
    """Integers (A) and floating point (B) of one width in the same slots, and what P1's rule says about them.

    certified: the kind with the lower risk, None where the bounds overlap.  rule: the kind that P1's rule prefers, None
    where it does not apply (it wants a power law and no sketch).  rule_fails: certified and rule disagree.
    """

    width: int
    exponent_bits: int
    mantissa_bits: int
    slots: tuple[str, ...]
    certified: Kind | None
    rule: Kind | None
    rule_text: str
    comparison: Comparison

    @property
    def rule_fails(self) -> bool:
        """Whether the certified verdict contradicts the rule."""
        return None not in (self.certified, self.rule) and self.certified != self.rule

    def to_dict(self) -> dict[str, Any]:
        """As JSON; the comparison is that of ``riskbounds compare`` with integers as A."""
        own = ("width", "exponent_bits", "mantissa_bits", "certified", "rule", "rule_text", "rule_fails")
        return {
            "schema": SCHEMA,
            **{name: getattr(self, name) for name in own},
            "slots": list(self.slots),
            "comparison": self.comparison.to_dict(),
        }


def integer_or_floating(
    setting: Setting,
    width: int,
    *,
    slots: Sequence[str] = ("data",),
    exponent_bits: int | None = None,
    grid_range: Number = RANGE,
) -> FormatChoice:
    """Compare b = width-bit integers with floating point of 1 sign, e exponent and m = width - 1 - e mantissa bits.

    Integers: additive, eps = (R/2^b)^2/4 on a grid of width R = ``grid_range``.  Floating point: elementwise, eps = 2^(-2m)/4.
    Both are the idealised structures; range and subnormals are left out, as in the rule.  Other slots stay as they are.
    Raises ProblemError for a width without mantissa bits, HypothesisError as ``bound`` does.
    """
    setting, _ = single(setting)
    for slot in slots:
        if slot not in SLOTS or slot == "storage":
            hint = did_you_mean(slot, SLOTS) or f"the slots are {', '.join(each for each in SLOTS if each != 'storage')}"
            raise ProblemError(f"--slots: {shown(slot)} cannot hold both kinds; {hint}")
    bits = count(width, "--width", most=64)
    exponent = EXPONENT_BITS.get(bits, 5) if exponent_bits is None else count(exponent_bits, "--exponent-bits", least=0, most=64)
    mantissa = bits - 1 - exponent
    if mantissa < 0:
        raise ProblemError(f"--width {bits} leaves no room for a sign and {exponent} exponent bits; give fewer --exponent-bits")
    span = real(grid_range, "--range", above=0)
    integers = floating = setting
    for slot in slots:
        integer_level = BitRule(slot=slot, structure=Additive(1), width=span).level(bits)
        integers = integers.replace(f"quantization.{slot}", integer_level)
        floating = floating.replace(f"quantization.{slot}", BitRule(slot=slot, structure=Elementwise(1)).level(mantissa))
    found = compare(integers, floating)
    verdicts: dict[str, Kind | None] = {"A lower": "integer", "B lower": "floating", "undecided": None}
    preferred, text = rule_verdict(setting, bits, mantissa)
    return FormatChoice(
        width=bits,
        exponent_bits=exponent,
        mantissa_bits=mantissa,
        slots=tuple(slots),
        certified=verdicts[found.verdict],
        rule=preferred,
        rule_text=text,
        comparison=found,
    )


def rule_verdict(setting: Setting, bits: int, mantissa: int) -> tuple[Kind | None, str]:
    """What P1's rule prefers, with its sentence; None outside its setting."""
    if not isinstance(setting.spectrum, PowerLaw) or setting.sketch is not None or setting.dimension is None:
        return None, "P1's rule wants a power law in finite dimension without a sketch"
    values = {
        s.mantissa_bits: sp.Integer(mantissa),
        s.integer_bits: sp.Integer(bits),
        s.a: _rational(setting.spectrum.exponent),
        s.p: sp.Integer(setting.dimension),
    }
    relation = rule()
    holds = bool(relation.subs(values))
    threshold = float(relation.rhs.subs(values))
    kind: Kind = "floating" if holds else "integer"
    return kind, f"m = {mantissa} {'>=' if holds else '<'} b - (a/2) log2 d = {threshold:.4g}: {kind}"


def _rational(value: Fraction) -> sp.Rational:
    return sp.Rational(value.numerator, value.denominator)
