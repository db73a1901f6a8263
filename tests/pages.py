"""Reading the repository's pages: fenced blocks, links, and running the command lines that they show."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from pathlib import Path

from riskbounds.cli import main

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return [text for name, text in fenced(page) if name == language]


def fenced(page: Path) -> list[tuple[str, str]]:
    """Every fenced block with its language."""
    return re.findall(r"^```(\w*)\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def links(page: Path) -> list[str]:
    """Targets of the links and pictures that lie in the repository."""
    found = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    return [target for target in found if not target.startswith(("http:", "https:"))]


def run(command: str) -> str:
    """Run one `riskbounds ...` line, with `> file` as a shell would; return what it printed; any exit code but 0 fails."""
    line, _, target = command.partition(">") if re.search(r"\s>\s", command) else (command, "", "")
    words = shlex.split(line)
    assert words[0] == "riskbounds", command
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(words[1:])
    assert code == 0, f"{command}: {err.getvalue()}"
    if target:
        Path(target.strip()).write_text(out.getvalue(), encoding="utf-8")
    return out.getvalue()
