"""Everything that is written in LaTeX compiles, and its formulas stay on the page."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from riskbounds.derivations import load

from riskbounds import theorems
from riskbounds.asymptotics.law_setting import SCHEMES
from riskbounds.cli import main
from riskbounds.display.formula import broken, displayed, width
from riskbounds.terms.rendering import claim_latex

needs_latex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
PREAMBLE = "\\documentclass{article}\\usepackage{amsmath,amssymb,booktabs}\\begin{document}\n"
MARGIN = 55  # points of an overfull line that still end on the paper: the margins of `article` are 133 points wide
WORST = 134


def compiled(document: str, folder: Path) -> list[float]:
    """By how many points the lines of a document that compiles are too wide."""
    (folder / "all.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    log = done.stdout.decode(errors="replace")
    assert done.returncode == 0, log[-1500:]
    assert (folder / "all.pdf").read_bytes().startswith(b"%PDF")
    return [float(each) for each in re.findall(r"Overfull \\hbox \((.*?)pt", log)]


def written(capsys, *arguments: str) -> str:
    assert main([*arguments, "--format", "latex"]) == 0
    return capsys.readouterr().out + "\n\\clearpage\n"


@needs_latex
def test_every_theorem_law_and_regime_compiles(capsys, tmp_path: Path) -> None:
    parts = [written(capsys, "show", each.name) for each in theorems.THEOREMS]
    parts += [written(capsys, command, scheme) for command in ("law", "regimes") for scheme in SCHEMES]
    too_wide = compiled(PREAMBLE + "".join(parts) + "\\end{document}\n", tmp_path)
    assert max(too_wide, default=0) < MARGIN


@needs_latex
@pytest.mark.parametrize("options", [[], ["--rigorous"], ["--digits", "20"]])
def test_the_table_of_bound_compiles(options, capsys, tmp_path: Path) -> None:
    table = written(capsys, "bound", "q1-additive-1e-2", *options)
    assert r"\toprule" in table
    compiled(PREAMBLE + table + "\\end{document}\n", tmp_path)


@needs_latex
@pytest.mark.parametrize("name", ["blocks", pytest.param("", marks=pytest.mark.long)])
def test_the_report_of_the_proofs_compiles(name, capsys, tmp_path: Path) -> None:
    target = tmp_path / "proofs.tex"
    assert main(["verify", *([name] if name else []), "--report", str(target)]) == 0
    compiled(target.read_text(encoding="utf-8"), tmp_path)


@needs_latex
def test_a_wide_or_wrong_line_is_seen(tmp_path: Path) -> None:
    assert max(compiled(PREAMBLE + rf"\[ {' + '.join('x' * 60)} \]" + "\\end{document}\n", tmp_path)) > WORST
    with pytest.raises(AssertionError, match="Undefined control sequence"):
        compiled(PREAMBLE + r"$\nosuchmacro$" + "\\end{document}\n", tmp_path)


def test_a_broken_formula_is_the_formula() -> None:
    inner = " + ".join(f"x_{{{k}}}" for k in range(60))
    for tex in (inner, rf"y = \left({inner}\right) z - 1", rf"\frac{{a}}{{b}} - {inner}"):
        lines = broken(tex, 40)
        assert len(lines) > 2
        assert max(map(width, lines)) <= 40
        assert " ".join(lines).replace(r"\Bigl", r"\left").replace(r"\Bigr", r"\right") == tex


def test_a_wide_fraction_becomes_a_product() -> None:
    inner = " + ".join(f"x_{{{k}}}" for k in range(60))
    assert " ".join(broken(rf"y = \frac{{{inner}}}{{B}}", 40)) == rf"y = \frac{{1}}{{B}} \Bigl({inner}\Bigr)"
    assert r"\Bigr)^{-1}" in " ".join(broken(rf"y = \frac{{{inner}}}{{{inner}}}", 40))
    assert displayed(r"\frac{1}{2}") == r"\[ \frac{1}{2} \]"


def test_a_formula_breaks_at_relations_commas_and_at_last_between_factors() -> None:
    factors = r"\,".join(f"x_{{{k},i}}" for k in range(60))
    for tex in (rf"{factors} \le {factors}", rf"\min({factors}, {factors})", rf"\frac{{1}}{{2}} {factors}"):
        lines = broken(tex, 40)
        assert max(map(width, lines)) <= 40
        assert "".join(lines).replace(" ", "") == tex.replace(" ", "")
    assert broken(rf"{'x' * 30} \le {'y' * 30}", 40) == ["x" * 30, rf"\le {'y' * 30}"]


def test_functions_of_a_proof_are_upright() -> None:
    shown = " ".join(claim_latex(step.claim) for step in load("p2-theorem-4.4").steps)
    assert r"\min(" in shown
    assert "min(" not in shown.replace(r"\min(", "")


def test_no_bound_variable_of_a_proof_goes_unnamed() -> None:
    """Once the letters ran out an inner name, #8, reached the page and stopped TeX."""
    shown = [claim_latex(step.claim) for step in load("noise-dither").steps]
    assert max(map(len, shown)) > 1000
    assert not any("#" in tex for tex in shown)
