"""The pictures of `plot`, by kind."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING

from riskbounds.cli.decisions import watched
from riskbounds.errors import ProblemError, UnsupportedError
from riskbounds.evaluation import bound
from riskbounds.plots import style
from riskbounds.plots.bits import effective_sizes, formats
from riskbounds.plots.laws import LawLine, law_lines
from riskbounds.plots.regime_plane import regime_map
from riskbounds.plots.risk_curve import risk
from riskbounds.plots.sensitivity import batch_size, slots, step_size
from riskbounds.plots.spectra import spectrum
from riskbounds.plots.term_budget import terms
from riskbounds.problem.numbers import count
from riskbounds.setting import Setting
from riskbounds.simulation import SimulatedRow, check, simulate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PLAIN: dict[str, Callable[[Setting], Axes]] = {
    "spectrum": spectrum,
    "regimes": regime_map,
    "effective-sizes": effective_sizes,
    "step-size": step_size,
    "batch-size": batch_size,
    "slots": slots,
    "formats": formats,
}
"""Pictures that a setting alone determines; `risk` and `terms` take a theorem, too."""


def draw(options: Namespace) -> str:
    """Draw one picture, write it, and return its name with what it was made from."""
    style.checked_ending(options.out, style.SUFFIXES)
    for option, kinds in (("results", ("risk",)), ("runs", ("risk",)), ("theorem", ("risk", "terms"))):
        if getattr(options, option) is not None and options.kind not in kinds:
            raise ProblemError(f"--{option} belongs to the picture {' or '.join(kinds)}, not to {options.kind}")
    setting = Setting.from_file(options.file, options.set)
    with watched("plot") as progress:
        if progress is not None:
            progress(f"{options.kind} of {options.file}")
        ax = PLAIN[options.kind](setting) if options.kind in PLAIN else _of_bound(options, setting)
        made = style.save(ax, options.out)
    return f"{options.out}: {made}"


def _of_bound(options: Namespace, setting: Setting) -> Axes:
    result = bound(setting, options.theorem)
    if options.kind == "terms":
        return terms(result)
    simulated: tuple[SimulatedRow, ...] = ()
    measured: tuple[SimulatedRow, ...] = ()
    if options.runs is not None:
        runs, seed = count(options.runs, "--runs"), count(options.seed, "--seed", least=0)
        simulated = simulate(setting, runs=runs, seed=seed).rows
    if options.results is not None:
        measured = check(setting, options.results).rows
    seeds = [f"replica seed {options.seed}"] if simulated else []
    return risk(result, laws=_laws(setting), simulated=simulated, measured=measured, seeds=seeds)


def _laws(setting: Setting) -> tuple[LawLine, ...]:
    """The law of the setting where one covers it: a picture without it is still whole."""
    try:
        return law_lines(setting)
    except UnsupportedError:
        return ()
