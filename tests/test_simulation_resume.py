"""Same bits from one worker and many, from a whole run and from one that was killed again and again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
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

blocks.SAVE_SECONDS, blocks.TICK_SECONDS = 0.05, 0.02
progress = lambda done: print(done, flush=True)
found = simulate(Setting.from_file(sys.argv[1]), runs=400, seed=5, workers=2, checkpoint=sys.argv[2], progress=progress)
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


def killed_at(moment, problem, folder, result):
    """Start the simulation and kill it when it says that this fraction is done."""
    command = [sys.executable, "-c", WORKER, str(problem), str(folder), str(result)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if float(line) >= moment:
                process.kill()
                break
    assert process.returncode == -signal.SIGKILL
    assert not result.exists()


def saved_updates(folder):
    """Updates in the saved state of all blocks."""
    total = 0
    for file in folder.rglob("*.npz"):
        with np.load(file) as saved:
            total += json.loads(str(saved["about"]))["updates"]
    return total


@full_and_tenth(20)
def test_killed_runs_resume_to_the_same_bits(size, problem, whole, tmp_path):
    """Each run is killed once or twice at random moments of its progress, and had left its state each time."""
    rng = np.random.default_rng(5201)
    for attempt in range(size):
        folder, result = tmp_path / f"checkpoint{attempt}", tmp_path / f"{attempt}.npz"
        for moment in np.sort(rng.uniform(0.1, 0.9, rng.integers(1, 3))):
            killed_at(moment, problem, folder, result)
            assert saved_updates(folder) > 0
        command = [sys.executable, "-c", WORKER, str(problem), str(folder), str(result)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with np.load(result) as saved:
            assert all(np.array_equal(saved[name], values) for name, values in zip(saved.files, whole, strict=True))
        assert not any(folder.rglob("*.npz")), "the state is removed at the end"


def test_ctrl_c_saves_and_a_damaged_file_is_ignored(problem, whole, tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "SAVE_SECONDS", 0.01)
    monkeypatch.setattr(blocks, "TICK_SECONDS", 0.0)

    def interrupt(fraction):
        if fraction > 0.2:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        simulate(Setting.from_file(problem), runs=400, seed=5, checkpoint=tmp_path, progress=interrupt)
    (file,) = tmp_path.rglob("*.npz")
    state = file.read_bytes()
    assert saved_updates(tmp_path) > 0
    for left in (state, state[:100]):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(left)
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
