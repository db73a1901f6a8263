"""Same bits from one worker and many, from a whole run and from one that was killed again and again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import full_and_tenth

from riskbounds import Setting, simulate
from riskbounds.errors import ProblemError
from riskbounds.simulation import blocks

PROBLEM = """
[problem]
spectrum = { kind = "power-law", exponent = "3/2", dimension = 60 }
target = { kind = "isotropic" }
noise_variance = 1
[sketch]
kind = "gaussian"
size = [20, 30]
[training]
steps = [50, 1500]
step_size = 0.1
[quantization]
data = { structure = "additive", eps = 1e-3 }
feature = { format = "e4m3" }
parameter = { structure = "multiplicative", eps = 1e-2 }
"""
WORKER = """
import sys
import numpy as np
from riskbounds import Setting, simulate
from riskbounds.simulation import blocks

blocks.SAVE_SECONDS = 0.05
found = simulate(Setting.from_file(sys.argv[1]), runs=400, seed=5, workers=2, checkpoint=sys.argv[2])
np.savez(sys.argv[3], *found.risks, *found.last_risks)
"""


@pytest.fixture(scope="module")
def problem(tmp_path_factory):
    path = tmp_path_factory.mktemp("problem") / "problem.toml"
    path.write_text(PROBLEM)
    return path


@pytest.fixture(scope="module")
def whole(problem):
    """An uninterrupted run on one worker."""
    found = simulate(Setting.from_file(problem), runs=400, seed=5, workers=1)
    return [*found.risks, *found.last_risks]


def test_workers_do_not_change_the_bits(problem, whole):
    found = simulate(Setting.from_file(problem), runs=400, seed=5, workers=3)
    assert all(np.array_equal(a, b) for a, b in zip([*found.risks, *found.last_risks], whole, strict=True))


def test_other_seeds_and_sizes_give_other_bits(whole, problem):
    other = simulate(Setting.from_file(problem, ["training.steps=[50]"]), runs=400, seed=6)
    assert not np.any(other.risks[0] == whole[0])
    assert not np.any(whole[0] == whole[2])


def test_runs_per_steps(whole, problem):
    """More replicas for the small N, the same bits for those that go on."""
    found = simulate(Setting.from_file(problem), runs=[400, 20], seed=5)
    assert [len(risks) for risks in found.risks] == [400, 20, 400, 20]
    assert np.array_equal(found.risks[0], whole[0])
    assert np.array_equal(found.risks[1], whole[1][:20])
    with pytest.raises(ProblemError, match="must not increase"):
        simulate(Setting.from_file(problem), runs=[20, 400])


@full_and_tenth(20)
def test_killed_runs_resume_to_the_same_bits(size, problem, whole, tmp_path):
    """Each run is killed at a random moment until one lives to the end; the kills are counted."""
    rng = np.random.default_rng(5201)
    for attempt in range(size):
        folder, result = tmp_path / f"checkpoint{attempt}", tmp_path / f"{attempt}.npz"
        kills, resumed = 0, 0
        while not result.exists():
            with subprocess.Popen([sys.executable, "-c", WORKER, str(problem), str(folder), str(result)]) as process:
                began, wait = time.monotonic(), rng.uniform(0.5, 3) + 0.7 * kills
                while process.poll() is None and time.monotonic() - began < wait:
                    time.sleep(0.02)
                if process.poll() is None:
                    process.send_signal(signal.SIGKILL)
                    kills += 1
                    resumed += any(folder.rglob("*.npz"))
        with np.load(result) as saved:
            assert all(np.array_equal(saved[name], values) for name, values in zip(saved.files, whole, strict=True))
        assert kills > 0
        assert not any(folder.rglob("*.npz")), "the state is removed at the end"


def test_the_killed_run_had_left_its_state(problem, tmp_path):
    """Otherwise the test above would only compare two runs from the start."""
    with subprocess.Popen([sys.executable, "-c", WORKER, str(problem), str(tmp_path), "never.npz"]) as process:
        began = time.monotonic()
        while not list(tmp_path.rglob("*.npz")) and time.monotonic() - began < 60:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    with np.load(next(tmp_path.rglob("*.npz"))) as saved:
        assert json.loads(str(saved["about"]))["updates"] > 0


def test_ctrl_c_saves_and_a_damaged_file_is_ignored(problem, whole, tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "SAVE_SECONDS", 0.01)
    monkeypatch.setattr(blocks, "TICK_SECONDS", 0.0)

    def interrupt(fraction):
        if fraction > 0.2:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        simulate(Setting.from_file(problem), runs=400, seed=5, checkpoint=tmp_path, progress=interrupt)
    files = sorted(tmp_path.rglob("*.npz"))
    assert files
    files[0].write_bytes(files[0].read_bytes()[:100])
    found = simulate(Setting.from_file(problem), runs=400, seed=5, checkpoint=tmp_path)
    assert all(np.array_equal(a, b) for a, b in zip([*found.risks, *found.last_risks], whole, strict=True))


def test_a_checkpoint_belongs_to_its_run(problem, tmp_path, monkeypatch):
    """Another seed, another number of runs or another problem never picks up a state that is not its own."""
    from riskbounds.simulation.run import _checkpoint

    setting = Setting.from_file(problem)
    folders = {
        _checkpoint(tmp_path, *key).folder
        for key in (
            (setting, (10, 10), 1),
            (setting, (10, 10), 2),
            (setting, (10, 5), 1),
            (setting.replace("training.step_size", "1/20"), (10, 10), 1),
        )
    }
    assert len(folders) == 4


def test_a_folder_that_is_a_file(problem, tmp_path):
    taken = Path(tmp_path / "taken")
    taken.write_text("")
    with pytest.raises(ProblemError, match="cannot keep checkpoints"):
        simulate(Setting.from_file(problem), runs=2, checkpoint=taken)
