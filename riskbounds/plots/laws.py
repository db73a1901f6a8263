"""The scaling law of a setting as lines: its data term, and the model and shrinkage terms that take over from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from riskbounds import symbols as s
from riskbounds.asymptotics.law_terms import LawTerm
from riskbounds.asymptotics.law_values import evaluated
from riskbounds.asymptotics.laws import Law, law
from riskbounds.errors import ProblemError, UnsupportedError
from riskbounds.instance import resolve
from riskbounds.problem import Isotropic, Ones, PowerLaw, Source
from riskbounds.quantization import Structure
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
        """Abscissae (log-spaced over the setting's range of N or M) and the sum of the part's terms in force there."""
        low, high = self.ranges[axis]
        symbol = {"steps": "N", "model_size": "M"}[axis]
        x = list(np.geomspace(low, high, _POINTS)) if high > low else [low]
        return x, [evaluated(self.terms, {**self.values, symbol: float(each)}) or float("nan") for each in x]


def law_of(setting: Setting) -> tuple[Law, dict[str, float]]:
    """The law of the exact risk that fits a setting, and the values of its symbols at the last N and M.

    Raises
    ------
    UnsupportedError: no law covers the setting; the message says what a law needs.
    """
    setting, _ = resolve(setting)
    spectrum, target, sketch = setting.spectrum, setting.target, setting.sketch
    ones = isinstance(target, Ones) and sketch is None
    if not isinstance(spectrum, PowerLaw) or not (ones or (isinstance(target, Isotropic | Source) and target.scale == 1)):
        raise UnsupportedError(
            "a law needs a power-law spectrum and an isotropic or source target of scale 1 (or ones, without a sketch)"
        )
    if setting.risk_inputs != "clean":
        raise UnsupportedError("the laws are of the risk on clean inputs")
    levels = {slot: level for slot, level in setting.quantization.levels().items() if isinstance(level, Structure)}
    kinds = {level.structure for level in levels.values()}
    if len(kinds) > 1 or len(levels) < len(setting.quantization.levels()):
        raise UnsupportedError("a law covers one structure in all slots")
    scheme = kinds.pop() if kinds else "full-precision"
    if scheme == "elementwise" and sketch is None:
        scheme = "multiplicative"
    try:
        found = law(scheme, "exact", slots=tuple(levels), source=isinstance(target, Source))
    except ProblemError as error:  # a slot that the scheme's law leaves out: the problem is fine, there is no law for it
        raise UnsupportedError(str(error)) from None
    size = setting.model_sizes[-1] or setting.dimension
    dimension = setting.dimension or float("inf")
    values = {
        "a": float(spectrum.exponent),
        "c": float(spectrum.scale),
        "p": float(dimension),
        "M": float(size or float("inf")),
        "N": float(setting.training.steps[-1]),
        "B": float(setting.training.batch_size),
        "sigma": float(setting.noise_variance or 0) ** 0.5,
        "step": float(setting.training.step_size),
        **{str(s.EPS[slot]): float(level.eps) for slot, level in levels.items()},
    }
    if isinstance(target, Source):
        values["b"] = float(target.exponent)
    return found, values


def law_lines(setting: Setting) -> tuple[LawLine, ...]:
    """The law of the exact risk as two lines: its data term; shrinkage and, behind a sketch, model term.

    The two are not added: while directions are learned, the data term holds the others (``Law.assumptions``).  Raises
    UnsupportedError as ``law_of`` does.
    """
    found, values = law_of(setting)
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
