"""Problem files: TOML text, a preset or standard input, with overrides, to a Setting."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable
from decimal import Decimal
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from riskbounds import presets
from riskbounds.errors import ProblemError, did_you_mean
from riskbounds.files.arrays import check_file, open_failure
from riskbounds.files.keys import Table
from riskbounds.files.parts import build
from riskbounds.problem.numbers import shown
from riskbounds.setting import Setting

TEXT_LIMIT = 100_000_000
"""Largest problem file in bytes."""

_KEY = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")


def read(source: str | PathLike[str], overrides: Iterable[str] = ()) -> Setting:
    """Return the setting of a path, a preset name or "-" (standard input) after `overrides` ("dotted.key=value").

    A preset name wins over a file of the same name in the current folder (write ./NAME for the file). Overrides are
    applied from left to right before validation. Raises RiskboundsError in one line for every fault.
    """
    document, folder = load(source)
    for override in overrides:
        apply(document, override)
    return setting_of(document, folder)


def load(source: str | PathLike[str]) -> tuple[dict[str, Any], Path]:
    """Return the tables of a path, a preset or "-", before validation, and the folder its file names are relative to."""
    text, folder = _text(fspath(source))
    return parse(text), folder


def setting_of(document: dict[str, Any], folder: Path) -> Setting:
    """Return the setting that the tables of a problem file describe. Raises RiskboundsError in one line."""
    return build(Table(document, ""), folder)


def _text(source: str) -> tuple[str, Path]:
    """Return the text of a problem file and the folder that its file names are relative to."""
    if source in presets.NAMES:
        return presets.text(source), Path()
    if source == "-":
        return _decoded(_standard_input(), "standard input"), Path()
    path = Path(source)
    if not source.strip():
        raise ProblemError("the name of the problem file is empty; give a path, a preset or -")
    if path.name == source and not _exists(path):
        hint = did_you_mean(source, presets.NAMES) or "riskbounds presets lists the presets"
        raise ProblemError(f"there is no file or preset {shown(source)}; {hint}")
    check_file(path, "problem file", TEXT_LIMIT)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ProblemError(f"problem file: {shown(path.name)} {open_failure(error)}") from None
    return _decoded(content, shown(path.name)), path.parent


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _standard_input() -> bytes:
    if sys.stdin is None or sys.stdin.closed:
        raise ProblemError("standard input is closed; give a path or a preset instead of -")
    return sys.stdin.buffer.read(TEXT_LIMIT + 1)


def _decoded(content: bytes, what: str) -> str:
    if len(content) > TEXT_LIMIT:
        raise ProblemError(f"{what} is larger than {TEXT_LIMIT} bytes; this is no problem file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ProblemError(f"{what} is not UTF-8 text; a problem file is TOML") from None
    if not text.strip():
        raise ProblemError(f"{what} is empty; a problem file needs [problem] and [training], see riskbounds presets")
    return text


def parse(text: str) -> dict[str, Any]:
    """Return the tables of a TOML text; decimals are read exactly, as Decimal."""
    try:
        return tomllib.loads(text.replace("\r\n", "\n"), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ProblemError(f"the problem file is not valid TOML: {' '.join(str(error).split())}") from None
    except (ValueError, ArithmeticError):
        raise ProblemError("the problem file holds a number with too many digits") from None
    except RecursionError:
        raise ProblemError("the problem file nests its tables too deeply") from None


def apply(document: dict[str, Any], override: str) -> None:
    """Change a document in place by "dotted.key=value"; the value is TOML, or a string if it does not parse as TOML."""
    key, value = key_and_text(override, "--set", "KEY=VALUE with a dotted key such as training.steps=100")
    put(document, key, value_of(value), "--set")


def key_and_text(argument: str, option: str, shape: str) -> tuple[str, str]:
    """Split "dotted.key=text"; raises ProblemError, naming the option and the shape it wants."""
    key, equals, text = argument.partition("=")
    if not equals or not _KEY.fullmatch(key.strip()):
        raise ProblemError(f"{option} {shown(argument)} must be {shape}")
    return key.strip(), text


def put(document: dict[str, Any], key: str, value: object, option: str) -> None:
    """Set a dotted key of a document in place; raises ProblemError, naming the option, where the path meets a value."""
    *tables, last = key.split(".")
    place = document
    for depth, name in enumerate(tables):
        inner = place.setdefault(name, {})
        if not isinstance(inner, dict):
            raise ProblemError(f"{option} {key}: {'.'.join(tables[: depth + 1])} is not a table, it has no {last!r}")
        place = inner
    place[last] = value


def value_of(text: str) -> object:
    """Return the TOML value of a text, or the text itself if it is none."""
    try:
        document = tomllib.loads(f"value = {text}", parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError):
        return text
    return document["value"] if list(document) == ["value"] else text
