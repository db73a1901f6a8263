"""The report: it holds the calculator's numbers, needs no network, renders in a real browser, and is written in four ways."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

import pytest

from riskbounds import Setting, __version__, bound, theorems
from riskbounds import symbols as s
from riskbounds.cli import main
from riskbounds.display import Table
from riskbounds.evaluation.printed import tex
from riskbounds.report import compose, write
from riskbounds.report.document import Document, Formula, Listing, Paragraph, Picture
from riskbounds.report.html import mathml, to_html
from riskbounds.report.write import browser
from riskbounds.theorems.display import definition_equations, hypothesis_equations, side_equations
from tests.browser import measured

SECTIONS = ["The numbers", "The problem", "Hypotheses", "The theorem", "Term budget", "Scaling law and regime",
            "Spectrum and regimes", "Proof status", "References", "Versions and digest"]  # fmt: skip
SMALL = ["problem.spectrum.dimension=60", "sketch.size=8", "training.steps=[10,100,1000]"]
PROBLEMS = {
    "additive sketched": lambda: Setting.from_file("figure2c", [*SMALL, "quantization.data=1e-3"]),
    "full precision": lambda: Setting.from_file("q1-multiplicative-0", ["training.steps=100", "problem.spectrum.dimension=20"]),
    "measured": lambda: Setting.from_file("diabetes", ["training.steps=[1000,10000]"]),
}
needs_browser = pytest.mark.skipif(
    not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), reason="Chromium is not installed"
)


@lru_cache
def composed(name: str) -> Document:
    return compose(PROBLEMS[name]())


@pytest.fixture(scope="module", params=PROBLEMS)
def document(request):
    return composed(request.param)


@pytest.fixture(scope="module")
def page(document):
    return to_html(document)


def test_every_section_is_there(document, page) -> None:
    assert [section.title for section in document.sections] == SECTIONS
    for title in SECTIONS:
        assert f"<h2>{title}</h2>" in page
    assert document.digest in page
    assert __version__ in document.made_from


def test_the_page_is_self_contained(page) -> None:
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert not re.findall(r'(?:src|href)="(?!data:)', page)
    assert "@import" not in page
    assert "url(" not in page


def test_no_two_composings_differ() -> None:
    assert to_html(composed("full precision")) == to_html(compose(PROBLEMS["full precision"]()))


@needs_browser
@pytest.mark.parametrize(
    ("width", "dark"), [(1100, False), (1100, True), (360, False), (800, True), (1600, False)], ids=lambda each: str(each)
)
def test_it_renders_in_a_browser(page, width: int, dark: bool, tmp_path: Path) -> None:
    found = measured(page, tmp_path, dark=dark, width=width)
    assert width - 30 < found["wide"] <= width  # but for the scroll bar
    assert found["found"] == []
    assert found["scripts"] == 0
    assert found["images"] == page.count("<img ") >= 2
    assert found["formulas"] > 20
    assert found["tables"] >= 6
    assert all(name.startswith("data:") for name in found["resources"])
    light_paper = sum(found["paper"]) > sum(found["ink"])
    assert light_paper is not dark
    assert abs(sum(found["paper"]) - sum(found["ink"])) > 450


@needs_browser
def test_the_measure_sees_what_is_wrong(tmp_path: Path) -> None:
    bad = (
        '<!DOCTYPE html><html><body><div style="width:3000px">wide</div><img src="data:image/png;base64,AAAA" alt="broken">'
        "<math><mi>\\alpha</mi></math><p>fine</p></body></html>"
    )
    found = " ".join(measured(bad, tmp_path)["found"])
    for what in ("sideways", "outside", "not loaded", "not understood"):
        assert what in found


@pytest.mark.parametrize("name", [each.name for each in theorems.THEOREMS])
def test_every_theorem_turns_into_mathml(name: str) -> None:
    theorem = theorems.theorem_named(name)
    equations = [*side_equations(theorem).values(), *hypothesis_equations(theorem).values(), *definition_equations(theorem)]
    for each in equations:
        made = mathml(each.tex, display=True)
        assert "\\" not in made, each.tex
        assert "merror" not in made


def test_the_numbers_are_those_of_bound() -> None:
    setting = PROBLEMS["additive sketched"]()
    document, rows = composed("additive sketched"), bound(setting).to_dict()["rows"]
    table = document.sections[0].blocks[1]
    for row, printed in zip(rows, table.rows, strict=True):
        assert printed[2:5] == [tex(row["risk"][side], 5, side) for side in ("lower", "exact", "upper")]


def test_it_cites_exactly_what_was_used() -> None:
    def cited(name: str) -> set[str]:
        listing = next(block for block in composed(name).sections[8].blocks if isinstance(block, Listing))
        return set(re.findall(r"@\w+\{(\w+),", listing.text))

    assert cited("additive sketched") == {"riskbounds", "zhang2026scaling"}
    assert cited("full precision") == {"riskbounds", "zhang2025learning"}


def test_the_proof_state_is_the_theorems() -> None:
    rows = composed("full precision").sections[7].blocks[0].rows
    sharp = theorems.theorem_named("sharp")
    assert rows == [["sharp", sharp.number, sharp.status, sharp.proof]]


def test_the_largest_term_of_the_law_is_named() -> None:
    text = composed("additive sketched").sections[5].blocks[0].text
    assert "Scheme additive" in text
    assert re.search(r"largest term in force at \$N = 1000\$ is [\w, ]+\.", text)
    assert "neither a bound nor a value" in text


def test_what_does_not_apply_is_said() -> None:
    sections = composed("measured").sections
    told = [block.text for section in sections for block in section.blocks if isinstance(block, Paragraph)]
    assert any("No law covers this problem" in text for text in told)


def test_markdown_and_latex_bring_their_pictures(document, tmp_path: Path) -> None:
    write(document, tmp_path / "r.md")
    write(document, tmp_path / "r.tex")
    markdown, latex = (tmp_path / "r.md").read_text(), (tmp_path / "r.tex").read_text()
    for picture in document.pictures:
        assert isinstance(picture, Picture)
        assert f"r_files/{picture.name}.svg" in markdown
        assert f"r_files/{picture.name}.pdf" in latex
        assert (tmp_path / f"r_files/{picture.name}.svg").read_bytes() == picture.svg
        assert (tmp_path / f"r_files/{picture.name}.pdf").read_bytes().startswith(b"%PDF")
    assert [line[3:] for line in markdown.splitlines() if line.startswith("## ")] == SECTIONS
    assert latex.count(r"\begin{") == latex.count(r"\end{")
    assert latex.count("$") % 2 == 0


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_the_latex_compiles(document, tmp_path: Path) -> None:
    write(document, tmp_path / "r.tex")
    done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "r.tex"], cwd=tmp_path, capture_output=True)
    assert done.returncode == 0, done.stdout[-2000:]


@needs_browser
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_pdf_is_the_print_of_the_page(tmp_path: Path) -> None:
    """Its text can be taken out and holds the numbers; nothing is printed past the edge of the paper."""
    document = composed("additive sketched")
    write(document, tmp_path / "r.pdf")
    taken = subprocess.run(
        ["pdftotext", "-layout", "r.pdf", "-"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert 3 <= taken.count("\f") <= 20
    for title in SECTIONS:
        assert title in taken
    assert document.digest in re.sub(r"\s", "", taken)
    for row in bound(PROBLEMS["additive sketched"]()).to_dict()["rows"]:
        for side in ("lower", "exact", "upper"):
            assert plain(tex(row["risk"][side], 5, side)) in re.sub(r"\s", "", taken)
    boxes = extracted(tmp_path, "-bbox")
    width = float(re.search(r'<page width="([\d.]+)"', boxes).group(1))
    words = re.findall(r'xMin="([-\d.]+)".*? xMax="([\d.]+)"', boxes)
    assert len(words) > 500
    assert min(float(left) for left, _ in words) >= 0
    assert max(float(right) for _, right in words) <= width


def extracted(folder: Path, how: str) -> str:
    command = ["pdftotext", how, "r.pdf", "-"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def plain(number: str) -> str:
    """The letters of a number's TeX: 1.5 \\times 10^{-3} is printed 1.5×10−3."""
    return re.sub(r"[\s{}^$]", "", number.replace("\\times", "×").replace("-", "\N{MINUS SIGN}"))


