"""True number formats on sketched features beside the papers' nominal models (theory section 2).

diag(S H S^T) does not decay, so the rounding error of a float format is of the same size in every coordinate: an additive floor,
where the papers' model multiplies the whole vector by one scale.  Two things are kept apart: how far the nominal level is off
(its worst case 2^-2m/4 is 2.8 times the error of a Gaussian coordinate of normal numbers; subnormal ones add to it), and which
structure is right, both at the format's own error.  Without a sketch the coordinates decay and the model holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from riskbounds.experiments.agreement import agreement
from riskbounds.experiments.cases import Case, Table
from riskbounds.experiments.panels import Panel
from riskbounds.instance import moments_of
from riskbounds.plots import style
from riskbounds.plots.series import Series, lines
from riskbounds.problem import GaussianSketch, Isotropic, PowerLaw, Training
from riskbounds.quantization import STRUCTURES, Additive, Multiplicative, Quantization
from riskbounds.quantization.formats import FORMATS, Format, nominal
from riskbounds.quantization.moments import gaussian_moments
from riskbounds.setting import Setting
from riskbounds.simulation import measure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS_SHOWN = ("e4m3", "e5m2", "e2m1", "int8", "int4", "mxfp4")
_FLOATS = ("e4m3", "e5m2", "e2m1")
_SIZES = (8, 16, 32, 64, 128)
_STEPS = 30_000
_ACCURACY = 0.015
_RANGE = 8
_ROWS = 4000
_OWN = {"scale": "one scale", "floor": "additive floor"}
_PLAIN_STEPS = (100, 316, 1000, 3162, 10_000)


def _sketched(quantization: Quantization | None, sizes: Sequence[int] = _SIZES) -> Setting:
    """lam_i = i^-2, p = 1000, isotropic target, sigma = 1, gamma = 0.2, B = 1, N = 30 000 behind a Gaussian sketch."""
    return Setting(
        spectrum=PowerLaw(exponent=2, dimension=1000),
        target=Isotropic(),
        noise_variance=1,
        sketch=GaussianSketch(size=sizes, seed=0),
        training=Training(steps=_STEPS, step_size="0.2"),
        quantization=quantization,
    )


def _plain(quantization: Quantization | None) -> Setting:
    """lam_i = i^-3/2 without a sketch, p = 200, gamma = 0.05, against N."""
    return Setting(
        spectrum=PowerLaw(exponent="3/2", dimension=200),
        target=Isotropic(),
        noise_variance=1,
        training=Training(steps=_PLAIN_STEPS, step_size="0.05"),
        quantization=quantization,
    )


def _format(name: str) -> Format:
    return Format(name, range=_RANGE if FORMATS[name].kind == "integer" else None)


def _model(name: str) -> Any:
    """The papers' structure at the nominal eps of a format."""
    level = _format(name)
    _, eps = nominal(level)
    return STRUCTURES[FORMATS[name].papers_structure](eps)


@cache
def _error(name: str, size: int) -> float:
    """Mean over the sketched coordinates of E (Q(z_i) - z_i)^2, z Gaussian: from the format's moments, for blocks measured."""
    moments = moments_of(_sketched(None), size)
    level = _format(name)
    if level.kind != "block":
        deviations = np.sqrt(moments.vectors**2 @ moments.lam)
        return float(np.mean(gaussian_moments(level, deviations).variance))
    normal = np.random.default_rng(0).standard_normal((_ROWS, size))
    return float(np.mean(measure(level, (normal * np.sqrt(moments.lam)) @ moments.vectors.T, draws=2).error))


def _own(name: str, size: int) -> dict[str, Any]:
    """Both structures with the error energy of the format itself: one scale for the whole vector, and white."""
    error = _error(name, size)
    found = {"floor": Additive(error)}
    if FORMATS[name].kind == "integer":
        return found
    return {**found, "scale": Multiplicative(error * size / float(np.sum(moments_of(_sketched(None), size).lam)))}


def cases() -> list[Case]:
    """Per format behind a sketch: the truth, the papers' model, and both structures at the format's own error; then the float
    formats without a sketch.
    """
    found = [Case(label="full precision", setting=_sketched(None), accuracy=None)]
    for name in FORMATS_SHOWN:
        truth = _sketched(Quantization(feature=_format(name)))
        found.append(Case(label=f"{name}, true", setting=truth, accuracy=_ACCURACY))
        found.append(Case(label=f"{name}, model", setting=_sketched(Quantization(feature=_model(name))), accuracy=None))
        for size in _SIZES:
            for kind, level in _own(name, size).items():
                setting = _sketched(Quantization(feature=level), [size])
                found.append(Case(label=f"{name}, {kind}", setting=setting, accuracy=None))
    found.append(Case(label="full precision, no sketch", setting=_plain(None), accuracy=None))
    for name in _FLOATS:
        found.append(Case(label=f"{name}, true, no sketch", setting=_plain(Quantization(data=_format(name)))))
        found.append(Case(label=f"{name}, model, no sketch", setting=_plain(Quantization(data=_model(name))), accuracy=None))
    return found


