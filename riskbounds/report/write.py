"""Writes a report as the ending of its name asks; .pdf is headless Chromium's print of the page."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from riskbounds.errors import ProblemError, RiskboundsError
from riskbounds.plots.style import checked_ending
from riskbounds.report.document import Document
from riskbounds.report.html import mathml, to_html
from riskbounds.report.text import to_latex, to_markdown

ENDINGS = (".html", ".md", ".tex", ".pdf")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
_LONGEST_PRINT = 120


def ready(path: str | os.PathLike[str], option: str = "--out") -> None:
    """Say before any work what stops a report of this name: its ending, its folder, a missing package, a missing browser."""
    ending = checked_ending(path, ENDINGS, option)
    if ending in (".html", ".pdf"):
        mathml("x")
    if ending == ".pdf":
        browser()


def write(document: Document, path: str | os.PathLike[str]) -> None:
    """Write the report; .md and .tex put their pictures into a folder beside them, NAME_files.

    Raises
    ------
    ProblemError: another ending, no such folder, or a place that cannot be written; RiskboundsError: no browser prints .pdf.
    """
    target = Path(path)
    ending = checked_ending(target, ENDINGS)
    try:
        if ending == ".html":
            target.write_text(to_html(document), encoding="utf-8")
        elif ending == ".pdf":
            _print(to_html(document), target)
        else:
            _with_pictures(document, target, ending)
    except OSError as error:
        raise ProblemError(f"cannot write {os.fspath(path)}: {error.strerror or error}") from None


def _with_pictures(document: Document, target: Path, ending: str) -> None:
    folder = target.with_name(f"{target.stem}_files")
    folder.mkdir(exist_ok=True)
    for picture in document.pictures:
        name, content = (f"{picture.name}.svg", picture.svg) if ending == ".md" else (f"{picture.name}.pdf", picture.pdf)
        (folder / name).write_bytes(content)
    text = to_markdown(document, folder.name) if ending == ".md" else to_latex(document, folder.name)
    target.write_text(text, encoding="utf-8")


def browser() -> str:
    """The path of Chromium; RiskboundsError says how to install it."""
    for name in _BROWSERS:
        found = shutil.which(name)
        if found is not None:
            return found
    raise RiskboundsError("a report as .pdf is printed by Chromium, which is not installed (Debian: apt-get install chromium)")


def _print(page: str, target: Path) -> None:
    program = browser()
    with tempfile.TemporaryDirectory() as folder:
        source, printed = Path(folder) / "report.html", Path(folder) / "report.pdf"
        source.write_text(page, encoding="utf-8")
        command = [program, *FLAGS, f"--user-data-dir={folder}/profile", "--no-pdf-header-footer",
                   f"--print-to-pdf={printed}", source.as_uri()]  # fmt: skip
        try:
            subprocess.run(command, capture_output=True, timeout=_LONGEST_PRINT, check=True)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise RiskboundsError(f"Chromium could not print the report: {type(error).__name__}") from None
        if not printed.exists():
            raise RiskboundsError("Chromium printed no report")
        shutil.copyfile(printed, target)
