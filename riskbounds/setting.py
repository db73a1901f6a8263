"""Setting: spectrum, target, sketch, training and quantization, everything that determines a risk."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from riskbounds.display import Table, Tabulated
from riskbounds.errors import ProblemError, UnsupportedError, did_you_mean
from riskbounds.problem import (
    Data,
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
from riskbounds.problem.frozen import assign, choice
from riskbounds.problem.numbers import Number, real, shown
from riskbounds.problem.sketch import ENTRIES_LIMIT
from riskbounds.quantization import SLOTS, STRUCTURES, Additive, Elementwise, Multiplicative, Quantization
from riskbounds.quantization.slots import is_format

if TYPE_CHECKING:
    from os import PathLike

    from riskbounds.quantization.slots import Level

RISK_INPUTS = ("clean", "quantized")
ROWS_LIMIT = 100_000


@dataclass(frozen=True, init=False)
class Setting(Tabulated):
    """A linear regression problem, its training and its quantizers (theory.md section 1).

    With spectrum Data, target and noise_variance are measured and must be None; otherwise both are required, with
    noise_variance = sigma^2 >= 0. Raises ProblemError (or UnsupportedError) in one line when the parts do not fit.
    """

    spectrum: Spectrum
    target: Target | None
    noise_variance: Fraction | None
    risk_inputs: str
    sketch: GaussianSketch | None
    training: Training
    quantization: Quantization

    def __init__(
        self,
        *,
        spectrum: Spectrum,
        target: Target | None = None,
        noise_variance: Number | None = None,
        risk_inputs: str = "clean",
        sketch: GaussianSketch | None = None,
        training: Training,
        quantization: Quantization | None = None,
    ) -> None:
        """Check each part and that they fit together."""
        _expect(spectrum, "problem.spectrum", PowerLaw, LogPowerLaw, Exponential, Explicit, Data)
        _expect(target, "problem.target", Isotropic, Source, Ones, ExplicitTarget, Sample, type(None))
        _expect(sketch, "sketch", GaussianSketch, type(None))
        _expect(training, "training", Training)
        _expect(quantization, "quantization", Quantization, type(None))
        sigma2 = None if noise_variance is None else real(noise_variance, "problem.noise_variance", least=0)
        assign(self, spectrum=spectrum, target=target, noise_variance=sigma2, training=training, sketch=sketch)
        assign(self, risk_inputs=choice(risk_inputs, "problem.risk_inputs", RISK_INPUTS))
        assign(self, quantization=Quantization() if quantization is None else quantization)
        _check_population(self)
        _check_sketch(self)
        if self.dimension is None:
            _check_infinite(self)
        rows = len(self.model_sizes) * len(training.steps)
        if rows > ROWS_LIMIT:
            raise ProblemError(f"sketch.size x training.steps asks for {rows} rows; give at most {ROWS_LIMIT}")

    @property
    def dimension(self) -> int | None:
        """The dimension p of the data; None when infinite."""
        return self.spectrum.dimension

    @property
    def is_data(self) -> bool:
        """Whether spectrum, target and noise are measured from data."""
        return isinstance(self.spectrum, Data)

    @property
    def model_sizes(self) -> tuple[int | None, ...]:
        """The sketch sizes M in list order, or (None,) without a sketch."""
        return (None,) if self.sketch is None else self.sketch.size

    def target_values(self) -> tuple[Fraction, ...] | None:
        """Return an explicit target in the order of the decreasing eigenvalues; None for the other targets."""
        if not isinstance(self.target, ExplicitTarget):
            return None
        if isinstance(self.spectrum, Explicit):
            return tuple(self.target.values[place] for place in self.spectrum.order)
        return self.target.values

    def replace(self, key: str | None = None, value: object = None, /, **parts: object) -> Setting:
        """Return a changed copy: `replace("training.steps", 100)` by dotted key, or `replace(target=Ones())` by part.

        A number for a quantization slot keeps the structure of that slot, or takes the one that all others share.
        Raises ProblemError for an unknown key, naming the nearest.
        """
        changed: Setting = self if not parts else _with_fields(self, parts, "setting")
        if key is None:
            return changed
        path = key.split(".")
        path = path[1:] if path[0] == "problem" and len(path) > 1 else path
        if len(path) == 2 and path[0] == "quantization" and path[1] in SLOTS:
            value = _level(changed.quantization, path[1], value)
        result: Setting = _descend(changed, path, value, key)
        return result

    def without(self, slot: str) -> Setting:
        """Return the same setting with one quantization slot exact."""
        return self.replace(quantization=self.quantization.without(slot))

    def full_precision(self) -> Setting:
        """Return the same setting with every quantization slot exact."""
        return self.replace(quantization=self.quantization.exact())

    @classmethod
    def from_file(cls, source: str | PathLike[str], overrides: Iterable[str] = ()) -> Setting:
        """Read a problem file, a preset or standard input ("-"), after applying overrides "dotted.key=value"."""
        from riskbounds.files import read

        return read(source, overrides)

    def to_toml(self) -> str:
        """Return a problem file that reads back as an equal setting, numbers exact."""
        from riskbounds.files.echo import to_toml

        return to_toml(self)

    def echo(self) -> dict[str, Any]:
        """Return the problem as a JSON-able dict with defaults filled in (numbers as JSON numbers)."""
        from riskbounds.files.echo import echo

        return echo(self)

    def digest(self) -> str:
        """Return the SHA-256 of the exact problem; measured data enter by their content."""
        from riskbounds.files.echo import digest

        return digest(self)

    def table(self) -> Table:
        """Return the problem's keys and values, defaults filled in, as a table."""
        rows = []
        for section, keys in self.echo().items():
            for key, value in (keys or {"": "none"}).items():
                if value is not None:
                    rows.append([f"{section}.{key}".rstrip("."), _shown_value(value)])
        return Table(caption=f"Problem {self.digest()[:12]}", columns=["Key", "Value"], rows=rows, left=2)


