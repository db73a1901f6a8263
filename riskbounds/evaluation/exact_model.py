"""The second-moment model of an instance, for the exact risk, or the reason why there is none (theory section 3, table)."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from riskbounds import symbols as s
from riskbounds.exact.model import (
    Array,
    ErrorFunctional,
    IndependentCoordinates,
    ScaleMixture,
    SecondMomentModel,
    Slot,
)
from riskbounds.instance import Instance, in_numbers
from riskbounds.numerics.evaluate import Evaluation
from riskbounds.numerics.numbers import Numbers

UPDATE_SLOTS = ("label", "parameter", "activation", "output", "storage")


def missing(instance: Instance) -> str | None:
    """Why this instance has no exact risk, None if it has one."""
    setting, found = instance.setting, instance.setting.quantization.structures()
    noises = setting.quantization.noises()
    rounded = [slot for slot, kind in found.items() if kind == "format"]
    if rounded:
        return f"exact is null: true number format on {rounded[0]}"
    features = [slot for slot in ("sketch", "data", "feature") if slot in found]
    if instance.size is None:
        return "exact is null: infinite dimension"
    if setting.is_data:
        return "exact is null: measured data are not Gaussian"
    if any(found[slot] == "additive" and noises[slot] in ("uniform", "triangular") for slot in features):
        return "exact is null: uniform or triangular dither on features"
    if setting.sketch is None:
        kinds = {found[slot] for slot in features}
        return "exact is null: common scales and elementwise errors on the features together" if _both(kinds) else None
    if noises.get("sketch") == "entrywise":
        return "exact is null: entrywise sketch error"
    rough = [slot for slot in (*features, "parameter") if found.get(slot) == "elementwise"]
    return f"exact is null: elementwise {rough[0]} errors behind a sketch" if rough else None


def _both(kinds: set[str]) -> bool:
    return {"elementwise", "multiplicative"} <= kinds


def exact_model(instance: Instance, numbers: Numbers) -> SecondMomentModel:
    """The model in a number system; call :func:`missing` first."""
    evaluation = instance.evaluation(numbers)
    setting, index = instance.setting, s.i
    found = setting.quantization.structures()
    mu = evaluation.sequence(s.mu[index])
    b2 = mu**2 * evaluation.sequence(s.quantized_target2[index])
    full = instance.general is not None and setting.risk_inputs == "clean"
    elementwise = any(found.get(slot) == "elementwise" for slot in ("data", "feature"))
    return SecondMomentModel(
        step_size=evaluation.scalar(s.step),
        batch=setting.training.batch_size,
        mu=mu,
        b2=b2,
        residual=evaluation.scalar(s.sigma_q2),
        features=_independent(instance, evaluation) if elementwise else _mixture(instance, evaluation, numbers),
        error=ErrorFunctional(
            approximation=evaluation.scalar(s.approximation),
            shrinkage=evaluation.scalar(s.shrinkage),
            cross=evaluation.sequence(s.cross[index]),
            weights=_matrix(instance.general.covariance, numbers)
            if full and instance.general
            else evaluation.sequence(s.risk_weight[index]),
        ),
        slots={slot: Slot(structure=found[slot], eps=evaluation.scalar(s.EPS[slot])) for slot in UPDATE_SLOTS if slot in found},
        batch_scale=setting.quantization.batch_scale,
        gram=_matrix(instance.general.source, numbers) if full and instance.general else None,
    )


def _matrix(matrix: np.ndarray[Any, Any], numbers: Numbers) -> Array:
    return in_numbers(matrix, numbers)


def _mixture(instance: Instance, evaluation: Evaluation, numbers: Numbers) -> ScaleMixture:
    """Conditional variances given the common scales: S_f^2 (S_s^2 base_i(S_d) + floor_s) + floor_f."""
    found, noises = instance.setting.quantization.structures(), instance.setting.quantization.noises()
    common = [slot for slot in ("data", "sketch", "feature") if found.get(slot) == "multiplicative"]
    eps = {slot: evaluation.scalar(s.EPS[slot]) for slot in ("data", "sketch", "feature")}
    one = evaluation.scalar(s.B) / evaluation.scalar(s.B)
    base = evaluation.sequence(s.lam[s.i])
    if instance.general is not None:
        base = numbers.from_float64(instance.general.base)
    elif found.get("data") == "additive":
        base = base + eps["data"]
    trace = evaluation.scalar(s.trace_H)
    if "data" in found:
        trace = trace + eps["data"] * (evaluation.scalar(s.p) if found["data"] == "additive" else trace)
    floor_s = eps["sketch"] * trace if found.get("sketch") == "additive" else 0 * one
    floor_f = eps["feature"] if found.get("feature") == "additive" else 0 * one
    probabilities, signals, variances = [], [], []
    for chosen in product(*(_scale_nodes(eps[slot], noises[slot], numbers, one) for slot in common)):
        scale = dict(zip(common, (value for _, value in chosen), strict=True))
        weight = one
        for probability, _ in chosen:
            weight = weight * probability
        d, sk, f = (scale.get(slot, one) for slot in ("data", "sketch", "feature"))
        probabilities.append(weight)
        signals.append(d * sk * f)
        variances.append(f * f * (sk * sk * (d * d * base) + floor_s) + floor_f)
    return ScaleMixture(
        probabilities=_stack(probabilities), signal=_stack(signals), variances=np.array(variances, dtype=base.dtype)
    )


def _stack(items: list[Any]) -> Array:
    return np.array(items, dtype=float if isinstance(items[0], float) else object)


def _scale_nodes(eps: Any, noise: str, numbers: Numbers, one: Any) -> list[tuple[Any, Any]]:
    """(probability, value) of a scale: 1 +- sqrt eps, or the Gauss-Hermite rule that shares five moments with N(1, eps)."""
    if noise == "two-point":
        spread = numbers.sqrt(eps)
        return [(one / 2, one - spread), (one / 2, one + spread)]
    spread = numbers.sqrt(3 * eps)
    return [(one / 6, one - spread), (2 * one / 3, one), (one / 6, one + spread)]


def _independent(instance: Instance, evaluation: Evaluation) -> IndependentCoordinates:
    """Moments of (q_i, z_i) through independent scales and Gaussian dither, layer by layer, without a sketch."""
    found, noises = instance.setting.quantization.structures(), instance.setting.quantization.noises()
    clean = evaluation.sequence(s.lam[s.i])
    second, fourth, third, mixed = clean, 3 * clean**2, 3 * clean**2, 3 * clean**2
    for slot in ("data", "feature"):
        eps = evaluation.scalar(s.EPS[slot])
        if found.get(slot) == "additive":
            fourth = fourth + 6 * eps * second + 3 * eps**2
            third = third + 3 * eps * clean
            mixed = mixed + eps * clean
            second = second + eps
        elif slot in found:
            flat = 3 if noises[slot] == "gaussian" else 1
            fourth = fourth * (1 + 6 * eps + flat * eps**2)
            third = third * (1 + 3 * eps)
            mixed = mixed * (1 + eps)
            second = second * (1 + eps)
    return IndependentCoordinates(
        clean=clean, target2=evaluation.sequence(s.target2[s.i]), fourth=fourth, third=third, mixed=mixed
    )
