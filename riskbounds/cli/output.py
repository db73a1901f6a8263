"""Writing the answer of `bound`: JSON, CSV and the choice of writer. The answer is the contract's dict."""

from __future__ import annotations

import csv
import io
import json
import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from riskbounds import __version__
from riskbounds.evaluation.printed import SIDES, brief, number

WIDTH = 110
TERMS = ("approximation", "shrinkage", "bias", "cross", "variance")

Answer = dict[str, Any]

__all__ = [
    "SIDES",
    "TERMS",
    "WIDTH",
    "WRITERS",
    "Answer",
    "brief",
    "cell",
    "full",
    "grid",
    "number",
    "spread",
    "strict",
    "to_json",
]


def strict(value: Any) -> Any:
    """Return a copy without NaN and infinities: they become null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [strict(item) for item in value]
    return value


def to_json(answer: Mapping[str, Any]) -> str:
    """Return strict JSON with the schema number first, and the version that wrote it."""
    ordered = {"schema": answer.get("schema", 1), "version": __version__, **answer}
    return json.dumps(strict(ordered), indent=2, allow_nan=False, ensure_ascii=False)


def cell(value: Any) -> str:
    """Return any JSON value as the text of a table cell."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.8g}" if isinstance(value, float) else str(value)


def full(value: Any) -> str:
    """Return a result with all its digits: an enclosure as mid +/- rad."""
    if value is None:
        return "-"
    if isinstance(value, Mapping):
        return f"{value['mid']} +/- {value['rad']}"
    return value if isinstance(value, str) else f"{value:.10g}"


def grid(rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Return aligned columns: the first `left` columns flush left, the others flush right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            text.ljust(width) if column < left else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def noted(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return each note of the rows once, with the N it belongs to unless it belongs to all."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        for note in row["notes"]:
            found.setdefault(note, []).append(row)
    lines = []
    for note, group in found.items():
        where = "" if len(group) == len(rows) else f" (N = {', '.join(dict.fromkeys(str(row['steps']) for row in group))})"
        lines.append(textwrap.fill(f"- {note}{where}", WIDTH, subsequent_indent="  "))
    return "Notes:\n" + "\n".join(lines) if lines else ""


def spread(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return, per model size and N, the least and largest value of each side over the sketches."""
    places: dict[tuple[Any, Any], list[Mapping[str, Any]]] = {}
    for row in rows:
        places.setdefault((row["model_size"], row["steps"]), []).append(row)
    found = []
    for (size, steps), group in places.items():
        ranges: dict[str, Any] = {}
        for side in SIDES:
            values = [value for row in group if (value := number(row["risk"][side])) is not None]
            ranges[side] = {"least": min(values), "largest": max(values)} if values else None
        found.append({"model_size": size, "steps": steps, "seeds": len(group), "risk": ranges})
    return found


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of the answer as one level of CSV columns; an enclosure takes two, _mid and _rad."""
    hypotheses = row["hypotheses"]
    margins = [margin for each in hypotheses if (margin := number(each["margin"])) is not None]
    cells: dict[str, Any] = {"steps": row["steps"], "model_size": row["model_size"]}
    if "seed" in row:
        cells["seed"] = row["seed"]
    cells |= {side: row["risk"][side] for side in SIDES}
    for side in ("lower", "upper"):
        terms = row["terms"][side] or {}
        cells |= {f"{side}_{term}": terms.get(term) for term in TERMS}
    cells |= {f"budget_{slot}": value for slot, value in (row["budget"] or {}).items()}
    cells |= {f"effective_{key}": value for key, value in row["effective"].items()}
    cells |= {f"step_size_{key}": value for key, value in row["step_size"].items()}
    cells["hypotheses_hold"] = all(each["holds"] for each in hypotheses)
    cells["smallest_margin"] = min(margins, default=None)
    cells |= {f"rigor_{key}": value for key, value in row["rigor"].items()}
    cells["notes"] = "; ".join(row["notes"])
    return _split_enclosures(cells)


def _split_enclosures(cells: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in cells.items():
        if isinstance(value, Mapping):
            found |= {f"{key}_mid": value["mid"], f"{key}_rad": value["rad"]}
        else:
            found[key] = str(value).lower() if isinstance(value, bool) else strict(value)
    return found


def to_csv(answer: Answer) -> str:
    """Return one line per row with a header; null is an empty cell."""
    rows = [flat(row) for row in answer["rows"]]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _table(answer: Answer) -> str:
    from riskbounds.cli.table import to_table

    return to_table(answer)


def _latex(answer: Answer) -> str:
    from riskbounds.evaluation.tables import risk_table

    return risk_table(answer).to_latex()


def _markdown(answer: Answer) -> str:
    from riskbounds.evaluation.tables import risk_table

    return risk_table(answer).to_markdown()


WRITERS: dict[str, Callable[[Answer], str]] = {
    "table": _table,
    "json": to_json,
    "csv": to_csv,
    "latex": _latex,
    "markdown": _markdown,
}
"""The writers of `bound` by the name of their format."""
