"""The writers of `bound`, on an answer made by hand: JSON, CSV, LaTeX and the table."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from riskbounds import Setting
from riskbounds.cli.output import WRITERS, brief, number, spread, strict, to_json
from riskbounds.display.markup import escape
from riskbounds.evaluation.printed import tex

TERMS = ("approximation", "shrinkage", "bias", "cross", "variance")
HYPOTHESES = [
    {"name": "step size times largest eigenvalue: gamma mu_1 <= 1", "holds": True, "margin": 0.9},
    {"name": "stored weights are exact", "holds": True, "margin": None},
]


def row(steps: int, lower: Any, exact: Any, upper: Any, **extra: Any) -> dict[str, Any]:
    """One row of the contract."""
    parts = None if upper is None else dict.fromkeys(TERMS, 0.001)
    return {
        "steps": steps,
        "model_size": 8,
        "risk": {"lower": lower, "exact": exact, "upper": upper},
        "terms": {"lower": None, "upper": parts},
        "budget": {"data": 0.002, "feature": None},
        "effective": {"model_size": 7.9, "data_size": None},
        "step_size": {"value": 0.1, "limit": 0.5, "satisfied": True},
        "hypotheses": HYPOTHESES,
        "rigor": {"bounds": "float64", "exact": None},
        "notes": ["second moments of the sketch error"],
        **extra,
    }


def answer(*rows: dict[str, Any]) -> dict[str, Any]:
    """An answer of the contract with these rows."""
    problem = Setting.from_file("figure2d").echo()
    return {"problem": problem, "theorem": "sharp_general", "status": "ours", "proof": "not yet derived", "rows": list(rows)}


PLAIN = answer(row(10, 0.1, 0.15, 0.2), row(100, 1e-5, None, 3e-5, notes=["second moments of the sketch error", "N small"]))
DIGITS = answer(row(10, "0.1000000000000000000001", None, "0.2"))
ENCLOSED = answer(row(10, {"mid": "0.1", "rad": "1e-30"}, None, {"mid": "0.25", "rad": "1e-30"}))
REFUSED_SIDE = answer(row(1, None, 0.5, None))


@pytest.mark.parametrize("made", [PLAIN, DIGITS, ENCLOSED, REFUSED_SIDE])
@pytest.mark.parametrize("name", WRITERS)
def test_every_writer_takes_every_answer(made: dict[str, Any], name: str) -> None:
    text = WRITERS[name](made)
    assert text.strip()
    assert "nan" not in text.lower().replace("dominan", "")
    if name == "table":
        assert max(map(len, text.splitlines())) <= 120


def test_json_is_strict_and_starts_with_the_schema() -> None:
    text = to_json(answer(row(10, float("nan"), float("inf"), 0.5)))
    parsed = json.loads(text, parse_constant=lambda word: pytest.fail(word))
    assert next(iter(parsed)) == "schema"
    assert parsed["schema"] == 1
    assert parsed["rows"][0]["risk"] == {"lower": None, "exact": None, "upper": 0.5}


def test_strict_reaches_inside() -> None:
    assert strict({"a": [float("-inf"), (1, 2.5)], 3: True}) == {"a": [None, [1, 2.5]], "3": True}


def test_csv_has_one_line_per_row_and_empty_cells_for_null() -> None:
    rows = list(csv.DictReader(io.StringIO(WRITERS["csv"](PLAIN))))
    assert [(line["steps"], line["lower"], line["exact"], line["upper"]) for line in rows] == [
        ("10", "0.1", "0.15", "0.2"),
        ("100", "1e-05", "", "3e-05"),
    ]
    assert rows[0]["upper_bias"] == "0.001"
    assert rows[0]["lower_bias"] == ""
    assert rows[0]["budget_data"] == "0.002"
    assert rows[0]["step_size_satisfied"] == "true"
    assert rows[0]["hypotheses_hold"] == "true"
    assert rows[0]["smallest_margin"] == "0.9"
    assert rows[1]["notes"] == "second moments of the sketch error; N small"


def test_csv_splits_enclosures() -> None:
    line = next(csv.DictReader(io.StringIO(WRITERS["csv"](ENCLOSED))))
    assert (line["lower_mid"], line["lower_rad"], line["upper_mid"]) == ("0.1", "1e-30", "0.25")


def test_the_table_shows_all_parts() -> None:
    text = WRITERS["table"](PLAIN)
    for part in ("sharp_general", "lower", "exact", "upper", "M_eff", "N_eff", "2.0000", "Budget", "0.002", "gamma = 0.1"):
        assert part in text
    assert "satisfied; largest step size that satisfies it: 0.5" in text
    assert "gamma mu_1 <= 1" in text
    assert text.count("second moments of the sketch error") == 1
    assert "- N small (N = 100)" in text
    assert "Terms of the upper bound" in text
    assert "Terms of the lower bound" not in text


def test_the_table_keeps_all_digits() -> None:
    assert "0.1000000000000000000001" in WRITERS["table"](DIGITS)
    assert "0.1 +/- 1e-30" in WRITERS["table"](ENCLOSED)


def test_latex_is_a_booktabs_table() -> None:
    text = WRITERS["latex"](PLAIN)
    for part in (r"\toprule", r"\midrule", r"\bottomrule", r"theorem sharp\_general", r"$1 \times 10^{-5}$", "---"):
        assert part in text
    assert text.count(r" \\") == 3


def test_latex_escapes() -> None:
    assert escape(r"a_b < 50% \x") == r"a\_b \textless{} 50\% \textbackslash{}x"
    assert tex(1.5e-7) == r"$1.5 \times 10^{-7}$"
    assert tex(None) == "—"
    assert escape("—") == "---"


def test_the_spread_over_sketches() -> None:
    rows = [row(10, 0.1, None, 0.2, seed=0), row(10, 0.3, None, 0.4, seed=1)]
    assert spread(rows) == [
        {
            "model_size": 8,
            "steps": 10,
            "seeds": 2,
            "risk": {"lower": {"least": 0.1, "largest": 0.3}, "exact": None, "upper": {"least": 0.2, "largest": 0.4}},
        }
    ]
    made = {**answer(*rows), "sketches": spread(rows)}
    text = WRITERS["table"](made)
    assert "Over the sketches" in text
    assert "seed" in WRITERS["csv"](made).splitlines()[0]


def test_numbers_of_all_three_kinds() -> None:
    assert number({"mid": "0.5", "rad": "1e-9"}) == 0.5
    assert number("0.25") == 0.25
    assert number(float("inf")) is None
    assert brief(None) == "-"
    assert brief("0.123456789") == "0.123457"
