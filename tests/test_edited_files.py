"""No edit of a problem file, and no override, shows a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import BASE, write

from riskbounds import (
    Setting,
)
from riskbounds.errors import RiskboundsError
from riskbounds.quantization.slots import SLOTS

PIECES = [line for line in BASE.splitlines() if "=" in line]
JUNK = ["", "=", "[", "]", "{ }", "nan", "-1", "0", "1e400", '"x"', "true", "2020-01-01", "[[1]]", "{ a = 1 }", "\\", "é", "\0"]
EDITS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 60), st.sampled_from(JUNK)), min_size=1, max_size=4)


def edited(edits: list[tuple[int, int, str]]) -> str:
    """The base file with stretches of text replaced by junk."""
    text = BASE
    for place, length, junk in edits:
        start = place % (len(text) + 1)
        text = text[:start] + junk + text[start + length :]
    return text


def one_line_or_a_setting(source: Path, overrides: tuple[str, ...] = ()) -> Setting | None:
    """Read a file: either a setting that round-trips, or an error of one line."""
    try:
        setting = Setting.from_file(source, overrides)
    except RiskboundsError as error:
        message = str(error)
        if not message.strip() or "\n" in message:
            pytest.fail(f"not one line: {message!r}")
        return None
    assert Setting.from_file(write(source.parent, setting.to_toml(), "again.toml")) == setting
    json.dumps(setting.echo(), allow_nan=False)
    return setting


@given(EDITS)
@settings(derandomize=True, max_examples=400, deadline=None)
def test_no_edit_shows_a_traceback(tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, int, str]]) -> None:
    one_line_or_a_setting(write(tmp_path_factory.getbasetemp(), edited(edits)))


@given(st.binary(max_size=200))
@settings(derandomize=True, max_examples=100, deadline=None)
def test_no_bytes_show_a_traceback(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    one_line_or_a_setting(write(tmp_path_factory.getbasetemp(), content))


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 40),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["3/2", "1e-3", "infinite", "additive", "elementwise", "ones", "explicit", "data", "gaussian", "1e99"]),
    st.lists(st.integers(-1, 5), max_size=3),
    st.dictionaries(st.sampled_from(["structure", "eps", "noise", "format", "kind", "file"]), st.text(max_size=4), max_size=3),
)
KEYS = st.sampled_from(
    ["problem", "problem.spectrum", "problem.target", "problem.noise_variance", "problem.risk_inputs", "problem.spectrum.kind",
     "problem.spectrum.exponent", "problem.spectrum.dimension", "problem.spectrum.scale", "problem.spectrum.values",
     "problem.spectrum.file", "problem.target.kind", "problem.target.scale", "sketch", "sketch.size", "sketch.seed", "training",
     "training.steps", "training.step_size", "training.batch_size", "quantization", "quantization.structure", "x",
     "quantization.batch_scale", *(f"quantization.{slot}" for slot in SLOTS), *(f"quantization.{slot}.eps" for slot in SLOTS)]
)  # fmt: skip


@given(st.lists(st.tuples(KEYS, VALUES), min_size=1, max_size=3))
@settings(derandomize=True, max_examples=400, deadline=None)
def test_no_override_shows_a_traceback(tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, Any]]) -> None:
    overrides = tuple(f"{key}={value if isinstance(value, float) else json.dumps(value)}" for key, value in changes)
    one_line_or_a_setting(write(tmp_path_factory.getbasetemp(), BASE), overrides)
