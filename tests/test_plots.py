"""The pictures: axes come back labelled and explained, numbers are those of the calculator, files carry where they come from."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot
from PIL import Image

from riskbounds import Additive, Quantization, Setting, __version__, bound, check, integer_or_floating, minimise, next_bit, plots
from riskbounds.asymptotics.problem_law import law_of, numbers_of
from riskbounds.cli import main
from riskbounds.cli.parser import PICTURES
from riskbounds.cli.pictures import LONG, PLAIN
from riskbounds.errors import HypothesisError, ProblemError, UnsupportedError
from riskbounds.plots import style
from riskbounds.plots.laws import laws_or_reason
from riskbounds.plots.provenance import provenance

mpl.use("Agg")
SMALL = ["training.steps=[10,100,1000]", "problem.spectrum.dimension=30"]
ADDITIVE = Quantization(data=Additive("1e-4"), feature=Additive("1e-4"), activation=Additive("1e-3"))
SKETCHED = ["problem.spectrum.dimension=60", "sketch.size=8", "training.steps=[10,100,1000]"]


@pytest.fixture(autouse=True)
def _close():
    yield
    pyplot.close("all")


def plain(name: str = "q1-additive-1e-2", *changes: str) -> Setting:
    return Setting.from_file(name, [*SMALL, *changes])


def sketched(name: str = "figure2c", *changes: str) -> Setting:
    return Setting.from_file(name, [*SKETCHED, *changes])


def drawn(ax, label: str) -> np.ndarray:
    """The ordinates of the line that the legend calls ``label``."""
    return next(np.asarray(line.get_ydata(), dtype=float) for line in ax.get_lines() if line.get_label() == label)


PICTURES_OF = {
    "risk": lambda setting, ax=None: plots.risk(bound(setting), ax),
    "terms": lambda setting, ax=None: plots.terms(bound(setting), ax),
    "spectrum": plots.spectrum,
    "regimes": plots.regime_map,
    "effective-sizes": plots.effective_sizes,
    "step-size": plots.step_size,
    "batch-size": plots.batch_size,
    "slots": plots.slots,
    "formats": lambda setting, ax=None: plots.formats(setting, ax, dimensions=(10, 20)),
}


@pytest.mark.parametrize("kind", PICTURES_OF)
def test_every_picture_is_labelled_explained_and_given_back(kind: str) -> None:
    setting = sketched() if kind == "regimes" else plain()
    figure, given = pyplot.subplots()
    ax = PICTURES_OF[kind](setting, given)
    assert ax is given
    assert ax.get_xlabel()
    assert ax.get_ylabel()
    assert ax.get_title()
    if kind != "slots":
        named = [text.get_text() for text in ax.get_legend().get_texts()]
        assert named == list(dict.fromkeys(named))
        lines = [line for line in ax.get_lines() if not line.get_label().startswith("_")]
        assert {line.get_label() for line in lines} <= set(named)
    assert f"riskbounds {__version__} | problem {setting.digest()[:12]}" in figure.get_supxlabel()


def tick_boxes(axis) -> list:
    """Where the tick labels that are drawn lie, major and minor."""
    low, high = sorted(axis.get_view_interval())
    shown = [tick for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()) if low <= tick.get_loc() <= high]
    return [tick.label1.get_window_extent() for tick in shown if tick.label1.get_text()]


@pytest.mark.parametrize("kind", PICTURES_OF)
def test_nothing_is_cut_off_or_overlaps_the_legend(kind: str) -> None:
    setting = sketched() if kind == "regimes" else plain()
    ax = PICTURES_OF[kind](setting)
    figure = ax.get_figure()
    figure.canvas.draw()
    whole = figure.bbox
    ticks = {name: tick_boxes(axis) for name, axis in (("x", ax.xaxis), ("y", ax.yaxis))}
    texts = [ax.title, ax.xaxis.label, ax.yaxis.label, figure._supxlabel, *ax.texts]
    boxes = [text.get_window_extent() for text in texts] + ticks["x"] + ticks["y"]
    if ax.get_legend() is not None:
        boxes.append(ax.get_legend().get_window_extent())
        assert not ax.get_legend().get_window_extent().overlaps(ax.bbox)
    for box in boxes:
        assert box.x0 >= whole.x0 - 1
        assert box.x1 <= whole.x1 + 1
        assert box.y0 >= whole.y0 - 1
        assert box.y1 <= whole.y1 + 1
    for left, right in pairwise(sorted(ticks["x"], key=lambda box: box.x0)):
        assert left.x1 <= right.x0
    for below, above in pairwise(sorted(ticks["y"], key=lambda box: box.y0)):
        assert below.y1 <= above.y0


def test_the_risk_picture_draws_the_rows() -> None:
    result = bound(plain())
    ax = plots.risk(result)
    for side, label in (("lower", "lower bound"), ("exact", "exact"), ("upper", "upper bound")):
        assert drawn(ax, label) == pytest.approx([float(getattr(row.risk, side)) for row in result.rows])


def test_the_band_has_no_lower_edge_where_the_theorem_has_none() -> None:
    ax = plots.risk(bound(plain("q1-additive-1e-2", "problem.risk_inputs=quantized"), "p1-theorem-4.1"))
    assert "certified band" not in [text.get_text() for text in ax.get_legend().get_texts()]
    with pytest.raises(StopIteration):
        drawn(ax, "lower bound")


def test_several_sizes_are_told_apart() -> None:
    setting = sketched("figure2c", "sketch.size=[4,8]")
    ax = plots.risk(bound(setting), laws=plots.law_lines(setting))
    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "$M = 4$, exact" in named
    assert "$M = 8$, exact" in named
    assert "the law is drawn at the last M = 8" in ax.figure.get_supxlabel()
    marks = [
        (line.get_color(), line.get_linestyle(), line.get_marker()) for line in ax.get_lines() if "exact" in line.get_label()
    ]
    assert len(set(marks)) == 2


def test_measured_points_are_drawn_with_their_verdicts() -> None:
    setting = plain()
    risk = float(bound(setting).rows[1].risk.exact)
    rows = check(setting, [{"steps": 100, "risk": risk, "stderr": risk / 1000}, {"steps": 10, "risk": 9.0, "stderr": 0.1}]).rows
    ax = plots.risk(bound(setting), measured=rows)
    assert "measured: consistent 1, violated 1" in ax.get_figure().get_supxlabel()
    assert "measured, ± 5 s.e." in [text.get_text() for text in ax.get_legend().get_texts()]


def test_terms_add_up_and_zero_ones_are_named() -> None:
    ax = plots.terms(bound(plain()))
    assert sum(drawn(ax, name) for name in ("shrinkage", "bias", "cross", "variance")) == pytest.approx(drawn(ax, "upper bound"))
    assert "zero, not drawn: approximation" in ax.get_figure().get_supxlabel()


def test_the_spectrum_has_the_floor() -> None:
    ax = plots.spectrum(plain())
    clean = drawn(ax, r"$\lambda_i$ of $\Lambda$, clean features")
    floor = drawn(ax, r"$\mu_i$ of $\Sigma$, quantized features")
    assert clean == pytest.approx(np.arange(1, 31) ** -2.0)
    assert floor == pytest.approx(clean + 0.01)
    with pytest.raises(UnsupportedError, match="infinite"):
        plots.spectrum(Setting.from_file("q1-multiplicative-1e-2", ['problem.spectrum.dimension="infinite"']))


def test_the_step_size_picture_holds_the_certified_interval() -> None:
    setting = plain().replace("training.steps", 1000)
    interval = minimise(setting, "training.step_size").interval
    ax = plots.step_size(setting)
    words = f"[{interval.low:.4g}, {interval.high:.4g}]"
    assert any(words in text.get_text() for text in ax.get_legend().get_texts())
    lower, exact = drawn(ax, "lower bound"), drawn(ax, "exact")
    assert np.all(lower[np.isfinite(exact)] <= exact[np.isfinite(exact)] * (1 + 1e-9))


def test_the_bars_are_the_gains() -> None:
    setting = plain()
    ax = plots.slots(setting)
    gains = [max(gain.decrease, 0.0) for gain in reversed(next_bit(setting))]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx(gains)
    with pytest.raises(ProblemError, match="no slot"):
        plots.slots(plain("q1-additive-0"))


def test_formats_say_who_is_certified_to_win() -> None:
    setting = plain("q1-multiplicative-0")
    ax = plots.formats(setting, dimensions=(10, 30))
    foot = ax.get_figure().get_supxlabel()
    for d in (10, 30):
        found = integer_or_floating(setting.replace("training.steps", 1000).replace("problem.spectrum.dimension", d), 8)
        assert f"{found.certified or 'undecided'} at d = {d}" in foot.replace("10 .. 30", "10 at d = 30") or "10 .. 30" in foot


def test_effective_sizes_fall_with_fewer_bits() -> None:
    ax = plots.effective_sizes(sketched("figure1c"), bits=(1, 4, 10))
    data = drawn(ax, r"$N_{\mathrm{eff}}/N$ (exact)")
    assert np.all(np.diff(data) > 0)
    assert data[-1] == pytest.approx(1, abs=1e-3)


def test_the_map_marks_the_problem_and_needs_a_sketch() -> None:
    ax = plots.regime_map(sketched())
    star = next(line for line in ax.get_lines() if line.get_label() == "this problem")
    assert list(star.get_xdata()) == [10, 100, 1000]
    assert list(star.get_ydata()) == [8, 8, 8]
    with pytest.raises(UnsupportedError, match="sketch"):
        plots.regime_map(plain())


@pytest.mark.parametrize("exponent", ["6/5", "2", "5/2", "3"], ids=lambda text: f"b = {text}")
def test_the_map_covers_every_case_of_a_source(exponent: str) -> None:
    """a = 3/2: below a, between a and a + 1, on the wall b = a + 1 and above it."""
    ax = plots.regime_map(sketched("figure1c", "problem.target={kind='source',exponent='" + exponent + "'}"))
    assert len(ax.get_legend().get_texts()) > 2
    pyplot.close("all")


def test_measured_data_are_refused_where_a_picture_cannot_be_drawn() -> None:
    data = Setting.from_file("diabetes")
    with pytest.raises(UnsupportedError, match=r"M_eff missing.*N_eff missing"):
        plots.effective_sizes(data, bits=(4,))
    with pytest.raises(ProblemError, match=r"problem\.spectrum\.dimension"):
        plots.formats(data)


def test_a_refusal_of_the_formats_names_the_dimension() -> None:
    with pytest.raises(HypothesisError, match="8 bits at dimension 10: "):
        plots.formats(plain("q1-additive-1e-2", "training.step_size=0.9"), dimensions=(10,))


def test_a_single_row_is_seen() -> None:
    result = bound(plain("q1-additive-1e-2", "training.steps=100"))
    band = plots.risk(result).collections
    assert any(len(paths := each.get_paths()) == 1 and np.ptp(paths[0].vertices[:, 1]) > 0 for each in band[1:])
    assert next(line for line in plots.terms(result).get_lines() if line.get_label() == "upper bound").get_marker() == "o"
    pyplot.close("all")


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("q1-additive-1e-2", ["problem.risk_inputs=quantized"], "clean"),
        ("q1-additive-1e-2", ['problem.spectrum={kind="exponential",rate=1,dimension=9}'], "power-law"),
        ("q1-additive-1e-2", ["quantization.label={structure='multiplicative',eps=0.1}"], "one structure"),
        ("figure1c", ["problem.target={kind='sample'}"], "isotropic, ones or source"),
        ("figure1c", ["problem.target={kind='ones'}"], "isotropic or source"),
        ("figure1c", ["problem.target={kind='isotropic',scale=2}"], "scale = 1"),
        ("figure2c", ["problem.target={kind='source',exponent='11/2'}"], "up to 2 a"),
        ("figure1c", ["quantization={structure='elementwise',data=1e-3,parameter=1e-3}"], "no slot 'parameter'"),
    ],
)
def test_a_law_is_refused_where_none_fits(name: str, changes: list[str], reason: str) -> None:
    setting = Setting.from_file(name, changes)
    with pytest.raises(UnsupportedError, match=reason):
        assert (law_of(setting), numbers_of(setting)) is None


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_files_carry_their_provenance_and_are_reproducible(ending: str, tmp_path: Path) -> None:
    result = bound(sketched())
    paths = [tmp_path / f"{name}.{ending}" for name in ("one", "two")]
    lines = [plots.save(plots.risk(result), path) for path in paths]
    assert lines[0] == lines[1] == provenance(result.setting, rigor=["bounds float64", "exact float64"]).line()
    assert "sketch seed 0" in lines[0]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    if ending == "png":
        assert Image.open(paths[0]).info["Description"] == lines[0]
    else:
        assert b"05ded2ff0186" not in paths[0].read_bytes()
        assert result.setting.digest()[:12].encode() in paths[0].read_bytes()
    assert not pyplot.get_fignums()


def test_the_cycle_survives_grey() -> None:
    """Neighbours of the cycle differ in dashes, marker and hatch, whatever the printer makes of the colours."""
    for mark, following in pairwise(style.CYCLE):
        assert mark.dashes != following.dashes
        assert mark.marker != following.marker
    assert len({mark.hatch for mark in style.FILLS}) == len(style.FILLS)


def test_no_colour_of_the_map_stands_for_two_terms() -> None:
    """The case of P2's additive scheme with b = 2, whose terms outnumber the fills while those drawn do not."""
    setting = sketched("figure1c", "problem.target={kind='source',exponent=2}", "problem.spectrum.exponent='3/2'")
    setting = setting.replace("quantization", ADDITIVE).replace("problem.spectrum.dimension", 1000)
    ax = plots.regime_map(setting)
    fills = [(each.get_facecolor(), each.get_hatch()) for each in ax.get_legend().get_patches()]
    assert len(fills) > 3
    assert len(set(fills)) == len(fills)


