"""The answer of `bound` as a readable table."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from riskbounds.cli.output import SIDES, TERMS, WIDTH, Answer, brief, full, grid, noted, number

Row = Mapping[str, Any]
CONSTANTS = ("A", "ad", "av", "Alow", "adlow")


def to_table(answer: Answer) -> str:
    """Return the sections of the answer, separated by empty lines."""
    rows = answer["rows"]
    sections = [
        _heading(answer),
        _risks(rows),
        *([_spread(answer["sketches"])] if "sketches" in answer else []),
        _terms(rows, "upper"),
        _terms(rows, "lower"),
        _budget(rows),
        _noise(rows),
        _step_size(rows),
        _hypotheses(rows),
        _rigor(rows),
        noted(rows),
    ]
    return "\n\n".join(section for section in sections if section)


def _heading(answer: Answer) -> str:
    quantized = answer["problem"]["problem"]["risk_inputs"] == "quantized"
    risk = "R^q" if quantized else "R"
    lines = [
        f"{risk}(vbar_N) - sigma^2/2 by theorem {answer['theorem']} (status: {answer['status']}; proof: {answer['proof']})",
        "lower <= risk <= upper under the hypotheses below; exact is the risk itself, - where no formula covers it.",
        _problem(answer["problem"]),
    ]
    return "\n".join(textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in lines)


def _problem(echo: Mapping[str, Any]) -> str:
    problem, training, sketch = echo["problem"], echo["training"], echo["sketch"]
    parts = [_inline(problem["spectrum"], "spectrum")]
    if "target" in problem:
        parts += [_inline(problem["target"], "target"), f"sigma^2 = {brief(problem['noise_variance'])}"]
    if sketch is not None:
        parts.append(f"sketch {sketch['kind']} (seed {sketch['seed']})")
    parts.append(f"gamma = {brief(training['step_size'])}")
    parts.append(f"B = {training['batch_size']}")
    slots = {slot: level for slot, level in echo["quantization"].items() if isinstance(level, Mapping)}
    parts += [f"{slot} {_level(level)}" for slot, level in slots.items()] or ["full precision"]
    return "Problem: " + "; ".join(parts)


def _inline(table: Mapping[str, Any], name: str) -> str:
    details = ", ".join(
        f"{key} = {value}"
        for key, value in table.items()
        if key not in ("kind", "values", "sha256", "target_column") and value is not None
    )
    return f"{name} {table['kind']}" + (f" ({details})" if details else "")


def _level(level: Mapping[str, Any]) -> str:
    if "format" in level:
        return f"{level['format']} ({level['rounding']}, {level['model']} format)"
    return f"{level['structure']} {brief(level['eps'])}"


def _place(row: Row) -> list[str]:
    """Return the cells that say which row this is."""
    seed = [str(row["seed"])] if "seed" in row else []
    return [*seed, str(row["steps"]), "-" if row["model_size"] is None else str(row["model_size"])]


def _places(rows: Sequence[Row]) -> list[str]:
    return [*(["seed"] if rows and "seed" in rows[0] else []), "N", "M"]


def _risks(rows: Sequence[Row]) -> str:
    if any(isinstance(row["risk"][side], str | Mapping) for row in rows for side in SIDES):
        return _long_risks(rows)
    heads = [*_places(rows), *SIDES, "upper/lower", "M_eff", "N_eff"]
    table = [heads]
    for row in rows:
        effective = [brief(row["effective"][key]) for key in ("model_size", "data_size")]
        table.append([*_place(row), *(brief(row["risk"][side], 8, side) for side in SIDES), _ratio(row["risk"]), *effective])
    return grid(table, left=0)


def _ratio(risk: Mapping[str, Any]) -> str:
    low, high = number(risk["lower"]), number(risk["upper"])
    return f"{math.ceil(high / low * 1e4) / 1e4:.4f}" if low and high else "-"


def _long_risks(rows: Sequence[Row]) -> str:
    """Many digits or enclosures: one line per value."""
    blocks = []
    for row in rows:
        place = ", ".join(f"{name} = {text}" for name, text in zip(_places(rows), _place(row), strict=True))
        lines = [(f"  {side}", full(row["risk"][side])) for side in SIDES]
        lines += [(f"  {name}", full(row["effective"][key])) for name, key in (("M_eff", "model_size"), ("N_eff", "data_size"))]
        blocks.append(place + "\n" + grid(lines, left=2))
    return "\n".join(blocks)


def _spread(sketches: Sequence[Mapping[str, Any]]) -> str:
    table = [["N", "M", "sketches", *(f"{side} {end}" for side in SIDES for end in ("least", "largest"))]]
    for each in sketches:
        ends = [brief(each["risk"][side] and each["risk"][side][end], 6, side) for side in SIDES for end in ("least", "largest")]
        table.append([str(each["steps"]), str(each["model_size"]), str(each["seeds"]), *ends])
    return "Over the sketches:\n" + grid(table, left=0)


def _terms(rows: Sequence[Row], side: str) -> str:
    table = [[*_places(rows), *TERMS]]
    for row in rows:
        terms = row["terms"][side]
        if terms is not None:
            table.append([*_place(row), *(brief(terms.get(term), 6, side) for term in TERMS)])
    return f"Terms of the {side} bound, adding up to it:\n" + grid(table, left=0) if len(table) > 1 else ""


def _budget(rows: Sequence[Row]) -> str:
    slots = list(dict.fromkeys(slot for row in rows for slot, value in (row["budget"] or {}).items() if value is not None))
    if not slots:
        return ""
    table = [[*_places(rows), *slots]]
    table += [[*_place(row), *(brief((row["budget"] or {}).get(slot), 4) for slot in slots)] for row in rows]
    return "Budget, the upper bound minus the upper bound with that slot exact:\n" + grid(table, left=0)


def _noise(rows: Sequence[Row]) -> str:
    """Return what each slot adds to the noise constants, which do not depend on N."""
    places, table = set(), [[*_places(rows)[:-2], "M", "slot", *CONSTANTS]]
    for row in rows:
        place = [*_place(row)[:-2], _place(row)[-1]]
        if tuple(place) in places:
            continue
        places.add(tuple(place))
        for slot, constants in row.get("noise", {}).items():
            shown = (brief(constants[name], 4, "lower" if name.endswith("low") else "upper") for name in CONSTANTS)
            table.append([*place, slot, *shown])
    head = "Noise constants of the batch gradient, slot by slot (A the largest, Alow the smallest over the directions):\n"
    return head + grid(table, left=len(table[0]) - len(CONSTANTS)) if len(table) > 1 else ""


def _step_size(rows: Sequence[Row]) -> str:
    sizes = [row["step_size"] for row in rows]
    limits = [size["limit"] for size in sizes if number(size["limit"]) is not None]
    state = "satisfied" if all(size["satisfied"] for size in sizes) else "NOT satisfied"
    largest = f"; largest step size that satisfies it: {brief(_least(limits), 6, 'lower')}" if limits else ""
    return f"Step-size condition at gamma = {brief(sizes[0]['value'])}: {state}{largest}" if sizes else ""


def _least(values: Sequence[Any]) -> Any:
    """Return the smallest of some results."""
    return min(values, key=lambda value: number(value) or 0.0)


def _hypotheses(rows: Sequence[Row]) -> str:
    """Return one line per hypothesis: whether it holds in every row, and its smallest margin."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        for each in row["hypotheses"]:
            found.setdefault(each["name"], []).append(each)
    if not found:
        return ""
    table = [["hypothesis", "holds", "margin"]]
    for name, group in found.items():
        failing = sum(not each["holds"] for each in group)
        holds = "yes" if not failing else "no" if failing == len(group) else f"not in {failing} of {len(group)} rows"
        margins = [each["margin"] for each in group if number(each["margin"]) is not None]
        table.append([name, holds, brief(_least(margins), 4, "lower") if margins else "-"])
    return "Hypotheses (margin = 1 - lhs/rhs, the smallest over the rows):\n" + grid(table, left=2)


def _rigor(rows: Sequence[Row]) -> str:
    kinds = {key: list(dict.fromkeys(str(row["rigor"][key] or "-") for row in rows)) for key in ("bounds", "exact")}
    return f"Rigor: bounds {', '.join(kinds['bounds'])}; exact {', '.join(kinds['exact'])}"
