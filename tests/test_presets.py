"""The shipped problem files: what they hold, that they read, and that their comments say what is published."""

from __future__ import annotations

from fractions import Fraction
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from riskbounds import Additive, Data, Isotropic, Multiplicative, Ones, PowerLaw, Setting, presets
from riskbounds.cli import main

PANELS = [(figure, panel) for figure in "12" for panel in "abcd"]
STRUCTURES = {"multiplicative": Multiplicative, "additive": Additive}


def test_every_name_has_a_file_and_every_file_a_name() -> None:
    files = {entry.name.removesuffix(".toml") for entry in resources.files(presets).iterdir() if entry.name.endswith(".toml")}
    assert files == set(presets.NAMES)
    assert len(presets.NAMES) == 25


@pytest.mark.parametrize("name", presets.NAMES)
def test_a_preset_reads_and_round_trips(name: str, tmp_path: Path) -> None:
    setting = Setting.from_file(name)
    path = tmp_path / "again.toml"
    path.write_text(setting.to_toml(), encoding="utf-8")
    assert Setting.from_file(path) == setting


@pytest.mark.parametrize("name", presets.NAMES)
def test_a_preset_says_what_is_published_and_what_is_ours(name: str) -> None:
    comments = [line for line in presets.text(name).splitlines() if line.startswith("#")]
    assert any("Published: " in line for line in comments)
    assert any("Ours: " in line for line in comments)
    assert max(map(len, comments)) <= 120


@pytest.mark.parametrize(("figure", "panel"), PANELS)
def test_the_figures(figure: str, panel: str) -> None:
    setting = Setting.from_file(f"figure{figure}{panel}")
    steep = panel in "cd"
    exponent, dimension = (2, 1000) if steep else ("3/2", 10_000)
    assert setting.spectrum == PowerLaw(exponent=exponent, dimension=dimension)
    assert (setting.target, setting.noise_variance, setting.risk_inputs) == (Isotropic(), 1, "clean")
    assert (setting.training.step_size, setting.training.batch_size) == (Fraction(1, 10), 1)
    level = Multiplicative("1e-3") if figure == "1" else Additive("1e-8")
    sketch = Additive("1e-8", noise="reference") if figure == "2" else level
    slots = ("sketch", "data", "feature", "parameter", "activation", "output")
    assert setting.quantization.levels() == {slot: sketch if slot == "sketch" else level for slot in slots}
    if panel in "ac":
        assert setting.model_sizes == (500 if steep else 1000,)
        assert len(setting.training.steps) == 10
        assert (setting.training.steps[0], setting.training.steps[-1]) == (100, 100_000)
    else:
        assert setting.training.steps == (100_000,)
        assert (setting.model_sizes[0], setting.model_sizes[-1]) == (8, 200)
    for listed in (setting.training.steps, setting.model_sizes):
        assert list(listed) == sorted(set(listed), key=lambda size: size or 0)


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize(
    ("family", "value"),
    [*(("q1", eps) for eps in ("0", "1e-3", "5e-3", "1e-2")), *(("q2", d) for d in ("50", "100", "200", "400"))],
)
def test_q1_and_q2(structure: str, family: str, value: str) -> None:
    setting = Setting.from_file(f"{family}-{structure}-{value}")
    dimension, eps = (200, value) if family == "q1" else (int(value), "0.01")
    assert setting.spectrum == PowerLaw(exponent=2, dimension=dimension)
    assert (setting.target, setting.noise_variance, setting.sketch) == (Ones(), 1, None)
    assert (setting.training.step_size, setting.training.batch_size) == (Fraction(1, 20), 1)
    for slot in ("data", "label", "parameter", "activation", "output"):
        assert setting.quantization.get(slot) == STRUCTURES[structure](eps)
    for slot in ("sketch", "feature", "storage"):
        assert setting.quantization.get(slot) is None
    assert setting.quantization.is_exact == (value == "0")


def test_the_diabetes_set() -> None:
    setting = Setting.from_file("diabetes")
    assert isinstance(setting.spectrum, Data)
    assert setting.spectrum.features.shape == (442, 10)
    assert setting.spectrum.names[:3] == ("age", "sex", "bmi")
    assert (setting.target, setting.noise_variance) == (None, None)
    assert np.linalg.norm(setting.spectrum.features, axis=0) == pytest.approx(1)
    second_moment = setting.spectrum.features.T @ setting.spectrum.features / 442
    leverage = np.einsum("ij,jk,ik->i", setting.spectrum.features, np.linalg.inv(second_moment), setting.spectrum.features)
    assert leverage.max() == pytest.approx(55.407, abs=1e-3)
    assert float(setting.training.step_size) < 1 / (1.1 * leverage.max() * np.trace(second_moment))


def test_a_preset_name_wins_over_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "figure1a").write_text("nonsense", encoding="utf-8")
    assert Setting.from_file("figure1a").dimension == 10_000


def test_the_list_and_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in presets.NAMES)
    assert max(map(len, listed.splitlines())) <= 120
    assert main(["presets", "q2-additive-50"]) == 0
    assert capsys.readouterr().out.strip() == presets.text("q2-additive-50").strip()
