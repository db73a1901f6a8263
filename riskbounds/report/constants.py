"""The theorem of a report with its constants: statement, sides, abbreviations, and their numbers on this problem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from riskbounds import symbols as s
from riskbounds.display import Table
from riskbounds.display.prose import in_mathematics
from riskbounds.evaluation.printed import tex
from riskbounds.evaluation.result import BoundResult
from riskbounds.evaluation.statement import Statement, statement
from riskbounds.instance import instance, resolve
from riskbounds.numerics.floats import Floats
from riskbounds.report.document import Block, Formula, Paragraph, Section
from riskbounds.theorems.display import definition_equations, hypothesis_equations, side_equations, symbols
from riskbounds.theorems.noise import noise_constants
from riskbounds.theorems.sharp_pair import setting_noise
from riskbounds.theorems.theorem import Theorem, latex

_NAMED = (s.ad, s.av, s.adlow, s.kappa, s.h, s.k, s.phi, s.sigma_M2, s.sigma_q2, s.shrinkage, s.k_star)
_SEQUENCES = (s.A, s.Alow)
_LONGEST = 160
FORMAT = "format"


def theorem_section(result: BoundResult) -> Section:
    """Statement, the sides that were evaluated, hypotheses, abbreviations, and the constants of the last row."""
    theorem = result.theorem
    blocks: list[Block] = [
        Paragraph(
            text=f"{in_mathematics(theorem.title)} (name {theorem.name}, status {theorem.status}; {theorem.number}, "
            f"{theorem.citation.version})."
        ),
        Paragraph(text=in_mathematics(theorem.statement)),
    ]
    blocks += [Formula(tex=each.tex) for each in side_equations(theorem).values()]
    conditions = hypothesis_equations(theorem)
    if conditions:
        blocks.append(Paragraph(text="Hypotheses with a margin:"))
        blocks += [Formula(tex=each.tex) for each in conditions.values()]
    blocks.append(Paragraph(text="with"))
    blocks += [Formula(tex=each.tex) for each in definition_equations(theorem)]
    return Section(title="The theorem", blocks=[*blocks, *_constants(result)])


def _constants(result: BoundResult) -> list[Block]:
    """Numbers of the last row: those that the theorem's expressions use, and the noise constants slot by slot."""
    setting, _ = resolve(result.setting)
    if setting.dimension is None:
        return [Paragraph(text="In infinite dimension the constants are enclosed sums; they are not tabulated.")]
    stated = statement(result.theorem, instance(setting, setting.model_sizes[-1]))
    at = stated.at(Floats(), setting.training.steps[-1])
    rows = []
    for symbol in (*_NAMED, *_SEQUENCES):
        if not _used(stated, symbol):
            continue
        name, _, meaning = s.MEANINGS[symbol]
        if symbol in _SEQUENCES:
            values = np.asarray(at.sequence(symbol[s.i]), dtype=float)
            low, high = float(values.min()), float(values.max())
            shown = tex(low, 5) if low == high else f"{tex(low, 5)} to {tex(high, 5)}"
            rows.append([f"${name}_i$", shown, in_mathematics(meaning)])
        else:
            rows.append([f"${name}$", tex(float(at.scalar(symbol)), 5), in_mathematics(meaning)])
    where = f"N = {setting.training.steps[-1]}" + ("" if stated.instance.size is None else f", M = {stated.instance.size}")
    caption = f"Constants of the theorem at ${where}$, in float64."
    table = Table(caption=caption, columns=["Symbol", "Value", "Meaning"], rows=rows, left=3)
    slots = _slot_constants(result, stated)
    return [table, _symbols(result.theorem, [each.formula for each in slots], rows), *_slots(slots)]


def _symbols(theorem: Theorem, formulas: Sequence[sp.Expr], tabulated: Sequence[Sequence[str]]) -> Table:
    """The symbols of the theorem and of its noise constants that the table of constants leaves out."""
    rows = []
    for symbol, (name, domain, meaning) in symbols(theorem, formulas):
        shown = f"${name}_{{i,j}}$" if symbol == s.gram else f"${name}_i$" if isinstance(symbol, sp.IndexedBase) else f"${name}$"
        if shown not in {row[0] for row in tabulated}:
            rows.append([shown, in_mathematics(domain), in_mathematics(meaning)])
    return Table(
        caption="The other symbols of the theorem and of its noise constants.",
        columns=["Symbol", "Domain", "Meaning"],
        rows=rows,
        left=3,
    )


def _used(stated: Statement, symbol: Any) -> bool:
    """Whether a symbol occurs in the sides, in a definition or as one."""
    if symbol in stated.definitions:
        return True
    trees: list[sp.Basic] = [term for terms in stated.sides.values() if terms is not None for term in terms.values()]
    trees += [sp.sympify(value) for value in stated.definitions.values()]
    return any(symbol in tree.free_symbols for tree in trees)


@dataclass(frozen=True, kw_only=True)
class _SlotConstant:
    """What a slot adds to one noise constant: its number, and its formula in the moments of the feature scale."""

    slot: str
    symbol: sp.Basic
    value: float
    formula: sp.Expr
    source: str


def _slot_constants(result: BoundResult, stated: Statement) -> list[_SlotConstant]:
    setting = stated.instance.setting
    noise = stated.noise
    if noise is None:
        return []
    readable = noise.slots
    if result.theorem.noise is setting_noise and FORMAT not in setting.quantization.structures().values():
        readable = noise_constants(setting.quantization, sketched=setting.sketch is not None).slots
    return [
        _SlotConstant(
            slot=slot.slot, symbol=symbol, value=float(getattr(found, name)), formula=plain.batch(name), source=slot.source
        )
        for slot, plain, found in zip(noise.slots, readable, result.rows[-1].noise[:-1], strict=True)
        for name, symbol in (("A", s.A), ("ad", s.ad), ("av", s.av))
        if slot.batch(name) != 0
    ]


def _slots(constants: Sequence[_SlotConstant]) -> Sequence[Block]:
    """The table of what each slot adds to A, ad and av."""
    if not constants:
        return []
    rows = []
    for each in constants:
        written = latex(each.formula)
        formula = f"${written}$" if len(written) <= _LONGEST else "(long, left out)"
        rows.append([each.slot, f"${s.MEANINGS[each.symbol][0]}$", tex(each.value, 5), formula, each.source])
    caption = (
        "What each slot adds to the noise constants of a batch, the largest over $i$; "
        "$m_k$ is the $k$-th moment of the composed feature scale."
    )
    return [Table(caption=caption, columns=["Slot", "Constant", "Value", "Formula", "Source"], rows=rows, left=5)]
