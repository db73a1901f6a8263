"""From a setting to the numbers and definitions that its theorems are evaluated on; the only place that calls for matrices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any, Literal

import numpy as np

from riskbounds import symbols as s
from riskbounds.analytic import spectrum_of, target_of
from riskbounds.errors import UnsupportedError
from riskbounds.format_values import (
    data_values,
    refuse_saturation,
    sketched_data_values,
    sketched_feature_values,
    update_values,
)
from riskbounds.measured import MeasuredMoments, measured_moments, measured_values
from riskbounds.model import GENERAL_DEFINITIONS, Definitions, commuting_definitions, scale_moments, total
from riskbounds.numerics.enclosures import Enclosures
from riskbounds.numerics.evaluate import Evaluation
from riskbounds.numerics.floats import Floats
from riskbounds.numerics.infinite_evaluation import InfiniteEvaluation
from riskbounds.numerics.numbers import Array, Numbers
from riskbounds.problem import Data, GaussianSketch, Isotropic, PowerLaw, Sample, Source, Training
from riskbounds.quantization.formats import Format
from riskbounds.quantization.moments import gaussian_moments
from riskbounds.quantization.resolved import resolved
from riskbounds.setting import Setting
from riskbounds.sketched import (
    GeneralBasis,
    Matrix,
    SketchedMoments,
    diagonal_ratio,
    general_basis,
    sketched_moments,
)

INFINITE_BITS = 128
"""Precision of enclosures in infinite dimension where float64 is asked for."""
_KEPT_SIZE = 2000


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One problem at one model size: primitive values and the definitions of everything else.

    ``values`` maps symbols to exact Fractions, tuples of them, or float64 arrays; ``definitions`` to SymPy expressions.
    ``size`` is M, None when infinite.  ``input`` tells what passed through float64: nothing ("exact"), the spectrum and the
    moments of a sketch ("spectrum"), or also constants of the data or of a number format ("constants").
    """

    setting: Setting
    size: int | None
    values: dict[Any, Any]
    definitions: Definitions
    commuting: bool
    input: Literal["exact", "spectrum", "constants"]
    sketched: SketchedMoments | None = None
    general: GeneralBasis | None = None
    notes: tuple[str, ...] = ()

    def rigor(self, label: str) -> str:
        """What a result computed in the number system of this label may be called on this instance."""
        if self.input == "constants":
            return "float64"
        return f"{label} given the spectrum" if (label, self.input) == ("enclosed", "spectrum") else label

    def evaluation(self, numbers: Numbers, values: Mapping[Any, Any] = {}, definitions: Definitions = {}) -> Evaluation:
        """An evaluation of expressions on this instance; the extra values and definitions are a theorem's.

        In infinite dimension the numbers are enclosures whatever is asked for, and every value must be rational.
        """
        if self.size is None:
            balls = numbers if isinstance(numbers, Enclosures) else Enclosures(bits=INFINITE_BITS)
            return InfiniteEvaluation(balls, {**self.values, **values}, {**self.definitions, **definitions})
        known = {symbol: in_numbers(value, numbers) for symbol, value in {**self.values, **values}.items()}
        known[s.i] = in_numbers(np.arange(1.0, self.size + 1), numbers)
        return Evaluation(numbers, known, {**self.definitions, **definitions}, self.size)


def in_numbers(value: Any, numbers: Numbers) -> Array:
    """A primitive value in a number system, with the two trailing axes of :mod:`riskbounds.numerics.evaluate`."""
    if isinstance(value, np.ndarray):
        array = numbers.from_float64(value)
        return array if array.ndim >= 2 else array.reshape(1, -1)
    items = value if isinstance(value, tuple) else (value,)
    found = [numbers.from_float64(np.array([item]))[0] if isinstance(item, float) else numbers.number(item) for item in items]
    array = np.empty((1, len(found)), dtype=float if isinstance(found[0], float) else object)
    array[0, :] = found
    return array


def resolve(setting: Setting) -> tuple[Setting, tuple[str, ...]]:
    """The setting with nominal formats and plain dither grids as structures, and a note for each nominal one."""
    quantization, notes = resolved(setting.quantization)
    if not any(isinstance(level, Format) for level in setting.quantization.levels().values()):
        return setting, ()
    label = setting.quantization.label
    if isinstance(label, Format) and label.model == "true":
        refuse_saturation("label", label, gaussian_moments(label, [label_deviation(setting)]))
    return setting.replace(quantization=quantization), notes


def label_deviation(setting: Setting) -> float:
    """Standard deviation of the label y, on Gaussian or measured data."""
    if isinstance(setting.spectrum, Data):
        return float(np.sqrt(np.mean(setting.spectrum.response**2)))
    plain = unsketched_instance(setting.full_precision().replace(sketch=None)).evaluation(Floats())
    return float(np.sqrt(float(plain.scalar(s.label_second_moment))))


