"""What is printed: bounds round outwards, rigor is one of the contract's four strings, effective sizes in every number system."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest

from riskbounds import (
    Additive,
    Elementwise,
    Format,
    GaussianSketch,
    Isotropic,
    Multiplicative,
    Ones,
    PowerLaw,
    Quantization,
    Setting,
    Training,
    bound,
)
from riskbounds.cli import main
from riskbounds.cli.output import brief, number
from riskbounds.evaluation.values import ExactValue, LowerBound, UpperBound
from riskbounds.numerics.decimals import float_above, float_below

RIGOR = {"float64", "enclosed", "enclosed given the spectrum"}
KINDS = {"lower": LowerBound, "exact": ExactValue, "upper": UpperBound}
SLOTS = ("data", "parameter", "activation", "output")


def problem(**changes):
    given = {
        "spectrum": PowerLaw(exponent="3/2", dimension=30),
        "target": Isotropic(),
        "noise_variance": 1,
        "training": Training(steps=[1, 7, 1000], step_size="0.05"),
        "quantization": Quantization(**{slot: Multiplicative("0.01") for slot in SLOTS}),
    }
    return Setting(**{**given, **changes})


DATA = Quantization(data=Multiplicative("0.01"))
SKETCHED = problem(sketch=GaussianSketch(8), quantization=Quantization(feature=Additive("1e-3"), data=Multiplicative("0.01")))


def exact(value):
    """A binary number as a fraction."""
    if isinstance(value, float):
        return Fraction(value)
    sign, mantissa, exponent, _ = value._mpf_
    return (-1 if sign else 1) * int(mantissa) * Fraction(2) ** exponent


@pytest.mark.parametrize("digits", [1, 5, 17, 60])
def test_digits_round_outwards(digits):
    """At most one unit of the last place away, on the side of the bound; exact values to nearest."""
    rng, context = np.random.default_rng(digits), mpmath.MPContext()
    context.dps = digits + 15
    for _ in range(200):
        value = context.mpf(rng.standard_normal()) / 3 * context.mpf(10) ** int(rng.integers(-30, 30))
        unit = Fraction(10) ** (Decimal(context.nstr(value, 3)).adjusted() + 1 - digits)
        for side, kind in KINDS.items():
            text = kind(value=value, rigor="d", source="t").json(digits)
            off = Fraction(Decimal(text)) - exact(value)
            assert float(mpmath.mpf(text)) == pytest.approx(float(value), rel=10.0 ** (1 - digits) + 1e-15)
            assert {"lower": -unit < off <= 0, "exact": abs(off) <= unit / 2, "upper": 0 <= off < unit}[side]
            assert len(text.lstrip("-").partition("e")[0].replace(".", "").lstrip("0")) <= max(digits, 1)


@pytest.mark.parametrize("value", [0.1, 2 / 3, 1e-7, 123456.789, -0.00012345678, 1e22, 9.9999999])
def test_tables_round_outwards(value):
    text = {side: Decimal(brief(value, 4, side)) for side in KINDS}
    stored = Decimal(repr(value))
    assert text["lower"] <= stored <= text["upper"]
    assert float(text["exact"]) == float(f"{value:.4g}")
    assert brief({"mid": "0.5", "rad": "1e-30"}, 6, "upper") == "0.500001"
    assert brief({"mid": "0.5", "rad": "1e-30"}, 6, "lower") == "0.499999"


def test_the_table_of_bound_lies_outside_the_bounds(capsys):
    assert main(["bound", "q1-multiplicative-1e-2", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert main(["bound", "q1-multiplicative-1e-2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    start = next(n for n, line in enumerate(lines) if line.split()[:2] == ["N", "M"]) + 1
    for row, line in zip(rows, lines[start : start + len(rows)], strict=True):
        lower, middle, upper = (Decimal(word) for word in line.split()[2:5])
        assert lower <= Decimal(repr(row["risk"]["lower"]))
        assert upper >= Decimal(repr(row["risk"]["upper"]))
        assert float(middle) == pytest.approx(row["risk"]["exact"], rel=1e-7)


def test_floats_next_to_a_ball():
    with flint.ctx.workprec(200):
        third = flint.arb(1) / 3
        assert flint.arb(float_below(third)) <= third <= flint.arb(float_above(third))
        assert float_above(third) - float_below(third) < 1e-16
        assert float_below(flint.arb(2)) == float_above(flint.arb(2)) == 2.0


def test_infinite_dimension_rounds_outwards():
    setting = problem(spectrum=PowerLaw(exponent=2, dimension="infinite"), training=Training(steps=100, step_size="0.05"))
    for row, ball in zip(bound(setting).rows, bound(setting, rigorous=True).rows, strict=True):
        assert flint.arb(row.risk.lower.value) <= ball.risk.lower.value.upper()
        assert flint.arb(row.risk.upper.value) >= ball.risk.upper.value.lower()
        assert row.rigor["bounds"] == "float64"
        assert any("relative radius below" in note for note in row.notes)


PROBLEMS = {
    "no sketch": problem(),
    "sketch": SKETCHED,
    "rotated parameter": problem(sketch=GaussianSketch(8), quantization=Quantization(parameter=Elementwise("0.01"))),
    "format on data": problem(quantization=Quantization(data=Format("bf16"))),
    "format on the label": problem(quantization=Quantization(label=Format("bf16"))),
    "infinite": problem(
        spectrum=PowerLaw(exponent=2, dimension="infinite"), training=Training(steps=100, step_size="0.05"), quantization=DATA
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_rigor_is_one_of_four_strings(name):
    """Never "enclosed" where a constant of a format, of data or of a rotation enters as float64."""
    for options, own in (({}, "float64"), ({"digits": 20}, "20 digits"), ({"rigorous": True}, "enclosed")):
        for row in bound(PROBLEMS[name], **options).rows:
            found = {kind for kind in row.rigor.values() if kind is not None}
            assert found <= RIGOR | {"20 digits"}
            wanted = "float64" if name.startswith(("format", "rotated")) else own
            if name == "sketch" and own == "enclosed":
                wanted = "enclosed given the spectrum"
            assert row.rigor["bounds"] == wanted


def test_rigor_of_measured_data():
    pytest.importorskip("sklearn")
    setting = Setting.from_file("diabetes", ["training.steps=100"])
    assert {row.rigor["bounds"] for row in bound(setting, rigorous=True).rows} == {"float64"}


@pytest.mark.parametrize("setting", [problem(), problem(target=Ones()), SKETCHED], ids=["prior", "ones", "sketch"])
def test_effective_sizes_in_digits(setting):
    plain, digits, more = (bound(setting, **options).rows for options in ({}, {"digits": 25}, {"digits": 40}))
    for low, middle, high in zip(plain, digits, more, strict=True):
        for name in ("model_size", "data_size"):
            values = [getattr(row.effective, name) for row in (low, middle, high)]
            if values[0] is None:
                assert values[1:] == [None, None]
                continue
            assert float(values[1]) == pytest.approx(float(values[0]), rel=1e-8)
            with mpmath.workdps(50):
                assert abs(mpmath.mpf(values[1].json(25)) / mpmath.mpf(values[2].json(40)) - 1) < mpmath.mpf("2e-24")
            assert isinstance(middle.to_dict(25)["effective"][name], str)


def test_effective_sizes_in_enclosures():
    for row, digits in zip(bound(SKETCHED, rigorous=True).rows, bound(SKETCHED, digits=40).rows, strict=True):
        ball = row.effective.model_size.value
        with flint.ctx.workprec(300):
            assert abs(ball - flint.arb(digits.effective.model_size.json(40))) < flint.arb("1e-36")
            assert ball.rad() < flint.arb("1e-30")
        assert row.effective.data_size is None
        assert any("effective.data_size is null" in note for note in row.notes)
        assert set(row.to_dict(None)["effective"]["model_size"]) == {"mid", "rad"}
    plain = bound(problem(quantization=Quantization()), rigorous=True).rows
    assert [number(row.to_dict(None)["effective"]["data_size"]) for row in plain] == [1, 7, 1000]


@pytest.mark.parametrize("options", [{}, {"digits": 30}])
def test_no_rounding_noise_in_the_budget_of_one_step(options):
    """At N = 1 the average is v_0 = 0, whatever is quantized."""
    first, *rest = bound(problem(), **options).rows
    assert [value.value for value in first.budget.values()] == [0] * len(SLOTS)
    assert all(value.value > 0 for row in rest for value in row.budget.values())


@pytest.mark.parametrize(
    ("level", "words"),
    [
        (Format("int8", range=8, model="nominal"), "its range is [-4, 3.96875]: overflow leaves the model"),
        (Format("int8", range=80, rounding="dither"), "its range is [-39.8438, 39.5312]: overflow leaves the model"),
        (Format("e4m3", model="nominal"), "overflow and subnormal numbers leave the model"),
        (Format("mxfp4", model="nominal"), "elements beyond their block's scale"),
    ],
)
def test_an_idealised_format_says_where_it_ends(level, words):
    row = bound(problem(quantization=Quantization(label=level))).rows[0]
    assert any(words in note for note in row.notes), row.notes


def test_noise_constants_add_up():
    """The slots' constants add up to the totals, which are those of the statement."""
    row = bound(problem(quantization=Quantization(**{slot: Multiplicative("0.01") for slot in (*SLOTS, "label")}))).rows[0]
    noise = row.to_dict(None)["noise"]
    assert [*noise] == ["features", "parameter", "activation", "label", "output", "total"]
    for name in ("A", "ad", "av", "Alow", "adlow"):
        assert sum(noise[slot][name] for slot in noise if slot != "total") == pytest.approx(noise["total"][name], rel=1e-14)
    assert noise["parameter"]["source"] == "theory section 4, parameter, else"
    assert noise["features"]["ad"] == pytest.approx(3 * 1.01 - 1 + 3 * (1.03 - 1.01**2) / 1.01, rel=1e-12)
