"""Silent errors of reading: each of these would give a plausible number instead of a complaint."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from riskbounds import (
    Additive,
    Data,
    Explicit,
    ExplicitTarget,
    Isotropic,
    Multiplicative,
    Ones,
    PowerLaw,
    Quantization,
    Setting,
    Training,
)
from riskbounds.errors import ProblemError
from riskbounds.problem.numbers import exact


def test_a_float_exponent_is_the_decimal_that_was_written() -> None:
    assert PowerLaw(exponent=1.1, dimension=2).exponent == Fraction(11, 10)
    assert exact(0.1, "x") * 3 == exact(0.3, "x")


def test_an_explicit_target_follows_its_eigenvalues() -> None:
    spectrum = Explicit([1, 5, 3, 5])
    setting = Setting(
        spectrum=spectrum,
        target=ExplicitTarget([10, 20, 30, 40]),
        noise_variance=1,
        training=Training(steps=1, step_size="0.1"),
    )
    assert spectrum.values == (5, 5, 3, 1)
    assert spectrum.given == (1, 5, 3, 5)
    assert setting.target_values() == (20, 40, 30, 10)


def test_the_two_sketch_models_are_not_mixed_up() -> None:
    assert Quantization(sketch=Additive(1)).sketch == Additive(1, noise="reference")
    assert Quantization(sketch=Additive(1, noise="entrywise")).sketch == Additive(1, noise="entrywise")
    with pytest.raises(ProblemError, match="reference or entrywise"):
        Quantization(sketch=Additive(1, noise="uniform"))


def test_true_is_not_one() -> None:
    with pytest.raises(ProblemError, match="true is not a number"):
        Training(steps=True, step_size=1)


def test_a_string_is_not_a_list_of_digits() -> None:
    assert Training(steps="12", step_size=1).steps == (12,)
    with pytest.raises(ProblemError, match="list of numbers"):
        Explicit("12")  # type: ignore[arg-type]


def test_data_are_centred_and_belong_to_the_object() -> None:
    features, response = np.array([[1.0], [2.0], [6.0]]), np.array([1.0, 2.0, 6.0])
    data = Data(features, response)
    features[0, 0] = 100
    assert data.features[:, 0].tolist() == [-2, -1, 3]
    assert data.response.tolist() == [-2, -1, 3]
    with pytest.raises(ValueError, match="read-only"):
        data.features[0, 0] = 5


def test_data_with_another_response_or_name_are_other_data() -> None:
    features = [[1.0], [2.0], [6.0]]
    others = [Data(features, [1, 2, 7]), Data(features, [1, 2, 6], names=["age"]), Data([[1.0], [2.0], [5.0]], [1, 2, 6])]
    made = [Data(features, [1, 2, 6]), *others]
    assert made[0] == Data(features, [1.0, 2.0, 6.0])
    assert len(set(made)) == 4


def test_the_digest_sees_every_part_and_no_spelling() -> None:
    def made(**parts: object) -> Setting:
        usual = {"spectrum": PowerLaw(exponent="3/2", dimension=9), "target": Ones(), "noise_variance": 1}
        return Setting(**{**usual, "training": Training(steps=10, step_size=0.1), **parts})  # type: ignore[arg-type]

    same = [made(), made(spectrum=PowerLaw(exponent=1.5, dimension=9.0, scale="1")), made(noise_variance="1.00")]
    assert len({setting.digest() for setting in same}) == 1
    others = [
        made(target=Isotropic()),
        made(noise_variance="1.0000000000000000000000001"),
        made(risk_inputs="quantized"),
        made(training=Training(steps=11, step_size=0.1)),
        made(training=Training(steps=10, step_size=0.1, batch_size=2)),
        made(quantization=Quantization(data=Multiplicative("1e-9"))),
        made(quantization=Quantization(data=Multiplicative("1e-9", noise="gaussian"))),
        made(quantization=Quantization(batch_scale="shared")),
    ]
    assert len({setting.digest() for setting in [made(), *others]}) == len(others) + 1


def test_files_are_relative_to_the_problem_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, elsewhere = tmp_path / "inside", tmp_path / "elsewhere"
    for folder, values in ((inside, "3\n2\n"), (elsewhere, "9\n8\n")):
        folder.mkdir()
        (folder / "lam.csv").write_text(values, encoding="utf-8")
    text = (
        '[problem]\nspectrum = { kind = "explicit", file = "lam.csv" }\ntarget = { kind = "ones" }\nnoise_variance = 1\n'
        "[training]\nsteps = 1\nstep_size = 0.1\n"
    )
    (inside / "problem.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(elsewhere)
    assert Setting.from_file(inside / "problem.toml").spectrum == Explicit([3, 2])


def test_import_and_help_stay_light() -> None:
    code = (
        "import sys, riskbounds; from riskbounds.cli import main; assert main(['--help']) == 0; "
        "print([name for name in ('sympy', 'scipy', 'numpy', 'flint') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"
