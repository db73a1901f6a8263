"""The experiments: what their panels compute, what the figures must show, and pictures without cut or hidden words."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.text import Text

from riskbounds import (
    Additive,
    Format,
    GaussianSketch,
    Isotropic,
    Multiplicative,
    PowerLaw,
    Quantization,
    Setting,
    Training,
    bound,
    cli,
    exact_risk,
)
from riskbounds.errors import MissingExtraError
from riskbounds.experiments import EXPERIMENTS, reproduce, true_formats
from riskbounds.experiments.agreement import agreement
from riskbounds.experiments.cases import Case, Row, Table, groups, said_once, tables
from riskbounds.experiments.figures import panels as figure_panels
from riskbounds.experiments.figures import predicted
from riskbounds.experiments.power_law import missing_tail
from riskbounds.plots.fitted import fit
from riskbounds.simulation import simulate

mpl.use("agg")


def small(**changes):
    setting = Setting(
        spectrum=PowerLaw(exponent=2, dimension=60),
        target=Isotropic(),
        noise_variance=1,
        sketch=GaussianSketch(size=40, seed=0),
        training=Training(steps=[20, 60, 160], step_size="0.1"),
        quantization=Quantization(data=Multiplicative("1e-3")),
    )
    return setting.replace(**changes)


@pytest.mark.parametrize(("exponent", "dimension"), [(1.5, 30), (2, 10), (3, 1)])
def test_the_tail_is_the_sum_beyond_the_dimension(exponent, dimension):
    setting = small(spectrum=PowerLaw(exponent=exponent, dimension=dimension, scale=3), target=Isotropic(scale=2), sketch=None)
    last = 10**6
    direct = np.sum(np.arange(dimension + 1.0, last + 1) ** -exponent)
    rest = (last + 0.5) ** (1 - exponent) / (exponent - 1)
    assert missing_tail(setting) == pytest.approx(3 * 2 * (direct + rest) / 2, rel=1e-9)


def test_a_fit_finds_the_power_and_its_error():
    rng = np.random.default_rng(5)
    x = np.geomspace(1, 1e4, 40)
    found = fit(x, 3 * x**-0.7)
    assert (found.slope, np.exp(found.intercept), found.r_squared) == pytest.approx((-0.7, 3, 1), abs=1e-12)
    rough = 3 * x**-0.7 * np.exp(0.3 * rng.standard_normal(40))
    slope, intercept = np.polyfit(np.log(x), np.log(rough), 1)
    found = fit(x, rough)
    assert (found.slope, found.intercept) == pytest.approx((slope, intercept), rel=1e-10)
    assert found.r_squared == pytest.approx(np.corrcoef(np.log(x), np.log(rough))[0, 1] ** 2, rel=1e-10)
    assert fit(np.array([1.0, 2.0]), np.array([np.nan, 1.0])).points == 1


def test_rows_are_those_of_bound_and_simulate():
    setting = small(sketch=GaussianSketch(size=[10, 40], seed=0))
    cases = [Case(label="x", setting=setting, accuracy=0.1), Case(label="y", setting=small(), accuracy=None)]
    first, second = tables(cases, jobs=1, seed=3, store=None, name="test")
    assert [(row.model_size, row.steps) for row in first.rows] == [(m, n) for m in (10, 40) for n in (20, 60, 160)]
    for row, expected in zip(first.rows, bound(setting).rows, strict=True):
        assert (row.lower, row.exact, row.upper) == pytest.approx(
            [float(getattr(expected.risk, s)) for s in ("lower", "exact", "upper")]
        )
        changed = setting.replace("sketch.size", row.model_size)
        steps, runs = next(found for found in groups(changed, row.model_size, 0.1) if row.steps in found[0])
        again = simulate(changed.replace("training.steps", steps), runs=runs, seed=row.seed).rows[steps.index(row.steps)]
        assert (row.mean, row.stderr, row.runs) == (float(again.mean), again.stderr, again.runs)
        far = exact_risk(changed.replace("training.steps", 10**12))[0]
        assert row.limit == pytest.approx(float(far.value if hasattr(far, "value") else far), rel=1e-6)
    assert all(row.mean is None for row in second.rows)
    seeds = {row.seed for row in first.rows}
    assert len(seeds) == len(groups(setting, 10, 0.1)) + len(groups(setting, 40, 0.1))


def test_without_an_exact_value_the_band_contains_the_simulated_means():
    quantization = Quantization(sketch=Additive("0.01", noise="entrywise"), data=Additive("0.01"))
    setting = small(sketch=GaussianSketch(size=[5, 12], seed=0), quantization=quantization)
    (table,) = tables([Case(label="x", setting=setting, accuracy=0.05)], jobs=1, seed=5, store=None, name="test")
    assert all(row.exact is None for row in table.rows)
    assert np.isfinite(table.column("upper") - table.column("lower")).all()
    checks = agreement(table)
    assert checks["simulated_points"] == 6
    assert checks["means_off_the_band_by_4_standard_errors"] == 0


def test_agreement_counts_what_disagrees():
    table = synthetic(Case(label="x", setting=small()), np.random.default_rng(2))
    assert agreement(table)["exact_outside_band"] == agreement(table)["means_off_the_band_by_4_standard_errors"] == 0
    first, *rest = table.rows
    off = replace(table, rows=(replace(first, mean=first.exact * 1.5, exact=first.upper * 1.01), *rest))
    assert agreement(off)["exact_outside_band"] == 1
    assert agreement(off)["means_off_the_band_by_4_standard_errors"] == 1
    assert agreement(off)["largest_deviation_in_standard_errors"] > 30


def test_a_row_says_every_note_once() -> None:
    refusal = "sharp: hypothesis 'x' fails by 3 %; what would satisfy it: training.step_size <= 0.1"
    assert said_once(f"outside hypotheses: {refusal}", refusal) == f"outside hypotheses: {refusal}"
    assert said_once("", "exact is null: data") == "exact is null: data"
    assert said_once("a note; another", "another; a third") == "a note; another; a third"


def test_an_experiment_is_a_folder_of_pictures_rows_and_fits(tmp_path, monkeypatch):
    case = Case(label="figure1a", setting=small(), accuracy=0.1)
    experiment = replace(EXPERIMENTS["figure1"], cases=lambda: [case])
    monkeypatch.setitem(EXPERIMENTS, "figure1", experiment)
    said = reproduce("figure1", tmp_path / "one", jobs=1, seed=7)
    assert "figure1a: exact slope" in said
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == ["figure1a.csv", "figure1a.png", "fits.json"]
    reproduce("figure1", tmp_path / "two", jobs=2, seed=7)
    facts = [json.loads((tmp_path / name / "fits.json").read_text()) for name in ("one", "two")]
    assert facts[0] == facts[1]
    assert facts[0]["panels"]["figure1a"]["digests"] == {"figure1a": case.setting.digest()}
    with open(tmp_path / "one" / "figure1a.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["steps"]) for row in rows] == [20, 60, 160]
    assert all(float(row["lower"]) <= float(row["exact"]) <= float(row["upper"]) for row in rows)
    assert (tmp_path / "one" / "figure1a.csv").read_bytes() == (tmp_path / "two" / "figure1a.csv").read_bytes()


def synthetic(case: Case, rng: np.random.Generator) -> Table:
    """A table of the case's shape with plausible made-up values."""
    rows = []
    for size in case.setting.model_sizes:
        width = size or case.setting.dimension
        for steps in case.setting.training.steps:
            limit = 1.0 / width
            exact = limit + steps**-0.5 * rng.uniform(0.95, 1.05)
            rows.append(
                Row(
                    label=case.label, steps=steps, model_size=width, limit=limit,
                    lower=0.97 * exact, exact=exact, upper=1.05 * exact,
                    N_eff=0.9 * steps, M_eff=0.8 * width, mean=None if case.accuracy is None else exact * rng.uniform(0.99, 1.01),
                    stderr=None if case.accuracy is None else 0.01 * exact, runs=40, seed=1, verdict="consistent", notes="",
                )
            )  # fmt: skip
    return Table(case=case, rows=tuple(rows))


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_no_word_of_a_picture_is_cut_or_hidden(name):
    rng = np.random.default_rng(11)
    experiment = EXPERIMENTS[name]
    for panel in experiment.panels([synthetic(case, rng) for case in experiment.cases()]):
        ax = panel.draw()
        figure = ax.get_figure(root=True)
        figure.canvas.draw()
        renderer, frame = figure.canvas.get_renderer(), figure.bbox
        words = [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
        titles = [text for text in words if text in [part for each in figure.axes for part in (each.title, each._left_title)]]
        assert titles, panel.name
        for text in [*titles, *(label for each in figure.axes for label in (each.xaxis.label, each.yaxis.label))]:
            if text.get_text():
                box = text.get_window_extent(renderer)
                assert box.x0 >= frame.x0 - 1, (panel.name, text)
                assert box.x1 <= frame.x1 + 1, (panel.name, text)
                assert box.y0 >= frame.y0 - 1, (panel.name, text)
                assert box.y1 <= frame.y1 + 1, (panel.name, text)
        legends = [each.get_legend() for each in figure.axes if each.get_legend() is not None]
        assert legends, panel.name
        for legend in legends:
            box = legend.get_window_extent(renderer)
            assert box.x1 <= frame.x1 + 1, panel.name
            assert not any(box.overlaps(each.bbox) for each in figure.axes), panel.name
        pyplot.close(figure)


def test_predicted_exponents_are_those_of_the_law():
    table = synthetic(
        Case(label="figure1a", setting=small(spectrum=PowerLaw(exponent="3/2", dimension=60))), np.random.default_rng(0)
    )
    assert predicted(table, "steps") == pytest.approx(-1 / 3)
    assert predicted(table, "model_size") == pytest.approx(-1 / 2)


def exact_only(cases):
    return tables([replace(case, accuracy=None) for case in cases], jobs=1, seed=0, store=None, name="test")


def figure_cases(names):
    return [Case(label=name, setting=Setting.from_file(name)) for name in names]


@pytest.mark.parametrize(
    "names",
    [
        ["figure1c", "figure1d"],
        pytest.param([f"figure{figure}{panel}" for figure in "12" for panel in "abcd"], marks=pytest.mark.long),
    ],
)
def test_exact_slopes_are_the_papers(names, tell):
    for panel in figure_panels(exact_only(figure_cases(names))):
        found = panel.facts["fits"]["exact"]
        tell(
            f"{panel.name}: slope {found['slope']:.4f}, predicted {panel.facts['predicted_slope']:.4f}, "
            f"R^2 {found['r_squared']:.5f}"
        )
        assert abs(found["slope_minus_predicted"]) <= 0.03
        assert found["r_squared"] > 0.99
        assert panel.facts["agreement"]["exact_outside_band"] == 0


@pytest.mark.parametrize("name", ["q1", "q2"])
def test_p1_experiments_show_what_p1_reports(name):
    """Multiplicative stays near full precision at every eps and d; additive degrades with both, as a gap: its ratio to full
    precision, which grows with d as well, falls with d.
    """
    experiment = EXPERIMENTS[name]
    gap = experiment.panels(exact_only(experiment.cases()))[-1].facts
    key = "eps" if name == "q1" else "d"
    assert gap[f"additive_grows_with_{key}"]
    assert gap[f"additive_ratio_to_full_precision_grows_with_{key}"] == (name == "q1")
    assert gap["largest_multiplicative_gap_over_additive"] < 0.01
    ratios = [row["ratio"] for row in gap["gaps"]["additive"]]
    assert min(ratios) > 2
    assert gap["largest_multiplicative_ratio_to_full_precision"] < 1.2


def test_quantization_is_certified_to_help():
    experiment = EXPERIMENTS["helps"]
    steps, level = experiment.panels(exact_only(experiment.cases()))
    assert 10_000 in steps.facts["certified_lower_at"]
    assert 0.03 in level.facts["certified_lower_for_eps"]
    assert level.facts["full_precision"]["lower"] >= 0.1033
    assert next(row["upper"] for row in level.facts["levels"] if row["eps"] == 0.03) <= 0.0600


def test_a_true_format_on_sketched_features_is_an_additive_floor_of_its_own_error():
    """e2m1, M = 32: within 4.5 standard errors of the floor, far from one scale of the same energy and from the nominal level."""

    def at(level):
        return true_formats._sketched(Quantization(feature=level), [32]).replace("training.steps", [3000])

    row = simulate(at(Format("e2m1")), runs=300, seed=1).rows[0]
    own = true_formats._own("e2m1", 32)
    floor, scale, nominal = (float(exact_risk(at(level))[0]) for level in (*own.values(), true_formats._model("e2m1")))
    assert abs(float(row.mean) - floor) <= 4.5 * row.stderr
    assert float(row.mean) - nominal > 20 * row.stderr
    assert scale - float(row.mean) > 20 * row.stderr


@pytest.mark.long
@pytest.mark.parametrize("name", ["figure1", "figure2"])
def test_figures_at_full_size(name, tmp_path, tell):
    tell(reproduce(name, tmp_path))
    for facts in json.loads((tmp_path / "fits.json").read_text())["panels"].values():
        for found in facts["fits"].values():
            assert abs(found["slope_minus_predicted"]) <= 0.03
            assert found["r_squared"] > 0.99
        checks = facts["agreement"]
        assert checks["simulated_points"] == checks["points"]
        assert checks["largest_deviation_in_standard_errors"] <= 4
        assert checks["largest_relative_standard_error"] <= 0.02
        assert checks["exact_outside_band"] == checks["means_off_the_band_by_4_standard_errors"] == 0


@pytest.mark.long
def test_curves_collapse_on_effective_sizes(tmp_path, tell):
    tell(reproduce("effective-sizes", tmp_path))
    for facts in json.loads((tmp_path / "fits.json").read_text())["panels"].values():
        for off in facts["largest_relative_distance_to_full_precision"].values():
            assert off["against_effective_size"] <= 0.05
        for ratios in facts.get("law_N_eff_over_instance", {}).values():
            assert abs(ratios[-1] - 1) <= 0.02
        for checks in facts["agreement"].values():
            assert checks["largest_deviation_in_standard_errors"] <= 4.5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["figure3"], "figure"),
        (["helps", "--jobs", "0"], "--jobs"),
        (["helps", "--seed", "x"], "--seed"),
    ],
)
def test_bad_arguments_are_one_line(arguments, words, tmp_path, capsys):
    assert cli.main(["reproduce", *arguments, "--out", str(tmp_path / "out")]) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert words in message


def test_a_folder_that_cannot_be_is_one_line(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert cli.main(["reproduce", "helps", "--out", str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_missing_extra_is_named():
    assert "pip install 'riskbounds[sweep]'" in str(MissingExtraError("a sweep", "sweep"))
