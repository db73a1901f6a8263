"""One-pass SGD with a constant step size and iterate averaging from zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from riskbounds.problem.frozen import assign
from riskbounds.problem.numbers import Number, count, counts, real

BATCH_LIMIT = 10**9
"""Largest batch size."""


@dataclass(frozen=True, init=False)
class Training:
    """N averaged iterates v_0 .. v_{N-1} (`steps`, or a list of them), step size gamma, batch size B.

    Theory.md section 1. Raises ProblemError unless N >= 1, gamma > 0 and B >= 1.
    """

    steps: tuple[int, ...]
    step_size: Fraction
    batch_size: int

    def __init__(self, *, steps: int | float | str | Sequence[int], step_size: Number, batch_size: int = 1) -> None:
        """Read the parameters exactly and check them."""
        assign(
            self,
            steps=counts(steps, "training.steps"),
            step_size=real(step_size, "training.step_size", above=0),
            batch_size=count(batch_size, "training.batch_size", most=BATCH_LIMIT),
        )
