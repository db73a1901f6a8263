"""Effective sizes as numbers of an instance (theory section 6, "As numbers of an instance")."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import flint
import numpy as np
from scipy.optimize import brentq

from riskbounds import symbols as s
from riskbounds.errors import HypothesisError
from riskbounds.evaluation.exact_model import exact_model
from riskbounds.evaluation.exact_values import ExactRisks
from riskbounds.evaluation.result import Effective
from riskbounds.evaluation.values import Estimate, ExactValue
from riskbounds.exact import log_slope, matching_steps, matching_steps_digits
from riskbounds.exact.model import SecondMomentModel
from riskbounds.instance import Instance, unsketched_instance
from riskbounds.instance import instance as make_instance
from riskbounds.numerics.digits import Digits
from riskbounds.numerics.enclosures import Enclosures
from riskbounds.numerics.floats import Floats
from riskbounds.numerics.numbers import Array, Numbers

Vector = np.ndarray[Any, np.dtype[np.float64]]
_FLOAT_BITS = 20
_SOURCE = "theory section 6"


def equivalent_penalty(eigenvalues: Vector, size: float) -> float:
    """kappa_M with sum_i lam_i/(lam_i + kappa_M) = M, the deterministic equivalent's penalty; 0 < M < p."""
    lam = eigenvalues

    def excess(log_penalty: float) -> float:
        return float(np.sum(lam / (lam + math.exp(log_penalty)))) - size

    top = float(np.log(np.sum(lam) / size))
    low = top
    while excess(low) < 0:
        low -= 5.0
        if low < -690:
            return 0.0
    return math.exp(brentq(excess, low, top + 1e-9, xtol=1e-14, rtol=1e-14))


def equivalent_error(eigenvalues: Vector, target2: Vector, size: float) -> float:
    """A(M) = 1/2 sum_i kappa_M lam_i E w*_i^2/(lam_i + kappa_M), the sketch's error in the deterministic equivalent.

    For an isotropic target this is kappa_M M/2.
    """
    return float(_error_at(equivalent_penalty(eigenvalues, size), eigenvalues, target2))


def _error_at(penalty: Any, lam: Array, target2: Array) -> Any:
    """1/2 sum_i kappa lam_i E w*_i^2/(lam_i + kappa), nondecreasing in the penalty kappa."""
    return (penalty * lam * target2 / (lam + penalty)).sum() / 2


def _size_at(penalty: Any, lam: Array) -> Any:
    """sum_i lam_i/(lam_i + kappa)."""
    return (lam / (lam + penalty)).sum()


def penalty_of(eigenvalues: Vector, target2: Vector, error: float) -> float:
    """The penalty whose equivalent error is ``error``; infinite or 0 where none is that large or small."""

    def gap(log_penalty: float) -> float:
        return float(_error_at(math.exp(log_penalty), eigenvalues, target2)) - error

    if gap(690.0) <= 0:
        return math.inf
    if gap(-690.0) >= 0:
        return 0.0
    return math.exp(brentq(gap, -690.0, 690.0, xtol=1e-13, rtol=1e-14))


def enclosed_size(lam: Array, target2: Array, error: flint.arb, near: float, bits: int) -> flint.arb | None:
    """A^{-1}(error), the model size whose equivalent error is ``error``, as a ball: Newton from the float64 penalty ``near``.

    The signs of the error's excess on both sides of the root are certain, or the answer is None.
    """
    penalty = flint.arb(near)
    for _ in range(max(1, math.ceil(math.log2(bits / _FLOAT_BITS))) + 1):
        slope = (lam * lam * target2 / (lam + penalty) ** 2).sum() / 2
        penalty = (penalty - (_error_at(penalty, lam, target2) - error) / slope).mid()
    for exponent in range(20, bits, 10):
        width = flint.arb(2) ** (exponent - bits)
        low, high = penalty * (1 - width), penalty * (1 + width)
        if bool(_error_at(low, lam, target2) < error) and bool(_error_at(high, lam, target2) > error):
            return _size_at(low.union(high), lam)
    return None


