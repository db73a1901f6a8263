"""Every fenced block of the README does what it says."""

from __future__ import annotations

import re
from functools import partial

import pytest

from tests import pages
from tests.pages import ROOT, run

BLOCKS = pages.fenced(ROOT / "README.md")
SETUP = "python3 -m venv"
blocks = partial(pages.blocks, ROOT / "README.md")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "my_problem.toml").write_text(blocks("toml")[0])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_block_is_covered():
    assert {name for name, _ in BLOCKS} == {"bash", "text", "toml", "python"}
    assert [len(blocks(name)) for name in ("bash", "text", "toml", "python")] == [3, 1, 1, 1]


def test_the_output_shown_is_the_true_output():
    shown = blocks("text")[0].rstrip()
    printed = run("riskbounds bound figure1a").partition("\n\nTerms of the upper bound")[0].rstrip()
    numbers = re.compile(r"-?\d+\.\d+(?:e-?\d+)?|-?\d+e-?\d+")
    assert numbers.sub("#", shown) == numbers.sub("#", printed)
    for one, other in zip(numbers.findall(shown), numbers.findall(printed), strict=True):
        assert float(one) == pytest.approx(float(other), rel=2e-4)


COMMANDS = [
    line.split("#")[0].strip() for text in blocks("bash") for line in text.splitlines() if line and not line.startswith(SETUP)
]


@pytest.mark.parametrize("command", COMMANDS)
def test_commands(command, folder):
    assert run(command)


def test_the_set_up_commands_are_those_of_ci():
    """The tests of the second command are what .ci/run calls; test_install runs the first from a wheel."""
    setup = [text for text in blocks("bash") if text.startswith(SETUP)]
    assert len(setup) == 2
    assert setup[0].rstrip().endswith("riskbounds bound figure1a")
    assert setup[1].rstrip().endswith(".venv/bin/pytest")
    assert "pip install -q -e '.[test]'" in (ROOT / ".ci" / "run").read_text()


def test_python_block(folder, capsys):
    exec(compile(blocks("python")[0], "README.md", "exec"), {})
    assert "Sum" in capsys.readouterr().out