def commutes(setting: Setting) -> bool:
    """Whether Sigma is a function of Lam.

    It is not for additive data errors behind a sketch, nor for elementwise errors on correlated coordinates: sketch or
    feature errors behind a sketch, and any feature error on measured data.
    """
    found = setting.quantization.structures()
    rough = {slot for slot in ("data", "sketch", "feature") if found.get(slot) in ("elementwise", "format")}
    if setting.sketch is None:
        return not (setting.is_data and rough)
    if found.get("data") == "format":
        return False
    return found.get("data") != "additive" and not (rough - (set() if setting.is_data else {"data"}))


def fixed_or_prior_target(setting: Setting) -> tuple[Matrix, bool]:
    """E w*_i^2 of a prior and True, or the fixed w* and False, as float64."""
    if isinstance(setting.target, Isotropic | Source):
        return unsketched_instance(setting).evaluation(Floats()).sequence(s.target2[s.i]), True
    if isinstance(setting.target, Sample):
        return np.random.default_rng(setting.target.seed).standard_normal(setting.dimension), False
    values = setting.target_values()
    return (np.ones(setting.dimension or 0) if values is None else np.array([float(v) for v in values])), False


def _shared(setting: Setting) -> dict[Any, Any]:
    """Values that do not depend on spectrum, target and sketch."""
    return {
        **dict.fromkeys(s.EPS.values(), Fraction(0)),
        **{s.EPS[slot]: eps for slot, eps in setting.quantization.epsilons().items()},
        **update_values(setting.quantization)[0],
        s.step: setting.training.step_size,
        s.B: Fraction(setting.training.batch_size),
        s.noise_variance: setting.noise_variance,
    }


def _scales(setting: Setting) -> Definitions:
    """Moments of the composed feature scale."""
    found, noises = setting.quantization.structures(), setting.quantization.noises()
    scaled = ("multiplicative", "elementwise")
    return scale_moments({slot: noises[slot] for slot in ("data", "sketch", "feature") if found.get(slot) in scaled})


def unsketched_instance(setting: Setting) -> Instance:
    """The instance without a sketch: S = I, M = p."""
    if setting.dimension is None and not isinstance(setting.spectrum, PowerLaw):
        raise UnsupportedError("an infinite dimension is covered for power-law spectra; give problem.spectrum.dimension a number")
    spectrum_values, spectrum_definitions = spectrum_of(setting)
    target_values, target_definitions = target_of(setting)
    dimension = {} if setting.dimension is None else {s.p: Fraction(setting.dimension)}
    found = setting.quantization.structures()
    built = Instance(
        setting=setting,
        size=setting.dimension,
        values={**_shared(setting), **dimension, **spectrum_values, **target_values, s.model_error: Fraction(0)},
        definitions={
            **commuting_definitions(found, setting.risk_inputs),
            **spectrum_definitions,
            **target_definitions,
            **_scales(setting),
            s.trace_H: total(s.lam[s.i]),
        },
        commuting=True,
        input="constants" if "format" in found.values() else "exact",
        notes=update_values(setting.quantization)[1],
    )
    return built if "format" not in (found.get("data"), found.get("feature")) else _with_data_format(built)


def _with_data_format(plain: Instance) -> Instance:
    """The instance with the error variances and noise constants of a true format on its coordinates."""
    quantization = plain.setting.quantization
    evaluation = plain.evaluation(Floats())
    lam, target2 = evaluation.sequence(s.lam[s.i]), evaluation.sequence(s.target2[s.i])
    found = data_values(quantization, lam, target2, float(plain.setting.noise_variance or 0))
    return replace(plain, values={**plain.values, **found[0]}, notes=(*plain.notes, found[1]))


def moments_of(setting: Setting, size: int | None) -> SketchedMoments:
    """Second moments of the sketched problem, one pass over S; of the rows for measured data.

    Those of the latest problem are kept up to M = 2000: a report asks for them with other levels and other training.
    """
    if isinstance(setting.spectrum, Data):
        return measured_moments(setting.spectrum, setting.sketch, size)
    assert setting.sketch is not None
    assert size is not None
    plain = setting.full_precision().replace(sketch=None, training=Training(steps=1, step_size=1), noise_variance=0)
    found = _moments if size > _KEPT_SIZE else _kept_moments
    return found(plain, setting.sketch, size, not commutes(setting))


def _moments(plain: Setting, sketch: GaussianSketch, size: int, general: bool) -> SketchedMoments:
    eigenvalues = unsketched_instance(plain).evaluation(Floats()).sequence(s.lam[s.i])
    target, prior = fixed_or_prior_target(plain)
    return sketched_moments(sketch, size, eigenvalues, target, prior, general)


_kept_moments = lru_cache(maxsize=1)(_moments)


