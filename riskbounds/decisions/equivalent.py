"""The risk without drawing a sketch: its deterministic equivalent, an estimate (theory section 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from riskbounds import symbols as s
from riskbounds.decisions.sketch_spectrum import equivalent_spectrum
from riskbounds.evaluation.effective import equivalent_error
from riskbounds.evaluation.grid import bound_grid
from riskbounds.instance import unsketched_instance
from riskbounds.numerics.floats import Floats
from riskbounds.problem import Explicit, ExplicitTarget, Training
from riskbounds.quantization import STRUCTURES, Additive, Elementwise, Multiplicative, Quantization, Structure
from riskbounds.setting import Setting

Vector = np.ndarray[Any, np.dtype[np.float64]]
Levels = Mapping[str, Structure]


@dataclass(frozen=True)
class Equivalent:
    """Estimates of R(vbar_N) - sigma^2/2 behind a Gaussian sketch of any size M <= p, for a power law.

    A(M) + the middle of the sharp pair on a problem without sketch: the equivalent eigenvalues of S H S^T with the target's
    energy in them (:mod:`riskbounds.decisions.sketch_spectrum`), noise sigma^2 + 2 A(M), the sketch's error folded into the
    features: floors eps_f + eps_s (tr H + p eps_d) + eps_d p/M, or scales, or eps tr H/M.
    """

    setting: Setting

    @cached_property
    def _spectrum(self) -> tuple[Vector, Vector]:
        plain = unsketched_instance(self.setting.full_precision().replace(sketch=None)).evaluation(Floats())
        return plain.sequence(s.lam[s.i]), plain.sequence(s.target2[s.i])

    def model_error(self, size: int) -> float:
        """A(M), zero at M = p."""
        lam, target2 = self._spectrum
        return 0.0 if size >= len(lam) else equivalent_error(lam, target2, size)

    def risks(self, size: int, steps: Sequence[int], levels: Sequence[Levels]) -> Vector:
        """Estimates at one M, one for each pair of a number of steps and the levels of all slots; nan where no bound holds."""
        error = self.model_error(size)
        folded = [self._folded(size, each) for each in levels]
        sigma2 = self.setting.noise_variance
        assert sigma2 is not None
        lam, target2 = self._spectrum
        eigenvalues, energies = equivalent_spectrum(lam, lam * target2, size)
        problem = Setting(
            spectrum=Explicit(eigenvalues.tolist()),
            target=ExplicitTarget(np.sqrt(energies / eigenvalues).tolist()),
            noise_variance=sigma2,
            risk_inputs=self.setting.risk_inputs,
            training=Training(steps=1, step_size=self.setting.training.step_size, batch_size=self.setting.training.batch_size),
            quantization=Quantization(**folded[0], batch_scale=self.setting.quantization.batch_scale),
        )
        over: dict[str, Vector] = {
            "training.steps": np.array([float(count) for count in steps]),
            "problem.noise_variance": np.full(len(steps), float(sigma2) + 2 * error),
        }
        for slot in problem.quantization.levels():
            over[f"quantization.{slot}"] = np.array([float(each[slot].eps) for each in folded])
        grid = bound_grid(problem, over)
        return np.asarray(error + (grid.lower + grid.upper) / 2)

    def _folded(self, size: int, levels: Levels) -> dict[str, Structure]:
        """Levels of the problem without a sketch."""
        found = {slot: level for slot, level in levels.items() if slot not in ("data", "sketch", "feature")}
        lam, dimension = self._spectrum[0], len(self._spectrum[0])
        trace = Fraction(float(np.sum(lam)))
        floor, scale = Fraction(0), Fraction(1)
        data = levels.get("data")
        if isinstance(data, Additive):
            floor, before = data.eps * dimension / size, trace + dimension * data.eps
        else:
            scale = 1 + data.eps if data is not None else Fraction(1)
            before = scale * trace
        for slot in ("sketch", "feature"):
            level = levels.get(slot)
            if isinstance(level, Additive):
                floor += level.eps * (before if slot == "sketch" else 1)
            elif isinstance(level, Multiplicative):
                floor, scale = floor * (1 + level.eps), scale * (1 + level.eps)
            elif isinstance(level, Elementwise):
                floor += level.eps * (scale * trace / size + floor)
        kind = STRUCTURES["elementwise" if isinstance(data, Elementwise) else "multiplicative"]
        if scale > 1:
            found["data"] = kind(scale - 1)
        if floor > 0:
            found["feature"] = Additive(floor)
        return found
