"""Numbers along one key of a problem: the curves that pictures of sensitivity draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from riskbounds.decisions.probe import Probe
from riskbounds.errors import UnsupportedError
from riskbounds.evaluation.bounds import Progress
from riskbounds.evaluation.values import Value
from riskbounds.instance import commutes, resolve
from riskbounds.setting import Setting


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One quantity along the values of a key; None where a hypothesis fails or no formula covers it (``reason``)."""

    quantity: str
    x: tuple[float, ...]
    values: tuple[Value | None, ...]
    reason: str

    @property
    def y(self) -> list[float]:
        """The values as floats, nan for None."""
        return [float("nan") if value is None else float(value) for value in self.values]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return all(value is None for value in self.values)

    def gap(self, name: str) -> list[str]:
        """A line that says why the curve of this name is missing, or where; nothing where it is whole."""
        absent = self.values.count(None)
        if not absent:
            return []
        where = "" if self.empty else f" at {absent} of {len(self.values)} points"
        why = self.reason.rpartition(" is null here: ")[2].rpartition(" is null: ")[2]
        return [f"{name} missing{where}: {why}"]


def curves(
    changed: Sequence[tuple[float, Setting]], quantities: Sequence[str], progress: Progress | None = None
) -> dict[str, Curve]:
    """The quantities (those of ``solve``) of settings that belong to the abscissae x, in float64.

    ``progress`` is called before every point with what is being worked on.
    """
    settings = [setting for _, setting in changed]
    like = next((each for each in settings if not commutes(resolve(each)[0])), settings[0])
    probe = Probe(like=like)
    found: dict[str, list[Value | None]] = {quantity: [] for quantity in quantities}
    reasons = dict.fromkeys(quantities, "")
    for place, (_, setting) in enumerate(changed, start=1):
        if progress is not None:
            progress(f"point {place} of {len(changed)}")
        for quantity in quantities:
            value, reason = _asked(probe, setting, quantity)
            found[quantity].append(value)
            reasons[quantity] = reason or reasons[quantity]
    x = tuple(place for place, _ in changed)
    return {each: Curve(quantity=each, x=x, values=tuple(found[each]), reason=reasons[each]) for each in quantities}


def _asked(probe: Probe, setting: Setting, quantity: str) -> tuple[Any, str]:
    try:
        value = probe.value(setting, quantity)
    except UnsupportedError as error:
        return None, str(error)
    return value, "" if value is not None else probe.reason
