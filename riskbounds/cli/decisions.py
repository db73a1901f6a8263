"""The answers of the decisions as text. Each takes the contract's dict."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from riskbounds.cli.output import SIDES, WIDTH, Answer, brief, cell, grid

Row = Mapping[str, Any]

_KINDS = {
    "UpperBound": "a certified upper bound",
    "LowerBound": "a certified lower bound",
    "ExactValue": "an exact value",
    "Estimate": "an estimate, not a bound",
}


@contextmanager
def watched(name: str) -> Iterator[Callable[[str], None] | None]:
    """Yield what writes one line on stderr, rewritten and at last cleared; None where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return

    def report(text: str) -> None:
        sys.stderr.write(f"\r{name}: {text}\x1b[K")
        sys.stderr.flush()

    try:
        yield report
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def solution_text(answer: Answer) -> str:
    """Return the value, what it achieves, the next looser value and the row."""
    beyond = answer["next"]
    achieved = "null, a hypothesis fails" if beyond["achieved"] is None else brief(beyond["achieved"], 10)
    lines = [
        f"{answer['for']} = {_exact(answer['value'])}",
        f"{answer['quantity']} = {brief(answer['achieved'], 10)} there ({_KINDS[answer['type']]})",
        f"next looser: {answer['for']} = {_exact(beyond['value'])} gives {achieved}",
    ]
    interval = answer.get("interval")
    if interval is not None:
        how = "" if interval["by"] == "cells" else ", checked at the points of a grid"
        low, high, most = (brief(interval[key]) for key in ("low", "high", "up_to"))
        lines.append(
            f"the best step size in (0, {most}] lies in [{low}, {high}]: outside, "
            f"the lower bound is above the least upper bound{how}"
        )
    return "\n\n".join(part for part in ("\n".join(lines), _rows({"": answer["row"]}), _notes(answer)) if part)


def comparison_text(answer: Answer) -> str:
    """Return the verdict, the bounds on the difference and both rows."""
    low, high = answer["difference"]
    lines = [answer["verdict"], f"risk(A) - risk(B) lies in [{brief(low, 6, 'lower')}, {brief(high, 6, 'upper')}]"]
    sketches = answer.get("sketches")
    if sketches is not None:
        counts = ", ".join(f"{name} {sketches[name]}" for name in ("A lower", "B lower", "undecided"))
        lines.append(f"{sketches['agree']} of {sketches['seeds']} sketches agree: {counts}")
    return "\n\n".join(part for part in ("\n".join(lines), _rows({"A": answer["a"], "B": answer["b"]}), _notes(answer)) if part)


def allocation_text(answer: Answer) -> str:
    """Return exponents and numbers of the optimum, and the bound at the feasible instance."""
    table = [("", "grows like", "here")]
    for name, base in (("M", "M"), ("N", "N"), ("bits", "2^bits"), ("risk", "risk")):
        share = answer[name]
        table.append((name, f"{base} ~ C^({share['exponent']})", brief(share["value"])))
    return "\n\n".join(
        part
        for part in (
            f"Regime: {answer['regime']}",
            grid(table, left=2) + "\nrisk here is an estimate: the sketch's deterministic equivalent",
            "Bounds at the nearest feasible instance:\n" + _rows({"": answer["numeric"]}),
            "The optimum in each regime of the law, as powers of C:\n" + _regimes(answer["regimes"]),
            _notes(answer),
        )
        if part
    )


def next_bit_text(answer: Answer) -> str:
    """Return the slots, the most rewarding first."""
    table = [("slot", "eps", "upper bound", "with one more bit", "decrease")]
    for each in answer["slots"]:
        table.append((each["slot"], *(brief(each[key], 8) for key in ("eps", "upper", "after")), brief(each["decrease"], 4)))
    best = answer["slots"][0]
    head = f"{best['slot']} deserves the next bit." if best["decrease"] > 0 else "One more bit lowers the upper bound in no slot."
    return f"{head}\n\n{grid(table)}"


def formats_text(answer: Answer) -> str:
    """Return the certified verdict, P1's rule beside it, and both rows."""
    names = {"integer": "integers", "floating": "floating point", None: "undecided, the bounds overlap"}
    width, exponent, mantissa = (answer[key] for key in ("width", "exponent_bits", "mantissa_bits"))
    lines = [
        f"{width}-bit integers (A) against e{exponent}m{mantissa} (B) in {', '.join(answer['slots'])}",
        f"certified lower risk: {names[answer['certified']]}",
        f"P1's rule: {answer['rule_text']}" + ("; the rule fails here" if answer["rule_fails"] else ""),
    ]
    return "\n".join(lines) + "\n\n" + comparison_text(answer["comparison"])


def _regimes(regimes: Sequence[Mapping[str, Any]]) -> str:
    table = [("M", "N", "2^bits", "risk", "where")]
    for each in regimes:
        table.append((*(each[name] for name in ("M", "N", "bits", "risk")), ", ".join(each["where"]) or "everywhere"))
    return grid(table, left=5)


def _exact(value: int | float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.10g}"


def _rows(rows: Mapping[str, Row]) -> str:
    named = any(rows)
    table: list[Sequence[str]] = [[*([""] if named else []), "N", "M", *SIDES, "M_eff", "N_eff"]]
    for name, row in rows.items():
        risks = [brief(row["risk"][side], 8, side) for side in SIDES]
        sizes = [brief(row["effective"][key]) for key in ("model_size", "data_size")]
        table.append([*([name] if named else []), str(row["steps"]), cell(row["model_size"]), *risks, *sizes])
    notes = list(dict.fromkeys(note for row in rows.values() for note in row["notes"]))
    return "\n".join([grid(table, left=0), *_wrapped(notes)])


def _notes(answer: Answer) -> str:
    return "\n".join(_wrapped([*answer.get("rules", []), *answer["notes"]]))


def _wrapped(notes: Sequence[str]) -> list[str]:
    return [textwrap.fill(f"- {note}", WIDTH, subsequent_indent="  ") for note in notes]
