"""How every picture looks: roles, cycle and fills that survive grey print and colour blindness; axes, foot, files.

The colours are Okabe and Ito's, paler where they fill an area. Each comes with a dash pattern, marker or hatch of its own,
so that no colour is needed.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskbounds.errors import MissingExtraError, ProblemError
from riskbounds.plots.provenance import Provenance
from riskbounds.setting import Setting

try:
    from matplotlib import pyplot, rc_context
    from matplotlib.ticker import LogFormatterSciNotation
except ModuleNotFoundError as error:
    raise MissingExtraError("drawing pictures", "plot") from error

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

RISK = r"$R(\bar v_N) - \sigma^2/2$"
QUANTIZED_RISK = r"$R^q(\bar v_N) - \sigma^2/2$"
STEPS = r"$N$ (averaged iterates)"
MODEL_SIZE = r"$M$ (model size)"
FOOT_WIDTH = 140
SUFFIXES = (".png", ".svg", ".pdf")

#: Settings of matplotlib in force while axes are made and files are written; the same file for the same picture.
RC: Any = {
    "figure.figsize": (7.2, 4.2),
    "figure.dpi": 110,
    "savefig.dpi": 200,
    "font.size": 9.5,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.6,
    "lines.markersize": 4.5,
    "hatch.linewidth": 0.7,
    "svg.hashsalt": "riskbounds",
}


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A colour with the dash pattern, marker and hatch that tell it from the others in grey."""

    color: str
    dashes: Any = "-"
    marker: str = ""
    hatch: str = ""

    def line(self, *, markers: bool = False) -> dict[str, Any]:
        """Keywords of ``Axes.plot``."""
        shown = {"marker": self.marker, "markerfacecolor": "white"} if markers and self.marker else {}
        return {"color": self.color, "linestyle": self.dashes, **shown}

    def points(self) -> dict[str, Any]:
        """Keywords of ``Axes.errorbar`` for measured points without a connecting line."""
        return {"color": self.color, "linestyle": "none", "marker": self.marker, "markerfacecolor": "white", "capsize": 2.5}

    def fill(self) -> dict[str, Any]:
        """Keywords of ``Axes.bar``, ``fill_between`` and ``pcolormesh`` legends."""
        return {"facecolor": self.color, "hatch": self.hatch, "edgecolor": "#333333", "linewidth": 0.5}


BLACK, ORANGE, SKY, GREEN, YELLOW = "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILLION, PURPLE, GREY = "#0072B2", "#D55E00", "#CC79A7", "#999999"

#: What a line is, the same in every picture.
EXACT = Mark(color=BLACK)
UPPER = Mark(color=VERMILLION, dashes="--")
LOWER = Mark(color=BLUE, dashes="-.")
SIMULATED = Mark(color=GREEN, marker="o")
MEASURED = Mark(color=PURPLE, marker="D")
LAW = Mark(color=PURPLE, dashes=":")
FIT = Mark(color=ORANGE, dashes=(0, (6, 1.5)))
BAND: Any = {"facecolor": "#d9d9d9", "edgecolor": "none", "alpha": 0.8}

#: Series of equal rank, in order: darkness, dashes, marker and hatch all differ between neighbours.
CYCLE = (
    Mark(color=BLACK, dashes="-", marker="o", hatch=""),
    Mark(color=VERMILLION, dashes="--", marker="s", hatch="///"),
    Mark(color=BLUE, dashes="-.", marker="^", hatch="\\\\\\"),
    Mark(color=GREEN, dashes=":", marker="D", hatch="..."),
    Mark(color=PURPLE, dashes=(0, (5, 1)), marker="v", hatch="xxx"),
    Mark(color=SKY, dashes=(0, (3, 1, 1, 1, 1, 1)), marker="P", hatch="---"),
    Mark(color=ORANGE, dashes=(0, (1, 1)), marker="X", hatch="++"),
    Mark(color=GREY, dashes=(0, (8, 2)), marker="*", hatch="|||"),
)
#: Areas of equal rank: light enough for black hatches and letters on top.
FILLS = (
    Mark(color="#ffffff", hatch=""),
    Mark(color="#bfe0f5", hatch="///"),
    Mark(color="#f7d58a", hatch="\\\\\\"),
    Mark(color="#9fd8c4", hatch="..."),
    Mark(color="#ecc6d9", hatch="xxx"),
    Mark(color="#f7f2a8", hatch="---"),
    Mark(color="#f0b48a", hatch="++"),
    Mark(color="#d0d0d0", hatch="|||"),
)


