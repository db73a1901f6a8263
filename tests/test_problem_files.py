"""Problem files read exactly, round trips, overrides, and a fuzz test that never shows a traceback."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import BASE, NO_SKETCH, changed, write

from riskbounds import (
    Additive,
    Data,
    Elementwise,
    Explicit,
    ExplicitTarget,
    Exponential,
    Format,
    GaussianSketch,
    Isotropic,
    LogPowerLaw,
    Multiplicative,
    Ones,
    PowerLaw,
    Quantization,
    Sample,
    Setting,
    Source,
    Training,
)
from riskbounds.errors import ProblemError, UnsupportedError
from riskbounds.files import apply, parse
from riskbounds.problem.numbers import exact, text_of, whole
from riskbounds.quantization.slots import SLOTS


def read(folder: Path, text: str, *overrides: str) -> Setting:
    """Read a problem file with overrides."""
    return Setting.from_file(write(folder, text), overrides)


def base(**parts: Any) -> Setting:
    """A small setting built from Python objects."""
    usual: dict[str, Any] = {
        "spectrum": PowerLaw(exponent="3/2", dimension=30),
        "target": Isotropic(),
        "noise_variance": 1,
        "training": Training(steps=100, step_size=0.1),
    }
    return Setting(**{**usual, **parts})


@pytest.mark.parametrize(
    ("given", "value"),
    [
        (0.1, Fraction(1, 10)),
        (np.float64(0.1), Fraction(1, 10)),
        (np.float32(0.1), Fraction(1, 10)),
        (np.int64(3), Fraction(3)),
        (Decimal("1e-8"), Fraction(1, 10**8)),
        ("1e-3", Fraction(1, 1000)),
        (" 3/2 ", Fraction(3, 2)),
        ("-1/3", Fraction(-1, 3)),
        ("+.5", Fraction(1, 2)),
        ("1_000.5", Fraction(2001, 2)),
        (10**40, Fraction(10**40)),
        (1e-8, Fraction(1, 10**8)),
        (0.30000000000000004, Fraction("0.30000000000000004")),
    ],
)
def test_reals_are_exact(given: Any, value: Fraction) -> None:
    assert exact(given, "x") == value


NO_NUMBERS = [True, None, "", "abc", "1/0", "nan", float("inf"), Decimal("nan"), 1j, [], "1e5000", 1e-200, 1e200]
OUT_OF_RANGE = [10**101, Fraction(1, 10**101), 10**5000, Decimal("1e999999999")]


@pytest.mark.parametrize("given", [*NO_NUMBERS, *OUT_OF_RANGE], ids=lambda given: str(type(given)))
def test_what_is_no_number_is_refused(given: Any) -> None:
    with pytest.raises(ProblemError, match=r"^x"):
        exact(given, "x")


@pytest.mark.parametrize(("given", "value"), [(1e6, 10**6), ("1e3", 1000), ("4/2", 2), (Decimal("1E+2"), 100)])
def test_integers_may_be_written_as_floats(given: Any, value: int) -> None:
    assert whole(given, "n") == value


@given(st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**9))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_the_text_of_a_number_reads_back(value: Fraction) -> None:
    text = text_of(value)
    assert exact(text, "x") == value
    if "/" not in text:
        parsed = parse(f"x = {text}")["x"]
        assert exact(parsed, "x") == value


def test_toml_decimals_are_exact(tmp_path: Path) -> None:
    setting = read(tmp_path, changed("step_size = 0.1", "step_size = 0.1000000000000000000000000000001"))
    assert setting.training.step_size == Fraction("0.1000000000000000000000000000001")


def test_the_base_file(tmp_path: Path) -> None:
    setting = read(tmp_path, BASE)
    assert setting == base(
        sketch=GaussianSketch(8),
        quantization=Quantization(data=Multiplicative("1e-3"), feature=Multiplicative(0.001)),
    )
    assert setting.model_sizes == (8,)
    assert setting.dimension == 30
    assert setting.risk_inputs == "clean"


def test_lists_give_rows_in_order(tmp_path: Path) -> None:
    setting = read(tmp_path, BASE, "training.steps=[100, 10, 1e3]", "sketch.size=[8, 2]")
    assert setting.training.steps == (100, 10, 1000)
    assert setting.model_sizes == (8, 2)


SPECTRA = [
    PowerLaw(exponent="3/2", dimension=7, scale="1/3"),
    PowerLaw(exponent=2, dimension=None),
    LogPowerLaw(exponent="1.5", dimension=7),
    Exponential(rate="0.1", dimension=7, scale=2),
    Explicit([3, "1/7", 1e-9, 3, 2.5, 1, 1]),
]
TARGETS = [Isotropic("2/3"), Source(exponent="5/2", scale=3), Ones(), ExplicitTarget([1, "1/3", -2, 0, 5, 6, 7]), Sample(3)]
LEVELS = [
    Additive("1e-8"),
    Additive("1/3", noise="triangular"),
    Multiplicative(0),
    Multiplicative(0.01, noise="gaussian"),
    Elementwise("1e-3"),
    Format("bf16"),
    Format("int8", range=8, rounding="dither", model="nominal"),
]


def suits(spectrum: Any, target: Any) -> bool:
    """Whether the target exists in the spectrum's dimension."""
    return spectrum.dimension is not None or not isinstance(target, ExplicitTarget | Sample)


