"""True number formats in the slots of a setting: error variances and noise constants as numbers (theory section 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from riskbounds import symbols as s
from riskbounds.errors import HypothesisError, UnsupportedError
from riskbounds.quantization.constants import data_constants, feature_alpha, sketched_data_constants, with_dither
from riskbounds.quantization.formats import Format
from riskbounds.quantization.moments import CoordinateMoments, gaussian_moments
from riskbounds.quantization.rounding import levels
from riskbounds.quantization.slots import Quantization
from riskbounds.sketched import SketchedMoments, composed_error

Vector = np.ndarray[Any, np.dtype[np.float64]]
Blocks = Callable[[], Iterable[Vector]]
MOST_SATURATION = 1e-6


def formats_in(quantization: Quantization) -> dict[str, Format]:
    """The slots that hold a true format."""
    return {slot: level for slot, level in quantization.levels().items() if isinstance(level, Format)}


def update_values(quantization: Quantization) -> tuple[dict[Any, Any], tuple[str, ...]]:
    """eps and floor of formats in the label, parameter, activation and output slots, and their notes."""
    values: dict[Any, Any] = {}
    notes = []
    for slot, level in formats_in(quantization).items():
        if slot in s.FLOORS:
            found = levels(level)
            values[s.EPS[slot]] = found.relative_upper
            values[s.FLOORS[slot]] = found.additive_upper
            notes.append(f"{slot}: {found.note}")
    return values, tuple(notes)


def data_values(quantization: Quantization, lam: Vector, target2: Vector, noise_variance: float) -> tuple[dict[Any, Any], str]:
    """Constants of a true format on unsketched Gaussian coordinates, additive feature errors after it included, and a note."""
    slot, level = next(iter((slot, f) for slot, f in formats_in(quantization).items() if slot in ("data", "feature")))
    moments = gaussian_moments(level, np.sqrt(lam))
    refuse_saturation(slot, level, moments)
    dither = quantization.feature
    if slot == "data" and dither is not None and not isinstance(dither, Format):
        moments = with_dither(moments, float(dither.eps))
    found = data_constants(moments, noise_variance, target2)
    values: dict[Any, Any] = {
        s.feature_error: moments.variance,
        s.alpha: found.alpha,
        s.format_A: found.upper,
        s.format_ad: found.slope,
        s.format_Alow: found.lower,
        s.format_adlow: found.lower_slope,
        s.format_label: found.label,
    }
    return values, range_note_of(slot, level, moments)


def sketched_data_values(
    quantization: Quantization,
    moments: SketchedMoments,
    spectrum: Vector,
    target: Vector,
    prior: bool,
    noise: float,
    blocks: Blocks,
) -> tuple[Vector, dict[Any, Any], str]:
    """A true data format behind a sketch, q = S Q(x): Sigma - Lam = S diag(E (Q(x)-x)^2) S^T in the eigenbasis of Lam, the
    constants, and a note.

    With u = S^T v^q = S^T Sigma^-1 b, b = S H w*, and g_i = s_i^T Sigma^-1 s_i over the columns s_i of S: E u_i^2 =
    s_i^T Sigma^-1 E[b b^T] Sigma^-1 s_i, E w*_i u_i = lam_i g_i E w*_i^2 for a prior, leverage_i = E Q(x_i)^2 g_i.

    Parameters
    ----------
    spectrum, target: eigenvalues of H and E w*_i^2 of a prior, else w* itself, shape (p,); blocks: S in column blocks, anew at
    each call.
    """
    level = quantization.data
    assert isinstance(level, Format)
    rounded = gaussian_moments(level, np.sqrt(spectrum))
    refuse_saturation("data", level, rounded)
    error, start = np.zeros((moments.size, moments.size)), 0
    for block in blocks():
        part = slice(start, start := start + block.shape[1])
        seen = moments.vectors.T @ block
        error += (seen * rounded.variance[part]) @ seen.T
    inverse = np.linalg.inv(np.diag(moments.lam) + error)
    second = inverse @ moments.source @ inverse
    own, coefficient2, product = (np.zeros(len(spectrum)) for _ in range(3))
    best = None if prior else inverse @ _image(moments, spectrum * target, blocks)
    start = 0
    for block in blocks():
        part = slice(start, start := start + block.shape[1])
        seen = moments.vectors.T @ block
        own[part] = np.sum(seen * (inverse @ seen), axis=0)
        coefficient2[part] = np.sum(seen * (second @ seen), axis=0)
        product[part] = spectrum[part] * own[part] * target[part] if best is None else target[part] * (best @ seen)
    found = sketched_data_constants(
        rounded, noise, target if prior else target**2, product, coefficient2, np.minimum(rounded.second * own, 1.0)
    )
    values: dict[Any, Any] = {
        s.alpha: found.alpha,
        s.format_A: np.full(moments.size, float(found.upper)),
        s.format_ad: found.slope,
        s.format_Alow: np.full(moments.size, float(found.lower)),
        s.format_adlow: found.lower_slope,
        s.format_label: np.full(moments.size, float(found.label)),
    }
    return error, values, range_note_of("data", level, rounded)


def _image(moments: SketchedMoments, weighted: Vector, blocks: Blocks) -> Vector:
    """S x in the eigenbasis of Lam."""
    image, start = np.zeros(moments.size), 0
    for block in blocks():
        image += block @ weighted[start : start + block.shape[1]]
        start += block.shape[1]
    return np.asarray(moments.vectors.T @ image)


def feature_moments(level: Format, covariance: Vector) -> CoordinateMoments:
    """Moments of a true feature format on sketched Gaussian features with this covariance."""
    moments = gaussian_moments(level, np.sqrt(np.diag(covariance)))
    refuse_saturation("feature", level, moments)
    return moments


def feature_values(moments: CoordinateMoments, covariance: Vector) -> dict[Any, Any]:
    """alpha and the label factor of a true feature format behind a sketch."""
    alpha, factor = feature_alpha(moments, covariance)
    return {s.alpha: alpha, s.label_factor: factor}


def refuse_saturation(slot: str, level: Format, moments: CoordinateMoments) -> None:
    """Saturation is biased: refuse where a coordinate leaves the format's range more often than once in a million."""
    worst = float(np.max(moments.overflow))
    if worst > MOST_SATURATION:
        raise HypothesisError(
            f"quantization.{slot}: format {level.name!r} saturates with probability {worst:.2g} per sample, which is biased; "
            "take a wider range or format, or a smaller problem.spectrum.scale"
        )