def test_a_law_has_a_gap_where_other_terms_come_into_force() -> None:
    setting = sketched("figure2c", "training.steps=[100,1000000]").replace("quantization", ADDITIVE)
    data = next(line for line in plots.law_lines(setting) if line.part == "data")
    y = np.array(data.points("steps")[1])
    assert 1 <= np.count_nonzero(~np.isfinite(y)) <= 3
    steps = np.abs(np.diff(np.log(y)))
    assert np.nanmax(steps) < 0.5


def test_several_model_sizes_have_readable_ticks() -> None:
    """Labels such as 30, 40, 60 and not 3 x 10^1, which run into each other."""
    ax = plots.risk(bound(sketched("figure2c", "sketch.size=[6,12,25,50]", "training.steps=100")))
    ax.get_figure().canvas.draw()
    boxes = sorted(tick_boxes(ax.xaxis), key=lambda box: box.x0)
    assert len(boxes) > 2
    assert {text.get_text() for text in ax.get_xticklabels(which="both")} <= {"", *map(str, range(1, 101))}
    assert all(left.x1 <= right.x0 for left, right in pairwise(boxes))


def test_a_long_picture_tells_how_far_it_is() -> None:
    said: list[str] = []
    plots.batch_size(plain(), sizes=(1, 2), progress=said.append)
    assert said == ["point 1 of 2", "point 2 of 2"]
    plots.formats(plain(), dimensions=(10, 20), progress=said.append)
    assert said[2:] == ["dimension 10", "dimension 20"]


