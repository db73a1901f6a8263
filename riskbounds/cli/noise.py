"""The noise constants of a theorem, scheme by scheme and slot by slot, for `riskbounds show`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sympy as sp

from riskbounds import symbols as s
from riskbounds.cli.plain import plain
from riskbounds.display.formula import displayed
from riskbounds.display.markup import escape
from riskbounds.theorems import display
from riskbounds.theorems.noise import Condition, NoiseConstants, SlotConstants
from riskbounds.theorems.theorem import latex

Schemes = Mapping[str, NoiseConstants]

#: Fields of a slot: what it adds for one sample, and for each of the other samples of the batch.
ONE_SAMPLE = ("A1", "ad1", "av1", "A1low", "adlow1")
BETWEEN = ("A_between", "ad_between", "av_between", "Alow_between")
HEADING = (
    "A slot adds A1, ad1, av1, A1low, adlow1 for one sample and the _between parts for each of the other B - 1 samples; "
    "A = (sum of A1 + (B - 1) sum of A_between)/B over the slots, ad, av, Alow, adlow likewise."
)


def parts(slot: SlotConstants, noise: NoiseConstants) -> dict[str, sp.Expr]:
    """Return the constants of a slot that are not 0, the lower ones only where the noise has a lower side."""
    names = [name for name in (*ONE_SAMPLE, *BETWEEN) if noise.Alow is not None or "low" not in name]
    return {name: value for name in names if (value := getattr(slot, name)) != 0}


def expressions(schemes: Schemes) -> Iterator[sp.Basic]:
    """Yield every expression of the schemes."""
    for noise in schemes.values():
        for slot in noise.slots:
            yield from parts(slot, noise).values()
        for symbol, total in noise.definitions().items():
            yield from (sp.sympify(symbol), total)
        for condition in noise.hypotheses:
            yield from (sp.sympify(condition.lhs), sp.sympify(condition.rhs))


def as_dict(schemes: Schemes) -> dict[str, Any]:
    """Return the schemes as JSON values."""
    return {
        scheme: {
            "slots": [
                {"slot": slot.slot, "structure": slot.structure, "source": slot.source}
                | {name: str(value) for name, value in parts(slot, noise).items()}
                for slot in noise.slots
            ],
            **{str(symbol): str(value) for symbol, value in noise.definitions().items()},
            "conditions": [
                {"name": each.name, "lhs": str(each.lhs), "relation": each.relation, "rhs": str(each.rhs)}
                for each in noise.hypotheses
            ],
        }
        for scheme, noise in schemes.items()
    }


def as_lines(noise: NoiseConstants) -> Iterator[str]:
    """Yield the slots of one scheme, what else the scheme defines and the conditions on the levels as text."""
    for slot in noise.slots:
        constants = ", ".join(f"{name} = {plain(value)}" for name, value in parts(slot, noise).items())
        yield f"{slot.slot}, {slot.structure} ({slot.source}): {constants or 'nothing'}"
    for symbol, value in _others(noise).items():
        yield f"{symbol} = {plain(value)}"
    for each in noise.hypotheses:
        yield f"condition, {each.name}: {inequality(each)}"


def as_equations(noise: NoiseConstants) -> Iterator[str]:
    """Yield the same as LaTeX lines."""
    for slot in noise.slots:
        yield f"% {slot.slot}: {slot.source}"
        for name, value in parts(slot, noise).items():
            yield displayed(rf"\texttt{{{escape(name)}}} = {latex(value)}")
    for symbol, value in noise.definitions().items():
        yield displayed(f"{latex(display.indexed(symbol))} = {latex(value)}")
    for each in noise.hypotheses:
        yield displayed(display.inequality(each).tex)


def inequality(each: Condition) -> str:
    """Return a hypothesis as text."""
    return f"{plain(each.lhs)} {each.relation} {plain(each.rhs)}"


def _others(noise: NoiseConstants) -> dict[Any, sp.Expr]:
    """Return the definitions beside the totals over the slots and the exponent, which is the problem's."""
    totals = {s.A, s.ad, s.av, s.Alow, s.adlow, s.a}
    return {symbol: value for symbol, value in noise.definitions().items() if symbol not in totals}
