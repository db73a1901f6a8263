"""allocate: exponents of the exact linear program, the estimate, the bound beside it, and what it refuses."""

from __future__ import annotations

import json
import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from conftest import full_and_tenth
from scipy.optimize import linprog

from riskbounds import (
    Additive,
    Elementwise,
    Isotropic,
    Multiplicative,
    PowerLaw,
    Quantization,
    Setting,
    Source,
    allocate,
    bound,
)
from riskbounds import symbols as s
from riskbounds.asymptotics.cones import form
from riskbounds.asymptotics.laws import Law
from riskbounds.asymptotics.problem_law import exponents_of, law_of
from riskbounds.cli import main
from riskbounds.decisions.equivalent import Equivalent
from riskbounds.decisions.exponents import COSTS, LEVEL, Order, budget_orders, optimal_exponents, stability
from riskbounds.errors import UnsupportedError
from riskbounds.evaluation.values import Estimate
from tests.allocation_setting import FULL

a = s.a


def exponents(found) -> tuple[sp.Expr, ...]:
    return tuple(getattr(found, name).exponent for name in ("M", "N", "bits", "risk"))


def same(found, expected) -> bool:
    return all(sp.simplify(left - right) == 0 for left, right in zip(found, expected, strict=True))


@pytest.mark.parametrize("exponent", ["3/2", "2", "11/10", "3"])
def test_full_precision_exponents(exponent: str) -> None:
    setting = FULL.replace(spectrum=PowerLaw(exponent=exponent, dimension=2000))
    found = allocate(setting, "1e5", "M*N")
    assert same(exponents(found), (1 / (a + 1), a / (a + 1), 0, -(a - 1) / (a + 1)))
    assert found.regime == "model = data"
    assert [each.where for each in found.regimes] == [("M**a/N",), ("N/M**a",)]


RATE = -(a - 1) / (a + 1)
#: Quantized slots, and the exponents of M, N, 1/eps and the risk.
QUANTIZED = {
    "feature": ({"feature": Additive("1e-4")}, (1 / (a + 1), a / (a + 1), a / (2 * (a + 1)), RATE)),
    "data": ({"data": Additive("1e-4")}, (1 / (a + 1), a / (a + 1), (a - 1) / (2 * (a + 1)), RATE)),
    "activation": ({"activation": Additive("1e-4")}, (1 / (a + 1), a / (a + 1), 0, RATE)),
    "storage": ({"storage": Additive("1e-12")}, (1 / (a + 1), a / (a + 1), a / (2 * (a + 1)), RATE)),
    "elementwise": ({"feature": Elementwise("1e-4")}, (1 / (a + 1), a / (a + 1), (a - 1) / (2 * (a + 1)), RATE)),
}


SLOW = (pytest.param(case, marks=pytest.mark.long) for case in ("data", "activation", "storage"))


@pytest.mark.parametrize("case", ["feature", "elementwise", *SLOW])
def test_quantized_exponents(case) -> None:
    """A floor e of the features needs (c/e)^(1/a) >= M; a data floor is eps_d p/M, p fixed."""
    slots, expected = QUANTIZED[case]
    setting = FULL.replace(quantization=Quantization(**slots)).replace("training.step_size", "0.02")
    assert same(exponents(allocate(setting, "1e5", "M*N*bits")), expected)


def test_a_common_scale_costs_the_square_of_its_level() -> None:
    scaled = Setting.from_file("figure1d")
    assert same(exponents(allocate(scaled, "1e6", "M*N*bits")), (1 / (a + 1), a / (a + 1), (a - 1) / (4 * (a + 1)), RATE))
    assert same(exponents(allocate(scaled, "1e3", "M*bits")), (1, a, (a - 1) / 4, 1 - a))


def test_source_condition_exponents() -> None:
    """b < a: the bias N^((1-b)/a) decides; b > a: every direction is learned and the variance M/N meets the model term."""
    b = s.b
    smooth = allocate(FULL.replace(target=Source(exponent="5/4")), "1e5", "M*N")
    assert same(exponents(smooth), (1 / (a + 1), a / (a + 1), 0, -(b - 1) / (a + 1)))
    rough = allocate(FULL.replace(target=Source(exponent=2)), "1e5", "M*N")
    assert same(exponents(rough), (1 / (b + 1), b / (b + 1), 0, -(b - 1) / (b + 1)))
    saturated = allocate(FULL.replace(target=Source(exponent=9)), "1e5", "M*N")
    assert same(exponents(saturated), (1 / (a + 2), (a + 1) / (a + 2), 0, -a / (a + 2)))


CASES = {
    "full precision": ("3/2", "3/2", {}),
    "smooth target": ("3/2", "2", {}),
    "saturated": ("13/10", "3", {}),
    "scales": ("2", "2", {"sketch": Multiplicative(1), "data": Multiplicative(1), "activation": Multiplicative(1)}),
    "floors": ("3/2", "3/2", {"sketch": Additive(1), "data": Additive(1), "feature": Additive(1), "parameter": Additive(1)}),
    "data floor": ("2", "2", {"data": Additive(1), "label": Additive(1)}),
    "floor and source": ("3/2", "2", {"feature": Additive(1)}),
    "storage": ("9/5", "9/5", {"storage": Additive(1)}),
    "elementwise": ("3/2", "3/2", {"feature": Elementwise("1/2"), "activation": Elementwise("1/2")}),
}