def test_a_picture_without_a_law_says_why() -> None:
    lines, reason = laws_or_reason(plain("q1-additive-1e-2", "problem.risk_inputs=quantized"))
    assert lines == ()
    ax = plots.risk(bound(plain()), laws=lines, remarks=reason)
    assert "no law: a law needs problem.risk_inputs" in ax.get_figure().get_supxlabel().replace("\n", " ")


def test_every_kind_of_the_command_is_drawn() -> None:
    assert set(PICTURES) == {"risk", "terms", *PLAIN, *LONG}
    assert set(PICTURES_OF) == set(PICTURES)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["slots", "q1-additive-1e-2", "--out", "x.gif"], "must end in .png, .svg or .pdf"),
        (["slots", "q1-additive-1e-2", "--out", "no/x.png"], "no folder no"),
        (["slot", "q1-additive-1e-2", "--out", "x.png"], "did you mean slots?"),
        (["slots", "q1-additive-1e-2", "--out", "x.png", "--results", "r.csv"], "belongs to the picture risk"),
        (["risk", "q1-additive-1e-2", "--out", "x.png", "--results", "r.csv"], "r.csv"),
        (["regimes", "q1-additive-1e-2", "--out", "x.png"], "needs a [sketch]"),
        (["slots", "q1-additive-0", "--out", "x.png"], "no bit to give"),
        (["risk", "q1-additive-1e-2", "--out", "x.png", "--runs", "many"], "--runs"),
    ],
)
def test_bad_input_is_one_line(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["plot", *arguments]) == 2
    err = capsys.readouterr().err
    assert told in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_picture_of_a_failing_hypothesis_is_refused() -> None:
    with pytest.raises(HypothesisError):
        plots.risk(bound(plain("q1-additive-1e-2", "training.step_size=5")))