def test_without_a_browser_pdf_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Exception, match="apt-get install chromium"):
        browser()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["q1-additive-0", "--out", "r.doc"], "must end in .html, .md, .tex or .pdf"),
        (["q1-additive-0", "--out", "no/r.html"], "no folder no"),
        (["q1-additive-0", "--out", "r.html", "--theorem", "shapr"], "did you mean sharp?"),
        (["q1-additive-0", "--out", "r.html", "--set", "training.step_size=9"], "what would satisfy it"),
    ],
)
def test_bad_input_is_one_line(arguments, told, capsys, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["report", *arguments]) == 2
    err = capsys.readouterr().err
    assert told in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_every_symbol_of_the_theorem_and_its_constants_is_explained(document) -> None:
    """Symbols that stand in an equation or in a slot's formula: each has a row in one of the two tables of symbols."""
    section = next(section for section in document.sections if section.title == "The theorem")
    tables = [block for block in section.blocks if isinstance(block, Table)]
    named = [row[0] for table in tables if table.columns[0] == "Symbol" for row in table.rows]
    explained = {name.replace("_{i,j}", "").replace("_i$", "$") for name in named}
    formulas = " ".join(row[3] for table in tables if table.columns[0] == "Slot" for row in table.rows)
    shown = " ".join(block.tex for block in section.blocks if isinstance(block, Formula)) + formulas
    for symbol in (s.approximation, s.shrinkage, s.cross, s.gram, s.mu, s.tau, s.excess, s.sigma_M2, s.eps_p, s.alpha, s.sbar2):
        name = s.MEANINGS[symbol][0]
        assert f"${name}$" in explained or name not in shown, name
    assert len(explained) > 10
