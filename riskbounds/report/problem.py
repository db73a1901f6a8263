"""The problem of a report in words and symbols."""

from __future__ import annotations

from typing import Any

import sympy as sp

from riskbounds import symbols as s
from riskbounds.evaluation.tables import meaning_of_risk
from riskbounds.instance import unsketched_instance
from riskbounds.problem import Data, Isotropic, Ones, Sample, Source
from riskbounds.problem.numbers import text_of
from riskbounds.quantization import Structure
from riskbounds.report.document import Block, Formula, Items, Paragraph, Section
from riskbounds.setting import Setting
from riskbounds.theorems.display import equation


def problem_section(setting: Setting) -> Section:
    """Data, target, sketch, training and quantizers, and the table of every key."""
    data = Paragraph(text=" ".join([_data(setting), _sketch(setting), _training(setting)]))
    return Section(
        title="The problem",
        blocks=[data, *_formulas(setting), *_quantizers(setting), Paragraph(text=_ending(setting)), setting.table()],
    )


def _data(setting: Setting) -> str:
    spectrum = setting.spectrum
    if isinstance(spectrum, Data):
        return (
            f"Measured data: {spectrum.samples} rows with {spectrum.dimension} columns, centred; the population is their "
            "empirical distribution, target and noise are those of least squares."
        )
    dimension = "infinite dimension" if spectrum.dimension is None else f"dimension $p = {spectrum.dimension}$"
    kinds = {Isotropic: "a prior on the target", Source: "a source condition on the target", Ones: "the target $w^*_i = 1$",
             Sample: "one drawn target"}  # fmt: skip
    target = kinds.get(type(setting.target), "a given target")
    return (
        f"Gaussian data of mean 0 in {dimension}, label $y = \\langle w^*, x \\rangle + \\xi$ with "
        f"$\\sigma^2 = {_text(setting.noise_variance)}$, and {target}."
    )


def _sketch(setting: Setting) -> str:
    if setting.sketch is None:
        return "There is no sketch: $S = I$, $M = p$."
    sizes = ", ".join(map(str, setting.sketch.size))
    return (
        f"Features $z = S x$ with a Gaussian sketch $S$ of $M = {sizes}$ rows, entries $N(0, 1/M)$, seed {setting.sketch.seed}."
    )


def _training(setting: Setting) -> str:
    training = setting.training
    steps = ", ".join(map(str, training.steps))
    return (
        f"SGD from zero in one pass, step size $\\gamma = {_text(training.step_size)}$, batch size $B = {training.batch_size}$; "
        f"the output is the average of $N$ iterates, $N = {steps}$."
    )


def _formulas(setting: Setting) -> list[Block]:
    """The spectrum and the target's prior from their definitions, constants put in where they are short."""
    if setting.is_data:
        return []
    item = unsketched_instance(setting.full_precision().replace(sketch=None))
    found: list[Block] = []
    for base in (s.lam, s.target2):
        definition = item.definitions.get(base)
        if definition is not None:
            values = {symbol: sp.Rational(value.numerator, value.denominator) for symbol, value in item.values.items()
                      if symbol in sp.sympify(definition).free_symbols}  # fmt: skip
            found.append(Formula(tex=equation(base[s.i], sp.sympify(definition).xreplace(values)).tex))
    return found


def _quantizers(setting: Setting) -> list[Block]:
    levels = setting.quantization.levels()
    if not levels:
        return [Paragraph(text="Every quantizer is exact: full precision.")]
    lines = []
    for slot, level in levels.items():
        symbol = s.MEANINGS[s.EPS[slot]][0]
        if isinstance(level, Structure):
            lines.append(f"{slot}: {level.structure} error of level ${symbol} = {_text(level.eps)}$, {level.noise}")
        else:
            lines.append(f"{slot}: number format {level.name}, {level.rounding} rounding, {level.model} model")
    return [Paragraph(text="Quantized slots, each unbiased with draws independent of the past:"), Items(texts=lines)]


def _ending(setting: Setting) -> str:
    return f"{meaning_of_risk(setting.echo())}. Every key of the problem, defaults filled in:"


def _text(value: Any) -> str:
    return text_of(value) if value is not None else ""
