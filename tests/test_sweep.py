"""Sweeps: every point is the row of its own command, the same from one process, several and a cluster, killed or not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import xarray

from riskbounds import PowerLaw, Setting, bound, cli, exact_risk, simulate
from riskbounds.errors import ProblemError
from riskbounds.sweeps import sweep, workers
from riskbounds.sweeps.axes import axis_from_text
from tests.problems import BASE, write

OVER = {"quantization.data": ["1e-3", 0.05], "training.step_size": [0.05, 0.1], "sketch.size": [4, 8], "training.steps": [50, 9]}


@pytest.fixture
def problem(tmp_path):
    return write(tmp_path, BASE)


def test_every_point_is_the_row_of_bound(problem):
    found = sweep(problem, OVER)
    assert found["upper"].dims == ("eps_d", "gamma", "M", "N")
    for eps in OVER["quantization.data"]:
        for gamma in OVER["training.step_size"]:
            for size in OVER["sketch.size"]:
                changes = [f"quantization.data={eps}", f"training.step_size={gamma}", f"sketch.size={size}"]
                setting = Setting.from_file(problem, [*changes, "training.steps=[50, 9]"])
                here = found.sel(eps_d=float(eps), gamma=gamma, M=size)
                assert str(here["digest"].values) == setting.digest()
                for row in bound(setting).rows:
                    point = here.sel(N=row.steps)
                    for side in ("lower", "exact", "upper"):
                        assert float(point[side]) == pytest.approx(float(getattr(row.risk, side)), rel=1e-12)
                    assert float(point["upper_variance"]) == pytest.approx(float(row.terms.upper["variance"]), rel=1e-12)
                    assert float(point["M_eff"]) == pytest.approx(float(row.effective.model_size), rel=1e-9)


def test_the_file_holds_parameters_versions_and_kinds(problem, tmp_path):
    out = tmp_path / "x.nc"
    made = sweep(problem, OVER, out=out, overrides=["training.batch_size=2"])
    assert sorted(os.listdir(tmp_path)) == ["problem.toml", "x.nc"]
    with xarray.open_dataset(out, engine="h5netcdf") as found:
        assert found.identical(made)
        assert found["N"].dtype == np.int64
        assert found["lower"].attrs["long_name"].startswith("certified lower bound")
        assert found["gamma"].attrs["key"] == "training.step_size"
        assert "batch_size = 2" in found.attrs["first_point"]
        assert {"riskbounds", "numpy", "scipy", "xarray", "python"} <= set(json.loads(found.attrs["versions"]))


def test_one_process_several_and_a_cluster_give_the_same_numbers(problem, tmp_path):
    from distributed import Client, LocalCluster

    alone, out = sweep(problem, OVER), tmp_path / "x.nc"
    over = [part for key, values in OVER.items() for part in ("--over", f"{key}={','.join(map(str, values))}")]
    assert sweep(problem, OVER, jobs=2).identical(alone)
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as machines:
        command = ["sweep", str(problem), *over, "--run", "bound", "--out", str(out)]
        assert cli.main([*command, "--scheduler", machines.scheduler_address]) == 0
        with Client(machines) as client:
            assert len({worker["pid"] for worker in client.run(_identity).values()} - {os.getpid()}) == 2
            assert sweep(problem, OVER, client=client).identical(alone)
    with xarray.open_dataset(out, engine="h5netcdf") as found:
        assert found.identical(alone)


def _identity():
    return {"pid": os.getpid()}


@pytest.mark.parametrize("run", ["bound", "simulate"])
def test_a_sweep_killed_at_any_moment_resumes_to_the_same_arrays(problem, tmp_path, run):
    values = ",".join(f"{0.01 * k:.2f}" for k in range(1, 13))
    command = [sys.executable, "-m", "riskbounds", "sweep", str(problem), "--over", f"training.step_size={values}"]
    command += ["--set", "sketch.size=8", "--run", run, "--out"]
    whole, killed = tmp_path / "whole.nc", tmp_path / "killed.nc"
    assert cli.main([*command[3:], str(whole)]) == 0
    partial = tmp_path / "killed.nc.partial"
    kept: dict[str, int] = {}
    for wanted in (1, 6):
        process = subprocess.Popen([*command, str(killed)], stdout=subprocess.DEVNULL)
        while process.poll() is None and len(list(partial.glob("*.json"))) < wanted:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if killed.exists():
            break
        for path in partial.glob("*.json"):
            assert kept.setdefault(path.name, path.stat().st_mtime_ns) == path.stat().st_mtime_ns, "a finished point was redone"
    assert kept
    assert cli.main([*command[3:], str(killed)]) == 0
    with xarray.open_dataset(whole, engine="h5netcdf") as first, xarray.open_dataset(killed, engine="h5netcdf") as second:
        assert first.identical(second)
    assert not partial.exists()


def test_another_question_does_not_take_old_points(problem, tmp_path, monkeypatch):
    out = tmp_path / "x.nc"

    def stopped(function, items, **how):
        yield 0, function(items[0])
        raise KeyboardInterrupt

    monkeypatch.setattr("riskbounds.sweeps.computing.completed", stopped)
    assert cli.main(["sweep", str(problem), "--over", "training.step_size=0.1,0.2", "--run", "bound", "--out", str(out)]) == 130
    assert len(os.listdir(tmp_path / "x.nc.partial")) == 1
    monkeypatch.setattr("riskbounds.sweeps.computing.completed", workers.completed)
    changed = sweep(problem, {"training.step_size": [0.1, 0.2]}, overrides=["problem.noise_variance=2"], out=out)
    assert changed.identical(sweep(problem, {"training.step_size": [0.1, 0.2]}, overrides=["problem.noise_variance=2"]))


def test_a_refused_point_is_null_with_its_reason(problem):
    found = sweep(problem, {"training.step_size": [0.1, 5.0], "quantization.feature": [0, {"format": "e4m3"}]})
    assert found["upper"].dims == ("gamma", "Q_f", "M", "N")
    assert list(found["Q_f"].values) == ["0", "e4m3"]
    assert np.isnan(found["upper"].sel(gamma=5.0)).all()
    assert "step" in str(found["notes"].sel(gamma=5.0).values.ravel()[0])
    assert np.isfinite(found["upper"].sel(gamma=0.1, Q_f="0")).all()


def test_a_simulated_sweep_keeps_seeds_runs_and_what_the_quantizers_reported(problem, tmp_path):
    levels = [0, {"format": "int4", "range": 1}]
    sweep(problem, {"quantization.feature": levels}, run="simulate", runs=20, seed=3, out=tmp_path / "x.nc")
    with xarray.open_dataset(tmp_path / "x.nc", engine="h5netcdf") as found:
        assert (found.attrs["runs"], found.attrs["seed"]) == (20, 3)
        assert len(np.unique(found["seed"])) == 2
        plain, coarse = found.isel(Q_f=0), found.isel(Q_f=1)
        setting = Setting.from_file(problem, ["quantization.feature={format='int4', range=1}"])
        alone = simulate(setting, runs=20, seed=int(coarse["seed"].values.ravel()[0]))
        assert float(coarse["mean"].values.ravel()[0]) == float(alone.rows[0].mean)
        assert float(coarse["saturated_feature"].values.ravel()[0]) == alone.shares["feature"]["saturated"] > 0
        assert np.isnan(plain["saturated_feature"]).all()
        assert "slot feature that were saturated" in found["saturated_feature"].attrs["long_name"]
        assert {"gfloat", "ml_dtypes"} <= set(json.loads(found.attrs["versions"]))


def test_a_point_beyond_the_theorem_keeps_its_exact_risk(problem):
    """A little beyond the limit of the theorem the second moment is still stable."""
    limit = float(sweep(problem, {"training.step_size": [0.1]})["gamma_limit"].values.ravel()[0])
    beyond = Setting.from_file(problem, [f"training.step_size={1.2 * limit}"])
    found = sweep(problem, {"training.step_size": [0.1, 1.2 * limit]}).sel(gamma=1.2 * limit)
    assert np.isnan(found["upper"]).all()
    assert found["exact"].values.ravel() == pytest.approx([float(value) for value in exact_risk(beyond)], rel=1e-12)


def test_seeds_are_of_the_point_and_not_of_the_order(problem):
    from riskbounds.files import load
    from riskbounds.sweeps.axes import axis
    from riskbounds.sweeps.points import plan

    document, folder = load(problem)
    points = plan(document, folder, [axis("training.step_size", [0.1, 0.2, 0.3])], seed=7).points
    again = plan(document, folder, [axis("training.step_size", [0.1, 0.2, 0.3])], seed=7).points
    assert [each.seed for each in points] == [each.seed for each in again]
    other = plan(document, folder, [axis("training.step_size", [0.1, 0.2, 0.3])], seed=8).points
    assert len({each.seed for each in (*points, *other)}) == 6


@pytest.mark.parametrize(
    ("text", "dimension", "coordinates"),
    [
        ("training.steps=10,1e2", "N", [10, 100]),
        ("training.step_size=0.1,1/3", "gamma", [0.1, 1 / 3]),
        ("quantization.feature=1e-3,'1/7'", "eps_f", [1e-3, 1 / 7]),
        ('quantization.data={format="e4m3"},{format="int8",range=4}', "Q_d", ["e4m3", "int8 range=4"]),
        ("quantization.structure=additive,elementwise", "quantization_structure", ["additive", "elementwise"]),
        ("problem.spectrum.dimension=20,infinite", "p", ["20", "infinite"]),
    ],
)
def test_axes_from_text(text, dimension, coordinates):
    found = axis_from_text(text)
    assert (found.dimension, found.coordinates) == (dimension, coordinates)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--over", "training.step_siz=1"], "did you mean training.step_size"),
        (["--over", "training.step_size"], "must be KEY=V1,V2"),
        (["--over", "training.step_size="], "must be KEY=V1,V2"),
        (["--over", "training.step_size=1,1.0"], "given twice"),
        (["--over", "training.step_size=0.1", "--over", "training.step_size=0.2"], "given twice"),
        (["--over", "training.step_size=0.1,-1"], "training.step_size"),
        (["--over", "training.step_size=0.1", "--jobs", "0"], "--jobs"),
        (["--over", "training.step_size=0.1", "--out", "x.csv"], "must end in .nc"),
        (["--over", "training.step_size=0.1", "--out", "no-such-folder/x.nc"], "no folder"),
        (["--over", "training.step_size=0.1", "--runs", "1", "--run", "simulate"], "--runs"),
        (["--over", "problem.spectrum.dimension=9,infinite"], "infinite dimension cannot be sketched"),
        (["--over", "sketch={kind='gaussian',size=2},{kind='gaussian',size=3}"], "the same sketch.size"),
        (["--over", "training.step_size=0.1", "--scheduler", "nowhere"], "--scheduler nowhere"),
    ],
)
def test_bad_sweeps_are_one_line(problem, tmp_path, capsys, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["sweep", str(problem), "--run", "bound", "--out", "x.nc", *arguments]) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert words in message


def test_a_missing_extra_names_its_pip_command(problem):
    code = "import sys; sys.modules['xarray'] = None; from riskbounds.cli import main; sys.exit(main(sys.argv[1:]))"
    command = ["sweep", str(problem), "--over", "training.steps=5", "--run", "bound", "--out", "x.nc"]
    run = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert "pip install 'riskbounds[sweep]'" in run.stderr


def test_a_setting_is_swept_like_its_file(problem):
    setting = Setting.from_file(problem)
    assert sweep(setting, {"training.step_size": [0.1]}).identical(sweep(problem, {"training.step_size": [0.1]}))
    with pytest.raises(ProblemError, match=r"unknown key problem\.spectrum\.exponen"):
        sweep(setting.replace(spectrum=PowerLaw(exponent=2, dimension=30)), {"problem.spectrum.exponen": [2]})
