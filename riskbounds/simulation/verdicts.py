"""Verdicts on bounds: does a measured mean contradict them, agree with them, or say nothing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from riskbounds.evaluation.values import Measured, Simulated
from riskbounds.simulation.bands import Band
from riskbounds.simulation.result import SimulatedRow

Array = np.ndarray[Any, np.dtype[np.float64]]

CONSISTENT, VIOLATED, INCONCLUSIVE, OUTSIDE = "consistent", "violated", "inconclusive", "outside hypotheses"
WIDTH = 5.0
"""Half width of the interval around the mean, in standard errors."""
SLACK = 2.0
"""Standard errors by which a mean may be off when the runs that would decide are counted."""
RATE = 3e-7
"""Normal probability that the truth lies beyond one end of it, per row."""
LARGEST_SHARE = 0.05
"""A standard error is not trusted where one replica carries more of the variance than this."""
ROUNDING = 1e-9
"""Relative allowance for float64 where replicas do not differ at all (N = 1 with a fixed target)."""


def verdict(mean: float, stderr: float | None, runs: int, band: Band, doubt: str | None) -> tuple[str, tuple[str, ...]]:
    """The verdict on a band, and the notes that explain it; ``runs``: the replicas behind the mean.

    violated: a bound lies outside [mean - 5 stderr, mean + 5 stderr]; consistent: this interval lies inside the bounds there
    are; inconclusive: it overlaps an edge, or ``doubt`` says why the standard error is not to be trusted; outside hypotheses:
    a hypothesis of the theorem fails.
    """
    if band.refusal is not None:
        return OUTSIDE, (f"outside hypotheses: {band.refusal}",)
    if stderr is None or not np.isfinite(mean) or not np.isfinite(stderr):
        return INCONCLUSIVE, ("inconclusive: there is no standard error",)
    if doubt is not None:
        return INCONCLUSIVE, (f"inconclusive: {doubt}",)
    if band.lower is None and band.upper is None:
        return INCONCLUSIVE, ("inconclusive: neither side has a finite bound here",)
    half = WIDTH * stderr + ROUNDING * abs(mean)
    low = -np.inf if band.lower is None else float(band.lower)
    high = np.inf if band.upper is None else float(band.upper)
    one_sided = tuple(f"no {name} bound here" for name, value in (("lower", band.lower), ("upper", band.upper)) if value is None)
    rate = f"interval of {WIDTH:g} standard errors: the normal rate of a false violation is {RATE:g} per row"
    if low > mean + half or high < mean - half:
        return VIOLATED, (*one_sided, rate)
    slack = 2 * ROUNDING * abs(mean)
    if low - slack <= mean - half and mean + half <= high + slack:
        return CONSISTENT, (*one_sided, rate)
    exact = mean if band.exact is None else float(band.exact)
    room = min(abs(exact - low), abs(high - exact))
    return INCONCLUSIVE, (
        *one_sided,
        rate,
        f"inconclusive: the interval overlaps a bound; {_would_decide(room, mean, stderr, runs)}",
    )


def _would_decide(room: float, mean: float, stderr: float, runs: int) -> str:
    """The standard error, and the runs, with which the interval is likely to clear a bound at distance ``room``.

    The mean is within 2 standard errors of its limit in 95 % of all simulations: so 7 of them must fit.
    """
    if room <= ROUNDING * abs(mean):
        return "no number of runs decides, the risk lies on the bound"
    wanted = room / (WIDTH + SLACK)
    factor = (stderr / wanted) ** 2
    in_all = f", {math.ceil(runs * factor):,} in all" if runs > 1 else ""
    return f"a standard error of {wanted:.2g} is likely to decide: {max(factor, 1):.3g} times as many runs{in_all}"


def largest_share(values: Array) -> float:
    """The largest part of the sample variance that one value carries; 0 where all are equal up to rounding."""
    squares = (values - np.mean(values)) ** 2
    total = float(np.sum(squares))
    if total <= len(values) * (ROUNDING * float(np.mean(np.abs(values)))) ** 2:
        return 0.0
    return float(np.max(squares)) / total


def judged(
    steps: int, size: int | None, mean: Simulated | Measured, stderr: float | None, runs: int, band: Band, doubt: str | None
) -> SimulatedRow:
    """The row of a mean risk: the band it is held against, the verdict and all notes."""
    found, notes = verdict(float(mean), stderr, runs, band, doubt)
    return SimulatedRow(
        steps=steps,
        model_size=size,
        mean=mean,
        stderr=stderr,
        runs=runs,
        exact=band.exact,
        lower=band.lower,
        upper=band.upper,
        verdict=found,
        notes=(*notes, *band.notes),
    )


def doubt_of(values: Array) -> str | None:
    """Why the standard error of these values is not to be trusted, as far as they tell."""
    share = largest_share(values)
    if share > LARGEST_SHARE:
        share_of = (
            f"one of {len(values)} values carries {100 * share:.2g} % of the variance (more than {100 * LARGEST_SHARE:g} %)"
        )
        return f"{share_of}; about {math.ceil(len(values) * share / LARGEST_SHARE * 1.5):,} runs are likely to spread it"
    return None
