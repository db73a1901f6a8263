"""The scaling law of a setting as lines: its data term, and the model and shrinkage terms that take over from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from riskbounds.asymptotics.law_terms import LawTerm
from riskbounds.asymptotics.law_values import evaluated, in_force
from riskbounds.asymptotics.problem_law import law_of, numbers_of
from riskbounds.errors import UnsupportedError
from riskbounds.setting import Setting

_POINTS = 40


@dataclass(frozen=True, kw_only=True)
class LawLine:
    """One part of a law along the steps or the model sizes of a setting: asymptotic, neither a bound nor a value."""

    name: str
    part: str
    terms: tuple[LawTerm, ...]
    values: Mapping[str, float]
    ranges: Mapping[str, tuple[float, float]]

    def points(self, axis: str) -> tuple[list[float], list[float]]:
        """Abscissae (log-spaced over the setting's range of N or M) and the sum of the part's terms in force there.

        Where other terms come into force the law jumps: nan there, so that a line has a gap.
        """
        low, high = self.ranges[axis]
        symbol = {"steps": "N", "model_size": "M"}[axis]
        x = list(np.geomspace(low, high, _POINTS)) if high > low else [low]
        y, before = [], None
        for each in x:
            values = {**self.values, symbol: float(each)}
            terms = [term for term in self.terms if in_force(term, values)]
            names = [term.name for term in terms]
            y.append(evaluated(terms, values) if terms and before in (None, names) else float("nan"))
            before = names
        return x, y


def law_lines(setting: Setting) -> tuple[LawLine, ...]:
    """The law of the exact risk as two lines: its data term; shrinkage and, behind a sketch, model term.

    The two are not added: while directions are learned, the data term holds the others (``Law.assumptions``).  Raises
    UnsupportedError as ``law_of`` and ``numbers_of`` do.
    """
    found, values = law_of(setting), numbers_of(setting)
    sizes = [float(size) for size in setting.model_sizes if size is not None]
    steps = [float(each) for each in setting.training.steps]
    ranges = {"steps": (min(steps), max(steps)), "model_size": (min(sizes), max(sizes)) if sizes else (1.0, 1.0)}
    floor = ("shrinkage",) if setting.sketch is None else ("model", "shrinkage")
    lines = []
    for part, members in (("data", ("data",)), ("floor", floor)):
        terms = tuple(term for term in found.terms if term.part in members)
        name = " and ".join(dict.fromkeys(term.part for term in terms))
        lines.append(LawLine(name=f"law: {name} term", part=part, terms=terms, values=values, ranges=ranges))
    return tuple(line for line in lines if line.terms)


def laws_or_reason(setting: Setting) -> tuple[tuple[LawLine, ...], tuple[str, ...]]:
    """``law_lines``, or no line and one note that says why no law covers the setting."""
    try:
        return law_lines(setting), ()
    except UnsupportedError as error:
        return (), (f"no law: {error}",)