def model_size(item: Instance, numbers: Numbers | None = None) -> Any:
    """M_eff = M A^{-1}(Approx + s/2)/A^{-1}(Approx): an estimate; None without a sketch, M where nothing is shrunk.

    A float in float64 (the default), a ball where ``numbers`` are enclosures, to their precision.
    """
    if item.sketched is None or item.size is None or item.setting.is_data or item.setting.sketch is None:
        return None
    plain = unsketched_instance(item.setting.full_precision().replace(sketch=None))
    floats = plain.evaluation(Floats())
    lam, target2 = floats.sequence(s.lam[s.i]), floats.sequence(s.target2[s.i])
    floor, error = _errors(item, Floats())
    near = [penalty_of(lam, target2, value) for value in (floor, error)]
    if not isinstance(numbers, Enclosures):
        return float(item.size) if floor == error else item.size * float(_size_at(near[0], lam) / _size_at(near[1], lam))
    errors = _errors(item, numbers)
    if bool(errors[0] == errors[1]):
        return flint.arb(item.size)
    if any(penalty in (0.0, math.inf) for penalty in near):
        return None
    balls = plain.evaluation(numbers)
    lam, target2 = balls.sequence(s.lam[s.i]), balls.sequence(s.target2[s.i])
    sizes = [enclosed_size(lam, target2, error, start, numbers.bits) for error, start in zip(errors, near, strict=True)]
    return None if sizes[0] is None or sizes[1] is None else item.size * sizes[0] / sizes[1]


def _errors(item: Instance, numbers: Numbers) -> tuple[Any, Any]:
    """Approx + s/2 and Approx."""
    evaluation = item.evaluation(numbers)
    return evaluation.scalar(s.approximation) + evaluation.scalar(s.shrinkage) / 2, evaluation.scalar(s.model_error)


@dataclass(frozen=True)
class DataSizes:
    """N_eff of an instance at the N of its setting; the full-precision problem is built once."""

    risks: ExactRisks

    def _plain(self, numbers: Numbers) -> SecondMomentModel:
        item = self.risks.instance
        with numbers.working():
            return exact_model(make_instance(item.setting.full_precision(), item.size, item.sketched), numbers)

    @cached_property
    def _floats(self) -> SecondMomentModel:
        return self._plain(Floats())

    @cached_property
    def _balls(self) -> SecondMomentModel:
        return self._plain(self.risks.wide)

    def at(self, steps: int) -> float | None:
        """The largest real N' at which the problem with every eps = 0 has the same data term; None without exact risk.

        The data term is risk - (Approx + s/2), the distance to the limit N -> infinity.
        """
        if self.risks.reason is not None:
            return None
        if not self.risks.instance.setting.quantization.levels():
            return float(steps)
        try:
            return matching_steps(self._floats, self.risks.data_terms[steps])
        except HypothesisError:
            return None

    def digits_at(self, steps: int, digits: int) -> flint.arb | None:
        """The same root to ``digits`` digits, next to the one that float64 finds."""
        near = self.at(steps)
        if near is None or not self.risks.instance.setting.quantization.levels():
            return None if near is None else flint.arb(steps)
        slope = log_slope(self._floats, near)
        return matching_steps_digits(self._balls, self.risks.data_term_balls[steps], near, slope, digits)


@dataclass(frozen=True)
class EffectiveSizes:
    """M_eff and N_eff of the rows of one model size, in the number system of the answer."""

    data_sizes: DataSizes
    shown: Numbers

    def at(self, steps: int) -> tuple[Effective, list[str]]:
        """The sizes at one N and notes on what is null.

        Enclosures have M_eff; N_eff is the largest of the roots of a function that is not known to be monotone, and no
        enclosure certifies that there is none above, so that it is null with a note (in full precision it is N itself).
        """
        size, data = self._model_size, self._data_size(steps)
        quantized = bool(self.data_sizes.risks.instance.setting.quantization.levels())
        notes = []
        if isinstance(self.shown, Enclosures) and quantized and self.data_sizes.risks.reason is None:
            notes.append("effective.data_size is null: no enclosure certifies the largest root; ask for --digits instead")
        rigor = self.data_sizes.risks.instance.rigor(self.shown.label)
        return Effective(
            model_size=None if size is None else Estimate(value=size, rigor=f"estimate, {rigor}", source=_SOURCE),
            data_size=None if data is None else ExactValue(value=data, rigor=rigor, source=_SOURCE),
        ), notes

    @cached_property
    def _model_size(self) -> Any:
        item = self.data_sizes.risks.instance
        if isinstance(self.shown, Floats) or item.sketched is None:
            return model_size(item)
        balls = self.shown if isinstance(self.shown, Enclosures) else self.data_sizes.risks.wide
        with balls.working():
            found = model_size(item, balls)
            return found if found is None or not isinstance(self.shown, Digits) else self.shown.from_ball(found)

    def _data_size(self, steps: int) -> Any:
        if isinstance(self.shown, Floats):
            return self.data_sizes.at(steps)
        if isinstance(self.shown, Digits):
            found = self.data_sizes.digits_at(steps, self.shown.digits)
            return None if found is None else self.shown.from_ball(found)
        quantized = self.data_sizes.risks.instance.setting.quantization.levels()
        return None if quantized or self.data_sizes.risks.reason is not None else flint.arb(steps)
