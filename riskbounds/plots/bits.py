"""Bits: what they leave of model size and data, and whether integers or floating point use them better."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from riskbounds.decisions import integer_or_floating
from riskbounds.decisions.bits import bit_rule
from riskbounds.decisions.formats import FormatChoice
from riskbounds.decisions.probe import single
from riskbounds.errors import HypothesisError, ProblemError, UnsupportedError
from riskbounds.evaluation import exact_risk
from riskbounds.evaluation.bounds import Progress
from riskbounds.evaluation.values import Value
from riskbounds.plots import style
from riskbounds.plots.curves import curves
from riskbounds.plots.provenance import provenance
from riskbounds.problem import Data, Explicit
from riskbounds.setting import Setting

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BITS = range(2, 17)


def effective_sizes(
    setting: Setting, ax: Axes | None = None, *, bits: Sequence[int] = _BITS, progress: Progress | None = None
) -> Axes:
    """Draw M_eff/M (an estimate) and N_eff/N (exact) against the bits that all quantized slots share.

    The bits of a slot are those of its structure (``riskbounds.decisions.bits``): integer bits, or stored mantissa bits.
    Raises ProblemError without quantization, UnsupportedError where neither size has a value.
    """
    given, (setting, notes) = setting, single(setting)
    levels = setting.quantization.levels()
    if not levels:
        raise ProblemError("no slot of [quantization] has a level: its bits cannot be turned")
    rules = [bit_rule(setting, slot) for slot in levels]
    changed = []
    for count in bits:
        turned = setting
        for rule in rules:
            turned = turned.replace(f"quantization.{rule.slot}", rule.level(count))
        changed.append((float(count), turned))
    found = curves(changed, ("effective.model_size/size", "effective.data_size/steps"), progress)
    size, data = found.values()
    gaps = [*size.gap("M_eff"), *data.gap("N_eff")]
    if size.empty and data.empty:
        raise UnsupportedError(f"no effective size can be drawn; {'; '.join(gaps)}")
    ax = style.axes(ax)
    if not size.empty:
        ax.plot(size.x, size.y, label=r"$M_{\mathrm{eff}}/M$ (estimate)", **style.CYCLE[1].line(markers=True))
    if not data.empty:
        ax.plot(data.x, data.y, label=r"$N_{\mathrm{eff}}/N$ (exact)", **style.CYCLE[0].line(markers=True))
    style.label(ax, x="bits of every quantized slot", y="effective size / size", log="",
                title=f"Effective sizes against bits, $N = {setting.training.steps[-1]}$" + _model(setting))  # fmt: skip
    style.legend(ax)
    common = dict.fromkeys(str(rule).partition(": ")[2] for rule in rules)
    kinds = "; ".join(common if len(common) == 1 else map(str, rules))
    if any(value > 1 for value in data.y):
        notes += ("N_eff > N: an additive floor makes the data term fall faster, and M_eff smaller",)
    rigor = [words for curve, words in ((data, "N_eff float64"), (size, "M_eff estimate")) if not curve.empty]
    style.foot(ax, provenance(given, rigor=rigor), *notes, kinds, *gaps)
    return ax


def formats(
    setting: Setting,
    ax: Axes | None = None,
    *,
    width: int = 8,
    dimensions: Sequence[int] = (25, 50, 100, 200, 400, 800),
    slots: Sequence[str] = ("data",),
    progress: Progress | None = None,
) -> Axes:
    """Draw integers against floating point of one width over the dimension d, as certified bands, beside P1's rule.

    Without a sketch, as in P1.  The foot names the certified winner at each d, where there is one.

    Raises
    ------
    ProblemError: an explicit or measured spectrum, which has no dimension to run over.
    HypothesisError: of ``bound``, with the dimension at which a hypothesis fails.
    """
    if isinstance(setting.spectrum, Explicit | Data):
        raise ProblemError("integers against floating point run over problem.spectrum.dimension: give a spectrum with that key")
    given, (setting, notes) = setting, single(_unsketched(setting))
    found = []
    for d in dimensions:
        if progress is not None:
            progress(f"dimension {d}")
        found.append((d, _chosen(setting.replace("problem.spectrum.dimension", d), width, slots)))
    plain = {d: exact_risk(setting.full_precision().replace("problem.spectrum.dimension", d))[0] for d in dimensions}
    whole = np.array([_float(plain[d]) for d in dimensions])
    ax = style.axes(ax)
    for name, side, mark in (("integers", "a", style.CYCLE[1]), ("floating point", "b", style.CYCLE[2])):
        risks = [getattr(choice.comparison, side).risk for _, choice in found]
        low, exact, high = (
            np.array([_float(getattr(risk, end)) for risk in risks]) / whole for end in ("lower", "exact", "upper")
        )
        ax.fill_between(dimensions, low, high, label=f"{name}, certified band", alpha=0.35, **mark.fill())
        ax.plot(dimensions, exact, label=f"{name}, exact", **mark.line(markers=True))
    ax.axhline(1.0, label="full precision", **style.EXACT.line())
    winners, rules = (_summary(found, which) for which in ("certified", "rule"))
    style.label(
        ax,
        x="$d$ (dimension)",
        y="risk over the exact risk in full precision",
        log="x",
        title=f"Integers or floating point, {width} bits in {', '.join(slots)}",
    )
    ax.set_xticks(list(dimensions), [str(d) for d in dimensions])
    ax.minorticks_off()
    style.legend(ax)
    style.foot(ax, provenance(given, rigor=["bounds float64"]), *notes, f"certified lower: {winners}", f"P1's rule: {rules}",
               "idealised structures: range and subnormals are left out")  # fmt: skip
    return ax


def _chosen(setting: Setting, width: int, slots: Sequence[str]) -> FormatChoice:
    """The comparison at one dimension; a failing hypothesis says at which."""
    try:
        return integer_or_floating(setting, width, slots=slots)
    except HypothesisError as error:
        raise HypothesisError(f"{width} bits at dimension {setting.dimension}: {error}") from None


def _unsketched(setting: Setting) -> Setting:
    """The problem without its sketch and the rounding of the sketch."""
    if setting.sketch is None:
        return setting
    return setting.replace(sketch=None, quantization=setting.quantization.without("sketch"))


def _summary(found: Sequence[tuple[int, FormatChoice]], which: str) -> str:
    """Runs of dimensions with the same answer, such as "integer d = 25..100"."""
    runs: list[list[object]] = []
    for d, choice in found:
        answer = getattr(choice, which) or ("undecided" if which == "certified" else "does not apply")
        if runs and runs[-1][0] == answer:
            runs[-1][2] = d
        else:
            runs.append([answer, d, d])
    return ", ".join(f"{answer} at d = {low}" + ("" if low == high else f" .. {high}") for answer, low, high in runs)


def _model(setting: Setting) -> str:
    return "" if setting.model_sizes[-1] is None else f", $M = {setting.model_sizes[-1]}$"


def _float(value: Value | None) -> float:
    return float("nan") if value is None else float(value)