def case(name: str) -> tuple[Setting, Law, dict[sp.Symbol, sp.Rational]]:
    exponent, source, levels = CASES[name]
    target = Isotropic() if exponent == source else Source(exponent=source)
    setting = FULL.replace(spectrum=PowerLaw(exponent=exponent, dimension=2000), target=target)
    setting = setting.replace(quantization=Quantization(**levels))
    return setting, law_of(setting), exponents_of(setting)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("cost", COSTS[::2])
def test_no_other_split_of_the_budget_has_a_smaller_law(name: str, cost: str) -> None:
    """The law itself in numbers, at C = 10^30 and 10^80: its log-slope at the optimum, and 60 other splits of the budget.

    On a wall the law jumps by a constant; a factor of ten between the two budgets moves the slope by 0.02.
    """
    _, law, values = case(name)
    best = optimal_exponents(budget_orders(law.terms, values), cost, values, stability(law, values))[0]
    parameters = {str(symbol): float(value) for symbol, value in values.items()}

    def log_law(split: tuple[float, ...], budget: float) -> float:
        size, steps, level = (10.0 ** (budget * each) for each in split)
        levels = {str(s.EPS[slot]): 1 / level for slot in CASES[name][2]}
        return math.log10(float(law.at({**parameters, "M": size, "N": steps, "p": 10, "step": 1e-3, "sigma": 1, **levels}).value))

    split = tuple(float(each.subs(values)) for each in (best.model, best.data, best.precision))
    risk = float(best.risk.subs(values))
    assert abs((log_law(split, 80) - log_law(split, 30)) / 50 - risk) < 0.02
    rng = np.random.default_rng(8)
    for _ in range(60):
        size = rng.uniform(0, 1)
        steps = rng.uniform(0, 3) if cost == "M*bits" else 1 - size
        other = (size, steps, rng.uniform(size, 2))  # the feedback M e of a floor is below 1
        assert (log_law(other, 80) - log_law(other, 30)) / 50 > risk - 0.02


@full_and_tenth(200)
def test_the_vertex_is_the_optimum_of_a_float_linear_program(size: int) -> None:
    rng = np.random.default_rng(5)
    values = {a: sp.Rational(17, 10), s.b: sp.Rational(17, 10)}
    for _ in range(size):
        orders, rows = [], []
        for place in range(int(rng.integers(2, 6))):
            size, steps, level = (int(rng.integers(low, high)) for low, high in ((-6, 1), (1, 7), (0, 4)))
            forms = [sp.Rational(size, 4) * (a - 1), -sp.Rational(steps, 5) * (1 - 1 / a), sp.Rational(level, 3) / a]
            exponents = form(dict(zip((s.M, s.N, LEVEL), forms, strict=True)))
            orders.append(Order(name=str(place), part=str(place), form=exponents, conditions=()))
            at = [float(each.subs(values)) for each in forms]
            rows.append([at[0], at[1], -at[2], -1.0])
        cost = COSTS[int(rng.integers(3))]
        rows.append([1.0, 0.0 if cost == "M*bits" else 1.0, 0.0, 0.0])
        limits = [0.0] * len(orders) + [1.0]
        found = linprog([0, 0, 0, 1], A_ub=rows, b_ub=limits, bounds=[(0, None)] * 3 + [(None, 0)])
        if found.status == 3:
            continue
        (exact,) = optimal_exponents(orders, cost, values)
        assert math.isclose(float(exact.risk.subs(values)), found.fun, abs_tol=1e-9)
        assert exact.regime


def test_a_problem_outside_the_laws_is_refused() -> None:
    mixed = FULL.replace(quantization=Quantization(data=Additive("0.01"), label=Multiplicative("0.01")))
    with pytest.raises(UnsupportedError, match="one structure for all slots, here data additive, label multiplicative"):
        allocate(mixed, "1e5", "M*N")
    floor = FULL.replace(target=Source(exponent=5), quantization=Quantization(data=Additive("0.01")))
    with pytest.raises(UnsupportedError, match=r"up to 2 a \+ 1"):
        allocate(floor, "1e5", "M*N")
    with pytest.raises(UnsupportedError, match="clean"):
        allocate(FULL.replace(risk_inputs="quantized"), "1e5", "M*N")


def test_a_law_is_no_number_and_an_estimate_no_bound() -> None:
    """Laws, estimates, bounds and exact values: none stands in for another."""
    _, law, _ = case("data floor")
    found = allocate(FULL, "1e5", "M*N")
    assert isinstance(law, Law)
    assert isinstance(found.risk.value, Estimate)
    upper, exact = found.numeric.risk.upper, found.numeric.risk.exact
    for wrong in (
        lambda: float(law),
        lambda: law < upper,
        lambda: law + upper,
        lambda: found.risk.value < upper,
        lambda: upper < exact,
        lambda: found.risk.value < law,
    ):
        with pytest.raises((TypeError, UnsupportedError)):
            wrong()