def _shown_value(value: object) -> str:
    """A value of the echo in one line; a long list by its ends."""
    if isinstance(value, dict):
        return ", ".join(f"{key} = {_shown_value(item)}" for key, item in value.items() if item is not None)
    if isinstance(value, list) and len(value) > 12:
        return f"[{value[0]}, {value[1]}, ..., {value[-1]}] ({len(value)} values)"
    return str(value)


def _expect(value: object, name: str, *types: type) -> None:
    if not isinstance(value, types):
        valid = ", ".join(kind.__name__ for kind in types if kind is not type(None))
        raise ProblemError(f"{name} = {shown(value)} must be one of: {valid}")


def _check_population(setting: Setting) -> None:
    if isinstance(setting.spectrum, Data):
        for name, value in (("target", setting.target), ("noise_variance", setting.noise_variance)):
            if value is not None:
                raise ProblemError(f"problem.{name} is measured when the spectrum is data; remove problem.{name}")
        return
    if setting.target is None:
        raise ProblemError('missing key problem.target, such as { kind = "isotropic" }')
    if setting.noise_variance is None:
        raise ProblemError("missing key problem.noise_variance (sigma^2 >= 0)")
    if isinstance(setting.target, ExplicitTarget) and setting.dimension is not None:
        given = len(setting.target.values)
        if given != setting.dimension:
            raise ProblemError(f"problem.target.values has {given} entries but the dimension is {setting.dimension}")


def _check_sketch(setting: Setting) -> None:
    p, sketch = setting.dimension, setting.sketch
    if sketch is None:
        level = setting.quantization.sketch
        if level is not None and getattr(level, "eps", 1) != 0:
            raise ProblemError("quantization.sketch needs a [sketch]; add one or remove quantization.sketch")
        return
    if p is None:
        raise UnsupportedError("an infinite dimension cannot be sketched; give a finite one or remove [sketch]")
    size = max(sketch.size)
    if size > p:
        raise ProblemError(f"sketch.size = {size} must be <= problem.spectrum.dimension = {p}")
    if size * p > ENTRIES_LIMIT:
        raise ProblemError(f"a {size} x {p} sketch is above the limit of {ENTRIES_LIMIT} entries; lower sketch.size")


def _check_infinite(setting: Setting) -> None:
    if isinstance(setting.target, ExplicitTarget | Sample):
        raise UnsupportedError("an infinite dimension needs problem.target.kind = isotropic, source or ones")
    if isinstance(setting.target, Source) and setting.target.exponent <= 1:
        raise ProblemError("problem.target.exponent must be > 1 in infinite dimension, or the risk at zero diverges")
    if "storage" in setting.quantization.levels():
        raise UnsupportedError(
            "quantization.storage: its noise has infinite trace in infinite dimension; give a finite dimension"
        )
    for slot in ("data", "feature"):
        level = setting.quantization.levels().get(slot)
        if isinstance(level, Additive):
            raise UnsupportedError(
                f"quantization.{slot}: an additive error has infinite trace in infinite dimension; give a finite one"
            )
        if level is not None and is_format(level):
            raise UnsupportedError(f"quantization.{slot}: a number format needs a finite problem.spectrum.dimension")


def _with_fields(part: Any, changes: dict[str, object], name: str) -> Any:
    valid = [field.name for field in dataclasses.fields(part)]
    for key in changes:
        if key not in valid:
            hint = did_you_mean(key, valid) or f"valid: {', '.join(valid) or 'none'}"
            raise ProblemError(f"{name} has no {key!r}; {hint}")
    return dataclasses.replace(part, **changes)


def _descend(part: Any, path: list[str], value: object, key: str) -> Any:
    """Return `part` with the field at the end of `path` replaced."""
    if len(path) == 1:
        return _with_fields(part, {path[0]: value}, key)
    inner = getattr(part, path[0], None)
    if not dataclasses.is_dataclass(inner):
        raise ProblemError(f"{key}: this setting has no {path[0]!r} to change")
    return _with_fields(part, {path[0]: _descend(inner, path[1:], value, key)}, key)


def _level(quantization: Quantization, slot: str, value: object) -> Level | None:
    """Return the level that a plain number means in a slot; anything else is passed through."""
    if not isinstance(value, int | float | str | Decimal | Fraction):
        level: Any = value
        return level
    eps = real(value, f"quantization.{slot}", least=0)
    present = quantization.get(slot)
    if isinstance(present, Additive | Multiplicative | Elementwise):
        return type(present)(eps, noise=present.noise)
    others = quantization.levels().values()
    for kind in STRUCTURES.values():
        if others and all(isinstance(level, kind) for level in others):
            return kind(eps)
    if eps == 0:
        return None
    raise ProblemError(f"quantization.{slot} = {shown(value)}: give Additive, Multiplicative or Elementwise")
