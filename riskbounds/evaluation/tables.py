"""The answer of `bound` as tables for papers and pages; each takes the JSON contract's dict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskbounds.display import Table
from riskbounds.display.prose import in_mathematics
from riskbounds.evaluation.printed import SIDES, brief, number, tex
from riskbounds.theorems.theorem import TERMS

Answer = Mapping[str, Any]
_SIZES = {"model_size": r"$M_{\mathrm{eff}}$", "data_size": r"$N_{\mathrm{eff}}$"}
_DIGITS = 5


def meaning_of_risk(problem: Mapping[str, Any]) -> str:
    """What the numbers are: the risk, its constant taken off, on which inputs, given what."""
    quantized = problem["problem"]["risk_inputs"] == "quantized"
    inputs = r"$R^q(v) = \tfrac{1}{2} \mathrm{E}(\langle v, q \rangle - y)^2$ on quantized inputs $q$" if quantized else (
        r"$R(v) = \tfrac{1}{2} \mathrm{E}(\langle v, z \rangle - y)^2$ on clean inputs $z$")  # fmt: skip
    sketch = problem["sketch"]
    given = "without a sketch" if sketch is None else f"given the sketch $S$ (seed {sketch['seed']})"
    return f"The risk is {inputs}, minus $\\sigma^2/2$, {given}; expectation over data, quantizers and the target's prior"


def risk_name(problem: Mapping[str, Any]) -> str:
    """The risk as inline mathematics."""
    letter = "R^q" if problem["problem"]["risk_inputs"] == "quantized" else "R"
    return rf"${letter}(\bar v_N) - \sigma^2/2$"


def risk_table(answer: Answer) -> Table:
    """lower <= exact <= upper, M_eff and N_eff of every row."""
    rows = answer["rows"]
    rigor = ", ".join(dict.fromkeys(str(row["rigor"]["bounds"]) for row in rows))
    caption = (
        f"Bounds on {risk_name(answer['problem'])} by the theorem {answer['theorem']} (status: {answer['status']}; "
        f"proof: {answer['proof']}; numbers: {rigor}). {meaning_of_risk(answer['problem'])}."
    )
    found = []
    for row in rows:
        risks = [tex(row["risk"][side], _DIGITS, side) for side in SIDES]
        found.append([*_place(row), *risks, *(tex(row["effective"][key], _DIGITS) for key in _SIZES)])
    return Table(caption=caption, columns=[*_places(rows), "Lower", "Exact", "Upper", *_SIZES.values()], rows=found)


def rows_table(caption: str, rows: Mapping[str, Mapping[str, Any]]) -> Table:
    """Named rows of different problems side by side: lower, exact, upper and effective sizes."""
    found = []
    for name, row in rows.items():
        risks = [tex(row["risk"][side], _DIGITS, side) for side in SIDES]
        found.append([name, *_place(row), *risks, *(tex(row["effective"][key], _DIGITS) for key in _SIZES)])
    columns = ["", *_places(list(rows.values())), "Lower", "Exact", "Upper", *_SIZES.values()]
    return Table(caption=caption, columns=columns, rows=found, left=1)


def terms_table(answer: Answer, side: str) -> Table | None:
    """The named terms of one side; None where no row has that side."""
    rows = [row for row in answer["rows"] if row["terms"][side] is not None]
    if not rows:
        return None
    found = [[*_place(row), *(tex(row["terms"][side].get(term), _DIGITS) for term in TERMS)] for row in rows]
    caption = f"Terms of the {side} bound on {risk_name(answer['problem'])}; they add up to it."
    return Table(caption=caption, columns=[*_places(rows), *(term.capitalize() for term in TERMS)], rows=found)


def budget_table(answer: Answer) -> Table | None:
    """What each slot adds to the upper bound; None in full precision."""
    rows = answer["rows"]
    slots = list(dict.fromkeys(slot for row in rows for slot in row["budget"]))
    if not slots:
        return None
    found = [[*_place(row), *(tex(row["budget"].get(slot), 4) for slot in slots)] for row in rows]
    caption = "Budget: the upper bound minus the upper bound with that slot exact."
    return Table(caption=caption, columns=[*_places(rows), *(slot.capitalize() for slot in slots)], rows=found)


def hypotheses_table(answer: Answer) -> Table:
    """Every hypothesis, in how many rows it holds, and its smallest margin 1 - lhs/rhs."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in answer["rows"]:
        for each in row["hypotheses"]:
            found.setdefault(each["name"], []).append(each)
    lines = []
    for name, group in found.items():
        held = sum(each["holds"] for each in group)
        margins = [each["margin"] for each in group if each["margin"] is not None]
        least = min(margins, key=lambda value: number(value) or 0.0, default=None)
        holds = "yes" if held == len(group) else "no" if held == 0 else f"in {held} of {len(group)} rows"
        lines.append([in_mathematics(name), holds, brief(least, 4) if least is not None else "—"])
    return Table(
        caption=r"Hypotheses; the margin is $1 - l/r$ of a hypothesis $l \le r$, the smallest over the rows.",
        columns=["Hypothesis", "Holds", "Margin"],
        rows=lines,
        left=2,
    )


def _place(row: Mapping[str, Any]) -> list[str]:
    """The cells that say which row this is."""
    size = "—" if row["model_size"] is None else f"${row['model_size']}$"
    return [*([str(row["seed"])] if "seed" in row else []), f"${row['steps']}$", size]


def _places(rows: Any) -> list[str]:
    return [*(["Seed"] if rows and "seed" in rows[0] else []), "$N$", "$M$"]
