"""Every page does what it says: blocks run, links lead somewhere, the theorem map is the registry, the README's table works."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pages import PAGES, ROOT, blocks, fenced, links, run

README = ROOT / "README.md"
TABLE = README.read_text(encoding="utf-8").split("| question | command | notebook |\n|---|---|---|\n")[1].split("\n\n")[0]
ROWS = [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in TABLE.splitlines()]
SLOW = ("riskbounds reproduce",)


def commands(cell: str) -> list[str]:
    return [each for each in re.findall(r"`(.*?)`", cell) if each.startswith("riskbounds ")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in links(page):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", [page for page in PAGES if page != README], ids=lambda page: page.name)
def test_the_blocks_of_a_page_run(page: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    languages = {name for name, _ in fenced(page)}
    assert languages <= {"python", "bash"}, "this test runs Python and riskbounds commands only"
    monkeypatch.chdir(tmp_path)
    exec(compile("\n".join(blocks(page, "python")), page.name, "exec"), {"__name__": page.stem})
    for line in "\n".join(blocks(page, "bash")).splitlines():
        if line.startswith("python docs/"):
            assert (ROOT / line.split()[1]).exists()
        elif line.strip():
            run(line)


def test_the_theorem_map_is_the_registry() -> None:
    done = subprocess.run([sys.executable, "docs/theorem_map.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_stale_theorem_map_is_noticed(tmp_path: Path) -> None:
    copy = tmp_path / "docs"
    copy.mkdir()
    script = (
        (ROOT / "docs" / "theorem_map.py")
        .read_text()
        .replace("ROOT = Path(__file__).resolve().parent.parent", f"ROOT = Path({str(ROOT)!r})")
    )
    script = script.replace('PAGE = ROOT / "docs"', f"PAGE = Path({str(copy)!r})")
    (copy / "theorem_map.py").write_text(script)
    (copy / "theorem_map.md").write_text((ROOT / "docs" / "theorem_map.md").read_text().replace("| ours |", "| published |", 1))
    done = subprocess.run([sys.executable, str(copy / "theorem_map.py"), "--check"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "stale" in done.stderr


def test_the_table_has_the_promised_rows() -> None:
    assert len(ROWS) == 9
    told = " ".join(map(" ".join, ROWS))
    for promised in ("exponents", "my own hyperparameters", "proved", "figures", "report", "notebooks/7"):
        assert promised in told
    for row in ROWS:
        assert 1 <= len(commands(row[1])) <= 2, row


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as a reader of the table has it: the problem file of the second row, and runs of their own."""
    monkeypatch.chdir(tmp_path)
    run("riskbounds presets q1-additive-1e-2 > mine.toml")
    (tmp_path / "runs.csv").write_text("steps,risk,stderr\n100,0.2300,0.0005\n1000,0.0782,0.0001\n")
    return tmp_path


@pytest.mark.parametrize("row", [row for row in ROWS if not row[1].startswith(f"`{SLOW[0]}")], ids=lambda row: row[0][:40])
def test_the_commands_of_a_row_run(row: tuple[str, ...], measured: Path) -> None:
    for command in commands(row[1]):
        assert run(command)


@pytest.mark.long
@pytest.mark.parametrize("row", [row for row in ROWS if row[1].startswith(f"`{SLOW[0]}")], ids=lambda row: row[0][:40])
def test_the_slow_commands_of_a_row_run(row: tuple[str, ...], measured: Path) -> None:
    for command in commands(row[1]):
        assert run(command)
    assert len(list((measured / "figures").glob("*.png"))) == 4


def test_the_picture_of_the_readme_is_of_this_version() -> None:
    from PIL import Image

    from riskbounds import Setting, __version__

    said = Image.open(ROOT / "docs" / "figure1a.png").info["Description"]
    digest = Setting.from_file("figure1a").digest()[:12]
    assert said.startswith(f"riskbounds {__version__} | problem {digest} | sketch seed 0")
