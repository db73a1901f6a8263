"""Writing a setting: as an exact problem file, as the JSON echo, as a digest. One document serves all three."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from riskbounds.errors import UnsupportedError
from riskbounds.problem import (
    Data,
    Explicit,
    ExplicitTarget,
    Exponential,
    Isotropic,
    LogPowerLaw,
    Ones,
    PowerLaw,
    Sample,
    Source,
    Spectrum,
    Target,
)
from riskbounds.problem.numbers import text_of
from riskbounds.quantization import SLOTS, STRUCTURES, Additive, Elementwise, Multiplicative, Quantization

if TYPE_CHECKING:
    from riskbounds.quantization.slots import Level
    from riskbounds.setting import Setting

Document = dict[str, Any]
"""Tables of a problem file; leaves are str, int, Fraction, None (absent) or lists of them."""


def document(setting: Setting) -> Document:
    """Return the whole setting in the shape of a problem file, with defaults filled in and exact numbers."""
    problem: Document = {"spectrum": _spectrum(setting.spectrum)}
    if setting.target is not None:
        problem["target"] = _target(setting.target)
        problem["noise_variance"] = setting.noise_variance
    problem["risk_inputs"] = setting.risk_inputs
    sketch, training = setting.sketch, setting.training
    return {
        "problem": problem,
        "sketch": sketch and {"kind": "gaussian", "size": _one_or_list(sketch.size), "seed": sketch.seed},
        "training": {
            "steps": _one_or_list(training.steps),
            "step_size": training.step_size,
            "batch_size": training.batch_size,
        },
        "quantization": _quantization(setting.quantization),
    }


def _one_or_list(values: tuple[int, ...]) -> int | list[int]:
    return values[0] if len(values) == 1 else list(values)


def _spectrum(spectrum: Spectrum) -> Document:
    match spectrum:
        case PowerLaw():
            law: Document = {"kind": "power-law", "exponent": spectrum.exponent}
        case LogPowerLaw():
            law = {"kind": "log-power-law", "exponent": spectrum.exponent}
        case Exponential():
            law = {"kind": "exponential", "rate": spectrum.rate}
        case Explicit():
            return {"kind": "explicit", "values": list(spectrum.given)}
        case Data():
            content = {"samples": spectrum.samples, "dimension": spectrum.dimension, "sha256": spectrum.digest()}
            return {"kind": "data", "file": spectrum.file, "target_column": spectrum.target_column, **content}
    dimension = "infinite" if spectrum.dimension is None else spectrum.dimension
    return {**law, "dimension": dimension, "scale": spectrum.scale}


def _target(target: Target) -> Document:
    match target:
        case Isotropic():
            return {"kind": "isotropic", "scale": target.scale}
        case Source():
            return {"kind": "source", "exponent": target.exponent, "scale": target.scale}
        case Ones():
            return {"kind": "ones"}
        case ExplicitTarget():
            return {"kind": "explicit", "values": list(target.values)}
        case Sample():
            return {"kind": "sample", "seed": target.seed}


def _level(level: Level) -> Document:
    if isinstance(level, Additive | Multiplicative | Elementwise):
        return {"structure": level.structure, "eps": level.eps, "noise": level.noise}
    table = {"format": level.name, "rounding": level.rounding, "model": level.model}
    return table if level.range is None else {**table, "range": level.range}


def _quantization(quantization: Quantization) -> Document:
    slots = {slot: quantization.get(slot) for slot in SLOTS}
    levels = {slot: None if level is None else _level(level) for slot, level in slots.items()}
    return {"batch_scale": quantization.batch_scale, **levels}


def echo(setting: Setting) -> Document:
    """Return the document with JSON numbers; a data file is named without its folder."""
    tree: Document = _mapped(document(setting), _json_number)
    spectrum = tree["problem"]["spectrum"]
    if spectrum.get("file") is not None:
        spectrum["file"] = PurePath(spectrum["file"]).name
    return tree


def _json_number(value: Fraction) -> int | float:
    return value.numerator if value.denominator == 1 and abs(value) < 2**53 else float(value)


def digest(setting: Setting) -> str:
    """Return the SHA-256 of the exact document; measured data enter by content, not by file name."""
    tree = _mapped(document(setting), str)
    for key in ("file", "target_column"):
        tree["problem"]["spectrum"].pop(key, None)
    return hashlib.sha256(json.dumps(tree, sort_keys=True).encode()).hexdigest()


def _mapped(value: Any, leaf: Any) -> Any:
    """Return a copy of a document with `leaf` applied to every fraction."""
    if isinstance(value, Fraction):
        return leaf(value)
    if isinstance(value, Mapping):
        return {key: _mapped(item, leaf) for key, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, leaf) for item in value]
    return value


def to_toml(setting: Setting) -> str:
    """Return the setting as a problem file; raises UnsupportedError for measured data that came from no file."""
    tree = document(setting)
    spectrum = tree["problem"]["spectrum"]
    if spectrum["kind"] == "data":
        if spectrum["file"] is None:
            raise UnsupportedError("measured data made from arrays have no file to name; save them as .npz first")
        for key in ("samples", "dimension", "sha256"):
            del spectrum[key]
    tree["quantization"] = _compact(setting.quantization, tree["quantization"])
    sections = [
        "\n".join([f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in table.items() if value is not None)])
        for name, table in tree.items()
        if table is not None
    ]
    return "\n\n".join(sections) + "\n"


def _compact(quantization: Quantization, table: Document) -> Document:
    """Write slots as bare numbers under one structure where they share it and its default noise."""
    levels = [level for slot in SLOTS if (level := quantization.get(slot)) is not None]
    kind = next((kind for kind in STRUCTURES.values() if all(isinstance(level, kind) for level in levels)), None)
    if kind is None or not levels:
        return table
    result: Document = {"structure": kind.structure}
    for key, value in table.items():
        bare = key in SLOTS and value is not None and _is_usual(quantization, key, kind(value["eps"]))
        result[key] = value["eps"] if bare else value
    return result


def _is_usual(quantization: Quantization, slot: str, level: Level) -> bool:
    return quantization.with_level(slot, level) == quantization


def _toml(value: Any) -> str:
    if isinstance(value, Fraction):
        text = text_of(value)
        return f'"{text}"' if "/" in text else text
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items() if item is not None) + " }"
    return str(value)
