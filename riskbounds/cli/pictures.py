"""The pictures of `plot`, by kind."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING

from riskbounds.errors import ProblemError, UnsupportedError
from riskbounds.evaluation import bound
from riskbounds.plots import style
from riskbounds.plots.bits import effective_sizes, formats
from riskbounds.plots.laws import LawLine, law_lines
from riskbounds.plots.regime_map import regime_map
from riskbounds.plots.risk import risk
from riskbounds.plots.sensitivity import batch_size, slots, step_size
from riskbounds.plots.spectrum import spectrum
from riskbounds.plots.terms import terms
from riskbounds.setting import Setting

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
    for option in ("results", "theorem"):
        if getattr(options, option) is not None and options.kind in PLAIN:
            raise ProblemError(f"--{option} belongs to the picture risk, not to {options.kind}")
    setting = Setting.from_file(options.file, options.set)
    ax = PLAIN[options.kind](setting) if options.kind in PLAIN else _of_bound(options, setting)
    return f"{options.out}: {style.save(ax, options.out)}"


def _of_bound(options: Namespace, setting: Setting) -> Axes:
    result = bound(setting, options.theorem)
    if options.kind == "terms":
        return terms(result)
    return risk(result, laws=_laws(setting))


def _laws(setting: Setting) -> tuple[LawLine, ...]:
    """The law of the setting where one covers it: a picture without it is still whole."""
    try:
        return law_lines(setting)
    except UnsupportedError:
        return ()