def test_the_numeric_optimum_is_the_least_estimate() -> None:
    found = allocate(FULL, "1e6", "M*N")
    assert isinstance(found.risk.value, Estimate)
    equivalent = Equivalent(FULL)
    best = float(found.risk.value)
    for size in range(5, 400, 7):
        assert float(equivalent.risks(size, [10**6 // size], [{}])[0]) >= best * (1 - 1e-4)
    assert found.N.value == 10**6 // found.M.value
    assert (found.numeric.model_size, found.numeric.steps) == (found.M.value, found.N.value)


def test_a_size_near_the_dimension_is_noted() -> None:
    """The law that gives the exponents wants M << p; the estimate holds there."""
    for budget, near in (("1e5", False), ("1e9", True)):
        found = allocate(Setting.from_file("figure1d"), budget, "M*N")
        assert (2 * found.M.value > 1000) is near
        assert any("wants M << p" in note for note in found.notes) is near


def test_numeric_sizes_grow_like_the_exponents() -> None:
    """p = 10^6 is out of reach of a sketch of size 2000 but not of the estimate: log-slopes between 1e7 and 1e10."""
    setting = FULL.replace(spectrum=PowerLaw(exponent=2, dimension=200_000))
    from riskbounds.decisions.allocation import _optimum

    points = [_optimum(setting, "M*N", budget, {}) for budget in (10**6, 10**10)]
    slope = math.log(points[1].size / points[0].size) / math.log(1e4)
    assert abs(slope - 1 / 3) < 0.03
    slope = math.log(points[1].estimate / points[0].estimate) / math.log(1e4)
    assert abs(slope + 1 / 3) < 0.03


def test_bits_are_bought() -> None:
    found = allocate(Setting.from_file("figure2d"), "1e6", "M*N*bits")
    size, steps, bits = found.M.value, found.N.value, found.bits.value
    assert size * steps * bits <= 10**6 < size * (steps + 1) * bits
    equivalent, setting = Equivalent(Setting.from_file("figure2d")), Setting.from_file("figure2d")
    for other in range(1, 20):
        levels = {slot: Additive(Fraction(1, 4**other)) for slot in setting.quantization.levels()}
        risk = float(equivalent.risks(size, [10**6 // (size * other)], [levels])[0])
        assert not risk < float(found.risk.value) * (1 - 1e-12)  # a last digit may depend on how many are evaluated at once
    row = found.numeric
    assert (row.model_size, row.steps) == (size, steps)
    changed = Setting.from_file("figure2d", [f"sketch.size={size}", f"training.steps={steps}"])
    for slot in changed.quantization.levels():
        changed = changed.replace(f"quantization.{slot}", sp.Rational(1, 4**bits).p / 4**bits)
    assert math.isclose(float(bound(changed).rows[0].risk.upper), float(row.risk.upper), rel_tol=1e-12)


def test_the_answer_is_the_contract_s(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["allocate", "figure1d", "--set", "quantization={}", "--budget", "1e5", "--cost", "M*N"]
    assert main([*arguments, "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert next(iter(answer)) == "schema"
    assert {"regime", "M", "N", "bits", "risk", "numeric"} <= answer.keys()
    assert answer["regimes"][0]["where"] == ["M**a/N >= 1"]
    assert answer["M"]["exponent"] == "1/(a + 1)"
    names = {"a": sp.Symbol("a", positive=True)}
    assert sp.sympify(answer["risk"]["exponent"], locals=names).subs(names["a"], 2) == sp.Rational(-1, 3)
    assert answer["M"]["value"] * answer["N"]["value"] <= 10**5
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert "M ~ C^(1/(a + 1))" in text
    assert "estimate" in text


REFUSED = {
    "budget": (["figure1d", "--budget", "x", "--cost", "M*N"], "--budget"),
    "small budget": (["figure1d", "--budget", "0.5", "--cost", "M*N"], "must be >= 1"),
    "cost": (["figure1d", "--budget", "10", "--cost", "M*K"], "did you mean M*N?"),
    "no cost": (["figure1d", "--budget", "10"], "--cost"),
    "no bits": (["q1-additive-0", "--budget", "1e5", "--cost", "M*N*bits"], "needs a level"),
    "data": (["diabetes", "--budget", "1e5", "--cost", "M*N"], "power-law"),
    "exponential": (
        ["figure1d", "--set", 'problem.spectrum={kind="exponential", rate=1, dimension=300}', "--budget", "9", "--cost", "M*N"],
        "power-law",
    ),
    "target": (["figure1d", "--set", 'problem.target={kind="sample"}', "--budget", "9", "--cost", "M*N"], "isotropic"),
    "step size": (["figure1d", "--set", "training.step_size=3", "--budget", "1e5", "--cost", "M*N"], "step_size"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_one_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, line = REFUSED[name]
    assert main(["allocate", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert line in err