def cycle(place: int) -> Mark:
    """The mark of the series at this place, counted from 0; after the last the first again."""
    return CYCLE[place % len(CYCLE)]


def axes(ax: Axes | None = None, *, size: tuple[float, float] | None = None) -> Axes:
    """The axes to draw on: the given ones, or those of a new figure of this size in inches."""
    if ax is not None:
        return ax
    # outside of rc_context: the first figure of a notebook switches its backend on, which the context would undo
    figure = pyplot.figure(figsize=size or RC["figure.figsize"], dpi=RC["figure.dpi"], layout="constrained")
    with rc_context(RC):
        return figure.add_subplot()


def risk_of(setting: Setting) -> str:
    """The risk that a problem asks for, on clean or on quantized inputs."""
    return QUANTIZED_RISK if setting.risk_inputs == "quantized" else RISK


def pair(*, size: tuple[float, float]) -> tuple[Axes, Axes]:
    """Two axes side by side in a new figure of this size in inches, with one vertical scale."""
    with rc_context(RC):
        _, (left, right) = pyplot.subplots(1, 2, figsize=size, layout="constrained", sharey=True)
    return left, right


class _Decades(LogFormatterSciNotation):
    """Powers of ten, and plain numbers such as 0.2 where an axis spans less than two decades, which are short."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        written = str(super().__call__(x, pos))
        assert self.axis is not None
        low, high = sorted(self.axis.get_view_interval())
        plain = written and 1e-4 <= low < high <= 1e5 and high < 100 * low
        return f"{x:.6g}" if plain else written


def label(ax: Axes, *, x: str, y: str, title: str = "", log: str = "xy") -> None:
    """Name both axes and the picture; ``log`` holds the axes that are logarithmic."""
    for name in log:
        (ax.set_xscale if name == "x" else ax.set_yscale)("log")
        axis = ax.xaxis if name == "x" else ax.yaxis
        axis.set_major_formatter(_Decades())
        axis.set_minor_formatter(_Decades(labelOnlyBase=False))
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    if title:
        ax.set_title(title)


def legend(ax: Axes, *, title: str | None = None, handles: Sequence[Artist] | None = None) -> None:
    """Explain the colours beside the picture, where no line can run through the words."""
    chosen: Any = {} if handles is None else {"handles": list(handles)}
    with rc_context(RC):
        ax.legend(title=title, loc="center left", bbox_to_anchor=(1.01, 0.5), handlelength=3.2, **chosen)


def foot(ax: Axes, made: Provenance, *notes: str) -> None:
    """Write notes, and what the picture was made from, under it; the line goes into the file's metadata, too."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    text = "\n".join(textwrap.fill(each, FOOT_WIDTH) for each in [*notes, made.line()])
    figure.supxlabel(text, fontsize=6.5, color="#444444", ha="left", x=0.01)
    figure.set_label(made.line())


_WORDS = {".png": "Description", ".svg": "Description", ".pdf": "Subject"}
_UNDATED: dict[str, dict[str, Any]] = {".png": {}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}


def save(ax: Axes, path: str | os.PathLike[str]) -> str:
    """Write the figure of these axes as .png, .svg or .pdf, without a date, and close it; return its provenance line.

    Raises
    ------
    ProblemError: another ending, or a place that cannot be written.
    """
    try:
        return render(ax, {checked_ending(path, SUFFIXES)[1:]: path})
    except OSError as error:
        raise ProblemError(f"cannot write {os.fspath(path)}: {error.strerror or error}") from None


def render(ax: Axes, targets: Mapping[str, Any]) -> str:
    """Write the figure of these axes to a path or stream per format (png, svg, pdf) and close it; return its provenance."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    line = str(figure.get_label())
    try:
        with rc_context(RC):
            for kind, target in targets.items():
                figure.savefig(target, format=kind, metadata={_WORDS[f".{kind}"]: line, **_UNDATED[f".{kind}"]})
                figure.set_layout_engine("none")  # the layout found for the first file serves the others
    finally:
        pyplot.close(figure)
    return line


def checked_ending(path: str | os.PathLike[str], endings: Sequence[str], option: str = "--out") -> str:
    """The ending of a file name given to an option; ProblemError unless it is one of these in an existing folder."""
    ending = os.path.splitext(os.fspath(path))[1].lower()
    if ending not in endings:
        raise ProblemError(f"{option} {os.fspath(path)}: the name must end in {', '.join(endings[:-1])} or {endings[-1]}")
    folder = os.path.dirname(os.fspath(path)) or "."
    if not os.path.isdir(folder):
        raise ProblemError(f"{option} {os.fspath(path)}: there is no folder {folder}")
    return ending
