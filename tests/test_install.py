"""The wheel installs into an empty environment and does the main job outside the checkout; imports are light."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import venv
from pathlib import Path

import pytest
from riskbounds.derivations import PLACES

ROOT = Path(__file__).resolve().parents[1]


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, **options)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """An environment with nothing but the wheel and its dependencies."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, ROOT)
    wheel = next(folder.glob("riskbounds-*.whl"))
    venv.create(folder / "environment", with_pip=True)
    python = folder / "environment" / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(python, "-m", "pip", "install", "-q", wheel)
    return python


def test_bound_figure1a_outside_the_checkout(installed, tmp_path):
    answer = json.loads(run(installed.parent / "riskbounds", "bound", "figure1a", "--format", "json", cwd=tmp_path).stdout)
    assert answer["schema"] == 1
    assert len(answer["rows"]) == 10
    for row in answer["rows"]:
        assert row["risk"]["lower"] <= row["risk"]["exact"] <= row["risk"]["upper"]
    where = run(installed, "-c", "import riskbounds.derivations as d; print(d.__file__)", cwd=tmp_path).stdout
    assert str(ROOT) not in where


@pytest.mark.long
def test_verify_outside_the_checkout(installed, tmp_path, tell):
    """All derivations from a cold start, on as many cores as there are."""
    started = time.perf_counter()
    answer = json.loads(run(installed.parent / "riskbounds", "verify", "--format", "json", cwd=tmp_path).stdout)
    tell(f"{answer['counts']} in {time.perf_counter() - started:.0f} s")
    assert answer["counts"]["refused"] == answer["counts"]["refuted"] == 0
    assert len(answer["derivations"]) >= len(PLACES)


@pytest.mark.parametrize(
    "statement", ["import riskbounds", "from riskbounds.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass"]
)
def test_start_up_loads_neither_sympy_nor_scipy(statement):
    code = f"{statement}\nimport sys\nprint('LOADED', [m for m in ('sympy', 'scipy', 'numpy') if m in sys.modules])"
    assert "LOADED []" in run(sys.executable, "-c", code).stdout
