"""The pictures of `plot`, by kind."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING

from riskbounds.cli.decisions import watched
from riskbounds.errors import ProblemError
from riskbounds.evaluation import bound
from riskbounds.evaluation.bounds import Progress
from riskbounds.plots import style
from riskbounds.plots.bits import effective_sizes, formats
from riskbounds.plots.laws import laws_or_reason
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

PLAIN: dict[str, Callable[..., Axes]] = {"spectrum": spectrum, "regimes": regime_map, "slots": slots}
"""Pictures that a setting alone determines; `risk` and `terms` take a theorem, too."""
LONG: dict[str, Callable[..., Axes]] = {
    "effective-sizes": effective_sizes,
    "step-size": step_size,
    "batch-size": batch_size,
    "formats": formats,
}
"""The same for pictures of many points, which tell how far they are."""


def draw(options: Namespace) -> str:
    """Draw one picture, write it, and return its name with what it was made from."""
    style.checked_ending(options.out, style.SUFFIXES)
    for option, kinds in (("results", ("risk",)), ("runs", ("risk",)), ("theorem", ("risk", "terms"))):
        if getattr(options, option) is not None and options.kind not in kinds:
            raise ProblemError(f"--{option} belongs to the picture {' or '.join(kinds)}, not to {options.kind}")
    setting = Setting.from_file(options.file, options.set)
    with watched(f"plot {options.kind}") as progress:
        say = progress or (lambda _: None)
        say("reading the problem")
        if options.kind in LONG:
            ax = LONG[options.kind](setting, progress=say)
        else:
            ax = PLAIN[options.kind](setting) if options.kind in PLAIN else _of_bound(options, setting, say)
        say("writing the file")
        made = style.save(ax, options.out)
    return f"{options.out}: {made}"


def _of_bound(options: Namespace, setting: Setting, say: Progress) -> Axes:
    result = bound(setting, options.theorem, progress=say)
    if options.kind == "terms":
        return terms(result)
    simulated: tuple[SimulatedRow, ...] = ()
    measured: tuple[SimulatedRow, ...] = ()
    if options.runs is not None:
        runs, seed = count(options.runs, "--runs"), count(options.seed, "--seed", least=0)
        simulated = simulate(setting, runs=runs, seed=seed, progress=lambda done: say(f"simulated {done:.0%}")).rows
    if options.results is not None:
        measured = check(setting, options.results).rows
    seeds = [f"replica seed {options.seed}"] if simulated else []
    say("scaling law")
    laws, reason = laws_or_reason(setting)
    return risk(result, laws=laws, simulated=simulated, measured=measured, seeds=seeds, remarks=reason)