def panels(tables: list[Table]) -> list[Panel]:
    """One panel per format behind a sketch, one for the float formats without."""
    labelled: dict[str, list[Table]] = {}
    for table in tables:
        labelled.setdefault(table.case.label, []).append(table)
    return [*(_sketched_panel(name, labelled) for name in FORMATS_SHOWN), _plain_panel(labelled)]


def _sketched_panel(name: str, labelled: dict[str, list[Table]]) -> Panel:
    full, truth, model = (labelled[label][0] for label in ("full precision", f"{name}, true", f"{name}, model"))
    own = {kind: labelled.get(f"{name}, {kind}", []) for kind in _OWN}
    papers = FORMATS[name].papers_structure
    mean, unit = truth.column("mean"), 1 / full.column("exact")
    eps = float(nominal(_format(name))[1])
    series = [
        truth.series("model_size", f"{name}, simulated").scaled(unit),
        _line(model.column("exact") * unit, f"{papers} model,\n" + rf"nominal $\epsilon$ = {eps:.3g}"),
    ]
    facts: dict[str, Any] = {
        "sizes": list(_SIZES),
        "steps": _STEPS,
        "own_mean_square_error": [_error(name, size) for size in _SIZES],
        "simulated_over_full_precision": _ratio(mean, full.column("exact")),
        "simulated_over_model": _ratio(mean, model.column("exact")),
        "agreement": agreement(truth),
        "notes": sorted({row.notes for row in truth.rows if row.notes}),
    }
    says = f"simulated / {papers} model at nominal eps {_extremes(facts['simulated_over_model'])}"
    for kind, tables in own.items():
        if tables:
            exact = np.array([float(table.rows[0].exact or np.nan) for table in tables])
            series.append(_line(exact * unit, f"{_OWN[kind]},\nthe format's own error"))
            facts[f"simulated_over_{kind}"] = _ratio(mean, exact)
            says += f", / {_OWN[kind]} of its own error {_extremes(facts[f'simulated_over_{kind}'])}"
    title = f"{name} on sketched features: $a$ = 2, $p$ = 1,000, $N$ = {_STEPS:,}"
    y = f"{style.RISK} over full precision"
    draw = partial(lines, series, x=style.MODEL_SIZE, y=y, title=title, log="x")
    used = tuple(table for tables in own.values() for table in tables)
    return Panel(name=f"true-formats-{name}", tables=(full, truth, model, *used), draw=draw, facts=facts, says=says)


def _line(exact: Any, label: str) -> Series:
    """Exact values of a model against M, without band and simulation; there are none where the second moment diverges."""
    empty, x = np.full(len(exact), np.nan), np.array([float(size) for size in _SIZES])
    if np.isnan(exact[-1]):
        label += f"\n(diverges beyond $M$ = {x[np.isfinite(exact)][-1]:g})"
    return Series(label=label, x=x, lower=empty, exact=exact, upper=empty, mean=empty, stderr=empty)


def _plain_panel(labelled: dict[str, list[Table]]) -> Panel:
    truths, models = (
        [labelled[f"{name}, {which}, no sketch"][0] for name in _FLOATS] for which in ("true", "model")
    )  # fmt: skip
    ratios = {
        name: _ratio(truth.column("mean"), model.column("exact"))
        for name, truth, model in zip(_FLOATS, truths, models, strict=True)
    }
    series = [
        truth.series("steps", name).scaled(1 / model.column("exact"))
        for name, truth, model in zip(_FLOATS, truths, models, strict=True)
    ]
    facts = {
        "simulated_over_model": ratios,
        "agreement": {name: agreement(truth) for name, truth in zip(_FLOATS, truths, strict=True)},
    }
    says = "; ".join(f"{name}: simulated / multiplicative model {_extremes(found)}" for name, found in ratios.items())
    return Panel(
        name="true-formats-unsketched",
        tables=(labelled["full precision, no sketch"][0], *truths, *models),
        draw=partial(_draw_plain, series),
        facts=facts,
        says=says,
    )


def _draw_plain(series: Sequence[Series]) -> Axes:
    title = "Float formats on the data, no sketch: truth over the multiplicative model"
    ax = lines(series, x=style.STEPS, y="risk, true format / multiplicative model", title=title, log="x")
    ax.axhline(1.0, label="the model is right", **style.LAW.line())
    style.legend(ax)
    return ax


def _ratio(above: Any, below: Any) -> list[float]:
    found: list[float] = (above / below).tolist()
    return found


def _extremes(values: list[float]) -> str:
    return f"{min(values):.3g} to {max(values):.3g}"
