"""Which of two settings has the lower risk? Certified where the bounds of the two do not overlap (theory section 6b)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from riskbounds.decisions.probe import Probe, single
from riskbounds.display import Table, Tabulated
from riskbounds.errors import ProblemError
from riskbounds.evaluation.printed import tex
from riskbounds.evaluation.result import SCHEMA, Risk, Row
from riskbounds.evaluation.tables import rows_table
from riskbounds.evaluation.values import LowerBound, UpperBound, Value
from riskbounds.instance import commutes, resolve
from riskbounds.setting import Setting

Verdict = Literal["A lower", "B lower", "undecided"]

#: Bounds closer than this, relative, are not told apart: sums are right to about 1e-13, steep sketched spectra to some 1e-9.
RESOLUTION = 1e-8


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Bounds on risk(A) - risk(B): negative where A is lower. None where the side it needs is null."""

    lower: LowerBound | None
    upper: UpperBound | None

    @property
    def verdict(self) -> Verdict:
        """ "A lower" if the difference is certainly negative, "B lower" if it is certainly positive."""
        if self.upper is not None and self.upper.value < 0:
            return "A lower"
        return "B lower" if self.lower is not None and self.lower.value > 0 else "undecided"


@dataclass(frozen=True, kw_only=True)
class Comparison(Tabulated):
    """The verdict on two settings, given their sketches; the names of the JSON contract."""

    verdict: Verdict
    difference: Difference
    a: Row
    b: Row
    notes: tuple[str, ...] = ()
    sketches: dict[str, int] | None = None

    def table(self) -> Table:
        """Both rows under the verdict."""
        rows = {"A": self.a.to_dict(None), "B": self.b.to_dict(None)}
        low, high = (tex(None if end is None else end.json(), 5, side) for end, side in self._ends())
        return rows_table(f"{self.verdict}: risk(A) - risk(B) lies between {low} and {high}, given the sketches.", rows)

    def _ends(self) -> tuple[tuple[Value | None, str], tuple[Value | None, str]]:
        return (self.difference.lower, "lower"), (self.difference.upper, "upper")

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract's object; difference = [lower_A - upper_B, upper_A - lower_B]."""
        ends = (self.difference.lower, self.difference.upper)
        return {
            "schema": SCHEMA,
            "verdict": self.verdict,
            "difference": [None if end is None else end.json() for end in ends],
            "a": self.a.to_dict(None),
            "b": self.b.to_dict(None),
            **({} if self.sketches is None else {"sketches": self.sketches}),
            "notes": list(self.notes),
        }


def difference(a: Risk, b: Risk) -> Difference:
    """[lower_A - upper_B, upper_A - lower_B] from the bounds of two risks.

    Both ends move outwards by what float64 does not resolve, so that a difference of that size decides nothing.  Raises
    TypeError for anything that is not the bound it stands for: an estimate, an exact value or a law certifies nothing.
    """
    for risk in (a, b):
        for value, kind in ((risk.lower, LowerBound), (risk.upper, UpperBound)):
            if value is not None and type(value) is not kind:
                raise TypeError(f"a certified comparison needs a {kind.__name__}, not {type(value).__name__}")
    return Difference(lower=_gap(LowerBound, a.lower, b.upper), upper=_gap(UpperBound, a.upper, b.lower))


def _gap(kind: type[Any], first: Value | None, second: Value | None) -> Any:
    if first is None or second is None:
        return None
    gap = first.value - second.value
    if isinstance(gap, float):
        room = RESOLUTION * max(abs(first.value), abs(second.value))
        gap += room if kind is UpperBound else -room
    return kind(value=gap, rigor=first.rigor, source=f"{first.source} and {second.source}")


def compare(a: Setting, b: Setting, *, sketches: int | None = None) -> Comparison:
    """Compare R(vbar_N) - sigma^2/2 of two settings by the theorems that ``bound`` uses, in float64.

    Lists of steps or sizes are taken at their last element.  ``sketches``: repeat with the seeds seed .. seed + K - 1 of
    each problem and count the verdicts.  Raises ProblemError for sketches without a sketch, and as ``bound`` does.
    """
    (a, notes_a), (b, notes_b) = single(a), single(b)
    notes = tuple(f"{name}: {note}" for name, found in (("A", notes_a), ("B", notes_b)) for note in found)
    if a.risk_inputs != b.risk_inputs:
        notes += (f"A is measured on {a.risk_inputs} inputs, B on {b.risk_inputs} inputs",)
    probes = _probes(a, b)
    rows = probes[0].row(a), probes[1].row(b)
    found = difference(rows[0].risk, rows[1].risk)
    counts = None if sketches is None else _over_sketches(a, b, sketches, found.verdict)
    return Comparison(verdict=found.verdict, difference=found, a=rows[0], b=rows[1], notes=notes, sketches=counts)


def _probes(a: Setting, b: Setting) -> tuple[Probe, Probe]:
    """One probe for both where they share the sketched problem, which then is built once."""
    same = all(getattr(a, part) == getattr(b, part) for part in ("spectrum", "target", "sketch"))
    if not same:
        return Probe(like=a), Probe(like=b)
    shared = Probe(like=a if not commutes(resolve(a)[0]) else b)
    return shared, shared


def _over_sketches(a: Setting, b: Setting, count: int, first: Verdict) -> dict[str, int]:
    """How many seeds give each verdict, and how many agree with the first."""
    if a.sketch is None and b.sketch is None:
        raise ProblemError("--sketches needs a [sketch] in at least one of the problems")
    counts: dict[str, int] = {"A lower": 0, "B lower": 0, "undecided": 0}
    counts[first] += 1
    for shift in range(1, count):
        moved = [each if each.sketch is None else each.replace("sketch.seed", each.sketch.seed + shift) for each in (a, b)]
        sides = [_sides(probe, each) for probe, each in zip(_probes(*moved), moved, strict=True)]
        counts[difference(*sides).verdict] += 1
    return {"seeds": count, "agree": counts[first], **counts}


def _sides(probe: Probe, setting: Setting) -> Risk:
    lower, upper = (probe.value(setting, f"risk.{side}") for side in ("lower", "upper"))
    assert lower is None or isinstance(lower, LowerBound)
    assert upper is None or isinstance(upper, UpperBound)
    return Risk(lower=lower, exact=None, upper=upper)
