"""One coefficient of the noise table times 1.01, in memory, and a line of its derivation is refused.

The table (theorems/noise_rows.py, theorems/noise.py, model.scale_moments) is changed before a private copy of the derivation's
file reads it, so a derivation that typed a coefficient again would not notice and fail here.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace

import pytest
import sympy as sp
from riskbounds.derivations.noise_parts import CONSTANTS, ROW, UNCENTRED
from riskbounds.derivations.noise_scales import NOISES

from riskbounds import model
from riskbounds.proofs import Derivation, check
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import Additive, Elementwise, Multiplicative
from riskbounds.theorems import noise, noise_rows

FACTOR = sp.Rational(101, 100)
#: File and name of a derivation -> the table's function that it reads.
ROWS = {
    ("noise_additive", "noise_additive"): (noise_rows, "additive_row"),
    ("noise_dither", "noise_dither"): (noise_rows, "additive_row"),
    ("noise_multiplicative", "noise_multiplicative"): (noise_rows, "multiplicative_row"),
    ("noise_elementwise", "noise_elementwise"): (noise_rows, "elementwise_row"),
    ("noise_moment", "noise_moment"): (noise, "moment_row"),
}
GENERIC = (
    (Quantization(data=Additive("0.1"), feature=Elementwise("0.1")), True),
    (Quantization(data=Additive("0.1"), feature=Multiplicative("0.1")), False),
)
UPDATES = (
    Quantization(),
    Quantization(**dict.fromkeys(("label", "parameter", "activation", "output"), Multiplicative("0.1")), batch_scale="shared"),
    Quantization(**dict.fromkeys(("label", "parameter", "activation", "output"), Additive("0.1"))),
    Quantization(**dict.fromkeys(("label", "parameter", "activation", "output"), Elementwise("0.1"))),
)
TOTALS = ("A", "ad", "av", "Alow", "adlow")


def copy_of(file: str):
    """The derivation's file, run again on what the table says now."""
    spec = importlib.util.find_spec(f"riskbounds.derivations.{file}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def scaled(make: Callable, name: str) -> tuple[Callable, list]:
    """The function with one constant of what it returns times 1.01, and what it has changed."""
    changed = []

    def other(*arguments, **options):
        row = make(*arguments, **options)
        value = getattr(row, name)
        if value is None or value == 0:
            return row
        changed.append(value)
        return replace(row, **{name: FACTOR * value})

    return other, changed


def refused(derivation: Derivation) -> bool:
    return check(replace(derivation, witness=None)).verdict not in ("proved", "enclosed")


@pytest.mark.parametrize("constant", CONSTANTS)
@pytest.mark.parametrize("place", list(ROWS), ids=lambda place: place[0])
def test_rows(place, constant, monkeypatch):
    (file, attribute), (module, function) = place, ROWS[place]
    make, changed = scaled(getattr(module, function), constant)
    monkeypatch.setattr(module, function, make)
    derivation = getattr(copy_of(file), attribute)
    if changed:
        assert refused(derivation)


@pytest.mark.parametrize("constant", CONSTANTS)
@pytest.mark.parametrize("case", range(len(GENERIC)))
def test_generic_row(case, constant, monkeypatch):
    quantization, sketched = GENERIC[case]
    make, changed = scaled(noise_rows.generic_row, constant)
    monkeypatch.setattr(noise_rows, "generic_row", make)
    if constant == "spread_low":
        derivation = copy_of("noise_squares").noise_squares
    else:
        derivation = copy_of("noise_generic").noise_generic(quantization, sketched=sketched)
    if changed:
        assert refused(derivation)


@pytest.mark.parametrize("total", TOTALS)
@pytest.mark.parametrize("row", [ROW, UNCENTRED], ids=["centred", "uncentred"])
@pytest.mark.parametrize("case", range(len(UPDATES)))
def test_update(case, row, total, monkeypatch):
    make, changed = scaled(noise.assemble, total)
    monkeypatch.setattr(noise, "assemble", make)
    derivation = copy_of("noise_update").noise_update(UPDATES[case], sketched=False, row=row)
    assert changed or row is UNCENTRED
    if changed:
        assert refused(derivation)


@pytest.mark.parametrize("moment", [2, 3, 4])
def test_scale_moments(moment, monkeypatch):
    make = model.scale_moments
    monkeypatch.setattr(
        model,
        "scale_moments",
        lambda noises: {key: FACTOR * value if n == moment else value for n, (key, value) in enumerate(make(noises).items(), 2)},
    )
    assert refused(copy_of("noise_scales").noise_scales(NOISES))


def test_unchanged_copies_are_proved():
    """So a refusal above is the coefficient's."""
    for file, attribute in ROWS:
        assert not refused(getattr(copy_of(file), attribute))
    assert not refused(copy_of("noise_scales").noise_scales(NOISES))