@pytest.mark.parametrize("spectrum", SPECTRA, ids=lambda part: type(part).__name__)
@pytest.mark.parametrize("target", TARGETS, ids=lambda part: type(part).__name__)
def test_round_trip_of_the_population(spectrum: Any, target: Any, tmp_path: Path) -> None:
    if suits(spectrum, target):
        setting = base(spectrum=spectrum, target=target, noise_variance="1/7", risk_inputs="quantized")
        again = read(tmp_path, setting.to_toml())
        assert again == setting
        assert again.digest() == setting.digest()


@pytest.mark.parametrize("level", LEVELS, ids=str)
@pytest.mark.parametrize("slot", [slot for slot in SLOTS if slot not in ("sketch", "storage")])
def test_round_trip_of_the_slots(level: Any, slot: str, tmp_path: Path) -> None:
    quantization = Quantization(batch_scale="shared").with_level(slot, level).with_level("label", Multiplicative("1/3"))
    setting = base(quantization=quantization)
    assert read(tmp_path, setting.to_toml()) == setting


@pytest.mark.parametrize("noise", ["reference", "entrywise"])
@pytest.mark.parametrize("others", [{}, {"data": Additive(1)}, {"data": Additive(1, noise="uniform"), "storage": Additive(2)}])
def test_round_trip_with_a_sketch(noise: str, others: dict[str, Any], tmp_path: Path) -> None:
    quantization = Quantization(sketch=Additive("1e-3", noise=noise), **others)
    setting = base(sketch=GaussianSketch([3, 8], seed=5), quantization=quantization)
    assert read(tmp_path, setting.to_toml()) == setting


def test_the_echo_is_strict_json_with_defaults(tmp_path: Path) -> None:
    echo = read(tmp_path, NO_SKETCH, "problem.spectrum.dimension=infinite").echo()
    assert json.loads(json.dumps(echo, allow_nan=False)) == echo
    assert echo["problem"]["spectrum"] == {"kind": "power-law", "exponent": 1.5, "dimension": "infinite", "scale": 1}
    assert echo["problem"]["target"] == {"kind": "isotropic", "scale": 1}
    assert echo["problem"]["risk_inputs"] == "clean"
    assert echo["sketch"] is None
    assert echo["training"] == {"steps": 100, "step_size": 0.1, "batch_size": 1}
    assert echo["quantization"]["batch_scale"] == "per-sample"
    assert echo["quantization"]["data"] == {"structure": "multiplicative", "eps": 0.001, "noise": "two-point"}
    assert echo["quantization"]["storage"] is None


def test_overrides_apply_from_left_to_right_before_validation(tmp_path: Path) -> None:
    broken = changed("steps = 100", "steps = 0")
    assert read(tmp_path, broken, "training.steps=7", "training.steps=8").training.steps == (8,)


def test_overrides_are_toml_or_strings(tmp_path: Path) -> None:
    overrides = (
        "problem.spectrum.exponent=7/3",
        'problem.target={ kind = "source", exponent = 2 }',
        "quantization.structure=additive",
        'quantization.output={structure = "elementwise", eps = 0.5}',
        "quantization.label=1e-3",
        "sketch.size=[1, 2]",
    )
    setting = read(tmp_path, BASE, *overrides)
    assert setting.spectrum == PowerLaw(exponent="7/3", dimension=30)
    assert setting.target == Source(exponent=2)
    assert setting.quantization.output == Elementwise(0.5)
    assert setting.quantization.label == Additive("1e-3")
    assert setting.sketch == GaussianSketch([1, 2])


def test_an_override_may_add_a_section() -> None:
    document = parse("[training]\nsteps = 1\n")
    apply(document, "sketch.size=5")
    assert document["sketch"] == {"size": 5}


def test_explicit_values_from_files(tmp_path: Path) -> None:
    np.save(tmp_path / "lam.npy", np.array([0.1, 3.0]))
    write(tmp_path, "w\n-1\n1/2\n".replace("1/2", "0.5"), "w.csv")
    text = changed('"power-law", exponent = "3/2", dimension = 30, scale = 1', '"explicit", file = "lam.npy"', NO_SKETCH)
    setting = read(tmp_path, text.replace('"isotropic"', '"explicit", file = "w.csv"'))
    assert setting.spectrum == Explicit([0.1, 3])
    assert setting.target == ExplicitTarget([-1, 0.5])
    assert read(tmp_path, setting.to_toml()) == setting


