"""The parts of a Setting from the tables of a problem file (the contract's keys, section by section)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskbounds.errors import ProblemError, RiskboundsError, did_you_mean
from riskbounds.files.arrays import data_from, numbers_from
from riskbounds.files.keys import EVERYWHERE, Table
from riskbounds.problem import (
    Explicit,
    ExplicitTarget,
    Exponential,
    GaussianSketch,
    Isotropic,
    LogPowerLaw,
    Ones,
    PowerLaw,
    Sample,
    Source,
    Spectrum,
    Target,
    Training,
)
from riskbounds.problem.numbers import real, shown
from riskbounds.quantization import SLOTS, STRUCTURES, Additive, Quantization
from riskbounds.quantization.structures import SKETCH_NOISE
from riskbounds.setting import Setting

if TYPE_CHECKING:
    from riskbounds.quantization.slots import Level

_SPECTRUM = '{ kind = "power-law", exponent = "3/2", dimension = 1000 }'
_TARGET = '{ kind = "isotropic" }'
_FORMAT_DEFAULTS = {"format": None, "rounding": "stochastic", "model": "true"}
_LEVEL = '{ structure = "multiplicative", eps = 1e-3 } or { format = "e4m3" }'


def build(document: Table, folder: Path) -> Setting:
    """Return the setting of a whole document; relative file names are relative to `folder`."""
    document.check(("problem", "training"), ("sketch", "quantization"))
    problem = Table(document["problem"], "problem", "[problem]")
    problem.check(("spectrum",), ("target", "noise_variance", "risk_inputs"))
    return Setting(
        spectrum=_spectrum(Table(problem["spectrum"], "problem.spectrum", _SPECTRUM), folder),
        target=_target(Table(problem["target"], "problem.target", _TARGET), folder) if "target" in problem else None,
        noise_variance=problem.get("noise_variance"),
        risk_inputs=problem.get("risk_inputs", "clean"),
        sketch=_sketch(Table(document["sketch"], "sketch", "[sketch]")) if "sketch" in document else None,
        training=_training(Table(document["training"], "training", "[training]")),
        quantization=_quantization(Table(document.get("quantization", {}), "quantization", "[quantization]")),
    )


def _spectrum(table: Table, folder: Path) -> Spectrum:
    laws: dict[str, Callable[[], PowerLaw | LogPowerLaw | Exponential]] = {
        "power-law": lambda: PowerLaw(**_only(table, "exponent")),
        "log-power-law": lambda: LogPowerLaw(**_only(table, "exponent")),
        "exponential": lambda: Exponential(**_only(table, "rate")),
    }
    kind = table.kind((*laws, "explicit", "data"))
    if kind == "explicit":
        return Explicit(_values(table, folder))
    if kind == "data":
        table.check(("kind", "file"), ("target_column",))
        return data_from(_file(table), folder, table.text("target_column"))
    return laws[kind]()


def _only(table: Table, parameter: str) -> dict[str, Any]:
    table.check(("kind", parameter, "dimension"), ("scale",))
    return {parameter: table[parameter], "dimension": table["dimension"], "scale": table.get("scale", 1)}


def _file(table: Table) -> str:
    name = table.text("file")
    if not name:
        raise ProblemError(f"{table.path('file')} is empty; give the name of a file")
    return name


def _values(table: Table, folder: Path) -> list[Any]:
    table.check(("kind",), ("values", "file"))
    if ("values" in table) == ("file" in table):
        raise ProblemError(f"{table.name}: kind explicit needs either values or file, and not both")
    if "file" in table:
        return numbers_from(folder / _file(table), table.path("file"))
    values = table["values"]
    if not isinstance(values, list):
        raise ProblemError(f"{table.path('values')} = {shown(values)} must be a list of numbers")
    return values


def _target(table: Table, folder: Path) -> Target:
    kind = table.kind(("isotropic", "source", "ones", "explicit", "sample"))
    if kind == "explicit":
        return ExplicitTarget(_values(table, folder))
    required, optional = {
        "isotropic": ((), ("scale",)),
        "source": (("exponent",), ("scale",)),
        "ones": ((), ()),
        "sample": ((), ("seed",)),
    }[kind]
    table.check(("kind", *required), optional)
    match kind:
        case "isotropic":
            return Isotropic(table.get("scale", 1))
        case "source":
            return Source(exponent=table["exponent"], scale=table.get("scale", 1))
        case "sample":
            return Sample(table.get("seed", 0))
    return Ones()


def _sketch(table: Table) -> GaussianSketch:
    table.check(("size",), ("kind", "seed"))
    if "kind" in table:
        table.kind(("gaussian",))
    return GaussianSketch(table["size"], seed=table.get("seed", 0))


def _training(table: Table) -> Training:
    table.check(("steps", "step_size"), ("batch_size",))
    return Training(steps=table["steps"], step_size=table["step_size"], batch_size=table.get("batch_size", 1))


def _quantization(table: Table) -> Quantization:
    table.check((), EVERYWHERE["quantization"])
    structure = table.text("structure")
    if structure is not None and structure not in STRUCTURES:
        raise ProblemError(_unknown_structure(table.path("structure"), structure))
    levels = {slot: _level(slot, table[slot], structure) for slot in SLOTS if slot in table}
    return Quantization(**levels, batch_scale=table.get("batch_scale", "per-sample"))


def _unknown_structure(path: str, structure: object) -> str:
    hint = did_you_mean(structure, STRUCTURES) if isinstance(structure, str) else ""
    return f"{path} = {shown(structure)} is unknown; {hint or 'it must be additive, multiplicative or elementwise'}"


def _level(slot: str, value: object, structure: str | None) -> Level | None:
    path = f"quantization.{slot}"
    if not isinstance(value, dict):
        if isinstance(value, list | bool):
            raise ProblemError(f"{path} = {shown(value)} must be a number eps >= 0, or a table such as {_LEVEL}")
        eps = real(value, path, least=0)
        if structure is None:
            if eps == 0:
                return None
            raise ProblemError(f"missing key quantization.structure: {path} = {shown(value)} is a bare number")
        return STRUCTURES[structure](eps)
    table = Table(value, path, _LEVEL)
    try:
        return _format(table) if "format" in table else _structured(slot, table, structure)
    except RiskboundsError as error:
        if path in str(error):
            raise
        raise type(error)(f"{path}: {error}") from None


def _structured(slot: str, table: Table, structure: str | None) -> Level:
    table.check(("eps",) if structure else ("structure", "eps"), ("structure", "noise"))
    name = table.get("structure", structure)
    if not isinstance(name, str) or name not in STRUCTURES:
        raise ProblemError(_unknown_structure(table.path("structure"), name))
    kind = STRUCTURES[name]
    eps = real(table["eps"], table.path("eps"), least=0)
    if "noise" not in table:
        return kind(eps)
    noise = table["noise"]
    if kind is Additive and slot == "sketch" and noise not in SKETCH_NOISE:
        raise ProblemError(f"{table.path('noise')} = {shown(noise)} must be reference or entrywise")
    return kind(eps, noise=noise)


def _format(table: Table) -> Level:
    from riskbounds.quantization.formats import Format

    table.check(("format",), ("rounding", "model", "range"))
    name, rounding, model = (table.text(key, usual) or "" for key, usual in _FORMAT_DEFAULTS.items())
    return Format(name, rounding=rounding, model=model, range=table.get("range"))
