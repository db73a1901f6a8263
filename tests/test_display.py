"""Text with mathematics and tables in HTML, Markdown and LaTeX; what notebooks show of settings, bounds, theorems and laws."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from riskbounds import Setting, __version__, allocate, bound, compare, law, solve, theorems
from riskbounds.asymptotics.law_orders import order_law
from riskbounds.asymptotics.regimes import regimes
from riskbounds.cli import main
from riskbounds.display import Table, markup
from riskbounds.evaluation.printed import tex
from riskbounds.evaluation.tables import budget_table, hypotheses_table, meaning_of_risk, risk_table, terms_table

TABLE = Table(
    caption=r"A & b, $x < y$", columns=["Name", r"$\lambda_i$"], rows=[["50 % of a_b", "$1 < 2$"], ["a|b", "—"]], left=1
)
QUANTIZED = ["problem.risk_inputs=quantized"]


def small(name: str = "q1-multiplicative-1e-2", *changes: str) -> Setting:
    return Setting.from_file(name, ["training.steps=[10,100]", "problem.spectrum.dimension=20", *changes])


def test_html_is_well_formed_and_escaped() -> None:
    made = TABLE.to_html()
    root = ElementTree.fromstring(made)
    assert root.find("caption").text == "A & b, $x < y$"
    assert [cell.text for cell in root.iter("td")] == ["50 % of a_b", "$1 < 2$", "a|b", "—"]
    assert [cell.get("style") for cell in root.iter("th")] == ["text-align:left", "text-align:right"]


def test_html_takes_other_mathematics() -> None:
    assert "<b>1 < 2</b>" in TABLE.to_html(lambda text: f"<b>{text}</b>")


def test_latex_escapes_text_and_keeps_mathematics() -> None:
    made = TABLE.to_latex()
    assert r"50 \% of a\_b & $1 < 2$ \\" in made
    assert r"\caption{A \& b, $x < y$}" in made
    assert r"\begin{tabular}{lr}" in made
    assert made.count(r"\begin") == made.count(r"\end") == 2


def test_markdown_escapes_what_would_break_a_cell() -> None:
    lines = TABLE.to_markdown().splitlines()
    assert lines[2:4] == [r"| Name | $\lambda_i$ |", "| :--- | ---: |"]
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 3 for line in lines[2:])


def test_numbers_as_mathematics() -> None:
    assert [tex(value) for value in (1.5e-7, 12.0, None)] == [r"$1.5 \times 10^{-7}$", "$12$", "—"]
    assert markup.escape("a_b—50%") == r"a\_b---50\%"
    assert (tex(0.123456789, 3, "lower"), tex(0.123456789, 3, "upper")) == ("$0.123$", "$0.124$")


def test_the_caption_says_what_risk_is() -> None:
    clean, quantized = (meaning_of_risk(small("q1-multiplicative-1e-2", *more).echo()) for more in ([], QUANTIZED))
    assert r"\tfrac{1}{2}" in clean
    assert "clean inputs" in clean
    assert "without a sketch" in clean
    assert "quantized inputs" in quantized
    assert "R^q" in quantized
    assert "given the sketch $S$ (seed 0)" in meaning_of_risk(Setting.from_file("figure1d").echo())
    caption = risk_table(bound(small()).to_dict()).caption
    assert all(part in caption for part in ("theorem sharp", "ours", "float64", r"\sigma^2/2"))


def test_the_tables_of_a_bound_hold_its_numbers() -> None:
    result = bound(small())
    answer = result.to_dict()
    row, printed = answer["rows"][1], risk_table(answer).rows[1]
    assert printed[2:5] == [tex(row["risk"][side], 5, side) for side in ("lower", "exact", "upper")]
    upper = terms_table(answer, "upper")
    assert [float(cell.strip("$").replace(r" \times 10^{", "e").replace("}", "")) for cell in upper.rows[1][2:]] == pytest.approx(
        list(row["terms"]["upper"].values()), rel=1e-4
    )
    assert budget_table(answer).columns[2:] == [slot.capitalize() for slot in row["budget"]]
    assert budget_table(bound(small("q1-multiplicative-0")).to_dict()) is None
    holds = [line[1] for line in hypotheses_table(answer).rows]
    assert holds == ["yes"] * len(holds)


def test_a_hypothesis_that_fails_in_some_rows_is_counted() -> None:
    answer = bound(small("q1-multiplicative-1e-2", "training.steps=[1,100]"), "threshold").to_dict()
    assert "in 1 of 2 rows" in {line[1] for line in hypotheses_table(answer).rows}


@pytest.mark.parametrize(
    "made",
    [small(), bound(small()), theorems.theorem_named("sharp"), theorems.theorem_named("lin-2024"), law("full-precision")],
    ids=["setting", "bound", "theorem", "law theorem", "law"],
)
def test_notebooks_show_it_in_latex(made: object) -> None:
    text = made._repr_latex_()
    assert text.count(r"\begin") == text.count(r"\end")
    assert r"\begin" in text or r"\[" in text
    assert text.replace(r"\{", "").replace(r"\}", "").count("{") == text.replace(r"\{", "").replace(r"\}", "").count("}")


def test_decisions_and_regimes_show_themselves() -> None:
    one, two = (small("q1-additive-1e-2", f"quantization.data={level}") for level in ("0.1", "0.0001"))
    made = compare(one, two)
    assert made.verdict in made.table().caption
    assert [row[0] for row in made.table().rows] == ["A", "B"]
    solved = solve(one, "training.steps", "risk.upper<=0.5")
    assert f"training.steps = {solved.value} gives risk.upper" in solved.table().caption
    found = regimes(order_law("multiplicative"), title="multiplicative")
    assert len(found.table().rows) == len(found.regimes)
    split = allocate(Setting.from_file("figure1d", ["problem.spectrum.dimension=100", "sketch.size=10"]), "1e4", "M*N")
    assert [row[0] for row in split.table().rows] == ["$M$", "$N$", "$bits$", "$risk$"]
    for each in (made, solved, found, split, law("additive", "exact", slots=("data",))):
        ElementTree.fromstring(each._repr_html_())


@pytest.mark.parametrize("command", ["solve", "compare", "allocate", "bound"])
def test_every_json_says_what_it_was_made_from(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    problem = ["figure1d", "--set", "problem.spectrum.dimension=60", "--set", "sketch.size=6", "--set", "training.steps=50"]
    more = {
        "solve": ["--for", "training.steps", "--such-that", "risk.upper<=0.5"],
        "compare": ["figure1d"],
        "allocate": ["--budget", "1e4", "--cost", "M*N", "--format", "json"],
        "bound": ["--format", "json"],
    }[command]
    assert (
        main(
            [
                command,
                problem[0],
                *(more[:1] if command == "compare" else []),
                *problem[1:],
                *(more if command != "compare" else []),
            ]
        )
        == 0
    )
    answer = json.loads(capsys.readouterr().out)
    assert answer["version"] == __version__
    for made in answer["problems"].values() if command == "compare" else [answer]:
        assert len(made["digest"]) == 64
        assert made["problem"]["sketch"]["seed"] == 0
    row = {"solve": "row", "compare": "a", "allocate": "numeric"}.get(command)
    assert (answer[row] if row else answer["rows"][0])["rigor"]["bounds"] == "float64"


@pytest.mark.parametrize("name", [each.name for each in theorems.THEOREMS])
def test_every_theorem_shows_itself(name: str) -> None:
    made = theorems.theorem_named(name)
    page = made._repr_html_()
    ElementTree.fromstring(f"<div>{page}</div>")
    assert name in page
    assert made.citation.version in page


def test_a_setting_shows_every_key() -> None:
    page = small()._repr_html_()
    for key in ("problem.spectrum", "training.steps", "quantization.data", "sketch"):
        assert key in page
