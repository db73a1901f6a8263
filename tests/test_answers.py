"""What every answer carries: the version, the problem with its seeds and digest, and the rigor of its numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from riskbounds import Setting, __version__
from riskbounds.cli import main

SMALL = ["--set", "training.steps=100", "--set", "problem.spectrum.dimension=20"]
PROBLEM = "q1-additive-1e-2"
ABOUT_A_PROBLEM = {
    "bound": ["bound", PROBLEM],
    "solve": ["solve", PROBLEM, "--for", "training.steps", "--such-that", "risk.upper<=0.5"],
    "minimise": ["solve", PROBLEM, "--for", "training.step_size", "--minimise", "risk.upper"],
    "allocate": ["allocate", "figure1d", "--budget", "1e4", "--cost", "M*N"],
    "next-bit": ["next-bit", PROBLEM],
    "integers-or-floats": ["integers-or-floats", PROBLEM, "--width", "8"],
    "simulate": ["simulate", PROBLEM, "--runs", "10", "--seed", "3"],
    "check": ["check", PROBLEM, "--results", "runs.csv"],
}
OTHERS = {
    "law": ["law", "multiplicative"],
    "regimes": ["regimes", "multiplicative"],
    "verify": ["verify", "blocks"],
    "theorems": ["theorems"],
    "show": ["show", "sharp"],
    "formats": ["formats", "e4m3"],
}


def answer(arguments: list[str], capsys) -> dict[str, Any]:
    assert main([*arguments, "--format", "json"]) in (0, 1)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def keys(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        yield from tree
        for value in tree.values():
            yield from keys(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from keys(value)


@pytest.mark.parametrize("name", ABOUT_A_PROBLEM)
def test_an_answer_about_a_problem_names_it(name, capsys, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs.csv").write_text("steps,risk,stderr\n100,0.5,0.1\n")
    arguments = ABOUT_A_PROBLEM[name]
    small = [] if name == "allocate" else SMALL
    found = answer([*arguments, *small], capsys)
    assert list(found)[:2] == ["schema", "version"]
    assert found["version"] == __version__
    assert found["digest"] == Setting.from_file(arguments[1], small[1::2]).digest()
    assert "spectrum" in found["problem"]["problem"]
    assert "rigor" in set(keys(found))
    if name == "simulate":
        assert found["seed"] == 3


def test_a_comparison_names_both_problems(capsys) -> None:
    found = answer(["compare", PROBLEM, "q1-multiplicative-1e-2", *SMALL], capsys)
    assert {name: set(each) for name, each in found["problems"].items()} == {key: {"problem", "digest"} for key in "ab"}
    assert "rigor" in set(keys(found))


@pytest.mark.parametrize("name", OTHERS)
def test_every_other_answer_names_the_version(name, capsys) -> None:
    found = answer(OTHERS[name], capsys)
    assert list(found)[:2] == ["schema", "version"]
    assert found["version"] == __version__
