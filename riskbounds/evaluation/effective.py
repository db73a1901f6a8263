"""Effective sizes as numbers of an instance (theory section 6, "As numbers of an instance")."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.optimize import brentq

from riskbounds import symbols as s
from riskbounds.errors import HypothesisError
from riskbounds.evaluation.exact_model import exact_model
from riskbounds.evaluation.exact_values import ExactRisks
from riskbounds.exact import matching_steps
from riskbounds.exact.model import SecondMomentModel
from riskbounds.instance import Instance, unsketched_instance
from riskbounds.instance import instance as make_instance
from riskbounds.numerics.floats import Floats

Vector = np.ndarray[Any, np.dtype[np.float64]]


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
    penalty = equivalent_penalty(eigenvalues, size)
    return float(np.sum(penalty * eigenvalues * target2 / (eigenvalues + penalty))) / 2


def equivalent_size(eigenvalues: Vector, target2: Vector, error: float) -> float:
    """A^{-1}(error): the model size whose equivalent error is ``error``, by bisection on the penalty."""
    lam = eigenvalues

    def gap(log_penalty: float) -> float:
        penalty = math.exp(log_penalty)
        return float(np.sum(penalty * lam * target2 / (lam + penalty))) / 2 - error

    if gap(690.0) <= 0:
        return 0.0
    if gap(-690.0) >= 0:
        return float(len(lam))
    penalty = math.exp(brentq(gap, -690.0, 690.0, xtol=1e-13, rtol=1e-14))
    return float(np.sum(lam / (lam + penalty)))


def model_size(item: Instance) -> float | None:
    """M_eff = M A^{-1}(Approx + s/2)/A^{-1}(Approx): an estimate; None without a sketch, M where nothing is shrunk."""
    if item.sketched is None or item.size is None or item.setting.is_data or item.setting.sketch is None:
        return None
    clean = item.evaluation(Floats())
    floor = clean.scalar(s.approximation) + clean.scalar(s.shrinkage) / 2
    error = clean.scalar(s.model_error)
    if floor == error:
        return float(item.size)
    plain = unsketched_instance(item.setting.full_precision().replace(sketch=None)).evaluation(Floats())
    eigenvalues, target2 = plain.sequence(s.lam[s.i]), plain.sequence(s.target2[s.i])
    reference = equivalent_size(eigenvalues, target2, error)
    return item.size * equivalent_size(eigenvalues, target2, floor) / reference


@dataclass(frozen=True)
class DataSizes:
    """N_eff of an instance at the N of its setting; the full-precision problem is built once."""

    risks: ExactRisks

    @cached_property
    def _plain(self) -> SecondMomentModel:
        item = self.risks.instance
        return exact_model(make_instance(item.setting.full_precision(), item.size, item.sketched), Floats())

    def at(self, steps: int) -> float | None:
        """The largest real N' at which the problem with every eps = 0 has the same data term; None without exact risk.

        The data term is risk - (Approx + s/2), the distance to the limit N -> infinity.
        """
        if self.risks.reason is not None:
            return None
        if not self.risks.instance.setting.quantization.levels():
            return float(steps)
        try:
            return matching_steps(self._plain, self.risks.data_terms[steps])
        except HypothesisError:
            return None