def test_a_row_of_numbers_is_a_csv_too(tmp_path: Path) -> None:
    write(tmp_path, "3, 2, 0.1\n", "lam.csv")
    text = changed('"power-law", exponent = "3/2", dimension = 30, scale = 1', '"explicit", file = "lam.csv"', NO_SKETCH)
    assert read(tmp_path, text).spectrum == Explicit([3, 2, "0.1"])


DATA = '[problem]\nspectrum = { kind = "data", file = "X.SUFFIX" }\n[training]\nsteps = 10\nstep_size = 0.01\n'


def test_the_three_kinds_of_data_files_agree(tmp_path: Path) -> None:
    table = np.array([[1.0, 2.0, 3.0], [2.0, 2.5, 1.0], [0.0, 7.0, 2.0], [5.0, 1.0, 1.0]])
    np.save(tmp_path / "X.npy", table)
    np.savez(tmp_path / "X.npz", X=table[:, :2], y=table[:, 2])
    lines = ["x1,y,x2", *(f"{a},{y},{b}" for a, b, y in table)]
    write(tmp_path, "\n".join(lines) + "\n", "X.csv")
    found = [read(tmp_path, DATA.replace("SUFFIX", suffix)) for suffix in ("npy", "npz", "csv")]
    assert found[0].spectrum == found[1].spectrum == found[2].spectrum == Data(table[:, :2], table[:, 2])
    assert len({setting.digest() for setting in found}) == 1
    for setting in found:
        assert isinstance(setting.spectrum, Data)
        assert np.allclose(setting.spectrum.features.mean(axis=0), 0)
        assert setting.spectrum.names == ("x1", "x2")
        assert setting.dimension == 2
        assert read(tmp_path, setting.to_toml()) == setting
        assert setting.echo()["problem"]["spectrum"]["file"].startswith("X.")
        assert "target" not in setting.echo()["problem"]


def test_data_from_arrays_have_no_file() -> None:
    setting = Setting(spectrum=Data(np.eye(3)[:, :2], [1, 2, 4]), training=Training(steps=1, step_size=1))
    with pytest.raises(UnsupportedError, match="save them"):
        setting.to_toml()


def test_replace() -> None:
    setting = base(quantization=Quantization(data=Additive("1e-8", noise="uniform")))
    assert setting.replace("training.steps", [1, 2]).training == Training(steps=[1, 2], step_size=0.1)
    assert setting.replace("problem.spectrum.exponent", 3).spectrum == PowerLaw(exponent=3, dimension=30)
    assert setting.replace("spectrum.exponent", 3).spectrum == PowerLaw(exponent=3, dimension=30)
    assert setting.replace("quantization.data", 1).quantization.data == Additive(1, noise="uniform")
    assert setting.replace("quantization.label", 1).quantization.label == Additive(1)
    assert setting.replace("quantization.label", Elementwise(1)).quantization.label == Elementwise(1)
    assert setting.replace(target=Ones(), noise_variance=2) == base(
        target=Ones(), noise_variance=2, quantization=setting.quantization
    )
    assert setting.without("data") == base()
    assert setting.full_precision() == base()
    with pytest.raises(ProblemError, match=r"did you mean steps\?"):
        setting.replace("training.step", 3)
    with pytest.raises(ProblemError, match="sketch"):
        setting.replace("sketch.seed", 3)
    with pytest.raises(ProblemError, match="give Additive"):
        base().replace("quantization.data", 1)


def test_levels_with_eps_zero_are_exact() -> None:
    quantization = Quantization(data=Multiplicative(0), label=Additive("0.0"))
    assert quantization.is_exact
    assert quantization.levels() == {}


@pytest.mark.parametrize("block", [1, 3, 7, 100, 4096])
def test_the_sketch_does_not_depend_on_the_block_size(block: int) -> None:
    sketch = GaussianSketch(5, seed=11)
    whole_matrix = np.random.default_rng(11).standard_normal((23, 5)).T / np.sqrt(5)
    blocks = list(sketch.matrix_blocks(23, 5, block))
    assert all(part.shape[0] == 5 for part in blocks)
    assert np.array_equal(np.concatenate(blocks, axis=1), whole_matrix)


def test_different_seeds_give_different_sketches() -> None:
    first, second = (next(GaussianSketch(5, seed=seed).matrix_blocks(9, 5)) for seed in (0, 1))
    assert not np.array_equal(first, second)