def range_note_of(slot: str, level: Format, moments: CoordinateMoments) -> str:
    """How often the format leaves its range or its normal numbers."""
    return (
        f"{slot}: {level.name} is continued beyond its range, left with probability {np.max(moments.overflow):.1g} per sample; "
        f"its smallest coordinate is subnormal with probability {np.max(moments.subnormal):.1g}"
    )


def sketched_feature_values(
    quantization: Quantization, moments: SketchedMoments
) -> tuple[Vector, dict[Any, Any], tuple[str, ...]]:
    """Sigma - Lam of a true feature format in the eigenbasis of Lam, its constants and the note on its range."""
    level, found = quantization.feature, quantization.structures()
    assert isinstance(level, Format)
    if "format" in (found.get("data"), found.get("sketch")):
        raise UnsupportedError(
            "quantization.feature: a true format after a true format of the data or the sketch has no formula here; "
            "use model = 'nominal' for one of them, or simulate"
        )
    before = {slot: kind for slot, kind in found.items() if slot in ("data", "sketch")}
    levels_before = {slot: float(eps) for slot, eps in quantization.epsilons().items()}
    covariance = moments.covariance + composed_error(moments, before, levels_before)
    rounded = feature_moments(level, covariance)
    return (
        moments.turned(np.diag(rounded.variance)),
        feature_values(rounded, covariance),
        (range_note_of("feature", level, rounded),),
    )
