"""No problem and no command line shows a traceback: an answer on stdout, or one line on stderr and exit code 2."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import BASE, NO_SKETCH, write

from riskbounds.cli import main
from riskbounds.quantization.slots import SLOTS

LEVELS = ["0", "1e-3", "0.3", '{structure="additive", eps=1e-3}', '{structure="elementwise", eps=0.01}', '{format="bf16"}',
          '{structure="multiplicative", eps=2}', '{format="int8", range=8}', '{format="e4m3", model="nominal"}',
          '{format="int4", range=20, rounding="dither"}']  # fmt: skip
CHOICES = {
    "problem.spectrum": [
        '{kind="power-law", exponent=1.1, dimension=9}', '{kind="exponential", rate=3, dimension=9}',
        '{kind="explicit", values=[2,1,1,2]}', '{kind="log-power-law", exponent=2, dimension=9}',
        '{kind="power-law", exponent=2, dimension="infinite"}', '{kind="power-law", exponent=3, dimension=1}',
    ],
    "problem.target": [
        '{kind="ones"}', '{kind="source", exponent=1.5}', '{kind="sample"}', '{kind="explicit", values=[1,0,-1,5]}',
    ],
    "problem.noise_variance": ["0", "1e-90", "100"],
    "problem.risk_inputs": ["quantized"],
    "sketch.size": ["1", "[2, 4]"],
    "training.steps": ["1", "2", "[1, 1000]", "1e15"],
    "training.step_size": ["1e-90", "1e-9", "0.3", "2", "1e90"],
    "training.batch_size": ["2", "1e9"],
    "quantization.structure": ["additive", "elementwise"],
    "quantization.batch_scale": ["shared"],
    **{f"quantization.{slot}": LEVELS for slot in SLOTS if slot not in ("sketch", "storage")},
    "quantization.sketch": [*LEVELS, '{structure="additive", eps=0.1, noise="entrywise"}'],
    "quantization.storage": ['{structure="additive", eps=1e-6}', "0", "1"],
}  # fmt: skip
CHANGES = st.lists(
    st.sampled_from(sorted(CHOICES)).flatmap(lambda key: st.sampled_from([f"{key}={value}" for value in CHOICES[key]])),
    min_size=1,
    max_size=5,
)
HOW = st.sampled_from([[], ["--format", "json"], ["--format", "csv"], ["--format", "latex"], ["--digits", "20"], ["--rigorous"]])


#: Sizes of the fuzz tests: the quick run and, with `-m long`, the full one.
EXAMPLES = pytest.mark.parametrize("examples", [40, pytest.param(1000, marks=pytest.mark.long)])


def fuzz(examples: int, *strategies: Any) -> Callable[[Callable[..., None]], None]:
    """Run a check on that many drawn examples, the same ones every time."""

    def run(check: Callable[..., None]) -> None:
        settings(derandomize=True, max_examples=examples, deadline=None, database=None)(given(*strategies)(check))()

    return run


def answers_or_refuses(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    """An answer on stdout, or one line on stderr and exit code 2."""
    code = main(arguments)
    answer = capsys.readouterr()
    assert (code, answer.out == "", answer.err.count("\n")) in [(0, False, 0), (2, True, 1)], (arguments, answer)


@EXAMPLES
def test_no_problem_shows_a_traceback(examples: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    @fuzz(examples, CHANGES, HOW, st.booleans())
    def check(changes: list[str], how: list[str], sketched: bool) -> None:
        path = write(tmp_path, (BASE if sketched else NO_SKETCH).replace("= 30", "= 9").replace("size = 8", "size = 3"))
        answers_or_refuses(capsys, ["bound", str(path), *how, *(word for change in changes for word in ("--set", change))])


WORDS = shlex.split("""
    FILE figure1d sharp p1-corollary-4.2 additive full-precision bf16 int8 gone.toml extra --format json text latex
    --set training.steps=3 sketch.size=2 quantization.data=0.1 --digits 3 --for training.steps training.step_size
    quantization.data bits.data --such-that risk.upper<=0.9 risk.exact>=0.1 --minimise risk.upper --budget 1000 --cost
    M*N M*bits --side exact --slots data,label --source --range 8 --rounding dither --sketches 2 --theorem threshold
""")
FORMS = {
    "law": ["additive", "--side", "exact"],
    "regimes": ["multiplicative"],
    "solve": ["FILE", "--for", "training.steps", "--such-that", "risk.upper<=0.9"],
    "compare": ["FILE", "FILE"],
    "allocate": ["FILE", "--budget", "1000", "--cost", "M*N"],
    "bound": ["FILE"], "show": ["sharp"], "cite": ["FILE"], "formats": ["int8", "--range", "8"], "presets": [], "theorems": [],
}  # fmt: skip


@EXAMPLES
def test_no_command_shows_a_traceback(examples: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command, with words of a good call dropped and words of any call thrown in."""
    path = str(write(tmp_path, BASE.replace("= 30", "= 9").replace("size = 8", "size = 3")))

    @fuzz(examples, st.sampled_from(sorted(FORMS)), st.data())
    def check(command: str, data: st.DataObject) -> None:
        words = [word for word in FORMS[command] if data.draw(st.integers(0, 9)) > 0]
        for word in data.draw(st.lists(st.sampled_from(WORDS), max_size=3)):
            words.insert(data.draw(st.integers(0, len(words))), word)
        answers_or_refuses(capsys, [command, *(path if word == "FILE" else word for word in words)])


MIXED: dict[str, tuple[str, list[str]]] = {
    "integer format on the sketch": (BASE, ['quantization.sketch={format="int4", range=20, rounding="dither"}']),
    "format on the label in infinite dimension": (
        NO_SKETCH,
        ['quantization.label={format="bf16"}', 'problem.spectrum={kind="power-law", exponent=2, dimension="infinite"}'],
    ),
}


@pytest.mark.parametrize("name", MIXED)
def test_a_mixed_problem_answers_or_refuses(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, changes = MIXED[name]
    code = main(["bound", str(write(tmp_path, text)), *(word for change in changes for word in ("--set", change))])
    answer = capsys.readouterr()
    assert (code, answer.out == "", answer.err.count("\n")) in [(0, False, 0), (2, True, 1)]
