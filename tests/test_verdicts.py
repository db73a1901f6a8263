"""Verdicts, measured risks, and the commands simulate and check."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from riskbounds import (
    Additive,
    Elementwise,
    Format,
    GaussianSketch,
    Multiplicative,
    Ones,
    PowerLaw,
    Quantization,
    Setting,
    Training,
    bound,
    check,
    simulate,
)
from riskbounds.cli import main
from riskbounds.errors import ProblemError, UnsupportedError
from riskbounds.evaluation.values import ExactValue, LowerBound, Simulated, UpperBound
from riskbounds.simulation.bands import Band
from riskbounds.simulation.verdicts import doubt_of, verdict

ROW = ["steps", "model_size", "mean", "stderr", "runs", "exact", "lower", "upper", "verdict", "notes"]


def setting(**changes) -> Setting:
    plain = Setting(
        spectrum=PowerLaw(exponent=2, dimension=8),
        target=Ones(),
        noise_variance=1,
        training=Training(steps=[10, 100], step_size="1/10"),
        quantization=Quantization(data=Additive("1/1000")),
    )
    return plain.replace(**changes)


def band(lower=1.0, upper=2.0, refusal=None) -> Band:
    return Band(
        lower=None if lower is None else LowerBound(value=lower, rigor="float64", source="t"),
        exact=None,
        upper=None if upper is None else UpperBound(value=upper, rigor="float64", source="t"),
        refusal=refusal,
        unstable=None,
        notes=(),
    )


@pytest.mark.parametrize(
    ("mean", "stderr", "expected"),
    [
        (1.5, 0.05, "consistent"),
        (1.5, 0.099, "consistent"),
        (1.5, 0.101, "inconclusive"),
        (1.2, 0.05, "inconclusive"),
        (0.9, 0.021, "inconclusive"),
        (0.9, 0.019, "violated"),
        (2.1, 0.021, "inconclusive"),
        (2.1, 0.019, "violated"),
        (1.0, 0.0, "consistent"),
        (2.0 * (1 + 1e-12), 0.0, "consistent"),
        (2.001, 0.0, "violated"),
        (1.5, None, "inconclusive"),
        (float("nan"), float("nan"), "inconclusive"),
    ],
)
def test_the_interval_of_five_standard_errors_decides(mean, stderr, expected):
    assert verdict(mean, stderr, 400, band(), None)[0] == expected


@pytest.mark.parametrize(("mean", "exact"), [(1.93, 1.9), (1.9, None), (2.1, None)])
def test_the_runs_that_are_said_to_decide_do(mean, exact):
    """With the standard error that a note asks for, and a mean two of them off, there is a verdict; with 1 % fewer runs none."""
    known = replace(band(), exact=None if exact is None else ExactValue(value=exact, rigor="float64", source="t"))
    found, notes = verdict(mean, 0.05, 400, known, None)
    assert found == "inconclusive"
    runs = int(re.search(r"([\d,]+) in all", notes[-1])[1].replace(",", ""))
    limit, inwards = exact or mean, 1 if mean > 2 else -1
    for number, expected in ((1.01 * runs, {"consistent", "violated"}), (0.99 * runs, {"inconclusive"})):
        stderr = 0.05 * (400 / number) ** 0.5
        assert verdict(limit - inwards * 2 * stderr, stderr, 400, known, None)[0] in expected


def test_a_risk_on_its_bound_is_never_decided():
    on = replace(band(), exact=ExactValue(value=2.0, rigor="float64", source="t"))
    assert "no number of runs" in verdict(2.01, 0.05, 400, on, None)[1][-1]


def test_doubts_refusals_and_missing_sides():
    assert verdict(9.0, 0.01, 400, band(), "one replica")[0] == "inconclusive"
    assert verdict(1.5, 0.01, 400, band(refusal="too large a step"), None)[0] == "outside hypotheses"
    assert verdict(1.5, 0.01, 400, band(lower=None), None)[0] == "consistent"
    assert verdict(1.5, 0.01, 400, band(lower=None, upper=None), None)[0] == "inconclusive"
    assert "3e-07" in " ".join(verdict(1.5, 0.01, 400, band(), None)[1])


def test_one_value_that_carries_the_variance_is_doubted():
    rng = np.random.default_rng(0)
    values = rng.standard_normal(1000)
    assert doubt_of(values) is None
    assert doubt_of(np.append(values, 40.0)) is not None
    assert doubt_of(np.full(5, 0.3)) is None
    assert doubt_of(rng.standard_normal(12)) is not None


def test_rows_know_what_they_are():
    found = simulate(setting(), runs=400, seed=1)
    rows = bound(setting()).rows
    for row, certified in zip(found.rows, rows, strict=True):
        assert isinstance(row.mean, Simulated)
        assert float(row.lower) == float(certified.risk.lower)
        assert float(row.upper) == float(certified.risk.upper)
        assert float(row.exact) == float(certified.risk.exact)
        assert list(row.to_dict()) == ROW
    assert found.rows[0].stderr == pytest.approx(np.std(found.risks[0], ddof=1) / 20)


BIASED = Format("e4m3", rounding="nearest")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (setting(quantization=Quantization(data=BIASED)), "nearest is biased"),
        (setting(quantization=Quantization(feature=Format("mxfp4"))), "saturate"),
        (setting(quantization=Quantization(data=Format("int4", range=2))), "saturates with probability"),
        (setting(quantization=Quantization(storage=Elementwise("1e-4"))), "only additive storage"),
        (setting(quantization=Quantization(storage=Format("bf16"))), "only additive storage"),
        (setting(quantization=Quantization(parameter=Format("e4m3"))), "saturates"),
        (setting(quantization=Quantization(output=Format("int8", range=8))), "saturates"),
        (setting().replace("training.step_size", 2), "what would satisfy it"),
    ],
)
def test_a_failing_hypothesis_does_not_stop(changed, reason):
    for row in simulate(changed, runs=30, seed=1).rows:
        assert row.verdict == "outside hypotheses"
        assert (row.lower, row.upper) == (None, None)
        assert reason in " ".join(row.notes)


def test_an_unstable_fourth_moment_is_inconclusive():
    """One coordinate, x = 0.45: E (1 - x g^2)^2 = 0.71 but E (1 - x g^2)^4 = 1.69."""
    wild = setting(spectrum=PowerLaw(exponent=2, dimension=1), quantization=Quantization()).replace("training.step_size", "0.45")
    row = simulate(wild, runs=3000, seed=1).rows[0]
    assert row.verdict == "inconclusive"
    assert "fourth-moment recursion is unstable" in " ".join(row.notes)


def test_events_are_reported_when_they_happen():
    found = simulate(setting(quantization=Quantization(data=Format("int4", range=2), feature=Format("e4m3"))), runs=30)
    assert found.events["data"]["saturated"] > 0
    assert found.events["feature"]["values"] > 0
    assert set(found.events) == {"data", "feature"}


def test_sketches_rows_and_refusals():
    sketched = setting(sketch=GaussianSketch([2, 3]))
    assert [(row.model_size, row.steps) for row in simulate(sketched, runs=5).rows] == [(2, 10), (2, 100), (3, 10), (3, 100)]
    with pytest.raises(UnsupportedError, match="infinite dimension"):
        simulate(setting(quantization=Quantization()).replace("spectrum.dimension", "infinite"), runs=2)
    with pytest.raises(ProblemError, match="runs"):
        simulate(setting(), runs=0)
    with pytest.raises(ProblemError, match="runs has 1 numbers for 2"):
        simulate(setting(), runs=[5])


def results(tmp_path, text):
    path = tmp_path / "runs.csv"
    path.write_text(text)
    return path


def test_check_holds_measured_risks_against_the_bounds(tmp_path):
    exact = [float(row.risk.exact) for row in bound(setting()).rows]
    path = results(tmp_path, f"steps, risk, stderr\n100, {exact[1]}, {exact[1] / 1e5}\n10, {exact[0] * 2}, 1e-5\n")
    found = check(setting(), path)
    assert [(row.steps, row.verdict) for row in found.rows] == [(100, "consistent"), (10, "violated")]
    assert found.violated
    repeats = [{"steps": 10, "risk": exact[0] + 1e-5 * (-1) ** k} for k in range(40)]
    row = check(setting(), repeats).rows[0]
    assert (row.verdict, row.runs) == ("consistent", 40)
    assert row.stderr == pytest.approx(1e-5 / np.sqrt(39))
    assert check(setting(), repeats[:10]).rows[0].verdict == "inconclusive"


def test_simulated_risks_check_as_they_simulate():
    sketched = setting(sketch=GaussianSketch([2, 3]), quantization=Quantization(data=Multiplicative("1/100")))
    found = simulate(sketched, runs=200, seed=4)
    lines = [
        {"steps": row.steps, "model_size": row.model_size, "risk": risk}
        for row, risks in zip(found.rows, found.risks, strict=True)
        for risk in risks
    ]
    for row, again in zip(found.rows, check(sketched, lines).rows, strict=True):
        first, second = row.to_dict(), again.to_dict()
        assert first.pop("mean") == pytest.approx(second.pop("mean"), rel=1e-12)
        assert first == second


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column 'steps'"),
        ("steps,riks\n1,2\n", "no column 'risk'; is it riks?"),
        ("steps,risk\n", "no rows"),
        ("steps,risk\n1.5,2\n", "results line 2, steps"),
        ("steps,risk\n5,nan\n", "results line 2, risk"),
        ("steps,risk\n5,\n", "results line 2 has no risk"),
        ("steps,risk,stderr\n5,1,-1\n", "results line 2, stderr"),
        ("steps,risk,stderr\n5,1,0.1\n5,1,0.1\n", "one row with stderr, or repeats without"),
        ("steps,risk,model_size\n5,1,7\n", "model_size = 7 is not in the problem"),
    ],
)
def test_bad_results_are_one_line(tmp_path, capsys, text, message):
    path = results(tmp_path, text)
    problem = tmp_path / "problem.toml"
    problem.write_text(setting().to_toml())
    assert main(["check", str(problem), "--results", str(path)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_commands(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    problem = tmp_path / "problem.toml"
    problem.write_text(setting().to_toml())
    assert main(["simulate", str(problem), "--runs", "40", "--seed", "3", "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["schema"] == 1
    assert [list(row) for row in answer["rows"]] == [ROW, ROW]
    assert main(["simulate", str(problem), "--runs", "40", "--seed", "3"]) == 0
    text = capsys.readouterr()
    assert "verdict" in text.out
    assert text.err == ""
    path = results(tmp_path, "steps,risk,stderr\n10,0.01,1e-6\n")
    assert main(["check", str(problem), "--results", str(path), "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["rows"][0]["verdict"] == "violated"
    assert main(["check", str(problem), "--results", str(tmp_path / "gone.csv")]) == 2
    assert main(["simulate", str(problem), "--runs", "none"]) == 2
    assert main(["simulate", str(problem), "--runs", "1", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"][0]["stderr"] is None
