"""Faults: each gives one line on stderr that names what to change, and exit code 2."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from problems import BASE, write

from riskbounds.cli import main
from riskbounds.cli.commands import COMMANDS
from tests.faults import ARGUMENTS, COMMAND_FAULTS, DATA_PROBLEM, FILES, HYPOTHESES, TABLES, spectrum


def refuse(capsys: pytest.CaptureFixture[str], arguments: list[str], fragment: str) -> None:
    """Run a command and check that it refuses in one line that holds the fragment."""
    code = main(arguments)
    answer = capsys.readouterr()
    assert code == 2, answer
    assert answer.out == ""
    assert answer.err.startswith("riskbounds: error: ")
    assert answer.err.count("\n") == 1
    assert answer.err.endswith("\n")
    assert fragment in answer.err
    assert "Traceback" not in answer.err
    assert len(answer.err) < 400


def test_there_are_enough_faults() -> None:
    assert len(FILES) + len(TABLES) + len(ARGUMENTS) + len(HYPOTHESES) >= 150
    assert len(COMMAND_FAULTS) >= 40
    decided = {"bound", "theorems", "show", "cite", "presets", "formats", "law", "regimes", "solve", "compare", "allocate"}
    assert {arguments[0] for arguments, _ in COMMAND_FAULTS.values()} == decided


@pytest.mark.parametrize("name", FILES)
def test_bad_problem_file(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, fragment = FILES[name]
    write(tmp_path, "a,y\n1,2\n3,4\n5,9\n", "FILE.csv")
    refuse(capsys, ["bound", str(write(tmp_path, text))], fragment)


@pytest.mark.parametrize("name", TABLES)
def test_bad_data_table(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content, fragment = TABLES[name]
    write(tmp_path, content, "X.csv")
    refuse(capsys, ["bound", str(write(tmp_path, DATA_PROBLEM.replace("FILE.csv", "X.csv")))], fragment)


@pytest.mark.parametrize("name", [*ARGUMENTS, *COMMAND_FAULTS])
def test_bad_arguments(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    path = str(write(tmp_path, BASE))
    arguments, fragment = {**ARGUMENTS, **COMMAND_FAULTS}[name]
    refuse(capsys, [path if word == "FILE" else word for word in arguments], fragment)


@pytest.mark.parametrize("name", HYPOTHESES)
def test_failing_hypothesis(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, arguments, fragment = HYPOTHESES[name]
    refuse(capsys, ["bound", str(write(tmp_path, text)), *arguments], fragment)


@pytest.mark.parametrize("command", ["show", "cite"])
def test_misspelt_theorem(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    refuse(capsys, [command, "p2-theorem-4.9"], "did you mean p2-theorem-4.")
    refuse(capsys, [command, "shrp"], "sharp")


@pytest.mark.parametrize(
    ("suffix", "content", "fragment"),
    [
        (".npy", b"not an array", "not a readable array file"),
        (".npz", b"PK\x03\x04 broken", "not a readable array file"),
        (".csv", "a,b\n1,2\n3,4\n", "one number per line"),
        (".csv", "lam\n1\nx\n", "values[1] = 'x'"),
        (".csv", "lam\n", "holds no numbers"),
    ],
)
def test_damaged_array(
    suffix: str, content: str | bytes, fragment: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, content, "lam" + suffix)
    if suffix == ".npz":
        text = DATA_PROBLEM.replace("FILE.csv", "lam.npz")
    else:
        text = spectrum(f'{{ kind = "explicit", file = "lam{suffix}" }}')
    refuse(capsys, ["bound", str(write(tmp_path, text))], fragment)


@pytest.mark.parametrize(
    ("array", "fragment"),
    [
        (np.array([[1.0, 2.0]]), "one-dimensional"),
        (np.array(["a"]), "real numbers"),
        (np.array([1 + 2j]), "real numbers"),
        (np.array([{}], dtype=object), "not a readable array file"),
        (np.array([1.0, np.nan]), "values[1] = nan"),
        (np.array([]), "is empty"),
    ],
)
def test_unusable_array(array: np.ndarray, fragment: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "lam.npy", array)
    text = spectrum('{ kind = "explicit", file = "lam.npy" }')
    refuse(capsys, ["bound", str(write(tmp_path, text))], fragment)


def test_npz_without_y(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez(tmp_path / "X.npz", X=np.eye(3), z=np.ones(3))
    text = DATA_PROBLEM.replace("FILE.csv", "X.npz")
    refuse(capsys, ["bound", str(write(tmp_path, text))], "must hold the arrays X and y; it holds X, z")


def test_empty_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    refuse(capsys, ["bound", "-"], "standard input is empty")


def test_missing_extra_names_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    refuse(capsys, ["bound", "diabetes"], "pip install 'riskbounds[data]'")


def test_interrupt(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setitem(COMMANDS, "presets", interrupted)
    assert main(["presets"]) == 130
    assert capsys.readouterr() == ("", "")


def test_out_of_memory(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def exhausted(_: object) -> str:
        raise MemoryError

    monkeypatch.setitem(COMMANDS, "presets", exhausted)
    refuse(capsys, ["presets"], "does not fit in memory")


def test_a_reader_that_goes_away_is_no_error() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    run = subprocess.run([sys.executable, "-m", "riskbounds", "presets"], stdout=write_end, stderr=subprocess.PIPE, check=False)
    os.close(write_end)
    assert (run.returncode, run.stderr) == (0, b"")
