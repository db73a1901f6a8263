"""Which slot deserves the next bit? The one whose eps, divided by four, takes most off the upper bound."""

from __future__ import annotations

from dataclasses import dataclass

from riskbounds.decisions.bits import bit_rule
from riskbounds.decisions.probe import Probe, single
from riskbounds.errors import HypothesisError, ProblemError
from riskbounds.evaluation.values import UpperBound
from riskbounds.instance import resolve
from riskbounds.quantization import Structure
from riskbounds.setting import Setting


@dataclass(frozen=True, kw_only=True)
class SlotGain:
    """What one more bit in a slot does: eps -> eps/4, upper -> after; decrease = upper - after, negative if it harms."""

    slot: str
    eps: float
    upper: UpperBound
    after: UpperBound
    decrease: float


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