def sketched_instance(setting: Setting, moments: SketchedMoments) -> Instance:
    """The instance behind a sketch, in the eigenbasis of Lam where Sigma commutes with it, of Sigma elsewhere."""
    found = setting.quantization.structures()
    levels = {slot: float(eps) for slot, eps in setting.quantization.epsilons().items()}
    if found.get("sketch") == "format":
        raise UnsupportedError("quantization.sketch: a true format on the sketch is not covered; use model = 'nominal'")
    if "format" in found.values() and setting.is_data:
        raise UnsupportedError("true number formats on measured data are not covered; use model = 'nominal'")
    values = {
        **_shared(setting),
        s.p: Fraction(moments.dimension),
        s.trace_H: moments.trace_H,
        s.model_error: moments.model_error,
    }
    commuting = commutes(setting)
    definitions = {**commuting_definitions(found, setting.risk_inputs), **_scales(setting)}
    general = None
    range_note: tuple[str, ...] = ()
    if commuting:
        values |= {s.lam: moments.lam, s.target2: moments.target2}
    else:
        format_error = None
        if found.get("feature") == "format":
            format_error, constants, range_note = sketched_feature_values(setting.quantization, moments)
            values |= constants
        elif found.get("data") == "format":
            format_error, constants, range_note = _data_format(setting, moments)
            values |= constants
        general = general_basis(moments, found, levels, format_error)
        values |= _general_values(moments, general, setting.risk_inputs)
        definitions |= GENERAL_DEFINITIONS
    if isinstance(moments, MeasuredMoments):
        values |= measured_values(setting, moments, general)
        range_note = (
            f"measured: sigma^2 = {moments.noise_variance:.6g}, sbar^2 = {values[s.sbar2]:.6g}, certified alpha = "
            f"{values[s.alpha]:.4g} (3 for Gaussian data), which makes the certified step size that much smaller",
        )
    built = Instance(
        setting=setting,
        size=moments.size,
        values=values,
        definitions=definitions,
        commuting=commuting,
        input="spectrum",
        sketched=moments,
        general=general,
        notes=_resolution_note(moments) + update_values(setting.quantization)[1] + range_note,
    )
    rotated = found.get("parameter") in ("elementwise", "format")
    if rotated:
        built.values[s.tau] = _ratio(moments, general, built)
    rounded = rotated or "format" in found.values() or isinstance(moments, MeasuredMoments)
    return replace(built, input="constants") if rounded else built


def _data_format(setting: Setting, moments: SketchedMoments) -> tuple[Matrix, dict[Any, Any], tuple[str, ...]]:
    """Sigma - Lam of a true data format in the eigenbasis of Lam, its constants and the note on its range."""
    plain = setting.full_precision().replace(sketch=None)
    spectrum = unsketched_instance(plain).evaluation(Floats()).sequence(s.lam[s.i])
    target, prior = fixed_or_prior_target(plain)
    assert setting.sketch is not None
    blocks = partial(setting.sketch.matrix_blocks, moments.dimension, moments.size)
    error, values, note = sketched_data_values(
        setting.quantization, moments, spectrum, target, prior, float(setting.noise_variance or 0), blocks
    )
    return error, values, (note,)


def _general_values(moments: SketchedMoments, general: GeneralBasis, risk_inputs: str) -> dict[Any, Any]:
    """The symbols of :func:`commuting_definitions` as numbers in the eigenbasis of Sigma."""
    clean = risk_inputs == "clean"
    excess = float(np.sum(general.cross)) + general.shrinkage
    energy = float(np.sum(moments.lam * moments.target2))
    return {
        s.mu: general.mu,
        s.lam: np.diag(general.covariance).copy(),
        s.feature_error: general.error,
        s.target2: general.target2,
        s.rotated_covariance: general.covariance,
        s.rotated_source: general.source,
        s.source_diagonal: np.diag(general.source).copy(),
        s.target_norm2: energy,
        s.excess: excess,
        s.cross: general.cross if clean else np.zeros(moments.size),
        s.shrinkage: general.shrinkage if clean else 0.0,
    }


def _ratio(moments: SketchedMoments, general: GeneralBasis | None, draft: Instance) -> float:
    """tau in the eigenbasis of Lam or Sigma."""
    if general is not None:
        return diagonal_ratio(general.vectors, general.mu)
    return diagonal_ratio(moments.vectors, draft.evaluation(Floats()).sequence(s.mu[s.i]))


def _resolution_note(moments: SketchedMoments) -> tuple[str, ...]:
    if not moments.unresolved:
        return ()
    return (f"{moments.unresolved} eigenvalues of S H S^T are below the resolution {moments.resolution:.2g} of float64",)


def instance(setting: Setting, size: int | None, moments: SketchedMoments | None = None) -> Instance:
    """The instance of a setting at one model size (None without a sketch).

    ``moments`` may be shared between settings that differ in quantization and training only.
    """
    setting, _ = resolve(setting)
    if setting.sketch is None and not setting.is_data:
        return unsketched_instance(setting)
    return sketched_instance(setting, moments or moments_of(setting, size))
